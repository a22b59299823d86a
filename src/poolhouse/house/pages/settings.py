"""Admin Settings > General."""

from collections.abc import Mapping

from poolhouse.house.context import Context
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import GENERAL, admin_items, page, session_of
from poolhouse.house.pages.query import read_query
from poolhouse.house.settings.table import TOP
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect


async def index(_ctx: Context, visit: Visit) -> Reply:
    """``/settings`` is General, or the first page that is the person's own to work on; General tells the others no."""
    powers = session_of(visit).powers
    own = [item for item in admin_items(visit) if item.power in powers]
    return redirect((GENERAL if GENERAL in own or not own else own[0]).href)


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/general``."""
    saved = read_query(visit.raw).get("done") == "saved"
    return _page(ctx, visit, done="Saved" if saved else "")


async def save(ctx: Context, visit: Visit) -> Reply:
    """What the instance is called, and whom to ask."""
    outcome = await section.save(ctx, visit, TOP, "General")
    if outcome.is_saved:
        return redirect(f"{GENERAL.href}?done=saved")
    return _page(ctx, visit, errors=outcome.errors, problem=outcome.problem, status=409 if outcome.problem else 422)


def _page(
    ctx: Context, visit: Visit, *, errors: Mapping[str, str] = {}, problem: str = "", done: str = "", status: int = 200
) -> Reply:
    entered = visit.form if errors or problem else None
    asked = visit.raw.host
    return page(
        ctx,
        visit,
        "general.html",
        current=GENERAL,
        status=status,
        done=done,
        problem=problem,
        errors=errors,
        fields=section.fields(ctx, TOP, entered=entered, errors=errors),
        base_url=ctx.origin.url,
        other_host=asked if asked.lower() != ctx.origin.url.partition("://")[2] else "",
        version=ctx.live.document.version,
    )
