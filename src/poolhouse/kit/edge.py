"""
ASGI at one end, values at the other: bytes become a frozen ``Raw``, a ``Reply`` becomes bytes.

A handler is ``async def handler(raw: Raw) -> Reply``.  No inner function ever sees a request object.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from poolhouse.kit.body import BodyTooLarge, MalformedRequest, read_body

HeaderPair = tuple[str, str]
BODY_LIMIT = 1_048_576
_BODILESS = frozenset({204, 304})
"""Answers that have no length either (RFC 9110 section 8.6)."""
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")


@lru_cache(maxsize=256)
def _on_the_wire(name: str) -> bytes:
    """A header's name as ASGI has it; our own code names some thirty."""
    return name.lower().encode("latin-1")


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """One request: everything a surface may look at."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    peer: str = ""
    scheme: str = "http"
    params: Mapping[str, str] = {}

    def header(self, name: str) -> str:
        """The header's value, ``""`` when absent; repeated ones are joined by ``, `` (RFC 9110 section 5.3)."""
        wanted = _on_the_wire(name)
        found = [value for key, value in self.headers if key == wanted]
        return b", ".join(found).decode("latin-1") if found else ""

    @property
    def host(self) -> str:
        """The Host header as sent, lower-cased; never a source of URLs, only of routing."""
        return self.header("host").lower()

    def cookie(self, name: str) -> str | None:
        """The first cookie of that name.  Browsers send the one with the most specific path first."""
        for key, value in self.headers:
            if key != b"cookie":
                continue
            for part in value.decode("latin-1").split(";"):
                found, _, text = part.strip().partition("=")
                if found == name:
                    return text.strip('"')
        return None

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower-cased."""
        return self.header("content-type").partition(";")[0].strip().lower()


class Reply(msgspec.Struct, frozen=True):
    """One response.  With *pieces* its body is what they give, of a length that nobody knows yet, and *body* empty."""

    status: int = 200
    body: bytes = b""
    headers: tuple[HeaderPair, ...] = ()
    pieces: AsyncIterator[bytes] | None = None

    def with_headers(self, *extra: HeaderPair) -> "Reply":
        """The same reply with more headers."""
        return Reply(self.status, self.body, (*self.headers, *extra), self.pieces)


Handler = Callable[[Raw], Awaitable[Reply]]
StreamHandler = Callable[[Raw, AsyncIterator[bytes]], Awaitable[Reply]]
OnOversize = Callable[[Raw], Reply]


def text(body: str, status: int = 200, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """Plain text in UTF-8."""
    return Reply(status, body.encode(), (("content-type", "text/plain; charset=utf-8"), *headers))


def html(body: bytes, status: int = 200, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """A rendered page."""
    return Reply(status, body, (("content-type", "text/html; charset=utf-8"), *headers))


def json_reply(value: Any, status: int = 200, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """A JSON document."""
    return Reply(status, msgspec.json.encode(value), (("content-type", "application/json"), *headers))


def redirect(url: str, status: int = 303, headers: tuple[HeaderPair, ...] = ()) -> Reply:
    """
    Send the browser elsewhere; 303 so that a form post is not repeated (RFC 9700 section 4.12).

    A control character in *url* would end the header early, so it is refused as a bug of the caller.
    """
    if _UNSAFE.search(url):
        msg = "control character or space in a redirect target"
        raise ValueError(msg)
    return Reply(status, b"", (("location", url), ("cache-control", "no-store"), *headers))


def set_cookie(
    name: str,
    value: str,
    *,
    secure: bool,
    path: str = "/",
    max_age: int | None = None,
    http_only: bool = True,
    same_site: str = "Lax",
) -> HeaderPair:
    """A ``Set-Cookie`` pair.  ``__Host-`` names need ``secure`` and ``path="/"``."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar[name] = value
    except CookieError as wrong:
        raise ValueError(name) from wrong
    morsel = jar[name]
    morsel["path"] = path
    morsel["samesite"] = same_site
    if max_age is not None:
        morsel["max-age"] = str(max_age)
    if secure:
        morsel["secure"] = True
    if http_only:
        morsel["httponly"] = True
    return "set-cookie", morsel.OutputString()


def clear_cookie(name: str, *, secure: bool, path: str = "/", same_site: str = "Lax") -> HeaderPair:
    """Delete a cookie with the very attributes it was set with: browsers ignore anything else (CVE-2025-55162)."""
    return set_cookie(name, "", secure=secure, path=path, max_age=0, same_site=same_site)


def endpoint(
    handler: Handler,
    *,
    limit: int = BODY_LIMIT,
    on_oversize: OnOversize | None = None,
    leaves_out: Collection[str] = (),
) -> ASGIApp:
    """
    An ASGI application around *handler*; a body over *limit* bytes never reaches it.

    What is too large in the fields of a form that *leaves_out* names becomes ``left_out.LEFT_OUT`` before it counts.
    """
    return _Endpoint(handler, limit, on_oversize, leaves_out)


def streaming(handler: StreamHandler) -> ASGIApp:
    """
    An ASGI application around a *handler* that reads the body itself, piece by piece; it bounds what it reads.

    ``Raw.body`` is empty.  A client that goes away in the middle ends the handler with ``ConnectionError``.
    """
    return _Streaming(handler)


class _Streaming:
    """See ``streaming``."""

    def __init__(self, handler: StreamHandler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = _raw(scope, b"")
        try:
            reply = await self._handler(raw, _pieces(receive))
        except ConnectionError:
            return
        await _send(reply, send, head=raw.method == "HEAD")


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


class _Endpoint:
    """
    See ``endpoint``.

    A class, since Starlette's ``Route`` takes a plain function for a handler of request objects, and a class for ASGI.
    """

    def __init__(
        self, handler: Handler, limit: int, on_oversize: OnOversize | None, leaves_out: Collection[str]
    ) -> None:
        self._handler = handler
        self._limit = limit
        self._on_oversize = on_oversize
        self._leaves_out = leaves_out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive, self._limit, self._leaves_out)
        except BodyTooLarge:
            raw = _raw(scope, b"")
            reply = self._on_oversize(raw) if self._on_oversize else text("The request body is too large.\n", 413)
            await _send(reply.with_headers(("connection", "close")), send, head=raw.method == "HEAD")
            return
        except MalformedRequest:
            await _send(text("Malformed request.\n", 400, (("connection", "close"),)), send, head=False)
            return
        except ConnectionError:
            return
        raw = _raw(scope, body)
        await _send(await self._handler(raw), send, head=raw.method == "HEAD")


def _raw(scope: Scope, body: bytes) -> Raw:
    client = scope.get("client")
    return Raw(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=tuple(scope["headers"]),
        body=body,
        peer=client[0] if client else "",
        scheme=scope.get("scheme", "http"),
        params=scope.get("path_params", {}),
    )


async def _send(reply: Reply, send: Send, *, head: bool) -> None:
    headers = [(_on_the_wire(name), value.encode("latin-1")) for name, value in reply.headers]
    if reply.pieces is not None:
        await _send_pieces(reply.status, headers, reply.pieces, send, head=head)
        return
    if reply.status not in _BODILESS:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else reply.body})


async def _send_pieces(
    status: int, headers: list[tuple[bytes, bytes]], pieces: AsyncIterator[bytes], send: Send, *, head: bool
) -> None:
    """A failure in the middle is raised to the server, which breaks the connection: a half must not pass as a whole."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if not head:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
