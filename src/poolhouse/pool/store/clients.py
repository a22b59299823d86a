"""App clients and their secrets.  Each change announces the pool, as clients are cached with it."""

from sqlalchemy import bindparam, delete, func, select

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.pool import Client, ClientId, ClientSecret, PoolId
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.pools import CHANGED
from poolhouse.pool.store.record import LIMIT, Record

_CLIENT = Record(t.clients, Client)
_SECRET = Record(t.client_secrets, ClientSecret)

_LIST = compile_statement(
    _CLIENT.select(t.clients.c.pool_id == bindparam("pool_id"), t.clients.c.id > bindparam("after"))
    .order_by(t.clients.c.id)
    .limit(LIMIT)
)
_COUNT = compile_statement(
    select(func.count()).select_from(t.clients).where(t.clients.c.pool_id == bindparam("pool_id"))
)
_SECRETS = compile_statement(
    _SECRET.select(t.client_secrets.c.client_id == bindparam("client_id")).order_by(
        t.client_secrets.c.created_ms, t.client_secrets.c.id
    )
)
_GRANTS_OF_CLIENT = select(t.grants.c.id).where(t.grants.c.client_id == bindparam("client_id"))
_OWNED = (
    t.registrations,
    t.grants,
    t.client_secrets,
    t.authorization_codes,
    t.attempts,
    t.risk_configurations,
    t.branding_styles,
    t.ui_customizations,
    t.terms,
    t.consents,
    t.session_apps,
    t.client_logos,
    t.pushed_requests,
    t.device_codes,
    t.logout_deliveries,
)
_DELETE_OWNED = (
    compile_statement(delete(t.refresh_tokens).where(t.refresh_tokens.c.grant_id.in_(_GRANTS_OF_CLIENT))),
    *(compile_statement(delete(table).where(table.c.client_id == bindparam("client_id"))) for table in _OWNED),
)


async def put_client(tx: Tx, client: Client) -> None:
    tx.announce(CHANGED, client.pool_id)
    await _CLIENT.put(tx, client, name=client.settings.client_name or "")


async def find_client(tx: ReadTx, client_id: str) -> Client | None:
    return await _CLIENT.find(tx, id=client_id)


async def list_clients(tx: ReadTx, pool_id: str, after: str, limit: int) -> list[Client]:
    """By id, from the one after *after*."""
    return await _CLIENT.all(tx, _LIST, pool_id=pool_id, after=after, limit=limit)


async def count_clients(tx: ReadTx, pool_id: str) -> int:
    row = await tx.one(_COUNT, pool_id=pool_id)
    return int(row[0]) if row else 0


async def replace_client(tx: Tx, client: Client, *, old_version: int) -> bool:
    """Write the client if nobody else did since *old_version*."""
    tx.announce(CHANGED, client.pool_id)
    return await _CLIENT.replace_version(tx, client, old_version=old_version, name=client.settings.client_name or "")


async def drop_client(tx: Tx, pool_id: PoolId, client_id: ClientId) -> bool:
    """The client with its secrets, codes, grants and tokens."""
    tx.announce(CHANGED, pool_id)
    for statement in _DELETE_OWNED:
        await tx.run(statement, client_id=client_id)
    return await _CLIENT.drop(tx, id=client_id)


async def put_secret(tx: Tx, pool_id: PoolId, secret: ClientSecret) -> None:
    tx.announce(CHANGED, pool_id)
    await _SECRET.put(tx, secret)


async def list_secrets(tx: ReadTx, client_id: str) -> list[ClientSecret]:
    """Oldest first; at most two."""
    return await _SECRET.all(tx, _SECRETS, client_id=client_id)


async def drop_secret(tx: Tx, pool_id: PoolId, client_id: ClientId, secret_id: str) -> bool:
    tx.announce(CHANGED, pool_id)
    return await _SECRET.drop(tx, client_id=client_id, id=secret_id)
