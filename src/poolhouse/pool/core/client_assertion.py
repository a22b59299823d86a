"""
The claims of a client assertion (RFC 7523 section 3, OIDC Core section 9).

The audience is this issuer and nobody else.  A token endpoint's address as audience lets a dishonest server have
assertions made that are good at an honest one (CVE-2025-27370, CVE-2025-27371); see the decision on it.
"""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.model.openid import OpenIdSettings

SKEW: Final = 60
LONGEST: Final = 3_600
"""Seconds from now to ``exp``: what is remembered against a replay is remembered for that long."""
ID_LIMIT: Final = 255


def fault(claims: Mapping[str, Any], *, client_id: str, issuer: str, settings: OpenIdSettings, now: int) -> str | None:
    """The first rule that the claims break, as a sentence for the client's developer."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        return "iss and sub must be the client_id"
    audience = claims.get("aud")
    if audience != issuer and (audience != [issuer] or settings.require_pushed_authorization_requests):
        # FAPI 2.0 Security Profile section 5.3.2.1: there it is a string.
        return f"aud must be the issuer, {issuer}, alone"
    named = claims.get("jti")
    if not isinstance(named, str) or not 0 < len(named) <= ID_LIMIT:
        return "jti is missing or too long"
    return time_fault(claims, now, longest=LONGEST)


def time_fault(claims: Mapping[str, Any], now: int, *, longest: int) -> str | None:
    """``exp`` must be there and near; ``iat`` and ``nbf`` need not, but are not of the future."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in times.values()):
        return "exp, iat and nbf are numbers"
    expires = times.get("exp")
    if expires is None or expires <= now - SKEW:
        return "exp is missing or past"
    if expires > now + longest + SKEW:
        return f"exp is more than {longest} seconds ahead"
    if times.get("iat", now) > now + SKEW or times.get("nbf", now) > now + SKEW:
        return "iat or nbf is in the future"
    if times.get("iat", now) < now - longest - SKEW:
        return "iat is too long ago"
    return None
