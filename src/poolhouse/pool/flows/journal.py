"""
What is written after the answer: records about requests, which no answer waits for.

Units are collected and written together, a few times a second, so that a sign-in costs no commit of its own for them.
A crash loses what was collected since; a full journal loses what comes then, and says so in the log.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.kit.log import get_logger

Unit = Callable[[Tx], Coroutine[Any, Any, None]]
CAPACITY: Final = 10_000
_BATCH: Final = 500
_PAUSE_SECONDS: Final = 0.1


class Journal:
    """The units that wait; one per program."""

    def __init__(self) -> None:
        self.waiting: list[Unit] = []
        self._wake = asyncio.Event()
        self._lost = 0
        self._count = 0

    def next_number(self) -> int:
        """Counts what is recorded, so that records of one instant keep their order."""
        self._count += 1
        return self._count

    def put(self, unit: Unit) -> None:
        """Have *unit* written soon; in the order in which they come."""
        if len(self.waiting) >= CAPACITY:
            self._lost += 1
            return
        self.waiting.append(unit)
        self._wake.set()

    async def flush(self, database: Database) -> None:
        """Write what waits."""
        while self.waiting:
            batch, self.waiting = self.waiting[:_BATCH], self.waiting[_BATCH:]

            async def write(tx: Tx, units: list[Unit] = batch) -> None:
                for unit in units:
                    await unit(tx)

            try:
                await database.write(write)
            except Exception:  # noqa: BLE001 (one bad unit must neither end the journal nor fail a request)
                await self._one_by_one(database, batch)
        if self._lost:
            get_logger().error("journal was full", lost=self._lost)
            self._lost = 0

    async def run(self, database: Database) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(_PAUSE_SECONDS)
            self._wake.clear()
            await self.flush(database)

    async def _one_by_one(self, database: Database, units: list[Unit]) -> None:
        """After a failure: one bad unit must not take the others with it."""
        for unit in units:
            try:
                await database.write(unit)
            except Exception as failed:  # noqa: BLE001 (see above)
                get_logger().warning("record not written", error=type(failed).__name__)
