"""What both editors of a look share: the page around them, and the frame with a hosted page in the draft's look."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from poolhouse.kit.edge import Reply
from poolhouse.kit.edge import html as html_reply
from poolhouse.kit.edge import text as text_reply
from poolhouse.kit.html import page_headers
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import call, get_pool
from poolhouse.pool.console.clients import TAB, address
from poolhouse.pool.console.context import NotFound, Visit
from poolhouse.pool.console.form import Form, Problems
from poolhouse.pool.console.frame import page
from poolhouse.pool.console.style_draft import ClassicDraft, StyleDraft, asset_types, look_of
from poolhouse.pool.console.tabs import crumbs
from poolhouse.pool.core.branding import pictures
from poolhouse.pool.pages.dress import Dress
from poolhouse.pool.pages.looks import picture_reply, sheet_reply
from poolhouse.pool.pages.preview import PAGES, preview

_SCHEMES: Final = ("light", "dark")


async def editor_page(
    visit: Visit, client: Mapping[str, Any], kind: str, form: Form, problems: Problems, *, template: str, **view: Any
) -> Reply:
    """The page of the editor *kind*, its last part of an address: "branding" or "classic-branding"."""
    pool = await get_pool(visit)
    above = (client["ClientName"], address(visit, client["ClientId"]))
    here = address(visit, client["ClientId"], kind)
    return page(
        visit, template, frames=["'self'"], client=client, here=here, form=form, problems=problems,
        crumbs=crumbs(visit, pool, TAB, above), previews=PAGES, frame=frame_address(visit, here),
        version=await _version(visit, pool), **view,
    )  # fmt: skip


async def _version(visit: Visit, pool: Mapping[str, Any]) -> int:
    """The branding version of the pool's domain, 0 without one: a look of the other kind is not seen."""
    name = pool.get("CustomDomain") or pool.get("Domain")
    if not name:
        return 0
    found = (await call(visit, "DescribeUserPoolDomain", Domain=name))["DomainDescription"]
    return int(found.get("ManagedLoginVersion") or 1)


def frame_address(visit: Visit, here: str) -> str:
    """Where the frame leads: the page and the scheme that are chosen."""
    asked = visit.form if visit.raw.method == "POST" else visit.query
    name = asked.text("page") if asked.text("page") in dict(PAGES) else PAGES[0][0]
    return paths.href(f"{here}/preview/{name}", scheme=_scheme(asked))


def frame_of(visit: Visit, draft: StyleDraft | ClassicDraft, app: str, kind: str) -> Reply:
    """The hosted page of the path."""
    scheme = _scheme(visit.query)
    look = look_of(draft, scheme)
    base = address(visit, visit.raw.params["client"], kind, "files")
    digest = hashlib.sha256(look.sheet.encode()).hexdigest()[:12]
    worn = Dress(
        sheet=f"{base}/style.{digest}.{scheme}.css" if look.sheet else "",
        logo=f"{base}/{look.logo}" if look.logo else "",
        scheme=look.scheme or scheme,
        has_header=look.has_header,
        has_footer=look.has_footer,
        has_ground=look.has_ground,
    )
    reply = preview(visit.console.html, visit.raw.params["page"], app, worn, worn.scheme)
    if reply is None:
        raise NotFound
    return reply


def picture_of(visit: Visit, draft: StyleDraft | ClassicDraft) -> Reply:
    """The file of the path, as the domain would serve it; it is the draft's, so it is asked for each time."""
    name = visit.raw.params["file"]
    if name.startswith("style.") and name.endswith(".css"):
        scheme = name.split(".")[2] if name.count(".") == 3 else ""
        return sheet_reply(look_of(draft, scheme if scheme in _SCHEMES else ""), keep=False)
    if isinstance(draft, ClassicDraft):
        return picture_reply(_logo(draft, name), name.rpartition(".")[2], keep=False)
    assets = asset_types(draft)
    for each, asset in zip(pictures(assets), assets, strict=True):
        if each.file == name and asset.bytes_:
            return picture_reply(asset.bytes_, each.extension.lower(), keep=False)
    raise NotFound


def told(visit: Visit, sentence: str, status: int) -> Reply:
    """Why there is nothing to see: as a text for the editor's script, as a page in the frame without."""
    if visit.raw.header("accept") == "text/plain":
        return text_reply(sentence, status, (("cache-control", "no-store"),))
    body = visit.console.html.render(
        "kit/problem.html", heading="This cannot be shown", what=sentence, why="", todo="", reference="", still=True
    )
    return html_reply(body, status, page_headers(still=True))


def _logo(draft: ClassicDraft, name: str) -> bytes:
    if not draft.logo or name != look_of(draft).logo:
        raise NotFound
    return base64.b64decode(draft.logo)


def _scheme(asked: Form) -> str:
    return asked.text("scheme") if asked.text("scheme") in _SCHEMES else _SCHEMES[0]
