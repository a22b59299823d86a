"""What a role lets somebody do, and that nobody climbs by it."""

from collections.abc import Callable

import pytest

from poolhouse.house.admission import Access
from poolhouse.house.app import House
from poolhouse.house.roles import ADMINISTRATOR, APP_ADMINISTRATOR, AUDITOR, GRANTED, USER_ADMINISTRATOR
from poolhouse.house.routes import ROUTES
from poolhouse.house.store import invitations
from tests.house.op import Provider
from tests.house.people import account_named, give_role, make_group, put_in, standing_of
from tests.house.world import ADMIN, Browser, words

NewBrowser = Callable[..., Browser]
MARIA = "maria@example.com"
MAY = {
    USER_ADMINISTRATOR: {Access.PEOPLE, Access.PEOPLE_OR_APPS},
    APP_ADMINISTRATOR: {Access.APPS, Access.PEOPLE_OR_APPS},
    AUDITOR: {Access.AUDIT},
    ADMINISTRATOR: set(Access),
}


@pytest.fixture
async def maria(ready: House, browser: Browser) -> Browser:
    """A user administrator, signed in."""
    await browser.sso()
    await give_role(ready, MARIA, USER_ADMINISTRATOR)
    return browser


async def paul(new_browser: NewBrowser, provider: Provider) -> Browser:
    """Somebody else, signed in."""
    provider.person.sub, provider.person.email, provider.person.name = "paul", "paul@example.com", "Paul"
    browser = new_browser(address="203.0.113.9")
    await browser.sso()
    return browser


@pytest.mark.parametrize("role", [each.id for each in GRANTED])
async def test_a_role_opens_its_own_pages_and_no_others(role: str, ready: House, browser: Browser) -> None:
    await browser.sso()
    await give_role(ready, MARIA, role)

    for row in ROUTES:
        if row.method != "GET" or row.access in {Access.PUBLIC, Access.SIGNED_IN}:
            continue
        status = (await browser.get(row.path.replace("{id}", "none"))).status_code
        assert (status != 403) is (row.access in MAY[role]), row.path


async def test_the_navigation_shows_what_a_role_may_open(ready: House, maria: Browser) -> None:
    page = words(await maria.get("/"))

    assert "Admin Settings People Users Groups Roles Invitations" in page
    for word in ("General", "Authentication", "Audit log", "Apps"):
        assert f"{word} " not in page.split("Admin Settings")[1].split("Home")[0]
    assert "/settings/users" == (await maria.get("/settings")).headers["location"]


async def test_a_role_through_a_group_counts_and_ends_with_the_membership(
    ready: House, admin: Browser, browser: Browser
) -> None:
    group_id = await make_group(ready, "Auditors", role=AUDITOR)
    await browser.sso()
    await put_in(ready, group_id, MARIA)
    assert 200 == (await browser.get("/settings/audit-log")).status_code
    account = await account_named(ready, MARIA)

    removed = await admin.post(
        f"/settings/groups/{group_id}/members/remove", {"account": account.id}, page=f"/settings/groups/{group_id}"
    )

    assert 303 == removed.status_code
    assert 303 == (await browser.get("/settings/audit-log")).status_code
    await browser.sso()
    assert 403 == (await browser.get("/settings/audit-log")).status_code


