"""
Works on import jobs: one runner of a process, one job at a time, each job by one runner among all processes.

A job belongs to whoever holds its lease.  Users, counters, failures and the place in the file are written in one
transaction, which holds only while the lease is ours: after a crash another runner goes on where the last one
committed, so no user comes twice and none is left out.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

import msgspec

from poolhouse.kit.ambient import hex_token
from poolhouse.kit.db.protocol import REFRESH, ConstraintViolation, DatabaseError, Tx, UniqueViolation
from poolhouse.kit.log import get_logger
from poolhouse.pool.core import import_csv, import_rows
from poolhouse.pool.core.import_csv import Line
from poolhouse.pool.flows import import_batch, imports
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.import_batch import Batch
from poolhouse.pool.flows.import_pace import ROWS, Pace
from poolhouse.pool.model.imports import ImportJob, JobState
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.store import imports as store
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import users as user_store
from poolhouse.pool.store.pools import CHANGED

LEASE_MS: Final = 15_000
POLL_SECONDS: Final = 5.0
_TRIES: Final = 5
SUCCEEDED: Final = "Import Job Completed Successfully."
STOPPED: Final = "The user import job has been stopped."
TOO_MANY: Final = "Too many users have failed or been skipped during the import."
EMPTY: Final = "The file is empty."
BROKEN: Final = "The user import job failed because of an internal error."


class _LeaseLost(Exception):
    """Another runner works on the job, or the pool is gone."""


class ImportRunner:
    """Runs until it is stopped; woken by each job that is started.  Without a *pace* it never writes many rows."""

    def __init__(self, flow: Flow, pace: Pace | None = None) -> None:
        self._flow = flow
        self._pace = pace
        self._name = hex_token(flow.entropy, 16)
        self._wake = asyncio.Event()
        flow.database.subscribe(store.STARTED, self._hear)

    def _hear(self, payload: str) -> None:
        if payload == REFRESH and self._pace is not None:
            # On SQLite: another process has written, and waits for our transactions.
            self._pace.note()
        self._wake.set()

    async def run(self) -> None:
        """Work on what is started, then wait for more; also for jobs whose runner has died."""
        while True:
            self._wake.clear()
            try:
                if await self.run_one():
                    continue
            except DatabaseError as failed:
                # The lease ends and the job goes on from its last commit.
                get_logger().warning("import interrupted", error=type(failed).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)

    async def run_one(self) -> bool:
        """Work on one job to its end; whether there was one."""
        now_ms = self._flow.clock.now_ms()
        job = await self._flow.database.write(lambda tx: store.claim(tx, self._name, now_ms, now_ms + LEASE_MS))
        if job is None:
            return False
        try:
            await _work(self._flow, job, self._pace)
        except _LeaseLost:
            get_logger().warning("import taken over", pool_id=job.pool_id)
        except Exception as failed:
            # A database that is away comes back; anything else would only happen again.
            if isinstance(failed, DatabaseError) and not isinstance(failed, ConstraintViolation):
                raise
            get_logger().exception("import failed", pool_id=job.pool_id)
            await _give_up(self._flow, job)
        # Only now: a look at the tables after each batch would cost more than the batch.
        await self._settle()
        return True

    async def _settle(self) -> None:
        """The job is over, whether this succeeds or not."""
        try:
            await self._flow.database.settle(*user_store.FILLED)
        except DatabaseError as failed:
            get_logger().warning("no statistics after the import", error=type(failed).__name__)


async def _work(flow: Flow, job: ImportJob, pace: Pace | None) -> None:
    # Not from the cache, which may be a moment behind: attributes could have been added just before the start.
    pool = await flow.database.read(lambda tx: pool_store.find_pool(tx, job.pool_id))
    if pool is None:
        raise _LeaseLost
    if job.state is JobState.STOPPING:
        await _put(flow, pool, job, Batch())
        return
    waiting: list[Line] = []
    batch = Batch()
    async for line in _lines(flow, job):
        if not job.columns:
            job = await _begin(flow, pool, job, line)
        else:
            waiting.append(line)
        if len(waiting) == ROWS:
            batch, waiting = import_batch.decide(flow, pool, job, batch, waiting), []
            # Deciding takes as long as writing: whoever waits for the loop has his turn between them.
            await asyncio.sleep(0)
            if batch.lines >= (pace.rows() if pace else ROWS):
                job, batch = await _put(flow, pool, job, batch), Batch()
        if job.completed_ms is not None:
            return
    if not job.columns:
        await _end(flow, job, JobState.FAILED, EMPTY)
        return
    job = await _put(flow, pool, job, import_batch.decide(flow, pool, job, batch, waiting))
    if job.completed_ms is None:
        is_bad = job.failed > 0 and job.imported == 0
        await _end(flow, job, JobState.FAILED if is_bad else JobState.SUCCEEDED, TOO_MANY if is_bad else SUCCEEDED)


async def _lines(flow: Flow, job: ImportJob) -> AsyncIterator[Line]:
    """The lines of the file from the job's place on."""
    lines = import_csv.Lines()
    number, skip = divmod(job.position, imports.CHUNK)
    while number * imports.CHUNK < job.size:
        sealed = await flow.database.read(partial(store.find_chunk, job=job, number=number))
        if sealed is None:
            raise LookupError("a piece of the file is missing")
        for line in lines.feed(imports.open_chunk(flow, job, number, sealed)[skip:]):
            yield line
        number, skip = number + 1, 0
    for line in lines.finish():
        yield line


