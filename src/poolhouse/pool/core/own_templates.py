"""
A pool's own templates of messages: which one counts, and how it is filled.

A template of an e-mail is HTML.  What is filled in comes from users, so it is escaped there, and only there.  What is
not the pool's own is ours (``core.letters``).
"""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from poolhouse.pool.model.pool import Pool

_LINK: Final = re.compile(r"\{##(.*?)##\}", re.DOTALL)
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/h[1-6]|/li|/tr)\b[^>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]*>")
_UNSEEN: Final = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)

Fill = Callable[[str], str]


class Template(msgspec.Struct, frozen=True):
    """Subject and body, each None where the pool has none of its own."""

    subject: str | None = None
    body: str | None = None


def invitation(pool: Pool, medium: str) -> Template:
    """AdminCreateUserConfig.InviteMessageTemplate."""
    configured = pool.settings.admin_create_user_config
    own = configured.invite_message_template if configured is not None else None
    if own is None:
        return Template()
    return Template(own.email_subject, own.sms_message if medium == "SMS" else own.email_message)


def authentication(pool: Pool, medium: str) -> Template:
    """EmailMfaConfiguration, SmsMfaConfiguration, SmsAuthenticationMessage."""
    if medium == "SMS":
        sms = pool.mfa.sms_mfa_configuration
        return Template(None, (sms and sms.sms_authentication_message) or pool.settings.sms_authentication_message)
    mail = pool.mfa.email_mfa_configuration
    return Template() if mail is None else Template(mail.subject, mail.message)


def verification(pool: Pool, medium: str, *, by_link: bool) -> Template:
    """VerificationMessageTemplate, or the legacy members in its place."""
    settings = pool.settings
    own = settings.verification_message_template
    if medium == "SMS":
        return Template(None, (own and own.sms_message) or settings.sms_verification_message)
    if by_link:
        return Template() if own is None else Template(own.email_subject_by_link, own.email_message_by_link)
    return Template(
        (own and own.email_subject) or settings.email_verification_subject,
        (own and own.email_message) or settings.email_verification_message,
    )


def fill(template: str, username: str, code: str, link: str | None, clean: Fill) -> str:
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
                return label if link is None else f'<a href="{escaped(link)}">{label}</a>'

    return re.sub(r"\{####\}|\{username\}|\{##.*?##\}", replaced, template, flags=re.DOTALL)


def escaped(text: str) -> str:
    """Text within HTML."""
    import html  # noqa: PLC0415 (see ``plain``)

    return html.escape(text)


def one_line(text: str) -> str:
    """A subject: whatever breaks lines, or comes from a user and could, is a blank."""
    return " ".join(text.split())


def plain(body: str) -> str:
    """HTML as plain text; a link is its address."""
    seen = _UNSEEN.sub("", body)
    linked = re.sub(r'<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', r"\2: \1", seen, flags=re.DOTALL | re.IGNORECASE)
    import html  # noqa: PLC0415 (its table of entities is a quarter of a megabyte)

    return html.unescape(_TAG.sub("", _BREAK.sub("\n", linked))).strip()
