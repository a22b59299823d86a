"""Admin Settings > Access requests: who would like to open what, and the answer."""

from collections.abc import Awaitable, Callable

from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.pages.frame import REQUESTS, account_of, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.portal import requests as flow
from poolhouse.house.roles import Power
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect

PATH = REQUESTS.href
_DONE = {"granted": "Access granted", "refused": "Request refused"}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/access-requests``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def grant(ctx: Context, visit: Visit) -> Reply:
    """Into the chosen group; that needs the power over people, since the group may open other things as well."""
    if Power.PEOPLE not in session_of(visit).powers:
        return problem(
            ctx,
            visit,
            status=403,
            heading="For administrators of people only",
            what="Granting adds somebody to a group.",
            todo="Ask an administrator who manages users and groups.",
            links=(("Go to the requests", PATH),),
        )
    group = visit.form.get("group", "")
    return await _decide(
        ctx, visit, lambda: flow.grant(ctx, visit, account_of(visit), visit.raw.params["id"], group), "granted"
    )


async def refuse(ctx: Context, visit: Visit) -> Reply:
    """With a word that the person reads."""
    word = visit.form.get("answer", "")
    return await _decide(
        ctx, visit, lambda: flow.refuse(ctx, visit, account_of(visit), visit.raw.params["id"], word), "refused"
    )


async def _decide(ctx: Context, visit: Visit, deed: Callable[[], Awaitable[None]], done: str) -> Reply:
    try:
        await deed()
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(PATH, done=done))


async def _page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "") -> Reply:
    waiting, decided = await ctx.db.read(flow.list_for_administrators)
    return page(
        ctx,
        visit,
        "access_requests.html",
        current=REQUESTS,
        status=status,
        done=done,
        refusal=refusal,
        waiting=waiting,
        decided=decided,
        may_grant=Power.PEOPLE in session_of(visit).powers,
        can_mail=ctx.live.document.mail.is_set_up,
    )
