"""
``/confirm``, ``/resendcode``, ``/confirmUser``: a new account is confirmed, by a code or by a link.

Whoever confirms in the browser that signed up is signed in with it: this browser has set the password, and the code
shows whose address it is.
"""

from typing import Final

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import sign_in, sign_up
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages import words
from poolhouse.pool.pages.fields import is_name
from poolhouse.pool.pages.going import advance, met
from poolhouse.pool.pages.joining_views import ConfirmView, LinkView
from poolhouse.pool.pages.steps import code_of
from poolhouse.pool.pages.thread import hold
from poolhouse.pool.pages.views import DoneView
from poolhouse.pool.pages.visit import Visit, go, page, sorry

CONFIRM: Final = "CONFIRM"
DESTINATION: Final = "destination"
PAUSE: Final = 30
"""Seconds between two codes that a person asks for: mail takes its time, and each code ends the one before it."""
_SENT_AT, _TOLD = "sent_at", "told"


async def get(visit: Visit) -> Reply:
    come = await met(visit, CONFIRM)
    if isinstance(come, Reply):
        return come
    thread = come[1]
    return _page(visit, thread, notice=_sent(visit) if thread.parameters.get(_TOLD) else "")


async def post(visit: Visit) -> Reply:
    """The code; then whoever has signed up here is signed in, and anybody else signs in."""
    come = await met(visit, CONFIRM)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    code = code_of(visit.form)
    if not code:
        return _page(visit, thread, visit.say("Enter the code."))
    try:
        confirmed = await sign_up.confirm(
            visit.flow, visit.site.entry, valid.client, username=thread.username, code=code, hosted=True,
            session=thread.session or None, seen=visit.seen,
        )  # fmt: skip
    except Refused as no:
        return _page(visit, thread, visit.refusal(no))
    if confirmed.session is not None:
        reply = await _go_on(visit, valid, thread.username, confirmed.session)
        if reply is not None:
            return reply
    done = Thread(step="CONFIRMED", client_id=valid.client.id, username=thread.username)
    return go(visit, "/login", hold(visit, done))


async def post_resend(visit: Visit) -> Reply:
    """A new code in the place of the old one."""
    come = await met(visit, CONFIRM)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    now = visit.flow.clock.now()
    left = int(thread.parameters.get(_SENT_AT, "0")) + PAUSE - now
    if left > 0:
        wait = visit.say_many(
            "A code was sent a moment ago. You can ask for another in %(n)s second.",
            "A code was sent a moment ago. You can ask for another in %(n)s seconds.",
            left,
        )
        return _page(visit, thread, notice=wait, status=429)
    try:
        sent = await sign_up.resend(
            visit.flow, visit.site.entry, valid.client, username=thread.username, hosted=True, seen=visit.seen
        )
    except Refused as no:
        return _page(visit, thread, visit.refusal(no))
    destination = thread.parameters.get(DESTINATION) or sent.destination
    parameters = {DESTINATION: destination, _SENT_AT: str(now), _TOLD: "yes"}
    return go(visit, "/confirm", hold(visit, msgspec.structs.replace(thread, parameters=parameters)))


async def unproved(visit: Visit, text: str) -> Reply:
    """The check against bots did not go through."""
    come = await met(visit, CONFIRM)
    return come if isinstance(come, Reply) else _page(visit, come[1], resend_error=text, status=400)


async def get_link(visit: Visit) -> Reply:
    """
    The link of a verification mail.

    DEVIATION: the service confirms at once.  Mail is opened by scanners as well, and they must not confirm for a
    stranger who signed up with somebody's address; they do not press buttons.  Strict mode asks for the button, too.
    """
    given = _link(visit)
    if given is None:
        return sorry(visit, words.BAD_LINK)
    view = LinkView(action=visit.site.href("/confirmUser", visit.query), username=given["user_name"])
    return page(visit, "link.html", view)


async def post_link(visit: Visit) -> Reply:
    """Confirm by the code in the link."""
    given = _link(visit)
    found = None if given is None else await visit.flow.directory.find_client(given["client_id"])
    if given is None or found is None or found.client.pool_id != visit.site.entry.pool.id:
        return sorry(visit, words.BAD_LINK)
    try:
        await sign_up.confirm(
            visit.flow, visit.site.entry, found.client, username=given["user_name"], code=given["confirmation_code"],
            hosted=True, seen=visit.seen,
        )  # fmt: skip
    except Refused:
        return sorry(visit, words.BAD_LINK)
    lead = visit.say("Go back to the app and sign in.")
    return page(visit, "done.html", DoneView(heading=visit.say("Your account is confirmed"), lead=lead))


async def _go_on(visit: Visit, valid: Valid, username: str, session: str) -> Reply | None:
    """Signed in, or at the next step of it; None where this sign-in may not be."""
    try:
        outcome = await sign_in.begin_confirmed(
            visit.flow, visit.site.entry, valid.client, username=username, session=session, seen=visit.seen
        )
    except Refused:
        return None
    return await advance(visit, valid, outcome, username)


def _sent(visit: Visit) -> str:
    return visit.say("A new code is on its way.")


def _page(
    visit: Visit, thread: Thread, error: str = "", notice: str = "", status: int = 200, resend_error: str = ""
) -> Reply:
    sent_to = thread.parameters.get(DESTINATION)
    view = ConfirmView(
        action=visit.site.href("/confirm", visit.query),
        resend_action=visit.site.href("/resendcode", visit.query),
        lead=visit.say("Enter the code that was sent to %(to)s.", to=sent_to)
        if sent_to
        else visit.say("Enter the code that was sent to you."),
        error=error,
        resend_error=resend_error,
        notice=notice,
        sign_in_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "confirm.html", view, status=400 if error else status, ends_at_app=True, asks=True)


def _link(visit: Visit) -> dict[str, str] | None:
    try:
        given = forms.single(visit.query)
    except forms.FormError:
        return None
    whole = all(given.get(name) for name in ("client_id", "user_name", "confirmation_code"))
    return given if whole and is_name(given["user_name"]) else None
