"""What holds on SQLite alone: durability of a batch, files, locks and checkpoints."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from poolhouse.kit.db import group_commit, wal
from poolhouse.kit.db.opening import open_database, open_sqlite
from poolhouse.kit.db.protocol import (
    DatabaseBusy,
    DatabaseDown,
    ReadTx,
    Tx,
    UniqueViolation,
    WriteFailed,
    WriteUnit,
)
from poolhouse.kit.db.sqlite import SqliteDatabase
from poolhouse.kit.db.statement import compile_statement
from tests.kit.db_tables import ADD, ENVIRONMENT, LIST, a_thing, ids, make_tables


async def test_units_of_a_tick_share_one_commit(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    executed: list[str] = []
    db.connection.set_trace_callback(executed.append)
    await asyncio.gather(*(db.run(ADD, **a_thing(f"{i}")) for i in range(20)))
    assert [text for text in executed if text.startswith(("BEGIN", "COMMIT"))] == ["BEGIN IMMEDIATE", "COMMIT"]
    await db.close()


async def test_a_batch_is_bounded(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    executed: list[str] = []
    db.connection.set_trace_callback(executed.append)
    await asyncio.gather(*(db.run(ADD, **a_thing(f"{i}")) for i in range(group_commit.BATCH + 1)))
    assert executed.count("COMMIT") == 2
    await db.close()


async def test_nobody_is_answered_before_the_commit(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    events: list[str] = []
    db.connection.set_trace_callback(lambda text: events.append(text.split()[0]))

    async def write(key: str) -> None:
        await db.run(ADD, **a_thing(key))
        events.append("answer")

    await asyncio.gather(write("a"), write("b"))
    assert events[-3:] == ["COMMIT", "answer", "answer"]
    await db.close()


async def test_a_failing_commit_fails_every_unit_of_the_batch(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    announced: list[str] = []
    db.subscribe("pools", announced.append)
    # A reference that is checked at the commit is the plainest way to a commit that fails.
    await db.run(
        compile_statement(sa.text("CREATE TABLE late (p TEXT REFERENCES parents DEFERRABLE INITIALLY DEFERRED)"))
    )
    broken = compile_statement(sa.text("INSERT INTO late VALUES ('nobody')"))

    async def announces(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("b"))
        tx.announce("pools", "never")

    answers = await asyncio.gather(
        db.run(ADD, **a_thing("a")), db.run(broken), db.write(announces), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [WriteFailed] * 3
    assert len({id(answer) for answer in answers}) == 3
    assert (await ids(db), announced) == ([], [])
    await db.run(ADD, **a_thing("a"))
    assert await ids(db) == ["a"]
    await db.close()


async def traced(path: Path) -> tuple[SqliteDatabase, list[str]]:
    db = open_sqlite(path)
    await make_tables(db)
    await db.run(ADD, **a_thing("taken"))
    executed: list[str] = []
    db.connection.set_trace_callback(lambda text: executed.append(text.split()[0]))
    return db, executed


async def test_a_unit_that_fails_before_it_has_written_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    db, executed = await traced(tmp_path / "test.db")

    async def looks_and_refuses(tx: Tx) -> None:
        if await tx.all(LIST):
            raise LookupError

    answers = await asyncio.gather(
        db.run(ADD, **a_thing("a")),
        db.write(looks_and_refuses),
        db.run(ADD, **a_thing("taken")),
        db.run(ADD, **a_thing("b")),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [int, LookupError, UniqueViolation, int]
    assert executed == ["BEGIN", "INSERT", "SELECT", "INSERT", "INSERT", "COMMIT"]
    assert await ids(db) == ["a", "b", "taken"]
    await db.close()


async def test_where_a_unit_fails_that_has_written_all_of_the_tick_run_again_each_to_be_undone_alone(
    tmp_path: Path,
) -> None:
    db, executed = await traced(tmp_path / "test.db")
    announced: list[str] = []
    db.subscribe("pools", announced.append)

    def writer(key: str, *, fails: bool = False) -> WriteUnit[None]:
        async def unit(tx: Tx) -> None:
            await tx.run(ADD, **a_thing(key))
            tx.announce("pools", key)
            if fails:
                raise LookupError

        return unit

    answers = await asyncio.gather(
        db.write(writer("a")), db.write(writer("b", fails=True)), db.write(writer("c")), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [type(None), LookupError, type(None)]
    assert [text for text in executed if text in {"BEGIN", "COMMIT", "ROLLBACK"}] == [
        "BEGIN", "ROLLBACK", "BEGIN", "ROLLBACK", "COMMIT"
    ]  # fmt: skip
    assert (await ids(db), announced) == (["a", "c", "taken"], ["a", "c"])
    await db.close()


async def test_a_unit_that_is_alone_in_its_tick_runs_once_even_if_it_fails(tmp_path: Path) -> None:
    db, executed = await traced(tmp_path / "test.db")

    async def unit(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("a"))
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(unit)
    assert executed == ["BEGIN", "INSERT", "ROLLBACK"]
    assert await ids(db) == ["taken"]
    await db.close()


async def test_nothing_of_a_unit_that_went_well_at_first_and_fails_when_run_again_is_done_or_told(
    tmp_path: Path,
) -> None:
    db, _ = await traced(tmp_path / "test.db")
    done: list[str] = []
    db.subscribe("pools", done.append)
    runs: list[str] = []

    async def fails_the_second_time(tx: Tx) -> None:
        runs.append("")
        await tx.run(ADD, **a_thing("a"))
        if len(runs) > 1:
            raise LookupError
        tx.announce("pools", "told")
        tx.after_commit(lambda: done.append("done"))

    async def fails(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("b"))
        raise LookupError

    answers = await asyncio.gather(db.write(fails_the_second_time), db.write(fails), return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError] * 2
    assert (await ids(db), done) == (["taken"], [])
    await db.close()


FULL_DISK = """
import asyncio, resource, signal, sys
from poolhouse.kit.db.opening import open_database
from tests.kit.db_tables import ADD, a_thing, ids, make_tables
async def main():
    db = await open_database(sys.argv[1])
    await make_tables(db)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    kept, refused = [], 0
    for step in range(60):
        writes = [db.run(ADD, **a_thing(f"{step:02}-{i}", blob=b"x" * 3000)) for i in range(3)]
        for i, answer in enumerate(await asyncio.gather(*writes, return_exceptions=True)):
            if answer == 1:
                kept.append(f"{step:02}-{i}")
            else:
                refused += 1
                print(type(answer).__name__)
    assert refused and kept
    assert await ids(db) == kept
    # The header page alone may still find room, a few times.
    assert not all([await db.is_writable() for _ in range(10)])
    assert not await db.is_writable()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert await db.is_writable()
    await db.run(ADD, **a_thing("zz"))
    assert await ids(db) == [*kept, "zz"]
    await db.close()
