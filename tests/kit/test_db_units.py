"""What a unit of work is promised, on every engine."""

import asyncio

import pytest
import sqlalchemy as sa

from poolhouse.kit.db.protocol import (
    ConstraintViolation,
    Database,
    DatabaseClosed,
    ReadOnlyUnit,
    ReadTx,
    Tx,
    UniqueViolation,
    UnitSuspended,
)
from poolhouse.kit.db.statement import compile_statement
from tests.kit.db_tables import (
    ADD,
    ADD_PARENT,
    COUNT_UP,
    FIND,
    LIST,
    TAKE,
    a_thing,
    ids,
    make_tables,
)


@pytest.fixture
async def db(database: Database) -> Database:
    await make_tables(database)
    return database


async def settle(*work: object) -> list[object]:
    return list(await asyncio.gather(*work, return_exceptions=True))  # type: ignore[call-overload]


async def test_of_fifty_who_take_the_same_row_one_wins(db: Database) -> None:
    await db.run(ADD, **a_thing("code"))
    taken = await asyncio.gather(*(db.write(lambda tx: tx.one(TAKE, id="code")) for _ in range(50)))
    assert [row[0] for row in taken if row is not None] == ["code"]


async def test_of_fifty_single_statements_that_take_the_same_row_one_wins(db: Database) -> None:
    await db.run(ADD, **a_thing("code"))
    taken = await asyncio.gather(*(db.one(TAKE, id="code") for _ in range(50)))
    assert [row[0] for row in taken if row is not None] == ["code"]


async def test_concurrent_increments_are_all_counted(db: Database) -> None:
    await db.run(ADD, **a_thing("a"))
    await asyncio.gather(*(db.write(lambda tx: tx.run(COUNT_UP, id="a", by=1)) for _ in range(40)))
    assert (await db.one(FIND, id="a") or ())[2] == 40


async def test_a_failing_unit_leaves_its_neighbours_committed(db: Database) -> None:
    def writer(key: str, *, fails: bool) -> object:
        async def unit(tx: Tx) -> str:
            await tx.run(ADD, **a_thing(key))
            await tx.run(ADD, **a_thing(key + "2"))
            if fails:
                raise LookupError(key)
            return key

        return db.write(unit)

    answers = await settle(writer("a", fails=False), writer("b", fails=True), writer("c", fails=False))

    assert [answers[0], repr(answers[1]), answers[2]] == ["a", "LookupError('b')", "c"]
    assert await ids(db) == ["a", "a2", "c", "c2"]


async def test_a_unit_sees_what_it_wrote_and_what_committed_before(db: Database) -> None:
    await db.run(ADD, **a_thing("a"))

    async def unit(tx: Tx) -> list[tuple[object, ...]]:
        await tx.run(ADD, **a_thing("b"))
        return await tx.all(LIST)

    assert await db.write(unit) == [("a",), ("b",)]


