"""
What people are sent, sealed for the outbox: the pool's own template, or our letter in the reader's language.

A letter becomes HTML when it is sent (``flows.courier``): what waits in the outbox is what it says.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.pool.core import letters, own_templates
from poolhouse.pool.core.own_templates import Template
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.credentials import policy_of
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.hooks import require_none
from poolhouse.pool.flows.reader import Reader, app_of, voice_of
from poolhouse.pool.languages.voice import N_, Voice
from poolhouse.pool.model.message import Content, Letter, Message
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import EmailConfigurationType

SIGN_UP: Final = "CustomMessage_SignUp"
RESEND: Final = "CustomMessage_ResendCode"
INVITATION: Final = "CustomMessage_AdminCreateUser"
FORGOT_PASSWORD: Final = "CustomMessage_ForgotPassword"  # noqa: S105 (the name of an occasion)
UPDATE_ATTRIBUTE: Final = "CustomMessage_UpdateUserAttribute"
VERIFY_ATTRIBUTE: Final = "CustomMessage_VerifyUserAttribute"
AUTHENTICATION: Final = "CustomMessage_Authentication"

_DAY: Final = 86_400
#: What the service sends: in strict mode, and by SMS in English.
_SERVICE: Final = {
    "verification": Template(N_("Your verification code"), "Your verification code is {####}."),
    "link": Template(
        N_("Your verification link"), "Please click the link below to verify your email address. {##Verify Email##}"
    ),
    "invitation": Template(
        N_("Your temporary password"), "Your username is {username} and temporary password is {####}."
    ),
    "welcome": Template(N_("Your account"), "Your username is {username}."),
    "authentication": Template(N_("Your authentication code"), "Your authentication code is {####}."),
}  # fmt: skip

#: Kind -> the letter with a code; any other proves an address.
_LETTERS: Final[Mapping[str, Callable[[letters.Speech, str], Letter]]] = {
    SIGN_UP: letters.sign_up,
    RESEND: letters.sign_up,
    FORGOT_PASSWORD: letters.reset,
    AUTHENTICATION: letters.authentication,
}


def is_by_link(pool: Pool) -> bool:
    """Whether a new user's e-mail address is confirmed by a link instead of a code."""
    template = pool.settings.verification_message_template
    return template is not None and template.default_email_option == "CONFIRM_WITH_LINK"


def confirmation_link(flow: Flow, entry: PoolEntry, *, client_id: str, username: str, code: str) -> str | None:
    """Where the link of a verification mail leads (GET /confirmUser); None for a pool without a domain."""
    if not entry.domains:
        return None
    domain = entry.domains[-1]
    fields = {"client_id": client_id, "user_name": username, "confirmation_code": code}
    return f"{flow.config.domain_url(domain.name, custom=domain.custom)}/confirmUser?{urlencode(fields)}"


def check_no_trigger(pool: Pool, medium: str) -> None:
    """Refuse where a trigger should write or send the message."""
    require_none(pool, "custom_message", "custom_email_sender" if medium == "EMAIL" else "custom_sms_sender")


def check_can_send(flow: Flow, medium: str) -> None:
    """Refuse what nobody would deliver: in production the outbox is not where people read their codes."""
    if not can_send(flow, medium):
        raise Refused(Reason.CODE_DELIVERY_FAILED)


def can_send(flow: Flow, medium: str) -> bool:
    """Whether anybody would read what is sent by this medium."""
    return flow.config.development or (medium == "EMAIL" and flow.config.can_mail)


def compose(
    flow: Flow, pool: Pool, *, kind: str, medium: str, destination: str, username: str, code: str, reader: Reader,
    link: str | None = None,
) -> Message:  # fmt: skip
    """
    A message that holds *code*, to be put into the outbox in the transaction that stores the code.

    *kind* is one of the constants above, *medium* is EMAIL or SMS.  With *link* a sign-up mail shows the link
    instead of the code.
    """
    check_no_trigger(pool, medium)
    check_can_send(flow, medium)
    content = written(flow, pool, kind=kind, medium=medium, username=username, code=code, reader=reader, link=link)
    return sealed(flow, pool, content, kind=kind, medium=medium, destination=destination)


