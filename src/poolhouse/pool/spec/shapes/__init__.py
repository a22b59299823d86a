"""
The request and response structures of ``cognito-idp``. Written by ``tools/spec.py``: never edited by hand.

Class names are the shape names of the API. An optional member is ``None`` when absent and is then left out of the
encoded form. Timestamps are epoch seconds with a fraction; enumerations are strings, checked by ``spec.limits``.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

if TYPE_CHECKING:
    from poolhouse.pool.spec.shapes.branding import *
    from poolhouse.pool.spec.shapes.clients import *
    from poolhouse.pool.spec.shapes.devices import *
    from poolhouse.pool.spec.shapes.domains import *
    from poolhouse.pool.spec.shapes.groups import *
    from poolhouse.pool.spec.shapes.identity_providers import *
    from poolhouse.pool.spec.shapes.imports import *
    from poolhouse.pool.spec.shapes.passkeys import *
    from poolhouse.pool.spec.shapes.pools import *
    from poolhouse.pool.spec.shapes.resources import *
    from poolhouse.pool.spec.shapes.risk import *
    from poolhouse.pool.spec.shapes.sessions import *
    from poolhouse.pool.spec.shapes.users import *


def spelled(**irregular: str) -> Callable[[str], str]:
    """Name members in PascalCase, except those in *irregular*, which are spelled as they say."""

    def wire_name(field: str) -> str:
        return irregular.get(field) or "".join(part[:1].upper() + part[1:] for part in field.split("_"))

    return wire_name


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=spelled()):
    """What all structures of the API have in common: the JSON form, and a ``repr`` without sensitive members."""

    SENSITIVE: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (
            f"{name}=***" if name in self.SENSITIVE else f"{name}={value!r}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({', '.join(shown)})"


if not TYPE_CHECKING:  # with this, a type checker would take any name

    def __getattr__(name: str) -> Any:
        family = _FAMILY_OF.get(name)
        if family is None:
            raise AttributeError(name)
        found = globals()[name] = getattr(import_module(f"{__name__}.{family}"), name)
        return found


_FAMILY_OF = {
    "AddCustomAttributesRequest": "pools",
    "AddCustomAttributesResponse": "pools",
    "AddUserPoolClientSecretRequest": "clients",
    "AddUserPoolClientSecretResponse": "clients",
    "AdminAddUserToGroupRequest": "groups",
    "AdminConfirmSignUpRequest": "users",
    "AdminConfirmSignUpResponse": "users",
    "AdminCreateUserRequest": "users",
    "AdminCreateUserResponse": "users",
    "AdminDeleteSoftwareTokenRequest": "users",
    "AdminDeleteSoftwareTokenResponse": "users",
    "AdminDeleteUserAttributesRequest": "users",
    "AdminDeleteUserAttributesResponse": "users",
    "AdminDeleteUserRequest": "users",
    "AdminDisableProviderForUserRequest": "identity_providers",
    "AdminDisableProviderForUserResponse": "identity_providers",
    "AdminDisableUserRequest": "users",
    "AdminDisableUserResponse": "users",
    "AdminEnableUserRequest": "users",
    "AdminEnableUserResponse": "users",
    "AdminForgetDeviceRequest": "devices",
    "AdminGetDeviceRequest": "devices",
    "AdminGetDeviceResponse": "devices",
    "AdminGetUserAuthFactorsRequest": "users",
    "AdminGetUserAuthFactorsResponse": "users",
    "AdminGetUserRequest": "users",
    "AdminGetUserResponse": "users",
    "AdminLinkProviderForUserRequest": "identity_providers",
    "AdminLinkProviderForUserResponse": "identity_providers",
    "AdminListDevicesRequest": "devices",
    "AdminListDevicesResponse": "devices",
    "AdminListGroupsForUserRequest": "groups",
    "AdminListGroupsForUserResponse": "groups",
    "AdminListUserAuthEventsRequest": "risk",
    "AdminListUserAuthEventsResponse": "risk",
    "AdminListUserSessionsRequest": "sessions",
    "AdminListUserSessionsResponse": "sessions",
    "AdminRemoveUserFromGroupRequest": "groups",
    "AdminResetUserPasswordRequest": "users",
    "AdminResetUserPasswordResponse": "users",
    "AdminRevokeUserSessionRequest": "sessions",
    "AdminRevokeUserSessionResponse": "sessions",
    "AdminSetUserMFAPreferenceRequest": "users",
    "AdminSetUserMFAPreferenceResponse": "users",
    "AdminSetUserPasswordRequest": "users",
    "AdminSetUserPasswordResponse": "users",
    "AdminSetUserSettingsRequest": "users",
    "AdminSetUserSettingsResponse": "users",
    "AdminUpdateAuthEventFeedbackRequest": "risk",
    "AdminUpdateAuthEventFeedbackResponse": "risk",
    "AdminUpdateDeviceStatusRequest": "devices",
    "AdminUpdateDeviceStatusResponse": "devices",
    "AdminUpdateUserAttributesRequest": "users",
    "AdminUpdateUserAttributesResponse": "users",
    "AdminUserGlobalSignOutRequest": "users",
    "AdminUserGlobalSignOutResponse": "users",
    "CompleteWebAuthnRegistrationRequest": "passkeys",
    "CompleteWebAuthnRegistrationResponse": "passkeys",
    "ConfirmDeviceRequest": "devices",
    "ConfirmDeviceResponse": "devices",
    "CreateGroupRequest": "groups",
    "CreateGroupResponse": "groups",
    "CreateIdentityProviderRequest": "identity_providers",
    "CreateIdentityProviderResponse": "identity_providers",
    "CreateManagedLoginBrandingRequest": "branding",
    "CreateManagedLoginBrandingResponse": "branding",
    "CreateResourceServerRequest": "resources",
    "CreateResourceServerResponse": "resources",
    "CreateTermsRequest": "branding",
    "CreateTermsResponse": "branding",
    "CreateUserImportJobRequest": "imports",
    "CreateUserImportJobResponse": "imports",
    "CreateUserPoolClientRequest": "clients",
    "CreateUserPoolClientResponse": "clients",
    "CreateUserPoolDomainRequest": "domains",
    "CreateUserPoolDomainResponse": "domains",
    "CreateUserPoolReplicaRequest": "resources",
    "CreateUserPoolReplicaResponse": "resources",
    "CreateUserPoolRequest": "pools",
    "CreateUserPoolResponse": "pools",
    "DeleteGroupRequest": "groups",
    "DeleteIdentityProviderRequest": "identity_providers",
    "DeleteManagedLoginBrandingRequest": "branding",
    "DeleteResourceServerRequest": "resources",
    "DeleteTermsRequest": "branding",
    "DeleteUserPoolClientRequest": "clients",
    "DeleteUserPoolClientSecretRequest": "clients",
    "DeleteUserPoolClientSecretResponse": "clients",
    "DeleteUserPoolDomainRequest": "domains",
    "DeleteUserPoolDomainResponse": "domains",
    "DeleteUserPoolReplicaRequest": "resources",
    "DeleteUserPoolReplicaResponse": "resources",
    "DeleteUserPoolRequest": "pools",
    "DeleteWebAuthnCredentialRequest": "passkeys",
    "DeleteWebAuthnCredentialResponse": "passkeys",
    "DescribeIdentityProviderRequest": "identity_providers",
    "DescribeIdentityProviderResponse": "identity_providers",
    "DescribeManagedLoginBrandingByClientRequest": "branding",
    "DescribeManagedLoginBrandingByClientResponse": "branding",
    "DescribeManagedLoginBrandingRequest": "branding",
    "DescribeManagedLoginBrandingResponse": "branding",
    "DescribeResourceServerRequest": "resources",
    "DescribeResourceServerResponse": "resources",
    "DescribeRiskConfigurationRequest": "risk",
    "DescribeRiskConfigurationResponse": "risk",
    "DescribeTermsByClientRequest": "branding",
    "DescribeTermsByClientResponse": "branding",
    "DescribeTermsRequest": "branding",
    "DescribeTermsResponse": "branding",
    "DescribeUserImportJobRequest": "imports",
    "DescribeUserImportJobResponse": "imports",
    "DescribeUserPoolClientRequest": "clients",
    "DescribeUserPoolClientResponse": "clients",
    "DescribeUserPoolDomainRequest": "domains",
    "DescribeUserPoolDomainResponse": "domains",
    "DescribeUserPoolRequest": "pools",
    "DescribeUserPoolResponse": "pools",
    "ForgetDeviceRequest": "devices",
    "GetCSVHeaderRequest": "imports",
    "GetCSVHeaderResponse": "imports",
    "GetClientTokenRequest": "clients",
    "GetClientTokenResponse": "clients",
    "GetDerivedTokenRequest": "clients",
    "GetDerivedTokenResponse": "clients",
    "GetDeviceRequest": "devices",
    "GetDeviceResponse": "devices",
    "GetGroupRequest": "groups",
    "GetGroupResponse": "groups",
    "GetIdentityProviderByIdentifierRequest": "identity_providers",
    "GetIdentityProviderByIdentifierResponse": "identity_providers",
    "GetLogDeliveryConfigurationRequest": "risk",
    "GetLogDeliveryConfigurationResponse": "risk",
    "GetProvisionedLimitRequest": "resources",
    "GetProvisionedLimitResponse": "resources",
    "GetSigningCertificateRequest": "identity_providers",
    "GetSigningCertificateResponse": "identity_providers",
    "GetUICustomizationRequest": "branding",
    "GetUICustomizationResponse": "branding",
    "GetUserPoolClientSessionConfigurationRequest": "clients",
    "GetUserPoolClientSessionConfigurationResponse": "clients",
    "GetUserPoolMfaConfigRequest": "pools",
    "GetUserPoolMfaConfigResponse": "pools",
    "GetUserPoolSessionConfigurationRequest": "sessions",
    "GetUserPoolSessionConfigurationResponse": "sessions",
    "ListDevicesRequest": "devices",
    "ListDevicesResponse": "devices",
    "ListGroupsRequest": "groups",
    "ListGroupsResponse": "groups",
    "ListIdentityProvidersRequest": "identity_providers",
    "ListIdentityProvidersResponse": "identity_providers",
    "ListResourceServersRequest": "resources",
    "ListResourceServersResponse": "resources",
    "ListTagsForResourceRequest": "resources",
    "ListTagsForResourceResponse": "resources",
    "ListTermsRequest": "branding",
    "ListTermsResponse": "branding",
    "ListUserImportJobsRequest": "imports",
    "ListUserImportJobsResponse": "imports",
    "ListUserPoolClientSecretsRequest": "clients",
    "ListUserPoolClientSecretsResponse": "clients",
    "ListUserPoolClientsRequest": "clients",
    "ListUserPoolClientsResponse": "clients",
    "ListUserPoolReplicasRequest": "resources",
    "ListUserPoolReplicasResponse": "resources",
    "ListUserPoolsRequest": "pools",
    "ListUserPoolsResponse": "pools",
    "ListUserSessionsRequest": "sessions",
    "ListUserSessionsResponse": "sessions",
    "ListUsersInGroupRequest": "groups",
    "ListUsersInGroupResponse": "groups",
    "ListUsersRequest": "users",
    "ListUsersResponse": "users",
    "ListWebAuthnCredentialsRequest": "passkeys",
    "ListWebAuthnCredentialsResponse": "passkeys",
    "RevokeUserSessionRequest": "sessions",
    "RevokeUserSessionResponse": "sessions",
    "SetLogDeliveryConfigurationRequest": "risk",
    "SetLogDeliveryConfigurationResponse": "risk",
    "SetRiskConfigurationRequest": "risk",
    "SetRiskConfigurationResponse": "risk",
    "SetUICustomizationRequest": "branding",
    "SetUICustomizationResponse": "branding",
    "SetUserPoolClientSessionConfigurationRequest": "clients",
    "SetUserPoolClientSessionConfigurationResponse": "clients",
    "SetUserPoolMfaConfigRequest": "pools",
    "SetUserPoolMfaConfigResponse": "pools",
    "SetUserPoolSessionConfigurationRequest": "sessions",
    "SetUserPoolSessionConfigurationResponse": "sessions",
    "StartUserImportJobRequest": "imports",
    "StartUserImportJobResponse": "imports",
    "StartWebAuthnRegistrationRequest": "passkeys",
    "StartWebAuthnRegistrationResponse": "passkeys",
    "StopUserImportJobRequest": "imports",
    "StopUserImportJobResponse": "imports",
    "TagResourceRequest": "resources",
    "TagResourceResponse": "resources",
    "UntagResourceRequest": "resources",
    "UntagResourceResponse": "resources",
    "UpdateAuthEventFeedbackRequest": "risk",
    "UpdateAuthEventFeedbackResponse": "risk",
    "UpdateDeviceStatusRequest": "devices",
    "UpdateDeviceStatusResponse": "devices",
    "UpdateGroupRequest": "groups",
    "UpdateGroupResponse": "groups",
    "UpdateIdentityProviderRequest": "identity_providers",
    "UpdateIdentityProviderResponse": "identity_providers",
    "UpdateManagedLoginBrandingRequest": "branding",
    "UpdateManagedLoginBrandingResponse": "branding",
    "UpdateProvisionedLimitRequest": "resources",
    "UpdateProvisionedLimitResponse": "resources",
    "UpdateResourceServerRequest": "resources",
    "UpdateResourceServerResponse": "resources",
    "UpdateTermsRequest": "branding",
    "UpdateTermsResponse": "branding",
    "UpdateUserPoolClientRequest": "clients",
    "UpdateUserPoolClientResponse": "clients",
    "UpdateUserPoolDomainRequest": "domains",
    "UpdateUserPoolDomainResponse": "domains",
    "UpdateUserPoolReplicaRequest": "resources",
    "UpdateUserPoolReplicaResponse": "resources",
    "UpdateUserPoolRequest": "pools",
    "UpdateUserPoolResponse": "pools",
}


class NumberAttributeConstraintsType(Shape, frozen=True, kw_only=True):
    min_value: str | None = None
    max_value: str | None = None


class StringAttributeConstraintsType(Shape, frozen=True, kw_only=True):
    min_length: str | None = None
    max_length: str | None = None


class SchemaAttributeType(Shape, frozen=True, kw_only=True):
    name: str | None = None
    attribute_data_type: str | None = None
    developer_only_attribute: bool | None = None
    mutable: bool | None = None
    required: bool | None = None
    number_attribute_constraints: NumberAttributeConstraintsType | None = None
    string_attribute_constraints: StringAttributeConstraintsType | None = None


class ClientSecretDescriptorType(Shape, frozen=True, kw_only=True):
    client_secret_id: str | None = None
    client_secret_value: str | None = None
    client_secret_create_date: float | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_secret_value'])


class AttributeType(Shape, frozen=True, kw_only=True):
    name: str
    value: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['value'])


class MFAOptionType(Shape, frozen=True, kw_only=True):
    delivery_medium: str | None = None
    attribute_name: str | None = None


class UserType(Shape, frozen=True, kw_only=True, rename=spelled(mfa_options="MFAOptions")):
    username: str | None = None
    attributes: list[AttributeType] | None = None
    user_create_date: float | None = None
    user_last_modified_date: float | None = None
    enabled: bool | None = None
    user_status: str | None = None
    mfa_options: list[MFAOptionType] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class ProviderUserIdentifierType(Shape, frozen=True, kw_only=True):
    provider_name: str | None = None
    provider_attribute_name: str | None = None
    provider_attribute_value: str | None = None


class DeviceType(Shape, frozen=True, kw_only=True):
    device_key: str | None = None
    device_attributes: list[AttributeType] | None = None
    device_create_date: float | None = None
    device_last_modified_date: float | None = None
    device_last_authenticated_date: float | None = None


class AnalyticsMetadataType(Shape, frozen=True, kw_only=True):
    analytics_endpoint_id: str | None = None


class HttpHeader(Shape, frozen=True, kw_only=True, rename=spelled(header_name="headerName", header_value="headerValue")):
    header_name: str | None = None
    header_value: str | None = None


class ContextDataType(Shape, frozen=True, kw_only=True):
    ip_address: str
    server_name: str
    server_path: str
    http_headers: list[HttpHeader]
    encoded_data: str | None = None


class AdminInitiateAuthRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    auth_flow: str
    auth_parameters: dict[str, str] | None = None
    client_metadata: dict[str, str] | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    context_data: ContextDataType | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['auth_parameters', 'client_id', 'session'])


class NewDeviceMetadataType(Shape, frozen=True, kw_only=True):
    device_key: str | None = None
    device_group_key: str | None = None


class AuthenticationResultType(Shape, frozen=True, kw_only=True):
    access_token: str | None = None
    expires_in: int | None = None
    token_type: str | None = None
    refresh_token: str | None = None
    id_token: str | None = None
    new_device_metadata: NewDeviceMetadataType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token', 'id_token', 'refresh_token'])


class AdminInitiateAuthResponse(Shape, frozen=True, kw_only=True):
    challenge_name: str | None = None
    session: str | None = None
    challenge_parameters: dict[str, str] | None = None
    authentication_result: AuthenticationResultType | None = None
    available_challenges: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class GroupType(Shape, frozen=True, kw_only=True):
    group_name: str | None = None
    user_pool_id: str | None = None
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None


class EventRiskType(Shape, frozen=True, kw_only=True):
    risk_decision: str | None = None
    risk_level: str | None = None
    compromised_credentials_detected: bool | None = None


class ChallengeResponseType(Shape, frozen=True, kw_only=True):
    challenge_name: str | None = None
    challenge_response: str | None = None


class EventContextDataType(Shape, frozen=True, kw_only=True):
    ip_address: str | None = None
    device_name: str | None = None
    timezone: str | None = None
    city: str | None = None
    country: str | None = None


class EventFeedbackType(Shape, frozen=True, kw_only=True):
    feedback_value: str
    provider: str
    feedback_date: float | None = None


class AuthEventType(Shape, frozen=True, kw_only=True):
    event_id: str | None = None
    event_type: str | None = None
    creation_date: float | None = None
    event_response: str | None = None
    event_risk: EventRiskType | None = None
    challenge_responses: list[ChallengeResponseType] | None = None
    event_context_data: EventContextDataType | None = None
    event_feedback: EventFeedbackType | None = None


class SessionLocationType(Shape, frozen=True, kw_only=True):
    city: str | None = None
    country: str | None = None


class SessionDescriptionType(Shape, frozen=True, kw_only=True, rename=spelled(last_ip_address="LastIPAddress")):
    session_id: str | None = None
    session_type: str | None = None
    client_id: str | None = None
    create_date: float | None = None
    last_active_date: float | None = None
    device_type: str | None = None
    last_ip_address: str | None = None
    last_location: SessionLocationType | None = None
    origin_session_id: str | None = None
    is_current_session: bool | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'last_ip_address'])


class AdminRespondToAuthChallengeRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    challenge_name: str
    challenge_responses: dict[str, str] | None = None
    session: str | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    context_data: ContextDataType | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['challenge_responses', 'client_id', 'session'])


class AdminRespondToAuthChallengeResponse(Shape, frozen=True, kw_only=True):
    challenge_name: str | None = None
    session: str | None = None
    challenge_parameters: dict[str, str] | None = None
    authentication_result: AuthenticationResultType | None = None
    available_challenges: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class SMSMfaSettingsType(Shape, frozen=True, kw_only=True):
    enabled: bool | None = None
    preferred_mfa: bool | None = None


class SoftwareTokenMfaSettingsType(Shape, frozen=True, kw_only=True):
    enabled: bool | None = None
    preferred_mfa: bool | None = None


class EmailMfaSettingsType(Shape, frozen=True, kw_only=True):
    enabled: bool | None = None
    preferred_mfa: bool | None = None


class WebAuthnMfaSettingsType(Shape, frozen=True, kw_only=True):
    enabled: bool | None = None


class AssociateSoftwareTokenRequest(Shape, frozen=True, kw_only=True):
    access_token: str | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token', 'session'])


class AssociateSoftwareTokenResponse(Shape, frozen=True, kw_only=True):
    secret_code: str | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['secret_code', 'session'])


class ChangePasswordRequest(Shape, frozen=True, kw_only=True):
    proposed_password: str
    access_token: str
    previous_password: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token', 'previous_password', 'proposed_password'])


class ChangePasswordResponse(Shape, frozen=True, kw_only=True):
    pass


class DeviceSecretVerifierConfigType(Shape, frozen=True, kw_only=True):
    password_verifier: str | None = None
    salt: str | None = None


class UserContextDataType(Shape, frozen=True, kw_only=True):
    ip_address: str | None = None
    encoded_data: str | None = None


class ConfirmForgotPasswordRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    username: str
    confirmation_code: str
    password: str
    secret_hash: str | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    user_context_data: UserContextDataType | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'password', 'secret_hash', 'user_context_data', 'username'])


class ConfirmForgotPasswordResponse(Shape, frozen=True, kw_only=True):
    pass


class ConfirmSignUpRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    username: str
    confirmation_code: str
    secret_hash: str | None = None
    force_alias_creation: bool | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    user_context_data: UserContextDataType | None = None
    client_metadata: dict[str, str] | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'secret_hash', 'session', 'user_context_data', 'username'])


class ConfirmSignUpResponse(Shape, frozen=True, kw_only=True):
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class IdentityProviderType(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    provider_name: str | None = None
    provider_type: str | None = None
    provider_details: dict[str, str] | None = None
    attribute_mapping: dict[str, str] | None = None
    idp_identifiers: list[str] | None = None
    acr_mapping: dict[str, str] | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None


class AssetType(Shape, frozen=True, kw_only=True):
    category: str
    color_mode: str
    extension: str
    bytes_: bytes | None = None
    resource_id: str | None = None


class ManagedLoginBrandingType(Shape, frozen=True, kw_only=True):
    managed_login_branding_id: str | None = None
    user_pool_id: str | None = None
    use_cognito_provided_values: bool | None = None
    settings: Any = None
    assets: list[AssetType] | None = None
    creation_date: float | None = None
    last_modified_date: float | None = None


class ResourceServerScopeType(Shape, frozen=True, kw_only=True):
    scope_name: str
    scope_description: str


class ResourceServerType(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    identifier: str | None = None
    name: str | None = None
    scopes: list[ResourceServerScopeType] | None = None
    managed_by: str | None = None


class TermsType(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str
    client_id: str
    terms_name: str
    terms_source: str
    enforcement: str
    links: dict[str, str]
    creation_date: float
    last_modified_date: float
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class UserImportJobType(Shape, frozen=True, kw_only=True):
    job_name: str | None = None
    job_id: str | None = None
    user_pool_id: str | None = None
    pre_signed_url: str | None = None
    creation_date: float | None = None
    start_date: float | None = None
    completion_date: float | None = None
    status: str | None = None
    cloud_watch_logs_role_arn: str | None = None
    imported_users: int | None = None
    skipped_users: int | None = None
    failed_users: int | None = None
    completion_message: str | None = None
    password_hashing_algorithm: str | None = None


class PasswordPolicyType(Shape, frozen=True, kw_only=True):
    minimum_length: int | None = None
    require_uppercase: bool | None = None
    require_lowercase: bool | None = None
    require_numbers: bool | None = None
    require_symbols: bool | None = None
    password_history_size: int | None = None
    temporary_password_validity_days: int | None = None


class SignInPolicyType(Shape, frozen=True, kw_only=True):
    allowed_first_auth_factors: list[str] | None = None


class UserPoolPolicyType(Shape, frozen=True, kw_only=True):
    password_policy: PasswordPolicyType | None = None
    sign_in_policy: SignInPolicyType | None = None


class PreTokenGenerationVersionConfigType(Shape, frozen=True, kw_only=True):
    lambda_version: str
    lambda_arn: str


class CustomSMSLambdaVersionConfigType(Shape, frozen=True, kw_only=True):
    lambda_version: str
    lambda_arn: str


class CustomEmailLambdaVersionConfigType(Shape, frozen=True, kw_only=True):
    lambda_version: str
    lambda_arn: str


class InboundFederationLambdaType(Shape, frozen=True, kw_only=True):
    lambda_version: str
    lambda_arn: str


class LambdaConfigType(Shape, frozen=True, kw_only=True, rename=spelled(custom_sms_sender="CustomSMSSender", kms_key_id="KMSKeyID")):
    pre_sign_up: str | None = None
    custom_message: str | None = None
    post_confirmation: str | None = None
    pre_authentication: str | None = None
    post_authentication: str | None = None
    define_auth_challenge: str | None = None
    create_auth_challenge: str | None = None
    verify_auth_challenge_response: str | None = None
    pre_token_generation: str | None = None
    user_migration: str | None = None
    pre_token_generation_config: PreTokenGenerationVersionConfigType | None = None
    custom_sms_sender: CustomSMSLambdaVersionConfigType | None = None
    custom_email_sender: CustomEmailLambdaVersionConfigType | None = None
    kms_key_id: str | None = None
    inbound_federation: InboundFederationLambdaType | None = None


class VerificationMessageTemplateType(Shape, frozen=True, kw_only=True):
    sms_message: str | None = None
    email_message: str | None = None
    email_subject: str | None = None
    email_message_by_link: str | None = None
    email_subject_by_link: str | None = None
    default_email_option: str | None = None


class UserAttributeUpdateSettingsType(Shape, frozen=True, kw_only=True):
    attributes_require_verification_before_update: list[str] | None = None


class DeviceConfigurationType(Shape, frozen=True, kw_only=True):
    challenge_required_on_new_device: bool | None = None
    device_only_remembered_on_user_prompt: bool | None = None


class EmailConfigurationType(Shape, frozen=True, kw_only=True):
    source_arn: str | None = None
    reply_to_email_address: str | None = None
    email_sending_account: str | None = None
    from_: str | None = None
    configuration_set: str | None = None


class EumsSmsConfigurationType(Shape, frozen=True, kw_only=True):
    caller_arn: str
    external_id: str | None = None
    origination_identity: str | None = None
    configuration_set_name: str | None = None
    in_entity_id: str | None = None
    in_template_id: str | None = None
    region: str | None = None


class SmsConfigurationType(Shape, frozen=True, kw_only=True):
    sns_caller_arn: str | None = None
    external_id: str | None = None
    sns_region: str | None = None
    eums_sms: EumsSmsConfigurationType | None = None


class MessageTemplateType(Shape, frozen=True, kw_only=True, rename=spelled(sms_message="SMSMessage")):
    sms_message: str | None = None
    email_message: str | None = None
    email_subject: str | None = None


class AdminCreateUserConfigType(Shape, frozen=True, kw_only=True):
    allow_admin_create_user_only: bool | None = None
    unused_account_validity_days: int | None = None
    invite_message_template: MessageTemplateType | None = None


class AdvancedSecurityAdditionalFlowsType(Shape, frozen=True, kw_only=True):
    custom_auth_mode: str | None = None


class UserPoolAddOnsType(Shape, frozen=True, kw_only=True):
    advanced_security_mode: str
    advanced_security_additional_flows: AdvancedSecurityAdditionalFlowsType | None = None


class DcrConfigurationType(Shape, frozen=True, kw_only=True):
    enable_status: str | None = None
    open_dcr_enabled: bool | None = None
    authenticated_grant_types: list[str] | None = None
    open_dcr_grant_types: list[str] | None = None
    allowed_scopes: list[str] | None = None


class UsernameConfigurationType(Shape, frozen=True, kw_only=True):
    case_sensitive: bool


class RecoveryOptionType(Shape, frozen=True, kw_only=True):
    priority: int
    name: str


class AccountRecoverySettingType(Shape, frozen=True, kw_only=True):
    recovery_mechanisms: list[RecoveryOptionType] | None = None


class KeyConfigurationType(Shape, frozen=True, kw_only=True):
    key_type: str | None = None
    kms_key_arn: str | None = None


class IssuerConfigurationType(Shape, frozen=True, kw_only=True):
    type: str | None = None


class AcrLevelConfigType(Shape, frozen=True, kw_only=True):
    acr_value: str


class UserPoolType(Shape, frozen=True, kw_only=True):
    id: str | None = None
    name: str | None = None
    policies: UserPoolPolicyType | None = None
    deletion_protection: str | None = None
    lambda_config: LambdaConfigType | None = None
    status: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None
    schema_attributes: list[SchemaAttributeType] | None = None
    auto_verified_attributes: list[str] | None = None
    alias_attributes: list[str] | None = None
    username_attributes: list[str] | None = None
    sms_verification_message: str | None = None
    email_verification_message: str | None = None
    email_verification_subject: str | None = None
    verification_message_template: VerificationMessageTemplateType | None = None
    sms_authentication_message: str | None = None
    user_attribute_update_settings: UserAttributeUpdateSettingsType | None = None
    mfa_configuration: str | None = None
    device_configuration: DeviceConfigurationType | None = None
    estimated_number_of_users: int | None = None
    email_configuration: EmailConfigurationType | None = None
    sms_configuration: SmsConfigurationType | None = None
    user_pool_tags: dict[str, str] | None = None
    sms_configuration_failure: str | None = None
    email_configuration_failure: str | None = None
    domain: str | None = None
    custom_domain: str | None = None
    admin_create_user_config: AdminCreateUserConfigType | None = None
    user_pool_add_ons: UserPoolAddOnsType | None = None
    dcr_configuration: DcrConfigurationType | None = None
    username_configuration: UsernameConfigurationType | None = None
    arn: str | None = None
    account_recovery_setting: AccountRecoverySettingType | None = None
    user_pool_tier: str | None = None
    key_configuration: KeyConfigurationType | None = None
    issuer_configuration: IssuerConfigurationType | None = None
    acr_configuration: dict[str, AcrLevelConfigType] | None = None


class TokenValidityUnitsType(Shape, frozen=True, kw_only=True):
    access_token: str | None = None
    id_token: str | None = None
    refresh_token: str | None = None


class AnalyticsConfigurationType(Shape, frozen=True, kw_only=True):
    application_id: str | None = None
    application_arn: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    user_data_shared: bool | None = None


class RefreshTokenRotationType(Shape, frozen=True, kw_only=True):
    feature: str
    retry_grace_period_seconds: int | None = None


class UserPoolClientType(Shape, frozen=True, kw_only=True, rename=spelled(callback_urls="CallbackURLs", logout_urls="LogoutURLs", default_redirect_uri="DefaultRedirectURI")):
    user_pool_id: str | None = None
    client_name: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None
    refresh_token_validity: int | None = None
    access_token_validity: int | None = None
    id_token_validity: int | None = None
    token_validity_units: TokenValidityUnitsType | None = None
    read_attributes: list[str] | None = None
    write_attributes: list[str] | None = None
    explicit_auth_flows: list[str] | None = None
    supported_identity_providers: list[str] | None = None
    callback_urls: list[str] | None = None
    logout_urls: list[str] | None = None
    default_redirect_uri: str | None = None
    allowed_o_auth_flows: list[str] | None = None
    allowed_o_auth_scopes: list[str] | None = None
    allowed_o_auth_flows_user_pool_client: bool | None = None
    analytics_configuration: AnalyticsConfigurationType | None = None
    prevent_user_existence_errors: str | None = None
    enable_token_revocation: bool | None = None
    enable_propagate_additional_user_context_data: bool | None = None
    auth_session_validity: int | None = None
    refresh_token_rotation: RefreshTokenRotationType | None = None
    client_type: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'client_secret'])


class CustomDomainConfigType(Shape, frozen=True, kw_only=True):
    certificate_arn: str
    security_policy: str | None = None


class FailoverType(Shape, frozen=True, kw_only=True):
    secondary_region: str
    primary_route53_health_check_id: str


class RoutingType(Shape, frozen=True, kw_only=True):
    failover: FailoverType | None = None


class UserPoolReplicaType(Shape, frozen=True, kw_only=True):
    region_name: str | None = None
    status: str | None = None
    role: str | None = None
    user_pool_arn: str | None = None


class DeleteUserRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class DeleteUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_attribute_names: list[str]
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class DeleteUserAttributesResponse(Shape, frozen=True, kw_only=True):
    pass


class CompromisedCredentialsActionsType(Shape, frozen=True, kw_only=True):
    event_action: str


class CompromisedCredentialsRiskConfigurationType(Shape, frozen=True, kw_only=True):
    actions: CompromisedCredentialsActionsType
    event_filter: list[str] | None = None


class NotifyEmailType(Shape, frozen=True, kw_only=True):
    subject: str
    html_body: str | None = None
    text_body: str | None = None


class NotifyConfigurationType(Shape, frozen=True, kw_only=True):
    source_arn: str
    from_: str | None = None
    reply_to: str | None = None
    block_email: NotifyEmailType | None = None
    no_action_email: NotifyEmailType | None = None
    mfa_email: NotifyEmailType | None = None


class AccountTakeoverActionType(Shape, frozen=True, kw_only=True):
    notify: bool
    event_action: str


class AccountTakeoverActionsType(Shape, frozen=True, kw_only=True):
    low_action: AccountTakeoverActionType | None = None
    medium_action: AccountTakeoverActionType | None = None
    high_action: AccountTakeoverActionType | None = None


class AccountTakeoverRiskConfigurationType(Shape, frozen=True, kw_only=True):
    actions: AccountTakeoverActionsType
    notify_configuration: NotifyConfigurationType | None = None


class RiskExceptionConfigurationType(Shape, frozen=True, kw_only=True, rename=spelled(blocked_ip_range_list="BlockedIPRangeList", skipped_ip_range_list="SkippedIPRangeList")):
    blocked_ip_range_list: list[str] | None = None
    skipped_ip_range_list: list[str] | None = None


class RiskConfigurationType(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    client_id: str | None = None
    compromised_credentials_risk_configuration: CompromisedCredentialsRiskConfigurationType | None = None
    account_takeover_risk_configuration: AccountTakeoverRiskConfigurationType | None = None
    risk_exception_configuration: RiskExceptionConfigurationType | None = None
    last_modified_date: float | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DomainDescriptionType(Shape, frozen=True, kw_only=True, rename=spelled(aws_account_id="AWSAccountId")):
    user_pool_id: str | None = None
    aws_account_id: str | None = None
    domain: str | None = None
    s3_bucket: str | None = None
    cloud_front_distribution: str | None = None
    version: str | None = None
    status: str | None = None
    custom_domain_config: CustomDomainConfigType | None = None
    managed_login_version: int | None = None
    routing: RoutingType | None = None


class ForgotPasswordRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    username: str
    secret_hash: str | None = None
    user_context_data: UserContextDataType | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'secret_hash', 'user_context_data', 'username'])


class CodeDeliveryDetailsType(Shape, frozen=True, kw_only=True):
    destination: str | None = None
    delivery_medium: str | None = None
    attribute_name: str | None = None


class ForgotPasswordResponse(Shape, frozen=True, kw_only=True):
    code_delivery_details: CodeDeliveryDetailsType | None = None


class ClientAuthenticationResultType(Shape, frozen=True, kw_only=True):
    access_token: str | None = None
    expires_in: int | None = None
    token_type: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class CloudWatchLogsConfigurationType(Shape, frozen=True, kw_only=True):
    log_group_arn: str | None = None


class S3ConfigurationType(Shape, frozen=True, kw_only=True):
    bucket_arn: str | None = None


class FirehoseConfigurationType(Shape, frozen=True, kw_only=True):
    stream_arn: str | None = None


class LogConfigurationType(Shape, frozen=True, kw_only=True):
    log_level: str
    event_source: str
    cloud_watch_logs_configuration: CloudWatchLogsConfigurationType | None = None
    s3_configuration: S3ConfigurationType | None = None
    firehose_configuration: FirehoseConfigurationType | None = None


class LogDeliveryConfigurationType(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    log_configurations: list[LogConfigurationType]


class LimitDefinitionType(Shape, frozen=True, kw_only=True):
    limit_class: str
    attributes: dict[str, str]


class LimitType(Shape, frozen=True, kw_only=True):
    limit_definition: LimitDefinitionType
    provisioned_limit_value: int
    free_limit_value: int


class GetTokensFromRefreshTokenRequest(Shape, frozen=True, kw_only=True):
    refresh_token: str
    client_id: str
    client_secret: str | None = None
    device_key: str | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'client_secret', 'refresh_token'])


class GetTokensFromRefreshTokenResponse(Shape, frozen=True, kw_only=True):
    authentication_result: AuthenticationResultType | None = None


class UICustomizationType(Shape, frozen=True, kw_only=True, rename=spelled(css="CSS", css_version="CSSVersion")):
    user_pool_id: str | None = None
    client_id: str | None = None
    image_url: str | None = None
    css: str | None = None
    css_version: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class GetUserRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetUserResponse(Shape, frozen=True, kw_only=True, rename=spelled(mfa_options="MFAOptions", user_mfa_setting_list="UserMFASettingList")):
    username: str
    user_attributes: list[AttributeType]
    mfa_options: list[MFAOptionType] | None = None
    preferred_mfa_setting: str | None = None
    user_mfa_setting_list: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class GetUserAttributeVerificationCodeRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    attribute_name: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetUserAttributeVerificationCodeResponse(Shape, frozen=True, kw_only=True):
    code_delivery_details: CodeDeliveryDetailsType | None = None


class GetUserAuthFactorsRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetUserAuthFactorsResponse(Shape, frozen=True, kw_only=True, rename=spelled(user_mfa_setting_list="UserMFASettingList")):
    username: str
    preferred_mfa_setting: str | None = None
    user_mfa_setting_list: list[str] | None = None
    configured_user_auth_factors: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class ClientSSOSessionConfigType(Shape, frozen=True, kw_only=True):
    max_validity_minutes: int


class SmsMfaConfigType(Shape, frozen=True, kw_only=True):
    sms_authentication_message: str | None = None
    sms_configuration: SmsConfigurationType | None = None


class SoftwareTokenMfaConfigType(Shape, frozen=True, kw_only=True):
    enabled: bool | None = None


class EmailMfaConfigType(Shape, frozen=True, kw_only=True):
    message: str | None = None
    subject: str | None = None


class WebAuthnConfigurationType(Shape, frozen=True, kw_only=True):
    relying_party_id: str | None = None
    user_verification: str | None = None
    factor_configuration: str | None = None


class UserPoolTokenSessionConfigType(Shape, frozen=True, kw_only=True):
    max_per_user: int


class GlobalSignOutRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GlobalSignOutResponse(Shape, frozen=True, kw_only=True):
    pass


class InitiateAuthRequest(Shape, frozen=True, kw_only=True):
    auth_flow: str
    client_id: str
    auth_parameters: dict[str, str] | None = None
    client_metadata: dict[str, str] | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    user_context_data: UserContextDataType | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['auth_parameters', 'client_id', 'session', 'user_context_data'])


class InitiateAuthResponse(Shape, frozen=True, kw_only=True):
    challenge_name: str | None = None
    session: str | None = None
    challenge_parameters: dict[str, str] | None = None
    authentication_result: AuthenticationResultType | None = None
    available_challenges: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class ProviderDescription(Shape, frozen=True, kw_only=True):
    provider_name: str | None = None
    provider_type: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None


class TermsDescriptionType(Shape, frozen=True, kw_only=True):
    terms_id: str
    terms_name: str
    enforcement: str
    creation_date: float
    last_modified_date: float


class UserPoolClientDescription(Shape, frozen=True, kw_only=True):
    client_id: str | None = None
    user_pool_id: str | None = None
    client_name: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class UserPoolDescriptionType(Shape, frozen=True, kw_only=True):
    id: str | None = None
    name: str | None = None
    lambda_config: LambdaConfigType | None = None
    status: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None
    replica_regions: list[str] | None = None


class WebAuthnCredentialDescription(Shape, frozen=True, kw_only=True):
    credential_id: str
    friendly_credential_name: str
    relying_party_id: str
    authenticator_transports: list[str]
    created_at: float
    authenticator_attachment: str | None = None


class ResendConfirmationCodeRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    username: str
    secret_hash: str | None = None
    user_context_data: UserContextDataType | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'secret_hash', 'user_context_data', 'username'])


class ResendConfirmationCodeResponse(Shape, frozen=True, kw_only=True):
    code_delivery_details: CodeDeliveryDetailsType | None = None


class RespondToAuthChallengeRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    challenge_name: str
    session: str | None = None
    challenge_responses: dict[str, str] | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    user_context_data: UserContextDataType | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['challenge_responses', 'client_id', 'session', 'user_context_data'])


class RespondToAuthChallengeResponse(Shape, frozen=True, kw_only=True):
    challenge_name: str | None = None
    session: str | None = None
    challenge_parameters: dict[str, str] | None = None
    authentication_result: AuthenticationResultType | None = None
    available_challenges: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class RevokeTokenRequest(Shape, frozen=True, kw_only=True):
    token: str
    client_id: str
    client_secret: str | None = None
    revoke_associated_sessions: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'client_secret', 'token'])


class RevokeTokenResponse(Shape, frozen=True, kw_only=True):
    pass


class SetUserMFAPreferenceRequest(Shape, frozen=True, kw_only=True, rename=spelled(sms_mfa_settings="SMSMfaSettings")):
    access_token: str
    sms_mfa_settings: SMSMfaSettingsType | None = None
    software_token_mfa_settings: SoftwareTokenMfaSettingsType | None = None
    email_mfa_settings: EmailMfaSettingsType | None = None
    web_authn_mfa_settings: WebAuthnMfaSettingsType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class SetUserMFAPreferenceResponse(Shape, frozen=True, kw_only=True):
    pass


class SetUserSettingsRequest(Shape, frozen=True, kw_only=True, rename=spelled(mfa_options="MFAOptions")):
    access_token: str
    mfa_options: list[MFAOptionType]
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class SetUserSettingsResponse(Shape, frozen=True, kw_only=True):
    pass


class SignUpRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    username: str
    secret_hash: str | None = None
    password: str | None = None
    user_attributes: list[AttributeType] | None = None
    validation_data: list[AttributeType] | None = None
    analytics_metadata: AnalyticsMetadataType | None = None
    user_context_data: UserContextDataType | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'password', 'secret_hash', 'user_context_data', 'username'])


class SignUpResponse(Shape, frozen=True, kw_only=True):
    user_confirmed: bool
    user_sub: str
    code_delivery_details: CodeDeliveryDetailsType | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class UpdateUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_attributes: list[AttributeType]
    access_token: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class UpdateUserAttributesResponse(Shape, frozen=True, kw_only=True):
    code_delivery_details_list: list[CodeDeliveryDetailsType] | None = None


class VerifySoftwareTokenRequest(Shape, frozen=True, kw_only=True):
    user_code: str
    access_token: str | None = None
    session: str | None = None
    friendly_device_name: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token', 'session', 'user_code'])


class VerifySoftwareTokenResponse(Shape, frozen=True, kw_only=True):
    status: str | None = None
    session: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['session'])


class VerifyUserAttributeRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    attribute_name: str
    code: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class VerifyUserAttributeResponse(Shape, frozen=True, kw_only=True):
    pass
