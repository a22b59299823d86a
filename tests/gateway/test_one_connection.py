"""What a proxy asks over one connection, again and again: each question has an answer of its own, made when it is asked."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from poolhouse.house.app import House, Look, build
from poolhouse.house.gate import Gate, Names, Policy
from poolhouse.house.store import accounts
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from poolhouse.kit.db.protocol import Tx
from tests.gateway.world import Answer, Served, Upstream, read_answer
from tests.house.people import make_group, put_in
from tests.house.world import house_settings

WIKI, OTHER = "wiki.localhost:8500", "other.localhost:8500"
APP = f"http://{WIKI}/"


class Asking:
    """One connection that is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, cookie: str = "", path: str = "/page", host: str = WIKI, lines: str = "") -> Answer:
        """What nginx asks."""
        return await self.send(
            f"GET /.house/auth/nginx HTTP/1.1\r\nHost: {host}\r\nX-Original-URL: http://{host}{path}\r\n"
            f"X-Original-Method: GET\r\nCookie: {cookie}\r\n{lines}\r\n"
        )

    async def send(self, head: str) -> Answer:
        self.writer.write(head.encode("latin-1"))
        return await self.answer()

    async def answer(self) -> Answer:
        found = read_answer(await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5))
        await self.reader.readexactly(int(found.headers["content-length"]))
        return found


