"""`poolhouse keys rotate --house` beside a house in the directory of `up`."""

from pathlib import Path

from click.testing import CliRunner, Result

from poolhouse.cli.__main__ import main
from tests.cli.test_break_glass import folder

__all__ = ["folder"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", "rotate", *arguments])


def test_the_new_key_signs_after_a_day_or_at_once(folder: Path) -> None:
    first = run("--house", "--data", str(folder))
    again = run("--house", "--data", str(folder))
    now = run("--house", "--now", "--data", str(folder))

    assert 0 == first.exit_code, first.output
    assert 1 == len(first.stdout.splitlines())
    assert "It signs from" in first.stderr
    assert 1 == again.exit_code
    assert "has a new key that signs from" in again.stderr
    assert 0 == now.exit_code
    assert now.stdout != first.stdout


def test_it_is_for_a_pool_or_for_the_house(folder: Path) -> None:
    for arguments in ([], ["--house", "us-east-1_pool"]):
        result = run("--data", str(folder), *arguments)
        assert 2 == result.exit_code
        assert "name a user pool, or give --house" in result.stderr
