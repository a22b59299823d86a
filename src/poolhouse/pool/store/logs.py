"""Log lines that wait for delivery; written in the transaction of what they tell, sent after it."""

from sqlalchemy import bindparam, delete, func, select, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.risk import LogRecord
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

QUEUED = "logs"
"""The channel that wakes the delivery."""

_RECORD = Record(t.log_records, LogRecord)
_DUE = compile_statement(
    _RECORD.select(t.log_records.c.next_try_at <= bindparam("now"))
    .order_by(t.log_records.c.next_try_at, t.log_records.c.created_ms, t.log_records.c.id)
    .limit(LIMIT)
)
_CLAIM = compile_statement(
    update(t.log_records)
    .where(t.log_records.c.id == bindparam("key"), t.log_records.c.tries == bindparam("seen_tries"))
    .values(tries=t.log_records.c.tries + 1, next_try_at=bindparam("next_at"))
)
_COUNT = compile_statement(
    select(func.count()).select_from(t.log_records).where(t.log_records.c.pool_id == bindparam("pool_id"))
)
_OLD = compile_statement(delete(t.log_records).where(t.log_records.c.created_ms < bindparam("before_ms")))


async def put_record(tx: Tx, record: LogRecord) -> None:
    tx.announce(QUEUED, record.id)
    await _RECORD.put(tx, record)


async def count_waiting(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id)
    return int(row[0]) if row else 0


async def list_due(tx: ReadTx, now: int, limit: int) -> list[LogRecord]:
    return await _RECORD.all(tx, _DUE, now=now, limit=limit)


async def claim(tx: Tx, record: LogRecord, next_at: int) -> bool:
    """Reserve one try until *next_at*; False when another process was quicker."""
    return await tx.run(_CLAIM, key=record.id, seen_tries=record.tries, next_at=next_at) > 0


async def end(tx: Tx, record_id: str) -> None:
    """Delivered, or given up."""
    await _RECORD.drop(tx, id=record_id)


async def sweep_records(tx: Tx, before_ms: int) -> None:
    await tx.run(_OLD, before_ms=before_ms)
