"""
A ``Cookie`` line, parted: the house's own cookies, by which it knows people, and those of the app, which it gets.

The same line comes with each request of a browser, so those that were read lately are remembered.
"""

from functools import lru_cache

import msgspec

from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.returning import is_own_cookie
from poolhouse.house.tokens import holds_token

_LINE_BYTES = 1024
_VALUE_BYTES = 128


class Cookies(msgspec.Struct, frozen=True):
    """*own* are the house's by name, each with all values that are there; *rest* is the line without them."""

    own: dict[bytes, tuple[bytes, ...]]
    rest: bytes


def read_cookies(line: bytes) -> Cookies:
    return _read(line) if len(line) <= _LINE_BYTES else _read.__wrapped__(line)


@lru_cache(maxsize=1024)
def _read(line: bytes) -> Cookies:
    if b"house_" not in line.lower() and b"ph_" not in line:
        return Cookies({}, line)
    own: dict[bytes, tuple[bytes, ...]] = {}
    rest: list[bytes] = []
    for part in (each.strip() for each in line.split(b";")):
        if is_own_cookie(part):
            name, _, value = part.partition(b"=")
            own[name] = (*own.get(name, ()), value.strip(b'"'))
        elif part and not holds_token(part):
            rest.append(part)
    return Cookies(own, b"; ".join(rest))


def without_own(line: bytes) -> bytes:
    """The cookies that are not the house's; only an app's own cookies reach it, and no token of the house in one."""
    return read_cookies(line).rest


def cookie(head: Head, name: bytes) -> str:
    """
    The value of one of the house's cookies; empty when it is absent, or there twice.

    A second one of the name was planted by somebody else (RFC 6265 section 8.6): then neither counts.
    """
    found = [value for line in head.all(b"cookie") for value in read_cookies(line).own.get(name, ())]
    return found[0].decode("latin-1") if len(found) == 1 and len(found[0]) <= _VALUE_BYTES else ""
