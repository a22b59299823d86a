"""docs/security-checklist.md: no row is without a test that exists, and none is missing."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security-checklist.md").read_text()
PRACTICE, MISTAKES, LATER, *PARTS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
WITHOUT = {"28", "32", "42"}
"""Mistakes that need no test or cannot have one yet: the page says why."""


def rows(section: str) -> dict[str, str]:
    return dict(re.findall(r"^\| (\d+) \|(.*)$", section, flags=re.MULTILINE))


@cache
def names_in(file: str) -> set[str]:
    return set(re.findall(r"def (test_\w+)\(", (ROOT / "tests" / file).read_text()))


@pytest.mark.parametrize(("section", "most"), [(PRACTICE, 26), (MISTAKES, 42)], ids=["practice", "mistakes"])
def test_no_row_is_missing(section: str, most: int) -> None:
    assert [str(number) for number in range(1, most + 1)] == list(rows(section))


@pytest.mark.parametrize(("section", "without"), [(PRACTICE, set()), (MISTAKES, WITHOUT)], ids=["practice", "mistakes"])
def test_every_row_has_a_test(section: str, without: set[str]) -> None:
    assert without == {number for number, row in rows(section).items() if not TEST.search(row)}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.partition("\n")[0])
def test_every_row_of_a_part_has_a_test(part: str) -> None:
    assert [str(number) for number in range(1, len(rows(part)) + 1)] == list(rows(part))
    assert all(TEST.search(row) for row in rows(part).values())


@pytest.mark.parametrize(("file", "name"), sorted(set(TEST.findall(PAGE))))
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    assert name in names_in(file)


def test_what_is_left_for_later_is_named_with_a_reason() -> None:
    for number, row in rows(MISTAKES).items():
        assert (number in rows(LATER)) == ("with the federation of providers" in row)
