"""`poolhouse admin import-users`: a file becomes users, and what became of each row is told."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from poolhouse.cli import administration
from poolhouse.cli.__main__ import main
from poolhouse.cli.masters import mint
from poolhouse.kit.ambient import Secret, SystemEntropy
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow
from tests.support.importing import a_file, an_open_pool, named


class Place(msgspec.Struct, frozen=True):
    """A database, its key, and a pool in it."""

    url: str
    key: str
    pool_id: str

    def run(self, *arguments: str) -> Result:
        line = ["admin", "import-users", *arguments, "--database", self.url]
        return CliRunner().invoke(main, line, env={"POOLHOUSE_MASTER_KEY": self.key})


def in_database(url: str, key: str, work: Callable[[Flow], Awaitable[None]]) -> None:
    asyncio.run(administration.with_flow((url, (Secret(key),)), work))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    url, key = f"sqlite:///{tmp_path}/pool.db", mint(SystemEntropy())
    made: list[str] = []

    async def work(flow: Flow) -> None:
        entry = await an_open_pool(flow)
        made.append(entry.pool.id)
        rows = [named(f"u{number}", email=f"u{number}@example.com") for number in range(250)]
        (tmp_path / "users.csv").write_bytes(
            a_file(entry, *rows, named("u7", email="x@example.com"), named("bad", email=""))
        )
        (tmp_path / "broken.csv").write_text("what,is,this\n")

    in_database(url, key, work)
    return Place(url, key, made[0])


def test_a_file_becomes_users_and_rows_that_made_none_are_named(place: Place, tmp_path: Path) -> None:
    ended = place.run(place.pool_id, str(tmp_path / "users.csv"))

    assert 0 == ended.exit_code, ended.output
    assert "250 imported, 1 skipped, 1 failed." in ended.stdout
    assert "line 252: The user already exists." in ended.stderr
    assert "line 253: " in ended.stderr

    async def check(flow: Flow) -> None:
        entry = await flow.directory.find_pool(place.pool_id)
        assert entry is not None
        assert "u249" == (await people.get(flow, entry.pool, "u249")).username

    in_database(place.url, place.key, check)


def test_the_result_as_json_is_nothing_but_json(place: Place, tmp_path: Path) -> None:
    ended = place.run(place.pool_id, str(tmp_path / "users.csv"), "--json")

    told = json.loads(ended.stdout)
    assert ("Succeeded", 250, 1, 1) == (
        told["Status"], told["ImportedUsers"], told["SkippedUsers"], told["FailedUsers"],
    )  # fmt: skip
    assert [(252, True), (253, False)] == [(row["Line"], row["Skipped"]) for row in told["Rows"]]
    assert "" == ended.stderr


def test_a_job_that_fails_ends_with_status_1(place: Place, tmp_path: Path) -> None:
    ended = place.run(place.pool_id, str(tmp_path / "broken.csv"))

    assert 1 == ended.exit_code
    assert "The header lacks 21 of the columns" in ended.stdout


def test_a_pool_that_is_not_there_is_named(place: Place, tmp_path: Path) -> None:
    ended = place.run("us-east-1_Nowhere01", str(tmp_path / "users.csv"))

    assert (1, "Error: there is no user pool us-east-1_Nowhere01\n") == (ended.exit_code, ended.stderr)
