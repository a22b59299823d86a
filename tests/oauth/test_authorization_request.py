"""What an app may ask for, and how it is told that it may not."""

import time

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.pool import ResourceServer
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import ResourceServerScopeType
from poolhouse.pool.store import pools as pool_store
from tests.support.builders import reconfigure
from tests.support.web import (
    CALLBACK,
    DOMAIN,
    Asking,
    a_code,
    a_web_client,
    answer_of,
    authorize,
    claims_of,
    fragment_of,
    redeem,
    signed_in,
)  # fmt: skip


async def test_a_stranger_is_sent_to_the_sign_in_page(web: httpx.AsyncClient, client: ClientEntry) -> None:
    reply = await authorize(web, client)

    assert 302 == reply.status_code
    assert reply.headers["location"].startswith(f"/domains/{DOMAIN}/login?response_type=code&client_id=")
    assert Asking(client).params() == answer_of(reply)


async def test_the_request_may_be_posted(web: httpx.AsyncClient, client: ClientEntry) -> None:
    # OIDC Core section 3.1.2.1
    reply = await web.post(f"/domains/{DOMAIN}/oauth2/authorize", data=Asking(client).params())

    assert 303 == reply.status_code
    assert Asking(client).params() == answer_of(reply)
    assert reply.headers["location"].startswith(f"/domains/{DOMAIN}/oauth2/authorize?")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_mode": "jwt"}, "invalid_request"),
        ({"scope": "openid no-such-scope"}, "invalid_scope"),
        ({"scope": 'openid "'}, "invalid_scope"),
        ({"scope": "openid  email"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": "phone"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "sometimes"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"identity_provider": "Google"}, "invalid_request"),
        ({"idp_identifier": "example.com"}, "invalid_request"),
        ({"nonce": "n\x00"}, "invalid_request"),
        ({"nonce": "n" * 1025}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://app.example/request"}, "request_uri_not_supported"),
        ({"resource": "http://api.example"}, "invalid_target"),
        ({"resource": "https://api.example/#f"}, "invalid_target"),
        ({"resource": "nonsense"}, "invalid_target"),
    ],
)
async def test_what_is_wrong_is_told_to_the_app(
    web: httpx.AsyncClient, client: ClientEntry, wrong: dict[str, str | None], error: str
) -> None:
    reply = await authorize(web, client, **wrong)

    assert reply.headers["location"].startswith(f"{CALLBACK}?error=")
    assert (error, "s t&te") == (answer_of(reply)["error"], answer_of(reply)["state"])
    assert "iss" in answer_of(reply)


async def test_a_response_type_that_the_client_was_not_given_is_unauthorized(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    reply = await authorize(web, client, response_type="token")

    assert ("unauthorized_client", "s t&te") == (fragment_of(reply)["error"], fragment_of(reply)["state"])


@pytest.mark.parametrize("name", ["response_type", "scope", "state", "nonce", "code_challenge", "prompt"])
async def test_repeated_parameters_are_refused(web: httpx.AsyncClient, client: ClientEntry, name: str) -> None:
    # CVE-2026-9689
    params = [*Asking(client).params(nonce="1", prompt="login").items(), (name, "openid"), (name, "openid")]

    reply = await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=params)  # type: ignore[arg-type]

    assert "invalid_request" == answer_of(reply)["error"]
    assert ("state" in answer_of(reply)) is (name != "state")


async def test_unknown_parameters_are_ignored(web: httpx.AsyncClient, client: ClientEntry) -> None:
    # RFC 6749 section 3.1; acr_values is voluntary (OIDC Core section 5.5.1.1)
    reply = await authorize(web, client, foo="bar", acr_values="urn:x", display="page", ui_locales="de")

    assert "/login?" in reply.headers["location"]


async def test_scopes_that_the_client_may_not_have_are_left_out(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person, scope="openid phone email")

    assert "openid email" == (await redeem(web, client, code)).json()["scope"]


async def test_without_a_scope_all_are_given(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person, scope=None)

    assert "openid email profile" == (await redeem(web, client, code)).json()["scope"]


async def test_custom_scopes_are_given_while_they_exist(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    server = ResourceServer(
        pool_id=pool.pool.id,
        identifier="https://api.example",
        name="API",
        scopes=(ResourceServerScopeType(scope_name="read", scope_description="r"),),
    )
    await flow.database.write(lambda tx: pool_store.put_resource_server(tx, server))
    await reconfigure(flow, pool)
    both = ["openid", "https://api.example/read", "https://api.example/gone"]
    client = await a_web_client(flow, pool, allowed_o_auth_scopes=both)

    reply = await redeem(web, client, await a_code(flow, web, client, person, scope=None))

    assert "openid https://api.example/read" == reply.json()["scope"]


async def test_a_scope_of_a_megabyte_is_refused_at_once(web: httpx.AsyncClient, client: ClientEntry) -> None:
    # CVE-2026-4634
    scope = "openid " * 150_000
    started = time.process_time()

    asked = await authorize(web, client, scope=scope[:60_000])
    posted = await web.post(f"/domains/{DOMAIN}/oauth2/authorize", data=Asking(client).params(scope=scope))
    token = await web.post(f"/domains/{DOMAIN}/oauth2/token", data={"grant_type": "client_credentials", "scope": scope})

    assert time.process_time() - started < 1
    assert (302, True) == (asked.status_code, "/error?error=invalid_request" in asked.headers["location"])
    assert 400 == (await web.get(asked.headers["location"])).status_code
    assert (400, 400) == (posted.status_code, token.status_code)
    assert "invalid_request" == token.json()["error"]


async def test_prompt_login_asks_again(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    await signed_in(flow, web, person)

    for prompt in ("login", "select_account"):
        assert "/login?" in (await authorize(web, client, prompt=prompt)).headers["location"]


async def test_prompt_none_is_answered_for_whoever_is_signed_in(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    assert "code" in answer_of(await authorize(web, client, prompt="none"))


async def test_max_age_asks_again_when_the_sign_in_is_older(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    await signed_in(flow, web, person)
    clock.advance(60)

    assert "code" in answer_of(await authorize(web, client, max_age="60"))
    assert "/login?" in (await authorize(web, client, max_age="59")).headers["location"]
    assert "login_required" == answer_of(await authorize(web, client, max_age="59", prompt="none"))["error"]


async def test_max_age_0_always_asks(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    await signed_in(flow, web, person)

    assert "/login?" in (await authorize(web, client, max_age="0")).headers["location"]


async def test_what_no_store_can_hold_is_refused(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert 400 == (await authorize(web, client, client_id="a\x00b")).status_code
    assert 400 == (await web.get("/domains/a%00b/login")).status_code
    assert 400 == (await web.post("/domains/a%00b/oauth2/token", data={"grant_type": "x"})).status_code
    assert 404 == (await web.get("/a%00b/.well-known/jwks.json")).status_code
    form = {"grant_type": "refresh_token", "client_id": "a\x00b", "refresh_token": "x"}
    assert 400 == (await web.post(f"/domains/{DOMAIN}/oauth2/token", data=form)).status_code


async def test_a_resource_becomes_the_audience_of_the_access_token(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # RFC 8707
    code = await a_code(flow, web, client, person, resource="https://api.example/v1")

    access = (await redeem(web, client, code)).json()["access_token"]

    assert "https://api.example/v1" == claims_of(access)["aud"]


async def test_a_client_without_the_pools_own_users_has_nobody_to_sign_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    client = await a_web_client(flow, pool, supported_identity_providers=["Google"])

    assert "invalid_request" == answer_of(await authorize(web, client))["error"]


async def test_the_implicit_grant_answers_in_the_fragment(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, secret=False, allowed_o_auth_flows=["implicit"])
    await signed_in(flow, web, person)

    reply = await authorize(web, client, response_type="token", nonce="n-1")

    answer = fragment_of(reply)
    assert "" == httpx.URL(reply.headers["location"]).query.decode()
    assert {"id_token", "access_token", "token_type", "expires_in", "state", "iss"} == set(answer)
    assert ("bearer", "3600", "n-1") == (
        answer["token_type"], answer["expires_in"], claims_of(answer["id_token"])["nonce"],
    )  # fmt: skip
    known = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {answer['access_token']}"}
    )
    assert 200 == known.status_code


async def test_a_domain_that_does_not_exist_is_a_page_of_its_own(web: httpx.AsyncClient) -> None:
    reply = await web.get("/domains/nobody/oauth2/authorize")

    assert (404, "text/html; charset=utf-8") == (reply.status_code, reply.headers["content-type"])
    assert 404 == (await web.post("/domains/nobody/oauth2/token", data={"grant_type": "x"})).status_code
