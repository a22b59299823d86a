"""Passkeys on the hosted pages: whose they are, what a ticket is good for, and what a passkey does not replace."""

import json

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.account import SENDING_SECONDS
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import Factors, User
from poolhouse.pool.spec import shapes
from tests.support.authenticator import Authenticator
from tests.support.builders import PASSWORD, a_user, last_code, reconfigure, the_user, with_mfa
from tests.support.hosted import Page, from_here, is_at_app
from tests.support.own import notices
from tests.support.ways import (
    ORIGIN,
    Chooser,
    a_choosing_client,
    a_choosing_pool,
    forget_browser,
    options_of,
    passkey_form,
)  # fmt: skip
from tests.support.web import CALLBACK, DOMAIN, Asking, a_browser, a_web_client, answer_of, application, authorize

TWICE = shapes.WebAuthnConfigurationType(
    user_verification="preferred", factor_configuration="MULTI_FACTOR_WITH_USER_VERIFICATION"
)


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_choosing_pool(flow, "EMAIL_OTP", "WEB_AUTHN")


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_choosing_client(flow, pool)


@pytest.fixture
def someone(web: httpx.AsyncClient, client: ClientEntry) -> Chooser:
    return Chooser(web, client)


@pytest.fixture
async def key(web: httpx.AsyncClient, someone: Chooser, person: User) -> Authenticator:
    """Jane's, added on invitation; her browser has forgotten her."""
    held = Authenticator(ORIGIN)
    assert is_at_app(await someone.with_passkey(held))
    forget_browser(web)
    return held


def is_refused(page: Page, words: str = "That passkey was not accepted.") -> bool:
    return page.status == 401 and words in page.words


async def test_a_passkey_signs_in_without_a_name(
    flow: Flow, web: httpx.AsyncClient, someone: Chooser, pool: PoolEntry, key: Authenticator
) -> None:
    page = await someone.open()

    end = await someone.shows(page, key)

    assert 'autocomplete="username webauthn"' in page.reply.text
    assert is_at_app(end)
    assert "code" in answer_of(await authorize(web, await a_web_client(flow, pool)))


async def test_a_passkey_signs_in_after_the_name(someone: Chooser, key: Authenticator) -> None:
    page = await someone.chooses(await someone.named(), "WEB_AUTHN")

    assert is_at_app(await someone.shows(page, key))


async def test_nothing_tells_which_passkeys_somebody_has(someone: Chooser, key: Authenticator) -> None:
    for name in ("jane@example.com", "nobody@example.com"):
        page = await someone.chooses(await someone.named(name), "WEB_AUTHN")
        assert [] == options_of(page.reply).get("allowCredentials", [])


