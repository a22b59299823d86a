"""SSO sessions: a browser's session at a domain, the token sessions that come through it, and how long it is reused."""

from collections.abc import AsyncIterator

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD, reconfigure
from tests.support.hosted import Person, is_at_app
from tests.support.service import Service, service, sqlite_only
from tests.support.web import (
    CALLBACK,
    DOMAIN,
    a_browser,
    a_web_client,
    answer_of,
    application,
    authorize,
    error_of,
    redeem,
    token,
)

__all__ = ["service"]
DAY = 86_400


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_web_client(
        flow, pool, allowed_o_auth_scopes=["openid", "email", "profile", "aws.cognito.signin.user.admin"]
    )


@pytest.fixture
async def tracked(flow: Flow, pool: PoolEntry) -> PoolEntry:
    return await reconfigure(flow, pool, sessions=SessionTracking(enabled=True))


@pytest.fixture
async def other_web(flow: Flow) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(application(flow)) as opened:
        yield opened


async def sign_in(web: httpx.AsyncClient, client: ClientEntry) -> str:
    """Through the pages; the code."""
    page = await Person(web, client).sign_in("jane", PASSWORD)
    assert is_at_app(page)
    return answer_of(page.reply)["code"]


async def sessions(service: Service, pool: PoolEntry, kind: str) -> list[dict[str, object]]:
    found = (await service("AdminListUserSessions", UserPoolId=pool.pool.id, Username="jane"))["Sessions"]
    return [each for each in found if each["SessionType"] == kind]


async def set_reuse(service: Service, client: ClientEntry, minutes: int) -> None:
    await service(
        "SetUserPoolClientSessionConfiguration", UserPoolId=client.client.pool_id, ClientId=client.client.id,
        SSOSession={"MaxValidityMinutes": minutes},
    )  # fmt: skip


async def revoke(service: Service, pool: PoolEntry, session: object, linked: str | None = None) -> None:
    more = {} if linked is None else {"RevokeAssociatedSessions": linked}
    await service("AdminRevokeUserSession", UserPoolId=pool.pool.id, Username="jane", SessionId=session, **more)


async def is_silent(web: httpx.AsyncClient, client: ClientEntry) -> bool:
    """Whether the app gets a code without the user."""
    reply = await authorize(web, client)
    return str(reply.headers["location"]).startswith(f"{CALLBACK}?code=")


