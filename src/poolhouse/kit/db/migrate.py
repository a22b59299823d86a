"""
Bringing a database up to the code.

A history is a package of Alembic revisions, one after another: files `v0001_initial.py`, `v0002_...py` with
`revision = "0001"` and so on. Its head is known from the file names, and a database says in one row where it stands:
so a start with nothing to migrate imports neither Alembic nor the revisions.

    HISTORY = History("poolhouse.pool.store.migrations", "pool_version")
    database = await open_database(url)
    await migrate(database, HISTORY)
"""

import re
from importlib.resources import files
from pathlib import Path

import msgspec
from sqlalchemy import MetaData, Text, bindparam, column, select, table, text

from poolhouse.kit.db.protocol import Database, DatabaseError
from poolhouse.kit.db.statement import compile_pair, compile_statement

_FILE = re.compile(r"v(\d{4})_\w+\.py")
_TABLE_NAME = re.compile(r"[a-z_]{1,63}")
_HAS_TABLE = compile_pair(
    for_sqlite=text("SELECT name FROM sqlite_master WHERE type = 'table' AND name = :name")
    .bindparams(bindparam("name", type_=Text))
    .columns(column("name", Text)),
    for_postgres=text("SELECT CAST(to_regclass(:name) AS TEXT) WHERE to_regclass(:name) IS NOT NULL")
    .bindparams(bindparam("name", type_=Text))
    .columns(column("name", Text)),
)


class SchemaMismatch(DatabaseError):
    """The database does not stand where this code can work with it; the message says what to do."""


class History(msgspec.Struct, frozen=True):
    """The revisions in *package*, and the table that says which of them a database has; one of each per program."""

    package: str
    version_table: str

    def __post_init__(self) -> None:
        if not _TABLE_NAME.fullmatch(self.version_table):
            raise ValueError("a version table has a plain lower-case name")

    def folder(self) -> Path:
        """Return where the revisions are."""
        return Path(str(files(self.package)))

    def revisions(self) -> list[str]:
        """Return all revisions, oldest first."""
        names = (_FILE.fullmatch(path.name) for path in self.folder().iterdir())
        found = sorted(name[1] for name in names if name)
        if not found or found != [f"{i:04}" for i in range(1, len(found) + 1)]:
            raise ValueError(f"the revisions in {self.package} are not 0001, 0002, ... without gaps: {found}")
        return found


class Migration(msgspec.Struct, frozen=True):
    """What `migrate` did: revisions before and after, None for an empty database."""

    before: str | None
    after: str


async def migrate(database: Database, history: History) -> Migration:
    """
    Bring *database* to the head of *history*; several processes may do so at once, and one of them does the work.

    Everything happens in one transaction. Raise `SchemaMismatch`, touching nothing, for a database that newer code
    has migrated.
    """
    revisions = history.revisions()
    before = await find_revision(database, history)
    check_known(before, revisions, history)
    if before != revisions[-1]:
        from poolhouse.kit.db.upgrade import upgrade  # noqa: PLC0415 - imports Alembic

        await upgrade(database, history)
    return Migration(before, revisions[-1])


async def check_schema(database: Database, history: History) -> None:
    """Raise `SchemaMismatch` unless *database* stands at the head of *history*."""
    revisions = history.revisions()
    found = await find_revision(database, history)
    check_known(found, revisions, history)
    if found != revisions[-1]:
        raise SchemaMismatch(
            f"the database is at revision {found or 'none'} of {history.package}, this program needs "
            f"{revisions[-1]}: run the migration first"
        )


async def find_revision(database: Database, history: History) -> str | None:
    """Return the revision that *database* stands at, or None if it has no tables of *history* yet."""
    if await database.one(_HAS_TABLE, name=history.version_table) is None:
        return None
    versions = table(history.version_table, column("version_num", Text))
    row = await database.one(compile_statement(select(versions.c.version_num)))
    return None if row is None else str(row[0])


def check_known(found: str | None, revisions: list[str], history: History) -> None:
    """Raise `SchemaMismatch` for a revision that this code does not have."""
    if found is not None and found not in revisions:
        raise SchemaMismatch(
            f"the database is at revision {found} of {history.package}, and this program knows {revisions[-1]} as "
            "the newest: a newer version of the program has migrated it. Run that version, or restore a backup "
            "made before"
        )


async def find_differences(database: Database, history: History, metadata: MetaData) -> list[str]:
    """Return how the tables of *metadata* differ from those of *database*, for tests of a history; empty if not."""
    from poolhouse.kit.db.upgrade import compare  # noqa: PLC0415 - imports Alembic

    return await compare(database, history, metadata)
