"""The filter language of ListUsers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.search import SEARCHABLE, Filter, parse
from tests.core.vectors import load


@pytest.mark.parametrize("case", load("filters"), ids=lambda case: case["text"].replace("\0", "NUL"))
def test_the_vectors_hold(case: dict[str, object]) -> None:
    if "error" in case:
        assert invalid_parameter(str(case["error"])) == parse(str(case["text"]))
    else:
        expected = Filter(str(case["attribute"]), str(case["value"]), prefix=bool(case["prefix"]))
        assert expected == parse(str(case["text"]))


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_a_blank_filter_selects_all_users(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=256))
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(parse(text), Filter | Refusal | None)


@given(
    attribute=st.sampled_from(sorted(SEARCHABLE - {"cognito:user_status"})),
    value=st.text().filter(lambda v: "\0" not in v),
    prefix=st.booleans(),
)
def test_any_value_can_be_quoted(attribute: str, value: str, prefix: bool) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')

    assert Filter(attribute, value, prefix=prefix) == parse(f'{attribute} {"^=" if prefix else "="} "{quoted}"')


@pytest.mark.parametrize(
    "text",
    ['name = "' + "\\" * 100_000, 'name = "' + '\\"' * 100_000, " " * 100_000 + "x", "a" * 100_000, "=" * 100_000],
)
def test_a_long_text_is_answered_in_one_pass(text: str) -> None:  # CVE-2026-4634: unbounded input must not burn CPU
    import timeit

    assert timeit.timeit(lambda: parse(text), number=1) < 0.5
    assert isinstance(parse(text), Refusal)
