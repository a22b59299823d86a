"""
Codes that are sent by mail or SMS and typed in again.

Only a keyed digest is stored, bound to the purpose and the user: a code for one thing is worth nothing for another,
and a copy of the database does not give away the million candidates. A digest found right is deleted in the same
transaction, so that a code works once.
"""

import hmac
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.model.user import CodePurpose, SentCode
from poolhouse.pool.spec.errors import Reason

DIGITS: Final = 6
VALID_SECONDS: Final = MappingProxyType(
    {
        CodePurpose.SIGN_UP: 86_400,
        CodePurpose.RESET: 3_600,
        CodePurpose.EMAIL: 86_400,
        CodePurpose.PHONE: 86_400,
    }
)
FAILURE_LIMIT: Final = 15
"""Wrong answers that one code survives; with six digits a guesser's chance stays below 1 in 60,000 a code."""

Mac = Callable[[bytes], bytes]


def code_digest(mac: Mac, *, purpose: str, pool_id: str, username: str, code: str) -> bytes:
    """The keyed digest under which a code is stored. *username* is the stored one, *code* as it was typed."""
    fields = (b"one-time code", purpose.encode(), pool_id.encode(), username.encode(), code.strip().encode())
    return mac(b"".join(len(field).to_bytes(4) + field for field in fields))


def check_code(sent: SentCode | None, *, digest: bytes, now: int) -> Refusal | None:
    """
    Refuse a code that was never sent, has expired, was guessed at too often, or is wrong.

    The order matters: an expired or exhausted code never tells whether the answer was right. Only CODE_MISMATCH
    counts as a failure of the code.
    """
    if sent is None or now >= sent.expires_at:
        return refused(Reason.CODE_EXPIRED)
    if sent.failures >= FAILURE_LIMIT:
        return refused(Reason.TOO_MANY_FAILED_ATTEMPTS)
    if not hmac.compare_digest(sent.digest, digest):
        return refused(Reason.CODE_MISMATCH)
    return None


def is_right(stored: bytes, digest: bytes) -> bool:
    """Compare the digest of a code that belongs to a sign-in (MFA): the attempt itself keeps time and count."""
    return hmac.compare_digest(stored, digest)
