"""
CreateUserPool and UpdateUserPool: what is stored for what was asked.

An update replaces: a member that it leaves out returns to its default. Measured exceptions, which keep their value:
MfaConfiguration, UserPoolTier, and each of the two Policies.
"""

from typing import Final, TypeVar

import msgspec

from poolhouse.pool.core.attributes.schema import build_schema
from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.settings import acr, dcr
from poolhouse.pool.core.settings import mfa as mfa_rules
from poolhouse.pool.core.settings.messages import merged_template
from poolhouse.pool.core.settings.pool_checks import check
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.shapes import (
    AdminCreateUserConfigType,
    CreateUserPoolRequest,
    EmailConfigurationType,
    GetUserPoolMfaConfigResponse,
    IssuerConfigurationType,
    KeyConfigurationType,
    LambdaConfigType,
    PasswordPolicyType,
    PreTokenGenerationVersionConfigType,
    SignInPolicyType,
    UpdateUserPoolRequest,
    UserPoolPolicyType,
    UserPoolType,
)

T = TypeVar("T", bound=msgspec.Struct)

VALIDITY_DAYS: Final = 7
DEFAULT_POLICY: Final = PasswordPolicyType(
    minimum_length=8,
    require_uppercase=True,
    require_lowercase=True,
    require_numbers=True,
    require_symbols=True,
    temporary_password_validity_days=VALIDITY_DAYS,
)


class PoolSettings(msgspec.Struct, frozen=True):
    """The two documents of a pool: what DescribeUserPool and GetUserPoolMfaConfig answer (``model.pool.Pool``)."""

    settings: UserPoolType
    mfa: GetUserPoolMfaConfigResponse


def new_pool(request: CreateUserPoolRequest, *, strict: bool = False) -> PoolSettings | Refusal:
    """The settings of a new pool, with every default filled in."""
    schema = build_schema(request.schema or [])
    if isinstance(schema, Refusal):
        return schema
    fixed = UserPoolType(
        schema_attributes=list(schema),
        alias_attributes=request.alias_attributes or None,
        username_attributes=request.username_attributes or None,
        username_configuration=request.username_configuration,
    )
    mode = request.mfa_configuration or mfa_rules.OFF
    tier = request.user_pool_tier or "ESSENTIALS"
    settings = _settings(request, fixed, UserPoolPolicyType(), mode, tier)
    if isinstance(settings, Refusal):
        return settings
    return _checked(settings, GetUserPoolMfaConfigResponse(), strict=strict)


def updated_pool(pool: Pool, request: UpdateUserPoolRequest, *, strict: bool = False) -> PoolSettings | Refusal:
    """The settings of *pool* after an update; what was fixed at creation stays."""
    current = pool.settings
    fixed = UserPoolType(
        schema_attributes=current.schema_attributes,
        alias_attributes=current.alias_attributes,
        username_attributes=current.username_attributes,
        username_configuration=current.username_configuration,
    )
    mode = request.mfa_configuration or current.mfa_configuration or mfa_rules.OFF
    tier = request.user_pool_tier or current.user_pool_tier or "ESSENTIALS"
    settings = _settings(request, fixed, current.policies or UserPoolPolicyType(), mode, tier)
    if isinstance(settings, Refusal):
        return settings
    refusal = mfa_rules.check_turned_on(pool.mfa, settings)
    return refusal or _checked(settings, pool.mfa, strict=strict)


def _checked(settings: UserPoolType, former: GetUserPoolMfaConfigResponse, *, strict: bool) -> PoolSettings | Refusal:
    mfa = mfa_rules.carried(settings, former)
    refusal = check(settings, mfa, strict=strict) or mfa_rules.check_has_factor(mfa)
    return refusal or mfa_rules.check_passwordless(settings, mfa) or PoolSettings(settings, mfa)


