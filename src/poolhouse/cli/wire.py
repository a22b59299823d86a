"""
HTTP with limits: what one connection may cost before anybody knows who is asking.

uvicorn's fast parser has no limit on the head of a request, nor on the time until a request is complete; with neither,
a stranger could fill the memory with headers or hold connections for ever by sending a byte now and then.  Nor has it a
limit on the connections of one address, with which a stranger could have them all.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from poolhouse.cli.laggards import Laggards
from poolhouse.cli.turns import InTurn, NotHere
from poolhouse.kit.address import Network
from poolhouse.kit.crowd import Crowd

HEAD_BYTES = 65_536
HEADER_LINES = 200
CONNECTIONS = 2_000
IDLE_SECONDS = 5
REQUEST_SECONDS = 30.0
SPARED_SECONDS = 3.0
"""How long a connection that asks nothing is kept where there are too many."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of a program, for each of its processes."""

    per_address: int = 0
    proxies: tuple[Network, ...] = ()
    request_seconds: float = REQUEST_SECONDS


class TooLarge(Exception):
    """Stops the parser."""


class BoundedHttp(InTurn):
    """
    A protocol which refuses a head that is too large and closes what is not complete, or not taken, in time.

    A request that comes in one piece, as nearly all do, costs no timer.
    """

    request_seconds: float = REQUEST_SECONDS

    crowd: Crowd | None = None
    _peer = ""
    _since = 0.0
    _deadline: asyncio.TimerHandle | None = None
    _has_moved = False
    _is_too_large = False
    _is_at_rest = False
    _rest_ends = 0.0
    _head = 0
    _lines = 0
    _hosts = 0
    _withheld = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) > CONNECTIONS:
            self._make_room()
        self._peer = self.client[0] if self.client else ""
        if self.crowd is not None and not self.crowd.enter(self._peer):
            transport.write(STATUS_LINE[503] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            transport.close()
            return
        self._laggards().watch(self.loop)
        self._deadline = self.loop.call_later(self.request_seconds, self._expire)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        if self.crowd is not None:
            self.crowd.leave(self._peer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._has_moved = False
        super().data_received(data)
        if self._is_broken or self.transport.is_closing():
            return
        if not self._has_moved:
            # The parser keeps a name or a value to itself until it is complete.
            self._withheld += len(data)
            if self._withheld > HEAD_BYTES:
                self._refuse(431)
                return
        if not self._is_open and self.cycle is not None and not self.cycle.response_complete:
            self._cancel()
        elif self._deadline is None and not self._is_at_rest:
            self._deadline = self.loop.call_later(self.request_seconds, self._expire)

    def on_message_begin(self) -> None:
        self._is_open = self._is_in_head = True
        self._head = self._lines = self._hosts = 0
        self._since = self.loop.time()
        self._move()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        # What ``_count`` and uvicorn do, without three calls for each line of each request.
        self._lines += 1
        self._head += len(name) + len(value)
        self._has_moved = True
        self._withheld = 0
        if self._head > HEAD_BYTES or self._lines > HEADER_LINES:
            self._is_too_large = True
            raise TooLarge
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        elif name == b"host":
            self._hosts += 1
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """
        Refuse a request to two hosts, of which a proxy may have gone by the other, and one to none (RFC 9112 §3.2).

        Protocols before HTTP/1.1 have no need of one.
        """
        if self._hosts != 1 and (self._hosts or self.parser.get_http_version() == "1.1"):
            raise NotHere
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """What uvicorn's does, but for the timer of a connection at rest: one serves many requests."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._go_on():
            return
        self._is_at_rest = True
        self._rest_ends = self.loop.time() + self.timeout_keep_alive
        if self.timeout_keep_alive_task is None:
            self._await_end_of_rest()

    def _await_end_of_rest(self) -> None:
        self.timeout_keep_alive_task = self.loop.call_at(self._rest_ends, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close what has been at rest for so long; what has asked since the timer was set, rests anew."""
        self.timeout_keep_alive_task = None
        if not self._is_at_rest or self.transport.is_closing():
            return
        if self.loop.time() < self._rest_ends:
            self._await_end_of_rest()
        else:
            self.transport.close()

    def _unset_keepalive_if_required(self) -> None:
        """Called by uvicorn's where something has come: the timer finds that out by itself."""
        self._is_at_rest = False

    def on_body(self, body: bytes) -> None:
        self._move()
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._asks_upgrade:
            return
        self._is_open = False
        self._move()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser stopped at, which may have been us."""
        if self._is_too_large:
            self._refuse(431)
        else:
            super().send_400_response(msg)

    def _laggards(self) -> Laggards:
        # The server's state is that of one process, and has a place for what its connections share.
        shared = vars(self.server_state)
        found: Laggards | None = shared.get("laggards")
        if found is None:
            found = shared["laggards"] = Laggards(self.connections, self.request_seconds)
        return found

    def _make_room(self) -> None:
        """Close what asks nothing, half a head being nothing: who only connects keeps nobody out."""
        since = self.loop.time() - SPARED_SECONDS
        for other in list(self.connections):
            if isinstance(other, BoundedHttp) and other.waits_since(since):
                other.transport.close()

    def waits_since(self, moment: float) -> bool:
        """Whether no request is being answered, and none has begun after *moment*."""
        return (self.cycle is None or self.cycle.response_complete) and self._since < moment

    def _move(self) -> None:
        self._has_moved = True
        self._withheld = 0

    def _count(self, size: int) -> None:
        self._move()
        self._head += size
        if self._head > HEAD_BYTES or self._lines > HEADER_LINES:
            self._is_too_large = True
            raise TooLarge

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Close; with an answer if a head has begun and no former request's answer is under way."""
        self._cancel()
        if self._is_in_head and (self.cycle is None or self.cycle.response_complete):
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()


def bounded(limits: Limits) -> Callable[..., asyncio.Protocol]:
    """The protocol of a program with these limits; it can be handed to worker processes."""
    return partial(_bounded, limits)


def _bounded(limits: Limits, *, server_state: ServerState, **more: Any) -> BoundedHttp:
    made = BoundedHttp(server_state=server_state, **more)
    made.request_seconds = limits.request_seconds
    made.crowd = vars(server_state).setdefault("crowd", Crowd(limits.per_address, limits.proxies))
    return made


def gateway(config: uvicorn.Config, server_state: ServerState, **_more: Any) -> asyncio.Protocol:
    """The house's own protocol in the place of uvicorn's: it serves the pages and the apps behind the house."""
    app: Any = config.app
    front: asyncio.Protocol = app.front(server_state.connections)
    return front


def config(app: ASGIApp, *, http: Any = BoundedHttp, **more: Any) -> uvicorn.Config:
    """Uvicorn's settings that both ways to run a program have in common."""
    return uvicorn.Config(
        app,
        http=http,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        access_log=False,
        server_header=False,
        ws="none",
        **more,
    )
