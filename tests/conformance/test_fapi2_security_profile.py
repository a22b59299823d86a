"""
The modules of the plan for the FAPI 2.0 Security Profile (final), named after them; a test without the plan's name is a
rule of the profile that has no module.

With private_key_jwt and DPoP, and where a module is about certificates with those.  The suite's own mutual TLS between
it and the server is the operator's proxy here, which tells the certificate in a header.
"""

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.user import User
from tests.support.proofs import (
    USER_INFO_URL,
    a_certificate,
    a_key,
    a_key_client,
    assertion,
    assertion_claims,
    certified,
    der,
    extend,
    of_secret,
    pem,
    proof,
    public,
    sha256,
    shown,
    signed,
    thumbprint,
    unsigned,
)
from tests.support.web import (
    BASE,
    CALLBACK,
    CHALLENGE,
    DOMAIN,
    VERIFIER,
    Asking,
    a_web_client,
    answer_of,
    claims_of,
    error_of,
    signed_in,
)

AUTHORIZE = f"/domains/{DOMAIN}/oauth2/authorize"
PAR = f"/domains/{DOMAIN}/oauth2/par"
TOKEN = f"/domains/{DOMAIN}/oauth2/token"
USER_INFO = f"/domains/{DOMAIN}/oauth2/userInfo"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
FAPI: dict[str, Any] = {
    "dialect": "openid",
    "require_pushed_authorization_requests": True,
    "dpop_bound_access_tokens": True,
}


class App:
    """A client that does all that the profile wants, or what a test wants instead."""

    def __init__(self, flow: Flow, web: httpx.AsyncClient, client: ClientEntry, alg: str = "ES256") -> None:
        self.flow, self.web, self.client, self.alg = flow, web, client, alg

    def proves(self, **changes: Any) -> dict[str, str]:
        return shown(assertion(self.flow, self.client, alg=self.alg, **changes))

    def asks(self, **more: str | None) -> dict[str, str]:
        return Asking(self.client).params(**(PKCE | more))

    async def push(self, *, proves: Any = None, **more: Any) -> httpx.Response:
        return await self.web.post(PAR, data=self.asks(**more) | (self.proves() if proves is None else proves))

    async def come(self, uri: str, **more: str) -> httpx.Response:
        return await self.web.get(AUTHORIZE, params={"client_id": self.client.client.id, "request_uri": uri, **more})

    async def code(self, **more: str | None) -> str:
        reply = await self.push(**more)
        assert 201 == reply.status_code, reply.text
        return answer_of(await self.come(reply.json()["request_uri"]))["code"]

    async def redeem(self, code: str, headers: Any = None, **more: Any) -> httpx.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
            **self.proves(), **more,
        }  # fmt: skip
        given = {name: value for name, value in form.items() if value is not None}
        return await self.web.post(TOKEN, data=given, headers=proof(self.flow) if headers is None else headers)

    async def user_info(self, token: str, **changes: Any) -> httpx.Response:
        made = proof(self.flow, url=USER_INFO_URL, method="GET", token=token, **changes)
        return await self.web.get(USER_INFO, headers={"authorization": f"DPoP {token}", **made})


