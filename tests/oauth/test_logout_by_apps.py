"""Signing out as OpenID Connect RP-Initiated Logout has it, where the test plan does not look."""

from collections.abc import AsyncIterator

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.jose import mint_key
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import CognitoError
from tests.support.builders import PASSWORD, a_user
from tests.support.hosted import Page, Person, from_here, is_at_app
from tests.support.logout import URL, ask, confirm, is_signed_in, redeemed, sid_of, silently, standard, tokens_of
from tests.support.service import Service, sqlite_only
from tests.support.web import (
    BASE,
    DOMAIN,
    SIGNED_OUT,
    a_browser,
    a_code,
    a_web_client,
    answer_of,
    application,
    authorize,
    error_of,
    redeem,
    signed_in,
    token,
)

DAY = 86_400
NASTY = (
    "https://evil.example", "//evil.example", "javascript:alert(1)", "data:text/html,x", f"{SIGNED_OUT}@evil.example",
    f"{SIGNED_OUT}/../x", f"{SIGNED_OUT}%2e", f"{SIGNED_OUT}\r\nlocation: https://evil.example", f" {SIGNED_OUT}",
    f"{SIGNED_OUT}#", f"{SIGNED_OUT}?", "https://app.example:443/signed-out", "https://APP.example/signed-out",
    "https://app.example\\@evil.example/signed-out", "\u0000", "é" * 2000,
)  # fmt: skip


@pytest.fixture
async def app(flow: Flow, client: ClientEntry) -> ClientEntry:
    return await standard(flow, client)


@pytest.fixture
async def other_web(flow: Flow) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(application(flow)) as opened:
        yield opened


