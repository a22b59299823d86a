"""
The rules that the settings of a pool must keep among each other.

Each check takes the whole settings, as they would be stored, and says what is wrong first. The texts are the service's
where it has been measured.
"""

import re
from typing import Final

from poolhouse.pool.core.attributes.formats import is_email
from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.settings import acr, unsupported
from poolhouse.pool.core.settings.messages import check_invitation, check_subjects
from poolhouse.pool.core.settings.tiers import check_tier
from poolhouse.pool.spec.shapes import GetUserPoolMfaConfigResponse, UserPoolType

TAG_LIMIT: Final = 50
# RFC 5322 §3.4 without its comments, groups and lists: one mailbox, with a display name or without.
_NAMED: Final = re.compile(r"""(?:"[^"\\<>\x00-\x1f\x7f]*" *|[^"\\<>()@,;:\x00-\x1f\x7f]*)<([^<>]+)>""")
SMS_FOR_MFA: Final = (
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
)


def check(settings: UserPoolType, mfa: GetUserPoolMfaConfigResponse, *, strict: bool = False) -> Refusal | None:
    """The first rule that *settings* break; None when they keep all. Tiers gate features where *strict*."""
    for rule in _RULES:
        refusal = rule(settings)
        if refusal is not None:
            return refusal
    gated = check_tier(settings, mfa) if strict else None
    return gated or unsupported.check_pool(settings)


def _usernames(settings: UserPoolType) -> Refusal | None:
    aliases = settings.alias_attributes or []
    if aliases and settings.username_attributes:
        return invalid_parameter("Only one of the aliasAttributes or usernameAttributes can be set in a User pool.")
    preferred = next((a for a in settings.schema_attributes or [] if a.name == "preferred_username"), None)
    if "preferred_username" in aliases and preferred is not None and preferred.required:
        return invalid_parameter("preferred_username cannot be both required and an alias.")
    return None


def _verification(settings: UserPoolType) -> Refusal | None:
    verified = set(settings.auto_verified_attributes or [])
    if "phone_number" in verified and settings.sms_configuration is None:
        return invalid_parameter("SMS configuration is required when phone_number is selected for auto verification")
    update = settings.user_attribute_update_settings
    if update is not None and set(update.attributes_require_verification_before_update or []) - verified:
        return invalid_parameter(
            "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"
        )
    return None


def _recovery(settings: UserPoolType) -> Refusal | None:
    setting = settings.account_recovery_setting
    mechanisms = (setting.recovery_mechanisms or []) if setting else []
    names = [each.name for each in mechanisms]
    if len({each.priority for each in mechanisms}) < len(mechanisms) or len(set(names)) < len(names):
        return invalid_parameter("Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.")
    if "admin_only" in names and len(names) > 1:
        return invalid_parameter(
            "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms."
        )
    return None


def _email(settings: UserPoolType) -> Refusal | None:
    email = settings.email_configuration
    if email is None:
        return None
    if email.email_sending_account == "DEVELOPER":
        if not email.source_arn:
            return invalid_parameter("Source ARN is required to use DEVELOPER email sending owner")
    elif email.source_arn:
        return invalid_parameter("Cognito is not allowed to use your email identity")
    if email.from_ is not None and not is_mailbox(email.from_):
        return invalid_parameter("Provided From email address is invalid")
    if email.reply_to_email_address is not None and not is_email(email.reply_to_email_address):
        return invalid_parameter("Provided ReplyTo email address is invalid")
    return None


def is_mailbox(text: str) -> bool:
    """One address, with a display name or without; nothing that could be a second address or a second header."""
    named = _NAMED.fullmatch(text)
    return is_email(named[1] if named else text)


def _sms(settings: UserPoolType) -> Refusal | None:
    sms = settings.sms_configuration
    if sms is not None and sms.eums_sms is None and not sms.sns_caller_arn:
        return invalid_parameter("SmsConfiguration needs an SnsCallerArn.")
    return unsupported.check_sms(sms)


def _sign_in(settings: UserPoolType) -> Refusal | None:
    policy = settings.policies.sign_in_policy if settings.policies else None
    factors = policy.allowed_first_auth_factors if policy else None
    if factors is not None and "PASSWORD" not in factors:
        return invalid_parameter("Password should be configured as one of the allowed first auth factors.")
    if factors is not None and "SOFTWARE_TOKEN" in factors:
        return invalid_parameter("SOFTWARE_TOKEN is not supported as an allowed first auth factor.")
    if factors is not None and set(factors) == {"WEB_AUTHN"}:
        return invalid_parameter("WEB_AUTHN needs another allowed first auth factor beside it.")
    if factors is not None and "SMS_OTP" in factors and settings.sms_configuration is None:
        return invalid_parameter("SMS configuration is required when SMS_OTP is an allowed first auth factor")
    return None


def _triggers(settings: UserPoolType) -> Refusal | None:
    triggers = settings.lambda_config
    if triggers is None:
        return None
    if (triggers.custom_sms_sender or triggers.custom_email_sender) and not triggers.kms_key_id:
        return invalid_parameter("KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.")
    config = triggers.pre_token_generation_config
    if config is not None and triggers.pre_token_generation not in {None, config.lambda_arn}:
        return invalid_parameter(
            "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's"
        )
    return None


def _tags(settings: UserPoolType) -> Refusal | None:
    tags = settings.user_pool_tags or {}
    if len(tags) > TAG_LIMIT:
        return Refusal("UserPoolTaggingException", f"A user pool cannot have more than {TAG_LIMIT} tags.")
    if any(key.lower().startswith("aws:") for key in tags):
        return Refusal("UserPoolTaggingException", "Tag keys that begin with aws: are reserved.")
    return None


_RULES: Final = (
    _usernames,
    _sign_in,
    _verification,
    _recovery,
    _email,
    _sms,
    _triggers,
    check_invitation,
    check_subjects,
    _tags,
    acr.check,
)
