"""
SQLite by the stdlib driver on the event loop, with group commit.

A point read takes some 10 us, less than a hop to a thread. A durable commit takes an fsync: so all write units that
are waiting in a tick of the loop share one transaction, each in a SAVEPOINT of its own, and are answered together
after its COMMIT. Everything runs on one connection, whose statements never suspend: whoever reads between two ticks
sees committed rows only.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from poolhouse.kit.db.protocol import (
    DatabaseBusy,
    DatabaseClosed,
    ReadUnit,
    Row,
    Subscriber,
    Tx,
    UnitSuspended,
    WriteFailed,
    WriteUnit,
)
from poolhouse.kit.db.sqlite_tx import SqliteReadTx, SqliteTx, is_busy
from poolhouse.kit.db.statement import Statement
from poolhouse.kit.db.subscribers import Announcement, Subscribers
from poolhouse.kit.db.unit import run_to_end
from poolhouse.kit.db.wal import Checkpointer

T = TypeVar("T")

BATCH = 256
"""Units of one commit: bounds how long a tick may take."""
_WAITS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05) + (0.1,) * 50
"""Seconds between attempts at a file that another process is writing to: five seconds in all."""
_POLL = 0.5
"""Seconds between looks at whether another process has written."""


class _Job(Generic[T]):
    __slots__ = ("announcements", "answer", "error", "result", "unit")

    def __init__(self, unit: WriteUnit[T], answer: asyncio.Future[T]) -> None:
        self.unit = unit
        self.answer = answer
        self.result: Any = None
        self.error: BaseException | None = None
        self.announcements: list[Announcement] = []


class SqliteDatabase:
    """One SQLite database, file or memory, on the event loop that opened it."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.connection = connection
        self.path = path
        self._loop = asyncio.get_running_loop()
        self._queue: deque[_Job[Any]] = deque()
        self._flush_is_due = False
        self._attempts = 0
        self._in_batch = False
        self._closed = False
        self._subscribers = Subscribers()
        self._poll: asyncio.TimerHandle | None = None
        self._seen_version = 0
        self._checkpointer = None if path is None else Checkpointer(connection, path)

    async def write(self, unit: WriteUnit[T]) -> T:
        """See `Database.write`."""
        if self._closed:
            raise DatabaseClosed
        answer: asyncio.Future[T] = self._loop.create_future()
        self._queue.append(_Job(unit, answer))
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)
        try:
            return await answer
        finally:
            # Reached undone when a unit awaited `write` and was abandoned: the inner unit must not run either.
            if not answer.done():
                answer.cancel()

    async def read(self, unit: ReadUnit[T], *, snapshot: bool = False) -> T:
        """See `Database.read`."""
        self._check_may_read()
        if not snapshot:
            return _drive_read(self.connection, unit)
        return self._read_snapshot(unit)

    async def read_slow(self, unit: ReadUnit[T]) -> T:
        """See `Database.read_slow`: on its own connection in a thread; in memory there is only one."""
        self._check_may_read()
        if self.path is None:
            return self._read_snapshot(unit)
        return await asyncio.to_thread(_read_apart, self.path, unit)

    async def one(self, statement: Statement, /, **params: Any) -> Row | None:
        """See `Database.one`."""
        if statement.writes:
            return await self.write(lambda tx: tx.one(statement, **params))
        self._check_may_read()
        return await SqliteReadTx(self.connection).one(statement, **params)

    async def all(self, statement: Statement, /, **params: Any) -> list[Row]:
        """See `Database.all`."""
        if statement.writes:
            return await self.write(lambda tx: tx.all(statement, **params))
        self._check_may_read()
        return await SqliteReadTx(self.connection).all(statement, **params)

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """See `Database.run`."""
        return await self.write(lambda tx: tx.run(statement, **params))

    async def run_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]], /) -> None:
        """See `Database.run_many`."""
        await self.write(lambda tx: tx.run_many(statement, rows))

    def subscribe(self, channel: str, callback: Subscriber) -> None:
        """
        See `Database.subscribe`.

        Another process that writes to the file is noticed within half a second, and its announcements then stand as
        `REFRESH`: SQLite tells that something has changed, not what.
        """
        self._subscribers.add(channel, callback)
        if self.path is not None and self._poll is None:
            self._seen_version = self._pragma("data_version")
            self._poll = self._loop.call_later(_POLL, self._look_for_others)

    async def is_writable(self) -> bool:
        """See `Database.is_writable`: writes the header page, as a unit among the others."""
        try:
            await self.write(self._touch)
        except (DatabaseBusy, WriteFailed, DatabaseClosed, sqlite3.Error):
            return False
        return True

    async def close(self) -> None:
        """See `Database.close`."""
        while self._queue and not self._closed:
            await asyncio.wait([job.answer for job in self._queue])
        if self._closed:
            return
        self._closed = True
        if self._poll is not None:
            self._poll.cancel()
        if self._checkpointer is not None:
            await self._checkpointer.close()
        self.connection.close()

    async def _touch(self, _: Tx) -> None:
        version = self._pragma("user_version")
        self.connection.execute(f"PRAGMA user_version = {version}")

    def _pragma(self, name: str) -> int:
        return int(self.connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _check_may_read(self) -> None:
        if self._closed:
            raise DatabaseClosed
        if self._in_batch:
            raise UnitSuspended("a unit reads through its own transaction")

    def _read_snapshot(self, unit: ReadUnit[T]) -> T:
        self.connection.execute("BEGIN")
        try:
            return _drive_read(self.connection, unit)
        finally:
            self.connection.execute("ROLLBACK")

    def _flush(self) -> None:
        self._flush_is_due = False
        batch = self._next_batch()
        if not batch:
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._begin_failed(batch, error)
        else:
            self._attempts = 0
            self._run_batch(batch)
        if self._queue and not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _next_batch(self) -> list[_Job[Any]]:
        batch: list[_Job[Any]] = []
        while self._queue and len(batch) < BATCH:
            job = self._queue.popleft()
            if not job.answer.done():
                batch.append(job)
        return batch

    def _begin_failed(self, batch: list[_Job[Any]], error: sqlite3.Error) -> None:
        if is_busy(error) and self._attempts < len(_WAITS):
            # Waiting in SQLite's own busy handler would hold up the whole loop.
            self._queue.extendleft(reversed(batch))
            self._flush_is_due = True
            self._loop.call_later(_WAITS[self._attempts], self._flush)
            self._attempts += 1
            return
        self._attempts = 0
        refusal = DatabaseBusy("another process keeps the file") if is_busy(error) else WriteFailed(str(error))
        _answer_all(batch, refusal, error)

    def _run_batch(self, batch: list[_Job[Any]]) -> None:
        self._in_batch = True
        try:
            alone = len(batch) == 1
            for job in batch:
                self._run_job(job, alone=alone)
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            _answer_all(batch, WriteFailed(str(error)), error)
            return
        except BaseException:
            self._roll_back()
            for job in batch:
                job.answer.cancel()
            raise
        finally:
            self._in_batch = False
        for job in batch:
            self._subscribers.deliver(job.announcements)
        for job in batch:
            _answer(job)
        if self._checkpointer is not None:
            self._checkpointer.note_commit()

    def _run_job(self, job: _Job[Any], *, alone: bool) -> None:
        """Run one unit; its own error undoes its own writes. Raise `sqlite3.Error` when the transaction is lost."""
        execute = self.connection.execute
        if not alone:
            execute("SAVEPOINT unit")
        tx = SqliteTx(self.connection)
        try:
            job.result = run_to_end(_start(job, tx))
            tx.check()
        except (Exception, asyncio.CancelledError) as error:
            # Any error of a unit is its caller's.
            job.error = error
            if not self.connection.in_transaction:
                # A full disk or an I/O error makes SQLite roll back the neighbours as well.
                raise sqlite3.OperationalError(f"the transaction was lost: {error}") from error
            execute("ROLLBACK" if alone else "ROLLBACK TO unit")
            if not alone:
                execute("RELEASE unit")
        else:
            job.announcements = tx.announcements
            if not alone:
                execute("RELEASE unit")
        finally:
            tx.ended = True

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")

    def _look_for_others(self) -> None:
        version = self._pragma("data_version")
        if version != self._seen_version:
            self._seen_version = version
            self._subscribers.refresh()
        self._poll = self._loop.call_later(_POLL, self._look_for_others)


async def _start(job: _Job[T], tx: Tx) -> T:
    # Calling the unit within a coroutine makes an error of the call itself (wrong arguments) the unit's own.
    return await job.unit(tx)


def _drive_read(connection: sqlite3.Connection, unit: ReadUnit[T]) -> T:
    tx = SqliteReadTx(connection)
    try:
        return run_to_end(unit(tx))
    finally:
        tx.ended = True


def _read_apart(path: Path, unit: ReadUnit[T]) -> T:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        return _drive_read(connection, unit)
    finally:
        connection.close()


def _answer(job: _Job[Any]) -> None:
    if job.answer.done():
        return
    if job.error is None:
        job.answer.set_result(job.result)
    elif isinstance(job.error, asyncio.CancelledError):
        job.answer.cancel()
    else:
        job.answer.set_exception(job.error)


def _answer_all(batch: list[_Job[Any]], refusal: Exception, cause: BaseException) -> None:
    refusal.__cause__ = cause
    for job in batch:
        if not job.answer.done():
            job.answer.set_exception(refusal)
