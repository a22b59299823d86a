"""
Alembic, run over our own connections without an alembic.ini.

Revisions run online, so that they can read and convert rows; on PostgreSQL that takes SQLAlchemy's asyncpg dialect
and greenlet. Alembic's offline mode would need neither, but it can only print statements: no revision could look at
what is stored, and SQLite's table rebuilds (`batch_alter_table`) could not reflect the table that they rebuild.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, StaticPool, create_engine, event

from poolhouse.kit.db.migrate import History, SchemaMismatch, check_known
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.db.sqlite import SqliteDatabase

T = TypeVar("T")


async def upgrade(database: Database, history: History) -> None:
    """Run the missing revisions of *history* in one transaction, under a lock against other processes."""
    await within(database, history, lambda connection: run(connection, history))


async def compare(database: Database, history: History, metadata: MetaData) -> list[str]:
    """See `find_differences`."""

    def differences(connection: Connection) -> list[str]:
        options = {"version_table": history.version_table, "include_object": _ours(metadata, history)}
        context = MigrationContext.configure(connection, opts=options)
        return [str(difference) for difference in compare_metadata(context, metadata)]

    return await within(database, history, differences)


def run(connection: Connection, history: History, *, to: str = "head") -> None:
    """Run the missing revisions, up to *to*, within the caller's transaction (`within`)."""
    folder = str(history.folder())
    script = ScriptDirectory(folder, version_locations=[folder])
    revisions = history.revisions()
    found = [revision.revision for revision in script.walk_revisions()][::-1]
    if found != revisions:
        raise SchemaMismatch(f"the files of {history.package} say {revisions}, their contents {found}")

    def steps(current: Any, _context: MigrationContext) -> Any:
        for revision in current:
            # Looked at again, now that no other process can move it.
            check_known(revision, revisions, history)
        return script._upgrade_revs(to, current)  # noqa: SLF001 - as Alembic's own environment scripts do

    with EnvironmentContext(Config(), script, fn=steps, destination_rev=to) as environment:
        environment.configure(
            connection=connection,
            version_table=history.version_table,
            transactional_ddl=True,
            render_as_batch=True,
        )
        environment.run_migrations()


def _ours(metadata: MetaData, history: History) -> Callable[..., bool]:
    """Leave out the tables of the other program, which may share the database."""

    def include(_object: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
        return not (kind == "table" and reflected and name not in metadata.tables) or name == history.version_table

    return include


async def within(database: Database, history: History, work: Callable[[Connection], T]) -> T:
    """Do *work* in one transaction of SQLAlchemy's, while no other process migrates the same database."""
    if isinstance(database, SqliteDatabase):
        return _within_sqlite(database, work)
    # asyncpg and SQLAlchemy's half of asyncio are loaded only by those who use them.
    from poolhouse.kit.db.upgrade_postgres import within_postgres  # noqa: PLC0415

    return await within_postgres(database, history.version_table, work)


def _within_sqlite(database: SqliteDatabase, work: Callable[[Connection], T]) -> T:
    """
    Work on the database's own connection, the only one that a database in memory has.

    Nobody is served meanwhile, so that waiting for another process may hold up the event loop.
    """
    raw = database.connection
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    event.listen(engine, "begin", _begin_immediate)
    # A rebuilt table is dropped and renamed: references to it are checked at the end instead.
    raw.execute("PRAGMA foreign_keys = OFF")
    raw.execute("PRAGMA busy_timeout = 60000")
    try:
        with engine.begin() as connection:
            result = work(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise SchemaMismatch(f"the migration would leave references without a row: {broken[:5]}")
        return result
    finally:
        raw.execute("PRAGMA busy_timeout = 0")
        raw.execute("PRAGMA foreign_keys = ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
