"""Admin Settings > Who may come in > Claim rules, with a preview."""

from collections.abc import Mapping
from typing import Any, cast, get_args

import msgspec

from poolhouse.house.claim_rules import RULES_LIMIT, Due, due_of, read_rule
from poolhouse.house.context import Context
from poolhouse.house.groups import find_person
from poolhouse.house.guards import Refused
from poolhouse.house.pages.entry import RULES_PATH, TABS
from poolhouse.house.pages.frame import ENTRY, account_of, page
from poolhouse.house.pages.query import read_query
from poolhouse.house.people import ClaimRule, Group, Test
from poolhouse.house.provider import title
from poolhouse.house.roles import GRANTED, ROLES
from poolhouse.house.rule_changes import Rules, count_changed, due_of_account, rule_name, save_rules
from poolhouse.house.store import groups
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect

CLAIMS_LIMIT = 20_000
TESTS: tuple[tuple[Test, str], ...] = (
    ("equals", "equals"),
    ("contains", "contains"),
    ("matches-domain", "is an address of the domain"),
)
_DONE = {"added": "Rule added and applied", "removed": "Rule removed, with what it gave"}


class Preview(msgspec.Struct, frozen=True):
    """What would come of it: for whom, with which groups and roles, and for how many it differs from now."""

    who: str
    groups: list[str]
    roles: list[str]
    changed: int


class Draft(msgspec.Struct, frozen=True):
    """The form: the rule if it can be read, otherwise what is wrong with it."""

    rule: ClaimRule | None
    error: str
    is_empty: bool


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/entry/rules``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def add(ctx: Context, visit: Visit) -> Reply:
    """Holds at once, for everybody whose claims are known."""
    all_groups = await ctx.db.read(groups.all_groups)
    draft = _draft(ctx, visit.form, all_groups)
    if draft.rule is None or len(ctx.live.document.people.rules) >= RULES_LIMIT:
        return await _page(ctx, visit, status=422, error=draft.error or f"There are {RULES_LIMIT} rules already.")
    words = f"added: {_words(ctx, draft.rule, all_groups)}"
    try:
        await save_rules(ctx, visit, account_of(visit), add=draft.rule, remove="", words=words)
    except Refused as refused:
        return await _page(ctx, visit, status=409, error=str(refused))
    return redirect(f"{RULES_PATH}?done=added")


async def remove(ctx: Context, visit: Visit) -> Reply:
    """What it gave is taken away at once."""
    name = visit.form.get("rule", "")
    found = next((each for each in ctx.live.document.people.rules if rule_name(each) == name), None)
    if found is not None:
        words = f"removed: {_words(ctx, found, await ctx.db.read(groups.all_groups))}"
        try:
            await save_rules(ctx, visit, account_of(visit), add=None, remove=name, words=words)
        except Refused as refused:
            return await _page(ctx, visit, status=409, error=str(refused))
    return redirect(f"{RULES_PATH}?done=removed")


async def preview(ctx: Context, visit: Visit) -> Reply:
    """The rules that hold and the one in the form, tried on somebody or on pasted claims; nothing is changed."""
    all_groups = await ctx.db.read(groups.all_groups)
    draft = _draft(ctx, visit.form, all_groups)
    if draft.error and not draft.is_empty:
        return await _page(ctx, visit, status=422, error=draft.error)
    before = ctx.live.document.people.rules
    after = (*before, draft.rule) if draft.rule is not None else before
    tried = await _try(ctx, visit.form, after)
    if isinstance(tried, str):
        return await _page(ctx, visit, status=422, preview_error=tried)
    who, due = tried
    names = {each.id: each.name for each in all_groups}
    shown = Preview(
        who=who,
        groups=sorted(names[each] for each in due.groups if each in names),
        roles=[role.name for role in ROLES.values() if role.id in due.roles],
        changed=await count_changed(ctx, before, after),
    )
    return await _page(ctx, visit, shown=shown)


async def _try(ctx: Context, form: Mapping[str, str], rules: Rules) -> tuple[str, Due] | str:
    pasted, typed = form.get("claims", "").strip(), form.get("who", "").strip()
    if pasted:
        claims = _claims(pasted)
        provider = form.get("provider", "")
        if claims is None:
            return 'The claims must be one JSON object, such as {"groups": ["staff"]}.'
        return "Who has these claims", due_of(rules, provider, claims)
    if not typed:
        return "", Due()
    account = await ctx.db.read(lambda tx: find_person(tx, typed))
    if account is None:
        return "Nobody has this e-mail address or user name."
    due, said = await due_of_account(ctx, account, rules)
    if not said:
        return f"{account.username} has not signed in at a provider yet, so no claims are known."
    return account.username, due


def _claims(pasted: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(pasted, type=dict[str, Any]) if len(pasted) <= CLAIMS_LIMIT else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _draft(ctx: Context, form: Mapping[str, str], all_groups: list[Group]) -> Draft:
    kind, _, gift = form.get("gives", "").partition(":")
    test = form.get("test", "")
    entered = ClaimRule(
        provider=form.get("provider", ""),
        claim=form.get("claim", ""),
        test=cast("Test", test if test in get_args(Test) else "equals"),
        value=form.get("value", ""),
        group_id=gift if kind == "group" else "",
        role=gift if kind == "role" else "",
    )
    providers = ctx.live.document.providers
    read = read_rule(entered, group_ids=[g.id for g in all_groups], provider_ids=[p.id for p in providers])
    is_empty = not (entered.claim.strip() or entered.value.strip())
    return Draft(None, read, is_empty) if isinstance(read, str) else Draft(read, "", is_empty)


def _words(ctx: Context, rule: ClaimRule, all_groups: list[Group]) -> str:
    group = next((each.name for each in all_groups if each.id == rule.group_id), rule.group_id)
    gives = f"role {ROLES[rule.role].name if rule.role in ROLES else rule.role}" if rule.role else f"group {group}"
    return f"{rule.claim} {dict(TESTS)[rule.test]} {rule.value} gives {gives} ({_provider(ctx, rule.provider)})"


def _provider(ctx: Context, provider_id: str) -> str:
    if not provider_id:
        return "all providers"
    return next((title(each) for each in ctx.live.document.providers if each.id == provider_id), provider_id)


async def _page(
    ctx: Context,
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    error: str = "",
    preview_error: str = "",
    shown: Preview | None = None,
) -> Reply:
    all_groups = await ctx.db.read(groups.all_groups)
    names = {each.id: each.name for each in all_groups}
    return page(
        ctx,
        visit,
        "claim_rules.html",
        current=ENTRY,
        status=status,
        done=done,
        tabs=TABS,
        error=error,
        preview_error=preview_error,
        shown=shown,
        form=visit.form,
        rules=[(each, rule_name(each), _provider(ctx, each.provider)) for each in ctx.live.document.people.rules],
        tests=TESTS,
        test_words=dict(TESTS),
        group_names=names,
        role_names={role.id: role.name for role in ROLES.values()},
        provider_options=[("", "All providers"), *((each.id, title(each)) for each in ctx.live.document.providers)],
        gift_options=[
            *((f"group:{each.id}", f"Group {each.name}") for each in all_groups),
            *((f"role:{role.id}", f"Role {role.name}") for role in reversed(GRANTED)),
        ],
    )
