"""What a connection may cost: a head of bounded size, and requests that end in bounded time."""

import asyncio
import contextlib
import itertools
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest
import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from poolhouse.cli.server import Listener, bind, running
from poolhouse.cli.wire import HEAD_BYTES, HEADER_LINES, BoundedHttp, Limits, bounded, config
from poolhouse.kit.address import read_networks
from poolhouse.kit.edge import Raw, Reply, endpoint, text
from tests.system.programs import an_address

pytestmark = pytest.mark.client

IMPATIENCE = 0.4
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Impatient(BoundedHttp):
    """The same, for tests without long sleeps."""

    request_seconds = IMPATIENCE


async def _echo(raw: Raw) -> Reply:
    return text(f"{len(raw.headers)} {len(raw.body)}")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells how many headers and how much of a body came."""
    await endpoint(_echo)(scope, receive, send)


class Served(msgspec.Struct, frozen=True):
    """A server in a thread of its own."""

    port: int


@contextlib.contextmanager
def serving(http: Callable[..., asyncio.Protocol], served: ASGIApp = app) -> Iterator[Served]:
    taken = bind("127.0.0.1", 0)
    server = uvicorn.Server(config(served, http=http, lifespan="off", log_config=None))
    thread = threading.Thread(target=uvloop.run, args=(server.serve(sockets=[taken]),))
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield Served(taken.getsockname()[1])
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def patient() -> Iterator[Served]:
    with serving(BoundedHttp) as served:
        yield served


@pytest.fixture(scope="module")
def impatient() -> Iterator[Served]:
    with serving(Impatient) as served:
        yield served


def rest(sent: socket.socket) -> bytes:
    """All that comes until the server closes."""
    reply = b""
    with contextlib.suppress(ConnectionError):
        while part := sent.recv(65_536):
            reply += part
    return reply


def answer(served: Served, *parts: bytes, pause: float = 0.0) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), 10) as sent:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                sent.sendall(part)
                time.sleep(pause)
        return rest(sent)


def status(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1]) if reply else 0


def lines(number: int) -> bytes:
    return b"".join(b"X-%d: a\r\n" % n for n in range(number))


def test_a_request_within_the_limits_is_answered(patient: Served) -> None:
    head = GET + b"Connection: close\r\n" + lines(HEADER_LINES - 3) + b"X-Long: " + b"a" * 50_000 + b"\r\n\r\n"

    assert answer(patient, head).endswith(b"\r\n\r\n%d 0" % HEADER_LINES)


HOSTS = {"two": b"Host: a\r\nHost: b\r\n", "the same twice": b"Host: a\r\nHost: a\r\n", "none": b""}


@pytest.mark.parametrize("hosts", HOSTS.values(), ids=HOSTS)
def test_a_request_to_two_hosts_or_to_none_is_refused(patient: Served, hosts: bytes) -> None:
    assert 400 == status(answer(patient, b"GET / HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n"))


def test_a_request_of_the_old_protocol_needs_no_host(patient: Served) -> None:
    assert 200 == status(answer(patient, b"GET / HTTP/1.0\r\n\r\n"))


def test_who_asks_for_another_protocol_names_one_host_as_well(patient: Served) -> None:
    upgrade = b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"

    assert 200 == status(answer(patient, GET + upgrade[:-2] + b"Connection: close\r\n\r\n"))
    assert 400 == status(answer(patient, GET + b"Host: b\r\n" + upgrade))


def test_too_many_header_lines_are_refused(patient: Served) -> None:
    assert 431 == status(answer(patient, GET + lines(HEADER_LINES) + b"\r\n"))


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-Long: " + b"a" * HEAD_BYTES + b"\r\n\r\n",
        GET + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(66)) + b"\r\n",
        b"GET /" + b"a" * HEAD_BYTES + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["value", "values", "target"],
)
def test_a_large_head_is_refused(patient: Served, head: bytes) -> None:
    assert 431 == status(answer(patient, head))


@pytest.mark.parametrize("start", [GET + b"X-Long: ", GET + b"X-Long", b"GET /"], ids=["value", "name", "target"])
def test_a_head_without_an_end_is_refused(patient: Served, start: bytes) -> None:
    assert 431 == status(answer(patient, start, *[b"a" * 4096] * 300))


def test_each_request_of_a_connection_has_the_whole_allowance(patient: Served) -> None:
    head = GET + lines(HEADER_LINES - 2) + b"X-Long: " + b"a" * 40_000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", patient.port), 10) as sent:
        for _ in range(3):
            sent.sendall(head + b"\r\n")
            assert 200 == status(sent.recv(65_536))
        sent.sendall(head + b"Connection: close\r\n\r\n")
        assert 431 == status(rest(sent))


@pytest.mark.parametrize("end", [lines(HEADER_LINES), b"X-Long: " + b"a" * 300_000], ids=["many", "long"])
def test_trailers_count_as_headers(patient: Served, end: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    reply = answer(patient, head, *(end[n : n + 8192] for n in range(0, len(end), 8192)))

    assert status(reply) in {0, 431}


def test_a_large_body_is_no_head(patient: Served) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 500000\r\n\r\n"

    assert answer(patient, head + b"a" * 500_000).endswith(b"3 500000")


def test_pipelined_requests_are_all_answered(patient: Served) -> None:
    body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b"a" * 200_000
    reply = answer(patient, body * 3 + GET + b"Connection: close\r\n\r\n")

    assert (3, True) == (reply.count(b"2 200000"), reply.endswith(b"2 0"))


@pytest.mark.parametrize("parts", [[b"G"], [GET], [b"\r\n"], list(map(bytes, zip(GET * 9, strict=True)))])
def test_a_head_that_is_not_complete_in_time_is_closed(impatient: Served, parts: list[bytes]) -> None:
    began = time.monotonic()
    reply = answer(impatient, *parts, pause=0.02)

    assert status(reply) in {0, 408}
    assert IMPATIENCE - 0.1 < time.monotonic() - began < 9


def test_an_incomplete_head_is_told_why(impatient: Served) -> None:
    assert answer(impatient, GET).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


@pytest.mark.parametrize(
    "start",
    [b"Content-Length: 1000\r\n\r\na", b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", b"Content-Length: 9\r\n\r\n"],
)
def test_a_body_that_is_not_complete_in_time_is_closed(impatient: Served, start: bytes) -> None:
    assert b"200 OK" not in answer(impatient, b"POST / HTTP/1.1\r\nHost: a\r\n" + start)


def test_a_connection_on_which_nothing_comes_is_closed(impatient: Served) -> None:
    assert b"" == answer(impatient)


def test_a_connection_may_rest_between_requests(impatient: Served) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), 10) as sent:
        for _ in range(3):
            sent.sendall(GET)
            time.sleep(0.05)
            sent.sendall(b"\r\n")
            assert 200 == status(sent.recv(65_536))
            time.sleep(IMPATIENCE * 1.5)


def test_a_connection_is_closed_when_it_has_rested_since_its_last_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolhouse.cli.wire.IDLE_SECONDS", IMPATIENCE)
    with serving(BoundedHttp) as served, socket.create_connection(("127.0.0.1", served.port), 10) as sent:
        for _ in range(4):
            time.sleep(IMPATIENCE * 0.6)
            sent.sendall(GET + b"\r\n")
            assert 200 == status(sent.recv(65_536))
        began = time.monotonic()
        assert b"" == rest(sent)
        assert IMPATIENCE - 0.1 < time.monotonic() - began < 9


def test_an_address_has_so_many_connections_and_is_told_of_more() -> None:
    limits = Limits(per_address=2, proxies=read_networks("203.0.113.1"))
    with serving(bounded(limits)) as served, contextlib.ExitStack() as kept:
        for _ in range(2):
            held = kept.enter_context(socket.create_connection(("127.0.0.1", served.port), 10))
            held.sendall(GET + b"\r\n")
            assert 200 == status(held.recv(65_536))
        assert 503 == status(answer(served))
        kept.close()
        replies = iter(lambda: status(answer(served, GET + b"Connection: close\r\n\r\n")), None)
        assert 200 in itertools.islice(replies, 50)


def test_who_sends_half_a_head_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolhouse.cli.wire.CONNECTIONS", 20)
    monkeypatch.setattr("poolhouse.cli.wire.SPARED_SECONDS", 0.0)
    with serving(bounded(Limits())) as served, contextlib.ExitStack() as kept:
        for _ in range(60):
            kept.enter_context(socket.create_connection(("127.0.0.1", served.port), 10)).sendall(GET + b"X-A: ")
        replies = iter(lambda: status(answer(served, GET + b"Connection: close\r\n\r\n")), None)
        assert 200 in itertools.islice(replies, 50)


def test_a_program_hands_its_limits_to_worker_processes() -> None:
    made = config(app, http=bounded(Limits(per_address=7)), lifespan="on", log_config=None)

    assert Limits(per_address=7) == pickle.loads(pickle.dumps(made)).http.args[0]


def test_the_settings_can_be_handed_to_worker_processes() -> None:
    made = config(app, lifespan="on", log_config=None)

    assert pickle.loads(pickle.dumps(made)).http is BoundedHttp
    assert (2_000, 5) == (made.limit_concurrency, made.timeout_keep_alive)


async def test_two_servers_of_one_loop_have_the_limits() -> None:
    sockets = [bind("127.0.0.1", 0) for _ in range(2)]
    async with running([Listener(app=app, socket=each) for each in sockets]):
        for each in sockets:
            served = Served(each.getsockname()[1])
            assert 431 == status(await asyncio.to_thread(answer, served, GET + lines(HEADER_LINES) + b"\r\n"))


def test_up_has_the_limits(tmp_path_factory: pytest.TempPathFactory) -> None:
    with an_address().up(tmp_path_factory.mktemp("up")) as program:
        for base in (program.base, program.house):
            served = Served(int(base.rsplit(":", 1)[1]))
            assert 431 == status(answer(served, GET + lines(HEADER_LINES) + b"\r\n"))
