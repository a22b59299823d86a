"""Pools, signing keys, domains, resource servers."""

from sqlalchemy import bindparam, delete, func, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.pool import Domain, Pool, PoolId, PoolSalt, ResourceServer, SealedKey
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

CHANGED = "pool"
"""The channel on which a change of a pool's configuration is announced; the payload is the pool's id."""

_POOL = Record(t.pools, Pool)
_KEY = Record(t.pool_keys, SealedKey)
_SALT = Record(t.pool_salts, PoolSalt)
_DOMAIN = Record(t.domains, Domain)
_SERVER = Record(t.resource_servers, ResourceServer)

_LIST = compile_statement(
    _POOL.select(t.pools.c.region == bindparam("region"), t.pools.c.id > bindparam("after"))
    .order_by(t.pools.c.id)
    .limit(LIMIT)
)
_LOCK = compile_statement(_POOL.select(t.pools.c.id == bindparam("id")).with_for_update())
_COUNT = compile_statement(select(func.count()).select_from(t.pools))
_COUNT_IN = compile_statement(select(func.count()).select_from(t.pools).where(t.pools.c.region == bindparam("region")))
_KEYS = compile_statement(_KEY.select(t.pool_keys.c.pool_id == bindparam("pool_id")).order_by(t.pool_keys.c.created_ms))
_ANY_KEY = compile_statement(_KEY.select(t.pool_keys.c.pool_id > "").limit(1))
_WITH_OLD_KEYS = compile_statement(
    select(t.pool_keys.c.pool_id)
    .where(t.pool_keys.c.retired_ms.is_(None))
    .group_by(t.pool_keys.c.pool_id)
    .having(func.min(t.pool_keys.c.created_ms) <= bindparam("before_ms"))
    .limit(LIMIT)
)
_DROP_RETIRED = compile_statement(
    delete(t.pool_keys).where(t.pool_keys.c.retired_ms <= bindparam("before_ms")).returning(t.pool_keys.c.pool_id)
)
_DOMAINS = compile_statement(_DOMAIN.select(t.domains.c.pool_id == bindparam("pool_id")).order_by(t.domains.c.custom))
_SERVERS = compile_statement(
    _SERVER.select(
        t.resource_servers.c.pool_id == bindparam("pool_id"),
        t.resource_servers.c.identifier > bindparam("after"),
    )
    .order_by(t.resource_servers.c.identifier)
    .limit(LIMIT)
)
_NEW_COUNT = compile_statement(t.user_counts.insert().values(pool_id=bindparam("pool_id"), users=0))
_USERS = compile_statement(select(t.user_counts.c.users).where(t.user_counts.c.pool_id == bindparam("pool_id")))
_DELETE_SECRETS = compile_statement(
    delete(t.client_secrets).where(
        t.client_secrets.c.client_id.in_(select(t.clients.c.id).where(t.clients.c.pool_id == bindparam("pool_id")))
    )
)
_DELETE_TOKENS = compile_statement(
    delete(t.refresh_tokens).where(
        t.refresh_tokens.c.grant_id.in_(select(t.grants.c.id).where(t.grants.c.pool_id == bindparam("pool_id")))
    )
)
_OWNED = tuple(
    compile_statement(delete(table).where(table.c.pool_id == bindparam("pool_id")))
    for table in (
        t.clients, t.pool_keys, t.domains, t.resource_servers, t.branding_styles, t.ui_customizations, t.terms,
        t.memberships, t.groups, t.aliases, t.users,
        t.user_counts, t.sent_codes, t.attempts, t.grants, t.authorization_codes, t.browser_sessions, t.outbox,
        t.identity_providers, t.provider_identifiers, t.linked_identities, t.saml_certificates, t.registrations,
        t.import_jobs, t.import_chunks, t.import_failures, t.passkeys, t.devices,
        t.risk_configurations, t.log_configurations, t.auth_events, t.log_records,
        t.consents, t.session_apps, t.pool_salts, t.client_logos, t.page_texts,
        t.pushed_requests, t.device_codes, t.logout_deliveries,
    )
)  # fmt: skip


async def put_pool(tx: Tx, pool: Pool) -> None:
    """A new pool with a user count of zero."""
    await _POOL.put(tx, pool)
    await tx.run(_NEW_COUNT, pool_id=pool.id)


async def find_pool(tx: ReadTx, pool_id: str) -> Pool | None:
    return await _POOL.find(tx, id=pool_id)


async def lock_pool(tx: Tx, pool_id: str) -> Pool | None:
    """The same, held until the transaction ends: nobody else changes or deletes the pool meanwhile."""
    return await _POOL.one(tx, _LOCK, id=pool_id)


async def list_pools(tx: ReadTx, region: str, after: str, limit: int) -> list[Pool]:
    """By id, from the one after *after*."""
    return await _POOL.all(tx, _LIST, region=region, after=after, limit=limit)


async def count_pools(tx: ReadTx) -> int:
    row = await tx.one(_COUNT)
    return int(row[0]) if row else 0


