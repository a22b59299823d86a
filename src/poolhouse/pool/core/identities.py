"""
Identities that are linked to a user: what may be linked, and how the ``identities`` attribute shows it.

AWS API: AdminLinkProviderForUser, AdminDisableProviderForUser.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from poolhouse.pool.core.identity_providers import SOCIAL
from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.model.provider import SUBJECT, IdentityProvider, LinkedIdentity

ATTRIBUTE: Final = "identities"
LOCAL: Final = "Cognito"
PER_USER: Final = 5
PER_PROVIDER: Final = 5
"""Of how many attributes the identities of one provider may be linked by."""
VALUE_LIMIT: Final = 2048


def is_local(provider: str | None) -> bool:
    """Whether a provider's name means the pool's own users."""
    return (provider or "").casefold() == LOCAL.casefold()


def check_source(provider: IdentityProvider, attribute: str) -> Refusal | None:
    """
    By what an identity may be linked: its subject, or an attribute of the pool that the provider fills.

    A social provider is trusted for its subject alone.
    """
    if attribute == SUBJECT:
        return None
    if provider.type in SOCIAL:
        return invalid_parameter(f"ProviderAttributeName must be {SUBJECT} for the provider {provider.name}.")
    if attribute not in provider.mapping or attribute == "username":
        return invalid_parameter(
            f"ProviderAttributeName {attribute} is not mapped to an attribute of the provider {provider.name}."
        )
    return None


def check_value(value: str | None) -> Refusal | None:
    if not value or len(value) > VALUE_LIMIT or not value.isprintable():
        return invalid_parameter("ProviderAttributeValue is missing or not valid.")
    return None


def shown(linked: Sequence[LinkedIdentity], types: Mapping[str, str], former: str | None) -> str:
    """
    The attribute's value; what it said of an identity before (its provider may be gone by now) is kept.

    Identities of the user's own federated profile, which were not linked, come first.
    """
    before: list[dict[str, Any]] = json.loads(former) if former else []
    own = [each for each in before if each.get("primary")]
    known = {(each.get("providerName"), each.get("userId")): each for each in before if not each.get("primary")}
    entries = own + [
        known.get((each.provider, each.value)) or _entry(each, types.get(each.provider, "")) for each in linked
    ]
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False) if entries else ""


def _entry(identity: LinkedIdentity, kind: str) -> dict[str, Any]:
    return {
        "userId": identity.value,
        "providerName": identity.provider,
        "providerType": kind,
        "issuer": None,
        "primary": False,
        "dateCreated": identity.linked_ms,
    }


def claim(value: str) -> list[dict[str, Any]]:
    """The attribute as a claim of the ID token, where ``primary`` and ``dateCreated`` are strings."""
    entries: list[dict[str, Any]] = json.loads(value)
    return [
        {
            **entry,
            "primary": "true" if entry.get("primary") else "false",
            "dateCreated": str(entry.get("dateCreated", "")),
        }
        for entry in entries
    ]
