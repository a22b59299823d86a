"""
Admin Settings > What if: whether somebody could open an app, and what other rules would change.

Names of people are for those who manage people; others get numbers.
"""

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.gate import Policy
from poolhouse.house.gateway import policy as policies
from poolhouse.house.gateway.policy import BadRule, Facts
from poolhouse.house.groups import find_person
from poolhouse.house.model import App, AuditEvent
from poolhouse.house.pages.app_gate import policy_fields, read_policy
from poolhouse.house.pages.frame import APPS, WHAT_IF, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import with_query
from poolhouse.house.portal.rules import Rule, explain
from poolhouse.house.portal.what_if import Change, compare, facts_of
from poolhouse.house.roles import Power
from poolhouse.house.store import apps, audit
from poolhouse.house.store.everybody import Known, everybody
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PATH = WHAT_IF.href
WEEK_SECONDS = 7 * 86_400
OPENINGS = 5_000
_FORM = ("app", "who", "email", "groups", "claims", "address", "at")


class _Wrong(Exception):
    """What cannot be judged; field, and a sentence for it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/what-if``."""
    return await _ask(ctx, visit, {"address": visit.address})


async def judge(ctx: Context, visit: Visit) -> Reply:
    """The verdict, with each rule.  A form, not a query: addresses of people do not belong into URLs."""
    entered = {name: visit.form.get(name, "").strip() for name in _FORM}
    try:
        app, rules_there, facts = await _facts(ctx, visit, entered)
        rules = explain(rules_there, facts)
    except _Wrong as wrong:
        return await _ask(ctx, visit, entered, errors={wrong.field: str(wrong)}, status=422)
    except BadRule as wrong:
        return await _ask(ctx, visit, entered, errors={"app": f"Its rules cannot be read: {wrong}."}, status=422)
    return await _ask(ctx, visit, entered, app=app, rules=rules)


async def _facts(ctx: Context, visit: Visit, entered: Mapping[str, str]) -> tuple[App, Policy, Facts]:
    now = _moment(entered["at"], ctx.clock.now())

    async def unit(tx: ReadTx) -> tuple[App | None, Known | None]:
        app = await apps.find_app(tx, entered["app"])
        if not entered["who"]:
            return app, None
        account = await find_person(tx, entered["who"])
        people, _ = await everybody(tx, now=ctx.clock.now())
        return app, next((each for each in people if account is not None and each.account.id == account.id), None)

    if entered["who"] and Power.PEOPLE not in session_of(visit).powers:
        raise _Wrong("who", "Only administrators who manage users can choose a person. Make one up below.")
    address = _address(entered["address"])
    app, known = await ctx.db.read(unit)
    if app is None or (app.gate is None and not app.is_broken):
        raise _Wrong("app", "Choose an app behind the gateway.")
    if app.gate is None:
        raise _Wrong("app", "Its settings cannot be read, so nobody may open it.")
    if known is not None:
        return app, app.gate.policy, facts_of(known, now=now, address=address)
    if entered["who"]:
        raise _Wrong("who", "Nobody who is enabled has this e-mail address or user name.")
    claims = _claims(entered["claims"])
    names = tuple(line.strip() for line in entered["groups"].splitlines() if line.strip())
    groups = tuple(dict.fromkeys((*names, *policies.groups_of(claims))))
    return (
        app,
        app.gate.policy,
        Facts(email=entered["email"], groups=groups, claims=claims, address=address, now=now),
    )


def _claims(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any]) if text else {}
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise _Wrong("claims", 'Claims are a JSON object, such as {"department": "it"}.') from wrong


def _address(text: str) -> str:
    """An IP address; what is none would hold in no network, and so tell nothing."""
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError as wrong:
        raise _Wrong("address", "Write an IP address, such as 10.0.0.7 or 2001:db8::7.") from wrong


def _moment(text: str, now: Epoch) -> Epoch:
    """A time of UTC as browsers write it; now if it is empty."""
    try:
        return Epoch(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())) if text else now
    except (ValueError, OverflowError) as wrong:
        raise _Wrong("at", "Write it as 2026-03-31T18:00.") from wrong


