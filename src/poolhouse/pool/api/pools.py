"""Operations on user pools."""

import msgspec

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import date
from poolhouse.pool.flows import pools
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec import shapes


@operation
async def create_user_pool(call: Call, request: shapes.CreateUserPoolRequest) -> shapes.CreateUserPoolResponse:
    return shapes.CreateUserPoolResponse(user_pool=_view(await pools.create(call.ctx, call.region, request)))


@operation
async def describe_user_pool(call: Call, request: shapes.DescribeUserPoolRequest) -> shapes.DescribeUserPoolResponse:
    described = await pools.describe(call.ctx, call.region, request.user_pool_id)
    return shapes.DescribeUserPoolResponse(user_pool=_view(described))


@operation
async def update_user_pool(call: Call, request: shapes.UpdateUserPoolRequest) -> shapes.UpdateUserPoolResponse:
    await pools.update(call.ctx, call.region, request)
    return shapes.UpdateUserPoolResponse()


@operation
async def delete_user_pool(call: Call, request: shapes.DeleteUserPoolRequest) -> None:
    await pools.delete(call.ctx, call.region, request.user_pool_id)


@operation
async def list_user_pools(call: Call, request: shapes.ListUserPoolsRequest) -> shapes.ListUserPoolsResponse:
    found, token = await page(
        call,
        lambda after, count: pools.list_all(call.ctx, call.region, after, count),
        key=lambda pool: pool.id,
        token=request.next_token,
        limit=request.max_results,
    )
    return shapes.ListUserPoolsResponse(user_pools=[_line(pool) for pool in found], next_token=token)


@operation
async def add_custom_attributes(
    call: Call, request: shapes.AddCustomAttributesRequest
) -> shapes.AddCustomAttributesResponse:
    await pools.add_attributes(call.ctx, call.region, request.user_pool_id, request.custom_attributes)
    return shapes.AddCustomAttributesResponse()


def _view(described: pools.Described) -> shapes.UserPoolType:
    pool = described.pool
    names = {domain.custom: domain.name for domain in described.domains}
    return msgspec.structs.replace(
        pool.settings,
        id=pool.id,
        name=pool.name,
        arn=pool.arn,
        creation_date=date(pool.created_ms),
        last_modified_date=date(pool.modified_ms),
        estimated_number_of_users=described.users,
        domain=names.get(False),
        custom_domain=names.get(True),
    )


def _line(pool: Pool) -> shapes.UserPoolDescriptionType:
    return shapes.UserPoolDescriptionType(
        id=pool.id,
        name=pool.name,
        lambda_config=pool.settings.lambda_config,
        creation_date=date(pool.created_ms),
        last_modified_date=date(pool.modified_ms),
    )
