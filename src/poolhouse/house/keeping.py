"""Rounds that tidy up."""

from poolhouse.house.context import Context
from poolhouse.house.store import audit

DAY_MS = 86_400_000
FEW = 500


async def forget_events(ctx: Context) -> None:
    """Delete audit events that are older than is wanted, a few in each transaction."""
    days = ctx.live.document.audit_log.days
    if not days:
        return
    before = ctx.clock.now_ms() - days * DAY_MS
    while await ctx.db.write(lambda tx: audit.delete_events(tx, before=before, rows=FEW)) == FEW:
        pass
