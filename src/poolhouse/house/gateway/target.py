"""
The request target: one reading, on which the decision is made and which is what the app receives.

RFC 3986 section 6.2.2: percent-encoded letters, digits and ``-._~`` are written plainly, the others with upper-case
digits.  Repeated slashes are one.  Refused is what an app might resolve in another way than we do: dot segments,
plain, encoded or with parameters (``..;``), a backslash, an encoded slash (unless the app allows it), an encoded
control character, percent signs that are encoded to be decoded twice, a fragment.
"""

import re
from functools import lru_cache

import msgspec

from poolhouse.house.gateway.head import Malformed, read_host

TARGET_BYTES = 16_384
_PLAIN = re.compile(rb"/|(?:/\.?[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*+)++/?")
_LEGAL = re.compile(rb"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/\[\]|^`{}\"<>-]|%[0-9A-Fa-f]{2})*+")
# Browsers leave these as they are in a query (WHATWG URL 4.4); a fragment's # is never sent.
_QUERY = re.compile(rb"[!$-~\"]*+")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_ODD = re.compile(rb"[\[\]|^`{}\"<>]")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# DEL, the backslash, and the bytes that begin an overlong form of an ASCII letter (RFC 3629 section 3).
_NEVER = frozenset({0x7F, 0x5C, 0xC0, 0xC1})
_TWICE = re.compile(rb"%25(?:2[EF35]|5C|00|3B)", re.IGNORECASE)
_SLASHES = re.compile(rb"//++")


class Target(msgspec.Struct, frozen=True):
    """
    Path and query as they are sent on; ``query`` begins with ``?`` or is empty.

    ``is_plain``: no escape, parameter or other character that an app might take for a separator.  Only such a path
    can be a public one.
    """

    path: bytes
    query: bytes = b""
    is_plain: bool = True


def read_target(target: bytes, host: str, *, allows_encoded_slash: bool = False) -> Target:
    """
    The canonical target of a request to *host*; ``Malformed`` where there is none.

    ``http://host/path`` is taken only if its host is that of the Host header (RFC 9112 section 3.2.2 would have it
    replace that, and others do not).
    """
    if len(target) > TARGET_BYTES:
        raise Malformed(414, "the address is too long")
    if not target.startswith(b"/"):
        target = _of_absolute(target, host)
    if len(target) < 256:
        return _canonical(target, allows_encoded_slash)
    return _canonical.__wrapped__(target, allows_encoded_slash)


def is_tame(target: bytes) -> bool:
    """Whether it cannot be another spelling of an app's address."""
    return target.startswith(b"/") and b"%" not in target and b"//" not in target.partition(b"?")[0]


@lru_cache(maxsize=2048)
def _canonical(target: bytes, allows_encoded_slash: bool) -> Target:
    path, mark, query = target.partition(b"?")
    if not _QUERY.fullmatch(query):
        raise Malformed(400, "the query has an illegal character")
    if _PLAIN.fullmatch(path):
        return Target(path, mark + query)
    if not _LEGAL.fullmatch(path):
        raise Malformed(400, "the path has an illegal character or a broken escape")
    canonical = _SLASHES.sub(b"/", _ESCAPE.sub(_unescape, path))
    if _TWICE.search(canonical):
        raise Malformed(400, "the path is encoded twice")
    if b"%2F" in canonical and not allows_encoded_slash:
        raise Malformed(400, "the path has an encoded slash")
    for segment in canonical.replace(b"%2F", b"/").split(b"/"):
        if segment.partition(b";")[0].partition(b"%3B")[0] in {b".", b".."}:
            raise Malformed(400, "the path has a dot segment")
    return Target(_ODD.sub(_escape, canonical), mark + query, is_plain=_PLAIN.fullmatch(canonical) is not None)


def _unescape(found: re.Match[bytes]) -> bytes:
    byte = int(found[1], 16)
    if byte < 0x20 or byte in _NEVER:
        raise Malformed(400, "the path has an encoded control character, backslash or overlong letter")
    return bytes((byte,)) if byte in _UNRESERVED else b"%%%02X" % byte


def _escape(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % found[0][0]


def _of_absolute(target: bytes, host: str) -> bytes:
    scheme, mark, rest = target.partition(b"://")
    if not mark or scheme.lower() not in {b"http", b"https"}:
        raise Malformed(400, "the target is no path")
    end = next((at for at, byte in enumerate(rest) if byte in b"/?#"), len(rest))
    if not host or read_host(rest[:end]) != host:
        raise Malformed(400, "the target and the Host header name different hosts")
    return rest[end:] if rest[end : end + 1] == b"/" else b"/" + rest[end:]
