"""``/user/open/{id}``: from the house to an app's own host, for whoever may; and the keys that sign for apps."""

import re

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.gateway import replies, way
from poolhouse.house.gateway.assertion import load_signer
from poolhouse.house.gateway.judge import Outcome, Verdict, of_person
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.gateway.table import Entry, entry_of
from poolhouse.house.model import App
from poolhouse.house.pages.frame import session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query
from poolhouse.house.portal import loops
from poolhouse.house.store import apps, portal
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, json_reply, redirect

_CHALLENGE = re.compile(r"[0-9a-f]{64}")
_NO_REFERRER = (("referrer-policy", "no-referrer"),)
_KEPT = (("cache-control", "public, max-age=300"),)


async def show(ctx: Context, visit: Visit) -> Reply:
    """
    On to the app, or why not.

    Without a browser's half of the way (a link from elsewhere) it leads to the app's own address, where one begins.
    """
    app_id = visit.raw.params["id"]

    async def unit(tx: ReadTx) -> App | None:
        return await apps.find_app(tx, app_id)

    app = await ctx.db.read(unit)
    if app is None:
        return problem(
            ctx,
            visit,
            status=404,
            heading="There is no such app",
            what="It may have been removed.",
            todo="",
        )
    session = session_of(visit)
    if app.gate is None and not app.is_broken:
        await _note(ctx, visit, app, is_event=False)
        return redirect(app.url, headers=_NO_REFERRER)
    entry = entry_of(app, ctx.origin)
    verdict = of_person(entry, read_seen(session, until=0.0), address=visit.address, now=ctx.clock.now())
    if verdict.outcome is not Outcome.OPEN:
        return await _refuse(ctx, visit, entry, verdict)
    query = read_query(visit.raw)
    path = way.path_at(entry, query.get("to", ""))
    if await loops.is_one(ctx, visit, app, path):
        return _in_circles(ctx, visit, app)
    await _note(ctx, visit, app, is_event=entry.is_own_host)
    challenge = query.get("way", "")
    if entry.is_own_host or not _CHALLENGE.fullmatch(challenge):
        return redirect(entry.origin + path)
    url = await way.mint_code(ctx, entry, session_key=session.key, challenge=challenge, path=path)
    return redirect(url, headers=_NO_REFERRER)


async def _note(ctx: Context, visit: Visit, app: App, *, is_event: bool) -> None:
    """When it was opened last; on a host of its own the app's entrance writes the event."""
    trail, account = Trail(ctx, visit), session_of(visit).account

    async def unit(tx: Tx) -> None:
        await portal.note_use(tx, account.id, app.id, ctx.clock.now())
        if is_event:
            await trail.write(tx, Event.APP_OPENED, subject=app.name)

    await ctx.db.write(unit)


def _in_circles(ctx: Context, visit: Visit, app: App) -> Reply:
    """Instead of one more redirect of many (a browser would give up with an error that says nothing)."""
    return problem(
        ctx,
        visit,
        status=508,
        heading=f"Opening {app.name} goes in circles",
        what=f"This browser was led to {app.name} {loops.MOST} times within a minute, and came back each time.",
        why="Most often the browser does not keep the cookie of the app's address, or the app itself sends people away "
        "who are signed in.",
        todo="Allow cookies for the address below, close other tabs of the app, wait a minute and try again. If it "
        "comes back, give the reference to an administrator.",
        facts=(("App", app.name), ("Address", app.url)),
        links=(("Go to the home page", "/"),),
    )


async def _refuse(ctx: Context, visit: Visit, entry: Entry, verdict: Verdict) -> Reply:
    account = session_of(visit).account
    words = replies.closed(entry)
    if verdict.outcome is Outcome.REFUSED:
        words = replies.not_allowed(ctx, entry, verdict.misses, account.username)
    trail = Trail(ctx, visit)
    missed = ", ".join(miss.rule for miss in verdict.misses) or verdict.outcome.value

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.APP_REFUSED, subject=entry.app.name, detail=missed, is_refusal=True)

    await ctx.db.write(unit)
    return problem(
        ctx,
        visit,
        status=words.status,
        heading=words.heading,
        what=words.what,
        todo=words.todo,
        facts=words.facts,
        links=words.links or (("Go to the home page", "/"),),
    )


async def keys(ctx: Context, _visit: Visit) -> Reply:
    """``/.well-known/jwks.json``: what an app checks its assertions with."""
    signer = await load_signer(ctx.db, ctx.ring, ctx.clock, ctx.entropy, ctx.origin.url)
    return json_reply({"keys": [msgspec.to_builtins(key) for key in signer.published]}, headers=_KEPT)
