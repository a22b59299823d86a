"""The dialect of import files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.import_csv import (
    NOT_TEXT,
    ROW_CHARACTERS,
    TOO_LONG,
    Lines,
    has_mark,
    join,
    problem_of,
    read_line,
    split,
)
from tests.support.work import processor_seconds

_value = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"])).map(
    lambda v: v.strip(" \t\r\n\f\v")
)


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("", [""]),
        (",,", ["", "", ""]),
        (" a ,\tb ", ["a", "b"]),
        (r"1 Main St\, Springfield,b", ["1 Main St, Springfield", "b"]),
        (r"a\\,b", ["a\\", "b"]),
        (r"a\nb,c", [r"a\nb", "c"]),
        ('"a,b"', ['"a', 'b"']),
        ("a\\", ["a\\"]),
        ("a\\,", ["a,"]),
    ],
)
def test_a_row_is_read_as_the_dialect_says(row: str, values: list[str]) -> None:
    assert values == split(row)


@given(st.lists(_value, min_size=1))
def test_what_is_joined_is_split_again(values: list[str]) -> None:
    assert values == split(join(values))


@given(st.text())
def test_any_row_has_values(row: str) -> None:
    assert 1 <= len(split(row)) <= row.count(",") + 1


@pytest.mark.parametrize("row", ["\\" * 100_000, "\\," * 50_000, "," * 100_000, "a\\" * 50_000])
def test_a_row_takes_one_pass(row: str) -> None:
    assert 0.5 > processor_seconds(lambda: split(row))


@given(st.lists(st.binary(max_size=40).filter(lambda b: b"\n" not in b and not b.endswith(b"\r"))), st.integers(1, 50))
def test_lines_do_not_depend_on_the_pieces(contents: list[bytes], size: int) -> None:
    file = b"\n".join(contents)

    found = list(read_in_pieces(file, size))

    expected = contents[:-1] if contents and not contents[-1] else contents
    assert expected == [content for content, _ in found]
    assert len(file) == sum(length for _, length in found)


def read_in_pieces(file: bytes, size: int) -> list[tuple[bytes | None, int]]:
    lines = Lines()
    found = [line for place in range(0, len(file), size) for line in lines.feed(file[place : place + size])]
    return [(line.content, line.size) for line in [*found, *lines.finish()]]


@pytest.mark.parametrize("size", [1000, 64_001, 10_000_000])
def test_a_line_that_is_too_long_is_dropped_as_it_comes(size: int) -> None:
    file = b"a,b\r\n" + b"x" * 1_000_000 + b"\nc,d"

    assert [(b"a,b", 5), (None, 1_000_001), (b"c,d", 3)] == read_in_pieces(file, size)


def test_a_line_is_utf_8_of_bounded_length() -> None:
    assert "é" * ROW_CHARACTERS == read_line(("é" * ROW_CHARACTERS).encode())
    for content, problem in (
        (b"x" * (ROW_CHARACTERS + 1), TOO_LONG),
        (None, TOO_LONG),
        (b"\xff", NOT_TEXT),
        (b"a\0b", NOT_TEXT),
    ):
        assert read_line(content) is None
        assert problem == problem_of(content)
    assert has_mark(b"\xef\xbb\xbfname")
    assert not has_mark(b"name")
    assert not has_mark(None)
