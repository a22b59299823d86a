"""
What a request says of its own signature: the Authorization header or the X-Amz-* query parameters, parsed strictly.

Texts are those of the services of this protocol; a header that cannot be read is named by its hash, as they do, so
that a secret sent by mistake is not repeated.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial
from typing import NoReturn
from urllib.parse import unquote_to_bytes

import msgspec

from poolhouse.kit.edge import Raw
from poolhouse.pool.spec.errors import CognitoError

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW_SECONDS = 300
LONGEST_SECONDS = 604_800
STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")

missing_token = partial(CognitoError, "MissingAuthenticationTokenException", "Missing Authentication Token")
incomplete = partial(CognitoError, "IncompleteSignatureException")
invalid = partial(CognitoError, "InvalidSignatureException")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A signature as the request states it; nothing of it is proved."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str
    stamp: str
    lifetime: int
    in_query: bool
    token: str = ""

    @property
    def scope(self) -> str:
        """What the signing key is derived from."""
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


def is_signed(raw: Raw) -> bool:
    """Whether *raw* claims to be signed; whether it is, ``read_claim`` and ``sigv4.verify`` find out."""
    return bool(raw.header("authorization")) or "X-Amz-Algorithm" in _query(raw)


def read_claim(raw: Raw, *, must_be_dated: bool = True) -> Claim:
    """Parse the signature of *raw*; every deviation from its form is refused."""
    authorization = [value for key, value in raw.headers if key == b"authorization"]
    query = _query(raw)
    in_query = "X-Amz-Algorithm" in query
    if authorization and in_query:
        raise invalid("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
    if in_query:
        return _query_claim(query)
    if not authorization:
        raise missing_token()
    if len(authorization) > 1:
        raise incomplete("Authorization header must be sent once.")
    stamp = _header_stamp(raw)
    token = raw.header("x-amz-security-token")
    return _header_claim(authorization[0].decode("latin-1"), stamp, token, must_be_dated=must_be_dated)


def _header_claim(text: str, stamp: str, token: str, *, must_be_dated: bool) -> Claim:
    algorithm, _, rest = text.strip().partition(" ")
    if algorithm != ALGORITHM:
        _unsupported(algorithm)
    hashed = b64encode(hashlib.sha256(text.encode()).digest()).decode()
    parts: dict[str, str] = {}
    for pair in rest.split(","):
        name, equals, value = pair.strip().partition("=")
        if not equals or name in parts:
            raise incomplete(
                "Invalid key=value pair (missing equal-sign) in Authorization header "
                f"(hashed with SHA-256 and encoded with Base64): '{hashed}'."
            )
        parts[name] = value
    needed = ("Credential", "Signature", "SignedHeaders")
    missing = [f"Authorization header requires '{name}' parameter." for name in needed if not parts.get(name)]
    if must_be_dated and not stamp:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        why = " ".join(missing)
        raise incomplete(f"{why} (Hashed with SHA-256 and encoded with Base64) Authorization={hashed}")
    return _claim(
        parts["Credential"], parts["SignedHeaders"], parts["Signature"], stamp=stamp, token=token, in_query=False
    )


def _query_claim(query: Mapping[str, list[str]]) -> Claim:
    needed = ("Algorithm", "Credential", "Signature", "SignedHeaders", "Date")
    found = {name: query.get(f"X-Amz-{name}", []) for name in needed}
    missing = [
        f"AWS query-string parameters must include 'X-Amz-{name}'."
        for name, values in found.items()
        if len(values) != 1 or not values[0]
    ]
    if missing:
        raise incomplete(f"{' '.join(missing)} Re-examine the query-string parameters.")
    algorithm, credential, signed, headers, stamp = (values[0] for values in found.values())
    if algorithm != ALGORITHM:
        _unsupported(algorithm)
    lifetimes = query.get("X-Amz-Expires", [str(SKEW_SECONDS)])
    if len(lifetimes) != 1 or not re.fullmatch(r"[0-9]{1,6}", lifetimes[0]):
        raise incomplete("X-Amz-Expires should be a number.")
    lifetime = int(lifetimes[0])
    if not 1 <= lifetime <= LONGEST_SECONDS:
        raise incomplete(f"X-Amz-Expires must be between 1 and {LONGEST_SECONDS} seconds.")
    tokens = query.get("X-Amz-Security-Token", [""])
    if len(tokens) != 1:
        raise incomplete("X-Amz-Security-Token must be sent once.")
    return _claim(credential, headers, signed, stamp=stamp, token=tokens[0], in_query=True, lifetime=lifetime)


def _claim(
    credential: str,
    headers: str,
    signed: str,
    *,
    stamp: str,
    token: str,
    in_query: bool,
    lifetime: int = SKEW_SECONDS,
) -> Claim:
    parts = credential.split("/")
    if len(parts) != 5:
        raise incomplete(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{credential}'"
        )
    key_id, date, region, service, terminator = parts
    return Claim(
        access_key_id=key_id,
        date=date,
        region=region,
        service=service,
        terminator=terminator,
        signed_headers=tuple(headers.split(";")),
        signature=signed,
        stamp=stamp,
        lifetime=lifetime,
        in_query=in_query,
        token=token,
    )


def _header_stamp(raw: Raw) -> str:
    """Give the time that was signed: X-Amz-Date, or Date in either of its two forms."""
    stamp = raw.header("x-amz-date") or raw.header("date")
    if not stamp or STAMP.fullmatch(stamp) or raw.header("x-amz-date"):
        return stamp
    try:
        at = parsedate_to_datetime(stamp)
        # A zone of -0000 is parsed as none at all (RFC 5322 section 3.3); it is UTC.
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, OverflowError):
        return stamp


def _query(raw: Raw) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in raw.query.split("&") if raw.query else ():
        name, _, value = pair.partition("=")
        found.setdefault(_text(name), []).append(_text(value))
    return found


def _text(encoded: str) -> str:
    return unquote_to_bytes(encoded).decode("utf-8", "replace")


def _unsupported(algorithm: str) -> NoReturn:
    raise incomplete(f"Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now).")
