"""Authentication events of users, newest first."""

from sqlalchemy import bindparam, delete

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.risk import AuthEvent
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

_EVENT = Record(t.auth_events, AuthEvent)
_OF_USER = compile_statement(
    _EVENT.select(
        t.auth_events.c.pool_id == bindparam("pool_id"),
        t.auth_events.c.username == bindparam("username"),
        t.auth_events.c.sub == bindparam("sub"),
        t.auth_events.c.position < bindparam("before"),
    )
    .order_by(t.auth_events.c.position.desc())
    .limit(LIMIT)
)
_OLD = compile_statement(delete(t.auth_events).where(t.auth_events.c.created_ms < bindparam("before_ms")))
LAST = "~"
"""A position behind every other."""


async def put_event(tx: Tx, event: AuthEvent) -> None:
    await _EVENT.put(tx, event)


async def find_event(tx: ReadTx, event_id: str) -> AuthEvent | None:
    return await _EVENT.find(tx, id=event_id)


async def replace_event(tx: Tx, event: AuthEvent) -> bool:
    return await _EVENT.replace(tx, event)


async def list_events(tx: ReadTx, pool_id: str, username: str, sub: str, before: str, limit: int) -> list[AuthEvent]:
    """Newest first, from the one after the position *before*; a name that was given again has a *sub* of its own."""
    return await _EVENT.all(tx, _OF_USER, pool_id=pool_id, username=username, sub=sub, before=before, limit=limit)


async def sweep_events(tx: Tx, before_ms: int) -> None:
    await tx.run(_OLD, before_ms=before_ms)
