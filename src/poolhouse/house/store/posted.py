"""
Answers of providers that came by form, between the form and the navigation that follows it.

The form comes from another site, so the browser sends no cookie with it and nothing can be decided there; what it
held waits here, sealed, for the browser that has begun the sign-in.
"""

from sqlalchemy import BigInteger, LargeBinary, Text, and_, bindparam, delete, insert, select

from poolhouse.house.tables import pending_logins as p
from poolhouse.house.tables import posted_answers as a
from poolhouse.house.tables import test_logins as t
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

_AWAITED = tuple(
    compile_statement(
        select(table.c.state_digest).where(
            and_(
                table.c.state_digest == bindparam("state_digest", type_=LargeBinary),
                table.c.provider == bindparam("provider", type_=Text),
                table.c.expires_at > bindparam("now", type_=BigInteger),
            )
        )
    )
    for table in (p, t)
)
_PUT = compile_statement(insert(a))
_TAKE = compile_statement(
    delete(a)
    .where(
        and_(
            a.c.state_digest == bindparam("state_digest", type_=LargeBinary),
            a.c.provider == bindparam("provider", type_=Text),
            a.c.expires_at > bindparam("now", type_=BigInteger),
        )
    )
    .returning(a.c.sealed)
)
_DELETE_DEAD = compile_statement(delete(a).where(a.c.expires_at <= bindparam("now", type_=BigInteger)))


async def is_awaited(tx: ReadTx, *, state_digest: bytes, provider: str, now: Epoch) -> bool:
    """Whether some sign-in, a real one or a trial, waits for an answer of this provider."""
    for statement in _AWAITED:
        if await tx.one(statement, state_digest=state_digest, provider=provider, now=now) is not None:
            return True
    return False


async def put_answer(
    tx: Tx, *, state_digest: bytes, provider: str, sealed: bytes, now: Epoch, expires_at: Epoch
) -> None:
    """Keep an answer, one for each state: ``UniqueViolation`` for a second one."""
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(_PUT, state_digest=state_digest, provider=provider, sealed=sealed, expires_at=expires_at)


async def take_answer(tx: Tx, *, state_digest: bytes, provider: str, now: Epoch) -> bytes | None:
    """The answer, which is gone afterwards."""
    row = await tx.one(_TAKE, state_digest=state_digest, provider=provider, now=now)
    return row[0] if row else None
