"""
The rules of the OpenID Foundation's plan oidcc-dynamic-certification-test-plan, one test for each module.

Not here: the modules on request objects, which stand with their own plan, and ``registration-sector-uri``, which needs
a host that serves a document (``oauth.test_pairwise``).
"""

from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import keys
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from tests.support.builders import the_client
from tests.support.proofs import a_key, assertion, public, shown
from tests.support.web import BASE, CALLBACK, DOMAIN, a_web_pool, answer_of, authorize, redeem, token

REGISTER = f"/domains/{DOMAIN}/oauth2/register"
USER_INFO = f"/domains/{DOMAIN}/oauth2/userInfo"
APP: dict[str, Any] = {"client_name": "Notes", "redirect_uris": [CALLBACK]}


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    """Registration with a token is trusted; here it is open, so that each app needs no set-up at all."""
    dcr = shapes.DcrConfigurationType(enable_status="Enabled", open_dcr_enabled=True)
    return await a_web_pool(flow, dcr_configuration=dcr)


async def post(web: httpx.AsyncClient, **metadata: Any) -> httpx.Response:
    return await web.post(REGISTER, json=APP | metadata)


async def registered(flow: Flow, web: httpx.AsyncClient, **metadata: Any) -> tuple[ClientEntry, dict[str, Any]]:
    reply = await post(web, **metadata)
    assert 201 == reply.status_code, reply.text
    flow.directory._forget("")
    return await the_client(flow, reply.json()["client_id"]), reply.json()


async def refused(web: httpx.AsyncClient, **metadata: Any) -> str:
    reply = await post(web, **metadata)
    assert 400 == reply.status_code
    error: str = reply.json()["error"]
    return error


async def a_code_of(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, **more: str
) -> dict[str, str]:
    """The answer to a request of an app that nobody vouched for: the person signs in each time and agrees."""
    return answer_of(await signed_in_at(flow, web, client, person, **more))


async def signed_in_at(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, **more: str
) -> httpx.Response:
    from tests.support.builders import PASSWORD
    from tests.support.hosted import Person

    visitor = Person(web, client)
    page = await visitor.open(**more)
    page = await visitor.send(page, Username=person.username, Password=PASSWORD)
    if page.status == 200 and any("consent" in form.action for form in page.forms):
        fields = {name: value for name, value in page.forms[0].fields.items() if name}
        page = await visitor.follow(await visitor.post(page, fields | {"answer": "allow"}))
    return page.reply


def header_of(jwt: str) -> dict[str, Any]:
    import base64

    part = jwt.split(".", maxsplit=1)[0]
    header: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return header


async def verified(web: httpx.AsyncClient, pool: PoolEntry, jwt: str) -> dict[str, Any]:
    from joserfc import jwt as jose
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set((await web.get(f"/{pool.pool.id}/.well-known/jwks.json")).json())
    claims: dict[str, Any] = jose.decode(jwt, keys, algorithms=["RS256"]).claims
    return claims


