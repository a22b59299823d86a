"""What each process has counted, and what can be counted in the store itself."""

from sqlalchemy import BigInteger, Text, bindparam, delete, func, select

from poolhouse.house.tables import accounts as a
from poolhouse.house.tables import outbox as o
from poolhouse.house.tables import sessions as s
from poolhouse.house.tables import tallies as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_PUT = upsert(t, ["id"], ["told_at", "counts"])
_LIST = compile_statement(select(t.c.counts).where(t.c.told_at > bindparam("after", type_=BigInteger)).order_by(t.c.id))
_SWEEP = compile_statement(delete(t).where(t.c.told_at < bindparam("before", type_=BigInteger)))
_SESSIONS = compile_statement(
    select(func.count()).select_from(s).where(s.c.expires_at > bindparam("now", type_=BigInteger))
)
_ACCOUNTS = compile_statement(select(a.c.is_enabled, func.count().label("number")).group_by(a.c.is_enabled))
_MAILS = compile_statement(select(func.count()).select_from(o).where(o.c.state == bindparam("state", type_=Text)))


async def put_counts(tx: Tx, process_id: str, counts: str, now: Epoch) -> None:
    """What one process says, as JSON; what others said a day ago goes."""
    await tx.run(_PUT, id=process_id, told_at=now, counts=counts)
    await tx.run(_SWEEP, before=now - 86_400)


async def list_counts(tx: ReadTx, *, after: int) -> list[str]:
    """What the processes said that were heard of after that moment."""
    return [row[0] for row in await tx.all(_LIST, after=after)]


async def count_sessions(tx: ReadTx, now: Epoch) -> int:
    row = await tx.one(_SESSIONS, now=now)
    return row[0] if row else 0


async def count_accounts(tx: ReadTx) -> dict[bool, int]:
    """By whether they are enabled."""
    return {bool(row[0]): row[1] for row in await tx.all(_ACCOUNTS)}


async def count_mails(tx: ReadTx, state: str) -> int:
    row = await tx.one(_MAILS, state=state)
    return row[0] if row else 0
