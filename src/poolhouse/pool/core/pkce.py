"""Proof key for code exchange: RFC 7636, S256 only (RFC 9700 §2.1.1)."""

import base64
import hashlib
import hmac
import re
from typing import Final

METHOD: Final = "S256"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(text: str) -> bool:
    """Tell whether *text* can be an S256 challenge: 32 bytes, base64url, no padding (§4.2)."""
    return _CHALLENGE.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (§4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def verify(challenge: str | None, verifier: str | None) -> bool:
    """
    Tell whether the token request may redeem a code that was issued with *challenge* (§4.6). Constant time.

    A verifier without a challenge is refused as well: it shows that the challenge was stripped on its way
    (RFC 9700 §4.8.2).
    """
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    if not _VERIFIER.fullmatch(verifier):
        return False
    return hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())
