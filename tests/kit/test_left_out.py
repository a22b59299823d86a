"""Fields of a form that are too large are left out while it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit import forms
from poolhouse.kit.left_out import LEFT_OUT, Fields


def read(body: bytes, cuts: list[int], *, most: int = 20) -> tuple[dict[str, list[str]], int]:
    fields, places = Fields(("icon",), most), sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    for start, end in zip(places, [*places[1:], len(body)], strict=True):
        fields.feed(body[start:end])
    size = fields.size
    return forms.multi(forms.body_text(fields.end())), size


@given(st.lists(st.integers(0, 120), max_size=8))
def test_however_it_arrives_the_rest_stays(cuts: list[int]) -> None:
    body = b"name=Wiki&icon=" + b"x" * 60 + b"&url=https%3A%2F%2Fwiki&icons=" + b"y" * 25

    found, size = read(body, cuts)

    assert {"name": ["Wiki"], "icon": [LEFT_OUT], "url": ["https://wiki"], "icons": ["y" * 25]} == found
    assert size < len(body) - 50


@given(st.lists(st.integers(0, 60), max_size=8), st.binary(max_size=60))
def test_what_is_within_the_limit_is_not_touched(cuts: list[int], body: bytes) -> None:
    fields = Fields(("icon",), 60)
    places = sorted({min(cut, len(body)) for cut in cuts} | {0})
    for start, end in zip(places, [*places[1:], len(body)], strict=True):
        fields.feed(body[start:end])

    assert body == fields.end()


@pytest.mark.parametrize("size", [19, 20, 21])
def test_the_limit_is_of_the_value(size: int) -> None:
    found, _ = read(b"icon=" + b"x" * size, [])

    assert {"icon": [LEFT_OUT if size > 20 else "x" * size]} == found


def test_what_is_left_out_does_not_count_and_is_not_kept() -> None:
    fields = Fields(("icon",), 20)
    fields.feed(b"icon=")
    for _ in range(1000):
        fields.feed(b"x" * 1000)

    assert fields.size < 100
