"""An import that is interrupted goes on where its last commit was: no user twice, none left out, counters right."""

import asyncio
from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.protocol import Database, DatabaseDown
from poolhouse.pool.flows import import_pace, import_runner, imports
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.import_runner import LEASE_MS, ImportRunner
from poolhouse.pool.model.config import ServerConfig
from tests.support.fixtures import make_flow
from tests.support.importing import a_file, an_open_pool, counted, named, started
from tests.support.service import Service

ROWS = 550


async def begun(flow: Flow) -> tuple[Service, dict[str, str], "asyncio.Task[bool]"]:
    """A job of which a part is done."""
    service = Service(flow)
    entry = await an_open_pool(flow)
    rows = [named(f"u{number}", email="" if number % 50 == 7 else f"u{number}@example.com") for number in range(ROWS)]
    at = await started(service, entry, a_file(entry, *rows))
    running = asyncio.ensure_future(ImportRunner(flow).run_one())
    while not (await job_of(service, at))["ImportedUsers"]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    return service, at, running


async def job_of(service: Service, at: dict[str, str]) -> dict[str, Any]:
    job: dict[str, Any] = (await service("DescribeUserImportJob", **at))["UserImportJob"]
    return job


async def check_complete(service: Service, at: dict[str, str]) -> None:
    assert ("Succeeded", ROWS - 11, 0, 11) == counted(await job_of(service, at))
    pool = (await service("DescribeUserPool", UserPoolId=at["UserPoolId"]))["UserPool"]
    assert ROWS - 11 == pool["EstimatedNumberOfUsers"]
    for name in ("u0", f"u{ROWS - 1}"):
        await service("AdminGetUser", UserPoolId=at["UserPoolId"], Username=name)


async def test_another_process_goes_on(
    flow: Flow, pool_database: Database, clock: FixedClock, config: ServerConfig, cpu: CpuPool, signer: CpuPool
) -> None:
    service, at, running = await begun(flow)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "InProgress" == (await job_of(service, at))["Status"]
    restarted = make_flow(pool_database, clock, config, cpu, signer, seed="restarted")

    assert not await ImportRunner(restarted).run_one()  # the lease of the dead one
    clock.advance(LEASE_MS / 1000)
    assert await ImportRunner(restarted).run_one()

    await check_complete(service, at)


async def test_a_runner_that_was_thought_dead_writes_nothing_more(
    flow: Flow, pool_database: Database, clock: FixedClock, config: ServerConfig, cpu: CpuPool, signer: CpuPool
) -> None:
    service, at, running = await begun(flow)
    clock.advance(LEASE_MS / 1000 + 1)
    other = make_flow(pool_database, clock, config, cpu, signer, seed="other")

    await asyncio.gather(running, ImportRunner(other).run_one())
    while (await job_of(service, at))["Status"] == "InProgress":
        clock.advance(LEASE_MS / 1000 + 1)
        await ImportRunner(other).run_one()

    await check_complete(service, at)


async def test_a_job_that_cannot_go_on_fails_with_true_counters(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> bytes:
        raise LookupError

    service = Service(flow)
    entry = await an_open_pool(flow)
    at = await started(service, entry, a_file(entry, named("ann")))
    monkeypatch.setattr(imports, "open_chunk", broken)

    assert await ImportRunner(flow).run_one()

    job = await job_of(service, at)
    assert ("Failed", 0, 0, 0) == counted(job)
    assert import_runner.BROKEN == job["CompletionMessage"]


async def test_a_database_that_is_away_does_not_end_a_job(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> bytes:
        raise DatabaseDown("away")

    service = Service(flow)
    entry = await an_open_pool(flow)
    at = await started(service, entry, a_file(entry, named("ann")))
    monkeypatch.setattr(imports, "open_chunk", away)

    with pytest.raises(DatabaseDown):
        await ImportRunner(flow).run_one()

    assert "InProgress" == (await job_of(service, at))["Status"]


async def test_the_loop_is_free_while_users_are_imported(flow: Flow) -> None:
    service, _, running = await begun(flow)
    turns = 0
    while not running.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > ROWS / import_pace.ROWS
    del service
