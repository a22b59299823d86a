"""``/user/invitation``: where an invited person begins."""

from poolhouse.house.config import PASSWORD_MINIMUM
from poolhouse.house.context import Context, start_path
from poolhouse.house.invitations import FORM_OFF, GONE, PATH, accept_signed_in, accept_with_password, is_good
from poolhouse.house.model import Account
from poolhouse.house.pages.look import door
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query
from poolhouse.house.passwords import PASSWORD_LIMIT
from poolhouse.house.people import Invitation
from poolhouse.house.provider import enabled
from poolhouse.house.rp.person import NAME_LIMIT
from poolhouse.house.session import NewSession, session_cookie
from poolhouse.house.store import accounts, invitations
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply, html, redirect, text
from poolhouse.kit.html import page_headers
from poolhouse.kit.seal import digest


async def show(ctx: Context, visit: Visit) -> Reply:
    """The ways to accept; opening the page accepts nothing, since mail programs open links ahead of people."""
    return await _page(ctx, visit, read_query(visit.raw).get("token", ""))


async def accept(ctx: Context, visit: Visit) -> Reply:
    """By whoever is signed in with the account that holds the address."""
    token = visit.form.get("token", "")
    if visit.session is None:
        return await _page(ctx, visit, token, status=401)
    if not await accept_signed_in(ctx, visit, visit.session.account, token):
        return await _page(ctx, visit, token, status=409)
    return redirect("/?done=accepted")


async def choose_password(ctx: Context, visit: Visit) -> Reply:
    """A new account with a password."""
    if not ctx.limiter.allows(visit.address):
        return text("Too often. Try again in a minute.\n", 429, (("retry-after", "60"),))
    token, name = visit.form.get("token", ""), visit.form.get("name", "").strip()
    password = visit.form.get("password", "")
    errors: dict[str, str] = {}
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        errors["name"] = f"Name has 1 to {NAME_LIMIT} characters."
    if not PASSWORD_MINIMUM <= len(password) <= PASSWORD_LIMIT:
        errors["password"] = f"Use {PASSWORD_MINIMUM} to {PASSWORD_LIMIT} characters."
    # Only whoever has a link that is good makes the house hash anything.
    if errors or visit.session is not None or await _find(ctx, token) is None:
        return await _page(ctx, visit, token, status=422, errors=errors)
    if not ctx.live.document.form_login.is_enabled:
        return await _page(ctx, visit, token, status=403, refusal=FORM_OFF)
    outcome = await accept_with_password(ctx, visit, token, name=name, password=password)
    if not isinstance(outcome, NewSession):
        return await _page(ctx, visit, token, status=409, refusal=outcome)
    return redirect("/", headers=(session_cookie(ctx.origin, outcome.id),))


async def _find(ctx: Context, token: str) -> tuple[Invitation, Account | None] | None:
    async def unit(tx: ReadTx) -> tuple[Invitation, Account | None] | None:
        found = await invitations.find_invitation_by_token(tx, digest(token), ctx.clock.now()) if token else None
        if found is None or not await is_good(tx, found):
            return None
        return found, await accounts.find_email_holder(tx, found.email_key)

    return await ctx.db.read(unit)


async def _page(
    ctx: Context,
    visit: Visit,
    token: str,
    *,
    status: int = 200,
    refusal: str = "",
    errors: dict[str, str] | None = None,
) -> Reply:
    found = await _find(ctx, token)
    if found is None:
        return problem(
            ctx,
            visit,
            status=410,
            heading="This invitation is not good any more",
            what=GONE,
            todo="If you have accepted it before, sign in.",
            links=(("Go to the sign-in page", "/user/login"),),
        )
    invitation, holder = found
    document, me = ctx.live.document, visit.session.account if visit.session else None
    if me is not None and (holder is None or holder.id != me.id):
        return problem(
            ctx,
            visit,
            status=403,
            heading="This invitation is for somebody else",
            what=f"It is for {invitation.email}, and you are signed in as {me.username}.",
            todo="Sign out, and open the link again.",
            links=(("Go to the home page, to sign out", "/"),),
        )
    providers = enabled(document.providers)
    body = ctx.html.render(
        "invited.html",
        **door(ctx),
        invitation=invitation,
        token=token,
        csrf=visit.csrf,
        path=PATH,
        me=me,
        has_account=holder is not None,
        has_form=document.form_login.is_enabled and holder is None,
        buttons=[(each.label, start_path(each.id)) for each in providers],
        name=visit.form.get("name", ""),
        errors=errors or {},
        refusal=refusal,
        password_minimum=PASSWORD_MINIMUM,
    )
    return html(body, status, page_headers(None if providers else "'self'"))
