"""
From branding documents to style sheets.

A sheet sets meanings (``--accent``) and a few places that only a hosted page has.  What a document leaves out is not
in the sheet, so that it stays as our own look has it.  Nothing of a document reaches a sheet but colours, numbers and
words that ``core.branding`` and ``core.classic_css`` have let through, and names of files that are ours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from poolhouse.pool.core.branding import image_kind, merged
from poolhouse.pool.model.branding import Customization, Look, Picture, Style

# A path in the settings: what it means on our pages. `{}` stands for the mode in the path.
_COLOURS: Final = (
    ("components.primaryButton.{}.defaults.backgroundColor", ":root", "--accent"),
    ("components.primaryButton.{}.hover.backgroundColor", ":root", "--accent-hover"),
    ("components.primaryButton.{}.defaults.textColor", ":root", "--on-accent"),
    ("components.primaryButton.{}.hover.textColor", ".hosted .button-primary:hover", "color"),
    ("components.primaryButton.{}.active.backgroundColor", ".hosted .button-primary:active", "background-color"),
    ("components.primaryButton.{}.active.textColor", ".hosted .button-primary:active", "color"),
    ("components.primaryButton.{}.disabled.backgroundColor", ".hosted .button-primary:disabled", "background-color"),
    ("components.primaryButton.{}.disabled.borderColor", ".hosted .button-primary:disabled", "border-color"),
    ("components.pageBackground.{}.color", ":root", "--surface"),
    ("components.form.{}.backgroundColor", ":root", "--surface-raised"),
    ("components.form.{}.borderColor", ".hosted-card", "border-color"),
    ("components.pageText.{}.bodyColor", ":root", "--text"),
    ("components.pageText.{}.descriptionColor", ":root", "--text-muted"),
    ("components.pageText.{}.headingColor", ".hosted-card h1", "color"),
    ("components.pageHeader.{}.background.color", ".hosted-header", "background-color"),
    ("components.pageHeader.{}.borderColor", ".hosted-header", "border-color"),
    ("components.pageFooter.{}.background.color", ".hosted-footer", "background-color"),
    ("components.pageFooter.{}.borderColor", ".hosted-footer", "border-color"),
    ("components.secondaryButton.{}.defaults.backgroundColor", ".hosted .button-secondary", "background-color"),
    ("components.secondaryButton.{}.defaults.borderColor", ".hosted .button-secondary", "border-color"),
    ("components.secondaryButton.{}.defaults.textColor", ".hosted .button-secondary", "color"),
    ("components.secondaryButton.{}.hover.backgroundColor", ".hosted .button-secondary:hover", "background-color"),
    ("components.secondaryButton.{}.hover.borderColor", ".hosted .button-secondary:hover", "border-color"),
    ("components.secondaryButton.{}.hover.textColor", ".hosted .button-secondary:hover", "color"),
    ("components.secondaryButton.{}.active.backgroundColor", ".hosted .button-secondary:active", "background-color"),
    ("components.secondaryButton.{}.active.borderColor", ".hosted .button-secondary:active", "border-color"),
    ("components.secondaryButton.{}.active.textColor", ".hosted .button-secondary:active", "color"),
    ("components.idpButton.standard.{}.defaults.backgroundColor", ".hosted .providers .button", "background-color"),
    ("components.idpButton.standard.{}.defaults.borderColor", ".hosted .providers .button", "border-color"),
    ("components.idpButton.standard.{}.defaults.textColor", ".hosted .providers .button", "color"),
    ("components.idpButton.standard.{}.hover.backgroundColor", ".hosted .providers .button:hover", "background-color"),
    ("components.idpButton.standard.{}.hover.borderColor", ".hosted .providers .button:hover", "border-color"),
    ("components.idpButton.standard.{}.hover.textColor", ".hosted .providers .button:hover", "color"),
    (
        "components.idpButton.standard.{}.active.backgroundColor",
        ".hosted .providers .button:active",
        "background-color",
    ),
    ("components.idpButton.standard.{}.active.borderColor", ".hosted .providers .button:active", "border-color"),
    ("components.idpButton.standard.{}.active.textColor", ".hosted .providers .button:active", "color"),
    ("componentClasses.dropDown.{}.defaults.itemBackgroundColor", ".hosted option", "background-color"),
    ("componentClasses.dropDown.{}.hover.itemBackgroundColor", ".hosted option:hover", "background-color"),
    ("componentClasses.dropDown.{}.hover.itemTextColor", ".hosted option:hover", "color"),
    ("componentClasses.dropDown.{}.match.itemBackgroundColor", ".hosted option:checked", "background-color"),
    ("componentClasses.dropDown.{}.match.itemTextColor", ".hosted option:checked", "color"),
    ("componentClasses.optionControls.{}.defaults.backgroundColor", ".hosted .tick", "background-color"),
    ("componentClasses.optionControls.{}.defaults.borderColor", ".hosted .tick", "border-color"),
    ("componentClasses.optionControls.{}.selected.backgroundColor", ".hosted .tick:checked", "background-color"),
    ("componentClasses.optionControls.{}.selected.backgroundColor", ".hosted .tick:checked", "border-color"),
    ("componentClasses.optionControls.{}.selected.foregroundColor", ".hosted .tick::before", "background-color"),
    ("componentClasses.statusIndicator.{}.error.backgroundColor", ":root", "--danger-soft"),
    ("componentClasses.statusIndicator.{}.error.borderColor", ":root", "--danger-line"),
    ("components.alert.{}.error.backgroundColor", ":root", "--danger-soft"),
    ("components.alert.{}.error.borderColor", ":root", "--danger-line"),
    ("componentClasses.divider.{}.borderColor", ":root", "--line"),
    ("componentClasses.focusState.{}.borderColor", ":root", "--focus"),
    ("componentClasses.input.{}.defaults.backgroundColor", ":root", "--surface-field"),
    ("componentClasses.input.{}.defaults.borderColor", ":root", "--line-strong"),
    ("componentClasses.input.{}.placeholderColor", ".hosted .input::placeholder", "color"),
    ("componentClasses.inputDescription.{}.textColor", ".hosted .field-hint", "color"),
    ("componentClasses.inputLabel.{}.textColor", ".hosted .field-head label", "color"),
    ("componentClasses.link.{}.defaults.textColor", ":root", "--accent-text"),
    ("componentClasses.link.{}.hover.textColor", ".hosted a:hover", "color"),
    ("componentClasses.statusIndicator.{}.error.indicatorColor", ":root", "--danger-text"),
    ("componentClasses.statusIndicator.{}.success.indicatorColor", ":root", "--success-text"),
    ("componentClasses.statusIndicator.{}.success.backgroundColor", ":root", "--success-soft"),
    ("componentClasses.statusIndicator.{}.success.borderColor", ":root", "--success-line"),
    ("componentClasses.statusIndicator.{}.warning.indicatorColor", ":root", "--warning-text"),
    ("componentClasses.statusIndicator.{}.warning.backgroundColor", ":root", "--warning-soft"),
    ("componentClasses.statusIndicator.{}.warning.borderColor", ":root", "--warning-line"),
)
_RADII: Final = (
    ("componentClasses.buttons.borderRadius", ".hosted .button"),
    ("componentClasses.input.borderRadius", ".hosted .input"),
    ("componentClasses.dropDown.borderRadius", ".hosted select.input"),
    ("components.form.borderRadius", ".hosted-card"),
    ("components.alert.borderRadius", ".hosted .notice"),
)
_PLACES: Final = {"START": "start", "CENTER": "center", "END": "end"}
_SIDES: Final = {"START": "left", "CENTER": "center", "END": "right"}
_GAPS: Final = {"COMPACT": "0.875rem", "SPACIOUS": "1.75rem"}
# Where a picture goes, and the switch that shows it.
_BACKGROUNDS: Final = (
    ("PAGE_BACKGROUND", "components.pageBackground.image.enabled", ".hosted"),
    ("FORM_BACKGROUND", "components.form.backgroundImage.enabled", ".hosted-card"),
    ("PAGE_HEADER_BACKGROUND", "components.pageHeader.backgroundImage.enabled", ".hosted-header"),
    ("PAGE_FOOTER_BACKGROUND", "components.pageFooter.backgroundImage.enabled", ".hosted-footer"),
)
_BARS: Final = (
    ("PAGE_HEADER_LOGO", "components.pageHeader.logo", ".hosted-header"),
    ("PAGE_FOOTER_LOGO", "components.pageFooter.logo", ".hosted-footer"),
)
# Within the form or outside of it, above or below: a place, and whether our own name stands there.
_FORM_LOGOS: Final = {
    ("IN", "TOP"): (".hosted-brand::before", True),
    ("IN", "BOTTOM"): (".hosted-card::after", False),
    ("OUT", "TOP"): (".hosted-main::before", False),
    ("OUT", "BOTTOM"): (".hosted-main::after", False),
}
_GRAPHICS: Final = {
    "EMAIL_GRAPHIC": "email", "SMS_GRAPHIC": "sms", "AUTH_APP_GRAPHIC": "app", "PASSWORD_GRAPHIC": "password",
    "PASSKEY_GRAPHIC": "passkey",
}  # fmt: skip
_CLASSIC: Final[Mapping[str, str]] = {
    "background": ".hosted-card",
    "banner": ".hosted-brand",
    "errorMessage": ".hosted .notice-danger",
    "idpButton": ".hosted .providers .button",
    "idpDescription": ".hosted .or",
    "inputField": ".hosted .input",
    "label": ".hosted .field-head label",
    "legalText": ":is(.hosted-foot, .hosted-body .small)",
    "logo": ".hosted-brand img",
    "passwordCheck-notValid": ".hosted .rules li:not(.rule-kept)",
    "passwordCheck-valid": ".hosted .rules .rule-kept",
    "redirect": ".hosted a",
    "socialButton": ".hosted .providers .button",
    "submitButton": ".hosted .button-primary",
    "textDescription": ".hosted .hosted-lead",
}
_CLASS: Final = re.compile(rf"\.({'|'.join(map(re.escape, _CLASSIC))})-customizable(?![\w-])")


def classic(customization: Customization) -> Look:
    """The classic pages' CSS with our own places in the place of its classes."""
    css = _CLASS.sub(lambda found: _everywhere(_CLASSIC[found[1]]), customization.css or "")
    logo = ""
    if customization.image is not None:
        logo = f"logo.{customization.modified_ms:x}.{'jpg' if image_kind(customization.image) == 'JPEG' else 'png'}"
    return Look(sheet=css, logo=logo)