async def test_a_unit_that_fails_alone_leaves_nothing(db: Database) -> None:
    async def unit(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(unit)
    assert await ids(db) == []
    await db.run(ADD, **a_thing("a"))


async def test_a_unique_violation_names_its_table_and_undoes_the_unit(db: Database) -> None:
    await db.run(ADD, **a_thing("a", name="n"))

    async def unit(tx: Tx) -> None:
        await tx.run(ADD_PARENT, id="p")
        await tx.run(ADD, **a_thing("b", name="n"))

    with pytest.raises(UniqueViolation) as caught:
        await db.write(unit)
    assert caught.value.table == "things"
    with pytest.raises(UniqueViolation) as caught:
        await db.run(ADD, **a_thing("a"))
    assert caught.value.table == "things"
    await db.run(ADD_PARENT, id="p")


async def test_other_constraints_are_not_taken_for_uniqueness(db: Database) -> None:
    for broken in (a_thing("a", parent="nobody"), a_thing("a", number=None)):
        with pytest.raises(ConstraintViolation) as caught:
            await db.run(ADD, **broken)
        assert not isinstance(caught.value, UniqueViolation)


async def test_deleting_a_parent_deletes_its_children(db: Database) -> None:
    await db.run(ADD_PARENT, id="p")
    await db.run(ADD, **a_thing("a", parent="p"))
    await db.run(compile_statement(sa.text("DELETE FROM parents")))
    assert await ids(db) == []


async def test_a_unit_that_swallows_an_error_of_its_transaction_is_not_committed(db: Database) -> None:
    async def unit(tx: Tx) -> str:
        await tx.run(ADD, **a_thing("a"))
        try:
            await tx.run(ADD, **a_thing("a"))
        except UniqueViolation:
            return "swallowed"
        return "no error"

    async def goes_on(tx: Tx) -> None:
        try:
            await tx.run_many(ADD, [a_thing("b"), a_thing("b")])
        except UniqueViolation:
            await tx.run(ADD, **a_thing("c"))

    for refused in (unit, goes_on):
        with pytest.raises(UniqueViolation):
            await db.write(refused)
    assert await ids(db) == []


async def test_a_unit_that_awaits_the_network_is_refused_and_undone(db: Database) -> None:
    async def connects(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        await asyncio.open_connection("127.0.0.1", 9)

    async def sleeps(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("b"))
        await asyncio.sleep(0)

    async def holds_on(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("c"))
        for _ in range(2):
            try:
                await asyncio.sleep(0)
            except GeneratorExit:
                continue

    async def good(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("d"))

    answers = await settle(*(db.write(unit) for unit in (connects, sleeps, holds_on, good)))
    assert [type(answer) for answer in answers] == [UnitSuspended] * 3 + [type(None)]
    assert await ids(db) == ["d"]


async def test_a_read_that_awaits_the_network_is_refused(db: Database) -> None:
    async def unit(tx: ReadTx) -> None:
        await tx.all(LIST)
        await asyncio.sleep(0)

    for snapshot in (False, True):
        with pytest.raises(UnitSuspended):
            await db.read(unit, snapshot=snapshot)
    assert await ids(db) == []


async def test_a_unit_within_a_unit_is_refused_and_does_not_run(db: Database) -> None:
    async def inner(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("inner"))

    async def writes(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("outer"))
        await db.write(inner)

    async def reads(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("outer"))
        await db.one(FIND, id="outer")

    for unit in (writes, reads):
        with pytest.raises(UnitSuspended):
            await db.write(unit)
    await asyncio.sleep(0.05)
    assert await ids(db) == []


async def test_a_transaction_is_of_no_use_after_its_end(db: Database) -> None:
    kept: list[Tx] = []

    async def unit(tx: Tx) -> None:
        kept.append(tx)

    async def read(tx: ReadTx) -> ReadTx:
        return tx

    await db.write(unit)
    for use in (kept[0].run(ADD, **a_thing("a")), kept[0].all(LIST), (await db.read(read)).all(LIST)):
        with pytest.raises(UnitSuspended):
            await use
    with pytest.raises(UnitSuspended):
        kept[0].announce("c", "p")
    assert await ids(db) == []


async def test_a_read_does_not_write(db: Database) -> None:
    async def unit(tx: ReadTx) -> object:
        return await tx.one(TAKE, id="a")

    await db.run(ADD, **a_thing("a"))
    for read in (db.read(unit), db.read(unit, snapshot=True), db.read_slow(unit)):
        with pytest.raises(ReadOnlyUnit):
            await read
    assert await ids(db) == ["a"]


async def test_reads_of_every_kind_see_the_committed_rows(db: Database) -> None:
    async def unit(tx: ReadTx) -> list[tuple[object, ...]]:
        assert await tx.one(FIND, id="zzz") is None
        return await tx.all(LIST)

    await db.run_many(ADD, [a_thing("a"), a_thing("b")])
    for read in (db.read(unit), db.read(unit, snapshot=True), db.read_slow(unit), db.all(LIST)):
        assert await read == [("a",), ("b",)]


async def test_a_caller_that_is_cancelled_before_its_unit_ran_takes_it_along(db: Database) -> None:
    async def write(key: str) -> None:
        await db.run(ADD, **a_thing(key))

    tasks = [asyncio.create_task(write(key)) for key in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    answers = await settle(*tasks)
    assert [type(answer) for answer in answers] == [type(None), asyncio.CancelledError, type(None)]
    assert await ids(db) == ["a", "c"]


async def test_cancellations_at_any_moment_leave_whole_units_only(db: Database) -> None:
    async def unit_of(key: str) -> None:
        async def unit(tx: Tx) -> None:
            await tx.run(ADD, **a_thing(f"{key}-1"))
            await tx.run(ADD, **a_thing(f"{key}-2"))

        await db.write(unit)

    tasks = []
    for number in range(60):
        task = asyncio.create_task(unit_of(f"{number:02}"))
        asyncio.get_running_loop().call_later(number / 6000, task.cancel)
        tasks.append(task)
    answers = await settle(*tasks)

    found = await ids(db)
    for number, answer in enumerate(answers):
        rows = [key for key in found if key.startswith(f"{number:02}-")]
        assert len(rows) in ((2,) if answer is None else (0, 2))
    # And the engine goes on.
    await unit_of("after")


async def test_a_closed_database_refuses(db: Database) -> None:
    await db.run(ADD, **a_thing("a"))
    assert await db.is_writable() is True
    await db.close()
    await db.close()
    for use in (db.run(ADD, **a_thing("b")), db.one(FIND, id="a"), db.read_slow(lambda tx: tx.all(LIST))):
        with pytest.raises(DatabaseClosed):
            await use
    assert await db.is_writable() is False


async def test_closing_answers_what_was_accepted(db: Database) -> None:
    writes = [asyncio.create_task(db.run(ADD, **a_thing(f"{i}"))) for i in range(5)]
    await asyncio.sleep(0)
    await db.close()
    answers = await settle(*writes)
    # PostgreSQL refuses those that still wait for a connection; none is left without an answer.
    assert all(answer == 1 or isinstance(answer, DatabaseClosed) for answer in answers)
    assert answers[0] == 1
