"""Whatever is handed in as a style sheet or a settings document gets an answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import branding, classic_css, look
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.model.branding import Customization
from poolhouse.pool.model.pool import PoolId

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(max_size=200))
def test_any_style_sheet_gets_an_answer(css: str) -> None:
    assert isinstance(classic_css.check(css), Refusal | None)


@given(_JSON)
def test_any_document_gets_an_answer(document: Any) -> None:
    assert isinstance(branding.check_settings(document), Refusal | None)


def test_an_upload_cannot_keep_the_server_busy_by_comments() -> None:
    assert not branding._is_image(b"<!---->" * 20_000, "SVG")
    assert branding._is_image(b'<?xml version="1.0"?> <!-- a --> <!-- b > --> <svg>', "SVG")


@pytest.mark.parametrize(
    "css",
    [
        "/* .mine-customizable */ .label-customizable { color: red }",
        '.label-customizable { font: "x.my-customizable" }',
    ],
)
def test_a_class_in_a_comment_or_a_string_is_none(css: str) -> None:
    made = Customization(pool_id=PoolId("p"), client_id="ALL", created_ms=0, modified_ms=0, css=css, image=None)

    assert classic_css.check(css) is None
    assert ".hosted .field-head label {" in look.classic(made).sheet


def test_the_whole_document_is_taken_and_stays_as_it_is() -> None:
    whole = branding.merged(None)

    assert branding.check_settings(whole) is None
    assert branding.merged(whole) == whole


def test_a_document_nested_without_end_is_refused() -> None:
    nested: Any = {}
    for _ in range(500):
        nested = {"components": {"idpButton": {"custom": {"x": nested}}}}

    assert isinstance(branding.check_settings(nested), Refusal)
