"""Databases by URL."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import unquote, urlsplit

from poolhouse.kit.db.protocol import Database, DatabaseDown
from poolhouse.kit.db.sqlite import SqliteDatabase
from poolhouse.kit.db.wal import BACKSTOP

CACHE_KB = 8_192
"""
Of pages, in memory once they were read: as many as a large import changes in one transaction.

Beyond SQLite's own 2 MB they would be written before the commit, read again and written once more.
"""


async def open_database(url: str) -> Database:
    """
    Open the database at *url*.

    Raise `ValueError` for a URL that is not understood, `DatabaseDown` for a file or server that cannot be used.

    `sqlite://` is in memory, `sqlite:///relative.db` and `sqlite:////absolute.db` are files, made with mode 0600 if
    missing. `postgresql://user:password@host:port/database?schema=house&connections=10` takes libpq's parameters
    besides *schema* (the search path; default `public`) and *connections* (upper bound of the pool, to which the
    one that listens comes). A proxy between must pool sessions, not transactions: statements stay prepared.
    """
    parts = urlsplit(url)
    if parts.scheme in {"postgresql", "postgres"}:
        # asyncpg is loaded only by those who use it.
        from poolhouse.kit.db.postgres import open_postgres  # noqa: PLC0415

        return await open_postgres(url)
    strange = parts.netloc or parts.query or parts.fragment or parts.path == "/"
    if parts.scheme != "sqlite" or strange:
        raise ValueError("a database URL is sqlite:///file.db, sqlite:// or postgresql://host/database")
    return open_sqlite(Path(unquote(parts.path[1:])) if parts.path else None)


def open_sqlite(path: Path | None) -> SqliteDatabase:
    """Open the file at *path*, readable by its owner only, or a database in memory."""
    try:
        if path is not None:
            _make_private(path)
        connection = _connect(path)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseDown(f"the database file cannot be used: {error}") from error
    return SqliteDatabase(connection, path)


def _connect(path: Path | None) -> sqlite3.Connection:
    # The busy handler would block the event loop, so a busy file is retried above it.
    connection = sqlite3.connect(path or ":memory:", timeout=0, isolation_level=None, cached_statements=1024)
    try:
        _configure(connection, on_disk=path is not None)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    # The log and its index take their mode from the database.
    path.chmod(0o600)


def _configure(connection: sqlite3.Connection, *, on_disk: bool) -> None:
    execute = connection.execute
    execute("PRAGMA foreign_keys = ON")
    execute("PRAGMA trusted_schema = OFF")
    if not on_disk:
        return
    execute("PRAGMA busy_timeout = 5000")
    if execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise sqlite3.OperationalError("the file system does not support SQLite's write-ahead log")
    execute("PRAGMA synchronous = FULL")
    execute(f"PRAGMA wal_autocheckpoint = {BACKSTOP}")
    execute(f"PRAGMA cache_size = -{CACHE_KB}")
    execute("PRAGMA busy_timeout = 0")
