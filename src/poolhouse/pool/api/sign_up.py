"""
Operations of people without a session: sign up, confirm, recover a password.

ClientMetadata of a confirmation reaches the trigger that is told of it. Otherwise it and ValidationData are for
triggers with which a pool gets no further than ``flows.hooks``; what a request says about itself (UserContextData,
AnalyticsMetadata) is what threat protection goes by (``api.seen``).
"""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.seen import seen_by_client
from poolhouse.pool.api.views import given_attributes
from poolhouse.pool.core.client_proof import HashUse
from poolhouse.pool.flows import caller, notices, recovery
from poolhouse.pool.flows import sign_up as flow
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.codes import Delivery
from poolhouse.pool.model.risk import Seen
from poolhouse.pool.spec import shapes

Request = (
    shapes.SignUpRequest
    | shapes.ConfirmSignUpRequest
    | shapes.ResendConfirmationCodeRequest
    | shapes.ForgotPasswordRequest
    | shapes.ConfirmForgotPasswordRequest
)


@operation
async def sign_up(call: Call, request: shapes.SignUpRequest) -> shapes.SignUpResponse:
    """Session is for a client that can go on with it: one with USER_AUTH."""
    proven = await _proven(call, request)
    account = await flow.sign_up(
        call.ctx,
        proven.entry,
        proven.client,
        username=request.username,
        password=request.password,
        attributes=given_attributes(request.user_attributes or ()),
        seen=_seen(call, proven, request),
    )
    return shapes.SignUpResponse(
        user_confirmed=False,
        user_sub=account.user.sub,
        code_delivery_details=None if account.delivery is None else delivery_view(account.delivery),
        session=account.session,
    )


@operation
async def confirm_sign_up(call: Call, request: shapes.ConfirmSignUpRequest) -> shapes.ConfirmSignUpResponse:
    proven = await _proven(call, request)
    confirmed = await flow.confirm(
        call.ctx,
        proven.entry,
        proven.client,
        username=request.username,
        code=request.confirmation_code,
        force_alias=request.force_alias_creation or False,
        metadata=request.client_metadata,
        session=request.session,
        seen=_seen(call, proven, request),
    )
    return shapes.ConfirmSignUpResponse(session=confirmed.session)


@operation
async def resend_confirmation_code(
    call: Call, request: shapes.ResendConfirmationCodeRequest
) -> shapes.ResendConfirmationCodeResponse:
    proven = await _proven(call, request)
    seen = _seen(call, proven, request)
    delivery = await flow.resend(call.ctx, proven.entry, proven.client, username=request.username, seen=seen)
    return shapes.ResendConfirmationCodeResponse(code_delivery_details=delivery_view(delivery))


@operation
async def forgot_password(call: Call, request: shapes.ForgotPasswordRequest) -> shapes.ForgotPasswordResponse:
    proven = await _proven(call, request)
    seen = _seen(call, proven, request)
    delivery = await recovery.forgot(call.ctx, proven.entry, proven.client, username=request.username, seen=seen)
    return shapes.ForgotPasswordResponse(code_delivery_details=delivery_view(delivery))


@operation
async def confirm_forgot_password(
    call: Call, request: shapes.ConfirmForgotPasswordRequest
) -> shapes.ConfirmForgotPasswordResponse:
    proven = await _proven(call, request)
    await recovery.confirm(
        call.ctx,
        proven.entry,
        proven.client,
        username=request.username,
        code=request.confirmation_code,
        password=request.password,
        metadata=request.client_metadata,
        seen=_seen(call, proven, request),
        scene=notices.scene(proven.entry, proven.client, call.origin),
    )
    return shapes.ConfirmForgotPasswordResponse()


def delivery_view(delivery: Delivery) -> shapes.CodeDeliveryDetailsType:
    return shapes.CodeDeliveryDetailsType(
        destination=delivery.destination, delivery_medium=delivery.medium, attribute_name=delivery.attribute
    )


def _seen(call: Call, proven: ProvenClient, request: Request) -> Seen:
    return seen_by_client(call, proven.entry, proven.client, request.user_context_data, request.analytics_metadata)


async def _proven(call: Call, request: Request) -> ProvenClient:
    return await caller.client_by_hash(
        call.ctx, request.client_id, request.username, request.secret_hash, HashUse.ACCOUNT
    )
