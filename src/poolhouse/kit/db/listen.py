"""
Announcements between processes: PostgreSQL's LISTEN and NOTIFY.

One connection of its own listens. When it breaks, it is made again, and then everyone is told to refresh, since
announcements may have been missed; so does a connection that no longer answers.
"""

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg

from poolhouse.kit.db.postgres_url import Target
from poolhouse.kit.db.protocol import Subscriber
from poolhouse.kit.db.subscribers import Subscribers

_WAITS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between attempts to connect; the last one is repeated."""
_PULSE = 10.0
"""Seconds between checks that the connection still answers."""


class Listener:
    """Hears what other processes announce; hands on what this one announces itself, at once."""

    def __init__(self, target: Target) -> None:
        self.channel = f"poolhouse.{target.schema}"
        self.subscribers = Subscribers()
        self._target = target
        self._task: asyncio.Task[None] | None = None
        self._own = 0

    def subscribe(self, channel: str, callback: Subscriber) -> None:
        """Call *callback* for *channel*; the first one starts the connection."""
        self.subscribers.add(channel, callback)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep_listening())

    def pack(self, channel: str, payload: str) -> str:
        """Make the text that travels: who announces, so that it need not hear itself, then what."""
        return f"{self._own}\n{channel}\n{payload}"

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                # A connection that worked for a while starts with the short waits again.
                failures = 0 if self._own else failures + 1
            self._own = 0
            await asyncio.sleep(_WAITS[min(failures, len(_WAITS) - 1)])

    async def _listen(self) -> None:
        """Listen until the connection breaks."""
        connection = await asyncpg.connect(self._target.dsn, **self._target.connect_options())
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(self.channel, self._hear)
            self._own = connection.get_server_pid()
            # What was announced before is not heard: whoever read earlier reads again.
            self.subscribers.refresh()
            while not lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), _PULSE)
                if not lost.is_set():
                    await connection.execute("SELECT 1", timeout=_PULSE)
        finally:
            connection.terminate()

    def _hear(self, _connection: Any, _pid: int, _channel: str, packed: object) -> None:
        own, channel, payload = str(packed).split("\n", 2)
        if own == "0" or own != str(self._own):
            self.subscribers.deliver([(channel, payload)])
