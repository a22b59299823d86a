"""Identity providers and the pool's certificates as a SAML service provider."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.model.provider import IdentityProvider, ProviderName, SamlCertificate
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.pools import CHANGED
from poolhouse.pool.store.record import LIMIT, Record

_PROVIDER = Record(t.identity_providers, IdentityProvider)
_CERTIFICATE = Record(t.saml_certificates, SamlCertificate)
_p, _i, _c = t.identity_providers.c, t.provider_identifiers.c, t.saml_certificates.c

_LIST = compile_statement(
    _PROVIDER.select(_p.pool_id == bindparam("pool_id"), _p.name > bindparam("after")).order_by(_p.name).limit(LIMIT)
)
_NAMES = compile_statement(
    select(_p.name, _p.type, _p.identifiers).where(_p.pool_id == bindparam("pool_id")).order_by(_p.name)
)
_COUNT = compile_statement(
    select(func.count()).select_from(t.identity_providers).where(_p.pool_id == bindparam("pool_id"))
)
_NAMED = _PROVIDER.select(_p.pool_id == bindparam("pool_id"), _p.name == bindparam("name"))
_LOCK = compile_statement(_NAMED.with_for_update())
_BY_IDENTIFIER = compile_statement(
    _PROVIDER.select(
        _i.pool_id == bindparam("pool_id"),
        _i.identifier == bindparam("identifier"),
        _p.pool_id == _i.pool_id,
        _p.name == _i.name,
    )
)
_PUT_IDENTIFIER = compile_statement(
    t.provider_identifiers.insert().values(
        pool_id=bindparam("pool_id"), identifier=bindparam("identifier"), name=bindparam("name")
    )
)
_DROP_IDENTIFIERS = compile_statement(
    delete(t.provider_identifiers).where(_i.pool_id == bindparam("pool_id"), _i.name == bindparam("name"))
)
_NEWEST = compile_statement(
    _CERTIFICATE.select(_c.pool_id == bindparam("pool_id"), _c.use == bindparam("use"))
    .order_by(_c.generation.desc())
    .limit(1)
)
_identifiers = msgspec.json.Decoder(tuple[str, ...])


def _extra(provider: IdentityProvider) -> dict[str, Any]:
    """Names that differ by case alone would make the same usernames where a pool does not tell case apart."""
    return {"name_key": provider.name.casefold()}


async def put_provider(tx: Tx, provider: IdentityProvider) -> None:
    """``UniqueViolation`` with table "identity_providers" (the name), or "provider_identifiers" (an identifier)."""
    tx.announce(CHANGED, provider.pool_id)
    await _PROVIDER.put(tx, provider, **_extra(provider))
    await _put_identifiers(tx, provider)


async def find_provider(tx: ReadTx, pool_id: str, name: str) -> IdentityProvider | None:
    return await _PROVIDER.find(tx, pool_id=pool_id, name=name)


async def lock_provider(tx: Tx, pool_id: str, name: str) -> IdentityProvider | None:
    """The same, held until the transaction ends: nobody else links at this provider, changes or deletes it."""
    return await _PROVIDER.one(tx, _LOCK, pool_id=pool_id, name=name)


async def find_by_identifier(tx: ReadTx, pool_id: str, identifier: str) -> IdentityProvider | None:
    return await _PROVIDER.one(tx, _BY_IDENTIFIER, pool_id=pool_id, identifier=identifier)


async def list_providers(tx: ReadTx, pool_id: str, after: str, limit: int) -> list[IdentityProvider]:
    """By name, from the one after *after*."""
    return await _PROVIDER.all(tx, _LIST, pool_id=pool_id, after=after, limit=limit)


async def provider_names(tx: ReadTx, pool_id: str) -> tuple[ProviderName, ...]:
    """All of them; a pool has at most a few hundred."""
    rows = await tx.all(_NAMES, pool_id=pool_id)
    return tuple(ProviderName(name=row[0], type=row[1], identifiers=_identifiers.decode(row[2])) for row in rows)


async def count_providers(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id)
    return int(row[0]) if row else 0


async def replace_provider(tx: Tx, provider: IdentityProvider, *, old_version: int) -> bool:
    """
    Write the provider if nobody else did since *old_version*.

    ``UniqueViolation`` when another provider has one of its identifiers.
    """
    tx.announce(CHANGED, provider.pool_id)
    if not await _PROVIDER.replace_version(tx, provider, old_version=old_version, **_extra(provider)):
        return False
    await tx.run(_DROP_IDENTIFIERS, pool_id=provider.pool_id, name=provider.name)
    await _put_identifiers(tx, provider)
    return True


async def drop_provider(tx: Tx, pool_id: PoolId, name: str) -> bool:
    """The provider with its identifiers; identities that were linked stay linked."""
    tx.announce(CHANGED, pool_id)
    await tx.run(_DROP_IDENTIFIERS, pool_id=pool_id, name=name)
    return await _PROVIDER.drop(tx, pool_id=pool_id, name=name)


async def _put_identifiers(tx: Tx, provider: IdentityProvider) -> None:
    for identifier in provider.identifiers:
        await tx.run(_PUT_IDENTIFIER, pool_id=provider.pool_id, identifier=identifier, name=provider.name)


async def put_certificate(tx: Tx, certificate: SamlCertificate) -> None:
    """``UniqueViolation`` when this generation exists."""
    await _CERTIFICATE.put(tx, certificate)


async def newest_certificate(tx: ReadTx, pool_id: str, use: str) -> SamlCertificate | None:
    return await _CERTIFICATE.one(tx, _NEWEST, pool_id=pool_id, use=use)
