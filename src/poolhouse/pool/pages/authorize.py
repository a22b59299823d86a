"""``/oauth2/authorize``: straight back to the app for whoever is signed in, else to the sign-in page."""

from urllib.parse import urlencode, urlsplit

from poolhouse.kit import forms
from poolhouse.kit.edge import HeaderPair, Reply, redirect
from poolhouse.pool.core.authorization_request import FORM, Answer, BadClient, BadRequest, Valid
from poolhouse.pool.flows import account_entry, adding_entry, consent, device_entry, hints, judging
from poolhouse.pool.flows import authorize as flow_of
from poolhouse.pool.flows.browser import SESSION_COOKIE, Recognised, find_session
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages import words
from poolhouse.pool.pages.error import to_error
from poolhouse.pool.pages.thread import ask_consent
from poolhouse.pool.pages.tongue import carried
from poolhouse.pool.pages.views import FormPostView
from poolhouse.pool.pages.visit import Visit, page, sorry
from poolhouse.pool.spec.errors import Reason

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_HINT = "id_token_hint"
_NO_HINT = "none"
"""As a hint it is none of this pool's, and refused as that."""


async def get(visit: Visit) -> Reply:
    met = await meet(visit)
    if isinstance(met, Reply):
        return met
    query = carried(visit.query, met.ui_locales, visit.site)
    if _HINT in query:
        query = urlencode(_without_token(visit, forms.multi(query)), doseq=True)
    return redirect(visit.site.href("/login", query), 302)


async def post(visit: Visit) -> Reply:
    """
    The same parameters in a form (OIDC Core section 3.1.2.1), sent round as a GET.

    A post from an app's page comes without our cookies (SameSite=Lax); the GET that follows it brings them.
    """
    try:
        if visit.raw.media_type != _MEDIA_TYPE or len(visit.raw.body) > judging.REQUEST_LIMIT:
            return to_error(visit, "invalid_request")
        form = forms.multi(forms.body_text(visit.raw.body))
    except forms.FormError:
        return to_error(visit, "invalid_request")
    return redirect(visit.site.href("/oauth2/authorize", urlencode(_without_token(visit, form), doseq=True)), 303)


def _without_token(visit: Visit, form: dict[str, list[str]]) -> dict[str, list[str]]:
    """The parameters for an address of ours, which no ID token goes into; one that is not ours is shown as none."""
    if _HINT not in form:
        return form
    made = [hints.carried(visit.flow, visit.site.entry, hint) or _NO_HINT for hint in form[_HINT] if hint]
    return {**form, _HINT: made}


async def judged(visit: Visit) -> Valid | Reply:
    """The request, or the reply that a bad one gets; the parameters are judged anew on every page."""
    verdict = (
        await device_entry.judge(visit.flow, visit.site, visit.query)
        or await account_entry.judge(visit.flow, visit.site, visit.query)
        or await adding_entry.judge(visit.flow, visit.site, visit.query)
        or await judging.judge(visit.flow, visit.site.entry, visit.query, visit.origin.address)
    )
    match verdict:
        case BadClient():
            return to_error(visit, verdict.error, verdict.client_id)
        case BadRequest():
            return to_app(visit, flow_of.refusal(visit.flow, visit.site.entry, verdict))
        case Valid():
            return verdict if _has_pages(visit, verdict) else sorry(visit, words.NO_STYLE)


def _has_pages(visit: Visit, valid: Valid) -> bool:
    """
    DEVIATION: with managed login, the service has no pages for a client without a branding style.

    Here they have our own look; only a strict server says that there are none.
    """
    site = visit.site
    return not (visit.flow.config.strict and site.managed) or valid.client.id in site.entry.appearance.managed


async def meet(visit: Visit) -> Valid | Reply:
    """The request of a browser that has to sign in; for any other the reply that it gets at once."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    flow, entry = visit.flow, visit.site.entry
    known = await find_session(flow, entry, visit.cookie(SESSION_COOKIE))
    if known is not None and flow_of.is_enough(entry, valid, known.session, flow.clock.now()):
        if await consent.is_missing(flow, entry, valid, known.session.sub):
            return await _asked(visit, valid, known)
        try:
            return to_app(visit, await flow_of.answer_session(flow, entry, valid, known, visit.origin))
        except Refused as no:
            if no.reason is not Reason.LOGIN_REQUIRED:
                raise
    if "none" in valid.prompt:
        return to_app(visit, flow_of.refusal(flow, entry, flow_of.nobody_signed_in(valid)))
    return valid


async def _asked(visit: Visit, valid: Valid, known: Recognised) -> Reply:
    """
    The user has to agree first; a request that may show nothing is refused (OIDC Core section 3.1.2.6).

    Whoever has not agreed is nobody to an app: one that anybody may have registered is not told that somebody is
    signed in, and none that it is the very user whom it named, or that he signed in as it asked.
    """
    if "none" in valid.prompt:
        is_telling = valid.is_unknown_app or valid.subject is not None or valid.acr_essential
        missing = flow_of.told(valid, "login_required" if is_telling else "consent_required")
        return to_app(visit, flow_of.refusal(visit.flow, visit.site.entry, missing))
    return ask_consent(visit, valid, known.user.username)


def to_app(visit: Visit, answer: Answer, *headers: HeaderPair) -> Reply:
    """
    The answer on its way: a redirect, or a page with a form that posts itself (Form Post Response Mode section 2).

    Without script the form has a button.
    """
    if answer.mode != FORM:
        return redirect(answer.url, 302, headers)
    host = urlsplit(answer.url)
    view = FormPostView(action=answer.url, host=host.netloc or host.scheme, fields=tuple(answer.values.items()))
    return page(visit, "form_post.html", view, ends_at_app=True).with_headers(*headers)
