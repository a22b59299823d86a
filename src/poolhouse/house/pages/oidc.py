"""
Sign-in at a provider: ``/oauth2/authorization/{id}`` sends the browser there, ``/login/oauth2/code/{id}`` takes it
back.  Every way of failing ends on a page of ours that names the field to look at.
"""

from poolhouse.house import posted_answers, rollout
from poolhouse.house.accounts import Entered, enter
from poolhouse.house.context import Context, redirect_path, start_path
from poolhouse.house.freshness import ANEW
from poolhouse.house.model import PendingLogin
from poolhouse.house.pages import candidate as candidate_page
from poolhouse.house.pages import login, test_login
from poolhouse.house.pages.departing import remember, too_many
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.sign_in_failed import NO_REFERRER, fail, in_circles, too_often
from poolhouse.house.portal import loops
from poolhouse.house.provider import (
    FIRST,
    Provider,
    find_enabled,
    find_provider,
    home_of,
    title,
)
from poolhouse.house.rp.client import Arrival, Callback, arrive, depart, read_callback
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.logout import wants_id_token
from poolhouse.house.rp.person import email_key
from poolhouse.house.rp.request import probe_request
from poolhouse.house.rp.urls import local_path
from poolhouse.house.session import mint_session, session_cookie
from poolhouse.house.sign_in_page import straight
from poolhouse.house.store import pending as pending_store
from poolhouse.house.visit import Visit
from poolhouse.kit import forms
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect, text
from poolhouse.kit.seal import digest


async def start(ctx: Context, visit: Visit) -> Reply:
    """
    Begin a sign-in, if it is the person who begins it.

    A page elsewhere must not sign people in behind their backs (login CSRF): its links lead to the sign-in page,
    where one press is left to do, and what is no navigation at all is refused.  Where an administrator has chosen
    that the press is not needed, links lead on.
    """
    query = read_query(visit.raw)
    provider_id = visit.raw.params["id"]
    return_to = local_path(query.get("to", "/"))
    if not is_navigation(visit):
        return in_a_window()
    if visit.raw.header("sec-fetch-site") == "cross-site" and straight(ctx.live.document) != provider_id:
        return redirect(with_query("/user/login", to="" if return_to == "/" else return_to))
    if not ctx.limiter.allows(visit.address):
        return too_often()
    provider = find_enabled(ctx.live.document.providers, provider_id)
    if provider is None:
        return await fail(ctx, visit, Failure.PROVIDER_REMOVED, None)
    is_pressed = straight(ctx.live.document) != provider_id
    if not visit.is_new_browser and await loops.is_sign_in(ctx, visit, provider_id, return_to, is_pressed=is_pressed):
        return in_circles(ctx, visit, title(provider))
    return await leave(ctx, visit, provider, return_to=return_to, is_checked=query.get("unchecked") != "1")


async def by_email(ctx: Context, visit: Visit) -> Reply:
    """
    The first step of the sign-in page where e-mail domains belong to providers (home realm).

    The domain alone decides, so the answer is the same whether or not there is an account.
    """
    return_to, email = local_path(visit.form.get("to", "/")), visit.form.get("email", "").strip()
    if not ctx.limiter.allows(visit.address):
        return too_often()
    provider = home_of(ctx.live.document.providers, email_key(email).rpartition("@")[2])
    if provider is None:
        return login.second_step(ctx, visit, email=email, return_to=return_to)
    return await leave(ctx, visit, provider, return_to=return_to, is_checked=True, login_hint=email)


def is_navigation(visit: Visit) -> bool:
    """Whether the request is for what the window shows, and not for a part of another site's page."""
    return visit.raw.header("sec-fetch-dest") in {"", "document"}


def in_a_window() -> Reply:
    """What is no navigation starts no sign-in."""
    return text("Open this address in a window of its own.\n", 403)


async def connect(ctx: Context, visit: Visit) -> Reply:
    """Connect the account of the signed-in owner with a sign-in at the provider (POST, from Your account)."""
    account = visit.session.account if visit.session else None
    if account is None:
        return redirect("/user/login")
    provider = find_enabled(ctx.live.document.providers, visit.form.get("provider", FIRST))
    if provider is None:
        return await fail(ctx, visit, Failure.PROVIDER_REMOVED, None)
    return await leave(ctx, visit, provider, return_to="/user/account", is_checked=True, link_account_id=account.id)


async def leave(
    ctx: Context,
    visit: Visit,
    provider: Provider,
    *,
    return_to: str,
    is_checked: bool,
    link_account_id: str | None = None,
    login_hint: str = "",
) -> Reply:
    """Send the browser to *provider*, unless it would not arrive there."""
    settings, back = provider.settings, ctx.redirect_url(provider.id)
    if is_checked:
        request = probe_request(provider, redirect_url=back, entropy=ctx.entropy)
        failure = await ctx.relying.probe.check(settings, request_url=request, redirect_url=back)
        if failure is not None:
            onward = None
            if link_account_id is None:
                to = "" if return_to == "/" else return_to
                onward = with_query(start_path(provider.id), to=to, unchecked="1")
            return await fail(ctx, visit, failure, provider, onward=onward)
    departure = depart(
        provider,
        settings_version=ctx.live.document.version,
        redirect_url=back,
        return_to=return_to,
        link_account_id=link_account_id,
        prompt="login" if return_to in ANEW else None,
        login_hint=login_hint,
        now=ctx.clock.now(),
        entropy=ctx.entropy,
        ring=ctx.ring,
    )
    if not await remember(ctx, visit, departure.state, departure.pending):
        return too_many()
    return redirect(departure.url, headers=NO_REFERRER)


