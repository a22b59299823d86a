"""The head of an app's answer, read as strictly as a request's: what it says is sent on to browsers."""

import re

import msgspec

from poolhouse.house.gateway.head import HEADER_LINES, Header

_HEAD = re.compile(
    rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*+)?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\t\x20-\x7e\x80-\xff]*+\r\n)*+)\r\n"
)
_FIELD = re.compile(rb"([^:]++):[ \t]*+([^\r]*+)\r\n")
_LENGTH = re.compile(rb"[0-9]{1,18}")


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
    found = _HEAD.fullmatch(data)
    if found is None:
        raise BadAnswer("malformed head")
    minor, status, block = found.groups()
    headers = [(name.lower(), value.rstrip(b" \t")) for name, value in _FIELD.findall(block)]
    if len(headers) > HEADER_LINES:
        raise BadAnswer("too many headers")
    lengths: set[bytes] = set()
    codings: list[bytes] = []
    nominated: frozenset[bytes] = frozenset()
    for name, value in headers:
        if name == b"content-length":
            lengths.add(value)
        elif name == b"transfer-encoding":
            codings.append(value.lower())
        elif name == b"connection":
            nominated |= {word.strip().lower() for word in value.split(b",")}
    length = _length(lengths)
    if codings and (codings != [b"chunked"] or length >= 0 or minor == b"0"):
        raise BadAnswer("a framing that could be read in two ways")
    is_persistent = b"close" not in nominated and (minor == b"1" or b"keep-alive" in nominated)
    return AnswerHead(int(status), headers, length, bool(codings), is_persistent, nominated)


def _length(found: set[bytes]) -> int:
    if not found:
        return -1
    only = found.pop()
    if found or not _LENGTH.fullmatch(only):
        raise BadAnswer("Content-Length is not one number")
    return int(only)
