"""What holds on PostgreSQL alone: retries, lost connections, the pool and LISTEN."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from poolhouse.kit.db import connections
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.postgres import ATTEMPTS, PostgresDatabase, open_postgres
from poolhouse.kit.db.postgres_url import parse_target
from poolhouse.kit.db.protocol import DatabaseBusy, DatabaseDown, OutcomeUnknown, ReadTx, Tx
from poolhouse.kit.db.statement import compile_pair, compile_statement
from tests.kit.db_tables import ADD, COUNT_UP, FIND, LIST, a_thing, ids, make_tables, things

pytestmark = pytest.mark.postgres


SLEEP = compile_statement(
    sa.text("SELECT CAST(pg_sleep(:ms / 1000.0) AS TEXT) AS slept")
    .bindparams(bindparam("ms", type_=sa.BigInteger))
    .columns(sa.column("slept", sa.Text))
)
BACKEND = compile_statement(sa.select(sa.func.pg_backend_pid(type_=sa.BigInteger)))
KILL = compile_statement(
    sa.select(sa.func.pg_terminate_backend(bindparam("pid", type_=sa.BigInteger).cast(sa.Integer), type_=sa.Boolean))
)
IS_ACTIVE = compile_statement(
    sa.text("SELECT pid FROM pg_stat_activity WHERE pid = :pid AND state = 'active'")
    .bindparams(bindparam("pid", type_=sa.BigInteger))
    .columns(sa.column("pid", sa.BigInteger))
)


@pytest.fixture
async def db(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    database = await open_postgres(f"{postgres_url}&connections=3")
    await make_tables(database)
    yield database
    await database.close()


@pytest.fixture
async def other(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    database = await open_postgres(postgres_url)
    yield database
    await database.close()


async def test_a_deadlock_is_resolved_by_running_again(db: PostgresDatabase) -> None:
    await db.run_many(ADD, [a_thing("a"), a_thing("b")])
    runs: list[str] = []

    def crossing(first: str, second: str) -> object:
        async def unit(tx: Tx) -> None:
            runs.append(first)
            await tx.run(COUNT_UP, id=first, by=1)
            await tx.one(SLEEP, ms=200)
            await tx.run(COUNT_UP, id=second, by=1)

        return db.write(unit)

    await asyncio.gather(crossing("a", "b"), crossing("b", "a"))  # type: ignore[call-overload]
    # The loser ran again; on a slow machine both may lose a round.
    assert 3 <= len(runs) <= 2 * ATTEMPTS
    assert [(await db.one(FIND, id=key) or ())[2] for key in "ab"] == [2, 2]


async def test_a_connection_lost_before_the_commit_runs_the_unit_again(
    db: PostgresDatabase, other: PostgresDatabase
) -> None:
    runs: list[int] = []

    async def unit(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        (pid,) = await tx.one(BACKEND) or (0,)
        runs.append(pid)
        if len(runs) == 1:
            # From within the unit, whose rule is to await its transaction only: it kills itself.
            await tx.one(KILL, pid=pid)

    await db.write(unit)
    assert len(runs) == 2
    assert runs[0] != runs[1]
    assert await ids(other) == ["a"]


async def test_connections_that_died_while_idle_are_replaced(db: PostgresDatabase, other: PostgresDatabase) -> None:
    for read in (db.read(lambda tx: tx.one(BACKEND)), db.one(BACKEND)):
        (pid,) = await read or (0,)
        await other.one(KILL, pid=pid)
        await asyncio.sleep(0.05)
    assert await db.run(ADD, **a_thing("a")) == 1
    assert await ids(db) == ["a"]


async def test_a_single_write_whose_connection_breaks_has_an_unknown_outcome(
    db: PostgresDatabase, other: PostgresDatabase
) -> None:
    (pid,) = await db.one(BACKEND) or (0,)
    slow = compile_statement(
        sa.insert(things).from_select(
            ["id", "number"], sa.select(sa.literal("a"), sa.func.length(sa.func.pg_sleep(5).cast(sa.Text)))
        )
    )
    write = asyncio.create_task(db.run(slow))
    while await other.one(IS_ACTIVE, pid=pid) is None:  # noqa: ASYNC110 - the server does not call
        await asyncio.sleep(0.01)
    await other.one(KILL, pid=pid)
    with pytest.raises(OutcomeUnknown):
        await write
    assert await ids(db) == []


async def test_a_schema_changed_underneath_prepares_anew(db: PostgresDatabase, other: PostgresDatabase) -> None:
    everything = compile_pair(
        for_sqlite=sa.text("SELECT * FROM things").columns(things.c.id),
        for_postgres=sa.text("SELECT * FROM things").columns(things.c.id),
    )

    async def unit(tx: Tx) -> int:
        return len((await tx.all(everything))[0])

    await db.run(ADD, **a_thing("a"))
    before = await db.write(unit)
    await other.run(compile_statement(sa.text("ALTER TABLE things ADD COLUMN more TEXT")))
    assert await db.write(unit) == before + 1


async def test_a_hot_row_is_waited_for_not_given_up(db: PostgresDatabase) -> None:
    await db.run(ADD, **a_thing("a"))
    await asyncio.gather(*(db.write(lambda tx: tx.run(COUNT_UP, id="a", by=1)) for _ in range(200)))
    assert (await db.one(FIND, id="a") or ())[2] == 200


async def test_a_snapshot_sees_one_moment(db: PostgresDatabase, other: PostgresDatabase) -> None:
    await db.run(ADD, **a_thing("a"))
    counts: list[int] = []
    first_look, written = asyncio.Event(), asyncio.Event()

    async def write_meanwhile() -> None:
        await first_look.wait()
        await other.run(ADD, **a_thing("b"))
        written.set()

    async def unit(tx: ReadTx) -> None:
        counts.append(len(await tx.all(LIST)))
        first_look.set()
        while not written.is_set():
            await tx.one(SLEEP, ms=20)
        counts.append(len(await tx.all(LIST)))

    await asyncio.gather(db.read(unit, snapshot=True), write_meanwhile())
    assert counts == [1, 1]


async def test_a_statement_that_takes_too_long_is_given_up(postgres_url: str) -> None:
    class Hasty(PostgresDatabase):
        async def _connect(self) -> object:
            return await asyncpg.connect(self.target.dsn, **{**self.target.connect_options(), "command_timeout": 0.5})

    db = Hasty(parse_target(postgres_url))
    for slow in (
        db.one(SLEEP, ms=5000),
        db.write(lambda tx: tx.one(SLEEP, ms=5000)),
        db.read(lambda tx: tx.one(SLEEP, ms=5000)),
    ):
        with pytest.raises(DatabaseBusy):
            await slow
    assert await db.is_writable() is True
    await db.close()


async def test_at_most_so_many_connections_are_made(postgres_url: str, other: PostgresDatabase) -> None:
    db = await open_postgres(f"{postgres_url}&connections=2")
    pids = await asyncio.gather(*(db.one(BACKEND) for _ in range(40)))
    assert len(set(pids)) == 2
    await db.close()


async def test_when_no_connection_becomes_free_the_unit_is_refused(postgres_database: str, postgres_url: str) -> None:
    async def connect() -> connections.Connection:
        return await asyncpg.connect(postgres_database)

    pool = connections.Connections(connect, limit=1, patience=0.05)
    held = await pool.borrow()
    with pytest.raises(DatabaseBusy, match="no connection"):
        await pool.borrow()

    # One that waits and is cancelled at the moment of giving passes it on.
    waiting = asyncio.create_task(pool.borrow())
    next_one = asyncio.create_task(pool.borrow())
    await asyncio.sleep(0)
    pool.give_back(held)
    waiting.cancel()
    assert await next_one is held
    pool.give_back(held)
    await pool.close()


async def test_a_failing_connect_gives_its_place_to_the_next() -> None:
    attempts: list[int] = []

    async def connect() -> object:
        attempts.append(1)
        await asyncio.sleep(0.01)
        raise DatabaseDown("no")

    pool = connections.Connections(connect, limit=1, patience=1)
    answers = await asyncio.gather(*(pool.borrow() for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [DatabaseDown] * 3
    assert len(attempts) == 3
    await asyncio.wait_for(pool.close(), 0.5)


async def test_cancelled_reads_and_writes_leave_connections_that_work(db: PostgresDatabase) -> None:

    async def unit(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        await tx.one(SLEEP, ms=5000)

    for work in (
        db.write(unit),
        db.read(lambda tx: tx.one(SLEEP, ms=5000)),
        db.read(lambda tx: tx.one(SLEEP, ms=5000), snapshot=True),
    ):
        task = asyncio.create_task(work)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [await ids(db) for _ in range(6)] == [[]] * 6
    assert await db.run(ADD, **a_thing("a")) == 1


async def test_what_came_at_once_is_planned_for_once_it_is_settled(db: PostgresDatabase) -> None:
    """A plan that was made for an empty table, and a table of which the server has no statistics."""
    known = compile_statement(
        sa.text("SELECT CAST(reltuples AS BIGINT) AS n FROM pg_class WHERE oid = to_regclass(:name)")
        .bindparams(bindparam("name", type_=sa.Text))
        .columns(sa.column("n", sa.BigInteger))
    )
    await db.run_many(ADD, [a_thing(f"{number:04}") for number in range(500)])
    assert (-1,) == await db.one(known, name=things.name)
    await db.settle(things)
    assert (500,) == await db.one(known, name=things.name)


async def test_a_standby_is_not_writable(db: PostgresDatabase, postgres_url: str) -> None:
    class ReadOnly(PostgresDatabase):
        async def _connect(self) -> object:
            options = self.target.connect_options()
            options["server_settings"] = {**options["server_settings"], "default_transaction_read_only": "on"}
            return await asyncpg.connect(self.target.dsn, **options)

    standby = ReadOnly(parse_target(postgres_url))
    with pytest.raises(DatabaseDown):
        await standby.run(ADD, **a_thing("a"))
    assert await ids(standby) == []
    await standby.close()


@pytest.mark.parametrize("change", ["port", "user"])
async def test_an_unreachable_server_is_told_at_once(postgres_database: str, change: str) -> None:
    url = (
        "postgresql://poolhouse:hunter2@127.0.0.1:9/postgres"
        if change == "port"
        else postgres_database.replace("poolhouse@", "nobody:hunter2@")
    )
    with pytest.raises(DatabaseDown) as caught:
        await open_database(url)
    assert "hunter2" not in str(caught.value)


def test_our_parameters_are_taken_off_the_url() -> None:
    target = parse_target("postgresql://u:p@h:1/d?sslmode=require&schema=house&connections=3")
    assert (target.dsn, target.schema, target.connections) == ("postgresql://u:p@h:1/d?sslmode=require", "house", 3)
    assert "p@h" not in repr(target)
    assert parse_target("postgresql://h/d").schema == "public"


@pytest.mark.parametrize(
    "query", ["schema=a;b", "schema=", "schema=A", "connections=0", "connections=x", "connections=9999"]
)
def test_an_unusable_parameter_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"schema|connections"):
        parse_target(f"postgresql://h/d?{query}")
