"""``/settings/apps/{id}/probe``: ask an app around the gateway, now."""

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.pages.frame import APPS
from poolhouse.house.pages.query import with_query
from poolhouse.house.portal.findings import Found
from poolhouse.house.portal.probing import can_be_probed, probe
from poolhouse.house.store import apps, probes
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

PAUSE_SECONDS = 10
"""Between two of the same app, so that nobody hammers it through the house."""


async def now(ctx: Context, visit: Visit) -> Reply:
    """What is found stands on the app's page."""
    app_id, trail = visit.raw.params["id"], Trail(ctx, visit)

    async def unit(tx: ReadTx) -> tuple[App | None, Found | None]:
        return await apps.find_app(tx, app_id), await probes.find_found(tx, app_id)

    app, before = await ctx.db.read(unit)
    if app is None or not can_be_probed(app):
        return redirect(APPS.href)
    if before is not None and 0 <= ctx.clock.now() - before.at < PAUSE_SECONDS:
        return redirect(with_query(f"{APPS.href}/{app_id}", done="probed-now"))
    found = await probe(ctx, app)

    async def write(tx: Tx) -> None:
        if await apps.find_app(tx, app_id) is not None:
            await probes.put_found(tx, app_id, found)
            await trail.write(
                tx, Event.APP_PROBED, subject=app.name, detail=found.mark.value, is_refusal=found.is_bypassable
            )

    await ctx.db.write(write)
    return redirect(with_query(f"{APPS.href}/{app_id}", done="probed"))
