"""What is known of a request, how a sign-in was judged by it, and the record that is kept of both."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.model.user import Username
from poolhouse.pool.spec import shapes


class Mode(StrEnum):
    """UserPoolAddOns.AdvancedSecurityMode: nothing is judged, it is judged and recorded, it is acted upon."""

    OFF = "OFF"
    AUDIT = "AUDIT"
    ENFORCED = "ENFORCED"


class Level(StrEnum):
    """RiskLevel of the API."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


class Action(StrEnum):
    """What threat protection does about a sign-in, from the mildest to the strictest."""

    NO_ACTION = "NO_ACTION"
    MFA_IF_CONFIGURED = "MFA_IF_CONFIGURED"
    MFA_REQUIRED = "MFA_REQUIRED"
    BLOCK = "BLOCK"


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What a request says about itself, as far as it may be believed; what is not known is ``""``.

    ``device`` stands for the device: a digest, never the fingerprint itself.  ``endpoint_id`` is
    AnalyticsMetadata.AnalyticsEndpointId.  ``familiar``: the users who have signed in with this browser before (their
    ``sub``), each with the name of the browser's own counters; it is never kept.  ``language`` is
    what the request prefers, as in ``Accept-Language``.
    """

    address: str = ""
    device: str = ""
    device_name: str = ""
    timezone: str = ""
    endpoint_id: str = ""
    request_id: str = ""
    familiar: Mapping[str, str] = {}
    language: str = ""


NOT_SEEN = Seen()
"""Of a request that says nothing, or of which nobody has asked."""


class Judged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a sign-in was judged: the event that records it, and what is to be done about it."""

    event_id: str
    action: Action = Action.NO_ACTION


class Answered(msgspec.Struct, frozen=True):
    """One challenge of an event and how it ended: ``Password`` or ``Mfa``, ``Success`` or ``Failure``."""

    name: str
    response: str


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody said that it was he (``Valid``) or not (``Invalid``); *provider* is who: ``Admin``, ``User``."""

    value: str
    provider: str
    at: int


class AuthEvent(msgspec.Struct, frozen=True, kw_only=True):
    """
    One authentication event of a user (AWS API: AuthEventType).

    ``position`` orders the events of a user and is what pages go by.
    """

    id: str
    pool_id: PoolId
    sub: str
    username: Username
    client_id: ClientId
    position: str
    kind: str
    response: str
    created_ms: int
    level: str = ""
    decision: str = "NoRisk"
    compromised: bool | None = None
    challenges: tuple[Answered, ...] = ()
    seen: Seen = Seen()
    feedback: Feedback | None = None


class RiskConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a pool (``client_id`` is ``""``) or of one app client, as SetRiskConfiguration was given them."""

    pool_id: PoolId
    client_id: str
    modified_ms: int
    settings: shapes.RiskConfigurationType


class LogConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """Where a pool's logs go, as SetLogDeliveryConfiguration was given it."""

    pool_id: PoolId
    configurations: tuple[shapes.LogConfigurationType, ...]


class LogRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line that waits for delivery to the destination of ``arn``."""

    id: str
    pool_id: PoolId
    arn: str
    line: str
    created_ms: int
    tries: int = 0
    next_try_at: int = 0
