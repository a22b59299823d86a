"""`poolhouse backup` and `poolhouse restore`, as an administrator types them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from poolhouse.cli.__main__ import main
from poolhouse.cli.backing_up import PROGRAMS
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database


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


def test_every_table_that_lets_people_in_is_a_table(name: str) -> None:
    assert set(PROGRAMS[name].openings) <= set(PROGRAMS[name].tables.tables)


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["backup", "pool", str(tmp_path / "file"), "--data", str(tmp_path / "no")])
    assert said.exit_code == 1
    assert "--data" in said.output