class TestATicket:
    async def test_is_good_once(self, web: httpx.AsyncClient, someone: Chooser, key: Authenticator) -> None:
        page = await someone.open()
        answer = key.sign(options_of(page.reply))
        assert is_at_app(await someone.press(page, passkey_form(page), credential=answer))
        forget_browser(web)
        web.cookies.set("XSRF-TOKEN", page.forms[0].fields["_csrf"], domain="pool.example", path=f"/domains/{DOMAIN}")

        for again in (answer, key.sign(options_of(page.reply))):
            refused = await someone.press(page, passkey_form(page), credential=again)
            assert is_refused(refused, "This page was open for too long.")

    async def test_is_spent_by_a_wrong_answer(self, someone: Chooser, key: Authenticator) -> None:
        page = await someone.open()
        stranger = Authenticator(ORIGIN, rp="pool.example")
        assert is_refused(await someone.shows(page, stranger))

        assert is_refused(await someone.shows(page, key), "This page was open for too long.")

    async def test_of_one_browser_is_none_of_another(
        self, flow: Flow, client: ClientEntry, someone: Chooser, key: Authenticator
    ) -> None:
        # somebody passes his challenge on, and is signed in by another person's answer
        page = await someone.open()
        async with a_browser(application(flow)) as other:
            thief = Chooser(other, client)
            shown = await thief.open()
            ticket = page.forms[passkey_form(page)].fields["ticket"]
            refused = await thief.press(
                shown, passkey_form(shown), credential=key.sign(options_of(page.reply)), ticket=ticket
            )

        assert is_refused(refused)

    async def test_of_one_app_is_none_of_another(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, someone: Chooser, key: Authenticator
    ) -> None:
        page = await someone.open()
        board = Chooser(web, await a_choosing_client(flow, pool))
        shown = await board.open()
        ticket = page.forms[passkey_form(page)].fields["ticket"]

        refused = await board.press(
            shown, passkey_form(shown), credential=key.sign(options_of(page.reply)), ticket=ticket
        )

        assert is_refused(refused)

    async def test_is_good_for_a_quarter_of_an_hour(
        self, someone: Chooser, key: Authenticator, clock: FixedClock
    ) -> None:
        page = await someone.open()
        clock.advance(900)

        assert is_refused(await someone.shows(page, key), "This page was open for too long.")

    async def test_cannot_be_made_up(self, someone: Chooser, key: Authenticator) -> None:
        page = await someone.open()
        true = page.forms[passkey_form(page)].fields["ticket"]
        answer = key.sign(options_of(page.reply))

        for ticket in ("", "x", true[:-2], true[1:], true.swapcase()):
            assert is_refused(await someone.press(page, passkey_form(page), credential=answer, ticket=ticket))


class TestAnAnswer:
    async def test_comes_from_the_page_itself(self, someone: Chooser, key: Authenticator) -> None:
        # a host below the relying party may use its passkeys, and must not be able to pass on our challenge
        for origin in (
            "https://evil.pool.example",
            "https://evil.example",
            "http://pool.example",
            "https://pool.example:8443",
        ):
            page = await someone.open()
            key.origin = origin
            assert is_refused(await someone.shows(page, key)), origin

    async def test_in_another_sites_frame_is_refused(self, someone: Chooser, key: Authenticator) -> None:
        key.cross_origin = True

        assert is_refused(await someone.shows(await someone.open(), key))

    async def test_says_whose_it_is(self, someone: Chooser, key: Authenticator) -> None:
        for handle in (None, "", "bm9ib2R5"):
            page = await someone.open()
            assert is_refused(await someone.shows(page, key, userHandle=handle)), handle

    async def test_of_somebody_else_is_refused_after_a_name(
        self, flow: Flow, pool: PoolEntry, someone: Chooser, key: Authenticator
    ) -> None:
        await a_user(flow, pool, email="mallory@example.com", email_verified="true")
        for name in ("mallory@example.com", "nobody@example.com"):
            page = await someone.chooses(await someone.named(name), "WEB_AUTHN")
            assert is_refused(await someone.shows(page, key))

    async def test_of_a_disabled_user_is_refused(
        self, flow: Flow, pool: PoolEntry, person: User, someone: Chooser, key: Authenticator
    ) -> None:
        now = await the_user(flow, pool, person.username)
        await change(flow, pool.pool, now, lambda user: msgspec.structs.replace(user, enabled=False))

        assert is_refused(await someone.shows(await someone.open(), key))

    async def test_of_a_copy_of_the_key_is_refused(self, someone: Chooser, key: Authenticator) -> None:
        await someone.shows(await someone.open(), key)
        key.count = 0

        assert is_refused(await someone.shows(await someone.open(prompt="login"), key))

    async def test_that_is_none_is_refused(self, someone: Chooser) -> None:
        for credential in ("", "{}", "null", "[", '{"id": 1}', "x" * 5000):
            page = await someone.open()
            assert is_refused(await someone.press(page, passkey_form(page), credential=credential))

    async def test_is_not_taken_where_the_app_has_no_choice(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, someone: Chooser, key: Authenticator
    ) -> None:
        page = await someone.open()
        plain = await a_web_client(flow, pool)
        fields = {**page.forms[passkey_form(page)].fields, "credential": key.sign(options_of(page.reply))}

        reply = await web.post(
            f"/domains/{DOMAIN}/login/passkey", params=Asking(plain).params(), data=fields, headers=from_here(web)
        )

        assert 400 == reply.status_code


