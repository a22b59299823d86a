"""Operations on threat protection: its rules, the events that it records, and the logs that it feeds."""

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.views import date
from poolhouse.pool.flows import feedback, people, pools, risk_settings
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.model.risk import AuthEvent
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason


@operation
async def set_risk_configuration(
    call: Call, request: shapes.SetRiskConfigurationRequest
) -> shapes.SetRiskConfigurationResponse:
    shown = await risk_settings.put(call.ctx, call.region, request)
    return shapes.SetRiskConfigurationResponse(risk_configuration=shown)


@operation
async def describe_risk_configuration(
    call: Call, request: shapes.DescribeRiskConfigurationRequest
) -> shapes.DescribeRiskConfigurationResponse:
    shown = await risk_settings.describe(call.ctx, call.region, request.user_pool_id, request.client_id)
    return shapes.DescribeRiskConfigurationResponse(risk_configuration=shown)


@operation
async def admin_list_user_auth_events(
    call: Call, request: shapes.AdminListUserAuthEventsRequest
) -> shapes.AdminListUserAuthEventsResponse:
    """Newest first."""
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    feedback.require_on(entry.pool)
    user = await people.get(call.ctx, entry.pool, request.username)
    found, token = await page(
        call,
        lambda before, count: feedback.list_events(call.ctx, entry, user, before, count),
        asked=(entry.pool.id, user.sub),
        key=lambda event: event.position,
        token=request.next_token,
        limit=request.max_results,
    )
    return shapes.AdminListUserAuthEventsResponse(auth_events=[_view(each) for each in found], next_token=token)


@operation
async def admin_update_auth_event_feedback(
    call: Call, request: shapes.AdminUpdateAuthEventFeedbackRequest
) -> shapes.AdminUpdateAuthEventFeedbackResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await feedback.by_admin(call.ctx, entry, request.username, request.event_id, request.feedback_value)
    return shapes.AdminUpdateAuthEventFeedbackResponse()


@operation
async def update_auth_event_feedback(
    call: Call, request: shapes.UpdateAuthEventFeedbackRequest
) -> shapes.UpdateAuthEventFeedbackResponse:
    """By whoever has the mail's token: the operation is not signed, so the pool may be of any region."""
    entry = await call.ctx.directory.find_pool(request.user_pool_id)
    if entry is None:
        raise Refused(Reason.POOL_NOT_FOUND, pool=request.user_pool_id)
    await feedback.by_token(
        call.ctx, entry, request.username, request.event_id, request.feedback_token, request.feedback_value
    )
    return shapes.UpdateAuthEventFeedbackResponse()


@operation
async def set_log_delivery_configuration(
    call: Call, request: shapes.SetLogDeliveryConfigurationRequest
) -> shapes.SetLogDeliveryConfigurationResponse:
    await risk_settings.set_logs(call.ctx, call.region, request.user_pool_id, request.log_configurations)
    shown = shapes.LogDeliveryConfigurationType(
        user_pool_id=request.user_pool_id, log_configurations=request.log_configurations
    )
    return shapes.SetLogDeliveryConfigurationResponse(log_delivery_configuration=shown)


@operation
async def get_log_delivery_configuration(
    call: Call, request: shapes.GetLogDeliveryConfigurationRequest
) -> shapes.GetLogDeliveryConfigurationResponse:
    found = await risk_settings.find_logs(call.ctx, call.region, request.user_pool_id)
    shown = shapes.LogDeliveryConfigurationType(user_pool_id=request.user_pool_id, log_configurations=list(found))
    return shapes.GetLogDeliveryConfigurationResponse(log_delivery_configuration=shown)


def _view(event: AuthEvent) -> shapes.AuthEventType:
    """City and country are absent: nothing here knows where an address is."""
    feedback_given = event.feedback
    return shapes.AuthEventType(
        event_id=event.id,
        event_type=event.kind,
        creation_date=date(event.created_ms),
        event_response=event.response,
        event_risk=shapes.EventRiskType(
            risk_decision=event.decision,
            risk_level=event.level or None,
            compromised_credentials_detected=event.compromised,
        ),
        challenge_responses=[
            shapes.ChallengeResponseType(challenge_name=each.name, challenge_response=each.response)
            for each in event.challenges
        ],
        event_context_data=shapes.EventContextDataType(
            ip_address=event.seen.address or None,
            device_name=event.seen.device_name or None,
            timezone=event.seen.timezone or None,
        ),
        event_feedback=None
        if feedback_given is None
        else shapes.EventFeedbackType(
            feedback_value=feedback_given.value,
            provider=feedback_given.provider,
            feedback_date=float(feedback_given.at),
        ),
    )
