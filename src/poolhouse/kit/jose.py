"""
RSA keys, JWTs and JWK sets.

Signing assembles the token from a header prepared once per key; ``cryptography`` signs.  Verification takes the
algorithm from the key, never from the token (RFC 8725 section 3.1): the header must name a known ``kid`` and
exactly that key's algorithm, and carries no key of its own.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

TOKEN_LIMIT = 16_384
_PKCS1 = padding.PKCS1v15()
_SHA256 = SHA256()
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = msgspec.json.Encoder().encode


class InvalidToken(Exception):
    """The token is not one that these keys signed; why is for the log."""


class _Header(msgspec.Struct, frozen=True):
    alg: str = ""
    kid: str = ""
    crit: list[str] | None = None


_header_decoder = msgspec.json.Decoder(_Header)
_claims_decoder = msgspec.json.Decoder(dict[str, Any])


class SigningKey:
    """An RSA private key with its id; ``kid`` is Base64 text that ends in ``=``, as Cognito's look."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        self.kid = _key_id(self.public)
        self._prefix = b64url(_encode({"kid": self.kid, "alg": "RS256"})) + b"."

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A compact JWS over *claims*; header exactly ``{"kid", "alg"}``.  A quarter of a millisecond."""
        message = self._prefix + b64url(_encode(claims))
        return (message + b"." + b64url(self._private.sign(message, _PKCS1, _SHA256))).decode("ascii")

    def private_bytes(self) -> bytes:
        """PKCS #8 DER without a password; seal it before it is stored."""
        return self._private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def mint_key() -> SigningKey:
    """A new RSA-2048 key (some 100 ms; run it in the CPU pool).  OpenSSL draws from its own generator."""
    return SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def load_key(der: bytes) -> SigningKey:
    """The key that ``private_bytes`` wrote."""
    private = serialization.load_der_private_key(der, None)
    if not isinstance(private, rsa.RSAPrivateKey):
        msg = "not an RSA key"
        raise TypeError(msg)
    return SigningKey(private)


def jwk(public: rsa.RSAPublicKey) -> dict[str, str]:
    """The public key as a member of a JWK set (RFC 7517), in Cognito's order of members."""
    numbers = public.public_numbers()
    return {
        "alg": "RS256",
        "e": _number(numbers.e),
        "kid": _key_id(public),
        "kty": "RSA",
        "n": _number(numbers.n),
        "use": "sig",
    }


class Verifier:
    """Verifies tokens signed by any of *keys*."""

    def __init__(self, keys: Iterable[rsa.RSAPublicKey]) -> None:
        self._keys = {_key_id(key): key for key in keys}

    def verify(self, token: str) -> dict[str, Any]:
        """The claims, once the signature holds; times and audiences are the caller's to check."""
        if len(token) > TOKEN_LIMIT:
            raise InvalidToken("too long")
        parts = token.split(".")
        if len(parts) != 3:
            raise InvalidToken("not three parts")
        try:
            header = _header_decoder.decode(b64url_decode(parts[0]))
            claims = _claims_decoder.decode(b64url_decode(parts[1]))
            signature = b64url_decode(parts[2])
        except (ValueError, msgspec.DecodeError, RecursionError) as wrong:
            raise InvalidToken("malformed") from wrong
        key = self._keys.get(header.kid)
        if key is None:
            raise InvalidToken("unknown key id")
        if header.alg != "RS256" or header.crit is not None:
            raise InvalidToken("algorithm or critical header refused")
        try:
            key.verify(signature, f"{parts[0]}.{parts[1]}".encode("ascii"), _PKCS1, _SHA256)
        except (InvalidSignature, UnicodeEncodeError) as wrong:
            raise InvalidToken("signature") from wrong
        return claims


def b64url(raw: bytes) -> bytes:
    """Base64url without padding (RFC 7515 section 2)."""
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=")


def b64url_decode(part: str) -> bytes:
    """The inverse; ``ValueError`` for padding, foreign characters or a non-canonical last character."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise ValueError("not base64url") from wrong
    if b64url(raw) != part.encode("ascii"):
        raise ValueError("not canonical base64url")
    return raw


def left_half(token: str) -> str:
    """``at_hash``: the left half of SHA-256 over the token's ASCII (OIDC Core section 3.1.3.6)."""
    return b64url(hashlib.sha256(token.encode("ascii")).digest()[:16]).decode("ascii")


def _key_id(public: rsa.RSAPublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode("ascii")


def _number(value: int) -> str:
    return b64url(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode("ascii")