class TestASecondFactor:
    async def test_is_not_spared_by_a_passkey(
        self, flow: Flow, pool: PoolEntry, person: User, someone: Chooser, key: Authenticator
    ) -> None:
        await reconfigure(flow, pool, mfa=with_mfa("OPTIONAL", "email"))
        await with_factors(flow, pool, person, email=True)

        page = await someone.shows(await someone.open(), key)
        second = await someone.send(page, Password=PASSWORD)

        assert "Your passkey was right, but your account needs a second step." in page.words
        assert "Confirm it is you" in second.words
        assert is_at_app(await someone.send(second, Code=await last_code(flow, pool)))

    async def test_is_a_passkey_that_has_verified_its_user_where_the_pool_says_so(
        self, flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, someone: Chooser, key: Authenticator
    ) -> None:
        await reconfigure(
            flow, pool, mfa=msgspec.structs.replace(with_mfa("OPTIONAL", "email"), web_authn_configuration=TWICE)
        )
        await with_factors(flow, pool, person, email=True, passkey=True)
        page = await someone.open()

        end = await someone.shows(page, key)

        assert "required" == options_of(page.reply)["userVerification"]
        assert is_at_app(end)
        # the session stands for both factors, at the next app as well
        assert "code" in answer_of(await authorize(web, await a_web_client(flow, pool)))

    async def test_is_not_a_passkey_that_has_verified_nobody(
        self, flow: Flow, pool: PoolEntry, person: User, someone: Chooser, key: Authenticator
    ) -> None:
        await reconfigure(
            flow, pool, mfa=msgspec.structs.replace(with_mfa("OPTIONAL", "email"), web_authn_configuration=TWICE)
        )
        await with_factors(flow, pool, person, email=True, passkey=True)
        key.verifies = False

        assert is_refused(await someone.shows(await someone.open(), key))


class TestAnInvitation:
    @pytest.mark.usefixtures("person")
    async def test_is_declined_for_a_while(self, someone: Chooser) -> None:
        page = await someone.by_password()
        end = await someone.press(page, 1)

        assert "Sign in faster next time" in page.words
        assert is_at_app(end)
        assert is_at_app(await someone.by_password(prompt="login"))

    @pytest.mark.usefixtures("person")
    async def test_is_to_who_has_signed_in_and_of_that_request(self, someone: Chooser) -> None:
        # a thread of one request is no key to another, which may ask for more
        await someone.by_password()

        other = await someone.open("/passkeys/add", state="other", prompt="login")

        assert f"{CALLBACK}?result=invalid_session" == other.reply.headers["location"]

    @pytest.mark.usefixtures("key")
    async def test_comes_to_nobody_who_has_a_passkey(self, someone: Chooser) -> None:
        assert is_at_app(await someone.by_password())

    @pytest.mark.usefixtures("person")
    async def test_takes_no_passkey_of_another_page(self, someone: Chooser) -> None:
        for origin in ("https://evil.pool.example", "https://evil.example"):
            page = await someone.by_password(prompt="login")
            refused = await someone.adds_passkey(page, Authenticator(origin))
            assert (400, "This passkey cannot be used here. Try another one." in refused.words) == (
                refused.status,
                True,
            )

    @pytest.mark.usefixtures("person")
    async def test_challenge_is_good_once(self, web: httpx.AsyncClient, someone: Chooser) -> None:
        page = await someone.by_password()
        first, second = Authenticator(ORIGIN), Authenticator(ORIGIN)
        thread = dict(web.cookies)
        assert is_at_app(await someone.adds_passkey(page, first))
        for name, value in thread.items():
            web.cookies.set(name, value, domain="pool.example", path=f"/domains/{DOMAIN}")

        again = await someone.adds_passkey(page, second)

        assert "This page was open for too long. Try again." in again.words


