"""
E-mail by SMTP.

Amazon SES speaks SMTP too: a pool that says "Send email with Amazon SES" names its From address, its reply address
and its configuration set, which SES takes from a header; the server's own SMTP setting says where to.
"""

import ssl
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from urllib.parse import unquote, urlsplit

import msgspec


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """``smtp://user:password@host:587`` (STARTTLS when offered) or ``smtps://host:465``."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None
    sender: str

    def __repr__(self) -> str:
        return f"MailServer(host={self.host!r}, port={self.port!r})"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One e-mail as text and HTML."""

    to: str
    subject: str
    text: str
    html: str | None = None
    sender: str | None = None
    reply_to: str | None = None
    configuration_set: str | None = None


class DeliveryFailed(Exception):
    """The mail server refused, or was not reached; *permanent* when a second try would not help."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


def parse_url(url: str, sender: str) -> MailServer:
    """The setting ``smtp_url``; ``ValueError`` when it is not one."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("the mail server is smtp://host:port or smtps://host:port")
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        sender=sender,
    )


def compose(letter: Letter, sender: str) -> EmailMessage:
    """
    The message as sent; ``ValueError`` for an address or a subject that would break a header.

    ``EmailMessage`` refuses line breaks in headers, so nothing can be injected through an address.
    """
    message = EmailMessage()
    name, address = parseaddr(letter.sender or sender)
    message["From"] = formataddr((name, address))
    message["To"] = letter.to
    message["Subject"] = letter.subject
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    if letter.configuration_set:
        message["X-SES-CONFIGURATION-SET"] = letter.configuration_set
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


async def send(server: MailServer, letter: Letter, tls: ssl.SSLContext | None = None) -> None:
    """Deliver one letter or raise ``DeliveryFailed``; ten seconds at most for each exchange."""
    try:
        message = compose(letter, server.sender)
    except ValueError as wrong:
        raise DeliveryFailed("malformed address or subject", permanent=True) from wrong
    import aiosmtplib  # noqa: PLC0415 (a megabyte, for those who send mail)

    try:
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            username=server.username,
            password=server.password,
            timeout=10,
            tls_context=tls,
        )
    except aiosmtplib.SMTPResponseException as wrong:
        raise DeliveryFailed(f"status {wrong.code}", permanent=500 <= wrong.code < 600) from wrong
    except (aiosmtplib.SMTPException, OSError) as wrong:
        raise DeliveryFailed(type(wrong).__name__, permanent=False) from wrong