async def come_back(ctx: Context, visit: Visit) -> Reply:
    """
    The provider's answer.

    The attempt is taken out of the store first, so that whatever happens next, this state is spent.
    """
    if not ctx.limiter.allows(visit.address):
        return too_often()
    callback: Callback | None = None
    try:
        callback = await _answer(ctx, visit)
        pending, provider = await _began(ctx, visit, callback)
    except SignInFailed as failed:
        if failed.failure is Failure.NO_PENDING_LOGIN and callback is not None:
            tried = await test_login.come_back(ctx, visit, callback)
            if tried is not None:
                return tried
        if failed.failure is Failure.NO_PENDING_LOGIN and visit.session is not None:
            # Pressed twice, or came back by the browser's history: the person is signed in already.
            return redirect("/", headers=NO_REFERRER)
        return await fail(ctx, visit, failed.failure, None, detail=failed.detail)
    try:
        return await _welcome(ctx, visit, provider, pending, callback)
    except SignInFailed as failed:
        return await fail(ctx, visit, failed.failure, provider, detail=failed.detail, who=failed.who)


async def _welcome(ctx: Context, visit: Visit, provider: Provider, pending: PendingLogin, callback: Callback) -> Reply:
    settings, back = provider.settings, ctx.redirect_url(provider.id)
    arrival: Arrival = await arrive(ctx.relying.wire, provider, pending, callback, redirect_url=back)
    person = arrival.person
    if pending.purpose and not await candidate_page.may_enter(ctx, visit, pending, person):
        return redirect(with_query(candidate_page.path(provider.id), who="other"), headers=NO_REFERRER)
    new = mint_session(
        ctx,
        method=provider.id,
        issuer=person.issuer,
        subject=person.subject,
        claims=arrival.claims,
        id_token=arrival.id_token if wants_id_token(settings) else None,
        nonce_digest=pending.nonce_digest,
        userinfo_names=arrival.userinfo_names,
        refresh_token=arrival.refresh_token,
        granted_seconds=arrival.seconds,
    )
    outcome = await enter(ctx, visit, person, new, way=title(provider), link_account_id=pending.link_account_id)
    if not isinstance(outcome, Entered):
        raise SignInFailed(outcome, who=person.email or person.username)
    if pending.purpose:
        target = await candidate_page.activate_after(ctx, visit, outcome.account, pending)
        return redirect(target, headers=(*NO_REFERRER, session_cookie(ctx.origin, new.id)))
    await rollout.note_success(ctx, provider)
    target = with_query(pending.return_to, done="connected") if outcome.is_connected_now else pending.return_to
    return redirect(target, headers=(*NO_REFERRER, session_cookie(ctx.origin, new.id)))


async def _take(ctx: Context, visit: Visit, state: str) -> PendingLogin | None:
    if not state or visit.is_new_browser:
        return None

    async def unit(tx: Tx) -> PendingLogin | None:
        return await pending_store.take_pending(
            tx,
            state_digest=digest(state),
            browser_digest=digest(visit.browser),
            provider=visit.raw.params["id"],
            now=ctx.clock.now(),
        )

    return await ctx.db.write(unit)


async def _answer(ctx: Context, visit: Visit) -> Callback:
    """What the address holds; or, when that is a state alone, what came by form."""
    callback = read_callback(visit.raw.query)
    if callback.code or callback.error or not callback.state:
        return callback
    posted = await posted_answers.take(ctx, state=callback.state, provider_id=visit.raw.params["id"])
    return posted if posted is not None else callback


async def take_form(ctx: Context, visit: Visit) -> Reply:
    """
    The answer by form (OAuth 2.0 Form Post Response Mode), which another site's page sends.

    Our cookies are not sent with it (SameSite), so it is put away for the navigation that follows, which has them:
    neither code nor token ever stands in an address.
    """
    if not ctx.limiter.allows(visit.address):
        return too_often()
    its_id = visit.raw.params["id"]
    try:
        callback = read_callback(forms.body_text(visit.raw.body))
    except (SignInFailed, forms.FormError):
        return await fail(ctx, visit, Failure.DUPLICATE_PARAMETER, None)
    if not await posted_answers.put(ctx, callback, provider_id=its_id):
        return await fail(ctx, visit, Failure.NO_PENDING_LOGIN, None)
    return redirect(with_query(redirect_path(its_id), state=callback.state), headers=NO_REFERRER)


async def _began(ctx: Context, visit: Visit, callback: Callback) -> tuple[PendingLogin, Provider]:
    """The attempt and the provider as it was when it began, unless it has been turned off since."""
    pending = await _take(ctx, visit, callback.state)
    if pending is None:
        raise SignInFailed(Failure.NO_PENDING_LOGIN)
    provider = await (candidate_page.tried(ctx, pending) if pending.purpose else _as_it_began(ctx, pending))
    if provider.options.is_form_post != callback.is_posted:
        raise SignInFailed(Failure.OTHER_WAY_BACK)
    return pending, provider


async def _as_it_began(ctx: Context, pending: PendingLogin) -> Provider:
    began = await ctx.live.find_version(pending.settings_version)
    provider = find_provider(began.providers, pending.provider) if began is not None else None
    if provider is None or find_enabled(ctx.live.document.providers, pending.provider) is None:
        raise SignInFailed(Failure.PROVIDER_REMOVED)
    return provider
