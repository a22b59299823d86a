"""
Durable requests per second through the storage engine, beside the same work on the bare drivers in the same run.

A request reads a user and a client, then inserts a token and updates the user, and is answered when its commit is on
the disk. The cases take turns, in several rounds; the figure is the median, and what lasts is the ratio to the case
named as its reference.

    python benchmarks/store.py [--seconds 2] [--rounds 3] [--tasks 32] [--users 10000] [--only sqlite] [--json]
"""

import argparse
import asyncio
import itertools
import json
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa
import uvloop
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database, ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

metadata = sa.MetaData()
users = sa.Table(
    "users",
    metadata,
    sa.Column("pool", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("attributes", sa.Text),
    sa.Column("enabled", sa.Boolean),
    sa.Column("seen", sa.BigInteger),
)
clients = sa.Table("clients", metadata, sa.Column("id", sa.Text, primary_key=True), sa.Column("settings", sa.Text))
tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("client", sa.Text),
    sa.Column("expires", sa.BigInteger),
)
FIND_USER = compile_statement(
    sa.select(users).where(users.c.pool == bindparam("pool"), users.c.name == bindparam("name"))
)
FIND_CLIENT = compile_statement(sa.select(clients).where(clients.c.id == bindparam("id")))
ADD_USER, ADD_CLIENT, ADD_TOKEN = (compile_statement(sa.insert(t)) for t in (users, clients, tokens))
SEE_USER = compile_statement(
    sa.update(users)
    .values(seen=bindparam("seen"))
    .where(users.c.pool == bindparam("pool"), users.c.name == bindparam("name"))
)
NOW = 1_760_000_000

Request = Callable[[], Awaitable[None]]
Case = Callable[[], AbstractAsyncContextManager[Request]]


def picks(count: int) -> Callable[[], tuple[str, str, bytes]]:
    numbers = itertools.count()

    def pick() -> tuple[str, str, bytes]:
        number = next(numbers) * 7919
        return f"user{number % count:06}", f"client{number % 20}", os.urandom(32)

    return pick


def user_row(number: int) -> dict[str, Any]:
    attributes = json.dumps({"email": f"user{number}@example.com", "custom:x": "y" * 120})
    return {
        "pool": "p",
        "name": f"user{number:06}",
        "status": "CONFIRMED",
        "attributes": attributes,
        "enabled": True,
        "seen": 0,
    }


async def fill(url: str, count: int) -> None:
    database = await open_database(url)
    dialect: Dialect = sqlite.dialect() if url.startswith("sqlite") else postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        await database.run(compile_statement(sa.text(str(CreateTable(table).compile(dialect=dialect)))))
    for start in range(0, count, 1000):
        await database.run_many(ADD_USER, [user_row(i) for i in range(start, min(start + 1000, count))])
    await database.run_many(ADD_CLIENT, [{"id": f"client{i}", "settings": "s" * 300} for i in range(20)])
    await database.close()


@asynccontextmanager
async def ours(url: str, count: int) -> AsyncIterator[Request]:
    database: Database = await open_database(url)
    pick = picks(count)

    async def request() -> None:
        name, client, digest = pick()

        async def facts(tx: ReadTx) -> None:
            await tx.one(FIND_USER, pool="p", name=name)
            await tx.one(FIND_CLIENT, id=client)

        async def unit(tx: Tx) -> None:
            await tx.run(ADD_TOKEN, digest=digest, name=name, client=client, expires=NOW)
            await tx.run(SEE_USER, seen=NOW, pool="p", name=name)

        await database.read(facts)
        await database.write(unit)

    yield request
    await database.close()


