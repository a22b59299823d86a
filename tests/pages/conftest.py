from collections.abc import AsyncIterator

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.pages.test_in_browser import browser, open_page, seen  # noqa: F401 (fixtures)
from tests.support.builders import a_user
from tests.support.fixtures import *  # noqa: F403
from tests.support.web import a_browser, a_web_client, a_web_pool, application


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    """A pool in which e-mail addresses are the usernames, as the page this project came from sets it up."""
    return await a_web_pool(flow, username_attributes=["email"], auto_verified_attributes=["email"])


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_web_client(flow, pool)


@pytest.fixture
async def person(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(flow, pool, email="jane@example.com", email_verified="true", name="Jane Doe")


@pytest.fixture
async def web(flow: Flow) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(application(flow)) as opened:
        yield opened
