"""Admin Settings > Sessions."""

from collections.abc import Mapping

from poolhouse.house.context import Context
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import SESSIONS, page
from poolhouse.house.pages.query import read_query
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply, redirect

SECTION = "sessions"


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/sessions``."""
    saved = read_query(visit.raw).get("done") == "saved"
    return _page(ctx, visit, done="Saved" if saved else "")


async def save(ctx: Context, visit: Visit) -> Reply:
    """Open sessions follow at once: what is too old or too many ends."""
    outcome = await section.save(ctx, visit, SECTION, "Sessions")
    if outcome.is_saved:
        return redirect(f"{SESSIONS.href}?done=saved")
    return _page(ctx, visit, errors=outcome.errors, problem=outcome.problem, status=409 if outcome.problem else 422)


def _page(
    ctx: Context, visit: Visit, *, errors: Mapping[str, str] = {}, problem: str = "", done: str = "", status: int = 200
) -> Reply:
    entered = visit.form if errors or problem else None
    return page(
        ctx,
        visit,
        "sessions.html",
        current=SESSIONS,
        status=status,
        done=done,
        problem=problem,
        errors=errors,
        fields=section.fields(ctx, SECTION, entered=entered, errors=errors),
        version=ctx.live.document.version,
    )
