"""
Resource servers and their scopes.

A client lists the scopes that it may have; a scope that is gone is simply no longer granted.
"""

from collections.abc import Sequence
from typing import Final

from poolhouse.kit.db.protocol import Tx, UniqueViolation
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.pool import Pool, ResourceServer
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason, invalid_parameter, limit_exceeded
from poolhouse.pool.store import pools as store

IN_POOL: Final = 25
_RESERVED: Final = "aws.cognito"

Scopes = Sequence[shapes.ResourceServerScopeType]


async def create(flow: Flow, pool: Pool, *, identifier: str, name: str, scopes: Scopes) -> ResourceServer:
    """AWS API: CreateResourceServer."""
    server = _server(pool, identifier, name, scopes)
    if identifier.startswith(_RESERVED):
        # Ours: ``aws.cognito/dcr`` with a scope ``register`` would be the service's own scope for registering clients.
        raise invalid_parameter(f"Resource server identifiers that begin with {_RESERVED} are reserved.")

    async def unit(tx: Tx) -> None:
        if len(await store.list_resource_servers(tx, pool.id, "", IN_POOL)) >= IN_POOL:
            raise limit_exceeded(f"A user pool cannot have more than {IN_POOL} resource servers.")
        await store.put_resource_server(tx, server)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        raise invalid_parameter(f"{identifier} already exists in user pool {pool.id}.") from taken
    return server


async def get(flow: Flow, pool: Pool, identifier: str) -> ResourceServer:
    """AWS API: DescribeResourceServer."""
    found = await flow.database.read(lambda tx: store.find_resource_server(tx, pool.id, identifier))
    if found is None:
        raise _missing(identifier)
    return found


async def update(flow: Flow, pool: Pool, *, identifier: str, name: str, scopes: Scopes) -> ResourceServer:
    """AWS API: UpdateResourceServer. Name and scopes are replaced; the identifier cannot change."""
    server = _server(pool, identifier, name, scopes)
    if not await flow.database.write(lambda tx: store.replace_resource_server(tx, server)):
        raise _missing(identifier)
    return server


async def delete(flow: Flow, pool: Pool, identifier: str) -> None:
    """AWS API: DeleteResourceServer."""
    if not await flow.database.write(lambda tx: store.drop_resource_server(tx, pool.id, identifier)):
        raise _missing(identifier)


async def list_all(flow: Flow, pool: Pool, after: str, limit: int) -> list[ResourceServer]:
    """By identifier, from the one after *after*."""
    return await flow.database.read(lambda tx: store.list_resource_servers(tx, pool.id, after, limit))


def _server(pool: Pool, identifier: str, name: str, scopes: Scopes) -> ResourceServer:
    names = [scope.scope_name for scope in scopes]
    if len(set(names)) < len(names):
        raise invalid_parameter("Scope names of a resource server must be unique.")
    return ResourceServer(pool_id=pool.id, identifier=identifier, name=name, scopes=tuple(scopes))


def _missing(identifier: str) -> Refused:
    return Refused(Reason.RESOURCE_SERVER_NOT_FOUND, identifier=identifier)
