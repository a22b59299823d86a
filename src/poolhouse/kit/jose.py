"""
Signing keys, JWTs and JWK sets: RS256, ES256 and EdDSA (RFC 7518, RFC 8037).

Signing assembles the token from a header prepared once per key; ``cryptography`` signs.  Verification takes the
algorithm from the key, never from the token (RFC 8725 section 3.1): the header must name a known ``kid`` and
exactly that key's algorithm, and carries no key of its own.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

TOKEN_LIMIT = 16_384
RS256: Final = "RS256"
ES256: Final = "ES256"
EDDSA: Final = "EdDSA"
_PKCS1 = padding.PKCS1v15()
_SHA256 = SHA256()
_ECDSA = ec.ECDSA(_SHA256)
_P256_BYTES: Final = 32
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = msgspec.json.Encoder().encode

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey
Public = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | Ed25519PublicKey


class InvalidToken(Exception):
    """The token is not one that these keys signed; why is for the log."""


class _Header(msgspec.Struct, frozen=True):
    alg: str = ""
    kid: str = ""
    crit: list[str] | None = None


_header_decoder = msgspec.json.Decoder(_Header)
_claims_decoder = msgspec.json.Decoder(dict[str, Any])


class SigningKey:
    """A private key with its id and its one algorithm; ``kid`` is Base64 text that ends in ``=``, as Cognito's look."""

    def __init__(self, private: Private) -> None:
        self._private = private
        self.public: Public = private.public_key()
        self.alg = algorithm(self.public)
        self.kid = _key_id(self.public)
        self._prefix = b64url(_encode({"kid": self.kid, "alg": self.alg})) + b"."
        self._signature = _signer(private)

    def sign(self, claims: Mapping[str, Any], typ: str | None = None) -> str:
        """
        A compact JWS over *claims*; header exactly ``{"kid", "alg"}``, and *typ* where one is given.

        By RSA a quarter of a millisecond, by the others a tenth of that.
        """
        prefix = self._prefix
        if typ is not None:
            prefix = b64url(_encode({"kid": self.kid, "alg": self.alg, "typ": typ})) + b"."
        message = prefix + b64url(_encode(claims))
        return (message + b"." + b64url(self._signature(message))).decode("ascii")

    def private_bytes(self) -> bytes:
        """PKCS #8 DER without a password; seal it before it is stored."""
        return self._private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def mint_key(alg: str = RS256) -> SigningKey:
    """
    A new key; RSA-2048 takes some 100 ms: run it in the CPU pool.

    OpenSSL draws from its own generator.
    """
    if alg == RS256:
        return SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    if alg == ES256:
        return SigningKey(ec.generate_private_key(ec.SECP256R1()))
    if alg == EDDSA:
        return SigningKey(Ed25519PrivateKey.generate())
    raise ValueError(alg)


def load_key(der: bytes) -> SigningKey:
    """
    The key that ``private_bytes`` wrote, from where nobody else can have changed it: a sealed column, a memory.

    To prove its primes again would take 40 ms, with every event loop that reads a pool waiting for it.
    """
    private = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, Private):
        msg = "not a key that signs"
        raise TypeError(msg)
    return SigningKey(private)


def algorithm(public: Public) -> str:
    """The one algorithm that a key is for; ``TypeError`` for a curve that has none here."""
    if isinstance(public, rsa.RSAPublicKey):
        return RS256
    if isinstance(public, Ed25519PublicKey):
        return EDDSA
    if not isinstance(public.curve, ec.SECP256R1):
        msg = "not a P-256 key"
        raise TypeError(msg)
    return ES256


def jwk(public: Public) -> dict[str, str]:
    """The public key as a member of a JWK set (RFC 7517), in Cognito's order of members."""
    kid = _key_id(public)
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        e, n = _number(numbers.e), _number(numbers.n)
        return {"alg": RS256, "e": e, "kid": kid, "kty": "RSA", "n": n, "use": "sig"}
    if isinstance(public, Ed25519PublicKey):
        x = b64url(public.public_bytes_raw()).decode("ascii")
        return {"alg": EDDSA, "crv": "Ed25519", "kid": kid, "kty": "OKP", "use": "sig", "x": x}
    point = public.public_numbers()
    x, y = (b64url(value.to_bytes(_P256_BYTES)).decode("ascii") for value in (point.x, point.y))
    return {"alg": ES256, "crv": "P-256", "kid": kid, "kty": "EC", "use": "sig", "x": x, "y": y}


class Verifier:
    """Verifies tokens signed by any of *keys*, each by its own algorithm alone."""

    def __init__(self, keys: Iterable[Public]) -> None:
        self._keys = {_key_id(key): (algorithm(key), key) for key in keys}

    def knows(self, kid: str) -> bool:
        return kid in self._keys

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
        alg, key = self._keys.get(header.kid, ("", None))
        if key is None:
            raise InvalidToken("unknown key id")
        if header.alg != alg or header.crit is not None:
            raise InvalidToken("algorithm or critical header refused")
        try:
            _check(key, signature, f"{parts[0]}.{parts[1]}".encode("ascii"))
        except (InvalidSignature, UnicodeEncodeError) as wrong:
            raise InvalidToken("signature") from wrong
        return claims


def key_named(token: str) -> str | None:
    """The ``kid`` that a token's header claims, believed by nobody; None where it cannot be read."""
    try:
        return _header_decoder.decode(b64url_decode(token.partition(".")[0])).kid
    except (ValueError, msgspec.DecodeError):
        return None


def _signer(private: Private) -> Callable[[bytes], bytes]:
    """How a key signs; found out once, since asking an object for its abstract class takes some microseconds."""
    if isinstance(private, rsa.RSAPrivateKey):
        return lambda message: private.sign(message, _PKCS1, _SHA256)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return partial(_sign_by_curve, private)
    return private.sign


def _sign_by_curve(private: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """RFC 7518 section 3.4: both numbers at their full length, not DER."""
    r, s = decode_dss_signature(private.sign(message, _ECDSA))
    return r.to_bytes(_P256_BYTES) + s.to_bytes(_P256_BYTES)


def _check(key: Public, signature: bytes, message: bytes) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, _PKCS1, _SHA256)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if len(signature) != 2 * _P256_BYTES:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:_P256_BYTES]), int.from_bytes(signature[_P256_BYTES:])
        key.verify(encode_dss_signature(r, s), message, _ECDSA)
    else:
        key.verify(signature, message)


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


def left_half(token: str, alg: str = RS256) -> str:
    """
    ``at_hash``: the left half of a hash over the token's ASCII (OIDC Core section 3.1.3.6).

    The hash is the one of the ID token's *alg*: Ed25519 has SHA-512 in it.
    """
    digest = (hashlib.sha512 if alg == EDDSA else hashlib.sha256)(token.encode("ascii")).digest()
    return b64url(digest[: len(digest) // 2]).decode("ascii")


def _key_id(public: Public) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode("ascii")


def _number(value: int) -> str:
    return b64url(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode("ascii")
