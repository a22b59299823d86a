"""
The modules of the OpenID Foundation's Basic OP plan, as rules of our own: one test each, named after the module.

The suite itself was not run; what each module asks of the provider is asked here through the same HTTP surface.
"""

import base64
import json
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.errors import BadSignatureError

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from tests.conformance.provider import CLAIMS, an_openid_client
from tests.conformance.relying_party import RelyingParty, code_of, error_of
from tests.support.web import CALLBACK, CHALLENGE, VERIFIER

OF_SCOPE = {
    "profile": {
        "name", "given_name", "middle_name", "family_name", "nickname", "preferred_username", "profile", "picture",
        "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    },
    "email": {"email", "email_verified"},
    "phone": {"phone_number", "phone_number_verified"},
    "address": {"address"},
}  # fmt: skip
SHOWN = CLAIMS | {
    "email_verified": True,
    "phone_number_verified": False,
    "updated_at": 1_700_000_000,
    "address": json.loads(CLAIMS["address"]),
}


def unsigned(**claims: object) -> str:
    """A request object without a signature."""
    parts = ({"alg": "none", "typ": "oauth-authz-req+jwt"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


async def test_oidcc_server(rp: RelyingParty) -> None:
    tokens = await rp.sign_in()

    assert {"sub": rp.user.sub} == await rp.user_info(tokens)


async def test_oidcc_response_type_missing(rp: RelyingParty) -> None:
    arrival = await rp.authorize(response_type=None, response_mode=None)

    assert "invalid_request" == error_of(arrival)


async def test_oidcc_idtoken_signature(rp: RelyingParty) -> None:
    tokens = await rp.sign_in()

    head, body, signature = tokens.identity.split(".")
    for forged in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body}."):
        with pytest.raises(BadSignatureError):
            await rp.check_identity(forged, nonce=tokens.claims["nonce"], access=tokens.access)


async def test_oidcc_idtoken_unsigned(rp: RelyingParty, flow: Flow) -> None:
    """Not for this provider: it says so, and no client can ask for it."""
    assert "none" not in rp.metadata["id_token_signing_alg_values_supported"]
    changes = {"id_token_signed_response_alg": "none"}
    with pytest.raises(WrongSetting):
        await client_extension.change(flow, rp.client.client.pool_id, rp.client.client.id, changes)


async def test_oidcc_userinfo_get(rp: RelyingParty) -> None:
    await rp.user_info(await rp.sign_in(), "header", "GET")


async def test_oidcc_userinfo_post_header(rp: RelyingParty) -> None:
    await rp.user_info(await rp.sign_in(), "header", "POST")


async def test_oidcc_userinfo_post_body(rp: RelyingParty) -> None:
    await rp.user_info(await rp.sign_in(), "body")


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(rp: RelyingParty) -> None:
    tokens = await rp.sign_in(nonce=None)

    assert "nonce" not in tokens.claims


async def check_scope(rp: RelyingParty, *scopes: str) -> None:
    """The claims of the scopes, all of them and no others (OIDC Core section 5.4)."""
    asked = " ".join(("openid", *scopes))
    assert set(asked.split()) <= set(rp.metadata["scopes_supported"])
    tokens = await rp.sign_in(scope=asked)
    told = await rp.user_info(tokens)

    wanted = {name for scope in scopes for name in OF_SCOPE[scope]}
    assert {"sub": rp.user.sub, **{name: SHOWN[name] for name in wanted}} == told
    assert set(asked.split()) == set(tokens.scope.split())


async def test_oidcc_scope_profile(rp: RelyingParty) -> None:
    await check_scope(rp, "profile")


async def test_oidcc_scope_email(rp: RelyingParty) -> None:
    await check_scope(rp, "email")


async def test_oidcc_scope_address(rp: RelyingParty) -> None:
    await check_scope(rp, "address")


async def test_oidcc_scope_phone(rp: RelyingParty) -> None:
    await check_scope(rp, "phone")


async def test_oidcc_scope_all(rp: RelyingParty) -> None:
    await check_scope(rp, "profile", "email", "address", "phone")


async def test_oidcc_alternate_happy_flow(rp: RelyingParty) -> None:
    """Neither the order of the parameters nor that of the scopes means anything (RFC 6749 section 3.3)."""
    asked = dict(reversed(rp.request(scope="email openid").items()))
    tokens = await rp.tokens(await rp.send(asked))

    assert {"sub": rp.user.sub, "email": "jane@example.com", "email_verified": True} == await rp.user_info(tokens)


async def test_oidcc_display_page(rp: RelyingParty) -> None:
    await rp.sign_in(display="page")


async def test_oidcc_display_popup(rp: RelyingParty) -> None:
    await rp.sign_in(display="popup")


async def test_oidcc_prompt_login(rp: RelyingParty, clock: FixedClock) -> None:
    first = await rp.sign_in()
    clock.advance(2)
    arrival = await rp.authorize(prompt="login")
    second = await rp.tokens(arrival)

    assert arrival.signed_in
    assert first.claims["auth_time"] + 2 == second.claims["auth_time"]
    assert first.claims["sub"] == second.claims["sub"]


async def test_oidcc_prompt_none_not_logged_in(rp: RelyingParty) -> None:
    arrival = await rp.authorize(prompt="none", state="s" * 128)

    assert "login_required" == error_of(arrival)
    assert not arrival.forms


async def test_oidcc_prompt_none_logged_in(rp: RelyingParty, clock: FixedClock) -> None:
    first = await rp.sign_in()
    clock.advance(2)
    arrival = await rp.authorize(prompt="none")
    second = await rp.tokens(arrival)

    assert not arrival.forms
    assert (first.claims["sub"], first.claims["auth_time"]) == (second.claims["sub"], second.claims["auth_time"])


async def test_oidcc_max_age_1(rp: RelyingParty, clock: FixedClock) -> None:
    first = await rp.sign_in()
    clock.advance(2)
    arrival = await rp.authorize(max_age="1")
    second = await rp.tokens(arrival)

    assert arrival.signed_in
    assert first.claims["auth_time"] + 2 == second.claims["auth_time"]


async def test_oidcc_max_age_10000(rp: RelyingParty, clock: FixedClock) -> None:
    first = await rp.sign_in(max_age="15000")
    clock.advance(2)
    arrival = await rp.authorize(max_age="10000")
    second = await rp.tokens(arrival)

    assert not arrival.signed_in
    assert (first.claims["sub"], first.claims["auth_time"]) == (second.claims["sub"], second.claims["auth_time"])


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(rp: RelyingParty) -> None:
    await rp.sign_in(extra="foobar")


async def test_oidcc_id_token_hint(rp: RelyingParty, clock: FixedClock) -> None:
    first = await rp.sign_in()
    clock.advance(2)
    arrival = await rp.authorize(prompt="none", id_token_hint=first.identity)
    second = await rp.tokens(arrival)

    assert not arrival.forms
    assert (first.claims["sub"], first.claims["auth_time"]) == (second.claims["sub"], second.claims["auth_time"])


async def test_oidcc_login_hint(rp: RelyingParty) -> None:
    asked = rp.request(login_hint="buffy@example.com")
    page = await rp.web.get(rp.metadata["authorization_endpoint"], params=asked, follow_redirects=True)

    assert 'value="buffy@example.com"' in page.text
    await rp.sign_in(login_hint="buffy@example.com")


async def test_oidcc_ui_locales(rp: RelyingParty) -> None:
    await rp.sign_in(ui_locales="se")


async def test_oidcc_claims_locales(rp: RelyingParty) -> None:
    await rp.user_info(await rp.sign_in(claims_locales="se"))


async def test_oidcc_ensure_request_with_acr_values_succeeds(rp: RelyingParty) -> None:
    offered = rp.metadata["acr_values_supported"]
    tokens = await rp.sign_in(acr_values=" ".join(offered))

    assert tokens.claims["acr"] in offered
    # A wish, so that one for what nobody has heard of is no error (OIDC Core section 3.1.2.1).
    await rp.sign_in(acr_values="1 2")


async def test_oidcc_codereuse(rp: RelyingParty) -> None:
    _, code = await rp.code()
    assert 200 == (await rp.redeem(code)).status_code
    again = await rp.redeem(code)

    assert (400, "invalid_grant") == (again.status_code, again.json()["error"])
    assert "no-store" in again.headers["cache-control"]


async def test_oidcc_codereuse_30seconds(rp: RelyingParty, clock: FixedClock) -> None:
    arrival = await rp.authorize()
    tokens = await rp.tokens(arrival)
    clock.advance(30)
    again = await rp.redeem(code_of(arrival))

    assert (400, "invalid_grant") == (again.status_code, again.json()["error"])
    refused = await rp.ask_user_info(tokens.access)
    assert 401 == refused.status_code
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_oidcc_ensure_registered_redirect_uri(rp: RelyingParty) -> None:
    arrival = await rp.authorize(redirect_uri=f"{CALLBACK}/state-1", response_mode=None)

    assert arrival.page is not None
    assert 400 == arrival.page.status
    assert "letter for letter" in arrival.page.words


async def test_oidcc_ensure_post_request_succeeds(rp: RelyingParty) -> None:
    asked = rp.request()
    reply = await rp.web.post(rp.metadata["authorization_endpoint"], data=asked)

    await rp.tokens(await rp.follow(asked, reply))


async def test_oidcc_server_client_secret_post(rp: RelyingParty) -> None:
    await rp.tokens(await rp.authorize(), post=True)


async def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(rp: RelyingParty) -> None:
    """Rejected: nothing is fetched from where a request points (RFC 9101 section 10.4)."""
    arrival = await rp.authorize(request_uri="https://app.example/request.jwt", response_mode=None)

    assert not rp.metadata["request_uri_parameter_supported"]
    assert "request_uri_not_supported" == error_of(arrival)


async def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(rp: RelyingParty) -> None:
    asked = rp.request(response_mode=None)
    arrival = await rp.send(asked | {"request": unsigned(**asked)})

    assert "none" not in rp.metadata.get("request_object_signing_alg_values_supported", [])
    assert error_of(arrival) in {"request_not_supported", "invalid_request_object"}


async def test_oidcc_claims_essential(rp: RelyingParty) -> None:
    tokens = await rp.sign_in(claims=json.dumps({"userinfo": {"name": {"essential": True}}}))

    assert {"sub": rp.user.sub, "name": CLAIMS["name"]} == await rp.user_info(tokens)


async def test_oidcc_ensure_request_object_with_redirect_uri(rp: RelyingParty) -> None:
    """The redirect URI beside an object is none that anybody registered: whatever becomes of it, nobody is sent there."""
    asked = rp.request(response_mode=None)
    wrong = asked | {"redirect_uri": "https://evil.example/cb", "request": unsigned(**asked)}
    reply = await rp.web.get(rp.metadata["authorization_endpoint"], params=wrong)

    assert urlsplit(rp.metadata["issuer"]).netloc == httpx.URL(str(reply.url)).join(reply.headers["location"]).host


async def test_oidcc_refresh_token(rp: RelyingParty, flow: Flow, pool: PoolEntry, clock: FixedClock) -> None:
    other = rp.acting_as(await an_openid_client(flow, pool))
    for party in (rp, other):
        first = await party.sign_in(scope="openid offline_access", prompt="consent")
        assert first.refresh is not None
        clock.advance(2)
        reply = await party.refresh(first.refresh)
        second = await party.read(reply, nonce=first.claims["nonce"])
        same = ("iss", "sub", "aud", "auth_time")
        assert [first.claims[name] for name in same] == [second.claims[name] for name in same]
        assert first.claims["iat"] + 2 == second.claims["iat"]
        assert first.access != second.access
        await party.user_info(second)
        foreign = await (other if party is rp else rp).refresh(first.refresh)
        assert (400, "invalid_grant") == (foreign.status_code, foreign.json()["error"])


async def test_oidcc_ensure_request_with_valid_pkce_succeeds(rp: RelyingParty) -> None:
    arrival = await rp.authorize(code_challenge=CHALLENGE, code_challenge_method="S256")

    assert "S256" in rp.metadata["code_challenge_methods_supported"]
    await rp.tokens(arrival, code_verifier=VERIFIER)
