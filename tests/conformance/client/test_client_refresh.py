"""oidcc-client-refreshtoken-test-plan: what a refresh may bring, and what ends the session (OIDC Core section 12)."""

import asyncio
import re

import msgspec
import pytest
from aiohttp import web
from sqlalchemy import select, update

from poolhouse.house.app import House
from poolhouse.house.audit import Event
from poolhouse.house.provider import Options
from poolhouse.house.provider import Provider as Configured
from poolhouse.house.renewal import Outcome, refresh_access, renew_due
from poolhouse.house.session import find_session
from poolhouse.house.tables import audit_events, sessions
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.jose import b64url_decode
from tests.conformance.client.conftest import Client
from tests.house.op import Provider, merged
from tests.house.test_providers import put
from tests.house.world import ADMIN, Browser, words


@pytest.fixture
def options() -> Options:
    return Options(is_renewed=True)


@pytest.fixture
async def signed_in(client: Client, op: Provider) -> Client:
    op.refreshes = True
    settings = op.settings(revocation_url=f"{op.base}/oauth2/revoke", end_session_url=f"{op.base}/end-session")
    await put(client.house, Configured(id="oidc", settings=settings, options=Options(is_renewed=True)))
    op.person.extra = {"groups": ["staff"]}
    await client.accepts()
    return client


async def groups(client: Client) -> object:
    session = await find_session(client.house.ctx, client.browser.cookie("house_session") or "")
    return None if session is None else msgspec.json.decode(session.claims).get("groups")


async def set_option(client: Client, **options: bool) -> None:
    (configured,) = client.house.ctx.live.document.providers
    changed = msgspec.structs.replace(configured.options, **options)
    await put(client.house, msgspec.structs.replace(configured, options=changed))


async def refresh(client: Client) -> Outcome:
    session = await find_session(client.house.ctx, client.browser.cookie("house_session") or "")
    assert session is not None
    return await refresh_access(client.house.ctx, session)


async def test_oidcc_client_test_refresh_token(signed_in: Client, op: Provider) -> None:
    """CVE-2021-41230: claims of the first sign-in were used for ever."""
    op.person.extra = {"groups": ["staff", "finance"]}

    assert Outcome.RENEWED is await refresh(signed_in)

    assert ["staff", "finance"] == await groups(signed_in)
    assert "refresh_token" == op.token_requests[-1][0]["grant_type"]


@pytest.mark.parametrize(
    "change",
    [
        merged(iss="https://another.example"),
        merged(sub="somebody-else"),
        merged(aud="another-client"),
        merged(azp="another-client"),
        merged(exp=1),
        merged(auth_time=1),
        merged(nonce="of another sign-in"),
        merged(nonce=None),
    ],
    ids=[
        "invalid_issuer",
        "invalid_sub",
        "invalid_aud",
        "invalid_azp",
        "expired",
        "another_auth_time",
        "another_nonce",
        "no_text_for_nonce",
    ],
)
async def test_oidcc_client_test_refresh_token_invalid(change: object, signed_in: Client, op: Provider) -> None:
    op.change_refreshed = change  # type: ignore[assignment]
    asked = op.hits["userInfo"]

    assert Outcome.ENDED is await refresh(signed_in)

    assert asked == op.hits["userInfo"]
    assert 303 == (await signed_in.browser.get("/")).status_code


@pytest.mark.parametrize("left_out", [{}, {"nonce": ...}, {"auth_time": ...}, {"nonce": ..., "auth_time": ...}])
async def test_a_refresh_keeps_or_leaves_out_what_the_sign_in_said_of_itself(
    left_out: dict[str, object], signed_in: Client, op: Provider, clock: FixedClock
) -> None:
    """OIDC Core section 12.2; what was left out once is still compared the next time."""
    clock.advance(60)
    op.change_refreshed = merged(**left_out)
    assert Outcome.RENEWED is await refresh(signed_in)

    op.change_refreshed = merged(auth_time=clock.now())

    assert Outcome.ENDED is await refresh(signed_in)


