"""What may be shown once: ids of assertions and proofs, remembered until those expire (RFC 7523, RFC 9449)."""

from sqlalchemy import bindparam, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert
from poolhouse.pool.store import tables as t

_REMEMBER = upsert(
    t.seen_once,
    ("digest",),
    ("expires_at",),
    where=t.seen_once.c.expires_at <= bindparam("now", type_=t.seen_once.c.expires_at.type),
)
_SEEN = compile_statement(
    select(t.seen_once.c.digest).where(
        t.seen_once.c.digest == bindparam("key"), t.seen_once.c.expires_at > bindparam("now")
    )
)


async def is_seen(tx: ReadTx, digest: bytes, *, now: int) -> bool:
    return await tx.one(_SEEN, key=digest, now=now) is not None


async def remember(tx: Tx, digest: bytes, *, now: int, expires_at: int) -> bool:
    """True for the first to show it, however many do at once (GHSA-3p3g-vpw6-4w66); what has expired is forgotten."""
    return await tx.run(_REMEMBER, digest=digest, expires_at=expires_at, now=now) > 0
