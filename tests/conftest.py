"""
The engines that the same tests run on: a SQLite file, SQLite in memory, and a real PostgreSQL.

PostgreSQL is POOLHOUSE_TEST_POSTGRES (the URL of a role that may create databases), or else a throw-away cluster by
`tools/postgres.sh`: one for the whole run, with a database for each worker and a schema for each test.
"""

import asyncio
import fcntl
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest
import structlog

from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database

_SCRIPT = Path(__file__).parents[1] / "tools" / "postgres.sh"
_RUN = "POOLHOUSE_TEST_RUN"

# A busy machine makes no example wrong.
hypothesis.settings.register_profile("poolhouse", deadline=None)
hypothesis.settings.load_profile("poolhouse")

# Pretty tracebacks take seconds each, and many tests make something fail on purpose.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


ON_ONE_ENGINE = ("tests/pages/", "tests/conformance/", "tests/oauth/", "tests/console/", "tests/exchanges/")
"""What goes through the same flows and statements as the tests of these, which run on both engines."""
AT_ONCE = re.compile(r"\bgather\(")
"""In a module with these, requests meet in the database: it runs on both."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Each test of these runs on one of the two engines, half of them on each.

    POOLHOUSE_TEST_ENGINES=both runs all on both; so does naming the test itself.
    """
    if os.environ.get("POOLHOUSE_TEST_ENGINES") == "both" or any("::" in word for word in config.args):
        return
    turn = {"sqlite-memory": 0, "postgres": 1}
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        engine = params.get("pool_database_url")
        if engine in turn and item.nodeid.startswith(ON_ONE_ENGINE) and not _meets(item.path):
            name = item.nodeid.replace(engine, "")
            (kept if zlib.crc32(name.encode()) % 2 == turn[engine] else left_out).append(item)
        else:
            kept.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@cache
def _meets(module: Path) -> bool:
    return AT_ONCE.search(module.read_text()) is not None


def pytest_configure(config: pytest.Config) -> None:
    # The controller owns the run's directory; xdist's workers inherit it.
    if not hasattr(config, "workerinput"):
        os.environ[_RUN] = tempfile.mkdtemp(prefix="poolhouse-tests.")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run = Path(os.environ.pop(_RUN))
        if (run / "cluster").exists():
            folder = (run / "cluster").read_text().splitlines()[0]
            subprocess.run([_SCRIPT, "stop", folder], check=True)
        shutil.rmtree(run)


def _server() -> str:
    if given := os.environ.get("POOLHOUSE_TEST_POSTGRES"):
        return given
    run = Path(os.environ[_RUN])
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = run / "cluster"
        if not state.exists():
            started = subprocess.run([_SCRIPT, "start"], capture_output=True, text=True, check=False)
            if started.returncode:
                pytest.fail(f"no PostgreSQL to test on: {started.stderr.strip()}", pytrace=False)
            state.write_text(started.stdout)
        return state.read_text().splitlines()[1]


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that runs in the process of the tests sets up its logs; those of the next test are not its own."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def postgres_database() -> str:
    """URL of this worker's database, which is made here."""
    server, name = _server(), f"poolhouse_test_{os.getpid()}"
    _now(_execute(server, f"CREATE DATABASE {name}"))
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def new_postgres_schema(postgres_database: str, numbers: Iterator[int]) -> Callable[[str], str]:
    """Makes an empty schema for a program of a test, and gives its URL."""

    def make(name: str) -> str:
        schema = f"{name}_{next(numbers)}"
        _now(_execute(postgres_database, f"CREATE SCHEMA {schema}"))
        return f"{postgres_database}?schema={schema}"

    return make


def _now(work: Coroutine[Any, Any, None]) -> None:
    # In a thread: in browser tests Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
async def postgres_url(postgres_database: str, numbers: Iterator[int]) -> AsyncIterator[str]:
    """URL of an empty schema."""
    async with schema_of(postgres_database, next(numbers)) as url:
        yield url


@asynccontextmanager
async def schema_of(database: str, number: int) -> AsyncIterator[str]:
    """An empty schema of its own: its URL."""
    schema = f"test_{number}"
    await _execute(database, f"CREATE SCHEMA {schema}")
    yield f"{database}?schema={schema}"
    await _execute(database, f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(params=["sqlite-file", "sqlite-memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database on each engine."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return "sqlite://" if request.param == "sqlite-memory" else f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database on each engine."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()
