"""
Fixtures for everything above the store: import them in a directory's conftest.

    from tests.support.fixtures import *  # noqa: F403

`flow` runs on SQLite in memory and on PostgreSQL; its clock stands still (`clock.advance(60)`).
"""

from collections.abc import AsyncIterator, Iterator
from functools import cache

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from poolhouse.kit.ambient import FixedClock, ScriptedEntropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database, Tx
from poolhouse.kit.db.statement import Statement, compile_pair
from poolhouse.kit.seal import KeyRing
from poolhouse.pool.core import srp
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.store.tables import metadata

__all__ = ["clock", "config", "cpu", "flow", "pool_database", "pool_database_url", "signer"]

_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]
MASTER_KEY = bytes(range(32))
in_strict_mode = pytest.mark.parametrize(
    "config", [ServerConfig(base_url="https://pool.example", development=True, strict=True)], ids=["strict"]
)
"""For what the setting ``strict`` changes."""


@cache
def _tables() -> tuple[Statement, ...]:
    made: list[ExecutableDDLElement] = []
    for table in metadata.sorted_tables:
        made.append(CreateTable(table))
        made.extend(CreateIndex(index) for index in table.indexes)
    return tuple(
        compile_pair(
            for_sqlite=text(str(ddl.compile(dialect=sqlite.dialect()))),
            for_postgres=text(str(ddl.compile(dialect=_POSTGRES))),
        )
        for ddl in made
    )


@pytest.fixture(params=["sqlite-memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def pool_database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return "sqlite://"


@pytest.fixture
async def pool_database(pool_database_url: str) -> AsyncIterator[Database]:
    """A database with the pool's tables, as the metadata declares them."""
    opened = await open_database(pool_database_url)
    await create_tables(opened)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def config() -> ServerConfig:
    return ServerConfig(base_url="https://pool.example", development=True)


@pytest.fixture(scope="session")
def cpu() -> Iterator[CpuPool]:
    pool = CpuPool(2, 1000, srp.prepare_thread)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def signer() -> Iterator[CpuPool]:
    pool = CpuPool(2, 1000)
    yield pool
    pool.close()


@pytest.fixture
async def flow(
    pool_database: Database, clock: FixedClock, config: ServerConfig, cpu: CpuPool, signer: CpuPool
) -> AsyncIterator[Flow]:
    # Asynchronous, since a directory subscribes on the running loop.
    made = make_flow(pool_database, clock, config, cpu, signer)
    yield made
    await made.http.close()


def make_flow(
    database: Database, clock: FixedClock, config: ServerConfig, cpu: CpuPool, signer: CpuPool, seed: str = "poolhouse"
) -> Flow:
    """A program's surroundings; a second one on the same database is a restart, or a replica."""
    entropy = ScriptedEntropy(seed)
    ring = KeyRing([MASTER_KEY], entropy)
    return Flow(
        database=database,
        directory=Directory(database, ring),
        clock=clock,
        entropy=entropy,
        ring=ring,
        cpu=cpu,
        signer=signer,
        config=config,
    )


async def create_tables(database: Database) -> None:
    async def create(tx: Tx) -> None:
        for statement in _tables():
            await tx.run(statement)

    await database.write(create)