@pytest.fixture
async def app(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> App:
    client = await a_key_client(flow, pool, settings={"default_redirect_uri": CALLBACK}, **FAPI)
    await signed_in(flow, web, person)
    return App(flow, web, client)


async def test_fapi2_security_profile_final_discovery_endpoint_verification(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert flow.config.issuer(pool.pool.id) == found["issuer"]
    assert BASE + PAR == found["pushed_authorization_request_endpoint"]
    assert {"S256"} == set(found["code_challenge_methods_supported"])
    assert found["authorization_response_iss_parameter_supported"]
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]
    strong = {"PS256", "ES256", "EdDSA"}
    assert strong <= set(found["token_endpoint_auth_signing_alg_values_supported"])
    assert strong <= set(found["dpop_signing_alg_values_supported"])
    assert "none" not in found["token_endpoint_auth_signing_alg_values_supported"]
    assert {"authorization_code"} <= set(found["grant_types_supported"])


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
async def test_fapi2_security_profile_final_happy_flow(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, alg: str
) -> None:
    await signed_in(flow, web, person)
    app = App(flow, web, await a_key_client(flow, pool, a_key(alg), **FAPI), alg)
    pushed = await app.push(nonce="n-1")
    answer = answer_of(await app.come(pushed.json()["request_uri"]))
    assert ("s t&te", flow.config.issuer(pool.pool.id)) == (answer["state"], answer["iss"])

    held = (await app.redeem(answer["code"], proof(flow, alg=alg))).json()

    assert "DPoP" == held["token_type"]
    assert "n-1" == claims_of(held["id_token"])["nonce"]
    assert {"jkt": thumbprint(a_key(alg, "dpop"))} == claims_of(held["access_token"])["cnf"]
    assert person.sub == (await app.user_info(held["access_token"], key=a_key(alg, "dpop"), alg=alg)).json()["sub"]


async def test_fapi2_security_profile_final_user_rejects_authentication(app: App) -> None:
    uri = (await app.push(prompt="none", max_age="0")).json()["request_uri"]

    answer = answer_of(await app.come(uri))

    assert "login_required" == answer["error"]
    assert {"state", "iss"} <= set(answer)


async def test_fapi2_security_profile_final_par_without_duplicate_parameters(app: App) -> None:
    reply = await app.push()

    page = await app.come(reply.json()["request_uri"])

    assert "code" in answer_of(page)


async def test_fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails(
    app: App,
) -> None:
    answer = answer_of(await app.web.get(AUTHORIZE, params=app.asks()))

    assert "invalid_request" == answer["error"]
    assert "iss" in answer


async def test_fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(
    app: App,
) -> None:
    app.web.cookies.clear()
    uri = (await app.push()).json()["request_uri"]

    for _ in range(2):
        assert "/login?" in (await app.come(uri)).headers["location"]


async def test_fapi2_security_profile_final_par_reject_invalid_http_verb(app: App) -> None:
    reply = await app.web.put(PAR, data=app.asks() | app.proves())

    assert 405 == reply.status_code


async def test_fapi2_security_profile_final_par_reject_request_uri_in_par_authorization_request(app: App) -> None:
    own = {"iss": app.client.client.id, "aud": app.flow.config.issuer(app.client.client.pool_id)}
    made = signed(a_key(), "ES256", own | app.asks(request_uri="https://app.example"))

    assert ("invalid_request_object", 400) == error_of(await app.web.post(PAR, data={"request": made} | app.proves()))


async def test_fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails(app: App) -> None:
    assert ("invalid_request", 400) == error_of(await app.push(redirect_uri=None))


async def test_fapi2_security_profile_final_state_only_outside_request_object_not_used(app: App) -> None:
    uri = (await app.push(state=None)).json()["request_uri"]

    assert "state" not in answer_of(await app.come(uri, state="outside"))


async def test_fapi2_security_profile_final_par_attempt_reuse_request_uri(app: App) -> None:
    uri = (await app.push()).json()["request_uri"]

    assert "code" in answer_of(await app.come(uri))
    assert "error=invalid_request_uri" in (await app.come(uri)).headers["location"]


async def test_fapi2_security_profile_final_par_attempt_to_use_expired_request_uri(app: App) -> None:
    reply = await app.push()
    assert 600 > reply.json()["expires_in"]
    app.flow.clock.advance(reply.json()["expires_in"] + 1)  # type: ignore[attr-defined]

    assert "error=invalid_request_uri" in (await app.come(reply.json()["request_uri"])).headers["location"]


async def test_fapi2_security_profile_final_par_ensure_request_uri_is_bound_to_client(
    flow: Flow, pool: PoolEntry, app: App
) -> None:
    other = App(flow, app.web, await a_key_client(flow, pool, **FAPI))
    uri = (await app.push()).json()["request_uri"]

    assert "error=invalid_request_uri" in (await other.come(uri)).headers["location"]


async def test_fapi2_security_profile_final_par_ensure_pkce_required(app: App) -> None:
    assert ("invalid_request", 400) == error_of(await app.push(code_challenge=None, code_challenge_method=None))


async def test_fapi2_security_profile_final_par_ensure_plain_pkce_rejected(app: App) -> None:
    reply = await app.push(code_challenge=VERIFIER, code_challenge_method="plain")

    assert ("invalid_request", 400) == error_of(reply)


async def test_fapi2_security_profile_final_par_ensure_pkce_code_verifier_required(app: App) -> None:
    assert ("invalid_grant", 400) == error_of(await app.redeem(await app.code(), code_verifier=None))


async def test_fapi2_security_profile_final_par_incorrect_pkce_code_verifier_rejected(app: App) -> None:
    assert ("invalid_grant", 400) == error_of(await app.redeem(await app.code(), code_verifier="x" * 43))


async def test_the_endpoint_is_no_audience_of_a_request_object(
    app: App,
) -> None:
    own = {"iss": app.client.client.id, "aud": BASE + PAR, "exp": app.flow.clock.now() + 60, **app.asks()}
    made = signed(a_key(), "ES256", own)

    reply = await app.web.post(PAR, data={"request": made} | app.proves())

    assert ("invalid_request_object", 400) == error_of(reply)


async def test_fapi2_security_profile_final_par_reject_request_uri_in_par_authorization_form_params(app: App) -> None:
    uri = (await app.push()).json()["request_uri"]

    assert ("invalid_request", 400) == error_of(await app.push(request_uri=uri))


async def test_the_issuer_is_an_audience_of_assertions(app: App) -> None:
    issuer = app.flow.config.issuer(app.client.client.pool_id)

    assert 201 == (await app.push(proves=app.proves(aud=issuer))).status_code


async def test_fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails(app: App) -> None:
    issuer = app.flow.config.issuer(app.client.client.pool_id)

    for wrong in (BASE + TOKEN, BASE + PAR, [issuer], [issuer, BASE + TOKEN]):
        assert ("invalid_client", 401) == error_of(await app.push(proves=app.proves(aud=wrong))), wrong
        reply = await app.redeem("x", **app.proves(aud=wrong))
        assert ("invalid_client", 401) == error_of(reply), wrong


async def test_fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails(app: App) -> None:
    assert ("invalid_client", 401) == error_of(await app.push(proves=app.proves(sub=None)))


async def test_fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint(app: App) -> None:
    without = {"client_assertion": None, "client_assertion_type": None, "client_id": app.client.client.id}

    assert ("invalid_client", 401) == error_of(await app.redeem(await app.code(), **without))


async def test_fapi2_security_profile_final_ensure_signed_client_assertion_with_rs256_fails(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    app = App(flow, web, await a_key_client(flow, pool, a_key("RS256"), **FAPI), "RS256")

    assert ("invalid_client", 401) == error_of(await app.push())


async def test_unsigned_and_symmetric_client_assertions_fail(app: App) -> None:
    claims = assertion_claims(app.flow, app.client)

    for wrong in (unsigned(claims), signed(of_secret(public(a_key())["x"]), "HS256", claims)):
        assert ("invalid_client", 401) == error_of(await app.push(proves=shown(wrong)))


async def test_fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(
    app: App,
) -> None:
    now = app.flow.clock.now()

    reply = await app.push(proves=app.proves(exp=now - 300, iat=now - 400))

    assert ("invalid_client", 401) == error_of(reply)


async def test_fapi2_security_profile_final_par_ensure_jwt_client_assertion_with_iat_nbf_8_seconds_in_the_future_is_accepted(
    app: App,
) -> None:
    now = app.flow.clock.now()

    assert 201 == (await app.push(proves=app.proves(iat=now + 8, nbf=now + 8, exp=now + 68))).status_code


async def test_fapi2_security_profile_final_par_ensure_jwt_client_assertion_with_iat_nbf_over_60_seconds_in_the_future_fails(
    app: App,
) -> None:
    now = app.flow.clock.now()

    assert ("invalid_client", 401) == error_of(await app.push(proves=app.proves(nbf=now + 90, exp=now + 150)))


async def test_a_client_assertion_is_not_accepted_twice(app: App) -> None:
    made = app.proves()

    assert 201 == (await app.push(proves=made)).status_code
    assert ("invalid_client", 401) == error_of(await app.push(proves=made))


async def test_fapi2_security_profile_final_access_token_type_header_case_sensitivity(app: App) -> None:
    token = (await app.redeem(await app.code())).json()["access_token"]
    made = proof(app.flow, url=USER_INFO_URL, method="GET", token=token)

    assert 200 == (await app.web.get(USER_INFO, headers={"authorization": f"dpop {token}", **made})).status_code


async def test_fapi2_security_profile_final_ensure_holder_of_key_required(app: App) -> None:
    assert ("invalid_request", 400) == error_of(await app.redeem(await app.code(), {}))


async def test_a_proof_is_required_at_the_resource(app: App) -> None:
    token = (await app.redeem(await app.code())).json()["access_token"]

    assert 401 == (await app.web.get(USER_INFO, headers={"authorization": f"DPoP {token}"})).status_code
    assert 401 == (await app.web.get(USER_INFO, headers={"authorization": f"Bearer {token}"})).status_code


async def test_a_proof_of_five_minutes_ago_fails(
    app: App,
) -> None:
    now = app.flow.clock.now()

    assert ("invalid_dpop_proof", 400) == error_of(await app.redeem("x", proof(app.flow, iat=now - 301)))
    assert ("invalid_dpop_proof", 400) == error_of(await app.redeem("x", proof(app.flow, iat=now + 301)))


async def test_a_proof_of_ten_seconds_ago_or_ahead_is_accepted(
    app: App,
) -> None:
    now = app.flow.clock.now()

    assert 200 == (await app.redeem(await app.code(), proof(app.flow, iat=now - 10))).status_code
    assert 200 == (await app.redeem(await app.code(), proof(app.flow, iat=now + 10))).status_code


async def test_fapi2_security_profile_final_dpop_negative_tests(app: App) -> None:
    token = (await app.redeem(await app.code())).json()["access_token"]

    for wrong in ({"htm": "POST"}, {"htu": BASE + TOKEN}, {"ath": "x"}, {"jti": None}, {"header": {"typ": "jwt"}}):
        assert 401 == (await app.user_info(token, **wrong)).status_code, wrong
    assert 401 == (await app.user_info(token, key=a_key("ES256", "other"))).status_code
    weak = proof(app.flow, a_key("RS256", "dpop"), "RS256")
    assert ("invalid_dpop_proof", 400) == error_of(await app.redeem("x", weak))


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(app: App) -> None:
    code = await app.code(dpop_jkt=thumbprint(a_key("ES256", "other")))

    assert ("invalid_grant", 400) == error_of(await app.redeem(code))


async def test_fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(
    app: App,
) -> None:
    made = proof(app.flow, a_key("ES256", "other"), url=BASE + PAR)
    uri = (await app.web.post(PAR, data=app.asks() | app.proves(), headers=made)).json()["request_uri"]

    assert ("invalid_grant", 400) == error_of(await app.redeem(answer_of(await app.come(uri))["code"]))


async def test_fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second(app: App) -> None:
    code = await app.code()
    token = (await app.redeem(code)).json()["access_token"]
    app.flow.clock.advance(1)  # type: ignore[attr-defined]

    assert ("invalid_grant", 400) == error_of(await app.redeem(code))
    assert 401 == (await app.user_info(token)).status_code


async def test_fapi2_security_profile_final_attempt_to_use_expired_auth_code(app: App) -> None:
    early, late = await app.code(), await app.code()
    app.flow.clock.advance(59)  # type: ignore[attr-defined]
    assert 200 == (await app.redeem(early)).status_code
    app.flow.clock.advance(2)  # type: ignore[attr-defined]

    assert ("invalid_grant", 400) == error_of(await app.redeem(late))


async def test_fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client(
    flow: Flow, pool: PoolEntry, app: App
) -> None:
    other = App(flow, app.web, await a_key_client(flow, pool, **FAPI))

    assert ("invalid_grant", 400) == error_of(await other.redeem(await app.code()))


async def test_fapi2_security_profile_final_ensure_registered_redirect_uri(app: App) -> None:
    for wrong in (CALLBACK + "/", CALLBACK + "?more", CALLBACK.upper(), "https://evil.example/callback"):
        assert ("invalid_request", 400) == error_of(await app.push(redirect_uri=wrong)), wrong


async def test_fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object(app: App) -> None:
    uri = (await app.push(nonce="inside")).json()["request_uri"]
    code = answer_of(await app.come(uri, nonce="outside"))["code"]

    assert "inside" == claims_of((await app.redeem(code)).json()["id_token"])["nonce"]


async def test_fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object(app: App) -> None:
    uri = (await app.push(state="inside")).json()["request_uri"]

    assert "inside" == answer_of(await app.come(uri, state="outside"))["state"]


async def test_fapi2_security_profile_final_ensure_request_object_without_nonce_success(app: App) -> None:
    assert 200 == (await app.redeem(await app.code(nonce=None))).status_code


async def test_fapi2_security_profile_final_ensure_request_object_with_long_state(app: App) -> None:
    uri = (await app.push(nonce="n" * 384, state="s" * 384)).json()["request_uri"]

    assert "s" * 384 == answer_of(await app.come(uri))["state"]


async def test_fapi2_security_profile_final_ensure_response_type_code_id_token_fails(app: App) -> None:
    assert "unsupported_response_type" == error_of(await app.push(response_type="code id_token"))[0]


async def test_fapi2_security_profile_final_ensure_response_type_token_fails(app: App) -> None:
    assert "unauthorized_client" == error_of(await app.push(response_type="token"))[0]


async def test_fapi2_security_profile_final_refresh_token(app: App) -> None:
    held = (await app.redeem(await app.code())).json()

    for _ in range(2):
        form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], **app.proves()}
        again = (await app.web.post(TOKEN, data=form, headers=proof(app.flow))).json()
        assert "refresh_token" not in again, "a refresh token of this profile is not rotated"
        assert {"jkt": thumbprint(a_key("ES256", "dpop"))} == claims_of(again["access_token"])["cnf"]


