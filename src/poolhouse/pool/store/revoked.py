"""Tokens of clients themselves that were revoked: they belong to no grant whose row could be deleted."""

from sqlalchemy import bindparam, select

from poolhouse.kit import seal
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert
from poolhouse.pool.store import tables as t

_PUT = upsert(t.seen_once, ["digest"], [])
_FIND = compile_statement(select(t.seen_once.c.expires_at).where(t.seen_once.c.digest == bindparam("key")))


async def revoke_token(tx: Tx, pool_id: str, jti: str, until: int) -> None:
    """Remember it for as long as the token could live; again is no fault."""
    await tx.run(_PUT, digest=_digest(pool_id, jti), expires_at=until)


async def is_token_revoked(tx: ReadTx, pool_id: str, jti: str) -> bool:
    return await tx.one(_FIND, key=_digest(pool_id, jti)) is not None


def _digest(pool_id: str, jti: str) -> bytes:
    """The table is shared with what may be seen once, under other names."""
    return seal.digest(f"revoked token {pool_id} {jti}")
