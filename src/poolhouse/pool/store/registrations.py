"""How app clients that registered themselves may be managed by the apps (RFC 7592)."""

from sqlalchemy import bindparam, func, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.provider import Registration
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import Record

_REGISTRATION = Record(t.registrations, Registration)
_COUNT = compile_statement(
    select(func.count()).select_from(t.registrations).where(t.registrations.c.pool_id == bindparam("pool_id"))
)


async def put_registration(tx: Tx, registration: Registration) -> None:
    await _REGISTRATION.put(tx, registration)


async def find_registration(tx: ReadTx, client_id: str) -> Registration | None:
    return await _REGISTRATION.find(tx, client_id=client_id)


async def replace_registration(tx: Tx, registration: Registration) -> bool:
    return await _REGISTRATION.replace(tx, registration)


async def count_registrations(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id)
    return int(row[0]) if row else 0