async def test_of_parallel_redemptions_one_is_served(app: App) -> None:
    code = await app.code()

    answers = await asyncio.gather(*(app.redeem(code) for _ in range(6)))

    assert [200] + [400] * 5 == sorted(each.status_code for each in answers)


BEHIND = ServerConfig(
    base_url=BASE, development=True, client_certificate_header="X-Client-Cert",
    client_certificate_verified="X-Client-Verify=SUCCESS",
)  # fmt: skip


@pytest.mark.parametrize("config", [BEHIND], ids=["behind-a-proxy"])
async def test_fapi2_security_profile_final_happy_flow_with_mutual_tls(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, secret=False)
    client = await extend(
        flow, client, dialect="openid", require_pushed_authorization_requests=True,
        token_endpoint_auth_method="self_signed_tls_client_auth", jwks={"keys": [certified(a_certificate())]},
        tls_client_certificate_bound_access_tokens=True,
    )  # fmt: skip
    await signed_in(flow, web, person)
    headers = {"x-client-cert": quote(pem(a_certificate())), "x-client-verify": "FAILED:self signed certificate"}
    uri = (await web.post(PAR, data=Asking(client).params(**PKCE), headers=headers)).json()["request_uri"]
    reply = await web.get(AUTHORIZE, params={"client_id": client.client.id, "request_uri": uri})
    form = {
        "grant_type": "authorization_code", "code": answer_of(reply)["code"], "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER, "client_id": client.client.id,
    }  # fmt: skip

    held = (await web.post(TOKEN, data=form, headers=headers)).json()

    assert {"x5t#S256": sha256(der(a_certificate()))} == claims_of(held["access_token"])["cnf"]
    bearer = {"authorization": f"Bearer {held['access_token']}"}
    assert 200 == (await web.get(USER_INFO, headers=bearer | headers)).status_code
    assert 401 == (await web.get(USER_INFO, headers=bearer)).status_code
