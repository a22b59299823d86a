"""How the pages of an app client look, and the documents that its sign-up page links."""

from typing import Any

import msgspec

from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.spec import shapes

ALL = "ALL"
"""In the place of a client's id: the customization of every client without one of its own."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """An asset without its bytes: enough to link it.  ``digest`` names the bytes in its address."""

    category: str
    mode: str
    extension: str
    digest: str

    @property
    def file(self) -> str:
        return f"{self.category}.{self.mode}.{self.digest}.{self.extension}".lower()


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """
    How pages look: a style sheet of its own, a logo of the classic pages, a fixed scheme, a favicon.

    All but the sheet are "" where there is none; the addresses are names of files beside the sheet.  ``has_ground``: a
    picture lies behind the whole page, so that the form keeps a ground of its own on narrow windows too.
    """

    sheet: str
    logo: str = ""
    scheme: str = ""
    favicon: str = ""
    has_header: bool = False
    has_footer: bool = False
    has_ground: bool = False


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """
    A managed login branding style; one client has one at most.

    ``provided``: the style is the server's own, and there are no ``settings``.  Else ``settings`` is the document as it
    was given, with only what it changes.  ``pictures`` lists the assets.
    """

    id: str
    pool_id: PoolId
    client_id: ClientId
    created_ms: int
    modified_ms: int
    provided: bool
    settings: dict[str, Any] | None = None
    assets: tuple[shapes.AssetType, ...] | None = None
    pictures: tuple[Picture, ...] = ()


class Customization(msgspec.Struct, frozen=True, kw_only=True):
    """CSS and logo of the classic pages, for one client or for ``ALL``."""

    pool_id: PoolId
    client_id: str
    created_ms: int
    modified_ms: int
    css: str | None = None
    image: bytes | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Links to one document in several languages; ``name`` is "terms-of-use" or "privacy-policy"."""

    id: str
    pool_id: PoolId
    client_id: ClientId
    name: str
    links: dict[str, str]
    created_ms: int
    modified_ms: int
