"""Admin Settings > Audit log."""

from poolhouse.house.audit import LABELS
from poolhouse.house.context import Context
from poolhouse.house.model import AuditEvent
from poolhouse.house.pages.frame import AUDIT, page
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.store import audit
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/audit-log``, newest first, filtered by event, outcome and words."""
    query = read_query(visit.raw)
    event = query.get("event", "")
    event = event if event in LABELS else ""
    outcome = "refused" if query.get("outcome") == "refused" else ""
    wanted = query.get("q", "").strip()
    before = query.get("before", "")

    async def unit(tx: ReadTx) -> tuple[list[AuditEvent], bool]:
        return await audit.list_events(
            tx, before=before, event=event, only_refusals=outcome == "refused", wanted=wanted
        )

    found, has_more = await ctx.db.read(unit)
    older = ""
    if has_more:
        older = with_query(AUDIT.href, q=wanted, event=event, outcome=outcome, before=found[-1].id)
    return page(
        ctx,
        visit,
        "audit_log.html",
        current=AUDIT,
        events=found,
        labels=LABELS,
        event=event,
        event_options=[("", "All events"), *LABELS.items()],
        outcome=outcome,
        wanted=wanted,
        newest=with_query(AUDIT.href, q=wanted, event=event, outcome=outcome) if before else "",
        older=older,
    )
