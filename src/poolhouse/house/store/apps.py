"""Entries of the home page."""

from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, delete, insert, select, update

from poolhouse.house.gate import decode_gate, encode_gate
from poolhouse.house.model import App
from poolhouse.house.tables import access_requests, app_uses, favourites, probes
from poolhouse.house.tables import apps as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

CHANNEL = "house_apps"
_SHOWN = "shown"

_apps = select(t.c.id, t.c.name, t.c.url, t.c.description, t.c.letter, t.c.gate, t.c.icon, t.c.locked)
_LIST = compile_statement(_apps.order_by(t.c.name, t.c.id))
_FIND = compile_statement(_apps.where(t.c.id == bindparam("app_id", type_=Text)))
_FIND_URL = compile_statement(_apps.where(t.c.url == bindparam("url", type_=Text)).limit(1))
_PUT = compile_statement(insert(t))
_CHANGE = compile_statement(
    update(t)
    .where(t.c.id == bindparam("app_id", type_=Text))
    .values(
        name=bindparam("new_name", type_=Text),
        url=bindparam("new_url", type_=Text),
        description=bindparam("new_description", type_=Text),
        letter=bindparam("new_letter", type_=Text),
        gate=bindparam("new_gate", type_=Text),
        icon=bindparam("new_icon", type_=Text),
        locked=bindparam("new_locked", type_=Text),
    )
)
_DELETE_OWN = tuple(
    compile_statement(delete(own).where(own.c.app_id == bindparam("app_id", type_=Text)))
    for own in (favourites, app_uses, access_requests, probes)
)
_DELETE = compile_statement(delete(t).where(t.c.id == bindparam("app_id", type_=Text)))


async def list_apps(tx: ReadTx) -> list[App]:
    """All of them by name."""
    return [_read(row) for row in await tx.all(_LIST)]


async def find_app(tx: ReadTx, app_id: str) -> App | None:
    row = await tx.one(_FIND, app_id=app_id)
    return _read(row) if row else None


async def find_app_at(tx: ReadTx, url: str) -> App | None:
    row = await tx.one(_FIND_URL, url=url)
    return _read(row) if row else None


async def put_app(tx: Tx, app: App, now: Epoch) -> None:
    await tx.run(
        _PUT,
        id=app.id,
        name=app.name,
        url=app.url,
        description=app.description,
        letter=app.letter,
        gate=encode_gate(app.gate),
        icon=app.icon,
        locked=_SHOWN if app.shows_locked else "",
        created_at=now,
    )
    tx.announce(CHANNEL, app.id)


async def change_app(tx: Tx, app: App) -> bool:
    """Whether the app was still there to be changed."""
    changed = await tx.run(
        _CHANGE,
        app_id=app.id,
        new_name=app.name,
        new_url=app.url,
        new_description=app.description,
        new_letter=app.letter,
        new_gate=encode_gate(app.gate),
        new_icon=app.icon,
        new_locked=_SHOWN if app.shows_locked else "",
    )
    tx.announce(CHANNEL, app.id)
    return changed == 1


async def delete_app(tx: Tx, app_id: str) -> bool:
    """The entry, and what belongs to it alone."""
    tx.announce(CHANNEL, app_id)
    for statement in _DELETE_OWN:
        await tx.run(statement, app_id=app_id)
    return await tx.run(_DELETE, app_id=app_id) == 1


def _read(row: tuple[Any, ...]) -> App:
    try:
        gate, is_broken = decode_gate(row[5]), False
    except msgspec.ValidationError:
        gate, is_broken = None, True
    return App(
        id=row[0],
        name=row[1],
        url=row[2],
        description=row[3],
        letter=row[4],
        icon=row[6],
        shows_locked=row[7] == _SHOWN,
        gate=gate,
        is_broken=is_broken,
    )
