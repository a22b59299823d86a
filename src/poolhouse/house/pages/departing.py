"""What every sign-in at a provider does before the browser leaves: it is remembered."""

from poolhouse.house.context import Context
from poolhouse.house.model import PendingLogin
from poolhouse.house.store import pending as pending_store
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, text
from poolhouse.kit.seal import digest

PENDING_CAP = 50_000


async def remember(ctx: Context, visit: Visit, state: str, pending: PendingLogin) -> bool:
    """Whether there was room."""

    async def unit(tx: Tx) -> bool:
        if await pending_store.count_pending(tx) >= PENDING_CAP:
            return False
        await pending_store.put_pending(tx, pending, state_digest=digest(state), browser_digest=digest(visit.browser))
        return True

    return await ctx.db.write(unit)


def too_many() -> Reply:
    """There was none."""
    return text("Too many sign-ins are under way. Try again in a minute.\n", 503, (("retry-after", "60"),))
