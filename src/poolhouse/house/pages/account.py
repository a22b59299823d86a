"""A person's own account: how they sign in, and their password."""

from functools import partial

from poolhouse.house.audit import Event, Trail
from poolhouse.house.config import PASSWORD_MINIMUM
from poolhouse.house.context import Context
from poolhouse.house.gateway.seen import read_seen
from poolhouse.house.guards import Refused, check_left
from poolhouse.house.model import Identity, SessionLine
from poolhouse.house.pages.frame import account_of, page, session_of
from poolhouse.house.pages.query import read_query
from poolhouse.house.passwords import PASSWORD_LIMIT, Held, Wrong, change_password
from poolhouse.house.provider import enabled, find_enabled, issuer_title, method_title, title
from poolhouse.house.roles import ROLES
from poolhouse.house.store import accounts, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PATH = "/user/account"
_DONE = {
    "connected": "Connected. You can sign in with it from now on.",
    "disconnected": "Disconnected.",
    "password": "Password changed. Other browsers were signed out.",
    "session": "Signed out there",
    "sessions": "Signed out everywhere else",
}
LAST_WAY = "This is the only way you can sign in, so it cannot be disconnected."


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/user/account``."""
    return await _page(ctx, visit, done=_DONE.get(read_query(visit.raw).get("done", ""), ""))


async def save_password(ctx: Context, visit: Visit) -> Reply:
    """A new password, proved by the old one."""
    account = account_of(visit)
    old, new = visit.form.get("old_password", ""), visit.form.get("new_password", "")
    if account.password_hash is None:
        return await _page(ctx, visit, status=400, problem="This account has no password.")
    if not PASSWORD_MINIMUM <= len(new) <= PASSWORD_LIMIT:
        errors = {"new_password": f"Use {PASSWORD_MINIMUM} to {PASSWORD_LIMIT} characters."}
        return await _page(ctx, visit, status=422, errors=errors)
    match await change_password(ctx, visit, account, old=old, new=new):
        case Held(seconds):
            return await _page(ctx, visit, status=429, problem=f"Too many attempts. Try again in {seconds} seconds.")
        case Wrong():
            return await _page(ctx, visit, status=422, errors={"old_password": "This is not your password."})
        case None:
            return redirect(f"{PATH}?done=password")


async def disconnect(ctx: Context, visit: Visit) -> Reply:
    """Take away one sign-in at the provider, unless nothing would be left."""
    account = account_of(visit)
    issuer, subject = visit.form.get("issuer", ""), visit.form.get("subject", "")
    trail = Trail(ctx, visit)
    document = ctx.live.document

    async def unit(tx: Tx) -> None:
        if not await accounts.delete_identity(tx, account.id, issuer, subject):
            return
        left = await accounts.list_identities(tx, account.id)
        has_form = account.password_hash is not None and document.form_login.is_enabled
        issuers = {provider.settings.issuer for provider in enabled(document.providers)}
        if not has_form and not any(identity.issuer in issuers for identity in left):
            raise Refused(LAST_WAY)
        await check_left(tx, ctx.ring)
        await trail.write(
            tx,
            Event.ACCOUNT_DISCONNECTED,
            subject=account,
            detail=f"{issuer_title(document.providers, issuer)}, {issuer}",
        )

    try:
        await ctx.db.write(unit)
    except Refused as refused:
        return await _page(ctx, visit, status=409, problem=str(refused))
    return redirect(f"{PATH}?done=disconnected")


async def end_session(ctx: Context, visit: Visit) -> Reply:
    """Sign out one other browser of one's own, or (without a session in the form) all of them."""
    account, own, trail = account_of(visit), session_of(visit).key, Trail(ctx, visit)
    text = visit.form.get("session", "")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return await _page(ctx, visit, status=422, problem="This is no session.")

    async def unit(tx: Tx) -> int:
        if text:
            count = int(key != own and await sessions.delete_session_of(tx, account.id, key))
        else:
            count = await sessions.delete_other_sessions(tx, account.id, own)
        if count:
            await trail.write(tx, Event.SESSIONS_ENDED, subject=account, detail=f"{count} of one's own")
        return count

    await ctx.db.write(unit)
    return redirect(f"{PATH}?done={'session' if text else 'sessions'}")


async def _page(
    ctx: Context,
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    problem: str = "",
    errors: dict[str, str] | None = None,
) -> Reply:
    account = account_of(visit)

    async def unit(tx: ReadTx) -> tuple[list[Identity], list[SessionLine]]:
        open_ones = await sessions.list_sessions(tx, account.id, now=ctx.clock.now(), idle_seconds=ctx.idle_seconds)
        return await accounts.list_identities(tx, account.id), open_ones

    identities, open_sessions = await ctx.db.read(unit)
    providers = ctx.live.document.providers
    connected = {identity.issuer for identity in identities}
    has_several = len(enabled(providers)) > 1
    to_connect = [each for each in enabled(providers) if each.settings.issuer not in connected]
    return page(
        ctx,
        visit,
        "account.html",
        current=None,
        status=status,
        leads_to_provider=bool(enabled(providers)),
        done=done,
        who=account,
        groups=read_seen(session_of(visit), until=0.0).groups,
        roles=[role.name for role in ROLES.values() if role.id in session_of(visit).roles],
        methods=[
            *([("Form login", None)] if account.password_hash is not None else []),
            *((issuer_title(providers, identity.issuer), identity) for identity in identities),
        ],
        came_by_provider=find_enabled(providers, session_of(visit).method) is not None,
        to_connect=[(each.id, f"Connect {title(each)}" if has_several else "Connect") for each in to_connect],
        sessions=open_sessions,
        own_session=session_of(visit).key,
        method_title=partial(method_title, providers),
        has_password=account.password_hash is not None,
        password_minimum=PASSWORD_MINIMUM,
        problem=problem,
        errors=errors or {},
    )
