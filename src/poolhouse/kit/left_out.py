"""Fields of a form that are too large are left out while it arrives, so that the rest of it need not be lost."""

from collections.abc import Collection
from typing import Final

LEFT_OUT: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""The value of a field that was left out."""
_WRITTEN = b"%EF%BF%BC"


class Fields:
    """
    An ``application/x-www-form-urlencoded`` body, piece by piece; ``size`` is what is kept of it.

    Of the fields with these *names* a value of more than *most* bytes becomes ``LEFT_OUT``.
    """

    def __init__(self, names: Collection[str], most: int) -> None:
        self._begins = tuple(f"{name}=".encode("ascii") for name in names)
        self._most = most
        self._pairs: list[bytes] = []
        self._pair = bytearray()
        self._is_over = False
        self.size = 0

    def feed(self, piece: bytes) -> None:
        first, *others = piece.split(b"&")
        self._go_on(first)
        for each in others:
            self._close()
            self._go_on(each)

    def end(self) -> bytes:
        """The body without what was left out."""
        self._close()
        return b"&".join(self._pairs)

    def _go_on(self, part: bytes) -> None:
        if self._is_over:
            return
        self._pair += part
        self.size += len(part)
        begin = next((each for each in self._begins if self._pair.startswith(each)), None)
        if begin is not None and len(self._pair) - len(begin) > self._most:
            self.size -= len(self._pair) - len(begin)
            self._pair = bytearray(begin + _WRITTEN)
            self._is_over = True

    def _close(self) -> None:
        self._pairs.append(bytes(self._pair))
        self.size += 1
        self._pair = bytearray()
        self._is_over = False
