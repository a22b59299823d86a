"""Styles, customizations of the classic pages, and terms.  Each change announces the pool: pages are cached with it."""

import msgspec
from sqlalchemy import LargeBinary, bindparam, func, literal_column, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.branding import Customization, Picture, Style, Terms
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.pools import CHANGED
from poolhouse.pool.store.record import LIMIT, Record

_STYLE = Record(t.branding_styles, Style)
_CUSTOMIZATION = Record(t.ui_customizations, Customization)
_TERMS = Record(t.terms, Terms)

_STYLE_OF = compile_statement(
    _STYLE.select(
        t.branding_styles.c.pool_id == bindparam("pool_id"), t.branding_styles.c.client_id == bindparam("client_id")
    )
)
_LOCK_STYLE = compile_statement(_STYLE.select(*_STYLE.keyed()).with_for_update())
_STYLES = compile_statement(
    select(func.count()).select_from(t.branding_styles).where(t.branding_styles.c.pool_id == bindparam("pool_id"))
)
_LOOKS = compile_statement(
    select(*(t.branding_styles.c[name] for name in ("client_id", "provided", "settings", "pictures"))).where(
        t.branding_styles.c.pool_id == bindparam("pool_id")
    )
)
_START = 8
_CUSTOMIZATIONS = compile_statement(
    select(
        *(t.ui_customizations.c[name] for name in ("client_id", "modified_ms", "css")),
        func.substr(t.ui_customizations.c.image, literal_column("1"), literal_column(str(_START)), type_=LargeBinary),
    ).where(t.ui_customizations.c.pool_id == bindparam("pool_id"))
)
_TERMS_OF = compile_statement(
    _TERMS.select(
        t.terms.c.pool_id == bindparam("pool_id"),
        t.terms.c.client_id == bindparam("client_id"),
        t.terms.c.name == bindparam("name"),
    )
)
_LIST_TERMS = compile_statement(
    _TERMS.select(t.terms.c.pool_id == bindparam("pool_id"), t.terms.c.id > bindparam("after"))
    .order_by(t.terms.c.id)
    .limit(LIMIT)
)


async def put_style(tx: Tx, style: Style) -> None:
    """``UniqueViolation`` when the client has one already."""
    tx.announce(CHANGED, style.pool_id)
    await _STYLE.put(tx, style)


async def find_style(tx: ReadTx, pool_id: str, style_id: str) -> Style | None:
    return await _STYLE.find(tx, pool_id=pool_id, id=style_id)


async def lock_style(tx: Tx, pool_id: str, style_id: str) -> Style | None:
    """For a unit that keeps a part of it: of two at once, each would write back what the other has changed."""
    return await _STYLE.one(tx, _LOCK_STYLE, pool_id=pool_id, id=style_id)


async def find_style_of(tx: ReadTx, pool_id: str, client_id: str) -> Style | None:
    return await _STYLE.one(tx, _STYLE_OF, pool_id=pool_id, client_id=client_id)


async def list_styles(tx: ReadTx, pool_id: str) -> list[Style]:
    """All styles of a pool without the bytes of their assets, which no page needs before a browser asks for one."""
    rows = await tx.all(_LOOKS, pool_id=pool_id)
    return [
        Style(
            id="",
            pool_id=PoolId(pool_id),
            client_id=client_id,
            created_ms=0,
            modified_ms=0,
            provided=bool(provided),
            settings=msgspec.json.decode(settings),
            pictures=msgspec.json.decode(pictures, type=tuple[Picture, ...]),
        )
        for client_id, provided, settings, pictures in rows
    ]


async def list_customizations(tx: ReadTx, pool_id: str) -> list[Customization]:
    """All of a pool, with as much of each logo as tells its kind: they are read whenever the pool is."""
    rows = await tx.all(_CUSTOMIZATIONS, pool_id=pool_id)
    return [
        Customization(
            pool_id=PoolId(pool_id),
            client_id=client_id,
            created_ms=0,
            modified_ms=modified_ms,
            css=css,
            image=None if start is None else bytes(start),
        )
        for client_id, modified_ms, css, start in rows
    ]


async def count_styles(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_STYLES, pool_id=pool_id)
    return int(row[0]) if row else 0


async def replace_style(tx: Tx, style: Style) -> bool:
    tx.announce(CHANGED, style.pool_id)
    return await _STYLE.replace(tx, style)


async def drop_style(tx: Tx, pool_id: str, style_id: str) -> bool:
    tx.announce(CHANGED, pool_id)
    return await _STYLE.drop(tx, pool_id=pool_id, id=style_id)


async def put_customization(tx: Tx, customization: Customization) -> None:
    """In the place of the one that was there; its date of creation stays."""
    key = {"pool_id": customization.pool_id, "client_id": customization.client_id}
    tx.announce(CHANGED, customization.pool_id)
    await _CUSTOMIZATION.drop(tx, **key)
    await _CUSTOMIZATION.put(tx, customization)


async def find_customization(tx: ReadTx, pool_id: str, client_id: str) -> Customization | None:
    return await _CUSTOMIZATION.find(tx, pool_id=pool_id, client_id=client_id)


async def drop_customization(tx: Tx, pool_id: str, client_id: str) -> bool:
    tx.announce(CHANGED, pool_id)
    return await _CUSTOMIZATION.drop(tx, pool_id=pool_id, client_id=client_id)


async def put_terms(tx: Tx, terms: Terms) -> None:
    """``UniqueViolation`` when the client has a document of this name already."""
    tx.announce(CHANGED, terms.pool_id)
    await _TERMS.put(tx, terms)


async def find_terms(tx: ReadTx, pool_id: str, terms_id: str) -> Terms | None:
    return await _TERMS.find(tx, pool_id=pool_id, id=terms_id)


async def find_terms_of(tx: ReadTx, pool_id: str, client_id: str, name: str) -> Terms | None:
    return await _TERMS.one(tx, _TERMS_OF, pool_id=pool_id, client_id=client_id, name=name)


async def list_terms(tx: ReadTx, pool_id: str, after: str, limit: int) -> list[Terms]:
    """By id, from the one after *after*."""
    return await _TERMS.all(tx, _LIST_TERMS, pool_id=pool_id, after=after, limit=limit)


async def replace_terms(tx: Tx, terms: Terms) -> bool:
    """``UniqueViolation`` when its new name is another document's of the client."""
    tx.announce(CHANGED, terms.pool_id)
    return await _TERMS.replace(tx, terms)


async def drop_terms(tx: Tx, pool_id: str, terms_id: str) -> bool:
    tx.announce(CHANGED, pool_id)
    return await _TERMS.drop(tx, pool_id=pool_id, id=terms_id)