@pytest.fixture
async def house(clock: FixedClock, look: Look, first_start: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Behind a proxy that the operator has named."""
    file = shutil.copy(first_start, tmp_path / "started.db")
    settings = house_settings(database=f"sqlite:///{file}", trusted_proxies="127.0.0.1")
    built = await build(settings, clock=clock, entropy=SystemEntropy(), look=look)
    yield built
    await built.close()


@pytest.fixture
async def proxy(served: Served) -> AsyncIterator[Asking]:
    asking = Asking(*await asyncio.open_connection("127.0.0.1", served.port))
    yield asking
    asking.writer.close()


async def test_another_cookie_is_another_person(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    maria = await served.at_app(app_id, await served.sign_in())
    joe = await served.at_app(app_id, await served.sign_in(email="joe@example.com"))
    cookies = [maria, joe, maria, "", f"{maria}x", f"{maria}; {joe}", f"{maria}; {maria}"]
    answers = [await proxy.ask(cookie) for cookie in cookies]

    assert [200, 200, 200, 401, 401, 401, 401] == [each.status for each in answers]
    people = [each.headers.get("x-forwarded-user") for each in answers[:3]]
    assert ["maria@example.com", "joe@example.com", "maria@example.com"] == people


async def test_another_host_is_another_app(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    other_id = await served.add(f"http://{OTHER}/", Gate(names=Names(user="X-Who")), name="Other")
    person = await served.sign_in()
    cookie = await served.at_app(app_id, person)
    both = f"{cookie}; {await served.at_app(other_id, person, host=OTHER)}"
    asked = [(WIKI, both), (OTHER, both), (OTHER, cookie), (WIKI, both), ("nobody.localhost:8500", both)]
    answers = [await proxy.ask(cookies, host=host) for host, cookies in asked]

    assert [200, 200, 401, 200, 403] == [each.status for each in answers]
    assert [False, True, False, False, False] == ["x-who" in each.headers for each in answers]
    assert answers[0].headers["x-house-assertion"] != answers[1].headers["x-house-assertion"]
    assert answers[0].headers["x-house-assertion"] == answers[3].headers["x-house-assertion"]


async def test_another_path_is_another_question(served: Served, proxy: Asking) -> None:
    await served.add(APP, Gate(public_paths=("/open/",)))
    paths = ["/open/x", "/page", "/open/x", "//open/x", "/open/x?y", "/page?/open/", "/open/../page"]
    answers = [await proxy.ask(path=path) for path in paths]

    assert [200, 401, 200, 401, 200, 401, 400] == [each.status for each in answers]


async def test_a_question_there_twice_follows_one_that_was_good(served: Served, proxy: Asking) -> None:
    """What is read once is no excuse for what is ambiguous: duplicates are counted for each head."""
    app_id = await served.add(APP, Gate(public_paths=("/open/",)))
    cookie = await served.at_app(app_id, await served.sign_in())
    good = await proxy.ask(cookie)
    twice = await proxy.ask(cookie, lines=f"X-Original-URL: http://{WIKI}/page\r\n")

    assert [200, 400] == [good.status, twice.status]
    assert b"" == await asyncio.wait_for(proxy.reader.read(), 5), "nothing is read from a connection after an error"


async def test_two_hosts_after_one_are_refused(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    good = await proxy.ask(cookie)
    twice = await proxy.ask(cookie, lines=f"Host: {WIKI}\r\n")

    assert [200, 400] == [good.status, twice.status]


@pytest.mark.parametrize(
    "line",
    ["Content-Length: 5\r\nTransfer-Encoding: chunked", "X-A : b", "X-A: b\r\n c", "X-A: b\nX-B: c", "X-A: \x00"],
)
async def test_what_is_malformed_is_so_after_lines_that_were_good(line: str, served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    good = [await proxy.ask(cookie, lines="X-A: b\r\n") for _ in range(2)]
    bad = await proxy.ask(cookie, lines=f"X-A: b\r\n{line}\r\n")

    assert [200, 200, 400] == [each.status for each in (*good, bad)]


async def test_where_a_request_comes_from_is_asked_each_time(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    await served.change(app_id, policy=Policy(networks=("10.0.0.0/8",)))
    chains = ["10.1.2.3", "203.0.113.7", "10.1.2.3", "10.1.2.3, 203.0.113.7", "203.0.113.7, 10.1.2.3", "nonsense", ""]
    answers = [await proxy.ask(cookie, lines=f"X-Forwarded-For: {chain}\r\n") for chain in chains]

    assert [200, 403, 200, 403, 200, 403, 403] == [each.status for each in answers]


async def test_two_lines_of_where_from_are_one_list(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    await served.change(app_id, policy=Policy(networks=("10.0.0.0/8",)))
    forged = "X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-For: 203.0.113.7\r\n"

    assert 403 == (await proxy.ask(cookie, lines=forged)).status


async def test_a_session_that_was_revoked_opens_nothing_more(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    person = await served.sign_in()
    cookie = await served.at_app(app_id, person)
    before = [(await proxy.ask(cookie)).status for _ in range(3)]
    await served.end(person)
    after = await proxy.ask(cookie)

    assert [200, 200, 200] == before
    assert 401 == after.status
    assert "x-house-assertion" not in after.headers


async def test_a_session_that_has_run_out_opens_nothing_more(
    served: Served, proxy: Asking, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poolhouse.house.gateway.seen.REMEMBERED_SECONDS", 0.0)
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    before = [(await proxy.ask(cookie)).status for _ in range(3)]
    clock.advance(served.house.ctx.idle_seconds + 1)

    assert [200, 200, 200] == before
    assert 401 == (await proxy.ask(cookie)).status


async def test_a_policy_that_has_changed_decides(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in(groups=["staff"]))
    statuses = [(await proxy.ask(cookie)).status]
    for policy in (Policy(groups=("admins",)), Policy(groups=("staff",)), Policy(claims=("level=9",)), Policy()):
        await served.change(app_id, policy=policy)
        statuses += [(await proxy.ask(cookie)).status for _ in range(2)]

    assert [200, 403, 403, 200, 200, 403, 403, 200, 200] == statuses


async def test_an_app_closes_and_opens_between_two_questions(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate(public_paths=("/open/",)))
    cookie = await served.at_app(app_id, await served.sign_in())
    statuses = []
    for maintenance in ("", "Back at noon.", ""):
        await served.change(app_id, maintenance=maintenance)
        statuses += [(await proxy.ask(cookie)).status, (await proxy.ask(path="/open/")).status]

    assert [200, 200, 403, 403, 200, 200] == statuses


async def test_the_hour_decides_when_it_is_asked(served: Served, proxy: Asking, clock: FixedClock) -> None:
    """1,800,000,000 is a Friday, 08:00 UTC."""
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    await served.change(app_id, policy=Policy(hours=("fri 08:00-08:30",)))
    before = (await proxy.ask(cookie)).status
    clock.advance(31 * 60)

    assert [200, 403] == [before, (await proxy.ask(cookie)).status]


async def test_a_group_that_is_given_counts_at_once(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    group = await make_group(served.house, "Staff")
    cookie = await served.at_app(app_id, await served.sign_in())
    await served.change(app_id, policy=Policy(groups=("Staff",)))
    before = await proxy.ask(cookie)
    await put_in(served.house, group, "maria@example.com")
    after = await proxy.ask(cookie)

    assert [403, 200] == [before.status, after.status]
    assert "Staff" == after.headers["x-forwarded-groups"]


async def test_an_app_is_told_by_the_names_that_it_has_now(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    before = await proxy.ask(cookie)
    await served.change(app_id, names=Names(user="X-Who", assertion=""))
    after = await proxy.ask(cookie)

    assert "maria@example.com" == before.headers["x-forwarded-user"] == after.headers["x-who"]
    assert {"x-forwarded-user", "x-house-assertion"}.isdisjoint(after.headers)


async def test_a_client_token_is_handed_back_to_its_own_question_only(served: Served, proxy: Asking) -> None:
    app_id = await served.add(APP, Gate())
    cookie = await served.at_app(app_id, await served.sign_in())
    first = await proxy.ask(cookie, lines="Authorization: Basic YTpi\r\n")
    second = await proxy.ask(cookie)

    assert "Basic YTpi" == first.headers["authorization"]
    assert "authorization" not in second.headers


async def test_an_assertion_is_good_for_a_minute_while_nothing_changes(
    served: Served, proxy: Asking, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is looked up each time; what is said of it is signed anew when something in it is another."""
    monkeypatch.setattr("poolhouse.house.gateway.seen.REMEMBERED_SECONDS", 0.0)
    app_id = await served.add(APP, Gate())
    person = await served.sign_in()
    cookie = await served.at_app(app_id, person)
    first = await proxy.ask(cookie)
    clock.advance(59)
    same = await proxy.ask(cookie)
    clock.advance(2)
    later = await proxy.ask(cookie)
    renamed = msgspec.structs.replace(person.account, name="Maria Gomez")

    async def rename(tx: Tx) -> None:
        await accounts.describe_account(tx, renamed, email_key=renamed.email)

    await served.house.ctx.db.write(rename)
    other = await proxy.ask(cookie)

    said = [each.headers["x-house-assertion"] for each in (first, same, later, other)]
    assert said[0] == said[1]
    assert 3 == len(set(said))
    assert "Maria Gomez" == other.headers["x-forwarded-preferred-username"]


async def test_what_the_gateway_carries_is_judged_each_time_as_well(
    served: Served, proxy: Asking, app: Upstream
) -> None:
    app_id = await served.add(APP, Gate(upstream=app.url))
    person = await served.sign_in()
    maria, joe = (
        await served.at_app(app_id, person),
        await served.at_app(app_id, await served.sign_in(email="joe@example.com")),
    )
    users = []
    for cookie in (maria, joe, maria):
        answer = await proxy.send(f"GET /page HTTP/1.1\r\nHost: {WIKI}\r\nCookie: {cookie}; own=1\r\n\r\n")
        assert 200 == answer.status
        users += app.header("x-forwarded-user")
        assert ["own=1"] == app.header("cookie")
    await served.end(person)
    after = await proxy.send(f"GET /page HTTP/1.1\r\nHost: {WIKI}\r\nCookie: {maria}; own=1\r\n\r\n")

    assert ["maria@example.com", "joe@example.com", "maria@example.com"] == users
    assert 401 == after.status
    assert 3 == len(app.heads)
