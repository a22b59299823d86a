"""Invitations: made by an administrator, accepted once, by the right person."""

import asyncio
import re
from collections.abc import Callable
from html import unescape

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.mail.settings import MailSettings
from poolhouse.house.model import Document
from poolhouse.house.roles import ADMINISTRATOR, APP_ADMINISTRATOR, AUDITOR, USER_ADMINISTRATOR
from poolhouse.house.store import outbox
from poolhouse.kit.ambient import Epoch, FixedClock, Secret
from tests.house.op import Provider
from tests.house.people import account_named, give_role, make_group, newcomers, set_people, standing_of
from tests.house.world import ADMIN, BASE, Browser, words

NewBrowser = Callable[..., Browser]
PATH = "/settings/invitations"
NEW = "new@example.com"
MARIA = "maria@example.com"
GOOD = "a long enough password"


async def invite(browser: Browser, emails: str = NEW, **form: str) -> str:
    """Invite, and the first link that is shown."""
    answer = await browser.post(PATH, {"emails": emails, **form})
    assert 200 == answer.status_code, words(answer)
    found = re.search(rf'value="{re.escape(BASE)}(/user/invitation\?token=[^"]+)"', answer.text)
    assert found is not None, words(answer)
    return unescape(found[1])


async def choose(browser: Browser, link: str, password: str = GOOD) -> int:
    form = {"token": link.partition("token=")[2], "name": "Neo", "password": password}
    answer = await browser.post("/user/invitation", form, page="/user/login")
    return answer.status_code


async def test_an_invited_person_chooses_a_password_and_has_groups_and_roles(
    house: House, admin: Browser, new_browser: NewBrowser
) -> None:
    group_id = await make_group(house, "Staff")
    link = await invite(admin, **{f"group-{group_id}": "on", f"role-{AUDITOR}": "on"})
    browser = new_browser()
    page = words(await browser.get(link))
    assert f"invites you to Poolhouse with the address {NEW}" in page

    assert 303 == await choose(browser, link)

    assert "Signed in as new@example.com" in words(await browser.get("/"))
    assert ({"Staff"}, {AUDITOR}) == await standing_of(house, NEW)
    assert 303 == (await new_browser().log_in(NEW, GOOD)).status_code
    log = words(await admin.get("/settings/audit-log"))
    assert "Invitation accepted" in log
    assert link.partition("token=")[2] not in log


async def test_a_link_works_once(house: House, admin: Browser, new_browser: NewBrowser) -> None:
    link = await invite(admin)

    outcomes = await asyncio.gather(*(choose(new_browser(address=f"203.0.113.{n}"), link) for n in range(20, 24)))

    assert 1 == outcomes.count(303)
    assert 410 == (await new_browser().get(link)).status_code


async def test_looking_at_a_link_spends_nothing(admin: Browser, new_browser: NewBrowser) -> None:
    link = await invite(admin)

    for _ in range(3):
        assert 200 == (await new_browser().get(link)).status_code


async def test_a_link_ends_after_its_days(
    house: House, admin: Browser, new_browser: NewBrowser, clock: FixedClock
) -> None:
    link = await invite(admin)
    clock.advance(7 * 24 * 3600)

    assert 410 == (await new_browser().get(link)).status_code
    assert 422 == await choose(new_browser(), link) or 410 == await choose(new_browser(), link)


async def test_a_revoked_or_renewed_link_is_worth_nothing(
    house: House, admin: Browser, new_browser: NewBrowser
) -> None:
    link = await invite(admin)
    path = re.search(rf'action="({PATH}/[^/"]+)/again"', (await admin.get(PATH)).text)
    assert path is not None

    again = await admin.post(f"{path[1]}/again", page=PATH)
    assert "Copy the link now" in words(again)
    assert 410 == (await new_browser().get(link)).status_code
    second = re.search(r"/user/invitation\?token=[^\"]+", again.text)
    assert second is not None
    assert 200 == (await new_browser().get(second[0])).status_code

    assert 303 == (await admin.post(f"{path[1]}/revoke", page=PATH)).status_code
    assert 410 == (await new_browser().get(second[0])).status_code