asyncio.run(main())
"""


def test_a_full_disk_refuses_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, f"sqlite:///{tmp_path / 'test.db'}"]
    result = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert set(result.stdout.split()) <= {"WriteFailed", "DatabaseDown"}


async def test_a_transaction_that_sqlite_gave_up_fails_its_neighbours_too(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)

    async def loses(tx: Tx) -> None:
        await tx.run(ADD, **a_thing("b"))
        # As an I/O error does by itself.
        db.connection.execute("ROLLBACK")
        raise LookupError

    answers = await asyncio.gather(
        db.run(ADD, **a_thing("a")), db.write(loses), db.run(ADD, **a_thing("c")), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [WriteFailed] * 3
    assert await ids(db) == []
    await db.close()


async def test_a_read_only_file_is_not_writable(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    db.connection.execute("PRAGMA query_only = ON")
    assert await db.is_writable() is False
    with pytest.raises(DatabaseDown):
        await db.run(ADD, **a_thing("a"))
    await db.close()


async def test_being_writable_takes_a_commit(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    log = tmp_path / "test.db-wal"
    before = log.stat().st_size
    assert await db.is_writable() is True
    assert log.stat().st_size > before
    await db.close()


async def test_a_busy_file_is_waited_for_without_holding_up_the_loop(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.create_task(db.run(ADD, **a_thing("a")))
    later = asyncio.create_task(asyncio.sleep(0.05))
    await later
    assert await ids(db) == []
    assert not write.done()
    late = asyncio.create_task(db.run(ADD, **a_thing("b")))
    await asyncio.sleep(0)
    other.execute("COMMIT")
    await asyncio.gather(write, late)
    assert await ids(db) == ["a", "b"]
    other.close()
    await db.close()


async def test_a_file_that_stays_busy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "WAITS", (0.01, 0.01))
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy):
        await db.run(ADD, **a_thing("a"))
    other.execute("COMMIT")
    other.close()
    await db.run(ADD, **a_thing("b"))
    assert await ids(db) == ["b"]
    await db.close()


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_a_file_and_its_log_belong_to_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.touch(0o644)
    path.chmod(0o644)
    db = open_sqlite(path)
    await make_tables(db)
    assert modes(tmp_path) == {"test.db": 0o600, "test.db-wal": 0o600, "test.db-shm": 0o600}
    await db.close()


async def test_commits_are_durable_and_references_enforced(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    pragmas = {
        name: db.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
    }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 0,
        "trusted_schema": 0,
    }
    await db.close()


async def test_the_log_is_checkpointed_and_starts_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "EVERY", 50)
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    log = tmp_path / "test.db-wal"
    sizes = []
    for step in range(40):
        await db.run_many(ADD, [a_thing(f"{step:02}-{i}", blob=b"x" * 1000) for i in range(60)])
        # The checkpoint runs in a thread of its own.
        await asyncio.sleep(0.02)
        sizes.append(log.stat().st_size)
    assert max(sizes) < 1_500_000 < 40 * 60 * 1000
    assert (tmp_path / "test.db").stat().st_size > 1_500_000
    await db.close()
    reopened = open_sqlite(tmp_path / "test.db")
    assert len(await ids(reopened)) == 2400
    await reopened.close()


async def test_a_slow_read_leaves_the_loop_free_and_sees_one_moment(tmp_path: Path) -> None:
    db = open_sqlite(tmp_path / "test.db")
    await make_tables(db)
    await db.run(ADD, **a_thing("a"))
    loop = asyncio.get_running_loop()
    counts: list[int] = []

    async def unit(tx: ReadTx) -> None:
        counts.append(len(await tx.all(LIST)))
        # In its thread, it may wait for the loop; on the loop, this would never end.
        asyncio.run_coroutine_threadsafe(db.run(ADD, **a_thing("b")), loop).result(5)
        counts.append(len(await tx.all(LIST)))

    await db.read_slow(unit)
    assert counts == [1, 1]
    assert await ids(db) == ["a", "b"]
    await db.close()


async def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_bytes(b"not a database" * 100)
    with pytest.raises(DatabaseDown):
        await open_database(f"sqlite:///{tmp_path / 'test.db'}")


@pytest.mark.parametrize("missing", ["nowhere/test.db", "."])
async def test_a_path_that_cannot_be_a_file_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(DatabaseDown):
        await open_database(f"sqlite:///{tmp_path / missing}")


@pytest.mark.parametrize(
    "url",
    ["", "test.db", "mysql://h/d", "sqlite://host/test.db", "sqlite:///x.db?mode=ro", "sqlite:///x.db#a", "sqlite:///"],
)
async def test_a_url_that_is_not_understood_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database URL"):
        await open_database(url)


async def test_a_relative_path_has_three_slashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    db = await open_database("sqlite:///a%20b.db")
    await make_tables(db)
    await db.close()
    assert (tmp_path / "a b.db").exists()
