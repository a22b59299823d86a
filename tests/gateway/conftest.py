"""A house that listens, and an app behind it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from poolhouse.house.app import House
from poolhouse.house.gate import Gate
from tests.gateway.world import Served, Upstream, upstream
from tests.house.conftest import clock, first_start, house, look, shared_url

__all__ = ["clock", "first_start", "house", "look", "shared_url"]


@pytest.fixture
async def served(house: House) -> AsyncIterator[Served]:
    await house.open_gateway()
    server = await asyncio.get_running_loop().create_server(lambda: house.front(set()), "127.0.0.1", 0)
    yield Served(house, server.sockets[0].getsockname()[1])
    server.close()
    if house._site is not None:
        house._site.close()
        for front in list(house._site.fronts):
            front.transport.abort()
    await asyncio.sleep(0.01)


@pytest.fixture
async def app() -> AsyncIterator[Upstream]:
    async with upstream() as running:
        yield running


@pytest.fixture
async def wiki(served: Served, app: Upstream) -> str:
    """The app's id; everything below /open/ is public."""
    return await served.add("http://wiki.localhost:8500/", Gate(upstream=app.url, public_paths=("/open/",)))
