"""
Replicas in other Regions: there are none, since a server is one place.

A pool is its own primary; what would make or change another answers as the service does where it is not enabled.
"""

from typing import NoReturn

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.flows import pools
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import operation_not_enabled


@operation
async def create_user_pool_replica(
    call: Call, request: shapes.CreateUserPoolReplicaRequest
) -> shapes.CreateUserPoolReplicaResponse:
    await _refuse(call, request.user_pool_id)


@operation
async def update_user_pool_replica(
    call: Call, request: shapes.UpdateUserPoolReplicaRequest
) -> shapes.UpdateUserPoolReplicaResponse:
    await _refuse(call, request.user_pool_id)


@operation
async def delete_user_pool_replica(
    call: Call, request: shapes.DeleteUserPoolReplicaRequest
) -> shapes.DeleteUserPoolReplicaResponse:
    await _refuse(call, request.user_pool_id)


@operation
async def list_user_pool_replicas(
    call: Call, request: shapes.ListUserPoolReplicasRequest
) -> shapes.ListUserPoolReplicasResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    primary = shapes.UserPoolReplicaType(
        region_name=entry.pool.region, status="ACTIVE", role="PRIMARY", user_pool_arn=entry.pool.arn
    )

    async def fetch(after: str, count: int) -> list[shapes.UserPoolReplicaType]:
        return [] if after else [primary][:count]

    found, token = await page(
        call,
        fetch,
        asked=(entry.pool.id,),
        key=lambda each: each.region_name or "",
        token=request.next_token,
        limit=None,
    )
    return shapes.ListUserPoolReplicasResponse(user_pool_replicas=found, next_token=token)


async def _refuse(call: Call, pool_id: str) -> NoReturn:
    """An unknown pool is said to be one first."""
    await pools.get(call.ctx, call.region, pool_id)
    raise operation_not_enabled(f"Multi-Region replication is not enabled for user pool {pool_id}.")
