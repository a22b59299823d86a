"""Migrations on every engine."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from poolhouse.kit.db.migrate import (
    History,
    Migration,
    SchemaMismatch,
    check_schema,
    find_differences,
    find_revision,
    migrate,
)
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.db.statement import compile_statement
from tests.kit.db_tables import ENVIRONMENT, HISTORY, SHARED, metadata, parents, things


def history_of(folder: Path, monkeypatch: pytest.MonkeyPatch, revisions: int) -> History:
    """The first *revisions* of the tests' history, as a package of its own."""
    source = HISTORY.folder()
    package = folder / f"history_{revisions}_{folder.name}"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for path in sorted(source.glob("v0*.py"))[:revisions]:
        (package / path.name).write_text(path.read_text())
    monkeypatch.syspath_prepend(str(folder))
    return History(package.name, HISTORY.version_table)


async def test_an_empty_database_is_brought_to_the_head(database: Database) -> None:
    assert Migration(None, "0002") == await migrate(database, HISTORY)
    assert await find_revision(database, HISTORY) == "0002"
    assert await find_differences(database, HISTORY, metadata) == []


async def test_a_second_migration_finds_nothing_to_do(database: Database) -> None:
    await migrate(database, HISTORY)
    assert Migration("0002", "0002") == await migrate(database, HISTORY)
    await check_schema(database, HISTORY)


async def test_a_revision_converts_the_rows_that_are_stored(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, history_of(tmp_path, monkeypatch, 1))
    await database.run(compile_statement(sa.insert(parents)), id="p")
    old = compile_statement(
        sa.insert(things).values(id=bindparam("id"), parent=bindparam("parent"), number=bindparam("number"))
    )
    await database.run(old, id="a", parent="p", number=1)

    assert Migration("0001", "0002") == await migrate(database, HISTORY)

    stored = compile_statement(sa.select(things.c.id, things.c.parent, things.c.name))
    assert await database.all(stored) == [("a", "p", "A")]


async def test_a_difference_between_tables_and_code_is_found(database: Database) -> None:
    await migrate(database, HISTORY)
    other = sa.MetaData()
    sa.Table("parents", other, sa.Column("id", sa.Text, primary_key=True), sa.Column("new", sa.Text))
    assert ["add_column" in found for found in await find_differences(database, HISTORY, other)] == [True]


async def test_a_database_of_newer_code_is_refused_and_left_alone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, HISTORY)
    older = history_of(tmp_path, monkeypatch, 1)

    with pytest.raises(SchemaMismatch, match="newer version"):
        await migrate(database, older)
    with pytest.raises(SchemaMismatch, match="newer version"):
        await check_schema(database, older)
    assert await find_revision(database, HISTORY) == "0002"


async def test_a_database_behind_the_code_is_refused_until_it_is_migrated(database: Database) -> None:
    with pytest.raises(SchemaMismatch, match="run the migration first"):
        await check_schema(database, HISTORY)


async def test_a_failing_revision_leaves_the_database_as_it_was(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = history_of(tmp_path, monkeypatch, 1)
    (history.folder() / "v0002_broken.py").write_text(
        "from alembic import op\nrevision, down_revision = '0002', '0001'\n"
        "def upgrade():\n    op.execute('CREATE TABLE half (id TEXT)')\n    raise RuntimeError('broken')\n"
    )
    with pytest.raises(RuntimeError, match="broken"):
        await migrate(database, history)

    assert await find_revision(database, history) is None
    # Nor is anything left of the revision before it, or of the failed one's own table.
    assert Migration(None, "0002") == await migrate(database, HISTORY)
    await database.run(compile_statement(sa.text("CREATE TABLE half (id TEXT)")))


async def test_two_programs_can_share_a_database(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(database, HISTORY)
    package = tmp_path / "other_program"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "v0001_initial.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('others', sa.Column('id', sa.Text, primary_key=True))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert Migration(None, "0001") == await migrate(database, History("other_program", "other_version"))
    assert await find_differences(database, HISTORY, metadata) == []


@SHARED
async def test_of_replicas_that_start_at_once_one_migrates(database_url: str) -> None:
    code = (
        "import asyncio, sys\nfrom poolhouse.kit.db.opening import open_database\n"
        "from poolhouse.kit.db.migrate import migrate\nfrom tests.kit.db_tables import HISTORY\n"
        "async def main():\n    db = await open_database(sys.argv[1])\n    print((await migrate(db, HISTORY)).after)\n"
        "    await db.close()\nasyncio.run(main())\n"
    )
    replicas = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", code, database_url, stdout=subprocess.PIPE, env=ENVIRONMENT
        )
        for _ in range(4)
    ]
    answers = [(await replica.communicate())[0] for replica in replicas]
    assert answers == [b"0002\n"] * 4


def test_a_start_with_nothing_to_migrate_does_not_import_alembic(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom poolhouse.kit.db.opening import open_database\n"
        "from poolhouse.kit.db.migrate import migrate\nfrom tests.kit.db_tables import HISTORY\n"
        "async def main():\n    db = await open_database(sys.argv[1])\n    await migrate(db, HISTORY)\n"
        "    await db.close()\n    print('alembic' in sys.modules, 'asyncpg' in sys.modules)\nasyncio.run(main())\n"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'x.db'}"]
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout for _ in range(2)
    ]
    assert runs[1] == "False False\n"


def test_a_gap_in_a_history_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = history_of(tmp_path, monkeypatch, 2)
    (history.folder() / "v0001_initial.py").unlink()
    with pytest.raises(ValueError, match="without gaps"):
        history.revisions()


async def test_a_revision_whose_number_is_not_its_file_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = history_of(tmp_path, monkeypatch, 2)
    second = history.folder() / "v0002_name.py"
    second.write_text(second.read_text().replace('revision = "0002"', 'revision = "0003"'))
    database = await open_database("sqlite://")
    with pytest.raises(SchemaMismatch, match="0003"):
        await migrate(database, history)
    await database.close()
