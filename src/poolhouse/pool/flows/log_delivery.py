"""
Delivery of log lines: claim, hand over, delete; retry with growing pauses, give up after a day.

A crash between handing over and deleting delivers twice, never not at all.
"""

from itertools import groupby
from typing import Final

from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.log import get_logger
from poolhouse.pool.core.risk import lines
from poolhouse.pool.effects.sinks import Line, SinkFailed
from poolhouse.pool.flows import logs
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.risk import LogRecord
from poolhouse.pool.store import logs as store

BATCH: Final = 200
_PAUSES: Final = (10, 60, 300, 1800, 3600 * 4, 3600 * 18)


async def deliver_due(flow: Flow) -> int:
    """One batch, together for each destination; how many lines it took up."""
    now = flow.clock.now()
    due = await flow.database.read(lambda tx: store.list_due(tx, now, BATCH))
    for arn, records in groupby(sorted(due, key=lambda each: each.arn), key=lambda each: each.arn):
        await _deliver(flow, arn, list(records), now)
    return len(due)


async def _deliver(flow: Flow, arn: str, records: list[LogRecord], now: int) -> None:
    async def claim(tx: Tx) -> list[LogRecord]:
        taken = []
        for each in records:
            pause = _PAUSES[min(each.tries, len(_PAUSES) - 1)]
            if await store.claim(tx, each, now + pause):
                taken.append(each)
        return taken

    claimed = await flow.database.write(claim)
    if not claimed:
        return
    try:
        await flow.sinks.deliver(arn, [Line(each.line, each.created_ms) for each in claimed], now)
        ended = claimed
    except SinkFailed as failed:
        ended = [each for each in claimed if each.tries >= len(_PAUSES)]
        get_logger().warning("log lines not delivered", reason=str(failed), count=len(claimed), lost=len(ended))

    async def end(tx: Tx) -> None:
        for each in ended:
            await store.end(tx, each.id)

    await flow.database.write(end)


async def tell_undelivered(flow: Flow, message: Message, reason: str) -> None:
    """userNotification: a message could not be delivered (AWS API: EventSourceName)."""
    entry = await flow.directory.find_pool(message.pool_id)
    if entry is None or entry.logs is None:
        return
    details = f"{message.kind} by {message.medium} could not be delivered: {reason}"
    line = lines.notification_failed(message.pool_id, details, flow.clock.now_ms())
    await flow.database.write(lambda tx: logs.put_line(flow, entry, tx, logs.NOTIFICATION, line))
