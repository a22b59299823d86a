"""``/login/choose``, ``/login/password``, ``/login/code``, ``/login/passkey``: how to sign in, after the name."""

from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core import first_factors
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import offered, page_codes, passkey_entry
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.site import origin_of
from poolhouse.pool.pages import brakes
from poolhouse.pool.pages.arriving import WAY_COOKIE
from poolhouse.pool.pages.authorize import judged
from poolhouse.pool.pages.entrance import ask_passkey, entrance
from poolhouse.pool.pages.fields import called, is_name, name_field
from poolhouse.pool.pages.going import (
    CHOOSE,
    FIRST,
    NOT_ENOUGH,
    PASSKEY,
    PASSWORD,
    WAYS,
    advance,
    answer,
    begin_way,
    by_password,
    held,
    met,
    refused,
    remembered,
)
from poolhouse.pool.pages.providers import home_of, to_provider
from poolhouse.pool.pages.sign_in_views import FirstCodeView, PasskeyPageView, PasswordView, WaysView
from poolhouse.pool.pages.steps import GRAPHICS, code_of, sent_anew
from poolhouse.pool.pages.views import Choice
from poolhouse.pool.pages.visit import Visit, page
from poolhouse.pool.spec.errors import Reason

_PARAMETERS: Final = {first_factors.EMAIL_OTP: "EMAIL_OTP_CODE", first_factors.SMS_OTP: "SMS_OTP_CODE"}
_CODE_STEPS: Final = tuple(FIRST + name for name in offered.CODES)


async def named(visit: Visit, valid: Valid, username: str) -> Reply:
    """
    After the name: to its home, to the way that this browser took last, to the only one, or to the choice.

    Whether anybody has the name is not looked up.
    """
    if not is_name(username):
        error = visit.say(name_field(visit.site.entry.pool).missing)
        return entrance(visit, valid, username=username, error=error, status=400)
    home = home_of(visit, valid, username)
    if home is not None:
        return to_provider(visit, home)
    ways = offered.ways(visit.flow, visit.site)
    last = visit.cookie(WAY_COOKIE) or ""
    if last in ways:
        return await _take(visit, valid, username, last)
    if len(ways) == 1:
        return await _take(visit, valid, username, ways[0])
    return begin_way(visit, valid, username, CHOOSE)


async def get_choice(visit: Visit) -> Reply:
    come = await met(visit, *WAYS)
    return come if isinstance(come, Reply) else _choice(visit, come[1])


async def post_choice(visit: Visit) -> Reply:
    """One of the ways that the page offers; a code that was sent before is good for nothing then."""
    come = await met(visit, *WAYS)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    wanted = visit.form.get("answer", "")
    if wanted not in _offered(visit, thread):
        return _choice(visit, thread, visit.say("Choose one of them."))
    return await _take(visit, valid, thread.username, wanted)


async def get_password(visit: Visit) -> Reply:
    come = await met(visit, PASSWORD)
    return come if isinstance(come, Reply) else _password(visit, come[1])


async def post_password(visit: Visit) -> Reply:
    come = await met(visit, PASSWORD)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    password = visit.form.get("password", "")
    if not password:
        return _password(visit, thread, visit.refusal(Refused(Reason.PASSWORD_REQUIRED)), 400)
    return await by_password(
        visit, valid, thread.username, password, lambda error: _password(visit, thread, error, 401)
    )


async def unproved_password(visit: Visit, text: str) -> Reply:
    """The check against bots did not go through."""
    come = await met(visit, PASSWORD)
    return come if isinstance(come, Reply) else _password(visit, come[1], text, 400)


async def get_code(visit: Visit) -> Reply:
    come = await met(visit, *_CODE_STEPS)
    return come if isinstance(come, Reply) else _code(visit, come[1])


async def post_code(visit: Visit) -> Reply:
    """The code, or the wish for a new one, after which the one before is dead."""
    come = await met(visit, *_CODE_STEPS)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    challenge = thread.step.removeprefix(FIRST)
    if "resend" in visit.form:
        await brakes.spend(visit.flow, visit.site, visit.raw, visit.form)
        try:
            outcome = await page_codes.again(
                visit.flow, visit.site.entry, valid.client, challenge=challenge, session=thread.session, seen=visit.seen
            )
        except Refused as no:
            return refused(visit, valid, thread, no, lambda error: _code(visit, thread, error))
        return await advance(visit, valid, outcome, thread.username, anew=True)
    code = code_of(visit.form)
    if not code:
        return _code(visit, thread, visit.say("Enter the code."))
    return await answer(visit, valid, thread, {_PARAMETERS[challenge]: code}, lambda error: _code(visit, thread, error))


async def get_passkey(visit: Visit) -> Reply:
    come = await met(visit, PASSKEY)
    return come if isinstance(come, Reply) else _passkey(visit, *come)


