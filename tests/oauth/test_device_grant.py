"""Devices without a browser: RFC 8628, from the device's request to its tokens, with the page between them."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import client_extension, device_grant, sign_out
from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD, a_user
from tests.support.hosted import Page, Person, from_here
from tests.support.proofs import extend
from tests.support.service import Service
from tests.support.web import (
    BASE,
    DOMAIN,
    SIGNED_OUT,
    a_web_client,
    basic_header,
    claims_of,
    error_of,
    signed_in,
    token,
)

ASK = f"/domains/{DOMAIN}/oauth2/device_authorization"
DEVICE = f"/domains/{DOMAIN}/device"
GRANT = device_grant.GRANT


@pytest.fixture
async def tv(flow: Flow, pool: PoolEntry) -> ClientEntry:
    """A public app client for devices."""
    return await may_ask(flow, pool, await a_web_client(flow, pool, secret=False, client_name="Living room TV"))


async def may_ask(flow: Flow, pool: PoolEntry, client: ClientEntry) -> ClientEntry:
    return await extend(flow, client, extra_grants=[GRANT])


async def ask(web: httpx.AsyncClient, client: ClientEntry, **form: str) -> dict[str, Any]:
    reply = await web.post(ASK, data={"client_id": client.client.id, **form})
    assert 200 == reply.status_code, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def poll(web: httpx.AsyncClient, client: ClientEntry, asked: dict[str, Any]) -> httpx.Response:
    return await token(web, client, grant_type=GRANT, device_code=asked["device_code"])


async def question(web: httpx.AsyncClient, asked: dict[str, Any]) -> Page:
    return Page(await web.get(asked["verification_uri_complete"]))


async def press(web: httpx.AsyncClient, page: Page, answer: str) -> Page:
    fields = {name: value for name, value in page.forms[0].fields.items() if name}
    return Page(await web.post(page.forms[0].action, data=fields | {"answer": answer}, headers=from_here(web)))


async def allow(flow: Flow, web: httpx.AsyncClient, asked: dict[str, Any], person: User) -> None:
    await signed_in(flow, web, person)
    assert "connected" in (await press(web, await question(web, asked), "allow")).words


async def test_a_device_is_told_what_to_show(web: httpx.AsyncClient, tv: ClientEntry) -> None:
    asked = await ask(web, tv)

    assert {
        "device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval",
    } == set(asked)  # fmt: skip
    assert (f"{BASE}{DEVICE}", 600, 5) == (asked["verification_uri"], asked["expires_in"], asked["interval"])
    assert f"{BASE}{DEVICE}?user_code={asked['user_code']}" == asked["verification_uri_complete"]
    left, hyphen, right = asked["user_code"].partition("-")
    assert (4, "-", 4) == (len(left), hyphen, len(right))
    assert set(left + right) <= set("BCDFGHJKLMNPQRSTVWXZ")


async def test_a_person_types_the_code_signs_in_and_the_device_gets_tokens(
    web: httpx.AsyncClient, tv: ClientEntry, person: User, clock: FixedClock
) -> None:
    asked = await ask(web, tv, scope="openid email")
    assert ("authorization_pending", 400) == error_of(await poll(web, tv, asked))
    visitor = Person(web, tv)

    start = Page(await web.get(asked["verification_uri"]))
    assert ["Code"] == start.labels()
    sign_in = await visitor.send(start, Code=asked["user_code"].lower().replace("-", " "))
    assert "to continue to Living room TV" in sign_in.words
    asking = await visitor.send(sign_in, Username="jane", Password=PASSWORD)
    assert "Living room TV" in asking.words
    assert "See your email address" in asking.words
    assert "See your name" not in asking.words
    assert asked["user_code"] in asking.words
    done = await press(web, asking, "allow")
    assert "connected" in done.words

    clock.advance(5)
    reply = await poll(web, tv, asked)
    assert 200 == reply.status_code, reply.text
    held = reply.json()
    assert "openid email" == held["scope"]
    claims = claims_of(held["id_token"])
    assert (person.sub, tv.client.id, "jane@example.com") == (claims["sub"], claims["aud"], claims["email"])
    refreshed = await token(web, tv, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert 200 == refreshed.status_code


async def test_an_address_with_the_code_asks_all_the_same(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User, clock: FixedClock
) -> None:
    # RFC 8628 section 5.4: whoever follows somebody's link has let nobody in.
    asked = await ask(web, tv)
    await signed_in(flow, web, person)

    page = await question(web, asked)

    assert 200 == page.status
    assert "Connect this device?" in page.words
    assert "127.0.0.1" in page.words
    assert ("authorization_pending", 400) == error_of(await poll(web, tv, asked))


async def test_a_refusal_is_told_to_the_device_once(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User
) -> None:
    asked = await ask(web, tv)
    await signed_in(flow, web, person)

    page = await press(web, await question(web, asked), "deny")

    assert "was not let in" in page.words
    assert ("access_denied", 400) == error_of(await poll(web, tv, asked))
    assert ("invalid_grant", 400) == error_of(await poll(web, tv, asked))


async def test_whoever_asks_too_often_waits_longer_each_time(
    web: httpx.AsyncClient, tv: ClientEntry, clock: FixedClock
) -> None:
    asked = await ask(web, tv)
    await poll(web, tv, asked)

    found = []
    for seconds in (4, 9, 15):
        clock.advance(seconds)
        found.append((await poll(web, tv, asked)).json()["error"])

    # 4 < 5: ten from now on. 9 < 10: fifteen. 15 is enough.
    assert ["slow_down", "slow_down", "authorization_pending"] == found


async def test_a_device_code_expires_at_use(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User, clock: FixedClock
) -> None:
    asked, other = await ask(web, tv), await ask(web, tv)
    await allow(flow, web, asked, person)
    clock.advance(600)

    assert [("expired_token", 400)] * 2 == [error_of(await poll(web, tv, each)) for each in (asked, other)]
    assert 400 == (await question(web, other)).status


async def test_a_device_code_is_redeemed_once_however_many_ask(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User
) -> None:
    asked = await ask(web, tv)
    await allow(flow, web, asked, person)

    replies = await asyncio.gather(*(poll(web, tv, asked) for _ in range(8)))

    assert [200, *[400] * 7] == sorted(reply.status_code for reply in replies)
    assert ("invalid_grant", 400) == error_of(await poll(web, tv, asked))


async def test_a_code_is_decided_on_once(flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User) -> None:
    asked = await ask(web, tv)
    await signed_in(flow, web, person)
    page = await question(web, asked)

    await press(web, page, "deny")
    again = await press(web, page, "allow")

    assert 400 == again.status
    assert ("access_denied", 400) == error_of(await poll(web, tv, asked))


async def test_another_clients_device_code_is_unknown(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, tv: ClientEntry, person: User
) -> None:
    other = await may_ask(flow, pool, await a_web_client(flow, pool))
    asked = await ask(web, tv)
    await allow(flow, web, asked, person)

    assert ("invalid_grant", 400) == error_of(await poll(web, other, asked))
    assert 200 == (await poll(web, tv, asked)).status_code


async def test_the_same_access_policy_as_for_other_grants(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    # CVE-2024-38371
    plain = await a_web_client(flow, pool, secret=False)
    without_pages = await may_ask(
        flow, pool, await a_web_client(flow, pool, secret=False, supported_identity_providers=[])
    )
    without_oauth = await may_ask(
        flow, pool, await a_web_client(flow, pool, secret=False, allowed_o_auth_flows_user_pool_client=False)
    )

    for client in (plain, without_pages, without_oauth):
        reply = await web.post(ASK, data={"client_id": client.client.id})
        assert ("unauthorized_client", 400) == error_of(reply)
        asked = await token(web, client, grant_type=GRANT, device_code="x")
        assert ("unauthorized_client", 400) == error_of(asked)


async def test_a_sign_in_that_is_too_old_for_the_client_is_too_old_for_its_devices(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User, clock: FixedClock
) -> None:
    # CVE-2024-38371
    tv = await extend(flow, tv, default_max_age=60)
    await signed_in(flow, web, person)
    clock.advance(61)

    page = await question(web, await ask(web, tv))

    assert (303, f"/domains/{DOMAIN}/login") == (page.status, urlsplit(page.reply.headers["location"]).path)


async def test_a_client_that_loses_the_grant_gets_nothing_for_a_code(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, tv: ClientEntry, person: User
) -> None:
    asked, waiting = await ask(web, tv), await ask(web, tv)
    await allow(flow, web, asked, person)

    await client_extension.change(flow, pool.pool.id, tv.client.id, {"extra_grants": None})

    assert ("unauthorized_client", 400) == error_of(await poll(web, tv, asked))
    assert 400 == (await question(web, waiting)).status


@pytest.mark.parametrize("operation", ["AdminDisableUser", "AdminDeleteUser"])
async def test_a_user_who_is_gone_or_disabled_meanwhile_lets_nobody_in(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User, service: Service, operation: str
) -> None:
    asked = await ask(web, tv)
    await allow(flow, web, asked, person)

    await service(operation, UserPoolId=person.pool_id, Username="jane")

    assert (await poll(web, tv, asked)).json()["error"] in {"access_denied", "invalid_grant"}
    assert ("invalid_grant", 400) == error_of(await poll(web, tv, asked))


async def test_signing_out_everywhere_takes_what_waits_to_be_redeemed(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User
) -> None:
    asked = await ask(web, tv)
    await allow(flow, web, asked, person)

    await sign_out.everywhere(flow, person)

    assert ("invalid_grant", 400) == error_of(await poll(web, tv, asked))


async def test_a_confidential_device_has_to_prove_itself(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    box = await may_ask(flow, pool, await a_web_client(flow, pool))

    unproved = await web.post(ASK, data={"client_id": box.client.id})
    proved = await web.post(
        ASK, headers={"authorization": basic_header(box.client.id, box.secrets[0])}, data={"a": "b"}
    )

    assert ("invalid_client", 200) == (unproved.json()["error"], proved.status_code)


@pytest.mark.parametrize("scope", ["email", "no/such", "openid " + "x" * 9_000])
async def test_a_scope_that_cannot_be_is_refused(web: httpx.AsyncClient, tv: ClientEntry, scope: str) -> None:
    reply = await web.post(ASK, data={"client_id": tv.client.id, "scope": scope})

    assert ("invalid_scope", 400) == error_of(reply)


async def test_codes_cannot_be_guessed_in_numbers(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User, clock: FixedClock
) -> None:
    # RFC 8628 section 5.1
    asked = await ask(web, tv)
    await signed_in(flow, web, person)

    wrong = [Page(await web.get(f"{DEVICE}?user_code=BBBB-BBB{last}")) for last in "BCDFGHJKLMNPQRSTVWXZ" * 2]

    assert {400, 429} == {page.status for page in wrong}
    assert device_grant.GUESSES == len([page for page in wrong if page.status == 400])
    # Right or wrong: the answer must not tell.
    assert 429 == (await question(web, asked)).status
    clock.advance(3600)
    await signed_in(flow, web, person)
    assert 200 == (await question(web, await ask(web, tv))).status


async def test_guesses_of_many_addresses_are_counted_together(
    flow: Flow, pool: PoolEntry, tv: ClientEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from poolhouse.pool.flows.context import Refused

    monkeypatch.setattr(device_grant, "GUESSES_IN_POOL", 3)

    reasons = []
    for last in range(5):
        with pytest.raises(Refused) as refused:
            await device_grant.find(flow, pool, "BBBB-BBBB", f"192.0.2.{last}")
        reasons.append(refused.value.reason.value)

    assert ["code_mismatch"] * 3 + ["attempt_limit"] * 2 == reasons


async def test_parallel_guesses_are_no_more_than_are_allowed(flow: Flow, pool: PoolEntry, tv: ClientEntry) -> None:
    # CVE-2024-1722
    from poolhouse.pool.flows.context import Refused
    from poolhouse.pool.spec.errors import Reason

    async def guess() -> Reason:
        with pytest.raises(Refused) as refused:
            await device_grant.find(flow, pool, "BBBB-BBBB", "192.0.2.1")
        return refused.value.reason

    reasons = await asyncio.gather(*(guess() for _ in range(device_grant.GUESSES + 10)))

    assert device_grant.GUESSES == reasons.count(Reason.CODE_MISMATCH)
    assert 10 == reasons.count(Reason.ATTEMPT_LIMIT)


@pytest.mark.parametrize("is_expired", [False, True])
@pytest.mark.parametrize("is_foreign", [False, True])
@pytest.mark.parametrize("is_used", [False, True])
async def test_one_fault_is_enough_to_refuse_a_device_code(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, tv: ClientEntry, person: User, clock: FixedClock,
    is_expired: bool, is_foreign: bool, is_used: bool,
) -> None:  # fmt: skip
    # CVE-2026-28513
    asked = await ask(web, tv)
    await allow(flow, web, asked, person)
    redeemer = await may_ask(flow, pool, await a_web_client(flow, pool, secret=False)) if is_foreign else tv
    if is_used:
        assert 200 == (await poll(web, tv, asked)).status_code
    if is_expired:
        clock.advance(600)

    reply = await poll(web, redeemer, asked)

    assert (400 if is_expired or is_foreign or is_used else 200) == reply.status_code


async def test_a_form_of_another_site_lets_nobody_in(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User
) -> None:
    asked = await ask(web, tv)
    await signed_in(flow, web, person)
    await question(web, asked)

    reply = await web.post(
        DEVICE, data={"user_code": asked["user_code"], "answer": "allow"}, headers={"origin": "https://evil.example"}
    )

    assert 403 == reply.status_code
    assert ("authorization_pending", 400) == error_of(await poll(web, tv, asked))


async def test_the_question_of_one_user_is_not_answered_by_another(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, pool: PoolEntry, person: User
) -> None:
    """Another tab has signed somebody else in meanwhile: who that is sees the question first."""
    asked = await ask(web, tv)
    await signed_in(flow, web, person)
    page = await question(web, asked)
    await signed_in(flow, web, await a_user(flow, pool, "john"))

    again = await press(web, page, "allow")
    assert "as john" in again.words
    assert ("authorization_pending", 400) == error_of(await poll(web, tv, asked))
    assert "connected" in (await press(web, again, "allow")).words


async def test_nobody_lets_a_device_in_without_signing_in(web: httpx.AsyncClient, tv: ClientEntry) -> None:
    asked = await ask(web, tv)
    page = Page(await web.get(DEVICE))

    reply = await web.post(
        DEVICE,
        data=page.forms[0].fields | {"user_code": asked["user_code"], "answer": "allow"},
        headers=from_here(web),
    )

    target = urlsplit(reply.headers["location"])
    assert (303, f"/domains/{DOMAIN}/login") == (reply.status_code, target.path)
    assert {"client_id": [tv.client.id], "user_code": [asked["user_code"]]} == parse_qs(target.query)


async def test_a_person_can_sign_in_as_somebody_else_first(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User
) -> None:
    asked = await ask(web, tv)
    await signed_in(flow, web, person)
    page = await question(web, asked)

    sign_in = Page(await web.get(page.links["Sign in as somebody else"]))

    assert ["Username", "Password"] == sign_in.labels()


async def test_the_page_escapes_what_it_shows(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    reply = await web.get(DEVICE, params={"user_code": '"><script>alert(1)</script>'})

    assert "<script>alert" not in reply.text
    assert "DENY" == reply.headers["x-frame-options"]


async def test_the_metadata_name_the_endpoint(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert f"{BASE}{ASK}" == found["device_authorization_endpoint"]
    assert GRANT in found["grant_types_supported"]


async def test_a_devices_sign_in_does_not_end_with_the_browsers_that_let_it_in(
    flow: Flow, web: httpx.AsyncClient, tv: ClientEntry, person: User, clock: FixedClock
) -> None:
    await client_extension.change(flow, tv.client.pool_id, tv.client.id, {"dialect": "openid"})
    asked = await ask(web, tv, scope="openid")
    await allow(flow, web, asked, person)
    clock.advance(5)
    held = (await poll(web, tv, asked)).json()
    assert claims_of(held["id_token"])["sid"]

    await web.get(f"/domains/{DOMAIN}/logout", params={"client_id": tv.client.id, "logout_uri": SIGNED_OUT})

    assert not web.cookies.get(f"__Secure-{SESSION_COOKIE}")
    refreshed = await token(web, tv, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert 200 == refreshed.status_code
