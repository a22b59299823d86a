"""How much an import writes at once: a little while anybody else asks, more the longer nobody has."""

import asyncio
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.statement import compile_statement
from poolhouse.kit.edge import Raw, Reply, endpoint
from poolhouse.pool.app import noted
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.import_pace import MOST, ROWS, Pace
from poolhouse.pool.flows.import_runner import ImportRunner
from tests.support.fixtures import create_tables
from tests.support.importing import a_file, an_open_pool, counted, named, started
from tests.support.service import Service, sqlite_only

MINUTE = 60


@pytest.fixture
def pace(clock: FixedClock) -> Pace:
    return Pace(clock)


async def a_job(flow: Flow, rows: int) -> tuple[Service, dict[str, str]]:
    service, entry = Service(flow), await an_open_pool(flow)
    return service, await started(service, entry, a_file(entry, *(named(f"u{number}") for number in range(rows))))


async def steps(service: Service, at: dict[str, str], running: "asyncio.Task[bool]") -> list[int]:
    """How many users there were after each transaction, as far as they could be seen."""
    seen: list[int] = []
    while not running.done():
        count = (await service("DescribeUserImportJob", **at))["UserImportJob"]["ImportedUsers"]
        if count and count not in seen[-1:]:
            seen.append(count)
        await asyncio.sleep(0)
    return seen


def test_rows_grow_with_the_seconds_of_quiet(clock: FixedClock, pace: Pace) -> None:
    found = []
    for seconds in (0, 1, 1, 3, 4, 1, MINUTE):
        clock.advance(seconds)
        found.append(pace.rows())

    assert [ROWS, ROWS, 2 * ROWS, 5 * ROWS, 9 * ROWS, MOST, MOST] == found
    pace.note()
    assert ROWS == pace.rows()


@sqlite_only
async def test_an_import_alone_writes_many_rows_at_once(flow: Flow, clock: FixedClock, pace: Pace) -> None:
    service, at = await a_job(flow, 2 * MOST + 7)
    clock.advance(MINUTE)

    running = asyncio.ensure_future(ImportRunner(flow, pace).run_one())

    assert MOST == (await steps(service, at, running))[0]
    job = (await service("DescribeUserImportJob", **at))["UserImportJob"]
    assert ("Succeeded", 2 * MOST + 7, 0, 0) == counted(job)


@sqlite_only
async def test_an_import_writes_few_rows_again_once_somebody_asks(flow: Flow, clock: FixedClock, pace: Pace) -> None:
    service, at = await a_job(flow, 2 * MOST)
    clock.advance(MINUTE)
    running = asyncio.ensure_future(ImportRunner(flow, pace).run_one())
    first = 0
    while not first:
        first = (await service("DescribeUserImportJob", **at))["UserImportJob"]["ImportedUsers"]
        await asyncio.sleep(0)

    pace.note()

    assert MOST == first
    # The first one seen has what was decided while nobody asked.
    found = await steps(service, at, running)
    assert {ROWS} == {after - before for before, after in pairwise(found)}


@sqlite_only
async def test_who_does_not_see_all_requests_writes_few_rows(flow: Flow, clock: FixedClock) -> None:
    service, at = await a_job(flow, 3 * ROWS)
    clock.advance(MINUTE)

    running = asyncio.ensure_future(ImportRunner(flow).run_one())

    assert ROWS == (await steps(service, at, running))[0]


async def test_a_request_is_noted_but_not_that_of_a_supervisor(clock: FixedClock, pace: Pace) -> None:
    async def handle(_: Raw) -> Reply:
        return Reply()

    transport: Any = httpx.ASGITransport(noted(endpoint(handle), pace))
    async with httpx.AsyncClient(transport=transport, base_url="http://pool.example") as client:
        clock.advance(MINUTE)
        await client.get("/health/ready")
        assert MOST == pace.rows()
        await client.post("/")
        assert ROWS == pace.rows()


@sqlite_only
async def test_on_sqlite_another_process_that_writes_is_noted(
    flow: Flow, clock: FixedClock, pace: Pace, tmp_path: Any
) -> None:
    url = f"sqlite:///{tmp_path}/pool.db"
    ours, others = await open_database(url), await open_database(url)
    await create_tables(ours)
    ImportRunner(msgspec.structs.replace(flow, database=ours), pace)
    clock.advance(MINUTE)
    assert MOST == pace.rows()

    await others.run(compile_statement(text("INSERT INTO user_counts (pool_id, users) VALUES ('x', 0)")))

    while pace.rows() == MOST:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert ROWS == pace.rows()
    await ours.close()
    await others.close()
