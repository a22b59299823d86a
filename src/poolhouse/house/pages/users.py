"""Admin Settings > Users: all of them, and what can be done with one."""

from collections.abc import Awaitable, Callable

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused, check_left, check_may_give, check_may_touch
from poolhouse.house.model import Account
from poolhouse.house.pages.frame import USERS, account_of, page
from poolhouse.house.pages.person import gone, person_page
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.people import Group
from poolhouse.house.provider import find_provider, title
from poolhouse.house.roles import ADMINISTRATOR
from poolhouse.house.store import accounts, directory, groups, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PATH = USERS.href
YOURSELF = "This is the account you are signed in with. Ask another administrator."
NO_SESSION = "This session is over already."
STATUSES = ("enabled", "disabled")
_DONE = {
    "disabled": "Account disabled and signed out everywhere",
    "enabled": "Account enabled",
    "made-administrator": "Made administrator",
    "no-administrator": "No longer an administrator",
    "session-ended": "Signed out there",
    "sessions-ended": "Signed out everywhere",
    "deleted": "Account deleted",
}


async def show_all(ctx: Context, visit: Visit) -> Reply:
    """``/settings/users``, by user name."""
    query = read_query(visit.raw)
    wanted, after = query.get("q", "").strip(), (query.get("after", ""), query.get("after_id", ""))
    filters = {name: query.get(name, "") for name in ("status", "rights", "group", "provider")}
    provider = find_provider(ctx.live.document.providers, filters["provider"])

    async def unit(tx: ReadTx) -> tuple[list[Account], bool, list[Group]]:
        found, has_more = await directory.list_accounts(
            tx,
            wanted=wanted,
            status=filters["status"] if filters["status"] in STATUSES else "",
            only_admins=filters["rights"] == "administrators",
            group_id=filters["group"],
            issuer=provider.settings.issuer if provider else "",
            after=after,
        )
        return found, has_more, await groups.all_groups(tx)

    found, has_more, all_groups = await ctx.db.read(unit)
    following = ""
    if has_more:
        following = with_query(PATH, q=wanted, **filters, after=found[-1].username, after_id=found[-1].id)
    return page(
        ctx,
        visit,
        "users.html",
        current=USERS,
        done=_DONE.get(query.get("done", ""), ""),
        users=found,
        wanted=wanted,
        filters=filters,
        is_filtered=bool(wanted or any(filters.values())),
        group_options=[("", "All groups"), *((each.id, each.name) for each in all_groups)],
        provider_options=[("", "All providers"), *((each.id, title(each)) for each in ctx.live.document.providers)],
        first=with_query(PATH, q=wanted, **filters) if after != ("", "") else "",
        following=following,
    )


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/users/{id}``."""
    return await person_page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


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
        await check_may_give(tx, account_of(visit).id, {ADMINISTRATOR})
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


async def end_session(ctx: Context, visit: Visit) -> Reply:
    """One browser, and the apps that are open in it."""

    async def deed(tx: Tx, account: Account) -> Event:
        try:
            key = bytes.fromhex(visit.form.get("session", ""))
        except ValueError as wrong:
            raise Refused(NO_SESSION) from wrong
        if not await sessions.delete_session_of(tx, account.id, key):
            raise Refused(NO_SESSION)
        return Event.SESSIONS_ENDED

    return await _do(ctx, visit, deed, "session-ended")


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

    async def unit(tx: Tx) -> bool:
        account = await accounts.find_account(tx, account_id)
        if account is None:
            return False
        if account.id == account_of(visit).id:
            raise Refused(YOURSELF)
        await check_may_touch(tx, account_of(visit).id, account.id)
        event = await deed(tx, account)
        await check_left(tx, ctx.ring)
        await trail.write(tx, event, subject=account)
        return True

    try:
        if not await ctx.db.write(unit):
            return gone(ctx, visit)
    except Refused as refused:
        return await person_page(ctx, visit, status=409, refusal=str(refused))
    return redirect(with_query(then or f"{PATH}/{account_id}", done=done))
