from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Router

import poolhouse.pool
from poolhouse.kit.ambient import Secret
from poolhouse.kit.html import Html, Static
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import Administrator, AnyCredentials, Api
from poolhouse.pool.console.app import routes
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.config import ServerConfig
from tests.console.browser import Visitor
from tests.support.fixtures import *  # noqa: F403

PROGRAM = Path(poolhouse.pool.__file__).parent
EMAIL, PASSWORD = "admin@example.com", "A-long-password-1"


@pytest.fixture  # type: ignore[no-redef]
def pool_database_url() -> str:
    """One engine: the console reaches a database through the API alone, whose tests run on both."""
    return "sqlite://"


@pytest.fixture  # type: ignore[no-redef]
def config() -> ServerConfig:
    return ServerConfig(base_url="https://pool.example", development=True)


@pytest.fixture(scope="session")
def html() -> Html:
    console, pages = PROGRAM / "console", PROGRAM / "pages"
    static = Static([console / "static"], hosted=[pages / "static"])
    return Html([console / "templates", pages / "templates"], static)


@pytest.fixture
def api(flow: Flow) -> Api:
    return Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())


@pytest.fixture
async def administrator(flow: Flow) -> str:
    await admins.set_password(flow, EMAIL, Secret(PASSWORD))
    return EMAIL


@asynccontextmanager
async def a_window(flow: Flow, api: Api, html: Html) -> AsyncIterator[httpx.AsyncClient]:
    app = Router(routes(flow, api, html))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=flow.config.base_url) as client:
        yield client


@asynccontextmanager
async def visiting(flow: Flow, api: Api, html: Html, email: str, password: str = PASSWORD) -> AsyncIterator[Visitor]:
    """Another browser, signed in."""
    async with a_window(flow, api, html) as web:
        visitor = Visitor(web)
        await visitor.press(await visitor.open("/console"), "Sign in", email=email, password=password)
        yield visitor


@pytest.fixture
async def web(flow: Flow, api: Api, html: Html, administrator: str) -> AsyncIterator[httpx.AsyncClient]:
    async with a_window(flow, api, html) as client:
        yield client


@pytest.fixture
def stranger(web: httpx.AsyncClient) -> Visitor:
    """Nobody has signed in yet."""
    return Visitor(web)


@pytest.fixture
async def visitor(stranger: Visitor) -> Visitor:
    """The administrator, signed in."""
    page = await stranger.open("/console")
    await stranger.press(page, "Sign in", email=EMAIL, password=PASSWORD)
    return stranger


class Service:
    """The API beside the console, to see what it did."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def __call__(self, operation: str, region: str = "us-east-1", **body: Any) -> dict[str, Any]:
        return await self.api.call(operation, body, caller=Administrator("test"), region=region)

    async def a_pool(self, **settings: Any) -> dict[str, Any]:
        """A pool with e-mail addresses as user names; None takes a setting away."""
        wanted = {
            "PoolName": "team", "UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"], **settings,
        }  # fmt: skip
        given = {name: value for name, value in wanted.items() if value is not None}
        pool: dict[str, Any] = (await self("CreateUserPool", **given))["UserPool"]
        return pool

    async def pool(self, pool_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
        return found

    async def a_client(self, pool_id: str, **settings: Any) -> dict[str, Any]:
        answer = await self("CreateUserPoolClient", UserPoolId=pool_id, **{"ClientName": "house", **settings})
        client: dict[str, Any] = answer["UserPoolClient"]
        return client

    async def client(self, pool_id: str, client_id: str) -> dict[str, Any]:
        answer = await self("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
        found: dict[str, Any] = answer["UserPoolClient"]
        return found

    async def a_user(self, pool_id: str, email: str = "ada@example.com", **settings: Any) -> dict[str, Any]:
        wanted = {"MessageAction": "SUPPRESS", "TemporaryPassword": "Temporary-1-pass", **settings}
        given = {name: value for name, value in wanted.items() if value is not None}
        answer = await self("AdminCreateUser", UserPoolId=pool_id, Username=email, **given)
        user: dict[str, Any] = answer["User"]
        return user


@pytest.fixture
def service(api: Api) -> Service:
    return Service(api)
