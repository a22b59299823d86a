"""
Argon2id, 19 MiB, two passes, one lane (OWASP's first choice; 20 ms on the machine it was measured on).

Plain functions: call them through ``kit.cpu.CpuPool``.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from poolhouse.kit import foreign_hashes

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16)

_OURS = "$argon2id$v=19$m=19456,t=2,p=1$"
DECOY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$cG9vbGhvdXNlLWRlY295LQ$UwJKe1+hm/nhWBzQTW3ymi36J/J1/2PmvoGDW6zW5qc"
"""Verified for an unknown user, so that the answer takes as long; no password is known to match."""


def hash_password(password: str) -> str:
    """An encoded hash with a salt of its own (argon2-cffi draws it from the operating system)."""
    return _HASHER.hash(password)


def verify_password(encoded: str, password: str) -> bool:
    """Whether *password* belongs to *encoded*, ours or an imported one; a broken hash belongs to nothing."""
    if not encoded.startswith(_OURS):
        return foreign_hashes.verify(encoded, password)
    try:
        return _HASHER.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(encoded: str) -> bool:
    """Whether the parameters have moved on since *encoded* was made."""
    return _HASHER.check_needs_rehash(encoded)
