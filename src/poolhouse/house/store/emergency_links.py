"""Links that let an administrator in once; only their digests are here."""

from sqlalchemy import BigInteger, LargeBinary, and_, bindparam, delete, insert, select

from poolhouse.house.tables import emergency_links as e
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

_its_own = and_(
    e.c.token_digest == bindparam("token_digest", type_=LargeBinary),
    e.c.expires_at > bindparam("now", type_=BigInteger),
)
_PUT = compile_statement(insert(e))
_FIND = compile_statement(select(e.c.account_id).where(_its_own))
_TAKE = compile_statement(delete(e).where(_its_own).returning(e.c.account_id))
_DELETE_DEAD = compile_statement(delete(e).where(e.c.expires_at <= bindparam("now", type_=BigInteger)))


async def put_link(tx: Tx, *, token_digest: bytes, account_id: str, now: Epoch, expires_at: Epoch) -> None:
    """Store a link, and clear away what is over."""
    await tx.run(_DELETE_DEAD, now=now)
    await tx.run(_PUT, token_digest=token_digest, account_id=account_id, created_at=now, expires_at=expires_at)


async def is_good(tx: ReadTx, token_digest: bytes, *, now: Epoch) -> bool:
    """Whether the link would still let somebody in; it is not spent."""
    return await tx.one(_FIND, token_digest=token_digest, now=now) is not None


async def take_link(tx: Tx, token_digest: bytes, *, now: Epoch) -> str | None:
    """Spend the link; the id of the account that it is for."""
    row = await tx.one(_TAKE, token_digest=token_digest, now=now)
    return row[0] if row else None
