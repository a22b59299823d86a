"""Who is in, where: everybody's open sessions, one's own, and their end."""

import asyncio
import re
from functools import partial

import pytest

from poolhouse.house.app import Look, build
from poolhouse.house.gate import Gate
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from tests.gateway.test_endings import events
from tests.gateway.test_portal import administrator, look, send
from tests.gateway.test_portal import look as look_at
from tests.gateway.world import Served, Upstream, until
from tests.house.world import house_settings

PATH = "/settings/who-is-in"


async def test_everybody_who_is_in_is_listed_with_the_apps_that_are_open(
    served: Served, wiki: str, app: Upstream
) -> None:
    person, ada = await served.sign_in(), await administrator(served)
    await served.at_app(wiki, person)

    page = await look(served, ada, PATH)

    assert "2 sessions of 2 people." in page.text
    assert re.search(r"maria@example\.com.*?<td[^>]*>Wiki</td>", page.text, re.DOTALL)
    assert "maria@example.com" not in (await look(served, ada, f"{PATH}?q=ada")).text
    assert 403 == (await look(served, person, PATH)).status


async def test_a_session_that_is_ended_there_ends_at_the_app_at_once(served: Served, wiki: str) -> None:
    person, ada = await served.sign_in(), await administrator(served)
    cookie = await served.at_app(wiki, person)
    assert 200 == (await served.ask("/", Cookie=cookie)).status
    found = re.findall(r'name="session" value="([0-9a-f]+)"', (await look(served, ada, PATH)).text)

    assert [303] == [(await send(served, ada, f"{PATH}/end", PATH, session=key)).status for key in found]

    assert 401 == (await served.ask("/", Cookie=cookie)).status
    assert 409 == (await send(served, ada, f"{PATH}/end", PATH, session=found[0])).status


async def test_all_of_a_person_and_of_everybody_are_ended_but_ones_own(served: Served) -> None:
    person, ada = await served.sign_in(), await administrator(served)
    assert 303 == (await send(served, ada, f"{PATH}/end-person", PATH, account=person.account.id)).status
    assert "/user/login" in (await look(served, person)).headers["location"]

    other = await served.sign_in(email="leo@example.com")
    assert 409 == (await send(served, ada, f"{PATH}/end-everybody", PATH, confirmation="yes")).status
    assert 200 == (await look(served, other)).status
    assert 303 == (await send(served, ada, f"{PATH}/end-everybody", PATH, confirmation="everybody")).status
    assert 303 == (await look(served, other)).status
    assert 200 == (await look(served, ada)).status


async def test_a_user_administrator_ends_no_session_of_an_administrator_and_not_everybodys(served: Served) -> None:
    boss = await administrator(served)
    person = await served.sign_in(email="uma@example.com")
    from tests.house.people import give_role

    await give_role(served.house, "uma@example.com", "user-administrator")

    assert 409 == (await send(served, person, f"{PATH}/end-person", PATH, account=boss.account.id)).status
    assert 403 == (await send(served, person, f"{PATH}/end-everybody", PATH, confirmation="everybody")).status
    assert 200 == (await look(served, boss)).status


async def test_a_person_sees_and_ends_their_own_sessions_and_nobody_elses(served: Served, app: Upstream) -> None:
    await served.add("http://wiki.localhost:8500/", Gate(upstream=app.url))
    person, other = await served.sign_in(), await served.sign_in(email="leo@example.com")
    page = await look(served, person, "/user/account")
    assert "This browser" in page.text
    leos = re.findall(r'name="session" value="([0-9a-f]+)"', (await look(served, other, "/user/account")).text)
    assert [] == leos

    from poolhouse.kit.seal import digest

    key = digest(other.session).hex()
    end = "/user/account/sessions/end"
    assert 303 == (await send(served, person, end, "/user/account", session=key)).status
    assert 200 == (await look(served, other)).status
    assert 303 == (await send(served, person, end, "/user/account", session="")).status
    assert 200 == (await look(served, person)).status
    assert 422 == (await send(served, person, end, "/user/account", session="zz")).status


@pytest.mark.parametrize("url", ["http://wiki.localhost:8500/", "http://localhost:8500/apps/wiki/"])
async def test_what_a_session_has_open_at_apps_is_counted(url: str, served: Served, app: Upstream) -> None:
    wiki = await served.add(url, Gate(upstream=app.url))
    person, ada = await served.sign_in(), await administrator(served)
    host, _, path = url.removeprefix("http://").partition("/")
    cookie = await served.at_app(wiki, person) if not path else f"house_session={person.session}"
    app.handler = events
    site = served.house._site
    assert site is not None
    before = await look(served, ada, PATH)
    writers = []
    for _ in range(2):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(f"GET /{path}events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode())
        writers.append(writer)
    await until(lambda: len(site.registry.open) == 2)

    during = await look(served, ada, PATH)
    for writer in writers:
        writer.close()
    await until(lambda: not site.registry.open)

    assert re.search(r"maria@example\.com.*?2 open now", during.text, re.DOTALL)
    assert 1 == during.text.count("open now</span>")
    assert "open now</span>" not in before.text + (await look(served, ada, PATH)).text


async def test_what_is_open_in_other_processes_is_counted_too(
    shared_url: str, clock: FixedClock, look: Look, app: Upstream
) -> None:
    settings = house_settings(database=shared_url)
    houses = [await build(settings, clock=clock, entropy=SystemEntropy(), look=look) for _ in range(2)]
    both, servers = [], []
    for house in houses:
        await house.open_gateway()
        servers.append(await asyncio.get_running_loop().create_server(partial(house.front, set()), "127.0.0.1", 0))
        both.append(Served(house, servers[-1].sockets[0].getsockname()[1]))
        await house.ctx.replicas.start()
    one, two = both
    await houses[0].ctx.replicas.look()
    wiki = await one.add("http://wiki.localhost:8500/", Gate(upstream=app.url))
    person, ada = await one.sign_in(), await administrator(one)
    cookie = await one.at_app(wiki, person)
    sites = [house._site for house in houses]
    await until(lambda: all(site is not None and site.table.of(wiki) is not None for site in sites))
    app.handler = events
    writers = []
    for served in (one, two, two):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(f"GET /events HTTP/1.1\r\nHost: wiki.localhost:8500\r\nCookie: {cookie}\r\n\r\n".encode())
        writers.append(writer)
    await until(lambda: [1, 2] == [len(site.registry.open) for site in sites if site is not None])

    await houses[1].ctx.replicas.beat()
    during = await look_at(one, ada, PATH)
    clock.advance(30)
    later = await look_at(one, ada, PATH)
    for writer in writers:
        writer.close()
    await until(lambda: not any(site.registry.open for site in sites if site is not None))

    assert re.search(r"maria@example\.com.*?3 open now", during.text, re.DOTALL)
    assert "in all 2 processes" in during.text
    assert re.search(r"maria@example\.com.*?1 open now", later.text, re.DOTALL), "who is not heard of counts no more"
    for server in servers:
        server.close()
    for house in houses:
        await house.close()
