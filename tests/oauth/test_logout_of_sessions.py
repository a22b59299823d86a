"""Sessions that end without a sign-out at the browser, and apps that gave their tokens back: who hears of the end."""

from collections import Counter
from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit import seal
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.outgoing import Answer, Http, Unreachable
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import consent, sign_out, users
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.logout_delivery import deliver_due
from poolhouse.pool.flows.sweeper import SHORTLY, sweep
from poolhouse.pool.model.openid import LogoutDelivery
from poolhouse.pool.model.user import User
from poolhouse.pool.store import grants
from poolhouse.pool.store import logouts as store
from tests.support.builders import PASSWORD
from tests.support.hosted import Person, from_here
from tests.support.logout import ask, redeemed, sid_of, silently, tokens_of
from tests.support.proofs import extend
from tests.support.service import sqlite_only
from tests.support.web import DOMAIN, SIGNED_OUT, a_web_client, answer_of, authorize, signed_in, token

HOUR = 3_600
TOLD = {"backchannel_logout_uri": "https://app.example/bcl"}


async def told(flow: Flow) -> list[LogoutDelivery]:
    """The word that is on its way."""
    return await flow.database.read(lambda tx: store.list_due(tx, 2**40, 100))


@pytest.fixture
async def app(flow: Flow, client: ClientEntry) -> ClientEntry:
    return await extend(flow, client, **TOLD)


async def refreshed(web: httpx.AsyncClient, app: ClientEntry, held: dict[str, str]) -> int:
    return (await token(web, app, grant_type="refresh_token", refresh_token=held["refresh_token"])).status_code


async def test_an_app_that_wants_to_is_told_of_a_session_that_ends_by_itself(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, clock: FixedClock
) -> None:
    await extend(flow, app, backchannel_logout_at_expiry=True)
    other = await extend(flow, await a_web_client(flow, pool), **TOLD)
    held = await tokens_of(flow, web, app, person)
    kept = await silently(web, other)
    clock.advance(HOUR + SHORTLY - 1)
    await sweep(flow)
    assert [] == await told(flow)

    clock.advance(1)
    await sweep(flow)
    await sweep(flow)

    (word,) = await told(flow)
    assert (app.client.id, person.sub, sid_of(held)) == (word.client_id, word.sub, word.sid)
    assert (200, 200) == (await refreshed(web, app, held), await refreshed(web, other, kept))


@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
async def test_what_was_for_as_long_as_the_user_is_there_ends_with_it(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, clock: FixedClock, scope: str
) -> None:
    await extend(flow, app, backchannel_logout_at_expiry=True, dialect="openid")
    held = await tokens_of(flow, web, app, person, scope=scope)
    clock.advance(HOUR + SHORTLY)

    await sweep(flow)

    assert (200 if "offline" in scope else 400) == await refreshed(web, app, held)


async def test_a_session_that_a_new_sign_in_goes_on_with_has_not_ended(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, clock: FixedClock
) -> None:
    await extend(flow, app, backchannel_logout_at_expiry=True)
    page = await Person(web, app).sign_in("jane", PASSWORD)
    await redeemed(web, app, answer_of(page.reply)["code"])
    clock.advance(HOUR + 1)
    page = await Person(web, app).sign_in("jane", PASSWORD)
    clock.advance(SHORTLY)

    await sweep(flow)

    assert [] == await told(flow)