async def test_name_and_address_follow_as_at_a_sign_in(signed_in: Client, op: Provider) -> None:
    op.person.email, op.person.name = "married@example.com", "Another Name"

    assert Outcome.RENEWED is await refresh(signed_in)

    shown = words(await signed_in.browser.get("/user/account"))
    assert "married@example.com" in shown
    assert "Another Name" in shown


async def test_an_address_of_somebody_else_is_not_taken_over_by_a_refresh(
    signed_in: Client, op: Provider, admin: Browser
) -> None:
    before, op.person.email = op.person.email, ADMIN

    for _ in range(2):
        assert Outcome.RENEWED is await refresh(signed_in)

    assert before in words(await signed_in.browser.get("/user/account"))
    events = await signed_in.house.ctx.db.all(compile_statement(select(audit_events.c.event)))
    assert 1 == [name for (name,) in events].count(Event.EMAIL_KEPT.value)


async def test_sign_out_gives_the_refresh_token_back_and_waits_for_nobody(signed_in: Client, op: Provider) -> None:
    op.slow["revoke"] = 0.3

    answer = await signed_in.browser.post("/user/logout", {}, page="/")

    assert "/user/logged-out" == answer.headers["location"]
    assert op.revoked.empty()
    assert (await asyncio.wait_for(op.revoked.get(), 3)).startswith("refresh-")


async def test_a_provider_that_does_not_take_the_token_keeps_nobody_signed_in(signed_in: Client, op: Provider) -> None:
    op.answers["revoke"] = web.Response(status=503)

    answer = await signed_in.browser.post("/user/logout", {}, page="/")

    assert "/user/logged-out" == answer.headers["location"]
    assert 303 == (await signed_in.browser.get("/")).status_code


async def test_the_newest_id_token_is_the_hint_at_sign_out(signed_in: Client, op: Provider) -> None:
    op.change_refreshed = merged(jti="newest")
    assert Outcome.RENEWED is await refresh(signed_in)

    answer = await signed_in.browser.post("/user/logout", {"where": "provider"}, page="/")

    hint = re.search(r'name="id_token_hint" value="([^"]+)"', answer.text)
    assert hint is not None
    assert "newest" == msgspec.json.decode(b64url_decode(hint[1].split(".")[1]))["jti"]


async def test_userinfo_about_somebody_else_ends_the_session(signed_in: Client, op: Provider) -> None:
    op.change_userinfo = merged(sub="somebody-else")

    assert Outcome.ENDED is await refresh(signed_in)


async def test_what_the_provider_no_longer_says_is_gone(signed_in: Client, op: Provider) -> None:
    op.person.extra = {}

    assert Outcome.RENEWED is await refresh(signed_in)

    assert await groups(signed_in) is None


async def test_a_refresh_without_an_id_token_goes_by_userinfo(signed_in: Client, op: Provider) -> None:
    op.refresh_id_token = False
    op.person.extra = {"groups": ["other"]}

    assert Outcome.RENEWED is await refresh(signed_in)

    assert ["other"] == await groups(signed_in)


@pytest.mark.parametrize("keeps", [False, True])
async def test_a_refresh_without_an_id_token_takes_away_what_userinfo_says_no_more(
    keeps: bool, signed_in: Client, op: Provider
) -> None:
    """Whoever is in no group any more may have no claim of it left."""
    await set_option(signed_in, keeps_missing=keeps)
    op.refresh_id_token = False
    op.person.extra = {"groups": ["other"]}
    assert Outcome.RENEWED is await refresh(signed_in)
    op.person.extra = {}

    for _ in range(2):
        assert Outcome.RENEWED is await refresh(signed_in)

        assert (["other"] if keeps else None) == await groups(signed_in)


async def test_of_a_sign_in_before_it_was_known_what_userinfo_said_nothing_is_taken_away(
    signed_in: Client, op: Provider
) -> None:
    await signed_in.house.ctx.db.write(lambda tx: tx.run(compile_statement(update(sessions).values(userinfo_names=""))))
    op.refresh_id_token = False
    op.person.extra = {}

    assert Outcome.RENEWED is await refresh(signed_in)

    assert ["staff"] == await groups(signed_in)


