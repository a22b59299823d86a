"""SetLogDeliveryConfiguration: which logs may go to which kind of destination."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.spec.shapes import LogConfigurationType

_LEVEL: Final = {"userNotification": "ERROR", "userAuthEvents": "INFO"}
_SERVICE: Final = re.compile(r"arn:[^:]*:(?P<service>[^:]*):")
_KINDS: Final = (
    ("cloud_watch_logs_configuration", "log_group_arn", "logs", "CloudWatchLogsConfiguration"),
    ("s3_configuration", "bucket_arn", "s3", "S3Configuration"),
    ("firehose_configuration", "stream_arn", "firehose", "FirehoseConfiguration"),
)


def arn_of(configuration: LogConfigurationType) -> str:
    """The ARN of the destination."""
    return next((arn for _, _, arn in _given(configuration) if arn), "")


def needs_plus(configurations: Sequence[LogConfigurationType]) -> bool:
    """Whether any of them exports the activity of users, which threat protection makes (AWS API: UserPoolTier)."""
    return any(each.event_source == "userAuthEvents" for each in configurations)


def check_logs(configurations: Sequence[LogConfigurationType], is_reachable: Callable[[str], bool]) -> Refusal | None:
    """Refuse what is incomplete, contradictory, or would be delivered nowhere."""
    sources = [each.event_source for each in configurations]
    if len(set(sources)) < len(sources):
        return invalid_parameter("Each EventSource can be configured only once.")
    return next((found for each in configurations if (found := _check(each, is_reachable))), None)


def _check(configuration: LogConfigurationType, is_reachable: Callable[[str], bool]) -> Refusal | None:
    source, given = configuration.event_source, _given(configuration)
    if configuration.log_level != _LEVEL[source]:
        return invalid_parameter(f"LogLevel {configuration.log_level} is not valid for EventSource {source}.")
    if len(given) != 1:
        return invalid_parameter(f"Exactly one destination must be configured for EventSource {source}.")
    service, name, arn = given[0]
    if source == "userNotification" and service != "logs":
        return invalid_parameter(f"{name} is not supported for EventSource userNotification.")
    found = _SERVICE.match(arn)
    if found is None or found["service"] != service:
        return invalid_parameter(f"Invalid ARN for {name}: {arn}")
    if not is_reachable(arn):
        return invalid_parameter(f"The log destination {arn} does not exist or cannot be written to.")
    return None


def _given(configuration: LogConfigurationType) -> list[tuple[str, str, str]]:
    """Service, member and ARN of each destination that is there."""
    found = []
    for member, field, service, name in _KINDS:
        held = getattr(configuration, member)
        if held is not None:
            found.append((service, name, getattr(held, field) or ""))
    return found
