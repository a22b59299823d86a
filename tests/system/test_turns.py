"""Requests of one connection: each is answered once and in turn, ends where its head says, and learns of a loss."""

import asyncio
import logging
import socket
import struct
import time
from queue import SimpleQueue

import pytest
from starlette.types import Receive, Scope, Send

from poolhouse.cli.turns import WAITING
from poolhouse.cli.wire import BoundedHttp, Limits, bounded
from tests.system.test_cycle import body, sending, start
from tests.system.test_wire import IMPATIENCE, Impatient, answer, rest, serving

pytestmark = pytest.mark.client

GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n"
CLOSE = b"Connection: close\r\n\r\n"
SMUGGLED = GET % b"smuggled" + CLOSE
UPGRADES = (
    b"Connection: upgrade\r\nUpgrade: h2c\r\n",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
    b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells what it read; slowly where the path says so."""
    heard, more = b"", True
    while more:
        message = await receive()
        heard, more = heard + message.get("body", b""), message.get("more_body", False)
    if scope["path"].startswith("/slow"):
        await asyncio.sleep(0.1)
    told = b"%b:%b;" % (scope["path"].encode(), heard)
    await send(start(headers=[(b"content-length", b"%d" % len(told))]))
    await send(body(told))


async def _in_pieces(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(start(headers=[]))
    for _ in range(5):
        await asyncio.sleep(0.03)
        await send(body(b"piece", more=True))
    await send(body(b""))


def bodies(reply: bytes) -> list[bytes]:
    return [each.partition(b"\r\n\r\n")[2] for each in reply.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("upgrade", UPGRADES)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_the_body_of_a_request_for_another_protocol_is_no_request(method: bytes, upgrade: bytes) -> None:
    plain = b"%b /a HTTP/1.1\r\nHost: a\r\n%b" % (method, upgrade)
    sized = plain + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED)
    chunked = plain + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(SMUGGLED)
    last = GET % b"last" + CLOSE
    with serving(BoundedHttp, app) as served:
        for parts in (
            (sized, SMUGGLED + last),
            (sized + SMUGGLED + last,),
            (sized + SMUGGLED[:9], SMUGGLED[9:] + sized + SMUGGLED, last),
            (chunked + SMUGGLED, b"\r\n0\r\n\r\n" + last),
        ):
            *others, end = bodies(answer(served, *parts, pause=0.02))
            assert {b"/a:" + SMUGGLED[:-4]} == {each[: -len(b"\r\n\r\n;")] for each in others if each}
            assert b"/last:;" == end


def test_a_request_for_another_protocol_waits_for_its_turn() -> None:
    asks = GET % b"slow2" + UPGRADES[0] + b"\r\n"
    with serving(BoundedHttp, app) as served:
        found = answer(served, GET % b"slow1" + b"\r\n" + asks + asks + GET % b"3" + CLOSE)
    assert [b"/slow1:;", b"/slow2:;", b"/slow2:;", b"/3:;"] == bodies(found)


@pytest.mark.parametrize("target", [b"a:443", b"http://a/b"])
def test_nobody_is_connected_to_another_server(target: bytes) -> None:
    with serving(BoundedHttp, app) as served:
        assert answer(served, b"CONNECT %b HTTP/1.1\r\nHost: a\r\n\r\n" % target).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("parts", [(b"",), (b"", b"BROKEN\r\n\r\n" * 3)])
def test_a_broken_request_takes_no_answer_from_those_before_it(parts: tuple[bytes, ...]) -> None:
    good = GET % b"slow1" + b"\r\n" + GET % b"slow2" + b"\r\n"
    with serving(BoundedHttp, app) as served:
        found = answer(served, good + b"BROKEN\r\n\r\n", *parts, pause=0.02)
    assert [b"/slow1:;", b"/slow2:;"] == bodies(found)


@pytest.mark.parametrize("last", [b"CONNECT a:443 HTTP/1.1\r\n\r\n", b"GET http://a HTTP/1.1\r\n\r\n"])
def test_a_request_that_nobody_serves_takes_no_answer_either(last: bytes) -> None:
    with serving(BoundedHttp, app) as served:
        assert [b"/slow1:;"] == bodies(answer(served, GET % b"slow1" + b"\r\n" + last))


def test_so_many_requests_wait_for_their_turn_and_no_more() -> None:
    with serving(BoundedHttp, app) as served:
        found = answer(served, b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n" * (2 * WAITING))
    assert [b"/a:;"] * (1 + WAITING) == bodies(found)
    assert b"connection: close\r\n" in found.rpartition(b"HTTP/1.1")[2]


def test_a_broken_request_is_not_told_of_within_another_answer() -> None:
    with serving(BoundedHttp, _in_pieces) as served:
        found = answer(served, GET % b"" + b"\r\n", b"BROKEN\r\n\r\n", pause=0.06)
    assert found.endswith(b"5\r\npiece\r\n0\r\n\r\n")
    assert 1 == found.count(b"HTTP/1.1")


def test_a_body_that_breaks_after_its_answer_gets_no_second_one() -> None:
    post = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(BoundedHttp, sending(start(), body())) as served:
        assert 1 == answer(served, post, b"no number\r\n", pause=0.1).count(b"HTTP/1.1")


def test_a_body_that_breaks_before_its_answer_is_told_of() -> None:
    post = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(BoundedHttp, app) as served:
        assert answer(served, post, b"no number\r\n", pause=0.1).startswith(b"HTTP/1.1 400 ")


def test_every_request_of_a_connection_learns_that_the_client_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    ended: SimpleQueue[str] = SimpleQueue()

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        ended.put(scope["path"])
        ended.put((await receive())["type"])
        await send(start())
        await send(body())

    with serving(BoundedHttp, listening) as served, caplog.at_level(logging.ERROR):
        sent = socket.create_connection(("127.0.0.1", served.port), 10)
        sent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sent.sendall(GET % b"1" + b"\r\n" + GET % b"2" + b"\r\n")
        assert "/1" == ended.get(timeout=10)
        sent.close()
        assert "http.disconnect" == ended.get(timeout=10)
    assert not caplog.records


@pytest.mark.parametrize("requests", [1, 3])
def test_who_takes_nothing_of_an_answer_is_not_waited_for(requests: int) -> None:
    large = sending(start(headers=[(b"content-length", b"3000000")]), body(b"a" * 3_000_000))
    with serving(bounded(Limits(request_seconds=IMPATIENCE)), large) as served, socket.socket() as sent:
        sent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent.settimeout(10)
        sent.connect(("127.0.0.1", served.port))
        sent.sendall((GET % b"" + b"\r\n") * requests)
        time.sleep(IMPATIENCE * 3)
        assert len(rest(sent)) < 3_000_000


def test_who_takes_an_answer_slowly_gets_all_of_it() -> None:
    large = sending(start(headers=[(b"content-length", b"3000000")]), body(b"a" * 3_000_000))
    with serving(Impatient, large) as served, socket.socket() as sent:
        sent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        sent.settimeout(10)
        sent.connect(("127.0.0.1", served.port))
        sent.sendall(GET % b"" + CLOSE)
        began, found = time.monotonic(), b""
        while part := sent.recv(65_536):
            found += part
            time.sleep(IMPATIENCE / 20)
        assert found.endswith(b"a" * 3_000_000)
        assert time.monotonic() - began > IMPATIENCE * 2
