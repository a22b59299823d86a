"""The house's own pages on the gateway's server: one request as an ASGI application sees it."""

import asyncio
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message

from poolhouse.house.gateway.forwarding import status_line
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.work import AHEAD_BYTES
from poolhouse.kit.edge import text
from poolhouse.kit.log import get_logger

SECONDS = 120.0
_HOP = frozenset({b"connection", b"transfer-encoding", b"keep-alive"})


class AsgiWork:
    """The ``Work`` of a front, done by *app*, which is asked for *target*."""

    def __init__(self, front: Front, head: Head, app: ASGIApp, *, target: bytes, scheme: str) -> None:
        path, _, query = target.partition(b"?")
        self._front = front
        self._head = head
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": f"1.{head.minor}",
            "server": None,
            "client": (front.peer, 0),
            "scheme": scheme,
            "method": head.method.decode("ascii"),
            "root_path": "",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "query_string": query,
            "headers": head.headers,
            "state": {},
        }
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_done = not head.has_body
        self._is_gone = False
        self._is_told = False
        self._is_started = False
        self._is_chunked = False
        self._has_asked = not head.expects_continue
        self._start_bytes = b""
        self._event = asyncio.Event()
        self._deadline = front.loop.time() + SECONDS
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._front.work = self
        self._task = self._front.loop.create_task(self._run())

    # -- from the client

    def body(self, pieces: list[bytes]) -> None:
        self._pieces += pieces
        self._size += sum(map(len, pieces))
        if self._size > AHEAD_BYTES:
            self._front.hold_upload(hold=True)
        self._event.set()

    def body_end(self) -> None:
        self._is_done = True
        self._event.set()

    def abort(self) -> None:
        self._is_gone = True
        self._event.set()

    def pause(self) -> None:
        """The application waits in ``send``."""

    def resume(self) -> None:
        self._event.set()

    def tick(self, now: float) -> None:
        if now > self._deadline and self._task is not None:
            self._task.cancel()

    # -- the application

    async def _run(self) -> None:
        front = self._front
        try:
            await self._app(self._scope, self._receive, self._send)
        except Exception as wrong:  # noqa: BLE001 - as a server treats its application
            get_logger().error("page failed", program="house", error=type(wrong).__name__, exc_info=True)
        finally:
            if front.work is self:
                # No answer, or half of one.
                if self._is_started:
                    front.work = None
                    front.transport.abort()
                else:
                    front.reply(text("Internal error.\n", 500))

    async def _receive(self) -> Message:
        if not self._has_asked:
            self._has_asked = True
            self._front.write(status_line(100) + b"\r\n")
        while not self._pieces and not self._is_gone and (self._is_told or not self._is_done):
            self._event.clear()
            await self._event.wait()
        if self._is_gone:
            return {"type": "http.disconnect"}
        pieces, self._pieces = self._pieces, []
        self._size = 0
        self._front.hold_upload(hold=False)
        self._is_told = self._is_done
        return {"type": "http.request", "body": b"".join(pieces), "more_body": not self._is_done}

    async def _send(self, message: Message) -> None:
        front = self._front
        if front.work is not self:
            return
        if message["type"] == "http.response.start":
            self._start(message)
            return
        data: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if self._head.method == b"HEAD":
            data = b""
        if self._is_chunked:
            data = (b"%x\r\n%s\r\n" % (len(data), data) if data else b"") + (b"" if more else b"0\r\n\r\n")
        front.is_answering = True
        front.write(self._start_bytes + data)
        self._start_bytes = b""
        self._deadline = front.loop.time() + SECONDS
        if not more:
            front.finish()
            return
        while front.is_slow and not self._is_gone:
            self._event.clear()
            await self._event.wait()

    def _start(self, message: Message) -> None:
        front = self._front
        self._is_started = True
        if not front.is_body_done:
            front.is_last = True
        out = [status_line(message["status"]), front.always]
        has_length = False
        for name, value in message.get("headers", ()):
            if name == b"connection" and value == b"close":
                front.is_last = True
            if name not in _HOP:
                has_length = has_length or name == b"content-length"
                out.append(b"%s: %s\r\n" % (name, value))
        if not has_length and message["status"] not in {204, 304}:
            self._is_chunked = self._head.minor == 1 and self._head.method != b"HEAD"
            if self._is_chunked:
                out.append(b"transfer-encoding: chunked\r\n")
            else:
                front.is_last = True
        if front.is_last:
            out.append(b"connection: close\r\n")
        out.append(b"\r\n")
        self._start_bytes = b"".join(out)
