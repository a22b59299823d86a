"""
The document of a branding style as the fields of the editor.

A field's name is the path of what it sets.  A field that is left empty, or as our own look has it, is not in the
document: a style has only what it changes.  What the editor has no field for stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.core.branding import check_settings, merged
from poolhouse.pool.core.contrast import MODES

_SHORT: Final = re.compile(r"[0-9a-fA-F]{3}")
_COLOUR: Final = re.compile(r"[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")
_WRONG_COLOUR: Final = "Enter a colour such as #007984."
_WRONG_RADIUS: Final = "Enter a number of pixels from 0 to 100."
_RADIUS: Final = 100

#: Groups of colours: heading, then the label and the path of each, with a place for the mode.
COLOURS: Final = (
    (
        "Buttons",
        (
            ("Primary button", "components.primaryButton.{}.defaults.backgroundColor"),
            ("Primary button, text", "components.primaryButton.{}.defaults.textColor"),
            ("Primary button under the pointer", "components.primaryButton.{}.hover.backgroundColor"),
            ("Primary button under the pointer, text", "components.primaryButton.{}.hover.textColor"),
            ("Secondary button", "components.secondaryButton.{}.defaults.backgroundColor"),
            ("Secondary button, border", "components.secondaryButton.{}.defaults.borderColor"),
            ("Secondary button, text", "components.secondaryButton.{}.defaults.textColor"),
        ),
    ),
    (
        "Page and form",
        (
            ("Page", "components.pageBackground.{}.color"),
            ("Form", "components.form.{}.backgroundColor"),
            ("Form, border", "components.form.{}.borderColor"),
            ("Header", "components.pageHeader.{}.background.color"),
            ("Footer", "components.pageFooter.{}.background.color"),
        ),
    ),
    (
        "Text",
        (
            ("Headings", "components.pageText.{}.headingColor"),
            ("Text", "components.pageText.{}.bodyColor"),
            ("Descriptions", "components.pageText.{}.descriptionColor"),
            ("Links", "componentClasses.link.{}.defaults.textColor"),
        ),
    ),
    (
        "Inputs",
        (
            ("Labels", "componentClasses.inputLabel.{}.textColor"),
            ("Hints", "componentClasses.inputDescription.{}.textColor"),
            ("Inputs", "componentClasses.input.{}.defaults.backgroundColor"),
            ("Inputs, border", "componentClasses.input.{}.defaults.borderColor"),
            ("What has the focus", "componentClasses.focusState.{}.borderColor"),
        ),
    ),
)
RADII: Final = (
    ("Buttons", "componentClasses.buttons.borderRadius"),
    ("Inputs", "componentClasses.input.borderRadius"),
    ("Form", "components.form.borderRadius"),
    ("Notices", "components.alert.borderRadius"),
)
_SIDES: Final = (("START", "Start"), ("CENTER", "Center"), ("END", "End"))
WORDS: Final = (
    ("Color scheme", "categories.global.colorSchemeMode",
     (("DYNAMIC", "As the browser is"), ("LIGHT", "Light"), ("DARK", "Dark"))),
    ("Spacing", "categories.global.spacingDensity",
     (("COMPACT", "Compact"), ("REGULAR", "Regular"), ("SPACIOUS", "Spacious"))),
    ("Form, across", "categories.form.location.horizontal", _SIDES),
    ("Form, up and down", "categories.form.location.vertical",
     (("START", "Top"), ("CENTER", "Center"), ("END", "Bottom"))),
    ("Form logo, place", "components.form.logo.formInclusion", (("IN", "Within the form"), ("OUT", "Outside"))),
    ("Form logo, up and down", "components.form.logo.position", (("TOP", "Top"), ("BOTTOM", "Bottom"))),
    ("Form logo, across", "components.form.logo.location", _SIDES),
)  # fmt: skip
SWITCHES: Final = (
    ("Page header", "categories.global.pageHeader.enabled"),
    ("Page footer", "categories.global.pageFooter.enabled"),
    ("Graphics", "categories.form.displayGraphics"),
    ("Form logo", "components.form.logo.enabled"),
    ("Header logo", "components.pageHeader.logo.enabled"),
    ("Footer logo", "components.pageFooter.logo.enabled"),
    ("Page background image", "components.pageBackground.image.enabled"),
    ("Form background image", "components.form.backgroundImage.enabled"),
    ("Header background image", "components.pageHeader.backgroundImage.enabled"),
    ("Footer background image", "components.pageFooter.backgroundImage.enabled"),
)
#: The switch that shows the pictures of a category.
SHOWS: Final = {
    "FORM_LOGO": "components.form.logo.enabled",
    "PAGE_HEADER_LOGO": "components.pageHeader.logo.enabled",
    "PAGE_FOOTER_LOGO": "components.pageFooter.logo.enabled",
    "PAGE_BACKGROUND": "components.pageBackground.image.enabled",
    "FORM_BACKGROUND": "components.form.backgroundImage.enabled",
    "PAGE_HEADER_BACKGROUND": "components.pageHeader.backgroundImage.enabled",
    "PAGE_FOOTER_BACKGROUND": "components.pageFooter.backgroundImage.enabled",
}


def colour_paths() -> Iterable[str]:
    return (path.format(mode) for _, rows in COLOURS for _, path in rows for mode in MODES)


def filled(settings: Mapping[str, Any]) -> Form:
    """The fields: colours only where the document has them, the rest as it is in effect."""
    whole = merged(settings)
    values: dict[str, tuple[str, ...]] = {}
    for path in colour_paths():
        given = at(settings, path)
        values[path] = (f"#{_shortened(given)}" if given is not None else "",)
    for _, path in RADII:
        values[path] = (f"{float(at(whole, path)):g}",)
    for _, path, _ in WORDS:
        values[path] = (str(at(whole, path)),)
    values |= {path: ("on",) for _, path in SWITCHES if at(whole, path) is True}
    return Form(values)


def defaults() -> dict[str, str]:
    """The colours of our own look, as a field shows them."""
    whole = merged(None)
    return {path: f"#{_shortened(at(whole, path))}" for path in colour_paths()}


def read(form: Form, before: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
    """The document that *form* makes of the one *before*, and what is wrong with it by the name of the field."""
    if form.text("as") == "json":
        return _read_json(form.verbatim("json"), before)
    changed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(before))
    problems: Problems = {}
    own = merged(None)
    for path in colour_paths():
        value = colour(form.text(path))
        if value is None:
            problems[path] = _WRONG_COLOUR
        else:
            _put(changed, path, value or None)
    for _, path in RADII:
        try:
            radius = float(form.text(path) or at(own, path))
        except ValueError:
            radius = -1.0
        if not 0 <= radius <= _RADIUS:
            problems[path] = _WRONG_RADIUS
        else:
            _put(changed, path, None if radius == at(own, path) and at(before, path) is None else radius)
    for _, path, choices in WORDS:
        word = form.text(path)
        if word in dict(choices):
            _put(changed, path, None if word == at(own, path) and at(before, path) is None else word)
    for _, path in SWITCHES:
        on = form.has(path)
        _put(changed, path, None if on is at(own, path) and at(before, path) is None else on)
    return changed, problems


def _read_json(text: str, before: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
    try:
        given = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError) as wrong:
        return dict(before), {"json": f"This is not JSON: {wrong}"}
    refusal = check_settings(given)
    return (dict(before), {"json": refusal.message}) if refusal is not None else (given, {})


def colour(text: str) -> str | None:
    """As a document has it, "" for none; None for what is no colour."""
    plain = text.strip().removeprefix("#")
    if not plain:
        return ""
    if _SHORT.fullmatch(plain):
        plain = "".join(2 * each for each in plain)
    if not _COLOUR.fullmatch(plain):
        return None
    return (plain if len(plain) == 8 else f"{plain}ff").lower()


def at(document: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(document, Mapping) or name not in document:
            return None
        document = document[name]
    return document


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set it, or take it away together with the branches that are empty then."""
    first, _, rest = path.partition(".")
    if not rest:
        if value is None:
            document.pop(first, None)
        else:
            document[first] = value
        return
    if first not in document:
        if value is None:
            return
        document[first] = {}
    _put(document[first], rest, value)
    if not document[first]:
        del document[first]


def put(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """*document* with *value* at *path*."""
    changed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    _put(changed, path, value)
    return changed


def _shortened(value: Any) -> str:
    return str(value).removesuffix("ff") if len(str(value)) == 8 and str(value).endswith("ff") else str(value)
