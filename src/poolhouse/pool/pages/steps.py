"""``/changePassword`` and ``/mfa``: what a sign-in asks for after the password."""

import json
from types import MappingProxyType

from poolhouse.kit.edge import Reply
from poolhouse.pool.flows.browser import Thread
from poolhouse.pool.pages.fields import attribute_field, attributes_of, password_rules
from poolhouse.pool.pages.going import answer, met
from poolhouse.pool.pages.views import Choice, ChoiceView, CodeView, NewPasswordView
from poolhouse.pool.pages.visit import Visit, page
from poolhouse.pool.spec.errors import Reason, sentence

NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"  # noqa: S105 (a challenge's name)
SELECT = "SELECT_MFA_TYPE"
#: Challenge -> the parameter that answers it.
_CODES: MappingProxyType[str, str] = MappingProxyType(
    {"SMS_MFA": "SMS_MFA_CODE", "EMAIL_OTP": "EMAIL_OTP_CODE", "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE"}
)
FACTORS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "SOFTWARE_TOKEN_MFA": ("Authenticator app", "A code that an app on your phone shows."),
        "SMS_MFA": ("Text message", "A code that is sent to your phone number."),
        "EMAIL_OTP": ("Email", "A code that is sent to your email address."),
    }
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
        return _new_password(visit, thread, wrong, given)
    responses = {"NEW_PASSWORD": password, **{f"userAttributes.{name}": value for name, value in given.items()}}
    return await answer(visit, valid, thread, responses, lambda error: _new_password(visit, thread, error, given))


async def get_mfa(visit: Visit) -> Reply:
    come = await met(visit, *_CODES, SELECT)
    return come if isinstance(come, Reply) else _factor(visit, come[1])


async def post_mfa(visit: Visit) -> Reply:
    """The code of a second factor, or the choice among them."""
    come = await met(visit, *_CODES, SELECT)
    if isinstance(come, Reply):
        return come
    valid, thread = come
    chooses = thread.step == SELECT
    given = visit.form.get("answer", "") if chooses else code_of(visit.form)
    if not given:
        return _factor(visit, thread, "Choose one of them." if chooses else "Enter the code.")
    parameter = "ANSWER" if chooses else _CODES[thread.step]
    return await answer(visit, valid, thread, {parameter: given}, lambda error: _factor(visit, thread, error))


def code_of(form: dict[str, str]) -> str:
    """A code without the blanks that people put, or paste, into it."""
    return "".join(form.get("authentication_code", "").split())


def new_password_fault(form: dict[str, str]) -> str:
    """What is wrong with a new password before the pool looks at it; ``""`` if nothing is."""
    if not form.get("new_password"):
        return sentence(Reason.PASSWORD_REQUIRED)
    return "" if form["new_password"] == form.get("confirm_password", "") else TWICE


def choices_of(thread: Thread, parameter: str) -> tuple[Choice, ...]:
    """The factors that a challenge offers."""
    names = json.loads(thread.parameters.get(parameter, "[]"))
    return tuple(Choice(value=name, label=FACTORS[name][0], text=FACTORS[name][1]) for name in names if name in FACTORS)


def _new_password(visit: Visit, thread: Thread, error: str = "", given: dict[str, str] | None = None) -> Reply:
    missing = [name.partition(".")[2] for name in json.loads(thread.parameters.get("requiredAttributes", "[]"))]
    view = NewPasswordView(
        action=visit.site.href("/changePassword", visit.query),
        username=thread.username,
        rules=password_rules(visit.site.entry.pool),
        attributes=tuple(attribute_field(name, (given or {}).get(name, "")) for name in missing),
        error=error,
        start_url=visit.site.href("/login", visit.query),
    )
    return page(visit, "new_password.html", view, status=400 if error else 200, ends_at_app=True)


def _factor(visit: Visit, thread: Thread, error: str = "") -> Reply:
    action, start = visit.site.href("/mfa", visit.query), visit.site.href("/login", visit.query)
    status = 400 if error else 200
    if thread.step == SELECT:
        choice = ChoiceView(
            action=action,
            heading="Confirm it is you",
            lead="Choose where your code should come from.",
            legend="Second step",
            choices=choices_of(thread, "MFAS_CAN_CHOOSE"),
            error=error,
            start_url=start,
        )
        return page(visit, "choice.html", choice, status=status, ends_at_app=True)
    code = CodeView(action=action, heading="Confirm it is you", lead=_where(thread), error=error, start_url=start)
    return page(visit, "code.html", code, status=status, ends_at_app=True)


def _where(thread: Thread) -> str:
    sent_to = thread.parameters.get("CODE_DELIVERY_DESTINATION", "")
    match thread.step:
        case "SMS_MFA":
            return f"Enter the code that was sent to {sent_to} by text message."
        case "EMAIL_OTP":
            return f"Enter the code that was sent to {sent_to}."
        case _:
            device = thread.parameters.get("FRIENDLY_DEVICE_NAME")
            return f"Enter the code that your authenticator app{f' ({device})' if device else ''} shows now."
