"""Back-channel logout: which apps are told of the end of a session, with what, and how often."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import msgspec
import pytest
from aiohttp import web as aio
from aiohttp.test_utils import TestServer

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.jose import b64url_decode
from poolhouse.kit.outgoing import Http
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import issue, logout_delivery, recovery, sign_out, users
from poolhouse.pool.flows.caller import user_by_token
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.logout_delivery import deliver_due
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.model.user import User
from poolhouse.pool.store import logouts as store
from tests.support.builders import PASSWORD, a_user, reconfigure
from tests.support.hosted import Person
from tests.support.logout import ask, redeemed, sid_of, silently, tokens_of
from tests.support.proofs import extend
from tests.support.service import Service, service, sqlite_only
from tests.support.web import CALLBACK, SIGNED_OUT, a_web_client, answer_of, signed_in

__all__ = ["service"]
NEW_PASSWORD = "Another-Horse-8"


class App:
    """An app's back-channel endpoint; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.media_types: list[str] = []
        self.tokens: list[str] = []
        self.url = ""

    async def handle(self, request: aio.Request) -> aio.Response:
        self.media_types.append(request.content_type)
        self.tokens += parse_qs((await request.read()).decode())["logout_token"]
        return aio.Response(status=self.status, headers={"location": "/elsewhere"})

    def claims(self, entry: PoolEntry) -> list[dict[str, Any]]:
        return [entry.verifier.verify(each) for each in self.tokens]


@pytest.fixture
async def receiver() -> AsyncIterator[App]:
    app = App()
    server = aio.Application()
    server.router.add_post("/bcl", app.handle)
    async with TestServer(server) as started:
        app.url = str(started.make_url("/bcl")).replace("127.0.0.1", "localhost")
        yield app


@pytest.fixture
async def flow(flow: Flow) -> AsyncIterator[Flow]:
    """One that may call this machine, as `poolhouse up` may."""
    http = Http(allow_loopback=True, allow_private=False)
    yield msgspec.structs.replace(flow, http=http)
    await http.close()


@pytest.fixture
async def app(flow: Flow, client: ClientEntry, receiver: App) -> ClientEntry:
    return await extend(flow, client, backchannel_logout_uri=receiver.url)


async def waiting(flow: Flow) -> int:
    return len(await flow.database.read(lambda tx: store.list_due(tx, 2**40, 100)))


async def test_a_logout_token_has_what_the_standard_asks_for(
    flow: Flow,
    web: httpx.AsyncClient,
    pool: PoolEntry,
    app: ClientEntry,
    person: User,
    receiver: App,
    clock: FixedClock,
) -> None:
    held = await tokens_of(flow, web, app, person)
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    assert 1 == await deliver_due(flow)

    (claims,) = receiver.claims(pool)
    jti = claims.pop("jti")
    assert {
        "iss": flow.config.issuer(pool.pool.id),
        "aud": app.client.id,
        "iat": clock.now(),
        "exp": clock.now() + 120,
        "sub": person.sub,
        "sid": sid_of(held),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    } == claims
    assert 36 == len(jti)
    header = json.loads(b64url_decode(receiver.tokens[0].split(".")[0]))
    assert ("logout+jwt", "RS256") == (header["typ"], header["alg"])
    assert ["application/x-www-form-urlencoded"] == receiver.media_types
    assert 0 == await waiting(flow)


async def test_a_logout_token_is_good_for_nothing_else(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, receiver: App, service: Service
) -> None:
    await tokens_of(flow, web, app, person)
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)
    await deliver_due(flow)
    await signed_in(flow, web, person)

    reply = await ask(web, id_token_hint=receiver.tokens[0], post_logout_redirect_uri=SIGNED_OUT)

    assert "/error?" in reply.headers["location"]
    assert "NotAuthorizedException" == (await service.refusal("GetUser", AccessToken=receiver.tokens[0]))[0]


Ending = Callable[[Flow, httpx.AsyncClient, PoolEntry, ClientEntry, User, dict[str, Any]], Awaitable[object]]


async def _by_uri(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, user: User, held: Any) -> None:
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)


async def _to_sign_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, user: User, held: Any
) -> None:
    await ask(web, client_id=app.client.id, redirect_uri=CALLBACK, response_type="code")


async def _by_hint(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, user: User, held: Any
) -> None:
    await ask(web, id_token_hint=held["id_token"])


