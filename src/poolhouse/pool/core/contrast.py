"""
Whether what a style paints can be read: contrast as WCAG 2.2 reckons it (relative luminance; SC 1.4.3 and 1.4.11).

A colour is eight hexadecimal digits, as in branding documents.  What is translucent is reckoned as it is seen, over
what lies under it.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.core.branding import merged

TEXT: Final = 4.5
MARK: Final = 3.0
MODES: Final = ("lightMode", "darkMode")
_FORM: Final = "components.form.{}.backgroundColor"
_PAGE: Final = "components.pageBackground.{}.color"


class Pair(msgspec.Struct, frozen=True):
    """Something painted, what it is painted on from the top to the bottom, and the contrast that it needs."""

    label: str
    ink: str
    grounds: tuple[str, ...]
    least: float = TEXT


PAIRS: Final = (
    Pair(
        "Text on the primary button",
        "components.primaryButton.{}.defaults.textColor",
        ("components.primaryButton.{}.defaults.backgroundColor", _FORM, _PAGE),
    ),
    Pair(
        "Text on the primary button under the pointer",
        "components.primaryButton.{}.hover.textColor",
        ("components.primaryButton.{}.hover.backgroundColor", _FORM, _PAGE),
    ),
    Pair("The primary button", "components.primaryButton.{}.defaults.backgroundColor", (_FORM, _PAGE), MARK),
    Pair(
        "Text on secondary buttons",
        "components.secondaryButton.{}.defaults.textColor",
        ("components.secondaryButton.{}.defaults.backgroundColor", _FORM, _PAGE),
    ),
    Pair("Headings", "components.pageText.{}.headingColor", (_FORM, _PAGE)),
    Pair("Text", "components.pageText.{}.bodyColor", (_FORM, _PAGE)),
    Pair("Descriptions", "components.pageText.{}.descriptionColor", (_FORM, _PAGE)),
    Pair("Descriptions under the form", "components.pageText.{}.descriptionColor", (_PAGE,)),
    Pair("Labels", "componentClasses.inputLabel.{}.textColor", (_FORM, _PAGE)),
    Pair("Hints", "componentClasses.inputDescription.{}.textColor", (_FORM, _PAGE)),
    Pair("Links", "componentClasses.link.{}.defaults.textColor", (_FORM, _PAGE)),
    Pair("Borders of inputs", "componentClasses.input.{}.defaults.borderColor", (_FORM, _PAGE), MARK),
    Pair("The mark of what has the focus", "componentClasses.focusState.{}.borderColor", (_FORM, _PAGE), MARK),
)


def ratio(ink: str, *grounds: str) -> float:
    """From 1 to 21; *grounds* from the top to the bottom, the last of which is taken for opaque."""
    under = _over([*grounds[:-1], grounds[-1][:6] + "ff"])
    high, low = sorted((_luminance(_over([ink, *_opaque(under)])), _luminance(under)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def weak(settings: Mapping[str, Any] | None) -> list[tuple[Pair, str, float]]:
    """The pairs that are too close, in which mode, and how close."""
    whole = merged(settings)
    found = []
    for pair in PAIRS:
        for mode in MODES:
            reckoned = ratio(*(_at(whole, path.format(mode)) for path in (pair.ink, *pair.grounds)))
            if reckoned < pair.least:
                found.append((pair, mode, reckoned))
    return found


def _at(whole: Mapping[str, Any], path: str) -> str:
    found: Any = whole
    for name in path.split("."):
        found = found[name]
    return str(found)


def _channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4, 6)]


def _over(colours: list[str]) -> list[float]:
    """What is seen of *colours*, the first of which lies on top."""
    seen = _channels(colours[-1])[:3]
    for colour in reversed(colours[:-1]):
        *painted, alpha = _channels(colour)
        seen = [alpha * one + (1 - alpha) * other for one, other in zip(painted, seen, strict=True)]
    return seen


def _opaque(seen: list[float]) -> list[str]:
    return ["".join(f"{round(255 * each):02x}" for each in seen) + "ff"]


def _luminance(seen: list[float]) -> float:
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in seen]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
