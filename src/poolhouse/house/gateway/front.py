"""
A client's connection: reads requests, hands each to a piece of work, writes what that says.

One request at a time; what a client sends ahead waits.  Memory stays bounded: reading stops when nobody takes what
comes, and work stops producing when the client does not read.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from poolhouse.house.gateway import peers
from poolhouse.house.gateway.forwarding import status_line
from poolhouse.house.gateway.head import Head, Malformed
from poolhouse.house.gateway.reading import Reader
from poolhouse.house.gateway.work import AHEAD_BYTES, NOTHING, Work
from poolhouse.kit.edge import Reply

if TYPE_CHECKING:
    from poolhouse.house.gateway.tunnel import Tunnel

HEAD_SECONDS = 30.0
BODY_SECONDS = 60.0
IDLE_SECONDS = 65.0
LINGER_SECONDS = 2.0
UNREAD_SECONDS = 60.0
LINGER_BYTES = 16_777_216
_CLOSE = b"connection: close\r\n\r\n"


Begin = Callable[["Front", Head], None]


class Front(asyncio.Protocol):
    """See the module.  *begin* gets each head, sets ``work`` or replies; *fronts* keep it; ``always`` heads replies."""

    __slots__ = (
        "_advancing", "_begin", "_fronts", "_is_lingering", "_is_reading", "_lingered", "_reader", "_since", "_unread",
        "_unread_since", "always", "head", "head_seconds", "is_answering", "is_last", "is_open", "is_slow",
        "is_uploading_paused", "loop", "peer", "transport", "tunnel", "work",
    )  # fmt: skip

    def __init__(self, begin: Begin, *fronts: Any) -> None:
        self._begin = begin
        self._fronts = fronts
        self.loop = asyncio.get_running_loop()
        self.work: Work | None = None
        self.tunnel: Tunnel | None = None
        self.head: Head | None = None
        self.peer = ""
        self.is_open = False
        self.is_last = False
        self.is_slow = False
        self.always = b""
        self.head_seconds = HEAD_SECONDS
        self.is_answering = False
        self.is_uploading_paused = False
        self._is_reading = True
        self._is_lingering = False
        self._advancing = False
        self._reader = Reader()
        self._lingered = 0
        self._unread = 0
        self._since = self._unread_since = self.loop.time()

    @property
    def is_body_done(self) -> bool:
        """Whether the present request's body has been received."""
        return self._reader.is_body_done

    # -- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        named = transport.get_extra_info("peername")
        self.peer = peers.plain(named[0]) if isinstance(named, tuple) else ""
        self.is_open = True
        for register in self._fronts:
            register.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the event loop's interface
        self.is_open = False
        for register in self._fronts:
            register.discard(self)
        if self.tunnel is not None:
            self.tunnel.client_lost()
        work, self.work = self.work, None
        if work is not None:
            work.abort()

    def eof_received(self) -> None:
        """A client that stops sending has gone: its request ends, as behind nginx, or events would flow for ever."""
        if self.tunnel is not None:
            self.tunnel.client_eof()

    def data_received(self, data: bytes) -> None:
        if self.tunnel is not None:
            self.tunnel.from_client(data)
        elif self._is_lingering:
            self._lingered += len(data)
            if self._lingered > LINGER_BYTES:
                self.transport.abort()
        else:
            reader = self._reader
            is_first = self.work is None and not (reader.buffer and reader.has_begun)
            reader.feed(data)
            self._advance()
            # Blank lines are no request: they keep no connection that is idle.
            if is_first and reader.buffer and self.work is None and reader.has_begun:
                self._since = self.loop.time()

    def pause_writing(self) -> None:
        self.is_slow = True
        if self.tunnel is not None:
            self.tunnel.client_slow()
        elif self.work is not None:
            self.work.pause()

    def resume_writing(self) -> None:
        self.is_slow = False
        if self.tunnel is not None:
            self.tunnel.client_ready()
        elif self.work is not None:
            self.work.resume()
        else:
            self._advance()

    # -- what work calls

    def write(self, data: bytes) -> None:
        if self.is_open:
            self.transport.write(data)

    def finish(self) -> None:
        """The answer is complete: on to the next request, if there can be one."""
        self.work = None
        self.head = None
        self.is_answering = self.is_uploading_paused = False
        self._since = self.loop.time()
        if not self.is_open:
            return
        if self.is_last or not self._reader.is_body_done:
            self._close()
        elif not self._advancing:
            self._advance()

    def reply(self, reply: Reply) -> None:
        """A whole answer of our own; what is left of the request's body makes it the last one."""
        lines = [b"%s: %s\r\n" % (name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        self.answer(reply.status, b"".join(lines), reply.body)

    def answer(self, status: int, lines: bytes, body: bytes = b"") -> None:
        """The same with its headers as they are sent, each of which ends its line."""
        if not self._reader.is_body_done:
            self.is_last = True
        out = [status_line(status), self.always, lines]
        if status not in {204, 304}:
            out.append(b"content-length: %d\r\n" % len(body))
        out.append(_CLOSE if self.is_last else b"\r\n")
        if self.head is None or self.head.method != b"HEAD":
            out.append(body)
        self.write(b"".join(out))
        self.finish()

    def refuse(self, status: int, why: str) -> None:
        """What cannot be understood is the last thing that is read from this connection (RFC 9112 section 9.3)."""
        self.is_last = True
        self._reader.clear()
        if self.is_answering:
            # Half of another answer is out: this one would be read as a part of it.
            self.transport.abort()
            return
        work, self.work = self.work, None
        if work is not None:
            work.abort()
        headers = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
        self.reply(Reply(status, f"{status}: {why}.\n".encode(), headers))

    def hold_upload(self, *, hold: bool) -> None:
        """Stop or go on reading the request's body."""
        if self.is_uploading_paused and not hold:
            self._since = self.loop.time()
        self.is_uploading_paused = hold
        self._flow()

    def switch(self, tunnel: "Tunnel") -> bytes:
        """From now on everything goes through *tunnel*; returns what the client has sent ahead."""
        self.tunnel = tunnel
        # A websocket may be there for days: what was sent to open it is of no more use.
        self.work = self.head = None
        ahead = self._reader.clear()
        self.is_uploading_paused = False
        self._flow()
        return ahead

    # -- what the server calls

    def is_idle(self, since: float) -> bool:
        """Whether nothing has been asked here *since* then, or not to the end of a head."""
        return self.work is None and self.tunnel is None and self._since < since

    def shutdown(self) -> None:
        """The process ends: let the present answer be the last, close what waits."""
        self.is_last = True
        if self.tunnel is not None:
            self.tunnel.close()
        elif self.work is None and self.is_open:
            self.transport.close()

    def tick(self, now: float) -> None:
        """Once a second: whoever keeps us waiting for a request, for its body or to read the answer, is let go."""
        unread = self.transport.get_write_buffer_size()
        if not unread or unread != self._unread:
            self._unread, self._unread_since = unread, now
        if now - self._unread_since > UNREAD_SECONDS:
            self.transport.abort()
        elif self.tunnel is not None:
            self.tunnel.tick(now)
        elif self._is_lingering:
            if now - self._since > LINGER_SECONDS:
                self.transport.abort()
        elif self.work is None:
            if self._reader.has_begun and not self.is_slow and now - self._since > self.head_seconds:
                self.refuse(408, "the request was not complete in time")
            elif not self._reader.has_begun and now - self._since > IDLE_SECONDS:
                self.transport.close()
        elif not self.is_body_done and not self.is_uploading_paused and now - self._since > BODY_SECONDS:
            self.refuse(408, "the body was not complete in time")
        else:
            self.work.tick(now)

    # -- reading

    def _advance(self) -> None:
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._reader.buffer and self.is_open and not self._is_lingering and self.tunnel is None:
                if self.work is None:
                    if self.is_last or self.is_slow or not self._read_head():
                        break
                elif self.is_body_done:
                    break
                else:
                    self._read_body()
        except Malformed as wrong:
            self.refuse(wrong.status, wrong.why)
        finally:
            self._advancing = False
        self._flow()

    def _read_head(self) -> bool:
        head = self._reader.head()
        if head is None:
            return False
        self.head = head
        self.is_last = self.is_last or not head.is_persistent
        self.work = NOTHING
        self._begin(self, head)
        return True

    def _read_body(self) -> None:
        self._since = self.loop.time()
        pieces = self._reader.body()
        work = self.work
        if work is None:
            return
        if pieces:
            work.body(pieces)
        if self.is_body_done and self.work is work:
            work.body_end()

    def _flow(self) -> None:
        room = not self.is_slow if self.work is None else len(self._reader.buffer) < AHEAD_BYTES
        wants = not self.is_uploading_paused and (room or self.tunnel is not None)
        if wants == self._is_reading or not self.is_open or self.transport.is_closing():
            return
        self._is_reading = wants
        if wants:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def _close(self) -> None:
        """
        Close once the client has had time to read the answer.

        A socket that is closed over unread bytes is reset, and the client loses the answer with it.
        """
        self._reader.clear()
        if self.is_body_done or not self.transport.can_write_eof():
            self.transport.close()
            return
        self._is_lingering = True
        self.is_uploading_paused = False
        self._is_reading = True
        self.transport.resume_reading()
        self.transport.write_eof()
