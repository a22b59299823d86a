"""Refresh tokens: redeemed, rotated, reused, revoked."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.jose import b64url_decode
from poolhouse.pool.flows import people, sign_in
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.sign_in import SignedIn
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.spec import shapes
from tests.support.builders import a_client, a_pool, a_user
from tests.support.fixtures import create_tables, make_flow
from tests.support.service import DISABLED, Service, hashed, race, sqlite_only

INVALID = ("NotAuthorizedException", "Invalid Refresh Token.")
GONE = ("NotAuthorizedException", "Refresh Token has been revoked")
EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")
REUSED = ("RefreshTokenReuseException", "Refresh token reuse detected")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
NOT_ON = ("InvalidParameterException", "Auth flow not enabled for this client")
DAY = 86_400


def rotation(grace: int = 0) -> shapes.RefreshTokenRotationType:
    return shapes.RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=grace)


async def rotating(service: Service, grace: int = 0) -> tuple[PoolEntry, ClientEntry, str]:
    """A client that rotates, and a first refresh token."""
    entry = await a_pool(service.flow)
    client = await a_client(
        service.flow, entry, refresh_token_rotation=rotation(grace), explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    await a_user(service.flow, entry, "jane")
    return entry, client, (await service.tokens(client, "jane"))["RefreshToken"]


def refresh(client: ClientEntry, token: str, username: str, flow: str = "REFRESH_TOKEN_AUTH") -> dict[str, Any]:
    parameters = {"REFRESH_TOKEN": token, **hashed(client, username)}
    return {"ClientId": client.client.id, "AuthFlow": flow, "AuthParameters": parameters}


def redeem(client: ClientEntry, token: str) -> dict[str, Any]:
    secret = {"ClientSecret": client.secrets[-1]} if client.secrets else {}
    return {"ClientId": client.client.id, "RefreshToken": token, **secret}


async def next_token(service: Service, client: ClientEntry, token: str) -> str:
    answer = await service("GetTokensFromRefreshToken", **redeem(client, token))
    following: str = answer["AuthenticationResult"]["RefreshToken"]
    return following


async def test_a_refresh_gives_new_tokens_of_the_same_sign_in(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", email="jane@example.com")
    first = await service.tokens(client, "jane")
    clock.advance(2000)
    for name in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
        answer = await service("InitiateAuth", **refresh(client, first["RefreshToken"], "jane", name))
        assert {} == answer["ChallengeParameters"]
        result = answer["AuthenticationResult"]
        assert {"AccessToken", "IdToken", "ExpiresIn", "TokenType"} == result.keys()
        for kind in ("AccessToken", "IdToken"):
            before, after = entry.verifier.verify(first[kind]), entry.verifier.verify(result[kind])
            same = ("auth_time", "origin_jti", "event_id", "sub")
            assert [before[name] for name in same] == [after[name] for name in same]
            assert before["jti"] != after["jti"]
            assert before["iat"] + 2000 == after["iat"]


async def test_an_administrator_may_carry_a_refresh_token(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["RefreshToken"]
    answer = await service("AdminInitiateAuth", UserPoolId=entry.pool.id, **refresh(client, token, "jane"))
    assert answer["AuthenticationResult"]["AccessToken"]


@sqlite_only
async def test_a_refresh_token_looks_as_the_services_do(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    parts = (await service.tokens(client, "jane"))["RefreshToken"].split(".")
    assert 5 == len(parts)
    assert b'{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}' == b64url_decode(parts[0])


async def test_a_changed_user_is_seen_in_the_next_tokens(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", name="Jane")
    token = (await service.tokens(client, "jane"))["RefreshToken"]
    await service(
        "AdminUpdateUserAttributes", UserPoolId=entry.pool.id, Username="jane",
        UserAttributes=[{"Name": "name", "Value": "Dr Jane"}],
    )  # fmt: skip
    result = (await service("InitiateAuth", **refresh(client, token, "jane")))["AuthenticationResult"]
    assert "Dr Jane" == entry.verifier.verify(result["IdToken"])["name"]


@sqlite_only
async def test_the_hash_of_a_refresh_is_over_the_stored_username(service: Service) -> None:
    entry = await a_pool(service.flow, username_attributes=["email"])
    client = await a_client(service.flow, entry)
    user = await a_user(service.flow, entry, email="jane@example.com")
    token = (await service.tokens(client, "jane@example.com"))["RefreshToken"]
    wrong = await service.refusal("InitiateAuth", **refresh(client, token, "jane@example.com"))
    assert ("NotAuthorizedException", f"SecretHash does not match for the client: {client.client.id}") == wrong
    assert await service("InitiateAuth", **refresh(client, token, user.username))
    bare = refresh(client, token, user.username)
    del bare["AuthParameters"]["SECRET_HASH"]
    assert "SECRET_HASH was not received" in (await service.refusal("InitiateAuth", **bare))[1]


async def test_a_token_of_another_client_is_as_unknown_as_any_text(service: Service) -> None:
    entry, other = await a_pool(service.flow), await a_pool(service.flow)
    client, neighbour = await a_client(service.flow, entry), await a_client(service.flow, entry)
    foreign = await a_client(service.flow, other)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    for stranger in (neighbour, foreign):
        body = refresh(stranger, tokens["RefreshToken"], "jane")
        assert INVALID == await service.refusal("InitiateAuth", **body)
        body = redeem(stranger, tokens["RefreshToken"])
        assert INVALID == await service.refusal("GetTokensFromRefreshToken", **body)
    for text in ("x", tokens["AccessToken"], tokens["RefreshToken"][:-1], tokens["RefreshToken"] + "A"):
        assert INVALID == await service.refusal("InitiateAuth", **refresh(client, text, "jane"))
        assert INVALID == await service.refusal("GetTokensFromRefreshToken", **redeem(client, text))


@sqlite_only
async def test_a_refresh_token_expires(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    units = shapes.TokenValidityUnitsType(refresh_token="days")
    client = await a_client(service.flow, entry, refresh_token_validity=1, token_validity_units=units)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["RefreshToken"]
    clock.advance(DAY - 1)
    assert await service("InitiateAuth", **refresh(client, token, "jane"))
    clock.advance(1)
    assert EXPIRED == await service.refusal("InitiateAuth", **refresh(client, token, "jane"))


async def test_a_disabled_user_gets_nothing_more_cve_2025_53942(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    first = await service.tokens(client, "jane")
    await service("AdminDisableUser", UserPoolId=entry.pool.id, Username="jane")
    assert DISABLED == await service.refusal("InitiateAuth", **refresh(client, first["RefreshToken"], "jane"))
    await service("AdminEnableUser", UserPoolId=entry.pool.id, Username="jane")
    # What was revoked stays so.
    assert GONE == await service.refusal("InitiateAuth", **refresh(client, first["RefreshToken"], "jane"))
    assert REVOKED == await service.refusal("GetUser", AccessToken=first["AccessToken"])


@sqlite_only
async def test_a_grant_that_outlives_the_disabling_is_of_no_use(service: Service) -> None:
    """Disabling revokes; a grant that were left all the same would not serve a disabled user."""
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    user = await a_user(service.flow, entry, "jane")
    late = await sign_in.tokens(service.flow, entry, client.client, SignedIn(user=user, amr=("pwd",)))
    await people.change(service.flow, entry.pool, user, lambda now: msgspec.structs.replace(now, enabled=False))
    token = late.refresh_token or ""
    assert DISABLED == await service.refusal("InitiateAuth", **refresh(client, token, "jane"))
    assert DISABLED == await service.refusal("GetTokensFromRefreshToken", **redeem(client, token))
    assert DISABLED == await service.refusal("GetUser", AccessToken=late.access_token)


async def test_without_rotation_a_token_is_redeemed_again_and_again(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["RefreshToken"]
    for _ in range(3):
        result = (await service("GetTokensFromRefreshToken", **redeem(client, token)))["AuthenticationResult"]
        assert "RefreshToken" not in result
        assert result["AccessToken"]


@sqlite_only
async def test_a_client_without_the_refresh_flow_refreshes_by_the_other_operation(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"])
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["RefreshToken"]
    assert NOT_ON == await service.refusal("InitiateAuth", **refresh(client, token, "jane"))
    assert await service("GetTokensFromRefreshToken", **redeem(client, token))


@sqlite_only
async def test_the_client_shows_its_secret_in_clear(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["RefreshToken"]
    for secret in ({}, {"ClientSecret": "x" * 30}):
        body = {"ClientId": client.client.id, "RefreshToken": token, **secret}
        refused = await service.refusal("GetTokensFromRefreshToken", **body)
        assert "NotAuthorizedException" == refused[0]
        assert INVALID != refused


async def test_rotation_replaces_the_token_and_refuses_the_old_one(service: Service) -> None:
    _, client, first = await rotating(service)
    assert NOT_ON == await service.refusal("InitiateAuth", **refresh(client, first, "jane"))
    second = await next_token(service, client, first)
    assert first != second
    assert REUSED == await service.refusal("GetTokensFromRefreshToken", **redeem(client, first))
    # As measured: reuse does not end the family.
    assert await next_token(service, client, second)


async def test_fifty_parallel_refreshes_of_one_token_have_one_winner_cve_2026_1035(service: Service) -> None:
    _, client, token = await rotating(service)
    served, refused = await race(service("GetTokensFromRefreshToken", **redeem(client, token)) for _ in range(50))
    assert 1 == len(served)
    assert [REUSED] * 49 == refused
    survivor = served[0]["AuthenticationResult"]["RefreshToken"]
    assert await next_token(service, client, survivor)


async def test_a_replaced_token_stays_replaced_after_a_restart_cve_2026_9802(
    tmp_path: Path, clock: FixedClock, config: ServerConfig, cpu: CpuPool, signer: CpuPool
) -> None:
    url = f"sqlite:///{tmp_path / 'pool.db'}"
    before = await open_database(url)
    await create_tables(before)
    service = Service(make_flow(before, clock, config, cpu, signer))
    _, client, first = await rotating(service)
    second = await next_token(service, client, first)
    await before.close()

    after = await open_database(url)
    service = Service(make_flow(after, clock, config, cpu, signer, "after"))
    assert REUSED == await service.refusal("GetTokensFromRefreshToken", **redeem(client, first))
    assert await next_token(service, client, second)
    await after.close()


async def test_within_its_grace_a_replaced_token_forks_and_only_the_newest_child_lives(
    service: Service, clock: FixedClock
) -> None:
    _, client, first = await rotating(service, grace=10)
    older = await next_token(service, client, first)
    clock.advance(9)
    newest = await next_token(service, client, first)
    assert REUSED == await service.refusal("GetTokensFromRefreshToken", **redeem(client, older))
    clock.advance(1)
    assert REUSED == await service.refusal("GetTokensFromRefreshToken", **redeem(client, first))
    assert await next_token(service, client, newest)


async def test_parallel_refreshes_within_the_grace_leave_one_child_that_lives(service: Service) -> None:
    _, client, first = await rotating(service, grace=60)
    served, refused = await race(service("GetTokensFromRefreshToken", **redeem(client, first)) for _ in range(30))
    assert [] == refused
    children = [each["AuthenticationResult"]["RefreshToken"] for each in served]
    assert 30 == len(set(children))
    living, dead = await race(service("GetTokensFromRefreshToken", **redeem(client, each)) for each in children)
    assert 1 == len(living)
    assert [REUSED] * 29 == dead


@sqlite_only
async def test_rotation_does_not_lengthen_a_session(service: Service, clock: FixedClock) -> None:
    _, client, token = await rotating(service)
    clock.advance(29 * DAY)
    token = await next_token(service, client, token)
    clock.advance(DAY)
    assert EXPIRED == await service.refusal("GetTokensFromRefreshToken", **redeem(client, token))


async def test_revocation_beside_a_rotation_leaves_nothing_alive(service: Service) -> None:
    _, client, first = await rotating(service)
    token = await next_token(service, client, first)
    results = await asyncio.gather(
        service("GetTokensFromRefreshToken", **redeem(client, token)),
        service("RevokeToken", **revoke(client, first)),
        return_exceptions=True,
    )
    found = results[0]
    if not isinstance(found, BaseException):
        late = found["AuthenticationResult"]
        assert GONE == await service.refusal("GetTokensFromRefreshToken", **redeem(client, late["RefreshToken"]))
        assert REVOKED == await service.refusal("GetUser", AccessToken=late["AccessToken"])


@sqlite_only
async def test_a_device_nobody_registered_is_unknown(service: Service) -> None:
    _, client, token = await rotating(service)
    refused = await service.refusal("GetTokensFromRefreshToken", **redeem(client, token), DeviceKey="us-east-1_0a")
    assert ("ResourceNotFoundException", "Device does not exist.") == refused
    assert await next_token(service, client, token)


def revoke(client: ClientEntry, token: str, **more: str) -> dict[str, Any]:
    secret = {"ClientSecret": client.secrets[-1]} if client.secrets else {}
    return {"ClientId": client.client.id, "Token": token, **secret, **more}


async def test_revocation_ends_the_sign_in_and_no_other(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    first, other = await service.tokens(client, "jane"), await service.tokens(client, "jane")
    assert {} == await service("RevokeToken", **revoke(client, first["RefreshToken"]))
    assert GONE == await service.refusal("InitiateAuth", **refresh(client, first["RefreshToken"], "jane"))
    assert REVOKED == await service.refusal("GetUser", AccessToken=first["AccessToken"])
    assert {} == await service("RevokeToken", **revoke(client, first["RefreshToken"]))
    assert await service("GetUser", AccessToken=other["AccessToken"])


@pytest.mark.parametrize(("which", "ends"), [(0, True), (1, False), (2, True)])
async def test_the_original_and_the_newest_end_a_family_and_a_middle_one_does_not(
    service: Service, which: int, ends: bool
) -> None:
    _, client, first = await rotating(service)
    second = await next_token(service, client, first)
    third = await next_token(service, client, second)
    await service("RevokeToken", **revoke(client, (first, second, third)[which]))
    if ends:
        assert GONE == await service.refusal("GetTokensFromRefreshToken", **redeem(client, third))
    else:
        assert await next_token(service, client, third)


@sqlite_only
async def test_what_cannot_be_revoked_is_said(service: Service) -> None:
    entry = await a_pool(service.flow)
    client, other = await a_client(service.flow, entry), await a_client(service.flow, entry)
    without = await a_client(service.flow, entry, enable_token_revocation=False)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    for kind in ("AccessToken", "IdToken"):
        refused = await service.refusal("RevokeToken", **revoke(client, tokens[kind]))
        assert "UnsupportedTokenTypeException" == refused[0]
    refused = await service.refusal("RevokeToken", **revoke(other, tokens["RefreshToken"]))
    assert "UnauthorizedException" == refused[0]
    mine = (await service.tokens(without, "jane"))["RefreshToken"]
    refused = await service.refusal("RevokeToken", **revoke(without, mine))
    assert "UnsupportedOperationException" == refused[0]
    assert await service("GetUser", AccessToken=tokens["AccessToken"])
    assert {} == await service("RevokeToken", **revoke(client, "unknown"))
    wrong = {**revoke(client, tokens["RefreshToken"]), "ClientSecret": "x" * 30}
    assert ("UnauthorizedException", "Invalid client secret") == await service.refusal("RevokeToken", **wrong)


async def test_a_user_signs_out_everywhere(service: Service) -> None:
    entry = await a_pool(service.flow)
    client, other = await a_client(service.flow, entry), await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    await a_user(service.flow, entry, "joe")
    here, there = await service.tokens(client, "jane"), await service.tokens(other, "jane")
    joes = await service.tokens(client, "joe")
    assert {} == await service("GlobalSignOut", AccessToken=here["AccessToken"])
    assert REVOKED == await service.refusal("GlobalSignOut", AccessToken=here["AccessToken"])
    assert REVOKED == await service.refusal("GetUser", AccessToken=there["AccessToken"])
    assert GONE == await service.refusal("InitiateAuth", **refresh(other, there["RefreshToken"], "jane"))
    assert await service("GetUser", AccessToken=joes["AccessToken"])
    assert (await service.tokens(client, "jane"))["AccessToken"]
