"""Bodies of any size both ways, answers that never end, websockets, and what happens when one side goes away."""

import asyncio
import contextlib
import re
import time

import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Origin

from poolhouse.house.gate import Gate, Policy
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.table import Entry
from tests.gateway.world import OK, Served, Upstream, read_answer, until

OPEN = b"GET /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\n\r\n"


async def test_a_large_body_streams_both_ways_in_bounded_memory(served: Served, wiki: str, app: Upstream) -> None:
    size, piece = 64 * 1_048_576, b"x" * 65_536
    most = 0

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        left = size
        while left:
            got = await reader.read(65_536)
            left -= len(got)
            writer.write(got)
            await writer.drain()

    app.handler = echo
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nContent-Length: %d\r\n\r\n" % size)

    async def send() -> None:
        nonlocal most
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()
            site = served.house._site
            assert site is not None
            for front in site.fronts:
                upstream = getattr(front.work, "_upstream", None)
                held = front.transport.get_write_buffer_size() + len(front._reader.buffer)
                most = max(most, held + (upstream.transport.get_write_buffer_size() if upstream else 0))

    sending = asyncio.create_task(send())
    await reader.readuntil(b"\r\n\r\n")
    got = 0
    while got < size:
        got += len(await reader.read(262_144))
    await sending
    writer.close()

    assert size == got
    assert most < 4 * 1_048_576


async def test_a_client_that_does_not_read_stops_the_app(served: Served, wiki: str, app: Upstream) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            await writer.drain()
            sent += 65_536

    app.handler = flood
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(OPEN)
    await until(lambda: sent > 0)
    before = -1
    while before != sent:
        before = sent
        await asyncio.sleep(0.5)
    writer.transport.abort()

    assert sent < 64 * 1_048_576


async def test_events_arrive_as_they_are_sent(served: Served, wiki: str, app: Upstream) -> None:
    go = asyncio.Event()

    async def events(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await writer.drain()
        await go.wait()
        writer.write(b"data: 2\n\n")
        writer.close()

    app.handler = events
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(OPEN)
    first = await asyncio.wait_for(reader.readuntil(b"data: 1\n\n\r\n"), 5)
    go.set()
    rest = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 5)
    writer.close()

    assert b"transfer-encoding: chunked" in first
    assert b"data: 2\n\n" in rest


async def test_chunks_are_sent_on_as_chunks_without_extensions(served: Served, wiki: str, app: Upstream) -> None:
    app.answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"5;ext=1\r\nhello\r\n0\r\nX-Sum: 7\r\nSet-Cookie: a=b\r\n\r\n"
    )
    answer = await served.raw(
        b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"3;a=b\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )

    assert answer.endswith(b"\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n")
    assert [b"abcde"] == app.bodies


async def test_a_client_of_http_10_gets_no_chunks(served: Served, wiki: str, app: Upstream) -> None:
    app.answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    answer = await served.raw(b"GET /open/ HTTP/1.0\r\nHost: wiki.localhost:8500\r\n\r\n")

    assert answer.endswith(b"\r\n\r\nhello")
    assert b"chunked" not in answer


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ],
)
async def test_answers_without_a_body_leave_the_connection_usable(
    method: str, answer: bytes, served: Served, wiki: str, app: Upstream
) -> None:
    app.answer = answer
    one = OPEN.replace(b"GET", method.encode())
    got = await served.raw(one * 2)

    assert 2 == got.count(b"HTTP/1.1 ")
    assert 1 == app.connections


