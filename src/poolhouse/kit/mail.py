"""E-mail by SMTP (RFC 5321): how one is composed, and how it is handed to a mail server."""

import ssl
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses

import msgspec


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where mail is handed in, and how.

    ``tls``: TLS from the first byte (RFC 8314).  Otherwise ``starttls`` says whether the connection must be upgraded
    (RFC 3207), must not be, or is when the server offers it (None).
    """

    host: str
    port: int
    tls: bool
    starttls: bool | None = None
    username: str | None = None
    password: str | None = None
    sender: str

    def __repr__(self) -> str:
        return f"MailServer(host={self.host!r}, port={self.port!r})"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that the HTML shows by its Content-ID; ``kind`` is the subtype of ``image/``."""

    cid: str
    kind: str
    data: bytes


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """
    One e-mail as text and HTML.

    ``id`` names it for ever: sent twice, because a server took it and did not say so, it is one mail to its reader.
    ``language`` is that of both texts.
    """

    id: str
    created_ms: int
    to: str
    subject: str
    text: str
    html: str | None = None
    pictures: tuple[Picture, ...] = ()
    language: str = ""
    sender: str | None = None
    reply_to: str | None = None
    configuration_set: str | None = None

    def __repr__(self) -> str:
        return "Mail(***)"


class DeliveryFailed(Exception):
    """
    The mail server refused, or was not reached; *permanent* when a second try would not help.

    ``words`` are the server's own, or the system's, for an administrator to read; the message is fit for a log.
    """

    def __init__(self, reason: str, *, permanent: bool, words: str = "") -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.words = words or reason


def compose(mail: Mail, sender: str) -> EmailMessage:
    """
    The message as sent: multipart/alternative, the HTML with its pictures (RFC 2046, RFC 2387).

    ``ValueError`` for an address or a subject that would break a header: each address is one, and ``EmailMessage``
    refuses line breaks, so nothing can be injected through either.  It says that no person wrote it (RFC 3834), so that
    no absence note is sent back.
    """
    message = EmailMessage()
    name, address = _named(mail.sender or sender)
    own = _address(address)
    message["From"] = Address(name, addr_spec=own.addr_spec)
    message["To"] = _address(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = datetime.fromtimestamp(mail.created_ms // 1000, UTC)
    message["Message-ID"] = f"<{mail.id}@{own.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if mail.reply_to:
        message["Reply-To"] = _address(_named(mail.reply_to)[1])
    if mail.configuration_set:
        message["X-SES-CONFIGURATION-SET"] = mail.configuration_set
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
        page = list(message.iter_parts())[-1]
        for each in mail.pictures:
            page.add_related(each.data, "image", each.kind, cid=f"<{each.cid}>", disposition="inline")
    if mail.language:
        # Last: what is done to the content takes away the headers that speak of it.
        message["Content-Language"] = mail.language
    return message


def _named(text: str) -> tuple[str, str]:
    """Name and address; ``ValueError`` for more than one line or address, of which only the first would be read."""
    found = getaddresses([text])
    if text.splitlines() != [text] or len(found) != 1:
        raise ValueError("not one address")
    return found[0]


def _address(text: str) -> Address:
    """
    One address; its domain in ASCII (RFC 5890), so that only a local part of other letters needs SMTPUTF8 (RFC 6531).

    ``ValueError`` for a list of addresses, a group, or nothing.
    """
    local, _, domain = text.rpartition("@")
    try:
        plain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as wrong:
        raise ValueError("not a domain") from wrong
    if any(c in text for c in ", ;:<>\r\n"):
        raise ValueError("not one address")
    made = Address(addr_spec=f"{local}@{plain}") if local.isascii() else Address(username=local, domain=plain)
    if not made.username or not made.domain:
        raise ValueError("not an address")
    return made


async def send(server: MailServer, mail: Mail, tls: ssl.SSLContext | None = None) -> None:
    """Deliver one mail or raise ``DeliveryFailed``; ten seconds at most for each exchange."""
    try:
        message = compose(mail, server.sender)
    except (ValueError, HeaderParseError) as wrong:
        raise DeliveryFailed("malformed address or subject", permanent=True) from wrong
    import aiosmtplib  # noqa: PLC0415 (a megabyte, for those who send mail)

    try:
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=None if server.tls else server.starttls,
            username=server.username,
            password=server.password,
            timeout=10,
            tls_context=tls,
        )
    except (aiosmtplib.SMTPNotSupported, ValueError) as wrong:
        raise DeliveryFailed(
            "the mail server does not take such an address", permanent=True, words=str(wrong)
        ) from wrong
    except aiosmtplib.SMTPRecipientsRefused as wrong:
        # Of one recipient there is one refusal, and it is a temporary one as often as not (RFC 6647: greylisting).
        first = wrong.recipients[0]
        raise DeliveryFailed(
            f"status {first.code}", permanent=500 <= first.code < 600, words=f"{first.code} {first.message}"
        ) from wrong
    except aiosmtplib.SMTPResponseException as wrong:
        raise DeliveryFailed(
            f"status {wrong.code}", permanent=500 <= wrong.code < 600, words=f"{wrong.code} {wrong.message}"
        ) from wrong
    except (aiosmtplib.SMTPException, OSError) as wrong:
        raise DeliveryFailed(type(wrong).__name__, permanent=False, words=str(wrong)) from wrong
