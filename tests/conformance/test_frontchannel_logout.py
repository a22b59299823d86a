"""oidcc-frontchannel-rp-initiated-logout-certification-test-plan, and the rules of Front-Channel Logout 1.0 around it."""

import re
from html import unescape

import httpx
import pytest

from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.logout import ask, is_signed_in, sid_of, silently, standard, tokens_of
from tests.support.service import sqlite_only
from tests.support.web import SIGNED_OUT, a_web_client

FRAME = "https://app.example/frontchannel?app=wiki"


@pytest.fixture
async def app(flow: Flow, client: ClientEntry) -> ClientEntry:
    return await standard(flow, client, frontchannel_logout_uri=FRAME, frontchannel_logout_session_required=True)


def frames(reply: httpx.Response) -> list[str]:
    return [unescape(each) for each in re.findall(r'<iframe[^>]* src="([^"]*)"', reply.text)]


def next_address(reply: httpx.Response) -> str:
    (found,) = re.findall(r'<meta http-equiv="refresh" content="\d+; url=([^"]*)">', reply.text)
    return unescape(found)


async def test_oidcc_frontchannel_rp_initiated_logout_discovery_endpoint_verification(
    web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert {
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }.items() <= found.items()


async def test_oidcc_frontchannel_rp_initiated_logout(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT, state="a&b")

    (frame,) = frames(reply)
    sent = httpx.URL(frame)
    assert ("app.example", "/frontchannel") == (sent.host, sent.path)
    assert {"app": "wiki", "iss": flow.config.issuer(pool.pool.id), "sid": sid_of(held)} == dict(sent.params)
    assert (200, f"{SIGNED_OUT}?state=a%26b") == (reply.status_code, next_address(reply))
    assert not await is_signed_in(web, app)


async def test_the_page_may_frame_those_apps_and_nothing_else(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)

    reply = await ask(web, id_token_hint=held["id_token"])

    policy = reply.headers["content-security-policy"].split("; ")
    assert "frame-src https://app.example" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "refresh" not in reply.text


async def test_every_app_of_the_session_is_told_and_no_other(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    callback = "https://other.example:8443/callback"
    other = await a_web_client(flow, pool, callback_urls=["https://app.example/callback", callback])
    other = await standard(flow, other, frontchannel_logout_uri="https://other.example:8443/bye")
    absent = await standard(flow, await a_web_client(flow, pool), frontchannel_logout_uri="https://app.example/absent")
    await tokens_of(flow, web, absent, person)
    held = await tokens_of(flow, web, app, person)
    await silently(web, other)

    reply = await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    assert {"/frontchannel", "/bye"} == {httpx.URL(each).path for each in frames(reply)}
    assert {sid_of(held)} == {httpx.URL(each).params["sid"] for each in frames(reply)}
    assert "frame-src https://app.example https://other.example:8443" in reply.headers["content-security-policy"]
    assert SIGNED_OUT == next_address(reply)


async def test_a_session_without_such_apps_goes_on_at_once(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, client, person)

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT)

    assert (302, SIGNED_OUT) == (reply.status_code, reply.headers["location"])


@sqlite_only
@pytest.mark.parametrize(
    "url",
    ["https://evil.example/x", "http://app.example/x", "https://app.example:444/x", "https://app.example;x/",
     "https://app.example,https://evil.example/", "https://app.example@evil.example/"],
)  # fmt: skip
async def test_a_frame_is_of_an_origin_of_the_app(flow: Flow, client: ClientEntry, url: str) -> None:
    with pytest.raises(WrongSetting):
        await standard(flow, client, frontchannel_logout_uri=url)
