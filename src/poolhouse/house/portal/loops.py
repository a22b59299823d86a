"""
Ways to an app that go round in circles: a browser that loses the app's cookie is sent back and forth for ever.

Counted in the store for each browser and app, since the next round may meet another replica.
"""

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.store import pending
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest

MOST = 8
SECONDS = 60


async def is_one(ctx: Context, visit: Visit, app: App) -> bool:
    """Count this way; whether it is one too many.  Only the first too many of a minute is written down."""
    key, trail = f"loop {digest(visit.browser).hex()[:32]} {app.id}", Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        count = await pending.count_up(tx, key, ctx.clock.now(), seconds=SECONDS)
        if count == MOST + 1:
            await trail.write(tx, Event.SIGN_IN_LOOP, subject=app.name, is_refusal=True)
        return count > MOST

    return await ctx.db.write(unit)
