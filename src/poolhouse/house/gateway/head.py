"""
The head of a request, read strictly.

What parsers are known to differ about is refused, not interpreted: a bare LF or CR, a folded line, white space before
a colon, a control character, two lengths, a length beside a transfer coding, a coding other than ``chunked``, two
hosts (RFC 9112 sections 2.2, 5.1, 5.2, 6.3; RFC 9110 section 7.2).
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from poolhouse.house.tokens import PREFIX

HEAD_BYTES = 65_536
HEADER_LINES = 200

Header = tuple[bytes, bytes]

# A control character, a lone CR or LF, a folded line: none of them fits.  All repeats are possessive: linear time.
_FIRST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++) ([\x21-\x7e]++) HTTP/1\.([01])")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)")
_HOST = re.compile(
    rb"((?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*|\[[0-9a-f:.]+\])\.?"
    rb"(?::([0-9]{1,5}))?"
)
_LENGTH = re.compile(rb"[0-9]{1,18}")
# One makes a tunnel, so that servers differ about its body; the other sends back what only the app may see.
_NEVER = frozenset({b"CONNECT", b"TRACE"})
_SPECIAL = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"connection", b"upgrade", b"expect", b"proxy-connection"}
)
_LINES = 1024
_LINE_HEAD_BYTES = 4096
"""
Lines that were read lately, of heads up to this size, are not read again: most lines of most requests are the same few.

So nobody can fill more than sixteen megabytes of memory with them.
"""
_HOST_BYTES = 256
_RARE = frozenset({b"content-length", b"transfer-encoding", b"upgrade", b"expect"})
_PREFIX = PREFIX.encode()
_NONE: frozenset[bytes] = frozenset()
_NOMINATED = {b"keep-alive": frozenset({b"keep-alive"}), b"close": frozenset({b"close"})}
"""What browsers and proxies write into ``Connection`` as a rule."""


class Malformed(Exception):
    """A head that is not answered but refused; ``status`` is how."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """
    One request's head.

    Names of headers are in lower case.  ``host`` is lower-cased, without a trailing dot, with its port where one was
    given.  ``nominated`` are the headers that ``Connection`` names: they end here (RFC 9110 section 7.6.1).
    ``single`` are the headers by name, where none is there twice; they are looked up there, or else one by one.
    ``may_hold_token``: something in it looks like the beginning of a token of the house; see ``bearer``.
    """

    method: bytes
    target: bytes
    minor: int
    headers: list[Header]
    host: str
    length: int = 0
    is_chunked: bool = False
    is_persistent: bool = True
    nominated: frozenset[bytes] = frozenset()
    is_websocket: bool = False
    expects_continue: bool = False
    single: dict[bytes, bytes] | None = None
    may_hold_token: bool = True

    @property
    def has_body(self) -> bool:
        return self.is_chunked or self.length > 0

    def has(self, name: bytes) -> bool:
        if self.single is not None:
            return name in self.single
        return any(key == name for key, _ in self.headers)

    def get(self, name: bytes) -> bytes:
        """The header's value, empty when absent; repeated ones are joined (RFC 9110 section 5.3)."""
        if self.single is not None:
            return self.single.get(name, b"")
        return b", ".join(self.all(name))

    def all(self, name: bytes) -> list[bytes]:
        if self.single is not None:
            found = self.single.get(name)
            return [] if found is None else [found]
        return [value for key, value in self.headers if key == name]


def read_head(data: bytes) -> Head:
    """The head that *data* is, from the method to the empty line; ``Malformed`` for anything else."""
    first, *lines = data.split(b"\r\n")
    if len(lines) < 2 or lines.pop() or lines.pop():
        raise Malformed(400, "the head of the request is malformed")
    if len(lines) > HEADER_LINES:
        raise Malformed(431, "too many headers")
    if len(data) <= _LINE_HEAD_BYTES:
        method, target, is_11 = _first(first)
        headers = list(map(_field, lines))
    else:
        method, target, is_11 = _first.__wrapped__(first)
        headers = list(map(_field.__wrapped__, lines))
    if method.upper() in _NEVER:
        raise Malformed(501, "a method that no app is asked with")
    single = dict(headers)
    if len(single) != len(headers) or not single.keys().isdisjoint(_RARE):
        return _with_more(method, target, headers, is_11=is_11, may_hold_token=_PREFIX in data)
    # As nearly all are: no header twice, nothing about a body, a websocket or an expectation.
    connection = single.get(b"connection")
    nominated = nominated_by(() if connection is None else (connection,))
    host = single.get(b"host")
    return Head(
        method=method,
        target=target,
        minor=1 if is_11 else 0,
        headers=headers,
        host=_host([], is_11=is_11) if host is None else read_host(host),
        is_persistent=b"close" not in nominated and (is_11 or b"keep-alive" in nominated),
        nominated=nominated,
        single=single,
        may_hold_token=_PREFIX in data,
    )


