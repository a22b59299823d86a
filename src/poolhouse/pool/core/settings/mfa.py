"""
MFA of a pool: one mode, and the factors that are on.

``GetUserPoolMfaConfigResponse`` names a factor by the presence of its block; what it says of mode and SMS is also in
the pool's settings, and ``carried`` keeps the two documents in step.
"""

from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter, not_supported
from poolhouse.pool.core.settings import unsupported
from poolhouse.pool.core.settings.messages import check_subject
from poolhouse.pool.core.settings.pool_checks import SMS_FOR_MFA
from poolhouse.pool.core.settings.tiers import LITE, unavailable
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.shapes import (
    GetUserPoolMfaConfigResponse,
    SetUserPoolMfaConfigRequest,
    SmsConfigurationType,
    SmsMfaConfigType,
    SoftwareTokenMfaConfigType,
    UserPoolType,
)

OFF: Final = "OFF"
ON: Final = "ON"


class MfaChange(msgspec.Struct, frozen=True):
    """Both documents of the pool after SetUserPoolMfaConfig; its response has the members of *mfa*."""

    settings: UserPoolType
    mfa: GetUserPoolMfaConfigResponse


def carried(settings: UserPoolType, former: GetUserPoolMfaConfigResponse) -> GetUserPoolMfaConfigResponse:
    """
    What GetUserPoolMfaConfig answers for *settings*; TOTP and e-mail come from *former*.

    With MFA off nothing is configured: the service does not let a factor stand beside OFF.
    """
    mode = settings.mfa_configuration or OFF
    if mode == OFF:
        return GetUserPoolMfaConfigResponse(mfa_configuration=OFF)
    sms = None
    if settings.sms_configuration is not None:
        sms = SmsMfaConfigType(
            sms_authentication_message=settings.sms_authentication_message,
            sms_configuration=settings.sms_configuration,
        )
    return GetUserPoolMfaConfigResponse(
        sms_mfa_configuration=sms,
        software_token_mfa_configuration=former.software_token_mfa_configuration,
        email_mfa_configuration=former.email_mfa_configuration,
        mfa_configuration=mode,
    )


def has_factor(mfa: GetUserPoolMfaConfigResponse) -> bool:
    """Tell whether any second factor is on."""
    return (
        mfa.sms_mfa_configuration is not None
        or _is_on(mfa.software_token_mfa_configuration)
        or mfa.email_mfa_configuration is not None
    )


def check_has_factor(mfa: GetUserPoolMfaConfigResponse) -> Refusal | None:
    """CreateUserPool and UpdateUserPool: a mode other than OFF needs a factor, and they can bring only SMS."""
    if mfa.mfa_configuration != OFF and not has_factor(mfa):
        return invalid_parameter(SMS_FOR_MFA)
    return None


def check_turned_on(former: GetUserPoolMfaConfigResponse, settings: UserPoolType) -> Refusal | None:
    """UpdateUserPool cannot require MFA in a pool without a factor; SetUserPoolMfaConfig can (measured)."""
    if settings.mfa_configuration == ON and not has_factor(former):
        return invalid_parameter("Cannot turn MFA functionality ON, once the user pool has been created.")
    return None


def set_mfa(pool: Pool, request: SetUserPoolMfaConfigRequest, *, strict: bool = False) -> MfaChange | Refusal:
    """
    SetUserPoolMfaConfig. It replaces: a factor that it leaves out is off, and so is MFA without a mode.

    The SNS settings of the pool stay where the request has none of its own.
    """
    mode = request.mfa_configuration or OFF
    refusal = _check_request(pool, request, mode, strict=strict)
    if refusal is not None:
        return refusal
    asked = request.sms_mfa_configuration
    settings = msgspec.structs.replace(pool.settings, mfa_configuration=mode)
    if asked is not None:
        settings = msgspec.structs.replace(
            settings,
            sms_authentication_message=asked.sms_authentication_message,
            sms_configuration=_own_sms(asked) or settings.sms_configuration,
        )
    factors = GetUserPoolMfaConfigResponse(
        software_token_mfa_configuration=request.software_token_mfa_configuration,
        email_mfa_configuration=request.email_mfa_configuration,
    )
    return MfaChange(settings, carried(settings, factors))


def _check_request(pool: Pool, request: SetUserPoolMfaConfigRequest, mode: str, *, strict: bool) -> Refusal | None:
    if request.web_authn_configuration is not None:
        return not_supported("WebAuthnConfiguration")
    sms, email = request.sms_mfa_configuration, request.email_mfa_configuration
    totp = request.software_token_mfa_configuration
    if mode == OFF:
        # Measured: the presence of a block counts, even of one that enables nothing.
        if sms is None and totp is None and email is None:
            return None
        return invalid_parameter("Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
    if sms is None and email is None and not _is_on(totp):
        return invalid_parameter(
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
        )
    if email is not None:
        refusal = _check_email(pool, strict=strict) or check_subject("EmailMfaConfiguration.Subject", email.subject)
        if refusal is not None:
            return refusal
    return _check_sms(pool.settings, sms)


def _check_email(pool: Pool, *, strict: bool) -> Refusal | None:
    settings = pool.settings
    if strict and settings.user_pool_tier == LITE:
        return unavailable(LITE, ["Email MFA"])
    sender = settings.email_configuration
    if sender is None or sender.email_sending_account != "DEVELOPER":
        return invalid_parameter(
            "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of"
            " COGNITO_DEFAULT."
        )
    return None


def _check_sms(settings: UserPoolType, asked: SmsMfaConfigType | None) -> Refusal | None:
    if asked is None:
        if settings.sms_configuration is not None:
            return invalid_parameter("Can't turn off SMS_MFA when SMS configuration is set for the user pool")
        return None
    given = _own_sms(asked)
    if given is None:
        return None if settings.sms_configuration is not None else invalid_parameter(SMS_FOR_MFA)
    if given.eums_sms is None and not given.sns_caller_arn:
        return invalid_parameter("SmsConfiguration needs an SnsCallerArn.")
    return unsupported.check_sms(given)


def _own_sms(asked: SmsMfaConfigType) -> SmsConfigurationType | None:
    """The SNS settings of the request; one without a member is none."""
    return asked.sms_configuration if asked.sms_configuration != SmsConfigurationType() else None


def _is_on(totp: SoftwareTokenMfaConfigType | None) -> bool:
    return totp is not None and bool(totp.enabled)
