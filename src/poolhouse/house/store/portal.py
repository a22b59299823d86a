"""What the portal remembers of people: favourites, and when they opened an app last."""

from sqlalchemy import BigInteger, Text, and_, bindparam, delete, select

from poolhouse.house.tables import app_uses as u
from poolhouse.house.tables import favourites as f
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement, upsert

_account = bindparam("account_id", type_=Text)
_app = bindparam("app_id", type_=Text)
_FAVOURITES = compile_statement(select(f.c.app_id).where(f.c.account_id == _account))
_PUT = upsert(f, ["account_id", "app_id"], [])
_TAKE = compile_statement(delete(f).where(and_(f.c.account_id == _account, f.c.app_id == _app)))
_USES = compile_statement(select(u.c.app_id, u.c.used_at).where(u.c.account_id == _account))
_USE = upsert(u, ["account_id", "app_id"], {"used_at": bindparam("at", type_=BigInteger)})


async def favourites_of(tx: ReadTx, account_id: str) -> frozenset[str]:
    """Ids of apps."""
    return frozenset(row[0] for row in await tx.all(_FAVOURITES, account_id=account_id))


async def set_favourite(tx: Tx, account_id: str, app_id: str, *, is_one: bool) -> None:
    await tx.run(_PUT if is_one else _TAKE, account_id=account_id, app_id=app_id)


async def uses_of(tx: ReadTx, account_id: str) -> dict[str, Epoch]:
    """When the account opened which app last."""
    return {row[0]: Epoch(row[1]) for row in await tx.all(_USES, account_id=account_id)}


async def note_use(tx: Tx, account_id: str, app_id: str, now: Epoch) -> None:
    await tx.run(_USE, account_id=account_id, app_id=app_id, used_at=now, at=now)
