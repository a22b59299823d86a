"""The filter language of ListUsers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.search import SEARCHABLE, parse
from poolhouse.pool.model.search import Filter, Operator
from tests.core.vectors import load
from tests.support.work import processor_seconds


@pytest.mark.parametrize("case", load("filters"), ids=lambda case: case["text"].replace("\0", "NUL"))
def test_the_vectors_hold(case: dict[str, object]) -> None:
    if "error" in case:
        assert invalid_parameter(str(case["error"])) == parse(str(case["text"]))
    else:
        expected = Filter(str(case["attribute"]), str(case["value"]), "^=" if case["prefix"] else "=")
        assert (expected,) == parse(str(case["text"]))
        assert (expected,) == parse(str(case["text"]), [])


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_a_blank_filter_selects_all_users(text: str) -> None:
    assert () == parse(text) == parse(text, [])


@given(st.text(max_size=256))
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(parse(text), tuple | Refusal)
    assert isinstance(parse(text, ["custom:team"]), tuple | Refusal)


_filters = st.builds(
    Filter,
    st.sampled_from(sorted((SEARCHABLE | {"custom:team", "address"}) - {"cognito:user_status"})),
    st.text().filter(lambda value: "\0" not in value),
    st.sampled_from(["=", "^=", "*="]),
)


def written(condition: Filter) -> str:
    quoted = condition.value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{condition.attribute} {condition.operator} "{quoted}"'


@given(_filters)
def test_any_value_can_be_quoted(condition: Filter) -> None:
    is_theirs = condition.attribute in SEARCHABLE and condition.operator != "*="

    assert (condition,) == parse(written(condition), ["custom:team", "address"])
    assert is_theirs == ((condition,) == parse(written(condition)))
    assert is_theirs != isinstance(parse(written(condition)), Refusal)


@given(st.lists(_filters, min_size=1), st.sampled_from([" and ", " AND  ", "\tand "]))
def test_conditions_are_joined(conditions: list[Filter], joint: str) -> None:
    text = joint.join(map(written, conditions))

    assert tuple(conditions) == parse(text, ["custom:team", "address"])
    assert len(conditions) == 1 or isinstance(parse(text), Refusal)


@pytest.mark.parametrize(
    "text",
    [
        'name = "a" and', 'name = "a" and ', 'and name = "a"', 'name = "a" name = "b"', 'name = "a" or name = "b"',
        'name = "a" andname = "b"', "name *= a", 'name **= "a"', 'name = "a" and and name = "b"', 'na*me = "a"',
    ],
)  # fmt: skip
def test_what_is_not_joined_is_refused(text: str) -> None:
    assert invalid_parameter("Error while parsing filter") == parse(text, ["custom:team"])


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [("=", "STRASSE 1", False), ("=", "Straße 1", True), ("^=", "Str", True), ("^=", "str", False),
     ("*=", "SSE", True), ("*=", "asse 1", True), ("*=", "", True), ("*=", "x", False)],
)  # fmt: skip
def test_a_condition_holds(operator: Operator, value: str, holds: bool) -> None:
    assert holds == Filter("address", value, operator).holds("Straße 1")
    assert not Filter("address", value, operator).holds(None)


@pytest.mark.parametrize(
    "text",
    [
        'name = "' + "\\" * 100_000,
        'name = "' + '\\"' * 100_000,
        " " * 100_000 + "x",
        "a" * 100_000,
        "=" * 100_000,
        'name = "a" and ' * 10_000,
    ],
)
def test_a_long_text_is_answered_in_one_pass(text: str) -> None:  # CVE-2026-4634: unbounded input must not burn CPU
    assert processor_seconds(lambda: parse(text)) < 0.5
    assert isinstance(parse(text), Refusal)
    assert processor_seconds(lambda: parse(text, ["custom:team"])) < 0.5