async def test_100_continue_comes_from_the_app(served: Served, wiki: str, app: Upstream) -> None:
    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        assert b"expect: 100-continue" in head
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        app.bodies.append(await reader.readexactly(5))
        writer.write(OK)

    app.handler = ask
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(
        b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    interim = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(b"hello")
    final = await asyncio.wait_for(reader.readuntil(b"ok"), 5)
    writer.close()

    assert interim.startswith(b"HTTP/1.1 100 ")
    assert final.startswith(b"HTTP/1.1 200 ")


async def test_who_may_not_come_in_is_told_before_the_body(served: Served, wiki: str, app: Upstream) -> None:
    answer = await served.raw(
        b"POST /x HTTP/1.1\r\nHost: wiki.localhost:8500\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n"
    )

    assert 401 == read_answer(answer).status
    assert b"connection: close" in answer


BAD_ANSWERS = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a length beside chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "a bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\r\n\r\nok",
    "a folded line": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    "a switch that nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
async def test_a_bad_answer_is_a_page_of_ours(answer: bytes, served: Served, wiki: str, app: Upstream) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(answer)
        writer.close()
        raise ConnectionError

    app.handler = close
    page = await served.ask("/open/", Accept="text/html")

    assert 502 == page.status
    assert "Wiki does not answer" in page.text
    assert "Reference:" in page.text


async def test_an_answer_that_breaks_off_is_not_made_whole(served: Served, wiki: str, app: Upstream) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.close()
        raise ConnectionError

    app.handler = half
    answer = await served.raw(OPEN)

    assert b"hello" in answer
    assert not answer.endswith(b"0\r\n\r\n")


async def test_what_follows_an_answer_belongs_to_nobody(served: Served, wiki: str, app: Upstream) -> None:
    """A connection with surplus bytes is not used again: they would be the next person's answer."""
    app.answer = OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
    answers = [await served.ask("/open/") for _ in range(3)]

    assert [b"ok"] * 3 == [answer.body for answer in answers]
    assert 3 == app.connections


async def test_a_connection_that_had_died_is_replaced_for_a_safe_request(
    served: Served, wiki: str, app: Upstream
) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        if len(app.heads) % 2 == 0:
            writer.close()
            raise ConnectionError
        if head.startswith(b"POST"):
            await reader.readexactly(2)
        writer.write(OK)

    app.handler = once
    both = await served.raw(OPEN * 2)
    assert 2 == both.count(b"HTTP/1.1 200 "), both
    assert 3 == len(app.heads)

    app.heads.clear()
    post = b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nContent-Length: 2\r\n\r\nab"
    posts = await served.raw(post + post)

    assert posts.count(b"HTTP/1.1 502 ") == 1, "what might have been done once is not done twice"


async def test_no_app_and_a_slow_app(served: Served, app: Upstream) -> None:
    app_id = await served.add(
        "http://wiki.localhost:8500/", Gate(upstream="http://127.0.0.1:9", public_paths=("/",), answer_seconds=1)
    )
    down = await served.ask("/")

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        await asyncio.sleep(30)

    app.handler = wait
    await served.change(app_id, upstream=app.url)
    slow = await asyncio.wait_for(served.raw(OPEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), wait=20), 25)

    assert (503, "app_down") == (down.status, down.json["error"])
    assert 504 == read_answer(slow).status


async def test_a_refusal_is_never_a_part_of_another_answer(served: Served, wiki: str, app: Upstream) -> None:
    """The app has begun to answer when the rest of the request turns out to be no HTTP."""

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")
        await reader.read()

    app.handler = early
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nTransfer-Encoding: chunked\r\n\r\n")
    got = await asyncio.wait_for(reader.readuntil(b"half"), 5)
    writer.write(b"no size\r\n")
    with contextlib.suppress(ConnectionError):
        got += await asyncio.wait_for(reader.read(), 5)
    writer.close()

    assert 1 == got.count(b"HTTP/1.1 ")
    assert got.endswith(b"half")


@pytest.mark.parametrize("scheme", ["NTLM TlRMTVNTUAAB", "Negotiate YIIB"])
async def test_a_connection_that_somebody_signed_in_is_nobody_elses(
    scheme: str, served: Served, wiki: str, app: Upstream
) -> None:
    await served.ask("/open/", Authorization=scheme)
    await served.ask("/open/")
    await served.ask("/open/", Authorization="Bearer x")

    assert 2 == app.connections


async def test_a_body_over_the_limit_is_refused(served: Served, wiki: str, app: Upstream) -> None:
    await served.change(wiki, body_bytes=10)
    known = await served.ask("/open/", method="POST", body=b"x" * 11)
    chunked = await served.raw(
        b"POST /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n" + b"x" * 11
        + b"\r\n0\r\n\r\n"
    )  # fmt: skip

    assert 413 == known.status
    assert 413 == read_answer(chunked).status


