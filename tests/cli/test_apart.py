"""Work in a process of its own: its result comes back, its failure ends the command, its memory is not ours."""

import os

import click
import msgspec
import pytest

from poolhouse.cli.apart import apart


class Told(msgspec.Struct, frozen=True):
    process: int
    text: str = ""


def test_what_was_made_comes_back_from_another_process() -> None:
    told = apart(lambda: Told(os.getpid(), "§" * 100_000), Told)

    assert os.getpid() != told.process
    assert "§" * 100_000 == told.text


def test_a_failure_is_told_by_its_sentence_and_ends_the_command(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> Told:
        raise click.ClickException("the disk is full")

    with pytest.raises(SystemExit) as ended:
        apart(fail, Told)

    assert 1 == ended.value.code
    assert "Error: the disk is full\n" == capfd.readouterr().err


def test_a_bug_is_told_with_its_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        apart(lambda: Told(1 // 0), Told)

    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_killed_child_ends_the_command() -> None:
    def die() -> Told:
        os.abort()

    with pytest.raises(SystemExit):
        apart(die, Told)
