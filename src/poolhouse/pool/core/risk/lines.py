"""The lines of exported logs, in the form that the service gives them (developer guide, "Exporting logs")."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from poolhouse.pool.model.risk import AuthEvent

_DATE = "%a %b %d %H:%M:%S UTC %Y"
_DECISION = {"NoRisk": "PASS", "AccountTakeover": "ACCOUNT_TAKEOVER", "Block": "BLOCK"}


def auth_event(event: AuthEvent, now_ms: int) -> str:
    """
    userAuthEvents, one line.

    Ours: ``analyticsEndpointId`` where the request named one, since nothing is sent to an analytics project.
    """
    feedback = event.feedback
    message: dict[str, Any] = {
        "version": "1",
        "eventId": event.id,
        "eventType": event.kind,
        "userSub": event.sub,
        "userName": event.username,
        "userPoolId": event.pool_id,
        "clientId": event.client_id,
        "creationDate": _date(event.created_ms // 1000),
        "eventResponse": event.response,
        "riskLevel": event.level.upper(),
        "riskDecision": _DECISION[event.decision],
        "challenges": [f"{each.name}:{each.response}" for each in event.challenges],
        "deviceName": event.seen.device_name,
        "ipAddress": event.seen.address,
        "requestId": event.seen.request_id,
        "idpName": "",
        "compromisedCredentialDetected": str(bool(event.compromised)).lower(),
        "city": "",
        "country": "",
        "eventFeedbackValue": "" if feedback is None else feedback.value.upper(),
        "eventFeedbackDate": "" if feedback is None else _date(feedback.at),
        "eventFeedbackProvider": "" if feedback is None else feedback.provider.upper(),
        "hasContextData": str(bool(event.seen.address or event.seen.device)).lower(),
    }
    if event.seen.endpoint_id:
        message["analyticsEndpointId"] = event.seen.endpoint_id
    return _line("USER_ACTIVITY", "INFO", event.pool_id, message, now_ms)


def notification_failed(pool_id: str, details: str, now_ms: int) -> str:
    """userNotification, one line: a message to a user could not be delivered; *details* holds no code."""
    return _line("USER_NOTIFICATION", "ERROR", pool_id, {"details": details}, now_ms)


def _line(source: str, level: str, pool_id: str, message: dict[str, Any], now_ms: int) -> str:
    return msgspec.json.encode(
        {
            "eventTimestamp": str(now_ms),
            "eventSource": source,
            "logLevel": level,
            "message": message,
            "logSourceId": {"userPoolId": pool_id},
        }
    ).decode()


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_DATE)
