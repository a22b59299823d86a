"""
Deletes what has expired, now and then.

Validity is always checked at the time of use (CVE-2025-64708), so a sweep that is late harms nobody.
"""

import asyncio

from poolhouse.kit.db.protocol import DatabaseError, Tx
from poolhouse.kit.log import get_logger
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.store import attempts, grants, outbox

PERIOD_SECONDS = 300.0
DAY = 86_400
MESSAGES_DAYS = 7


async def run(flow: Flow) -> None:
    """Sweep until cancelled."""
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        try:
            await sweep(flow)
        except DatabaseError as failed:
            get_logger().warning("sweep failed", error=type(failed).__name__)


async def sweep(flow: Flow) -> None:
    """
    One sweep.

    A day of grace keeps the rows that tell a replay from an unknown token, and grants whose access tokens may outlive
    the refresh token (at most a day).
    """
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        await grants.sweep(tx, now - DAY)
        await attempts.sweep_failures(tx, now - DAY)
        await outbox.sweep_messages(tx, (now - MESSAGES_DAYS * DAY) * 1000)

    await flow.database.write(unit)
