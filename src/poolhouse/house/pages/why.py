"""``/user/apps/{id}``: why somebody can, or cannot, open an app; and how to ask for it."""

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.gateway.judge import Outcome
from poolhouse.house.gateway.policy import BadRule
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.guards import Refused
from poolhouse.house.model import App
from poolhouse.house.pages.frame import HOME, account_of, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.portal import requests as flow
from poolhouse.house.portal.request import AccessRequest
from poolhouse.house.portal.rules import Rule, explain
from poolhouse.house.portal.tiles import judged
from poolhouse.house.provider import find_enabled
from poolhouse.house.store import apps, requests
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.log import get_logger

PATH = "/user/apps/"
_DONE = {"asked": "You have asked for access", "withdrawn": "Your request is withdrawn"}


class _Known(msgspec.Struct, frozen=True):
    app: App
    request: AccessRequest | None


async def show(ctx: Context, visit: Visit) -> Reply:
    """Each rule, with whether it holds for this person, here and now."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def ask(ctx: Context, visit: Visit) -> Reply:
    """Ask the administrators for it."""
    app_id = visit.raw.params["id"]
    try:
        await flow.ask(ctx, visit, app_id, visit.form.get("reason", ""))
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(PATH + app_id, done="asked"))


async def withdraw(ctx: Context, visit: Visit) -> Reply:
    """Take the request back."""
    app_id = visit.raw.params["id"]
    try:
        await flow.withdraw(ctx, visit, app_id, account_of(visit))
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(PATH + app_id, done="withdrawn"))


async def _page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "") -> Reply:
    app_id, session = visit.raw.params["id"], session_of(visit)

    async def unit(tx: ReadTx) -> _Known | None:
        app = await apps.find_app(tx, app_id)
        return _Known(app, await requests.find_request_of(tx, session.account.id, app_id)) if app is not None else None

    known = await ctx.db.read(unit)
    if known is None:
        return problem(
            ctx, visit, status=404, heading="There is no such app", what="It may have been removed.", todo=""
        )
    app, now = known.app, ctx.clock.now()
    verdict = judged(app, session, address=visit.address, now=now, origin=ctx.origin)
    may_open = verdict is None or verdict.outcome is Outcome.OPEN
    rules: tuple[Rule, ...] = ()
    is_closed = verdict is not None and verdict.outcome is Outcome.CLOSED
    if app.gate is not None and not is_closed:
        try:
            rules = explain(app.gate.policy, read_seen(session, until=0.0).facts(visit.address, now))
        except BadRule:
            is_closed = True
    missed = [rule.name for rule in rules if not rule.holds]
    if not may_open:
        # What an administrator finds by the reference that this page shows.
        get_logger().info(
            "app explained", program="house", app=app.id, account_id=session.account.id, missed=missed,
            reference=visit.reference,
        )  # fmt: skip
    return page(
        ctx,
        visit,
        "why.html",
        current=HOME,
        status=status,
        leads_to_provider=True,
        done=done,
        refusal=refusal,
        app=app,
        is_link=verdict is None,
        is_closed=is_closed,
        may_open=may_open,
        rules=rules,
        request=known.request,
        can_ask=not may_open and flow.can_ask(app, missed),
        can_refresh=find_enabled(ctx.live.document.providers, session.method) is not None,
        is_of_person=bool({"groups", "email_domains", "claims"} & set(missed)),
        reason=visit.form.get("reason", ""),
        contact=ctx.live.document.contact,
        reference=visit.reference,
    )
