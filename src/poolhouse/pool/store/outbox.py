"""Messages that wait for delivery; written in the transaction that caused them, sent after it."""

from sqlalchemy import bindparam, delete, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.message import Message
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

QUEUED = "outbox"
"""The channel that wakes the courier."""

_MESSAGE = Record(t.outbox, Message)
_DUE = compile_statement(
    _MESSAGE.select(t.outbox.c.state == "waiting", t.outbox.c.next_try_at <= bindparam("now"))
    .order_by(t.outbox.c.next_try_at)
    .limit(LIMIT)
)
_CLAIM = compile_statement(
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("key"), t.outbox.c.tries == bindparam("seen_tries"))
    .values(tries=t.outbox.c.tries + 1, next_try_at=bindparam("next_at"))
)
_END = compile_statement(update(t.outbox).where(t.outbox.c.id == bindparam("key")).values(state=bindparam("end_state")))
_OF_POOL = compile_statement(
    _MESSAGE.select(t.outbox.c.pool_id == bindparam("pool_id")).order_by(t.outbox.c.created_ms.desc()).limit(LIMIT)
)
_OLD = compile_statement(delete(t.outbox).where(t.outbox.c.created_ms < bindparam("before_ms")))


async def put_message(tx: Tx, message: Message) -> None:
    tx.announce(QUEUED, message.id)
    await _MESSAGE.put(tx, message)


async def list_due(tx: ReadTx, now: int, limit: int) -> list[Message]:
    return await _MESSAGE.all(tx, _DUE, now=now, limit=limit)


async def claim(tx: Tx, message: Message, next_at: int) -> bool:
    """Reserve one try until *next_at*; False when another courier was quicker."""
    return await tx.run(_CLAIM, key=message.id, seen_tries=message.tries, next_at=next_at) > 0


async def end(tx: Tx, message_id: str, state: str) -> None:
    """``sent`` or ``failed``."""
    await tx.run(_END, key=message_id, end_state=state)


async def find_message(tx: ReadTx, message_id: str) -> Message | None:
    return await _MESSAGE.find(tx, id=message_id)


async def list_messages(tx: ReadTx, pool_id: str, limit: int) -> list[Message]:
    """Newest first."""
    return await _MESSAGE.all(tx, _OF_POOL, pool_id=pool_id, limit=limit)


async def sweep_messages(tx: Tx, before_ms: int) -> None:
    await tx.run(_OLD, before_ms=before_ms)
