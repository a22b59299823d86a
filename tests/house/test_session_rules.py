"""Admin Settings > Sessions: live, for open sessions at once, here and at the apps."""

from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.app import House, Look, build
from poolhouse.house.config import SETTINGS, read
from poolhouse.house.session_rules import LONGEST, SHORTEST, SessionRules, check, read_span, write_span
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from poolhouse.kit.settings import load, sources
from tests.house.world import BASE, MASTER, PASSWORD, Browser, words

NewBrowser = Callable[..., Browser]
PATH = "/settings/sessions"


@pytest.fixture
async def either(shared_url: str, clock: FixedClock, look: Look) -> AsyncIterator[House]:
    """A house on each engine."""
    given_ = {"base_url": BASE, "database": shared_url, "admin_password": PASSWORD}
    settings = read(load(SETTINGS, flags=given_, environ={}), (MASTER,))
    house = await build(settings, clock=clock, entropy=SystemEntropy(), look=look)
    yield house
    await house.close()


async def is_in(browser: Browser) -> bool:
    return 200 == (await browser.get("/user/account")).status_code


async def save(browser: Browser, **rules: str) -> None:
    entered = {"limit": "0", "idle": "00:12:00", "absolute": "07:00:00", **rules}
    answer = await browser.post(PATH, entered)
    assert 303 == answer.status_code, words(answer)


async def test_a_shorter_idle_timeout_ends_open_sessions_that_rest(
    either: House, new_browser: NewBrowser, clock: FixedClock
) -> None:
    resting, admin = new_browser(either), new_browser(either)
    await resting.log_in()
    clock.advance(300)
    await admin.log_in()
    await save(admin, idle="00:00:04")

    assert not await is_in(resting)
    assert await is_in(admin)


async def test_a_shorter_session_timeout_ends_open_sessions_that_are_older(
    either: House, new_browser: NewBrowser, clock: FixedClock
) -> None:
    older, admin = new_browser(either), new_browser(either)
    await older.log_in()
    clock.advance(3600)
    await admin.log_in()
    await save(admin, absolute="00:00:30")

    assert not await is_in(older)
    clock.advance(29 * 60)
    assert await is_in(admin)
    clock.advance(61)
    assert not await is_in(admin)


async def test_a_longer_session_timeout_holds_for_open_sessions(
    either: House, new_browser: NewBrowser, clock: FixedClock
) -> None:
    admin = new_browser(either)
    await admin.log_in()
    await save(admin, absolute="30:00:00", idle="30:00:00")
    clock.advance(29 * 86_400)

    assert await is_in(admin)


async def test_one_session_for_each_person_ends_the_former_one(either: House, new_browser: NewBrowser) -> None:
    admin, second = new_browser(either), new_browser(either)
    await admin.log_in()
    await save(admin, limit="1")
    await second.log_in()

    assert await is_in(second)
    assert not await is_in(admin)


async def test_a_lower_limit_ends_the_sessions_that_were_used_longest_ago_at_once(
    either: House, new_browser: NewBrowser, clock: FixedClock
) -> None:
    browsers = [new_browser(either) for _ in range(4)]
    for each in browsers:
        await each.log_in()
        clock.advance(60)
    await save(browsers[-1], limit="2")

    assert [False, False, True, True] == [await is_in(each) for each in browsers]


async def test_what_the_environment_sets_is_shown_with_its_source_and_cannot_be_changed(
    clock: FixedClock, look: Look, new_browser: NewBrowser
) -> None:
    environ = {"POOLHOUSE_SESSION_IDLE_MINUTES": "90"}
    flags = {"base_url": BASE, "database": "sqlite://", "admin_password": PASSWORD}
    loaded = load(SETTINGS, flags=flags, environ=environ)
    settings = read(loaded, (MASTER,), sources(SETTINGS, flags=flags, environ=environ))
    house = await build(settings, clock=clock, entropy=SystemEntropy(), look=look)
    try:
        admin = new_browser(house)
        await admin.log_in()
        page = await admin.get(PATH)
        assert "Set by POOLHOUSE_SESSION_IDLE_MINUTES." in words(page)
        assert 'value="00:01:30"' in page.text
        await save(admin, idle="00:00:01", absolute="01:00:00")
        assert ("00:12:00", "01:00:00") == (
            house.ctx.live.document.sessions.idle, house.ctx.live.document.sessions.absolute,
        )  # fmt: skip
        assert 90 * 60 == house.ctx.idle_seconds
    finally:
        await house.close()


@pytest.mark.parametrize(
    "wrong", ["", "12", "00:00:00", "31:00:00", "00:24:00", "00:00:60", "-1:00:00", "\u0660\u0660:00:01"]
)
def test_a_span_that_is_none_is_refused(wrong: str) -> None:
    assert ["idle"] == list(check(SessionRules(idle=wrong)))


@given(st.integers(SHORTEST // 60, LONGEST // 60))
def test_a_span_is_read_as_it_is_written(minutes: int) -> None:
    assert minutes * 60 == read_span(write_span(minutes * 60))
