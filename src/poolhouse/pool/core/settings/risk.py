"""SetRiskConfiguration: what the rules of threat protection must be like."""

import re
from collections.abc import Iterator
from typing import Final

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.risk.addresses import is_range
from poolhouse.pool.spec.shapes import (
    AccountTakeoverActionType,
    AccountTakeoverRiskConfigurationType,
    NotifyConfigurationType,
    RiskConfigurationType,
    RiskExceptionConfigurationType,
    SetRiskConfigurationRequest,
)

_IDENTITY: Final = re.compile(r"arn:aws[a-z-]*:ses:[a-z0-9-]+:\d{12}:identity/[^\s/]+")
_ADDRESS: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def rules_of(request: SetRiskConfigurationRequest) -> RiskConfigurationType | None:
    """The rules that are asked for; None where none are, which takes back what was set."""
    made = RiskConfigurationType(
        compromised_credentials_risk_configuration=request.compromised_credentials_risk_configuration,
        account_takeover_risk_configuration=request.account_takeover_risk_configuration,
        risk_exception_configuration=request.risk_exception_configuration,
    )
    return None if made == RiskConfigurationType() else made


def check_rules(rules: RiskConfigurationType, *, can_mail: bool) -> Refusal | None:
    """Refuse rules that could not be kept; *can_mail* tells whether the server can send what Notify promises."""
    takeover = rules.account_takeover_risk_configuration
    return _check_exceptions(rules.risk_exception_configuration) or (
        None if takeover is None else _check_takeover(takeover, can_mail=can_mail)
    )


def _check_exceptions(exceptions: RiskExceptionConfigurationType | None) -> Refusal | None:
    if exceptions is None:
        return None
    listed = [*(exceptions.blocked_ip_range_list or ()), *(exceptions.skipped_ip_range_list or ())]
    wrong = next((each for each in listed if not is_range(each)), None)
    return None if wrong is None else invalid_parameter(f"Invalid IP range: {wrong}. It must be in CIDR notation.")


def _check_takeover(takeover: AccountTakeoverRiskConfigurationType, *, can_mail: bool) -> Refusal | None:
    notifies = any(each.notify for each in _actions(takeover))
    configured = takeover.notify_configuration
    if configured is not None:
        refusal = _check_notify(configured)
        if refusal is not None:
            return refusal
    if notifies and configured is None:
        return invalid_parameter("NotifyConfiguration is required when Notify is true for an account takeover action.")
    if notifies and not can_mail:
        return Refusal("CodeDeliveryFailureException", "Unable to deliver message")
    return None


def _actions(takeover: AccountTakeoverRiskConfigurationType) -> Iterator[AccountTakeoverActionType]:
    actions = takeover.actions
    return (each for each in (actions.low_action, actions.medium_action, actions.high_action) if each is not None)


def _check_notify(configured: NotifyConfigurationType) -> Refusal | None:
    if not _IDENTITY.fullmatch(configured.source_arn):
        return Refusal(
            "InvalidEmailRoleAccessPolicyException", "SourceArn must be the ARN of an identity of Amazon SES."
        )
    for name, value in (("From", configured.from_), ("ReplyTo", configured.reply_to)):
        if value and not _is_mailbox(value):
            return invalid_parameter(f"Invalid email address format in {name}.")
    return None


def _is_mailbox(text: str) -> bool:
    """``a@b.example`` or ``Name <a@b.example>``, on one line."""
    if any(ord(each) < 32 for each in text):
        return False
    named = re.fullmatch(r"[^<>]*<([^<>]+)>", text.strip())
    return bool(_ADDRESS.fullmatch(named[1] if named else text.strip()))
