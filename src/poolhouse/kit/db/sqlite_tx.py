"""Transactions as a unit sees them on SQLite, and the driver's errors in the engine's own words."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from poolhouse.kit.db.protocol import (
    Action,
    ConstraintViolation,
    DatabaseBusy,
    DatabaseDown,
    ReadOnlyUnit,
    Row,
    UniqueViolation,
    UnitSuspended,
    UnstorableValue,
)
from poolhouse.kit.db.statement import Statement
from poolhouse.kit.db.subscribers import Announcement
from poolhouse.kit.db.unit import ENDED

_UNIQUE = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DOWN = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PROTOCOL,
}


class SqliteReadTx:
    """See `ReadTx`."""

    __slots__ = ("_connection", "ended")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.ended = False

    async def one(self, statement: Statement, /, **params: Any) -> Row | None:
        """See `ReadTx.one`."""
        form = statement.sqlite
        row: Row | None = self._execute(statement, params).fetchone()
        return row if row is None or form.convert is None else form.convert(row)

    async def all(self, statement: Statement, /, **params: Any) -> list[Row]:
        """See `ReadTx.all`."""
        form = statement.sqlite
        rows: list[Row] = self._execute(statement, params).fetchall()
        return rows if form.convert is None else [form.convert(row) for row in rows]

    def _execute(self, statement: Statement, params: dict[str, Any]) -> sqlite3.Cursor:
        if statement.writes:
            raise ReadOnlyUnit(repr(statement))
        if self.ended:
            raise UnitSuspended(ENDED)
        form = statement.sqlite
        try:
            return self._connection.execute(form.text, form.bind(params))
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise translate(error) from error


class SqliteTx(SqliteReadTx):
    """See `Tx`. Remembers a statement's error: a unit that swallows it must not commit half of itself."""

    __slots__ = ("_failure", "actions", "announcements")

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.announcements: list[Announcement] = []
        self.actions: list[Action] = []
        self._failure: Exception | None = None

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """See `Tx.run`."""
        check_gives_no_rows(statement)
        return self._execute(statement, params).rowcount

    async def run_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]], /) -> None:
        """See `Tx.run_many`."""
        check_gives_no_rows(statement)
        self.check()
        form = statement.sqlite
        try:
            self._connection.executemany(form.text, map(form.bind, rows))
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            self._failure = translate(error)
            raise self._failure from error

    def announce(self, channel: str, payload: str) -> None:
        """See `Tx.announce`."""
        self.check()
        check_payload(payload)
        self.announcements.append((channel, payload))

    def after_commit(self, action: Action) -> None:
        """See `Tx.after_commit`."""
        self.check()
        self.actions.append(action)

    def check(self) -> None:
        """Raise what has already gone wrong in this transaction."""
        if self._failure is not None:
            raise self._failure
        if self.ended:
            raise UnitSuspended(ENDED)

    def _execute(self, statement: Statement, params: dict[str, Any]) -> sqlite3.Cursor:
        if self._failure is not None or self.ended:
            self.check()
        form = statement.sqlite
        try:
            return self._connection.execute(form.text, form.bind(params))
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            self._failure = translate(error)
            raise self._failure from error


def check_gives_no_rows(statement: Statement) -> None:
    """Refuse a statement with rows where they would be dropped."""
    if statement.returns_rows:
        raise TypeError(f"{statement!r} gives rows: use one or all")


def check_payload(payload: str) -> None:
    """Refuse a payload that PostgreSQL cannot carry."""
    if len(payload.encode()) > 7000:
        raise ValueError("the payload of an announcement has more than 7,000 bytes")


def is_busy(error: BaseException) -> bool:
    """Tell whether another process holds the lock."""
    return _code(error) in _BUSY


def translate(error: Exception) -> Exception:
    """Say a driver's error in the engine's words; what has no words of ours stays as it is."""
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return UnstorableValue(str(error))
    if is_busy(error):
        return DatabaseBusy("another process keeps the file")
    if isinstance(error, sqlite3.IntegrityError):
        table = str(error).partition("failed: ")[2].partition(".")[0]
        return UniqueViolation(table) if error.sqlite_errorcode in _UNIQUE else ConstraintViolation(table)
    return DatabaseDown(str(error)) if _code(error) in _DOWN else error


def _code(error: BaseException) -> int | None:
    """Return the primary result code; an error of the module itself has none."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