async def post_passkey(visit: Visit) -> Reply:
    """What an authenticator has answered, with a name before or without one."""
    valid = await judged(visit)
    if isinstance(valid, Reply):
        return valid
    thread = held(visit, valid, PASSKEY)
    if not offered.is_by_choice(visit.flow, visit.site, valid.client):
        return entrance(visit, valid, error=visit.refusal(Refused(Reason.CHALLENGE_NOT_OFFERED)), status=400)
    shown = passkey_entry.Shown(
        ticket=visit.form.get("ticket", ""), credential=visit.form.get("credential", ""), browser=visit.csrf,
        origin=origin_of(visit.site),
    )  # fmt: skip
    name = "" if thread is None else thread.username
    try:
        user, outcome = await passkey_entry.answer(
            visit.flow, visit.site.entry, valid.client, shown, named=name, remembered=remembered(visit, valid),
            seen=visit.seen,
        )  # fmt: skip
    except Refused as no:
        error = _told(visit, no)
        if thread is not None:
            return _passkey(visit, valid, thread, error)
        return entrance(visit, valid, error=error, status=401)
    return await advance(visit, valid, outcome, name or called(visit.site.entry.pool, user))


def _told(visit: Visit, no: Refused) -> str:
    if no.reason in {Reason.SESSION_EXPIRED, Reason.SESSION_USED}:
        return visit.say("This page was open for too long. Use your passkey once more.")
    return visit.refusal(no)


async def _take(visit: Visit, valid: Valid, username: str, way: str) -> Reply:
    if way == first_factors.PASSWORD:
        return begin_way(visit, valid, username, PASSWORD)
    if way == first_factors.WEB_AUTHN:
        return begin_way(visit, valid, username, PASSKEY)
    await brakes.spend(visit.flow, visit.site, visit.raw, visit.form)
    try:
        outcome = await page_codes.begin(
            visit.flow, visit.site.entry, valid.client, username=username, challenge=way, seen=visit.seen
        )
    except Refused as no:
        return entrance(visit, valid, username=username, error=visit.refusal(no), status=401)
    return await advance(visit, valid, outcome, username)


def _offered(visit: Visit, thread: Thread) -> tuple[str, ...]:
    """The ways, the one taken last before all others; without the passkey where it was not enough."""
    ways = offered.ways(visit.flow, visit.site)
    if NOT_ENOUGH in thread.parameters:
        ways = tuple(each for each in ways if each != first_factors.WEB_AUTHN)
    last = visit.cookie(WAY_COOKIE)
    return tuple(sorted(ways, key=lambda each: each != last))


def _other_url(visit: Visit) -> str:
    """Where there is another way."""
    several = len(offered.ways(visit.flow, visit.site)) > 1
    return visit.site.href(WAYS[CHOOSE], visit.query) if several else ""


def _choice(visit: Visit, thread: Thread, error: str = "") -> Reply:
    words = {
        first_factors.PASSWORD: (visit.say("Password"), visit.say("Enter your password.")),
        first_factors.EMAIL_OTP: (visit.say("Email code"), visit.say("A code is sent to your email address.")),
        first_factors.SMS_OTP: (visit.say("Text message code"), visit.say("A code is sent to your phone.")),
        first_factors.WEB_AUTHN: (visit.say("Passkey"), visit.say("Your face, your fingerprint or a security key.")),
    }
    view = WaysView(
        action=visit.site.href(WAYS[CHOOSE], visit.query),
        username=thread.username,
        choices=tuple(
            Choice(value=each, label=words[each][0], text=words[each][1]) for each in _offered(visit, thread)
        ),
        error=error,
        notice=_notice(visit, thread),
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "ways.html", view, status=400 if error else 200, ends_at_app=True)


def _notice(visit: Visit, thread: Thread) -> str:
    if NOT_ENOUGH not in thread.parameters:
        return ""
    return visit.say("Your passkey was right, but your account needs a second step. Sign in another way.")


def _password(visit: Visit, thread: Thread, error: str = "", status: int = 200) -> Reply:
    recovery = visit.site.entry.pool.settings.account_recovery_setting
    mechanisms = (recovery.recovery_mechanisms or []) if recovery is not None else []
    closed = any(each.name == "admin_only" for each in mechanisms)
    view = PasswordView(
        action=visit.site.href(WAYS[PASSWORD], visit.query),
        username=thread.username,
        error=error,
        notice=_notice(visit, thread),
        forgot_url="" if closed else visit.site.href("/forgotPassword", visit.query),
        other_url=_other_url(visit),
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "password.html", view, status=status, ends_at_app=True, asks=True)


def _code(visit: Visit, thread: Thread, error: str = "") -> Reply:
    to = thread.parameters.get("CODE_DELIVERY_DESTINATION", "")
    by_text = thread.step == FIRST + first_factors.SMS_OTP
    if by_text:
        lead = visit.say("If you can sign in this way, a code was sent to %(to)s by text message.", to=to)
    else:
        lead = visit.say("If you can sign in this way, a code was sent to %(to)s.", to=to)
    view = FirstCodeView(
        action=visit.site.href(WAYS[thread.step], visit.query),
        username=thread.username,
        lead=lead,
        graphic=GRAPHICS[thread.step.removeprefix("FIRST_")],
        notice=sent_anew(visit, thread),
        error=error,
        other_url=_other_url(visit),
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "first_code.html", view, status=400 if error else 200, ends_at_app=True)


def _passkey(visit: Visit, valid: Valid, thread: Thread, error: str = "") -> Reply:
    asked = ask_passkey(visit, valid)
    if asked is None:
        return begin_way(visit, valid, thread.username, CHOOSE)
    view = PasskeyPageView(
        passkey=asked,
        username=thread.username,
        error=error,
        other_url=_other_url(visit),
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "passkey_page.html", view, status=401 if error else 200, ends_at_app=True)
