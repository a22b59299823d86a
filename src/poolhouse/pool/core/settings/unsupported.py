"""
Settings of the service that this server cannot act on.

They are refused: a setting that is shown and does nothing is a trap, the more so where it promises protection. A value
that asks for nothing (OFF, Disabled, a key of the service's own) is accepted and shown.
"""

from collections.abc import Iterator

from poolhouse.pool.core.refusal import Refusal, not_supported
from poolhouse.pool.spec.shapes import SmsConfigurationType, UserPoolType


def check_pool(settings: UserPoolType) -> Refusal | None:
    """Refuse the first member of *settings* that would do nothing."""
    found = next(_in_pool(settings), None)
    return not_supported(found) if found else None


def check_sms(configuration: SmsConfigurationType | None) -> Refusal | None:
    """Refuse SMS by AWS End User Messaging; the SNS members are kept and shown."""
    if configuration is not None and configuration.eums_sms is not None:
        return not_supported("SmsConfiguration.EumsSms")
    return None


def _in_pool(settings: UserPoolType) -> Iterator[str]:
    yield from _protection(settings)
    yield from _identity(settings)


def _protection(settings: UserPoolType) -> Iterator[str]:
    key = settings.key_configuration
    if key is not None and (key.key_type != "AWS_OWNED_KEY" or key.kms_key_arn is not None):
        yield "KeyConfiguration with a key of your own"


def _identity(settings: UserPoolType) -> Iterator[str]:
    if settings.issuer_configuration is not None and settings.issuer_configuration.type == "UPDATED":
        yield "IssuerConfiguration.Type UPDATED"
