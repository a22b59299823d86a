"""
An MCP server without any sign-in of its own, behind the house's gateway; the protocol's own SDK as client and as server.

The client is told one address.  The gateway leads it to the pool, where it registers and the person signs in; the tool
learns from the gateway who calls it, and never sees the token.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import msgspec
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import Context, MCPServer

from tests.clients.browser import Browser, Forms
from tests.clients.connections import PASSWORD, a_client, a_user
from tests.clients.known import Known
from tests.clients.test_mcp import Ada, Kept, Place, connected, serving
from tests.journey.installation import Installation, free_port, up

ADA = "ada@example.com"
pytestmark = pytest.mark.client


class Behind(msgspec.Struct, frozen=True):
    """The MCP server as clients know it, and itself, which has seen what came through."""

    place: Place
    seen: list[dict[str, str]]
    goes_on: asyncio.Event
    loops: list[asyncio.AbstractEventLoop]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """With a house that is set up against a pool already."""
    with up(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.fixture(scope="module")
def behind(place: Installation, idp: Any, known: Known) -> Iterator[Behind]:
    port, resource = free_port(), f"{place.house}/apps/tools/mcp"
    pool_id = idp.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
    scopes = [{"ScopeName": "use", "ScopeDescription": "Use the tools"}]
    idp.create_resource_server(UserPoolId=pool_id, Identifier=resource, Name="Tools", Scopes=scopes)
    idp.create_resource_server(UserPoolId=pool_id, Identifier="https://other.example", Name="Other", Scopes=scopes)
    dcr = {"EnableStatus": "Enabled", "OpenDcrEnabled": True, "AllowedScopes": [f"{resource}/use"]}
    idp.update_user_pool(UserPoolId=pool_id, DcrConfiguration=dcr)
    a_user(idp, pool_id, ADA, email=ADA)
    made = Behind(Place(place.base, f"{place.base}/{pool_id}", pool_id, resource, known), [], asyncio.Event(), [])
    with serving(tools(made), port):
        add_app(place, f"http://127.0.0.1:{port}/", resource)
        yield made


def tools(behind: Behind) -> Any:
    server = MCPServer("tools")

    @server.tool()
    def whoami(ctx: Context) -> str:
        """Who calls, as the gateway says."""
        request: Any = ctx.request_context.request
        behind.seen.append(dict(request.headers))
        return str(request.headers["x-forwarded-user"])

    @server.tool()
    async def slowly(ctx: Context) -> str:
        """Tell of the first half, then wait until that was heard."""
        behind.loops.append(asyncio.get_running_loop())
        await ctx.report_progress(1, 2)
        await asyncio.wait_for(behind.goes_on.wait(), 10)
        return "both halves"

    return server.streamable_http_app()


def add_app(place: Installation, upstream: str, resource: str) -> None:
    """As an administrator does it, in the form."""
    browser = Browser(place.house)
    with browser.http:
        page = browser.go("GET", f"{place.house}/user/login")
        method, target, fields = Forms(page).with_field("password")
        browser.go(method, target, {**fields, "email": place.email, "password": place.password})
        page = browser.go("GET", f"{place.house}/settings/apps/new")
        method, target, fields = Forms(page).with_field("upstream")
        entered = {
            "name": "Tools", "url": f"{place.house}/apps/tools/", "gate": "on", "upstream": upstream,
            "resource_provider": "oidc", "resource_audiences": resource, "resource_scopes": f"{resource}/use",
        }  # fmt: skip
        saved = browser.go(method, target, {**fields, **entered})
        assert "App added" in saved.text, saved.text


async def test_a_client_finds_its_way_through_the_gateway_to_a_tool(behind: Behind) -> None:
    kept, ada = Kept(), Ada(behind.place, ADA)

    async with connected(behind.place, kept, ada) as (client, _):
        result = await client.call_tool("whoami", {})

    assert kept.tokens is not None
    behind.place.known.add(kept.tokens.access_token)
    said, headers = result.content[0].text, behind.seen[-1]  # type: ignore[union-attr]
    assert said.startswith(f"{behind.place.issuer}|")
    assert behind.place.scope in str(kept.tokens.scope)
    assert "authorization" not in headers
    assert "x-house-assertion" in headers
    assert kept.tokens.access_token not in str(headers)


async def test_what_a_tool_tells_meanwhile_arrives_meanwhile(behind: Behind) -> None:
    kept, ada = Kept(), Ada(behind.place, ADA)
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)
        behind.loops[-1].call_soon_threadsafe(behind.goes_on.set)

    async with connected(behind.place, kept, ada) as (client, _):
        result = await client.call_tool("slowly", {}, progress_callback=hear)

    assert "both halves" == result.content[0].text  # type: ignore[union-attr]
    assert [1] == heard


def test_a_client_is_led_from_401_to_the_pool(behind: Behind) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    answer = httpx.post(behind.place.resource, json=body, headers={"accept": "application/json, text/event-stream"})
    challenge = answer.headers["www-authenticate"]
    address = challenge.partition('resource_metadata="')[2].partition('"')[0]

    assert 401 == answer.status_code
    said = httpx.get(address).json()
    assert (behind.place.resource, [behind.place.issuer]) == (said["resource"], said["authorization_servers"])
    assert [behind.place.scope] == said["scopes_supported"]


async def test_who_has_signed_in_to_the_house_is_the_same_to_a_tool(behind: Behind, place: Installation) -> None:
    def sign_in() -> None:
        browser = Browser(place.base, place.house)
        with browser.http:
            page = browser.go("GET", f"{place.house}/oauth2/authorization/oidc")
            assert ADA in browser.sign_in(page, ADA, PASSWORD).text

    await asyncio.to_thread(sign_in)
    async with connected(behind.place, Kept(), Ada(behind.place, ADA)) as (client, _):
        result = await client.call_tool("whoami", {})

    assert ADA == result.content[0].text  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def machine(behind: Behind, idp: Any) -> dict[str, Any]:
    return a_client(
        idp, behind.place.pool_id, secret=True, AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[behind.place.scope], AllowedOAuthFlowsUserPoolClient=True,
    )  # fmt: skip


def token_for(behind: Behind, machine: dict[str, Any], resource: str | None) -> str:
    endpoint = httpx.get(f"{behind.place.issuer}/.well-known/oauth-authorization-server").json()["token_endpoint"]
    form = {"grant_type": "client_credentials", **({} if resource is None else {"resource": resource})}
    held = httpx.post(endpoint, data=form, auth=(machine["ClientId"], machine["ClientSecret"])).json()
    behind.place.known.add(held["access_token"])
    return str(held["access_token"])


async def whoami(behind: Behind, token: str) -> str:
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30) as http,
        Client(streamable_http_client(behind.place.resource, http_client=http)) as client,
    ):
        result = await client.call_tool("whoami", {})
        return str(result.content[0].text)  # type: ignore[union-attr]


async def test_a_machine_calls_a_tool_in_its_own_name(behind: Behind, machine: dict[str, Any]) -> None:
    token = await asyncio.to_thread(token_for, behind, machine, behind.place.resource)

    assert f"{behind.place.issuer}|{machine['ClientId']}" == await whoami(behind, token)


@pytest.mark.parametrize("target", [None, "https://other.example"])
async def test_a_token_for_something_else_calls_no_tool(
    behind: Behind, machine: dict[str, Any], target: str | None
) -> None:
    token = await asyncio.to_thread(token_for, behind, machine, target)
    before = len(behind.seen)

    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as http:
        answer = await http.post(behind.place.resource, json={"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert (401, "invalid_token") == (answer.status_code, answer.json()["error"])
    with pytest.raises(Exception, match=r"401|Unauthorized|unhandled errors"):
        await whoami(behind, token)
    assert before == len(behind.seen)
