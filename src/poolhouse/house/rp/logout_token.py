"""The logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6): signature first, then every claim."""

import math

import msgspec

from poolhouse.house.provider import OidcSettings
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.id_token import SKEW_SECONDS, SUBJECT_LIMIT, Claims, check_audience, verify_jws
from poolhouse.house.rp.keys import KeySource
from poolhouse.kit.ambient import Epoch

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_SECONDS = 300
LONGEST_SECONDS = 3600
"""A token is for now; one that says it is good for longer is forgotten no later than this."""


class NotALogout(Exception):
    """The token is not good; the message is a word for the log."""


class Logout(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a good token signs out; ``jti`` is seen until ``expires_at``."""

    subject: str
    sid: str
    jti: str
    expires_at: Epoch


async def read_logout(token: str, keys: KeySource, settings: OidcSettings, now: Epoch) -> Logout:
    """What *token* says, or ``NotALogout``."""
    try:
        claims, _algorithm = await verify_jws(
            token, keys, jwks_url=settings.jwks_url, algorithms=settings.algorithms, types=("logout+jwt", "jwt")
        )
    except SignInFailed as failed:
        if failed.failure in {Failure.KEYS_UNREACHABLE, Failure.KEYS_UNREADABLE}:
            raise
        raise NotALogout(failed.failure.value) from failed
    _check_whose(claims, settings)
    expires_at = _check_times(claims, now)
    subject, sid, jti = (_text(claims, name) for name in ("sub", "sid", "jti"))
    if not subject and not sid:
        raise NotALogout("neither sub nor sid")
    if not jti:
        raise NotALogout("jti")
    return Logout(subject=subject, sid=sid, jti=jti, expires_at=expires_at)


def _check_whose(claims: Claims, settings: OidcSettings) -> None:
    if claims.get("iss") != settings.issuer:
        raise NotALogout("iss")
    if check_audience(claims, settings.client_id) is not None:
        raise NotALogout("aud")
    # An ID token must not pass for a logout token, nor the other way round.
    if "nonce" in claims:
        raise NotALogout("nonce")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise NotALogout("events")


def _check_times(claims: Claims, now: Epoch) -> Epoch:
    """``exp`` is required since errata 1; the earlier text had no such claim, so without it ``iat`` decides."""
    issued, expires = _number(claims.get("iat")), _number(claims.get("exp", now + OLDEST_SECONDS))
    if issued > now + SKEW_SECONDS or issued < now - OLDEST_SECONDS - SKEW_SECONDS:
        raise NotALogout("iat")
    if expires <= now - SKEW_SECONDS:
        raise NotALogout("exp")
    # Remembered for at least as long as it could be sent again.
    return Epoch(now + max(2 * (OLDEST_SECONDS + SKEW_SECONDS), min(LONGEST_SECONDS, int(expires) - now)))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise NotALogout("iat or exp")
    return value


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > SUBJECT_LIMIT:
        raise NotALogout(name)
    return value
