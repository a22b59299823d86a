"""Signing in by choice on the hosted pages: the name first, the ways, and what a stranger learns from them: nothing."""

import re

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.pages.arriving import WAY_COOKIE
from poolhouse.pool.pages.brakes import FREE_OF_ADDRESS
from poolhouse.pool.pages.fields import name_field
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import attempts as attempt_store
from tests.support.builders import PASSWORD, a_user, last_code, messages, reconfigure, with_mfa
from tests.support.hosted import Page, Person, is_at_app
from tests.support.ways import Chooser, a_choosing_client, a_choosing_pool, forget_browser
from tests.support.web import DOMAIN, a_browser, a_web_client, answer_of, application, authorize

EMAIL, SMS, PASSKEY = "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_choosing_pool(flow, EMAIL, SMS)


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_choosing_client(flow, pool)


@pytest.fixture
def someone(web: httpx.AsyncClient, client: ClientEntry) -> Chooser:
    return Chooser(web, client)


async def test_the_name_comes_first_and_then_the_ways(someone: Chooser, person: User) -> None:
    first = await someone.open()
    ways = await someone.named()

    assert ["Email"] == first.labels()
    assert ["PASSWORD", "EMAIL_OTP", "SMS_OTP"] == re.findall(r'name="answer" value="(\w+)"', ways.reply.text)
    assert is_at_app(await someone.by_password())


