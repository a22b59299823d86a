"""
The Model Context Protocol's own SDK, unmodified, as client and as server, with a pool as authorization server.

The client is told the address of the MCP server and nothing else: it finds the pool, registers itself, sends the person
to sign in, and calls a tool with a token whose audience the server checks.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import httpx2
import msgspec
import pytest
import trustme
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyHttpUrl, AnyUrl
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from poolhouse.kit.ambient import SystemClock
from tests.clients.browser import Browser, Forms
from tests.clients.connections import PASSWORD, a_client, a_pool, a_user
from tests.clients.known import Known
from tests.journey.installation import Installation, free_port, up

pytestmark = pytest.mark.client

CLOCK = SystemClock()
NAME = "Desktop assistant"
BACK = "http://localhost:3030/callback"


class Place(msgspec.Struct, frozen=True):
    """A pool as authorization server, and an MCP server that trusts it."""

    base: str
    issuer: str
    pool_id: str
    resource: str
    known: Known

    @property
    def scope(self) -> str:
        return f"{self.resource}/use"


class Keys:
    """Verifies by the pool's published keys: issuer, kind, expiry; the audience is the SDK's to check."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    async def verify_token(self, token: str) -> AccessToken | None:
        async with httpx.AsyncClient() as http:
            published = (await http.get(f"{self._issuer}/.well-known/jwks.json")).json()
        try:
            claims = jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"]).claims
        except ValueError:
            return None
        if claims["iss"] != self._issuer or claims["token_use"] != "access" or claims["exp"] <= CLOCK.now():
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            resource=claims.get("aud"),
            subject=claims["sub"],
        )


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the client's metadata document, which the pool's server trusts to be the site it says it is."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    address = f"https://localhost:{port}/client.json"
    authority, kept = trustme.CA(), os.environ.get("SSL_CERT_FILE")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "site.pem")
    said = {"client_id": address, "client_name": NAME, "redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
    app = Starlette(routes=[Route("/client.json", lambda _: JSONResponse(said))])
    os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
    with serving(app, port, ssl_certfile=folder / "site.pem"):
        yield address
    del os.environ["SSL_CERT_FILE"]
    if kept is not None:
        os.environ["SSL_CERT_FILE"] = kept


@pytest.fixture(scope="module")
def place(document: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Started in the surroundings in which the document can be fetched."""
    assert document
    with up(tmp_path_factory.mktemp("up"), "--bare") as running:
        yield running


@pytest.fixture(scope="module")
def world(place: Installation, idp: Any, known: Known) -> Iterator[Place]:
    port = free_port()
    resource = f"http://localhost:{port}/mcp"
    pool_id = a_pool(idp, "mcp")
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain="mcp-clients")
    scopes = [{"ScopeName": "use", "ScopeDescription": "Use the tools"}]
    idp.create_resource_server(UserPoolId=pool_id, Identifier=resource, Name="Tools", Scopes=scopes)
    idp.create_resource_server(UserPoolId=pool_id, Identifier="https://other.example", Name="Other", Scopes=scopes)
    dcr = {"EnableStatus": "Enabled", "OpenDcrEnabled": True, "AllowedScopes": [f"{resource}/use"]}
    idp.update_user_pool(UserPoolId=pool_id, DcrConfiguration=dcr)
    a_user(idp, pool_id, "ada")
    made = Place(place.base, f"{place.base}/{pool_id}", pool_id, resource, known)
    with serving(tools(made), port):
        yield made


def tools(world: Place) -> Any:
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(world.issuer),
        resource_server_url=AnyHttpUrl(world.resource),
        required_scopes=[world.scope],
        validate_token_resource=True,
    )
    server = MCPServer("tools", token_verifier=Keys(world.issuer), auth=auth)

    @server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    return server.streamable_http_app()


class serving:  # noqa: N801 (used as a function)
    """A program in a thread, for as long as the block lasts."""

    def __init__(self, app: Any, port: int, **more: Any) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", **more))
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> None:
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < until, "the MCP server did not start"
            time.sleep(0.02)

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


class Kept:
    """What the client keeps between calls."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Ada:
    """The person in front of the client, with a browser."""

    def __init__(self, world: Place, username: str = "ada") -> None:
        self._world = world
        self._username = username
        self.answer: dict[str, str] = {}
        self.sent_to = ""

    async def open(self, url: str) -> None:
        self.sent_to = url
        self.answer = await asyncio.to_thread(self._sign_in, url)

    async def come_back(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=self.answer["code"], state=self.answer["state"], iss=self.answer["iss"])

    def _sign_in(self, url: str) -> dict[str, str]:
        browser = Browser(self._world.base)
        with browser.http:
            asking = browser.sign_in(browser.go("GET", url), self._username, PASSWORD)
            assert NAME in asking.text, asking.text
            method, target, fields = Forms(asking).with_field("answer")
            page = browser.go(method, target, {**fields, "answer": "allow"})
        location = page.headers.get("location", "")
        assert location.startswith(BACK), f"{page.status_code} {location} {page.text}"
        return dict(parse_qsl(urlsplit(location).query))


@asynccontextmanager
async def connected(
    world: Place, kept: Kept, ada: Ada, document: str | None = None
) -> AsyncIterator[tuple[Client, OAuthClientProvider]]:
    metadata = OAuthClientMetadata(client_name=NAME, redirect_uris=[AnyUrl(BACK)], token_endpoint_auth_method="none")
    provider = OAuthClientProvider(
        server_url=world.resource,
        client_metadata=metadata,
        storage=kept,
        redirect_handler=ada.open,
        callback_handler=ada.come_back,
        client_metadata_url=document,
    )
    async with (
        httpx2.AsyncClient(auth=provider, timeout=30) as http,
        Client(streamable_http_client(world.resource, http_client=http)) as client,
    ):
        yield client, provider


def claims_of(token: str, issuer: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(httpx.get(f"{issuer}/.well-known/jwks.json").json())
    claims: dict[str, Any] = jwt.decode(token, keys, algorithms=["RS256"]).claims
    return claims


async def test_a_client_signs_in_without_set_up_and_calls_a_tool(world: Place) -> None:
    kept, ada = Kept(), Ada(world)

    async with connected(world, kept, ada) as (client, _):
        result = await client.call_tool("add", {"a": 2, "b": 3})

    assert "5" == result.content[0].text  # type: ignore[union-attr]
    assert kept.tokens is not None
    assert kept.client is not None
    asked = dict(parse_qsl(urlsplit(ada.sent_to).query))
    assert (world.resource, "S256", kept.client.client_id) == (
        asked["resource"], asked["code_challenge_method"], asked["client_id"],
    )  # fmt: skip
    claims = claims_of(kept.tokens.access_token, world.issuer)
    assert (world.resource, kept.client.client_id) == (claims["aud"], claims["client_id"])
    assert world.scope in claims["scope"].split()
    assert world.issuer == ada.answer["iss"]


async def test_a_client_with_a_document_does_not_even_register(world: Place, document: str) -> None:
    kept, ada = Kept(), Ada(world)

    async with connected(world, kept, ada, document) as (client, _):
        result = await client.call_tool("add", {"a": 20, "b": 22})

    assert "42" == result.content[0].text  # type: ignore[union-attr]
    assert kept.tokens is not None
    claims = claims_of(kept.tokens.access_token, world.issuer)
    assert (document, world.resource) == (claims["client_id"], claims["aud"])


async def test_a_client_refreshes_for_the_same_audience(world: Place) -> None:
    kept, ada = Kept(), Ada(world)

    async with connected(world, kept, ada) as (client, provider):
        await client.call_tool("add", {"a": 1, "b": 1})
        first = kept.tokens
        provider.context.token_expiry_time = CLOCK.now() - 1
        ada.sent_to = ""
        result = await client.call_tool("add", {"a": 1, "b": 2})

    assert "3" == result.content[0].text  # type: ignore[union-attr]
    assert first is not None
    assert kept.tokens is not None
    assert first.access_token != kept.tokens.access_token
    assert "" == ada.sent_to
    assert world.resource == claims_of(kept.tokens.access_token, world.issuer)["aud"]


@pytest.mark.parametrize("target", [None, "https://other.example"])
def test_a_token_for_something_else_opens_no_tool(world: Place, idp: Any, target: str | None) -> None:
    machine = a_client(
        idp, world.pool_id, secret=True, AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=[world.scope],
        AllowedOAuthFlowsUserPoolClient=True,
    )  # fmt: skip
    endpoint = httpx.get(f"{world.issuer}/.well-known/oauth-authorization-server").json()["token_endpoint"]

    def call(resource: str | None) -> int:
        form = {"grant_type": "client_credentials", **({} if resource is None else {"resource": resource})}
        held = httpx.post(endpoint, data=form, auth=(machine["ClientId"], machine["ClientSecret"])).json()
        world.known.add(held["access_token"])
        headers = {"authorization": f"Bearer {held['access_token']}", "accept": "application/json, text/event-stream"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        return httpx.post(world.resource, json=body, headers=headers).status_code

    assert 401 == call(target)
    assert 401 != call(world.resource)
