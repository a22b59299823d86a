"""Sign-ins at settings that have just come into force: failures counted, on all replicas together."""

import msgspec
from sqlalchemy import BigInteger, Text, and_, bindparam, delete, select, update

from poolhouse.house.tables import watched as w
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_its_own = w.c.provider == bindparam("provider_id", type_=Text)
_BEGIN = upsert(w, ["provider"], ["failures", "failure", "is_proved", "began_at"])
_FAIL = compile_statement(
    update(w).where(_its_own).values(failures=w.c.failures + 1, failure=bindparam("new_failure", type_=Text))
)
_PROVE = compile_statement(update(w).where(and_(_its_own, w.c.is_proved.is_(False))).values(is_proved=True))
_FIND = compile_statement(select(w.c.failures, w.c.failure, w.c.is_proved).where(_its_own))
_TAKE = compile_statement(
    delete(w)
    .where(and_(_its_own, w.c.is_proved.is_(False), w.c.failures >= bindparam("at_least", type_=BigInteger)))
    .returning(w.c.failures, w.c.failure, w.c.is_proved)
)


class Watched(msgspec.Struct, frozen=True):
    """What has been seen since the settings came into force."""

    failures: int
    failure: str
    is_proved: bool


async def begin(tx: Tx, provider_id: str, now: Epoch) -> None:
    """Count anew."""
    await tx.run(_BEGIN, provider=provider_id, failures=0, failure="", is_proved=False, began_at=now)


async def count_failure(tx: Tx, provider_id: str, failure: str) -> None:
    await tx.run(_FAIL, provider_id=provider_id, new_failure=failure)


async def mark_proved(tx: Tx, provider_id: str) -> None:
    """Somebody has come in."""
    await tx.run(_PROVE, provider_id=provider_id)


async def find(tx: ReadTx, provider_id: str) -> Watched | None:
    row = await tx.one(_FIND, provider_id=provider_id)
    return Watched(row[0], row[1], bool(row[2])) if row else None


async def take_failing(tx: Tx, provider_id: str, *, at_least: int) -> Watched | None:
    """What was seen, to exactly one caller, while it is still failures alone."""
    row = await tx.one(_TAKE, provider_id=provider_id, at_least=at_least)
    return Watched(row[0], row[1], bool(row[2])) if row else None
