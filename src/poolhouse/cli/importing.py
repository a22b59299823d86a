"""
``poolhouse admin import-users``: an import job from its file to its end.

This process does the work itself, beside a server or without one.  It takes the lease as any runner does, so where
a server was faster it only watches, and where this process is stopped a server goes on from the last commit.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from poolhouse.pool.flows import imports
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.import_pace import Pace
from poolhouse.pool.flows.import_runner import ImportRunner
from poolhouse.pool.flows.imports import UploadRefused
from poolhouse.pool.model.imports import ImportJob, JobState, RowFailure
from poolhouse.pool.spec.errors import CognitoError

_ROLE: Final = "arn:aws:iam::000000000000:role/poolhouse-import"
"""Nothing is written to CloudWatch; the API shows a role with each job."""
_NAME: Final = "Command line"
_LOOK_SECONDS: Final = 0.2
_SHOWN: Final = 20
_PAGE: Final = 1_000
_PART: Final = 1 << 20


async def import_users(flow: Flow, pool_id: str, file: Path, algorithm: str | None, *, as_json: bool) -> None:
    """Create the job, send the file, do the work and tell what came of it; ``ClickException`` where it failed."""
    try:
        job = await _started(flow, pool_id, file, algorithm)
    except (CognitoError, UploadRefused) as no:
        raise click.ClickException(no.message) from no
    working = asyncio.get_running_loop().create_task(_work(flow, job))
    try:
        ended = await _watch(flow, job, working, shows=not as_json)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    failures = await _failures(flow, ended)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_result(ended, failures))).decode())
    else:
        _tell(ended, failures)
    if ended.state is not JobState.SUCCEEDED:
        raise click.exceptions.Exit(1)


async def _started(flow: Flow, pool_id: str, file: Path, algorithm: str | None) -> ImportJob:
    entry = await flow.directory.find_pool(pool_id)
    if entry is None:
        raise click.ClickException(f"there is no user pool {pool_id}")
    region = entry.pool.region
    job = await imports.create(flow, region, pool_id, name=_NAME, role_arn=_ROLE, algorithm=algorithm)
    await imports.upload(flow, pool_id, job.id, _parts(file))
    return await imports.start(flow, region, pool_id, job.id)


async def _parts(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(_PART):
            yield part


async def _work(flow: Flow, job: ImportJob) -> None:
    runner = ImportRunner(flow, Pace(flow.clock))
    while (await _now(flow, job)).completed_ms is None:
        if not await runner.run_one():
            # A server has it.
            await asyncio.sleep(_LOOK_SECONDS)


async def _watch(flow: Flow, job: ImportJob, working: "asyncio.Task[None]", *, shows: bool) -> ImportJob:
    """The job once it has ended; a worker that broke ends the watch with its error."""
    current = job
    total = max(job.size, 1)
    with click.progressbar(range(0), length=total, label="Importing", file=sys.stderr, hidden=not shows) as bar:
        while current.completed_ms is None:
            await asyncio.wait([working], timeout=_LOOK_SECONDS)
            if working.done():
                working.result()
            previous, current = current, await _now(flow, job)
            bar.update(current.position - previous.position)
        bar.update(total - current.position)
    return current


async def _now(flow: Flow, job: ImportJob) -> ImportJob:
    entry = await flow.directory.find_pool(job.pool_id)
    if entry is None:
        raise click.ClickException("the user pool was deleted")
    return await imports.describe(flow, entry.pool.region, job.pool_id, job.id)


async def _failures(flow: Flow, job: ImportJob) -> list[RowFailure]:
    found: list[RowFailure] = []
    while page := await imports.list_failures(flow, job, found[-1].line if found else 0, _PAGE):
        found += page
    return found


def _result(job: ImportJob, failures: list[RowFailure]) -> dict[str, Any]:
    return {
        "JobId": job.id,
        "UserPoolId": job.pool_id,
        "Status": job.state.value,
        "CompletionMessage": job.message,
        "ImportedUsers": job.imported,
        "SkippedUsers": job.skipped,
        "FailedUsers": job.failed,
        "Rows": [{"Line": each.line, "Skipped": each.skipped, "Message": each.message} for each in failures],
    }


def _tell(job: ImportJob, failures: list[RowFailure]) -> None:
    for each in failures[:_SHOWN]:
        click.echo(f"line {each.line}: {each.message}", err=True)
    if len(failures) > _SHOWN:
        click.echo(
            f"and {len(failures) - _SHOWN} more: --json has all of them, and the job's page in the console", err=True
        )
    click.echo(f"{job.imported} imported, {job.skipped} skipped, {job.failed} failed. {job.message}")
