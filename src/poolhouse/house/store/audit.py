"""What happened, newest first.  Ids begin with the time, so the order of ids is the order of events."""

from typing import Any

from sqlalchemy import Boolean, Text, and_, bindparam, func, insert, or_, select

from poolhouse.house.model import AuditEvent
from poolhouse.house.tables import audit_events as t
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

PAGE = 50
NEWEST = "z"
"""Greater than any id, so the page "before" it is the newest."""

_PUT = compile_statement(insert(t))
_pattern = bindparam("pattern", type_=Text)
_LIST = compile_statement(
    select(
        t.c.id, t.c.at, t.c.event, t.c.is_refusal, t.c.actor, t.c.actor_id, t.c.address, t.c.agent, t.c.subject,
        t.c.subject_id, t.c.detail, t.c.reference,
    )
    .where(
        and_(
            t.c.id < bindparam("before", type_=Text),
            or_(bindparam("event", type_=Text) == "", t.c.event == bindparam("event", type_=Text)),
            or_(bindparam("any_outcome", type_=Boolean), t.c.is_refusal),
            or_(
                func.lower(t.c.actor).like(_pattern, escape="\\"),
                func.lower(t.c.subject).like(_pattern, escape="\\"),
                t.c.actor_id.like(_pattern, escape="\\"),
                t.c.subject_id.like(_pattern, escape="\\"),
                t.c.address.like(_pattern, escape="\\"),
                func.lower(t.c.reference).like(_pattern, escape="\\"),
            ),
        )
    )
    .order_by(t.c.id.desc())
    .limit(PAGE + 1)
)  # fmt: skip


async def put_event(tx: Tx, event: AuditEvent) -> None:
    """Append one line; in the same unit as what it tells of."""
    await tx.run(
        _PUT,
        id=event.id,
        at=event.at,
        event=event.event,
        is_refusal=event.is_refusal,
        actor=event.actor,
        actor_id=event.actor_id,
        address=event.address,
        agent=event.agent,
        subject=event.subject,
        subject_id=event.subject_id,
        detail=event.detail,
        reference=event.reference,
    )


async def list_events(
    tx: ReadTx, *, before: str, event: str, only_refusals: bool, wanted: str
) -> tuple[list[AuditEvent], bool]:
    """A page, and whether older ones follow; *wanted* is looked for in names, ids, addresses and references."""
    escaped = wanted.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await tx.all(
        _LIST, before=before or NEWEST, event=event, any_outcome=not only_refusals, pattern=f"%{escaped}%"
    )
    return [_read(row) for row in rows[:PAGE]], len(rows) > PAGE


def _read(row: tuple[Any, ...]) -> AuditEvent:
    return AuditEvent(
        id=row[0],
        at=row[1],
        event=row[2],
        is_refusal=row[3],
        actor=row[4],
        actor_id=row[5],
        address=row[6],
        agent=row[7],
        subject=row[8],
        subject_id=row[9],
        detail=row[10],
        reference=row[11],
    )
