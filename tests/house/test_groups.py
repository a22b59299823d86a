"""Groups in Admin Settings."""

from collections.abc import Callable

import pytest

from poolhouse.house.app import House
from poolhouse.house.people import SCIM
from poolhouse.house.roles import USER_ADMINISTRATOR
from tests.house.op import Provider
from tests.house.people import account_named, give_role, make_group, put_in, rule, set_people, standing_of
from tests.house.world import ADMIN, Browser, words

NewBrowser = Callable[..., Browser]
PATH = "/settings/groups"
MARIA = "maria@example.com"


async def test_a_group_is_made_filled_renamed_and_deleted(ready: House, admin: Browser, browser: Browser) -> None:
    await browser.sso()
    made = await admin.post(PATH, {"name": " Night  shift ", "description": "After ten"})
    assert 303 == made.status_code
    path = made.headers["location"].partition("?")[0]
    assert 303 == (await admin.post(f"{path}/members", {"who": MARIA}, page=path)).status_code
    assert ({"Night shift"}, set()) == await standing_of(ready, MARIA)
    assert "Night shift After ten 1" in words(await admin.get(PATH))

    assert 303 == (await admin.post(path, {"name": "Day shift", "description": ""})).status_code
    assert ({"Day shift"}, set()) == await standing_of(ready, MARIA)

    assert 409 == (await admin.post(f"{path}/delete", {"confirmation": "day"}, page=path)).status_code
    assert 303 == (await admin.post(f"{path}/delete", {"confirmation": "Day shift"}, page=path)).status_code
    assert (set(), set()) == await standing_of(ready, MARIA)
    assert 404 == (await admin.get(path)).status_code
    log = words(await admin.get("/settings/audit-log"))
    for word in ("Group added", "Added to group", "Group changed", "Name: Night shift to Day shift", "Group deleted"):
        assert word in log


@pytest.mark.parametrize("name", ["", "a,b", "x" * 81, "two\x07bells"])
async def test_a_name_that_a_header_cannot_carry_is_refused(name: str, house: House, admin: Browser) -> None:
    answer = await admin.post(PATH, {"name": name})

    assert 422 == answer.status_code
    assert "Name has 1 to 80 characters, and no comma." in words(answer)


async def test_two_groups_are_never_called_the_same(house: House, admin: Browser) -> None:
    await make_group(house, "Staff")
    other = await make_group(house, "Board")

    for path in (PATH, f"{PATH}/{other}"):
        answer = await admin.post(path, {"name": "STAFF", "description": ""})
        assert 422 == answer.status_code
        assert "Another group is called so." in words(answer)


async def test_a_member_is_found_by_address_or_user_name_and_nobody_else(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    provider.person.email_verified = False
    await browser.sso()
    group_id = await make_group(ready, "Staff")
    path = f"{PATH}/{group_id}"

    assert 409 == (await admin.post(f"{path}/members", {"who": "nobody@example.com"}, page=path)).status_code
    assert 409 == (await admin.post(f"{path}/members", {"who": "  "}, page=path)).status_code
    assert 303 == (await admin.post(f"{path}/members", {"who": "MARIA@example.com"}, page=path)).status_code
    assert ({"Staff"}, set()) == await standing_of(ready, MARIA)


async def test_what_a_rule_or_scim_says_is_not_taken_away_by_hand(
    ready: House, admin: Browser, browser: Browser
) -> None:
    await browser.sso()
    group_id = await make_group(ready, "Staff")
    await put_in(ready, group_id, MARIA, source=SCIM)
    account = await account_named(ready, MARIA)
    path = f"{PATH}/{group_id}"
    assert "by SCIM" in words(await admin.get(path))
    assert "Take out" not in words(await admin.get(path))

    answer = await admin.post(f"{path}/members/remove", {"account": account.id}, page=path)

    assert 409 == answer.status_code
    assert ({"Staff"}, set()) == await standing_of(ready, MARIA)


async def test_a_rule_follows_a_group_under_its_new_name(ready: House, admin: Browser, browser: Browser) -> None:
    group_id = await make_group(ready, "Staff")
    await set_people(ready, rules=(rule("email", "maria", group_id),))
    path = f"{PATH}/{group_id}"
    assert 303 == (await admin.post(path, {"name": "People", "description": ""})).status_code

    await browser.sso()

    assert ({"People"}, set()) == await standing_of(ready, MARIA)


async def test_the_page_of_a_person_says_which_groups_and_roles_and_why(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    group_id = await make_group(ready, "Desk", role=USER_ADMINISTRATOR)
    await set_people(ready, rules=(rule("email", "maria", group_id),))
    browser = new_browser()
    await browser.sso()
    await put_in(ready, group_id, MARIA)
    await browser.get("/settings/general")
    account = await account_named(ready, MARIA)

    page = words(await admin.get(f"/settings/users/{account.id}"))

    assert "Desk by hand by a rule, oidc" in page
    assert "through the group Desk" in page
    assert "everybody has it" in page


async def test_users_are_found_by_status_rights_group_and_provider(
    ready: House, admin: Browser, browser: Browser
) -> None:
    await browser.sso()
    group_id = await make_group(ready, "Staff")
    await put_in(ready, group_id, MARIA)

    async def shown(query: str) -> tuple[bool, bool]:
        page = (await admin.get(f"/settings/users?{query}")).text
        return f">{ADMIN}</a>" in page, f">{MARIA}</a>" in page

    assert (True, True) == await shown("")
    assert (True, False) == await shown("rights=administrators")
    assert (False, True) == await shown(f"group={group_id}")
    assert (False, True) == await shown("provider=oidc")
    assert (True, True) == await shown("status=enabled")
    assert (False, False) == await shown("status=disabled")
    assert (False, True) == await shown("status=enabled&q=maria")


async def test_one_session_is_ended_and_the_others_stay(ready: House, admin: Browser, new_browser: NewBrowser) -> None:
    first, second = new_browser(), new_browser(address="203.0.113.99")
    await first.sso()
    await second.sso()
    account = await account_named(ready, MARIA)
    path = f"/settings/users/{account.id}"
    row = (await admin.get(path)).text.split("203.0.113.99")[1]
    key = row.split('name="session" value="')[1].split('"')[0]

    assert 303 == (await admin.post(f"{path}/end-session", {"session": key}, page=path)).status_code

    assert 303 == (await second.get("/user/account")).status_code
    assert 200 == (await first.get("/user/account")).status_code
    for nothing in (key, "zz", ""):
        assert 409 == (await admin.post(f"{path}/end-session", {"session": nothing}, page=path)).status_code


async def test_a_refusal_is_found_on_the_page_of_the_person(
    ready: House, admin: Browser, new_browser: NewBrowser
) -> None:
    await new_browser().sso()
    account = await account_named(ready, MARIA)
    path = f"/settings/users/{account.id}"
    await admin.post(f"{path}/disable", page=path)
    assert 403 == (await new_browser().sso()).status_code

    assert "account_disabled" in words(await admin.get(path)).partition("Last refusals")[2]


async def test_a_user_administrator_does_not_read_the_audit_log_there(ready: House, browser: Browser) -> None:
    await browser.sso()
    await give_role(ready, MARIA, USER_ADMINISTRATOR)
    account = await account_named(ready, ADMIN)

    page = words(await browser.get(f"/settings/users/{account.id}"))

    assert "Last refusals" not in page
    assert "has rights that you do not have" in page
