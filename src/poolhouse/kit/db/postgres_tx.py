"""Transactions as a unit sees them on PostgreSQL, and the driver's errors in the engine's own words."""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

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
from poolhouse.kit.db.sqlite_tx import check_gives_no_rows, check_payload
from poolhouse.kit.db.statement import Statement
from poolhouse.kit.db.subscribers import Announcement
from poolhouse.kit.db.unit import ENDED

_CONFLICTS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # Another process has migrated the schema since the statement was prepared.
    asyncpg.InvalidCachedStatementError,
)
_BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    ConnectionError,
)
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, UnicodeEncodeError)
"""What asyncpg raises, timeouts (an OSError) included."""


class PostgresReadTx:
    """See `ReadTx`."""

    __slots__ = ("_connection", "_failure", "ended", "engaged")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._failure: Exception | None = None
        self.ended = False
        self.engaged = False

    async def one(self, statement: Statement, /, **params: Any) -> Row | None:
        """See `ReadTx.one`."""
        form = statement.postgres
        record = await self._call(self._connection.fetchrow, statement, params)
        if record is None:
            return None
        return tuple(record) if form.convert is None else form.convert(record)

    async def all(self, statement: Statement, /, **params: Any) -> list[Row]:
        """See `ReadTx.all`."""
        form = statement.postgres
        records = await self._call(self._connection.fetch, statement, params)
        return list(map(form.convert or tuple, records))

    def check(self) -> None:
        """Raise what has already gone wrong in this transaction."""
        if self._failure is not None:
            raise self._failure
        if self.ended:
            raise UnitSuspended(ENDED)

    def check_may_run(self, statement: Statement) -> None:
        """Refuse a write, and what follows an error."""
        if statement.writes:
            raise ReadOnlyUnit(repr(statement))
        self.check()

    async def _call(self, execute: Any, statement: Statement, params: dict[str, Any]) -> Any:
        self.check_may_run(statement)
        form = statement.postgres
        values = form.bind(params)
        self.engaged = True
        try:
            return await execute(form.text, *values)
        except DRIVER_ERRORS as error:
            self._fail(error)
            raise
        finally:
            self.engaged = False

    def _fail(self, error: Exception) -> None:
        self._failure = translate(error)
        if self._failure is not error:
            raise self._failure from error


class PostgresTx(PostgresReadTx):
    """See `Tx`."""

    __slots__ = ("actions", "announcements")

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.announcements: list[Announcement] = []
        self.actions: list[Action] = []

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """See `Tx.run`."""
        check_gives_no_rows(statement)
        answer: str = await self._call(self._connection.execute, statement, params)
        # "INSERT 0 1", "UPDATE 3"; other commands affect no rows.
        count = answer.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def run_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]], /) -> None:
        """See `Tx.run_many`."""
        check_gives_no_rows(statement)
        self.check()
        form = statement.postgres
        values = [form.bind(row) for row in rows]
        self.engaged = True
        try:
            await self._connection.executemany(form.text, values)
        except DRIVER_ERRORS as error:
            self._fail(error)
            raise
        finally:
            self.engaged = False

    def announce(self, channel: str, payload: str) -> None:
        """See `Tx.announce`."""
        self.check()
        check_payload(payload)
        self.announcements.append((channel, payload))

    def after_commit(self, action: Action) -> None:
        """See `Tx.after_commit`."""
        self.check()
        self.actions.append(action)

    def check_may_run(self, statement: Statement) -> None:
        """Refuse what follows an error."""
        del statement
        if self._failure is not None or self.ended:
            self.check()


def is_conflict(error: BaseException) -> bool:
    """Tell whether the same unit may succeed when it runs again."""
    return isinstance(error, _CONFLICTS)


def is_broken(error: BaseException) -> bool:
    """Tell whether the connection is gone."""
    return isinstance(error, _BROKEN) or (
        isinstance(error, asyncpg.InterfaceError) and "connection is closed" in str(error)
    )


def translate(error: Exception) -> Exception:
    """Say a driver's error in the engine's words; what has no words of ours stays as it is."""
    match error:
        case asyncpg.UniqueViolationError():
            return UniqueViolation(error.table_name or "")
        case asyncpg.IntegrityConstraintViolationError():
            return ConstraintViolation(error.table_name or "")
        case TimeoutError() | asyncpg.QueryCanceledError() | asyncpg.LockNotAvailableError():
            return DatabaseBusy("the statement took too long")
        case (
            asyncpg.InsufficientResourcesError() | asyncpg.PostgresSystemError() | asyncpg.ReadOnlySQLTransactionError()
        ):
            return DatabaseDown(str(error))
        case asyncpg.DataError() | UnicodeEncodeError() | asyncpg.CharacterNotInRepertoireError():
            return UnstorableValue(str(error))
        case _:
            return error
