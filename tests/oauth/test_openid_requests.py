"""Requests as OpenID Connect has them, and what answers them in each dialect (OIDC Core sections 3.1.2, 5)."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from poolhouse.pool.core.redirect import is_registered
from poolhouse.pool.flows import client_extension, hints
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD, a_pool, a_user
from tests.support.web import (
    CALLBACK,
    CHALLENGE,
    DOMAIN,
    VERIFIER,
    Asking,
    a_code,
    a_web_client,
    answer_of,
    authorize,
    claims_of,
    fragment_of,
    redeem,
    signed_in,
)

AUTHORIZE = f"/domains/{DOMAIN}/oauth2/authorize"


async def speaking(flow: Flow, client: ClientEntry, **more: Any) -> ClientEntry:
    """The client in the openid dialect."""
    await client_extension.change(flow, client.client.pool_id, client.client.id, {"dialect": "openid", **more})
    found = await flow.directory.find_client(client.client.id)
    assert found is not None
    return found


async def tokens_of(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, user: User, **more: str) -> dict[str, Any]:
    reply = await redeem(web, client, await a_code(flow, web, client, user, **more))
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def user_info(web: httpx.AsyncClient, access_token: str) -> httpx.Response:
    return await web.get(f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {access_token}"})


async def test_the_openid_dialect_has_the_standards_types(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    made = await tokens_of(flow, web, await speaking(flow, client), person)
    told = (await user_info(web, made["access_token"])).json()

    assert told["email_verified"] is True
    assert told["sub"] == person.sub
    assert "username" not in told


async def test_the_services_dialect_has_texts(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    made = await tokens_of(flow, web, client, person)
    told = (await user_info(web, made["access_token"])).json()

    assert (told["email_verified"], told["username"]) == ("true", "jane")


async def test_claims_of_scopes_are_at_user_info_and_not_in_the_id_token(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    made = await tokens_of(flow, web, await speaking(flow, client), person)

    assert "email" not in claims_of(made["id_token"])
    assert (await user_info(web, made["access_token"])).json()["name"] == "Jane Doe"


async def test_openid_alone_opens_the_subject_alone(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    made = await tokens_of(flow, web, await speaking(flow, client), person, scope="openid")

    assert (await user_info(web, made["access_token"])).json() == {"sub": person.sub}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("1 Main St\nTown", {"formatted": "1 Main St\nTown"}),
        ('{"street_address": "1 Main St", "planet": "Earth"}', {"street_address": "1 Main St"}),
        ("{}", {"formatted": "{}"}),
        ("[1]", {"formatted": "[1]"}),
    ],
)
async def test_an_address_is_an_object(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, stored: str, shown: dict[str, str]
) -> None:
    user = await a_user(flow, pool, "home", address=stored)
    made = await tokens_of(flow, web, await speaking(flow, client), user, scope="openid address")

    assert made["scope"] == "openid address"
    assert (await user_info(web, made["access_token"])).json()["address"] == shown


async def test_an_unknown_scope_is_left_out_in_the_openid_dialect_only(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    assert answer_of(await authorize(web, client, scope="openid unheard-of"))["error"] == "invalid_scope"

    made = await tokens_of(flow, web, await speaking(flow, client), person, scope="openid unheard-of")
    assert made["scope"] == "openid"


@pytest.mark.parametrize("dialect", ["cognito", "openid"])
async def test_claims_are_asked_for_by_name(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, dialect: str
) -> None:
    asked = {"userinfo": {"name": {"essential": True}}, "id_token": {"email": None, "auth_time": {"essential": True}}}
    made = await tokens_of(
        flow, web, await speaking(flow, client, dialect=dialect), person, scope="openid email", claims=json.dumps(asked)
    )

    assert claims_of(made["id_token"])["email"] == "jane@example.com"
    assert isinstance(claims_of(made["id_token"])["auth_time"], int)
    assert (await user_info(web, made["access_token"])).json()["name"] == "Jane Doe"


async def test_a_claim_that_the_client_may_not_read_is_not_given_by_name(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, read_attributes=["name"])
    asked = json.dumps({"userinfo": {"email": {"essential": True}}})
    made = await tokens_of(flow, web, await speaking(flow, client), person, scope="openid profile", claims=asked)

    assert "email" not in (await user_info(web, made["access_token"])).json()


@pytest.mark.parametrize(
    "claims", ["", "{", "[]", '{"userinfo": []}', '{"userinfo": {"name": 1}}', '{"id_token": {"acr": {"values": []}}}',
               '{"userinfo": {"name": {"essential": "yes"}}}', "[" * 4096, '{"userinfo":{"a":null}}' + " " * 4096],
)  # fmt: skip
async def test_a_claims_request_that_is_none_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, claims: str
) -> None:
    await signed_in(flow, web, person)
    answered = answer_of(await authorize(web, client, claims=claims))

    assert ("code" in answered) if claims == "" else (answered["error"] == "invalid_request")


async def test_the_class_of_the_sign_in_is_told_to_who_asks(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    silent = claims_of((await tokens_of(flow, web, client, person))["id_token"])
    asked = claims_of((await tokens_of(flow, web, client, person, acr_values="phr urn:poolhouse:acr:1"))["id_token"])
    standard = claims_of((await tokens_of(flow, web, await speaking(flow, client), person))["id_token"])

    assert "acr" not in silent
    assert (asked["acr"], asked["amr"]) == ("urn:poolhouse:acr:1", ["pwd"])
    assert (standard["acr"], standard["amr"]) == ("urn:poolhouse:acr:1", ["pwd"])


async def test_a_class_that_must_be_and_is_not_asks_for_a_sign_in(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    must = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:poolhouse:acr:2"]}}})

    assert "/login?" in (await authorize(web, client, claims=must)).headers["location"]
    assert answer_of(await authorize(web, client, claims=must, prompt="none"))["error"] == "login_required"


async def test_a_sign_in_that_is_not_of_the_class_is_told_to_the_app(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    must = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:poolhouse:acr:2"]}}})
    answered = answer_of(await _sign_in(web, await authorize(web, client, claims=must), person))

    assert answered["error"] == "unmet_authentication_requirements"
    assert "code" not in answered


async def _sign_in(web: httpx.AsyncClient, sent: httpx.Response, user: User) -> httpx.Response:
    """Fill the sign-in page in that *sent* leads to."""
    page = await web.get(sent.headers["location"])
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    form = {"_csrf": csrf[1], "username": user.username, "password": PASSWORD}
    return await web.post(sent.headers["location"], data=form)


async def test_a_hint_of_the_user_who_is_signed_in_goes_straight_on(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    hint = (await tokens_of(flow, web, client, person))["id_token"]

    assert "code" in answer_of(await authorize(web, client, prompt="none", id_token_hint=hint))


async def test_a_hint_of_another_user_is_not_answered_with_this_one(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    other = await a_user(flow, pool, "john")
    hint = (await tokens_of(flow, web, client, other))["id_token"]
    await signed_in(flow, web, person)

    assert answer_of(await authorize(web, client, prompt="none", id_token_hint=hint))["error"] == "login_required"
    sent = await authorize(web, client, id_token_hint=hint)
    assert "/login?" in sent.headers["location"]
    assert answer_of(await _sign_in(web, sent, person))["error"] == "login_required"


async def test_a_hint_that_this_pool_did_not_sign_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    made = await tokens_of(flow, web, client, person)
    forged = made["id_token"][:-8] + "AAAAAAAA"

    for hint in (forged, made["access_token"], "x.y.z"):
        assert answer_of(await authorize(web, client, id_token_hint=hint))["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_hint_is_in_no_address_of_ours(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User, method: str
) -> None:
    other = await a_user(flow, pool, "john")
    hint = (await tokens_of(flow, web, client, other))["id_token"]
    await signed_in(flow, web, person)
    asked = Asking(client).params(id_token_hint=hint)

    reply = await (web.get(AUTHORIZE, params=asked) if method == "GET" else web.post(AUTHORIZE, data=asked))
    if method == "POST":
        assert hint not in reply.headers["location"]
        reply = await web.get(reply.headers["location"])

    assert "/login?" in reply.headers["location"]
    assert hint not in reply.headers["location"]
    assert other.sub not in reply.headers["location"]
    # It means the same person as before.
    assert answer_of(await _sign_in(web, reply, person))["error"] == "login_required"


async def test_a_sealed_hint_ends_and_is_of_one_pool(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    hint = (await tokens_of(flow, web, client, person))["id_token"]

    sealed = hints.carried(flow, pool, hint)

    assert person.sub == hints.subject(flow, pool, sealed)
    assert sealed == hints.carried(flow, pool, sealed)
    assert "" == hints.subject(flow, await a_pool(flow), sealed)
    assert "" == hints.subject(flow, pool, sealed[:-4] + "AAAA")
    flow.clock.advance(7200)  # type: ignore[attr-defined]
    assert "" == hints.subject(flow, pool, sealed)


async def test_a_posted_hint_that_is_not_ours_is_refused_as_one_in_a_query(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    reply = await web.post(AUTHORIZE, data=Asking(client).params(id_token_hint="x.y.z"))

    assert "invalid_request" == answer_of(await web.get(reply.headers["location"]))["error"]


async def test_a_clients_own_age_holds_where_the_request_names_none(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    strict = await speaking(flow, client, default_max_age=0)

    assert "/login?" in (await authorize(web, strict)).headers["location"]
    assert "code" in answer_of(await authorize(web, strict, max_age="3600"))


async def test_the_answer_can_be_posted(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    await signed_in(flow, web, person)
    reply = await authorize(web, client, response_mode="form_post", state='"><script>alert(1)</script>')

    assert reply.status_code == 200
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', reply.text))
    assert set(fields) == {"code", "state", "iss"}
    assert f'action="{CALLBACK}"' in reply.text
    assert "<script>alert" not in reply.text
    assert "'unsafe" not in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "no-store"
    assert (await redeem(web, client, fields["code"])).status_code == 200


async def test_an_error_is_posted_too(web: httpx.AsyncClient, client: ClientEntry) -> None:
    reply = await authorize(web, client, response_mode="form_post", prompt="none")

    assert 'name="error" value="login_required"' in reply.text


async def test_a_code_can_be_in_the_fragment_and_a_token_never_in_the_query(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    assert "code" in fragment_of(await authorize(web, client, response_mode="fragment"))

    implicit = await a_web_client(flow, pool, allowed_o_auth_flows=["implicit"])
    refused = await authorize(web, implicit, response_type="token", response_mode="query")
    assert urlsplit(refused.headers["location"]).query == ""
    assert fragment_of(refused)["error"] == "invalid_request"


async def test_a_public_client_of_the_openid_dialect_needs_pkce(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    public = await speaking(flow, await a_web_client(flow, pool, secret=False))

    assert answer_of(await authorize(web, public))["error"] == "invalid_request"
    made = answer_of(await authorize(web, public, code_challenge=CHALLENGE, code_challenge_method="S256"))
    assert (await redeem(web, public, made["code"], code_verifier=VERIFIER)).status_code == 200


async def test_a_client_can_be_told_to_use_pkce(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    told = await speaking(flow, client, dialect="cognito", require_pkce=True)

    assert answer_of(await authorize(web, told))["error"] == "invalid_request"


async def test_user_info_can_be_signed(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    signing = await speaking(flow, client, userinfo_signed_response_alg="RS256")
    made = await tokens_of(flow, web, signing, person)
    reply = await user_info(web, made["access_token"])

    assert reply.headers["content-type"] == "application/jwt"
    told = claims_of(reply.text)
    assert (told["aud"], told["sub"]) == (client.client.id, person.sub)
    assert told["iss"] == claims_of(made["id_token"])["iss"]


async def test_a_native_app_may_listen_on_any_port(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    native = await a_web_client(flow, pool, secret=False, callback_urls=["http://127.0.0.1/cb?app=1"])
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    here = "http://127.0.0.1:51004/cb?app=1"
    sent = await authorize(web, native, redirect_uri=here, **pkce)

    assert sent.headers["location"].startswith(here)
    code = dict(parse_qsl(urlsplit(sent.headers["location"]).query))["code"]
    assert (await redeem(web, native, code, redirect_uri=here, code_verifier=VERIFIER)).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["http://127.0.0.1:5000/other", "http://127.0.0.1:5000/cb?x=1", "http://localhost:5000/cb", "http://127.0.0.2:1/cb",
     "http://127.0.0.1:5000@evil.example/cb", "http://127.0.0.1:123456/cb", "https://127.0.0.1:5000/cb",
     "http://127.0.0.1.evil.example/cb", "http://127.0.0.1:/cb", "HTTP://127.0.0.1:5000/cb", "http://127.0.0.1:5/cb#f",
     "http://127.0.0.1:5\\@evil.example/cb", "http://127.0.0.1:5000/cb/../cb", "http://127.0.0.1:5000/CB"],
)  # fmt: skip
def test_nothing_but_the_port_of_a_loopback_address_may_differ(wanted: str) -> None:
    """CVE-2024-8883, CVE-2020-15233."""
    assert not is_registered(wanted, ["http://127.0.0.1/cb"], any_port=True)


def test_the_name_localhost_has_no_such_rule() -> None:
    assert not is_registered("http://localhost:5000/cb", ["http://localhost/cb"], any_port=True)