async def test_a_refresh_without_an_id_token_takes_nothing_away_that_stood_in_one(
    signed_in: Client, op: Provider
) -> None:
    """Nothing was said of it."""
    op.change_claims, op.change_userinfo = merged(groups=["staff"]), merged(groups=...)
    assert 303 == (await signed_in.sign_in()).status_code
    op.refresh_id_token = False
    op.change_userinfo = merged(groups=..., email="other@example.com", email_verified=...)

    assert Outcome.RENEWED is await refresh(signed_in)

    session = await find_session(signed_in.house.ctx, signed_in.browser.cookie("house_session") or "")
    assert session is not None
    claims = msgspec.json.decode(session.claims)
    assert (["staff"], "other@example.com") == (claims["groups"], claims["email"])
    assert "email_verified" not in claims


@pytest.mark.parametrize("keeps", [False, True])
async def test_what_a_renewed_id_token_leaves_out_goes_by_the_provider_s_setting(
    keeps: bool, signed_in: Client, op: Provider
) -> None:
    await set_option(signed_in, keeps_missing=keeps)
    op.change_refreshed = op.change_userinfo = merged(groups=...)

    assert Outcome.RENEWED is await refresh(signed_in)

    assert (["staff"] if keeps else None) == await groups(signed_in)


async def test_a_dead_refresh_token_ends_the_session_and_says_so(
    signed_in: Client, op: Provider, admin: Browser
) -> None:
    op.revoke()

    assert Outcome.ENDED is await refresh(signed_in)

    assert "invalid_grant" in words(await admin.get("/settings/audit-log"))
    assert 303 == (await signed_in.browser.get("/")).status_code


@pytest.mark.parametrize("trouble", ["away", "secret"])
async def test_a_provider_that_is_away_ends_nothing(trouble: str, signed_in: Client, op: Provider) -> None:
    if trouble == "away":
        op.answers["token"] = web.Response(status=503)
    else:
        op.client_secret = "replaced"

    assert Outcome.AWAY is await refresh(signed_in)

    assert ["staff"] == await groups(signed_in)


async def test_c4_fifty_at_once_use_the_token_once(signed_in: Client, op: Provider) -> None:
    op.slow["token"] = 0.2

    outcomes = await asyncio.gather(*(refresh(signed_in) for _ in range(50)))

    assert {Outcome.RENEWED} == set(outcomes)
    assert 2 == op.hits["token"]
    assert 0 == op.refresh_reused


async def test_the_next_token_is_used_the_next_time(signed_in: Client, op: Provider) -> None:
    for _ in range(3):
        assert Outcome.RENEWED is await refresh(signed_in)

    assert 0 == op.refresh_reused


async def test_the_background_renews_before_the_end(signed_in: Client, op: Provider, clock: FixedClock) -> None:
    op.person.extra = {"groups": ["later"]}
    await renew_due(signed_in.house.ctx)
    assert ["staff"] == await groups(signed_in)
    clock.advance(3300)

    await renew_due(signed_in.house.ctx)

    assert ["later"] == await groups(signed_in)
    assert 2 == op.hits["token"]


async def test_the_token_is_sealed_in_the_store(signed_in: Client, house: House) -> None:
    ((sealed,),) = await house.ctx.db.all(compile_statement(select(sessions.c.sealed_refresh_token)))

    assert b"refresh-" not in sealed


async def test_refresh_my_access_leads_back(signed_in: Client, op: Provider) -> None:
    op.person.extra = {"groups": ["new"]}

    answer = await signed_in.browser.post("/user/account/refresh", {"to": "/user/account"}, page="/")

    assert "/user/account" == answer.headers["location"]
    assert ["new"] == await groups(signed_in)


async def test_refresh_my_access_leads_nowhere_else(signed_in: Client) -> None:
    answer = await signed_in.browser.post("/user/account/refresh", {"to": "//evil.example"}, page="/")

    assert "/" == answer.headers["location"]


async def test_without_a_token_it_is_a_new_sign_in(client: Client, op: Provider) -> None:
    await client.accepts()

    answer = await client.browser.post("/user/account/refresh", {"to": "/user/account"}, page="/")

    assert answer.headers["location"].startswith(f"{op.base}/oauth2/authorize?")
