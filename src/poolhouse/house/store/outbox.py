"""Mail that waits to be sent, and for some days what became of it."""

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, delete, insert, select
from sqlalchemy import update as update_

from poolhouse.house.model import OutgoingMail
from poolhouse.house.tables import outbox as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Row, Tx
from poolhouse.kit.db.statement import compile_statement

WAITING, SENT, FAILED = "waiting", "sent", "failed"

_COLUMNS = (t.c.id, t.c.kind, t.c.recipient, t.c.sealed, t.c.created_at, t.c.tries, t.c.next_try_at, t.c.state,
            t.c.error)  # fmt: skip
_PUT = compile_statement(insert(t))
_DUE = compile_statement(
    select(*_COLUMNS)
    .where(and_(t.c.state == WAITING, t.c.next_try_at <= bindparam("now", type_=BigInteger)))
    .order_by(t.c.next_try_at, t.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
_CLAIM = compile_statement(
    update_(t)
    .where(and_(t.c.id == bindparam("key", type_=Text), t.c.tries == bindparam("seen", type_=BigInteger)))
    .values(tries=t.c.tries + 1, next_try_at=bindparam("next_at", type_=BigInteger))
)
_END = compile_statement(
    update_(t)
    .where(t.c.id == bindparam("key", type_=Text))
    .values(
        state=bindparam("new_state", type_=Text),
        error=bindparam("new_error", type_=Text),
        sealed=bindparam("emptied", type_=LargeBinary),
    )
)
_MISSED = compile_statement(
    update_(t).where(t.c.id == bindparam("key", type_=Text)).values(error=bindparam("new_error", type_=Text))
)
_RECENT = compile_statement(select(*_COLUMNS).order_by(t.c.created_at.desc(), t.c.id.desc()).limit(20))
_SWEEP = compile_statement(
    delete(t).where(and_(t.c.state != WAITING, t.c.created_at < bindparam("before", type_=BigInteger)))
)


async def put_mail(tx: Tx, mail: OutgoingMail) -> None:
    await tx.run(
        _PUT, id=mail.id, kind=mail.kind, recipient=mail.recipient, sealed=mail.sealed, created_at=mail.created_at,
        tries=mail.tries, next_try_at=mail.next_try_at, state=mail.state, error=mail.error,
    )  # fmt: skip


async def list_due(tx: ReadTx, *, now: Epoch, most: int) -> list[OutgoingMail]:
    return [_read(row) for row in await tx.all(_DUE, now=now, most=most)]


async def claim(tx: Tx, mail: OutgoingMail, *, next_at: Epoch) -> bool:
    """Reserve one try until *next_at*; False when another process was quicker."""
    return await tx.run(_CLAIM, key=mail.id, seen=mail.tries, next_at=next_at) == 1


async def note_miss(tx: Tx, mail_id: str, error: str) -> None:
    """Why a try failed, while others follow."""
    await tx.run(_MISSED, key=mail_id, new_error=error)


async def end(tx: Tx, mail_id: str, state: str, error: str) -> None:
    """``sent`` or ``failed``; what the mail said is forgotten, since it may hold a way in."""
    await tx.run(_END, key=mail_id, new_state=state, new_error=error, emptied=b"")


async def list_recent(tx: ReadTx) -> list[OutgoingMail]:
    """The newest first."""
    return [_read(row) for row in await tx.all(_RECENT)]


async def sweep(tx: Tx, *, before: Epoch) -> None:
    await tx.run(_SWEEP, before=before)


def _read(row: Row) -> OutgoingMail:
    return OutgoingMail(
        id=row[0], kind=row[1], recipient=row[2], sealed=row[3], created_at=row[4], tries=row[5], next_try_at=row[6],
        state=row[7], error=row[8],
    )  # fmt: skip
