"""Admin Settings > Who is in: everybody who is signed in now, and the end of that."""

from functools import partial

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused, check_may_touch
from poolhouse.house.model import Account
from poolhouse.house.pages.frame import PRESENCE, account_of, page, session_of
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.provider import method_title
from poolhouse.house.roles import Power
from poolhouse.house.store import accounts, presence, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PATH = PRESENCE.href
EVERYBODY = "everybody"
GONE = "This session is over already."
_DONE = {"one": "Signed out there", "person": "Signed out everywhere", "everybody": "Everybody else is signed out"}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/who-is-in``, the newest sign-in first."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def end_one(ctx: Context, visit: Visit) -> Reply:
    """One browser, and every app that is open in it."""
    key = _key(visit.form.get("session", ""))
    trail, actor = Trail(ctx, visit), account_of(visit)

    async def unit(tx: Tx) -> None:
        account = await _owner(tx, actor, await presence.owner_of(tx, key))
        if not await sessions.delete_session_of(tx, account.id, key):
            raise Refused(GONE)
        await trail.write(tx, Event.SESSIONS_ENDED, subject=account, detail="one session")

    try:
        await ctx.db.write(unit)
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(PATH, q=visit.form.get("q", "")[:80], done="one"))


async def end_person(ctx: Context, visit: Visit) -> Reply:
    """Every browser of one person; of one's own all but this one."""
    account_id = visit.form.get("account", "")
    trail, actor, own = Trail(ctx, visit), account_of(visit), session_of(visit).key

    async def unit(tx: Tx) -> None:
        account = await _owner(tx, actor, account_id)
        if account.id == actor.id:
            count = await sessions.delete_other_sessions(tx, account.id, own)
        else:
            count = await sessions.delete_sessions_of(tx, account.id)
        await trail.write(tx, Event.SESSIONS_ENDED, subject=account, detail=f"{count} sessions")

    try:
        await ctx.db.write(unit)
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(PATH, q=visit.form.get("q", "")[:80], done="person"))


async def end_everybody(ctx: Context, visit: Visit) -> Reply:
    """All sessions but this one; typed to confirm."""
    if visit.form.get("confirmation", "").strip() != EVERYBODY:
        return await _page(ctx, visit, status=409, refusal=f"Type {EVERYBODY} to confirm.")
    trail, own = Trail(ctx, visit), session_of(visit).key

    async def unit(tx: Tx) -> None:
        count = await presence.end_all_but(tx, own)
        await trail.write(tx, Event.SESSIONS_ENDED, subject=EVERYBODY, detail=f"{count} sessions")

    await ctx.db.write(unit)
    return redirect(with_query(PATH, done="everybody"))


async def _owner(tx: ReadTx, actor: Account, account_id: str) -> Account:
    account = await accounts.find_account(tx, account_id) if account_id else None
    if account is None:
        raise Refused(GONE)
    if account.id != actor.id:
        await check_may_touch(tx, actor.id, account.id)
    return account


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


async def _page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "") -> Reply:
    query = read_query(visit.raw)
    wanted = query.get("q", "").strip()[:80]
    before = query.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else presence.NEWEST
    now, idle = ctx.clock.now(), ctx.idle_seconds

    async def unit(tx: ReadTx) -> tuple[list[presence.Present], bool, tuple[int, int]]:
        found, has_more = await presence.list_present(
            tx, wanted=wanted, before=start, after=_key(query.get("after", "")), now=now, idle_seconds=idle
        )
        return found, has_more, await presence.count_present(tx, now=now, idle_seconds=idle)

    found, has_more, (count, people) = await ctx.db.read(unit)
    is_open = await ctx.replicas.open_everywhere()
    reached = ctx.replicas.reached
    following = ""
    if has_more:
        following = with_query(PATH, q=wanted, before=str(found[-1].created_at), after=found[-1].key.hex())
    return page(
        ctx,
        visit,
        "who_is_in.html",
        current=PRESENCE,
        status=status,
        done=done,
        refusal=refusal,
        found=found,
        count=count,
        people=people,
        open_now={each.key: is_open.of(each.keys) for each in found},
        processes=reached.of if reached is not None else 1,
        wanted=wanted,
        own=session_of(visit).key,
        own_account=account_of(visit).id,
        method_title=partial(method_title, ctx.live.document.providers),
        first=with_query(PATH, q=wanted) if before else "",
        following=following,
        may_end_all=Power.INSTANCE in session_of(visit).powers,
        everybody=EVERYBODY,
    )
