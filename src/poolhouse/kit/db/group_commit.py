"""
SQLite's write units of one tick of the event loop, in one transaction with one durable commit.

The error of a unit undoes its own writes only. That takes a SAVEPOINT, for which SQLite copies every page that the unit
changes: as much work as the unit itself. Most units succeed, and most that fail have not written yet; so all of them
run without one, and again with one each where a unit has failed that had written. Nobody is answered before the COMMIT.
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


class _MustRunApart(Exception):
    """A unit has failed whose writes only a savepoint could undo."""


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
        if self._begin(batch) and not self._run(batch, self._run_job):
            if len(batch) == 1:
                _answer(batch[0])
            elif self._begin(batch):
                self._run(batch, self._run_apart)
        if self._queue:
            self._call_flush()

    def _begin(self, batch: list[_Job[Any]]) -> bool:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._begin_failed(batch, error)
            return False
        self._attempts = 0
        return True

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

    def _run(self, batch: list[_Job[Any]], run: Callable[[_Job[Any]], None]) -> bool:
        """*run* each unit and commit; False when all was rolled back, for the units to run apart."""
        self.is_running = True
        try:
            for job in batch:
                run(job)
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except _MustRunApart:
            self._roll_back()
            return False
        except (sqlite3.Error, WriteFailed) as error:
            self._roll_back()
            _refuse(batch, WriteFailed(str(error)))
            return True
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
        return True

    def _run_job(self, job: _Job[Any]) -> None:
        """
        Run one unit among those before it. Raise `sqlite3.Error` or `WriteFailed` when the transaction of all is lost.

        What a unit has written is told by the count of changed rows: tables are made by migrations only.
        """
        before = self._connection.total_changes
        self._attempt(job)
        if job.error is not None and self._connection.total_changes != before:
            raise _MustRunApart

    def _run_apart(self, job: _Job[Any]) -> None:
        """The same with a savepoint, to which a unit that fails is taken back."""
        execute = self._connection.execute
        execute("SAVEPOINT unit")
        self._attempt(job)
        if job.error is not None:
            execute("ROLLBACK TO unit")
        execute("RELEASE unit")

    def _attempt(self, job: _Job[Any]) -> None:
        tx = SqliteTx(self._connection)
        job.error, job.announcements, job.actions = None, [], []
        try:
            job.result = run_to_end(job.unit(tx))
            tx.check()
        except (Exception, asyncio.CancelledError) as error:
            # Any error of a unit is its caller's.
            if not self._connection.in_transaction:
                # A full disk or an I/O error makes SQLite roll back the neighbours as well.
                raise WriteFailed(str(error)) from error
            job.error = error
        else:
            job.announcements, job.actions = tx.announcements, tx.actions
        finally:
            tx.ended = True

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
