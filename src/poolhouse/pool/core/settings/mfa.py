"""
MFA of a pool: one mode, and the factors that are on.

``GetUserPoolMfaConfigResponse`` names a factor by the presence of its block; what it says of mode and SMS is also in
the pool's settings, and ``carried`` keeps the two documents in step.
"""

import re
from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
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
    WebAuthnConfigurationType,
)

OFF: Final = "OFF"
TWICE: Final = "MULTI_FACTOR_WITH_USER_VERIFICATION"
_HOST: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
ON: Final = "ON"


class MfaChange(msgspec.Struct, frozen=True):
    """Both documents of the pool after SetUserPoolMfaConfig; its response has the members of *mfa*."""

    settings: UserPoolType
    mfa: GetUserPoolMfaConfigResponse


def carried(settings: UserPoolType, former: GetUserPoolMfaConfigResponse) -> GetUserPoolMfaConfigResponse:
    """
    What GetUserPoolMfaConfig answers for *settings*; TOTP, e-mail and passkeys come from *former*.

    With MFA off no second factor is configured: the service does not let one stand beside OFF.
    """
    mode = settings.mfa_configuration or OFF
    if mode == OFF:
        return GetUserPoolMfaConfigResponse(
            mfa_configuration=OFF, web_authn_configuration=former.web_authn_configuration
        )
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
        web_authn_configuration=former.web_authn_configuration,
    )


def is_host(name: str) -> bool:
    """A domain name as browsers write it, and no address: what a passkey can be bound to."""
    return _HOST.fullmatch(name) is not None and not name.rpartition(".")[2].isdigit()


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
    refusal = _check_passkeys(request.web_authn_configuration) or _check_request(pool, request, mode, strict=strict)
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
        web_authn_configuration=_passkeys(request.web_authn_configuration),
    )
    mfa = carried(settings, factors)
    return check_passwordless(settings, mfa) or MfaChange(settings, mfa)


def check_passwordless(settings: UserPoolType, mfa: GetUserPoolMfaConfigResponse) -> Refusal | None:
    """Where MFA is required no first factor may stand alone (measured); a passkey that counts twice does not."""
    policy = settings.policies.sign_in_policy if settings.policies else None
    allowed = set((policy and policy.allowed_first_auth_factors) or ())
    if mfa.mfa_configuration != ON:
        return None
    if allowed & {"EMAIL_OTP", "SMS_OTP"}:
        return invalid_parameter(
            "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
        )
    configured = mfa.web_authn_configuration
    if "WEB_AUTHN" in allowed and (configured is None or configured.factor_configuration != TWICE):
        return invalid_parameter(
            "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed"
            " first auth factor"
        )
    return None


def _check_passkeys(given: WebAuthnConfigurationType | None) -> Refusal | None:
    if given is not None and given.relying_party_id is not None and not is_host(given.relying_party_id):
        return invalid_parameter("WebAuthnConfiguration.RelyingPartyId must be a domain name.")
    return None


def _passkeys(given: WebAuthnConfigurationType | None) -> WebAuthnConfigurationType | None:
    return given if given != WebAuthnConfigurationType() else None


def _check_request(pool: Pool, request: SetUserPoolMfaConfigRequest, mode: str, *, strict: bool) -> Refusal | None:
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
