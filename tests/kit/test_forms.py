"""Forms: one value a name, or an error."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit.forms import DuplicateParameter, FormError, MalformedForm, body_text, multi, single


def test_a_form_is_names_and_values() -> None:
    assert {"a": "1 2", "b": "", "c": "é&="} == single("a=1+2&b=&c=%C3%A9%26%3D")


def test_a_repeated_parameter_is_an_error() -> None:
    with pytest.raises(DuplicateParameter) as found:
        single("state=a&code=b&st%61te=a")

    assert "state" == found.value.name


def test_check_boxes_may_repeat() -> None:
    assert {"scope": ["a", "b"]} == multi("scope=a&scope=b")


@pytest.mark.parametrize("form", ["a=%ff", "&".join(f"f{i}=1" for i in range(300))])
def test_what_is_not_utf_8_or_too_much_is_malformed(form: str) -> None:
    with pytest.raises(MalformedForm):
        single(form)


def test_a_body_that_is_not_utf_8_is_malformed() -> None:
    with pytest.raises(MalformedForm):
        body_text(b"\xff")


@given(st.text())
def test_any_text_is_a_form_or_a_form_error(form: str) -> None:
    try:
        single(form)
    except FormError:
        return


@given(st.text(st.sampled_from("ab=&+%2Cé8 "), max_size=30))
def test_a_form_is_read_as_the_standard_library_reads_it(form: str) -> None:
    try:
        expected = parse_qsl(form, keep_blank_values=True, encoding="utf-8", errors="strict")
    except ValueError:
        with pytest.raises(MalformedForm):
            multi(form)
        return
    found: dict[str, list[str]] = {}
    for name, value in expected:
        found.setdefault(name, []).append(value)
    assert found == multi(form)
