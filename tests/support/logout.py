"""Signing out as apps ask for it."""

from typing import Any

import httpx

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.model.user import User
from tests.support.hosted import Page, from_here
from tests.support.proofs import extend
from tests.support.web import DOMAIN, a_code, answer_of, authorize, claims_of, redeem

URL = f"/domains/{DOMAIN}/logout"


async def tokens_of(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, user: User, **more: str | None
) -> dict[str, Any]:
    """Sign the browser in and redeem the client's code."""
    return await redeemed(web, client, await a_code(flow, web, client, user, **more))


async def silently(web: httpx.AsyncClient, client: ClientEntry, **more: str | None) -> dict[str, Any]:
    """The tokens of one more client in the browser's session."""
    return await redeemed(web, client, answer_of(await authorize(web, client, **more))["code"])


async def redeemed(web: httpx.AsyncClient, client: ClientEntry, code: str) -> dict[str, Any]:
    reply = await redeem(web, client, code)
    assert 200 == reply.status_code, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def standard(flow: Flow, client: ClientEntry, **more: Any) -> ClientEntry:
    """The client in the openid dialect."""
    return await extend(flow, client, dialect="openid", **more)


def sid_of(tokens: dict[str, Any]) -> str | None:
    sid: str | None = claims_of(tokens["id_token"]).get("sid")
    return sid


async def ask(web: httpx.AsyncClient, **params: str) -> httpx.Response:
    return await web.get(URL, params=params)


async def is_signed_in(web: httpx.AsyncClient, client: ClientEntry) -> bool:
    return "code" in answer_of(await authorize(web, client, prompt="none"))


async def confirm(web: httpx.AsyncClient, reply: httpx.Response) -> httpx.Response:
    """Press the button of the confirmation page."""
    assert "Sign out?" in reply.text
    form = Page(reply).forms[0]
    return await web.post(form.action, data=form.fields, headers=from_here(web))
