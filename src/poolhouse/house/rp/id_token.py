"""
The ID token (OIDC Core section 3.1.3.7): the signature by a key of the issuer, then every claim.

``verify_jws`` decides by the allow-list of the provider which algorithm may be used; the token's header only
says which of them it was (RFC 8725 section 3.1).  Headers that bring or point to a key of their own are refused.
"""

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from poolhouse.house.rp.decode import NotJson, decode
from poolhouse.house.rp.failures import Failure, SignInFailed
from poolhouse.house.rp.keys import KEY_TYPES, KeySource
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.jose import b64url, b64url_decode

TOKEN_LIMIT = 32_768
SKEW_SECONDS = 60
SUBJECT_LIMIT = 255
_KEY_BEARING = ("jwk", "jku", "x5u")

Claims = Mapping[str, Any]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the token must agree with: settings, and what this attempt remembered."""

    issuer: str
    is_issuer_derived: bool
    client_id: str
    nonce_digest: bytes | None
    """None for a token that came with a refresh, which should have no nonce (OIDC Core section 12.2)."""
    access_token: str
    max_age: int | None = None
    hosted_domain: str = ""


async def verify_jws(
    token: str, keys: KeySource, *, jwks_url: str, algorithms: Sequence[str], types: Sequence[str] = ()
) -> tuple[Claims, str]:
    """
    The claims of a signed JWT and its algorithm; nothing about the claims has been checked yet.

    With *types*, a token that says its type must be of one of them (RFC 8725 section 3.11).
    """
    header = _header(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms or algorithm not in KEY_TYPES:
        raise SignInFailed(Failure.ALGORITHM_REFUSED, "algorithm")
    if "crit" in header or any(name in header for name in _KEY_BEARING):
        raise SignInFailed(Failure.ALGORITHM_REFUSED, "header")
    if types and _type(header) not in {"", *types}:
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "typ")
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "kid")
    key = await keys.get_key(jwks_url, kid=kid, algorithm=algorithm)
    try:
        # The registry's own strictness about unknown headers is off: they are allowed and ignored (RFC 7515 4).
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        payload = jws.deserialize_compact(token, key, registry=registry).payload
    except (JoseError, ValueError) as wrong:
        raise SignInFailed(Failure.SIGNATURE_WRONG) from wrong
    return _claims(payload), algorithm


def check_claims(claims: Claims, algorithm: str, expected: Expected, now: Epoch) -> Failure | None:
    """The first rule that *claims* break, in the order of OIDC Core section 3.1.3.7."""
    if claims.get("iss") != expected.issuer:
        return Failure.DERIVED_ISSUER_WRONG if expected.is_issuer_derived else Failure.ISSUER_WRONG
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LIMIT:
        return Failure.ID_TOKEN_MALFORMED
    return (
        check_audience(claims, expected.client_id)
        or _check_times(claims, now)
        or (check_nonce(claims, expected.nonce_digest) if expected.nonce_digest is not None else None)
        or _check_at_hash(claims, algorithm, expected.access_token)
        or _check_age(claims, expected.max_age, now)
        or _check_hosted_domain(claims, expected.hosted_domain)
    )


def check_audience(claims: Claims, client_id: str) -> Failure | None:
    """``aud`` holds this client; with others beside it, ``azp`` must be this client, and whenever it is there."""
    audience = claims.get("aud")
    listed = [audience] if isinstance(audience, str) else audience
    if not isinstance(listed, list) or client_id not in listed:
        return Failure.AUDIENCE_WRONG
    if len(listed) > 1 and "azp" not in claims:
        return Failure.AUDIENCE_WRONG
    if "azp" in claims and claims["azp"] != client_id:
        return Failure.AUDIENCE_WRONG
    return None


def _check_times(claims: Claims, now: Epoch) -> Failure | None:
    expires, issued, not_before = (_number(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None or ("nbf" in claims and not_before is None):
        return Failure.ID_TOKEN_MALFORMED
    if expires <= now - SKEW_SECONDS:
        return Failure.TOKEN_EXPIRED
    if issued > now + SKEW_SECONDS or (not_before or 0) > now + SKEW_SECONDS:
        return Failure.TOKEN_FROM_FUTURE
    return None


def check_nonce(claims: Claims, nonce_digest: bytes) -> Failure | None:
    """Whether the token answers what was asked (OIDC Core section 3.1.3.7, rule 11)."""
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        return Failure.NONCE_WRONG
    same = hmac.compare_digest(hashlib.sha256(nonce.encode()).digest(), nonce_digest)
    return None if same else Failure.NONCE_WRONG


def _check_at_hash(claims: Claims, algorithm: str, access_token: str) -> Failure | None:
    if "at_hash" not in claims:
        return None
    stated = claims["at_hash"]
    if not isinstance(stated, str):
        return Failure.AT_HASH_WRONG
    whole = hashlib.new(f"sha{algorithm[-3:]}", access_token.encode()).digest()
    same = hmac.compare_digest(stated.encode(), b64url(whole[: len(whole) // 2]))
    return None if same else Failure.AT_HASH_WRONG


def _check_age(claims: Claims, max_age: int | None, now: Epoch) -> Failure | None:
    """Whoever asks for a ``max_age`` must look whether it was kept to (OIDC Core section 3.1.3.7, rule 13)."""
    if max_age is None:
        return None
    signed_in = _number(claims.get("auth_time"))
    return Failure.SIGN_IN_TOO_OLD if signed_in is None or signed_in + max_age + SKEW_SECONDS < now else None


def _check_hosted_domain(claims: Claims, domain: str) -> Failure | None:
    """The parameter ``hd`` is a wish, which the browser's owner can take out of the address; the claim is proof."""
    if not domain:
        return None
    stated = claims.get("hd")
    return None if isinstance(stated, str) and stated.lower() == domain else Failure.FOREIGN_ORGANISATION


def _type(header: dict[str, Any]) -> str:
    """RFC 7515 section 4.1.9: without ``application/`` it means the same."""
    typ = header.get("typ", "")
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else "?"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > TOKEN_LIMIT or len(parts) != 3:
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "parts")
    try:
        header = decode(b64url_decode(parts[0]))
    except (ValueError, NotJson) as wrong:
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "header") from wrong
    if not isinstance(header, dict):
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "header")
    return header


def _claims(payload: bytes | None) -> dict[str, Any]:
    try:
        claims = decode(payload or b"")
    except NotJson as wrong:
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "claims") from wrong
    if not isinstance(claims, dict):
        raise SignInFailed(Failure.ID_TOKEN_MALFORMED, "claims")
    return claims