async def test_a_user_administrator_makes_no_administrator(
    ready: House, maria: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await paul(new_browser, provider)
    account = await account_named(ready, "paul@example.com")

    for role in (ADMINISTRATOR, APP_ADMINISTRATOR, AUDITOR, "emperor", "default"):
        answer = await maria.post("/settings/roles/give", {"who": account.email, "role": role}, page="/settings/roles")
        assert role == "default" or 409 == answer.status_code, role
    path = f"/settings/users/{account.id}"
    assert 409 == (await maria.post(f"{path}/make-administrator", page=path)).status_code
    assert "Make administrator" not in words(await maria.get(path))

    assert (set(), set()) == await standing_of(ready, "paul@example.com")


@pytest.mark.parametrize("deed", ["disable", "delete", "end-sessions", "remove-administrator", "end-session"])
async def test_a_user_administrator_does_not_touch_an_administrator(
    deed: str, ready: House, admin: Browser, maria: Browser
) -> None:
    account = await account_named(ready, ADMIN)
    path = f"/settings/users/{account.id}"

    answer = await maria.post(f"{path}/{deed}", {"confirmation": ADMIN, "session": "00"}, page="/settings/users?q=x")

    assert answer.status_code in {403, 409}
    assert 200 == (await admin.get("/settings/general")).status_code
    assert (set(), {ADMINISTRATOR}) == await standing_of(ready, ADMIN)


async def test_a_user_administrator_takes_nothing_from_an_administrator_and_signs_none_out(
    ready: House, admin: Browser, maria: Browser
) -> None:
    group_id = await make_group(ready, "Staff")
    await put_in(ready, group_id, ADMIN)
    await give_role(ready, ADMIN, USER_ADMINISTRATOR)
    boss = await account_named(ready, ADMIN)

    role = await maria.post(
        "/settings/roles/take", {"role": USER_ADMINISTRATOR, "account": boss.id}, page="/settings/roles"
    )
    member = await maria.post(
        f"/settings/groups/{group_id}/members/remove", {"account": boss.id}, page=f"/settings/groups/{group_id}"
    )

    assert (409, 409) == (role.status_code, member.status_code)
    assert ({"Staff"}, {ADMINISTRATOR, USER_ADMINISTRATOR}) == await standing_of(ready, ADMIN)
    assert 200 == (await admin.get("/settings/general")).status_code


async def test_a_user_administrator_takes_no_invitation_back_that_gives_more_than_theirs(
    ready: House, admin: Browser, maria: Browser
) -> None:
    form = {"emails": "boss@example.com", f"role-{ADMINISTRATOR}": "on"}
    assert 200 == (await admin.post("/settings/invitations", form)).status_code
    invited = (await ready.ctx.db.read(invitations.list_invitations))[0]

    path = f"/settings/invitations/{invited.id}/revoke"
    revoked = await maria.post(path, page="/settings/invitations")
    replaced = await maria.post("/settings/invitations", {"emails": "boss@example.com"})

    assert (409, 409) == (revoked.status_code, replaced.status_code)
    assert [invited] == await ready.ctx.db.read(invitations.list_invitations)


async def test_nobody_climbs_through_a_group(
    ready: House, maria: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await paul(new_browser, provider)
    bosses, plain = await make_group(ready, "Bosses", role=ADMINISTRATOR), await make_group(ready, "Plain")
    path = f"/settings/groups/{bosses}"

    for who in (MARIA, "paul@example.com"):
        assert 409 == (await maria.post(f"{path}/members", {"who": who}, page="/settings/groups")).status_code
    role = {"role": ADMINISTRATOR}
    assert 409 == (await maria.post(f"/settings/groups/{plain}/roles", role, page="/settings/groups")).status_code
    assert 409 == (await maria.post(f"{path}/roles/remove", role, page="/settings/groups")).status_code
    assert 409 == (await maria.post(f"{path}/delete", {"confirmation": "Bosses"}, page="/settings/groups")).status_code
    # Under another name somebody who may would put people into it.
    assert 409 == (await maria.post(path, {"name": "Newsletter"}, page="/settings/groups")).status_code

    assert (set(), {USER_ADMINISTRATOR}) == await standing_of(ready, MARIA)
    assert (set(), set()) == await standing_of(ready, "paul@example.com")


async def test_a_user_administrator_gives_what_they_have(
    ready: House, maria: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await paul(new_browser, provider)

    form = {"who": "paul@example.com", "role": USER_ADMINISTRATOR}
    assert 303 == (await maria.post("/settings/roles/give", form, page="/settings/roles")).status_code

    assert (set(), {USER_ADMINISTRATOR}) == await standing_of(ready, "paul@example.com")


async def test_an_app_administrator_puts_no_app_at_the_houses_own_address(ready: House, browser: Browser) -> None:
    await browser.sso()
    await give_role(ready, MARIA, APP_ADMINISTRATOR)
    form = {"name": "Wiki", "gate": "on", "upstream": "http://127.0.0.1:9", "timezone": "UTC",
            "answer_seconds": "60", "idle_seconds": "300", "body_megabytes": "0"}  # fmt: skip

    for url in ("http://localhost:8500/apps/wiki/", "http://LOCALHOST:8500/apps/wiki/"):
        answer = await browser.post("/settings/apps/new", {**form, "url": url})
        assert 422 == answer.status_code
        assert "Only an instance administrator" in words(answer)
    apart = await browser.post("/settings/apps/new", {**form, "url": "http://wiki.localhost:8500/"})
    assert "Only an instance administrator" not in words(apart)


async def test_the_last_administrator_is_not_lost_with_a_group(
    ready: House, new_browser: NewBrowser, admin: Browser
) -> None:
    group_id = await make_group(ready, "Bosses", role=ADMINISTRATOR)
    browser = new_browser()
    await browser.sso()
    await put_in(ready, group_id, MARIA)
    account = await account_named(ready, ADMIN)
    path = f"/settings/users/{account.id}"
    assert 303 == (await browser.post(f"{path}/remove-administrator", page=path)).status_code

    group = f"/settings/groups/{group_id}"
    maria = await account_named(ready, MARIA)
    for deed, form in (
        ("delete", {"confirmation": "Bosses"}),
        ("roles/remove", {"role": ADMINISTRATOR}),
        ("members/remove", {"account": maria.id}),
    ):
        answer = await browser.post(f"{group}/{deed}", form, page=group)
        assert 409 == answer.status_code
        assert "last administrator" in words(answer)
    assert (({"Bosses"}), {ADMINISTRATOR}) == await standing_of(ready, MARIA)


async def test_the_page_of_roles_says_who_has_each_and_why(ready: House, admin: Browser, maria: Browser) -> None:
    await make_group(ready, "Night shift", role=AUDITOR)

    page = words(await admin.get("/settings/roles"))

    assert f"{MARIA} by hand" in page
    assert "Everybody in Night shift through the group" in page
    assert "Manage users, groups and invitations" in page


async def test_a_role_is_taken_away_at_once(ready: House, admin: Browser, maria: Browser) -> None:
    account = await account_named(ready, MARIA)

    form = {"role": USER_ADMINISTRATOR, "account": account.id}
    assert 303 == (await admin.post("/settings/roles/take", form, page="/settings/roles")).status_code

    assert 303 == (await maria.get("/settings/users")).status_code
    await maria.sso()
    assert 403 == (await maria.get("/settings/users")).status_code
    log = words(await admin.get("/settings/audit-log?event=role_taken"))
    assert "Role taken away" in log
    assert "User Administrator" in log


async def test_an_auditor_reads_and_exports_and_is_led_nowhere_else(ready: House, browser: Browser) -> None:
    await browser.sso()
    await give_role(ready, MARIA, AUDITOR)

    page = await browser.get("/settings/audit-log")

    assert MARIA in words(page)
    assert 'href="/settings/users/' not in page.text
    assert "How long events are kept" not in words(page)
    answer = await browser.post("/settings/audit-log/keep", {"days": "1"}, page="/user/account")
    assert 403 == answer.status_code
    assert 200 == (await browser.get("/settings/audit-log/export")).status_code