async def test_oidcc_server(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    client, _ = await registered(flow, web)

    answer = await a_code_of(flow, web, client, person, nonce="n")
    held = (await redeem(web, client, answer["code"])).json()

    claims = await verified(web, pool, held["id_token"])
    assert (f"{BASE}/{pool.pool.id}", client.client.id, person.sub, "n") == (
        claims["iss"], claims["aud"], claims["sub"], claims["nonce"],
    )  # fmt: skip
    told = (await web.get(USER_INFO, headers={"authorization": f"Bearer {held['access_token']}"})).json()
    assert (person.sub, True) == (told["sub"], told["email_verified"])


async def test_oidcc_idtoken_rs256(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    client, made = await registered(flow, web, id_token_signed_response_alg="RS256")

    held = (await redeem(web, client, (await a_code_of(flow, web, client, person))["code"])).json()

    assert "RS256" == made["id_token_signed_response_alg"] == header_of(held["id_token"])["alg"]


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
async def test_an_app_may_have_id_tokens_by_another_algorithm(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, alg: str
) -> None:
    client, made = await registered(flow, web, id_token_signed_response_alg=alg, userinfo_signed_response_alg=alg)

    held = (await redeem(web, client, (await a_code_of(flow, web, client, person))["code"])).json()

    assert alg == made["id_token_signed_response_alg"] == header_of(held["id_token"])["alg"]
    user_info = await web.get(USER_INFO, headers={"authorization": f"Bearer {held['access_token']}"})
    assert alg == header_of(user_info.text)["alg"]


async def test_oidcc_server_rotate_keys(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, clock: FixedClock
) -> None:
    client, _ = await registered(flow, web)
    before = (await redeem(web, client, (await a_code_of(flow, web, client, person))["code"])).json()["id_token"]

    rotation = await keys.rotate(flow, pool.pool.id, at_once=True)
    flow.directory._forget(pool.pool.id)
    clock.advance(rotation.active_ms / 1000 - flow.clock.now() + 1)
    again = await a_code_of(flow, web, client, person, prompt="login")
    after = (await redeem(web, client, again["code"])).json()["id_token"]

    assert header_of(before)["kid"] != header_of(after)["kid"]
    assert [person.sub] * 2 == [(await verified(web, pool, each))["sub"] for each in (before, after)]


async def test_oidcc_idtoken_unsigned(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert "invalid_client_metadata" == await refused(web, id_token_signed_response_alg="none")


async def test_oidcc_userinfo_rs256(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    client, made = await registered(flow, web, userinfo_signed_response_alg="RS256")
    held = (await redeem(web, client, (await a_code_of(flow, web, client, person))["code"])).json()

    reply = await web.get(USER_INFO, headers={"authorization": f"Bearer {held['access_token']}"})

    assert "RS256" == made["userinfo_signed_response_alg"]
    assert "application/jwt" == reply.headers["content-type"].partition(";")[0]
    claims = await verified(web, pool, reply.text)
    assert (f"{BASE}/{pool.pool.id}", client.client.id, person.sub) == (claims["iss"], claims["aud"], claims["sub"])


async def test_oidcc_ensure_redirect_uri_in_authorization_request(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    client, _ = await registered(flow, web)

    reply = await authorize(web, client, redirect_uri=None)

    assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error")


async def test_oidcc_redirect_uri_query_ok(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    with_query = f"{CALLBACK}?foo=bar"
    client, _ = await registered(flow, web, redirect_uris=[with_query])

    reply = await signed_in_at(flow, web, client, person, redirect_uri=with_query)

    assert reply.headers["location"].startswith(f"{with_query}&code=")


@pytest.mark.parametrize("asked", [f"{CALLBACK}?foo=bar&bar=foo", f"{CALLBACK}?foo=baz", CALLBACK])
async def test_oidcc_redirect_uri_query_mismatch(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, asked: str
) -> None:
    client, _ = await registered(flow, web, redirect_uris=[f"{CALLBACK}?foo=bar"])

    reply = await authorize(web, client, redirect_uri=asked)

    assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error?error=redirect_mismatch")


async def test_oidcc_redirect_uri_query_added(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    client, _ = await registered(flow, web)

    reply = await authorize(web, client, redirect_uri=f"{CALLBACK}?foo=bar")

    assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error?error=redirect_mismatch")


async def test_oidcc_redirect_uri_regfrag(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert "invalid_redirect_uri" == await refused(web, redirect_uris=[f"{CALLBACK}#foobar"])


async def test_oidcc_discovery_endpoint_verification(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert f"{BASE}{REGISTER}" == found["registration_endpoint"]
    assert {"code"} <= set(found["response_types_supported"])
    assert {"authorization_code", "implicit"} <= set(found["grant_types_supported"])
    assert {"RS256"} <= set(found["id_token_signing_alg_values_supported"])
    assert {"public", "pairwise"} <= set(found["subject_types_supported"])
    assert "openid" in found["scopes_supported"]
    assert found["claims_parameter_supported"] is True


@pytest.mark.parametrize("name", ["logo_uri", "policy_uri", "tos_uri", "client_uri"])
async def test_oidcc_registration_logo_policy_and_tos_uri(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, name: str
) -> None:
    from poolhouse.pool.core.settings import openid

    _, made = await registered(flow, web, **{name: "https://app.example/about"})

    # What nobody would ever see is left out of the answer (RFC 7591 section 2): an app's picture is an administrator's.
    is_kept = openid.works(name) and name != "logo_uri"
    assert (is_kept and "https://app.example/about") == (made.get(name) or False)


async def test_oidcc_registration_jwks_uri(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    _, made = await registered(
        flow, web, token_endpoint_auth_method="private_key_jwt", jwks_uri="https://app.example/jwks.json"
    )

    assert ("private_key_jwt", "https://app.example/jwks.json") == (
        made["token_endpoint_auth_method"], made["jwks_uri"],
    )  # fmt: skip
    assert "client_secret" not in made
    assert "invalid_client_metadata" == await refused(web, jwks_uri="http://app.example/jwks.json")


async def test_oidcc_registration_jwks(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    keys = {"keys": [public(a_key())]}
    private = {"keys": [a_key().as_dict(private=True)]}
    by_key = {"token_endpoint_auth_method": "private_key_jwt"}

    _, made = await registered(flow, web, jwks=keys, **by_key)

    assert keys == made["jwks"]
    assert "invalid_client_metadata" == await refused(web, jwks=private, **by_key)
    assert "invalid_client_metadata" == await refused(web, **by_key)
    assert "invalid_client_metadata" == await refused(web, jwks=keys, jwks_uri="https://app.example/j", **by_key)


async def test_oidcc_registration_sector_bad(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert "invalid_client_metadata" == await refused(web, sector_identifier_uri="https://app.example/sector.json")
    assert "invalid_client_metadata" == await refused(
        web, subject_type="pairwise", sector_identifier_uri="https://app.invalid/sector.json"
    )


async def test_oidcc_refresh_token(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    client, _ = await registered(flow, web, grant_types=["authorization_code", "refresh_token"])
    held = (await redeem(web, client, (await a_code_of(flow, web, client, person))["code"])).json()

    renewed = (await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])).json()

    first, second = [await verified(web, pool, each["id_token"]) for each in (held, renewed)]
    assert [(each["iss"], each["sub"], each["aud"], each["auth_time"]) for each in (first, second)] == [
        (first["iss"], first["sub"], first["aud"], first["auth_time"])
    ] * 2


async def test_oidcc_refresh_token_rp_key_rotation(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    by_key = {"token_endpoint_auth_method": "private_key_jwt"}
    client, made = await registered(flow, web, jwks={"keys": [public(a_key(name="old"))]}, **by_key)
    code = (await a_code_of(flow, web, client, person))["code"]
    held = await as_app(flow, web, client, "old", grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert 200 == held.status_code, held.text

    rotated = await web.put(
        made["registration_client_uri"],
        json=APP | by_key | {"client_id": client.client.id, "jwks": {"keys": [public(a_key(name="new"))]}},
        headers={"authorization": f"Bearer {made['registration_access_token']}"},
    )
    assert 200 == rotated.status_code, rotated.text
    flow.directory._forget(pool.pool.id)

    renewal = {"grant_type": "refresh_token", "refresh_token": held.json()["refresh_token"]}
    assert 401 == (await as_app(flow, web, client, "old", **renewal)).status_code
    assert 200 == (await as_app(flow, web, client, "new", **renewal)).status_code


async def as_app(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, key: str, **form: str) -> httpx.Response:
    proof = shown(assertion(flow, client, a_key(name=key)))
    return await web.post(f"/domains/{DOMAIN}/oauth2/token", data=form | proof)


async def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client, _ = await registered(
        flow, web, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [public(a_key())]}
    )
    code = (await a_code_of(flow, web, client, person))["code"]

    # ``assertion`` names the issuer as its audience.
    reply = await as_app(flow, web, client, "one", grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    assert 200 == reply.status_code


async def test_oidcc_request_uri_unsigned(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    # Not announced, so refused at the endpoint and at registration.
    client, _ = await registered(flow, web)

    reply = await authorize(web, client, request_uri="https://app.example/request.jwt")

    assert answer_of(reply)["error"] in {"request_uri_not_supported", "invalid_request_uri"}
    assert "invalid_client_metadata" == await refused(web, request_uris=["https://app.example/request.jwt"])


async def test_an_app_has_no_say_in_what_is_ours(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    client, made = await registered(
        flow, web, dialect="cognito", third_party=False, resources=["https://evil.example"], extra_grants=["x"],
        require_pkce=True,
    )  # fmt: skip

    assert ("openid", (), ()) == (
        client.client.extended.dialect, client.client.extended.resources, client.client.extended.extra_grants,
    )  # fmt: skip
    assert not {"dialect", "third_party", "resources", "extra_grants", "require_pkce"} & set(made)


async def test_what_an_administrator_gave_stays_when_the_app_changes_itself(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    from tests.support.proofs import extend

    client, made = await registered(flow, web)
    await extend(flow, client, resources=["https://api.example"])

    reply = await web.put(
        made["registration_client_uri"],
        json=APP | {"client_id": client.client.id, "default_max_age": 60},
        headers={"authorization": f"Bearer {made['registration_access_token']}"},
    )

    assert 60 == reply.json()["default_max_age"]
    flow.directory._forget(pool.pool.id)
    changed = (await the_client(flow, client.client.id)).client.extended
    assert (("https://api.example",), 60) == (changed.resources, changed.default_max_age)


async def test_a_scope_that_another_brings_along_may_be_registered(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    client, made = await registered(flow, web, scope="openid offline_access")

    assert ("openid", ["openid"]) == (made["scope"], client.client.settings.allowed_o_auth_scopes)


async def test_a_public_app_gets_a_new_refresh_token_each_time(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    # OAuth 2.1 section 4.3.1, which the Model Context Protocol demands.
    from tests.support.web import CHALLENGE, VERIFIER

    client, _ = await registered(flow, web, token_endpoint_auth_method="none")
    answer = await a_code_of(flow, web, client, person, code_challenge=CHALLENGE, code_challenge_method="S256")
    held = (await redeem(web, client, answer["code"], code_verifier=VERIFIER)).json()

    renewed = (await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])).json()

    assert renewed["refresh_token"] != held["refresh_token"]
