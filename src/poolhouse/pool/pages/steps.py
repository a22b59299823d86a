"""``/changePassword`` and ``/mfa``: what a sign-in asks for after the password."""

import json
from types import MappingProxyType
from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.flows import browser_devices, page_codes
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.pages.fields import attribute_field, attributes_of
from poolhouse.pool.pages.going import ANEW, Again, advance, answer, met, refused
from poolhouse.pool.pages.rules import rules_of
from poolhouse.pool.pages.sign_in_views import ChoiceView, CodeView, NewPasswordView
from poolhouse.pool.pages.views import Choice
from poolhouse.pool.pages.visit import Visit, page
from poolhouse.pool.spec.errors import Reason, sentence

NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105 (a challenge's name)
SELECT = "SELECT_MFA_TYPE"
RESEND: Final = "resend"
OTHER: Final = "other"
#: Challenge -> the parameter that answers it.
_CODES: MappingProxyType[str, str] = MappingProxyType(
    {"SMS_MFA": "SMS_MFA_CODE", "EMAIL_OTP": "EMAIL_OTP_CODE", "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE"}
)
#: Challenge -> the small picture of where its code is (kit/hosted.html).
GRAPHICS: MappingProxyType[str, str] = MappingProxyType(
    {"SMS_MFA": "sms", "SMS_OTP": "sms", "EMAIL_OTP": "email", "SOFTWARE_TOKEN_MFA": "app"}
)
TWICE = "The two passwords are not the same. Enter the new one twice."


async def get_new_password(visit: Visit) -> Reply:
    come = await met(visit, NEW_PASSWORD)
    return come if isinstance(come, Reply) else _new_password(visit, come[1])


async def post_new_password(visit: Visit) -> Reply:
    """The password twice, and the attributes that the pool requires and the user lacks."""
    come = await met(visit, NEW_PASSWORD)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    given = attributes_of(visit.form)
    password = visit.form.get("new_password", "")
    wrong = new_password_fault(visit.form)
    if wrong:
        return _new_password(visit, thread, visit.say(wrong), given)
    responses = {"NEW_PASSWORD": password, **{f"userAttributes.{name}": value for name, value in given.items()}}
    return await answer(visit, valid, thread, responses, lambda error: _new_password(visit, thread, error, given))


async def get_mfa(visit: Visit) -> Reply:
    come = await met(visit, *_CODES, SELECT)
    return come if isinstance(come, Reply) else _factor(visit, come[1], others=await _has_others(visit, *come))


async def post_mfa(visit: Visit) -> Reply:
    """The code of a second factor, or the choice among them; a new code, or the wish for another factor."""
    come = await met(visit, *_CODES, SELECT)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    # Looked at before the answer, which may end the sign-in.
    others = await _has_others(visit, valid, thread)

    def again(error: str) -> Reply:
        return _factor(visit, thread, error, others=others)

    chooses = thread.step == SELECT
    if not chooses and visit.form.keys() & {RESEND, OTHER}:
        return await _instead(visit, valid, thread, again)
    given = visit.form.get("answer", "") if chooses else code_of(visit.form)
    if not given:
        return again(visit.say("Choose one of them.") if chooses else visit.say("Enter the code."))
    return await answer(visit, valid, thread, {"ANSWER" if chooses else _CODES[thread.step]: given}, again)


async def _instead(visit: Visit, valid: Valid, thread: Thread, again: Again) -> Reply:
    act = page_codes.again if RESEND in visit.form else page_codes.switch
    try:
        outcome = await act(
            visit.flow, visit.site.entry, valid.client, challenge=thread.step, session=thread.session, seen=visit.seen
        )
    except Refused as no:
        return refused(visit, valid, thread, no, again)
    return await advance(visit, valid, outcome, thread.username, anew=RESEND in visit.form)


def code_of(form: dict[str, str]) -> str:
    """A code without the blanks that people put, or paste, into it."""
    return "".join(form.get("authentication_code", "").split())


def sent_anew(visit: Visit, thread: Thread) -> str:
    """What is said of a code that was sent once more."""
    return visit.say("A new code was sent. The one before is no longer good.") if ANEW in thread.parameters else ""


def new_password_fault(form: dict[str, str]) -> str:
    """What is wrong with a new password before the pool looks at it; ``""`` if nothing is."""
    if not form.get("new_password"):
        return sentence(Reason.PASSWORD_REQUIRED)
    return "" if form["new_password"] == form.get("confirm_password", "") else TWICE


def choices_of(visit: Visit, thread: Thread, parameter: str) -> tuple[Choice, ...]:
    """The factors that a challenge offers."""
    words = {
        "SOFTWARE_TOKEN_MFA": (visit.say("Authenticator app"), visit.say("A code that an app on your phone shows.")),
        "SMS_MFA": (visit.say("Text message"), visit.say("A code that is sent to your phone number.")),
        "EMAIL_OTP": (visit.say("Email"), visit.say("A code that is sent to your email address.")),
    }
    names = json.loads(thread.parameters.get(parameter, "[]"))
    return tuple(Choice(value=name, label=words[name][0], text=words[name][1]) for name in names if name in words)


def _new_password(visit: Visit, thread: Thread, error: str = "", given: dict[str, str] | None = None) -> Reply:
    missing = [name.partition(".")[2] for name in json.loads(thread.parameters.get("requiredAttributes", "[]"))]
    view = NewPasswordView(
        action=visit.site.href("/changePassword", visit.query),
        username=thread.username,
        rules=rules_of(visit.site.entry.pool, visit.voice),
        attributes=tuple(attribute_field(name, (given or {}).get(name, "")) for name in missing),
        error=error,
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "new_password.html", view, status=400 if error else 200, ends_at_app=True)


def _factor(visit: Visit, thread: Thread, error: str = "", *, others: bool) -> Reply:
    action, start = visit.site.href("/mfa", visit.query), visit.site.href("/login", visit.query)
    status = 400 if error else 200
    if thread.step == SELECT:
        choice = ChoiceView(
            action=action,
            heading=visit.say("Confirm it is you"),
            lead=visit.say("Choose where your code should come from."),
            legend=visit.say("Second step"),
            choices=choices_of(visit, thread, "MFAS_CAN_CHOOSE"),
            error=error,
            start_url=start,
        )
        return page(visit, "choice.html", choice, status=status, ends_at_app=True)
    code = CodeView(
        action=action,
        heading=visit.say("Confirm it is you"),
        lead=_where(visit, thread),
        graphic=GRAPHICS[thread.step],
        error=error,
        notice=sent_anew(visit, thread),
        is_sent=thread.step != "SOFTWARE_TOKEN_MFA",
        has_others=others,
        asks_device=browser_devices.asks(visit.site.entry.pool),
        start_url=start,
    )
    return page(visit, "code.html", code, status=status, ends_at_app=True)


async def _has_others(visit: Visit, valid: Valid, thread: Thread) -> bool:
    """Whether the user may take another factor; of a sign-in that has ended the next press tells."""
    if thread.step == SELECT:
        return False
    try:
        return bool(
            await page_codes.others(
                visit.flow, visit.site.entry, valid.client, challenge=thread.step, session=thread.session
            )
        )
    except Refused:
        return False


def _where(visit: Visit, thread: Thread) -> str:
    sent_to = thread.parameters.get("CODE_DELIVERY_DESTINATION", "")
    match thread.step:
        case "SMS_MFA":
            return visit.say("Enter the code that was sent to %(to)s by text message.", to=sent_to)
        case "EMAIL_OTP":
            return visit.say("Enter the code that was sent to %(to)s.", to=sent_to)
        case _:
            device = thread.parameters.get("FRIENDLY_DEVICE_NAME")
            if device:
                return visit.say("Enter the code that your authenticator app (%(name)s) shows now.", name=device)
            return visit.say("Enter the code that your authenticator app shows now.")
