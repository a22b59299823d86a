"""What a request object says about itself, and the parameters in it (RFC 9101 section 4, OIDC Core section 6.1)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.core.client_assertion import time_fault
from poolhouse.pool.model.openid import OpenIdSettings

TYPE: Final = "oauth-authz-req+jwt"
LONGEST: Final = 3_600
_ABOUT: Final = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
_TYPES: Final = (None, "JWT", "jwt", TYPE, f"application/{TYPE}")
"""Looked through, not looked up: a stranger's header may be something that cannot be looked up."""


class UnreadableParameter(ValueError):
    """A parameter with a value that no request can have."""


def fault(
    header: Mapping[str, Any], claims: Mapping[str, Any], *,
    client_id: str, issuer: str, settings: OpenIdSettings, now: int,
) -> str | None:  # fmt: skip
    """
    The first rule that the object breaks.

    ``exp`` is demanded of clients that have to sign their requests; RFC 9101 leaves it to the client.  A ``sub`` is
    refused, so that a client assertion is never taken for a request (section 10.8).
    """
    if header.get("typ") not in _TYPES:
        return "typ is not that of a request object"
    if claims.get("iss") != client_id or claims.get("client_id") != client_id:
        return "iss and client_id must be the client's"
    audience = claims.get("aud")
    if audience != issuer and not (isinstance(audience, list) and issuer in audience):
        return f"aud must be the issuer, {issuer}"
    if "sub" in claims or "request" in claims or "request_uri" in claims:
        return "it has a sub, or another request inside"
    if "exp" not in claims and not (settings.require_signed_request_object or "nbf" in claims):
        return None
    return time_fault(claims, now, longest=LONGEST)


def parameters(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """As they would stand in a query: numbers as digits, objects as JSON, a list as the parameter repeated."""
    found: list[tuple[str, str]] = []
    for name, value in claims.items():
        if name not in _ABOUT:
            values = value if isinstance(value, list) else [value]
            found += [(name, _text(each)) for each in values]
    return found


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise UnreadableParameter