async def _everywhere(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, user: User, held: Any
) -> None:
    await sign_out.everywhere(flow, user)


async def _disabled(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, user: User, held: Any
) -> None:
    await users.disable(flow, pool.pool, "jane")


async def _deleted(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, user: User, held: Any
) -> None:
    await users.delete(flow, pool.pool, "jane")


@pytest.mark.parametrize(
    ("end", "names_session"),
    [
        (_by_uri, True),
        (_to_sign_in, True),
        (_by_hint, True),
        (_everywhere, False),
        (_disabled, False),
        (_deleted, False),
    ],
    ids=["logout_uri", "redirect_uri", "id_token_hint", "everywhere", "disabled", "deleted"],
)
async def test_however_a_session_ends_its_apps_are_told_once(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App, end: Ending,
    names_session: bool,
) -> None:  # fmt: skip
    held = await tokens_of(flow, web, app, person)
    other = await a_web_client(flow, pool)
    await silently(web, other)

    await end(flow, web, pool, app, person, held)
    await deliver_due(flow)

    (claims,) = receiver.claims(pool)
    assert (app.client.id, person.sub) == (claims["aud"], claims["sub"])
    assert (sid_of(held) if names_session else None) == claims.get("sid")
    assert 0 == await deliver_due(flow)


@pytest.mark.parametrize("how", ["administrator", "temporary", "reset", "user"])
async def test_another_password_ends_the_browsers_sessions_and_their_apps_are_told(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App, how: str
) -> None:
    held = await tokens_of(flow, web, app, person)
    match how:
        case "user":
            granted = issue.new_grant(flow, app.client, person, scope=ADMIN_SCOPE, hosted=False, auth_time=1, amr=())
            made = await issue.start(flow, pool, app.client, person, granted)
            caller = await user_by_token(flow, made.access_token)
            await recovery.change(flow, caller, previous=PASSWORD, proposed=NEW_PASSWORD)
        case "reset":
            await recovery.start_reset(flow, pool, person)
        case _:
            await users.set_password(flow, pool.pool, "jane", NEW_PASSWORD, permanent=how == "administrator")
    await deliver_due(flow)

    (claims,) = receiver.claims(pool)
    assert (person.sub, sid_of(held)) == (claims["sub"], claims["sid"])
    assert 0 == await deliver_due(flow)


async def test_an_app_whose_session_makes_room_for_a_newer_one_is_told(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App
) -> None:
    await reconfigure(flow, pool, sessions=SessionTracking(enabled=True, max_per_user=1))
    page = await Person(web, app).sign_in("jane", PASSWORD)
    oldest = await redeemed(web, app, answer_of(page.reply)["code"])
    web.cookies.clear()
    page = await Person(web, app).sign_in("jane", PASSWORD)
    await redeemed(web, app, answer_of(page.reply)["code"])

    await deliver_due(flow)

    (claims,) = receiver.claims(pool)
    assert sid_of(oldest) == claims["sid"]


async def test_an_app_that_needs_sessions_by_name_is_told_each(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App
) -> None:
    await extend(flow, app, backchannel_logout_session_required=True)
    sids = {sid_of(await tokens_of(flow, web, app, person)) for _ in range(2)}

    await sign_out.everywhere(flow, person)
    await deliver_due(flow)

    assert sids == {claims["sid"] for claims in receiver.claims(pool)}
    assert 2 == len(receiver.tokens)


async def test_only_apps_that_took_part_are_told(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App
) -> None:
    other = await extend(flow, await a_web_client(flow, pool), backchannel_logout_uri=receiver.url)
    await tokens_of(flow, web, other, person)
    held = await tokens_of(flow, web, app, person)

    await ask(web, id_token_hint=held["id_token"])
    await deliver_due(flow)

    assert [app.client.id] == [claims["aud"] for claims in receiver.claims(pool)]


async def test_apps_of_a_user_are_told_when_another_signs_in_at_the_browser(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App
) -> None:
    await a_user(flow, pool, "john")
    held = await tokens_of(flow, web, app, person)
    page = await Person(web, app).open(prompt="login")
    await Person(web, app).send(page, Username="john", Password=PASSWORD)

    await deliver_due(flow)

    (claims,) = receiver.claims(pool)
    assert (person.sub, sid_of(held)) == (claims["sub"], claims["sid"])


