"""
A connection to an app, and the pool that keeps it alive between requests.

A connection is used again only after an answer that was complete, well-formed and had nothing behind it.
"""

import asyncio
import ssl
from typing import TYPE_CHECKING, Protocol

from poolhouse.house.gateway.answer import AnswerHead, BadAnswer, read_answer
from poolhouse.house.gateway.chunks import BadChunks, Chunks
from poolhouse.house.gateway.head import HEAD_BYTES, Head, Header
from poolhouse.house.gateway.place import Place, Unreached, addresses, in_words, tls_context

if TYPE_CHECKING:
    from poolhouse.house.gateway.tunnel import Tunnel

CONNECT_SECONDS = 5.0
KEPT = 64
KEPT_SECONDS = 30.0
_NO_BODY = frozenset({204, 304})
_INTERIM = 100
"""How many answers before the answer an app may give: each is work for the house, and they have no end."""
_OF_CONNECTION = (b"ntlm", b"negotiate")
"""Schemes that sign a connection in, not a request (RFC 4559 section 6): it is of no use to anybody else."""


class Pool:
    """Connections to one place; the one used last goes first, so that the others can end."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.idle: list[Upstream] = []
        self.opened = 0
        self._tls = tls_context(place) if place.is_tls else None

    def take(self) -> "Upstream | None":
        """A connection that is alive as far as we know."""
        while self.idle:
            found = self.idle.pop()
            if not found.transport.is_closing():
                return found
        return None

    def give(self, upstream: "Upstream") -> None:
        if len(self.idle) >= KEPT:
            upstream.transport.close()
            return
        upstream.idle_since = upstream.loop.time()
        self.idle.append(upstream)

    def forget(self, upstream: "Upstream") -> None:
        if upstream in self.idle:
            self.idle.remove(upstream)

    async def open(self) -> "Upstream":
        """A new connection, or ``Unreached``."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self._open()
        except TimeoutError as late:
            raise Unreached(f"no connection within {CONNECT_SECONDS:g} seconds") from late

    async def _open(self) -> "Upstream":
        loop = asyncio.get_running_loop()
        place = self.place
        wrong: Exception | None = None
        for address in await addresses(place):
            try:
                _, made = await loop.create_connection(
                    lambda: Upstream(self),
                    address,
                    place.port,
                    ssl=self._tls,
                    server_hostname=(place.server_name or place.host) if self._tls else None,
                )
            except (OSError, ssl.SSLError) as failed:
                wrong = failed
                continue
            self.opened += 1
            return made
        if wrong is None:
            raise Unreached(f"{place.host} has no address that may be called")
        raise Unreached(in_words(wrong)) from wrong

    def tick(self, now: float) -> None:
        """Close what nobody has used for a while."""
        for upstream in [each for each in self.idle if now - each.idle_since > KEPT_SECONDS]:
            self.idle.remove(upstream)
            upstream.transport.close()

    def close(self) -> None:
        for upstream in self.idle:
            upstream.transport.close()
        self.idle.clear()


class Asking(Protocol):
    """Whoever has sent a request and is told of what comes back."""

    head: Head
    is_sent: bool

    def received(
        self, answer: AnswerHead | None, pieces: list[bytes], *, is_done: bool, trailers: list[Header] | None = None
    ) -> None:
        """The head of the answer (once), parts of its body, its end."""

    def interim(self, answer: AnswerHead) -> None:
        """An answer before the answer."""

    def switched(self, answer: AnswerHead, rest: bytes) -> None:
        """Another protocol, with what came of it already."""

    def lost(self, *, is_silent: bool, was_kept: bool) -> None:
        """The connection has ended before the answer had."""

    def failed(self, status: int, why: str) -> None:
        """This was no answer."""

    def app_slow(self, *, slow: bool) -> None:
        """The app does not take what it is sent, or does again."""


