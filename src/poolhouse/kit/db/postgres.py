"""
PostgreSQL by asyncpg: one transaction for each write unit, on a connection of a pool.

A unit that meets a serialization failure or a deadlock, or whose connection breaks before its commit was sent, runs
again from its beginning, at most `ATTEMPTS` times.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg

from poolhouse.kit.db.listen import Listener
from poolhouse.kit.db.postgres_tx import PostgresReadTx, PostgresTx, is_broken, is_conflict
from poolhouse.kit.db.postgres_url import Target, parse_target
from poolhouse.kit.db.protocol import (
    DatabaseBusy,
    DatabaseClosed,
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

T = TypeVar("T")

ATTEMPTS = 10
_BEGIN = "BEGIN"
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_NOTIFY = "SELECT pg_notify($1, payload) FROM unnest($2::TEXT[]) AS payload"


async def open_postgres(url: str) -> "PostgresDatabase":
    """Connect to the server at *url* (see `open_database`)."""
    target = parse_target(url)
    pool = await asyncpg.create_pool(
        target.dsn,
        min_size=1,
        max_size=target.connections,
        # Sessions are never changed, so there is nothing to reset: it would cost a round trip for each unit.
        reset=_leave_as_it_is,
        max_inactive_connection_lifetime=300,
        **target.connect_options(),
    )
    return PostgresDatabase(pool, target)


class PostgresDatabase:
    """One schema of a PostgreSQL database."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", target: Target) -> None:
        self.target = target
        self._pool = pool
        self._listener = Listener(target)
        self._closed = False

    async def write(self, unit: WriteUnit[T]) -> T:
        """See `Database.write`."""
        conflict: BaseException | None = None
        for _ in range(ATTEMPTS):
            connection = await self._acquire()
            try:
                return await self._write_once(connection, unit)
            except DatabaseError:
                raise
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                if not is_conflict(error) and not is_broken(error):
                    raise
                conflict = error
            finally:
                await self._release(connection)
        raise DatabaseBusy("the unit met conflicts at every attempt") from conflict

    async def read(self, unit: ReadUnit[T], *, snapshot: bool = False) -> T:
        """See `Database.read`."""
        connection = await self._acquire()
        try:
            if snapshot:
                return await _read_snapshot(connection, unit)
            return await _follow_read(connection, unit)
        finally:
            await self._release(connection)

    async def read_slow(self, unit: ReadUnit[T]) -> T:
        """See `Database.read_slow`: the server does the work."""
        return await self.read(unit, snapshot=True)

    async def one(self, statement: Statement, /, **params: Any) -> Row | None:
        """See `Database.one`: one round trip, PostgreSQL commits a single statement by itself."""
        return await self._single(lambda tx: tx.one(statement, **params))

    async def all(self, statement: Statement, /, **params: Any) -> list[Row]:
        """See `Database.all`."""
        return await self._single(lambda tx: tx.all(statement, **params))

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """See `Database.run`."""
        return await self._single(lambda tx: tx.run(statement, **params))

    async def run_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]], /) -> None:
        """See `Database.run_many`."""
        kept = list(rows)
        await self._single(lambda tx: tx.run_many(statement, kept))

    def subscribe(self, channel: str, callback: Subscriber) -> None:
        """See `Database.subscribe`."""
        self._listener.subscribe(channel, callback)

    async def is_writable(self) -> bool:
        """See `Database.is_writable`: a transaction id that is assigned makes a commit write to the log."""
        try:
            connection = await self._acquire()
            try:
                await connection.execute("SELECT pg_current_xact_id()")
            finally:
                await self._release(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, DatabaseError):
            return False
        return True

    async def close(self) -> None:
        """See `Database.close`."""
        if not self._closed:
            self._closed = True
            await self._listener.close()
            await self._pool.close()

    async def _acquire(self) -> Any:
        if self._closed:
            raise DatabaseClosed
        try:
            return await self._pool.acquire(timeout=self.target.acquire_seconds)
        except TimeoutError:
            raise DatabaseBusy("no connection became free") from None

    async def _release(self, connection: Any) -> None:
        await self._pool.release(connection)

    async def _single(self, unit: WriteUnit[T]) -> T:
        conflict: BaseException | None = None
        for _ in range(ATTEMPTS):
            connection = await self._acquire()
            tx = PostgresTx(connection)
            try:
                return await unit(tx)
            except asyncpg.PostgresError as error:
                if not is_conflict(error):
                    raise
                conflict = error
            finally:
                await self._release(connection)
        raise DatabaseBusy("the statement met conflicts at every attempt") from conflict

    async def _write_once(self, connection: Any, unit: WriteUnit[T]) -> T:
        tx = PostgresTx(connection)
        try:
            await connection.execute(_BEGIN)
            result = await follow(_start(unit, tx), tx)
            tx.check()
            await self._notify(connection, tx)
        except BaseException:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await connection.execute("ROLLBACK")
            raise
        finally:
            tx.ended = True
        await self._commit(connection, tx)
        return result

    async def _notify(self, connection: Any, tx: PostgresTx) -> None:
        if tx.announcements:
            payloads = [self._listener.pack(channel, payload) for channel, payload in tx.announcements]
            await connection.execute(_NOTIFY, self._listener.channel, payloads)

    async def _commit(self, connection: Any, tx: PostgresTx) -> None:
        try:
            answer = await connection.execute("COMMIT")
        except asyncio.CancelledError:
            if tx.announcements:
                self._listener.subscribers.refresh()
            raise
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
            if tx.announcements:
                self._listener.subscribers.refresh()
            raise OutcomeUnknown("the connection broke during the commit") from error
        if answer != "COMMIT":
            raise WriteFailed(f"the server answered {answer} to the commit")
        self._listener.subscribers.deliver(tx.announcements)


async def _start(unit: WriteUnit[T], tx: PostgresTx) -> T:
    return await unit(tx)


async def _start_read(unit: ReadUnit[T], tx: PostgresReadTx) -> T:
    return await unit(tx)


async def _follow_read(connection: Any, unit: ReadUnit[T]) -> T:
    tx = PostgresReadTx(connection)
    try:
        return await follow(_start_read(unit, tx), tx)
    finally:
        tx.ended = True


async def _read_snapshot(connection: Any, unit: ReadUnit[T]) -> T:
    await connection.execute(_BEGIN_SNAPSHOT)
    try:
        return await _follow_read(connection, unit)
    finally:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await connection.execute("ROLLBACK")


async def _leave_as_it_is(_: Any) -> None:
    return None
