"""Operations on resource servers."""

from typing import Final

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.flows import pools, resource_servers
from poolhouse.pool.model.pool import ResourceServer
from poolhouse.pool.spec import shapes

_MOST: Final = 50


@operation
async def create_resource_server(
    call: Call, request: shapes.CreateResourceServerRequest
) -> shapes.CreateResourceServerResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    server = await resource_servers.create(
        call.ctx, entry.pool, identifier=request.identifier, name=request.name, scopes=request.scopes or ()
    )
    return shapes.CreateResourceServerResponse(resource_server=_view(server))


@operation
async def describe_resource_server(
    call: Call, request: shapes.DescribeResourceServerRequest
) -> shapes.DescribeResourceServerResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    server = await resource_servers.get(call.ctx, entry.pool, request.identifier)
    return shapes.DescribeResourceServerResponse(resource_server=_view(server))


@operation
async def update_resource_server(
    call: Call, request: shapes.UpdateResourceServerRequest
) -> shapes.UpdateResourceServerResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    server = await resource_servers.update(
        call.ctx, entry.pool, identifier=request.identifier, name=request.name, scopes=request.scopes or ()
    )
    return shapes.UpdateResourceServerResponse(resource_server=_view(server))


@operation
async def delete_resource_server(call: Call, request: shapes.DeleteResourceServerRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await resource_servers.delete(call.ctx, entry.pool, request.identifier)


@operation
async def list_resource_servers(
    call: Call, request: shapes.ListResourceServersRequest
) -> shapes.ListResourceServersResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: resource_servers.list_all(call.ctx, entry.pool, after, count),
        asked=(entry.pool.id,),
        key=lambda server: server.identifier,
        token=request.next_token,
        limit=request.max_results or _MOST,
    )
    return shapes.ListResourceServersResponse(resource_servers=[_view(server) for server in found], next_token=token)


def _view(server: ResourceServer) -> shapes.ResourceServerType:
    return shapes.ResourceServerType(
        user_pool_id=server.pool_id,
        identifier=server.identifier,
        name=server.name,
        scopes=list(server.scopes) or None,
    )
