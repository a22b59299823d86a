"""Whatever is handed in as a style sheet or a settings document gets an answer."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import branding, classic_css, look
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.model.branding import Customization, Picture, Style
from poolhouse.pool.model.pool import ClientId, PoolId

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
    assert ":is(.hosted, .own) .field-head label {" in look.classic(made).sheet


def test_the_whole_document_is_taken_and_stays_as_it_is() -> None:
    whole = branding.merged(None)

    assert branding.check_settings(whole) is None
    assert branding.merged(whole) == whole


def test_a_document_nested_without_end_is_refused() -> None:
    nested: Any = {}
    for _ in range(500):
        nested = {"components": {"idpButton": {"custom": {"x": nested}}}}

    assert isinstance(branding.check_settings(nested), Refusal)


def _sheet(settings: dict[str, Any], *pictures: str) -> str:
    made = Style(
        id="s", pool_id=PoolId("p"), client_id=ClientId("c"), created_ms=0, modified_ms=0, provided=False,
        settings=settings,
        pictures=tuple(Picture(category=each, mode="DYNAMIC", extension="PNG", digest="0") for each in pictures),
    )  # fmt: skip
    return look.managed(made).sheet


@pytest.mark.parametrize(
    ("inclusion", "position", "place"),
    [
        ("IN", "TOP", ".hosted-brand::before"),
        ("IN", "BOTTOM", ".hosted-card::after"),
        ("OUT", "TOP", ".hosted-main::before"),
        ("OUT", "BOTTOM", ".hosted-main::after"),
    ],
)
def test_a_form_logo_stands_where_the_style_says(inclusion: str, position: str, place: str) -> None:
    logo = {"enabled": True, "formInclusion": inclusion, "position": position}

    sheet = _sheet({"components": {"form": {"logo": logo}}}, "FORM_LOGO")

    assert f'{place} {{ content: ""; background: url("form_logo.dynamic.0.png") center / contain no-repeat; }}' in sheet


def test_graphics_are_the_styles_own_or_none() -> None:
    assert _sheet({"categories": {"form": {"displayGraphics": False}}}) == ".hosted-graphic { display: none; }"
    assert '.graphic-email::before { content: ""; background: url("email_graphic' in _sheet({}, "EMAIL_GRAPHIC")


def test_a_favicon_is_of_a_kind_that_the_style_enables() -> None:
    made = Style(
        id="s", pool_id=PoolId("p"), client_id=ClientId("c"), created_ms=0, modified_ms=0, provided=False,
        settings={"components": {"favicon": {"enabledTypes": ["ICO"]}}},
        pictures=tuple(
            Picture(category=f"FAVICON_{kind}", mode="DYNAMIC", extension=kind, digest="0") for kind in ("SVG", "ICO")
        ),
    )  # fmt: skip

    assert look.managed(made).favicon == "favicon_ico.dynamic.0.ico"


def _colours(tree: Any, path: str = "") -> Iterator[str]:
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _colours(value, f"{path}.{name}" if path else name)
    elif isinstance(tree, str) and path.endswith("olor"):
        yield path


def test_every_colour_of_the_document_has_an_effect_or_is_known_to_have_none() -> None:
    # nothing on the pages waits for long enough to be pending, and native lists draw their own borders
    unseen = {"statusIndicator.{}.pending.indicatorColor", "dropDown.{}.hover.itemBorderColor"}
    painted = {path for path, *_ in look._COLOURS}
    known = {re.sub("lightMode|darkMode", "{}", path) for path in _colours(branding.merged(None))}

    assert {f"componentClasses.{each}" for each in unseen} == known - painted
    assert set() == painted - known


@given(st.dictionaries(st.sampled_from(["components", "componentClasses", "categories"]), _JSON))
def test_whatever_passes_the_check_makes_a_sheet_of_plain_rules(document: Any) -> None:
    if branding.check_settings(document) is None:
        sheet = _sheet(document)
        assert not re.search(r"[<@\\]|url\(|expression|import", sheet)


@pytest.mark.parametrize(
    "css",
    [
        "@import 'x';",
        "@media all { .label-customizable { color: red } }",
        ".label-customizable { background: url(x) }",
        ".label-customizable { background-color: u\\72 l(x) }",
        ".label-customizable { color: expression(a()) }",
        ".label-customizable { color: var(--x) }",
        ".label-customizable { -moz-binding: none }",
        ".label-customizable { position: fixed }",
        ".label-customizable, body { color: red }",
        ".label-customizable:has(a) { color: red }",
        ".label-customizable a { color: red }",
        "</style><script>a()</script>",
        ".label-customizable { color: red } </style>",
        ".label-customizable { font-family: '\\3c/style>' } body { color: red }",
        "." + "x" * 100_000,
    ],
)
def test_css_that_could_fetch_run_or_reach_elsewhere_is_refused(css: str) -> None:
    refusal = classic_css.check(css)

    assert refusal is not None
    assert len(refusal.message) < 200
