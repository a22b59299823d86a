"""Statements: the same tree, parameters and rows on every engine."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam

from poolhouse.kit.db.opening import open_sqlite
from poolhouse.kit.db.protocol import Database, Tx, UnstorableValue
from poolhouse.kit.db.statement import compile_pair, compile_statement, lock_row, one_of, upsert
from tests.kit.db_tables import ADD, COUNT_UP, FIND, TAKE, a_thing, ids, make_tables, things

LOCK = lock_row(things, ("id",), {"number": 0}, ("number",))
DROP = compile_statement(sa.delete(things).where(things.c.id == bindparam("id")))


async def test_a_row_comes_back_as_a_tuple_of_the_values_that_were_written(database: Database) -> None:
    await make_tables(database)
    written = a_thing("a", number=-(2**63), flag=True, blob=b"\x00\xff", name="Zoë 🏠")
    await database.run(ADD, **written)

    row = await database.one(FIND, id="a")
    assert row == tuple(written.values())
    assert [type(value) for value in row] == [str, type(None), int, bool, bytes, str]
    assert type(row) is tuple
    assert type((await database.all(FIND, id="a"))[0]) is tuple


async def test_a_boolean_may_be_null_and_is_a_bool_wherever_it_stands(database: Database) -> None:
    await make_tables(database)
    for key, flag in (("a", True), ("b", False), ("c", None)):
        await database.run(ADD, **a_thing(key, flag=flag))
    expressions = sa.select(things.c.flag, (things.c.number > 5).label("many"), things.c.id).order_by(things.c.id)

    assert await database.all(compile_statement(expressions)) == [
        (True, False, "a"),
        (False, False, "b"),
        (None, False, "c"),
    ]


async def test_returning_converts_as_a_select_does(database: Database) -> None:
    await make_tables(database)
    await database.run(ADD, **a_thing("a", flag=True, blob=b"x"))
    assert await database.one(TAKE, id="a") == ("a", None, 0, True, b"x", None)
    assert await database.one(TAKE, id="a") is None


async def test_a_name_may_stand_twice(database: Database) -> None:
    await make_tables(database)
    await database.run(ADD, **a_thing("a", name="a"))
    twice = sa.select(things.c.id).where(
        things.c.id == bindparam("key"), things.c.name == bindparam("key"), things.c.number < bindparam("most")
    )
    assert await database.all(compile_statement(twice), key="a", most=1) == [("a",)]


async def test_a_parameter_may_be_compared_with_null(database: Database) -> None:
    await make_tables(database)
    await database.run(ADD, **a_thing("a"))
    either = compile_statement(
        sa.select(things.c.id).where(
            sa.or_(bindparam("id", type_=sa.Text).is_(None), things.c.id == bindparam("id", type_=sa.Text))
        )
    )
    assert await database.all(either, id=None) == [("a",)]
    assert await database.all(either, id="b") == []


async def test_literals_and_limits_are_sent_along(database: Database) -> None:
    await make_tables(database)
    await database.run_many(ADD, [a_thing(f"{i}", number=i) for i in range(9)])
    page = (
        sa.select(things.c.id)
        .where(things.c.number > 2, things.c.flag.is_(None))
        .order_by(things.c.id.desc())
        .limit(bindparam("limit", type_=sa.BigInteger))
    )
    assert await database.all(compile_statement(page), limit=2) == [("8",), ("7",)]


async def test_sums_and_counts_are_integers(database: Database) -> None:
    await make_tables(database)
    await database.run_many(ADD, [a_thing(f"{i}", number=2**40) for i in range(3)])
    row = await database.one(compile_statement(sa.select(sa.func.count(), sa.func.sum(things.c.number))))
    assert row == (3, 3 * 2**40)
    assert [type(value) for value in row] == [int, int]


async def test_one_of_takes_lists_of_any_length(database: Database) -> None:
    await make_tables(database)
    await database.run_many(ADD, [a_thing(key, number=ord(key)) for key in "abc"])
    by_id = compile_statement(sa.select(things.c.id).where(one_of(things.c.id, "ids")).order_by(things.c.id))
    by_number = compile_statement(sa.select(things.c.id).where(one_of(things.c.number, "numbers")))

    assert await database.all(by_id, ids=["c", "a", "x'\""]) == [("a",), ("c",)]
    assert await database.all(by_id, ids=[]) == []
    assert await database.all(by_number, numbers=[98]) == [("b",)]


async def test_upsert_inserts_or_takes_the_offered_columns(database: Database) -> None:
    await make_tables(database)
    put = upsert(things, ["id"], ["number", "name"])
    assert await database.run(put, **a_thing("a", number=1, flag=True)) == 1
    assert await database.run(put, **a_thing("a", number=2, flag=False, name="n")) == 1
    assert await database.one(FIND, id="a") == ("a", None, 2, True, None, "n")


async def test_upsert_computes_with_the_stored_row(database: Database) -> None:
    await make_tables(database)
    count = upsert(things, ["id"], {"number": things.c.number + 1}, returning=["number"])
    assert [await database.one(count, **a_thing("a", number=1)) for _ in range(3)] == [(1,), (2,), (3,)]


async def test_upsert_without_columns_leaves_the_stored_row(database: Database) -> None:
    await make_tables(database)
    offer = upsert(things, ["id"], [])
    assert await database.run(offer, **a_thing("a", number=1)) == 1
    assert await database.run(offer, **a_thing("a", number=2)) == 0
    assert (await database.one(FIND, id="a") or ())[2] == 1


async def test_upsert_may_depend_on_the_stored_row(database: Database) -> None:
    await make_tables(database)
    claim = upsert(
        things, ["id"], ["number"], where=things.c.number < bindparam("now", type_=sa.BigInteger), returning=["id"]
    )
    assert await database.one(claim, **a_thing("a", number=10), now=5) == ("a",)
    assert await database.one(claim, **a_thing("a", number=20), now=9) is None
    assert await database.one(claim, **a_thing("a", number=20), now=11) == ("a",)


async def test_run_counts_the_affected_rows(database: Database) -> None:
    await make_tables(database)
    await database.run_many(ADD, [a_thing("a"), a_thing("b")])
    assert await database.run(COUNT_UP, id="a", by=1) == 1
    assert await database.run(COUNT_UP, id="z", by=1) == 0
    assert await database.run(compile_statement(sa.delete(things))) == 2


async def test_one_executes_a_returning_statement_for_every_row(database: Database) -> None:
    await make_tables(database)
    await database.run_many(ADD, [a_thing(key) for key in "abc"])
    take_all = compile_statement(sa.delete(things).returning(things.c.number))
    assert await database.one(take_all) == (0,)
    assert await ids(database) == []


async def test_a_row_can_be_locked_before_a_decision(database: Database) -> None:
    lock = compile_statement(sa.select(things.c.number).where(things.c.id == bindparam("id")).with_for_update())
    put = compile_statement(sa.update(things).values(number=bindparam("number")).where(things.c.id == bindparam("id")))
    await make_tables(database)
    await database.run(ADD, **a_thing("a"))

    async def unit(tx: Tx) -> None:
        (number,) = await tx.one(lock, id="a") or (0,)
        await tx.run(put, number=number + 1, id="a")

    await asyncio.gather(*(database.write(unit) for _ in range(50)))
    assert (await database.one(FIND, id="a") or ())[2] == 50


async def test_a_locked_row_is_counted_up_by_one_after_another_even_from_nothing(database: Database) -> None:
    await make_tables(database)
    put = upsert(things, ("id",), ("number",))

    async def count_up(tx: Tx) -> int:
        held = await tx.one(LOCK, id="a")
        number = (0 if held is None else held[0]) + 1
        await tx.run(put, **a_thing("a", number=number))
        return int(number)

    assert sorted(await asyncio.gather(*(database.write(count_up) for _ in range(20)))) == list(range(1, 21))


async def test_to_lock_what_is_missing_and_leave_it_so_is_no_commit_on_sqlite(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "test.db")
    await make_tables(database)
    log = tmp_path / "test.db-wal"

    async def look(tx: Tx) -> object:
        held = await tx.one(LOCK, id="a")
        await tx.run(DROP, id="a")
        return held

    before = log.stat().st_size
    assert await database.write(look) is None
    assert log.stat().st_size == before
    await database.close()


async def test_a_missing_or_unknown_parameter_is_refused(database: Database) -> None:
    await make_tables(database)
    with pytest.raises(TypeError, match=r"missing parameters \['id'\], unknown parameters \['ID'\]"):
        await database.one(FIND, ID="a")
    with pytest.raises(TypeError, match=r"unknown parameters \['more'\]"):
        await database.one(FIND, id="a", more=1)
    with pytest.raises(TypeError, match="missing parameters"):
        await database.one(FIND)


@pytest.mark.parametrize(
    "changes", [{"id": "a\0b"}, {"id": "\ud800"}, {"number": 2**63}], ids=["nul", "surrogate", "65 bits"]
)
async def test_what_one_engine_cannot_store_none_stores(database: Database, changes: dict[str, object]) -> None:
    await make_tables(database)
    with pytest.raises(UnstorableValue):
        await database.run(ADD, **{**a_thing("a"), **changes})
    assert await ids(database) == []


async def test_rows_are_not_dropped_silently(database: Database) -> None:
    await make_tables(database)
    with pytest.raises(TypeError, match="use one or all"):
        await database.run(TAKE, id="a")


async def test_a_statement_may_differ_by_dialect(database: Database) -> None:
    column = sa.column("answer", sa.BigInteger)
    pair = compile_pair(
        for_sqlite=sa.text("SELECT 1 + :n").bindparams(bindparam("n", type_=sa.BigInteger)).columns(column),
        for_postgres=sa.text("SELECT 2 + :n - 1").bindparams(bindparam("n", type_=sa.BigInteger)).columns(column),
    )
    assert await database.one(pair, n=1) == (2,)


def test_a_column_type_outside_of_the_four_is_refused() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("at", sa.DateTime), sa.Column("kind", sa.Enum("a", "b")))
    with pytest.raises(TypeError, match="DateTime"):
        compile_statement(sa.select(table.c.at))
    with pytest.raises(TypeError, match="Enum"):
        compile_statement(sa.select(table.c.kind))


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_a_statement_that_cannot_run_as_it_is_written_is_refused(dialect: str) -> None:
    default = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Text), sa.Column("at", sa.BigInteger, default=1))
    for core, words in (
        (sa.select(things.c.id).where(things.c.id.in_(bindparam("ids", expanding=True))), "one_of"),
        (sa.select(things.c.id).where(sa.func.lower(bindparam("x")) == "a"), "parameter x has type"),
        (sa.insert(default).values(id=bindparam("id")), "default in Python"),
    ):
        statement = compile_statement(core)
        with pytest.raises(TypeError, match=words):
            getattr(statement, dialect)
    with pytest.raises(TypeError, match="not a statement"):
        compile_statement(things.c.id)
    with pytest.raises(TypeError, match="TEXT and BIGINT"):
        one_of(things.c.blob, "blobs")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=40),
    number=st.integers(-(2**63), 2**63 - 1),
    flag=st.booleans() | st.none(),
    blob=st.binary(max_size=40) | st.none(),
)
async def test_what_is_stored_is_read_back_or_refused(
    database: Database, text: str, number: int, flag: bool | None, blob: bytes | None
) -> None:
    for table in ("things", "parents"):
        await database.run(compile_statement(sa.text(f"DROP TABLE IF EXISTS {table}")))
    await make_tables(database)
    row = a_thing("a", number=number, flag=flag, blob=blob, name=text)
    try:
        await database.run(ADD, **row)
        assert await database.one(FIND, id="a") == tuple(row.values())
    except UnstorableValue:
        assert "\0" in text