async def test_an_app_that_gave_its_tokens_back_is_told_of_the_end_of_the_session(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    held = await tokens_of(flow, web, app, person)
    await sign_out_of_tokens(web, app, held)
    assert [] == await told(flow)

    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    (word,) = await told(flow)
    assert (app.client.id, sid_of(held)) == (word.client_id, word.sid)


async def test_its_page_is_opened_as_well(flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User) -> None:
    await extend(flow, app, frontchannel_logout_uri="https://app.example/fcl")
    held = await tokens_of(flow, web, app, person)
    await sign_out_of_tokens(web, app, held)

    reply = await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    assert "https://app.example/fcl?iss=" in reply.text
    assert str(sid_of(held)) in reply.text


@pytest.mark.parametrize("how", ["disabled", "deleted", "everywhere"])
async def test_it_is_told_once_however_the_user_leaves(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User, how: str
) -> None:
    await sign_out_of_tokens(web, app, await tokens_of(flow, web, app, person))
    match how:
        case "disabled":
            await users.disable(flow, pool.pool, "jane")
        case "deleted":
            await users.delete(flow, pool.pool, "jane")
        case _:
            await sign_out.everywhere(flow, person)
            await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    assert [app.client.id] == [each.client_id for each in await told(flow)]


async def test_a_code_that_comes_twice_does_not_make_its_app_deaf(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    code = answer_of(await authorize(web, app))["code"]
    await redeemed(web, app, code)
    await token(web, app, grant_type="authorization_code", code=code, redirect_uri="https://app.example/callback")

    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    assert [app.client.id] == [each.client_id for each in await told(flow)]


async def test_an_app_whose_tokens_ended_long_before_the_session_is_told(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, clock: FixedClock
) -> None:
    handle = await signed_in(flow, web, person)
    held = await redeemed(web, app, answer_of(await authorize(web, app))["code"])
    await _prolong(flow, handle, clock.now() + 40 * 86_400)
    clock.advance(35 * 86_400)
    await sweep(flow)

    await ask(web, client_id=app.client.id, logout_uri=SIGNED_OUT)

    assert [sid_of(held)] == [each.sid for each in await told(flow)]


async def test_an_app_is_told_when_its_user_takes_the_agreement_back(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await extend(flow, app, third_party=True)
    page = await Person(web, app).sign_in("jane", PASSWORD)
    form = page.forms[0]
    reply = await web.post(form.action, data={**form.fields, "answer": "allow"}, headers=from_here(web))
    held = await redeemed(web, app, answer_of(reply)["code"])

    assert await consent.withdraw(flow, person, app.client.id)

    assert [(app.client.id, sid_of(held))] == [(each.client_id, each.sid) for each in await told(flow)]


@sqlite_only
async def test_only_an_app_that_is_told_at_all_can_be_told_of_that(flow: Flow, client: ClientEntry) -> None:
    with pytest.raises(WrongSetting):
        await extend(flow, client, backchannel_logout_at_expiry=True)


async def sign_out_of_tokens(web: httpx.AsyncClient, app: ClientEntry, held: dict[str, str]) -> None:
    form = {"token": held["refresh_token"], "client_id": app.client.id, "client_secret": app.secrets[0]}
    assert 200 == (await web.post(f"/domains/{DOMAIN}/oauth2/revoke", data=form)).status_code


async def _prolong(flow: Flow, handle: str, until: int) -> None:
    async def unit(tx: Tx) -> None:
        found = await grants.find_session(tx, seal.digest(handle))
        assert found is not None
        await grants.drop_session(tx, found.digest)
        await grants.put_session(tx, msgspec.structs.replace(found, expires_at=until))

    await flow.database.write(unit)


async def test_an_app_that_does_not_answer_holds_up_no_other(
    flow: Flow, pool: PoolEntry, app: ClientEntry, clock: FixedClock
) -> None:
    """Whoever runs it can make it as many deliveries as he likes, before those of others."""
    slow = await extend(flow, await a_web_client(flow, pool), backchannel_logout_uri="https://slow.example/bcl")

    called: Counter[str] = Counter()

    class Slow(Http):
        async def post_form(self, url: str, *_given: Any, **_more: Any) -> Any:
            called[url] += 1
            if "slow" in url:
                raise Unreachable("time")
            return Answer(status=200, media_type="", location="", body=b"")

    http = Slow(allow_loopback=False, allow_private=False)
    tried = msgspec.structs.replace(flow, http=http)
    owed = [_owed(pool, slow, f"a{n:02}", clock.now() - 9) for n in range(30)] + [_owed(pool, app, "z", clock.now())]

    async def unit(tx: Tx) -> None:
        for each in owed:
            await store.put_delivery(tx, each)

    await flow.database.write(unit)
    await deliver_due(tried)

    assert 1 == called["https://app.example/bcl"]
    assert 0 == await deliver_due(tried)
    assert called["https://slow.example/bcl"] < 20
    assert 30 == len(await told(flow))


def _owed(pool: PoolEntry, app: ClientEntry, name: str, since: int) -> LogoutDelivery:
    return LogoutDelivery(
        id=name, pool_id=pool.pool.id, client_id=app.client.id, sub="x", created_ms=since * 1000, next_try_at=since
    )
