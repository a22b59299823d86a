"""Guesses at passwords and codes on the hosted pages: by user, by address, and without keeping the user out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.one_time import FAILURE_LIMIT
from poolhouse.pool.core.throttle import FREE_FAILURES, LEAK
from poolhouse.pool.flows import familiar
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.pages.brakes import FREE_OF_ADDRESS, FREE_OF_BROWSER
from tests.pages.test_hosted_sign_up import NEW, sign_up
from tests.support.builders import PASSWORD, a_user, last_code, the_user
from tests.support.hosted import Page, Person, from_here, is_at_app
from tests.support.ways import Chooser, a_choosing_client, a_choosing_pool
from tests.support.web import DOMAIN, a_browser, application

EMAIL = "jane@example.com"
WRONG = "Wrong-password-1"
HERE, THERE = "203.0.113.7", "203.0.113.8"
TOO_MANY = "Too many requests"


@asynccontextmanager
async def browsing(flow: Flow, client: ClientEntry, address: str = HERE) -> AsyncIterator[Person]:
    async with a_browser(application(flow), address=address) as web:
        yield Person(web, client)


async def lock(flow: Flow, client: ClientEntry, address: str = THERE) -> None:
    """Somebody guesses at the user's password until he has to wait."""
    async with browsing(flow, client, address) as attacker:
        for _ in range(FREE_FAILURES + 3):
            await attacker.sign_in(EMAIL, WRONG)


@pytest.mark.usefixtures("person")
async def test_a_stranger_who_guesses_locks_out_strangers(flow: Flow, client: ClientEntry) -> None:
    await lock(flow, client)

    async with browsing(flow, client) as fresh:
        assert not is_at_app(await fresh.sign_in(EMAIL, PASSWORD))


@pytest.mark.usefixtures("person")
async def test_a_browser_of_the_user_is_not_locked_out_by_strangers(flow: Flow, client: ClientEntry) -> None:
    async with browsing(flow, client) as own:
        assert is_at_app(await own.sign_in(EMAIL, PASSWORD))
        await lock(flow, client)
        forget_session(own.web)

        assert is_at_app(await own.sign_in(EMAIL, PASSWORD))


@pytest.mark.usefixtures("person")
async def test_a_browser_of_the_user_is_good_for_no_more_guesses_than_a_stranger(
    flow: Flow, client: ClientEntry
) -> None:
    async with browsing(flow, client) as own:
        assert is_at_app(await own.sign_in(EMAIL, PASSWORD))
        forget_session(own.web)
        for _ in range(FREE_FAILURES):
            await own.sign_in(EMAIL, WRONG)

        assert not is_at_app(await own.sign_in(EMAIL, PASSWORD))


async def test_a_browser_of_one_user_is_a_stranger_to_another(
    flow: Flow, pool: PoolEntry, client: ClientEntry, person: User
) -> None:
    await a_user(flow, pool, email="mallory@example.com", email_verified="true")
    async with browsing(flow, client) as mallory:
        assert is_at_app(await mallory.sign_in("mallory@example.com", PASSWORD))
        forget_session(mallory.web)
        await lock(flow, client)

        assert person.attributes["email"] == EMAIL
        assert not is_at_app(await mallory.sign_in(EMAIL, PASSWORD))


@pytest.mark.usefixtures("person")
async def test_the_mark_of_a_browser_is_sealed_for_its_pool_and_ends(
    flow: Flow, pool: PoolEntry, client: ClientEntry, clock: FixedClock
) -> None:
    async with browsing(flow, client) as own:
        await own.sign_in(EMAIL, PASSWORD)
        value = own.web.cookies[f"__Secure-{familiar.COOKIE}"]
    other = msgspec.structs.replace(pool, pool=msgspec.structs.replace(pool.pool, id="us-east-1_Another99"))

    assert len(familiar.open_cookie(flow, pool, value)) == 1
    assert familiar.open_cookie(flow, other, value) == ()
    assert familiar.open_cookie(flow, pool, value[:-2] + "AA") == ()
    assert "jane" not in value
    clock.advance(familiar.SECONDS)
    assert familiar.open_cookie(flow, pool, value) == ()


