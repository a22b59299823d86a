"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AdminConfirmSignUpRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminConfirmSignUpResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminCreateUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    user_attributes: list[shapes.AttributeType] | None = None
    validation_data: list[shapes.AttributeType] | None = None
    temporary_password: str | None = None
    force_alias_creation: bool | None = None
    message_action: str | None = None
    desired_delivery_mediums: list[str] | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['temporary_password', 'username'])


class AdminCreateUserResponse(Shape, frozen=True, kw_only=True):
    user: shapes.UserType | None = None


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


class AdminGetUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetUserResponse(Shape, frozen=True, kw_only=True, rename=spelled(mfa_options="MFAOptions", user_mfa_setting_list="UserMFASettingList")):
    username: str
    user_attributes: list[shapes.AttributeType] | None = None
    user_create_date: float | None = None
    user_last_modified_date: float | None = None
    enabled: bool | None = None
    user_status: str | None = None
    mfa_options: list[shapes.MFAOptionType] | None = None
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


class AdminResetUserPasswordRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminResetUserPasswordResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminSetUserMFAPreferenceRequest(Shape, frozen=True, kw_only=True, rename=spelled(sms_mfa_settings="SMSMfaSettings")):
    username: str
    user_pool_id: str
    sms_mfa_settings: shapes.SMSMfaSettingsType | None = None
    software_token_mfa_settings: shapes.SoftwareTokenMfaSettingsType | None = None
    email_mfa_settings: shapes.EmailMfaSettingsType | None = None
    web_authn_mfa_settings: shapes.WebAuthnMfaSettingsType | None = None
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
    mfa_options: list[shapes.MFAOptionType]
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminSetUserSettingsResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminUpdateUserAttributesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    user_attributes: list[shapes.AttributeType]
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


class ListUsersRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    attributes_to_get: list[str] | None = None
    limit: int | None = None
    pagination_token: str | None = None
    filter: str | None = None


class ListUsersResponse(Shape, frozen=True, kw_only=True):
    users: list[shapes.UserType] | None = None
    pagination_token: str | None = None
