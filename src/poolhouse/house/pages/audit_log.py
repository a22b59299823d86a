"""Admin Settings > Audit log."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec

from poolhouse.house.audit import LABELS, Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.model import AuditEvent, AuditLog, Document
from poolhouse.house.pages.frame import AUDIT, account_of, page
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.store import audit
from poolhouse.house.store.audit import PAGE, Wanted
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect

KEEP_LIMIT = 36_500


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/audit-log``, newest first, filtered by event, outcome, days and words."""
    query = read_query(visit.raw)
    done = "Saved" if query.get("done") == "saved" else ""
    return await _page(ctx, visit, query, days=str(ctx.live.document.audit_log.days), done=done)


async def keep(ctx: Context, visit: Visit) -> Reply:
    """How long events are kept."""
    days = visit.form.get("days", "").strip()
    if not (days.isascii() and days.isdigit() and int(days[:9]) <= KEEP_LIMIT):
        error = f"A number of days from 0 (for ever) to {KEEP_LIMIT}."
        return await _page(ctx, visit, {}, days=days, error=error, status=422)
    trail = Trail(ctx, visit)

    async def change(tx: Tx, document: Document) -> Document:
        await trail.write(tx, Event.SETTINGS_CHANGED, subject="Audit log", detail=f"Days to keep: {int(days)}")
        return msgspec.structs.replace(document, audit_log=AuditLog(days=int(days)))

    try:
        await ctx.live.change(change, by=account_of(visit).username)
    except Refused as refused:
        now = str(ctx.live.document.audit_log.days)
        return await _page(ctx, visit, {}, days=now, error=str(refused), status=409)
    return redirect(f"{AUDIT.href}?done=saved")


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """The filter of the page and of its export; what cannot be read is no condition."""
    event, until = query.get("event", ""), _day(query.get("until", ""))
    since = _day(query.get("since", ""))
    return Wanted(
        event=event if event in LABELS else "",
        only_refusals=query.get("outcome") == "refused",
        words=query.get("q", "").strip()[:200],
        since=0 if since is None else _begins(since),
        until=None if until is None else _begins(until + timedelta(days=1)),
    )


def as_query(wanted: Wanted) -> dict[str, str]:
    """What ``read_wanted`` reads."""
    day = timedelta(days=1)
    return {
        "q": wanted.words,
        "event": wanted.event,
        "outcome": "refused" if wanted.only_refusals else "",
        "since": _date(wanted.since).isoformat() if wanted.since else "",
        "until": "" if wanted.until is None else (_date(wanted.until) - day).isoformat(),
    }


async def _page(
    ctx: Context,
    visit: Visit,
    query: Mapping[str, str],
    *,
    days: str,
    error: str = "",
    done: str = "",
    status: int = 200,
) -> Reply:
    wanted, before = read_wanted(query), query.get("before", "")

    async def unit(tx: ReadTx) -> list[AuditEvent]:
        return await audit.list_events(tx, wanted, before=before, rows=PAGE + 1)

    found = await ctx.db.read(unit)
    fields = as_query(wanted)
    return page(
        ctx,
        visit,
        "audit_log.html",
        current=AUDIT,
        status=status,
        done=done,
        events=found[:PAGE],
        labels=LABELS,
        event_options=[("", "All events"), *LABELS.items()],
        fields=fields,
        newest=with_query(AUDIT.href, **fields) if before else "",
        older=with_query(AUDIT.href, **fields, before=found[PAGE - 1].id) if len(found) > PAGE else "",
        exports=[
            (label, with_query(f"{AUDIT.href}/export", **fields, format=kind))
            for label, kind in (("CSV", "csv"), ("JSON lines", "jsonl"))
        ],
        days=days,
        error=error,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Later ones have no day after them that a clock could show.
    return day if 1970 <= day.year < 9000 else None


def _begins(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _date(milliseconds: int) -> date:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).date()
