"""
A proof of work: a number that, behind a seed, has a SHA-256 with so many leading zero bits (hashcash, Back 2002).

Ours: whoever sends a form spends a moment of computing, whoever checks it spends one hash.
"""

import hashlib
import re
from typing import Final

_ANSWER: Final = re.compile(r"[0-9]{1,16}", re.ASCII)
_DIGEST_BITS: Final = 256


def is_answer(seed: str, answer: str, bits: int) -> bool:
    """Whether *answer* is one to *seed*; costs one hash, whatever it is."""
    if not _ANSWER.fullmatch(answer):
        return False
    found = int.from_bytes(hashlib.sha256(f"{seed}{answer}".encode()).digest())
    return found >> (_DIGEST_BITS - bits) == 0
