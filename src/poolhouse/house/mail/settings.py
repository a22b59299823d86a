"""The mail server: Admin Settings > Email."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from poolhouse.kit.ambient import Secret
from poolhouse.kit.mail import Mail, MailServer
from poolhouse.kit.urls import is_loopback_host

PORTS = range(1, 65_536)


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed in, and in whose name.  Nothing is sent before a host and a sender are given."""

    host: Annotated[str, Meta(title="Host", description="The mail server's name, such as smtp.example.com.")] = ""
    port: Annotated[int, Meta(title="Port", description="587 for STARTTLS, 465 for TLS, 25 in a trusted network.")] = (
        587
    )
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(
            title="Encryption",
            description="How the connection to the mail server is kept private.",
            extra={
                "labels": {
                    "starttls": "STARTTLS, required",
                    "tls": "TLS from the first byte",
                    "none": "None: in clear",
                }
            },
        ),
    ] = "starttls"
    sender: Annotated[
        str, Meta(title="From", description="An address, or a name with one: Wiki <no-reply@example.com>.")
    ] = ""
    reply_to: Annotated[str, Meta(title="Reply-To", description="Where answers go, if not to the sender.")] = ""
    username: Annotated[str, Meta(title="User name", description="Empty for a server that asks for none.")] = ""
    password: Annotated[Secret, Meta(title="Password", description="The mail account's.")] = Secret("")

    @property
    def is_set_up(self) -> bool:
        """Whether mail can be sent at all; pages whose work needs mail say so when it cannot."""
        return bool(self.host and self.sender)


def check(mail: MailSettings) -> dict[str, str]:
    """What is wrong, by field name; nothing at all is right, too: then no mail is sent."""
    errors: dict[str, str] = {}
    if any(not (c.isalnum() or c in "-._:[]") for c in mail.host):
        errors["host"] = "Give the name of a host only, without a scheme, a port or blanks."
    if mail.port not in PORTS:
        errors["port"] = "Give a number from 1 to 65535."
    if mail.sender and not _is_sender(mail.sender, ""):
        errors["sender"] = "Give one address, such as no-reply@example.com or Wiki <no-reply@example.com>."
    if mail.reply_to and not _is_sender("a@example.com", mail.reply_to):
        errors["reply_to"] = "Give one address."
    if bool(mail.host) != bool(mail.sender):
        errors.setdefault("sender" if mail.host else "host", "Host and From are both needed before mail can be sent.")
    if bool(mail.username) != bool(mail.password.reveal()):
        errors["password" if mail.username else "username"] = "Give both a user name and a password, or neither."
    if mail.username and mail.security == "none" and not is_loopback_host(mail.host):
        errors["security"] = "The password would cross the network in clear. Choose STARTTLS or TLS."
    return errors


def server_of(mail: MailSettings) -> MailServer:
    """As the courier takes it."""
    return MailServer(
        host=mail.host,
        port=mail.port,
        tls=mail.security == "tls",
        starttls=mail.security == "starttls",
        username=mail.username or None,
        password=mail.password.reveal() or None,
        sender=mail.sender,
    )


def _is_sender(sender: str, reply_to: str) -> bool:
    """Whether a mail can be composed with these: the one judge of what an address is."""
    from poolhouse.kit.composing import Malformed, compose  # noqa: PLC0415 (a megabyte, for those who send mail)

    sample = Mail(id="sample", created_ms=0, to="a@example.com", subject="", text="", reply_to=reply_to or None)
    try:
        compose(sample, sender)
    except Malformed:
        return False
    return True