async def test_a_client_that_goes_away_lets_the_app_go(served: Served, wiki: str, app: Upstream) -> None:
    ended = asyncio.Event()

    async def long(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        ended.set()
        raise ConnectionError

    app.handler = long
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(OPEN)
    await until(lambda: bool(app.heads))
    writer.transport.abort()

    await asyncio.wait_for(ended.wait(), 5)


# -- websockets


@pytest.fixture
async def echo(served: Served) -> "tuple[str, str]":  # type: ignore[misc]
    async def handle(socket: ServerConnection) -> None:
        seen.append(str(socket.request.headers if socket.request else ""))
        async for message in socket:
            await socket.send(message)

    seen: list[str] = []
    server = await serve(handle, "127.0.0.1", 0)
    port = next(iter(server.sockets)).getsockname()[1]
    app_id = await served.add("http://wiki.localhost:8500/", Gate(upstream=f"http://127.0.0.1:{port}"))
    cookie = await served.at_app(app_id, await served.sign_in())
    yield app_id, cookie
    server.close()
    await server.wait_closed()


def to(served: Served, cookie: str, origin: str | None = "http://wiki.localhost:8500") -> connect:
    return connect(
        "ws://wiki.localhost:8500/ws",
        host="127.0.0.1",
        port=served.port,
        origin=Origin(origin) if origin else None,
        additional_headers={"Cookie": cookie} if cookie else {},
    )


async def test_a_websocket_carries_both_ways(served: Served, echo: tuple[str, str]) -> None:
    async with to(served, echo[1]) as socket:
        for message in ("hello", "x" * 300_000, b"\x00\x01"):
            await socket.send(message)
            assert message == await asyncio.wait_for(socket.recv(), 5)


async def test_a_websocket_needs_a_session_and_the_apps_own_page(served: Served, echo: tuple[str, str]) -> None:
    """D36: cookies go along from anybody's page, so the page must be the app's own."""
    for cookie, origin, status in (("", "http://wiki.localhost:8500", 401), (echo[1], "http://evil.example", 403)):
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            await to(served, cookie, origin)
        assert status == refused.value.response.status_code
    async with to(served, echo[1], None) as socket:
        await socket.send("a program that is no browser")


async def test_a_session_that_cannot_be_read_keeps_no_other_websocket_open(
    served: Served, echo: tuple[str, str]
) -> None:
    person = await served.sign_in(email="joe@example.com")
    cookie = await served.at_app(echo[0], person)
    site = served.house._site
    assert site is not None
    find = site.sessions.find

    async def broken(entry: Entry, given: str) -> Seen | None:
        if given == echo[1].partition("=")[2]:
            raise ValueError("claims")
        return await find(entry, given)

    async with to(served, echo[1]) as unreadable, to(served, cookie) as ending:
        site.sessions.find = broken  # type: ignore[method-assign,assignment]
        site._has_news.set()
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            await asyncio.wait_for(unreadable.recv(), 5)
        await served.end(person)
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            await asyncio.wait_for(ending.recv(), 5)


async def test_a_websocket_ends_with_its_session(served: Served, echo: tuple[str, str]) -> None:
    person = await served.sign_in(email="joe@example.com")
    cookie = await served.at_app(echo[0], person)
    async with to(served, cookie) as ending, to(served, echo[1]) as staying:
        await ending.send("x")
        await ending.recv()
        await served.end(person)
        with pytest.raises(websockets.exceptions.ConnectionClosedError) as closed:
            await asyncio.wait_for(ending.recv(), 1)
        assert closed.value.rcvd is not None
        assert 1008 == closed.value.rcvd.code
        await staying.send("y")
        assert "y" == await staying.recv()


async def test_a_websocket_ends_when_its_person_may_no_longer(served: Served, echo: tuple[str, str]) -> None:
    async with to(served, echo[1]) as socket:
        await socket.send("x")
        await socket.recv()
        await served.change(echo[0], policy=Policy(groups=("others",)))
        with pytest.raises(websockets.exceptions.ConnectionClosedError):
            await asyncio.wait_for(socket.recv(), 1)


@pytest.mark.parametrize("upgrade", ["h2c", "websocket, h2c", "h2c, websocket", "Foo"])
async def test_no_other_protocol_is_switched_to(upgrade: str, served: Served, wiki: str, app: Upstream) -> None:
    """A tunnel of h2c would carry requests past the gateway."""
    await served.raw(
        f"GET /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"
        "\r\nConnection: Upgrade, HTTP2-Settings, close\r\n\r\n".encode()
    )  # fmt: skip

    assert not re.search(r"(?i)upgrade|http2-settings", app.last)


async def test_a_websocket_that_the_app_refuses_is_no_tunnel(served: Served, wiki: str, app: Upstream) -> None:
    app.answer = b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"
    await served.change(wiki, public_paths=("/",))
    answers = await served.raw(
        b"GET /ws HTTP/1.1\r\nHost: wiki.localhost:8500\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 777\r\nSec-WebSocket-Key: x\r\n\r\n" + OPEN
    )

    assert 2 == answers.count(b"HTTP/1.1 426 ")
    assert 2 == len(app.heads)


async def test_an_app_that_goes_on_promising_is_let_go(served: Served, wiki: str, app: Upstream) -> None:
    """Answers before the answer have no end of their own, and each costs the house work."""
    app.answer = b"HTTP/1.1 100 Continue\r\n\r\n" * 50_000 + OK
    began = time.perf_counter()
    answer = await served.raw(b"GET /open/ HTTP/1.0\r\nHost: wiki.localhost:8500\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 502 ")
    assert time.perf_counter() - began < 3
