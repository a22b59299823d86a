"""A house, a provider and browsers."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from poolhouse.house.app import House, Look, build, read_look
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


@pytest.fixture(scope="session")
def look() -> Look:
    """Templates are compiled once for each worker, which is most of what a house costs."""
    return read_look()


@pytest.fixture(scope="session")
def first_start(look: Look, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a house that has started once: migrated, with its first administrator."""
    file = tmp_path_factory.mktemp("house") / "first.db"

    async def start() -> None:
        settings = house_settings(database=f"sqlite:///{file}")
        await (await build(settings, clock=FixedClock(), entropy=SystemEntropy(), look=look)).close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, start()).result()
    return file


@pytest.fixture
async def house(clock: FixedClock, look: Look, first_start: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house of its own on a copy of that database; the tests of starting and of the store make theirs anew."""
    file = shutil.copy(first_start, tmp_path / "started.db")
    settings = house_settings(database=f"sqlite:///{file}")
    built = await build(settings, clock=clock, entropy=SystemEntropy(), look=look)
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


@pytest.fixture(params=["sqlite-file", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """URL of an empty database that several processes can share."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path}/house.db"
