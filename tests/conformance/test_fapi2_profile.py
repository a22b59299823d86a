"""
An app client that says that it follows the FAPI 2.0 Security Profile: what it is then held to, whoever sets what.

The modules of the Foundation's plan are in ``test_fapi2_security_profile``; here are the setting itself, the tokens of
such a client, and the nonces of DPoP (RFC 9449 sections 8 and 9), which the plan uses where a server asks for them.
"""

from typing import Any

import httpx
import pytest

from poolhouse.pool.core.client_proof import HashUse
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import dpop_nonce
from poolhouse.pool.flows.caller import client_by_hash
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from tests.conformance.test_fapi2_security_profile import FAPI, PAR, PKCE, TOKEN, App
from tests.support.proofs import USER_INFO_URL, a_key_client, extend, proof
from tests.support.service import Service, service
from tests.support.web import CALLBACK, Asking, claims_of, header_of, signed_in

__all__ = ["service"]
PROFILE: dict[str, Any] = FAPI | {
    "profile": "fapi2", "id_token_signed_response_alg": "ES256", "access_token_signed_response_alg": "ES256",
}  # fmt: skip
PAR_URL = f"{USER_INFO_URL.removesuffix('userInfo')}par"


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_key_client(flow, pool, settings={"default_redirect_uri": CALLBACK}, **PROFILE)


