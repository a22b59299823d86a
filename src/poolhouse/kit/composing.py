"""How an e-mail is composed (RFC 5322); apart from ``kit.mail``, since a server that sends none needs none of this."""

from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses

from poolhouse.kit.mail import Mail

Malformed = (ValueError, HeaderParseError)
"""What ``compose`` raises for an address or a subject that would break a header."""


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
