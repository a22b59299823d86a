"""Attacks by somebody who knows the code: what one feature promises is tried by way of another."""

import asyncio
import base64
import json
import re
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey, Key

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.settings.dcr import SCOPE
from poolhouse.pool.flows import authorize as flow_of
from poolhouse.pool.flows import browser, consent, judging, token_exchange
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import DcrConfigurationType
from tests.oauth.test_consent import say, the_page
from tests.oauth.test_par import come, pushed_uri
from tests.support.hosted import Page
from tests.support.proofs import (
    TOKEN_URL,
    a_key,
    a_key_client,
    assertion,
    assertion_claims,
    extend,
    proof,
    public,
    shown,
    signed,
    thumbprint,
)
from tests.support.service import Service
from tests.support.web import (
    BASE,
    CALLBACK,
    DOMAIN,
    Asking,
    a_web_client,
    a_web_pool,
    answer_of,
    authorize,
    basic_header,
    claims_of,
    error_of,
    fragment_of,
    redeem,
    signed_in,
    token,
)

OPEN = "/domains/open/oauth2"
API = "https://api.example"
HALF = "\\ud800"
A_KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


@pytest.fixture
async def open_pool(flow: Flow) -> PoolEntry:
    """A pool at which anybody may register an app."""
    return await a_web_pool(flow, domain="open", dcr_configuration=DcrConfigurationType(open_dcr_enabled=True))


