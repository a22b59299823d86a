"""The factors, the devices and the sessions of a user, as his page lists them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.pool.console.calls import call, list_all
from poolhouse.pool.console.context import Visit
from poolhouse.pool.flows import consent, people

_FACTORS: Final = (
    # (as AdminGetUserAuthFactors calls what is available, and what is switched on as MFA; what a person calls it)
    ("PASSWORD", "", "Password"),
    ("WEB_AUTHN", "", "Passkey"),
    ("EMAIL_OTP", "EMAIL_OTP", "Email message one-time password"),
    ("SMS_OTP", "SMS_MFA", "SMS message one-time password"),
    ("SOFTWARE_TOKEN", "SOFTWARE_TOKEN_MFA", "Software token"),
)


class Factor(msgspec.Struct, frozen=True):
    """``available``: it is asked for in this pool as it is now; ``mfa`` is "", "Enabled" or "Preferred"."""

    name: str
    label: str
    available: bool
    mfa: str


async def factors(visit: Visit, of_user: Mapping[str, Any]) -> list[Factor]:
    """What the user has. Which passkeys he has, the service tells only him (ListWebAuthnCredentials)."""
    described = await call(visit, "AdminGetUserAuthFactors", **of_user)
    available = described.get("ConfiguredUserAuthFactors") or []
    enabled = described.get("UserMFASettingList") or []
    preferred = described.get("PreferredMfaSetting")
    return [
        Factor(
            name, label, name in available, "" if mfa not in enabled else "Preferred" if mfa == preferred else "Enabled"
        )
        for name, mfa, label in _FACTORS
        if name in available or mfa in enabled
    ]


async def devices(visit: Visit, pool: Mapping[str, Any], of_user: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """With their attributes by name; None where the pool tracks none."""
    if pool.get("DeviceConfiguration") is None:
        return None
    found = await list_all(visit, "AdminListDevices", **of_user)
    return [{**each, "named": {one["Name"]: one["Value"] for one in each["DeviceAttributes"]}} for each in found]


async def sessions(visit: Visit, of_user: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """None where the pool tracks none."""
    described = await call(visit, "GetUserPoolSessionConfiguration", UserPoolId=visit.pool_id)
    if described["UserSessionTracking"] != "ENABLED":
        return None
    found: list[dict[str, Any]] = (await call(visit, "AdminListUserSessions", **of_user))["Sessions"]
    return found


async def consents(visit: Visit, of_user: Mapping[str, Any]) -> list[consent.Given]:
    """The apps of third parties that the user has agreed to let in."""
    entry = await visit.flow.directory.find_pool(of_user["UserPoolId"])
    if entry is None:
        return []
    return await consent.list_given(visit.flow, await people.get(visit.flow, entry.pool, of_user["Username"]))
