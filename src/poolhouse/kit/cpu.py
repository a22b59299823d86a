"""
Threads for work that takes more than a millisecond: argon2id, SRP, RSA.

All of these release the GIL, so as many threads as cores are enough.  The queue is bounded: beyond it the answer
is "busy" at once, never a slow death (19 MiB for each waiting hash would be an easy denial of service).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):
    """More work waits already than can be done in reasonable time."""


class CpuPool:
    """*threads* workers and at most *queue_limit* calls that wait or run."""

    def __init__(self, threads: int, queue_limit: int, prepare_thread: Callable[[], None] | None = None) -> None:
        self._executor = ThreadPoolExecutor(threads, "poolhouse-cpu", initializer=prepare_thread)
        self._limit = queue_limit
        self._pending = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call *work* in a thread; ``Busy`` when the queue is full."""
        if self._pending >= self._limit:
            raise Busy
        self._pending += 1
        # The count belongs to the future, not to the caller: a cancelled caller leaves its work in the queue.
        future = asyncio.wrap_future(self._executor.submit(work, *args, **kwargs))
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: asyncio.Future[T]) -> None:
        self._pending -= 1
        if not future.cancelled():
            future.exception()

    def close(self) -> None:
        """Drop what waits, let what runs end."""
        self._executor.shutdown(wait=True, cancel_futures=True)
