"""From a client's bytes to heads and bodies: what of them belongs to which request."""

from poolhouse.house.gateway.chunks import BadChunks, Chunks
from poolhouse.house.gateway.head import HEAD_BYTES, Head, Malformed, read_head

_EMPTY = b""
_BLANK = 4


class Reader:
    """
    Holds what was received and not yet taken.

    ``head`` and then ``body`` until ``is_body_done``, and over again.
    """

    __slots__ = ("_chunks", "_left", "_searched", "buffer", "is_body_done")

    def __init__(self) -> None:
        self.buffer = _EMPTY
        self.is_body_done = True
        self._searched = 0
        self._left = 0
        self._chunks: Chunks | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there is anything but line ends."""
        return bool(self.buffer) and not (len(self.buffer) <= _BLANK and not self.buffer.strip(b"\r\n"))

    def feed(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data

    def clear(self) -> bytes:
        """Take everything, whatever it is."""
        taken, self.buffer = self.buffer, _EMPTY
        return taken

    def head(self) -> Head | None:
        """The next request's head; None while it is not complete, ``Malformed`` when it never will be good."""
        data = self.buffer
        if data.startswith(b"\r\n"):
            # One empty line before a request is forgiven (RFC 9112 section 2.2).
            data = self.buffer = data[2:]
        end = data.find(b"\r\n\r\n", self._searched)
        if end < 0 or end > HEAD_BYTES:
            self._searched = max(0, len(data) - 3)
            if len(data) > HEAD_BYTES:
                raise Malformed(431, "the head of the request is too large")
            if b"\n" in data and (data.startswith(b"\n") or data[data.find(b"\n") - 1] != 13):
                raise Malformed(400, "the head of the request is malformed")
            return None
        self._searched = 0
        self.buffer = data[end + 4 :]
        found = read_head(data[: end + 4])
        self._chunks = Chunks() if found.is_chunked else None
        self._left = found.length
        self.is_body_done = not (found.is_chunked or found.length)
        return found

    def body(self) -> list[bytes]:
        """What has come of the body; ``Malformed`` for what is not chunked as it should be."""
        data = self.clear()
        chunks = self._chunks
        if chunks is None:
            if len(data) > self._left:
                data, self.buffer = data[: self._left], data[self._left :]
            self._left -= len(data)
            self.is_body_done = self._left == 0
            return [data]
        try:
            pieces = chunks.feed(data)
        except BadChunks as wrong:
            raise Malformed(400, "the body is not chunked as it should be") from wrong
        self.is_body_done = chunks.is_done
        self.buffer = chunks.rest
        return pieces
