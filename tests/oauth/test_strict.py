"""The setting ``strict``: the service's answers to the letter, where ours say more by default."""

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.fixtures import in_strict_mode
from tests.support.web import BASE, DOMAIN, SIGNED_OUT, a_code, answer_of, redeem, signed_in

pytestmark = [in_strict_mode, pytest.mark.parametrize("pool_database_url", ["sqlite://"])]
HERE = f"/domains/{DOMAIN}"


async def test_discovery_names_what_the_services_document_names(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert {
        "authorization_endpoint": f"{BASE}{HERE}/oauth2/authorize",
        "token_endpoint": f"{BASE}{HERE}/oauth2/token",
        "userinfo_endpoint": f"{BASE}{HERE}/oauth2/userInfo",
        "revocation_endpoint": f"{BASE}{HERE}/oauth2/revoke",
        "end_session_endpoint": f"{BASE}{HERE}/logout",
        "issuer": f"{BASE}/{pool.pool.id}",
        "jwks_uri": f"{BASE}/{pool.pool.id}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    } == found


async def test_tokens_come_without_their_scope(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    body = (await redeem(web, client, await a_code(flow, web, client, person))).json()

    assert {"id_token", "access_token", "refresh_token", "expires_in", "token_type"} == set(body)


async def test_userinfo_sends_its_challenge_without_a_scheme(web: httpx.AsyncClient, client: ClientEntry) -> None:
    bad = await web.get(f"{HERE}/oauth2/userInfo", headers={"authorization": "Bearer x"})
    none = await web.get(f"{HERE}/oauth2/userInfo")

    assert bad.headers["www-authenticate"].startswith('error="invalid_token", error_description="')
    assert none.headers["www-authenticate"].startswith('error="invalid_request", error_description="')


async def test_logout_does_not_know_the_form_of_openid_connect(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    await signed_in(flow, web, person)
    form = {"id_token_hint": held["id_token"], "post_logout_redirect_uri": SIGNED_OUT}

    by_hint = await web.get(f"{HERE}/logout", params=form)
    by_client = await web.get(f"{HERE}/logout", params={**form, "client_id": client.client.id})

    assert "Required String parameter 'client_id' is not present" == answer_of(by_hint)["error"]
    assert "Required String parameter 'redirect_uri' is not present" == answer_of(by_client)["error"]