async def test_a_browser_remembers_few_users(flow: Flow, pool: PoolEntry, person: User) -> None:
    held: tuple[familiar.Familiar, ...] = ()
    for number in range(9):
        user = msgspec.structs.replace(person, sub=f"sub-{number}")
        held = familiar.open_cookie(flow, pool, familiar.with_user(flow, pool, held, user, f"n{number}@example.com"))

    assert ["sub-8", "sub-7", "sub-6", "sub-5"] == [each.sub for each in held]


async def spray(person: Person, guesses: int, start: int = 0) -> httpx.Response:
    """One password for many names, none of them twice."""
    page = await person.open()
    forms = [page.filled(Email=f"n{number}@example.com", Password=WRONG) for number in range(start, start + guesses)]
    return [await person.post(page, fields) for fields in forms][-1]


@pytest.mark.usefixtures("person")
async def test_one_address_cannot_try_a_password_on_everybody(
    flow: Flow, client: ClientEntry, clock: FixedClock
) -> None:
    async with browsing(flow, client) as attacker:
        assert (await spray(attacker, FREE_OF_ADDRESS)).status_code == 401
        stopped = await spray(attacker, 1, start=1000)
        assert (stopped.status_code, TOO_MANY in stopped.text) == (429, True)
        # Not even a right one is judged, and waiting makes it no quicker than the leak.
        assert TOO_MANY in (await attacker.sign_in(EMAIL, PASSWORD)).words
        clock.advance(2)
        assert (await spray(attacker, 1, start=2000)).status_code == 401
        assert (await spray(attacker, 1, start=3000)).status_code == 429
        clock.advance(LEAK * FREE_OF_ADDRESS * 2)
        assert (await spray(attacker, 1, start=4000)).status_code == 401
    async with browsing(flow, client, THERE) as somebody_else:
        assert is_at_app(await somebody_else.sign_in(EMAIL, PASSWORD))


@pytest.mark.usefixtures("person")
async def test_a_browser_of_the_user_signs_in_from_an_address_that_has_to_wait(flow: Flow, client: ClientEntry) -> None:
    async with browsing(flow, client) as own, browsing(flow, client) as attacker:
        assert is_at_app(await own.sign_in(EMAIL, PASSWORD))
        forget_session(own.web)
        await spray(attacker, FREE_OF_ADDRESS)

        assert is_at_app(await own.sign_in(EMAIL, PASSWORD))


@pytest.mark.usefixtures("person")
async def test_who_signs_in_well_fills_no_counter(flow: Flow, client: ClientEntry) -> None:
    async def once() -> bool:
        async with browsing(flow, client) as somebody:
            return is_at_app(await somebody.sign_in(EMAIL, PASSWORD))

    assert all([await once() for _ in range(FREE_OF_ADDRESS + 5)])


async def test_one_address_cannot_have_codes_sent_without_end(flow: Flow, client: ClientEntry) -> None:
    async with browsing(flow, client) as attacker:
        page = await attacker.open("/forgotPassword")
        statuses = [
            (await attacker.post(page, page.filled(Email=f"n{number}@example.com"))).status_code
            for number in range(FREE_OF_ADDRESS + 1)
        ]

    assert {303} == set(statuses[:FREE_OF_ADDRESS])
    assert statuses[-1] == 429


@pytest.mark.parametrize(("peer", "has_proxies", "counts"), [
    ("10.0.0.9", False, False), ("10.0.0.9", True, True), ("2001:db8::1", False, True),
])  # fmt: skip
@pytest.mark.usefixtures("person")
async def test_a_proxy_that_nobody_named_is_not_taken_for_one_address(
    flow: Flow, client: ClientEntry, peer: str, has_proxies: bool, counts: bool
) -> None:
    config = msgspec.structs.replace(flow.config, has_proxies=has_proxies)
    async with browsing(msgspec.structs.replace(flow, config=config), client, peer) as attacker:
        await spray(attacker, FREE_OF_ADDRESS)

        assert counts == ((await spray(attacker, 1, start=1000)).status_code == 429)


