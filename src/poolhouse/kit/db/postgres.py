"""
PostgreSQL by asyncpg: one transaction for each write unit, on a connection of a pool.

A unit that meets a deadlock or a serialization failure, or whose connection breaks before its commit was sent, runs
again from its beginning, at most `ATTEMPTS` times. Transactions are READ COMMITTED: measured, SERIALIZABLE takes a
fifth of the throughput and starves writers of one row, such as a counter of failures under attack.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from poolhouse.kit.db.connections import Connection, Connections
from poolhouse.kit.db.listen import Listener
from poolhouse.kit.db.postgres_tx import DRIVER_ERRORS, PostgresReadTx, PostgresTx, is_broken, is_conflict, translate
from poolhouse.kit.db.postgres_url import Target, parse_target
from poolhouse.kit.db.protocol import (
    DatabaseBusy,
    DatabaseDown,
    DatabaseError,
    OutcomeUnknown,
    ReadUnit,
    Row,
    Subscriber,
    WriteFailed,
    WriteUnit,
)
from poolhouse.kit.db.statement import Statement
from poolhouse.kit.db.unit import follow

if TYPE_CHECKING:
    from sqlalchemy import Table

T = TypeVar("T")

ATTEMPTS = 10
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_NOTIFY = "SELECT pg_notify($1, payload) FROM unnest($2::TEXT[]) AS payload"


async def open_postgres(url: str) -> "PostgresDatabase":
    """Connect to the server at *url* (see `open_database`)."""
    database = PostgresDatabase(parse_target(url))
    # A wrong address or password is told now, not to the first caller.
    await database.ping()
    return database


class PostgresDatabase:
    """One schema of a PostgreSQL database."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._connections = Connections(self._connect, limit=target.connections, patience=target.patience_seconds)
        self._listener = Listener(target)

    async def write(self, unit: WriteUnit[T]) -> T:
        """See `Database.write`."""
        return await self._attempt(lambda connection: self._write_once(connection, unit))

    async def read(self, unit: ReadUnit[T], *, snapshot: bool = False) -> T:
        """See `Database.read`."""
        read = _read_snapshot if snapshot else _read
        return await self._attempt(lambda connection: read(connection, unit))

    async def read_slow(self, unit: ReadUnit[T]) -> T:
        """See `Database.read_slow`: the server does the work."""
        return await self.read(unit, snapshot=True)

    async def one(self, statement: Statement, /, **params: Any) -> Row | None:
        """See `Database.one`: one round trip, since PostgreSQL commits a single statement by itself."""
        return await self._single(statement, lambda tx: tx.one(statement, **params))

    async def all(self, statement: Statement, /, **params: Any) -> list[Row]:
        """See `Database.all`."""
        return await self._single(statement, lambda tx: tx.all(statement, **params))

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """See `Database.run`."""
        return await self._single(statement, lambda tx: tx.run(statement, **params))

    async def run_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]], /) -> None:
        """See `Database.run_many`; asyncpg runs all rows in one transaction."""
        kept = list(rows)
        await self._single(statement, lambda tx: tx.run_many(statement, kept))

    def subscribe(self, channel: str, callback: Subscriber) -> None:
        """See `Database.subscribe`."""
        self._listener.subscribe(channel, callback)

    async def settle(self, *tables: "Table") -> None:
        """
        See `Database.settle`: ANALYZE.

        The server would do so itself within some minutes; until then it plans for the tables as they were, and after
        the first rows of an empty table that means reading all of it.
        """
        names = ", ".join(f'"{table.name}"' for table in tables)
        try:
            await self._attempt(lambda connection: connection.execute(f"ANALYZE {names}"))
        except DRIVER_ERRORS as error:
            raise translate(error) from error

    async def is_writable(self) -> bool:
        """See `Database.is_writable`: a transaction id that is assigned makes a commit write to the log."""
        try:
            await self._attempt(lambda connection: connection.execute("SELECT pg_current_xact_id()"))
        except (*DRIVER_ERRORS, DatabaseError):
            return False
        return True

    async def close(self) -> None:
        """See `Database.close`."""
        await self._listener.close()
        await self._connections.close()

    async def ping(self) -> None:
        """Raise whatever keeps the server from answering."""
        await self._attempt(lambda connection: connection.execute("SELECT 1"))

    async def _connect(self) -> Connection:
        try:
            return await asyncpg.connect(self.target.dsn, **self.target.connect_options())
        except DRIVER_ERRORS as error:
            raise DatabaseDown(f"no connection to PostgreSQL: {_said(error)}") from error

    async def _attempt(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do *work* on a connection, again from the start as long as the fault was not its own."""
        fault: BaseException | None = None
        for _ in range(ATTEMPTS):
            connection = await self._connections.borrow()
            try:
                return await work(connection)
            except DRIVER_ERRORS as error:
                if not is_conflict(error) and not is_broken(error):
                    raise
                fault = error
            finally:
                self._connections.give_back(connection)
        raise DatabaseBusy("conflicts at every attempt") from fault

    async def _single(self, statement: Statement, unit: Callable[[PostgresTx], Awaitable[T]]) -> T:
        async def work(connection: Connection) -> T:
            tx = PostgresTx(connection)
            try:
                return await unit(tx)
            except DRIVER_ERRORS as error:
                if statement.writes and is_broken(error):
                    raise OutcomeUnknown("the connection broke during a write") from error
                raise

        return await self._attempt(work)

    async def _write_once(self, connection: Connection, unit: WriteUnit[T]) -> T:
        tx = PostgresTx(connection)
        try:
            await connection.execute(_BEGIN)
            result = await follow(unit(tx), tx)
            tx.check()
            if tx.announcements:
                packed = [self._listener.pack(channel, payload) for channel, payload in tx.announcements]
                await connection.execute(_NOTIFY, self._listener.channel, packed)
        except BaseException:
            await _roll_back(connection)
            raise
        finally:
            tx.ended = True
        await self._commit(connection, tx)
        return result

    async def _commit(self, connection: Connection, tx: PostgresTx) -> None:
        try:
            answer = await connection.execute("COMMIT")
        except (*DRIVER_ERRORS, asyncio.CancelledError) as error:
            if tx.announcements:
                # Perhaps committed: this process does not hear its own announcements from the server.
                self._listener.subscribers.refresh()
            if is_broken(error):
                raise OutcomeUnknown("the connection broke during the commit") from error
            raise
        if answer != "COMMIT":
            raise WriteFailed(f"the server answered {answer} to the commit")
        self._listener.subscribers.deliver(tx.announcements)
        for action in tx.actions:
            action()


async def _read(connection: Connection, unit: ReadUnit[T]) -> T:
    tx = PostgresReadTx(connection)
    try:
        return await follow(unit(tx), tx)
    finally:
        tx.ended = True


async def _read_snapshot(connection: Connection, unit: ReadUnit[T]) -> T:
    try:
        await connection.execute(_BEGIN_SNAPSHOT)
        return await _read(connection, unit)
    finally:
        await _roll_back(connection)


async def _roll_back(connection: Connection) -> None:
    try:
        await connection.execute("ROLLBACK")
    except DRIVER_ERRORS:
        # The server rolls back what loses its connection.
        connection.terminate()
    except BaseException:
        connection.terminate()
        raise


def _said(error: BaseException) -> str:
    """The reason in words; some of the driver's errors have none."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
