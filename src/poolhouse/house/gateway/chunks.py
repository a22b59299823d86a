"""
Chunked bodies (RFC 9112 section 7.1), decoded strictly: exactly CRLF, digits without sign or blank, short extensions.

What is decoded is encoded anew, so no extension and no unusual spelling of a length travels on.
"""

import re

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e]{0,256})?")
_TRAILER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)")
LINE_BYTES = 300
TRAILER_BYTES = 8192


class BadChunks(Exception):
    """Not a chunked body."""


class Chunks:
    """
    A decoder: ``feed`` it and take what it returns, until ``is_done``.

    ``rest`` is then what follows the body, ``trailers`` are the fields after it.
    """

    __slots__ = ("_left", "_state", "_tail", "is_done", "rest", "trailers")

    def __init__(self) -> None:
        self._tail = b""
        self._left = 0
        self._state = "size"
        self.is_done = False
        self.rest = b""
        self.trailers: list[tuple[bytes, bytes]] = []

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces of the body that *data* holds; ``BadChunks`` ends it."""
        if self._tail:
            data = self._tail + data
            self._tail = b""
        out: list[bytes] = []
        at = 0
        while not self.is_done:
            following = self._data(data, at, out) if self._state == "data" else self._line(data, at)
            if following < 0:
                self._tail = data[at:]
                return out
            at = following
        self.rest = data[at:]
        return out

    def _data(self, data: bytes, at: int, out: list[bytes]) -> int:
        if at == len(data):
            return -1
        piece = data[at : at + self._left] if at or self._left < len(data) else data
        out.append(piece)
        self._left -= len(piece)
        if self._left == 0:
            self._state = "end"
        return at + len(piece)

    def _line(self, data: bytes, at: int) -> int:
        """One line of the framing; where the next one begins, or -1 if it is not complete."""
        end = data.find(b"\r\n", at)
        limit = TRAILER_BYTES if self._state == "trailer" else LINE_BYTES
        if (len(data) if end < 0 else end) - at > limit:
            raise BadChunks
        if end < 0:
            return -1
        line = data[at:end]
        if self._state == "end":
            if line:
                raise BadChunks
            self._state = "size"
        elif self._state == "size":
            found = _SIZE.fullmatch(line)
            if found is None:
                raise BadChunks
            self._left = int(found[1], 16)
            self._state = "data" if self._left else "trailer"
        elif line:
            found = _TRAILER.fullmatch(line)
            if found is None or len(self.trailers) >= 32:
                raise BadChunks
            self.trailers.append((found[1].lower(), found[2].rstrip(b" \t")))
        else:
            self.is_done = True
        return end + 2


def encode(pieces: list[bytes]) -> list[bytes]:
    """One chunk of the pieces, if there is a byte in them."""
    size = sum(map(len, pieces))
    return [b"%x\r\n" % size, *pieces, b"\r\n"] if size else []


def encode_end(trailers: list[tuple[bytes, bytes]] | None = None) -> bytes:
    """The last chunk, with its trailers."""
    if not trailers:
        return b"0\r\n\r\n"
    return b"0\r\n" + b"".join(b"%s: %s\r\n" % pair for pair in trailers) + b"\r\n"
