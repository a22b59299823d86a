"""Refresh tokens at the token endpoint: RFC 6749 section 6, RFC 9700 section 4.14."""

import asyncio
from typing import Any

import httpx
import msgspec

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import RefreshTokenRotationType
from tests.support.proofs import extend
from tests.support.web import a_code, a_web_client, claims_of, error_of, redeem, token

ROTATES: dict[str, Any] = {
    "refresh_token_rotation": RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=0)
}


async def sign_in(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> dict[str, str]:
    body: dict[str, str] = (await redeem(web, client, await a_code(flow, web, client, person, nonce="n-1"))).json()
    return body


async def refresh(web: httpx.AsyncClient, client: ClientEntry, refresh_token: str | None) -> httpx.Response:
    return await token(web, client, grant_type="refresh_token", refresh_token=refresh_token)


async def test_new_tokens_of_the_same_sign_in(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    first = await sign_in(flow, web, client, person)
    clock.advance(600)

    reply = await refresh(web, client, first["refresh_token"])

    assert {"id_token", "access_token", "expires_in", "token_type", "scope"} == set(reply.json())
    old, new = claims_of(first["id_token"]), claims_of(reply.json()["id_token"])
    assert (old["auth_time"], old["sub"], old["origin_jti"], old["nonce"]) == (
        new["auth_time"], new["sub"], new["origin_jti"], new["nonce"],
    )  # fmt: skip
    assert (old["iat"] + 600, False) == (new["iat"], old["jti"] == new["jti"])


async def test_a_refresh_token_belongs_to_its_client(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    first = await sign_in(flow, web, client, person)

    assert ("invalid_grant", 400) == error_of(
        await refresh(web, await a_web_client(flow, pool), first["refresh_token"])
    )
    assert 200 == (await refresh(web, client, first["refresh_token"])).status_code


async def test_an_unknown_one_is_refused_and_a_missing_one_missed(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert ("invalid_grant", 400) == error_of(await refresh(web, client, "a.b.c.d.e"))
    assert ("invalid_request", 400) == error_of(await refresh(web, client, None))


async def test_it_expires(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    first = await sign_in(flow, web, client, person)
    clock.advance(30 * 86_400)

    assert ("invalid_grant", 400) == error_of(await refresh(web, client, first["refresh_token"]))


async def test_a_disabled_user_is_not_refreshed(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    first = await sign_in(flow, web, client, person)
    await change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, enabled=False))

    assert ("invalid_grant", 400) == error_of(await refresh(web, client, first["refresh_token"]))


async def test_a_rotating_client_gets_the_next_one(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, **ROTATES)
    first = await sign_in(flow, web, client, person)

    second = (await refresh(web, client, first["refresh_token"])).json()

    assert ("invalid_grant", 400) == error_of(await refresh(web, client, first["refresh_token"]))
    assert 200 == (await refresh(web, client, second["refresh_token"])).status_code


async def test_of_parallel_rotations_one_is_served(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    # CVE-2026-1035
    client = await a_web_client(flow, pool, **ROTATES)
    first = await sign_in(flow, web, client, person)

    replies = await asyncio.gather(*(refresh(web, client, first["refresh_token"]) for _ in range(50)))

    assert 1 == sum(reply.status_code == 200 for reply in replies)


async def test_a_token_that_comes_again_ends_its_family(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    # RFC 9700 section 4.14.2
    client = await extend(flow, await a_web_client(flow, pool, **ROTATES), dialect="openid")
    first = await sign_in(flow, web, client, person)
    second = (await refresh(web, client, first["refresh_token"])).json()

    replayed = await refresh(web, client, first["refresh_token"])

    assert ("invalid_grant", 400) == error_of(replayed)
    assert ("invalid_grant", 400) == error_of(await refresh(web, client, second["refresh_token"]))


async def test_in_the_services_dialect_the_newest_token_stays_good(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, **ROTATES)
    first = await sign_in(flow, web, client, person)
    second = (await refresh(web, client, first["refresh_token"])).json()

    assert ("invalid_grant", 400) == error_of(await refresh(web, client, first["refresh_token"]))
    assert 200 == (await refresh(web, client, second["refresh_token"])).status_code
