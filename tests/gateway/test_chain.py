"""The check of a chain: what holds is said to hold, and each kind of hole is found."""

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from click.testing import CliRunner

from poolhouse.cli.proxy_commands import check_proxy
from poolhouse.house.chain.cases import MARK, Case, Wanted, cases
from poolhouse.house.chain.check import IDENTITY, Plan, Result, check, judge
from poolhouse.house.chain.config import KINDS, METADATA, Chain, config, underscored
from poolhouse.house.chain.wire import Where, read
from poolhouse.house.gate import Gate
from tests.gateway.world import Served, Upstream

WIKI = "http://wiki.localhost:8500/"
CANARY = "of-the-app"
DOCS = Path(__file__).parents[2] / "docs" / "gateway.md"


def plan(port: int, cookie: str = "", canary: str = CANARY) -> Plan:
    return Plan(url=WIKI, where=Where(address="127.0.0.1", port=port), canary=canary, cookie=cookie)


async def results(of: Plan) -> list[Result]:
    return [each async for each in check(of)]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
    body = CANARY.encode() + head
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    writer.close()
    raise ConnectionError


async def test_the_gateway_alone_holds(served: Served, app: Upstream) -> None:
    app.handler = echo
    app_id = await served.add(WIKI, Gate(upstream=app.url))
    cookie = await served.at_app(app_id, await served.sign_in())
    found = await results(plan(served.port, cookie))

    assert [] == [each for each in found if not each.holds or each.is_skipped]
    assert len(found) > 100
    assert all("house_" not in head.decode() for head in app.heads)


async def test_an_app_without_anybody_in_front_holds_nothing(app: Upstream) -> None:
    app.handler = echo
    found = await results(plan(app.port))
    failed = {each.name for each in found if not each.holds}

    assert "a person without a session is led to the sign-in" in failed
    assert "X-Forwarded-User of a client lets nobody in" in failed
    assert len(failed) > len(found) / 2


async def test_what_cannot_be_shown_is_not_said_to_hold(served: Served, wiki: str, app: Upstream) -> None:
    cookie = await served.at_app(wiki, await served.sign_in())
    found = await results(plan(served.port, cookie, canary=""))

    assert len(IDENTITY) == sum(each.is_skipped for each in found)


@pytest.mark.parametrize(
    ("wanted", "answer", "is_found"),
    [
        (Wanted.SHUT, b"HTTP/1.1 200 OK\r\n\r\nhello", True),
        (Wanted.SHUT, b"HTTP/1.1 404 Not Found\r\n\r\nof-the-app", True),
        (Wanted.SHUT, b"HTTP/1.1 404 Not Found\r\nX-House-Assertion: ey\r\n\r\n", True),
        (Wanted.SHUT, b"HTTP/1.1 400 Bad\r\n\r\npoolhouse-spoofed", True),
        (Wanted.SHUT, b"HTTP/1.1 101 Switching\r\n\r\n", True),
        (Wanted.SHUT, b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n", True),
        (Wanted.SHUT, b"HTTP/1.1 308 Moved\r\nLocation: //evil.example/\r\n\r\n", True),
        (Wanted.SHUT, b"HTTP/1.1 401 No\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", True),
        (Wanted.SHUT, b"HTTP/1.1 302 Found\r\nLocation: /.house/start?to=/\r\n\r\n", False),
        (Wanted.SHUT, b"HTTP/1.1 308 Moved\r\nLocation: /x\r\n\r\n", False),
        (Wanted.SHUT, b"", False),
        (Wanted.SIGN_IN, b"HTTP/1.1 401 No\r\n\r\n", True),
        (Wanted.REFUSAL, b"HTTP/1.1 302 Found\r\nLocation: /.house/start?to=/\r\n\r\n", True),
        (Wanted.BAD, b"HTTP/1.1 400 Bad\r\n\r\nHTTP/1.1 401 No\r\n\r\n", True),
        (Wanted.HOUSE, b"HTTP/1.1 404 Not Found\r\n\r\n", True),
    ],
)
def test_each_kind_of_hole_is_found(wanted: Wanted, answer: bytes, is_found: bool) -> None:
    case = Case(name="", rule="", data=b"", wanted=wanted)

    assert is_found == bool(judge(case, read(answer), CANARY))


def test_no_two_cases_have_one_name_and_each_names_its_host() -> None:
    made = cases("wiki.example.com", "/", IDENTITY)

    assert len(made) == len({each.name for each in made})
    assert all(b"{host}" not in each.data for each in made)
    assert any(MARK.encode() in each.data for each in made)


async def test_the_command_prints_a_score_and_its_exit_code_is_the_verdict(served: Served, app: Upstream) -> None:
    app.handler = echo
    await served.add(WIKI, Gate(upstream=app.url))

    def run(port: int, *more: str) -> tuple[int, str]:
        given = [WIKI, "--connect", f"127.0.0.1:{port}", "--canary", CANARY, *more]
        result = CliRunner().invoke(check_proxy, given)
        return result.exit_code, result.stdout

    good = await asyncio.to_thread(run, served.port)
    bad = await asyncio.to_thread(run, app.port, "--json")

    assert 0 == good[0], good[1]
    assert re.search(r"\n(\d+) of \1 held\.\n$", good[1])
    assert "ok   D37  two lengths" in good[1]
    assert 1 == bad[0]
    assert '"holds": false' in bad[1]


@pytest.mark.parametrize("url", ["wiki", "ftp://wiki.example.com/", "https://wiki.example.com/?a=1"])
def test_the_command_says_what_it_cannot_check(url: str) -> None:
    result = CliRunner().invoke(check_proxy, [url])

    assert 0 != result.exit_code
    assert "give the URL of an app" in result.stderr


def test_nobody_there_is_one_sentence() -> None:
    result = CliRunner().invoke(check_proxy, [WIKI, "--connect", "127.0.0.1:9"])

    assert 1 == result.exit_code
    assert result.stderr.startswith("Error: no connection to 127.0.0.1:9")


EXAMPLE = Chain(
    url="https://wiki.apps.example.com/", house="house:8500", upstream="http://10.0.0.5:3000", names=IDENTITY
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_documentation_shows_what_the_command_prints(kind: str) -> None:
    shown = DOCS.read_text()

    assert "\n".join(f"    {line}" if line else "" for line in config(kind, EXAMPLE).splitlines()) in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_names_everything_of_its_app(kind: str) -> None:
    text = config(kind, EXAMPLE)

    assert urlsplit(EXAMPLE.url).netloc in text
    assert EXAMPLE.house in text
    assert kind == "apache" or all(name.lower() in text.lower() for name in IDENTITY)


@pytest.mark.parametrize("kind", ["nginx", "caddy", "traefik"])
def test_metadata_of_a_protected_resource_lead_to_the_house(kind: str) -> None:
    assert METADATA not in config(kind, EXAMPLE)
    assert METADATA in config(kind, msgspec.structs.replace(EXAMPLE, has_metadata=True))


def test_every_spelling_with_an_underscore_begins_with_one_of_these() -> None:
    assert ["X_", "X-Forwarded_", "Remote_"] == underscored(("X-Forwarded-User", "Remote-User", "Plain"))
