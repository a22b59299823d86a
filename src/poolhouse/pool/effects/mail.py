"""
The pool's mail server.

Amazon SES speaks SMTP too: a pool that says "Send email with Amazon SES" names its From address, its reply address
and its configuration set, which SES takes from a header; the server's own SMTP setting says where to.
"""

from urllib.parse import unquote, urlsplit

from poolhouse.kit.mail import MailServer


def parse_url(url: str, sender: str) -> MailServer:
    """
    The setting ``smtp_url``; ``ValueError`` when it is not one.

    ``smtp://user:password@host:587`` (STARTTLS when offered) or ``smtps://host:465``.
    """
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
