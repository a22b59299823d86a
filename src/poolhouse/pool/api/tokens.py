"""Operations on tokens: renewed, revoked, all of a user's ended.  ClientMetadata is for triggers (``api.auth``)."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.seen import scene_of
from poolhouse.pool.flows import caller, refresh, sign_out
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason, cognito, unauthorized


@operation
async def get_tokens_from_refresh_token(
    call: Call, request: shapes.GetTokensFromRefreshTokenRequest
) -> shapes.GetTokensFromRefreshTokenResponse:
    """Of any flow, whether or not the client rotates; only then there is a new refresh token in the answer."""
    proven = await caller.client_by_secret(call.ctx, request.client_id, request.client_secret)
    tokens = await refresh.renew(
        call.ctx,
        proven,
        request.refresh_token,
        request.client_metadata,
        device_key=request.device_key,
        origin=call.origin,
    )
    return shapes.GetTokensFromRefreshTokenResponse(authentication_result=authenticated(tokens))


@operation
async def revoke_token(call: Call, request: shapes.RevokeTokenRequest) -> shapes.RevokeTokenResponse:
    """A client that proves nothing is unauthorized: this operation's model has no NotAuthorizedException."""
    try:
        proven = await caller.client_by_secret(call.ctx, request.client_id, request.client_secret)
    except Refused as no:
        if no.reason is Reason.CLIENT_NOT_FOUND:
            raise
        raise unauthorized(cognito(no.reason, **no.params).message, reason=no.reason) from no
    await sign_out.revoke(call.ctx, proven, request.token, linked=request.revoke_associated_sessions == "LINKED")
    return shapes.RevokeTokenResponse()


@operation
async def global_sign_out(call: Call, request: shapes.GlobalSignOutRequest) -> shapes.GlobalSignOutResponse:
    signed_in = await signed_in_by(call, request.access_token)
    await sign_out.everywhere(call.ctx, signed_in.user, scene=scene_of(call, signed_in))
    return shapes.GlobalSignOutResponse()


def authenticated(tokens: Tokens) -> shapes.AuthenticationResultType:
    """Tokens as the API gives them."""
    new = tokens.new_device
    return shapes.AuthenticationResultType(
        access_token=tokens.access_token,
        expires_in=tokens.expires_in,
        token_type="Bearer",  # noqa: S106 (RFC 6750's word)
        refresh_token=tokens.refresh_token,
        id_token=tokens.id_token,
        new_device_metadata=None
        if new is None
        else shapes.NewDeviceMetadataType(device_key=new.key, device_group_key=new.group_key),
    )
