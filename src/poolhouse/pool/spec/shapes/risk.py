"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AdminListUserAuthEventsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    max_results: int | None = None
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminListUserAuthEventsResponse(Shape, frozen=True, kw_only=True):
    auth_events: list[shapes.AuthEventType] | None = None
    next_token: str | None = None


class AdminUpdateAuthEventFeedbackRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    event_id: str
    feedback_value: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminUpdateAuthEventFeedbackResponse(Shape, frozen=True, kw_only=True):
    pass


class DescribeRiskConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeRiskConfigurationResponse(Shape, frozen=True, kw_only=True):
    risk_configuration: shapes.RiskConfigurationType


class GetLogDeliveryConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetLogDeliveryConfigurationResponse(Shape, frozen=True, kw_only=True):
    log_delivery_configuration: shapes.LogDeliveryConfigurationType | None = None


class SetLogDeliveryConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    log_configurations: list[shapes.LogConfigurationType]


class SetLogDeliveryConfigurationResponse(Shape, frozen=True, kw_only=True):
    log_delivery_configuration: shapes.LogDeliveryConfigurationType | None = None


class SetRiskConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str | None = None
    compromised_credentials_risk_configuration: shapes.CompromisedCredentialsRiskConfigurationType | None = None
    account_takeover_risk_configuration: shapes.AccountTakeoverRiskConfigurationType | None = None
    risk_exception_configuration: shapes.RiskExceptionConfigurationType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetRiskConfigurationResponse(Shape, frozen=True, kw_only=True):
    risk_configuration: shapes.RiskConfigurationType


class UpdateAuthEventFeedbackRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    event_id: str
    feedback_token: str
    feedback_value: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['feedback_token', 'username'])


class UpdateAuthEventFeedbackResponse(Shape, frozen=True, kw_only=True):
    pass
