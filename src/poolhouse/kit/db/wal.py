"""
Checkpoints of SQLite's write-ahead log.

By default SQLite moves the log into the database inside of the commit that fills it, and the event loop waits for
two fsyncs and a thousand pages. Here a thread does so on a connection of its own while writers go on; then a short
second pass on the loop takes what came in meanwhile, after which the log starts again at its beginning.
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

EVERY = 8_000
"""Changed rows between checkpoints."""
BACKSTOP = 16_384
"""Pages of the log (64 MiB) at which a commit checkpoints after all."""


class Checkpointer:
    """Starts a checkpoint whenever enough has been written."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._last = connection.total_changes
        self._running: asyncio.Future[None] | None = None

    def note_commit(self) -> None:
        """Start a checkpoint if one is due."""
        if self._running is None and self._connection.total_changes - self._last >= EVERY:
            self._last = self._connection.total_changes
            self._running = self._loop.run_in_executor(self._thread, _checkpoint, self._path)
            self._running.add_done_callback(self._finish)

    async def close(self) -> None:
        """Wait for a running checkpoint."""
        if self._running is not None:
            await asyncio.wait([self._running])
        self._thread.shutdown()

    def _finish(self, done: asyncio.Future[None]) -> None:
        self._running = None
        if done.cancelled() or done.exception() is not None:
            # Nothing is lost: the next one is due after as many changes, and the backstop stands.
            return
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def _checkpoint(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        connection.close()
