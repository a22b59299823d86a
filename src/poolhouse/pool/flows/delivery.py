"""The loop of what is delivered in the background: logs, and word of sessions that have ended."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from poolhouse.kit.db.protocol import DatabaseError
from poolhouse.kit.log import get_logger
from poolhouse.pool.flows.context import Flow

_POLL_SECONDS: Final = 5.0


class Delivery:
    """
    Runs until it is stopped; woken by whatever is announced on *channel*.

    *deliver_due* takes up to *batch* of what is due and says how many those were.
    """

    def __init__(self, flow: Flow, channel: str, batch: int, deliver_due: Callable[[Flow], Awaitable[int]]) -> None:
        self._flow = flow
        self._channel = channel
        self._batch = batch
        self._deliver_due = deliver_due
        self._wake = asyncio.Event()
        flow.database.subscribe(channel, lambda _: self._wake.set())

    async def run(self) -> None:
        """Deliver what is due, then wait for more; an error of the store is logged and tried again."""
        while True:
            self._wake.clear()
            try:
                delivered = await self._deliver_due(self._flow)
            except DatabaseError:
                get_logger().exception("delivery failed", channel=self._channel)
                delivered = 0
            if delivered < self._batch:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
