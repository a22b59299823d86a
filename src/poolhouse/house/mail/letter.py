"""What a mail of the house says, part by part: its text and its HTML are made of the same."""

import msgspec

from poolhouse.house.branding import Branding, ink_on
from poolhouse.house.context import Context


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """
    One letter in English.

    ``facts`` are labels and values, ``actions`` labels and addresses (the first is the one that is meant), ``asides``
    are said in small print.  ``preheader`` is the line that a list of mails shows beside the subject.
    """

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    preheader: str = ""
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    asides: tuple[str, ...] = ()


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """Colours of a letter as ``#rrggbb``; "" for our own."""

    accent: str = ""
    on_accent: str = ""
    accent_dark: str = ""
    on_accent_dark: str = ""


def brand_of(branding: Branding) -> Brand:
    """The colours of the house's pages."""
    if not branding.accent:
        return Brand()
    dark = branding.accent_dark or branding.accent
    return Brand(
        accent=branding.accent, on_accent=ink_on(branding.accent), accent_dark=dark, on_accent_dark=ink_on(dark)
    )


def as_text(letter: Letter) -> str:
    """The letter for readers without HTML."""
    parts = [letter.heading, *letter.paragraphs]
    if letter.code:
        parts.append(letter.code)
    if letter.facts:
        parts.append("\n".join(f"{label}: {value}" for label, value in letter.facts))
    parts += [f"{label}:\n{url}" for label, url in letter.actions]
    if letter.asides:
        parts.append("\n".join(letter.asides))
    return "\n\n".join(parts) + "\n"


def as_html(ctx: Context, letter: Letter) -> str:
    """The letter in the kit's template: nothing in it is fetched from anywhere."""
    shown = msgspec.structs.asdict(letter) | {
        "language": "en",
        "app": ctx.live.document.instance_name,
        "preheader": letter.preheader or letter.paragraphs[0],
    }
    brand = brand_of(ctx.live.document.branding)
    page = ctx.html.render("kit/letter.html", letter=shown, brand=brand, direction="ltr", start="left", logo="")
    return page.decode()
