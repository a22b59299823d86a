"""
``/logout``: ends the browser's session and goes on.

The service has two forms of it (developer guide, logout endpoint): ``logout_uri``, and ``redirect_uri`` with
``response_type`` to sign in again.  The third is that of OpenID Connect RP-Initiated Logout.
"""

from urllib.parse import urlencode, urlsplit

from poolhouse.kit import forms
from poolhouse.kit.edge import HeaderPair, Reply, redirect
from poolhouse.pool.core import subjects
from poolhouse.pool.core.authorization_request import answer_url
from poolhouse.pool.flows import account_entry, logout, logout_request
from poolhouse.pool.flows.browser import SESSION_COOKIE, THREAD_COOKIE, find_session
from poolhouse.pool.flows.logout import Ended
from poolhouse.pool.flows.logout_request import HINT, SEALED, TARGET, Wanted, Wrong, is_registered, sealed_hint
from poolhouse.pool.model.pool import Client
from poolhouse.pool.pages.error import to_error
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.views import SignedOutView, SignOutView
from poolhouse.pool.pages.visit import Visit, drop_cookie, page

_MISSING = "Required String parameter '{}' is not present"
_MEDIA_TYPE = "application/x-www-form-urlencoded"
_OF_THE_SERVICE = frozenset({"logout_uri", "redirect_uri", "response_type"})
_LIMIT = 32_768
"""Bytes of a posted request; the largest ID token has half of that."""


async def get(visit: Visit) -> Reply:
    """Any of the three forms."""
    given = await _of_strangers(visit, _given(visit))
    if given is None:
        return to_error(visit, "invalid_request")
    if not await _is_standard(visit, given):
        return await _as_the_service(visit, given)
    return await _standard(visit, given, confirmed=False)


async def post(visit: Visit) -> Reply:
    """
    The same parameters in a form (RP-Initiated Logout section 2), sent round as a GET.

    A post from an app's page comes without our cookies (SameSite=Lax); the GET that follows it brings them, and what
    the ID token says in its place.
    """
    try:
        if visit.raw.media_type != _MEDIA_TYPE or len(visit.raw.body) > _LIMIT:
            return to_error(visit, "invalid_request")
        form = {name: value for name, value in forms.single(forms.body_text(visit.raw.body)).items() if value}
    except forms.FormError:
        return to_error(visit, "invalid_request")
    asked = sealed_hint(visit.flow, visit.site.entry, form)
    if asked is None:
        return to_error(visit, logout_request.UNKNOWN)
    return redirect(visit.site.href("/logout", urlencode(asked)), 303)


async def post_confirmed(visit: Visit) -> Reply:
    """The user has said yes on our page; the request is judged anew."""
    given = await _of_strangers(visit, _given(visit))
    if given is None:
        return to_error(visit, "invalid_request")
    return await _standard(visit, given, confirmed=True)


def _given(visit: Visit) -> dict[str, str] | None:
    """The parameters that are not empty; None when they cannot be told apart."""
    try:
        given = {name: value for name, value in forms.single(visit.query).items() if value}
    except forms.FormError:
        return None
    if visit.flow.config.strict:
        for name in (HINT, SEALED):
            given.pop(name, None)
    return given


async def _of_strangers(visit: Visit, given: dict[str, str] | None) -> dict[str, str] | None:
    """
    The service's forms, which ask nobody, as that of OpenID Connect for an app that anybody may have registered.

    A link is all that such an app needs: whoever follows it would be signed out of all others.
    """
    if given is None or visit.flow.config.strict:
        return given
    hint = logout_request.read_hint(visit.flow, visit.site.entry, given) or {}
    found = await visit.flow.directory.find_client(given.get("client_id") or str(hint.get("aud", "")))
    if found is None or not found.is_unknown_app:
        return given
    kept = {name: value for name, value in given.items() if name not in _OF_THE_SERVICE}
    return {TARGET: given["logout_uri"], **kept} if "logout_uri" in given else kept


async def _is_standard(visit: Visit, given: dict[str, str]) -> bool:
    """
    Whether this is the form of OpenID Connect.

    DEVIATION: the service refuses it, although its discovery document names this endpoint for it. So does strict mode.
    A request without any address is one of a client in the openid dialect, or of a browser that is signed in and
    names no client.
    """
    if visit.flow.config.strict or "logout_uri" in given or ("redirect_uri" in given and "response_type" in given):
        return False
    if HINT in given or SEALED in given or (TARGET in given and "client_id" in given):
        return True
    if "client_id" not in given:
        session = await logout.find_former(visit.flow, visit.site.entry, visit.cookie(SESSION_COOKIE))
        return session is not None and "redirect_uri" not in given
    client = await _client(visit, given["client_id"])
    return client is not None and client.extended.dialect == "openid"


