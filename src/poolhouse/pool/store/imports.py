"""Import jobs, the files that were sent for them, and the rows that made no user."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.imports import ACTIVE, ImportJob, JobState, RowFailure
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

STARTED = "import"
"""The channel on which a runner is told that a job waits; the payload is the pool's id."""

_JOB = Record(t.import_jobs, ImportJob)
_j, _c, _f = t.import_jobs.c, t.import_chunks.c, t.import_failures.c
_ACTIVE = tuple(sorted(state.value for state in ACTIVE))
_OF_POOL = _j.pool_id == bindparam("pool_id")
_IS_ACTIVE = or_(*(_j.state == state for state in _ACTIVE))
_OF_FILE = (
    _c.pool_id == bindparam("pool_id"),
    _c.job_id == bindparam("job_id"),
    _c.upload == bindparam("upload"),
)

_COUNT = compile_statement(select(func.count()).select_from(t.import_jobs).where(_OF_POOL))
_FIND_ACTIVE = compile_statement(select(_j.id).where(_OF_POOL, _IS_ACTIVE).limit(1))
_LIST = compile_statement(
    _JOB.select(
        _OF_POOL,
        or_(
            _j.created_ms < bindparam("before"),
            and_(_j.created_ms == bindparam("before"), _j.id < bindparam("before_id")),
        ),
    )
    .order_by(_j.created_ms.desc(), _j.id.desc())
    .limit(LIMIT)
)
_DECOY = compile_statement(
    select(_j.decoy).where(_OF_POOL, _j.decoy.is_not(None)).order_by(_j.created_ms.desc(), _j.id.desc()).limit(1)
)
_LOCK = compile_statement(_JOB.select(_OF_POOL, _j.id == bindparam("id")).with_for_update())
_DUE = compile_statement(
    _JOB.select(_IS_ACTIVE, _j.lease_ms <= bindparam("now"))
    .order_by(_j.started_ms)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LATE = compile_statement(
    update(t.import_jobs)
    .where(_j.state == JobState.CREATED.value, _j.expires_ms <= bindparam("now"))
    .values(state=JobState.EXPIRED.value, completed_ms=_j.expires_ms, message=bindparam("text"))
)
_PUT_CHUNK = compile_statement(
    t.import_chunks.insert().values({column.name: bindparam(column.name) for column in t.import_chunks.columns})
)
_FIND_CHUNK = compile_statement(select(_c.sealed).where(*_OF_FILE, _c.number == bindparam("number")))
_DROP_READ = compile_statement(delete(t.import_chunks).where(*_OF_FILE, _c.number < bindparam("number")))
# What nobody will read again: the file of a job at its end, a file that another one replaced or that never ended.
_READABLE = (
    select(_j.id)
    .where(
        _j.pool_id == _c.pool_id,
        _j.id == _c.job_id,
        or_(_IS_ACTIVE, _j.state == JobState.CREATED.value),
        or_(_j.upload == _c.upload, _c.created_ms > bindparam("before")),
    )
    .exists()
)
_LEFT_OVER = compile_statement(select(_c.pool_id, _c.job_id, _c.upload, _c.number).where(~_READABLE).limit(LIMIT))
_DROP_CHUNK = compile_statement(delete(t.import_chunks).where(*_OF_FILE, _c.number == bindparam("number")))
_PUT_FAILURE = compile_statement(
    t.import_failures.insert().values({column.name: bindparam(column.name) for column in t.import_failures.columns})
)
_FAILURES = compile_statement(
    select(_f.line, _f.skipped, _f.message)
    .where(_f.pool_id == bindparam("pool_id"), _f.job_id == bindparam("job_id"), _f.line > bindparam("after"))
    .order_by(_f.line)
    .limit(LIMIT)
)


async def put_job(tx: Tx, job: ImportJob) -> None:
    await _JOB.put(tx, job)


async def find_job(tx: ReadTx, pool_id: str, job_id: str) -> ImportJob | None:
    return await _JOB.find(tx, pool_id=pool_id, id=job_id)


async def lock_job(tx: Tx, pool_id: str, job_id: str) -> ImportJob | None:
    """The job, held until the transaction ends: whoever changes its state starts here."""
    return await _JOB.one(tx, _LOCK, pool_id=pool_id, id=job_id)


async def replace_job(tx: Tx, job: ImportJob) -> None:
    """Write a job that this transaction has locked."""
    await _JOB.replace(tx, job)


async def count_jobs(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id)
    return int(row[0]) if row else 0


async def is_importing(tx: ReadTx, pool_id: str) -> bool:
    """Whether a job of the pool was started and has not ended."""
    return await tx.one(_FIND_ACTIVE, pool_id=pool_id) is not None


async def find_decoy(tx: ReadTx, pool_id: str) -> str | None:
    """A hash that costs what those of the last import with hashes cost."""
    row = await tx.one(_DECOY, pool_id=pool_id)
    return None if row is None else str(row[0])


async def list_jobs(tx: ReadTx, pool_id: str, before: int, before_id: str, limit: int) -> list[ImportJob]:
    """Newest first, from the one before *before* (milliseconds) and *before_id*."""
    return await _JOB.all(tx, _LIST, pool_id=pool_id, before=before, before_id=before_id, limit=limit)


async def claim(tx: Tx, runner: str, now_ms: int, lease_ms: int) -> ImportJob | None:
    """A started job that nobody works on, for *runner* until *lease_ms*; to one of those who ask."""
    job = await _JOB.one(tx, _DUE, now=now_ms)
    if job is None:
        return None
    state = JobState.IN_PROGRESS if job.state is JobState.PENDING else job.state
    claimed = msgspec.structs.replace(job, state=state, runner=runner, lease_ms=lease_ms)
    await _JOB.replace(tx, claimed)
    return claimed


async def expire_jobs(tx: Tx, now_ms: int, message: str) -> None:
    """Write down that jobs have expired which nobody started."""
    await tx.run(_LATE, now=now_ms, text=message)


async def put_chunk(tx: Tx, job: ImportJob, upload: str, number: int, sealed: bytes, created_ms: int) -> None:
    await tx.run(
        _PUT_CHUNK,
        pool_id=job.pool_id,
        job_id=job.id,
        upload=upload,
        number=number,
        sealed=sealed,
        created_ms=created_ms,
    )


async def find_chunk(tx: ReadTx, job: ImportJob, number: int) -> bytes | None:
    row = await tx.one(_FIND_CHUNK, pool_id=job.pool_id, job_id=job.id, upload=job.upload, number=number)
    return None if row is None else bytes(row[0])


async def drop_chunks_before(tx: Tx, job: ImportJob, number: int) -> None:
    """Let go of what has been read: a file goes as it becomes users."""
    await tx.run(_DROP_READ, pool_id=job.pool_id, job_id=job.id, upload=job.upload, number=number)


async def drop_left_over(tx: Tx, begun_before_ms: int, limit: int) -> int:
    """Delete at most *limit* chunks that nobody will read; how many there were."""
    rows = await tx.all(_LEFT_OVER, before=begun_before_ms, limit=limit)
    for pool_id, job_id, upload, number in rows:
        await tx.run(_DROP_CHUNK, pool_id=pool_id, job_id=job_id, upload=upload, number=number)
    return len(rows)


async def put_failures(tx: Tx, job: ImportJob, failures: Iterable[RowFailure]) -> None:
    rows: Sequence[dict[str, Any]] = [
        {
            "pool_id": job.pool_id,
            "job_id": job.id,
            "line": each.line,
            "skipped": each.skipped,
            "message": each.message,
        }
        for each in failures
    ]
    if rows:
        await tx.run_many(_PUT_FAILURE, rows)


async def list_failures(tx: ReadTx, pool_id: str, job_id: str, after: int, limit: int) -> list[RowFailure]:
    """By line, from the one after the line *after*."""
    rows = await tx.all(_FAILURES, pool_id=pool_id, job_id=job_id, after=after, limit=limit)
    return [RowFailure(line=int(line), skipped=bool(skipped), message=str(text)) for line, skipped, text in rows]
