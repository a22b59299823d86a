"""
Certificates of clients, as the proxy that ends TLS tells them in a header.

Understood: ``:Base64:`` (RFC 9440, Client-Cert), Base64 of DER alone (HAProxy, Traefik), and PEM, percent-encoded or
with its line breaks turned into spaces or tabs (nginx, load balancers of AWS).
"""

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from poolhouse.kit.jose import b64url

if TYPE_CHECKING:
    # A megabyte, for servers whose clients have certificates.
    from cryptography import x509

LIMIT: Final = 16_384
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_EMAIL_ADDRESS: Final = ("EMAILADDRESS", "E", "emailAddress")
"""Names of one attribute that RFC 4514 does not have, and that proxies write."""


class UnreadableCertificate(ValueError):
    """What the header holds is no certificate."""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate; *thumbprint* is SHA-256 of its DER in base64url (``x5t#S256``), times are seconds since 1970."""

    thumbprint: str
    subject: "x509.Name"
    not_before: int
    not_after: int


def read(text: str) -> Certificate:
    """The certificate of a header; of a chain the first one. Raises ``UnreadableCertificate``."""
    from cryptography import x509  # noqa: PLC0415

    if len(text) > LIMIT:
        raise UnreadableCertificate
    try:
        found = x509.load_der_x509_certificate(_der(text.strip()))
        return Certificate(
            thumbprint=b64url(hashlib.sha256(found.public_bytes(Encoding.DER)).digest()).decode("ascii"),
            subject=found.subject,
            not_before=int(found.not_valid_before_utc.timestamp()),
            not_after=int(found.not_valid_after_utc.timestamp()),
        )
    except (ValueError, TypeError, x509.InvalidVersion) as wrong:
        raise UnreadableCertificate from wrong


def name(text: str) -> "x509.Name":
    """A distinguished name in the form of RFC 4514; ``ValueError`` for anything else."""
    from cryptography.x509 import Name  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    return Name.from_rfc4514_string(text, dict.fromkeys(_EMAIL_ADDRESS, NameOID.EMAIL_ADDRESS))


def _der(text: str) -> bytes:
    pem = _PEM.search(unquote(text) if "%" in text else text)
    body = pem.group(1) if pem is not None else text.removeprefix(":").removesuffix(":")
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as wrong:
        raise UnreadableCertificate from wrong
