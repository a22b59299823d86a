"""What happened, newest first.  Ids begin with the time, so the order of ids is the order of events."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Text, and_, bindparam, delete, func, insert, or_, select

from poolhouse.house.model import AuditEvent
from poolhouse.house.tables import audit_events as t
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

PAGE = 50
REFUSALS = 10
NEWEST = "z"
"""Greater than any id, so the page "before" it is the newest."""

_PUT = compile_statement(insert(t))
_email = bindparam("email", type_=Text)
_pattern = bindparam("pattern", type_=Text)
_columns = (
    t.c.id, t.c.at, t.c.event, t.c.is_refusal, t.c.actor, t.c.actor_id, t.c.address, t.c.agent, t.c.subject,
    t.c.subject_id, t.c.detail, t.c.reference,
)  # fmt: skip
_REFUSALS = compile_statement(
    select(*_columns)
    .where(
        and_(
            t.c.is_refusal,
            or_(
                t.c.actor_id == bindparam("account_id", type_=Text),
                t.c.subject_id == bindparam("account_id", type_=Text),
                and_(_email != "", or_(func.lower(t.c.actor) == _email, func.lower(t.c.subject) == _email)),
            ),
        )
    )
    .order_by(t.c.id.desc())
    .limit(REFUSALS)
)
_LIST = compile_statement(
    select(*_columns)
    .where(
        and_(
            t.c.id < bindparam("before", type_=Text),
            t.c.id >= bindparam("since", type_=Text),
            or_(bindparam("event", type_=Text) == "", t.c.event == bindparam("event", type_=Text)),
            or_(bindparam("any_outcome", type_=Boolean), t.c.is_refusal),
            or_(
                func.lower(t.c.actor).like(_pattern, escape="\\"),
                func.lower(t.c.subject).like(_pattern, escape="\\"),
                t.c.actor_id.like(_pattern, escape="\\"),
                t.c.subject_id.like(_pattern, escape="\\"),
                t.c.address.like(_pattern, escape="\\"),
                func.lower(t.c.detail).like(_pattern, escape="\\"),
                func.lower(t.c.reference).like(_pattern, escape="\\"),
            ),
        )
    )
    .order_by(t.c.id.desc())
    .limit(bindparam("rows", type_=BigInteger))
)  # fmt: skip
_OLD = select(t.c.id).where(t.c.id < bindparam("before", type_=Text)).order_by(t.c.id)
_DELETE_OLD = compile_statement(delete(t).where(t.c.id.in_(_OLD.limit(bindparam("rows", type_=BigInteger)))))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is looked for; empty fields are no condition.

    *words* stand in names, ids, what was done, addresses or references.  *since* and *until* are milliseconds; the
    second is the first moment that is not wanted.
    """

    event: str = ""
    only_refusals: bool = False
    words: str = ""
    since: int = 0
    until: int | None = None


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


async def list_events(tx: ReadTx, wanted: Wanted, *, before: str, rows: int) -> list[AuditEvent]:
    """The newest *rows* before an event; ``""``: before none."""
    escaped = wanted.words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    end = NEWEST if wanted.until is None else id_at(wanted.until)
    found = await tx.all(
        _LIST,
        before=min(before or NEWEST, end),
        since=id_at(wanted.since),
        event=wanted.event,
        any_outcome=not wanted.only_refusals,
        pattern=f"%{escaped}%",
        rows=rows,
    )
    return [_read(row) for row in found]


async def delete_events(tx: Tx, *, before: int, rows: int) -> int:
    """Delete up to *rows* of those before a moment in milliseconds, the oldest first; how many there were."""
    return await tx.run(_DELETE_OLD, before=id_at(before), rows=rows)


def id_at(milliseconds: int) -> str:
    """What ids of that moment begin with, and so the least of them."""
    return f"{max(milliseconds, 0):015d}"


async def refusals_of(tx: ReadTx, account_id: str, email: str) -> list[AuditEvent]:
    """What was refused last to an account, and to whoever gave its address."""
    rows = await tx.all(_REFUSALS, account_id=account_id, email=email.lower())
    return [_read(row) for row in rows]


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
