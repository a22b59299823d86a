"""A forgotten password: a code to a verified address, and a new password by it."""

import re

import httpx
import msgspec

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import pool_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_user, last_code, messages, reconfigure
from tests.support.hosted import Page, Person, is_at_app
from tests.support.own import notices
from tests.support.web import a_browser, application

OWN = "Own-password-2-keep"


async def forget(someone: Person, name: str = "jane@example.com") -> Page:
    page = await someone.open()
    link = page.links["Forgot your password?"]
    return await someone.send(Page(await someone.web.get(link)), Email=name)


async def choose(someone: Person, page: Page, code: str, password: str = OWN) -> Page:
    return await someone.send(page, Code=code, New_password=password, Confirm_new_password=password)


async def test_a_code_and_a_new_password_and_in(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    someone = Person(web, client)

    page = await forget(someone)
    back = await choose(someone, page, await last_code(flow, pool))
    end = await someone.send(back, Email="jane@example.com", Password=OWN)

    assert "a code was sent to j***@e***." in page.words
    assert "Your password is changed. Sign in with the new one." in back.words
    assert "jane@example.com" == back.forms[0].fields["username"]
    assert is_at_app(end)
    assert 401 == (await _sign_in(web, client, PASSWORD)).status


async def test_a_new_password_is_told_of_where_the_pool_wants_that(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await pool_extension.change(flow, pool.pool.id, {"security_notices": "on"})
    someone = Person(web, client)

    await choose(someone, await forget(someone), await last_code(flow, pool))

    assert [("jane@example.com", "Your password was changed")] == await notices(flow, pool)


async def _sign_in(web: httpx.AsyncClient, client: ClientEntry, password: str) -> Page:
    someone = Person(web, client)
    return await someone.send(await someone.open(prompt="login"), Email="jane@example.com", Password=password)


async def test_nobody_learns_who_has_an_account(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await a_user(flow, pool, email="joan@example.com", email_verified="true", enabled=False)
    await a_user(flow, pool, email="june@example.com")
    await a_user(flow, pool, email="jill@example.com", email_verified="true", temporary=True)
    seen = []
    for name in ("jane@example.com", "jack@example.com", "joan@example.com", "june@example.com", "jill@example.com"):
        someone = Person(web, client)
        asked = await forget(someone, name)
        guessed = await choose(someone, asked, "000000")
        seen.append([
            (page.status, re.sub(r"j\w+@example\.com", "-", page.reply.text)) for page in (asked, guessed)
        ])  # fmt: skip

    assert [seen[0]] * 5 == seen
    assert ["jane@example.com"] == [message.destination for message, _ in await messages(flow, pool)]


BOTH = shapes.AccountRecoverySettingType(
    recovery_mechanisms=[
        shapes.RecoveryOptionType(priority=1, name="verified_email"),
        shapes.RecoveryOptionType(priority=2, name="verified_phone_number"),
    ]
)


async def ask_by(someone: Person, name: str, way: str) -> Page:
    page = await someone.open("/forgotPassword")
    return await someone.follow(await someone.post(page, {**page.filled(Email=name), "way": way}))


async def test_where_the_pool_knows_two_ways_the_person_chooses(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    await reconfigure(flow, pool, account_recovery_setting=BOTH)
    await a_user(
        flow, pool, email="jane@example.com", email_verified="true", phone_number="+12065550123",
        phone_number_verified="true",
    )  # fmt: skip

    page = await Person(web, client).open("/forgotPassword")
    by_mail = await ask_by(Person(web, client), "jane@example.com", "email")
    by_phone = await ask_by(Person(web, client), "jane@example.com", "phone_number")
    neither = await ask_by(Person(web, client), "jane@example.com", "pigeon")

    assert ["Email", "By email", "By text message"] == page.labels()
    assert "email" == page.forms[0].fields["way"]
    assert "sent to j***@e***" in by_mail.words
    assert "sent to +*******0123" in by_phone.words
    assert (400, True) == (neither.status, "Choose where the code should go." in neither.words)
    assert ["SMS", "EMAIL"] == [message.medium for message, _ in await messages(flow, pool)]


async def test_which_ways_somebody_has_is_told_to_nobody(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await reconfigure(flow, pool, account_recovery_setting=BOTH)
    seen = []
    for name in ("jane@example.com", "jack@example.com"):
        someone = Person(web, client)
        page = await ask_by(someone, name, "phone_number")
        guessed = await choose(someone, page, "000000")
        seen.append([
            (each.status, re.sub(r"j\w+@example\.com|\+\*+\d+", "-", each.reply.text)) for each in (page, guessed)
        ])  # fmt: skip

    assert seen[0] == seen[1]
    assert [] == await messages(flow, pool)


async def test_what_is_wrong_stands_beside_its_field(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    someone = Person(web, client)
    page = await forget(someone)

    weak = await choose(someone, page, "", "weak")
    other = await someone.send(weak, Code="123456", New_password=OWN, Confirm_new_password="Other-password-2")

    for reply, field, text in (
        (weak, "authentication-code", "Enter the code."), (weak, "new-password", "That password is too short."),
        (other, "confirm-password", "The two passwords are not the same."),
    ):  # fmt: skip
        assert 400 == reply.status
        assert re.search(rf'id="f-{field}-error">.*?{re.escape(text)}', reply.reply.text, re.DOTALL)
    assert "" == weak.forms[0].fields["new_password"]


async def test_a_wrong_code_changes_nothing(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    someone = Person(web, client)
    page = await forget(someone)
    code = await last_code(flow, pool)

    wrong = await choose(someone, page, "999999" if code != "999999" else "888888")
    empty = await choose(someone, page, "")

    assert [(400, True), (400, True)] == [
        (wrong.status, "That code is not right." in wrong.words), (empty.status, "Enter the code." in empty.words),
    ]  # fmt: skip
    assert is_at_app(await Person(web, client).sign_in("jane@example.com", PASSWORD))


async def test_a_code_works_once(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    someone = Person(web, client)
    page = await forget(someone)
    thread = next(cookie for cookie in web.cookies.jar if "thread" in cookie.name)
    code = await last_code(flow, pool)
    await choose(someone, page, code)
    web.cookies.set(thread.name, thread.value or "", domain="pool.example", path=thread.path)

    again = await choose(someone, page, code, "Another-password-3")

    assert 400 == again.status
    assert is_at_app(await Person(web, client).sign_in("jane@example.com", OWN))


async def test_a_code_lives_an_hour(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User, clock: FixedClock
) -> None:
    first = Person(web, client)
    await forget(first)
    code = await last_code(flow, pool)
    clock.advance(3600)
    page = await forget(first)

    assert code != await last_code(flow, pool)
    assert 400 == (await choose(first, page, code)).status


async def test_a_password_that_will_not_do_leaves_the_code_good(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    someone = Person(web, client)
    page = await forget(someone)
    code = await last_code(flow, pool)

    weak = await choose(someone, page, code, "password")
    good = await choose(someone, weak, code)

    assert 400 == weak.status
    assert "Your password is changed." in good.words


async def test_a_new_password_signs_out_every_browser(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    async with a_browser(application(flow)) as elsewhere:
        await Person(elsewhere, client).sign_in("jane@example.com", PASSWORD)
        someone = Person(web, client)

        await choose(someone, await forget(someone), await last_code(flow, pool))

        assert ["Email", "Password"] == (await Person(elsewhere, client).open()).labels()


async def test_whoever_must_change_the_password_is_led_here(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    await change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, status=Status.RESET_REQUIRED))
    someone = Person(web, client)

    page = await someone.sign_in("jane@example.com", PASSWORD)
    sent = await someone.send(page)
    back = await choose(someone, sent, await last_code(flow, pool))

    assert "Your password must be changed." in page.words
    assert "jane@example.com" == page.forms[0].fields["username"]
    assert is_at_app(await someone.send(back, Password=OWN))


async def test_asking_without_end_is_stopped(web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    for name in ("jane@example.com", "nobody@example.com"):
        for _ in range(20):
            await forget(Person(web, client), name)

        page = await forget(Person(web, client), name)

        assert (400, True) == (page.status, "There were too many attempts." in page.words)


async def test_the_second_page_needs_the_first(web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    page = await Person(web, client).open("/confirmforgotPassword")

    assert ["Email", "Password"] == page.labels()
