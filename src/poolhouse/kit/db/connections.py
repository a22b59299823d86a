"""
The PostgreSQL connections of one process.

asyncpg has a pool of its own; it wraps each connection anew for each use, resets the session by a round trip and
shields every release with a task. Sessions of ours are never changed, so lending is a queue, at a tenth of the cost.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import asyncpg

from poolhouse.kit.db.protocol import DatabaseBusy, DatabaseClosed

_IDLE_SECONDS = 60.0
"""A connection unused for this long is replaced: a firewall may have forgotten it without telling."""

# Any: asyncpg's class is generic for type checkers only.
Connection = Any


class _Idle(NamedTuple):
    connection: Connection
    since: float


class Connections:
    """Lends each connection to one borrower at a time; makes at most *limit* of them."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, limit: int, patience: float) -> None:
        self._connect = connect
        self._limit = limit
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._idle: list[_Idle] = []
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._count = 0
        self._closed = False
        self._emptied: asyncio.Future[None] | None = None

    async def borrow(self) -> Connection:
        """Return a connection for the borrower alone; raise `DatabaseBusy` when none is free in time."""
        if self._closed:
            raise DatabaseClosed
        now = self._loop.time()
        while self._idle:
            # The last one given back: those that nobody needs grow old and go.
            connection, since = self._idle.pop()
            if not connection.is_closed() and now - since < _IDLE_SECONDS:
                return connection
            self._drop(connection)
        if self._count >= self._limit:
            given = await self._wait()
            if given is not None:
                return given
        else:
            self._count += 1
        # From here on, one of the limit is this borrower's.
        try:
            return await self._connect()
        except BaseException:
            self._vacate()
            raise

    def give_back(self, connection: Connection) -> None:
        """Take a connection back; one that is closed, or in a transaction still, is replaced."""
        if self._closed or connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
            self._vacate()
            return
        waiter = self._next_waiter()
        if waiter is not None:
            waiter.set_result(connection)
        else:
            self._idle.append(_Idle(connection, self._loop.time()))

    async def close(self) -> None:
        """Lend no more; return when all connections came back and are closed, or *patience* is over."""
        self._closed = True
        while (waiter := self._next_waiter()) is not None:
            waiter.set_exception(DatabaseClosed())
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            try:
                await connection.close(timeout=5)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()
            self._count -= 1
        if self._count:
            self._emptied = self._loop.create_future()
            await asyncio.wait([self._emptied], timeout=self._patience)

    async def _wait(self) -> Connection | None:
        """Wait for a connection, or for the permission (None) to make one."""
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiter)
        timer = self._loop.call_later(self._patience, _give_up, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            # It may have been given just before the borrower went away.
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                given = waiter.result()
                if given is None:
                    self._vacate()
                else:
                    self.give_back(given)
            raise
        finally:
            timer.cancel()

    def _next_waiter(self) -> "asyncio.Future[Connection | None] | None":
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    def _drop(self, connection: Connection) -> None:
        connection.terminate()
        self._count -= 1

    def _vacate(self) -> None:
        """Pass one of the limit on, to whoever waits."""
        waiter = self._next_waiter()
        if waiter is not None:
            waiter.set_result(None)
            return
        self._count -= 1
        if self._emptied is not None and not self._count and not self._emptied.done():
            self._emptied.set_result(None)


def _give_up(waiter: "asyncio.Future[Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(DatabaseBusy("no connection became free"))
