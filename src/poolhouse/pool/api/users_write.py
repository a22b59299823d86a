"""Operations that change or delete users. ClientMetadata is for triggers (``flows.hooks``)."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.views import given_attributes
from poolhouse.pool.flows import people, pools, profile, recovery, sign_out, users
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes


@operation
async def admin_set_user_password(
    call: Call, request: shapes.AdminSetUserPasswordRequest
) -> shapes.AdminSetUserPasswordResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await users.set_password(
        call.ctx, entry.pool, request.username, request.password, permanent=request.permanent or False
    )
    return shapes.AdminSetUserPasswordResponse()


@operation
async def admin_update_user_attributes(
    call: Call, request: shapes.AdminUpdateUserAttributesRequest
) -> shapes.AdminUpdateUserAttributesResponse:
    entry, user = await _find(call, request.user_pool_id, request.username)
    changes = given_attributes(request.user_attributes)
    await profile.update_attributes(call.ctx, entry.pool, user, changes, client=None)
    return shapes.AdminUpdateUserAttributesResponse()


@operation
async def admin_delete_user_attributes(
    call: Call, request: shapes.AdminDeleteUserAttributesRequest
) -> shapes.AdminDeleteUserAttributesResponse:
    entry, user = await _find(call, request.user_pool_id, request.username)
    await profile.delete_attributes(call.ctx, entry.pool, user, request.user_attribute_names, client=None)
    return shapes.AdminDeleteUserAttributesResponse()


@operation
async def admin_enable_user(call: Call, request: shapes.AdminEnableUserRequest) -> shapes.AdminEnableUserResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await users.enable(call.ctx, entry.pool, request.username)
    return shapes.AdminEnableUserResponse()


@operation
async def admin_disable_user(call: Call, request: shapes.AdminDisableUserRequest) -> shapes.AdminDisableUserResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await users.disable(call.ctx, entry.pool, request.username)
    return shapes.AdminDisableUserResponse()


@operation
async def admin_delete_user(call: Call, request: shapes.AdminDeleteUserRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await users.delete(call.ctx, entry.pool, request.username)


@operation
async def admin_reset_user_password(
    call: Call, request: shapes.AdminResetUserPasswordRequest
) -> shapes.AdminResetUserPasswordResponse:
    entry, user = await _find(call, request.user_pool_id, request.username)
    await recovery.start_reset(call.ctx, entry, user)
    return shapes.AdminResetUserPasswordResponse()


@operation
async def admin_confirm_sign_up(
    call: Call, request: shapes.AdminConfirmSignUpRequest
) -> shapes.AdminConfirmSignUpResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await users.confirm(call.ctx, entry.pool, request.username, request.client_metadata)
    return shapes.AdminConfirmSignUpResponse()


@operation
async def admin_user_global_sign_out(
    call: Call, request: shapes.AdminUserGlobalSignOutRequest
) -> shapes.AdminUserGlobalSignOutResponse:
    _, user = await _find(call, request.user_pool_id, request.username)
    await sign_out.everywhere(call.ctx, user)
    return shapes.AdminUserGlobalSignOutResponse()


async def _find(call: Call, pool_id: str, name: str) -> tuple[PoolEntry, User]:
    entry = await pools.get(call.ctx, call.region, pool_id)
    return entry, await people.get(call.ctx, entry.pool, name)