async def test_an_ipv6_customer_has_one_counter(flow: Flow, client: ClientEntry) -> None:
    async with browsing(flow, client, "2001:db8::1") as one:
        await spray(one, FREE_OF_ADDRESS)
    async with browsing(flow, client, "2001:db8::ffff") as same:
        assert (await spray(same, 1, start=1000)).status_code == 429


def forget_session(web: httpx.AsyncClient) -> None:
    """The session is over; what else the browser holds stays."""
    web.cookies.delete("__Secure-poolhouse-session", domain="pool.example", path=f"/domains/{DOMAIN}")


async def test_a_stranger_who_guesses_at_codes_does_not_lock_out_a_browser_of_the_user(flow: Flow) -> None:
    pool = await a_choosing_pool(flow, "EMAIL_OTP")
    client = await a_choosing_client(flow, pool)
    await a_user(flow, pool, email=EMAIL, email_verified="true")
    async with a_browser(application(flow), address=HERE) as own, a_browser(application(flow), address=THERE) as web:
        jane, attacker = Chooser(own, client), Chooser(web, client)
        assert is_at_app(await jane.by_password())
        page = await attacker.chooses(await attacker.named(), "EMAIL_OTP")
        for _ in range(FREE_FAILURES + 3):
            page = await attacker.send(page, Code="00000000")
            assert not is_at_app(page)
            if "Code" not in page.labels():
                page = await attacker.chooses(await attacker.named(), "EMAIL_OTP")
        forget_session(own)
        assert is_at_app(await jane.by_password())
        forget_session(own)

        page = await jane.named()
        page = page if "Code" in page.labels() else await jane.other_way(page, "EMAIL_OTP")
        assert is_at_app(await jane.send(page, Code=await last_code(flow, pool)))


async def press_link(person: Person, name: str, code: str = "000000") -> httpx.Response:
    """The button of a link in a verification mail to *name*."""
    link = f"/domains/{DOMAIN}/confirmUser?" + urlencode(
        {"client_id": person.client.client.id, "user_name": name, "confirmation_code": code}
    )
    page = Page(await person.web.get(link))
    return await person.web.post(link, data=page.forms[0].fields, headers=from_here(person.web))


@pytest.mark.usefixtures("person")
async def test_links_that_name_others_count_for_the_address_whoever_uses_the_browser(
    flow: Flow, client: ClientEntry
) -> None:
    async with browsing(flow, client) as mallory:
        for number in range(FREE_OF_ADDRESS):
            if number % 20 == 0:
                # A new mark, and a sign-in of his own that is under way: neither makes his guesses anybody else's.
                assert is_at_app(await mallory.sign_in(EMAIL, PASSWORD))
                forget_session(mallory.web)
                await mallory.sign_in(EMAIL, WRONG)
            assert (await press_link(mallory, f"n{number}@example.com")).status_code == 400

        assert (await press_link(mallory, "one-more@example.com")).status_code == 429


@pytest.mark.usefixtures("person")
async def test_a_link_about_the_user_of_a_browser_counts_for_the_browser(flow: Flow, client: ClientEntry) -> None:
    async with browsing(flow, client) as own, browsing(flow, client) as attacker:
        assert is_at_app(await own.sign_in(EMAIL, PASSWORD))
        await spray(attacker, FREE_OF_ADDRESS)

        assert (await press_link(attacker, EMAIL)).status_code == 429
        assert {(await press_link(own, EMAIL)).status_code for _ in range(FREE_OF_BROWSER)} == {400}
        assert (await press_link(own, EMAIL)).status_code == 429


async def test_links_are_good_for_no_more_guesses_at_a_code_than_its_form(
    flow: Flow, pool: PoolEntry, client: ClientEntry
) -> None:
    async with browsing(flow, client) as person:
        await sign_up(person)
    right = await last_code(flow, pool)
    wrong = "000000" if right != "000000" else "000001"
    for address in (HERE, THERE):
        async with browsing(flow, client, address) as attacker:
            statuses = {(await press_link(attacker, NEW, wrong)).status_code for _ in range(FAILURE_LIMIT)}
            assert statuses == {400}
    async with browsing(flow, client) as attacker:
        assert (await press_link(attacker, NEW, right)).status_code == 400

    assert Status.UNCONFIRMED is (await the_user(flow, pool, NEW)).status
