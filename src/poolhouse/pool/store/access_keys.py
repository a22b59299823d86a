"""Access keys of the API."""

from sqlalchemy import bindparam, delete, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.access_key import AccessKey
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_KEY = Record(t.access_keys, AccessKey)
_KEYS = compile_statement(_KEY.select().order_by(t.access_keys.c.created_ms, t.access_keys.c.id))
_USED = compile_statement(
    update(t.access_keys).where(t.access_keys.c.id == bindparam("key")).values(used_at=bindparam("at"))
)
_OVER = compile_statement(delete(t.access_keys).where(t.access_keys.c.expires_at <= bindparam("before")))


async def put(tx: Tx, key: AccessKey) -> None:
    await _KEY.put(tx, key)


async def find(tx: ReadTx, key_id: str) -> AccessKey | None:
    return await _KEY.find(tx, id=key_id)


async def list_all(tx: ReadTx) -> list[AccessKey]:
    """The oldest first."""
    return await _KEY.all(tx, _KEYS)


async def touch(tx: Tx, key_id: str, at: int) -> None:
    """Note the time of a use."""
    await tx.run(_USED, key=key_id, at=at)


async def drop(tx: Tx, key_id: str) -> bool:
    return await _KEY.drop(tx, id=key_id)


async def sweep(tx: Tx, before: int) -> None:
    """Delete temporary keys that ended by *before*."""
    await tx.run(_OVER, before=before)
