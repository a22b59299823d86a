"""D33, D37, D38 of the gateway's rules: one reading of a request, and nothing that two could read differently."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.gateway.chunks import BadChunks, Chunks, encode, encode_end
from poolhouse.house.gateway.crowding import Crowding
from poolhouse.house.gateway.head import Head, Malformed, read_head
from poolhouse.house.gateway.target import read_target
from poolhouse.kit.address import read_networks
from poolhouse.kit.crowd import Crowd
from tests.gateway.world import Served, Upstream, read_answer, until

H = b"Host: wiki.localhost:8500\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: wiki.localhost:8500\r\n\r\n"

REFUSED = {
    "a length beside chunks": b"POST /open/ HTTP/1.1\r\n" + H
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /open/ HTTP/1.1\r\n" + H + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": b"POST /open/ HTTP/1.1\r\n" + H + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": b"POST /open/ HTTP/1.1\r\n" + H + b"Content-Length: 5, 5\r\n\r\nhello",
    "a length with a sign": b"POST /open/ HTTP/1.1\r\n" + H + b"Content-Length: +5\r\n\r\nhello",
    "a length of no digits": b"POST /open/ HTTP/1.1\r\n" + H + b"Content-Length: 0x5\r\n\r\nhello",
    "chunked twice": b"POST /open/ HTTP/1.1\r\n" + H
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding with a blank inside": b"POST /open/ HTTP/1.1\r\n" + H
    + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "another coding": b"POST /open/ HTTP/1.1\r\n" + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "identity": b"POST /open/ HTTP/1.1\r\n" + H + b"Transfer-Encoding: identity\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /open/ HTTP/1.0\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"GET /open/ HTTP/1.1\r\n" + H + b"Content-Length : 5\r\n\r\n",
    "a folded line": b"GET /open/ HTTP/1.1\r\n" + H + b"X-A: b\r\n c\r\n\r\n",
    "a bare LF": b"GET /open/ HTTP/1.1\n" + H + b"\r\n",
    "a bare LF in a header": b"GET /open/ HTTP/1.1\r\n" + H + b"X-A: b\nX-B: c\r\n\r\n",
    "a bare CR": b"GET /open/ HTTP/1.1\r\n" + H + b"X-A: b\rX-B: c\r\n\r\n",
    "NUL": b"GET /open/ HTTP/1.1\r\n" + H + b"X-A: b\x00\r\n\r\n",
    "no host": b"GET /open/ HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /open/ HTTP/1.1\r\n" + H + b"Host: other\r\n\r\n",
    "the same host twice": b"GET /open/ HTTP/1.1\r\n" + H + H + b"\r\n",
    "a host with a path": b"GET /open/ HTTP/1.1\r\nHost: wiki.localhost:8500/x\r\n\r\n",
    "a host with a user": b"GET /open/ HTTP/1.1\r\nHost: a@wiki.localhost:8500\r\n\r\n",
    "an absolute target of another host": b"GET http://other/open/ HTTP/1.1\r\n" + H + b"\r\n",
    "a tunnel": b"CONNECT wiki.localhost:80 HTTP/1.1\r\n" + H + b"\r\n",
    "a tunnel to a path": b"CONNECT /open/ HTTP/1.1\r\n" + H + b"Content-Length: 2\r\n\r\nab",
    "an echo of what only the app sees": b"TRACE /open/ HTTP/1.1\r\n" + H + b"\r\n",
    "HTTP/2 in disguise": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "three words too many": b"GET /open/ x HTTP/1.1\r\n" + H + b"\r\n",
    "an expectation of its own": b"GET /open/ HTTP/1.1\r\n" + H + b"Expect: magic\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
async def test_what_two_could_read_differently_is_refused(
    data: bytes, served: Served, wiki: str, app: Upstream
) -> None:
    answers = await served.raw(data + SMUGGLED)

    assert read_answer(answers).status in {400, 417, 501}
    assert answers.count(b"HTTP/1.1 ") == 1, "nothing is read from a connection after an error"
    assert [] == app.heads


BAD_CHUNKS = {
    "a bare LF": b"5\nhello\r\n0\r\n\r\n",
    "a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a blank before": b" 5\r\nhello\r\n0\r\n\r\n",
    "too short": b"3\r\nhello\r\n0\r\n\r\n",
    "a LF in an extension": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "too many digits": b"0000000000000000000005\r\nhello\r\n0\r\n\r\n",
    "no length": b"\r\nhello\r\n0\r\n\r\n",
    "a broken trailer": b"0\r\nX A: b\r\n\r\n",
}


@pytest.mark.parametrize("body", BAD_CHUNKS.values(), ids=BAD_CHUNKS.keys())
async def test_a_body_is_chunked_as_it_should_be_or_refused(
    body: bytes, served: Served, wiki: str, app: Upstream
) -> None:
    head = b"POST /open/ HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n"
    answers = await served.raw(head + body + SMUGGLED)

    assert 400 == read_answer(answers).status
    assert answers.count(b"HTTP/1.1 ") == 1
    assert not any(b"smuggled" in each for each in app.heads)


PATHS = {
    "/open/../secret": 400,
    "/open/%2e%2e/secret": 400,
    "/open/.%2E/secret": 400,
    "/open/..;/secret": 400,
    "/open/..;a=b/secret": 400,
    "/open/%2e%2e%3b/secret": 400,
    "/open/./x": 400,
    "/open%2f..%2fsecret": 400,
    "/open/%2Fsecret": 400,
    "/open/%252e%252e/secret": 400,
    "/open/%252fsecret": 400,
    "/open/%255csecret": 400,
    "/open\\..\\secret": 400,
    "/open/%5c..%5csecret": 400,
    "/open/%00": 400,
    "/open/%0a": 400,
    "/open/%c0%ae%c0%ae/secret": 400,
    "/open/x#/secret": 400,
    "/open/%": 400,
    "/open/%zz": 400,
}


@pytest.mark.parametrize(("path", "status"), PATHS.items())
async def test_an_ambiguous_path_is_refused(path: str, status: int, served: Served, wiki: str, app: Upstream) -> None:
    assert status == (await served.ask(path)).status
    assert [] == app.heads


@pytest.mark.parametrize(
    "path",
    ["/secret?x=/open/", "/secret?/open/", "/secret;/open/", "/opening", "/open;x/y", "/OPEN/", "/secret#/open/",
     "/open/;/x", "/open/x%3b/y", "/openx/../open/"],
)  # fmt: skip
async def test_no_spelling_makes_a_path_public(path: str, served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2025-54576 (the query), CVE-2026-41059 (the fragment), and parameters that some apps take away."""
    assert (await served.ask(path)).status in {400, 401}
    assert [] == app.heads


