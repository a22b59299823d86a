"""
Whether a password is known from a breach.

Three sources, chosen by the server's setting ``breached_passwords``: the list of the zxcvbn package, which is there
always; a file of Have I Been Pwned's Pwned Passwords, sorted by SHA-1, which is searched without being loaded; their
range service, to which five of the digest's forty hex digits are sent and nothing else.
"""

import asyncio
import hashlib
import importlib.util
import re
from ast import literal_eval
from bisect import bisect_left
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import msgspec

from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Http, Unreachable

_PREFIX_BYTES: Final = 6
_LIST: Final = re.compile(r'"passwords":\s*("(?:[^"\\]|\\.)*")')
_AROUND: Final = re.compile(r"^[^a-z]{0,5}([a-z]+)[^a-z]{0,5}$")
_SHA1: Final = 40
_BLOCK: Final = 128
_SHOWN: Final = 5
RANGE_SECONDS: Final = 2.0


class Breached(Protocol):
    """A set of passwords that nobody should use."""

    async def contains(self, password: str) -> bool: ...
    async def close(self) -> None: ...


class WordList:
    """
    The 30,000 most common passwords, as digests in one piece of memory; read at first use.

    A listed word with at most five figures or signs before and after it, in any case, is as well known as the word:
    ``Dragon2024!`` is found by ``dragon``.
    """

    def __init__(self) -> None:
        self._digests: bytes | None = None
        self._reading = asyncio.Lock()

    async def contains(self, password: str) -> bool:
        if self._digests is None:
            async with self._reading:
                if self._digests is None:
                    self._digests = await asyncio.to_thread(_word_digests)
        plain = password.casefold()
        inner = _AROUND.match(plain)
        return any(self._has(each) for each in {plain, inner[1] if inner else plain})

    async def close(self) -> None:
        """Nothing is open."""

    def _has(self, word: str) -> bool:
        digests = self._digests or b""
        wanted = _short(word)
        count = len(digests) // _PREFIX_BYTES
        at = bisect_left(range(count), wanted, key=lambda i: digests[i * _PREFIX_BYTES : (i + 1) * _PREFIX_BYTES])
        return at < count and digests[at * _PREFIX_BYTES : (at + 1) * _PREFIX_BYTES] == wanted


class RangeFile(msgspec.Struct, frozen=True):
    """Lines ``SHA1:count`` in the order of the digests, as the download tool of Pwned Passwords writes them."""

    path: Path
    common: Breached

    async def contains(self, password: str) -> bool:
        return await self.common.contains(password) or await asyncio.to_thread(_in_file, self.path, _sha1(password))

    async def close(self) -> None:
        """Nothing stays open between two questions."""


class RangeService(msgspec.Struct, frozen=True):
    """
    The range service at ``url`` (https://api.pwnedpasswords.com/range/).

    Where it gives no answer in two seconds the word list alone decides: a service that is down must not keep everybody
    out, nor open more than what it would have found.
    """

    http: Http
    url: str
    common: Breached

    async def contains(self, password: str) -> bool:
        if await self.common.contains(password):
            return True
        digest = _sha1(password)
        try:
            answer = await self.http.get(self.url + digest[:_SHOWN], accept="text/plain", seconds=RANGE_SECONDS)
        except Unreachable as failed:
            get_logger().warning("breached passwords not asked", trouble=failed.trouble)
            return False
        if answer.status != 200:
            get_logger().warning("breached passwords not asked", status=answer.status)
            return False
        return _is_listed(answer.body.decode("ascii", "replace"), digest[_SHOWN:])

    async def close(self) -> None:
        """Let go of every connection."""
        await self.http.close()


def source_of(setting: str) -> Breached:
    """What the setting ``breached_passwords`` names; the built-in list is always asked first."""
    common = WordList()
    if setting.startswith("file:"):
        return RangeFile(Path(urlsplit(setting).path), common)
    if setting:
        # The operator chose the address, inside or outside.
        http = Http(allow_loopback=True, allow_private=True, user_agent="poolhouse-pool")
        return RangeService(http, setting.rstrip("/") + "/", common)
    return common


def check_source(setting: str) -> None:
    """``ValueError`` where the setting names nothing that could be asked."""
    parts = urlsplit(setting)
    if not setting:
        return
    if parts.scheme == "file" and not parts.netloc:
        check_file(Path(parts.path))
        return
    loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        raise ValueError("file:///path, or a URL with https")


def check_file(path: Path) -> None:
    """``ValueError`` where *path* is not such a file."""
    try:
        with path.open("rb") as file:
            first = file.read(_BLOCK).split(b"\n")[0]
    except OSError as wrong:
        raise ValueError(str(wrong)) from wrong
    if not re.fullmatch(rb"[0-9A-Fa-f]{40}(:\d+)?\r?", first):
        raise ValueError("lines of SHA-1 digests in hex expected, in their order, such as Pwned Passwords' file")


def _is_listed(body: str, suffix: str) -> bool:
    """Whether *suffix* is a line; one with a count of 0 only hides how many there are."""
    for line in body.splitlines():
        found, _, count = line.partition(":")
        if found.strip().upper() == suffix:
            return count.strip() != "0"
    return False


def _in_file(path: Path, digest: str) -> bool:
    """Binary search by position: each step reads the first whole line behind the middle."""
    wanted = digest.encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            file.seek(max(middle - 1, 0))
            if middle:
                file.readline(_BLOCK)
            start = file.tell()
            line = file.readline(_BLOCK)
            if start >= high or not line:
                high = middle
                continue
            found = line[:_SHA1].upper()
            if found == wanted:
                return True
            if found < wanted:
                low = start + len(line)
            else:
                high = middle
    return False


def _sha1(password: str) -> str:
    # What the set is sorted by; nothing is protected by it.
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def _short(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()[:_PREFIX_BYTES]


def _word_digests() -> bytes:
    """
    The list of the zxcvbn package, read as a text.

    To import the package would build all its dictionaries, a hundred times what is kept.
    """
    package = importlib.util.find_spec("zxcvbn")
    if package is None or package.origin is None:
        raise FileNotFoundError("zxcvbn")
    source = Path(package.origin).with_name("frequency_lists.py").read_text(encoding="utf-8")
    found = _LIST.search(source)
    if found is None:
        raise ValueError("zxcvbn has no list of passwords")
    words = str(literal_eval(found[1])).split(",")
    return b"".join(sorted({_short(word.casefold()) for word in words}))
