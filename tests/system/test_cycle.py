"""Answers on the wire: byte for byte those of uvicorn, and nothing in a value ever begins a line of its own."""

import asyncio
import re
import socket
from collections.abc import Iterator
from queue import SimpleQueue
from urllib.parse import quote, unquote_to_bytes

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from poolhouse.cli.wire import BoundedHttp
from tests.system.test_wire import Served, answer, serving

pytestmark = pytest.mark.client

Pairs = list[tuple[bytes, bytes]]
LENGTH: Pairs = [(b"content-length", b"5")]
GET = b"GET /a%20b?c=%20 HTTP/1.1\r\nHost: a\r\n"
CLOSE = b"Connection: close\r\n\r\n"
BODY = b"Content-Length: 5\r\n\r\nabcde"


def start(status: int = 200, headers: Pairs = LENGTH) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(piece: bytes = b"hello", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more}


def sending(*messages: Message) -> ASGIApp:
    """Answers thus, without reading the request."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the request to its end, in its own time."""
    await asyncio.sleep(0.01)
    heard, more = b"", True
    while more:
        message = await receive()
        heard, more = heard + message.get("body", b""), message.get("more_body", False)
    told = repr([scope[name] for name in ("method", "path", "raw_path", "query_string", "http_version")]).encode()
    await send(start(headers=[(b"content-length", b"%d" % len(told + heard))]))
    await send(body(told + heard))


async def _late(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(start(headers=[]))
    for number in range(3):
        await asyncio.sleep(0.01)
        await send(body(b"%d" % number, more=True))
    await send(body(b""))


async def _failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ValueError


APPS: dict[str, ASGIApp] = {
    "known length": sending(start(), body()),
    "names in capitals": sending(start(headers=[(b"Content-Length", b"5"), (b"X-A", b"B\tc \xe4")]), body()),
    "in two pieces": sending(start(), body(b"he", more=True), body(b"llo")),
    "large": sending(start(headers=[(b"content-length", b"3000000")]), body(b"a" * 3_000_000)),
    "unknown length": sending(start(headers=[]), body(b"he", more=True), body(b"llo")),
    "unknown length, slowly": _late,
    "empty, of unknown length": sending(start(headers=[]), body(b"")),
    "said to be chunked": sending(start(headers=[(b"transfer-encoding", b"Chunked")]), body()),
    "both": sending(start(headers=[*LENGTH, (b"transfer-encoding", b"chunked")]), body()),
    "no content": sending(start(204, []), body(b"")),
    "not modified": sending(start(304, [(b"etag", b'"a"')]), body(b"")),
    "says close": sending(start(headers=[*LENGTH, (b"connection", b"x, Close")]), body()),
    "says keep-alive": sending(start(headers=[*LENGTH, (b"connection", b"keep-alive")]), body()),
    "nothing": sending(),
    "body first": sending(body()),
    "after the end": sending(start(), body(), body()),
    "echo": _echo,
    "failing": _failing,
}
BROKEN: dict[str, ASGIApp] = {
    "too long": sending(start(), body(b"hello!")),
    "too short": sending(start(), body(b"hell")),
    "no body": sending(start()),
    "fails in the middle": sending(start(), body(b"he", more=True), start()),
}
REQUESTS = {
    "get": GET + CLOSE,
    "head": b"HEAD" + GET[3:] + CLOSE,
    "two on a connection": GET + b"\r\n" + GET + CLOSE,
    "old": b"GET / HTTP/1.0\r\n\r\n",
    "old, to be kept": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "post": b"POST" + GET[3:] + b"Connection: close\r\n" + BODY,
    "asks first": b"POST" + GET[3:] + b"Expect: 100-continue\r\nConnection: close\r\n" + BODY,
    "of the server": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n" + CLOSE,
    "no request": b"GET /\r\n\r\n",
}


@pytest.mark.parametrize("name", APPS)
def test_an_answer_is_the_same_as_uvicorns(name: str) -> None:
    with serving(BoundedHttp, APPS[name]) as ours, serving(HttpToolsProtocol, APPS[name]) as theirs:
        for request in REQUESTS.values():
            found, wanted = (re.sub(rb"date: [^\r]+", b"date: -", answer(each, request)) for each in (ours, theirs))
            assert wanted == found, request


def test_head_and_body_go_out_together() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await asyncio.sleep(0.05)
        await send(body())

    with serving(BoundedHttp, app) as served, socket.create_connection(("127.0.0.1", served.port), 10) as sent:
        sent.sendall(GET + b"\r\n")
        assert sent.recv(65_536).endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_is_not_as_its_head_says_is_broken_off(name: str) -> None:
    with serving(BoundedHttp, BROKEN[name]) as served:
        assert not answer(served, GET + b"\r\n").endswith(b"hello")


async def _header(scope: Scope, _receive: Receive, send: Send) -> None:
    """Sends a header of the query, as no application should."""
    name, _, value = scope["query_string"].partition(b"=")
    await send(start(headers=[*LENGTH, (unquote_to_bytes(name), unquote_to_bytes(value)), (b"x-after", b"")]))
    await send(body())


@pytest.fixture(scope="module")
def careless() -> Iterator[Served]:
    with serving(BoundedHttp, _header) as served:
        yield served


CONTROL = [bytes([number]) for number in (*range(9), *range(10, 32), 127)]


@pytest.mark.parametrize("inside", [*CONTROL, b"\r\nset-cookie: a=b", b"\r\n\r\nHTTP/1.1 200 OK"], ids=repr)
def test_no_value_begins_a_line_of_its_own(careless: Served, inside: bytes) -> None:
    for place in (b"%b", b"a%b", b"%bb", b"a%bb"):
        assert b"" == answer(
            careless, b"GET /?location=%b HTTP/1.1\r\nHost: a\r\n\r\n" % quote(place % inside).encode()
        )


@pytest.mark.parametrize("name", [*CONTROL, b"", b" ", b"a b", b"a:b", b"a\r\nb", b"\xe4", b"a(", b"a\tb"], ids=repr)
def test_no_name_is_more_than_a_name(careless: Served, name: bytes) -> None:
    assert b"" == answer(careless, b"GET /?%b=a HTTP/1.1\r\nHost: a\r\n\r\n" % quote(name).encode())


def test_a_tab_and_letters_beyond_ascii_may_be_in_a_value(careless: Served) -> None:
    found = answer(careless, b"GET /?X-A=a%09b%E4 HTTP/1.1\r\nHost: a\r\n" + CLOSE)

    assert b"\r\nx-a: a\tb\xe4\r\nx-after: \r\n" in found


def test_a_client_that_goes_away_ends_the_wait_for_its_body() -> None:
    heard: SimpleQueue[str] = SimpleQueue()

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        for _ in range(2):
            heard.put((await receive())["type"])

    with serving(BoundedHttp, app) as served, socket.create_connection(("127.0.0.1", served.port), 10) as sent:
        sent.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na")
        assert "http.request" == heard.get()
        sent.close()
        assert "http.disconnect" == heard.get()