@pytest.mark.parametrize(
    ("sent", "forwarded"),
    [
        ("/open/a%7Eb/%61", "/open/a~b/a"),
        ("//open///x", "/open/x"),
        ("/open/%c3%a9", "/open/%C3%A9"),
        ("/open/x?a=%2e%2e/&b=\"'", "/open/x?a=%2e%2e/&b=\"'"),
        ("http://wiki.localhost:8500/open/x", "/open/x"),
        ("/open/.well-known/x", "/open/.well-known/x"),
    ],
)
async def test_what_was_decided_on_is_what_is_sent_on(
    sent: str, forwarded: str, served: Served, wiki: str, app: Upstream
) -> None:
    answer = await served.ask(sent)

    assert 200 == answer.status or forwarded.startswith("/open/%")
    if answer.status == 200:
        assert app.last.startswith(f"GET {forwarded} HTTP/1.1\r\n")


async def test_the_host_is_compared_without_case_and_dot(served: Served, wiki: str, app: Upstream) -> None:
    """CVE-2026-77560, CVE-2026-48794: another spelling of a host is no other host."""
    for host in ("WIKI.localhost:8500", "wiki.LOCALHOST.:8500"):
        assert 401 == (await served.ask("/secret", host=host)).status
        assert 200 == (await served.ask("/open/", host=host)).status
        assert ["wiki.localhost:8500"] == app.header("host")


async def test_a_head_that_is_too_large_is_refused(served: Served, wiki: str) -> None:
    answer = read_answer(await served.raw(b"GET / HTTP/1.1\r\n" + H + b"X: " + b"a" * 70_000 + b"\r\n\r\n"))
    many = read_answer(await served.raw(b"GET / HTTP/1.1\r\n" + H + b"X: a\r\n" * 300 + b"\r\n"))

    assert [431, 431] == [answer.status, many.status]


