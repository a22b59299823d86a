"""Operations on groups and membership."""

import msgspec

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import group_view, user_view
from poolhouse.pool.flows import groups, pools
from poolhouse.pool.model.pool import Group
from poolhouse.pool.spec import shapes


@operation
async def create_group(call: Call, request: shapes.CreateGroupRequest) -> shapes.CreateGroupResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    group = await groups.create(
        call.ctx,
        entry.pool,
        name=request.group_name,
        description=request.description,
        role_arn=request.role_arn,
        precedence=request.precedence,
    )
    return shapes.CreateGroupResponse(group=group_view(group))


@operation
async def get_group(call: Call, request: shapes.GetGroupRequest) -> shapes.GetGroupResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    return shapes.GetGroupResponse(group=group_view(await groups.get(call.ctx, entry.pool, request.group_name)))


@operation
async def update_group(call: Call, request: shapes.UpdateGroupRequest) -> shapes.UpdateGroupResponse:
    """What is not given stays as it is."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    given = {
        name: value
        for name, value in (
            ("description", request.description),
            ("role_arn", request.role_arn),
            ("precedence", request.precedence),
        )
        if value is not None
    }

    def change(group: Group) -> Group:
        return msgspec.structs.replace(group, **given)

    return shapes.UpdateGroupResponse(
        group=group_view(await groups.update(call.ctx, entry.pool, request.group_name, change))
    )


@operation
async def delete_group(call: Call, request: shapes.DeleteGroupRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await groups.delete(call.ctx, entry.pool, request.group_name)


@operation
async def list_groups(call: Call, request: shapes.ListGroupsRequest) -> shapes.ListGroupsResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: groups.list_all(call.ctx, entry.pool, after, count),
        asked=(entry.pool.id,),
        key=lambda group: group.name,
        token=request.next_token,
        limit=request.limit,
    )
    return shapes.ListGroupsResponse(groups=[group_view(group) for group in found], next_token=token)


@operation
async def list_users_in_group(call: Call, request: shapes.ListUsersInGroupRequest) -> shapes.ListUsersInGroupResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: groups.list_members(call.ctx, entry.pool, request.group_name, after, count),
        asked=(entry.pool.id, request.group_name),
        key=lambda user: user.username,
        token=request.next_token,
        limit=request.limit,
    )
    return shapes.ListUsersInGroupResponse(users=[user_view(user) for user in found], next_token=token)


@operation
async def admin_list_groups_for_user(
    call: Call, request: shapes.AdminListGroupsForUserRequest
) -> shapes.AdminListGroupsForUserResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found, token = await page(
        call,
        lambda after, count: groups.list_of_user(call.ctx, entry.pool, request.username, after, count),
        asked=(entry.pool.id, request.username),
        key=lambda group: group.name,
        token=request.next_token,
        limit=request.limit,
    )
    return shapes.AdminListGroupsForUserResponse(groups=[group_view(group) for group in found], next_token=token)


@operation
async def admin_add_user_to_group(call: Call, request: shapes.AdminAddUserToGroupRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await groups.join(call.ctx, entry.pool, request.username, request.group_name)


@operation
async def admin_remove_user_from_group(call: Call, request: shapes.AdminRemoveUserFromGroupRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await groups.leave(call.ctx, entry.pool, request.username, request.group_name)