async def _begin(flow: Flow, pool: Pool, job: ImportJob, line: Line) -> ImportJob:
    """Read the header; without a good one no row can be."""
    text = import_csv.read_line(line.content)
    if import_csv.has_mark(line.content):
        return await _end(flow, job, JobState.FAILED, import_csv.BYTE_ORDER_MARK)
    if text is None:
        return await _end(flow, job, JobState.FAILED, f"The header is not right. {import_csv.problem_of(line.content)}")
    columns = tuple(import_csv.split(text))
    problem = import_rows.check_header(pool, columns, with_hashes=job.algorithm is not None)
    if problem:
        return await _end(flow, job, JobState.FAILED, problem)
    return await _put(flow, pool, job, Batch(lines=1, size=line.size), columns)


async def _put(
    flow: Flow, pool: Pool, job: ImportJob, batch: Batch, columns: tuple[str, ...] | None = None
) -> ImportJob:
    """Write what came of some rows, or of the header; the job as it is then."""
    now_ms = flow.clock.now_ms()
    after = msgspec.structs.replace(
        job,
        columns=columns or job.columns,
        line=job.line + batch.lines,
        position=job.position + batch.size,
        decoy=job.decoy or batch.decoy,
    )

    async def unit(tx: Tx) -> ImportJob:
        current = await _hold(tx, job)
        written = await import_batch.put(tx, pool, job, batch)
        changed = msgspec.structs.replace(
            after,
            state=current.state,
            imported=job.imported + len(written.users),
            skipped=job.skipped + sum(each.skipped for each in written.failures),
            failed=job.failed + sum(not each.skipped for each in written.failures),
            lease_ms=now_ms + LEASE_MS,
        )
        if current.state is JobState.STOPPING:
            changed = _ended(changed, JobState.STOPPED, STOPPED, now_ms)
        await store.replace_job(tx, changed)
        if after.position // imports.CHUNK > job.position // imports.CHUNK:
            await store.drop_chunks_before(tx, job, after.position // imports.CHUNK)
        if after.decoy != job.decoy:
            tx.announce(CHANGED, job.pool_id)
        return changed

    for _ in range(_TRIES):
        try:
            return await flow.database.write(unit)
        except UniqueViolation:
            # Somebody signed up under one of these names since this unit looked: it looks again.
            await asyncio.sleep(0)
    return await flow.database.write(unit)


async def _end(flow: Flow, job: ImportJob, state: JobState, message: str) -> ImportJob:
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> ImportJob:
        await _hold(tx, job)
        ended = _ended(job, state, message, now_ms)
        await store.replace_job(tx, ended)
        return ended

    return await flow.database.write(unit)


async def _give_up(flow: Flow, job: ImportJob) -> None:
    """End a job that cannot go on, with the counters that were committed last."""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        current = await store.lock_job(tx, job.pool_id, job.id)
        if current is not None and current.runner == job.runner:
            await store.replace_job(tx, _ended(current, JobState.FAILED, BROKEN, now_ms))

    await flow.database.write(unit)


async def _hold(tx: Tx, job: ImportJob) -> ImportJob:
    """The job as it is now, if it is still ours and where we left it."""
    current = await store.lock_job(tx, job.pool_id, job.id)
    if current is None or current.runner != job.runner or current.position != job.position:
        raise _LeaseLost
    return current


def _ended(job: ImportJob, state: JobState, message: str, now_ms: int) -> ImportJob:
    return msgspec.structs.replace(job, state=state, message=message, completed_ms=now_ms, runner="", lease_ms=0)