async def test_requests_sent_ahead_are_answered_in_order(served: Served, wiki: str, app: Upstream) -> None:
    one = b"GET /open/%d HTTP/1.1\r\n" + H + b"\r\n"
    answers = await served.raw(one % 1 + one % 2 + one % 3)

    assert answers.count(b"HTTP/1.1 200") == 3
    assert ["/open/1", "/open/2", "/open/3"] == [head.split()[1].decode() for head in app.heads]
    assert 1 == app.connections


tokens = st.text("abcdefghijklmnopqrstuvwxyzABC-_.!#$%&'*+^`|~0123456789", min_size=1, max_size=12)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_malformed(data: bytes) -> None:
    try:
        found = read_head(data)
    except Malformed:
        return
    assert isinstance(found, Head)


@given(st.lists(st.tuples(tokens, values), max_size=10))
def test_a_good_head_keeps_every_header(pairs: list[tuple[str, str]]) -> None:
    special = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "proxy-connection"}
    pairs = [pair for pair in pairs if pair[0].lower() not in special]
    lines = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    head = read_head(f"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())

    assert [(n.lower().encode(), v.strip(" \t").encode()) for n, v in pairs] == head.headers[1:]


names = st.sampled_from(["Cookie", "X-A", "x-a", "Connection", "Upgrade", "Content-Length", "Host", "X_A", "X-A "])
said = st.sampled_from(
    ["", "a", " a ", "\ta", "close", "keep-alive, X-A", "upgrade", "websocket", "5", "\x00", "a\rb", "\xe4"]
)


@given(st.lists(st.tuples(names, said), max_size=5))
def test_lines_that_were_read_before_are_read_the_same(pairs: list[tuple[str, str]]) -> None:
    """Lines of small heads are remembered, those of large ones are not."""
    lines = "".join(f"{name}:{value}\r\n" for name, value in pairs)
    start, end = b"GET / HTTP/1.1\r\n" + H + lines.encode("latin-1"), b"X-Pad: " + b"a" * 5000 + b"\r\n\r\n"
    first, again = _read(start + b"\r\n"), _read(start + b"\r\n")
    large = _read(start + end)

    assert first == again
    if isinstance(large, Head) and isinstance(first, Head):
        assert first.headers == large.headers[:-1]
        assert (first.is_persistent, first.length, first.nominated) == (
            large.is_persistent,
            large.length,
            large.nominated,
        )
        assert all(first.all(name) == large.all(name) for name, _ in first.headers)
    else:
        assert first == large


def _read(data: bytes) -> Head | str:
    try:
        return read_head(data)
    except Malformed as wrong:
        return wrong.why


@given(st.lists(st.tuples(tokens, values), max_size=10))
def test_headers_are_found_by_name_in_their_order(pairs: list[tuple[str, str]]) -> None:
    head = Head(method=b"GET", target=b"/", minor=1, host="a",
                headers=[(name.lower().encode(), value.encode()) for name, value in pairs])  # fmt: skip
    quick = msgspec.structs.replace(head, single=dict(head.headers))
    has_twins = len(dict(head.headers)) != len(head.headers)

    for name in [*dict(head.headers), b"nothing"]:
        found = [value for key, value in head.headers if key == name]
        assert (found, b", ".join(found), bool(found)) == (head.all(name), head.get(name), head.has(name))
        assert has_twins or (head.all(name), head.get(name)) == (quick.all(name), quick.get(name))


@given(st.binary(max_size=60))
def test_a_canonical_path_is_its_own_canonical_path(tail: bytes) -> None:
    try:
        once = read_target(b"/" + tail, "a")
    except Malformed:
        return
    again = read_target(once.path + once.query, "a")

    assert once == again
    segments = once.path.split(b"/")
    assert b".." not in segments
    assert b"." not in segments
    assert b"//" not in once.path
    assert b"\\" not in once.path
    assert b"#" not in once.path


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.integers(1, 7))
def test_chunks_survive_any_cut(pieces: list[bytes], step: int) -> None:
    data = b"".join(each for piece in pieces for each in encode([piece])) + encode_end() + b"rest"
    chunks, out = Chunks(), []
    for at in range(0, len(data), step):
        if chunks.is_done:
            break
        out += chunks.feed(data[at : at + step])

    assert b"".join(pieces) == b"".join(out)
    assert chunks.is_done
    assert b"rest".startswith(chunks.rest)


@given(st.binary(max_size=80))
def test_any_bytes_are_chunks_or_refused(data: bytes) -> None:
    try:
        Chunks().feed(data)
    except BadChunks:
        return