def _with_more(method: bytes, target: bytes, headers: list[Header], *, is_11: bool, may_hold_token: bool) -> Head:
    """A head with what decides how the connection is read on, or with a header that is there twice."""
    special: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _SPECIAL:
            special.setdefault(name, []).append(value)
    length, is_chunked = _framing(special, is_11=is_11)
    nominated = nominated_by(special.get(b"connection", ()))
    is_websocket = b"upgrade" in nominated and [v.lower() for v in special.get(b"upgrade", ())] == [b"websocket"]
    if is_websocket and (not is_11 or method != b"GET" or is_chunked or length):
        raise Malformed(400, "a websocket begins with GET and HTTP/1.1, without a body")
    single = dict(headers)
    return Head(
        method=method,
        target=target,
        minor=1 if is_11 else 0,
        headers=headers,
        host=_host(special.get(b"host", []), is_11=is_11),
        length=length,
        is_chunked=is_chunked,
        is_persistent=b"close" not in nominated and (is_11 or b"keep-alive" in nominated),
        nominated=nominated,
        is_websocket=is_websocket,
        expects_continue=is_11 and _expects(special.get(b"expect", [])) and (is_chunked or length > 0),
        single=single if len(single) == len(headers) else None,
        may_hold_token=may_hold_token,
    )


@lru_cache(maxsize=_LINES)
def _first(line: bytes) -> tuple[bytes, bytes, bool]:
    found = _FIRST.fullmatch(line)
    if found is None:
        raise Malformed(400, "the head of the request is malformed")
    method, target, minor = found.groups()
    return method, target, minor == b"1"


@lru_cache(maxsize=_LINES)
def _field(line: bytes) -> Header:
    found = FIELD.fullmatch(line)
    if found is None:
        raise Malformed(400, "the head of the request is malformed")
    return found[1].lower(), found[2].rstrip(b" \t")


def _framing(special: dict[bytes, list[bytes]], *, is_11: bool) -> tuple[int, bool]:
    """Length and whether it is chunked (RFC 9112 section 6.3); whatever could be read in two ways is refused."""
    lengths, codings = special.get(b"content-length"), special.get(b"transfer-encoding")
    if codings is not None:
        if lengths is not None:
            raise Malformed(400, "Content-Length beside Transfer-Encoding")
        if not is_11:
            raise Malformed(400, "Transfer-Encoding in HTTP/1.0")
        if len(codings) != 1 or codings[0].lower() != b"chunked":
            raise Malformed(501, "a transfer coding other than chunked")
        return 0, True
    if lengths is None:
        return 0, False
    if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]):
        raise Malformed(400, "Content-Length is not one number")
    return int(lengths[0]), False


def nominated_by(found: Sequence[bytes]) -> frozenset[bytes]:
    """The names in values of ``Connection``, in lower case."""
    if not found:
        return _NONE
    usual = _NOMINATED.get(found[0]) if len(found) == 1 else None
    return usual or frozenset(word.strip().lower() for value in found for word in value.split(b",") if word.strip())


def _host(found: list[bytes], *, is_11: bool) -> str:
    if not found and not is_11:
        return ""
    if len(found) != 1:
        raise Malformed(400, "not exactly one Host")
    return read_host(found[0])


def read_host(value: bytes) -> str:
    """Host and port in their one spelling; ``Malformed`` for anything but a name or an address with a port."""
    return _read_host(value) if len(value) <= _HOST_BYTES else _read_host.__wrapped__(value)


@lru_cache(maxsize=1024)
def _read_host(value: bytes) -> str:
    matched = _HOST.fullmatch(value.lower())
    if matched is None:
        raise Malformed(400, "Host is malformed")
    name, port = matched.groups()
    if port is None:
        return str(name, "ascii")
    if not 0 < int(port) < 65_536:
        raise Malformed(400, "Host is malformed")
    return f"{str(name, 'ascii')}:{int(port)}"


def _expects(found: list[bytes]) -> bool:
    if not found:
        return False
    if [value.lower() for value in found] != [b"100-continue"]:
        raise Malformed(417, "an expectation other than 100-continue")
    return True
