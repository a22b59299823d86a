"""
DPoP proofs (RFC 9449 section 4): what one must say to be good for a request.

The signature is checked elsewhere, by the key that the proof itself brings: it proves that whoever calls holds that
key, nothing about who it is.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

TYPE: Final = "dpop+jwt"
PAST: Final = 120
AHEAD: Final = 60
"""Seconds that ``iat`` may differ from now: clocks differ, and requests take their time."""
ID_LIMIT: Final = 255
_PORTS: Final = {"http": 80, "https": 443}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """The request that a proof comes with; *token_hash* (``ath``) where it comes with an access token."""

    method: str
    url: str
    token_hash: str | None = None


def fault(header: Mapping[str, Any], claims: Mapping[str, Any], call: Call, now: int) -> str | None:
    """The first rule that a proof breaks, as a sentence for the client's developer (section 4.3)."""
    if header.get("typ") != TYPE:
        return f"typ must be {TYPE}"
    if claims.get("htm") != call.method or not is_same_url(claims.get("htu"), call.url):
        return "htm and htu are not the method and the address of the request"
    named = claims.get("jti")
    if not isinstance(named, str) or not 0 < len(named) <= ID_LIMIT:
        return "jti is missing or too long"
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not now - PAST <= issued <= now + AHEAD:
        return "iat is not now"
    return "ath is not the hash of the access token" if _is_of_another(claims.get("ath"), call.token_hash) else None


def _is_of_another(shown: object, wanted: str | None) -> bool:
    if wanted is None:
        return False
    return not isinstance(shown, str) or not hmac.compare_digest(shown.encode(), wanted.encode())


def is_same_url(given: object, wanted: str) -> bool:
    """Without query and fragment, and however scheme, host, port and percent signs are spelled (RFC 3986 section 6)."""
    return isinstance(given, str) and _parts(given) is not None and _parts(given) == _parts(wanted)


def _parts(url: str) -> tuple[str, str, int, str] | None:
    if len(url) > 2048 or not url.isascii() or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or host is None or "@" in parts.netloc:
        return None
    return scheme, host.lower(), port or _PORTS[scheme], unquote(parts.path) or "/"
