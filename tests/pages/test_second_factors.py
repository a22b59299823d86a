"""A second factor on the hosted pages: sent again, another one taken, set up otherwise; and browsers that spare it."""

import json
from typing import Any

import httpx
import msgspec
import pytest
from starlette.routing import Mount, Route, Router

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.edge import Reply
from poolhouse.pool.flows import browser_devices, devices, pool_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.flows.sign_in import Asked
from poolhouse.pool.model.user import Factors, User
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.going import advance
from poolhouse.pool.pages.visit import Visit, visiting
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_user, last_code, reconfigure, the_pool, the_user, with_mfa
from tests.support.hosted import Page, Person, is_at_app
from tests.support.own import notices
from tests.support.web import (
    DOMAIN,
    Asking,
    a_browser,
    a_web_client,
    answer_of,
    authorize,
    claims_of,
    hosted_html,
    redeem,
)

ALL = with_mfa("OPTIONAL", "email", "sms", "totp")


@pytest.fixture
def someone(web: httpx.AsyncClient, client: ClientEntry) -> Person:
    return Person(web, client)


@pytest.fixture
async def person(flow: Flow, pool: PoolEntry) -> User:
    """Jane, who gets a code by mail, and can get one by text message."""
    made = await a_user(
        flow, pool, email="jane@example.com", email_verified="true", phone_number="+12065550100",
        phone_number_verified="true",
    )  # fmt: skip
    await reconfigure(flow, pool, mfa=ALL)

    def decide(current: User) -> User:
        held = msgspec.structs.replace(
            current.credentials, factors=Factors(email=True, sms=True, preferred="EMAIL_OTP")
        )
        return msgspec.structs.replace(current, credentials=held)

    return await change(flow, pool.pool, made, decide)


async def pressed(someone: Person, page: Page, name: str) -> Page:
    """The button with the hidden field *name*."""
    form = next(n for n, each in enumerate(page.forms) if name in each.fields)
    return await someone.follow(await someone.post(page, page.forms[form].fields, form))


async def chosen(someone: Person, page: Page, value: str) -> Page:
    return await someone.follow(await someone.post(page, {**page.forms[0].fields, "answer": value}))


@pytest.mark.usefixtures("person")
class TestACode:
    async def test_that_was_sent_again_replaces_the_one_before(
        self, flow: Flow, someone: Person, pool: PoolEntry, clock: FixedClock
    ) -> None:
        page = await someone.sign_in("jane@example.com", PASSWORD)
        first = await last_code(flow, pool)
        clock.advance(1)
        again = await pressed(someone, page, "resend")

        dead = await someone.send(again, Code=first)
        end = await someone.send(dead, Code=await last_code(flow, pool))

        assert "A new code was sent." in again.words
        assert (400, True) == (dead.status, "That code is not right." in dead.words)
        assert is_at_app(end)

    async def test_is_sent_again_so_many_times_an_hour(self, someone: Person) -> None:
        page = await someone.sign_in("jane@example.com", PASSWORD)
        for _ in range(20):
            page = await pressed(someone, page, "resend")
            assert 200 == page.status

        page = await pressed(someone, page, "resend")

        assert (400, True) == (page.status, "There were too many attempts." in page.words)

    async def test_is_not_sent_again_without_the_password(self, someone: Person) -> None:
        page = await someone.sign_in("jane@example.com", "Wrong-password-1")
        token = page.forms[0].fields["_csrf"]

        reply = await someone.follow(
            await someone.web.post(
                f"/domains/{DOMAIN}/mfa",
                params=dict(page.reply.url.params),
                data={"_csrf": token, "resend": "1"},
                headers={"origin": "https://pool.example", "sec-fetch-site": "same-origin"},
            )
        )

        assert ["Email", "Password"] == reply.labels()


@pytest.mark.usefixtures("person")
class TestAnotherFactor:
    async def test_is_one_that_the_user_has(self, flow: Flow, someone: Person, pool: PoolEntry) -> None:
        page = await someone.sign_in("jane@example.com", PASSWORD)
        old = await last_code(flow, pool)

        choice = await pressed(someone, page, "other")
        stray = await chosen(someone, choice, "SOFTWARE_TOKEN_MFA")
        by_phone = await chosen(someone, choice, "SMS_MFA")
        wrong = await someone.send(by_phone, Code=old)

        assert ["Text message", "Email"] == choice.labels()
        assert 400 == stray.status
        assert "by text message" in by_phone.words
        assert 400 == wrong.status

    async def test_leads_in_by_its_code(self, flow: Flow, someone: Person, pool: PoolEntry, clock: FixedClock) -> None:
        page = await someone.sign_in("jane@example.com", PASSWORD)
        choice = await pressed(someone, page, "other")
        clock.advance(1)
        by_phone = await chosen(someone, choice, "SMS_MFA")

        assert is_at_app(await someone.send(by_phone, Code=await last_code(flow, pool)))

    async def test_choice_is_no_way_around(self, web: httpx.AsyncClient, someone: Person, client: ClientEntry) -> None:
        # from factor to factor and never a code: nobody is signed in
        page = await someone.sign_in("jane@example.com", PASSWORD)
        for value in ("SMS_MFA", "EMAIL_OTP", "SMS_MFA"):
            choice = await pressed(someone, page, "other")
            page = await chosen(someone, choice, value)
            assert ["Code"] == page.labels()

        assert "/login?" in (await authorize(web, client)).headers["location"]

    async def test_is_not_offered_where_there_is_none(self, flow: Flow, someone: Person, pool: PoolEntry) -> None:
        await reconfigure(flow, await the_pool(flow, pool.pool.id), mfa=with_mfa("OPTIONAL", "email"))

        page = await someone.sign_in("jane@example.com", PASSWORD)

        assert not any("other" in form.fields for form in page.forms)


