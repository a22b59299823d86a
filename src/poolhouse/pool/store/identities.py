"""Identities at providers that are linked to users: found by who they are there, or by whom they are here."""

from sqlalchemy import bindparam, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.provider import LinkedIdentity
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

_IDENTITY = Record(t.linked_identities, LinkedIdentity)
_l = t.linked_identities.c

_OF_USER = compile_statement(
    _IDENTITY.select(_l.pool_id == bindparam("pool_id"), _l.username == bindparam("username")).order_by(
        _l.linked_ms, _l.provider, _l.attribute, _l.value
    )
)
_NEXT_ATTRIBUTE = compile_statement(
    select(_l.attribute)
    .where(
        _l.pool_id == bindparam("pool_id"),
        _l.provider == bindparam("provider"),
        _l.attribute > bindparam("after"),
    )
    .order_by(_l.attribute)
    .limit(LIMIT)
)


async def put_identity(tx: Tx, identity: LinkedIdentity) -> None:
    """``UniqueViolation`` when it is linked already, to whomever."""
    await _IDENTITY.put(tx, identity)


async def find_identity(tx: ReadTx, pool_id: str, provider: str, attribute: str, value: str) -> LinkedIdentity | None:
    """Letter for letter: who differs in case at a provider may be somebody else."""
    return await _IDENTITY.find(tx, pool_id=pool_id, provider=provider, attribute=attribute, value=value)


async def take_identity(tx: Tx, pool_id: str, provider: str, attribute: str, value: str) -> LinkedIdentity | None:
    """The link, removed; to one caller only."""
    return await _IDENTITY.take(tx, pool_id=pool_id, provider=provider, attribute=attribute, value=value)


async def identities_of(tx: ReadTx, pool_id: str, username: str) -> list[LinkedIdentity]:
    """In the order in which they were linked."""
    return await _IDENTITY.all(tx, _OF_USER, pool_id=pool_id, username=username)


async def linked_attributes(tx: ReadTx, pool_id: str, provider: str, most: int) -> list[str]:
    """The attributes by which identities of a provider are linked: at most *most* steps in the index, not a scan."""
    found: list[str] = []
    for _ in range(most):
        row = await tx.one(
            _NEXT_ATTRIBUTE, pool_id=pool_id, provider=provider, after=found[-1] if found else "", limit=1
        )
        if row is None:
            break
        found.append(str(row[0]))
    return found
