"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AddCustomAttributesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    custom_attributes: list[shapes.SchemaAttributeType]


class AddCustomAttributesResponse(Shape, frozen=True, kw_only=True):
    pass


class CreateUserPoolRequest(Shape, frozen=True, kw_only=True):
    pool_name: str
    policies: shapes.UserPoolPolicyType | None = None
    deletion_protection: str | None = None
    lambda_config: shapes.LambdaConfigType | None = None
    auto_verified_attributes: list[str] | None = None
    alias_attributes: list[str] | None = None
    username_attributes: list[str] | None = None
    sms_verification_message: str | None = None
    email_verification_message: str | None = None
    email_verification_subject: str | None = None
    verification_message_template: shapes.VerificationMessageTemplateType | None = None
    sms_authentication_message: str | None = None
    mfa_configuration: str | None = None
    user_attribute_update_settings: shapes.UserAttributeUpdateSettingsType | None = None
    device_configuration: shapes.DeviceConfigurationType | None = None
    email_configuration: shapes.EmailConfigurationType | None = None
    sms_configuration: shapes.SmsConfigurationType | None = None
    user_pool_tags: dict[str, str] | None = None
    admin_create_user_config: shapes.AdminCreateUserConfigType | None = None
    schema: list[shapes.SchemaAttributeType] | None = None
    user_pool_add_ons: shapes.UserPoolAddOnsType | None = None
    dcr_configuration: shapes.DcrConfigurationType | None = None
    username_configuration: shapes.UsernameConfigurationType | None = None
    account_recovery_setting: shapes.AccountRecoverySettingType | None = None
    user_pool_tier: str | None = None
    key_configuration: shapes.KeyConfigurationType | None = None
    issuer_configuration: shapes.IssuerConfigurationType | None = None
    acr_configuration: dict[str, shapes.AcrLevelConfigType] | None = None


class CreateUserPoolResponse(Shape, frozen=True, kw_only=True):
    user_pool: shapes.UserPoolType | None = None


class DeleteUserPoolRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class DescribeUserPoolRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class DescribeUserPoolResponse(Shape, frozen=True, kw_only=True):
    user_pool: shapes.UserPoolType | None = None


class GetUserPoolMfaConfigRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetUserPoolMfaConfigResponse(Shape, frozen=True, kw_only=True):
    sms_mfa_configuration: shapes.SmsMfaConfigType | None = None
    software_token_mfa_configuration: shapes.SoftwareTokenMfaConfigType | None = None
    email_mfa_configuration: shapes.EmailMfaConfigType | None = None
    mfa_configuration: str | None = None
    web_authn_configuration: shapes.WebAuthnConfigurationType | None = None


class ListUserPoolsRequest(Shape, frozen=True, kw_only=True):
    max_results: int
    next_token: str | None = None


class ListUserPoolsResponse(Shape, frozen=True, kw_only=True):
    user_pools: list[shapes.UserPoolDescriptionType] | None = None
    next_token: str | None = None


class SetUserPoolMfaConfigRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    sms_mfa_configuration: shapes.SmsMfaConfigType | None = None
    software_token_mfa_configuration: shapes.SoftwareTokenMfaConfigType | None = None
    email_mfa_configuration: shapes.EmailMfaConfigType | None = None
    mfa_configuration: str | None = None
    web_authn_configuration: shapes.WebAuthnConfigurationType | None = None


class SetUserPoolMfaConfigResponse(Shape, frozen=True, kw_only=True):
    sms_mfa_configuration: shapes.SmsMfaConfigType | None = None
    software_token_mfa_configuration: shapes.SoftwareTokenMfaConfigType | None = None
    email_mfa_configuration: shapes.EmailMfaConfigType | None = None
    mfa_configuration: str | None = None
    web_authn_configuration: shapes.WebAuthnConfigurationType | None = None


class UpdateUserPoolRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    policies: shapes.UserPoolPolicyType | None = None
    deletion_protection: str | None = None
    lambda_config: shapes.LambdaConfigType | None = None
    auto_verified_attributes: list[str] | None = None
    sms_verification_message: str | None = None
    email_verification_message: str | None = None
    email_verification_subject: str | None = None
    verification_message_template: shapes.VerificationMessageTemplateType | None = None
    sms_authentication_message: str | None = None
    user_attribute_update_settings: shapes.UserAttributeUpdateSettingsType | None = None
    mfa_configuration: str | None = None
    device_configuration: shapes.DeviceConfigurationType | None = None
    email_configuration: shapes.EmailConfigurationType | None = None
    sms_configuration: shapes.SmsConfigurationType | None = None
    user_pool_tags: dict[str, str] | None = None
    admin_create_user_config: shapes.AdminCreateUserConfigType | None = None
    user_pool_add_ons: shapes.UserPoolAddOnsType | None = None
    dcr_configuration: shapes.DcrConfigurationType | None = None
    account_recovery_setting: shapes.AccountRecoverySettingType | None = None
    pool_name: str | None = None
    user_pool_tier: str | None = None
    key_configuration: shapes.KeyConfigurationType | None = None
    issuer_configuration: shapes.IssuerConfigurationType | None = None
    acr_configuration: dict[str, shapes.AcrLevelConfigType] | None = None


class UpdateUserPoolResponse(Shape, frozen=True, kw_only=True):
    pass
