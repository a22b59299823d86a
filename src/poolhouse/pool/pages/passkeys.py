"""
``/passkeys/add``: a person who is signed in adds a passkey, by the app's wish or invited after a sign-in.

The app's wish is the service's: with a session, back to the app with ``result=success`` or ``result=invalid_session``.
Ours: whoever has signed in too long ago for that at the account page signs in again here, too.
An invitation can be declined, and then is not repeated in this browser for a while.
"""

from typing import Final

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply, redirect
from poolhouse.pool.core import account
from poolhouse.pool.core.authorization_request import Valid, answer_url
from poolhouse.pool.flows import adding_entry, invitation, notices, offered, passkeys
from poolhouse.pool.flows import authorize as flow_of
from poolhouse.pool.flows.browser import SESSION_COOKIE, Recognised, find_session
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.site import origin_of
from poolhouse.pool.pages.arriving import INVITE, INVITE_PATH, LATER_COOKIE, go_on
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.going import held
from poolhouse.pool.pages.sign_in_views import AddPasskeyView
from poolhouse.pool.pages.thread import is_of_request
from poolhouse.pool.pages.visit import Visit, go, keep_cookie, page
from poolhouse.pool.spec.errors import CognitoError

_LATER: Final = "later"


class _Come(msgspec.Struct, frozen=True):
    valid: Valid
    known: Recognised
    is_invited: bool


async def get(visit: Visit) -> Reply:
    come = await _met(visit)
    return come if isinstance(come, Reply) else await _page(_whole(visit), come)


async def post(visit: Visit) -> Reply:
    """Keep the passkey that the browser has made; or "not now"."""
    come = await _met(visit)
    if isinstance(come, Reply):
        return come
    visit = _whole(visit)
    if come.is_invited and visit.form.get("answer") == _LATER:
        declined = invitation.decline(visit.flow, come.known.user, visit.cookie(LATER_COOKIE))
        kept = keep_cookie(visit, LATER_COOKIE, declined, invitation.SECONDS)
        return await go_on(visit, come.valid, come.known, kept)
    try:
        credential = msgspec.json.decode(visit.form.get("credential", ""))
    except msgspec.DecodeError:
        return await _page(visit, come, visit.say("Nothing was added. Try again."))
    try:
        await passkeys.complete(
            visit.flow, _owner(visit, come), credential, origin=origin_of(visit.site),
            scene=notices.scene(visit.site.entry, come.valid.client, visit.origin, at_account_page=True),
        )  # fmt: skip
    except (CognitoError, Refused) as no:
        return await _page(visit, come, _told(visit, no))
    if come.is_invited:
        return await go_on(visit, come.valid, come.known)
    return _back(come.valid, "success")


def _told(visit: Visit, no: CognitoError | Refused) -> str:
    if isinstance(no, Refused):
        return visit.refusal(no)
    match no.code:
        case "WebAuthnChallengeNotFoundException":
            return visit.say("This page was open for too long. Try again.")
        case "LimitExceededException":
            return visit.say("You have as many passkeys as an account can have. Remove one first.")
        case "InvalidParameterException":
            return visit.say("This passkey is in use already. Choose another one.")
        case _:
            return visit.say("This passkey cannot be used here. Try another one.")


async def _met(visit: Visit) -> _Come | Reply:
    """Who is signed in, for which app; back to where a person belongs who is not."""
    visit = _whole(visit)
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    flow, site = visit.flow, visit.site
    known = await find_session(flow, site.entry, visit.cookie(SESSION_COOKIE))
    thread = held(visit, valid, INVITE)
    is_invited = thread is not None and is_of_request(visit, thread)
    if thread is not None and is_invited:
        if known is None or known.user.username != thread.username:
            return go(visit, "/login")
        return _Come(valid, known, is_invited=True)
    works = offered.is_by_choice(flow, site, valid.client) and offered.works_with_passkeys(flow, site)
    now = flow.clock.now()
    if known is None or not works or not flow_of.is_enough(site.entry, valid, known.session, now):
        return _back(valid, "invalid_session")
    within = account.SENDING_SECONDS if visit.raw.method == "POST" else account.OPENING_SECONDS
    if now - known.session.auth_time > within:
        return redirect(site.href("/login", adding_entry.query(visit.query)))
    return _Come(valid, known, is_invited=False)


def _whole(visit: Visit) -> Visit:
    """The request as others are: this page needs no response type (developer guide, ``/passkeys/add``)."""
    try:
        given = forms.multi(visit.query)
    except forms.FormError:
        return visit
    if "response_type" in given:
        return visit
    return msgspec.structs.replace(visit, query=f"{visit.query}&response_type=code".lstrip("&"))


def _back(valid: Valid, result: str) -> Reply:
    return redirect(answer_url(valid.redirect_uri, {"result": result}), 302)


def _owner(visit: Visit, come: _Come) -> passkeys.Owner:
    entry, user = visit.site.entry, come.known.user
    return passkeys.Owner(entry, come.valid.client, user, called(entry.pool, user))


async def _page(visit: Visit, come: _Come, error: str = "") -> Reply:
    owner = _owner(visit, come)
    try:
        options = await passkeys.start(visit.flow, owner)
    except CognitoError as no:
        if come.is_invited:
            return await go_on(visit, come.valid, come.known)
        if no.code != "LimitExceededException":
            raise
        return _back(come.valid, "invalid_session")
    view = AddPasskeyView(
        action=visit.site.href(INVITE_PATH, visit.query),
        options=msgspec.json.encode(options).decode(),
        username=owner.shown,
        is_invited=come.is_invited,
        error=error,
    )
    return page(visit, "passkey_add.html", view, status=400 if error else 200, ends_at_app=True)