async def test_a_client_without_choice_keeps_both_fields(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    page = await Person(web, await a_web_client(flow, pool)).open()

    assert ["Email", "Password"] == page.labels()


async def test_a_name_and_a_password_that_are_posted_together_sign_in(someone: Chooser, person: User) -> None:
    # what programs do that know the service's classic page
    page = await someone.open()

    end = await someone.press(page, username="jane@example.com", password=PASSWORD)

    assert is_at_app(end)


async def test_one_way_alone_is_not_asked_about(flow: Flow, someone: Chooser, pool: PoolEntry, person: User) -> None:
    # where a second factor is required, codes cannot begin a sign-in for anybody
    await reconfigure(flow, pool, mfa=with_mfa("ON", "totp"))

    page = await someone.named()

    assert ["Password"] == page.labels()
    assert "Use another way to sign in" not in page.links


async def test_the_way_taken_last_is_offered_at_once(
    flow: Flow, someone: Chooser, pool: PoolEntry, person: User
) -> None:
    page = await someone.chooses(await someone.named(), EMAIL)
    assert is_at_app(await someone.send(page, Code=await last_code(flow, pool)))

    again = await someone.named(prompt="login")

    assert ["Code"] == again.labels()
    assert "Use another way to sign in" in again.links


async def test_a_code_signs_in_and_the_session_counts_for_the_next_app(
    flow: Flow, web: httpx.AsyncClient, someone: Chooser, pool: PoolEntry, person: User
) -> None:
    page = await someone.chooses(await someone.named(), EMAIL)

    end = await someone.send(page, Code=await last_code(flow, pool))

    assert "If you can sign in this way, a code was sent to j***@e***." in page.words
    assert is_at_app(end)
    assert "code" in answer_of(await authorize(web, await a_web_client(flow, pool)))


async def test_a_session_by_code_ends_where_a_second_factor_is_required_by_now(
    flow: Flow, web: httpx.AsyncClient, someone: Chooser, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    page = await someone.chooses(await someone.named(), EMAIL)
    await someone.send(page, Code=await last_code(flow, pool))
    assert "code" in answer_of(await authorize(web, client))

    await reconfigure(flow, pool, mfa=with_mfa("ON", "totp"))

    assert "/login?" in (await authorize(web, client)).headers["location"]


class TestAStranger:
    """Anybody can type a name; what the pages answer must not depend on whose it is."""

    @pytest.fixture
    async def crowd(self, flow: Flow, pool: PoolEntry) -> list[str]:
        await a_user(flow, pool, email="jane@example.com", email_verified="true")
        await a_user(flow, pool, email="off@example.com", email_verified="true", enabled=False)
        await a_user(flow, pool, email="bare@example.com", email_verified="true", password=None)
        await a_user(flow, pool, email="reset@example.com", email_verified="true", status=Status.RESET_REQUIRED)
        await a_user(flow, pool, email="open@example.com", status=Status.UNCONFIRMED)
        return [
            "jane@example.com", "off@example.com", "bare@example.com", "reset@example.com", "open@example.com",
            "nobody@example.com",
        ]  # fmt: skip

    @pytest.mark.parametrize("way", ["", "PASSWORD", EMAIL, SMS])
    async def test_gets_the_same_pages_for_everybody(
        self, web: httpx.AsyncClient, someone: Chooser, crowd: list[str], way: str
    ) -> None:
        seen = set()
        for name in crowd:
            forget_browser(web)
            page = await someone.named(name)
            if way:
                page = await someone.chooses(page, way)
                refused = await someone.send(page, **{page.labels()[0]: "00000000"})
                seen.add(like(refused, name))
            seen.add(like(page, name))

        assert (2 if way else 1) == len(seen)

    async def test_has_codes_sent_to_nobody_else(
        self, flow: Flow, someone: Chooser, pool: PoolEntry, crowd: list[str]
    ) -> None:
        for name in crowd:
            await someone.chooses(await someone.named(name), EMAIL)

        sent = {message.destination for message, _ in await messages(flow, pool)}
        assert {"jane@example.com", "bare@example.com"} == sent

    @pytest.mark.usefixtures("person")
    async def test_may_have_a_name_sent_so_many_codes_an_hour(self, someone: Chooser) -> None:
        for name in ("jane@example.com", "nobody@example.com"):
            for _ in range(20):
                page = await someone.chooses(await someone.named(name), EMAIL)
                assert ["Code"] == page.labels()
            page = await someone.chooses(await someone.named(name), EMAIL)

            assert (401, True) == (page.status, "There were too many attempts." in page.words)


async def test_an_address_may_have_so_many_codes_sent_to_whomever(
    flow: Flow, client: ClientEntry, pool: PoolEntry
) -> None:
    # one code for each of many names: no counter of a name sees it
    async with a_browser(application(flow), address="203.0.113.7") as web:
        web.cookies.set(f"__Secure-{WAY_COOKIE}", EMAIL, domain="pool.example", path=f"/domains/{DOMAIN}")
        someone = Chooser(web, client)
        pages = [await someone.named(f"name{n}@example.com") for n in range(FREE_OF_ADDRESS + 2)]

    assert 200 == pages[FREE_OF_ADDRESS - 2].status
    assert 429 == pages[-1].status


async def test_a_name_of_ones_own_beside_it_hides_no_guess_at_others(
    flow: Flow, client: ClientEntry, pool: PoolEntry
) -> None:
    # the pages of a way go by the name that was typed before, whatever else is in their forms
    await a_user(flow, pool, email="mallory@example.com", email_verified="true")
    async with a_browser(application(flow), address="203.0.113.7") as web:
        mallory = Chooser(web, client)
        assert is_at_app(await mallory.by_password(name="mallory@example.com"))
        web.cookies.delete("__Secure-poolhouse-session", domain="pool.example", path=f"/domains/{DOMAIN}")
        statuses = []
        for n in range(3):
            page = await mallory.named(f"name{n}@example.com")
            page = page if "Password" in page.labels() else await mallory.chooses(page, "PASSWORD")
            guess = {**page.filled(Password="Wrong-password-1"), "username": "mallory@example.com"}
            statuses.append((await mallory.post(page, guess)).status_code)
        counted = await failures_of(flow, f"pages/{pool.pool.id}/address/203.0.113.7")

    assert ([401] * 3, 3) == (statuses, counted)


async def failures_of(flow: Flow, key: str) -> int:
    held = await flow.database.read(lambda tx: attempt_store.find_failures(tx, key))
    return 0 if held is None else held[0]


def like(page: Page, name: str) -> tuple[int, str]:
    """What a page says, without the name and the address that were typed, and what is new each time."""
    text = page.reply.text
    for own in (name, f"{name[0]}***@e***"):
        text = text.replace(own, "-")
    return page.status, re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\+\*{7}\d{4}", "-", text)


@pytest.mark.usefixtures("person")
class TestACode:
    async def test_that_was_sent_again_replaces_the_one_before(
        self, flow: Flow, someone: Chooser, pool: PoolEntry, clock: FixedClock
    ) -> None:
        page = await someone.chooses(await someone.named(), EMAIL)
        first = await last_code(flow, pool)
        clock.advance(1)
        again = await someone.press(page, 1)
        second = await last_code(flow, pool)

        dead = await someone.send(again, Code=first)
        end = await someone.send(dead, Code=second)

        assert "A new code was sent. The one before is no longer good." in again.words
        assert (400, True) == (dead.status, "That code is not right." in dead.words)
        assert is_at_app(end)

    async def test_works_once(self, flow: Flow, web: httpx.AsyncClient, someone: Chooser, pool: PoolEntry) -> None:
        page = await someone.chooses(await someone.named(), EMAIL)
        code, thread = await last_code(flow, pool), dict(web.cookies)
        assert is_at_app(await someone.send(page, Code=code))
        for name, value in thread.items():
            web.cookies.set(name, value, domain="pool.example", path=f"/domains/{DOMAIN}")

        again = await someone.send(page, Code=code)

        assert (401, True) == (again.status, "This sign-in is no longer valid." in again.words)

    async def test_of_one_name_is_none_of_another(self, flow: Flow, someone: Chooser, pool: PoolEntry) -> None:
        # switching in the middle: the code of one's own account for somebody else's sign-in
        await a_user(flow, pool, email="mallory@example.com", email_verified="true")
        await someone.chooses(await someone.named("mallory@example.com"), EMAIL)
        own = await last_code(flow, pool)

        page = await someone.chooses(await someone.named(), EMAIL)
        refused = await someone.send(page, Code=own)

        assert (400, False) == (refused.status, is_at_app(refused))

    async def test_does_not_replace_a_second_factor(
        self, flow: Flow, someone: Chooser, pool: PoolEntry, person: User
    ) -> None:
        # MFA bypass by a method that needs none
        await reconfigure(flow, pool, mfa=with_mfa("OPTIONAL", "email", "sms"))
        await switched_on(flow, pool, person)

        page = await someone.chooses(await someone.named(), EMAIL)
        before = await messages(flow, pool)
        asked = await someone.other_way(page, "PASSWORD")
        second = await someone.send(asked, Password=PASSWORD)

        assert [] == before
        assert "Confirm it is you" in second.words
        assert is_at_app(await someone.send(second, Code=await last_code(flow, pool)))

    async def test_of_a_first_factor_is_not_taken_for_a_second(self, someone: Chooser) -> None:
        # one challenge name, two meanings: the page of the other one does not open
        await someone.chooses(await someone.named(), EMAIL)

        assert ["Code"] == (await someone.open("/login/code")).labels()
        assert ["Email"] == (await someone.open("/mfa")).labels()


async def test_the_pages_of_a_way_open_in_their_order_only(someone: Chooser, person: User) -> None:
    # CVE-2024-47070: a step left out
    for path in ("choose", "password", "code", "passkey"):
        assert ["Email"] == (await someone.open(f"/login/{path}")).labels()
    await someone.named()
    for path in ("password", "code", "passkey"):
        assert ["Email"] == (await someone.open(f"/login/{path}")).labels()


async def test_a_way_that_is_not_offered_is_not_taken(someone: Chooser, person: User) -> None:
    page = await someone.named()

    for way in ("WEB_AUTHN", "PASSWORD_SRP", "CUSTOM_CHALLENGE", "", "SMS_MFA"):
        refused = await someone.chooses(page, way)
        assert (400, True) == (refused.status, "Choose one of them." in refused.words)


async def test_names_that_nobody_can_have_are_asked_for_again(someone: Chooser, pool: PoolEntry) -> None:
    for name in ("", " ", "a b", "nul\x00", "x" * 129):
        page = await someone.named(name)
        assert (400, True) == (page.status, name_field(pool.pool).missing in page.words)


async def switched_on(flow: Flow, pool: PoolEntry, user: User) -> None:
    import msgspec

    from poolhouse.pool.flows.people import change
    from poolhouse.pool.model.user import Factors

    def decide(current: User) -> User:
        held = msgspec.structs.replace(current.credentials, factors=Factors(email=True))
        return msgspec.structs.replace(current, credentials=held)

    await change(flow, pool.pool, user, decide)


async def test_a_strict_server_keeps_the_classic_page_as_the_service_has_it(
    flow: Flow, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    import msgspec

    from tests.support.web import a_browser, application

    strict = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, strict=True))
    async with a_browser(application(strict)) as web:
        assert ["Email", "Password"] == (await Person(web, client).open()).labels()


async def test_a_closed_recovery_has_no_link_on_the_password_page(flow: Flow, web: httpx.AsyncClient) -> None:
    only_admin = shapes.AccountRecoverySettingType(
        recovery_mechanisms=[shapes.RecoveryOptionType(name="admin_only", priority=1)]
    )
    pool = await a_choosing_pool(flow, EMAIL, account_recovery_setting=only_admin)
    someone = Chooser(web, await a_choosing_client(flow, pool))

    page = await someone.chooses(await someone.named(), "PASSWORD")

    assert "Forgot your password?" not in page.links
