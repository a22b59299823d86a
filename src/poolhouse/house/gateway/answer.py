"""The head of an app's answer, read as strictly as a request's: what it says is sent on to browsers."""

import re
from functools import lru_cache

import msgspec

from poolhouse.house.gateway.head import FIELD, HEADER_LINES, Header, nominated_by

_FIRST = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*+)?")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_LINES = 512
_LINE_HEAD_BYTES = 2048
"""Lines of small heads are remembered, as those of requests are."""


class BadAnswer(Exception):
    """The app's answer is no HTTP that could be sent on."""


class AnswerHead(msgspec.Struct, frozen=True):
    """
    ``length`` is -1 where the body has none.

    Neither a length nor chunks: the body ends with the connection (RFC 9112 section 6.3, rule 8).
    """

    status: int
    headers: list[Header]
    length: int
    is_chunked: bool
    is_persistent: bool
    nominated: frozenset[bytes]


def read_answer(data: bytes) -> AnswerHead:
    """The head that *data* is; ``BadAnswer`` for anything else."""
    first, *lines = data.split(b"\r\n")
    if len(lines) < 2 or lines.pop() or lines.pop():
        raise BadAnswer("malformed head")
    if len(lines) > HEADER_LINES:
        raise BadAnswer("too many headers")
    is_small = len(data) <= _LINE_HEAD_BYTES
    is_11, status = (_first if is_small else _first.__wrapped__)(first)
    headers = list(map(_field if is_small else _field.__wrapped__, lines))
    names = dict(headers)
    length = (
        _length({value for name, value in headers if name == b"content-length"}) if b"content-length" in names else -1
    )
    is_chunked = b"transfer-encoding" in names
    if is_chunked:
        codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
        if codings != [b"chunked"] or length >= 0 or not is_11:
            raise BadAnswer("a framing that could be read in two ways")
    said = [value for name, value in headers if name == b"connection"] if b"connection" in names else ()
    nominated = nominated_by(said)
    is_persistent = b"close" not in nominated and (is_11 or b"keep-alive" in nominated)
    return AnswerHead(status, headers, length, is_chunked, is_persistent, nominated)


@lru_cache(maxsize=_LINES)
def _first(line: bytes) -> tuple[bool, int]:
    found = _FIRST.fullmatch(line)
    if found is None:
        raise BadAnswer("malformed head")
    return found[1] == b"1", int(found[2])


@lru_cache(maxsize=_LINES)
def _field(line: bytes) -> Header:
    found = FIELD.fullmatch(line)
    if found is None:
        raise BadAnswer("malformed head")
    return found[1].lower(), found[2].rstrip(b" \t")


def _length(found: set[bytes]) -> int:
    only = found.pop()
    if found or not _LENGTH.fullmatch(only):
        raise BadAnswer("Content-Length is not one number")
    return int(only)
