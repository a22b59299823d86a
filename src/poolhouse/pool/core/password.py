"""
Passwords: what a policy asks, temporary ones, former ones.

Hashing is not here: it takes milliseconds and belongs to the pool of CPU threads.
"""

import string
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import PasswordPolicyType

SYMBOLS: Final = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-")
"""Besides these a space counts, unless it is the first or the last character."""

DAY: Final = 86_400
RANDOM_BYTES: Final = 128
"""What a temporary password takes: enough for the longest policy, so that no choice is measurably biased."""
_TEMPORARY_LENGTH: Final = 16
# Without look-alikes, and without symbols that mail, a shell or a form would mangle.
_UPPER: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LOWER: Final = "abcdefghijkmnopqrstuvwxyz"
_NUMBERS: Final = "23456789"
_MARKS: Final = "!#%*+-.=?@_"


def violations(policy: PasswordPolicyType, password: str) -> tuple[Reason, ...]:
    """
    All that *password* lacks, in the order in which the service looks.

    Letters are those of ASCII: other alphabets count towards the length only.
    """
    checks = (
        (len(password) < (policy.minimum_length or 0), Reason.PASSWORD_TOO_SHORT),
        (
            bool(policy.require_lowercase) and not _has(password, string.ascii_lowercase),
            Reason.PASSWORD_NEEDS_LOWERCASE,
        ),
        (
            bool(policy.require_uppercase) and not _has(password, string.ascii_uppercase),
            Reason.PASSWORD_NEEDS_UPPERCASE,
        ),
        (bool(policy.require_numbers) and not _has(password, string.digits), Reason.PASSWORD_NEEDS_NUMBER),
        (bool(policy.require_symbols) and not _has_symbol(password), Reason.PASSWORD_NEEDS_SYMBOL),
    )
    return tuple(reason for lacking, reason in checks if lacking)


def check_policy(policy: PasswordPolicyType, password: str) -> Refusal | None:
    """InvalidPassword for the first violation: the service names one at a time."""
    lacking = violations(policy, password)
    return refused(lacking[0]) if lacking else None


def _has(password: str, alphabet: str) -> bool:
    return any(character in alphabet for character in password)


def _has_symbol(password: str) -> bool:
    return any(character in SYMBOLS for character in password) or " " in password.strip(" ")


def temporary_password(policy: PasswordPolicyType, random: bytes) -> str:
    """
    A password that satisfies *policy*, made of ``RANDOM_BYTES`` random bytes.

    It holds all four kinds whatever the policy asks, so that a stricter policy later does not strand it.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a temporary password takes {RANDOM_BYTES} random bytes")
    left = int.from_bytes(random)
    length = max(policy.minimum_length or 0, _TEMPORARY_LENGTH)
    kinds = (_UPPER, _LOWER, _NUMBERS, _MARKS)
    characters: list[str] = []
    for position in range(length):
        alphabet = kinds[position] if position < len(kinds) else _UPPER + _LOWER + _NUMBERS
        left, choice = divmod(left, len(alphabet))
        characters.append(alphabet[choice])
    for position in range(length - 1, 0, -1):  # Fisher-Yates: the kinds must not show by their places
        left, choice = divmod(left, position + 1)
        characters[position], characters[choice] = characters[choice], characters[position]
    return "".join(characters)


def temporary_expired(policy: PasswordPolicyType, *, since: int, now: int) -> bool:
    """Tell whether a temporary password that was set at *since* can no longer be used."""
    return now >= since + (policy.temporary_password_validity_days or 7) * DAY


def check_history(
    policy: PasswordPolicyType, password: str, former: Iterable[str], verify: Callable[[str, str], bool]
) -> Refusal | None:
    """
    Refuse one of the last ``PasswordHistorySize`` passwords. *former* are hashes, the current one first.

    *verify* is ``(hash, password) -> bool`` and slow: call this where such work belongs.
    """
    remembered = islice(former, policy.password_history_size or 0)
    return refused(Reason.PASSWORD_USED_BEFORE) if any(verify(each, password) for each in remembered) else None


def remembered(policy: PasswordPolicyType, former: Iterable[str], replaced: str | None) -> tuple[str, ...]:
    """The history to keep once *replaced* (the hash that was current) is former: no longer than the policy needs."""
    newest_first = [replaced, *former] if replaced is not None else list(former)
    # The current password is the first of the n, so n - 1 former ones are enough.
    return tuple(newest_first[: max((policy.password_history_size or 0) - 1, 0)])
