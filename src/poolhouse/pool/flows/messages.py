"""
What people are sent: the pool's templates, filled in and sealed for the outbox.

A template of an e-mail is HTML.  What is filled in comes from users, so it is escaped there, and only there.
"""

import html
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.hooks import require_none
from poolhouse.pool.model.message import Content, Message
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

_VERIFICATION = ("Your verification code", "Your verification code is {####}.")
_LINK_SUBJECT = "Your verification link"
_LINK_TEXT = "Please click the link below to verify your email address. {##Verify Email##}"
_INVITATION = ("Your temporary password", "Your username is {username} and temporary password is {####}.")
_WELCOME = ("Your account", "Your username is {username}.")
_AUTHENTICATION = ("Your authentication code", "Your authentication code is {####}.")
_LINK = re.compile(r"\{##(.*?)##\}", re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/h[1-6]|/li|/tr)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")

Fill = Callable[[str], str]


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
    config = flow.config
    if not config.development and not (medium == "EMAIL" and config.can_mail):
        raise Refused(Reason.CODE_DELIVERY_FAILED)


def compose(
    flow: Flow, pool: Pool, *, kind: str, medium: str, destination: str, username: str, code: str,
    link: str | None = None,
) -> Message:  # fmt: skip
    """
    A message that holds *code*, to be put into the outbox in the transaction that stores the code.

    *kind* is one of the constants above, *medium* is EMAIL or SMS.  With *link* a sign-up mail shows the link
    instead of the code.
    """
    check_no_trigger(pool, medium)
    check_can_send(flow, medium)
    subject, template = _templates(pool, kind, medium, by_link=link is not None)
    if kind == INVITATION and not code:
        # The pool's own template speaks of a temporary password, and this user has none.
        subject, template = _WELCOME
    if medium == "SMS":
        content = Content(text=_fill(template, username, code, link, str), code=code)
    else:
        content = _letter(pool, _fill(subject, username, code, None, str),
                          _fill(template, username, code, link, html.escape), code)  # fmt: skip
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


def _letter(pool: Pool, subject: str, body: str, code: str) -> Content:
    settings = pool.settings.email_configuration or EmailConfigurationType()
    return Content(
        subject=subject,
        text=_plain(body),
        html=body,
        sender=settings.from_,
        reply_to=settings.reply_to_email_address,
        configuration_set=settings.configuration_set,
        code=code,
    )


def _templates(pool: Pool, kind: str, medium: str, *, by_link: bool) -> tuple[str, str]:
    """Subject and body; the subject of an SMS is not used."""
    if kind == INVITATION:
        return _invitation(pool, medium)
    if kind == AUTHENTICATION:
        return _authentication(pool, medium)
    subject, text = _VERIFICATION
    settings = pool.settings
    template = settings.verification_message_template
    if medium == "SMS":
        return subject, (template and template.sms_message) or settings.sms_verification_message or text
    if by_link:
        return (
            (template and template.email_subject_by_link) or _LINK_SUBJECT,
            (template and template.email_message_by_link) or _LINK_TEXT,
        )
    return (
        (template and template.email_subject) or settings.email_verification_subject or subject,
        (template and template.email_message) or settings.email_verification_message or text,
    )


def _invitation(pool: Pool, medium: str) -> tuple[str, str]:
    configured = pool.settings.admin_create_user_config
    template = configured.invite_message_template if configured is not None else None
    subject, text = _INVITATION
    if template is None:
        return subject, text
    body = template.sms_message if medium == "SMS" else template.email_message
    return template.email_subject or subject, body or text


def _authentication(pool: Pool, medium: str) -> tuple[str, str]:
    subject, text = _AUTHENTICATION
    if medium == "SMS":
        sms = pool.mfa.sms_mfa_configuration
        own = (sms and sms.sms_authentication_message) or pool.settings.sms_authentication_message
        return subject, own or text
    mail = pool.mfa.email_mfa_configuration
    return (mail and mail.subject) or subject, (mail and mail.message) or text


def _fill(template: str, username: str, code: str, link: str | None, clean: Fill) -> str:
    """
    The template with its placeholders filled, in one pass: what is filled in is not searched again.

    A template by link without its ``{##..##}`` would send nobody anywhere, so the link is added at its end.
    """
    if link is not None and not _LINK.search(template):
        template += " {##Verify Email##}"

    def replaced(found: re.Match[str]) -> str:
        match found.group():
            case "{####}":
                return clean(code)
            case "{username}":
                return clean(username)
            case placeholder:
                label = placeholder[3:-3]
                return label if link is None else f'<a href="{html.escape(link)}">{label}</a>'

    return re.sub(r"\{####\}|\{username\}|\{##.*?##\}", replaced, template, flags=re.DOTALL)


def _plain(body: str) -> str:
    """The HTML as plain text; a link is its address."""
    linked = re.sub(r'<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', r"\2: \1", body, flags=re.DOTALL | re.IGNORECASE)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", linked))).strip()
