"""Operations that link users to identities at providers."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.flows import linking, pools
from poolhouse.pool.spec import shapes


@operation
async def admin_link_provider_for_user(
    call: Call, request: shapes.AdminLinkProviderForUserRequest
) -> shapes.AdminLinkProviderForUserResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await linking.link(call.ctx, entry.pool, request.destination_user, request.source_user)
    return shapes.AdminLinkProviderForUserResponse()


@operation
async def admin_disable_provider_for_user(
    call: Call, request: shapes.AdminDisableProviderForUserRequest
) -> shapes.AdminDisableProviderForUserResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await linking.unlink(call.ctx, entry.pool, request.user)
    return shapes.AdminDisableProviderForUserResponse()