async def test_a_sign_in_with_the_verified_address_accepts(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    await set_people(ready, newcomers=newcomers("invited"))
    group_id = await make_group(ready, "Staff")
    link = await invite(admin, MARIA.upper(), **{f"group-{group_id}": "on"})

    assert 303 == (await browser.sso()).status_code

    assert ({"Staff"}, set()) == await standing_of(ready, MARIA)
    assert 410 == (await browser.get(link)).status_code


async def test_an_unverified_address_accepts_nothing(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    await set_people(ready, newcomers=newcomers("invited"))
    await invite(admin, MARIA)
    provider.person.email_verified = False

    answer = await browser.sso()

    assert 403 == answer.status_code
    assert "only people who were invited" in words(answer)


async def test_the_link_in_another_persons_browser_is_refused(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    link = await invite(admin, **{f"role-{ADMINISTRATOR}": "on"})
    await browser.sso()

    answer = await browser.get(link)
    assert 403 == answer.status_code
    assert f"It is for {NEW}, and you are signed in as {MARIA}" in words(answer)
    token = {"token": link.partition("token=")[2]}
    assert 403 == (await browser.post("/user/invitation/accept", token, page="/user/account")).status_code
    form = {**token, "name": "Neo", "password": GOOD}
    assert 403 == (await browser.post("/user/invitation", form, page="/user/account")).status_code
    assert (set(), set()) == await standing_of(ready, MARIA)


async def test_an_invitation_never_opens_an_account_that_is_there(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    link = await invite(admin, MARIA)
    provider.person.email = "other@example.com"
    await new_browser().sso()
    provider.person.email = MARIA
    # The invited address becomes this account's own at its next sign-in, but the invitation is another one's.
    refused = await admin.post(PATH, {"emails": ADMIN})
    assert 422 == refused.status_code
    assert "there is an account already" in words(refused)

    assert 303 == await choose(new_browser(), link)
    account = await account_named(ready, MARIA)
    assert "" == account.email_proof


async def test_the_holder_of_the_address_accepts_by_the_link(
    house: House, admin: Browser, new_browser: NewBrowser
) -> None:
    link = await invite(admin, **{f"role-{AUDITOR}": "on"})
    await house.rescue(NEW, Secret(GOOD))
    browser = new_browser()
    page = words(await browser.get(link))
    assert "There is an account with this address already" in page
    assert "Choose a password" not in page
    assert 409 == await choose(browser, link)

    await browser.log_in(NEW, GOOD)
    token = {"token": link.partition("token=")[2]}
    assert 303 == (await browser.post("/user/invitation/accept", token, page=link)).status_code

    assert (set(), {ADMINISTRATOR, AUDITOR}) == await standing_of(house, NEW)
    assert 410 == (await browser.post("/user/invitation/accept", token, page="/user/account")).status_code


async def test_nobody_invites_with_more_than_they_have(ready: House, browser: Browser) -> None:
    await browser.sso()
    await give_role(ready, MARIA, USER_ADMINISTRATOR)
    bosses = await make_group(ready, "Bosses", role=ADMINISTRATOR)

    page = words(await browser.get(PATH))
    assert "User Administrator" in page
    assert "Instance Administrator" not in page.split("Not accepted")[0]
    for more in ({f"role-{ADMINISTRATOR}": "on"}, {f"role-{APP_ADMINISTRATOR}": "on"}, {f"group-{bosses}": "on"}):
        answer = await browser.post(PATH, {"emails": NEW, **more})
        assert 409 == answer.status_code
        assert "needs a right that you do not have" in words(answer)
    assert "Nobody is invited" in words(await browser.get(PATH))


async def test_an_invitation_gives_what_its_author_may_give_when_it_is_accepted(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser
) -> None:
    await browser.sso()
    await give_role(ready, MARIA, USER_ADMINISTRATOR)
    plain = await make_group(ready, "Plain")
    link = await invite(browser, **{f"group-{plain}": "on"})
    path = f"/settings/groups/{plain}"
    assert 303 == (await admin.post(f"{path}/roles", {"role": ADMINISTRATOR}, page=path)).status_code

    assert 410 == (await new_browser().get(link)).status_code
    assert 303 != await choose(new_browser(), link)


async def test_an_invitation_ends_with_the_rights_of_who_wrote_it(
    ready: House, admin: Browser, browser: Browser, new_browser: NewBrowser
) -> None:
    await browser.sso()
    await give_role(ready, MARIA, USER_ADMINISTRATOR)
    link = await invite(browser)
    account = await account_named(ready, MARIA)
    path = f"/settings/users/{account.id}"
    assert 303 == (await admin.post(f"{path}/disable", page=path)).status_code

    assert 410 == (await new_browser().get(link)).status_code


async def test_no_password_is_chosen_where_form_login_is_off(
    ready: House, admin: Browser, new_browser: NewBrowser
) -> None:
    link = await invite(admin)
    browser = new_browser()
    csrf = await browser.csrf(link)

    async def change(_tx: object, document: Document) -> Document:
        off = msgspec.structs.replace(document.form_login, is_enabled=False)
        return msgspec.structs.replace(document, form_login=off)

    await ready.ctx.live.change(change, by="test")

    assert "Choose a password" not in words(await new_browser().get(link))
    form = {"csrf": csrf, "token": link.partition("token=")[2], "name": "Neo", "password": GOOD}
    answer = await browser.client.post("/user/invitation", data=form, headers={"origin": BASE})
    assert 403 == answer.status_code
    assert "turned off" in words(answer)


@pytest.mark.parametrize("emails", ["", "no", "a@b", "a@@example.com", "a@example.com b@@example.com", "x" * 5000])
async def test_what_is_no_address_is_not_invited(emails: str, house: House, admin: Browser) -> None:
    answer = await admin.post(PATH, {"emails": emails})

    assert 422 == answer.status_code
    assert "e-mail address" in words(answer)
    assert "Nobody is invited" in words(answer)


async def test_the_link_goes_by_mail_where_mail_is_set_up_and_nowhere_else(house: House, admin: Browser) -> None:
    async def change(_tx: object, document: Document) -> Document:
        mail = MailSettings(host="127.0.0.1", port=9, security="none", sender="house@example.com")
        return msgspec.structs.replace(document, mail=mail)

    await house.ctx.live.change(change, by="test")

    answer = await admin.post(PATH, {"emails": f"{NEW}, second@example.com"})

    assert 303 == answer.status_code
    page = await admin.get(answer.headers["location"])
    assert "Invited by e-mail" in words(page)
    assert "token=" not in page.text
    due = await house.ctx.db.read(lambda tx: outbox.list_due(tx, now=Epoch(house.ctx.clock.now() + 5), most=9))
    assert {NEW, "second@example.com"} == {each.recipient for each in due}
