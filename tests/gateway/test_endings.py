"""What lasts ends with what it lives with: streams, downloads and websockets, within a second, on every replica."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from poolhouse.house.app import Look, build
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.cookies import without_own
from poolhouse.house.gateway.front import IDLE_SECONDS
from poolhouse.house.gateway.returning import is_own_cookie
from poolhouse.house.session import TOUCH_SECONDS
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from tests.gateway.world import Served, Upstream, until
from tests.house.world import house_settings

WIKI = "http://wiki.localhost:8500/"


async def events(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
    await writer.drain()
    await reader.read()
    raise ConnectionError


async def download(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\ndata: 1\n\n")
    await writer.drain()
    await reader.read()
    raise ConnectionError


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
    await reader.read()
    raise ConnectionError


async def open_stream(
    served: Served, cookie: str, path: str = "/"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: wiki.localhost:8500\r\nCookie: {cookie}\r\n\r\n".encode())
    return reader, writer


@pytest.mark.parametrize("handler", [events, download], ids=["events", "a download"])
async def test_d24_a_stream_ends_with_its_session(handler: object, served: Served, wiki: str, app: Upstream) -> None:
    app.handler = handler  # type: ignore[assignment]
    person, other = await served.sign_in(), await served.sign_in(email="joe@example.com")
    reader, writer = await open_stream(served, await served.at_app(wiki, person))
    staying, there = await open_stream(served, await served.at_app(wiki, other))
    await asyncio.wait_for(reader.readuntil(b"data: 1\n\n"), 5)
    await asyncio.wait_for(staying.readuntil(b"data: 1\n\n"), 5)
    await served.end(person)
    rest = b"?"
    with contextlib.suppress(ConnectionError):
        rest = await asyncio.wait_for(reader.read(), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(staying.readexactly(100), 0.3)
    writer.close()
    there.close()

    assert b"0\r\n\r\n" not in rest, "nobody may take it for the whole"


async def test_an_answer_that_has_not_begun_becomes_a_refusal(served: Served, wiki: str, app: Upstream) -> None:
    app.handler = silence
    person = await served.sign_in()
    reader, writer = await open_stream(served, await served.at_app(wiki, person))
    await until(lambda: bool(app.heads))
    await served.end(person)
    answer = await asyncio.wait_for(reader.read(), 1)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_websocket_whose_session_ends_during_the_handshake_never_opens(
    served: Served, wiki: str, app: Upstream
) -> None:
    app.handler = silence
    person = await served.sign_in()
    cookie = await served.at_app(wiki, person)
    opening = asyncio.ensure_future(_connect(served, additional_headers={"Cookie": cookie}))
    await until(lambda: bool(app.heads))
    await served.end(person)
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        await asyncio.wait_for(opening, 1)

    assert 401 == refused.value.response.status_code


async def _connect(served: Served, **more: object) -> object:
    return await connect("ws://wiki.localhost:8500/ws", host="127.0.0.1", port=served.port, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/ws", "/open/ws"])
@pytest.mark.parametrize("change", ["removed", "moved", "maintenance", "no longer public"])
async def test_a_websocket_ends_when_its_app_is_removed_or_changed(change: str, path: str, served: Served) -> None:
    async def echo(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    server = await serve(echo, "127.0.0.1", 0)
    port = next(iter(server.sockets)).getsockname()[1]
    app_id = await served.add(WIKI, Gate(upstream=f"http://127.0.0.1:{port}", public_paths=("/open/",)))
    cookie = await served.at_app(app_id, await served.sign_in())
    async with connect(f"ws://wiki.localhost:8500{path}", host="127.0.0.1", port=served.port,
                       additional_headers={"Cookie": cookie}) as socket:  # fmt: skip
        await socket.send("x")
        await socket.recv()
        if change == "removed":
            await _remove(served, app_id)
        elif change == "moved":
            await served.change(app_id, upstream="http://127.0.0.1:9")
        elif change == "maintenance":
            await served.change(app_id, maintenance="Back at noon.")
        else:
            await served.change(app_id, public_paths=())
        if (change, path) == ("no longer public", "/ws"):
            await asyncio.sleep(0.2)
            await socket.send("still here")
            assert "still here" == await socket.recv()
        else:
            with pytest.raises(websockets.exceptions.ConnectionClosedError):
                await asyncio.wait_for(socket.recv(), 1)
    server.close()
    await server.wait_closed()


async def _remove(served: Served, app_id: str) -> None:
    from poolhouse.house.store import apps as app_store

    await served.house.ctx.db.write(lambda tx: app_store.delete_app(tx, app_id))


async def test_an_open_page_that_nobody_uses_keeps_no_session(served: Served, clock: FixedClock) -> None:
    """D24: judging a websocket anew is no use of its session; a message of the person in front of it is."""

    async def echo(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    server = await serve(echo, "127.0.0.1", 0)
    port = next(iter(server.sockets)).getsockname()[1]
    app_id = await served.add(WIKI, Gate(upstream=f"http://127.0.0.1:{port}"))
    cookie = await served.at_app(app_id, await served.sign_in())
    site = served.house._site
    assert site is not None
    idle = served.house.ctx.idle_seconds
    async with connect("ws://wiki.localhost:8500/", host="127.0.0.1", port=served.port,
                       additional_headers={"Cookie": cookie}) as socket:  # fmt: skip
        for use in (True, False):
            if use:
                await socket.send("x")
                await socket.recv()
            clock.advance(idle - TOUCH_SECONDS)
            site._has_news.set()
            await asyncio.sleep(0.1)
            clock.advance(2 * TOUCH_SECONDS)
            site._has_news.set()
            if use:
                await (await socket.ping())
        with pytest.raises(websockets.exceptions.ConnectionClosedError):
            await asyncio.wait_for(socket.recv(), 2)
    server.close()
    await server.wait_closed()


async def test_a_stream_ends_with_its_session_on_another_replica(
    tmp_path: Path, clock: FixedClock, look: Look, app: Upstream
) -> None:
    settings = house_settings(database=f"sqlite:///{tmp_path}/house.db")
    houses = [await build(settings, clock=clock, entropy=SystemEntropy(), look=look) for _ in range(2)]
    both, servers = [], []
    for house in houses:
        await house.open_gateway()
        server = await asyncio.get_running_loop().create_server(partial(house.front, set()), "127.0.0.1", 0)
        servers.append(server)
        both.append(Served(house, server.sockets[0].getsockname()[1]))
    one, two = both
    app.handler = events
    app_id = await one.add(WIKI, Gate(upstream=app.url))
    person = await one.sign_in()
    app.handler = None
    cookie = await one.at_app(app_id, person)
    app.handler = events
    site = houses[1]._site
    assert site is not None
    await until(lambda: site.table.of(app_id) is not None)
    reader, writer = await open_stream(two, cookie)
    await asyncio.wait_for(reader.readuntil(b"data: 1\n\n"), 5)
    await one.end(person)
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 1)
    writer.close()
    for server in servers:
        server.close()
    for house in houses:
        await house.close()


async def test_blank_lines_keep_no_idle_connection(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    site = served.house._site
    assert site is not None
    await until(lambda: len(site.fronts) == 1)
    front = next(iter(site.fronts))
    began = front._since
    for lines in (b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"\r\n\r\n"):
        writer.write(lines)
        await asyncio.sleep(0.05)
    assert began == front._since
    front.tick(began + IDLE_SECONDS + 1)
    assert b"" == await asyncio.wait_for(reader.read(), 2)
    writer.close()


@pytest.mark.parametrize(
    "line",
    [
        b"house_session=x",
        b"=house_session=x",
        b" \t= house_way_1=x; Path=/",
        b"==HOUSE_app_1",
        b"__Host-house_session=1",
    ],
)
def test_an_app_sets_no_cookie_of_the_house_whatever_it_calls_it(line: bytes) -> None:
    assert is_own_cookie(line)
    assert b"a=b" == without_own(b"a=b; " + line.partition(b";")[0])


async def test_a_cookie_without_a_name_is_not_passed_on(served: Served, wiki: str, app: Upstream) -> None:
    app.answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: =house_session=x\r\nSet-Cookie: own=1\r\nContent-Length: 0\r\n\r\n"
    answer = await served.ask("/open/")

    assert {"own": "1"} == answer.cookies
