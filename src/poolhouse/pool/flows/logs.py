"""Lines for the destinations that a pool has named (AWS API: SetLogDeliveryConfiguration)."""

from typing import Final

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.log import get_logger
from poolhouse.pool.core.settings.logs import arn_of
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.risk import LogRecord
from poolhouse.pool.store import logs as store

AUTH_EVENTS: Final = "userAuthEvents"
NOTIFICATION: Final = "userNotification"
MOST_WAITING: Final = 20_000
"""Lines of a pool; a destination that is away for longer than that loses the newest ones, and the log says so."""


async def put_line(flow: Flow, entry: PoolEntry, tx: Tx, source: str, line: str) -> None:
    """Have *line* delivered to where the pool wants *source*; nowhere, unless it has named a destination."""
    wanted = () if entry.logs is None else entry.logs.configurations
    for each in wanted:
        if each.event_source != source:
            continue
        if await store.count_waiting(tx, entry.pool.id) >= MOST_WAITING:
            get_logger().error("log line lost: too many wait", pool_id=entry.pool.id, source=source)
            return
        record = LogRecord(
            id=uuid4(flow.entropy),
            pool_id=entry.pool.id,
            arn=arn_of(each),
            line=line,
            created_ms=flow.clock.now_ms(),
            next_try_at=flow.clock.now(),
        )
        await store.put_record(tx, record)
