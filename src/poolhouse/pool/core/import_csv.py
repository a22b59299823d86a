"""
The dialect of the files that users are imported from (AWS guide: "Formatting the CSV file").

Columns are separated by commas, and a backslash makes a comma a plain character; a backslash before a backslash is one
too, and before anything else it stands for itself.  There is no quoting: a quote is a character.  Values are trimmed.
A line ends with LF or CRLF; a blank line is no row.  UTF-8 without a byte order mark.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

ROW_CHARACTERS: Final = 16_000
FILE_BYTES: Final = 100 * 1024 * 1024
ROWS: Final = 500_000
_ROW_BYTES: Final = 4 * ROW_CHARACTERS
_BOM: Final = b"\xef\xbb\xbf"
_SPACE: Final = " \t\r\n\f\v"
# A value, then its end; no alternative begins like another, so that no row takes more than one pass.
_VALUE: Final = re.compile(r"((?:[^\\,]|\\[\\,]|\\)*+)(?:,|$)")
_ESCAPED: Final = re.compile(r"\\([\\,])")

TOO_LONG: Final = f"The row has more than {ROW_CHARACTERS} characters."
NOT_TEXT: Final = "The row is not UTF-8 text."
BYTE_ORDER_MARK: Final = "The file begins with a byte order mark: save it as UTF-8 without one."


class Line(msgspec.Struct, frozen=True):
    """One line without its end, None when it is too long to be kept; *size* is its length in the file, with its end."""

    content: bytes | None
    size: int


class Lines:
    """Cuts a stream into lines, piece by piece; holds no more than one row of it."""

    def __init__(self) -> None:
        self._held = b""
        self._dropped = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in *chunk*."""
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            yield self._line(part, end=1)
        self._held += rest
        if len(self._held) > _ROW_BYTES or self._dropped:
            self._dropped += len(self._held)
            self._held = b""

    def finish(self) -> Iterator[Line]:
        """The last line, where the file does not end with a line's end."""
        if self._held or self._dropped:
            yield self._line(b"", end=0)

    def _line(self, part: bytes, *, end: int) -> Line:
        size = self._dropped + len(self._held) + len(part) + end
        is_long = self._dropped > 0 or len(self._held) + len(part) > _ROW_BYTES
        content = None if is_long else self._held + part
        self._held, self._dropped = b"", 0
        return Line(content if content is None else content.removesuffix(b"\r"), size)


def read_line(content: bytes | None) -> str | None:
    """The text of a line; a line that is none says so by None (see ``problem_of``)."""
    if content is None:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if len(text) > ROW_CHARACTERS or "\0" in text else text


def problem_of(content: bytes | None) -> str:
    """Why a line is no text."""
    if content is None:
        return TOO_LONG
    try:
        is_long = len(content.decode()) > ROW_CHARACTERS
    except UnicodeDecodeError:
        return NOT_TEXT
    return TOO_LONG if is_long else NOT_TEXT


def split(row: str) -> list[str]:
    """The values of a row."""
    if "\\" not in row:
        return [value.strip(_SPACE) for value in row.split(",")]
    values: list[str] = []
    place = 0
    while True:
        found = _VALUE.match(row, place)
        if found is None:  # every text is a value and its end
            raise AssertionError(row)
        values.append(_ESCAPED.sub(r"\1", found[1].strip(_SPACE)))
        if found.end() == found.end(1):
            return values
        place = found.end()


def join(values: list[str]) -> str:
    """A row of *values*, as ``split`` reads it."""
    return ",".join(value.replace("\\", "\\\\").replace(",", "\\,") for value in values)


def has_mark(content: bytes | None) -> bool:
    """Whether a file's first line begins with a byte order mark."""
    return content is not None and content.startswith(_BOM)
