"""How a pool's letters look: from its branding as much as every mail client can show."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.core.branding import image_kind, merged
from poolhouse.pool.model.branding import Customization, Style
from poolhouse.pool.model.message import Brand

LOGO_BYTES: Final = 65_536
"""A logo travels with each letter, so a larger one stays at home."""
_BUTTON: Final = "components.primaryButton.{}.defaults.{}"
_KINDS: Final = {"PNG": "png", "JPEG": "jpeg", "JPG": "jpeg"}


def of_style(style: Style) -> Brand:
    """A branding style: the colours of its first button and, where its pages show one, the logo of its form."""
    if style.provided or not style.settings:
        return Brand()
    given, whole = style.settings, merged(style.settings)
    brand = Brand()
    if _at(given, "components.primaryButton") is not None:
        brand = Brand(
            accent=_colour(whole, "lightMode", "backgroundColor"),
            on_accent=_colour(whole, "lightMode", "textColor"),
            accent_dark=_colour(whole, "darkMode", "backgroundColor"),
            on_accent_dark=_colour(whole, "darkMode", "textColor"),
        )
    if _at(whole, "components.form.logo.enabled") is not True:
        return brand
    logo = _logo(style)
    return brand if logo is None else msgspec.structs.replace(brand, logo=logo[0], logo_kind=logo[1])


def of_customization(customization: Customization) -> Brand:
    """The classic pages' logo."""
    image = customization.image
    if image is None or len(image) > LOGO_BYTES:
        return Brand()
    return Brand(logo=image, logo_kind="jpeg" if image_kind(image) == "JPEG" else "png")


def _logo(style: Style) -> tuple[bytes, str] | None:
    """The one for light pages: it is shown on white.  Mail clients do not show SVG."""
    found = [
        (asset.color_mode, asset.bytes_, _KINDS[asset.extension])
        for asset in style.assets or ()
        if asset.category == "FORM_LOGO" and asset.extension in _KINDS
    ]
    for mode, image, kind in sorted(found, key=lambda each: each[0] == "DARK"):
        if mode != "DARK" and image and len(image) <= LOGO_BYTES:
            return image, kind
    return None


def _colour(whole: Mapping[str, Any], mode: str, name: str) -> str:
    """``#rrggbb``: mail clients do not know how much shines through."""
    return f"#{str(_at(whole, _BUTTON.format(mode, name)))[:6]}"


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(document, Mapping) or name not in document:
            return None
        document = document[name]
    return document
