"""
Password hashes that other systems made, so that their users keep the passwords they have.

A hash says itself how much work it is to check: ``accept`` bounds that once, before a hash is stored, so that no file
can bring one that keeps a core busy for minutes.  All four release the interpreter's lock while they work; call
``verify`` through ``kit.cpu.CpuPool``.

    BCRYPT         $2a$, $2b$, $2y$ (modular crypt format)
    SCRYPT         $scrypt$ln=16,r=8,p=1$salt$hash
    ARGON2ID       $argon2id$v=19$m=65536,t=3,p=4$salt$hash
    PBKDF2_SHA256  $pbkdf2-sha256$29000$salt$hash, or pbkdf2_sha256$600000$salt$hash
"""

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

import bcrypt
import msgspec
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, verify_secret

_MIB: Final = 1024 * 1024
_BCRYPT: Final = re.compile(r"\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}")
_BCRYPT_READS: Final = 72
_BCRYPT_COSTS: Final = range(4, 15)
_ARGON2ID: Final = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>[0-9]{1,7}),t=(?P<passes>[0-9]{1,3}),p=(?P<lanes>[0-9]{1,3})"
    r"\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{16,128}"
)
_ARGON2ID_KIB: Final = 128 * 1024
_ARGON2ID_WORK: Final = 512 * 1024
"""KiB times passes: some seven times the 19 MiB and two passes of our own hashes, doubled."""
_SCRYPT: Final = re.compile(
    r"\$scrypt\$ln=(?P<log>[0-9]{1,2}),r=(?P<block>[0-9]{1,2}),p=(?P<lanes>[0-9]{1,2})"
    r"\$(?P<salt>[A-Za-z0-9+/]{1,128})\$(?P<hash>[A-Za-z0-9+/]{22,128})"
)
_SCRYPT_BYTES: Final = 128 * _MIB
_SCRYPT_WORK: Final = 256 * _MIB
_PBKDF2: Final = re.compile(
    r"\$pbkdf2-sha256\$(?P<rounds>[0-9]{1,7})\$(?P<salt>[A-Za-z0-9+/.]{1,128})\$(?P<hash>[A-Za-z0-9+/.]{22,128})"
)
_PBKDF2_PLAIN_SALT: Final = re.compile(
    r"pbkdf2_sha256\$(?P<rounds>[0-9]{1,7})\$(?P<salt>[^$\s]{1,128})\$(?P<hash>[A-Za-z0-9+/]{22,128}={0,2})"
)
_PBKDF2_ROUNDS: Final = 2_000_000


class _Derived(msgspec.Struct, frozen=True):
    """A hash that is compared with what is derived anew: salt, and what it should come to."""

    salt: bytes
    expected: bytes
    numbers: tuple[int, ...]


def accept(algorithm: str, encoded: str) -> bool:
    """Whether *encoded* is a hash of this algorithm (a name of the API), and one that can be checked at a fair cost."""
    match algorithm:
        case "BCRYPT":
            found = _BCRYPT.fullmatch(encoded)
            return found is not None and int(found["cost"]) in _BCRYPT_COSTS
        case "ARGON2ID":
            return _is_fair_argon2id(encoded)
        case "SCRYPT":
            return _scrypt(encoded) is not None
        case "PBKDF2_SHA256":
            return _pbkdf2(encoded) is not None
        case _:
            return False


def verify(encoded: str, password: str) -> bool:
    """Whether *password* belongs to *encoded*, which ``accept`` took; anything else belongs to nothing."""
    given = password.encode()
    if encoded.startswith("$2"):
        return _verify_bcrypt(encoded, given)
    if encoded.startswith("$argon2id$"):
        return _verify_argon2id(encoded, given)
    if (scrypt := _scrypt(encoded)) is not None:
        log, block, lanes = scrypt.numbers
        made = hashlib.scrypt(
            given, salt=scrypt.salt, n=1 << log, r=block, p=lanes, maxmem=_SCRYPT_BYTES + 16 * _MIB,
            dklen=len(scrypt.expected),
        )  # fmt: skip
        return hmac.compare_digest(made, scrypt.expected)
    if (pbkdf2 := _pbkdf2(encoded)) is not None:
        made = hashlib.pbkdf2_hmac("sha256", given, pbkdf2.salt, pbkdf2.numbers[0], len(pbkdf2.expected))
        return hmac.compare_digest(made, pbkdf2.expected)
    return False


def _verify_bcrypt(encoded: str, given: bytes) -> bool:
    if _BCRYPT.fullmatch(encoded) is None or b"\0" in given:
        return False
    # Every implementation reads 72 bytes; this one refuses more, where the others leave them out.
    return bcrypt.checkpw(given[:_BCRYPT_READS], encoded.encode())


def _is_fair_argon2id(encoded: str) -> bool:
    found = _ARGON2ID.fullmatch(encoded)
    if found is None:
        return False
    memory, passes, lanes = int(found["memory"]), int(found["passes"]), int(found["lanes"])
    # RFC 9106 section 3.1: eight KiB for each lane at least.
    return (
        passes >= 1 and 1 <= lanes <= 16 and 8 * lanes <= memory <= _ARGON2ID_KIB and memory * passes <= _ARGON2ID_WORK
    )


def _verify_argon2id(encoded: str, given: bytes) -> bool:
    if not _is_fair_argon2id(encoded):
        return False
    try:
        return verify_secret(encoded.encode(), given, Type.ID)
    except (VerificationError, InvalidHashError):
        return False


def _scrypt(encoded: str) -> _Derived | None:
    found = _SCRYPT.fullmatch(encoded)
    if found is None:
        return None
    log, block, lanes = int(found["log"]), int(found["block"]), int(found["lanes"])
    work = (128 * block) << min(log, 40)
    if log < 1 or block < 1 or lanes < 1 or work > _SCRYPT_BYTES or work * lanes > _SCRYPT_WORK:
        return None
    # RFC 7914 section 2: N is less than two to the (128 * r / 8).
    if log >= 16 * block:
        return None
    return _derived(found["salt"], found["hash"], (log, block, lanes))


def _pbkdf2(encoded: str) -> _Derived | None:
    found = _PBKDF2.fullmatch(encoded)
    if found is not None:
        rounds = int(found["rounds"])
        # The library that made this form known writes a dot for the plus of Base64.
        salt, expected = found["salt"].replace(".", "+"), found["hash"].replace(".", "+")
        return _derived(salt, expected, (rounds,)) if 1 <= rounds <= _PBKDF2_ROUNDS else None
    found = _PBKDF2_PLAIN_SALT.fullmatch(encoded)
    if found is None or not 1 <= int(found["rounds"]) <= _PBKDF2_ROUNDS:
        return None
    expected_bytes = _base64(found["hash"].rstrip("="))
    return _Derived(found["salt"].encode(), expected_bytes, (int(found["rounds"]),)) if expected_bytes else None


def _derived(salt: str, expected: str, numbers: tuple[int, ...]) -> _Derived | None:
    salt_bytes, expected_bytes = _base64(salt), _base64(expected)
    if not salt_bytes or not expected_bytes:
        return None
    return _Derived(salt_bytes, expected_bytes, numbers)


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def decoy(encoded: str) -> str:
    """
    A hash that takes as long to check as *encoded* and that no password is known to match.

    It keeps the cost and the lengths, nothing of the salt and nothing of the hash.
    """
    if encoded.startswith("$2"):
        return encoded[:-53] + "." * 53
    cost, salt, found = encoded.rsplit("$", 2)
    kept = found.rstrip("=")
    return f"{cost}${'A' * len(salt)}${'A' * len(kept)}{found[len(kept) :]}"
