"""Passkeys."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.sql import func

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.passkey import Passkey
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

_PASSKEY = Record(t.passkeys, Passkey)
_OF_USER = (t.passkeys.c.pool_id == bindparam("pool_id"), t.passkeys.c.username == bindparam("username"))
_LIST = compile_statement(
    _PASSKEY.select(*_OF_USER, t.passkeys.c.id > bindparam("after")).order_by(t.passkeys.c.id).limit(LIMIT)
)
_COUNT = compile_statement(select(func.count()).select_from(t.passkeys).where(*_OF_USER))
_KEYED = (t.passkeys.c.pool_id == bindparam("key_pool"), t.passkeys.c.id == bindparam("key_id"))
_ADVANCE = compile_statement(
    update(t.passkeys).where(*_KEYED, t.passkeys.c.sign_count < bindparam("seen")).values(sign_count=bindparam("count"))
)
_RENAME = compile_statement(
    update(t.passkeys).where(*_KEYED, t.passkeys.c.username == bindparam("key_user")).values(name=bindparam("new_name"))
)
_STAY = compile_statement(update(t.passkeys).where(*_KEYED, t.passkeys.c.sign_count == 0).values(sign_count=0))


async def put(tx: Tx, passkey: Passkey) -> None:
    """``UniqueViolation`` when somebody of the pool has this credential already."""
    await _PASSKEY.put(tx, passkey)


async def find(tx: ReadTx, pool_id: str, id: str) -> Passkey | None:
    return await _PASSKEY.find(tx, pool_id=pool_id, id=id)


async def take(tx: Tx, pool_id: str, id: str) -> Passkey | None:
    return await _PASSKEY.take(tx, pool_id=pool_id, id=id)


async def list_of(tx: ReadTx, pool_id: str, username: str, after: str = "", limit: int = 100) -> list[Passkey]:
    """By id, from the one after *after*."""
    return await _PASSKEY.all(tx, _LIST, pool_id=pool_id, username=username, after=after, limit=limit)


async def count_of(tx: ReadTx, pool_id: str, username: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id, username=username)
    return int(row[0]) if row else 0


async def rename(tx: Tx, pool_id: str, username: str, id: str, name: str) -> bool:
    """Whether this user has it."""
    return await tx.run(_RENAME, key_pool=pool_id, key_user=username, key_id=id, new_name=name) > 0


async def advance(tx: Tx, pool_id: str, id: str, count: int) -> bool:
    """
    Remember the counter of an answer; False when it is not beyond the one before: a copy of the key answers.

    One statement, so that of two answers at once with the same counter one passes.  An authenticator that does not
    count stays at 0 (WebAuthn level 3, section 6.1.1).
    """
    if count == 0:
        return await tx.run(_STAY, key_pool=pool_id, key_id=id) > 0
    return await tx.run(_ADVANCE, key_pool=pool_id, key_id=id, seen=count, count=count) > 0