def managed(style: Style) -> Look:
    """A branding style; the server's own has nothing to say."""
    given = style.settings or {}
    scheme = str(_at(given, "categories.global.colorSchemeMode") or "DYNAMIC").lower()
    kinds = _at(merged(given), "components.favicon.enabledTypes")
    icons = {each.category.removeprefix("FAVICON_"): each.file for each in style.pictures}
    favicon = next((icons[kind] for kind in ("SVG", "ICO") if kind in kinds and kind in icons), "")
    shown = {each.category for each in style.pictures}
    return Look(
        sheet=_sheet(given, style.pictures),
        scheme="" if scheme == "dynamic" else scheme,
        favicon=favicon,
        has_header=_at(given, "categories.global.pageHeader.enabled") is True,
        has_footer=_at(given, "categories.global.pageFooter.enabled") is True,
        has_ground="PAGE_BACKGROUND" in shown and _at(given, "components.pageBackground.image.enabled") is True,
    )


def _sheet(given: Mapping[str, Any], pictures: Sequence[Picture]) -> str:
    """``light-dark()`` takes colours only, so pictures of one mode stand in a query of their own."""
    lines = [_rules([*_colours(given), *_shapes(given), *_images(given, pictures, "DYNAMIC")])]
    scheme = _at(given, "categories.global.colorSchemeMode")
    for mode in ("LIGHT", "DARK"):
        rules = _rules(list(_images(given, pictures, mode)))
        if rules and scheme == mode:
            lines.append(rules)
        elif rules and scheme in {None, "DYNAMIC"}:
            lines.append(f"@media (prefers-color-scheme: {mode.lower()}) {{\n{rules}\n}}")
    return "\n".join(line for line in lines if line)


