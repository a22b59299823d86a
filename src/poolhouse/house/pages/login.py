"""The sign-in page, its form, and the ways out."""

import hmac

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, start_path
from poolhouse.house.embedding import frame_ancestors
from poolhouse.house.giving_back import give_back
from poolhouse.house.model import Session
from poolhouse.house.pages.look import door
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.passwords import Held, SignedIn, Wrong, sign_in
from poolhouse.house.provider import enabled, find_issuer
from poolhouse.house.rp.logout import ProviderLogout, provider_logout
from poolhouse.house.rp.urls import local_path
from poolhouse.house.session import (
    logout_cookie,
    logout_cookie_name,
    no_logout_cookie,
    no_session_cookie,
    open_id_token,
    session_cookie,
)
from poolhouse.house.sign_in_page import straight
from poolhouse.house.store import sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import urlsafe
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, html, redirect
from poolhouse.kit.html import page_headers

WRONG = "Incorrect e-mail or password."
NO_HOME = "There is no sign-in for this e-mail address here. Use one of the buttons."
PASSWORD = "password"  # noqa: S105 - a step's name
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})


async def show(ctx: Context, visit: Visit) -> Reply:
    """
    ``/user/login``; *to* is where to go afterwards, a path of this house or nothing.

    With ``local=1`` it is the page itself, with the whole form: wherever the usual way leads, nobody is locked out.
    """
    query = read_query(visit.raw)
    return_to = local_path(query.get("to", "/"))
    if visit.session is not None:
        return redirect(return_to)
    if visit.raw.header("sec-fetch-dest") in _FRAMES:
        return _in_a_tab(ctx, visit, return_to)
    is_local = query.get("local") == "1"
    provider_id = None if is_local else straight(ctx.live.document)
    if provider_id is not None:
        return redirect(with_query(start_path(provider_id), to="" if return_to == "/" else return_to))
    return _page(ctx, visit, return_to=return_to, step=PASSWORD if is_local else "")


def _in_a_tab(ctx: Context, visit: Visit, return_to: str) -> Reply:
    """
    Within a frame the sign-in, here or at a provider, would be a blank page: nobody else may frame it.

    This one says so and does nothing, so whoever frames the page that was asked for may show it.
    """
    # What a frame keeps of its way to an app is not there in a tab.
    there = return_to.partition("&way=")[0]
    ancestors = frame_ancestors(ctx.live.document.embedding) if there == "/" else "*"
    return problem(
        ctx,
        visit,
        status=401,
        heading="Sign in in a new tab",
        what="Nobody is signed in here, and a page that is shown within another one has no sign-in.",
        todo="Open it in a tab of its own and sign in there. Then go on there, or reload this page.",
        links=(("Open in a new tab", with_query("/user/login", to="" if there == "/" else there)),),
        headers=(*page_headers(ancestors=ancestors), ("www-authenticate", "Cookie")),
        opens_tab=True,
    )


def second_step(ctx: Context, visit: Visit, *, email: str, return_to: str) -> Reply:
    """After an address that belongs to no provider: the password, or that there is no way for it here."""
    if ctx.live.document.form_login.is_enabled:
        return _page(ctx, visit, return_to=return_to, email=email, step=PASSWORD)
    return _page(ctx, visit, return_to=return_to, status=422, email=email, error=NO_HOME)


async def submit(ctx: Context, visit: Visit) -> Reply:
    """E-mail and password."""
    return_to = local_path(visit.form.get("to", "/"))
    if not ctx.live.document.form_login.is_enabled:
        return _page(ctx, visit, return_to=return_to, status=403, error="Form login is turned off in this house.")
    email = visit.form.get("email", "")
    outcome = await sign_in(ctx, visit, email=email, password=visit.form.get("password", ""))
    match outcome:
        case SignedIn(session_id):
            return redirect(return_to, headers=(session_cookie(ctx.origin, session_id),))
        case Held(seconds):
            message = f"Too many attempts. Try again in {_duration(seconds)}."
            reply = _page(ctx, visit, return_to=return_to, status=429, email=email, error=message, step=PASSWORD)
            return reply.with_headers(("retry-after", str(seconds)))
        case Wrong():
            return _page(ctx, visit, return_to=return_to, status=401, email=email, error=WRONG, step=PASSWORD)


async def sign_out(ctx: Context, visit: Visit) -> Reply:
    """End the session here, and on demand at the provider as well."""
    session = visit.session
    if session is None:
        return redirect("/user/login", headers=(no_session_cookie(ctx.origin),))
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> bytes | None:
        sealed = await sessions.delete_session(tx, session.key)
        await trail.write(tx, Event.SIGNED_OUT)
        return sealed

    give_back(ctx, session, await ctx.db.write(unit))
    state = urlsafe(ctx.entropy, 32)
    there = _at_provider(ctx, session, state) if visit.form.get("where") == "provider" else None
    cookies = (no_session_cookie(ctx.origin), no_logout_cookie(ctx.origin))
    if there is None:
        return redirect("/user/logged-out", headers=cookies)
    if there.has_state:
        cookies = (no_session_cookie(ctx.origin), logout_cookie(ctx.origin, state))
    if not there.fields:
        return redirect(there.url, headers=cookies)
    body = ctx.html.render("sign_out_at_provider.html", there=there, **door(ctx))
    return html(body, 200, (*page_headers(f"'self' {there.origin}"), *cookies))


async def logged_out(ctx: Context, visit: Visit) -> Reply:
    """
    Where both kinds of sign-out end.

    A browser that was sent to the provider brings back what it was given; otherwise the answer may be anybody's, and
    says nothing about the provider.
    """
    if visit.session is not None:
        return redirect("/")
    expected = visit.raw.cookie(logout_cookie_name(ctx.origin)) or ""
    given = read_query(visit.raw).get("state", "")
    is_proved = not expected or hmac.compare_digest(expected.encode(), given.encode())
    body = ctx.html.render("logged_out.html", is_proved=is_proved, **door(ctx))
    cookies = (no_logout_cookie(ctx.origin),) if expected else ()
    return html(body, 200 if is_proved else 400, (*page_headers(), *cookies))


def _at_provider(ctx: Context, session: Session, state: str) -> ProviderLogout | None:
    provider = find_issuer(ctx.live.document.providers, session.issuer)
    if provider is None:
        return None
    return provider_logout(
        provider.settings, return_url=ctx.logged_out_url, id_token=open_id_token(ctx.ring, session), state=state
    )


def _page(
    ctx: Context,
    visit: Visit,
    *,
    return_to: str,
    status: int = 200,
    email: str = "",
    error: str = "",
    step: str = "",
) -> Reply:
    """The buttons and the form; where domains belong to providers, the form begins with the e-mail alone."""
    document = ctx.live.document
    providers = enabled(document.providers)
    asks_email = step != PASSWORD and any(each.domains for each in providers)
    target = "" if return_to == "/" else return_to
    body = ctx.html.render(
        "login.html",
        login_text=document.branding.login_text,
        **door(ctx),
        has_form=document.form_login.is_enabled or asks_email,
        asks_email=asks_email,
        buttons=[(each.label, start_path(each.id)) for each in providers],
        login_path=with_query("/user/login", to=target),
        csrf=visit.csrf,
        to=target,
        email=email,
        error=error,
    )
    # A button is a form whose way leads over the provider and perhaps over others behind it.
    return html(body, status, page_headers(None if providers else "'self'"))


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
