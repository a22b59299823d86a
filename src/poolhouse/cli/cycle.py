"""
A request and its answer, as uvicorn has them, for answers as nearly all are: of a known length, and whole.

Head and body of such an answer go to the kernel in one call.  uvicorn makes two, each of which wakes the client: the
second one costs as much as parsing the request does.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""A token (RFC 9110 section 5.6.2)."""
_CONTROL: Final = bytes({*range(32), 127} - {ord("\t")})
"""What no value may have (RFC 9110 section 5.5): a line end in one would begin a header, or an answer, of its own."""
_END: Final = b"\r\n"
_BODILESS: Final = frozenset({204, 304})
_FRAMING: Final = frozenset({b"content-length: ", b"transfer-encoding: ", b"connection: "})

Headers = Iterable[tuple[bytes, bytes]]


@lru_cache(maxsize=256)
def _field(name: bytes) -> bytes:
    """What stands before the value of a header; our own code names some thirty."""
    if _NAME.fullmatch(name) is None:
        raise RuntimeError("Invalid HTTP header name.")
    return name.lower() + b": "


class Cycle(RequestResponseCycle):
    """uvicorn's, which keeps a head of known length back until its body comes; nothing is logged for a request."""

    _head = b""
    _says_close = False
    pieces = 0
    """How often something was written: tells an answer that gets on from one that nobody takes."""

    async def send(self, message: Any) -> None:
        """Take the next message of the application (ASGI, "Response Start" and "Response Body")."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if self.response_complete:
            raise RuntimeError("The response is complete already.")
        wanted = "http.response.body" if self.response_started else "http.response.start"
        if message["type"] != wanted:
            raise RuntimeError(f"Expected {wanted}, but got {message['type']}.")
        if self.response_started:
            self._send_body(message.get("body", b""), is_last=not message.get("more_body", False))
            return
        self.response_started = True
        self.waiting_for_100_continue = False
        self._head = self._begin(message["status"], message.get("headers", ()))
        if self.chunked_encoding:
            self._write()

    def _begin(self, status: int, headers: Headers) -> bytes:
        """
        The head, which has the lines that it is to have and no others.

        Looked at as a whole: two control characters for each line are its end, and one more is an injection.
        """
        parts = [STATUS_LINE[status]]
        lines = 2
        for pairs in (self.default_headers, headers):
            for name, value in pairs:
                field = _field(name)
                if field in _FRAMING:
                    self._frame(field, value)
                parts += (field, value, _END)
                lines += 1
        if not self.keep_alive and not self._says_close:
            parts.append(b"connection: close\r\n")
            lines += 1
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _BODILESS:
            self.chunked_encoding = True
            parts.append(b"transfer-encoding: chunked\r\n")
            lines += 1
        parts.append(_END)
        head = b"".join(parts)
        if len(head) - len(head.translate(None, _CONTROL)) != len(_END) * lines:
            raise RuntimeError("Invalid HTTP header value.")
        return head

    def _frame(self, field: bytes, value: bytes) -> None:
        """A header that says where the body or the connection ends."""
        if field == b"connection: ":
            if b"close" in [token.strip() for token in value.lower().split(b",")]:
                self.keep_alive = False
                self._says_close = True
        elif field == b"content-length: " and self.chunked_encoding is None:
            self.expected_content_length = int(value)
            self.chunked_encoding = False
        elif field == b"transfer-encoding: " and value.lower() == b"chunked":
            self.expected_content_length = 0
            self.chunked_encoding = True

    def _send_body(self, piece: bytes, *, is_last: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            self._write()
        elif self.chunked_encoding:
            chunk = b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
            self._write(chunk + b"0\r\n\r\n" if is_last else chunk)
        else:
            self.expected_content_length -= len(piece)
            if self.expected_content_length < 0:
                raise RuntimeError("Response content longer than Content-Length")
            self._write(piece)
        if is_last:
            self._complete()

    def _write(self, piece: bytes = b"") -> None:
        """Write *piece*, after the head if that is still here."""
        head, self._head = self._head, b""
        self.pieces += 1
        if head and piece:
            self.transport.writelines((head, piece))
        else:
            self.transport.write(head or piece)

    def _complete(self) -> None:
        if self.expected_content_length != 0:
            raise RuntimeError("Response content shorter than Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
