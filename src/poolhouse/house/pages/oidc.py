"""
Sign-in at a provider: ``/oauth2/authorization/{id}`` sends the browser there, ``/login/oauth2/code/{id}`` takes it
back.  Every way of failing ends on a page of ours that names the field to look at.
"""

from poolhouse.house import rollout
from poolhouse.house.accounts import Entered, enter
from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path, start_path
from poolhouse.house.freshness import ANEW
from poolhouse.house.model import PendingLogin
from poolhouse.house.pages import candidate as candidate_page
from poolhouse.house.pages import test_login
from poolhouse.house.pages.departing import remember, too_many
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.provider import FIRST, Provider, find_enabled, find_provider, title
from poolhouse.house.rp import failures
from poolhouse.house.rp.client import Arrival, Callback, arrive, depart, read_callback
from poolhouse.house.rp.explained import EXPLAINED, Explained
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.logout import wants_id_token
from poolhouse.house.rp.request import probe_request
from poolhouse.house.rp.urls import local_path
from poolhouse.house.session import mint_session, session_cookie
from poolhouse.house.store import pending as pending_store
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import HeaderPair, Reply, redirect, text
from poolhouse.kit.html import page_headers
from poolhouse.kit.log import get_logger
from poolhouse.kit.seal import digest

# Neither code nor state may travel on in a Referer.
_NO_REFERRER: tuple[HeaderPair, ...] = (("referrer-policy", "no-referrer"),)
# Anybody can call the callback with nothing in hand; that is a line in the log, not in the audit log.
_ANYBODY = frozenset({Failure.NO_PENDING_LOGIN, Failure.DUPLICATE_PARAMETER})
_FORBIDDEN = frozenset(
    {
        Failure.ACCOUNT_DISABLED,
        Failure.DENIED,
        Failure.DOMAIN_NOT_ALLOWED,
        Failure.EMAIL_TAKEN,
        Failure.FOREIGN_ORGANISATION,
        Failure.IDENTITY_TAKEN,
        Failure.NOBODY_NEW,
        Failure.NOT_INVITED,
    }
)


async def start(ctx: Context, visit: Visit) -> Reply:
    """
    Begin a sign-in, if it is the person who begins it.

    A page elsewhere must not sign people in behind their backs (login CSRF): its links lead to the sign-in page,
    where one press is left to do, and what is no navigation at all is refused.
    """
    query = read_query(visit.raw)
    return_to = local_path(query.get("to", "/"))
    if visit.raw.header("sec-fetch-dest") not in {"", "document"}:
        return text("Open this address in a window of its own.\n", 403)
    if visit.raw.header("sec-fetch-site") == "cross-site":
        return redirect(with_query("/user/login", to="" if return_to == "/" else return_to))
    if not ctx.limiter.allows(visit.address):
        return _too_often()
    provider = find_enabled(ctx.live.document.providers, visit.raw.params["id"])
    if provider is None:
        return await _fail(ctx, visit, Failure.PROVIDER_REMOVED, None)
    return await _depart(ctx, visit, provider, return_to=return_to, is_checked=query.get("unchecked") != "1")


async def connect(ctx: Context, visit: Visit) -> Reply:
    """Connect the account of the signed-in owner with a sign-in at the provider (POST, from Your account)."""
    account = visit.session.account if visit.session else None
    if account is None:
        return redirect("/user/login")
    provider = find_enabled(ctx.live.document.providers, visit.form.get("provider", FIRST))
    if provider is None:
        return await _fail(ctx, visit, Failure.PROVIDER_REMOVED, None)
    return await _depart(ctx, visit, provider, return_to="/user/account", is_checked=True, link_account_id=account.id)


async def _depart(
    ctx: Context,
    visit: Visit,
    provider: Provider,
    *,
    return_to: str,
    is_checked: bool,
    link_account_id: str | None = None,
) -> Reply:
    settings, back = provider.settings, ctx.redirect_url(provider.id)
    if is_checked:
        request = probe_request(provider, redirect_url=back, entropy=ctx.entropy)
        failure = await ctx.relying.probe.check(settings, request_url=request, redirect_url=back)
        if failure is not None:
            onward = None
            if link_account_id is None:
                to = "" if return_to == "/" else return_to
                onward = with_query(start_path(provider.id), to=to, unchecked="1")
            return await _fail(ctx, visit, failure, provider, onward=onward)
    departure = depart(
        provider,
        settings_version=ctx.live.document.version,
        redirect_url=back,
        return_to=return_to,
        link_account_id=link_account_id,
        prompt="login" if return_to in ANEW else None,
        now=ctx.clock.now(),
        entropy=ctx.entropy,
        ring=ctx.ring,
    )
    if not await remember(ctx, visit, departure.state, departure.pending):
        return too_many()
    return redirect(departure.url, headers=_NO_REFERRER)


async def come_back(ctx: Context, visit: Visit) -> Reply:
    """
    The provider's answer.

    The attempt is taken out of the store first, so that whatever happens next, this state is spent.
    """
    if not ctx.limiter.allows(visit.address):
        return _too_often()
    callback: Callback | None = None
    try:
        callback = read_callback(visit.raw.query)
        pending, provider = await _began(ctx, visit, callback.state)
    except SignInFailed as failed:
        if failed.failure is Failure.NO_PENDING_LOGIN and callback is not None:
            tried = await test_login.come_back(ctx, visit, callback)
            if tried is not None:
                return tried
        if failed.failure is Failure.NO_PENDING_LOGIN and visit.session is not None:
            # Pressed twice, or came back by the browser's history: the person is signed in already.
            return redirect("/", headers=_NO_REFERRER)
        return await _fail(ctx, visit, failed.failure, None, detail=failed.detail)
    try:
        return await _welcome(ctx, visit, provider, pending, callback)
    except SignInFailed as failed:
        return await _fail(ctx, visit, failed.failure, provider, detail=failed.detail, who=failed.who)


