"""
``/device``: where a person lets a device in (RFC 8628 section 3.3).

The address may bring the code along (a QR code on the device has it), and then, too, the person is asked: anybody can
send such an address to others, whose sign-in would let his device in (section 5.4).
"""

from typing import Final

import msgspec

from poolhouse.kit import forms
from poolhouse.kit.edge import Reply, redirect
from poolhouse.pool.core import user_codes
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import device_grant
from poolhouse.pool.flows.authorize import is_enough
from poolhouse.pool.flows.browser import SESSION_COOKIE, Recognised, find_session
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.device_entry import PATH, judge, query
from poolhouse.pool.flows.device_grant import Waiting
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.pages.consent import items
from poolhouse.pool.pages.fields import called
from poolhouse.pool.pages.views import DeviceCodeView, DeviceView, DoneView
from poolhouse.pool.pages.visit import Visit, page
from poolhouse.pool.spec.errors import Reason

_ALLOW: Final = "allow"
_DENY: Final = "deny"
_WRONG: Final = N_("That code is not right, or it has expired. Check the code on your device.")


async def get(visit: Visit) -> Reply:
    """The field for the code; with a code in the address the question."""
    try:
        typed = forms.single(visit.query).get("user_code", "")
    except forms.FormError:
        typed = ""
    return await _question(visit, typed) if typed else _field(visit)


async def post(visit: Visit) -> Reply:
    """The code that was typed, or the answer to the question."""
    typed, answer = visit.form.get("user_code", ""), visit.form.get("answer", "")
    if answer in {_ALLOW, _DENY}:
        return await _answer(visit, typed, allows=answer == _ALLOW)
    letters = user_codes.read(typed)
    if letters is None:
        return _field(visit, typed, visit.say(_WRONG))
    # Round as a GET, so that a sign-in comes back to the same address.
    return redirect(visit.site.href(PATH, query("", user_codes.shown(letters))))


async def _question(visit: Visit, typed: str) -> Reply:
    met = await _meet(visit, typed)
    if isinstance(met, Reply):
        return met
    waiting, known, request = met
    client, code = waiting.client.client, user_codes.shown(user_codes.read(typed) or "")
    view = DeviceView(
        app=client.settings.client_name or visit.say("the app"),
        is_unknown=waiting.client.is_unknown_app,
        action=visit.site.href(PATH),
        code=code,
        username=called(visit.site.entry.pool, known.user),
        account=known.user.sub,
        seen=waiting.code.seen,
        asked_at=waiting.asked_at,
        items=items(visit, msgspec.structs.replace(request, scope=waiting.code.scope)),
        switch_url=visit.site.href("/login", query(client.id, code, prompt="login")),
    )
    return page(visit, "device_question.html", view)


async def _answer(visit: Visit, typed: str, *, allows: bool) -> Reply:
    met = await _meet(visit, typed)
    if isinstance(met, Reply):
        return met
    waiting, known, _ = met
    if visit.form.get("account") != known.user.sub:
        # Another tab has signed somebody else in since: nothing is let in in that name unasked.
        return await _question(visit, typed)
    try:
        await device_grant.decide(visit.flow, visit.site.entry, waiting, known, allows=allows)
    except Refused as no:
        if no.reason is Reason.LOGIN_REQUIRED:
            return _to_sign_in(visit, waiting, typed)
        if no.reason is not Reason.CODE_EXPIRED:
            raise
        return _field(visit, typed, visit.say(_WRONG))
    if allows:
        view = DoneView(heading=visit.say("Your device is connected"), lead=visit.say("You can close this page."))
    else:
        lead = visit.say("Nothing was shared. Close this page.")
        view = DoneView(heading=visit.say("The device was not let in"), lead=lead)
    return page(visit, "done.html", view)


async def _meet(visit: Visit, typed: str) -> tuple[Waiting, Recognised, Valid] | Reply:
    """The device and who is signed in; the reply for a wrong code, and for who has to sign in first."""
    flow, entry = visit.flow, visit.site.entry
    try:
        waiting = await device_grant.find(flow, entry, typed, visit.raw.peer)
    except Refused as no:
        match no.reason:
            case Reason.CODE_MISMATCH:
                return _field(visit, typed, visit.say(_WRONG))
            case Reason.ATTEMPT_LIMIT:
                return _field(visit, typed, visit.refusal(no), status=429)
            case _:
                raise
    request = await judge(flow, visit.site, query(waiting.client.client.id, typed))
    known = await find_session(flow, entry, visit.cookie(SESSION_COOKIE))
    if request is None or known is None:
        return _to_sign_in(visit, waiting, typed)
    # Who has signed in since the device asked has done so for it.
    is_fresh = known.session.auth_time >= waiting.asked_at
    if is_fresh or is_enough(entry, request, known.session, flow.clock.now()):
        return waiting, known, request
    return _to_sign_in(visit, waiting, typed)


def _to_sign_in(visit: Visit, waiting: Waiting, typed: str) -> Reply:
    code = user_codes.shown(user_codes.read(typed) or "")
    return redirect(visit.site.href("/login", query(waiting.client.client.id, code)))


def _field(visit: Visit, typed: str = "", error: str = "", *, status: int = 400) -> Reply:
    view = DeviceCodeView(action=visit.site.href(PATH), code=typed[:32], error=error)
    return page(visit, "device.html", view, status=status if error else 200)
