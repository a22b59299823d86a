"""
All operations that this server offers, by name.

Those of signing in are imported at the start. The others are for administrators, or are called once in a while, and
are imported, a module at a time, when the first of them is called: a pool server at rest holds a tenth of the API.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final

from poolhouse.pool.api.operations import Operation, collect

MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "pools": (
        "CreateUserPool", "DescribeUserPool", "UpdateUserPool", "DeleteUserPool", "ListUserPools",
        "AddCustomAttributes",
    ),
    "mfa": ("GetUserPoolMfaConfig", "SetUserPoolMfaConfig"),
    "tags": ("TagResource", "UntagResource", "ListTagsForResource"),
    "clients": (
        "CreateUserPoolClient", "DescribeUserPoolClient", "UpdateUserPoolClient", "DeleteUserPoolClient",
        "ListUserPoolClients",
    ),
    "client_tokens": ("GetClientToken", "GetDerivedToken"),
    "client_secrets": ("AddUserPoolClientSecret", "ListUserPoolClientSecrets", "DeleteUserPoolClientSecret"),
    "domains": ("CreateUserPoolDomain", "DescribeUserPoolDomain", "UpdateUserPoolDomain", "DeleteUserPoolDomain"),
    "resource_servers": (
        "CreateResourceServer", "DescribeResourceServer", "UpdateResourceServer", "DeleteResourceServer",
        "ListResourceServers",
    ),
    "identity_providers": (
        "CreateIdentityProvider", "DescribeIdentityProvider", "UpdateIdentityProvider", "DeleteIdentityProvider",
        "ListIdentityProviders", "GetIdentityProviderByIdentifier", "GetSigningCertificate",
    ),
    "linking": ("AdminLinkProviderForUser", "AdminDisableProviderForUser"),
    "groups": (
        "CreateGroup", "GetGroup", "UpdateGroup", "DeleteGroup", "ListGroups", "ListUsersInGroup",
        "AdminListGroupsForUser", "AdminAddUserToGroup", "AdminRemoveUserFromGroup",
    ),
    "users": ("AdminCreateUser", "AdminGetUser", "ListUsers"),
    "users_write": (
        "AdminSetUserPassword", "AdminUpdateUserAttributes", "AdminDeleteUserAttributes", "AdminEnableUser",
        "AdminDisableUser", "AdminDeleteUser", "AdminResetUserPassword", "AdminConfirmSignUp",
        "AdminUserGlobalSignOut",
    ),
    "imports": (
        "CreateUserImportJob", "StartUserImportJob", "StopUserImportJob", "DescribeUserImportJob",
        "ListUserImportJobs", "GetCSVHeader",
    ),
    "auth": ("InitiateAuth", "AdminInitiateAuth", "RespondToAuthChallenge", "AdminRespondToAuthChallenge"),
    "tokens": ("GetTokensFromRefreshToken", "RevokeToken", "GlobalSignOut"),
    "devices": (
        "ConfirmDevice", "GetDevice", "ListDevices", "ForgetDevice", "UpdateDeviceStatus", "AdminGetDevice",
        "AdminListDevices", "AdminForgetDevice", "AdminUpdateDeviceStatus",
    ),
    "sessions": (
        "GetUserPoolSessionConfiguration", "SetUserPoolSessionConfiguration", "GetUserPoolClientSessionConfiguration",
        "SetUserPoolClientSessionConfiguration", "ListUserSessions", "RevokeUserSession", "AdminListUserSessions",
        "AdminRevokeUserSession",
    ),
    "factors": ("AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference", "AdminSetUserMFAPreference"),
    "user_factors": (
        "GetUserAuthFactors", "AdminGetUserAuthFactors", "AdminDeleteSoftwareToken", "SetUserSettings",
        "AdminSetUserSettings",
    ),
    "passkeys": (
        "StartWebAuthnRegistration", "CompleteWebAuthnRegistration", "ListWebAuthnCredentials",
        "DeleteWebAuthnCredential",
    ),
    "sign_up": ("SignUp", "ConfirmSignUp", "ResendConfirmationCode", "ForgotPassword", "ConfirmForgotPassword"),
    "profile": (
        "GetUser", "UpdateUserAttributes", "DeleteUserAttributes", "GetUserAttributeVerificationCode",
        "VerifyUserAttribute", "ChangePassword", "DeleteUser",
    ),
    "branding": (
        "CreateManagedLoginBranding", "UpdateManagedLoginBranding", "DeleteManagedLoginBranding",
        "DescribeManagedLoginBranding", "DescribeManagedLoginBrandingByClient", "GetUICustomization",
        "SetUICustomization",
    ),
    "terms": ("CreateTerms", "DescribeTerms", "DescribeTermsByClient", "UpdateTerms", "DeleteTerms", "ListTerms"),
    "replicas": ("CreateUserPoolReplica", "UpdateUserPoolReplica", "DeleteUserPoolReplica", "ListUserPoolReplicas"),
    "provisioned": ("GetProvisionedLimit", "UpdateProvisionedLimit"),
    "risk": (
        "SetRiskConfiguration", "DescribeRiskConfiguration", "AdminListUserAuthEvents",
        "AdminUpdateAuthEventFeedback", "UpdateAuthEventFeedback", "SetLogDeliveryConfiguration",
        "GetLogDeliveryConfiguration",
    ),
}  # fmt: skip
"""Modules of this package, and the operations of each."""
AT_THE_START: Final = ("auth", "tokens", "sign_up", "profile", "factors")


class _Catalogue(Mapping[str, Operation]):
    def __init__(self) -> None:
        self._module_of = {name: module for module, names in MODULES.items() for name in names}
        self._found: dict[str, Operation] = {}
        for module in AT_THE_START:
            self._load(module)

    def __getitem__(self, name: str) -> Operation:
        if name not in self._found:
            self._load(self._module_of[name])
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_of)

    def __len__(self) -> int:
        return len(self._module_of)

    def _load(self, module: str) -> None:
        self._found |= collect([import_module(f"poolhouse.pool.api.{module}")])


OPERATIONS: Final[Mapping[str, Operation]] = _Catalogue()
