"""The authorization code grant: RFC 6749 section 4.1, OIDC Core section 3.1."""

import asyncio

import httpx
import msgspec

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import User
from tests.support.builders import reconfigure
from tests.support.web import (
    BASE,
    DOMAIN,
    a_code,
    a_web_client,
    answer_of,
    authorize,
    claims_of,
    error_of,
    redeem,
    signed_in,
    token,
)


async def test_a_signed_in_browser_gets_a_code_at_once(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    reply = await authorize(web, client)

    assert 302 == reply.status_code
    assert {"code", "state", "iss"} == set(answer_of(reply))
    assert "s t&te" == answer_of(reply)["state"]
    assert f"{BASE}/{pool.pool.id}" == answer_of(reply)["iss"]


async def test_a_code_gives_the_tokens_of_the_service(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person, nonce="n-1")

    reply = await redeem(web, client, code)

    assert 200 == reply.status_code
    body = reply.json()
    assert {"id_token", "access_token", "refresh_token", "expires_in", "token_type", "scope"} == set(body)
    assert ("Bearer", 3600) == (body["token_type"], body["expires_in"])
    identity, access = claims_of(body["id_token"]), claims_of(body["access_token"])
    assert (client.client.id, person.sub, "id", "n-1") == (
        identity["aud"], identity["sub"], identity["token_use"], identity["nonce"],
    )  # fmt: skip
    assert ("jane@example.com", True) == (identity["email"], identity["email_verified"])
    assert ("openid email profile", 2) == (access["scope"], access["version"])
    assert flow.clock.now() == access["auth_time"]
    assert "at_hash" in identity
    assert 5 == len(body["refresh_token"].split("."))


async def test_answers_with_tokens_are_never_kept(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    reply = await redeem(web, client, await a_code(flow, web, client, person))

    assert ("no-store", "no-cache") == (reply.headers["cache-control"], reply.headers["pragma"])
    assert "application/json;charset=UTF-8" == reply.headers["content-type"]


async def test_a_code_cannot_be_redeemed_twice(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)

    assert 200 == (await redeem(web, client, code)).status_code
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_a_replayed_code_revokes_what_it_gave(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # RFC 6749 section 4.1.2
    code = await a_code(flow, web, client, person)
    first = (await redeem(web, client, code)).json()

    await redeem(web, client, code)

    refreshed = await token(web, client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    known = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {first['access_token']}"}
    )
    assert ("invalid_grant", 400) == error_of(refreshed)
    assert 401 == known.status_code


async def test_of_parallel_redemptions_one_is_served(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)

    replies = await asyncio.gather(*(redeem(web, client, code) for _ in range(20)))

    assert [200] == [reply.status_code for reply in replies if reply.status_code == 200]
    assert {("invalid_grant", 400)} == {error_of(reply) for reply in replies if reply.status_code != 200}


async def test_a_code_lives_five_minutes(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    early, late = [await a_code(flow, web, client, person) for _ in range(2)]

    clock.advance(299)
    assert 200 == (await redeem(web, client, early)).status_code
    clock.advance(1)
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, late))


async def test_a_code_of_another_client_is_refused_and_spent(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    # CVE-2026-28513
    other = await a_web_client(flow, pool)
    code = await a_code(flow, web, client, person)

    assert ("invalid_grant", 400) == error_of(await redeem(web, other, code))
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_an_expired_code_of_another_client_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User, clock: FixedClock
) -> None:
    # CVE-2026-28513: two faults must not make one right
    other = await a_web_client(flow, pool)
    code = await a_code(flow, web, client, person)
    clock.advance(301)

    assert ("invalid_grant", 400) == error_of(await redeem(web, other, code))
    clock.advance(-301)
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_a_used_code_of_another_client_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    # CVE-2026-28513
    other = await a_web_client(flow, pool)
    code = await a_code(flow, web, client, person)
    await redeem(web, client, code)

    assert ("invalid_grant", 400) == error_of(await redeem(web, other, code))


async def test_a_code_is_bound_to_its_redirect_uri(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)

    wrong = await redeem(web, client, code, redirect_uri="https://app.example/callback/")

    assert {"error": "unauthorized_client", "error_description": "invalid_redirect"} == wrong.json()
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_a_redirect_uri_cannot_be_left_out(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)

    assert ("unauthorized_client", 400) == error_of(await redeem(web, client, code, redirect_uri=None))


async def test_an_unknown_code_is_refused(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, "5f2c9f2e-0000-4000-8000-000000000000"))


async def test_a_code_is_worthless_once_the_user_is_disabled(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)
    await change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, enabled=False))

    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_a_client_that_may_read_only_half_of_a_scope_gets_no_tokens(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    half = await a_web_client(flow, pool, read_attributes=["email", "name"])

    reply = await redeem(web, half, await a_code(flow, web, half, person))

    assert ("invalid_grant", 400) == error_of(reply)


async def test_no_code_for_a_client_without_the_code_grant(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    implicit = await a_web_client(flow, pool, allowed_o_auth_flows=["implicit"])
    await signed_in(flow, web, person)

    assert "unauthorized_client" == answer_of(await authorize(web, implicit))["error"]
    assert ("unauthorized_client", 400) == error_of(await redeem(web, implicit, "x"))


async def test_an_id_token_needs_openid(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    plain = await a_web_client(flow, pool, allowed_o_auth_scopes=["aws.cognito.signin.user.admin"])

    reply = await redeem(web, plain, await a_code(flow, web, plain, person, scope=None))

    assert "id_token" not in reply.json()


async def test_a_trigger_that_cannot_run_stops_the_tokens(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    from poolhouse.pool.spec.shapes import LambdaConfigType

    code = await a_code(flow, web, client, person)
    await reconfigure(flow, pool, lambda_config=LambdaConfigType(pre_token_generation="arn:aws:lambda:x"))

    assert ("invalid_request", 400) == error_of(await redeem(web, client, code))


async def test_a_get_is_refused_at_the_token_endpoint(web: httpx.AsyncClient) -> None:
    reply = await web.get(f"/domains/{DOMAIN}/oauth2/token")

    assert (405, "POST, OPTIONS") == (reply.status_code, reply.headers["allow"])