class TestTheServicesPage:
    async def test_needs_a_session(self, someone: Chooser) -> None:
        page = await someone.open("/passkeys/add", response_type=None)

        assert f"{CALLBACK}?result=invalid_session" == page.reply.headers["location"]

    async def test_takes_no_post_without_one(
        self, web: httpx.AsyncClient, someone: Chooser, client: ClientEntry
    ) -> None:
        token = (await someone.open()).forms[0].fields["_csrf"]

        reply = await web.post(
            f"/domains/{DOMAIN}/passkeys/add",
            params=Asking(client).params(),
            data={"_csrf": token, "credential": json.dumps({})},
            headers=from_here(web),
        )

        assert f"{CALLBACK}?result=invalid_session" == reply.headers["location"]

    @pytest.mark.usefixtures("person")
    async def test_goes_back_to_the_app(self, someone: Chooser) -> None:
        await someone.press(await someone.by_password(), 1)
        page = await someone.open("/passkeys/add", response_type=None)

        end = await someone.adds_passkey(page, Authenticator(ORIGIN))

        assert f"{CALLBACK}?result=success" == end.reply.headers["location"]

    @pytest.mark.usefixtures("person")
    async def test_tells_the_owner_as_the_account_page_does(
        self, flow: Flow, pool: PoolEntry, someone: Chooser
    ) -> None:
        await someone.press(await someone.by_password(), 1)
        page = await someone.open("/passkeys/add", response_type=None)

        await someone.adds_passkey(page, Authenticator(ORIGIN))

        assert [("jane@example.com", "A passkey was added")] == await notices(flow, pool)

    @pytest.mark.usefixtures("person")
    async def test_wants_a_fresh_sign_in_as_the_account_page_does(
        self, flow: Flow, pool: PoolEntry, someone: Chooser, clock: FixedClock
    ) -> None:
        await someone.press(await someone.by_password(), 1)
        open_page = await someone.open("/passkeys/add", response_type=None)
        clock.advance(SENDING_SECONDS + 1)

        late = await someone.adds_passkey(open_page, Authenticator(ORIGIN))
        assert ["Email"] == late.labels()
        assert [] == await notices(flow, pool)

        page = await someone.open("/passkeys/add", response_type=None, state="kept")
        assert ["Email"] == page.labels()
        page = await someone.send(page, Email="jane@example.com")
        page = await someone.send(page, Password=PASSWORD)
        end = await someone.adds_passkey(page, Authenticator(ORIGIN))
        assert f"{CALLBACK}?result=success" == end.reply.headers["location"]

    async def test_a_way_to_it_through_a_sign_in_leads_to_no_other_address(
        self, web: httpx.AsyncClient, client: ClientEntry
    ) -> None:
        wanted = {"client_id": client.client.id, "redirect_uri": "https://evil.example", "then": "passkey"}
        reply = await web.get(f"/domains/{DOMAIN}/login", params=wanted)

        assert (302, True) == (reply.status_code, "/error" in reply.headers["location"])
        assert "evil" not in reply.headers["location"]

    async def test_sends_nobody_to_an_address_of_somebody_else(self, someone: Chooser) -> None:
        page = await someone.open("/passkeys/add", redirect_uri="https://evil.example")

        assert "/error" in str(page.reply.url)
        assert "evil" not in page.reply.text


async def with_factors(flow: Flow, pool: PoolEntry, user: User, *, email: bool, passkey: bool = False) -> None:
    def decide(current: User) -> User:
        held = msgspec.structs.replace(current.credentials, factors=Factors(email=email, passkey=passkey))
        return msgspec.structs.replace(current, credentials=held)

    await change(flow, pool.pool, await the_user(flow, pool, user.username), decide)