async def _standard(visit: Visit, given: dict[str, str], *, confirmed: bool) -> Reply:
    flow, entry = visit.flow, visit.site.entry
    verdict = await logout_request.judge(flow, entry, given, visit.cookie(SESSION_COOKIE))
    if isinstance(verdict, Wrong):
        return to_error(visit, verdict.error, verdict.client_id, verdict.reason)
    if not (verdict.is_sure or confirmed):
        return await _ask(visit, verdict)
    ended = await _end(visit)
    return await _leave(visit, ended, verdict.target and answer_url(verdict.target, {"state": verdict.state}))


async def _ask(visit: Visit, wanted: Wanted) -> Reply:
    known = await find_session(visit.flow, visit.site.entry, visit.cookie(SESSION_COOKIE))
    view = SignOutView(
        action=visit.site.href("/logout/confirm", visit.query),
        username=wanted.username if known is None else called(visit.site.entry.pool, known.user),
        app=(wanted.client.settings.client_name or "") if wanted.client is not None else "",
    )
    return page(visit, "sign_out.html", view, ends_at_app=True)


async def _as_the_service(visit: Visit, given: dict[str, str]) -> Reply:
    client_id = given.get("client_id")
    hinted = {name: given[name] for name in (HINT, SEALED) if name in given}
    if hinted:
        named = {"client_id": client_id} if client_id is not None else {}
        verdict = await logout_request.judge(visit.flow, visit.site.entry, {**hinted, **named}, None)
        client = None if isinstance(verdict, Wrong) else verdict.client
    else:
        client = await _client(visit, client_id or "")
    if client is None:
        unknown = client_id is not None or hinted
        return to_error(visit, logout_request.UNKNOWN if unknown else _MISSING.format("client_id"))
    if "logout_uri" in given:
        if not is_registered(client, given["logout_uri"]):
            return to_error(visit, _MISSING.format("redirect_uri"), client.id, "logout_mismatch")
        # The service's form never hands ``state`` back.
        return await _leave(visit, await _end(visit), given["logout_uri"])
    if "redirect_uri" in given and "response_type" in given:
        return await _sign_in_again(visit, client, given)
    return to_error(visit, _MISSING.format("redirect_uri"), client.id)


async def _sign_in_again(visit: Visit, client: Client, given: dict[str, str]) -> Reply:
    """To the sign-in page, which judges the rest; without a scope all of the client's are asked for."""
    if given["redirect_uri"] not in (client.settings.callback_urls or ()):
        return to_error(visit, "redirect_mismatch", client.id)
    ended = await _end(visit)
    return await _leave(visit, ended, visit.site.href("/login", urlencode({**given, "client_id": client.id})))


async def _end(visit: Visit) -> Ended | None:
    return await logout.end(visit.flow, visit.site.entry, visit.cookie(SESSION_COOKIE))


async def _leave(visit: Visit, ended: Ended | None, target: str | None) -> Reply:
    """
    On to *target*; without one the browser stays on a page of ours.

    Apps in the session that are told in the browser are told first, each in a frame (OpenID Connect Front-Channel
    Logout section 3); the page goes on by itself, without script.
    """
    forgotten: tuple[HeaderPair, ...] = (drop_cookie(visit, SESSION_COOKIE), drop_cookie(visit, THREAD_COOKIE))
    frames = () if ended is None else _frames(visit, ended)
    if target is not None and not frames:
        return redirect(target, 302, forgotten)
    # Whoever goes on in a moment has no time for it.
    account_url = await account_entry.address(visit.flow, visit.site) if target is None else ""
    view = SignedOutView(
        frames=frames, target=target or "", host=urlsplit(target or "").netloc, account_url=account_url
    )
    origins = sorted({"{0.scheme}://{0.netloc}".format(urlsplit(each)) for each in frames})
    return page(visit, "signed_out.html", view, frames=origins).with_headers(*forgotten)


def _frames(visit: Visit, ended: Ended) -> tuple[str, ...]:
    entry, sid = visit.site.entry, ended.session.sid or ""
    issuer = visit.flow.config.issuer(entry.pool.id)
    return tuple(
        answer_url(
            each.extended.frontchannel_logout_uri,
            {"iss": issuer, "sid": subjects.session_for(each, sid, entry.salt)},
        )
        for each in ended.clients
        if each.extended.frontchannel_logout_uri
    )


async def _client(visit: Visit, client_id: str) -> Client | None:
    found = await visit.flow.directory.find_client(client_id)
    return found.client if found is not None and found.client.pool_id == visit.site.entry.pool.id else None
