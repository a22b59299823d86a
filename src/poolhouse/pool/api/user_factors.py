"""Operations that tell which factors a user has, and the ones that an administrator takes away."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.views import factors_view
from poolhouse.pool.flows import mfa, people, pools
from poolhouse.pool.flows.mfa import Switch
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter


@operation
async def get_user_auth_factors(
    call: Call, request: shapes.GetUserAuthFactorsRequest
) -> shapes.GetUserAuthFactorsResponse:
    signed_in = await signed_in_by(call, request.access_token)
    user = signed_in.user
    return shapes.GetUserAuthFactorsResponse(
        username=user.username,
        preferred_mfa_setting=user.credentials.factors.preferred or None,
        user_mfa_setting_list=factors_view(user),
        configured_user_auth_factors=mfa.configured(call.ctx, signed_in.entry, user),
    )


@operation
async def admin_get_user_auth_factors(
    call: Call, request: shapes.AdminGetUserAuthFactorsRequest
) -> shapes.AdminGetUserAuthFactorsResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    user = await people.get(call.ctx, entry.pool, request.username)
    return shapes.AdminGetUserAuthFactorsResponse(
        username=user.username,
        preferred_mfa_setting=user.credentials.factors.preferred or None,
        user_mfa_setting_list=factors_view(user),
        configured_user_auth_factors=mfa.configured(call.ctx, entry, user),
    )


@operation
async def admin_delete_software_token(
    call: Call, request: shapes.AdminDeleteSoftwareTokenRequest
) -> shapes.AdminDeleteSoftwareTokenResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    user = await people.get(call.ctx, entry.pool, request.username)
    await mfa.delete_totp(call.ctx, entry.pool, user)
    return shapes.AdminDeleteSoftwareTokenResponse()


@operation
async def set_user_settings(call: Call, request: shapes.SetUserSettingsRequest) -> shapes.SetUserSettingsResponse:
    """The legacy way to switch SMS MFA on, or with an empty list off."""
    signed_in = await signed_in_by(call, request.access_token)
    sms = _sms(request.mfa_options)
    await mfa.prefer(call.ctx, signed_in.entry, signed_in.user, sms=sms, app=Switch(), email=Switch())
    return shapes.SetUserSettingsResponse()


@operation
async def admin_set_user_settings(
    call: Call, request: shapes.AdminSetUserSettingsRequest
) -> shapes.AdminSetUserSettingsResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    user = await people.get(call.ctx, entry.pool, request.username)
    sms = _sms(request.mfa_options)
    await mfa.prefer(call.ctx, entry, user, sms=sms, app=Switch(), email=Switch(), by_admin=True)
    return shapes.AdminSetUserSettingsResponse()


def _sms(options: list[shapes.MFAOptionType]) -> Switch:
    for option in options:
        if option.delivery_medium != "SMS" or option.attribute_name != "phone_number":
            raise invalid_parameter("MFAOptions takes DeliveryMedium SMS with AttributeName phone_number only.")
    return Switch(enabled=bool(options))
