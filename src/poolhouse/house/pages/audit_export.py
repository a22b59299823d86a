"""The audit log as a file: what the page's filter finds, newest first, however much it is."""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.model import AuditEvent
from poolhouse.house.pages.audit_log import as_query, read_wanted
from poolhouse.house.pages.query import read_query
from poolhouse.house.store import audit
from poolhouse.house.store.audit import Wanted
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply
from poolhouse.kit.html import page_headers

ROWS = 500
COLUMNS = (
    "time", "event", "refused", "actor", "actor_id", "subject", "subject_id", "detail", "address", "agent",
    "reference", "id",
)  # fmt: skip
_FORMULA = re.compile(r"(\A|[;\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r])")
"""
Where a formula begins: at a cell's beginning, full-width signs too, and behind what may begin a cell itself (in many
countries spreadsheets take the semicolon for what separates).
"""
_MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/audit-log/export?format=csv|jsonl`` and the filter of the page; that it was taken is an event."""
    query = read_query(visit.raw)
    kind = query.get("format", "csv")
    kind = kind if kind in _MEDIA else "csv"
    wanted = read_wanted(query)
    trail = Trail(ctx, visit)
    told = ", ".join(f"{name}: {value}" for name, value in as_query(wanted).items() if value) or "everything"

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.AUDIT_LOG_EXPORTED, detail=f"{kind}, {told}")

    await ctx.db.write(unit)
    day = datetime.fromtimestamp(ctx.clock.now(), UTC).strftime("%Y-%m-%d")
    headers = (
        ("content-type", _MEDIA[kind]),
        ("content-disposition", f'attachment; filename="audit-log-{day}.{kind}"'),
        *page_headers(),
    )
    return Reply(200, b"", headers, _pieces(ctx, wanted, is_csv=kind == "csv"))


async def _pieces(ctx: Context, wanted: Wanted, *, is_csv: bool) -> AsyncIterator[bytes]:
    if is_csv:
        yield _csv([COLUMNS])
    before = ""
    while True:
        events = await _read(ctx, wanted, before)
        if not events:
            return
        if is_csv:
            yield _csv([[_harmless(value) for value in _values(event)] for event in events])
        else:
            rows = [dict(zip(COLUMNS, _values(event), strict=True)) for event in events]
            yield b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        before = events[-1].id


async def _read(ctx: Context, wanted: Wanted, before: str) -> list[AuditEvent]:
    async def unit(tx: ReadTx) -> list[AuditEvent]:
        return await audit.list_events(tx, wanted, before=before, rows=ROWS)

    return await ctx.db.read(unit)


def _values(event: AuditEvent) -> tuple[str | bool, ...]:
    at = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        at, event.event, event.is_refusal, event.actor, event.actor_id, event.subject, event.subject_id, event.detail,
        event.address, event.agent, event.reference, event.id,
    )  # fmt: skip


def _harmless(value: str | bool) -> str:
    """Text that a spreadsheet would take for a formula is quoted: names and agents are strangers' words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _FORMULA.sub(r"\1'", value)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