async def _welcome(ctx: Context, visit: Visit, provider: Provider, pending: PendingLogin, callback: Callback) -> Reply:
    settings, back = provider.settings, ctx.redirect_url(provider.id)
    arrival: Arrival = await arrive(ctx.relying.wire, provider, pending, callback, redirect_url=back)
    person = arrival.person
    if pending.purpose and not await candidate_page.may_enter(ctx, visit, pending, person):
        return redirect(with_query(candidate_page.path(provider.id), who="other"), headers=_NO_REFERRER)
    new = mint_session(
        ctx,
        method=provider.id,
        issuer=person.issuer,
        subject=person.subject,
        claims=arrival.claims,
        id_token=arrival.id_token if wants_id_token(settings) else None,
    )
    outcome = await enter(ctx, visit, person, new, way=title(provider), link_account_id=pending.link_account_id)
    if not isinstance(outcome, Entered):
        raise SignInFailed(outcome, who=person.email or person.username)
    if pending.purpose:
        target = await candidate_page.activate_after(ctx, visit, outcome.account, provider.id)
        return redirect(target, headers=(*_NO_REFERRER, session_cookie(ctx.origin, new.id)))
    await rollout.note_success(ctx, provider)
    target = with_query(pending.return_to, done="connected") if outcome.is_connected_now else pending.return_to
    return redirect(target, headers=(*_NO_REFERRER, session_cookie(ctx.origin, new.id)))


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


async def _began(ctx: Context, visit: Visit, state: str) -> tuple[PendingLogin, Provider]:
    """The attempt and the provider as it was when it began, unless it has been turned off since."""
    pending = await _take(ctx, visit, state)
    if pending is None:
        raise SignInFailed(Failure.NO_PENDING_LOGIN)
    if pending.purpose:
        return pending, await candidate_page.tried(ctx, pending)
    began = await ctx.live.find_version(pending.settings_version)
    provider = find_provider(began.providers, pending.provider) if began is not None else None
    if provider is None or find_enabled(ctx.live.document.providers, pending.provider) is None:
        raise SignInFailed(Failure.PROVIDER_REMOVED)
    return pending, provider


async def _fail(
    ctx: Context,
    visit: Visit,
    failure: Failure,
    provider: Provider | None,
    *,
    detail: str = "",
    who: str = "",
    onward: str | None = None,
) -> Reply:
    """The page, the line in the log and the line in the audit log, all under one reference."""
    explained = EXPLAINED[failure]
    get_logger().warning(
        "sign-in failed",
        program="house",
        reference=visit.reference,
        provider=provider.id if provider else "",
        issuer=provider.settings.issuer if provider else "",
        reason=failure.value,
        field=explained.field,
        error=detail,
    )
    if failure not in _ANYBODY:
        words = ", ".join(word for word in (failure.value, explained.field, detail) if word)
        await _write_failure(ctx, visit, failure, provider, words, who)
    return problem(
        ctx,
        visit,
        status=403 if failure in _FORBIDDEN else 400,
        heading="Sign-in did not work",
        what=explained.sentence,
        todo=explained.advice,
        facts=_facts(explained, provider),
        links=_links(visit, explained, provider, onward),
        headers=_headers(),
    )


async def _write_failure(
    ctx: Context, visit: Visit, failure: Failure, provider: Provider | None, words: str, who: str
) -> None:
    trail = Trail(ctx, visit)
    detail = f"{title(provider) if provider else 'OIDC'}: {words}"

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.SIGN_IN_FAILED, actor=who, detail=detail, is_refusal=True)
        if provider is not None:
            await rollout.note_failure(tx, ctx.live.document, provider, failure)

    await ctx.db.write(unit)


def _too_often() -> Reply:
    return text("Too many sign-ins from your address. Try again in a minute.\n", 429, (("retry-after", "60"),))


def _facts(explained: Explained, provider: Provider | None) -> tuple[tuple[str, str], ...]:
    if not explained.field:
        return ()
    name = title(provider) if provider else "OIDC"
    facts = [("Field to check", explained.field), ("Where", f"Admin Settings > Authentication > {name}")]
    if explained.field == failures.USERNAME_ATTRIBUTE and provider is not None:
        facts.insert(1, ("It is set to", provider.settings.username_attribute))
    return tuple(facts)


def _links(
    visit: Visit, explained: Explained, provider: Provider | None, onward: str | None
) -> tuple[tuple[str, str], ...]:
    links = [("Back to the sign-in page", "/user/login")]
    if visit.session is not None:
        links = [("Go to the home page", "/")]
        if explained.field and visit.session.account.is_admin:
            provider_id, name = (provider.id, title(provider)) if provider else (FIRST, "OIDC")
            links.insert(0, (f"Open the {name} settings", settings_path(provider_id)))
    if onward is not None:
        links.append(("Continue to the provider anyway", onward))
    return tuple(links)


def _headers() -> tuple[HeaderPair, ...]:
    """Of a page of the callback, whose URL holds a code and a state."""
    kept = [pair for pair in page_headers() if pair[0] != "referrer-policy"]
    return (*kept, *_NO_REFERRER)
