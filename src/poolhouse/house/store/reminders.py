"""What administrators have been reminded of."""

from sqlalchemy import BigInteger, bindparam, delete

from poolhouse.house.tables import reminders as r
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.db.statement import compile_statement, upsert

KEPT_SECONDS = 400 * 86_400
_GIVE = upsert(r, ["occasion"], ())
_FORGET = compile_statement(delete(r).where(r.c.given_at <= bindparam("before", type_=BigInteger)))


async def give(tx: Tx, occasion: str, now: Epoch) -> bool:
    """Whether this is the first time."""
    await tx.run(_FORGET, before=now - KEPT_SECONDS)
    return bool(await tx.run(_GIVE, occasion=occasion, given_at=now))
