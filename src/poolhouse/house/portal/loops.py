"""
Ways that go round in circles: a browser that loses a cookie is sent back and forth for ever.

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
    """Count this way to an app; whether it is one too many."""
    return await _count(ctx, visit, app.id, app.name)


async def is_sign_in(ctx: Context, visit: Visit, provider_id: str) -> bool:
    """The same of sign-ins that begin at a provider: a house whose own cookie is lost would begin them for ever."""
    return await _count(ctx, visit, f"provider {provider_id}", provider_id)


async def _count(ctx: Context, visit: Visit, where: str, name: str) -> bool:
    """Only the first too many of a minute is written down."""
    key, trail = f"loop {digest(visit.browser).hex()[:32]} {where}", Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        count = await pending.count_up(tx, key, ctx.clock.now(), seconds=SECONDS)
        if count == MOST + 1:
            await trail.write(tx, Event.SIGN_IN_LOOP, subject=name, is_refusal=True)
        return count > MOST

    return await ctx.db.write(unit)
