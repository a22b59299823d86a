"""Operations that look at users, and the one that creates them."""

from functools import partial

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import scan
from poolhouse.pool.api.views import attributes_view, date, factors_view, given_attributes, user_view
from poolhouse.pool.flows import invitations, people, pools, users
from poolhouse.pool.flows.invitations import Invitation
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter
from poolhouse.pool.store import search

_no_such_attribute = partial(invalid_parameter, "One or more requested attributes do not exist.")


@operation
async def admin_create_user(call: Call, request: shapes.AdminCreateUserRequest) -> shapes.AdminCreateUserResponse:
    """ValidationData and ClientMetadata are for a trigger, and no pool with one gets this far (``flows.hooks``)."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    invitation = Invitation(
        username=request.username,
        attributes=given_attributes(request.user_attributes or ()),
        password=request.temporary_password,
        quiet=request.message_action == "SUPPRESS",
        mediums=tuple(request.desired_delivery_mediums or ()),
        steal_aliases=request.force_alias_creation or False,
    )
    invite = invitations.resend if request.message_action == "RESEND" else invitations.create
    return shapes.AdminCreateUserResponse(user=user_view(await invite(call.ctx, entry.pool, invitation)))


@operation
async def admin_get_user(call: Call, request: shapes.AdminGetUserRequest) -> shapes.AdminGetUserResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    user = await people.get(call.ctx, entry.pool, request.username)
    return shapes.AdminGetUserResponse(
        username=user.username,
        user_attributes=attributes_view(user),
        user_create_date=date(user.created_ms),
        user_last_modified_date=date(user.modified_ms),
        enabled=user.enabled,
        user_status=user.status.value,
        preferred_mfa_setting=user.credentials.factors.preferred or None,
        user_mfa_setting_list=factors_view(user),
    )


@operation
async def list_users(call: Call, request: shapes.ListUsersRequest) -> shapes.ListUsersResponse:
    """
    An attribute that a user lacks is left out. A page of a search may be short or empty, and its token leads on.

    DEVIATION: the service refuses the whole list when one user lacks an attribute that was asked for; so do we in
    strict mode.
    """
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    known = {"identities", *(attribute.name for attribute in entry.pool.settings.schema_attributes or ())}
    wanted = request.attributes_to_get
    if wanted is not None and not known.issuperset(wanted):
        raise _no_such_attribute()
    text = request.filter or ""

    async def fetch(after: str, count: int) -> tuple[list[User], str | None]:
        page = await users.list_matching(call.ctx, entry.pool, text, after, count)
        return page.users, page.following

    found, token = await scan(
        call, fetch, asked=(entry.pool.id, text, search.ORDER), token=request.pagination_token, limit=request.limit
    )
    if call.ctx.config.strict and any(set(wanted or ()) - {"sub", *user.attributes} for user in found):
        raise _no_such_attribute()
    return shapes.ListUsersResponse(users=[user_view(user, wanted) for user in found], pagination_token=token)