class Upstream(asyncio.Protocol):
    """One connection; ``exchange`` is the request under way, if there is one."""

    __slots__ = (
        "_answer", "_buffer", "_chunks", "_interim", "_left", "_pool", "_until_close", "exchange", "idle_since",
        "is_slow", "loop", "served", "transport", "tunnel",
    )  # fmt: skip

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.loop = asyncio.get_running_loop()
        self.exchange: Asking | None = None
        self.tunnel: Tunnel | None = None
        self.served = 0
        self.idle_since = 0.0
        self.is_slow = False
        self._buffer = b""
        self._answer: AnswerHead | None = None
        self._left = 0
        self._chunks: Chunks | None = None
        self._until_close = False
        self._interim = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def send(self, exchange: Asking, data: bytes) -> None:
        """Begin a request."""
        self.exchange = exchange
        self._answer = None
        self._buffer = b""
        self._interim = 0
        self.transport.write(data)

    def switch(self, tunnel: "Tunnel") -> None:
        """From now on everything goes through *tunnel*."""
        self.tunnel = tunnel
        self.exchange = None

    def drop(self) -> None:
        """Whatever was under way is of no use any more."""
        self.exchange = None
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.tunnel is not None:
            self.tunnel.from_app(data)
            return
        exchange = self.exchange
        if exchange is None:
            # Nobody has asked: whose answer would it be?
            self._pool.forget(self)
            self.transport.abort()
            return
        try:
            self._read(exchange, data)
        except (BadAnswer, BadChunks) as wrong:
            self.drop()
            exchange.failed(502, f"bad answer: {wrong}")

    def eof_received(self) -> None:
        if self.tunnel is not None:
            self.tunnel.app_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.forget(self)
        if self.tunnel is not None:
            self.tunnel.app_lost()
            return
        exchange, self.exchange = self.exchange, None
        if exchange is None:
            return
        if self._answer is not None and self._until_close and exc is None:
            exchange.received(None, [], is_done=True)
        else:
            exchange.lost(is_silent=self._answer is None and not self._buffer, was_kept=self.served > 0)

    def pause_writing(self) -> None:
        self.is_slow = True
        if self.tunnel is not None:
            self.tunnel.app_slow()
        elif self.exchange is not None:
            self.exchange.app_slow(slow=True)

    def resume_writing(self) -> None:
        self.is_slow = False
        if self.tunnel is not None:
            self.tunnel.app_ready()
        elif self.exchange is not None:
            self.exchange.app_slow(slow=False)

    def _read(self, exchange: Asking, data: bytes) -> None:
        answer: AnswerHead | None = None
        while self._answer is None:
            data = self._buffer + data if self._buffer else data
            end = data.find(b"\r\n\r\n")
            if end < 0 or end > HEAD_BYTES:
                if len(data) > HEAD_BYTES:
                    raise BadAnswer("head too large")
                self._buffer = data
                return
            answer = read_answer(data[: end + 4])
            data = data[end + 4 :]
            self._buffer = b""
            if answer.status == 101:
                exchange.switched(answer, data)
                return
            if answer.status < 200:
                self._interim += 1
                if self._interim > _INTERIM:
                    raise BadAnswer("no end of interim answers")
                exchange.interim(answer)
                if not data:
                    return
                continue
            self._begin(answer, is_head=exchange.head.method == b"HEAD")
        self._body(exchange, answer, data)

    def _begin(self, answer: AnswerHead, *, is_head: bool) -> None:
        self._answer = answer
        self._chunks = None
        self._until_close = False
        self._left = 0
        if is_head or answer.status in _NO_BODY:
            return
        if answer.is_chunked:
            self._chunks = Chunks()
        elif answer.length >= 0:
            self._left = answer.length
        else:
            self._until_close = True

    def _body(self, exchange: Asking, answer: AnswerHead | None, data: bytes) -> None:
        surplus = b""
        trailers: list[tuple[bytes, bytes]] = []
        if self._chunks is not None:
            pieces = self._chunks.feed(data)
            is_done = self._chunks.is_done
            surplus, trailers = self._chunks.rest, self._chunks.trailers
        elif self._until_close:
            pieces, is_done = [data] if data else [], False
        else:
            if len(data) > self._left:
                data, surplus = data[: self._left], data[self._left :]
            self._left -= len(data)
            pieces, is_done = [data] if data else [], self._left == 0
        if is_done:
            self._complete(exchange, has_surplus=bool(surplus))
        exchange.received(answer, pieces, is_done=is_done, trailers=trailers)

    def _complete(self, exchange: Asking, *, has_surplus: bool) -> None:
        head, self._answer = self._answer, None
        self.exchange = None
        self.served += 1
        is_owned = exchange.head.get(b"authorization").lower().startswith(_OF_CONNECTION)
        if has_surplus or is_owned or head is None or not head.is_persistent or not exchange.is_sent or self.is_slow:
            self.transport.close()
        else:
            if not self.transport.is_reading():
                self.transport.resume_reading()
            self._pool.give(self)
