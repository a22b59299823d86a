"""A pool's domain as an app and a browser see it: the real routes, over ASGI."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

import poolhouse.pool.pages
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.html import Html, Static
from poolhouse.pool.flows import browser
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.oauth.routes import issuer_documents, issuer_routes
from poolhouse.pool.oauth.routes import routes as program_routes
from poolhouse.pool.pages.routes import fallback
from poolhouse.pool.pages.routes import routes as browser_routes
from poolhouse.pool.store import grants as grant_store
from tests.support.builders import a_client, a_pool

BASE = "https://pool.example"
DOMAIN = "demo"
CALLBACK = "https://app.example/callback"
SIGNED_OUT = "https://app.example/signed-out"
VERIFIER = "a" * 20 + "B" * 20 + "-._~0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PAGES = Path(poolhouse.pool.pages.__file__).parent


@cache
def hosted_html() -> Html:
    """The hosted pages, whose templates a run compiles once and not for each test."""
    return Html([PAGES / "templates"], Static(hosted=[PAGES / "static"]))


def application(flow: Flow) -> ASGIApp:
    """The routes of domains and issuers, mounted as the server mounts them."""
    html = hosted_html()
    domain = [*program_routes(flow), *browser_routes(flow, html), fallback(flow, html)]
    return Router([Mount("/domains/{domain}", routes=domain), *issuer_routes(issuer_documents(flow))])


def at_hosts(flow: Flow) -> ASGIApp:
    """The same for domains that have hosts of their own."""
    return Router([*program_routes(flow), *browser_routes(flow, hosted_html())])


@asynccontextmanager
async def a_browser(app: ASGIApp, base: str = BASE, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """One cookie jar; redirects are looked at, not followed."""
    transport = httpx.ASGITransport(app=app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client


async def a_web_pool(flow: Flow, **settings: Any) -> PoolEntry:
    return await a_pool(flow, domain=settings.pop("domain", DOMAIN), **settings)


async def a_web_client(flow: Flow, entry: PoolEntry, *, secret: bool = True, **settings: Any) -> ClientEntry:
    """A client as the console sets it up for the code grant."""
    defaults: dict[str, Any] = {
        "client_name": "Wiki",
        "allowed_o_auth_flows_user_pool_client": True,
        "allowed_o_auth_flows": ["code"],
        "allowed_o_auth_scopes": ["openid", "email", "profile"],
        "callback_urls": [CALLBACK],
        "logout_urls": [SIGNED_OUT],
        "supported_identity_providers": ["COGNITO"],
    }
    return await a_client(flow, entry, secret=secret, **(defaults | settings))


async def signed_in(
    flow: Flow, web: httpx.AsyncClient, user: User, path: str = f"/domains/{DOMAIN}", amr: tuple[str, ...] = ("pwd",)
) -> str:
    """Give the browser a session as a sign-in would; answers its handle."""
    token, session = browser.mint_session(flow, user, amr)

    async def unit(tx: Tx) -> None:
        await grant_store.put_session(tx, session)

    await flow.database.write(unit)
    web.cookies.set(f"__Secure-{browser.SESSION_COOKIE}", token, domain="pool.example", path=path)
    return token


class Asking(msgspec.Struct, frozen=True):
    """An authorization request of a client; *more* adds parameters, None takes one away."""

    client: ClientEntry

    def params(self, **more: str | None) -> dict[str, str]:
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.client.id,
            "redirect_uri": CALLBACK,
            "scope": "openid email profile",
            "state": "s t&te",
        }
        return {name: value for name, value in (asked | more).items() if value is not None}


async def authorize(web: httpx.AsyncClient, client: ClientEntry, **more: str | None) -> httpx.Response:
    return await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=Asking(client).params(**more))


def answer_of(reply: httpx.Response) -> dict[str, str]:
    """The parameters that a redirect to the app carries."""
    assert reply.status_code in {302, 303}, reply.text
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query, keep_blank_values=True))


def fragment_of(reply: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(reply.headers["location"]).fragment, keep_blank_values=True))


async def a_code(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, user: User, **more: str | None) -> str:
    """A code for a browser that is signed in."""
    await signed_in(flow, web, user)
    return answer_of(await authorize(web, client, **more))["code"]


async def token(
    web: httpx.AsyncClient, client: ClientEntry | None, *, basic: bool = True, **form: str | None
) -> httpx.Response:
    """POST to the token endpoint, as *client* by Basic or in the body."""
    given = {name: value for name, value in form.items() if value is not None}
    headers = {}
    if client is not None and client.secrets and basic:
        headers["authorization"] = basic_header(client.client.id, client.secrets[0])
    elif client is not None:
        given = {
            "client_id": client.client.id,
            **({"client_secret": client.secrets[0]} if client.secrets else {}),
            **given,
        }
    return await web.post(f"/domains/{DOMAIN}/oauth2/token", data=given, headers=headers)


def basic_header(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def redeem(web: httpx.AsyncClient, client: ClientEntry, code: str, **more: str | None) -> httpx.Response:
    form: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return await token(web, client, **(form | more))


def error_of(reply: httpx.Response) -> tuple[str, int]:
    return reply.json()["error"], reply.status_code


def claims_of(jwt: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    return _part(jwt, 1)


def header_of(jwt: str) -> dict[str, Any]:
    return _part(jwt, 0)


def _part(jwt: str, number: int) -> dict[str, Any]:
    part = jwt.split(".")[number]
    found: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
