"""
Clients that do not take what they asked for.

An answer waits in memory for whoever reads nothing, and its connection is neither at rest nor closed: a stranger could
have all of them, for ever.  A timer for each answer would cost more than most answers do; a look at all connections now
and then costs next to nothing.
"""

import asyncio
from collections.abc import Collection
from typing import Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOKS: Final = 4
"""In the time that a client has to take something."""


class _Waiting(msgspec.Struct, frozen=True):
    """What of a connection waits to be taken, and since when it is that much."""

    cycle: Any
    pieces: int
    size: int
    since: float

    def has_moved(self, before: "_Waiting") -> bool:
        """Whether the client has taken anything since: less waits, or an answer got on."""
        return self.cycle is not before.cycle or self.pieces != before.pieces or self.size < before.size


class Laggards:
    """Closes those of *connections* whose clients take nothing for so many *seconds*."""

    def __init__(self, connections: Collection[Any], seconds: float) -> None:
        self._connections = connections
        self._seconds = seconds
        self._waiting: dict[HttpToolsProtocol, _Waiting] = {}
        self._is_watching = False

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look now and then, until there are no connections."""
        if not self._is_watching:
            self._is_watching = True
            loop.call_later(self._seconds / LOOKS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        waiting: dict[HttpToolsProtocol, _Waiting] = {}
        for each in list(self._connections):
            found = _waits(each, now)
            if found is None:
                continue
            before = self._waiting.get(each)
            if before is None or found.has_moved(before):
                waiting[each] = found
            elif now - before.since < self._seconds:
                waiting[each] = before
            else:
                each.transport.abort()
        self._waiting = waiting
        self._is_watching = False
        if self._connections:
            self.watch(loop)


def _waits(connection: Any, now: float) -> _Waiting | None:
    if not isinstance(connection, HttpToolsProtocol):
        return None
    size = connection.transport.get_write_buffer_size()
    if not size:
        return None
    cycle = connection.cycle
    return _Waiting(cycle, getattr(cycle, "pieces", 0), size, now)
