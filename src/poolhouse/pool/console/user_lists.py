"""The devices and the sessions of a user, as his page lists them."""

from collections.abc import Mapping
from typing import Any

from poolhouse.pool.console.calls import call, list_all
from poolhouse.pool.console.context import Visit


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
