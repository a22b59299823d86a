"""Who may come in at all; rules 25 (authority for a domain) and 26 (how an address is read)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.model import Account
from poolhouse.house.people import People
from poolhouse.house.people_checks import check_people
from poolhouse.house.rp.person import domain_key, email_domain
from poolhouse.house.store import accounts
from poolhouse.kit.db.protocol import Tx
from tests.house.op import Provider
from tests.house.people import account_named, authority, newcomers, rule, set_people
from tests.house.world import ADMIN, Browser, words

NewBrowser = Callable[..., Browser]
MARIA = "maria@example.com"
PATH = "/settings/entry"


async def make_account(house: House, email: str = MARIA, **other: Any) -> Account:
    """Somebody who was here before, by a password, with an address that was proved by mail."""
    fields: dict[str, Any] = {
        "id": "here", "username": email, "email": email, "is_email_holder": True, "name": "", "is_admin": False,
        "is_enabled": True, "password_hash": "x", "created_at": house.ctx.clock.now(), "signed_in_at": None,
        "email_proof": "mail", **other,
    }  # fmt: skip
    account = Account(**fields)

    async def unit(tx: Tx) -> None:
        await accounts.put_account(tx, account, email_key=email)

    await house.ctx.db.write(unit)
    return account


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("a@Example.COM", "example.com"),
        ("a@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de", "xn--bcher-kva.de"),
        ("a@xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("a@b@example.com", ""),
        ("@example.com", ""),
        ("a@example.com ", ""),
        ("a@example.com\n", ""),
        ("example.com", ""),
    ],
)
def test_the_domain_of_an_address_has_one_form_and_one_at(typed: str, domain: str) -> None:
    assert domain == email_domain(typed)


def test_a_domain_is_entered_with_or_without_at() -> None:
    assert "example.com" == domain_key(" @Example.com") == domain_key("example.com")
    assert "" == domain_key("a@example.com@x")


@pytest.mark.parametrize(
    ("who", "domains", "email", "verified", "comes_in"),
    [
        ("everybody", (), MARIA, False, True),
        ("nobody", (), MARIA, True, False),
        ("invited", (), MARIA, True, False),
        ("domains", ("example.com",), MARIA, True, True),
        ("domains", ("example.com",), "maria@EXAMPLE.com", True, True),
        ("domains", ("example.com",), MARIA, False, False),
        ("domains", ("example.com",), "maria@example.com.evil.org", True, False),
        ("domains", ("example.com",), "maria@sub.example.com", True, False),
        ("domains", ("xn--bcher-kva.de",), "m@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de", True, True),
    ],
)
async def test_new_people_come_in_as_the_setting_says(
    who: str, domains: tuple[str, ...], email: str, verified: bool, comes_in: bool,
    ready: House, admin: Browser, browser: Browser, provider: Provider,
) -> None:  # fmt: skip
    await set_people(ready, newcomers=newcomers(who, *domains))
    provider.person.email, provider.person.email_verified = email, verified

    answer = await browser.sso()

    assert (303 if comes_in else 403) == answer.status_code, words(answer)
    assert comes_in is (browser.cookie("house_session") is not None)
    if not comes_in:
        assert "You have no account in this house" in words(answer)
        log = words(await admin.get("/settings/audit-log?outcome=refused"))
        assert email in log
        assert any(reason in log for reason in ("nobody_new", "not_invited", "domain_not_allowed"))


async def test_who_has_an_account_comes_in_as_before(ready: House, new_browser: NewBrowser) -> None:
    await new_browser().sso()
    await set_people(ready, newcomers=newcomers("nobody"))

    assert 303 == (await new_browser().sso()).status_code


async def test_a_provider_has_a_rule_of_its_own(ready: House, browser: Browser) -> None:
    await set_people(ready, newcomers=newcomers("nobody"), newcomers_of={"oidc": newcomers("everybody")})

    assert 303 == (await browser.sso()).status_code


async def test_the_administrators_address_always_passes(ready: House, browser: Browser, provider: Provider) -> None:
    await set_people(ready, newcomers=newcomers("nobody"))
    account = await account_named(ready, ADMIN)

    async def rename(tx: Tx) -> None:
        other = msgspec.structs.replace(account, username="old@example.com", email="old@example.com")
        await accounts.describe_account(tx, other, email_key="old@example.com")

    await ready.ctx.db.write(rename)
    provider.person.email = ADMIN

    assert 303 == (await browser.sso()).status_code


async def test_a_provider_connects_an_account_only_by_a_rule_for_the_domain(
    ready: House, new_browser: NewBrowser, provider: Provider, admin: Browser
) -> None:
    await make_account(ready)
    assert 403 == (await new_browser().sso()).status_code
    for wrong in (authority("example.org"), authority("example.com", "google")):
        await set_people(ready, authorities=(wrong,))
        assert 403 == (await new_browser().sso()).status_code
    await set_people(ready, authorities=(authority("example.com"),))

    assert 303 == (await new_browser().sso()).status_code

    log = words(await admin.get("/settings/audit-log?event=account_connected"))
    assert "the authority for example.com" in log


@pytest.mark.parametrize(
    "here",
    [
        pytest.param({"email_proof": ""}, id="its address was never proved"),
        pytest.param({"is_email_holder": False}, id="it does not hold the address"),
        pytest.param({"is_enabled": False}, id="it is disabled"),
        pytest.param({"is_admin": True}, id="it is an administrator's"),
    ],
)
async def test_even_then_not_every_account(
    here: dict[str, Any], ready: House, browser: Browser, provider: Provider
) -> None:
    await make_account(ready, **here)
    await set_people(ready, authorities=(authority("example.com"),))
    # An account that shows the address without holding it keeps an unproved one out, not its proved owner.
    answer = await browser.sso()

    holder_comes_new = here.get("is_email_holder") is False
    assert (303 if holder_comes_new else 403) == answer.status_code
    identities = await ready.ctx.db.read(lambda tx: accounts.list_identities(tx, "here"))
    assert [] == identities


async def test_not_by_an_unverified_address_and_not_a_second_subject(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    await make_account(ready)
    await set_people(ready, authorities=(authority("example.com"),))
    provider.person.email_verified = False
    assert 403 == (await new_browser().sso()).status_code
    provider.person.email_verified = True
    assert 303 == (await new_browser().sso()).status_code

    provider.person.sub = "the address was given to somebody else"

    assert 403 == (await new_browser().sso()).status_code


async def test_the_page_says_what_is_wrong_and_saves_what_is_right(ready: House, admin: Browser) -> None:
    wrong = {"who": "domains", "domains": "exam ple@x", "invitation_days": "0", "authority-oidc": "nodot"}
    answer = await admin.post(PATH, wrong)
    assert 422 == answer.status_code
    assert "Give a number from 1 to 90." in words(answer)
    assert "nodot is not a domain" in words(answer)

    right = {
        "who": "domains", "domains": "Example.com\nb\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.de",
        "invitation_days": "3", "who-oidc": "invited", "domains-oidc": "", "authority-oidc": "example.com",
    }  # fmt: skip
    assert 303 == (await admin.post(PATH, right)).status_code

    people = ready.ctx.live.document.people
    assert newcomers("domains", "example.com", "xn--bcher-kva.de") == people.newcomers
    assert {"oidc": newcomers("invited")} == people.newcomers_of
    assert (authority("example.com"),) == people.authorities
    assert 3 == people.invitation_days
    log = words(await admin.get("/settings/audit-log?event=settings_changed"))
    assert "New people: domains (example.com, xn--bcher-kva.de)" in log


@pytest.mark.parametrize(
    ("field", "people"),
    [
        ("invitation_days", People(invitation_days=0)),
        ("newcomers.domains", People(newcomers=newcomers("domains"))),
        ("newcomers.domains", People(newcomers=newcomers("domains", "Example.com"))),
        ("newcomers_of", People(newcomers_of={"oidc": newcomers("domains", "nodot")})),
        ("authorities", People(authorities=(authority("example.com", "gone"),))),
        ("authorities", People(authorities=(authority("example.com"), authority("example.com")))),
        ("rules", People(rules=(rule("groups", " staff", "g-1"),))),
        ("rules", People(rules=(rule("groups", "staff", "emperor"),))),
    ],
)
def test_a_file_is_checked_as_the_page_is(field: str, people: People) -> None:
    assert [field] == list(check_people(people, ["oidc"]))
    assert {} == check_people(People(rules=(rule("groups", "staff", "g-1"),)), ["oidc"])
