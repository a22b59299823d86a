"""Token sessions through the API: tracked, listed, limited, revoked."""

import re
from typing import Any

import pytest

from poolhouse.kit.agent import describe
from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.spec.shapes import RefreshTokenRotationType
from tests.support.builders import a_client, a_pool, a_user, reconfigure
from tests.support.service import Service, hashed, race, sqlite_only

OFF = ("OperationNotEnabledException", "Session tracking is not enabled for this user pool.")
UNKNOWN = ("ResourceNotFoundException", "Session does not exist.")
CURRENT = ("InvalidParameterException", "The current session cannot be revoked.")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
GONE = ("NotAuthorizedException", "Refresh Token has been revoked")
NOBODY = ("UserNotFoundException", "User does not exist.")
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
SOME_ID = "tkn" + "a" * 25


async def tracked(service: Service, most: int = 20) -> tuple[PoolEntry, ClientEntry]:
    """A pool that tracks sessions, with a client and Jane."""
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    return await reconfigure(service.flow, entry, sessions=SessionTracking(enabled=True, max_per_user=most)), client


async def own(service: Service, tokens: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await service("ListUserSessions", AccessToken=tokens["AccessToken"]))["Sessions"]
    return found


async def current(service: Service, tokens: dict[str, Any]) -> str:
    """The session that *tokens* are of."""
    return next(str(each["SessionId"]) for each in await own(service, tokens) if each["IsCurrentSession"])


def refresh(client: ClientEntry, tokens: dict[str, Any]) -> dict[str, Any]:
    given = {"REFRESH_TOKEN": tokens["RefreshToken"], **hashed(client, "jane")}
    return {"ClientId": client.client.id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": given}


async def test_tracking_is_off_and_twenty_until_it_is_set(service: Service) -> None:
    entry = await a_pool(service.flow)
    pool = {"UserPoolId": entry.pool.id}
    untouched = {**pool, "UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 20}}
    assert untouched == await service("GetUserPoolSessionConfiguration", **pool)
    for wanted in (
        {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 3}},
        {"UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 100}},
    ):
        assert {**pool, **wanted} == await service("SetUserPoolSessionConfiguration", **pool, **wanted)
        assert {**pool, **wanted} == await service("GetUserPoolSessionConfiguration", **pool)


@sqlite_only
@pytest.mark.parametrize("most", [0, 101])
async def test_the_limit_is_one_to_a_hundred(service: Service, most: int) -> None:
    entry = await a_pool(service.flow)
    refused = await service.refusal(
        "SetUserPoolSessionConfiguration", UserPoolId=entry.pool.id, UserSessionTracking="ENABLED",
        TokenSession={"MaxPerUser": most},
    )  # fmt: skip
    assert "InvalidParameterException" == refused[0]


@sqlite_only
async def test_the_settings_are_a_pools_and_a_clients_that_exist(service: Service) -> None:
    entry, other = await a_pool(service.flow), await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    nowhere = "us-east-1_nothere00"
    missing = "ResourceNotFoundException"
    assert missing == (await service.refusal("GetUserPoolSessionConfiguration", UserPoolId=nowhere))[0]
    wanted: dict[str, Any] = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 3}}
    assert missing == (await service.refusal("SetUserPoolSessionConfiguration", UserPoolId=nowhere, **wanted))[0]
    foreign = {"UserPoolId": other.pool.id, "ClientId": client.client.id}
    assert missing == (await service.refusal("GetUserPoolClientSessionConfiguration", **foreign))[0]
    reuse = {"SSOSession": {"MaxValidityMinutes": 5}}
    assert missing == (await service.refusal("SetUserPoolClientSessionConfiguration", **foreign, **reuse))[0]


