"""
SQLite's write units of one tick of the event loop, in one transaction with one durable commit.

Each unit has a SAVEPOINT, so that its error undoes its own writes only. Nobody is answered before the COMMIT.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from poolhouse.kit.db.protocol import Action, DatabaseClosed, WriteFailed, WriteUnit
from poolhouse.kit.db.sqlite_tx import SqliteTx, is_busy, translate
from poolhouse.kit.db.subscribers import Announcement
from poolhouse.kit.db.unit import run_to_end

T = TypeVar("T")

BATCH = 256
"""Units of one commit: bounds how long a tick may take."""
WAITS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05) + (0.1,) * 50
"""Seconds between attempts at a file that another process is writing to: five seconds in all."""


class _Job(Generic[T]):
    __slots__ = ("actions", "announcements", "answer", "error", "result", "unit")

    def __init__(self, unit: WriteUnit[T], answer: asyncio.Future[T]) -> None:
        self.unit = unit
        self.answer = answer
        self.result: Any = None
        self.error: BaseException | None = None
        self.announcements: list[Announcement] = []
        self.actions: list[Action] = []


class GroupCommit:
    """The queue of waiting units; *committed* hears the announcements of each commit before anyone is answered."""

    def __init__(self, connection: sqlite3.Connection, committed: Callable[[list[Announcement]], None]) -> None:
        self._connection = connection
        self._committed = committed
        self._loop = asyncio.get_running_loop()
        self._queue: deque[_Job[Any]] = deque()
        self._flush_is_due = False
        self._attempts = 0
        self._closed = False
        self.is_running = False

    async def write(self, unit: WriteUnit[T]) -> T:
        """See `Database.write`."""
        if self._closed:
            raise DatabaseClosed
        answer: asyncio.Future[T] = self._loop.create_future()
        self._queue.append(_Job(unit, answer))
        self._call_flush()
        try:
            return await answer
        finally:
            # Reached undone when a unit awaited `write` and was abandoned: the inner unit must not run either.
            if not answer.done():
                answer.cancel()

    async def close(self) -> None:
        """Answer what was accepted, and accept nothing more."""
        self._closed = True
        while self._queue:
            await asyncio.wait([job.answer for job in self._queue])

    def _call_flush(self) -> None:
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        batch = self._next_batch()
        if not batch:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._begin_failed(batch, error)
        else:
            self._attempts = 0
            self._run(batch)
        if self._queue:
            self._call_flush()

    def _next_batch(self) -> list[_Job[Any]]:
        batch: list[_Job[Any]] = []
        while self._queue and len(batch) < BATCH:
            job = self._queue.popleft()
            # A caller that went away takes its unit along.
            if not job.answer.done():
                batch.append(job)
        return batch

    def _begin_failed(self, batch: list[_Job[Any]], error: sqlite3.Error) -> None:
        if is_busy(error) and self._attempts < len(WAITS):
            # Waiting in SQLite's own busy handler would hold up the whole loop.
            self._queue.extendleft(reversed(batch))
            self._flush_is_due = True
            self._loop.call_later(WAITS[self._attempts], self._flush)
            self._attempts += 1
            return
        self._attempts = 0
        _refuse(batch, translate(error))

    def _run(self, batch: list[_Job[Any]]) -> None:
        self.is_running = True
        try:
            alone = len(batch) == 1
            for job in batch:
                self._run_job(job, alone=alone)
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except (sqlite3.Error, WriteFailed) as error:
            self._roll_back()
            _refuse(batch, WriteFailed(str(error)))
            return
        except BaseException:
            self._roll_back()
            _refuse(batch, WriteFailed("the process is being stopped"))
            raise
        finally:
            self.is_running = False
        self._committed([announcement for job in batch for announcement in job.announcements])
        for job in batch:
            for action in job.actions:
                action()
            _answer(job)

    def _run_job(self, job: _Job[Any], *, alone: bool) -> None:
        """Run one unit. Raise `sqlite3.Error` or `WriteFailed` when the transaction of all is lost."""
        execute = self._connection.execute
        if not alone:
            execute("SAVEPOINT unit")
        tx = SqliteTx(self._connection)
        try:
            job.result = run_to_end(job.unit(tx))
            tx.check()
        except (Exception, asyncio.CancelledError) as error:
            # Any error of a unit is its caller's.
            if not self._connection.in_transaction:
                # A full disk or an I/O error makes SQLite roll back the neighbours as well.
                raise WriteFailed(str(error)) from error
            job.error = error
            execute("ROLLBACK" if alone else "ROLLBACK TO unit")
        else:
            job.announcements, job.actions = tx.announcements, tx.actions
        finally:
            tx.ended = True
        if not alone:
            execute("RELEASE unit")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")


def _answer(job: _Job[Any]) -> None:
    if job.answer.done():
        return
    if job.error is None:
        job.answer.set_result(job.result)
    elif isinstance(job.error, asyncio.CancelledError):
        job.answer.cancel()
    else:
        job.answer.set_exception(job.error)


def _refuse(batch: list[_Job[Any]], refusal: Exception) -> None:
    for job in batch:
        if not job.answer.done():
            # One exception for each caller: raising it writes into it.
            job.answer.set_exception(type(refusal)(*refusal.args))
