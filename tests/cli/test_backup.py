"""`poolhouse backup` and `poolhouse restore`, as an administrator types them."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from poolhouse.cli.__main__ import main
from poolhouse.cli.backing_up import PROGRAMS, back_up, restore
from poolhouse.house.app import build
from poolhouse.house.emergency import make_link
from poolhouse.house.tables import emergency_links
from poolhouse.kit.ambient import SystemClock, SystemEntropy
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.statement import compile_statement
from tests.house.world import house_settings


async def a_database(folder: Path, name: str) -> None:
    database = await open_database(f"sqlite:///{folder}/{name}.db")
    await migrate(database, PROGRAMS[name].history)
    await database.close()


@pytest.fixture(params=sorted(PROGRAMS))
async def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    await a_database(tmp_path, request.param)
    return str(request.param)


def test_a_program_is_moved_by_its_backup(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    made = CliRunner().invoke(main, ["backup", name, str(file), "--data", str(tmp_path)])
    assert made.exit_code == 0, made.output
    other = tmp_path / "other"
    restored = CliRunner().invoke(main, ["restore", name, str(file), "--data", str(other)])
    assert restored.exit_code == 0, restored.output
    assert "master.key" in restored.output
    assert (other / f"{name}.db").exists()


def test_nothing_is_overwritten_in_either_direction(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    there = ["--data", str(tmp_path)]
    assert CliRunner().invoke(main, ["backup", name, str(file), *there]).exit_code == 0
    before = file.read_bytes()
    for words in (["backup", name, str(file), *there], ["restore", name, str(file), *there]):
        refused = CliRunner().invoke(main, words)
        assert refused.exit_code == 1
        assert "exists" in refused.output
    assert file.read_bytes() == before


def test_a_backup_that_is_not_whole_leaves_nothing_in_the_way_of_one_that_is(name: str, tmp_path: Path) -> None:
    file, cut, other = tmp_path / "file", tmp_path / "cut", tmp_path / "other"
    assert CliRunner().invoke(main, ["backup", name, str(file), "--data", str(tmp_path)]).exit_code == 0
    cut.write_bytes(file.read_bytes()[:-20])

    failed = CliRunner().invoke(main, ["restore", name, str(cut), "--data", str(other)])

    assert failed.exit_code == 1
    assert [] == list(other.iterdir())
    assert CliRunner().invoke(main, ["restore", name, str(file), "--data", str(other)]).exit_code == 0


def test_where_the_database_is_may_be_escaped(name: str, tmp_path: Path) -> None:
    cut, other = tmp_path / "cut", tmp_path / "a b"
    cut.write_bytes(b"cut")
    other.mkdir()

    failed = CliRunner().invoke(
        main, ["restore", name, str(cut), "--database", f"sqlite:///{tmp_path}/a%20b/{name}.db"]
    )

    assert failed.exit_code == 1
    assert [] == list(other.iterdir())


@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize("url", ["mysql://host/database", "sqlite:///file.db?mode=ro"])
def test_a_url_of_no_database_is_said(command: str, url: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" if command == "restore" else b"")

    said = CliRunner().invoke(main, [command, name, str(file), "--database", url])

    assert said.exit_code == 1
    assert "Error: a database URL is sqlite:///file.db" in said.output


async def test_a_link_for_breaking_glass_is_not_good_once_more(tmp_path: Path) -> None:
    """One that was spent after the backup was made would sign an administrator in a second time."""
    house = await build(
        house_settings(database=f"sqlite:///{tmp_path}/house.db"), clock=SystemClock(), entropy=SystemEntropy()
    )
    await make_link(house.ctx, email="", minutes=60)
    await house.close()
    file, url = tmp_path / "file", f"sqlite:///{tmp_path}/restored.db"

    await back_up("house", f"sqlite:///{tmp_path}/house.db", file)
    await restore("house", url, file, keep_sessions=False)

    database = await open_database(url)
    rows = await database.read(lambda tx: tx.all(compile_statement(select(emergency_links))))
    await database.close()
    assert [] == list(rows)


def test_every_table_that_lets_people_in_is_a_table(name: str) -> None:
    assert set(PROGRAMS[name].openings) <= set(PROGRAMS[name].tables.tables)


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["backup", "pool", str(tmp_path / "file"), "--data", str(tmp_path / "no")])
    assert said.exit_code == 1
    assert "--data" in said.output
