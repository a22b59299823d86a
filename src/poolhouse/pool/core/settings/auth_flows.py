"""ExplicitAuthFlows of an app client: what is on, and which values go together."""

from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.pool.core.refresh import is_rotating
from poolhouse.pool.core.refusal import Refusal, invalid_parameter, refused
from poolhouse.pool.core.settings.tiers import LITE, unavailable
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import UserPoolClientType

REFRESH: Final = "ALLOW_REFRESH_TOKEN_AUTH"
SRP: Final = "ALLOW_USER_SRP_AUTH"
CUSTOM: Final = "ALLOW_CUSTOM_AUTH"
PASSWORD: Final = "ALLOW_USER_PASSWORD_AUTH"  # noqa: S105 (a flow, not a secret; so the next)
ADMIN_PASSWORD: Final = "ALLOW_ADMIN_USER_PASSWORD_AUTH"  # noqa: S105
CHOICE: Final = "ALLOW_USER_AUTH"
CLIENT_TOKEN: Final = "ALLOW_CLIENT_TOKEN_AUTH"  # noqa: S105
"""Described by the API's model and missing in its enumeration (AWS API: GetClientToken)."""
DELEGATION: Final = "ALLOW_TOKEN_EXCHANGE_DELEGATION"
IMPERSONATION: Final = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"
_BASE: Final = frozenset({REFRESH, SRP, CUSTOM})
_LEGACY: Final = {"ADMIN_NO_SRP_AUTH": ADMIN_PASSWORD, "USER_PASSWORD_AUTH": PASSWORD}
_CUSTOM_ONLY: Final = "CUSTOM_AUTH_FLOW_ONLY"


class _AuthFlow(msgspec.Struct, frozen=True):
    """Which of the two operations starts a flow, and what the client must have on for it."""

    needs: str
    by_client: bool = True
    by_admin: bool = True


_FLOWS: Final = MappingProxyType(
    {
        "USER_PASSWORD_AUTH": _AuthFlow(PASSWORD, by_admin=False),
        "ADMIN_USER_PASSWORD_AUTH": _AuthFlow(ADMIN_PASSWORD, by_client=False),
        "ADMIN_NO_SRP_AUTH": _AuthFlow(ADMIN_PASSWORD, by_client=False),
        "USER_SRP_AUTH": _AuthFlow(SRP),
        "CUSTOM_AUTH": _AuthFlow(CUSTOM),
        "USER_AUTH": _AuthFlow(CHOICE),
        "REFRESH_TOKEN_AUTH": _AuthFlow(REFRESH),
        "REFRESH_TOKEN": _AuthFlow(REFRESH),
    }
)


def check_start(client: UserPoolClientType, name: str, *, by_admin: bool) -> Refusal | None:
    """Refuse to start the flow *name* (AWS API: AuthFlow) where the operation or the client does not have it."""
    flow = _FLOWS[name]
    if not (flow.by_admin if by_admin else flow.by_client):
        return refused(Reason.FLOW_NOT_SUPPORTED)
    if flow.needs in enabled_flows(client):
        return None
    is_password = name == "USER_PASSWORD_AUTH"
    return refused(Reason.PASSWORD_FLOW_NOT_ENABLED if is_password else Reason.FLOW_NOT_ENABLED)


def enabled_flows(client: UserPoolClientType) -> frozenset[str]:
    """
    The ALLOW_ values that hold for *client*.

    Without a list: SRP, custom and refresh; an app that registered itself has only the pages, where the user is asked
    for consent, and refreshes. A legacy value adds to these three, except CUSTOM_AUTH_FLOW_ONLY. With
    rotation the flow REFRESH_TOKEN_AUTH is never on: GetTokensFromRefreshToken and the token endpoint refresh.
    """
    given = client.explicit_auth_flows or []
    if any(flow.startswith("ALLOW_") for flow in given):
        flows = frozenset(given)
    elif not given and client.client_type == "DCR":
        flows = frozenset({REFRESH})
    elif _CUSTOM_ONLY in given:
        flows = frozenset({CUSTOM, REFRESH})
    else:
        flows = _BASE | {_LEGACY[flow] for flow in given}
    return flows - {REFRESH} if is_rotating(client) else flows


def check_flows(
    client: UserPoolClientType, tier: str, *, has_secret: bool = False, strict: bool = False
) -> Refusal | None:
    """Refuse lists that mix old and new names, contradict rotation, or ask for what is not there."""
    given = client.explicit_auth_flows or []
    prefixed = [flow for flow in given if flow.startswith("ALLOW_")]
    if prefixed and len(prefixed) < len(given):
        return invalid_parameter("Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.")
    if strict and tier == LITE and CHOICE in given:
        return unavailable(tier, ["Choice-Based Sign-In"])
    if CLIENT_TOKEN in given and not has_secret:
        return invalid_parameter(f"{CLIENT_TOKEN} can not be selected if client does not have a client secret.")
    if CLIENT_TOKEN in given and set(given) != {CLIENT_TOKEN}:
        return invalid_parameter(f"{CLIENT_TOKEN} can not be selected along with other auth flows.")
    return _check_rotation(client, tier, strict=strict)


def _check_rotation(client: UserPoolClientType, tier: str, *, strict: bool) -> Refusal | None:
    if not is_rotating(client):
        return None
    if strict and tier == LITE:
        return unavailable(tier, ["Refresh Token Rotation"])
    if REFRESH in (client.explicit_auth_flows or []):
        return invalid_parameter(
            f"{REFRESH} is not a permitted ExplicitAuthFlow when refresh token rotation is enabled."
        )
    if client.enable_token_revocation is False:
        return invalid_parameter("Refresh token rotation needs EnableTokenRevocation.")
    return None
