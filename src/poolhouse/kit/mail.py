"""E-mail by SMTP (RFC 5321): what one is, and how it is handed to a mail server."""

import ssl

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


async def send(server: MailServer, mail: Mail, tls: ssl.SSLContext | None = None) -> None:
    """Deliver one mail or raise ``DeliveryFailed``; ten seconds at most for each exchange."""
    # Two megabytes, for those who send mail.
    import aiosmtplib  # noqa: PLC0415

    from poolhouse.kit.composing import Malformed, compose  # noqa: PLC0415

    try:
        message = compose(mail, server.sender)
    except Malformed as wrong:
        raise DeliveryFailed("malformed address or subject", permanent=True) from wrong
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
