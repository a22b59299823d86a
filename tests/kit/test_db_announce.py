"""Announcements: after the commit only, and to every process."""

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.postgres_url import parse_target
from poolhouse.kit.db.protocol import REFRESH, Database, Tx
from poolhouse.kit.db.sqlite import SqliteDatabase
from poolhouse.kit.db.statement import compile_statement
from tests.kit.db_tables import ADD, SHARED, a_thing, ids, make_tables

KILL = compile_statement(
    sa.select(sa.func.pg_terminate_backend(bindparam("pid", type_=sa.BigInteger).cast(sa.Integer), type_=sa.Boolean))
)
ON_POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
async def db(database: Database) -> Database:
    await make_tables(database)
    return database


@pytest.fixture
async def shared(database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' views of one database."""
    one, two = await open_database(database_url), await open_database(database_url)
    await make_tables(one)
    yield one, two
    await one.close()
    await two.close()


async def eventually(check: Callable[[], object]) -> None:
    """Wait until *check* holds."""
    async with asyncio.timeout(10):
        while not check():  # noqa: ASYNC110 - whatever it may be that changes
            await asyncio.sleep(0.01)


async def payloads(database: Database) -> list[str]:
    """What subscribers hear from now on."""
    heard: list[str] = []
    database.subscribe("pools", heard.append)
    if not isinstance(database, SqliteDatabase):
        # Being connected counts as having missed something before.
        await eventually(lambda: heard == [REFRESH])
        heard.clear()
    return heard


async def test_an_announcement_is_heard_after_its_commit_only(db: Database) -> None:
    heard = await payloads(db)

    async def announces(tx: Tx) -> None:
        tx.announce("pools", "one")
        tx.announce("others", "unheard")
        await tx.run(ADD, **a_thing("a"))
        tx.announce("pools", "two")
        assert heard == []

    async def fails(tx: Tx) -> None:
        tx.announce("pools", "never")
        await tx.run(ADD, **a_thing("b"))
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(fails)
    await db.write(announces)
    assert heard == ["one", "two"]
    # Nor once more, when the server tells.
    await asyncio.sleep(0.3)
    assert heard == ["one", "two"]


@SHARED
async def test_every_process_hears_of_an_announcement_within_a_second(shared: tuple[Database, Database]) -> None:
    db, other = shared
    here, there = await payloads(db), await payloads(other)

    async def fails(tx: Tx) -> None:
        tx.announce("pools", "never")
        raise LookupError

    async def announces(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        tx.announce("pools", "line one\nline two")

    with pytest.raises(LookupError):
        await db.write(fails)
    await db.write(announces)
    assert here == ["line one\nline two"]
    written = asyncio.get_running_loop().time()
    await eventually(lambda: there)
    assert asyncio.get_running_loop().time() - written < 1
    # SQLite tells other processes that something changed, not what.
    assert there in (["line one\nline two"], [REFRESH])
    assert here == ["line one\nline two"]


async def test_a_failing_subscriber_keeps_nobody_else_from_hearing(db: Database) -> None:
    heard: list[str] = []
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    def fails(payload: str) -> None:
        raise LookupError(payload)

    db.subscribe("pools", fails)
    db.subscribe("pools", heard.append)

    async def announces(tx: Tx) -> None:
        tx.announce("pools", "x")

    await db.write(announces)
    assert heard[-1] == "x"
    assert "LookupError('x')" in [repr(context["exception"]) for context in reported]


async def test_a_payload_that_cannot_travel_is_refused(db: Database) -> None:
    async def announces(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        tx.announce("pools", "é" * 3501)

    with pytest.raises(ValueError, match="7,000 bytes"):
        await db.write(announces)
    assert await ids(db) == []


@ON_POSTGRES
async def test_a_lost_listener_comes_back_and_says_that_it_may_have_missed_something(
    shared: tuple[Database, Database], database_url: str
) -> None:
    db, other = shared
    heard = await payloads(db)
    listening = await _listeners(database_url)
    assert len(listening) == 1
    await other.one(KILL, pid=listening[0])
    await eventually(lambda: heard == [REFRESH])

    async def announces(tx: Tx) -> None:
        tx.announce("pools", "x")

    await other.write(announces)
    await eventually(lambda: heard == [REFRESH, "x"])


async def _listeners(url: str) -> list[int]:
    admin = await asyncpg.connect(parse_target(url).dsn)
    schema = parse_target(url).schema
    rows = await admin.fetch("SELECT pid FROM pg_stat_activity WHERE query LIKE $1", f'LISTEN "poolhouse.{schema}"%')
    await admin.close()
    return [row["pid"] for row in rows]


@ON_POSTGRES
async def test_schemas_of_one_server_do_not_hear_each_other(db: Database, database_url: str) -> None:
    heard = await payloads(db)
    stranger = await open_database(database_url.partition("?")[0])

    async def announces(tx: Tx) -> None:
        tx.announce("pools", "x")

    await stranger.write(announces)
    await asyncio.sleep(0.2)
    assert heard == []
    await stranger.close()


async def test_what_is_to_be_done_after_a_commit_is_done_once_and_not_for_what_was_undone(database: Database) -> None:
    done: list[str] = []

    async def good(tx: Tx) -> None:
        tx.after_commit(lambda: done.append("good"))

    async def bad(tx: Tx) -> None:
        tx.after_commit(lambda: done.append("bad"))
        raise ValueError

    with pytest.raises(ValueError):
        await database.write(bad)
    await database.write(good)

    assert ["good"] == done
