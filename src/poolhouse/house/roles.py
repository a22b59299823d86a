"""
What somebody may do in Admin Settings.

A role is a name for some powers.  Accounts and groups have roles, and what a person may do is the union.  Nobody gives
away, or changes a person who has, a power that they do not have themselves: so nobody climbs.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType

import msgspec

ADMINISTRATOR = "administrator"
USER_ADMINISTRATOR = "user-administrator"
APP_ADMINISTRATOR = "app-administrator"
AUDITOR = "auditor"
DEFAULT = "default"


class Power(Enum):
    """A part of Admin Settings; the value is how pages say it."""

    INSTANCE = "Change every setting of the house"
    PEOPLE = "Manage users, groups and invitations"
    APPS = "Add, change and remove apps"
    AUDIT = "Read the audit log"


class Role(msgspec.Struct, frozen=True):
    """A built-in role.  *id* is what is stored."""

    id: str
    name: str
    description: str
    powers: frozenset[Power]


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        role.id: role
        for role in (
            Role(ADMINISTRATOR, "Instance Administrator", "Everything in Admin Settings.", frozenset(Power)),
            Role(
                USER_ADMINISTRATOR,
                "User Administrator",
                "Users, groups and invitations; not people who have more rights, nor how people sign in.",
                frozenset({Power.PEOPLE}),
            ),
            Role(
                APP_ADMINISTRATOR,
                "App Administrator",
                "Apps and who may open them; not at the house's own address.",
                frozenset({Power.APPS}),
            ),
            Role(AUDITOR, "Auditor", "The audit log, to read.", frozenset({Power.AUDIT})),
            Role(DEFAULT, "Default", "Everybody: the home page, the apps, their own account.", frozenset()),
        )
    }
)
GRANTED = tuple(role for role in ROLES.values() if role.id != DEFAULT)
"""The roles that are given to some; the default one everybody has."""


def powers_of(roles: Iterable[str]) -> frozenset[Power]:
    """The union; a role that this version does not know gives nothing."""
    return frozenset[Power]().union(*(ROLES[role].powers for role in roles if role in ROLES))


def covers(own: frozenset[Power], roles: Iterable[str]) -> bool:
    """Whether somebody with these powers may give these roles, take them, or change whoever has them."""
    return powers_of(roles) <= own
