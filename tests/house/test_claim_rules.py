"""Rules on claims: groups and roles of a sign-in; rule 28 (an administrator by an explicit rule only, and logged)."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.house.app import House
from poolhouse.house.claim_rules import due_of, is_true, read_rule
from poolhouse.house.people import ClaimRule
from poolhouse.house.roles import ADMINISTRATOR, AUDITOR, USER_ADMINISTRATOR
from poolhouse.house.rule_changes import RuleWatch
from tests.house.op import Provider, merged
from tests.house.people import authority, give_role, make_group, newcomers, put_in, rule, set_people, standing_of
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]
MARIA = "maria@example.com"
RULES = "/settings/entry/rules"


@pytest.mark.parametrize(
    ("test", "claim", "expected"),
    [
        ("equals", "staff", True),
        ("equals", "staffing", False),
        ("equals", ["staff"], True),
        ("equals", ["staff", "it"], False),
        ("equals", None, False),
        ("contains", ["it", "staff"], True),
        ("contains", ["staffing"], False),
        ("contains", "our staff", True),
        ("contains", 7, False),
        ("contains", {"staff": 1}, False),
    ],
)
def test_a_rule_fits_a_text_or_a_member_of_a_list(test: str, claim: Any, expected: bool) -> None:
    assert expected is is_true(rule("groups", "staff", "g-1", test=test), {"groups": claim})


@pytest.mark.parametrize(("value", "wanted"), [(True, "true"), (False, "false"), (7, "7")])
def test_numbers_and_yes_or_no_are_compared_as_text(value: Any, wanted: str) -> None:
    assert is_true(rule("x", wanted, "g-1", test="equals"), {"x": value})


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "a@EXAMPLE.com", "email_verified": True}, True),
        ({"email": "a@example.com"}, False),
        ({"email": "a@example.com", "email_verified": "true"}, False),
        ({"email": "a@b@example.com", "email_verified": True}, False),
        ({"email": "a@sub.example.com", "email_verified": True}, False),
        ({"email": "a@example.com.evil.org", "email_verified": True}, False),
    ],
)
def test_a_domain_counts_only_of_a_verified_address(claims: dict[str, Any], expected: bool) -> None:
    assert expected is is_true(rule("email", "example.com", "g-1", test="matches-domain"), claims)


@given(
    st.dictionaries(
        st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()))
    )
)
def test_whatever_is_claimed_only_rules_give_anything(claims: dict[str, Any]) -> None:
    assert not due_of((), "oidc", claims).groups | due_of((), "oidc", claims).roles
    found = due_of((rule("groups", "staff", "g-1"),), "oidc", claims)
    assert found.groups <= {"g-1"}
    assert not found.roles


def test_a_rule_of_one_provider_does_not_hold_for_another() -> None:
    rules = (rule("groups", "staff", "g-1", provider="google"),)

    assert not due_of(rules, "oidc", {"groups": ["staff"]}).groups
    assert due_of(rules, "google", {"groups": ["staff"]}).groups


@pytest.mark.parametrize(
    "wrong",
    [
        {"claim": " "},
        {"value": ""},
        {"test": "matches-domain", "value": "no domain"},
        {"group_id": "g-none"},
        {"role": "auditor"},
        {"group_id": "", "role": "emperor"},
        {"group_id": ""},
        {"provider": "gone"},
    ],
)
def test_a_rule_that_means_nothing_is_not_kept(wrong: dict[str, Any]) -> None:
    fields = {"claim": "groups", "value": "staff", "group_id": "g-1", **wrong}

    assert isinstance(read_rule(ClaimRule(**fields), group_ids=["g-1"], provider_ids=["oidc"]), str)


async def test_a_sign_in_adds_and_removes_what_rules_say_and_nothing_else(
    ready: House, new_browser: NewBrowser, provider: Provider
) -> None:
    staff, board = await make_group(ready, "Staff"), await make_group(ready, "Board")
    await set_people(ready, rules=(rule("groups", "staff", staff), rule("groups", "audit", AUDITOR)))
    provider.person.extra = {"groups": ["staff", "audit"]}
    await new_browser().sso()
    await put_in(ready, board, MARIA)

    assert ({"Staff", "Board"}, {AUDITOR}) == await standing_of(ready, MARIA)

    provider.person.extra = {"groups": []}
    await new_browser().sso()

    assert ({"Board"}, set()) == await standing_of(ready, MARIA)


async def test_what_the_provider_calls_groups_gives_no_group_of_the_house_without_a_rule(
    ready: House, browser: Browser, provider: Provider
) -> None:
    await make_group(ready, "Staff", role=ADMINISTRATOR)
    provider.person.extra = {"groups": ["Staff", "administrator"], "roles": ["administrator"]}

    await browser.sso()

    assert (set(), set()) == await standing_of(ready, MARIA)
    assert 403 == (await browser.get("/settings/users")).status_code


async def test_somebody_becomes_administrator_by_an_explicit_rule_and_it_is_logged(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    await set_people(ready, rules=(rule("groups", "bosses", ADMINISTRATOR, test="equals"),))
    provider.person.extra = {"groups": ["bosses"]}

    await browser.sso()

    assert 200 == (await browser.get("/settings/general")).status_code
    log = words(await admin.get("/settings/audit-log?event=role_given"))
    assert "Role given" in log
    assert "rule on claims, oidc" in log
    assert "Instance Administrator" in log


async def test_more_powers_take_a_new_session(ready: House, new_browser: NewBrowser, provider: Provider) -> None:
    first, second = new_browser(), new_browser()
    await first.sso()
    await set_people(ready, rules=(rule("groups", "users", USER_ADMINISTRATOR),))
    provider.person.extra = {"groups": ["users"]}

    await second.sso()

    assert 303 == (await first.get("/")).status_code
    assert 200 == (await second.get("/settings/users")).status_code


async def test_a_rule_never_removes_the_last_administrator_who_can_sign_in(
    ready: House, admin: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    await set_people(ready, rules=(rule("groups", "bosses", ADMINISTRATOR),))
    provider.person.extra = {"groups": ["bosses"]}
    maria = new_browser()
    await maria.sso()
    assert (
        303
        == (
            await maria.post("/settings/authentication/form-login/disconnect", page="/settings/authentication")
        ).status_code
    )
    provider.person.extra = {"groups": []}

    assert 303 == (await new_browser().sso()).status_code

    assert ADMINISTRATOR in (await standing_of(ready, MARIA))[1]
    maria = new_browser()
    await maria.sso()
    assert "Role kept" in words(await maria.get("/settings/audit-log"))


async def test_a_rule_is_tried_before_it_is_added_and_holds_at_once(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    group_id = await make_group(ready, "Staff")
    provider.person.extra = {"department": "it"}
    await browser.sso()
    form = {"claim": "department", "test": "equals", "value": "it", "provider": "oidc", "gives": f"group:{group_id}"}

    tried = words(await admin.post(f"{RULES}/preview", {**form, "who": MARIA}, page=RULES))
    assert "Groups by rules Staff" in tried
    assert "1 person who is here" in tried
    assert (set(), set()) == await standing_of(ready, MARIA)
    pasted = words(await admin.post(f"{RULES}/preview", {**form, "claims": '{"department": "hr"}'}, page=RULES))
    assert "Groups by rules None" in pasted

    assert 303 == (await admin.post(RULES, form)).status_code
    assert ({"Staff"}, set()) == await standing_of(ready, MARIA)

    page = await admin.get(RULES)
    name = page.text.split('name="rule" value="')[1].split('"')[0]
    assert 303 == (await admin.post(f"{RULES}/remove", {"rule": unescape(name)}, page=RULES)).status_code
    assert (set(), set()) == await standing_of(ready, MARIA)
    log = words(await admin.get("/settings/audit-log?event=settings_changed"))
    assert "added: department equals it gives group Staff" in log
    assert "removed: department equals it gives group Staff" in log


@pytest.mark.parametrize("claims", ["[]", "no", "{", '"text"', "[" * 15_000])
async def test_a_preview_says_what_is_wrong_with_pasted_claims(claims: str, ready: House, admin: Browser) -> None:
    await make_group(ready, "Staff")

    answer = await admin.post(f"{RULES}/preview", {"claims": claims}, page=RULES)

    assert 422 == answer.status_code
    assert "must be one JSON object" in words(answer)


async def test_a_user_administrator_does_not_write_rules(ready: House, browser: Browser) -> None:
    await browser.sso()
    await give_role(ready, MARIA, USER_ADMINISTRATOR)

    assert 200 == (await browser.get("/settings/users")).status_code
    for path in (RULES, "/settings/entry"):
        assert 403 == (await browser.get(path)).status_code
    form = {"claim": "sub", "test": "contains", "value": "a", "gives": f"role:{ADMINISTRATOR}"}
    for path in (RULES, f"{RULES}/preview", "/settings/entry"):
        assert 403 == (await browser.post(path, form, page="/user/account")).status_code
    assert (set(), {USER_ADMINISTRATOR}) == await standing_of(ready, MARIA)


async def test_rules_that_are_changed_elsewhere_are_applied_by_the_house_itself(
    ready: House, admin: Browser, browser: Browser
) -> None:
    group_id = await make_group(ready, "Staff")
    await browser.sso()
    watch = RuleWatch(ready.ctx)
    await set_people(ready, rules=(rule("email", "maria", group_id), rule("email", "maria", AUDITOR)))

    await watch.look(ready.ctx)
    assert ({"Staff"}, {AUDITOR}) == await standing_of(ready, MARIA)
    assert 303 == (await browser.get("/user/account")).status_code

    await set_people(ready, rules=())
    await watch.look(ready.ctx)
    assert (set(), set()) == await standing_of(ready, MARIA)
    assert "Taken out of group" in words(await admin.get("/settings/audit-log"))


async def test_what_was_said_of_a_provider_ends_with_it_and_is_not_true_of_the_next_one(
    ready: House, admin: Browser, browser: Browser, provider: Provider
) -> None:
    for_all = rule("sub", "nobody", USER_ADMINISTRATOR)
    await set_people(
        ready,
        rules=(rule("groups", "bosses", ADMINISTRATOR, provider="oidc"), for_all),
        authorities=(authority("example.com"),),
        newcomers_of={"oidc": newcomers("everybody")},
        newcomers=newcomers("invited"),
    )
    await admin.post("/settings/provisioning", {"has-is_enabled": "1", "is_enabled": "on", "provider": "oidc"})
    page = "/settings/authentication"
    gone = await admin.post(f"{page}/oidc/disconnect", {"confirmation": "disconnect"}, page=page)
    assert 303 == gone.status_code

    assert await ready.use_oidc(provider.settings())
    provider.change_claims = merged(groups=["bosses"])
    answer = await browser.sso()

    assert 403 == answer.status_code
    document = ready.ctx.live.document
    assert ((for_all,), (), {}) == (document.people.rules, document.people.authorities, document.people.newcomers_of)
    assert "" == document.provisioning.provider