async def test_a_clients_reuse_needs_tracking_and_outlives_it(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    ids = {"UserPoolId": entry.pool.id, "ClientId": client.client.id}
    assert {**ids, "SSOSession": {"MaxValidityMinutes": 60}} == await service(
        "GetUserPoolClientSessionConfiguration", **ids
    )
    reuse = {"SSOSession": {"MaxValidityMinutes": 0}}
    assert OFF == await service.refusal("SetUserPoolClientSessionConfiguration", **ids, **reuse)
    pool = {"UserPoolId": entry.pool.id, "TokenSession": {"MaxPerUser": 20}}
    await service("SetUserPoolSessionConfiguration", **pool, UserSessionTracking="ENABLED")
    assert {**ids, **reuse} == await service("SetUserPoolClientSessionConfiguration", **ids, **reuse)
    await service("SetUserPoolSessionConfiguration", **pool, UserSessionTracking="DISABLED")
    assert {**ids, **reuse} == await service("GetUserPoolClientSessionConfiguration", **ids)


async def test_without_tracking_there_are_no_sessions(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert OFF == await service.refusal("ListUserSessions", AccessToken=token)
    assert OFF == await service.refusal("RevokeUserSession", AccessToken=token, SessionId=SOME_ID)
    assert OFF == await service.refusal("AdminListUserSessions", **user)
    assert OFF == await service.refusal("AdminRevokeUserSession", **user, SessionId=SOME_ID)


async def test_a_sign_in_is_a_session(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    service.source_ip, service.agent = "192.0.2.7", CHROME
    begun = clock.now()
    tokens = await service.tokens(client, "jane")
    clock.advance(90)
    service.source_ip, service.agent = "192.0.2.8", "curl/8.4.0"
    await service("InitiateAuth", **refresh(client, tokens))
    (shown,) = await own(service, tokens)
    assert re.fullmatch("tkn[0-9a-z]{25}", shown["SessionId"])
    assert {
        "SessionId": shown["SessionId"],
        "SessionType": "TOKEN",
        "ClientId": client.client.id,
        "CreateDate": begun,
        "LastActiveDate": begun + 90,
        "DeviceType": "curl",
        "LastIPAddress": "192.0.2.8",
        "LastLocation": {"Country": "unknown"},
        "IsCurrentSession": True,
    } == shown
    listed = await service("AdminListUserSessions", UserPoolId=entry.pool.id, Username="jane")
    assert [{**shown, "IsCurrentSession": False}] == listed["Sessions"]


async def test_sessions_are_the_users_at_all_clients_and_nobody_elses(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    neighbour = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "eve")
    hers = await service.tokens(client, "jane")
    clock.advance(1)
    there = await service.tokens(neighbour, "jane")
    eves = await service.tokens(client, "eve")
    assert [(neighbour.client.id, False), (client.client.id, True)] == [
        (each["ClientId"], each["IsCurrentSession"]) for each in await own(service, hers)
    ]
    session = await current(service, there)
    assert UNKNOWN == await service.refusal("RevokeUserSession", AccessToken=eves["AccessToken"], SessionId=session)
    eve = {"UserPoolId": entry.pool.id, "Username": "eve"}
    assert UNKNOWN == await service.refusal("AdminRevokeUserSession", **eve, SessionId=session)
    assert UNKNOWN == await service.refusal("AdminRevokeUserSession", **eve, SessionId="sso" + "a" * 25)
    nobody = {"UserPoolId": entry.pool.id, "Username": "nobody"}
    assert NOBODY == await service.refusal("AdminListUserSessions", **nobody)
    assert NOBODY == await service.refusal("AdminRevokeUserSession", **nobody, SessionId=session)
    assert 2 == len(await own(service, hers))


@sqlite_only
async def test_there_is_no_second_page(service: Service) -> None:
    entry, client = await tracked(service)
    tokens = await service.tokens(client, "jane")
    told = ("InvalidParameterException", "Invalid pagination token")
    assert told == await service.refusal("ListUserSessions", AccessToken=tokens["AccessToken"], NextToken="x")
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert told == await service.refusal("AdminListUserSessions", **user, NextToken="x")


@pytest.mark.parametrize("by_admin", [True, False])
async def test_a_revoked_session_is_over_at_once(service: Service, by_admin: bool) -> None:
    entry, client = await tracked(service)
    kept, lost = await service.tokens(client, "jane"), await service.tokens(client, "jane")
    session = await current(service, lost)
    if by_admin:
        user = {"UserPoolId": entry.pool.id, "Username": "jane"}
        assert {} == await service("AdminRevokeUserSession", **user, SessionId=session)
    else:
        assert {} == await service("RevokeUserSession", AccessToken=kept["AccessToken"], SessionId=session)
    assert REVOKED == await service.refusal("GetUser", AccessToken=lost["AccessToken"])
    assert GONE == await service.refusal("InitiateAuth", **refresh(client, lost))
    assert await service("InitiateAuth", **refresh(client, kept))
    assert [True] == [each["IsCurrentSession"] for each in await own(service, kept)]
    assert UNKNOWN == await service.refusal("RevokeUserSession", AccessToken=kept["AccessToken"], SessionId=session)


async def test_the_current_session_is_not_revoked_by_its_own_token(service: Service) -> None:
    entry, client = await tracked(service)
    tokens = await service.tokens(client, "jane")
    session = await current(service, tokens)
    own_token = {"AccessToken": tokens["AccessToken"], "SessionId": session}
    assert CURRENT == await service.refusal("RevokeUserSession", **own_token)
    assert CURRENT == await service.refusal("RevokeUserSession", **own_token, RevokeAssociatedSessions="LINKED")
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert {} == await service("AdminRevokeUserSession", **user, SessionId=session)


async def test_signing_out_everywhere_ends_all_token_sessions(service: Service) -> None:
    entry, client = await tracked(service)
    tokens = await service.tokens(client, "jane")
    await service.tokens(client, "jane")
    await service("GlobalSignOut", AccessToken=tokens["AccessToken"])
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert [] == (await service("AdminListUserSessions", **user))["Sessions"]


@sqlite_only
async def test_an_expired_session_is_not_listed(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    await service.tokens(client, "jane")
    clock.advance(30 * 86_400)
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert [] == (await service("AdminListUserSessions", **user))["Sessions"]


async def test_one_session_too_many_ends_the_least_recently_used(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service, most=2)
    await a_user(service.flow, entry, "eve")
    eves = await service.tokens(client, "eve")
    first = await service.tokens(client, "jane")
    clock.advance(1)
    second = await service.tokens(client, "jane")
    clock.advance(1)
    await service("InitiateAuth", **refresh(client, first))
    clock.advance(1)
    third = await service.tokens(client, "jane")
    assert REVOKED == await service.refusal("GetUser", AccessToken=second["AccessToken"])
    assert GONE == await service.refusal("InitiateAuth", **refresh(client, second))
    for living in (first, third, eves):
        assert await service("GetUser", AccessToken=living["AccessToken"])


async def test_a_lower_limit_holds_from_the_next_sign_in(service: Service, clock: FixedClock) -> None:
    entry, client = await tracked(service)
    old = []
    for _ in range(4):
        clock.advance(1)
        old.append(await service.tokens(client, "jane"))
    await reconfigure(service.flow, entry, sessions=SessionTracking(enabled=True, max_per_user=2))
    assert 4 == len(await own(service, old[0]))
    last = await service.tokens(client, "jane")
    assert 2 == len(await own(service, last))
    assert REVOKED == await service.refusal("GetUser", AccessToken=old[2]["AccessToken"])
    assert await service("GetUser", AccessToken=old[3]["AccessToken"])


async def test_twenty_sign_ins_at_once_leave_no_more_than_the_limit(service: Service) -> None:
    entry, client = await tracked(service, most=3)
    served, refused = await race(service.tokens(client, "jane") for _ in range(20))
    assert [] == refused
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert 3 == len((await service("AdminListUserSessions", **user))["Sessions"])
    _, dead = await race(service("GetUser", AccessToken=each["AccessToken"]) for each in served)
    assert [REVOKED] * 17 == dead


async def test_revocation_beside_a_refresh_leaves_nothing_alive(service: Service) -> None:
    entry, client = await tracked(service)
    tokens = await service.tokens(client, "jane")
    session = await current(service, tokens)
    user = {"UserPoolId": entry.pool.id, "Username": "jane"}
    served, _ = await race(
        [
            service("AdminRevokeUserSession", **user, SessionId=session),
            *(service("InitiateAuth", **refresh(client, tokens)) for _ in range(6)),
        ]
    )
    for each in served:
        if each:
            late = each["AuthenticationResult"]["AccessToken"]
            assert REVOKED == await service.refusal("GetUser", AccessToken=late)
    assert [] == (await service("AdminListUserSessions", **user))["Sessions"]


async def test_a_rotation_is_a_use_of_the_session(service: Service, clock: FixedClock) -> None:
    entry, _ = await tracked(service)
    rotation = RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=0)
    client = await a_client(
        service.flow, entry, refresh_token_rotation=rotation, explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    tokens = await service.tokens(client, "jane")
    clock.advance(50)
    body = {
        "ClientId": client.client.id, "ClientSecret": client.secrets[-1], "RefreshToken": tokens["RefreshToken"],
    }  # fmt: skip
    newer = (await service("GetTokensFromRefreshToken", **body))["AuthenticationResult"]
    (shown,) = await own(service, newer)
    assert shown["CreateDate"] + 50 == shown["LastActiveDate"]


async def test_linked_has_no_effect_on_a_session_of_its_own(service: Service) -> None:
    _, client = await tracked(service)
    first, other = await service.tokens(client, "jane"), await service.tokens(client, "jane")
    body = {"ClientId": client.client.id, "ClientSecret": client.secrets[-1], "Token": first["RefreshToken"]}
    assert {} == await service("RevokeToken", **body, RevokeAssociatedSessions="LINKED")
    assert 1 == len(await own(service, other))


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (CHROME, "Chrome on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (CHROME + " Edg/142.0", "Edge on Windows"),
        ("aws-cli/2.30 Python/3.13 Linux/6.1", "AWS CLI on Linux"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_a_user_agent_is_told_in_known_words_only(agent: str, told: str) -> None:
    assert told == describe(agent)
