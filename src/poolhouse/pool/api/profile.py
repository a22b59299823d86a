"""Operations of a signed-in user on himself; each is proved by his access token."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.seen import scene_of, seen_by_client
from poolhouse.pool.api.sign_up import delivery_view
from poolhouse.pool.api.views import attributes_view, factors_view, given_attributes
from poolhouse.pool.core.tokens import readable
from poolhouse.pool.flows import profile, recovery
from poolhouse.pool.spec import shapes


@operation
async def get_user(call: Call, request: shapes.GetUserRequest) -> shapes.GetUserResponse:
    """With the attributes that the token's client may read, and ``sub``."""
    signed_in = await signed_in_by(call, request.access_token)
    user = signed_in.user
    return shapes.GetUserResponse(
        username=user.username,
        user_attributes=attributes_view(user, {"sub", *readable(signed_in.client, user.attributes)}),
        preferred_mfa_setting=user.credentials.factors.preferred or None,
        user_mfa_setting_list=factors_view(user),
    )


@operation
async def update_user_attributes(
    call: Call, request: shapes.UpdateUserAttributesRequest
) -> shapes.UpdateUserAttributesResponse:
    signed_in = await signed_in_by(call, request.access_token)
    sent = await profile.update_attributes(
        call.ctx,
        signed_in.entry.pool,
        signed_in.user,
        given_attributes(request.user_attributes),
        client=signed_in.client,
        scene=scene_of(call, signed_in),
    )
    return shapes.UpdateUserAttributesResponse(code_delivery_details_list=[delivery_view(each) for each in sent])


@operation
async def delete_user_attributes(
    call: Call, request: shapes.DeleteUserAttributesRequest
) -> shapes.DeleteUserAttributesResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await profile.delete_attributes(
        call.ctx, signed_in.entry.pool, signed_in.user, request.user_attribute_names, client=signed_in.client,
        scene=scene_of(call, signed_in),
    )  # fmt: skip
    return shapes.DeleteUserAttributesResponse()


@operation
async def get_user_attribute_verification_code(
    call: Call, request: shapes.GetUserAttributeVerificationCodeRequest
) -> shapes.GetUserAttributeVerificationCodeResponse:
    signed_in = await signed_in_by(call, request.access_token)
    delivery = await profile.send_verification_code(call.ctx, signed_in, request.attribute_name)
    return shapes.GetUserAttributeVerificationCodeResponse(code_delivery_details=delivery_view(delivery))


@operation
async def verify_user_attribute(
    call: Call, request: shapes.VerifyUserAttributeRequest
) -> shapes.VerifyUserAttributeResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await profile.verify_attribute(
        call.ctx, signed_in, request.attribute_name, request.code, scene=scene_of(call, signed_in)
    )
    return shapes.VerifyUserAttributeResponse()


@operation
async def change_password(call: Call, request: shapes.ChangePasswordRequest) -> shapes.ChangePasswordResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await recovery.change(
        call.ctx, signed_in, previous=request.previous_password, proposed=request.proposed_password,
        seen=seen_by_client(call, signed_in.entry, signed_in.client, None), scene=scene_of(call, signed_in),
    )  # fmt: skip
    return shapes.ChangePasswordResponse()


@operation
async def delete_user(call: Call, request: shapes.DeleteUserRequest) -> None:
    signed_in = await signed_in_by(call, request.access_token)
    await profile.delete_account(call.ctx, signed_in.user, scene=scene_of(call, signed_in))