async def test_a_token_session_tells_the_browsers_session_it_came_through(
    tracked: PoolEntry, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    code = await sign_in(web, client)
    (sso,) = await sessions(service, tracked, "SSO")
    assert (client.client.id, sso["CreateDate"]) == (sso["ClientId"], sso["LastActiveDate"])
    assert "OriginSessionId" not in sso
    clock.advance(10)
    await redeem(web, client, code)
    (kept,) = await sessions(service, tracked, "TOKEN")
    assert sso["SessionId"] == kept["OriginSessionId"]
    (again,) = await sessions(service, tracked, "SSO")
    assert clock.now() == again["LastActiveDate"]
    silent = answer_of(await authorize(web, client, scope="openid aws.cognito.signin.user.admin"))
    tokens = (await redeem(web, client, silent["code"])).json()
    own = (await service("ListUserSessions", AccessToken=tokens["access_token"]))["Sessions"]
    assert [False, False, True] == sorted(each["IsCurrentSession"] for each in own)


@pytest.mark.parametrize("linked", [None, "NONE", "LINKED"])
async def test_revoking_the_browsers_session_ends_what_is_linked_if_asked(
    tracked: PoolEntry, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User, linked: str | None
) -> None:
    tokens = (await redeem(web, client, await sign_in(web, client))).json()
    (sso,) = await sessions(service, tracked, "SSO")
    await revoke(service, tracked, sso["SessionId"], linked)
    assert not await is_silent(web, client)
    info = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {tokens['access_token']}"}
    )
    refreshed = await token(web, client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert ((401, 400) if linked == "LINKED" else (200, 200)) == (info.status_code, refreshed.status_code)


@pytest.mark.parametrize("linked", ["NONE", "LINKED"])
async def test_revoking_a_token_session_ends_the_browsers_if_asked_and_no_sibling(
    tracked: PoolEntry, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User, linked: str
) -> None:
    await redeem(web, client, await sign_in(web, client))
    await redeem(web, client, answer_of(await authorize(web, client))["code"])
    one, _ = await sessions(service, tracked, "TOKEN")
    await revoke(service, tracked, one["SessionId"], linked)
    assert 1 == len(await sessions(service, tracked, "TOKEN"))
    assert (linked == "NONE") == await is_silent(web, client)


async def test_revoking_a_token_ends_the_browsers_session_if_asked(
    tracked: PoolEntry, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    for linked, silent in ((None, True), ("NONE", True), ("LINKED", False)):
        tokens = (await redeem(web, client, await sign_in(web, client))).json()
        more = {} if linked is None else {"RevokeAssociatedSessions": linked}
        await service(
            "RevokeToken", ClientId=client.client.id, ClientSecret=client.secrets[-1], Token=tokens["refresh_token"],
            **more,
        )  # fmt: skip
        assert silent == await is_silent(web, client)
        await web.get(f"/domains/{DOMAIN}/logout", params={"client_id": client.client.id})
        web.cookies.clear()


async def test_a_code_dies_with_the_browsers_session_it_came_through(
    tracked: PoolEntry, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await sign_in(web, client)
    (sso,) = await sessions(service, tracked, "SSO")
    await revoke(service, tracked, sso["SessionId"])
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_signing_out_of_the_pages_ends_the_browsers_session_alone(
    tracked: PoolEntry, service: Service, web: httpx.AsyncClient, other_web: httpx.AsyncClient, client: ClientEntry,
    person: User,
) -> None:  # fmt: skip
    await redeem(web, client, await sign_in(web, client))
    await sign_in(other_web, client)
    assert 2 == len(await sessions(service, tracked, "SSO"))
    await web.get(
        f"/domains/{DOMAIN}/logout",
        params={"client_id": client.client.id, "logout_uri": "https://app.example/signed-out"},
    )
    assert (1, 1) == (len(await sessions(service, tracked, "SSO")), len(await sessions(service, tracked, "TOKEN")))


@sqlite_only
async def test_each_client_goes_on_with_the_session_as_long_as_it_says(
    tracked: PoolEntry, flow: Flow, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User,
    clock: FixedClock,
) -> None:  # fmt: skip
    never, short, long = client, await a_web_client(flow, tracked), await a_web_client(flow, tracked)
    await set_reuse(service, never, 0)
    await set_reuse(service, long, 2 * 24 * 60)
    await sign_in(web, never)
    assert [False, True, True] == [await is_silent(web, each) for each in (never, short, long)]
    clock.advance(3599)
    assert [True, True] == [await is_silent(web, each) for each in (short, long)]
    clock.advance(1)
    assert [False, True] == [await is_silent(web, each) for each in (short, long)]
    asked = answer_of(await authorize(web, short, prompt="none"))
    assert "login_required" == asked["error"]
    clock.advance(2 * DAY - 3601)
    assert await is_silent(web, long)
    clock.advance(1)
    assert not await is_silent(web, long)
    assert [] == await sessions(service, tracked, "SSO")


@sqlite_only
async def test_without_tracking_a_browser_is_signed_in_for_an_hour(
    tracked: PoolEntry, flow: Flow, service: Service, web: httpx.AsyncClient, client: ClientEntry, person: User,
    clock: FixedClock,
) -> None:  # fmt: skip
    await set_reuse(service, client, 2 * 24 * 60)
    await sign_in(web, client)
    entry = await flow.directory.find_pool(tracked.pool.id)
    assert entry is not None
    await reconfigure(flow, entry, sessions=SessionTracking(enabled=False))
    clock.advance(3599)
    assert await is_silent(web, client)
    clock.advance(1)
    assert not await is_silent(web, client)