@pytest.fixture
async def app(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> App:
    await signed_in(flow, web, person)
    return App(flow, web, client)


@pytest.mark.parametrize(
    "changes",
    [
        {"dialect": "cognito"},
        {"require_pushed_authorization_requests": False},
        {"dpop_bound_access_tokens": False},
        {"token_endpoint_auth_method": None},
        {"token_endpoint_auth_method": "none"},
        {"id_token_signed_response_alg": "RS256"},
        {"access_token_signed_response_alg": "RS256"},
        {"userinfo_signed_response_alg": "RS256"},
        {"token_endpoint_auth_signing_alg": "RS256"},
        {"request_object_signing_alg": "RS256"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_the_profile_lets_nobody_weaken_a_setting(
    flow: Flow, client: ClientEntry, changes: dict[str, Any]
) -> None:
    with pytest.raises(WrongSetting):
        await extend(flow, client, **changes)


async def test_the_profile_is_not_set_on_a_client_with_a_secret(flow: Flow, client: ClientEntry) -> None:
    await extend(flow, client, profile=None)

    with pytest.raises(WrongSetting, match="profile fapi2 needs a token_endpoint_auth_method by a key"):
        await extend(flow, client, profile="fapi2", token_endpoint_auth_method=None)


async def test_a_certificate_serves_as_well_as_a_key(flow: Flow, client: ClientEntry) -> None:
    mutual = {
        "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=app", "jwks": None,
        "dpop_bound_access_tokens": None, "tls_client_certificate_bound_access_tokens": True,
    }  # fmt: skip

    changed = await extend(flow, client, **mutual)

    assert "fapi2" == changed.client.extended.profile


async def test_tokens_of_the_profile_are_signed_by_a_curve(app: App) -> None:
    tokens = (await app.redeem(await app.code())).json()

    assert "ES256" == header_of(tokens["access_token"])["alg"] == header_of(tokens["id_token"])["alg"]
    assert 200 == (await app.user_info(tokens["access_token"])).status_code


ROTATES: dict[str, Any] = {"refresh_token_rotation": shapes.RefreshTokenRotationType(feature="ENABLED")}
IMPLICIT: dict[str, Any] = {"allowed_o_auth_flows": ["code", "implicit"]}


@pytest.mark.parametrize(
    ("settings", "needs"),
    [(ROTATES, "RefreshTokenRotation to be off"), (IMPLICIT, "AllowedOAuthFlows without implicit")],
)
async def test_the_profile_goes_with_neither_rotation_nor_the_implicit_grant(
    flow: Flow, pool: PoolEntry, settings: dict[str, Any], needs: str
) -> None:
    with pytest.raises(WrongSetting, match=f"profile fapi2 needs {needs}"):
        await a_key_client(flow, pool, settings=settings, **PROFILE)


@pytest.mark.parametrize(
    ("settings", "needs"),
    [
        ({"RefreshTokenRotation": {"Feature": "ENABLED"}}, "RefreshTokenRotation to be off"),
        ({"AllowedOAuthFlows": ["code", "implicit"]}, "AllowedOAuthFlows without implicit"),
    ],
)
async def test_nor_are_they_slipped_in_by_the_api(
    pool: PoolEntry, client: ClientEntry, service: Service, settings: dict[str, Any], needs: str
) -> None:
    same = {
        "UserPoolId": pool.pool.id, "ClientId": client.client.id, "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"], "CallbackURLs": [CALLBACK],
        "SupportedIdentityProviders": ["COGNITO"], "ExplicitAuthFlows": [],
    }  # fmt: skip

    assert ("InvalidParameterException", f"profile fapi2 needs {needs}") == await service.refusal(
        "UpdateUserPoolClient", **(same | settings)
    )


async def test_a_refresh_token_of_the_profile_stays_the_same(flow: Flow, app: App) -> None:
    held = (await app.redeem(await app.code())).json()

    renewed = []
    for _ in range(2):
        form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], **app.proves()}
        renewed.append((await app.web.post(TOKEN, data=form, headers=proof(flow))).json())

    assert all("access_token" in each and "refresh_token" not in each for each in renewed)


@pytest.mark.parametrize("use", list(HashUse))
async def test_the_api_takes_no_password_for_the_profile(flow: Flow, client: ClientEntry, use: HashUse) -> None:
    with pytest.raises(Refused, match="client_assertion_wrong"):
        await client_by_hash(flow, client.client.id, "ann", None, use)


# RFC 9068, for whoever asks for it.


async def test_an_access_token_says_its_type_and_has_an_audience(flow: Flow, app: App, client: ClientEntry) -> None:
    await extend(flow, client, access_token_typ="at+jwt")

    tokens = (await app.redeem(await app.code())).json()

    assert "at+jwt" == header_of(tokens["access_token"])["typ"]
    assert "typ" not in header_of(tokens["id_token"])
    claims = claims_of(tokens["access_token"])
    assert claims["iss"] == claims["aud"]
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"} <= claims.keys()
    assert 200 == (await app.user_info(tokens["access_token"])).status_code


async def test_the_type_is_of_the_openid_dialect(flow: Flow, client: ClientEntry) -> None:
    with pytest.raises(WrongSetting):
        await extend(flow, client, profile=None, dialect="cognito", access_token_typ="at+jwt")


# Nonces.


@pytest.fixture
async def strict(flow: Flow, client: ClientEntry) -> ClientEntry:
    return await extend(flow, client, require_dpop_nonce=True)


async def test_a_proof_without_the_nonce_is_told_which_to_use(flow: Flow, app: App, strict: ClientEntry) -> None:
    code = await app.code()

    refused = await app.redeem(code)

    assert (400, "use_dpop_nonce") == (refused.status_code, refused.json()["error"])
    assert "no-store" == refused.headers["cache-control"]
    again = await app.redeem(code, headers=proof(flow, nonce=refused.headers["dpop-nonce"]))
    assert 200 == again.status_code, again.text
    assert again.headers["dpop-nonce"]


async def test_the_code_outlives_a_proof_without_the_nonce_but_not_a_second_use(
    flow: Flow, app: App, strict: ClientEntry
) -> None:
    code = await app.code()
    nonce = (await app.redeem(code)).headers["dpop-nonce"]

    statuses = [(await app.redeem(code, headers=proof(flow, nonce=nonce))).status_code for _ in range(2)]

    assert [200, 400] == statuses


async def test_user_info_asks_for_the_nonce_by_a_challenge(flow: Flow, app: App, strict: ClientEntry) -> None:
    code = await app.code()
    nonce = dpop_nonce.current(flow, strict.client.pool_id)
    token = (await app.redeem(code, headers=proof(flow, nonce=nonce))).json()["access_token"]

    refused = await app.user_info(token)

    assert (401, "use_dpop_nonce") == (refused.status_code, refused.json()["error"])
    assert refused.headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce"')
    assert 200 == (await app.user_info(token, nonce=refused.headers["dpop-nonce"])).status_code


async def test_a_pushed_request_with_a_proof_needs_the_nonce_too(
    flow: Flow, web: httpx.AsyncClient, app: App, strict: ClientEntry
) -> None:
    form = Asking(strict).params(**PKCE)

    async def push(**claims: Any) -> httpx.Response:
        return await web.post(PAR, data=form | app.proves(), headers=proof(flow, url=PAR_URL, **claims))

    refused = await push()

    assert (400, "use_dpop_nonce") == (refused.status_code, refused.json()["error"])
    assert 201 == (await push(nonce=refused.headers["dpop-nonce"])).status_code


@pytest.mark.parametrize(
    "nonce", ["", "1", "99999999999999999999.x", "1.é", "x" * 4000, "1790000000.AAAAAAAAAAAAAAAAAAAAAA"]
)
async def test_a_nonce_that_is_not_ours_is_refused_even_where_none_is_needed(flow: Flow, app: App, nonce: str) -> None:
    code = await app.code()

    reply = await app.redeem(code, headers=proof(flow, nonce=nonce))

    assert (400, "use_dpop_nonce") == (reply.status_code, reply.json()["error"])


async def test_a_nonce_that_is_no_text_makes_no_proof(flow: Flow, app: App) -> None:
    reply = await app.redeem(await app.code(), headers=proof(flow, nonce=7))

    assert (400, "invalid_dpop_proof") == (reply.status_code, reply.json()["error"])


async def test_a_nonce_is_good_for_some_minutes_and_for_one_pool(flow: Flow, pool: PoolEntry) -> None:
    nonce = dpop_nonce.current(flow, pool.pool.id)

    assert dpop_nonce.is_good(flow, pool.pool.id, nonce)
    assert not dpop_nonce.is_good(flow, "us-east-1_Another01", nonce)
    assert not dpop_nonce.is_good(flow, pool.pool.id, nonce[:-1] + ("A" if nonce[-1] != "A" else "B"))
    flow.clock.advance(dpop_nonce.LIFETIME - dpop_nonce.SECONDS)  # type: ignore[attr-defined]
    assert dpop_nonce.is_good(flow, pool.pool.id, nonce)
    flow.clock.advance(dpop_nonce.SECONDS)  # type: ignore[attr-defined]
    assert not dpop_nonce.is_good(flow, pool.pool.id, nonce)


async def test_whoever_needs_no_nonce_gets_none(app: App) -> None:
    reply = await app.redeem(await app.code())

    assert 200 == reply.status_code
    assert "dpop-nonce" not in reply.headers