def _settings(
    request: CreateUserPoolRequest | UpdateUserPoolRequest,
    fixed: UserPoolType,
    policies: UserPoolPolicyType,
    mode: str,
    tier: str,
) -> UserPoolType | Refusal:
    template = merged_template(request)
    if isinstance(template, Refusal):
        return template
    validity = _validity_days(request)
    if isinstance(validity, Refusal):
        return validity
    policies = _policies(request.policies, policies, validity)
    return msgspec.structs.replace(
        fixed,
        policies=policies,
        deletion_protection=request.deletion_protection or "INACTIVE",
        lambda_config=_mirrored(request.lambda_config or LambdaConfigType()),
        auto_verified_attributes=request.auto_verified_attributes or None,
        sms_verification_message=template.sms_message,
        email_verification_message=template.email_message,
        email_verification_subject=template.email_subject,
        verification_message_template=template,
        sms_authentication_message=request.sms_authentication_message,
        user_attribute_update_settings=request.user_attribute_update_settings,
        mfa_configuration=mode,
        device_configuration=_present(request.device_configuration),
        email_configuration=_email(request.email_configuration),
        sms_configuration=_present(request.sms_configuration),
        user_pool_tags=request.user_pool_tags or {},
        admin_create_user_config=_admin_create(request.admin_create_user_config, policies),
        user_pool_add_ons=request.user_pool_add_ons,
        dcr_configuration=dcr.completed(request.dcr_configuration),
        account_recovery_setting=_present(request.account_recovery_setting),
        user_pool_tier=tier,
        key_configuration=_present(request.key_configuration) or KeyConfigurationType(key_type="AWS_OWNED_KEY"),
        issuer_configuration=_present(request.issuer_configuration) or IssuerConfigurationType(type="ORIGINAL"),
        acr_configuration=acr.completed(request.acr_configuration),
    )


def _present(given: T | None) -> T | None:
    """*given*, or None for a structure without a single member: the service takes it for absent."""
    return given if given is not None and given != type(given)() else None


def _validity_days(request: CreateUserPoolRequest | UpdateUserPoolRequest) -> int | Refusal | None:
    """The days of temporary passwords; two members say it, and the older one may not contradict. 0 is "not given"."""
    policy = request.policies.password_policy if request.policies else None
    days = policy.temporary_password_validity_days if policy else None
    legacy = request.admin_create_user_config.unused_account_validity_days if request.admin_create_user_config else None
    if days and legacy:
        return invalid_parameter(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        )
    return days or legacy or None


def _policies(
    given: UserPoolPolicyType | None, current: UserPoolPolicyType, validity: int | None
) -> UserPoolPolicyType:
    password = given.password_policy if given else None
    sign_in = given.sign_in_policy if given else None
    kept = current.password_policy or DEFAULT_POLICY
    policy = kept if password is None else _filled(password)
    if validity is not None:
        policy = msgspec.structs.replace(policy, temporary_password_validity_days=validity)
    return UserPoolPolicyType(
        password_policy=policy,
        sign_in_policy=sign_in or current.sign_in_policy or SignInPolicyType(allowed_first_auth_factors=["PASSWORD"]),
    )


def _filled(given: PasswordPolicyType) -> PasswordPolicyType:
    """Members left out take the default, which is the strict one."""
    defaults = msgspec.structs.asdict(DEFAULT_POLICY)
    stated = {name: value for name, value in msgspec.structs.asdict(given).items() if value is not None}
    days = stated.get("temporary_password_validity_days") or VALIDITY_DAYS
    return PasswordPolicyType(**{**defaults, **stated, "temporary_password_validity_days": days})


def _admin_create(given: AdminCreateUserConfigType | None, policies: UserPoolPolicyType) -> AdminCreateUserConfigType:
    """The legacy member for the days of an invitation shows the days of the policy, which are the ones that count."""
    config = given or AdminCreateUserConfigType()
    days = policies.password_policy.temporary_password_validity_days if policies.password_policy else VALIDITY_DAYS
    return AdminCreateUserConfigType(
        allow_admin_create_user_only=config.allow_admin_create_user_only or False,
        unused_account_validity_days=days,
        invite_message_template=_present(config.invite_message_template),
    )


def _email(given: EmailConfigurationType | None) -> EmailConfigurationType:
    config = given or EmailConfigurationType()
    return msgspec.structs.replace(config, email_sending_account=config.email_sending_account or "COGNITO_DEFAULT")


def _mirrored(triggers: LambdaConfigType) -> LambdaConfigType:
    """The two members for the pre token generation trigger show each other."""
    config, arn = triggers.pre_token_generation_config, triggers.pre_token_generation
    if config is None and arn is not None:
        config = PreTokenGenerationVersionConfigType(lambda_version="V1_0", lambda_arn=arn)
    if config is not None and arn is None:
        arn = config.lambda_arn
    return msgspec.structs.replace(triggers, pre_token_generation=arn, pre_token_generation_config=config)
