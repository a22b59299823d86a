"""oidcc-backchannel-rp-initiated-logout-certification-test-plan; the rules around it are in tests/oauth."""

import json

import httpx
import pytest

from poolhouse.kit.jose import b64url_decode
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.logout_delivery import deliver_due
from poolhouse.pool.model.user import User
from tests.oauth.test_logout_backchannel import App, flow, receiver
from tests.support.logout import ask, is_signed_in, sid_of, standard, tokens_of
from tests.support.web import SIGNED_OUT

__all__ = ["flow", "receiver"]


@pytest.fixture
async def app(flow: Flow, client: ClientEntry, receiver: App) -> ClientEntry:
    return await standard(flow, client, backchannel_logout_uri=receiver.url, backchannel_logout_session_required=True)


async def test_oidcc_backchannel_rp_initiated_logout_discovery_endpoint_verification(
    web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert {"backchannel_logout_supported": True, "backchannel_logout_session_supported": True}.items() <= found.items()


async def test_oidcc_backchannel_rp_initiated_logout(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App
) -> None:
    held = await tokens_of(flow, web, app, person)

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT, state="s")
    await deliver_due(flow)

    assert f"{SIGNED_OUT}?state=s" == reply.headers["location"]
    assert not await is_signed_in(web, app)
    (claims,) = receiver.claims(pool)
    assert (app.client.id, sid_of(held), person.sub) == (claims["aud"], claims["sid"], claims["sub"])
    assert {"http://schemas.openid.net/event/backchannel-logout": {}} == claims["events"]
    assert "nonce" not in claims
    assert json.loads(b64url_decode(receiver.tokens[0].split(".")[0]))["alg"] in {"RS256", "ES256", "EdDSA"}
