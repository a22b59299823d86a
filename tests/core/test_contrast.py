"""Contrast as WCAG 2.2 reckons it."""

import pytest

from poolhouse.pool.core import contrast


@pytest.mark.parametrize(
    ("ink", "grounds", "expected"),
    [
        ("000000ff", ("ffffffff",), 21.0),
        ("ffffffff", ("ffffffff",), 1.0),
        ("767676ff", ("ffffffff",), 4.54),  # the lightest grey that is readable on white
        ("0000ffff", ("ffffffff",), 8.59),
        ("00000080", ("ffffffff",), 4.0),  # half a black is a grey
        ("ffffffff", ("00000000", "000000ff"), 21.0),  # what cannot be seen is no ground
        ("000000ff", ("ffffff00",), 21.0),  # what lies at the bottom is taken for opaque
    ],
)
def test_contrast_is_reckoned_as_it_is_seen(ink: str, grounds: tuple[str, ...], expected: float) -> None:
    assert contrast.ratio(ink, *grounds) == pytest.approx(expected, abs=0.02)


def test_our_own_look_is_readable() -> None:
    assert contrast.weak(None) == []


def test_what_cannot_be_read_is_named_with_its_mode() -> None:
    button = {"defaults": {"backgroundColor": "ffff00ff", "textColor": "ffffffff"}}
    found = contrast.weak({"components": {"primaryButton": {"lightMode": button}}})

    assert [("Text on the primary button", "lightMode"), ("The primary button", "lightMode")] == [
        (pair.label, mode) for pair, mode, _ in found
    ]