def written(
    flow: Flow, pool: Pool, *, kind: str, medium: str, username: str, code: str, reader: Reader, link: str | None = None
) -> Content:
    """What such a message says."""
    voice = voice_of(flow, pool, reader)
    occasion, own = _template(pool, kind, medium, by_link=link is not None, has_code=bool(code))
    usual = _SERVICE[occasion]
    subject = own_templates.one_line(
        own_templates.fill(own.subject or voice.say(usual.subject or ""), username, code, None, str)
    )
    body = own.body or (usual.body if flow.config.strict else None)
    if medium == "SMS":
        text = _sms(voice, occasion, username, code) if body is None else None
        return Content(text=text or own_templates.fill(body or "", username, code, link, str), code=code)
    if body is not None:
        page = own_templates.fill(body, username, code, link, own_templates.escaped)
        return addressed(pool, Content(subject=subject, text=own_templates.plain(page), html=page, code=code))
    letter = _letter(flow, pool, voice, kind, username, code, link)
    letter = msgspec.structs.replace(letter, app=app_of(reader))
    content = Content(subject=subject, text=letters.plain(letter), letter=letter, client_id=reader.client_id, code=code)
    return addressed(pool, content)


def addressed(pool: Pool, content: Content) -> Content:
    """With the sender that the pool's mails have."""
    settings = pool.settings.email_configuration or EmailConfigurationType()
    return msgspec.structs.replace(
        content,
        sender=settings.from_,
        reply_to=settings.reply_to_email_address,
        configuration_set=settings.configuration_set,
    )


def sealed(flow: Flow, pool: Pool, content: Content, *, kind: str, medium: str, destination: str) -> Message:
    """The message for the outbox, to be sent at once."""
    identity = uuid4(flow.entropy)
    return Message(
        id=identity,
        pool_id=pool.id,
        kind=kind,
        medium=medium,
        destination=destination,
        sealed=flow.ring.seal(msgspec.json.encode(content), purpose="message", row=identity),
        created_ms=flow.clock.now_ms(),
        next_try_at=flow.clock.now(),
    )


def _template(pool: Pool, kind: str, medium: str, *, by_link: bool, has_code: bool) -> tuple[str, Template]:
    """The occasion, and what the pool has of its own for it."""
    if kind == INVITATION and not has_code:
        # The pool's own template speaks of a temporary password, and this user has none.
        return "welcome", Template()
    if kind == INVITATION:
        return "invitation", own_templates.invitation(pool, medium)
    if kind == AUTHENTICATION:
        return "authentication", own_templates.authentication(pool, medium)
    by_link = by_link and medium == "EMAIL"
    return "link" if by_link else "verification", own_templates.verification(pool, medium, by_link=by_link)


def _letter(flow: Flow, pool: Pool, voice: Voice, kind: str, username: str, code: str, link: str | None) -> Letter:
    if kind == INVITATION and code:
        days = policy_of(pool).temporary_password_validity_days or 7
        return letters.invitation(voice, username, code, flow.clock.now() + days * _DAY)
    if kind == INVITATION:
        return letters.welcome(voice, username)
    if link is not None:
        return letters.sign_up_by_link(voice, link)
    return _LETTERS.get(kind, letters.attribute)(voice, code)


def _sms(voice: Voice, occasion: str, username: str, code: str) -> str:
    match occasion:
        case "invitation":
            return voice.say(
                "Your username is %(username)s and temporary password is %(password)s.",
                username=username, password=code,
            )  # fmt: skip
        case "welcome":
            return voice.say("Your username is %(username)s.", username=username)
        case "authentication":
            return voice.say("Your authentication code is %(code)s.", code=code)
        case _:
            return voice.say("Your verification code is %(code)s.", code=code)