async def _ask(
    ctx: Context,
    visit: Visit,
    entered: Mapping[str, str],
    *,
    app: App | None = None,
    rules: tuple[Rule, ...] | None = None,
    errors: Mapping[str, str] = {},
    status: int = 200,
) -> Reply:
    everything = await ctx.db.read(apps.list_apps)
    return page(
        ctx,
        visit,
        "what_if.html",
        current=WHAT_IF,
        status=status,
        app_options=[(each.id, each.name) for each in everything if each.gate is not None or each.is_broken],
        entered={name: entered.get(name, "") for name in _FORM},
        errors=errors,
        app=app,
        rules=rules,
        may_open=rules is not None and all(rule.holds for rule in rules),
        may_choose=Power.PEOPLE in session_of(visit).powers,
    )


# -- other rules


async def show_rules(ctx: Context, visit: Visit) -> Reply:
    """``/settings/apps/{id}/rules``: the rules of an app, to be tried."""
    app = await _find(ctx, visit)
    return _rules(ctx, visit, app, app.gate.policy) if app is not None and app.gate is not None else _gone(ctx, visit)


async def try_rules(ctx: Context, visit: Visit) -> Reply:
    """What they would change, without changing anything."""
    app = await _find(ctx, visit)
    if app is None or app.gate is None:
        return _gone(ctx, visit)
    draft, now = read_policy(visit.form), ctx.clock.now()
    words = audit.Wanted(event=Event.APP_OPENED.value, words=app.name, since=(now - WEEK_SECONDS) * 1000)

    async def unit(tx: ReadTx) -> tuple[list[Known], bool, list[AuditEvent]]:
        people, has_more = await everybody(tx, now=now)
        return people, has_more, await audit.list_events(tx, words, before="", rows=OPENINGS)

    if faults := policies.faults(draft):
        return _rules(ctx, visit, app, draft, errors=faults, status=422)
    people, has_more, events = await ctx.db.read(unit)
    openings = [each for each in events if each.subject == app.name and not each.is_refusal]
    try:
        change = compare(app.gate.policy, draft, people, openings, now=now)
    except BadRule as wrong:
        # Those in force, by an older version of the house.
        return _rules(ctx, visit, app, draft, error=f"{wrong}.", status=422)
    return _rules(ctx, visit, app, draft, change=change, has_more=has_more)


async def save_rules(ctx: Context, visit: Visit) -> Reply:
    """Put them in force; open websockets that they refuse end within a second."""
    draft, trail, app_id = read_policy(visit.form), Trail(ctx, visit), visit.raw.params["id"]
    if faults := policies.faults(draft):
        app = await _find(ctx, visit)
        return _rules(ctx, visit, app, draft, errors=faults, status=422) if app else _gone(ctx, visit)

    async def unit(tx: Tx) -> bool:
        app = await apps.find_app(tx, app_id)
        if app is None or app.gate is None:
            return False
        changed = [name for name in draft.__struct_fields__ if getattr(draft, name) != getattr(app.gate.policy, name)]
        gate = msgspec.structs.replace(app.gate, policy=draft)
        await apps.change_app(tx, msgspec.structs.replace(app, gate=gate))
        await trail.write(tx, Event.APP_CHANGED, subject=app.name, detail=f"Rules: {', '.join(changed) or 'no change'}")
        return True

    if not await ctx.db.write(unit):
        return _gone(ctx, visit)
    return redirect(with_query(f"{APPS.href}/{app_id}", done="rules"))


async def _find(ctx: Context, visit: Visit) -> App | None:
    app_id = visit.raw.params["id"]

    async def unit(tx: ReadTx) -> App | None:
        return await apps.find_app(tx, app_id)

    return await ctx.db.read(unit)


def _rules(
    ctx: Context,
    visit: Visit,
    app: App,
    draft: Policy,
    *,
    change: Change | None = None,
    has_more: bool = False,
    error: str = "",
    errors: Mapping[str, str] = {},
    status: int = 200,
) -> Reply:
    return page(
        ctx,
        visit,
        "app_rules.html",
        current=APPS,
        status=status,
        app=app,
        fields=policy_fields(draft),
        change=change,
        has_more=has_more,
        error=error,
        errors=errors,
        may_name=Power.PEOPLE in session_of(visit).powers,
    )


def _gone(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such app behind the gateway",
        what="It may have been removed, or its settings cannot be read.",
        todo="",
        links=(("Go to Apps", APPS.href),),
    )
