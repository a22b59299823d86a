"""Who the provider says signs in: the claims, reduced to what an account holds."""

import re
from typing import Any

import msgspec

from poolhouse.house.rp.failures import Failure, SignInFailed

NAME_LIMIT = 256
EMAIL_LIMIT = 254
_RESERVED = re.compile(r"service:|https?://[^|]*\|")
"""How apps are told of machines and of subjects without an account; no person is to pass for one."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One subject of one issuer, with what it is called today."""

    issuer: str
    subject: str
    username: str
    email: str
    is_email_verified: bool
    name: str


def read_person(claims: dict[str, Any], *, issuer: str, username_attribute: str) -> Person:
    """
    The person behind verified claims.

    The username attribute must be there and fit to be shown.  When it is ``email``, it must be an address.
    """
    value = claims.get(username_attribute)
    if value is None or value == "":
        raise SignInFailed(Failure.USERNAME_MISSING, username_attribute)
    username = _plain(value)
    email = _plain(claims.get("email")) or ""
    email = email if email_key(email) else ""
    if not username or is_reserved(username) or (username_attribute == "email" and not email):
        raise SignInFailed(Failure.USERNAME_UNUSABLE, username_attribute)
    return Person(
        issuer=issuer,
        subject=claims["sub"],
        username=username,
        email=email,
        is_email_verified=bool(email) and claims.get("email_verified") is True,
        name=_plain(claims.get("name")) or _full_name(claims),
    )


def is_reserved(name: str) -> bool:
    """Whether apps would take the name for that of a machine, or of somebody without an account."""
    return _RESERVED.match(name) is not None


def email_key(email: str) -> str:
    """
    The form in which two spellings of one address are equal; ``""`` for what is no address.

    Exactly one ``@`` (CVE-2026-40574), the domain in its ASCII form and lower case (RFC 5890), the local part in lower
    case: that two people share an address but for its case is rarer than that one types it differently.  Only where
    the letters are ASCII: folding makes ``ss`` of ``\N{LATIN SMALL LETTER SHARP S}`` and ``k`` of the Kelvin sign, and
    these are other mailboxes, perhaps somebody else's.
    """
    local, at, domain = email.partition("@")
    if not at or not local or "@" in domain or len(email) > EMAIL_LIMIT:
        return ""
    if any(c.isspace() or not c.isprintable() or c in '<>()[]\\,;:"' for c in email):
        return ""
    host = _ascii_host(domain)
    if not host or host.startswith(".") or host.endswith("."):
        return ""
    return f"{local.lower() if local.isascii() else local}@{host}"


def _ascii_host(domain: str) -> str:
    """
    The domain in ASCII and lower case; ``""`` for one that IDNA 2003 and IDNA 2008 read differently.

    Python knows the former, which writes ``strasse`` for ``stra\N{LATIN SMALL LETTER SHARP S}e``: today that is another
    domain, with another owner (RFC 5894 section 7.2).  Whoever has one is named by its ASCII form, ``xn--``.
    """
    try:
        host = domain.encode("idna").decode("ascii").lower()
        return host if domain.isascii() or host.encode("ascii").decode("idna") == domain.lower() else ""
    except UnicodeError:
        return ""


def email_domain(email: str) -> str:
    """The one domain of an address, in ASCII and lower case; ``""`` for what is no address."""
    return email_key(email).rpartition("@")[2]


def domain_key(domain: str) -> str:
    """The form in which two spellings of a domain are equal; ``""`` for what is none."""
    return email_domain(f"somebody@{domain.strip().removeprefix('@')}")


def _full_name(claims: dict[str, Any]) -> str:
    parts = [_plain(claims.get("given_name")), _plain(claims.get("family_name"))]
    return " ".join(part for part in parts if part)


def _plain(value: object) -> str:
    """Text that may stand on a page; ``""`` for anything else, whatever it is."""
    if not isinstance(value, str):
        return ""
    trimmed = value.strip()
    return trimmed if trimmed.isprintable() and len(trimmed) <= NAME_LIMIT else ""