@pytest.mark.parametrize("kind", ["SSO", "TOKEN"])
async def test_a_session_that_is_revoked_is_told_of(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App,
    service: Service, kind: str,
) -> None:  # fmt: skip

    await reconfigure(flow, pool, sessions=SessionTracking(enabled=True))
    page = await Person(web, app).sign_in("jane", PASSWORD)
    held = await redeemed(web, app, answer_of(page.reply)["code"])
    found = (await service("AdminListUserSessions", UserPoolId=pool.pool.id, Username="jane"))["Sessions"]
    (session,) = [each["SessionId"] for each in found if each["SessionType"] == kind]

    await service("AdminRevokeUserSession", UserPoolId=pool.pool.id, Username="jane", SessionId=session,
                  RevokeAssociatedSessions="LINKED")  # fmt: skip
    await deliver_due(flow)

    (claims,) = receiver.claims(pool)
    assert sid_of(held) == claims["sid"]


async def test_an_app_that_does_not_take_it_is_told_again_with_a_new_token_and_given_up_in_the_end(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, receiver: App, clock: FixedClock
) -> None:
    await tokens_of(flow, web, app, person)
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)
    receiver.status = 503
    for pause in (10, 60, 600, 3600, 4 * 3600):
        assert (1, 0) == (await deliver_due(flow), await deliver_due(flow))
        clock.advance(pause)

    assert 1 == await deliver_due(flow)

    assert 0 == await waiting(flow)
    assert 6 == len(set(receiver.tokens))


@sqlite_only
async def test_a_delivery_that_fails_unexpectedly_holds_up_no_other(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, receiver: App
) -> None:
    broken = await extend(flow, await a_web_client(flow, pool), backchannel_logout_uri=receiver.url + "?" + "x" * 9)
    await tokens_of(flow, web, app, person)
    await silently(web, broken)
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    class Breaking(Http):
        async def post_form(self, url: str, *given: Any, **more: Any) -> Any:
            if url.endswith("x"):
                raise RuntimeError("a bug")
            return await super().post_form(url, *given, **more)

    breaking = Breaking(allow_loopback=True, allow_private=False)
    assert 2 == await deliver_due(msgspec.structs.replace(flow, http=breaking))
    await breaking.close()

    assert [app.client.id] == [claims["aud"] for claims in receiver.claims(pool)]
    assert 1 == await waiting(flow)


@pytest.mark.parametrize("status", [302, 400])
async def test_a_redirect_is_not_followed_and_a_refusal_not_taken_for_a_yes(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, receiver: App, status: int
) -> None:
    await tokens_of(flow, web, app, person)
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)
    receiver.status = status

    await deliver_due(flow)

    assert (1, 1) == (len(receiver.tokens), await waiting(flow))


@sqlite_only
@pytest.mark.parametrize(
    "url", ["https://10.0.0.7/bcl", "https://169.254.169.254/latest", "https://[::1]/bcl", "https://127.0.0.1:1/bcl"]
)
async def test_cve_2026_4874_no_logout_reaches_a_private_address(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = msgspec.structs.replace(flow, http=Http(allow_loopback=False, allow_private=False))
    app = await extend(flow, client, backchannel_logout_uri=url)
    await tokens_of(flow, web, app, person)
    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)
    troubles: list[str | None] = []
    tell = logout_delivery._tell

    async def noting(*given: Any) -> str | None:
        troubles.append(await tell(*given))
        return troubles[-1]

    monkeypatch.setattr(logout_delivery, "_tell", noting)

    await deliver_due(guarded)

    assert ["address"] == troubles
    await guarded.http.close()


@sqlite_only
@pytest.mark.parametrize(
    "url", ["http://app.example/bcl", "https://app.example/bcl#x", "https://u@app.example/", "app"]
)
async def test_the_address_is_an_https_url_without_a_fragment(flow: Flow, client: ClientEntry, url: str) -> None:
    for name in ("backchannel_logout_uri", "frontchannel_logout_uri"):
        with pytest.raises(WrongSetting):
            await extend(flow, client, **{name: url})


@sqlite_only
async def test_an_app_can_only_need_sessions_by_name_if_it_is_told(flow: Flow, client: ClientEntry) -> None:
    for name in ("backchannel_logout_session_required", "frontchannel_logout_session_required"):
        with pytest.raises(WrongSetting):
            await extend(flow, client, **{name: True})
