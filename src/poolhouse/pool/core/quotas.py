"""
Request rates by category: which operation counts where, and the arithmetic.

Source: developer guide, "Quotas in Amazon Cognito".

A token bucket holds what may come at once: a second's worth of its rate.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

AWS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "UserAuthentication": 120,
        "UserCreation": 50,
        "UserFederation": 25,
        "UserAccountRecovery": 30,
        "UserRead": 120,
        "UserUpdate": 25,
        "UserToken": 120,
        "UserList": 30,
        "ClientAuthentication": 150,
    }
)
"""The service's rates, in requests a second."""
OF_USER: Final[Mapping[str, int]] = MappingProxyType({"ReadsOfUser": 10, "WritesOfUser": 10})
"""The same for the operations on one user.  The names are ours: the service has none for them."""

_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "UserAuthentication": (
            "AdminInitiateAuth", "AdminRespondToAuthChallenge", "InitiateAuth", "RespondToAuthChallenge",
        ),
        "UserCreation": ("AdminConfirmSignUp", "AdminCreateUser", "ConfirmSignUp", "SignUp"),
        "UserAccountRecovery": (
            "AdminResetUserPassword", "AdminSetUserPassword", "ChangePassword", "ConfirmForgotPassword",
            "ForgotPassword",
        ),
        "UserRead": ("AdminGetUser", "GetUser"),
        "UserUpdate": (
            "AdminAddUserToGroup", "AdminDeleteUser", "AdminDeleteUserAttributes", "AdminDisableProviderForUser",
            "AdminDisableUser", "AdminEnableUser", "AdminLinkProviderForUser", "AdminRemoveUserFromGroup",
            "AdminUpdateUserAttributes", "AdminUserGlobalSignOut", "DeleteUser", "DeleteUserAttributes",
            "GlobalSignOut", "UpdateUserAttributes", "VerifyUserAttribute",
        ),
        "UserToken": ("GetTokensFromRefreshToken", "RevokeToken"),
        "UserList": (
            "AdminListDevices", "AdminListGroupsForUser", "ListDevices", "ListGroups", "ListUsers", "ListUsersInGroup",
        ),
        "ClientAuthentication": ("GetClientToken",),
    }
)  # fmt: skip
_READS_OF_USER: Final = frozenset(
    {
        "AdminGetDevice", "AdminGetUser", "AdminListDevices", "AdminListGroupsForUser", "AdminListUserAuthEvents",
        "GetDevice", "GetUser", "GetUserAuthFactors", "ListDevices", "ListWebAuthnCredentials",
    }
)  # fmt: skip
_WRITES_OF_USER: Final = frozenset(
    {
        *_OPERATIONS["UserUpdate"], *_OPERATIONS["UserAccountRecovery"], "AdminConfirmSignUp", "AdminForgetDevice",
        "AdminSetUserMFAPreference", "AdminSetUserSettings", "AdminUpdateDeviceStatus", "AssociateSoftwareToken",
        "CompleteWebAuthnRegistration", "ConfirmDevice", "DeleteWebAuthnCredential", "ForgetDevice",
        "GetUserAttributeVerificationCode", "SetUserMFAPreference", "SetUserSettings", "StartWebAuthnRegistration",
        "UpdateDeviceStatus", "VerifySoftwareToken",
    }
)  # fmt: skip
_CATEGORIES: Final = {name: category for category, names in _OPERATIONS.items() for name in names}
_REFRESH: Final = frozenset({"REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"})


class Bucket(msgspec.Struct, frozen=True):
    """Thousandths of requests that may come now, as of *at_ms*."""

    held: int
    at_ms: int


def category_of(operation: str, body: Any) -> str | None:
    """Give the category in which a request counts; a refresh by InitiateAuth counts as one, not as a sign-in."""
    category = _CATEGORIES.get(operation)
    if category == "UserAuthentication" and type(body) is dict and body.get("AuthFlow") in _REFRESH:
        return "UserToken"
    return category


def kind_of(operation: str) -> str | None:
    """Whether an operation reads or writes one user; None for others, among them signing in, which locks out itself."""
    if operation in _READS_OF_USER:
        return "ReadsOfUser"
    return "WritesOfUser" if operation in _WRITES_OF_USER else None


def take(bucket: Bucket | None, rate: int, now_ms: int) -> tuple[Bucket, bool]:
    """Take one request out of *bucket*, None for a full one; whether there was one to take."""
    full = rate * 1000
    # A clock that was set back fills nothing and empties nothing.
    held = full if bucket is None else min(full, bucket.held + rate * max(now_ms - bucket.at_ms, 0))
    allowed = held >= 1000
    return Bucket(held - 1000 if allowed else held, now_ms), allowed


def read_rates(text: str) -> dict[str, int]:
    """
    The rates that a setting names: ``off``, ``aws``, and ``Category=number``, with commas between; the later wins.

    ``ValueError`` names what is none.
    """
    rates: dict[str, int] = {}
    for part in (each.strip() for each in text.split(",")):
        name, equals, value = part.partition("=")
        if part in {"off", ""}:
            rates.clear()
        elif part == "aws":
            rates.update({**AWS, **OF_USER})
        elif name not in AWS and name not in OF_USER:
            raise ValueError(f"there is no category {name!r}; there are {', '.join((*AWS, *OF_USER))}")
        elif not equals or not value.isascii() or not value.isdigit() or not 1 <= int(value[:7]) <= 1_000_000:
            raise ValueError(f"{part!r}: give requests a second, such as {name}=100")
        else:
            rates[name] = int(value)
    return rates
