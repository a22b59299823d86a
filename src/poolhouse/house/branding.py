"""
How the house looks: Admin Settings > Branding.

A logo is kept in the settings themselves, as a ``data:`` URL, so that it comes and goes with a version of them.  An
accent colour is given for light pages, and another one for dark ones where that would not stand out; everything that is
painted with it is reckoned from it (WCAG 2.2, SC 1.4.3 and 1.4.11).
"""

import base64
import binascii
import hashlib
import re
from typing import Annotated

import msgspec
from msgspec import Meta

from poolhouse.kit import svg
from poolhouse.kit.left_out import LEFT_OUT

LOGO_LIMIT = 32_768
TEXT_LIMIT = 500
COLOURS = frozenset({"branding.accent", "branding.accent_dark"})
"""The settings that are colours."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_DIGITS = re.compile(r"[0-9a-f]{3}(?:[0-9a-f]{3})?")
_FEW = 3
_DATA = re.compile(r"data:image/(png|svg\+xml);base64,([A-Za-z0-9+/=\s]+)")
_PNG = b"\x89PNG\r\n\x1a\n"
_LIGHT, _DARK = "#ffffff", "#21201e"
"""What cards are painted with in the two themes: ``--surface-raised``."""
_INK_LIGHT, _INK_DARK = "#ffffff", "#110f0e"
_TEXT, _MARK = 4.5, 3.0


class Branding(msgspec.Struct, frozen=True, kw_only=True):
    """What is empty looks as Poolhouse itself does."""

    accent: Annotated[
        str,
        Meta(title="Accent colour", description="Of buttons and links, as #rrggbb. Empty for our own."),
    ] = ""
    accent_dark: Annotated[
        str, Meta(title="Accent colour on dark pages", description="Where the one above would not stand out there.")
    ] = ""
    logo: Annotated[
        str,
        Meta(
            title="Logo",
            description="SVG or PNG, 32 KB at most, shown 28 pixels high beside the instance's name.",
            extra={"is_picture": True},
        ),
    ] = ""
    login_text: Annotated[
        str,
        Meta(
            title="Text of the login page",
            description="A few words above the form. Plain text.",
        ),
    ] = ""


class Logo(msgspec.Struct, frozen=True):
    """The picture itself."""

    media_type: str
    body: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]


def check(branding: Branding) -> dict[str, str]:
    """What is wrong, by field name."""
    errors: dict[str, str] = {}
    for name in ("accent", "accent_dark"):
        if getattr(branding, name) and not _COLOUR.fullmatch(getattr(branding, name)):
            errors[name] = "Give a colour as # and six digits or letters a to f, such as #007984."
    if branding.accent_dark and not branding.accent:
        errors["accent_dark"] = "Give the colour for light pages, too."
    if not errors and branding.accent:
        if ratio(branding.accent, _LIGHT) < _MARK:
            errors["accent"] = (
                f"On light pages it can hardly be seen: {_words(branding.accent, _LIGHT)}. Take a darker one."
            )
        dark = branding.accent_dark or branding.accent
        if ratio(dark, _DARK) < _MARK:
            errors["accent_dark"] = (
                f"On dark pages {dark} can hardly be seen: {_words(dark, _DARK)}. Give a lighter one."
            )
    if branding.logo:
        fault = picture_fault(branding.logo)
        if fault:
            errors["logo"] = fault
    if (
        len(branding.login_text) > TEXT_LIMIT
        or not branding.login_text.replace("\n", "").replace("\r", "").isprintable()
    ):
        errors["login_text"] = f"Plain text of at most {TEXT_LIMIT} characters."
    return errors


def read_colour(text: str) -> str:
    """
    What was typed, as it is kept: ``#0A7`` and ``00aa77`` are written for ``#00aa77`` (CSS Color 4 section 5.2).

    What is no colour is left as it is, for ``check`` to say so.
    """
    digits = text.strip().lower().removeprefix("#")
    if not _DIGITS.fullmatch(digits):
        return text
    return "#" + ("".join(2 * each for each in digits) if len(digits) == _FEW else digits)


def read_logo(text: str) -> str:
    """
    What was pasted or chosen, as it is kept: SVG source becomes a ``data:`` URL, one of these stays.

    What is neither is left as it is, for ``check`` to say so.
    """
    stripped = text.strip()
    if stripped.startswith("<"):
        return picture_url(stripped.encode())
    return re.sub(r"\s+", "", stripped) if stripped.startswith("data:") else stripped


def picture_url(body: bytes) -> str:
    """A picture's bytes as a ``data:`` URL."""
    kind = "png" if body.startswith(_PNG) else "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(body).decode()}"


