"""Upstreams with TLS, several replicas, and what a table of apps makes of addresses."""

import asyncio
import contextlib
import re
import ssl
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from poolhouse.house.app import Look, build
from poolhouse.house.config import read_origin
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.place import Place, Unreached
from poolhouse.house.gateway.table import Table, check_gate
from poolhouse.house.gateway.upstream import Pool
from poolhouse.house.model import App
from poolhouse.house.store.apps import change_app, find_app
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from poolhouse.kit.db.protocol import ReadUnit, Tx
from tests.gateway.world import Served, Upstream, until
from tests.house.world import house_settings


async def test_an_upstreams_certificate_is_checked(served: Served) -> None:
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("app.internal").configure_cert(context)
    app = Upstream()
    server = await asyncio.start_server(app.serve, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def gate(authority: trustme.CA | None, name: str) -> Gate:
        pem = authority.cert_pem.bytes().decode() if authority else ""
        return Gate(upstream=url, authority=pem, server_name=name, public_paths=("/",))

    app_id = await served.add("http://wiki.localhost:8500/", gate(authority, "app.internal"))
    statuses = [(await served.ask("/")).status]
    for wrong in (gate(authority, "other.internal"), gate(authority, ""), gate(other, "app.internal"), gate(None, "")):
        await served.change(app_id, authority=wrong.authority, server_name=wrong.server_name)
        statuses.append((await served.ask("/")).status)
    server.close()
    for writer in app.writers:
        # Before Python 3.11.3 the transport of a connection that is over cannot be aborted.
        with contextlib.suppress(AttributeError):
            writer.transport.abort()
    await asyncio.sleep(0.05)

    assert [200, 503, 503, 503, 503] == statuses


@pytest.mark.parametrize("address", ["169.254.169.254", "168.63.129.16", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"])
async def test_no_upstream_is_where_a_machine_keeps_its_credentials(address: str) -> None:
    with pytest.raises(Unreached):
        await Pool(Place(host=address, port=80)).open()


async def test_a_session_that_ends_on_one_replica_is_over_on_another(
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
    app_id = await one.add("http://wiki.localhost:8500/", Gate(upstream=app.url))
    person = await one.sign_in()
    cookie = await one.at_app(app_id, person)
    there = 0
    for _ in range(100):
        there = (await two.ask("/", Cookie=cookie)).status
        if there == 200:
            break
        await asyncio.sleep(0.02)
    await one.end(person)
    await asyncio.sleep(1.0)
    after = (await two.ask("/", Cookie=cookie)).status
    for server in servers:
        server.close()
    for house in houses:
        await house.close()

    assert 200 == there, "an app that was added on one replica is served by another"
    assert 401 == after


def test_the_longest_prefix_answers() -> None:
    origin = read_origin("https://house.example.com")

    def app(number: int, url: str) -> App:
        return App(id=f"{number:08}-", name=url, url=url, description="", letter="", gate=Gate())

    table = Table(
        origin,
        [app(1, "https://apps.example.com/"), app(2, "https://apps.example.com/wiki/"), app(3, "https://a.example.com:443/")],
    )  # fmt: skip

    def at(host: str, path: bytes) -> str:
        found = table.find(table.spelled(host), path)
        return found.app.id if found else ""

    assert "00000001-" == at("apps.example.com", b"/wikipedia")
    assert "00000002-" == at("apps.example.com:443", b"/wiki/x")
    assert "00000002-" == at("apps.example.com", b"/wiki")
    assert "00000003-" == at("a.example.com", b"/")
    assert "" == at("b.example.com", b"/")
    assert table.entries[0].cookie.startswith(b"__Host-house_app_")


@pytest.mark.parametrize("name", [".example.com", "a\x00b", "x" * 300, "a b", "app.internal/x", "app.internal:443"])
def test_a_server_name_that_is_none_is_not_saved(name: str) -> None:
    """Each request would wait for a minute, and its socket for longer."""
    assert ("server_name", "Server Name is the name of a host.") == check_gate(
        Gate(upstream="https://10.0.0.5", server_name=name)
    )
    assert check_gate(Gate(upstream="https://10.0.0.5", server_name="App.internal")) is None


async def test_a_name_that_no_resolver_takes_is_unknown() -> None:
    with pytest.raises(Unreached):
        await Pool(Place(host="x" * 64 + ".example", port=80)).open()


async def test_an_app_that_leads_back_to_the_house_goes_round_once(served: Served) -> None:
    """One request of a stranger would open connections until there are none left."""
    upstream = f"http://127.0.0.1:{served.port}"
    await served.add("http://loop.localhost:8500/", Gate(upstream=upstream, public_paths=("/",)))
    await served.add(
        "http://pages.localhost:8500/", Gate(upstream=upstream, host_header="localhost:8500", public_paths=("/",))
    )
    loop = await served.ask("/", host="loop.localhost:8500", Accept="text/html")
    pages = await served.ask("/user/login", host="pages.localhost:8500")

    assert [508, 508] == [loop.status, pages.status]
    assert "leads back to this house" in loop.text


async def test_two_houses_that_lead_to_each_other_go_round_once(served: Served, look: Look, clock: FixedClock) -> None:
    other = await build(
        house_settings(base_url="http://localhost:8600"), clock=clock, entropy=SystemEntropy(), look=look
    )
    await other.open_gateway()
    server = await asyncio.get_running_loop().create_server(lambda: other.front(set()), "127.0.0.1", 0)
    second = Served(other, server.sockets[0].getsockname()[1])
    here, there = "http://loop.localhost:8500/", "http://loop.localhost:8600/"
    for house, url, name, port in (
        (served, here, "loop.localhost:8600", second.port), (second, there, "loop.localhost:8500", served.port)
    ):  # fmt: skip
        gate = Gate(upstream=f"http://127.0.0.1:{port}", host_header=name, public_paths=("/",))
        await house.add(url, gate)

    answer = await served.ask("/", host="loop.localhost:8500", Accept="text/html")

    assert 508 == answer.status
    assert "leads back to this house" in answer.text
    server.close()
    await other.close()


async def test_what_a_house_says_of_its_way_names_nobody_and_ends_somewhere(
    served: Served, wiki: str, app: Upstream
) -> None:
    await served.ask("/open/", X_House_Passed='localhost:8500, evil"x, ' + "a" * 32)
    (passed,) = app.header("x-house-passed")
    many = await served.ask("/open/", X_House_Passed=", ".join(f"{n:032x}" for n in range(8)))

    assert re.fullmatch(r"a{32}, [0-9a-f]{32}", passed)
    assert "localhost" not in passed
    assert 508 == many.status


@pytest.mark.postgres
async def test_a_slow_reader_of_apps_never_brings_back_what_was_changed_since(
    postgres_url: str, clock: FixedClock, look: Look, app: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two loads at once the one that had read first might end last, and nobody would announce the change again."""
    house = await build(house_settings(database=postgres_url), clock=clock, entropy=SystemEntropy(), look=look)
    await house.open_gateway()
    site = house._site
    assert site is not None
    await house.add_app(name="Wiki", url="http://wiki.localhost:8500/", gate=Gate(upstream=app.url))
    await until(lambda: len(site.table.entries) == 1)
    app_id = site.table.entries[0].app.id
    go_on, reads, read = asyncio.Event(), 0, house.ctx.db.read

    async def first_is_late(unit: ReadUnit[Any], *, snapshot: bool = False) -> Any:
        nonlocal reads
        reads += 1
        is_first = reads == 1
        found = await read(unit, snapshot=snapshot)
        if is_first:
            await go_on.wait()
        return found

    async def close(tx: Tx) -> None:
        before = await find_app(tx, app_id)
        assert before is not None
        assert before.gate is not None
        await change_app(tx, msgspec.structs.replace(before, gate=Gate(upstream=app.url, maintenance="closed")))

    monkeypatch.setattr(house.ctx.db, "read", first_is_late)
    site._apps_changed("")
    await until(lambda: reads == 1)
    await house.ctx.db.write(close)
    await asyncio.sleep(0.3)
    go_on.set()
    await until(lambda: reads >= 2)
    await asyncio.sleep(0.3)
    gate = site.table.entries[0].gate
    site.close()
    await house.close()

    assert gate is not None
    assert "closed" == gate.maintenance
