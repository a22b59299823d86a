"""Operations on a user's second factors."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.seen import scene_of
from poolhouse.pool.core import totp
from poolhouse.pool.flows import mfa, people, pools
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.gate import required
from poolhouse.pool.flows.mfa import Switch
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter


@operation
async def associate_software_token(
    call: Call, request: shapes.AssociateSoftwareTokenRequest
) -> shapes.AssociateSoftwareTokenResponse:
    _check_one(request.access_token, request.session)
    if request.session is not None:
        secret, session = await mfa.associate_by_session(call.ctx, request.session)
        return shapes.AssociateSoftwareTokenResponse(secret_code=totp.secret_text(secret), session=session)
    token = required({"AccessToken": request.access_token or ""}, "AccessToken")
    secret = await mfa.associate(call.ctx, await signed_in_by(call, token))
    return shapes.AssociateSoftwareTokenResponse(secret_code=totp.secret_text(secret))


@operation
async def verify_software_token(
    call: Call, request: shapes.VerifySoftwareTokenRequest
) -> shapes.VerifySoftwareTokenResponse:
    _check_one(request.access_token, request.session)
    code, name = request.user_code, request.friendly_device_name or ""
    if request.session is not None:
        session = await mfa.verify_by_session(call.ctx, request.session, code=code, name=name, origin=call.origin)
        return shapes.VerifySoftwareTokenResponse(status="SUCCESS", session=session)
    token = required({"AccessToken": request.access_token or ""}, "AccessToken")
    signed_in = await signed_in_by(call, token)
    await mfa.verify(call.ctx, signed_in, code=code, name=name, scene=scene_of(call, signed_in))
    return shapes.VerifySoftwareTokenResponse(status="SUCCESS")


@operation
async def set_user_mfa_preference(
    call: Call, request: shapes.SetUserMFAPreferenceRequest
) -> shapes.SetUserMFAPreferenceResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await _prefer(call.ctx, signed_in.entry, signed_in.user, request, scene=scene_of(call, signed_in))
    return shapes.SetUserMFAPreferenceResponse()


@operation
async def admin_set_user_mfa_preference(
    call: Call, request: shapes.AdminSetUserMFAPreferenceRequest
) -> shapes.AdminSetUserMFAPreferenceResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    user = await people.get(call.ctx, entry.pool, request.username)
    await _prefer(call.ctx, entry, user, request, scene=None)
    return shapes.AdminSetUserMFAPreferenceResponse()


async def _prefer(
    flow: Flow,
    entry: PoolEntry,
    user: User,
    request: shapes.SetUserMFAPreferenceRequest | shapes.AdminSetUserMFAPreferenceRequest,
    *,
    scene: Scene | None,
) -> None:
    """By the user in *scene*, else by an administrator."""
    await mfa.prefer(
        flow,
        entry,
        user,
        sms=_switch(request.sms_mfa_settings),
        app=_switch(request.software_token_mfa_settings),
        email=_switch(request.email_mfa_settings),
        passkey=None if request.web_authn_mfa_settings is None else request.web_authn_mfa_settings.enabled,
        by_admin=scene is None,
        scene=scene,
    )


def _switch(
    settings: shapes.SMSMfaSettingsType | shapes.SoftwareTokenMfaSettingsType | shapes.EmailMfaSettingsType | None,
) -> Switch:
    return Switch() if settings is None else Switch(settings.enabled, settings.preferred_mfa)


def _check_one(access_token: str | None, session: str | None) -> None:
    if access_token is not None and session is not None:
        raise invalid_parameter("Only one of AccessToken and Session can be given.")
