"""The keys that sign for apps: sealed, and from when each of them signs."""

import msgspec
from sqlalchemy import Text, bindparam, delete, insert, select

from poolhouse.house.tables import assertion_keys as k
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement

CHANNEL = "house_assertion_keys"
_PUT = compile_statement(insert(k))
_LIST = compile_statement(
    select(k.c.kid, k.c.sealed_key, k.c.created_at, k.c.signs_from).order_by(
        k.c.signs_from.desc(), k.c.created_at.desc(), k.c.kid
    )
)
_DELETE = compile_statement(delete(k).where(k.c.kid == bindparam("key_id", type_=Text)))


class StoredKey(msgspec.Struct, frozen=True):
    """One key as it lies there."""

    kid: str
    sealed: bytes
    created_at: Epoch
    signs_from: Epoch


async def put_key(tx: Tx, key: StoredKey) -> None:
    await tx.run(_PUT, kid=key.kid, sealed_key=key.sealed, created_at=key.created_at, signs_from=key.signs_from)
    tx.announce(CHANNEL, "")


async def delete_key(tx: Tx, kid: str) -> None:
    await tx.run(_DELETE, key_id=kid)
    tx.announce(CHANNEL, "")


async def list_keys(tx: ReadTx) -> list[StoredKey]:
    """The one that signs last comes first."""
    return [StoredKey(*row) for row in await tx.all(_LIST)]