def _rules(found: Sequence[tuple[str, str]]) -> str:
    by_place: dict[str, list[str]] = {}
    for place, rule in found:
        by_place.setdefault(place, []).append(rule)
    return "\n".join(f"{_everywhere(place)} {{ {' '.join(rules)} }}" for place, rules in by_place.items())


def _everywhere(place: str) -> str:
    """A place within the hosted pages, and the same on the account's pages."""
    return place.replace(".hosted ", ":is(.hosted, .own) ")


def _colours(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A colour that is given for one mode has our own look's in the other."""
    whole = merged(given)
    for path, place, meaning in _COLOURS:
        light, dark = path.format("lightMode"), path.format("darkMode")
        if _at(given, light) is not None or _at(given, dark) is not None:
            yield place, f"{meaning}: light-dark(#{_at(whole, light)}, #{_at(whole, dark)});"


def _shapes(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, place in _RADII:
        radius = _at(given, path)
        if radius is not None:
            yield place, f"border-radius: {float(radius):g}px;"
    vertical = _at(given, "categories.form.location.vertical")
    if vertical is not None:
        yield ".hosted-main", f"align-content: {_PLACES[vertical]};"
    horizontal = _at(given, "categories.form.location.horizontal")
    if horizontal is not None:
        yield ".hosted-main", f"justify-items: {_PLACES[horizontal]};"
    if _at(given, "categories.form.displayGraphics") is False:
        yield ".hosted-graphic", "display: none;"
    if _at(given, "categories.form.languageSelector.enabled") is False:
        yield ":is(.hosted, .own) .tongues", "display: none;"
    density = _at(given, "categories.global.spacingDensity")
    if density in _GAPS:
        yield ".hosted-body, .hosted-body form", f"gap: {_GAPS[density]};"


def _images(given: Mapping[str, Any], pictures: Sequence[Picture], mode: str) -> Iterator[tuple[str, str]]:
    """A logo is drawn before what its place holds, so that the place may have a background as well."""
    files = {each.category: each.file for each in pictures if each.mode == mode}
    for category, switch, place in _BACKGROUNDS:
        if category in files and _at(given, switch) is True:
            image = f'url("{files[category]}")'
            yield place, f"background-image: {image}; background-size: cover; background-position: center;"
    whole = merged(given)
    for category, path, place in _BARS:
        if category in files and _at(given, f"{path}.enabled") is True:
            yield f"{place}::before", _drawn(files[category], _at(whole, f"{path}.location"))
    logo = _at(whole, "components.form.logo")
    if "FORM_LOGO" in files and logo["enabled"] is True:
        place, replaces = _FORM_LOGOS[logo["formInclusion"], logo["position"]]
        yield ".hosted-brand > *" if replaces else ".hosted-brand", "display: none;"
        yield place, _drawn(files["FORM_LOGO"], logo["location"])
        yield ".own .bar-brand > svg", "display: none;"
        yield ".own .bar-brand::before", f"width: 7rem; height: 1.75rem; {_drawn(files['FORM_LOGO'], 'CENTER')}"
    for category, kind in _GRAPHICS.items():
        if category in files:
            yield f".graphic-{kind} > *", "display: none;"
            yield f".graphic-{kind}", "width: auto; height: 7.5rem; background: none;"
            yield f".graphic-{kind}::before", _drawn(files[category], "CENTER")


def _drawn(file: str, location: str) -> str:
    return f'content: ""; background: url("{file}") {_SIDES[location]} / contain no-repeat;'


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(document, Mapping) or name not in document:
            return None
        document = document[name]
    return document
