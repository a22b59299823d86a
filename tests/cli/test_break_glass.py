"""``poolhouse break-glass`` beside a house in the directory of ``up``."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from poolhouse.cli import masters
from poolhouse.cli.__main__ import main
from poolhouse.cli.places import ADDRESS_FILE
from poolhouse.house.app import build
from poolhouse.house.config import HouseSettings
from poolhouse.kit.ambient import Secret, SystemEntropy

ADMIN = "admin@example.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = HouseSettings(
        base_url="http://localhost:9999",
        database=f"sqlite:///{tmp_path}/house.db",
        master_keys=(masters.of_directory(tmp_path, SystemEntropy()),),
        admin_email=ADMIN,
        admin_password=Secret("correct horse battery"),
    )

    async def start() -> None:
        await (await build(settings)).close()

    asyncio.run(start())
    (tmp_path / ADDRESS_FILE).write_text("http://localhost:9999\n")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["break-glass", *arguments], env={"POOLHOUSE_BASE_URL": None})


def test_the_link_stands_alone_on_standard_output(folder: Path) -> None:
    result = run("--data", str(folder))

    assert 0 == result.exit_code, result.output
    assert result.stdout.startswith("http://localhost:9999/user/break-glass/")
    assert 1 == len(result.stdout.splitlines())
    assert f"Signs {ADMIN} in once, until" in result.stderr
    assert "Form login is on." in result.stderr


def test_who_is_no_administrator_gets_no_link(folder: Path) -> None:
    result = run("--data", str(folder), "--email", "someone@example.com")

    assert 0 != result.exit_code
    assert ADMIN in result.stderr
    assert "" == result.stdout


def test_a_directory_without_a_house_gets_none_made(tmp_path: Path) -> None:
    result = run("--data", str(tmp_path))

    assert 0 != result.exit_code
    assert [] == list(tmp_path.iterdir())


def test_a_served_house_needs_its_address(tmp_path: Path) -> None:
    result = run("--database", f"sqlite:///{tmp_path}/house.db")

    assert 0 != result.exit_code
    assert "base_url" in result.stderr
