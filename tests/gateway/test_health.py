"""An app that is down is said to be down at once, its other upstreams take over, and an administrator reads why."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable

import pytest

from poolhouse.house.gate import Gate
from poolhouse.house.gateway.checks import check
from poolhouse.house.reach import LATE, RETRY_SECONDS, Health
from poolhouse.kit.ambient import Epoch, FixedClock
from tests.gateway.world import OK, Served, Upstream, until, upstream
from tests.house.conftest import admin, new_browser
from tests.house.world import Browser, words

__all__ = ["admin", "new_browser"]
WIKI = "http://wiki.localhost:8500/"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
async def second() -> AsyncIterator[Upstream]:
    async with upstream() as running:
        yield running


def test_what_is_down_is_tried_once_in_a_while() -> None:
    health = Health("Wiki", NOBODY, FixedClock(Epoch(1_000)))
    health.was_unreached("nothing listens there", 0.0)
    assert health.is_up, "one connection that fails is no sign of much"
    health.was_unreached("nothing listens there", 0.0)

    assert not health.is_up
    assert [False, True, False] == [health.may_try(at) for at in (1.0, RETRY_SECONDS, RETRY_SECONDS + 1)]
    health.answered()
    assert health.is_up
    assert health.may_try(0.0)


def test_what_is_late_is_down_after_a_few_times() -> None:
    health = Health("Wiki", NOBODY, FixedClock(Epoch(1_000)))
    for _ in range(LATE - 1):
        health.was_late(0.0)
    health.answered()
    for _ in range(LATE - 1):
        health.was_late(0.0)

    assert health.is_up, "an answer between them: it lives"
    health.was_late(0.0)
    assert not health.is_up


def test_an_answer_does_not_outweigh_a_check() -> None:
    health = Health("Wiki", NOBODY, FixedClock(Epoch(1_000)))
    health.checked("the check was answered with 500, not 200")
    health.answered()

    assert not health.is_up
    health.checked("")
    assert health.is_up


def test_broken_answers_shut_nobody_out() -> None:
    """Whoever finds the request that breaks an app must not take it from everybody else."""
    health = Health("Wiki", NOBODY, FixedClock(Epoch(1_000)))
    for _ in range(20):
        health.broke_off("bad answer")

    assert health.is_up


async def test_an_app_that_is_down_is_a_quick_and_kind_page(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=NOBODY, public_paths=("/",)))
    began = time.monotonic()
    pages = [await served.ask("/", Accept="text/html") for _ in range(4)]

    assert [503] * 4 == [page.status for page in pages]
    assert "Wiki does not answer" in pages[3].text
    assert re.search(f'href="{WIKI}"[^>]*>Try again<', pages[3].text)
    assert "5" == pages[3].headers["retry-after"]
    assert time.monotonic() - began < 2
    health = served.house.ctx.reach.of(app_id)[0]
    assert not health.is_up
    assert "nothing listens there (connection refused)" == health.error
    await served.change(app_id, upstream=app.url)
    assert 200 == (await served.ask("/")).status, "another address is another start"


async def test_an_app_that_comes_back_is_served_again(served: Served, app: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=NOBODY, public_paths=("/",)))
    for _ in range(3):
        await served.ask("/")
    health = served.house.ctx.reach.of(app_id)[0]
    site = served.house._site
    assert site is not None
    site._backends[app_id].all[0].pool.place = (
        site.table.entries[0].places[0].__class__(host="127.0.0.1", port=app.port)
    )
    health._retry_at = 0.0

    assert 200 == (await served.ask("/")).status
    assert health.is_up


async def test_another_upstream_takes_over_and_they_take_turns(served: Served, app: Upstream, second: Upstream) -> None:
    app_id = await served.add(WIKI, Gate(upstream=app.url, replicas=(second.url,), public_paths=("/",)))
    for _ in range(4):
        await served.ask("/")
    assert (2, 2) == (len(app.heads), len(second.heads))

    await served.change(app_id, replicas=(NOBODY,))
    answers = [await served.ask("/", method="POST", body=b"once") for _ in range(6)]
    assert {200} == {answer.status for answer in answers}, "what was never sent may be sent elsewhere, whatever it is"
    assert [b"once"] * 6 == app.bodies[-6:]


async def test_a_safe_request_that_met_silence_goes_to_another_upstream(
    served: Served, app: Upstream, second: Upstream
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.close()
        raise ConnectionError

    app.handler = silent
    await served.add(WIKI, Gate(upstream=app.url, replicas=(second.url,), public_paths=("/",)))
    gets = [(await served.ask("/")).status for _ in range(4)]
    posts = [(await served.ask("/", method="POST", body=b"x")).status for _ in range(4)]

    assert [200] * 4 == gets
    assert 2 == posts.count(502), "what may have been done is not done twice"


async def test_a_check_of_its_own_tells_before_anybody_asks(served: Served, app: Upstream, second: Upstream) -> None:
    app.answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
    gate = Gate(upstream=app.url, replicas=(second.url,), public_paths=("/",), check_path="/health?deep=1")
    app_id = await served.add(WIKI, gate)
    first, other = served.house.ctx.reach.of(app_id)
    await until(lambda: not first.is_up and other.since is not None)

    assert app.heads[0].startswith(b"GET /health?deep=1 HTTP/1.1\r\n")
    assert "the check was answered with 503, not 200" == first.error
    assert [200] * 4 == [(await served.ask("/")).status for _ in range(4)]
    assert 1 == len(app.heads), "and nobody was sent there"
    app.answer = OK
    site = served.house._site
    assert site is not None
    await check(site.table.entries[0], site.backends(site.table.entries[0]).all[0])
    assert first.is_up


async def test_a_check_that_cannot_be_made_is_words(served: Served) -> None:
    app_id = await served.add(WIKI, Gate(upstream="http://nowhere.invalid", check_path="/"))
    health = served.house.ctx.reach.of(app_id)[0]
    await until(lambda: bool(health.error))

    assert "the name nowhere.invalid is not known" == health.error


async def test_an_administrator_reads_how_an_app_is(
    served: Served, admin: Browser, new_browser: Callable[..., Browser]
) -> None:
    app_id = await served.add(WIKI, Gate(upstream=NOBODY, public_paths=("/",)))
    before = words(await admin.get("/settings/apps"))
    for _ in range(2):
        await served.ask("/")
    listed = words(await admin.get("/settings/apps"))
    page = words(await admin.get(f"/settings/apps/{app_id}"))

    assert "Down" not in before
    assert "Down" in listed
    assert "Nothing listens there (connection refused)" in page
    assert "http://127.0.0.1:9" in page