class TestSettingUp:
    @pytest.fixture
    async def pool(self, flow: Flow) -> PoolEntry:
        from tests.support.web import a_web_pool

        return await a_web_pool(flow, mfa=with_mfa("ON", "sms", "totp"))

    async def test_goes_back_to_the_choice(self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
        await a_user(flow, pool, "jane")
        someone = Person(web, await a_web_client(flow, pool))
        page = await someone.sign_in("jane", PASSWORD)

        app = await chosen(someone, page, "SOFTWARE_TOKEN_MFA")
        back = await pressed(someone, app, "other")
        phone = await chosen(someone, back, "SMS_MFA")
        sent = await someone.send(phone, Phone_number="+12065550100")
        again = await pressed(someone, sent, "other")

        assert "otpauth://totp/" in app.reply.text
        assert page.labels() == back.labels() == again.labels() == ["Text message", "Authenticator app"]
        assert "+12065550100" not in (await the_user(flow, pool, "jane")).attributes.values()

    async def test_label_names_pool_and_person(self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
        await a_user(flow, pool, "jane")
        someone = Person(web, await a_web_client(flow, pool))

        page = await chosen(someone, await someone.sign_in("jane", PASSWORD), "SOFTWARE_TOKEN_MFA")

        from urllib.parse import quote

        issuer = quote(pool.pool.name, safe="")
        assert f"otpauth://totp/{issuer}:jane?secret=" in page.reply.text
        assert f"issuer={issuer}" in page.reply.text


async def remembering(flow: Flow, pool: PoolEntry, *, asks: bool, trusts: bool = True, extended: bool = True) -> None:
    tracking = shapes.DeviceConfigurationType(
        challenge_required_on_new_device=trusts, device_only_remembered_on_user_prompt=asks
    )
    await reconfigure(flow, await the_pool(flow, pool.pool.id), device_configuration=tracking)
    await pool_extension.change(flow, pool.pool.id, {"remember_browsers": extended})


async def in_by_code(someone: Person, flow: Flow, pool: PoolEntry, **fields: str) -> Page:
    page = await someone.open("/login", prompt="login")
    page = await someone.send(page, Email="jane@example.com", Password=PASSWORD)
    return await someone.follow(
        await someone.post(page, {**page.forms[0].fields, "authentication_code": await last_code(flow, pool), **fields})
    )


async def by_password(someone: Person, **more: str | None) -> Page:
    page = await someone.open("/login", **({"prompt": "login"} | more))
    return await someone.send(page, Email="jane@example.com", Password=PASSWORD)


async def held(flow: Flow, pool: PoolEntry, user: User) -> list[Any]:
    found = await the_pool(flow, pool.pool.id)
    return await devices.list_all(flow, found.pool, user, "", 10)


@pytest.mark.usefixtures("person")
class TestABrowser:
    async def test_is_remembered_and_spared_the_code(
        self, flow: Flow, web: httpx.AsyncClient, someone: Person, client: ClientEntry, pool: PoolEntry, person: User
    ) -> None:
        await remembering(flow, pool, asks=False)
        assert is_at_app(await in_by_code(someone, flow, pool))

        end = await by_password(someone)

        assert is_at_app(end)
        assert 1 == len(await held(flow, pool, person))
        # the session counts at the next app, and its tokens tell of no second factor
        board = await a_web_client(flow, pool)
        assert "code" in answer_of(await authorize(web, board))
        tokens = (await redeem(web, client, answer_of(end.reply)["code"])).json()
        assert "mfa" not in claims_of(tokens["id_token"]).get("amr", [])

    async def test_is_told_of_where_the_pool_wants_that(self, flow: Flow, someone: Person, pool: PoolEntry) -> None:
        await remembering(flow, pool, asks=False)
        await pool_extension.change(flow, pool.pool.id, {"security_notices": "on"})
        assert is_at_app(await in_by_code(someone, flow, pool))

        assert [("jane@example.com", "A browser is remembered")] == await notices(flow, pool)

    async def test_is_remembered_by_wish_where_the_pool_asks(
        self, flow: Flow, someone: Person, pool: PoolEntry, person: User
    ) -> None:
        await remembering(flow, pool, asks=True)
        assert is_at_app(await in_by_code(someone, flow, pool))
        asked = await by_password(someone)
        assert "Remember this device" in asked.labels()
        assert [] == await held(flow, pool, person)

        await in_by_code(someone, flow, pool, remember_device="on")

        assert is_at_app(await by_password(someone))

    async def test_that_was_forgotten_is_asked_again(
        self, flow: Flow, someone: Person, pool: PoolEntry, person: User
    ) -> None:
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)
        found = await the_pool(flow, pool.pool.id)
        for device in await held(flow, pool, person):
            await devices.forget(flow, found.pool, person, device.key)

        assert ["Code"] == (await by_password(someone)).labels()

    async def test_that_is_not_remembered_any_more_is_asked_again(
        self, flow: Flow, someone: Person, pool: PoolEntry, person: User
    ) -> None:
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)
        found = await the_pool(flow, pool.pool.id)
        for device in await held(flow, pool, person):
            await devices.set_remembered(flow, found.pool, person, device.key, remembered=False)

        assert ["Code"] == (await by_password(someone)).labels()

    async def test_is_forgotten_after_ninety_days(
        self, flow: Flow, someone: Person, pool: PoolEntry, clock: FixedClock
    ) -> None:
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)
        clock.advance(browser_devices.SECONDS)

        assert ["Code"] == (await by_password(someone)).labels()

    async def test_of_one_person_is_none_of_another(self, flow: Flow, someone: Person, pool: PoolEntry) -> None:
        # the cookie of a remembered browser does not go around somebody else's second factor
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)
        other = await a_user(flow, pool, email="joe@example.com", email_verified="true")
        await change(
            flow, pool.pool, other,
            lambda user: msgspec.structs.replace(
                user, credentials=msgspec.structs.replace(user.credentials, factors=Factors(email=True))
            ),
        )  # fmt: skip

        page = await someone.open("/login", prompt="login")
        page = await someone.send(page, Email="joe@example.com", Password=PASSWORD)

        assert ["Code"] == page.labels()

    async def test_cookie_cannot_be_made_up_or_carried_to_another_pool(
        self, flow: Flow, web: httpx.AsyncClient, someone: Person, pool: PoolEntry, person: User
    ) -> None:
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)
        name = f"__Secure-{browser_devices.COOKIE}"
        true = web.cookies.get(name) or ""

        for value in ("x", true[:-2], true[1:], json.dumps([{"sub": person.sub, "key": "k", "expires_at": 9**12}])):
            web.cookies.delete(name)
            web.cookies.set(name, value, domain="pool.example", path=f"/domains/{DOMAIN}")
            assert ["Code"] == (await by_password(someone)).labels()

    @pytest.mark.parametrize("settings", [{"extended": False}, {"trusts": False}])
    async def test_is_not_remembered_unless_the_pool_says_so(
        self, flow: Flow, someone: Person, pool: PoolEntry, person: User, settings: dict[str, bool]
    ) -> None:
        await remembering(flow, pool, asks=True, **settings)
        await in_by_code(someone, flow, pool, remember_device="on")

        page = await by_password(someone)

        assert ["Code"] == page.labels()
        assert [] == await held(flow, pool, person)

    async def test_needs_the_password_all_the_same(self, flow: Flow, someone: Person, pool: PoolEntry) -> None:
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)
        page = await someone.open("/login", prompt="login")

        refused = await someone.send(page, Email="jane@example.com", Password="Wrong-password-1")

        assert 401 == refused.status

    async def test_is_not_spared_where_an_app_asks_for_a_class_of_sign_in(
        self, flow: Flow, someone: Person, pool: PoolEntry
    ) -> None:
        await remembering(flow, pool, asks=False)
        await in_by_code(someone, flow, pool)

        page = await by_password(someone, acr_values="urn:poolhouse:acr:2")

        assert ["Code"] == page.labels()


@pytest.mark.parametrize("challenge", ["CUSTOM_CHALLENGE", "DEVICE_SRP_AUTH", "PASSWORD_VERIFIER", "SOMETHING_NEW"])
async def test_a_step_that_has_no_page_ends_with_clear_words(flow: Flow, client: ClientEntry, challenge: str) -> None:
    # no pool leads here by its settings alone: what the engine asks is put before the page that has to show it
    async def asked(visit: Visit) -> Reply:
        valid = await judged(visit)
        assert not isinstance(valid, Reply)
        return await advance(visit, valid, Asked(challenge=challenge, parameters={}, session="x"), "jane@example.com")

    html = hosted_html()
    app = Router([Mount("/domains/{domain}", routes=[Route("/step", visiting(flow, html, get=asked))])])
    async with a_browser(app) as web:
        reply = await web.get(f"/domains/{DOMAIN}/step", params=Asking(client).params())

    assert 400 == reply.status_code
    assert "Your sign-in asks for a step that only the app itself can show." in Page(reply).words
    assert "set-cookie" not in reply.headers or "poolhouse" not in reply.headers["set-cookie"]
