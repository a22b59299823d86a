"""Operations on app clients."""

import msgspec

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import date
from poolhouse.pool.flows import clients, pools
from poolhouse.pool.spec import shapes


@operation
async def create_user_pool_client(
    call: Call, request: shapes.CreateUserPoolClientRequest
) -> shapes.CreateUserPoolClientResponse:
    described = await clients.create(call.ctx, call.region, request)
    return shapes.CreateUserPoolClientResponse(user_pool_client=_view(described))


@operation
async def describe_user_pool_client(
    call: Call, request: shapes.DescribeUserPoolClientRequest
) -> shapes.DescribeUserPoolClientResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    described = await clients.describe(call.ctx, entry.pool, request.client_id)
    return shapes.DescribeUserPoolClientResponse(user_pool_client=_view(described))


@operation
async def update_user_pool_client(
    call: Call, request: shapes.UpdateUserPoolClientRequest
) -> shapes.UpdateUserPoolClientResponse:
    described = await clients.update(call.ctx, call.region, request)
    return shapes.UpdateUserPoolClientResponse(user_pool_client=_view(described))


@operation
async def delete_user_pool_client(call: Call, request: shapes.DeleteUserPoolClientRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await clients.delete(call.ctx, entry.pool, request.client_id)


@operation
async def list_user_pool_clients(
    call: Call, request: shapes.ListUserPoolClientsRequest
) -> shapes.ListUserPoolClientsResponse:
    """With a ClientType a page may be shorter than asked for, as the service's may: the token says what follows."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: clients.list_all(call.ctx, entry.pool, after, count),
        asked=(entry.pool.id, request.client_type or ""),
        key=lambda client: client.id,
        token=request.next_token,
        limit=request.max_results,
    )
    shown = [
        shapes.UserPoolClientDescription(
            client_id=client.id, user_pool_id=client.pool_id, client_name=client.settings.client_name
        )
        for client in found
        if request.client_type in {None, client.settings.client_type or "REGULAR"}
    ]
    return shapes.ListUserPoolClientsResponse(user_pool_clients=shown, next_token=token)


def _view(described: clients.Described) -> shapes.UserPoolClientType:
    client = described.client
    return msgspec.structs.replace(
        client.settings,
        user_pool_id=client.pool_id,
        client_id=client.id,
        client_secret=described.secret,
        creation_date=date(client.created_ms),
        last_modified_date=date(client.modified_ms),
    )
