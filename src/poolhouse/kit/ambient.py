"""
Clock and entropy: what a program takes from the machine, passed as arguments everywhere else.

Only this module may ask for the date or for random bytes; the linter forbids it elsewhere.
"""

import binascii
import hashlib
import os
import time
from typing import Final, NewType, Protocol

import msgspec

Epoch = NewType("Epoch", int)
"""Seconds since 1970-01-01T00:00:00Z."""
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Clock(Protocol):
    """The time of day."""

    def now(self) -> Epoch:
        """Whole seconds UTC."""
        ...

    def now_ms(self) -> int:
        """Milliseconds UTC, for timestamps that the API shows with three decimals."""
        ...


class Entropy(Protocol):
    """Unpredictable bytes."""

    def token(self, n: int) -> bytes:
        """*n* bytes that nobody can guess."""
        ...

    def mark(self) -> bytes:
        """Sixteen random bytes for the name of something; never for a secret, since they may be drawn beforehand."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Epoch:
        return Epoch(int(time.time()))

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class FixedClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, at: int = 1_800_000_000) -> None:
        self._ms = at * 1000

    def now(self) -> Epoch:
        return Epoch(self._ms // 1000)

    def now_ms(self) -> int:
        return self._ms

    def advance(self, seconds: float) -> None:
        """Move the clock; a negative number moves it back."""
        self._ms += int(seconds * 1000)


_marks: list[bytes] = []
"""Drawn beforehand: the system's generator takes as long for one as for many.  A forked process draws its own."""
_MARK: Final = 16
_MARKS: Final = 256
os.register_at_fork(after_in_child=_marks.clear)


class SystemEntropy:
    """The operating system's generator."""

    def token(self, n: int) -> bytes:
        return os.urandom(n)

    def mark(self) -> bytes:
        while True:
            try:
                # One step, so that no two threads get the same.
                return _marks.pop()
            except IndexError:
                drawn = os.urandom(_MARK * _MARKS)
                _marks.extend(drawn[start : start + _MARK] for start in range(0, len(drawn), _MARK))


class ScriptedEntropy:
    """The same bytes for the same seed, each time; for tests only."""

    def __init__(self, seed: str = "poolhouse") -> None:
        self._seed = seed.encode()
        self._count = 0

    def token(self, n: int) -> bytes:
        out = b""
        while len(out) < n:
            self._count += 1
            out += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        return out[:n]

    def mark(self) -> bytes:
        return self.token(_MARK)


class Secret(msgspec.Struct, frozen=True):
    """A string that does not show itself in a log or a traceback."""

    _value: str

    def reveal(self) -> str:
        """The string; call it where it is used, not where it is carried."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"


def hex_token(entropy: Entropy, n: int) -> str:
    """*n* random bytes as 2n hexadecimal digits."""
    return entropy.token(n).hex()


def urlsafe(entropy: Entropy, n: int) -> str:
    """*n* random bytes in base64url without padding."""
    return base64url(entropy.token(n))


def letters(entropy: Entropy, n: int, alphabet: str) -> str:
    """*n* characters of *alphabet*, each equally likely (bytes past the last whole multiple are thrown away)."""
    size = len(alphabet)
    limit = 256 - 256 % size
    out: list[str] = []
    while len(out) < n:
        out += [alphabet[b % size] for b in entropy.token(n + 8) if b < limit]
    return "".join(out[:n])


def digits(entropy: Entropy, n: int) -> str:
    """A code of *n* decimal digits."""
    return letters(entropy, n, "0123456789")


def base64url(raw: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def uuid4(entropy: Entropy, beginning: bytes = b"") -> str:
    """
    A random UUID (RFC 9562 section 5.4); put together here, since every request has a few.

    Those with the same random *beginning* stand side by side in an index.
    """
    return _uuid4((beginning + entropy.token(16 - len(beginning))).hex())


def mark(entropy: Entropy) -> str:
    """A random UUID for the name of something that anybody may know, such as a request or a token."""
    return _uuid4(entropy.mark().hex())


def uuid7(entropy: Entropy, now_ms: int) -> str:
    """
    A UUID that begins with the time (RFC 9562 section 5.7), and has 74 random bits.

    For rows of which there are many: those of one moment stand side by side in an index, where random ones would each
    change another page of it.
    """
    digits = entropy.mark().hex()
    moment = f"{now_ms:012x}"
    variant = "89ab"[int(digits[3], 16) & 3]
    return f"{moment[:8]}-{moment[8:]}-7{digits[:3]}-{variant}{digits[4:7]}-{digits[7:19]}"


def _uuid4(digits: str) -> str:
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
