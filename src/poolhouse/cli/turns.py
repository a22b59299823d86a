"""
HTTP/1.1 in turn: each request of a connection is answered once, after those before it, and ends where its head says.

Where uvicorn's protocol has none of that: it tells of a broken request in the middle of another one's answer; it tells
only the last of several requests that the client is gone; and it takes the body of one that asks for another protocol
for the next request, which is how one is smuggled past a proxy.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url
from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from poolhouse.cli.cycle import Cycle

WAITING: Final = 100
"""Requests of a connection that wait for their turn: one takes two hundred times the memory of its shortest line."""
_BROKEN: Final = "Invalid HTTP request received."


class NotHere(Exception):
    """
    Stops the parser.

    Nobody is let through to another server (CONNECT), waits in a queue without an end, or asks two hosts at once.
    """


class InTurn(HttpToolsProtocol):
    """uvicorn's protocol; what is subclassed sets the two flags, from the parser's first callback to its last."""

    _is_open = False
    _is_in_head = False
    _is_broken = False
    _asks_upgrade = False
    _answering: Cycle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        former = self._answering
        if former is not None and not former.response_complete:
            former.disconnected = True
            former.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._is_broken:
            return
        rest: bytes | memoryview = data
        try:
            while True:
                try:
                    self.parser.feed_data(rest)
                    break
                except HttpParserUpgrade as asked:
                    rest = memoryview(rest)[asked.args[0] :]
                    self._begin_anew()
        except HttpParserError:
            self.logger.warning(_BROKEN)
            self.send_400_response(_BROKEN)

    def _begin_anew(self) -> None:
        """Read the request that asks for another protocol as if it did not (RFC 9110 section 7.8)."""
        head = plain_head(self.parser.get_method(), self.url, self.parser.get_http_version(), self.headers)
        self._asks_upgrade = False
        self.parser = HttpRequestParser(self)
        with contextlib.suppress(AttributeError):  # httptools before 0.6.3
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(head)

    def on_headers_complete(self) -> None:
        """What uvicorn's does, but for the cycle, which is ours."""
        method = self.parser.get_method()
        if self.parser.should_upgrade():
            if method == b"CONNECT":
                raise NotHere
            self._asks_upgrade = True
            return
        if len(self.pipeline) >= WAITING:
            raise NotHere
        version = self.parser.get_http_version()
        target = parse_url(self.url)
        path = target.path.decode("ascii")
        scope = self.scope
        scope["http_version"] = version
        scope["method"] = method.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = target.path
        scope["query_string"] = target.query or b""
        former = self.cycle
        self.cycle = cycle = Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        self._is_in_head = False
        app = service_unavailable if self._is_full() else self.app
        if former is None or former.response_complete:
            self._answering = cycle
            self._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    def send_400_response(self, msg: str) -> None:
        """Say so if it is this request's turn; else when those before it are answered, by closing."""
        self._is_broken = True
        current = self._answering
        if current is None or (current.response_complete and not self._is_in_body()):
            super().send_400_response(msg)
        elif not self._is_in_body():
            self.cycle.keep_alive = False
        elif current is self.cycle and not current.response_started:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _go_on(self) -> bool:
        """Answer the next of those that wait; whether there was one."""
        if not self.pipeline:
            return False
        cycle, app = self.pipeline.pop()
        self._answering = cycle  # type: ignore[assignment]
        self._start_asgi_task(cycle, app)
        return True

    def _is_in_body(self) -> bool:
        return self._is_open and not self._is_in_head

    def _is_full(self) -> bool:
        limit = self.limit_concurrency
        return limit is not None and (len(self.connections) >= limit or len(self.tasks) >= limit)


def plain_head(method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head of a request without its wish for another protocol."""
    lines = [b"%b %b HTTP/%b\r\n" % (method, url, version.encode())]
    for name, value in headers:
        if name == b"connection":
            others = [each for each in value.split(b",") if each.strip().lower() != b"upgrade"]
            lines.append(b"connection: %b\r\n" % b",".join(others))
        elif name != b"upgrade":
            lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join((*lines, b"\r\n"))
