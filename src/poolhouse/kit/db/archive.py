"""
A backup: one file with every row of a program's tables, readable by any engine.

gzip of JSON lines: what it is and the revision it stands at; for each table its columns and then its rows, bytes in
Base64; at the end how many rows there were and the SHA-256 of all lines before, so that half a file is no backup.
What is sealed stays sealed: the file is worth nothing without the master key, which is not in it.
"""

import base64
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import LargeBinary, MetaData, Table, bindparam, select, tuple_

from poolhouse.kit.ambient import Clock
from poolhouse.kit.db.migrate import History, check_schema
from poolhouse.kit.db.protocol import Database, DatabaseError, ReadTx
from poolhouse.kit.db.statement import Statement, compile_statement

FORMAT = 1
_PAGE = 250
_LINE = 64 * 1024 * 1024


class BadArchive(DatabaseError):
    """A file that is no backup, not this program's, not whole, or of a newer version; the text says which."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    poolhouse_backup: int
    program: str
    revision: str
    made_at: str


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """The last line."""

    rows: int
    sha256: str


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What begins a table: its columns and which of them are bytes."""

    table: str
    columns: tuple[str, ...]
    binary: tuple[str, ...]


class Piece(msgspec.Struct, frozen=True):
    """Some rows of a table, ready to be inserted."""

    about: Columns
    rows: list[dict[str, Any]]


async def write(database: Database, history: History, metadata: MetaData, out: BinaryIO, *, clock: Clock) -> int:
    """
    Write all tables of *metadata*, as one commit left them, to the empty file *out*; return how many rows.

    The program may serve meanwhile.  ``SchemaMismatch`` unless the database is up to date with this code.
    """
    await check_schema(database, history)
    made_at = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = Head(
        poolhouse_backup=FORMAT, program=history.version_table, revision=history.revisions()[-1], made_at=made_at
    )

    async def unit(tx: ReadTx) -> int:
        # A unit may run again.
        out.seek(0)
        out.truncate()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=3, mtime=0) as lines:
            return await write_rows(tx, metadata, head, lines)

    return await database.read_slow(unit)


@contextmanager
def new_file(file: Path) -> Iterator[BinaryIO]:
    """A file that must not exist yet, readable by its owner alone; removed unless it was written to its end."""
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(handle, "r+b") as out:
            yield out
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def read(file: Path) -> tuple[Head, Iterator[Piece]]:
    """
    The head and the rows of a backup; ``BadArchive`` before the first row unless the file is whole.

    It is read twice, the first time for its checksum alone: a database is never filled from half a file.
    """
    head = _check(file)
    return head, _pieces(file)


async def write_rows(tx: ReadTx, metadata: MetaData, head: Head, out: gzip.GzipFile) -> int:
    """All lines of a backup; how many rows there are."""
    sum_, rows = hashlib.sha256(), 0

    def line(value: Any) -> None:
        text = msgspec.json.encode(value) + b"\n"
        sum_.update(text)
        out.write(text)

    line(head)
    for table in metadata.sorted_tables:
        binary = [str(column.name) for column in table.columns if isinstance(column.type, LargeBinary)]
        line(
            Columns(
                table=str(table.name), columns=tuple(str(column.name) for column in table.columns), binary=tuple(binary)
            )
        )
        first, following = _pages(table)
        keys = [list(table.columns).index(column) for column in table.primary_key.columns]
        page = await tx.all(first)
        while page:
            for row in page:
                line(list(row))
            rows += len(page)
            after = {f"after_{number}": page[-1][key] for number, key in enumerate(keys)}
            page = await tx.all(following, **after) if len(page) == _PAGE else []
    out.write(msgspec.json.encode(Tail(rows=rows, sha256=sum_.hexdigest())) + b"\n")
    return rows


def _pages(table: Table) -> tuple[Statement, Statement]:
    """The first rows of a table by its key, and those after a key."""
    keys = list(table.primary_key.columns)
    everything = select(*table.columns).order_by(*keys).limit(_PAGE)
    after = [bindparam(f"after_{number}", type_=key.type) for number, key in enumerate(keys)]
    further = keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*after)
    return compile_statement(everything), compile_statement(everything.where(further))


def _check(file: Path) -> Head:
    total, rows, head, held = hashlib.sha256(), 0, None, b""
    for line in _lines(file):
        if head is None:
            head = _head(line, file)
        else:
            # One line behind: the last one is not counted, it has the sum.
            total.update(held)
            rows += held.startswith(b"[")
        held = line
    if head is None:
        raise BadArchive(f"{file} is empty")
    if held != msgspec.json.encode(Tail(rows=rows, sha256=total.hexdigest())) + b"\n":
        raise BadArchive(f"{file} is damaged or was not written to its end")
    return head


def _head(line: bytes, file: Path) -> Head:
    try:
        head = msgspec.json.decode(line, type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise BadArchive(f"{file} is no backup of Poolhouse") from wrong
    if head.poolhouse_backup != FORMAT:
        raise BadArchive(f"{file} was written by another version of Poolhouse")
    return head


def _pieces(file: Path) -> Iterator[Piece]:
    about: Columns | None = None
    rows: list[dict[str, Any]] = []
    lines = _lines(file)
    next(lines)
    for line in lines:
        try:
            row, columns = _read(line, about)
        except (ValueError, TypeError, KeyError) as wrong:
            # The sum is right, so nobody has written this but on purpose, or with a mistake of ours.
            raise BadArchive(f"{file} has a line that is none of a backup") from wrong
        if row is not None:
            rows.append(row)
            if len(rows) < _PAGE:
                continue
        if about is not None and rows:
            yield Piece(about, rows)
        rows, about = [], columns or about


def _read(line: bytes, about: Columns | None) -> tuple[dict[str, Any] | None, Columns | None]:
    """A row of the table that *about* has begun, or the beginning of another one; neither for the last line."""
    if line.startswith(b"["):
        if about is None:
            raise ValueError("a row of no table")
        return _row(about, msgspec.json.decode(line, type=list[str | int | bool | None])), None
    if line.startswith(b'{"table"'):
        return None, msgspec.json.decode(line, type=Columns)
    return None, None


def _row(about: Columns, values: list[Any]) -> dict[str, Any]:
    row = dict(zip(about.columns, values, strict=True))
    for name in about.binary:
        if row[name] is not None:
            row[name] = base64.b64decode(row[name], validate=True)
    return row


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as raw:
        yield from _unpacked(raw, file)


def _unpacked(raw: BinaryIO, file: Path) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=raw) as lines:
            while line := lines.readline(_LINE):
                yield line
    except (gzip.BadGzipFile, EOFError, zlib.error) as wrong:
        raise BadArchive(f"{file} is no backup of Poolhouse, or is damaged") from wrong
