"""Operations on sessions, and on the session configuration of pools and clients."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.views import date
from poolhouse.pool.core import sessions as core
from poolhouse.pool.flows import clients, people, pools, session_settings, sessions
from poolhouse.pool.flows.sessions import Session
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.session import SessionTracking
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import invalid_parameter


@operation
async def get_user_pool_session_configuration(
    call: Call, request: shapes.GetUserPoolSessionConfigurationRequest
) -> shapes.GetUserPoolSessionConfigurationResponse:
    described = await pools.describe(call.ctx, call.region, request.user_pool_id)
    tracking = core.tracking(described.pool)
    return shapes.GetUserPoolSessionConfigurationResponse(
        user_pool_id=described.pool.id,
        user_session_tracking="ENABLED" if tracking.enabled else "DISABLED",
        token_session=shapes.UserPoolTokenSessionConfigType(max_per_user=tracking.max_per_user),
    )


@operation
async def set_user_pool_session_configuration(
    call: Call, request: shapes.SetUserPoolSessionConfigurationRequest
) -> shapes.SetUserPoolSessionConfigurationResponse:
    wanted = SessionTracking(
        enabled=request.user_session_tracking == "ENABLED", max_per_user=request.token_session.max_per_user
    )
    pool = await session_settings.set_pool(call.ctx, call.region, request.user_pool_id, wanted)
    return shapes.SetUserPoolSessionConfigurationResponse(
        user_pool_id=pool.id,
        user_session_tracking=request.user_session_tracking,
        token_session=request.token_session,
    )


@operation
async def get_user_pool_client_session_configuration(
    call: Call, request: shapes.GetUserPoolClientSessionConfigurationRequest
) -> shapes.GetUserPoolClientSessionConfigurationResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    client = (await clients.describe(call.ctx, entry.pool, request.client_id)).client
    return shapes.GetUserPoolClientSessionConfigurationResponse(
        user_pool_id=client.pool_id, client_id=client.id, sso_session=_reuse(client)
    )


@operation
async def set_user_pool_client_session_configuration(
    call: Call, request: shapes.SetUserPoolClientSessionConfigurationRequest
) -> shapes.SetUserPoolClientSessionConfigurationResponse:
    minutes = request.sso_session.max_validity_minutes
    client = await session_settings.set_client(call.ctx, call.region, request.user_pool_id, request.client_id, minutes)
    return shapes.SetUserPoolClientSessionConfigurationResponse(
        user_pool_id=client.pool_id, client_id=client.id, sso_session=_reuse(client)
    )


@operation
async def list_user_sessions(call: Call, request: shapes.ListUserSessionsRequest) -> shapes.ListUserSessionsResponse:
    signed_in = await signed_in_by(call, request.access_token)
    tracked = signed_in.grant.tracked
    shown = await _listed(call, signed_in.entry.pool, signed_in.user, request.next_token, tracked.id if tracked else "")
    return shapes.ListUserSessionsResponse(sessions=shown)


@operation
async def revoke_user_session(call: Call, request: shapes.RevokeUserSessionRequest) -> shapes.RevokeUserSessionResponse:
    signed_in = await signed_in_by(call, request.access_token)
    tracked = signed_in.grant.tracked
    await sessions.revoke(
        call.ctx,
        signed_in.entry.pool,
        signed_in.user,
        request.session_id,
        linked=request.revoke_associated_sessions == "LINKED",
        current=tracked.id if tracked else "",
    )
    return shapes.RevokeUserSessionResponse()


@operation
async def admin_list_user_sessions(
    call: Call, request: shapes.AdminListUserSessionsRequest
) -> shapes.AdminListUserSessionsResponse:
    pool, user = await _find(call, request.user_pool_id, request.username)
    return shapes.AdminListUserSessionsResponse(sessions=await _listed(call, pool, user, request.next_token, ""))


@operation
async def admin_revoke_user_session(
    call: Call, request: shapes.AdminRevokeUserSessionRequest
) -> shapes.AdminRevokeUserSessionResponse:
    pool, user = await _find(call, request.user_pool_id, request.username)
    linked = request.revoke_associated_sessions == "LINKED"
    await sessions.revoke(call.ctx, pool, user, request.session_id, linked=linked)
    return shapes.AdminRevokeUserSessionResponse()


async def _find(call: Call, pool_id: str, name: str) -> tuple[Pool, User]:
    """What the pool does not do is said before anything about its users."""
    entry = await pools.get(call.ctx, call.region, pool_id)
    sessions.require_tracking(entry.pool)
    return entry.pool, await people.get(call.ctx, entry.pool, name)


async def _listed(
    call: Call, pool: Pool, user: User, token: str | None, current: str
) -> list[shapes.SessionDescriptionType]:
    """One page, as the service has it: there is no second one, and no token that leads to it."""
    if token is not None:
        raise invalid_parameter("Invalid pagination token")
    found = await sessions.list_all(call.ctx, pool, user)
    return [_view(each, current) for each in found[: core.LISTED]]


def _view(session: Session, current: str) -> shapes.SessionDescriptionType:
    """The place of an address is not looked up here: its country is unknown, as the service has it where it fails."""
    known = session.tracked
    return shapes.SessionDescriptionType(
        session_id=known.id,
        session_type="SSO" if session.is_sso else "TOKEN",
        client_id=session.client_id,
        create_date=date(known.created_ms),
        last_active_date=date(known.active_ms),
        device_type=known.device,
        last_ip_address=known.address or None,
        last_location=shapes.SessionLocationType(country=core.UNKNOWN),
        origin_session_id=known.sso_id,
        is_current_session=known.id == current,
    )


def _reuse(client: Client) -> shapes.ClientSSOSessionConfigType:
    return shapes.ClientSSOSessionConfigType(max_validity_minutes=session_settings.minutes_of(client))