def find_logo(branding: Branding) -> Logo | None:
    """The logo as it is served."""
    return find_picture(branding.logo)


def find_picture(url: str) -> Logo | None:
    """A checked picture as it is served."""
    found = _DATA.fullmatch(url)
    if found is None:
        return None
    return Logo(f"image/{found[1]}", base64.b64decode(found[2]))


def sheet_name(branding: Branding) -> str:
    """The name of the style sheet: it says all that is in it; "" where there is none."""
    if not _COLOUR.fullmatch(branding.accent):
        return ""
    return f"{branding.accent[1:]}-{(branding.accent_dark or branding.accent)[1:]}.css"


def style_sheet(light: str, dark: str) -> str:
    """Meanings of the design's tokens, reckoned from two colours ``#rrggbb``."""
    pairs = {
        "accent": (light, dark),
        "accent-hover": (mix(light, "#000000", 0.14), mix(dark, "#ffffff", 0.2)),
        "accent-text": (readable(light, _LIGHT), readable(dark, _DARK)),
        "accent-soft": (mix(light, _LIGHT, 0.92), mix(dark, _DARK, 0.85)),
        "accent-line": (mix(light, _LIGHT, 0.7), mix(dark, _DARK, 0.6)),
        "on-accent": (ink_on(light), ink_on(dark)),
        "focus": (light, dark),
    }
    return ":root{" + "".join(f"--{name}:light-dark({a},{b});" for name, (a, b) in pairs.items()) + "}\n"


def contrasts(branding: Branding) -> list[tuple[str, str]]:
    """How the saved colours stand out in each theme, in words; nothing for our own."""
    if not branding.accent:
        return []
    pairs = (("Light pages", branding.accent, _LIGHT), ("Dark pages", branding.accent_dark or branding.accent, _DARK))
    return [(label, f"contrast {ratio(colour, ground):.1f}") for label, colour, ground in pairs]


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: str) -> str:
    """White or nearly black: whichever is read better on it, which is never under 4.3."""
    return max((_INK_LIGHT, _INK_DARK), key=lambda ink: ratio(ink, ground))


def readable(colour: str, ground: str) -> str:
    """The colour, moved away from its ground until text in it can be read."""
    away = "#000000" if _luminance(ground) > 0.18 else "#ffffff"
    for step in range(21):
        moved = mix(colour, away, step / 20)
        if ratio(moved, ground) >= _TEXT:
            return moved
    return away


def mix(colour: str, other: str, share: float) -> str:
    """*share* of the other one in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round((1 - share) * one + share * two):02x}" for one, two in pairs)


def picture_fault(logo: str) -> str:
    """Why a ``data:`` URL is not taken, as a sentence; "" for a picture that is safe to show."""
    if logo == LEFT_OUT:
        return f"The picture was far too large and has been left out; at most {LOGO_LIMIT // 1024} KB are taken."
    found = _DATA.fullmatch(logo)
    if found is None:
        return "Choose an SVG or a PNG file, or paste the source of an SVG."
    try:
        body = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return "The picture cannot be read; choose it again."
    if len(body) > LOGO_LIMIT:
        return f"The picture has {len(body) // 1024} KB; at most {LOGO_LIMIT // 1024} are taken."
    if found[1] == "png":
        return "" if body.startswith(_PNG) else "This is not a PNG file."
    return svg.fault(body)


def _words(one: str, other: str) -> str:
    return f"its contrast is {ratio(one, other):.1f}, and {_MARK:.0f} is needed"


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = [each / 255 for each in _channels(colour)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
