"""Accounts of one's own: sign-up, confirmation by code and by link."""

import re
from urllib.parse import urlsplit

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.attributes.schema import build_schema
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import pool_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec import shapes
from tests.support.builders import (
    PASSWORD,
    a_schema,
    last_code,
    messages,
    reconfigure,
    the_pool,
    the_user,
    with_mfa,
)
from tests.support.hosted import Page, Person, from_here, is_at_app
from tests.support.web import DOMAIN, a_browser, a_web_client, a_web_pool, application

NEW = "new@example.com"
MFA = with_mfa("ON", "totp")
BY_LINK = shapes.VerificationMessageTemplateType(default_email_option="CONFIRM_WITH_LINK")


async def sign_up(someone: Person, name: str = NEW, password: str = PASSWORD, **more: str) -> Page:
    page = await someone.open()
    form = Page(await someone.web.get(page.links["Create an account"]))
    return await someone.send(form, **{form.labels()[0].replace(" ", "_"): name, "Password": password, **more})


async def test_an_account_is_made_confirmed_and_signed_in_to(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    someone = Person(web, client)

    page = await sign_up(someone)
    made = await the_user(flow, pool, NEW)
    end = await someone.send(page, Code=await last_code(flow, pool))

    assert "Enter the code that was sent to n***@e***." in page.words
    assert (Status.UNCONFIRMED, {"email": NEW, "email_verified": "false"}) == (made.status, made.attributes)
    assert is_at_app(end)
    assert is_at_app(await someone.open())
    assert "true" == (await the_user(flow, pool, NEW)).attributes["email_verified"]


async def test_an_address_that_has_an_account_looks_like_any_other(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    seen = []
    for name in ("jack@example.com", "jane@example.com"):
        someone = Person(web, client)
        page = await sign_up(someone, name, "Another-password-3")
        wrong = await someone.send(page, Code="000000")
        again = Page(await someone.follow_resend(page))
        seen.append([(each.status, each.reply.text.replace(name, "-")) for each in (page, wrong, again)])

    assert seen[0] == seen[1]
    assert "jane@example.com" not in [message.destination for message, _ in await messages(flow, pool)]
    assert is_at_app(await Person(web, client).sign_in("jane@example.com", PASSWORD))


async def test_whoever_has_not_confirmed_yet_gets_a_new_code_by_signing_up_again(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    await sign_up(Person(web, client))
    first = await last_code(flow, pool)
    someone = Person(web, client)

    page = await sign_up(someone, password="Another-password-3")
    back = await someone.send(page, Code=await last_code(flow, pool))

    assert first != await last_code(flow, pool)
    assert "Your account is confirmed." in back.words
    assert is_at_app(await someone.send(back, Password=PASSWORD))


async def test_that_codes_are_limited_does_not_show_at_sign_up(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    pages = [await sign_up(Person(web, client), "jane@example.com") for _ in range(7)]

    assert {(200, "Code")} == {(page.status, page.labels()[0]) for page in pages}


async def test_a_new_code_replaces_the_old_one(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    someone = Person(web, client)
    page = await sign_up(someone)
    old = await last_code(flow, pool)

    again = Page(await someone.follow_resend(page))
    refused = await someone.send(again, Code=old)
    end = await someone.send(refused, Code=await last_code(flow, pool))

    assert "A new code is on its way." in again.words
    assert 400 == refused.status
    assert is_at_app(end)


async def test_whoever_signs_in_unconfirmed_is_asked_for_the_code(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    await sign_up(Person(web, client))
    someone = Person(web, client)

    page = await someone.sign_in(NEW, PASSWORD)
    wrong = await Person(web, client).sign_in(NEW, "Wrong-password-1")

    assert ["Code"] == page.labels()
    assert "The username or password is not right." in wrong.words


async def test_what_is_wrong_stands_beside_what_was_typed(
    web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    for name, password, told in (
        (NEW, "weak", "That password is too short."),
        (NEW, "", "Enter a password."),
        ("not an address", PASSWORD, "Enter your email."),
        ("not-an-address", PASSWORD, "Enter an email address as your username."),
        (NEW, "only-small-letters-1", "Choose a password that has an upper-case letter."),
    ):
        page = await sign_up(Person(web, client), name, password)

        assert (400, True) == (page.status, told in page.words)
        assert name == page.forms[0].fields["username"]


async def test_all_that_is_wrong_is_said_at_once_beside_its_field(flow: Flow, web: httpx.AsyncClient) -> None:
    pool = await a_web_pool(
        flow, auto_verified_attributes=["email"], schema_attributes=a_schema(required=("given_name", "birthdate"))
    )
    someone = Person(web, await a_web_client(flow, pool))

    page = await sign_up(someone, "", "weak", Given_name="Jo", Date_of_birth="1.1.2001", Email="jo@")

    assert 400 == page.status
    beside = {
        "username": "Enter your username.",
        "password": "That password is too short.",
        "requiredAttributes[birthdate]": "Enter a date, as in 1990-12-31.",
        "requiredAttributes[email]": "That is not an email address.",
    }
    for field, text in beside.items():
        shown = re.sub(r"[^a-z0-9]+", "-", field.lower()).strip("-")
        described = re.search(rf'<input[^>]*id="f-{shown}"[^>]*>', page.reply.text)
        assert described is not None
        assert f"f-{shown}-error" in described[0]
        assert 'aria-invalid="true"' in described[0]
        assert re.search(rf'id="f-{shown}-error">.*?{re.escape(text)}', page.reply.text, re.DOTALL)
        assert f'href="#f-{shown}"' in page.reply.text
    kept = page.forms[0].fields
    assert ("Jo", "1.1.2001", "jo@", "") == (
        *(kept[f"requiredAttributes[{name}]"] for name in ("given_name", "birthdate", "email")), kept["password"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"age": "12"}, "Enter a number of 18 or more."),
        ({"age": "1e3"}, "Enter a number."),
        ({"age": "121"}, "Enter a number of 120 or less."),
        ({"newsletter": "perhaps"}, "Choose yes or no."),
        ({"since": "yesterday"}, "Enter a date and a time, as in 2030-12-31T09:30."),
        ({"team": "abcdef"}, "Use at most 5 characters."),
        ({"age": "18", "newsletter": "true", "since": "2030-12-31T09:30", "team": "ab"}, ""),
        ({}, ""),
    ],
)
async def test_custom_attributes_are_asked_for_where_the_pool_wants_them_and_have_their_types(
    flow: Flow, web: httpx.AsyncClient, given: dict[str, str], told: str
) -> None:
    custom = [
        shapes.SchemaAttributeType(
            name="age", attribute_data_type="Number",
            number_attribute_constraints=shapes.NumberAttributeConstraintsType(min_value="18", max_value="120"),
        ),
        shapes.SchemaAttributeType(name="newsletter", attribute_data_type="Boolean"),
        shapes.SchemaAttributeType(name="since", attribute_data_type="DateTime"),
        shapes.SchemaAttributeType(
            name="team", attribute_data_type="String",
            string_attribute_constraints=shapes.StringAttributeConstraintsType(min_length="1", max_length="5"),
        ),
    ]  # fmt: skip
    schema = build_schema(custom)
    assert not isinstance(schema, Refusal)
    pool = await a_web_pool(flow, auto_verified_attributes=["email"], schema_attributes=list(schema))
    names = ("age", "newsletter", "since", "team")
    await pool_extension.change(
        flow, pool.pool.id, {"sign_up_attributes": [f"custom:{name}" for name in (*names, "gone")]}
    )
    writes = ["email", *(f"custom:{name}" for name in names)]
    client = await a_web_client(flow, await the_pool(flow, pool.pool.id), write_attributes=writes)
    someone = Person(web, client)
    form = Page(await web.get((await someone.open()).links["Create an account"]))
    fields = form.filled(Username="newcomer", Email=NEW, Password=PASSWORD)

    named = {f"requiredAttributes[custom:{name}]": value for name, value in given.items()}
    page = await someone.follow(await someone.post(form, {**fields, **named}))

    assert ["age", "newsletter", "since", "team"] == [each for each in form.labels() if each in names]
    assert 'type="number"' in form.reply.text
    assert told in page.words
    if told:
        assert 400 == page.status
    else:
        kept = (await the_user(flow, pool, "newcomer")).attributes
        extra = {f"custom:{name}": value for name, value in given.items()}
        assert {"email": NEW, "email_verified": "false", **extra} == kept


async def test_a_second_factor_is_asked_for_after_a_sign_up_as_after_any_password(
    flow: Flow, web: httpx.AsyncClient
) -> None:
    pool = await a_web_pool(flow, username_attributes=["email"], auto_verified_attributes=["email"], mfa=MFA)
    someone = Person(web, await a_web_client(flow, pool))

    page = await sign_up(someone)
    after = await someone.send(page, Code=await last_code(flow, pool))

    assert not is_at_app(after)
    assert Status.CONFIRMED is (await the_user(flow, pool, NEW)).status


async def test_another_browser_that_has_the_code_is_not_signed_in(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    await sign_up(Person(web, client))
    async with a_browser(application(flow)) as elsewhere:
        other = Person(elsewhere, client)
        page = await sign_up(other, password="Another-password-3")
        back = await other.send(page, Code=await last_code(flow, pool))

    assert "Your account is confirmed. Sign in." in back.words


async def test_a_cookie_says_nothing_of_who_has_an_account(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    sizes = set()
    for name in ("jack@example.com", "jane@example.com"):
        await sign_up(Person(web, client), name)
        sizes.add(next(len(cookie.value or "") for cookie in web.cookies.jar if "thread" in cookie.name))

    assert 1 == len(sizes)


async def test_a_code_is_sent_again_once_in_a_while(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, clock: FixedClock
) -> None:
    someone = Person(web, client)
    page = await sign_up(someone)
    again = Page(await someone.follow_resend(page))
    sent = len(await messages(flow, pool))

    clock.advance(10)
    early = Page(await someone.follow_resend(again))
    clock.advance(20)
    late = Page(await someone.follow_resend(early))

    assert (429, True) == (early.status, "You can ask for another in 20 seconds." in early.words)
    assert "A new code is on its way." in late.words
    assert sent + 1 == len(await messages(flow, pool))


async def test_where_a_code_signs_in_there_need_not_be_a_password(flow: Flow, web: httpx.AsyncClient) -> None:
    policies = shapes.UserPoolPolicyType(
        sign_in_policy=shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", "EMAIL_OTP"])
    )
    pool = await a_web_pool(flow, username_attributes=["email"], auto_verified_attributes=["email"], policies=policies)
    someone = Person(web, await a_web_client(flow, pool))

    page = await sign_up(someone, password="")
    end = await someone.send(page, Code=await last_code(flow, pool))

    assert is_at_app(end)
    assert (await the_user(flow, pool, NEW)).credentials.password_hash is None


async def test_a_pool_without_sign_up_says_so(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry
) -> None:
    closed = shapes.AdminCreateUserConfigType(allow_admin_create_user_only=True)
    await reconfigure(flow, pool, admin_create_user_config=closed)

    page = await Person(web, client).open("/signup")

    assert (400, True) == (page.status, "You cannot create an account here yourself." in page.words)


async def test_the_attributes_that_the_pool_requires_are_asked_for(flow: Flow, web: httpx.AsyncClient) -> None:
    pool = await a_web_pool(
        flow, auto_verified_attributes=["email"], schema_attributes=a_schema(required=("given_name", "birthdate"))
    )
    client = await a_web_client(flow, pool)
    someone = Person(web, client)

    page = await sign_up(someone, "newcomer", Given_name="Jo", Date_of_birth="2001-02-03", Email=NEW)

    assert "n***@e***" in page.words
    made = await the_user(flow, pool, "newcomer")
    assert {"given_name": "Jo", "birthdate": "2001-02-03", "email": NEW, "email_verified": "false"} == made.attributes


async def test_a_username_that_is_taken_is_told(flow: Flow, web: httpx.AsyncClient) -> None:
    # As the service does: a username that people choose cannot be hidden from whoever chooses it.
    pool = await a_web_pool(flow, auto_verified_attributes=["email"])
    client = await a_web_client(flow, pool)
    await sign_up(Person(web, client), "newcomer", Email=NEW)

    page = await sign_up(Person(web, client), "newcomer", Email=NEW)

    assert "That username is taken." in page.words


async def test_without_verification_an_administrator_confirms(flow: Flow, web: httpx.AsyncClient) -> None:
    pool = await a_web_pool(flow)
    client = await a_web_client(flow, pool)

    page = await sign_up(Person(web, client), "newcomer")

    assert "An administrator has to confirm it" in page.words


@pytest.fixture
async def linked(flow: Flow, pool: PoolEntry) -> PoolEntry:
    return await reconfigure(flow, pool, verification_message_template=BY_LINK)


async def link_of(flow: Flow, pool: PoolEntry) -> str:
    found = re.search(
        r"https://pool\.example[^\s\"<>]*/confirmUser\?[^\s\"<>]*", (await messages(flow, pool))[0][1].text
    )
    assert found is not None
    url = urlsplit(found[0].replace("&amp;", "&"))
    return f"{url.path}?{url.query}"


async def test_a_link_confirms_by_one_press(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, linked: PoolEntry
) -> None:
    someone = Person(web, client)
    sent = await sign_up(someone)
    link = await link_of(flow, linked)

    opened = Page(await web.get(link))
    before = (await the_user(flow, linked, NEW)).status
    done = Page(await someone.post(opened, opened.forms[0].fields))

    assert "Check your mail" in sent.words
    assert "/login?" in sent.links["Sign in"]
    assert (200, Status.UNCONFIRMED) == (opened.status, before)
    assert "Your account is confirmed" in done.words
    assert Status.CONFIRMED is (await the_user(flow, linked, NEW)).status


async def test_a_link_that_is_not_right_confirms_nothing(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, linked: PoolEntry
) -> None:
    someone = Person(web, client)
    await sign_up(someone)
    link = await link_of(flow, linked)
    token = Page(await web.get(link)).forms[0].fields

    replies = [
        await web.post(bad, data=token, headers=from_here(web))
        for bad in (link[:-1], link + "0", link.replace("new%40", "old%40"), f"/domains/{DOMAIN}/confirmUser?x=1")
    ]

    assert [400] * 4 == [reply.status_code for reply in replies]
    assert Status.UNCONFIRMED is (await the_user(flow, linked, NEW)).status
    assert 400 == (await web.get(f"/domains/{DOMAIN}/confirmUser?client_id=x")).status_code
