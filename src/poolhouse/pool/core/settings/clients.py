"""
CreateUserPoolClient and UpdateUserPoolClient: what is stored for what was asked.

An update replaces: a member that it leaves out returns to its default; the name and the secret stay. Members that
were not given are not shown: only the defaults that the service itself shows are filled in.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from poolhouse.pool.core.attributes.permissions import NEVER_WRITABLE, writable
from poolhouse.pool.core.attributes.schema import Schema, by_name
from poolhouse.pool.core.refusal import Refusal, invalid_parameter, refused
from poolhouse.pool.core.settings import dcr
from poolhouse.pool.core.settings.auth_flows import check_flows
from poolhouse.pool.core.settings.oauth import check_oauth
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import (
    CreateUserPoolClientRequest,
    RefreshTokenRotationType,
    TokenValidityUnitsType,
    UpdateUserPoolClientRequest,
    UserPoolClientType,
)

REFRESH_DAYS: Final = 30
SESSION_MINUTES: Final = 3
_HOUR, _DAY = 3600, 86_400
_UNIT: Final = {"seconds": 1, "minutes": 60, "hours": _HOUR, "days": _DAY}
_SHORT: Final = range(300, _DAY + 1)  # access and ID tokens: 5 minutes to a day
_LONG: Final = range(_HOUR, 3650 * _DAY + 1)  # refresh tokens: an hour to ten years


class ClientFacts(msgspec.Struct, frozen=True):
    """
    What a client's settings refer to: its pool, the pool's custom scopes, and its providers besides COGNITO.

    *strict*: the pool's tier gates its features.
    """

    pool: Pool
    custom_scopes: Collection[str] = ()
    providers: Collection[str] = ()
    strict: bool = False


def new_client(request: CreateUserPoolClientRequest, facts: ClientFacts) -> UserPoolClientType | Refusal:
    """The settings of a new client, without ids, dates and the secret, which the caller makes or takes over."""
    if request.generate_secret and request.client_secret is not None:
        return invalid_parameter("ClientSecret cannot be given when GenerateSecret is true.")
    has_secret = bool(request.generate_secret) or request.client_secret is not None
    return _checked(_settings(request, request.client_name), facts, has_secret=has_secret)


def updated_client(
    current: UserPoolClientType, request: UpdateUserPoolClientRequest, facts: ClientFacts, *, has_secret: bool
) -> UserPoolClientType | Refusal:
    """The settings of a client after an update."""
    settings = _settings(request, request.client_name or current.client_name)
    if current.client_type == "DCR" and dcr.SCOPE in (settings.allowed_o_auth_scopes or ()):
        return refused(Reason.SCOPE_INVALID, scope=dcr.SCOPE)
    settings = msgspec.structs.replace(settings, client_type=current.client_type)
    return _checked(settings, facts, has_secret=has_secret)


def _settings(
    request: CreateUserPoolClientRequest | UpdateUserPoolClientRequest, name: str | None
) -> UserPoolClientType:
    units = request.token_validity_units or TokenValidityUnitsType()
    rotation = request.refresh_token_rotation
    if rotation is not None:
        rotation = RefreshTokenRotationType(
            feature=rotation.feature, retry_grace_period_seconds=rotation.retry_grace_period_seconds or 0
        )
    return UserPoolClientType(
        client_name=name,
        refresh_token_validity=request.refresh_token_validity or _default_refresh(units),
        access_token_validity=request.access_token_validity,
        id_token_validity=request.id_token_validity,
        token_validity_units=units,
        # An empty list is no list: none selected means the default.
        read_attributes=request.read_attributes or None,
        write_attributes=request.write_attributes or None,
        explicit_auth_flows=request.explicit_auth_flows or None,
        supported_identity_providers=request.supported_identity_providers or None,
        callback_urls=request.callback_urls or None,
        logout_urls=request.logout_urls or None,
        default_redirect_uri=request.default_redirect_uri,
        allowed_o_auth_flows=request.allowed_o_auth_flows or None,
        allowed_o_auth_scopes=request.allowed_o_auth_scopes or None,
        allowed_o_auth_flows_user_pool_client=request.allowed_o_auth_flows_user_pool_client or False,
        analytics_configuration=request.analytics_configuration,
        prevent_user_existence_errors=request.prevent_user_existence_errors,
        enable_token_revocation=request.enable_token_revocation is not False,
        enable_propagate_additional_user_context_data=request.enable_propagate_additional_user_context_data or False,
        auth_session_validity=request.auth_session_validity or SESSION_MINUTES,
        refresh_token_rotation=rotation,
    )


def _default_refresh(units: TokenValidityUnitsType) -> int:
    """30 days, in the unit that the client counts in: 30 minutes would not be the default."""
    return REFRESH_DAYS * _DAY // _UNIT[units.refresh_token or "days"]


def _checked(settings: UserPoolClientType, facts: ClientFacts, *, has_secret: bool) -> UserPoolClientType | Refusal:
    schema = facts.pool.settings.schema_attributes or []
    return (
        _check_validity(settings)
        or check_oauth(settings, custom_scopes=facts.custom_scopes, has_secret=has_secret)
        or _check_providers(settings, facts)
        or check_flows(settings, facts.pool.settings.user_pool_tier or "", has_secret=has_secret, strict=facts.strict)
        or _check_attributes(settings, schema)
        or _check_context(settings, has_secret=has_secret)
        or settings
    )


def _check_validity(settings: UserPoolClientType) -> Refusal | None:
    units = settings.token_validity_units or TokenValidityUnitsType()
    access = _seconds(settings.access_token_validity, units.access_token, "hours", _HOUR)
    identity = _seconds(settings.id_token_validity, units.id_token, "hours", _HOUR)
    refresh = _seconds(settings.refresh_token_validity, units.refresh_token, "days", REFRESH_DAYS * _DAY)
    if access not in _SHORT or identity not in _SHORT or refresh not in _LONG:
        return invalid_parameter("Invalid range for token validity.")
    if max(access, identity) > refresh:
        return invalid_parameter(
            "Access and Id Token expiration times must be less than or equal to refresh token expiration times."
        )
    return None


def _seconds(value: int | None, unit: str | None, default_unit: str, default: int) -> int:
    return default if value is None else value * _UNIT[unit or default_unit]


def _check_providers(settings: UserPoolClientType, facts: ClientFacts) -> Refusal | None:
    known = {"COGNITO", *facts.providers}
    for name in settings.supported_identity_providers or []:
        if name not in known:
            return invalid_parameter(f"The provider {name} does not exist for User Pool {facts.pool.id}.")
    return None


def _check_attributes(settings: UserPoolClientType, schema: Schema) -> Refusal | None:
    known = by_name(schema)
    readable = {name for name, attribute in known.items() if not attribute.developer_only_attribute}
    if set(settings.read_attributes or []) - readable:
        return invalid_parameter("Invalid read attributes specified while creating a client")
    listed = settings.write_attributes
    if listed is None:
        return None
    required = {name for name, attribute in known.items() if attribute.required} - NEVER_WRITABLE
    if set(listed) - writable(schema, listed) or required - set(listed):
        return invalid_parameter("Invalid write attributes specified while creating a client")
    return None


def _check_context(settings: UserPoolClientType, *, has_secret: bool) -> Refusal | None:
    analytics = settings.analytics_configuration
    if analytics is not None and not (analytics.application_id or analytics.application_arn):
        return invalid_parameter("AnalyticsConfiguration needs an ApplicationId or an ApplicationArn.")
    if settings.enable_propagate_additional_user_context_data and not has_secret:
        return invalid_parameter("Client Secret is required to set EnablePropagateAdditionalUserContextData as true")
    return None
