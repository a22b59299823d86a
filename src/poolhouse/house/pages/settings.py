"""Admin Settings > General."""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import Document
from poolhouse.house.pages.frame import GENERAL, account_of, admin_items, page
from poolhouse.house.pages.query import read_query
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

NAME_LIMIT = 60


async def index(_ctx: Context, visit: Visit) -> Reply:
    """``/settings`` is the first of its pages that the person may open; the first of all tells the others no."""
    return redirect((admin_items(visit) or (GENERAL,))[0].href)


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/general``."""
    saved = read_query(visit.raw).get("done") == "saved"
    return _page(ctx, visit, name=ctx.live.document.instance_name, done="Saved" if saved else "")


async def save(ctx: Context, visit: Visit) -> Reply:
    """The instance's name."""
    name = visit.form.get("instance_name", "").strip()
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        error = f"Instance Name has 1 to {NAME_LIMIT} characters."
        return _page(ctx, visit, name=name, error=error, status=422)
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        await trail.write(tx, Event.SETTINGS_CHANGED, subject="General", detail=f"Instance Name: {name}")
        return msgspec.structs.replace(document, instance_name=name)

    await ctx.live.change(change, by=account_of(visit).username)
    return redirect(f"{GENERAL.href}?done=saved")


def _page(ctx: Context, visit: Visit, *, name: str, error: str = "", done: str = "", status: int = 200) -> Reply:
    return page(
        ctx,
        visit,
        "general.html",
        current=GENERAL,
        status=status,
        done=done,
        name=name,
        error=error,
        base_url=ctx.origin.url,
        version=ctx.live.document.version,
    )
