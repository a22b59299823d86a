"""
What the house does by itself: now and then, in the background, each thing on one replica at a time.

A round that is late or lost harms nobody: whatever it tidies is also checked when it is used.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.store import leases
from poolhouse.kit.ambient import hex_token
from poolhouse.kit.log import get_logger


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """
    One task: *run* is called every *seconds*.

    *everywhere*: on each replica, not on the one that holds the task's lease.
    """

    name: str
    seconds: float
    run: Callable[[Context], Awaitable[None]]
    everywhere: bool = False


class Rounds:
    """Runs every task until it is stopped."""

    def __init__(self, ctx: Context, rounds: Sequence[Round]) -> None:
        self._ctx = ctx
        self._rounds = rounds
        self._me = hex_token(ctx.entropy, 8)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.ensure_future(self._repeat(each)) for each in self._rounds]

    async def stop(self) -> None:
        """Cancel what is under way, and wait until it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, each: Round) -> None:
        while True:
            await asyncio.sleep(each.seconds)
            await self.go(each)

    async def go(self, each: Round) -> None:
        """One round of one task, if it is ours to do; a failure is logged and forgotten."""
        try:
            if each.everywhere or await self._is_mine(each):
                await each.run(self._ctx)
        except Exception as failed:  # noqa: BLE001 - the next round must come, whatever this one met
            get_logger().warning("a round failed", program="house", task=each.name, error=type(failed).__name__)

    async def _is_mine(self, each: Round) -> bool:
        now = self._ctx.clock.now()
        until = now + max(30, round(each.seconds * 2.5))
        return await self._ctx.db.write(lambda tx: leases.take(tx, each.name, self._me, now=now, until=until))
