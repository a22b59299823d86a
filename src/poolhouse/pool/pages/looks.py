"""
``/branding/<client>/<file>``: the style sheet and the pictures of a client's pages.

A file is named by its content, so it may be kept for ever; a name of yesterday gets what is there today.  Pictures are
somebody's uploads: they are served as what they were checked to be, with a policy under which nothing in them runs.
"""

from collections.abc import Mapping
from typing import Final

from poolhouse.kit.edge import Reply
from poolhouse.pool.core.branding import image_kind
from poolhouse.pool.flows import client_logo
from poolhouse.pool.model.branding import Look, Style
from poolhouse.pool.pages import words
from poolhouse.pool.pages.visit import Visit, sorry
from poolhouse.pool.store import branding as store

_TYPES: Final[Mapping[str, str]] = {
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
_HEADERS: Final = (
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ("x-content-type-options", "nosniff"),
)
_KEPT: Final = ("cache-control", "public, max-age=31536000, immutable")
_FRESH: Final = ("cache-control", "no-store")


async def get(visit: Visit) -> Reply:
    """One file of a client's look."""
    owner, name = visit.raw.params["client"], visit.raw.params["file"]
    look = (visit.site.entry.appearance.managed if visit.site.managed else visit.site.entry.appearance.classic).get(
        owner
    )
    reply = None if look is None else await _file(visit, owner, look, name)
    return reply or sorry(visit, words.NO_PAGE)


async def get_logo(visit: Visit) -> Reply:
    """``/apps/<client>/<file>``: the picture of an app that asks for consent."""
    found = await client_logo.find(visit.flow, visit.site.entry, visit.raw.params["client"])
    if found is None or visit.raw.params["file"] != client_logo.file_of(found):
        return sorry(visit, words.NO_PAGE)
    return picture_reply(found.picture, client_logo.suffix_of(found))


async def _file(visit: Visit, owner: str, look: Look, name: str) -> Reply | None:
    if name.startswith("style.") and name.endswith(".css"):
        return sheet_reply(look)
    pool_id, database = visit.site.entry.pool.id, visit.flow.database
    if not visit.site.managed:
        made = await database.read(lambda tx: store.find_customization(tx, pool_id, owner))
        if made is None or made.image is None or not name.startswith("logo."):
            return None
        return picture_reply(made.image, "jpg" if image_kind(made.image) == "JPEG" else "png")
    style = await database.read(lambda tx: store.find_style_of(tx, pool_id, owner))
    return None if style is None else _asset(style, name)


def _asset(style: Style, name: str) -> Reply | None:
    for picture, asset in zip(style.pictures, style.assets or (), strict=True):
        if picture.file == name and asset.bytes_ is not None:
            return picture_reply(asset.bytes_, picture.extension.lower())
    return None


def sheet_reply(look: Look, *, keep: bool = True) -> Reply:
    """The style sheet of *look*; *keep* it for ever, since its address names what is in it."""
    kind = ("content-type", "text/css; charset=utf-8")
    return Reply(200, look.sheet.encode(), (kind, *_HEADERS[1:], _KEPT if keep else _FRESH))


def picture_reply(content: bytes, suffix: str, *, keep: bool = True) -> Reply:
    """An upload, with the policy under which nothing in it runs."""
    return Reply(200, content, (("content-type", _TYPES[suffix]), *_HEADERS, _KEPT if keep else _FRESH))
