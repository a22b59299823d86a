"""Admin Settings > Users."""

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused, check_left
from poolhouse.house.model import Account, Identity, SessionLine
from poolhouse.house.pages.frame import USERS, account_of, page
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.provider import Providers, issuer_title, method_title
from poolhouse.house.store import accounts, directory, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PATH = USERS.href
YOURSELF = "This is the account you are signed in with. Ask another administrator."
_DONE = {
    "disabled": "Account disabled and signed out everywhere",
    "enabled": "Account enabled",
    "made-administrator": "Made administrator",
    "no-administrator": "No longer an administrator",
    "sessions-ended": "Signed out everywhere",
    "deleted": "Account deleted",
}


class Details(msgspec.Struct, frozen=True):
    """All that is shown of one account."""

    account: Account
    identities: list[Identity]
    sessions: list[SessionLine]


async def show_all(ctx: Context, visit: Visit) -> Reply:
    """``/settings/users``, by user name."""
    query = read_query(visit.raw)
    wanted = query.get("q", "").strip()
    after = (query.get("after", ""), query.get("after_id", ""))

    async def unit(tx: ReadTx) -> tuple[list[Account], bool]:
        return await directory.list_accounts(tx, wanted=wanted, after=after)

    found, has_more = await ctx.db.read(unit)
    following = ""
    if has_more:
        following = with_query(PATH, q=wanted, after=found[-1].username, after_id=found[-1].id)
    return page(
        ctx,
        visit,
        "users.html",
        current=USERS,
        done=_DONE.get(query.get("done", ""), ""),
        users=found,
        wanted=wanted,
        first=with_query(PATH, q=wanted) if after != ("", "") else "",
        following=following,
    )


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/users/{id}``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def disable(ctx: Context, visit: Visit) -> Reply:
    """Out at once, in every browser, and not back in by any method."""

    async def deed(tx: Tx, account: Account) -> Event:
        await accounts.set_enabled(tx, account.id, is_enabled=False)
        await sessions.delete_sessions_of(tx, account.id)
        return Event.ACCOUNT_DISABLED

    return await _do(ctx, visit, deed, "disabled")


async def enable(ctx: Context, visit: Visit) -> Reply:
    """The only way back for a disabled account."""

    async def deed(tx: Tx, account: Account) -> Event:
        await accounts.set_enabled(tx, account.id, is_enabled=True)
        return Event.ACCOUNT_ENABLED

    return await _do(ctx, visit, deed, "enabled")


async def make_administrator(ctx: Context, visit: Visit) -> Reply:
    """Sessions end: more rights take a new session id."""

    async def deed(tx: Tx, account: Account) -> Event:
        await accounts.set_admin(tx, account.id, is_admin=True)
        await sessions.delete_sessions_of(tx, account.id)
        return Event.ACCOUNT_MADE_ADMINISTRATOR

    return await _do(ctx, visit, deed, "made-administrator")


async def remove_administrator(ctx: Context, visit: Visit) -> Reply:
    """The right is gone at the next request, and so are the sessions that had it."""

    async def deed(tx: Tx, account: Account) -> Event:
        await accounts.set_admin(tx, account.id, is_admin=False)
        await sessions.delete_sessions_of(tx, account.id)
        return Event.ACCOUNT_NO_ADMINISTRATOR

    return await _do(ctx, visit, deed, "no-administrator")


async def end_sessions(ctx: Context, visit: Visit) -> Reply:
    """Signed out everywhere; the account itself stays as it is."""

    async def deed(tx: Tx, account: Account) -> Event:
        await sessions.delete_sessions_of(tx, account.id)
        return Event.SESSIONS_ENDED

    return await _do(ctx, visit, deed, "sessions-ended")


async def delete(ctx: Context, visit: Visit) -> Reply:
    """For good; somebody who may still sign in at the provider gets a new account."""

    async def deed(tx: Tx, account: Account) -> Event:
        if visit.form.get("confirmation", "").strip() != account.username:
            raise Refused("Type the user name to confirm.")
        await accounts.delete_account(tx, account.id)
        await sessions.delete_sessions_of(tx, account.id)
        return Event.ACCOUNT_DELETED

    return await _do(ctx, visit, deed, "deleted", then=PATH)


async def _do(
    ctx: Context,
    visit: Visit,
    deed: Callable[[Tx, Account], Awaitable[Event]],
    done: str,
    *,
    then: str = "",
) -> Reply:
    account_id = visit.raw.params["id"]
    trail = Trail(ctx, visit)
    document = ctx.live.document

    async def unit(tx: Tx) -> bool:
        account = await accounts.find_account(tx, account_id)
        if account is None:
            return False
        if account.id == account_of(visit).id:
            raise Refused(YOURSELF)
        event = await deed(tx, account)
        await check_left(tx, document)
        await trail.write(tx, event, subject=account)
        return True

    try:
        if not await ctx.db.write(unit):
            return _gone(ctx, visit)
    except Refused as refused:
        return await _page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(then or f"{PATH}/{account_id}", done=done))


async def _page(ctx: Context, visit: Visit, *, status: int = 200, done: str = "", refusal: str = "") -> Reply:
    account_id = visit.raw.params["id"]

    async def unit(tx: ReadTx) -> Details | None:
        account = await accounts.find_account(tx, account_id)
        if account is None:
            return None
        open_sessions = await sessions.list_sessions(tx, account_id, now=ctx.clock.now(), idle_seconds=ctx.idle_seconds)
        return Details(account, await accounts.list_identities(tx, account_id), open_sessions)

    found = await ctx.db.read(unit)
    if found is None:
        return _gone(ctx, visit)
    return page(
        ctx,
        visit,
        "user.html",
        current=USERS,
        status=status,
        done=done,
        refusal=refusal,
        user=found.account,
        methods=_methods(ctx.live.document.providers, found),
        method_title=partial(method_title, ctx.live.document.providers),
        sessions=found.sessions,
        is_yourself=found.account.id == account_of(visit).id,
    )


def _methods(providers: Providers, found: Details) -> list[tuple[str, str]]:
    form = [("Form login", "Password set")] if found.account.password_hash is not None else []
    return [
        *form,
        *((issuer_title(providers, each.issuer), f"{each.subject} at {each.issuer}") for each in found.identities),
    ]


def _gone(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such account",
        what="It may have been deleted.",
        todo="",
        links=(("Go to Users", PATH),),
    )
