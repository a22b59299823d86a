"""Who a person of the provider is here: rules 25 to 28; row 31 of the CVE list."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from poolhouse.house.app import House
from poolhouse.house.rp.person import email_key
from poolhouse.house.tables import accounts, email_holders, identities
from poolhouse.kit.db.statement import compile_statement
from tests.house.op import Provider, merged
from tests.house.people import newcomers, set_people
from tests.house.world import ADMIN, Browser, words

NewBrowser = Callable[..., Browser]
_ACCOUNTS = compile_statement(select(accounts.c.username, accounts.c.is_admin).order_by(accounts.c.username))
_HOLDERS = compile_statement(
    select(email_holders.c.email_key, email_holders.c.account_id).order_by(email_holders.c.email_key)
)
_IDS = compile_statement(select(accounts.c.id, accounts.c.username))
_IDENTITIES = compile_statement(select(identities.c.issuer, identities.c.subject))


async def usernames(house: House) -> list[str]:
    return [row[0] for row in await house.ctx.db.all(_ACCOUNTS)]


async def user_path(admin: Browser, username: str) -> str:
    import re

    page = await admin.get("/settings/users")
    found = re.search(rf'href="(/settings/users/[0-9a-f-]+)">{re.escape(username)}<', page.text)
    assert found is not None, words(page)
    return found[1]


async def test_the_first_sign_in_makes_an_account_keyed_by_issuer_and_subject(
    ready: House, browser: Browser, provider: Provider
) -> None:
    await browser.sso()

    assert [ADMIN, "maria@example.com"] == await usernames(ready)
    assert [(provider.base, provider.person.sub)] == await ready.ctx.db.all(_IDENTITIES)


async def test_the_same_subject_is_the_same_account_whatever_its_email_is_today(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    await new_browser().sso()
    provider.person.email = "maria.lopez@example.com"

    assert 303 == (await new_browser().sso()).status_code

    assert [ADMIN, "maria.lopez@example.com"] == await usernames(ready)


async def test_nobody_becomes_administrator_by_signing_in(ready: House, browser: Browser, provider: Provider) -> None:
    provider.person.extra = {"is_admin": True, "cognito:groups": ["admin"], "roles": ["administrator"]}
    provider.change_claims = merged(is_admin=True)

    await browser.sso()

    assert 403 == (await browser.get("/settings/general")).status_code
    assert "Admin Settings" not in words(await browser.get("/"))


@pytest.mark.parametrize("email", [ADMIN, ADMIN.upper(), f" {ADMIN} ", "Admin@EXAMPLE.com"])
@pytest.mark.parametrize("verified", [True, False])
async def test_an_account_with_the_same_email_is_never_taken_over(
    email: str, verified: bool, ready: House, browser: Browser, provider: Provider
) -> None:
    provider.person.email, provider.person.email_verified = email, verified

    answer = await browser.sso()

    assert 403 == answer.status_code
    assert "An account with your e-mail address exists here already" in words(answer)
    assert "press Connect" in words(answer)
    assert browser.cookie("house_session") is None
    assert [ADMIN] == await usernames(ready)


@pytest.mark.parametrize("verified", [True, False])
async def test_nobody_comes_to_be_called_by_the_administrators_address(
    verified: bool, ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await new_browser().sso()
    provider.person.email, provider.person.email_verified = "Admin@example.com", verified
    provider.person.name = "Maria Lopez Garcia"
    browser = new_browser()

    assert 303 == (await browser.sso()).status_code

    assert [ADMIN, "maria@example.com"] == await usernames(ready)
    own = words(await browser.get("/user/account"))
    assert "maria@example.com" in own
    assert "Maria Lopez Garcia" in own
    assert 403 == (await browser.get("/settings/general")).status_code
    log = words(await admin.get("/settings/audit-log?event=email_kept"))
    assert "Former e-mail kept maria@example.com" in log
    assert "the provider says Admin@example.com, which belongs to another account" in log
    holders = await ready.ctx.db.all(_HOLDERS)
    assert ["admin@example.com", "maria@example.com"] == [key for key, _ in holders]


async def test_nor_by_a_user_name_that_looks_like_it(house: House, new_browser: NewBrowser, provider: Provider) -> None:
    await house.use_oidc(provider.settings(username_attribute="preferred_username"))
    provider.change_claims = merged(preferred_username="maria")
    await new_browser().sso()
    provider.change_claims = merged(preferred_username=ADMIN)

    assert 303 == (await new_browser().sso()).status_code
    assert [ADMIN, "maria"] == await usernames(house)

    provider.person.sub, provider.person.email = "somebody new", "new@example.com"
    assert 403 == (await new_browser().sso()).status_code
    assert [ADMIN, "maria"] == await usernames(house)


async def test_an_unverified_address_that_another_account_shows_is_not_taken_over_either(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.person.sub, provider.person.email_verified = "first", False
    await new_browser().sso()
    provider.person.sub, provider.person.email = "second", "second@example.com"
    await new_browser().sso()
    provider.person.email = "maria@example.com"

    assert 303 == (await new_browser().sso()).status_code

    assert [ADMIN, "maria@example.com", "second@example.com"] == await usernames(ready)


async def test_the_audit_log_tells_accounts_of_one_name_apart(
    house: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await house.use_oidc(provider.settings(username_attribute="preferred_username"))
    provider.change_claims = merged(preferred_username="maria")
    for number in range(2):
        provider.person.sub, provider.person.email = f"subject {number}", f"maria{number}@example.com"
        await new_browser().sso()
    ids = [row[0] for row in await house.ctx.db.all(_IDS) if row[1] == "maria"]

    page = await admin.get("/settings/audit-log?q=maria")
    of_one = words(await admin.get(f"/settings/audit-log?q={ids[0]}"))

    assert 2 == len(set(ids))
    for account_id in ids:
        assert f'<a href="/settings/users/{account_id}">maria</a>' in page.text
    assert (1, 1) == (of_one.count("OIDC, http"), of_one.count("Account created maria maria"))


async def test_another_subject_with_the_same_email_is_refused(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await new_browser().sso()
    provider.person.sub = "made-anew-at-the-provider"

    assert 403 == (await browser.sso()).status_code


async def test_an_unverified_address_holds_nothing_against_its_owner(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.person.sub, provider.person.email_verified = "squatter", False
    assert 303 == (await new_browser().sso()).status_code

    provider.person.sub, provider.person.email_verified = "owner", True
    assert 303 == (await new_browser().sso()).status_code

    provider.person.sub, provider.person.email_verified = "another squatter", False
    assert 403 == (await new_browser().sso()).status_code


async def test_the_signed_in_owner_can_connect_and_then_use_either(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.person.email = ADMIN
    await browser.log_in()
    departure = await browser.post("/user/account/connect", page="/user/account")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]

    answer = await browser.get(back)

    assert "/user/account?done=connected" == answer.headers["location"]
    assert "Connected." in words(await browser.get(answer.headers["location"]))
    other = new_browser()
    assert 303 == (await other.sso()).status_code
    assert 200 == (await other.get("/settings/general")).status_code
    assert [ADMIN] == await usernames(ready)
    assert 303 == (await new_browser().log_in()).status_code


async def test_connecting_needs_the_same_owner_signed_in_at_the_end(
    ready: House, browser: Browser, provider: Provider
) -> None:
    await browser.log_in()
    departure = await browser.post("/user/account/connect", page="/user/account")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    await browser.post("/user/logout", page="/")

    answer = await browser.get(back)

    assert 400 == answer.status_code
    assert "You signed out while you were connecting" in words(answer)
    assert [] == await ready.ctx.db.all(_IDENTITIES)


async def test_a_connected_sign_in_cannot_be_connected_to_a_second_account(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await new_browser().sso()
    await browser.log_in()
    departure = await browser.post("/user/account/connect", page="/user/account")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]

    answer = await browser.get(back)

    assert 403 == answer.status_code
    assert "connected to another account already" in words(answer)


async def test_connecting_is_not_started_by_a_link(ready: House, browser: Browser) -> None:
    await browser.log_in()

    assert 404 == (await browser.get("/user/account/connect")).status_code


async def test_a_connected_account_keeps_the_address_it_signs_in_with_by_form(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    provider.person.email = "elsewhere@example.com"
    await browser.log_in()
    departure = await browser.post("/user/account/connect", page="/user/account")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    await browser.get(back)
    await new_browser().sso()

    assert [ADMIN] == await usernames(ready)
    assert 303 == (await new_browser().log_in()).status_code


async def test_a_disabled_account_is_out_at_once_and_stays_out(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser
) -> None:
    await browser.sso()
    path = await user_path(admin, "maria@example.com")

    assert 303 == (await admin.post(f"{path}/disable", page=path)).status_code

    assert 303 == (await browser.get("/")).status_code
    answer = await new_browser().sso()
    assert 403 == answer.status_code
    assert "Your account has been disabled" in words(answer)
    assert "Disabled" in words(await admin.get(path))

    await admin.post(f"{path}/enable", page=path)
    assert 303 == (await new_browser().sso()).status_code


async def test_a_sign_in_that_began_before_the_account_was_disabled_fails(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser
) -> None:
    await new_browser().sso()
    back = await browser.at_provider()
    path = await user_path(admin, "maria@example.com")
    await admin.post(f"{path}/disable", page=path)

    assert 403 == (await browser.get(back)).status_code


async def test_ten_first_sign_ins_at_once_make_one_account(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    answers = await asyncio.gather(*(new_browser().sso() for _ in range(10)))

    assert [303] * 10 == [answer.status_code for answer in answers]
    assert [ADMIN, "maria@example.com"] == await usernames(ready)


async def test_the_username_attribute_names_the_account(house: House, browser: Browser, provider: Provider) -> None:
    await house.use_oidc(provider.settings(username_attribute="cognito:username"))
    provider.change_claims = merged(**{"cognito:username": "maria"})

    await browser.sso()

    assert [ADMIN, "maria"] == await usernames(house)


@pytest.mark.parametrize("name", ["service:b0a6c1de", "https://op.example|subject-1", "http://op.example/a|b"])
async def test_nobody_is_called_as_a_machine_is(name: str, house: House, browser: Browser, provider: Provider) -> None:
    await house.use_oidc(provider.settings(username_attribute="nick"))
    provider.person.extra = {"nick": name}

    assert 200 != (await browser.sso()).status_code
    assert None is browser.cookie("house_session")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", "Mar\u00eda L\u00f3pez", '"><b>'])
async def test_a_name_from_the_provider_is_text(
    name: str, ready: House, browser: Browser, admin: Browser, provider: Provider
) -> None:
    from markupsafe import escape

    provider.person.name = name
    await browser.sso()

    for page in (await browser.get("/user/account"), await admin.get("/settings/users")):
        assert str(escape(name)) in page.text
        assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Maria@Example.COM", "maria@example.com"),
        ("maria@b\u00fccher.example", "maria@xn--bcher-kva.example"),
        ("maria@B\u00dcCHER.example", "maria@xn--bcher-kva.example"),
        ("maria@xn--bcher-kva.example", "maria@xn--bcher-kva.example"),
        ("a@evil.example@corp.example", ""),
        ("@corp.example", ""),
        ("a@", ""),
        ("a@.corp", ""),
        ("a@corp..example", ""),
        ("a b@corp.example", ""),
        ("a\n@corp.example", ""),
        ("<a@corp.example>", ""),
        ("a,b@corp.example", ""),
        ("a@" + "x" * 64 + ".example", ""),
    ],
)
def test_two_spellings_of_one_address_are_equal_and_what_is_none_is_none(written: str, key: str) -> None:
    assert key == email_key(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("maria@stra\u00dfe.example", "maria@strasse.example"),
        ("maria@\u03c3\u03c2.example", "maria@\u03c3\u03c3.example"),
        ("maria@cor\u200dp.example", "maria@corp.example"),
        ("maria@cor\u00adp.example", "maria@corp.example"),
        ("maria@\uff43orp.example", "maria@corp.example"),
        ("maria@corp\u3002example", "maria@corp.example"),
        ("\u212aate@corp.example", "kate@corp.example"),
        ("gro\u00df@corp.example", "gross@corp.example"),
        ("mar\u0131a@corp.example", "maria@corp.example"),
        ("ma\u017fia@corp.example", "masia@corp.example"),
    ],
)
def test_two_addresses_that_merely_look_or_fold_alike_are_two(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


async def test_a_domain_that_idna_of_2003_would_confuse_with_ours_is_not_ours(
    ready: House, browser: Browser, provider: Provider
) -> None:
    await set_people(ready, newcomers=newcomers("domains", "strasse.example"))
    provider.person.email, provider.person.email_verified = "maria@stra\u00dfe.example", True

    assert 400 == (await browser.sso()).status_code
    assert browser.cookie("house_session") is None


@given(st.text(max_size=40))
def test_an_email_key_has_one_at_sign_and_an_ascii_domain(written: str) -> None:
    key = email_key(written)

    assert key == "" or (key.count("@") == 1 and key.partition("@")[2].isascii())
    assert key == "" or key == email_key(key)
