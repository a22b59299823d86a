"""A house, a provider and browsers."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from poolhouse.house.app import House, build
from poolhouse.kit.ambient import FixedClock, SystemEntropy
from tests.house.op import Provider
from tests.house.world import Browser, house_settings


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def provider(clock: FixedClock) -> AsyncIterator[Provider]:
    running = Provider(clock)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def house(clock: FixedClock) -> AsyncIterator[House]:
    built = await build(house_settings(), clock=clock, entropy=SystemEntropy())
    yield built
    await built.close()


@pytest.fixture
async def new_browser(house: House) -> AsyncIterator[Callable[..., Browser]]:
    opened: list[Browser] = []

    def make(of: House = house, **options: Any) -> Browser:
        browser = Browser(of, **options)
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        await browser.close()


@pytest.fixture
def browser(new_browser: Callable[..., Browser]) -> Browser:
    return new_browser()


@pytest.fixture
async def admin(new_browser: Callable[..., Browser]) -> Browser:
    """A browser with the administrator signed in."""
    browser = new_browser(address="203.0.113.1")
    assert 303 == (await browser.log_in()).status_code
    return browser


@pytest.fixture
async def ready(house: House, provider: Provider) -> House:
    """The house, set up against the provider."""
    assert await house.use_oidc(provider.settings())
    return house
