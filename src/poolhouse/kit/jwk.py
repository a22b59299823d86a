"""
Public keys that others publish (RFC 7517), and what names them (RFC 7638).

Which algorithms a key may verify follows from its type and curve: a token can choose among those, never beyond them
(RFC 8725 section 3.1).  Private members, weak and huge keys, and keys for encryption are no keys here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from poolhouse.kit.jose import b64url, b64url_decode

KEYS_READ: Final = 64
ASYMMETRIC: Final = ("PS256", "ES256", "EdDSA", "RS256")
"""What these keys can have signed."""
_RSA_BITS: Final = range(2048, 8193)
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_NAMED_BY: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
_encode = msgspec.json.Encoder(order="sorted").encode

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


class Jwk(msgspec.Struct, frozen=True, kw_only=True):
    """
    A usable key: what it may verify, and its thumbprint.

    ``certificates`` are the SHA-256 thumbprints (base64url) of the certificate that ``x5c`` begins with, and of what
    ``x5t#S256`` says.
    """

    kid: str | None
    algorithms: tuple[str, ...]
    public: PublicKey
    thumbprint: str
    certificates: frozenset[str] = frozenset()


class UnusableKey(ValueError):
    """Not a public key for signatures that is good enough; the text says why."""


def read_key(member: Mapping[str, Any]) -> Jwk:
    """One key; raises ``UnusableKey``."""
    if not _PRIVATE.isdisjoint(member):
        raise UnusableKey("the key is not a public one")
    if member.get("use", "sig") != "sig" or not _verifies(member.get("key_ops")):
        raise UnusableKey("the key is not for signatures")
    try:
        public, able = _public(member)
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm) as wrong:
        raise UnusableKey(str(wrong) if isinstance(wrong, UnusableKey) else "the key cannot be read") from wrong
    only = member.get("alg")
    algorithms = able if only is None else tuple(each for each in able if each == _common(only))
    if not algorithms:
        raise UnusableKey("the key's algorithm is not supported")
    kid = member.get("kid")
    return Jwk(
        kid=kid if isinstance(kid, str) else None,
        algorithms=algorithms,
        public=public,
        thumbprint=thumbprint(member),
        certificates=_certificates(member),
    )


def read_set(document: object) -> tuple[Jwk, ...]:
    """The usable keys of a JWK set; members that are not understood are passed over (RFC 7517 section 5)."""
    members = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(members, Sequence) or isinstance(members, str):
        return ()
    found = []
    for member in members[:KEYS_READ]:
        if isinstance(member, Mapping):
            try:
                found.append(read_key(member))
            except UnusableKey:
                continue
    return tuple(found)


def thumbprint(member: Mapping[str, Any]) -> str:
    """SHA-256 over the members that make the key, in base64url (RFC 7638 section 3)."""
    needed = {name: member[name] for name in _NAMED_BY[member["kty"]]}
    return b64url(hashlib.sha256(_encode(needed)).digest()).decode("ascii")


def _common(name: object) -> object:
    """RFC 9864 gives the one EdDSA that is used here a name of its own."""
    return "EdDSA" if name == "Ed25519" else name


def _verifies(operations: object) -> bool:
    return operations is None or (isinstance(operations, list) and "verify" in operations)


def _public(member: Mapping[str, Any]) -> tuple[PublicKey, tuple[str, ...]]:
    kind = member.get("kty")
    if kind == "RSA":
        numbers = rsa.RSAPublicNumbers(e=_number(member["e"]), n=_number(member["n"]))
        if numbers.n.bit_length() not in _RSA_BITS or numbers.e.bit_length() > 32:
            raise UnusableKey("an RSA key has 2048 to 8192 bits")
        return numbers.public_key(), ("PS256", "RS256")
    if kind == "EC" and member.get("crv") == "P-256":
        x, y = (_sized(member[name], 32) for name in ("x", "y"))
        curve = ec.SECP256R1()
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + x + y), ("ES256",)
    if kind == "OKP" and member.get("crv") == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(_sized(member["x"], 32)), ("EdDSA",)
    raise UnusableKey("the key's type or curve is not supported")


def _number(text: str) -> int:
    if len(text) > 2048:
        raise UnusableKey("the key is too large")
    return int.from_bytes(b64url_decode(text), "big")


def _sized(text: str, size: int) -> bytes:
    """Coordinates have the whole length of the field (RFC 7518 section 6.2.1.2)."""
    raw = b64url_decode(text)
    if len(raw) != size:
        raise UnusableKey("a coordinate of the key has a wrong length")
    return raw


def _certificates(member: Mapping[str, Any]) -> frozenset[str]:
    found = set()
    if isinstance(named := member.get("x5t#S256"), str):
        found.add(named)
    chain = member.get("x5c")
    if isinstance(chain, list) and chain and isinstance(chain[0], str):
        try:
            der = b64url_decode(chain[0].rstrip("=").replace("+", "-").replace("/", "_"))
        except ValueError:
            return frozenset(found)
        found.add(b64url(hashlib.sha256(der).digest()).decode("ascii"))
    return frozenset(found)
