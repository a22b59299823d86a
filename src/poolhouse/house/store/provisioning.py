"""What SCIM asks of the store: its keys, and lists by number."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, LargeBinary, Text, bindparam, delete, func, insert, select, update

from poolhouse.house.model import Account
from poolhouse.house.people import Group
from poolhouse.house.store.accounts import ACCOUNTS, read_account
from poolhouse.house.store.groups import GROUPS, read_group
from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import groups as g
from poolhouse.house.tables import scim_keys as k
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

_skip = bindparam("skip", type_=BigInteger)
_rows = bindparam("rows", type_=BigInteger)
_COUNT_ACCOUNTS = compile_statement(select(func.count()).select_from(a))
_ACCOUNTS = compile_statement(ACCOUNTS.order_by(a.c.username, a.c.id).limit(_rows).offset(_skip))
_COUNT_GROUPS = compile_statement(select(func.count()).select_from(g))
_GROUPS = compile_statement(GROUPS.order_by(g.c.name_key).limit(_rows).offset(_skip))
_digest = k.c.key_digest == bindparam("digest", type_=LargeBinary)
_columns = (k.c.id, k.c.start, k.c.created_at, k.c.created_by, k.c.used_at, k.c.used_from)
_PUT_KEY = compile_statement(insert(k))
_FIND_KEY = compile_statement(select(*_columns).where(_digest))
_KEYS = compile_statement(select(*_columns).order_by(k.c.created_at, k.c.id))
_DELETE_KEY = compile_statement(delete(k).where(k.c.id == bindparam("key_id", type_=Text)))
_USE_KEY = compile_statement(
    update(k)
    .where(k.c.id == bindparam("key_id", type_=Text))
    .values(used_at=bindparam("now", type_=BigInteger), used_from=bindparam("address", type_=Text))
)


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key of SCIM as it is kept; never the key itself."""

    id: str
    start: str
    created_at: Epoch
    created_by: str
    used_at: Epoch | None = None
    used_from: str = ""


async def count_accounts(tx: ReadTx) -> int:
    return _number(await tx.one(_COUNT_ACCOUNTS))


async def accounts_from(tx: ReadTx, skip: int, rows: int) -> list[Account]:
    """In the order of user names."""
    return [read_account(row) for row in await tx.all(_ACCOUNTS, skip=skip, rows=rows)]


async def count_groups(tx: ReadTx) -> int:
    return _number(await tx.one(_COUNT_GROUPS))


async def groups_from(tx: ReadTx, skip: int, rows: int) -> list[Group]:
    """In the order of names."""
    return [read_group(row) for row in await tx.all(_GROUPS, skip=skip, rows=rows)]


async def put_key(tx: Tx, key: Key, digest: bytes) -> None:
    """Store a new key by its digest."""
    await tx.run(_PUT_KEY, key_digest=digest, **msgspec.structs.asdict(key))


async def find_key(tx: ReadTx, digest: bytes) -> Key | None:
    row = await tx.one(_FIND_KEY, digest=digest)
    return _key(row) if row else None


async def list_keys(tx: ReadTx) -> list[Key]:
    """The oldest first."""
    return [_key(row) for row in await tx.all(_KEYS)]


async def delete_key(tx: Tx, key_id: str) -> bool:
    return await tx.run(_DELETE_KEY, key_id=key_id) == 1


async def use_key(tx: Tx, key_id: str, *, now: Epoch, address: str) -> None:
    """It has just been used."""
    await tx.run(_USE_KEY, key_id=key_id, now=now, address=address)


def _key(row: tuple[Any, ...]) -> Key:
    return Key(id=row[0], start=row[1], created_at=row[2], created_by=row[3], used_at=row[4], used_from=row[5])


def _number(row: tuple[Any, ...] | None) -> int:
    return int(row[0]) if row else 0
