"""
Delivery of the outbox: claim, send, mark; retry with growing pauses, give up after a day.

Any number of processes may run one: a message is claimed by its count of tries, so it is sent by one at a time.  A
crash between sending and marking sends twice, never not at all.
"""

import asyncio
import contextlib

import msgspec

from poolhouse.kit.db.protocol import DatabaseError, ReadTx
from poolhouse.kit.log import get_logger
from poolhouse.kit.mail import DeliveryFailed, MailServer, send
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.log_delivery import tell_undelivered
from poolhouse.pool.flows.stationery import mail_of
from poolhouse.pool.model.message import Content, Message
from poolhouse.pool.store import outbox

BATCH = 20
POLL_SECONDS = 5.0
_PAUSES = (30, 120, 600, 3600, 3600 * 6, 3600 * 12)


class Courier:
    """Runs until it is stopped; woken by each message that is put."""

    def __init__(self, flow: Flow, server: MailServer | None) -> None:
        self._flow = flow
        self._server = server
        self._wake = asyncio.Event()
        flow.database.subscribe(outbox.QUEUED, lambda _: self._wake.set())

    async def run(self) -> None:
        """Deliver what is due, then wait for more; an error of the store is logged and tried again."""
        while True:
            self._wake.clear()
            try:
                delivered = await self.deliver_due()
            except DatabaseError:
                get_logger().exception("courier failed")
                delivered = 0
            if delivered < BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    async def deliver_due(self) -> int:
        """One batch; how many messages it took up."""
        now = self._flow.clock.now()

        async def read(tx: ReadTx) -> list[Message]:
            return await outbox.list_due(tx, now, BATCH)

        due = await self._flow.database.read(read)
        for message in due:
            await self._deliver(message, now)
        return len(due)

    async def _deliver(self, message: Message, now: int) -> None:
        last = message.tries >= len(_PAUSES)
        pause = _PAUSES[min(message.tries, len(_PAUSES) - 1)]
        if not await self._flow.database.write(lambda tx: outbox.claim(tx, message, now + pause)):
            return
        state = await self._attempt(message)
        if state is None and not last:
            return
        await self._flow.database.write(lambda tx: outbox.end(tx, message.id, state or "failed"))

    async def _attempt(self, message: Message) -> str | None:
        """The final state, or None to try again."""
        if message.medium != "EMAIL" or self._server is None:
            # Without a sender the outbox is where messages are read; only development allows that to happen.
            return "kept"
        try:
            content = open_content(self._flow, message)
            await send(self._server, await mail_of(self._flow, message, content))
        except SealBroken:
            await tell_undelivered(self._flow, message, "the key that sealed it is gone")
            return "failed"
        except DeliveryFailed as failure:
            await tell_undelivered(self._flow, message, str(failure))
            get_logger().warning("mail not delivered", reason=str(failure), kind=message.kind, pool_id=message.pool_id)
            return "failed" if failure.permanent else None
        return "sent"


def open_content(flow: Flow, message: Message) -> Content:
    """What the message says; ``SealBroken`` when the master key has gone."""
    opened = flow.ring.open(message.sealed, purpose="message", row=message.id)
    return msgspec.json.decode(opened, type=Content)