async def test_a_head_that_never_ends_is_let_go_after_the_time_that_is_set(served: Served) -> None:
    ctx = served.house.ctx
    served.house.ctx = msgspec.structs.replace(ctx, settings=msgspec.structs.replace(ctx.settings, head_seconds=1))
    answer = await asyncio.wait_for(served.raw(b"GET / HTTP/1.1\r\nHost: wi", wait=8), 12)

    assert 408 == read_answer(answer).status


async def test_who_asks_and_asks_and_reads_nothing_fills_no_memory(served: Served, wiki: str) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET /page HTTP/1.1\r\nHost: wiki.localhost:8500\r\n\r\n" * 150_000)
    site = served.house._site
    assert site is not None
    await until(lambda: any(front.is_slow for front in site.fronts), seconds=20)
    await asyncio.sleep(1)
    waiting = [front.transport.get_write_buffer_size() for front in site.fronts]
    ahead = [len(front._reader.buffer) for front in site.fronts]
    writer.transport.abort()

    assert 1 == len(waiting)
    assert 0 < waiting[0] < 200_000
    assert ahead[0] < 600_000


async def test_who_reads_late_gets_every_answer(served: Served, wiki: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET /page HTTP/1.1\r\nHost: wiki.localhost:8500\r\n\r\n" * 20_000)
    await asyncio.sleep(0.5)
    count = 0
    tail = b""
    while count < 20_000:
        piece = tail + await asyncio.wait_for(reader.read(1 << 20), 10)
        count += piece.count(b"HTTP/1.1 401 ")
        tail = piece[-12:]
    writer.close()

    assert 20_000 == count


async def test_who_never_reads_is_let_go(served: Served, wiki: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolhouse.house.gateway.front.UNREAD_SECONDS", 1.0)
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET /page HTTP/1.1\r\nHost: wiki.localhost:8500\r\n\r\n" * 100_000)
    site = served.house._site
    assert site is not None
    await until(lambda: any(front.is_slow for front in site.fronts), seconds=20)
    await until(lambda: not site.fronts, seconds=20)
    writer.transport.abort()


async def test_who_only_connects_keeps_nobody_out(served: Served, wiki: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poolhouse.house.gateway.doorway.CONNECTIONS", 20)
    monkeypatch.setattr("poolhouse.house.gateway.crowding.SPARED_SECONDS", 0.0)
    site = served.house._site
    assert site is not None
    idle = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(40)]
    await until(lambda: len(site.fronts) == 40)
    answer = await served.ask("/open/")
    await until(lambda: len(site.fronts) < 20)
    for _, writer in idle:
        writer.close()

    assert 200 == answer.status


async def test_who_sends_half_a_head_keeps_nobody_out(
    served: Served, wiki: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poolhouse.house.gateway.doorway.CONNECTIONS", 20)
    monkeypatch.setattr("poolhouse.house.gateway.crowding.SPARED_SECONDS", 0.0)
    site = served.house._site
    assert site is not None
    slow = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(40)]
    for _, writer in slow:
        writer.write(b"GET /open/ HTTP/1.1\r\nHost: wiki.localhost:8500\r\nX-A: ")
    await until(lambda: len(site.fronts) == 40)
    answer = await served.ask("/open/")
    await until(lambda: len(site.fronts) < 20)
    for _, writer in slow:
        writer.close()

    assert 200 == answer.status


async def test_an_address_has_so_many_connections_and_is_told_of_more(served: Served, wiki: str, app: Upstream) -> None:
    site = served.house._site
    assert site is not None
    site.crowding = Crowding(Crowd(2, read_networks("203.0.113.1")))
    kept = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2)]
    await until(lambda: len(site.fronts) == 2)

    refused = await served.raw(b"")
    for _, writer in kept:
        writer.close()
    await until(lambda: not site.fronts)

    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"too many connections from this address" in refused
    assert 200 == (await served.ask("/open/")).status


@pytest.mark.parametrize("path", ["/user/login", "/settings/general"])
async def test_a_form_that_is_far_too_large_is_answered_and_not_cut_off(path: str, served: Served) -> None:
    """A connection that is reset over unread bytes takes the answer with it."""
    body = b"x" * 8_388_608
    head = f"POST {path} HTTP/1.1\r\nHost: localhost:8500\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)

    writer.write(head.encode() + body)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Too much at once" in answer
