"""
The request and response structures of ``cognito-idp``. Written by ``tools/spec.py``: never edited by hand.

Class names are the shape names of the API. An optional member is ``None`` when absent and is then left out of the
encoded form. Timestamps are epoch seconds with a fraction; enumerations are strings, checked by ``spec.limits``.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec


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


class AddCustomAttributesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    custom_attributes: list[SchemaAttributeType]


class AddCustomAttributesResponse(Shape, frozen=True, kw_only=True):
    pass


class AddUserPoolClientSecretRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    client_secret: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'client_secret'])


class ClientSecretDescriptorType(Shape, frozen=True, kw_only=True):
    client_secret_id: str | None = None
    client_secret_value: str | None = None
    client_secret_create_date: float | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_secret_value'])


class AddUserPoolClientSecretResponse(Shape, frozen=True, kw_only=True):
    client_secret_descriptor: ClientSecretDescriptorType | None = None


class AdminAddUserToGroupRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    group_name: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminConfirmSignUpRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminConfirmSignUpResponse(Shape, frozen=True, kw_only=True):
    pass


class AttributeType(Shape, frozen=True, kw_only=True):
    name: str
    value: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['value'])


class AdminCreateUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    user_attributes: list[AttributeType] | None = None
    validation_data: list[AttributeType] | None = None
    temporary_password: str | None = None
    force_alias_creation: bool | None = None
    message_action: str | None = None
    desired_delivery_mediums: list[str] | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['temporary_password', 'username'])


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


class AdminCreateUserResponse(Shape, frozen=True, kw_only=True):
    user: UserType | None = None


class AdminDeleteSoftwareTokenRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminDeleteSoftwareTokenResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminDeleteUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminDeleteUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    user_attribute_names: list[str]
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminDeleteUserAttributesResponse(Shape, frozen=True, kw_only=True):
    pass


class ProviderUserIdentifierType(Shape, frozen=True, kw_only=True):
    provider_name: str | None = None
    provider_attribute_name: str | None = None
    provider_attribute_value: str | None = None


class AdminDisableProviderForUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    user: ProviderUserIdentifierType


class AdminDisableProviderForUserResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminDisableUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminDisableUserResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminEnableUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminEnableUserResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminForgetDeviceRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    device_key: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetDeviceRequest(Shape, frozen=True, kw_only=True):
    device_key: str
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class DeviceType(Shape, frozen=True, kw_only=True):
    device_key: str | None = None
    device_attributes: list[AttributeType] | None = None
    device_create_date: float | None = None
    device_last_modified_date: float | None = None
    device_last_authenticated_date: float | None = None


class AdminGetDeviceResponse(Shape, frozen=True, kw_only=True):
    device: DeviceType


class AdminGetUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetUserResponse(Shape, frozen=True, kw_only=True, rename=spelled(mfa_options="MFAOptions", user_mfa_setting_list="UserMFASettingList")):
    username: str
    user_attributes: list[AttributeType] | None = None
    user_create_date: float | None = None
    user_last_modified_date: float | None = None
    enabled: bool | None = None
    user_status: str | None = None
    mfa_options: list[MFAOptionType] | None = None
    preferred_mfa_setting: str | None = None
    user_mfa_setting_list: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetUserAuthFactorsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetUserAuthFactorsResponse(Shape, frozen=True, kw_only=True, rename=spelled(user_mfa_setting_list="UserMFASettingList")):
    username: str
    preferred_mfa_setting: str | None = None
    user_mfa_setting_list: list[str] | None = None
    configured_user_auth_factors: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


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


class AdminLinkProviderForUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    destination_user: ProviderUserIdentifierType
    source_user: ProviderUserIdentifierType


class AdminLinkProviderForUserResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminListDevicesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    limit: int | None = None
    pagination_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminListDevicesResponse(Shape, frozen=True, kw_only=True):
    devices: list[DeviceType] | None = None
    pagination_token: str | None = None


class AdminListGroupsForUserRequest(Shape, frozen=True, kw_only=True):
    username: str
    user_pool_id: str
    limit: int | None = None
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class GroupType(Shape, frozen=True, kw_only=True):
    group_name: str | None = None
    user_pool_id: str | None = None
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None


class AdminListGroupsForUserResponse(Shape, frozen=True, kw_only=True):
    groups: list[GroupType] | None = None
    next_token: str | None = None


class AdminListUserAuthEventsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    max_results: int | None = None
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


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


class AdminListUserAuthEventsResponse(Shape, frozen=True, kw_only=True):
    auth_events: list[AuthEventType] | None = None
    next_token: str | None = None


class AdminListUserSessionsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


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


class AdminListUserSessionsResponse(Shape, frozen=True, kw_only=True):
    sessions: list[SessionDescriptionType] | None = None
    next_token: str | None = None


class AdminRemoveUserFromGroupRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    group_name: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminResetUserPasswordRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminResetUserPasswordResponse(Shape, frozen=True, kw_only=True):
    pass


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


class AdminRevokeUserSessionRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    session_id: str
    revoke_associated_sessions: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminRevokeUserSessionResponse(Shape, frozen=True, kw_only=True):
    pass


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


class AdminSetUserMFAPreferenceRequest(Shape, frozen=True, kw_only=True, rename=spelled(sms_mfa_settings="SMSMfaSettings")):
    username: str
    user_pool_id: str
    sms_mfa_settings: SMSMfaSettingsType | None = None
    software_token_mfa_settings: SoftwareTokenMfaSettingsType | None = None
    email_mfa_settings: EmailMfaSettingsType | None = None
    web_authn_mfa_settings: WebAuthnMfaSettingsType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminSetUserMFAPreferenceResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminSetUserPasswordRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    password: str
    permanent: bool | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['password', 'username'])


class AdminSetUserPasswordResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminSetUserSettingsRequest(Shape, frozen=True, kw_only=True, rename=spelled(mfa_options="MFAOptions")):
    user_pool_id: str
    username: str
    mfa_options: list[MFAOptionType]
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminSetUserSettingsResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminUpdateAuthEventFeedbackRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    event_id: str
    feedback_value: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminUpdateAuthEventFeedbackResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminUpdateDeviceStatusRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    device_key: str
    device_remembered_status: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminUpdateDeviceStatusResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminUpdateUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    user_attributes: list[AttributeType]
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminUpdateUserAttributesResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminUserGlobalSignOutRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminUserGlobalSignOutResponse(Shape, frozen=True, kw_only=True):
    pass


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


class CompleteWebAuthnRegistrationRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    credential: Any
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class CompleteWebAuthnRegistrationResponse(Shape, frozen=True, kw_only=True):
    pass


class DeviceSecretVerifierConfigType(Shape, frozen=True, kw_only=True):
    password_verifier: str | None = None
    salt: str | None = None


class ConfirmDeviceRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    device_key: str
    device_secret_verifier_config: DeviceSecretVerifierConfigType | None = None
    device_name: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ConfirmDeviceResponse(Shape, frozen=True, kw_only=True):
    user_confirmation_necessary: bool | None = None


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


class CreateGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None


class CreateGroupResponse(Shape, frozen=True, kw_only=True):
    group: GroupType | None = None


class CreateIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str
    provider_type: str
    provider_details: dict[str, str]
    attribute_mapping: dict[str, str] | None = None
    idp_identifiers: list[str] | None = None
    acr_mapping: dict[str, str] | None = None


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


class CreateIdentityProviderResponse(Shape, frozen=True, kw_only=True):
    identity_provider: IdentityProviderType


class AssetType(Shape, frozen=True, kw_only=True):
    category: str
    color_mode: str
    extension: str
    bytes_: bytes | None = None
    resource_id: str | None = None


class CreateManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    use_cognito_provided_values: bool | None = None
    settings: Any = None
    assets: list[AssetType] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class ManagedLoginBrandingType(Shape, frozen=True, kw_only=True):
    managed_login_branding_id: str | None = None
    user_pool_id: str | None = None
    use_cognito_provided_values: bool | None = None
    settings: Any = None
    assets: list[AssetType] | None = None
    creation_date: float | None = None
    last_modified_date: float | None = None


class CreateManagedLoginBrandingResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: ManagedLoginBrandingType | None = None


class ResourceServerScopeType(Shape, frozen=True, kw_only=True):
    scope_name: str
    scope_description: str


class CreateResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str
    name: str
    scopes: list[ResourceServerScopeType] | None = None


class ResourceServerType(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    identifier: str | None = None
    name: str | None = None
    scopes: list[ResourceServerScopeType] | None = None
    managed_by: str | None = None


class CreateResourceServerResponse(Shape, frozen=True, kw_only=True):
    resource_server: ResourceServerType


class CreateTermsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    terms_name: str
    terms_source: str
    enforcement: str
    links: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


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


class CreateTermsResponse(Shape, frozen=True, kw_only=True):
    terms: TermsType | None = None


class CreateUserImportJobRequest(Shape, frozen=True, kw_only=True):
    job_name: str
    user_pool_id: str
    cloud_watch_logs_role_arn: str
    password_hashing_algorithm: str | None = None


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


class CreateUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: UserImportJobType | None = None


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


class CreateUserPoolRequest(Shape, frozen=True, kw_only=True):
    pool_name: str
    policies: UserPoolPolicyType | None = None
    deletion_protection: str | None = None
    lambda_config: LambdaConfigType | None = None
    auto_verified_attributes: list[str] | None = None
    alias_attributes: list[str] | None = None
    username_attributes: list[str] | None = None
    sms_verification_message: str | None = None
    email_verification_message: str | None = None
    email_verification_subject: str | None = None
    verification_message_template: VerificationMessageTemplateType | None = None
    sms_authentication_message: str | None = None
    mfa_configuration: str | None = None
    user_attribute_update_settings: UserAttributeUpdateSettingsType | None = None
    device_configuration: DeviceConfigurationType | None = None
    email_configuration: EmailConfigurationType | None = None
    sms_configuration: SmsConfigurationType | None = None
    user_pool_tags: dict[str, str] | None = None
    admin_create_user_config: AdminCreateUserConfigType | None = None
    schema: list[SchemaAttributeType] | None = None
    user_pool_add_ons: UserPoolAddOnsType | None = None
    dcr_configuration: DcrConfigurationType | None = None
    username_configuration: UsernameConfigurationType | None = None
    account_recovery_setting: AccountRecoverySettingType | None = None
    user_pool_tier: str | None = None
    key_configuration: KeyConfigurationType | None = None
    issuer_configuration: IssuerConfigurationType | None = None
    acr_configuration: dict[str, AcrLevelConfigType] | None = None


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


class CreateUserPoolResponse(Shape, frozen=True, kw_only=True):
    user_pool: UserPoolType | None = None


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


class CreateUserPoolClientRequest(Shape, frozen=True, kw_only=True, rename=spelled(callback_urls="CallbackURLs", logout_urls="LogoutURLs", default_redirect_uri="DefaultRedirectURI")):
    user_pool_id: str
    client_name: str
    generate_secret: bool | None = None
    client_secret: str | None = None
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
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_secret'])


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


class CreateUserPoolClientResponse(Shape, frozen=True, kw_only=True):
    user_pool_client: UserPoolClientType | None = None


class CustomDomainConfigType(Shape, frozen=True, kw_only=True):
    certificate_arn: str
    security_policy: str | None = None


class FailoverType(Shape, frozen=True, kw_only=True):
    secondary_region: str
    primary_route53_health_check_id: str


class RoutingType(Shape, frozen=True, kw_only=True):
    failover: FailoverType | None = None


class CreateUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str
    user_pool_id: str
    managed_login_version: int | None = None
    custom_domain_config: CustomDomainConfigType | None = None
    routing: RoutingType | None = None


class CreateUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    managed_login_version: int | None = None
    cloud_front_domain: str | None = None
    routing: RoutingType | None = None


class CreateUserPoolReplicaRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    region_name: str
    user_pool_tags: dict[str, str] | None = None


class UserPoolReplicaType(Shape, frozen=True, kw_only=True):
    region_name: str | None = None
    status: str | None = None
    role: str | None = None
    user_pool_arn: str | None = None


class CreateUserPoolReplicaResponse(Shape, frozen=True, kw_only=True):
    user_pool_replica: UserPoolReplicaType | None = None


class DeleteGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str


class DeleteIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str


class DeleteManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    managed_login_branding_id: str
    user_pool_id: str


class DeleteResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str


class DeleteTermsRequest(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str


class DeleteUserRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class DeleteUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_attribute_names: list[str]
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class DeleteUserAttributesResponse(Shape, frozen=True, kw_only=True):
    pass


class DeleteUserPoolRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class DeleteUserPoolClientRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DeleteUserPoolClientSecretRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    client_secret_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DeleteUserPoolClientSecretResponse(Shape, frozen=True, kw_only=True):
    pass


class DeleteUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str
    user_pool_id: str


class DeleteUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    pass


class DeleteUserPoolReplicaRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    region_name: str


class DeleteUserPoolReplicaResponse(Shape, frozen=True, kw_only=True):
    user_pool_replica: UserPoolReplicaType | None = None


class DeleteWebAuthnCredentialRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    credential_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class DeleteWebAuthnCredentialResponse(Shape, frozen=True, kw_only=True):
    pass


class DescribeIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str


class DescribeIdentityProviderResponse(Shape, frozen=True, kw_only=True):
    identity_provider: IdentityProviderType


class DescribeManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    managed_login_branding_id: str
    return_merged_resources: bool | None = None


class DescribeManagedLoginBrandingResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: ManagedLoginBrandingType | None = None


class DescribeManagedLoginBrandingByClientRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    return_merged_resources: bool | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeManagedLoginBrandingByClientResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: ManagedLoginBrandingType | None = None


class DescribeResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str


class DescribeResourceServerResponse(Shape, frozen=True, kw_only=True):
    resource_server: ResourceServerType


class DescribeRiskConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


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


class DescribeRiskConfigurationResponse(Shape, frozen=True, kw_only=True):
    risk_configuration: RiskConfigurationType


class DescribeTermsRequest(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str


class DescribeTermsResponse(Shape, frozen=True, kw_only=True):
    terms: TermsType | None = None


class DescribeTermsByClientRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    user_pool_id: str
    terms_name: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeTermsByClientResponse(Shape, frozen=True, kw_only=True):
    terms: TermsType | None = None


class DescribeUserImportJobRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    job_id: str


class DescribeUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: UserImportJobType | None = None


class DescribeUserPoolRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class DescribeUserPoolResponse(Shape, frozen=True, kw_only=True):
    user_pool: UserPoolType | None = None


class DescribeUserPoolClientRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeUserPoolClientResponse(Shape, frozen=True, kw_only=True):
    user_pool_client: UserPoolClientType | None = None


class DescribeUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str


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


class DescribeUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    domain_description: DomainDescriptionType | None = None


class ForgetDeviceRequest(Shape, frozen=True, kw_only=True):
    device_key: str
    access_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


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


class GetCSVHeaderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetCSVHeaderResponse(Shape, frozen=True, kw_only=True, rename=spelled(csv_header="CSVHeader")):
    user_pool_id: str | None = None
    csv_header: list[str] | None = None


class GetClientTokenRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    secret: str
    scopes: list[str] | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'secret'])


class ClientAuthenticationResultType(Shape, frozen=True, kw_only=True):
    access_token: str | None = None
    expires_in: int | None = None
    token_type: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetClientTokenResponse(Shape, frozen=True, kw_only=True):
    client_authentication_result: ClientAuthenticationResultType | None = None


class GetDerivedTokenRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    subject_token: str
    subject_token_type: str
    client_secret: str | None = None
    subject_token_provider_name: str | None = None
    actor_token: str | None = None
    actor_token_type: str | None = None
    actor_token_provider_name: str | None = None
    scopes: list[str] | None = None
    audiences: list[str] | None = None
    resources: list[str] | None = None
    requested_token_type: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['actor_token', 'client_id', 'client_secret', 'subject_token'])


class GetDerivedTokenResponse(Shape, frozen=True, kw_only=True):
    issued_token: str
    issued_token_type: str
    token_type: str
    expires_in: int | None = None
    scopes: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['issued_token'])


class GetDeviceRequest(Shape, frozen=True, kw_only=True):
    device_key: str
    access_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetDeviceResponse(Shape, frozen=True, kw_only=True):
    device: DeviceType


class GetGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str


class GetGroupResponse(Shape, frozen=True, kw_only=True):
    group: GroupType | None = None


class GetIdentityProviderByIdentifierRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    idp_identifier: str


class GetIdentityProviderByIdentifierResponse(Shape, frozen=True, kw_only=True):
    identity_provider: IdentityProviderType


class GetLogDeliveryConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


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


class GetLogDeliveryConfigurationResponse(Shape, frozen=True, kw_only=True):
    log_delivery_configuration: LogDeliveryConfigurationType | None = None


class LimitDefinitionType(Shape, frozen=True, kw_only=True):
    limit_class: str
    attributes: dict[str, str]


class GetProvisionedLimitRequest(Shape, frozen=True, kw_only=True):
    limit_definition: LimitDefinitionType


class LimitType(Shape, frozen=True, kw_only=True):
    limit_definition: LimitDefinitionType
    provisioned_limit_value: int
    free_limit_value: int


class GetProvisionedLimitResponse(Shape, frozen=True, kw_only=True):
    limit: LimitType


class GetSigningCertificateRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetSigningCertificateResponse(Shape, frozen=True, kw_only=True):
    certificate: str | None = None


class GetTokensFromRefreshTokenRequest(Shape, frozen=True, kw_only=True):
    refresh_token: str
    client_id: str
    client_secret: str | None = None
    device_key: str | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'client_secret', 'refresh_token'])


class GetTokensFromRefreshTokenResponse(Shape, frozen=True, kw_only=True):
    authentication_result: AuthenticationResultType | None = None


class GetUICustomizationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class UICustomizationType(Shape, frozen=True, kw_only=True, rename=spelled(css="CSS", css_version="CSSVersion")):
    user_pool_id: str | None = None
    client_id: str | None = None
    image_url: str | None = None
    css: str | None = None
    css_version: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class GetUICustomizationResponse(Shape, frozen=True, kw_only=True, rename=spelled(ui_customization="UICustomization")):
    ui_customization: UICustomizationType


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


class GetUserPoolClientSessionConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class ClientSSOSessionConfigType(Shape, frozen=True, kw_only=True):
    max_validity_minutes: int


class GetUserPoolClientSessionConfigurationResponse(Shape, frozen=True, kw_only=True, rename=spelled(sso_session="SSOSession")):
    user_pool_id: str | None = None
    client_id: str | None = None
    sso_session: ClientSSOSessionConfigType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class GetUserPoolMfaConfigRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


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


class GetUserPoolMfaConfigResponse(Shape, frozen=True, kw_only=True):
    sms_mfa_configuration: SmsMfaConfigType | None = None
    software_token_mfa_configuration: SoftwareTokenMfaConfigType | None = None
    email_mfa_configuration: EmailMfaConfigType | None = None
    mfa_configuration: str | None = None
    web_authn_configuration: WebAuthnConfigurationType | None = None


class GetUserPoolSessionConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class UserPoolTokenSessionConfigType(Shape, frozen=True, kw_only=True):
    max_per_user: int


class GetUserPoolSessionConfigurationResponse(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    user_session_tracking: str | None = None
    token_session: UserPoolTokenSessionConfigType | None = None


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


class ListDevicesRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    limit: int | None = None
    pagination_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ListDevicesResponse(Shape, frozen=True, kw_only=True):
    devices: list[DeviceType] | None = None
    pagination_token: str | None = None


class ListGroupsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    limit: int | None = None
    next_token: str | None = None


class ListGroupsResponse(Shape, frozen=True, kw_only=True):
    groups: list[GroupType] | None = None
    next_token: str | None = None


class ListIdentityProvidersRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None


class ProviderDescription(Shape, frozen=True, kw_only=True):
    provider_name: str | None = None
    provider_type: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None


class ListIdentityProvidersResponse(Shape, frozen=True, kw_only=True):
    providers: list[ProviderDescription]
    next_token: str | None = None


class ListResourceServersRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None


class ListResourceServersResponse(Shape, frozen=True, kw_only=True):
    resource_servers: list[ResourceServerType]
    next_token: str | None = None


class ListTagsForResourceRequest(Shape, frozen=True, kw_only=True):
    resource_arn: str


class ListTagsForResourceResponse(Shape, frozen=True, kw_only=True):
    tags: dict[str, str] | None = None


class ListTermsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None


class TermsDescriptionType(Shape, frozen=True, kw_only=True):
    terms_id: str
    terms_name: str
    enforcement: str
    creation_date: float
    last_modified_date: float


class ListTermsResponse(Shape, frozen=True, kw_only=True):
    terms: list[TermsDescriptionType]
    next_token: str | None = None


class ListUserImportJobsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int
    pagination_token: str | None = None


class ListUserImportJobsResponse(Shape, frozen=True, kw_only=True):
    user_import_jobs: list[UserImportJobType] | None = None
    pagination_token: str | None = None


class ListUserPoolClientSecretsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class ListUserPoolClientSecretsResponse(Shape, frozen=True, kw_only=True):
    client_secrets: list[ClientSecretDescriptorType] | None = None
    next_token: str | None = None


class ListUserPoolClientsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None
    client_type: str | None = None


class UserPoolClientDescription(Shape, frozen=True, kw_only=True):
    client_id: str | None = None
    user_pool_id: str | None = None
    client_name: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class ListUserPoolClientsResponse(Shape, frozen=True, kw_only=True):
    user_pool_clients: list[UserPoolClientDescription] | None = None
    next_token: str | None = None


class ListUserPoolReplicasRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    next_token: str | None = None


class ListUserPoolReplicasResponse(Shape, frozen=True, kw_only=True):
    user_pool_replicas: list[UserPoolReplicaType] | None = None
    next_token: str | None = None


class ListUserPoolsRequest(Shape, frozen=True, kw_only=True):
    max_results: int
    next_token: str | None = None


class UserPoolDescriptionType(Shape, frozen=True, kw_only=True):
    id: str | None = None
    name: str | None = None
    lambda_config: LambdaConfigType | None = None
    status: str | None = None
    last_modified_date: float | None = None
    creation_date: float | None = None
    replica_regions: list[str] | None = None


class ListUserPoolsResponse(Shape, frozen=True, kw_only=True):
    user_pools: list[UserPoolDescriptionType] | None = None
    next_token: str | None = None


class ListUserSessionsRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ListUserSessionsResponse(Shape, frozen=True, kw_only=True):
    sessions: list[SessionDescriptionType] | None = None
    next_token: str | None = None


class ListUsersRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    attributes_to_get: list[str] | None = None
    limit: int | None = None
    pagination_token: str | None = None
    filter: str | None = None


class ListUsersResponse(Shape, frozen=True, kw_only=True):
    users: list[UserType] | None = None
    pagination_token: str | None = None


class ListUsersInGroupRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    group_name: str
    limit: int | None = None
    next_token: str | None = None


class ListUsersInGroupResponse(Shape, frozen=True, kw_only=True):
    users: list[UserType] | None = None
    next_token: str | None = None


class ListWebAuthnCredentialsRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    next_token: str | None = None
    max_results: int | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class WebAuthnCredentialDescription(Shape, frozen=True, kw_only=True):
    credential_id: str
    friendly_credential_name: str
    relying_party_id: str
    authenticator_transports: list[str]
    created_at: float
    authenticator_attachment: str | None = None


class ListWebAuthnCredentialsResponse(Shape, frozen=True, kw_only=True):
    credentials: list[WebAuthnCredentialDescription]
    next_token: str | None = None


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


class RevokeUserSessionRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    session_id: str
    revoke_associated_sessions: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class RevokeUserSessionResponse(Shape, frozen=True, kw_only=True):
    pass


class SetLogDeliveryConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    log_configurations: list[LogConfigurationType]


class SetLogDeliveryConfigurationResponse(Shape, frozen=True, kw_only=True):
    log_delivery_configuration: LogDeliveryConfigurationType | None = None


class SetRiskConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str | None = None
    compromised_credentials_risk_configuration: CompromisedCredentialsRiskConfigurationType | None = None
    account_takeover_risk_configuration: AccountTakeoverRiskConfigurationType | None = None
    risk_exception_configuration: RiskExceptionConfigurationType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetRiskConfigurationResponse(Shape, frozen=True, kw_only=True):
    risk_configuration: RiskConfigurationType


class SetUICustomizationRequest(Shape, frozen=True, kw_only=True, rename=spelled(css="CSS")):
    user_pool_id: str
    client_id: str | None = None
    css: str | None = None
    image_file: bytes | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetUICustomizationResponse(Shape, frozen=True, kw_only=True, rename=spelled(ui_customization="UICustomization")):
    ui_customization: UICustomizationType


class SetUserMFAPreferenceRequest(Shape, frozen=True, kw_only=True, rename=spelled(sms_mfa_settings="SMSMfaSettings")):
    access_token: str
    sms_mfa_settings: SMSMfaSettingsType | None = None
    software_token_mfa_settings: SoftwareTokenMfaSettingsType | None = None
    email_mfa_settings: EmailMfaSettingsType | None = None
    web_authn_mfa_settings: WebAuthnMfaSettingsType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class SetUserMFAPreferenceResponse(Shape, frozen=True, kw_only=True):
    pass


class SetUserPoolClientSessionConfigurationRequest(Shape, frozen=True, kw_only=True, rename=spelled(sso_session="SSOSession")):
    user_pool_id: str
    client_id: str
    sso_session: ClientSSOSessionConfigType
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetUserPoolClientSessionConfigurationResponse(Shape, frozen=True, kw_only=True, rename=spelled(sso_session="SSOSession")):
    user_pool_id: str | None = None
    client_id: str | None = None
    sso_session: ClientSSOSessionConfigType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetUserPoolMfaConfigRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    sms_mfa_configuration: SmsMfaConfigType | None = None
    software_token_mfa_configuration: SoftwareTokenMfaConfigType | None = None
    email_mfa_configuration: EmailMfaConfigType | None = None
    mfa_configuration: str | None = None
    web_authn_configuration: WebAuthnConfigurationType | None = None


class SetUserPoolMfaConfigResponse(Shape, frozen=True, kw_only=True):
    sms_mfa_configuration: SmsMfaConfigType | None = None
    software_token_mfa_configuration: SoftwareTokenMfaConfigType | None = None
    email_mfa_configuration: EmailMfaConfigType | None = None
    mfa_configuration: str | None = None
    web_authn_configuration: WebAuthnConfigurationType | None = None


class SetUserPoolSessionConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    user_session_tracking: str
    token_session: UserPoolTokenSessionConfigType


class SetUserPoolSessionConfigurationResponse(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    user_session_tracking: str | None = None
    token_session: UserPoolTokenSessionConfigType | None = None


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


class StartUserImportJobRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    job_id: str


class StartUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: UserImportJobType | None = None


class StartWebAuthnRegistrationRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class StartWebAuthnRegistrationResponse(Shape, frozen=True, kw_only=True):
    credential_creation_options: Any


class StopUserImportJobRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    job_id: str


class StopUserImportJobResponse(Shape, frozen=True, kw_only=True):
    user_import_job: UserImportJobType | None = None


class TagResourceRequest(Shape, frozen=True, kw_only=True):
    resource_arn: str
    tags: dict[str, str]


class TagResourceResponse(Shape, frozen=True, kw_only=True):
    pass


class UntagResourceRequest(Shape, frozen=True, kw_only=True):
    resource_arn: str
    tag_keys: list[str]


class UntagResourceResponse(Shape, frozen=True, kw_only=True):
    pass


class UpdateAuthEventFeedbackRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    event_id: str
    feedback_token: str
    feedback_value: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['feedback_token', 'username'])


class UpdateAuthEventFeedbackResponse(Shape, frozen=True, kw_only=True):
    pass


class UpdateDeviceStatusRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    device_key: str
    device_remembered_status: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class UpdateDeviceStatusResponse(Shape, frozen=True, kw_only=True):
    pass


class UpdateGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None


class UpdateGroupResponse(Shape, frozen=True, kw_only=True):
    group: GroupType | None = None


class UpdateIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str
    provider_details: dict[str, str] | None = None
    attribute_mapping: dict[str, str] | None = None
    idp_identifiers: list[str] | None = None
    acr_mapping: dict[str, str] | None = None


class UpdateIdentityProviderResponse(Shape, frozen=True, kw_only=True):
    identity_provider: IdentityProviderType


class UpdateManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    managed_login_branding_id: str | None = None
    use_cognito_provided_values: bool | None = None
    settings: Any = None
    assets: list[AssetType] | None = None


class UpdateManagedLoginBrandingResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: ManagedLoginBrandingType | None = None


class UpdateProvisionedLimitRequest(Shape, frozen=True, kw_only=True):
    limit_definition: LimitDefinitionType
    requested_limit_value: int


class UpdateProvisionedLimitResponse(Shape, frozen=True, kw_only=True):
    limit: LimitType


class UpdateResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str
    name: str
    scopes: list[ResourceServerScopeType] | None = None


class UpdateResourceServerResponse(Shape, frozen=True, kw_only=True):
    resource_server: ResourceServerType


class UpdateTermsRequest(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str
    terms_name: str | None = None
    terms_source: str | None = None
    enforcement: str | None = None
    links: dict[str, str] | None = None


class UpdateTermsResponse(Shape, frozen=True, kw_only=True):
    terms: TermsType | None = None


class UpdateUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_attributes: list[AttributeType]
    access_token: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class UpdateUserAttributesResponse(Shape, frozen=True, kw_only=True):
    code_delivery_details_list: list[CodeDeliveryDetailsType] | None = None


class UpdateUserPoolRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    policies: UserPoolPolicyType | None = None
    deletion_protection: str | None = None
    lambda_config: LambdaConfigType | None = None
    auto_verified_attributes: list[str] | None = None
    sms_verification_message: str | None = None
    email_verification_message: str | None = None
    email_verification_subject: str | None = None
    verification_message_template: VerificationMessageTemplateType | None = None
    sms_authentication_message: str | None = None
    user_attribute_update_settings: UserAttributeUpdateSettingsType | None = None
    mfa_configuration: str | None = None
    device_configuration: DeviceConfigurationType | None = None
    email_configuration: EmailConfigurationType | None = None
    sms_configuration: SmsConfigurationType | None = None
    user_pool_tags: dict[str, str] | None = None
    admin_create_user_config: AdminCreateUserConfigType | None = None
    user_pool_add_ons: UserPoolAddOnsType | None = None
    dcr_configuration: DcrConfigurationType | None = None
    account_recovery_setting: AccountRecoverySettingType | None = None
    pool_name: str | None = None
    user_pool_tier: str | None = None
    key_configuration: KeyConfigurationType | None = None
    issuer_configuration: IssuerConfigurationType | None = None
    acr_configuration: dict[str, AcrLevelConfigType] | None = None


class UpdateUserPoolResponse(Shape, frozen=True, kw_only=True):
    pass


class UpdateUserPoolClientRequest(Shape, frozen=True, kw_only=True, rename=spelled(callback_urls="CallbackURLs", logout_urls="LogoutURLs", default_redirect_uri="DefaultRedirectURI")):
    user_pool_id: str
    client_id: str
    client_name: str | None = None
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
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class UpdateUserPoolClientResponse(Shape, frozen=True, kw_only=True):
    user_pool_client: UserPoolClientType | None = None


class UpdateUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str
    user_pool_id: str
    managed_login_version: int | None = None
    custom_domain_config: CustomDomainConfigType | None = None
    routing: RoutingType | None = None


class UpdateUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    managed_login_version: int | None = None
    cloud_front_domain: str | None = None
    routing: RoutingType | None = None


class UpdateUserPoolReplicaRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    region_name: str
    status: str


class UpdateUserPoolReplicaResponse(Shape, frozen=True, kw_only=True):
    user_pool_replica: UserPoolReplicaType | None = None


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
