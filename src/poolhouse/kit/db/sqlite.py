"""
SQLite by the stdlib driver on the event loop.

A point read takes some 10 us, less than a hop to a thread. Everything runs on one connection, whose statements never
suspend: whoever reads between two ticks of the loop sees committed rows only, and a page read once stays in its cache.
"""

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from poolhouse.kit.db.group_commit import WAITS, GroupCommit
from poolhouse.kit.db.protocol import (
    DatabaseBusy,
    DatabaseClosed,
    DatabaseError,
    ReadUnit,
    Row,
    Subscriber,
    Tx,
    UnitSuspended,
    WriteUnit,
)
from poolhouse.kit.db.sqlite_tx import SqliteReadTx
from poolhouse.kit.db.statement import Statement
from poolhouse.kit.db.subscribers import Announcement, Subscribers
from poolhouse.kit.db.unit import run_to_end
from poolhouse.kit.db.wal import Checkpointer

if TYPE_CHECKING:
    from sqlalchemy import Table

T = TypeVar("T")

_POLL = 0.5
"""Seconds between looks at whether another process has written."""


class SqliteDatabase:
    """One SQLite database, file or memory, on the event loop that opened it."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self.connection = connection
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._writer = GroupCommit(connection, self._committed)
        self._checkpointer = None if path is None else Checkpointer(connection, path)
        self._subscribers = Subscribers()
        self._poll: asyncio.TimerHandle | None = None
        self._seen_version = 0
        self._closed = False

    def write(self, unit: WriteUnit[T]) -> Coroutine[Any, Any, T]:
        """See `Database.write`."""
        return self._writer.write(unit)

    async def read(self, unit: ReadUnit[T], *, snapshot: bool = False) -> T:
        """See `Database.read`."""
        look = _read_snapshot if snapshot else _read
        # A reader meets a lock only while another process recovers the log or sets it up.
        for wait in WAITS:
            self._check_may_read()
            try:
                return look(self.connection, unit)
            except DatabaseBusy:
                await asyncio.sleep(wait)
        self._check_may_read()
        return look(self.connection, unit)

    async def read_slow(self, unit: ReadUnit[T]) -> T:
        """See `Database.read_slow`: on its own connection in a thread; in memory there is only one."""
        if self._path is None:
            return await self.read(unit, snapshot=True)
        self._check_may_read()
        return await asyncio.to_thread(_read_apart, self._path, unit)

    async def one(self, statement: Statement, /, **params: Any) -> Row | None:
        """See `Database.one`."""
        if statement.writes:
            return await self.write(lambda tx: tx.one(statement, **params))
        return await self.read(lambda tx: tx.one(statement, **params))

    async def all(self, statement: Statement, /, **params: Any) -> list[Row]:
        """See `Database.all`."""
        if statement.writes:
            return await self.write(lambda tx: tx.all(statement, **params))
        return await self.read(lambda tx: tx.all(statement, **params))

    async def run(self, statement: Statement, /, **params: Any) -> int:
        """See `Database.run`."""
        return await self.write(lambda tx: tx.run(statement, **params))

    async def run_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]], /) -> None:
        """See `Database.run_many`."""
        kept = list(rows)
        await self.write(lambda tx: tx.run_many(statement, kept))

    def subscribe(self, channel: str, callback: Subscriber) -> None:
        """
        See `Database.subscribe`.

        Another process that writes to the file is noticed within half a second, and its announcements then stand as
        `REFRESH`: SQLite tells that something has changed, not what.
        """
        self._subscribers.add(channel, callback)
        if self._path is not None and self._poll is None:
            self._seen_version = self._pragma("data_version")
            self._poll = self._loop.call_later(_POLL, self._look_for_others)

    async def settle(self, *_tables: "Table") -> None:
        """See `Database.settle`: without statistics SQLite goes by the indexes alone, as its statements count on."""

    async def is_writable(self) -> bool:
        """See `Database.is_writable`: writes the header page, as a unit among the others."""
        try:
            await self.write(self._touch)
        except (DatabaseError, sqlite3.Error):
            return False
        return True

    async def close(self) -> None:
        """See `Database.close`."""
        if self._closed:
            return
        self._closed = True
        await self._writer.close()
        if self._poll is not None:
            self._poll.cancel()
        if self._checkpointer is not None:
            await self._checkpointer.close()
        self.connection.close()

    def _committed(self, announcements: list[Announcement]) -> None:
        if announcements:
            self._subscribers.deliver(announcements)
        if self._checkpointer is not None:
            self._checkpointer.note_commit()

    def _check_may_read(self) -> None:
        if self._closed:
            raise DatabaseClosed
        if self._writer.is_running:
            raise UnitSuspended("a unit reads through its own transaction")

    async def _touch(self, _: Tx) -> None:
        version = self._pragma("user_version")
        self.connection.execute(f"PRAGMA user_version = {version}")

    def _pragma(self, name: str) -> int:
        return int(self.connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _look_for_others(self) -> None:
        self._poll = self._loop.call_later(_POLL, self._look_for_others)
        version = self._pragma("data_version")
        if version != self._seen_version:
            self._seen_version = version
            self._subscribers.refresh()


def _read(connection: sqlite3.Connection, unit: ReadUnit[T]) -> T:
    tx = SqliteReadTx(connection)
    try:
        return run_to_end(unit(tx))
    finally:
        tx.ended = True


def _read_snapshot(connection: sqlite3.Connection, unit: ReadUnit[T]) -> T:
    connection.execute("BEGIN")
    try:
        return _read(connection, unit)
    finally:
        connection.execute("ROLLBACK")


def _read_apart(path: Path, unit: ReadUnit[T]) -> T:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=WAITS[-1] * len(WAITS), isolation_level=None)
    try:
        return _read_snapshot(connection, unit)
    finally:
        connection.close()
