"""
A database made from a backup: all of it or nothing.

One transaction makes the tables of the backup's revision, fills them, and brings them up to date.
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    text,
)
from sqlalchemy.exc import StatementError
from sqlalchemy.types import TypeEngine

from poolhouse.kit.db.archive import BadArchive, Piece, read
from poolhouse.kit.db.migrate import History, find_revision
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.db.upgrade import run, within


async def restore(database: Database, history: History, file: Path, *, leave_out: Collection[str] = ()) -> int:
    """
    Fill an empty *database* from *file*, but for the tables in *leave_out*; return how many rows it has now.

    ``BadArchive`` for a file that is not whole, of the other program or of newer code, and for a database that has
    something in it.
    """
    head, pieces = read(file)
    if head.program != history.version_table:
        raise BadArchive(f"{file} is a backup of the other program")
    if head.revision not in history.revisions():
        raise BadArchive(f"{file} is of a newer version of Poolhouse: run that version")
    if await find_revision(database, history) is not None:
        raise BadArchive("the database is not empty: a backup is restored into a new one")

    def work(connection: Connection) -> int:
        run(connection, history, to=head.revision)
        try:
            rows = _fill(connection, pieces, {*leave_out, history.version_table})
        except (StatementError, OverflowError, UnicodeEncodeError) as wrong:
            raise BadArchive(f"{file} has rows that its own version of Poolhouse could not have written") from wrong
        _go_on_counting(connection)
        run(connection, history)
        return rows

    return await within(database, history, work)


def _fill(connection: Connection, pieces: Iterable[Piece], leave_out: Collection[str]) -> int:
    present = inspect(connection)
    tables: dict[str, Table] = {}
    rows = 0
    for piece in pieces:
        name = piece.about.table
        if name in leave_out:
            continue
        if name not in tables:
            # Letter for letter: SQLite takes another case for the same table.
            known = present.get_columns(name) if name in present.get_table_names() else []
            columns = {column["name"]: column["type"] for column in known}
            if not set(piece.about.columns) <= set(columns):
                raise BadArchive(f"the backup has a table {name!r} that its version of Poolhouse does not have")
            tables[name] = Table(
                name, MetaData(), *(Column(each, _kind(columns[each])) for each in piece.about.columns)
            )
            # Rows that a migration makes by itself are in the backup, too.
            connection.execute(tables[name].delete())
        connection.execute(insert(tables[name]), piece.rows)
        rows += len(piece.rows)
    return rows


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL gives keys by a counter, which does not notice rows that bring their own."""
    if connection.dialect.name != "postgresql":
        return
    present = inspect(connection)
    for name in present.get_table_names():
        for column in present.get_columns(name):
            if column.get("identity"):
                counter = "pg_get_serial_sequence(:table, :column)"
                last = f'SELECT max("{column["name"]}") FROM "{name}"'  # noqa: S608 (names of the database's own)
                setting = text(f"SELECT setval({counter}, ({last})) WHERE ({last}) IS NOT NULL")
                connection.execute(setting, {"table": name, "column": column["name"]})


def _kind(reflected: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(reflected, Integer):
        return BigInteger()
    kinds: tuple[type[TypeEngine[Any]], ...] = (Boolean, LargeBinary)
    return next((kind() for kind in kinds if isinstance(reflected, kind)), Text())
