"""Which replica does a background task: whoever holds its lease, until it runs out."""

from sqlalchemy import BigInteger, Text, bindparam, or_
from sqlalchemy import update as update_

from poolhouse.house.tables import leases as t
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.db.statement import compile_statement, lock_row, upsert

_MAKE = upsert(t, ["name"], ())
_TAKE = compile_statement(
    update_(t)
    .where(
        t.c.name == bindparam("task", type_=Text),
        or_(t.c.holder == bindparam("me", type_=Text), t.c.until < bindparam("now", type_=BigInteger)),
    )
    .values(holder=bindparam("me", type_=Text), until=bindparam("to", type_=BigInteger))
)

_HOLD = lock_row(t, ("name",), {"holder": "", "until": 0}, ("name",))


async def hold(tx: Tx, task: str) -> None:
    """Wait for whoever else holds *task*, and hold it until the unit ends: what was read before has to be read anew."""
    await tx.one(_HOLD, name=task)


async def take(tx: Tx, task: str, me: str, *, now: int, until: int) -> bool:
    """Take or prolong the lease of *task*; False while another replica holds it."""
    if await tx.run(_TAKE, task=task, me=me, now=now, to=until):
        return True
    return bool(await tx.run(_MAKE, name=task, holder=me, until=until))
