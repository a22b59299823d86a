"""What users have agreed to, by app client."""

from sqlalchemy import bindparam, delete

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.openid import Consent
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_CONSENT = Record(t.consents, Consent)
_OF_USER = compile_statement(
    _CONSENT.select(t.consents.c.pool_id == bindparam("pool_id"), t.consents.c.sub == bindparam("sub")).order_by(
        t.consents.c.client_id
    )
)
_DROP_FOR = compile_statement(delete(t.consents).where(t.consents.c.client_id == bindparam("client_id")))


async def find_consent(tx: ReadTx, pool_id: str, sub: str, client_id: str) -> Consent | None:
    return await _CONSENT.find(tx, pool_id=pool_id, sub=sub, client_id=client_id)


async def list_consents(tx: ReadTx, pool_id: str, sub: str) -> list[Consent]:
    """By client id."""
    return await _CONSENT.all(tx, _OF_USER, pool_id=pool_id, sub=sub)


async def put_consent(tx: Tx, consent: Consent) -> None:
    """A new one, or in place of the former."""
    if not await _CONSENT.replace(tx, consent):
        await _CONSENT.put(tx, consent)


async def drop_consents_for(tx: Tx, client_id: str) -> None:
    """Whoever has agreed to the app is asked again; what it was given stays."""
    await tx.run(_DROP_FOR, client_id=client_id)


async def drop_consent(tx: Tx, pool_id: str, sub: str, client_id: str) -> bool:
    return await _CONSENT.drop(tx, pool_id=pool_id, sub=sub, client_id=client_id)
