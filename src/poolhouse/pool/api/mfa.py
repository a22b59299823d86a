"""Operations on the second factors of a pool."""

import msgspec

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.flows import pools
from poolhouse.pool.spec import shapes


@operation
async def get_user_pool_mfa_config(
    call: Call, request: shapes.GetUserPoolMfaConfigRequest
) -> shapes.GetUserPoolMfaConfigResponse:
    described = await pools.describe(call.ctx, call.region, request.user_pool_id)
    return described.pool.mfa


@operation
async def set_user_pool_mfa_config(
    call: Call, request: shapes.SetUserPoolMfaConfigRequest
) -> shapes.SetUserPoolMfaConfigResponse:
    pool = await pools.set_mfa(call.ctx, call.region, request)
    return shapes.SetUserPoolMfaConfigResponse(**msgspec.structs.asdict(pool.mfa))
