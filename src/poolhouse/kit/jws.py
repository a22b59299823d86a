"""
Tokens that others sign: JWS in compact form (RFC 7515), read strictly, verified by keys known beforehand.

The caller says which algorithms count; the header can only name one of them.  A header that is critical, or a token
of five parts (encrypted), is refused; keys that the header brings are ignored, but for what the caller does with them.
"""

import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from poolhouse.kit import unambiguous
from poolhouse.kit.jose import InvalidToken, b64url_decode
from poolhouse.kit.jwk import Jwk, PublicKey

LIMIT: Final = 16_384
"""Characters of a token."""
CANDIDATES: Final = 8
"""Keys that are tried where the token names none: each one costs a verification."""
SYMMETRIC: Final = "HS256"
_SHA256: Final = SHA256()
_PKCS1: Final = padding.PKCS1v15()
_PSS: Final = padding.PSS(padding.MGF1(_SHA256), padding.PSS.DIGEST_LENGTH)


class Jws(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it came: nothing of it is proved yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    message: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """As the header names it; an Ed25519 signature is ``EdDSA``, however it is spelled (RFC 9864)."""
        named = self.header.get("alg")
        return "EdDSA" if named == "Ed25519" else str(named)

    @property
    def kid(self) -> str | None:
        named = self.header.get("kid")
        return named if isinstance(named, str) else None

    def __repr__(self) -> str:
        return "Jws(***)"


def read(token: str, limit: int = LIMIT) -> Jws:
    """The parts; raises ``InvalidToken`` for what is no signed token of JSON, or names a member twice."""
    if len(token) > limit:
        raise InvalidToken("too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidToken("not three parts")
    try:
        header, claims = _object(parts[0]), _object(parts[1])
        signature = b64url_decode(parts[2])
    except (ValueError, RecursionError) as wrong:
        raise InvalidToken("malformed") from wrong
    if "crit" in header or "b64" in header:
        raise InvalidToken("critical header refused")
    return Jws(header=header, claims=claims, message=f"{parts[0]}.{parts[1]}".encode("ascii"), signature=signature)


def fitting(token: Jws, keys: Iterable[Jwk], algorithms: Sequence[str]) -> list[Jwk]:
    """The keys that may have signed: by the algorithm that *algorithms* allows, and by ``kid`` where it is named."""
    wanted = token.algorithm
    if wanted not in algorithms:
        raise InvalidToken("algorithm refused")
    return [key for key in keys if wanted in key.algorithms and token.kid in {None, key.kid}]


def verify(token: Jws, keys: Sequence[Jwk]) -> Jwk:
    """The one of *keys* (from ``fitting``) that signed; raises ``InvalidToken``."""
    for key in keys[:CANDIDATES]:
        if is_signed_by(token, key.public):
            return key
    raise InvalidToken("signature")


def is_signed_by(token: Jws, public: PublicKey) -> bool:
    """Whether this key made the signature, by the algorithm of the header; never true of an algorithm of others."""
    check = _CHECKS.get(token.algorithm)
    if check is None:
        return False
    try:
        check(public, token.signature, token.message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_with(token: Jws, secrets: Iterable[str]) -> bool:
    """Whether one of *secrets* made the signature by HMAC (RFC 7518 section 3.2); all of them are compared."""
    if token.algorithm != SYMMETRIC:
        return False
    made = [hmac.digest(secret.encode(), token.message, "sha256") for secret in secrets]
    matches = [hmac.compare_digest(each, token.signature) for each in made]
    return any(matches)


def _object(part: str) -> dict[str, Any]:
    found = unambiguous.read(b64url_decode(part).decode("utf-8"))
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 (what was sent is wrong, not our call)
    return found


def _rsa_pkcs1(public: PublicKey, signature: bytes, message: bytes) -> None:
    if not isinstance(public, rsa.RSAPublicKey):
        raise InvalidSignature
    public.verify(signature, message, _PKCS1, _SHA256)


def _rsa_pss(public: PublicKey, signature: bytes, message: bytes) -> None:
    if not isinstance(public, rsa.RSAPublicKey):
        raise InvalidSignature
    public.verify(signature, message, _PSS, _SHA256)


def _ecdsa(public: PublicKey, signature: bytes, message: bytes) -> None:
    """The signature is the two numbers side by side, not DER (RFC 7518 section 3.4)."""
    if not isinstance(public, ec.EllipticCurvePublicKey) or len(signature) != 64:
        raise InvalidSignature
    numbers = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public.verify(encode_dss_signature(*numbers), message, ec.ECDSA(_SHA256))


def _eddsa(public: PublicKey, signature: bytes, message: bytes) -> None:
    if not isinstance(public, ed25519.Ed25519PublicKey):
        raise InvalidSignature
    public.verify(signature, message)


_CHECKS: Final[dict[str, Callable[[PublicKey, bytes, bytes], None]]] = {
    "RS256": _rsa_pkcs1,
    "PS256": _rsa_pss,
    "ES256": _ecdsa,
    "EdDSA": _eddsa,
}
