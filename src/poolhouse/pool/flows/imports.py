"""
Jobs that import users from a file: create, send the file, start, stop, look.

A job is created, its file is sent to a signed address, and it is started; ``flows.import_runner`` does the work.  The
address is signed anew whenever a job is shown, as long as it waits for its file.
"""

import hmac
import string
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from poolhouse.kit.ambient import hex_token, letters
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import import_csv, import_rows
from poolhouse.pool.flows import pools
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.imports import ImportJob, JobState, RowFailure
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.spec import errors
from poolhouse.pool.store import imports as store

IN_POOL: Final = 1_000
EXPIRED: Final = "The user import job has expired."
CHUNK: Final = 128 * 1024
"""Bytes of a stored piece of a file; a place in the file tells which piece has it."""
_LIFE_MS: Final = 24 * 3_600_000
_ADDRESS_SECONDS: Final = 900
_PURPOSE: Final = "import upload"
_NAME: Final = string.digits + string.ascii_letters
_PATH: Final = "/imports"


class UploadRefused(Exception):
    """The file is not taken; ``code`` and ``status`` are those that an object store would answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


async def create(
    flow: Flow, region: str, pool_id: str, *, name: str, role_arn: str, algorithm: str | None
) -> ImportJob:
    """
    AWS API: CreateUserImportJob.

    DEVIATION: nothing is written to CloudWatch. The role is kept and shown; what became of each row is in the console.
    """
    now_ms = flow.clock.now_ms()
    job = ImportJob(
        pool_id=PoolId(pool_id),
        id=f"import-{letters(flow.entropy, 10, _NAME)}",
        name=name,
        role_arn=role_arn,
        algorithm=algorithm,
        created_ms=now_ms,
        expires_ms=now_ms + _LIFE_MS,
    )

    async def unit(tx: Tx) -> None:
        await pools.lock_in(tx, region, pool_id)
        if await store.count_jobs(tx, pool_id) >= IN_POOL:
            raise errors.limit_exceeded(f"A user pool cannot have more than {IN_POOL} user import jobs.")
        await store.put_job(tx, job)

    await flow.database.write(unit)
    return job


async def start(flow: Flow, region: str, pool_id: str, job_id: str) -> ImportJob:
    """
    AWS API: StartUserImportJob. The pool is locked, so that its settings cannot change at the same moment.

    Ours: one job at a time in a pool (the service: in an account).
    """
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> ImportJob:
        pool = await pools.lock_in(tx, region, pool_id)
        job = await _lock(tx, pool_id, job_id)
        state = job.state_at(now_ms)
        if state is not JobState.CREATED:
            raise errors.precondition_not_met(f"The user import job cannot be started: its status is {state.value}.")
        if not import_rows.needs_contact(pool):
            raise errors.precondition_not_met(
                "The user pool does not have auto-verified attributes: email or phone_number must be one of them."
            )
        if job.upload is None:
            raise errors.precondition_not_met("The user import job has no file: send it to the pre-signed URL first.")
        if await store.is_importing(tx, pool_id):
            raise errors.precondition_not_met("Another user import job of this user pool is running.")
        started = msgspec.structs.replace(job, state=JobState.PENDING, started_ms=now_ms)
        await store.replace_job(tx, started)
        tx.announce(store.STARTED, pool_id)
        return started

    return await flow.database.write(unit)


async def stop(flow: Flow, region: str, pool_id: str, job_id: str) -> ImportJob:
    """AWS API: StopUserImportJob. Users that are there already stay; whoever works on the job ends it."""
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> ImportJob:
        await pools.get_in(tx, region, pool_id)
        job = await _lock(tx, pool_id, job_id)
        state = job.state_at(now_ms)
        if state not in (JobState.PENDING, JobState.IN_PROGRESS):
            raise errors.precondition_not_met(f"The user import job cannot be stopped: its status is {state.value}.")
        stopping = msgspec.structs.replace(job, state=JobState.STOPPING)
        await store.replace_job(tx, stopping)
        tx.announce(store.STARTED, pool_id)
        return stopping

    return await flow.database.write(unit)


async def describe(flow: Flow, region: str, pool_id: str, job_id: str) -> ImportJob:
    """AWS API: DescribeUserImportJob."""

    async def read(tx: ReadTx) -> ImportJob:
        await pools.get_in(tx, region, pool_id)
        job = await store.find_job(tx, pool_id, job_id)
        if job is None:
            raise _missing(job_id)
        return job

    return await flow.database.read(read)


async def list_all(flow: Flow, pool_id: str, after: str, limit: int) -> list[ImportJob]:
    """Newest first, from the one after *after* (``place_of`` the last one shown)."""
    before, _, before_id = after.partition("/")

    async def read(tx: ReadTx) -> list[ImportJob]:
        return await store.list_jobs(tx, pool_id, int(before or 2**62), before_id, limit)

    return await flow.database.read(read)


def place_of(job: ImportJob) -> str:
    """Where a list goes on after this job."""
    return f"{job.created_ms}/{job.id}"


async def list_failures(flow: Flow, job: ImportJob, after: int, limit: int) -> list[RowFailure]:
    """Rows that made no user, by line."""
    return await flow.database.read(lambda tx: store.list_failures(tx, job.pool_id, job.id, after, limit))


def address(flow: Flow, job: ImportJob) -> str | None:
    """Where the file is to be sent (PreSignedUrl), good for a quarter of an hour; None once the job has begun."""
    now_ms = flow.clock.now_ms()
    if job.state_at(now_ms) is not JobState.CREATED:
        return None
    expires = min(flow.clock.now() + _ADDRESS_SECONDS, job.expires_ms // 1000)
    proof = _proof(flow, job.pool_id, job.id, expires)
    return f"{flow.config.base_url}{_PATH}/{job.pool_id}/{job.id}?expires={expires}&signature={proof}"


def check_address(flow: Flow, pool_id: str, job_id: str, *, expires: str, signature: str) -> None:
    """Refuse what ``address`` did not make for this job, or made too long ago."""
    is_number = expires.isascii() and expires.isdigit() and len(expires) <= 12
    if not is_number or not hmac.compare_digest(
        _proof(flow, pool_id, job_id, int(expires)).encode(), signature.encode()
    ):
        raise UploadRefused("SignatureDoesNotMatch", "The address is not one that was given out for this job.", 403)
    if flow.clock.now() >= int(expires):
        raise UploadRefused("AccessDenied", "Request has expired", 403)


async def upload(flow: Flow, pool_id: str, job_id: str, body: AsyncIterator[bytes]) -> int:
    """
    Keep the file of a job that waits for one; an earlier file is replaced once this one is whole.

    A piece at a time goes to the store, sealed: it holds addresses and hashes of people.  What is not finished is
    swept.
    """
    job = await flow.database.read(lambda tx: store.find_job(tx, pool_id, job_id))
    if job is None or job.state_at(flow.clock.now_ms()) is not JobState.CREATED:
        raise _not_waiting()
    name = hex_token(flow.entropy, 16)
    size = rows = number = 0
    held = bytearray()
    async for part in body:
        size += len(part)
        rows += part.count(b"\n")
        _check_size(size, rows)
        held += part
        while len(held) >= CHUNK:
            await _keep(flow, job, name, number, bytes(held[:CHUNK]))
            del held[:CHUNK]
            number += 1
    if held:
        await _keep(flow, job, name, number, bytes(held))
    await _finish(flow, job, name, size)
    return size


def open_chunk(flow: Flow, job: ImportJob, number: int, sealed: bytes) -> bytes:
    """A piece of the file in clear."""
    return flow.ring.open(sealed, purpose="import file", row=_row(job, job.upload or "", number))


def _check_size(size: int, rows: int) -> None:
    if size > import_csv.FILE_BYTES:
        raise UploadRefused("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    # One line more than there may be rows is the header.
    if rows > import_csv.ROWS + 1:
        raise UploadRefused("EntityTooLarge", f"A file cannot have more than {import_csv.ROWS} rows.")


async def _keep(flow: Flow, job: ImportJob, name: str, number: int, content: bytes) -> None:
    sealed = flow.ring.seal(content, purpose="import file", row=_row(job, name, number))
    now_ms = flow.clock.now_ms()
    await flow.database.write(lambda tx: store.put_chunk(tx, job, name, number, sealed, now_ms))


async def _finish(flow: Flow, job: ImportJob, name: str, size: int) -> None:
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        current = await store.lock_job(tx, job.pool_id, job.id)
        if current is None or current.state_at(now_ms) is not JobState.CREATED:
            raise _not_waiting()
        await store.replace_job(tx, msgspec.structs.replace(current, upload=name, size=size))

    await flow.database.write(unit)


def _row(job: ImportJob, name: str, number: int) -> str:
    return f"{job.pool_id}/{job.id}/{name}/{number}"


def _proof(flow: Flow, pool_id: str, job_id: str, expires: int) -> str:
    # A zero byte parts what neither of them can hold.
    return flow.ring.mac(f"{pool_id}\0{job_id}\0{expires}".encode(), purpose=_PURPOSE).hex()


async def _lock(tx: Tx, pool_id: str, job_id: str) -> ImportJob:
    job = await store.lock_job(tx, pool_id, job_id)
    if job is None:
        raise _missing(job_id)
    return job


def _missing(job_id: str) -> Exception:
    return errors.resource_not_found(f"User import job {job_id} does not exist.")


def _not_waiting() -> UploadRefused:
    return UploadRefused("AccessDenied", "The job does not wait for a file.", 403)