def sqlite_connection(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def read_sqlite(connection: sqlite3.Connection, name: str, client: str) -> None:
    connection.execute(FIND_USER.sqlite.text, ("p", name)).fetchone()
    connection.execute(FIND_CLIENT.sqlite.text, (client,)).fetchone()


def write_sqlite(connection: sqlite3.Connection, name: str, client: str, digest: bytes) -> None:
    connection.execute(ADD_TOKEN.sqlite.text, (digest, name, client, NOW))
    connection.execute(SEE_USER.sqlite.text, (NOW, "p", name))


@asynccontextmanager
async def raw_sqlite_each(path: str, count: int) -> AsyncIterator[Request]:
    connection, pick = sqlite_connection(path), picks(count)

    async def request() -> None:
        name, client, digest = pick()
        read_sqlite(connection, name, client)
        connection.execute("BEGIN IMMEDIATE")
        write_sqlite(connection, name, client, digest)
        connection.execute("COMMIT")
        await asyncio.sleep(0)

    yield request
    connection.close()


@asynccontextmanager
async def raw_sqlite_grouped(path: str, count: int) -> AsyncIterator[Request]:
    connection, pick = sqlite_connection(path), picks(count)
    loop = asyncio.get_running_loop()
    waiting: list[tuple[asyncio.Future[None], str, str, bytes]] = []

    def flush() -> None:
        batch, waiting[:] = waiting[:], []
        connection.execute("BEGIN IMMEDIATE")
        for _, name, client, digest in batch:
            write_sqlite(connection, name, client, digest)
        connection.execute("COMMIT")
        for answer, *_ in batch:
            answer.set_result(None)

    async def request() -> None:
        name, client, digest = pick()
        read_sqlite(connection, name, client)
        answer: asyncio.Future[None] = loop.create_future()
        if not waiting:
            loop.call_soon(flush)
        waiting.append((answer, name, client, digest))
        await answer

    yield request
    connection.close()


@asynccontextmanager
async def raw_asyncpg(url: str, count: int, **pool_options: Any) -> AsyncIterator[Request]:
    pool = await asyncpg.create_pool(url, min_size=10, max_size=10, **pool_options)
    pick = picks(count)

    async def request() -> None:
        name, client, digest = pick()
        async with pool.acquire() as connection:
            await connection.fetchrow(FIND_USER.postgres.text, "p", name)
            await connection.fetchrow(FIND_CLIENT.postgres.text, client)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(ADD_TOKEN.postgres.text, digest, name, client, NOW)
            await connection.execute(SEE_USER.postgres.text, NOW, "p", name)

    yield request
    await pool.close()


async def measure(case: Case, tasks: int, seconds: float) -> tuple[float, float, float]:
    """Requests per second, and the median and the 99th percentile of their milliseconds."""
    times: list[float] = []

    async def worker(request: Request, end: float) -> None:
        while (start := time.perf_counter()) < end:
            await request()
            times.append(time.perf_counter() - start)

    async with case() as request:
        await asyncio.gather(*(worker(request, time.perf_counter() + 0.3) for _ in range(tasks)))
        times.clear()
        start = time.perf_counter()
        await asyncio.gather(*(worker(request, start + seconds) for _ in range(tasks)))
        rate = len(times) / (time.perf_counter() - start)
    times.sort()
    return rate, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000


def disk_limit(folder: Path) -> float:
    """fdatasyncs of 4 KiB a second."""
    descriptor = os.open(folder / "limit", os.O_WRONLY | os.O_CREAT)
    count, end = 0, time.perf_counter() + 1
    while time.perf_counter() < end:
        os.write(descriptor, b"x" * 4096)
        os.fdatasync(descriptor)
        count += 1
    os.close(descriptor)
    return count


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a server that commits to the disk: the one that is given, or a throw-away cluster."""
    if given := os.environ.get("POOLHOUSE_BENCH_POSTGRES"):
        yield given
        return
    script = Path(__file__).parents[1] / "tools" / "postgres.sh"
    environment = {**os.environ, "POOLHOUSE_POSTGRES_DURABLE": "1"}
    # Before any event loop: uvloop would pass its pipes on to the server, which outlives the call.
    start = subprocess.run([script, "start"], check=True, stdout=subprocess.PIPE, text=True, env=environment)
    folder, url = start.stdout.splitlines()
    try:
        yield url
    finally:
        subprocess.run([script, "stop", folder], check=True)


async def leave(_: Any) -> None:
    """Skip asyncpg's reset of a session, as we do."""


def sqlite_cases(path: Path, count: int) -> dict[str, tuple[str, Case]]:
    return {
        "sqlite, ours": (
            "sqlite, bare driver, grouped",
            lambda: ours(f"sqlite:///{path}", count),
        ),
        "sqlite, bare driver, grouped": ("", lambda: raw_sqlite_grouped(str(path), count)),
        "sqlite, bare driver, one commit each": (
            "sqlite, bare driver, grouped",
            lambda: raw_sqlite_each(str(path), count),
        ),
    }


def postgres_cases(url: str, count: int) -> dict[str, tuple[str, Case]]:
    return {
        "postgres, ours": ("postgres, asyncpg", lambda: ours(url, count)),
        "postgres, asyncpg": ("", lambda: raw_asyncpg(url, count)),
        "postgres, asyncpg without reset": (
            "postgres, asyncpg",
            lambda: raw_asyncpg(url, count, reset=leave),
        ),
    }


async def run(arguments: argparse.Namespace, folder: Path, postgres_url: str | None) -> list[dict[str, Any]]:
    await fill(f"sqlite:///{folder / 'bench.db'}", arguments.users)
    cases = sqlite_cases(folder / "bench.db", arguments.users)
    if postgres_url is not None:
        with suppress(asyncpg.DuplicateTableError):
            await fill(postgres_url, arguments.users)
        cases |= postgres_cases(postgres_url, arguments.users)
    cases = {name: case for name, case in cases.items() if arguments.only in name}
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in cases}
    for _ in range(arguments.rounds):
        for name, (_, case) in cases.items():
            found[name].append(await measure(case, arguments.tasks, arguments.seconds))
    rows = []
    for name, (reference, _) in cases.items():
        rate, p50, p99 = (statistics.median(column) for column in zip(*found[name], strict=True))
        row = {"case": name, "per_second": round(rate), "p50_ms": round(p50, 2), "p99_ms": round(p99, 2)}
        if reference in found:
            # Of the same round, so that a slow minute counts for both.
            ratios = [ours[0] / theirs[0] for ours, theirs in zip(found[name], found[reference], strict=True)]
            row |= {"ratio": round(statistics.median(ratios), 2), "to": reference}
        rows.append(row)
    rows.append({"case": "fdatasync of 4 KiB, the disk's limit", "per_second": round(disk_limit(folder))})
    return rows


def main(arguments: argparse.Namespace) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = None if arguments.only.startswith("sqlite") else stack.enter_context(postgres())
        rows = uvloop.run(run(arguments, Path(folder), url))
    for row in rows:
        if arguments.json:
            print(json.dumps(row))
        else:
            figures = f"{row['per_second']:>8}/s"
            if "p50_ms" in row:
                figures += f"  p50 {row['p50_ms']:>7} ms  p99 {row['p99_ms']:>7} ms"
            if "ratio" in row:
                figures += f"  {row['ratio']:>5} x {row['to']}"
            print(f"{row['case']:<38}{figures}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=32)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--json", action="store_true")
    main(parser.parse_args())
