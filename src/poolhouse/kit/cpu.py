"""
Threads for work that takes more than a millisecond: argon2id, SRP, RSA.

All of these release the GIL, so as many threads as cores are enough.  The queue is bounded: beyond it the answer
is "busy" at once, never a slow death (19 MiB for each waiting hash would be an easy denial of service).

Ours rather than ``ThreadPoolExecutor``: its two futures and their locks cost an eighth of a signature, each time.
"""

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

REST_SECONDS = 5.0
TOGETHER = 32
"""Calls that the loop makes in one go, where there are no threads: bounds how long a tick may take."""
ROUNDS = 3
ROUNDS_OF_SEVERAL = 20
PATIENCE = 0.002
"""
How often the loop goes round before it calls, for one that waits and for several, and for how many seconds at most.

Whoever is nearly done is answered first, and asks again meanwhile.  Else a few requests would be in each stage (read,
signed, written, answered), and each durable commit would be for those few alone.  A round takes a few microseconds
where nothing else is to be done, and as long as a commit where something is.
"""
P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):
    """More work waits already than can be done in reasonable time."""


class _Job:
    __slots__ = ("answer", "call", "loop")

    def __init__(self, call: Callable[[], Any], answer: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.call = call
        self.answer = answer
        self.loop = loop


def cores() -> int:
    """How many cores this process may use, which a container or ``taskset`` may have narrowed."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class CpuPool:
    """
    *threads* workers and at most *queue_limit* calls that wait or run; the threads start with the first call.

    Without threads the loop itself calls: for short work where a single core leaves nothing to gain by a thread.  It
    does so once all requests of its tick, and of a few more, have come as far: work of one kind in one go, between
    which the interpreter's own code is pushed out of the processor's cache once and not once for each request.
    """

    def __init__(
        self,
        threads: int,
        queue_limit: int,
        prepare_thread: Callable[[], None] | None = None,
        *,
        at_rest: Callable[[], None] | None = None,
    ) -> None:
        """*at_rest* is called in a thread that had work and has had none for ``REST_SECONDS``."""
        self._threads = [Thread(target=self._work, name=f"poolhouse-cpu-{n}", daemon=True) for n in range(threads)]
        self._prepare = prepare_thread
        self._at_rest = at_rest
        self._limit = queue_limit
        self._pending = 0
        self._started = False
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._own_jobs: deque[_Job] = deque()
        self._due_in: asyncio.AbstractEventLoop | None = None
        """The loop that is about to call."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call *work* in a thread; ``Busy`` when the queue is full."""
        if self._due_in is not None and self._due_in.is_closed():
            self._drop_waiting()
        if self._pending >= self._limit:
            raise Busy
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        # The count belongs to the job, not to the caller: a cancelled caller leaves its work in the queue.
        self._pending += 1
        job = _Job((lambda: work(*args, **kwargs)) if args or kwargs else work, answer, loop)
        if self._threads:
            self._start()
            self._jobs.put(job)
        else:
            if self._due_in is None:
                self._due_in = loop
                loop.call_soon(self._work_soon, loop, 1, time.monotonic() + PATIENCE)
            self._own_jobs.append(job)
        return await answer

    def close(self) -> None:
        """Drop what waits, let what runs end."""
        self._drop_waiting()
        while True:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is not None:
                self._pending -= 1
                job.answer.cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            if self._started:
                thread.join()

    def _start(self) -> None:
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()

    def _drop_waiting(self) -> None:
        self._due_in = None
        while self._own_jobs:
            self._pending -= 1
            job = self._own_jobs.popleft()
            # A loop that is closed has nobody left who waits.
            if not job.loop.is_closed():
                job.answer.cancel()

    def _work_soon(self, loop: asyncio.AbstractEventLoop, rounds: int, until: float) -> None:
        waiting = len(self._own_jobs)
        most = ROUNDS if waiting == 1 else ROUNDS_OF_SEVERAL
        if rounds < most and waiting < TOGETHER and time.monotonic() < until:
            loop.call_soon(self._work_soon, loop, rounds + 1, until)
        else:
            self._work_here(loop)

    def _work_here(self, loop: asyncio.AbstractEventLoop) -> None:
        for _ in range(min(len(self._own_jobs), TOGETHER)):
            job = self._own_jobs.popleft()
            self._settle(job.answer, *_outcome(job))
        if self._own_jobs:
            loop.call_soon(self._work_here, loop)
        else:
            self._due_in = None

    def _work(self) -> None:
        if self._prepare is not None:
            self._prepare()
        while self._do(self._next()):
            pass

    def _next(self) -> _Job | None:
        if self._at_rest is None:
            return self._jobs.get()
        try:
            return self._jobs.get(timeout=REST_SECONDS)
        except Empty:
            self._at_rest()
            return self._jobs.get()

    def _do(self, job: _Job | None) -> bool:
        """One call; a function of its own, so that an idle thread keeps no password and no result alive."""
        if job is None:
            return False
        result, error = _outcome(job)
        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            job.loop.call_soon_threadsafe(self._settle, job.answer, result, error)
        return True

    def _settle(self, answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        self._pending -= 1
        if answer.done():
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)


def _outcome(job: _Job) -> tuple[Any, BaseException | None]:
    try:
        return job.call(), None
    except StopIteration as raised:
        # No future takes one.
        return None, RuntimeError(repr(raised))
    except BaseException as raised:  # noqa: BLE001 - it is the caller's
        return None, raised
