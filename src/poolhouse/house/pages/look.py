"""What the pages of a branded house have on: the style sheet, the logo, and what every door page is given."""

import re
from typing import Any

import msgspec

from poolhouse.house.branding import Branding, find_logo, sheet_name, style_sheet
from poolhouse.house.context import Context
from poolhouse.kit.edge import Raw, Reply, text

PATH = "/static/look/"
"""Below the static files, so that it is found on the hosts of apps, too."""
_SHEET = re.compile(r"([0-9a-f]{6})-([0-9a-f]{6})\.css")
_FOR_EVER = ("cache-control", "public, max-age=31536000, immutable")
_NO_SNIFF = ("x-content-type-options", "nosniff")
# Opened by itself it is a picture and nothing else, whatever is in it.
_PICTURE_ONLY = ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")

PICTURE = (("cache-control", "private, max-age=31536000, immutable"), _NO_SNIFF, _PICTURE_ONLY)
"""Headers of a picture that somebody uploaded, for whoever is signed in; its address changes when it does."""


class Look(msgspec.Struct, frozen=True):
    """Addresses; "" for what looks as Poolhouse itself does."""

    sheet: str = ""
    logo: str = ""


def look_of(branding: Branding) -> Look:
    """What is live, with names that change when it changes."""
    sheet, logo = sheet_name(branding), find_logo(branding)
    return Look(sheet=PATH + sheet if sheet else "", logo=f"{PATH}logo-{logo.digest}" if logo is not None else "")


def door(ctx: Context) -> dict[str, Any]:
    """For every page with one card: the name, the look, whom to ask."""
    document = ctx.live.document
    return {
        "instance_name": document.instance_name,
        "look": look_of(document.branding),
        "contact": document.contact,
    }


async def reply(ctx: Context, raw: Raw) -> Reply:
    """``/static/look/<light>-<dark>.css``, which is reckoned from its name, and ``/static/look/logo-<digest>``."""
    name = raw.path.removeprefix(PATH)
    sheet = _SHEET.fullmatch(name)
    if sheet is not None:
        body = style_sheet(f"#{sheet[1]}", f"#{sheet[2]}").encode()
        return Reply(200, body, (_FOR_EVER, _NO_SNIFF, ("content-type", "text/css; charset=utf-8")))
    logo = find_logo(ctx.live.document.branding)
    if logo is None or name != f"logo-{logo.digest}":
        return text("There is no such file.\n", 404, (("cache-control", "no-store"),))
    return Reply(200, logo.body, (_FOR_EVER, _NO_SNIFF, _PICTURE_ONLY, ("content-type", logo.media_type)))