async def count_pools_in(tx: ReadTx, region: str) -> int:
    row = await tx.one(_COUNT_IN, region=region)
    return int(row[0]) if row else 0


async def replace_pool(tx: Tx, pool: Pool, *, old_version: int) -> bool:
    """Write the pool if nobody else did since *old_version*; announces the change."""
    tx.announce(CHANGED, pool.id)
    return await _POOL.replace_version(tx, pool, old_version=old_version)


async def drop_pool(tx: Tx, pool_id: str) -> bool:
    """The pool and all that belongs to it; whether there was one."""
    tx.announce(CHANGED, pool_id)
    await tx.run(_DELETE_SECRETS, pool_id=pool_id)
    await tx.run(_DELETE_TOKENS, pool_id=pool_id)
    for statement in _OWNED:
        await tx.run(statement, pool_id=pool_id)
    return await _POOL.drop(tx, id=pool_id)


async def count_users(tx: ReadTx, pool_id: str) -> int:
    """How many users a pool has, kept as a number: counting a million rows would take seconds."""
    row = await tx.one(_USERS, pool_id=pool_id)
    return int(row[0]) if row else 0


async def put_key(tx: Tx, key: SealedKey) -> None:
    tx.announce(CHANGED, key.pool_id)
    await _KEY.put(tx, key)


async def list_keys(tx: ReadTx, pool_id: str) -> list[SealedKey]:
    """Oldest first."""
    return await _KEY.all(tx, _KEYS, pool_id=pool_id)


async def find_any_key(tx: ReadTx) -> SealedKey | None:
    """Of whichever pool."""
    return next(iter(await _KEY.all(tx, _ANY_KEY)), None)


async def replace_key(tx: Tx, key: SealedKey) -> bool:
    tx.announce(CHANGED, key.pool_id)
    return await _KEY.replace(tx, key)


async def drop_key(tx: Tx, key: SealedKey) -> bool:
    tx.announce(CHANGED, key.pool_id)
    return await _KEY.drop(tx, pool_id=key.pool_id, kid=key.kid)


async def list_pools_with_keys_before(tx: ReadTx, before_ms: int, limit: int) -> list[str]:
    """Pools with a key that was made by then and has no successor."""
    return [str(pool_id) for (pool_id,) in await tx.all(_WITH_OLD_KEYS, before_ms=before_ms, limit=limit)]


async def drop_keys_retired(tx: Tx, before_ms: int) -> None:
    """Keys whose successor began to sign by then."""
    for (pool_id,) in await tx.all(_DROP_RETIRED, before_ms=before_ms):
        tx.announce(CHANGED, str(pool_id))


async def find_salt(tx: ReadTx, pool_id: str) -> PoolSalt | None:
    return await _SALT.find(tx, pool_id=pool_id)


async def put_salt(tx: Tx, salt: PoolSalt) -> None:
    tx.announce(CHANGED, salt.pool_id)
    await _SALT.put(tx, salt)


async def put_domain(tx: Tx, domain: Domain) -> None:
    """``UniqueViolation`` when the name is taken, or the pool has a domain of this kind already."""
    tx.announce(CHANGED, domain.pool_id)
    await _DOMAIN.put(tx, domain)


async def find_domain(tx: ReadTx, name: str) -> Domain | None:
    return await _DOMAIN.find(tx, name=name)


async def list_domains(tx: ReadTx, pool_id: str) -> list[Domain]:
    """The prefix first, then the custom domain; each may be missing."""
    return await _DOMAIN.all(tx, _DOMAINS, pool_id=pool_id)


async def replace_domain(tx: Tx, domain: Domain) -> bool:
    tx.announce(CHANGED, domain.pool_id)
    return await _DOMAIN.replace(tx, domain)


async def drop_domain(tx: Tx, pool_id: PoolId, name: str) -> bool:
    tx.announce(CHANGED, pool_id)
    return await _DOMAIN.drop(tx, name=name)


async def put_resource_server(tx: Tx, server: ResourceServer) -> None:
    tx.announce(CHANGED, server.pool_id)
    await _SERVER.put(tx, server)


async def find_resource_server(tx: ReadTx, pool_id: str, identifier: str) -> ResourceServer | None:
    return await _SERVER.find(tx, pool_id=pool_id, identifier=identifier)


async def list_resource_servers(tx: ReadTx, pool_id: str, after: str, limit: int) -> list[ResourceServer]:
    """By identifier, from the one after *after*."""
    return await _SERVER.all(tx, _SERVERS, pool_id=pool_id, after=after, limit=limit)


async def replace_resource_server(tx: Tx, server: ResourceServer) -> bool:
    tx.announce(CHANGED, server.pool_id)
    return await _SERVER.replace(tx, server)


async def drop_resource_server(tx: Tx, pool_id: PoolId, identifier: str) -> bool:
    tx.announce(CHANGED, pool_id)
    return await _SERVER.drop(tx, pool_id=pool_id, identifier=identifier)