async def test_a_session_has_one_name_for_all_its_apps_and_its_handle_is_another(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    handle = await signed_in(flow, web, person)
    other = await standard(flow, await a_web_client(flow, pool))

    first, second = await silently(web, app), await silently(web, other)

    assert sid_of(first) == sid_of(second) is not None
    assert handle != sid_of(first)
    refreshed = await token(web, app, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert sid_of(first) == sid_of(refreshed.json())


async def test_apps_that_are_not_told_of_its_end_do_not_learn_the_sessions_name(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    assert sid_of(await tokens_of(flow, web, client, person)) is None


@sqlite_only
async def test_signing_in_again_keeps_the_sessions_name_and_another_user_does_not_get_it(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    await a_user(flow, pool, "john")
    first = sid_of(await tokens_of(flow, web, app, person))

    async def again(name: str) -> str | None:
        page = await Person(web, app).open(prompt="login")
        page = await Person(web, app).send(page, Username=name, Password=PASSWORD)
        assert is_at_app(page), page.words
        return sid_of(await redeemed(web, app, answer_of(page.reply)["code"]))

    assert first == await again("jane")
    assert first != await again("john")


async def test_an_expired_hint_still_tells_whom_the_app_means(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, clock: FixedClock
) -> None:
    held = await tokens_of(flow, web, app, person)
    clock.advance(DAY)
    await signed_in(flow, web, person)

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT)

    assert SIGNED_OUT == reply.headers["location"]
    assert not await is_signed_in(web, app)


async def test_a_hint_by_a_key_that_is_gone_says_nothing_and_the_user_is_asked(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    former = mint_key("ES256").sign({"sub": person.sub, "aud": app.client.id, "token_use": "id"})
    asked = {"id_token_hint": former, "client_id": app.client.id, "post_logout_redirect_uri": SIGNED_OUT}

    for reply in (await ask(web, **asked), await ask(web, id_token_hint=former)):
        assert "Sign out?" in reply.text
    around = (await web.post(URL, data=asked)).headers["location"]
    assert SIGNED_OUT == (await confirm(web, await web.get(around))).headers["location"]
    assert not await is_signed_in(web, app)


async def test_a_hint_of_somebody_else_is_asked_about(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    await signed_in(flow, web, await a_user(flow, pool, "john"))

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT, state="s")

    assert ("Sign out?" in reply.text, "john" in reply.text) == (True, True)
    assert await is_signed_in(web, app)
    done = await confirm(web, reply)
    assert f"{SIGNED_OUT}?state=s" == done.headers["location"]
    assert not await is_signed_in(web, app)


async def test_a_logout_hint_must_name_the_sessions_user(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    for logout_hint, is_asked in (("john", True), ("jane", False), ("jane@example.com", False), (person.sub, False)):
        held = await tokens_of(flow, web, app, person)
        reply = await ask(web, id_token_hint=held["id_token"], logout_hint=logout_hint)
        assert is_asked == ("Sign out?" in reply.text)


async def test_a_hint_sends_a_browser_on_that_is_signed_out_already(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    web.cookies.clear()

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT)

    assert SIGNED_OUT == reply.headers["location"]


async def test_nobody_signs_a_browser_out_by_posting_to_the_confirmation(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    form = Page(await ask(web)).forms[0]

    for fields, headers in (({}, from_here(web)), (form.fields, {"origin": "https://evil.example"})):
        assert 403 == (await web.post(form.action, data=fields, headers=headers)).status_code
    assert 405 == (await web.get(f"{URL}/confirm")).status_code
    assert await is_signed_in(web, app)


async def test_a_posted_request_goes_round_so_that_the_cookies_come(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    form = {"id_token_hint": held["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "s", "ui_locales": "fr"}

    round_trip = await web.post(URL, data=form, headers={"origin": "https://app.example"})

    around = round_trip.headers["location"]
    assert (303, True) == (round_trip.status_code, around.startswith(f"{URL}?"))
    assert held["id_token"].split(".")[1] not in around
    assert "/error?" in (await web.get(around.replace("posted_hint=", "posted_hint=x"))).headers["location"]
    assert await is_signed_in(web, app)
    assert f"{SIGNED_OUT}?state=s" == (await web.get(around)).headers["location"]
    assert not await is_signed_in(web, app)


async def test_a_posted_hint_that_is_none_of_ours_goes_nowhere(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await tokens_of(flow, web, app, person)

    for form in ({"id_token_hint": "x", "post_logout_redirect_uri": SIGNED_OUT}, {"state": ["a", "b"]}):
        assert "/error?" in (await web.post(URL, data=form)).headers["location"]
    assert await is_signed_in(web, app)


async def test_a_parameter_given_twice_is_refused(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    twice = [("id_token_hint", held["id_token"]), ("state", "a"), ("state", "b")]

    reply = await web.get(URL, params=twice)

    assert "invalid_request" == answer_of(reply)["error"]
    assert await is_signed_in(web, app)


@sqlite_only
async def test_nobody_is_sent_to_anything_that_is_not_registered(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    named = {"client_id": app.client.id}
    for target in NASTY:
        for asked in (
            {"id_token_hint": held["id_token"], "post_logout_redirect_uri": target},
            {"post_logout_redirect_uri": target, **named},
            {"logout_uri": target, **named},
            {"redirect_uri": target, "response_type": "code", **named},
            {"id_token_hint": held["id_token"], "logout_uri": target},
        ):
            reply = await ask(web, **asked)
            assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error?"), asked
            posted = await web.post(URL, data=asked)
            assert posted.headers["location"].startswith((f"{URL}?", f"{BASE}/domains/{DOMAIN}/error?"))
            if posted.headers["location"].startswith(f"{URL}?"):
                around = (await web.get(posted.headers["location"])).headers["location"]
                assert around.startswith(f"{BASE}/domains/{DOMAIN}/error?")
    assert await is_signed_in(web, app)


async def test_callback_urls_do_not_leave_the_front_channel_behind(
    flow: Flow, pool: PoolEntry, app: ClientEntry
) -> None:
    await standard(flow, app, frontchannel_logout_uri="https://app.example/bye")
    service = Service(flow)

    async def callbacks(*urls: str) -> None:
        await service("UpdateUserPoolClient", UserPoolId=pool.pool.id, ClientId=app.client.id, CallbackURLs=list(urls))

    with pytest.raises(CognitoError, match="frontchannel_logout_uri has the origin of none"):
        await callbacks("https://elsewhere.example/callback")
    await callbacks("https://app.example/other", "https://elsewhere.example/callback")


@sqlite_only
@pytest.mark.parametrize("framed", [False, True], ids=["redirect", "page"])
async def test_a_state_breaks_out_of_no_header_and_no_page(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, framed: bool
) -> None:
    if framed:
        app = await standard(flow, app, frontchannel_logout_uri="https://app.example/bye")
    state = "\r\nset-cookie: a=b\"><script>alert(1)</script>'; url=https://evil.example&x=\u2028é"
    held = await tokens_of(flow, web, app, person)

    reply = await ask(web, id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT, state=state)

    assert "<script>alert" not in reply.text
    assert not [each for each in reply.headers.get_list("set-cookie") if each.startswith("a=")]
    address = reply.headers.get("location") or Page(reply).links["Go on now"]
    assert (SIGNED_OUT, {"state": state}) == (address.partition("?")[0], dict(httpx.URL(address).params))


async def test_tokens_of_the_openid_dialect_end_with_the_session_but_those_for_offline_access(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    other = await a_web_client(flow, pool)
    gone = await tokens_of(flow, web, app, person)
    stays = await silently(web, app, scope="openid offline_access")
    cognitos = await silently(web, other)

    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    async def refreshed(client: ClientEntry, held: dict[str, str]) -> int:
        reply = await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])
        return reply.status_code

    assert [400, 200, 200] == [
        await refreshed(app, gone),
        await refreshed(app, stays),
        await refreshed(other, cognitos),
    ]


async def test_a_code_does_not_outlive_the_session_it_came_through(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    code = await a_code(flow, web, client, person)
    await ask(web, client_id=client.client.id, logout_uri=SIGNED_OUT)

    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))


async def test_another_browser_stays_signed_in(
    flow: Flow, web: httpx.AsyncClient, other_web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    elsewhere = await tokens_of(flow, other_web, app, person)

    await ask(web, id_token_hint=held["id_token"])

    assert await is_signed_in(other_web, app)
    reply = await token(other_web, app, grant_type="refresh_token", refresh_token=elsewhere["refresh_token"])
    assert 200 == reply.status_code
    assert "login_required" == answer_of(await authorize(web, app, prompt="none"))["error"]
    assert f"/domains/{DOMAIN}/login" in (await authorize(web, app)).headers["location"]
