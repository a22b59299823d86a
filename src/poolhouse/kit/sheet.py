"""
Style sheets that travel within their page, so that its first paint waits for no second answer.

The policy of a page names the digest of each (CSP Level 3 section 8.3), so nothing else is style there.  A page with
secrets in it cannot be compressed: beside words of somebody's choice, its length would tell them (BREACH, 2013).  Its
sheets are the same for everybody, and they are most of it.  So they alone are compressed, once, and what is around them
goes into the same gzip stream as stored blocks (RFC 1951 section 3.2.4), whose length tells nothing but their own.
"""

import base64
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from markupsafe import Markup

_GZIP: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LONGEST_BLOCK: Final = 65_535
_LAST_BLOCK: Final = b"\x01\x00\x00\xff\xff"


class Sheet(msgspec.Struct, frozen=True):
    """A style sheet as a page has it; ``source`` is what its policy says of it, ``packed`` a run of DEFLATE blocks."""

    css: Markup
    source: str
    body: bytes
    packed: bytes


@lru_cache(maxsize=64)
def sheet(css: str) -> Sheet:
    """
    *css* for a ``style`` element.

    Nothing is escaped within one, so that a sheet with ``<`` could end it: such a sheet is a bug of whoever made it.
    """
    if "<" in css:
        msg = "a style sheet that could end its element"
        raise ValueError(msg)
    # As parsers of HTML read it, or the digest would be another one.
    read = css.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    body = read.encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Sheet(
        css=Markup(read),  # noqa: S704 (it has no "<")
        source=f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'",
        body=body,
        packed=packer.compress(body) + packer.flush(zlib.Z_FULL_FLUSH),
    )


def gzipped(page: bytes, sheets: Sequence[Sheet]) -> bytes:
    """*page* as a gzip member in which the *sheets* are compressed, and nothing else."""
    parts = [_GZIP]
    rest = page
    for each in sheets:
        before, found, after = rest.partition(each.body)
        if found:
            parts += [*_stored(before), each.packed]
            rest = after
    parts += [*_stored(rest), _LAST_BLOCK, struct.pack("<II", zlib.crc32(page), len(page) & 0xFFFFFFFF)]
    return b"".join(parts)


def _stored(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _LONGEST_BLOCK):
        block = content[start : start + _LONGEST_BLOCK]
        yield struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF)
        yield block


def takes_gzip(accepted: str) -> bool:
    """Whether ``Accept-Encoding`` names gzip with a weight above nought (RFC 9110 section 12.5.3)."""
    for item in accepted.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        if coding in {"gzip", "x-gzip"}:
            return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return False
