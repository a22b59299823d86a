"""
Ways that go round in circles: a browser that loses a cookie is sent back and forth for ever.

Counted in the store for each browser and page, since the next round may meet another replica.
"""

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.store import pending
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest

MOST = 5
"""Of ways to one page of an app: browsers give up after twenty redirects, and a way is three of them."""
SIGN_INS = 3
"""Of sign-ins that begin by themselves, which are five redirects each."""
PRESSED = 8
"""Of sign-ins that somebody begins by a press."""
SECONDS = 60


async def is_one(ctx: Context, visit: Visit, app: App, path: str) -> bool:
    """
    Count this way to an app; whether it is one too many.

    To the same page, for a browser that opens all its tabs again comes once for each.
    """
    return await _count(ctx, visit, f"{app.id} {path}", app.name, MOST)


async def is_sign_in(ctx: Context, visit: Visit, provider_id: str, return_to: str, *, is_pressed: bool) -> bool:
    """The same of sign-ins that begin at a provider: a house whose own cookie is lost would begin them for ever."""
    return await _count(ctx, visit, f"at {provider_id} {return_to}", provider_id, PRESSED if is_pressed else SIGN_INS)


async def _count(ctx: Context, visit: Visit, where: str, name: str, most: int) -> bool:
    """Only the first too many of a minute is written down."""
    key, trail = f"loop {digest(f'{visit.browser} {where}').hex()}", Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        count = await pending.count_up(tx, key, ctx.clock.now(), seconds=SECONDS)
        if count == most + 1:
            await trail.write(tx, Event.SIGN_IN_LOOP, subject=name, is_refusal=True)
        return count > most

    return await ctx.db.write(unit)
