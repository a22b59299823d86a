"""
Deletes what has expired, now and then.

Validity is always checked at the time of use (CVE-2025-64708), so a sweep that is late harms nobody.
"""

import asyncio
from functools import partial

from poolhouse.kit.db.protocol import DatabaseError, Tx
from poolhouse.kit.log import get_logger
from poolhouse.pool.core.throttle import QUIET
from poolhouse.pool.flows import keys, logout
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.imports import EXPIRED
from poolhouse.pool.model.grant import BrowserSession
from poolhouse.pool.store import access_keys, events, expiry, grants, imports, logouts, logs, outbox, users

PERIOD_SECONDS = 300.0
SHORTLY = 600
HOUR = 3_600
DAY = 86_400
FEW = 16
"""Pieces of files at once: two megabytes."""
SESSIONS = 100
MESSAGES_DAYS = 7
LOGS_DAYS = 3


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
    the refresh token (at most a day).  The rest goes soon: a little grace lets a late answer be told that it is late,
    and a counter means nothing once its wait and the quiet time after it are over.

    Several transactions, since none of it belongs together and locks should be short.
    """
    now = flow.clock.now()

    await keys.sweep(flow)
    await _end_expired(flow, now - SHORTLY)
    await flow.database.write(lambda tx: expiry.sweep_short_lived(tx, now - SHORTLY))
    await flow.database.write(lambda tx: expiry.sweep_grants(tx, now - DAY))
    await flow.database.write(lambda tx: expiry.sweep_failures(tx, now - QUIET))
    await flow.database.write(lambda tx: access_keys.sweep(tx, now - DAY))
    await flow.database.write(lambda tx: imports.expire_jobs(tx, now * 1000, EXPIRED))
    while await flow.database.write(lambda tx: imports.drop_left_over(tx, (now - HOUR) * 1000, FEW)) == FEW:
        pass
    await flow.database.write(lambda tx: outbox.sweep_messages(tx, (now - MESSAGES_DAYS * DAY) * 1000))
    await flow.database.write(lambda tx: events.sweep_events(tx, (now - flow.config.auth_event_days * DAY) * 1000))
    await flow.database.write(lambda tx: logouts.sweep_deliveries(tx, (now - LOGS_DAYS * DAY) * 1000))
    await flow.database.write(lambda tx: logs.sweep_records(tx, (now - LOGS_DAYS * DAY) * 1000))


async def _end_expired(flow: Flow, before: int) -> None:
    """End the sessions that have ended by themselves and of which an app wants to hear, each as by a sign-out."""
    while found := await flow.database.read(lambda tx: logouts.list_expired(tx, before, SESSIONS)):
        for each in found:
            await flow.database.write(partial(_expire, flow, each))


async def _expire(flow: Flow, session: BrowserSession, tx: Tx) -> None:
    await users.lock_user(tx, session.pool_id, session.username)
    # Another process, or its user, was quicker.
    if await grants.find_session(tx, session.digest) is not None:
        await logout.expire_in(flow, tx, session)