async def info_of(web: httpx.AsyncClient, access_token: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {access_token}"}
    reply = await web.get(f"/domains/{DOMAIN}/oauth2/userInfo", headers=headers)
    assert 200 == reply.status_code, reply.text
    found: dict[str, Any] = reply.json()
    return found


def half(document: dict[str, Any], member: str) -> str:
    """*document* as JSON, with half a character in *member*, which no encoder writes."""
    return json.dumps(document | {member: "@@"}).replace("@@", HALF)


def signed_text(key: Key, header: dict[str, Any], claims: str) -> str:
    """A JWS by ES256 over claims that no encoder writes."""
    assert isinstance(key, ECKey)
    private = key.private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    message = ".".join(base64.urlsafe_b64encode(each.encode()).rstrip(b"=").decode() for each in (
        json.dumps(header), claims))  # fmt: skip
    r, s = decode_dss_signature(private.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{message}.{base64.urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).rstrip(b'=').decode()}"


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
async def test_the_api_starts_no_sign_in_of_any_kind_for_an_app_that_registered_itself(
    flow: Flow, web: httpx.AsyncClient, service: Service, open_pool: PoolEntry, method: str
) -> None:
    """By SRP or a custom challenge it would be one without consent, with every scope of the API."""
    app = {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": method}
    made = (await web.post(f"{OPEN}/register", json=app)).json()
    at = {"UserPoolId": open_pool.pool.id, "ClientId": made["client_id"]}

    for update in (False, True):
        if update:
            await service("UpdateUserPoolClient", **at, ClientName="Other")
        for kind in ("USER_SRP_AUTH", "CUSTOM_AUTH", "USER_PASSWORD_AUTH", "USER_AUTH"):
            given = {"USERNAME": "jane", "SRP_A": "ab" * 128, "PASSWORD": "x", "SECRET_HASH": "x"}
            told = await service.refusal(
                "InitiateAuth", ClientId=made["client_id"], AuthFlow=kind, AuthParameters=given
            )  # fmt: skip
            assert "not enabled" in told[1], (kind, told)


async def test_what_openid_alone_opens_is_agreed_to(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """In the service's dialect that is every attribute: more than with another scope beside it."""
    app = await extend(flow, client, third_party=True)
    await signed_in(flow, web, person)
    await say(web, await the_page(web, await authorize(web, app, scope="openid email")), "allow")

    page = await the_page(web, await authorize(web, app, scope="openid"))
    assert "See your phone number" in page.text
    held = (await redeem(web, app, answer_of(await say(web, page, "allow"))["code"])).json()
    assert "phone_number" in await info_of(web, held["access_token"])


async def test_claims_that_one_app_asked_for_are_not_anothers(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    """A token that was exchanged is of the sign-in at which the first app asked."""
    front = await extend(flow, await a_web_client(flow, pool), dialect="openid", resources=[API])
    back = await a_web_client(flow, pool, allowed_o_auth_scopes=["openid"])
    back = await extend(flow, back, dialect="openid", extra_grants=[token_exchange.GRANT], resources=[API])
    await signed_in(flow, web, person)
    named = json.dumps({"userinfo": {"email": None}})
    code = answer_of(await authorize(web, front, scope="openid", claims=named, resource=API))["code"]
    subject = (await redeem(web, front, code)).json()["access_token"]

    form = {"subject_token": subject, "subject_token_type": token_exchange.ACCESS_TOKEN}
    made = (await token(web, back, grant_type=token_exchange.GRANT, **form)).json()["access_token"]

    assert {"sub", "email"} == set(await info_of(web, subject))
    assert {"sub"} == set(await info_of(web, made))


async def test_a_bound_token_registers_nobody_as_a_bearer_token(
    flow: Flow, web: httpx.AsyncClient, open_pool: PoolEntry
) -> None:
    registrar = await a_web_client(
        flow, open_pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[SCOPE], callback_urls=None
    )
    headers = {
        "authorization": basic_header(registrar.client.id, registrar.secrets[0]),
        **proof(flow, url=f"{BASE}{OPEN}/token"),
    }
    bound = (await web.post(f"{OPEN}/token", data={"grant_type": "client_credentials"}, headers=headers)).json()
    assert "cnf" in claims_of(bound["access_token"])

    for scheme in ("Bearer", "DPoP"):
        reply = await web.post(
            f"{OPEN}/register",
            json={"redirect_uris": [CALLBACK]},
            headers={"authorization": f"{scheme} {bound['access_token']}"},
        )
        assert ("invalid_token", 401) == error_of(reply)


async def test_an_assertion_is_good_once_also_in_the_second_in_which_it_expires(
    flow: Flow, clock: FixedClock, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    """``exp`` may have a fraction (RFC 7519 section 2): what is remembered must not be forgotten before."""
    client = await a_key_client(flow, pool)
    made = shown(assertion(flow, client, exp=flow.clock.now() + 10.9), grant_type="authorization_code", code="unknown")

    assert ("invalid_grant", 400) == error_of(await web.post(TOKEN_URL, data=made))
    clock.advance(70)
    assert ("invalid_client", 401) == error_of(await web.post(TOKEN_URL, data=made))


@pytest.mark.parametrize("member", ["jti", "ath", "htu", "htm"])
async def test_a_proof_with_half_a_character_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, member: str
) -> None:
    key = a_key("ES256", "dpop")
    claims = half({"htm": "POST", "htu": TOKEN_URL, "jti": "one", "iat": flow.clock.now()}, member)
    made = signed_text(key, {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(key)}, claims)

    headers = {"authorization": basic_header(client.client.id, client.secrets[0]), "dpop": made}
    reply = await web.post(TOKEN_URL, data={"grant_type": "authorization_code", "code": "x"}, headers=headers)
    assert ("invalid_dpop_proof", 400) == error_of(reply)


@pytest.mark.parametrize("member", ["jti", "sub", "iss", "aud"])
async def test_an_assertion_with_half_a_character_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, member: str
) -> None:
    client, key = await a_key_client(flow, pool), a_key()
    header = {"alg": "ES256", "kid": key.as_dict()["kid"]}
    made = signed_text(key, header, half(assertion_claims(flow, client), member))

    reply = await web.post(TOKEN_URL, data=shown(made, grant_type="authorization_code", code="x"))
    assert ("invalid_client", 401) == error_of(reply)


@pytest.mark.parametrize(
    "members",
    [
        {"contacts": [HALF]},
        {"client_name": HALF},
        {"scope": HALF},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": f"CN={HALF}"},
        {"jwks": {"keys": [A_KEY | {"kid": HALF}]}},
        {"jwks": {"keys": [A_KEY], HALF: 1}},
    ],
)
async def test_a_registration_with_half_a_character_is_refused(
    web: httpx.AsyncClient, open_pool: PoolEntry, members: dict[str, Any]
) -> None:
    body = json.dumps({"redirect_uris": [CALLBACK], **members}).replace("\\\\", "\\")
    reply = await web.post(f"{OPEN}/register", content=body, headers={"content-type": "application/json"})

    assert HALF in body
    assert ("invalid_client_metadata", 400) == error_of(reply)


@pytest.mark.parametrize(
    "detail",
    [
        '{"x":{"value":' + "[" * 900 + "]" * 900 + "}}",
        '{"x":{"value":' + "[" * 1900 + "]" * 1900 + "}}",
        '{"\\u0000":null}',
        '{"x":{"value":"\\u0000"}}',
        f'{{"{HALF}":null}}',
        '{"x":{"value":1e400}}',
        '{"acr":{"values":[1,{}]}}',
        '{"sub":{"value":"\\u0000"}}',
    ],
)
async def test_claims_that_nobody_can_have_are_refused_or_lead_to_tokens(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, detail: str
) -> None:
    await signed_in(flow, web, person)
    for place in ("userinfo", "id_token"):
        reply = await authorize(web, client, claims=f'{{"{place}":{detail}}}')
        if "/login?" not in reply.headers["location"] and "code" in answer_of(reply):
            assert 200 == (await redeem(web, client, answer_of(reply)["code"])).status_code


async def test_a_pushed_request_is_answered_with_tokens_once(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    """The implicit grant spends the handle as a code does."""
    client = await a_web_client(flow, pool, allowed_o_auth_flows=["implicit"])
    await signed_in(flow, web, person)
    uri = await pushed_uri(web, client, response_type="token")

    assert "access_token" in fragment_of(await come(web, client, uri))
    assert "access_token" not in fragment_of(await come(web, client, uri))


async def test_a_key_cannot_be_named_for_tokens_that_no_key_could_hold(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    """What goes to the browser is a bearer token, whatever ``dpop_jkt`` says: refused, not ignored."""
    client = await a_web_client(flow, pool, allowed_o_auth_flows=["implicit"])
    await signed_in(flow, web, person)

    reply = await authorize(web, client, response_type="token", dpop_jkt=thumbprint(a_key("ES256", "dpop")))
    assert "invalid_request" == fragment_of(reply)["error"]


async def test_the_page_of_one_pushed_request_does_not_answer_another(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    app = await extend(flow, client, third_party=True)
    await signed_in(flow, web, person)
    one, other = [await pushed_uri(web, app, scope=scope) for scope in ("openid email", "openid email profile")]
    page = await the_page(web, await come(web, app, one))

    moved = str(page.url).replace(quote(one, safe=""), quote(other, safe=""))
    assert moved != str(page.url)
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    reply = await web.post(moved, data={"_csrf": csrf[1], "answer": "allow"})
    assert "code" not in answer_of(reply)
    widened = await web.post(f"{page.url}&scope=openid+phone", data={"_csrf": csrf[1], "answer": "allow"})
    assert "code" not in answer_of(widened)


async def test_of_parallel_answers_to_one_consent_page_one_has_a_code(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    app = await extend(flow, client, third_party=True)
    await signed_in(flow, web, person)
    page = await the_page(web, await come(web, app, await pushed_uri(web, app)))

    replies = await asyncio.gather(*(say(web, page, "allow") for _ in range(4)))
    assert 1 == sum("code=" in reply.headers.get("location", "") for reply in replies)


async def test_an_exchange_for_openid_alone_opens_no_more_than_was_granted(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    """In the service's dialect fewer scopes can open more: those of the sign-in bound a token that was exchanged."""
    client = await a_web_client(flow, pool)
    client = await extend(flow, client, extra_grants=[token_exchange.GRANT])
    await signed_in(flow, web, person)
    code = answer_of(await authorize(web, client, scope="openid email"))["code"]
    subject = (await redeem(web, client, code)).json()["access_token"]

    form = {"subject_token": subject, "subject_token_type": token_exchange.ACCESS_TOKEN, "scope": "openid"}
    made = (await token(web, client, grant_type=token_exchange.GRANT, **form)).json()
    assert "openid" == made["scope"]
    assert set(await info_of(web, made["access_token"])) <= set(await info_of(web, subject))


async def test_a_signed_request_is_no_assertion_and_an_assertion_no_request(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_key_client(flow, pool)
    await signed_in(flow, web, person)
    claims = assertion_claims(flow, client) | Asking(client).params()
    reply = await authorize(web, client, request=signed(a_key(), "ES256", claims))
    assert "invalid_request_object" == answer_of(reply)["error"]

    claims.pop("sub")
    request = signed(a_key(), "ES256", claims)
    assert "code" in answer_of(await authorize(web, client, request=request))
    told = await web.post(TOKEN_URL, data=shown(request, grant_type="authorization_code", code="x"))
    assert ("invalid_client", 401) == error_of(told)


async def test_a_request_object_of_another_client_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    one, other = await a_key_client(flow, pool), await a_key_client(flow, pool, a_key("ES256", "two"))
    await signed_in(flow, web, person)
    for key, inside in ((a_key(), other), (a_key("ES256", "two"), one), (a_key("ES256", "two"), other)):
        claims = assertion_claims(flow, inside, sub=None) | Asking(inside).params()
        reply = answer_of(await authorize(web, one, request=signed(key, "ES256", claims)))
        assert "code" not in reply


async def test_an_agreement_that_is_taken_back_a_moment_ago_is_none(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    """It is looked at again where the code is written."""
    app = await extend(flow, client, third_party=True)
    handle = await signed_in(flow, web, person)
    valid = await judging.judge(flow, pool, urlencode(Asking(app).params()))
    known = await browser.find_session(flow, pool, handle)
    assert isinstance(valid, Valid)
    assert known is not None

    with pytest.raises(Refused, match="login_required"):
        await flow_of.answer_session(flow, pool, valid, known)
    await flow_of.answer_session(flow, pool, valid, known, has_agreed=True)
    await flow_of.answer_session(flow, pool, valid, known)
    assert await consent.withdraw(flow, person, app.client.id)
    with pytest.raises(Refused, match="login_required"):
        await flow_of.answer_session(flow, pool, valid, known)


async def test_who_is_asked_about_a_pushed_request_can_be_somebody_else(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """Beside a handle nothing counts, but for what our own page says there."""
    app = await extend(flow, client, third_party=True)
    await signed_in(flow, web, person)
    page = Page(await the_page(web, await come(web, app, await pushed_uri(web, app))))

    form = await web.get(page.links["Sign in as somebody else"])
    assert (200, True) == (form.status_code, 'name="password"' in form.text)


@pytest.mark.parametrize("mode", ["form_post", "query", "fragment"])
async def test_what_an_app_sends_along_is_no_markup(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, mode: str
) -> None:
    evil = "\"'><script>alert(1)</script>\r\nset-cookie: a=b"
    app = await extend(flow, await a_web_client(flow, pool), third_party=True)
    await signed_in(flow, web, person)
    page = await the_page(web, await authorize(web, app, state=evil, login_hint=evil[:-20], response_mode=mode))
    reply = await say(web, page, "allow")

    for each in (page, reply):
        assert "<script>alert" not in each.text
        assert "a=b" not in each.headers.get("set-cookie", "")
    if mode == "form_post":
        assert evil in unescape(reply.text)
    else:
        assert evil == (answer_of(reply) if mode == "query" else fragment_of(reply))["state"]


async def test_an_app_does_not_undo_what_an_administrator_has_set(
    web: httpx.AsyncClient, service: Service, open_pool: PoolEntry
) -> None:
    """Changing its metadata (RFC 7592) it gets back no attribute that it may not read any more."""
    made = (await web.post(f"{OPEN}/register", json={"redirect_uris": [CALLBACK]})).json()
    at = {"UserPoolId": open_pool.pool.id, "ClientId": made["client_id"]}
    held = (await service("DescribeUserPoolClient", **at))["UserPoolClient"]
    kept = {name: held[name] for name in (
        "CallbackURLs", "AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient",
        "SupportedIdentityProviders")}  # fmt: skip
    await service("UpdateUserPoolClient", **at, **kept, ReadAttributes=["email"], RefreshTokenValidity=1)

    headers = {"authorization": f"Bearer {made['registration_access_token']}"}
    body = {"client_id": made["client_id"], "redirect_uris": [f"{CALLBACK}/2"], "client_name": "New"}
    assert 200 == (await web.put(f"{OPEN}/register/{made['client_id']}", json=body, headers=headers)).status_code

    now = (await service("DescribeUserPoolClient", **at))["UserPoolClient"]
    assert ("New", [f"{CALLBACK}/2"]) == (now["ClientName"], now["CallbackURLs"])
    assert (["email"], 1) == (now["ReadAttributes"], now["RefreshTokenValidity"])
