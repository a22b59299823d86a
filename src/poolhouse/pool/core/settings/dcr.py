"""Dynamic client registration of a pool (AWS API: DcrConfigurationType): whether, by whom, and for what."""

from collections.abc import Callable
from typing import Final

import msgspec

from poolhouse.pool.spec.shapes import DcrConfigurationType, UserPoolType

SCOPE: Final = "aws.cognito/dcr/register"
"""The scope of the token that authenticated registration asks for: given to clients, never to ones that registered."""
OPENID_SCOPES: Final = ("openid", "email", "phone", "profile")
_AUTHENTICATED: Final = ("code", "client_credentials")
_OPEN: Final = ("code",)


class Terms(msgspec.Struct, frozen=True):
    """What an app may register for: OAuth flows, and scopes in the order in which they are granted."""

    flows: tuple[str, ...]
    scopes: tuple[str, ...]


def completed(given: DcrConfigurationType | None) -> DcrConfigurationType | None:
    """The configuration with its two switches; a configuration that does not say otherwise turns it on."""
    if given is None:
        return None
    return msgspec.structs.replace(
        given, enable_status=given.enable_status or "Enabled", open_dcr_enabled=given.open_dcr_enabled or False
    )


def is_on(settings: UserPoolType) -> bool:
    """Whether apps may register at all."""
    return settings.dcr_configuration is not None and settings.dcr_configuration.enable_status != "Disabled"


def is_open(settings: UserPoolType) -> bool:
    """Whether they may without a token."""
    return is_on(settings) and bool(settings.dcr_configuration and settings.dcr_configuration.open_dcr_enabled)


def terms(settings: UserPoolType, exists: Callable[[str], bool], *, open_door: bool) -> Terms:
    """
    The terms of registration without (*open_door*) or with a token; an empty list of grant types permits nothing.

    ``implicit`` may be listed and permits nothing. *exists* tells whether a scope is one of the pool's own.
    """
    config = settings.dcr_configuration or DcrConfigurationType()
    listed = config.open_dcr_grant_types if open_door else config.authenticated_grant_types
    default = _OPEN if open_door else _AUTHENTICATED
    flows = default if listed is None else tuple(flow for flow in listed if flow in _AUTHENTICATED)
    more = [scope for scope in config.allowed_scopes or () if scope != SCOPE and scope not in OPENID_SCOPES]
    known = (scope for scope in more if scope == "aws.cognito.signin.user.admin" or exists(scope))
    return Terms(flows, (*OPENID_SCOPES, *known))
