from collections.abc import AsyncIterator

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import a_user
from tests.support.fixtures import *  # noqa: F403
from tests.support.hooks import *  # noqa: F403
from tests.support.service import *  # noqa: F403
from tests.support.web import a_browser, a_web_client, a_web_pool, application


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_web_pool(flow)


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    """A confidential client of the pool."""
    return await a_web_client(flow, pool)


@pytest.fixture
async def person(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(
        flow,
        pool,
        "jane",
        email="jane@example.com",
        email_verified="true",
        name="Jane Doe",
        phone_number="+12065550100",
    )


@pytest.fixture
async def web(flow: Flow) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, or an app: one cookie jar in front of the server."""
    async with a_browser(application(flow)) as opened:
        yield opened
