"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AddUserPoolClientSecretRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    client_secret: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'client_secret'])


class AddUserPoolClientSecretResponse(Shape, frozen=True, kw_only=True):
    client_secret_descriptor: shapes.ClientSecretDescriptorType | None = None


class CreateUserPoolClientRequest(Shape, frozen=True, kw_only=True, rename=spelled(callback_urls="CallbackURLs", logout_urls="LogoutURLs", default_redirect_uri="DefaultRedirectURI")):
    user_pool_id: str
    client_name: str
    generate_secret: bool | None = None
    client_secret: str | None = None
    refresh_token_validity: int | None = None
    access_token_validity: int | None = None
    id_token_validity: int | None = None
    token_validity_units: shapes.TokenValidityUnitsType | None = None
    read_attributes: list[str] | None = None
    write_attributes: list[str] | None = None
    explicit_auth_flows: list[str] | None = None
    supported_identity_providers: list[str] | None = None
    callback_urls: list[str] | None = None
    logout_urls: list[str] | None = None
    default_redirect_uri: str | None = None
    allowed_o_auth_flows: list[str] | None = None
    allowed_o_auth_scopes: list[str] | None = None
    allowed_o_auth_flows_user_pool_client: bool | None = None
    analytics_configuration: shapes.AnalyticsConfigurationType | None = None
    prevent_user_existence_errors: str | None = None
    enable_token_revocation: bool | None = None
    enable_propagate_additional_user_context_data: bool | None = None
    auth_session_validity: int | None = None
    refresh_token_rotation: shapes.RefreshTokenRotationType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_secret'])


class CreateUserPoolClientResponse(Shape, frozen=True, kw_only=True):
    user_pool_client: shapes.UserPoolClientType | None = None


class DeleteUserPoolClientRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DeleteUserPoolClientSecretRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    client_secret_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DeleteUserPoolClientSecretResponse(Shape, frozen=True, kw_only=True):
    pass


class DescribeUserPoolClientRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeUserPoolClientResponse(Shape, frozen=True, kw_only=True):
    user_pool_client: shapes.UserPoolClientType | None = None


class GetClientTokenRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    secret: str
    scopes: list[str] | None = None
    client_metadata: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id', 'secret'])


class GetClientTokenResponse(Shape, frozen=True, kw_only=True):
    client_authentication_result: shapes.ClientAuthenticationResultType | None = None


class GetDerivedTokenRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    subject_token: str
    subject_token_type: str
    client_secret: str | None = None
    subject_token_provider_name: str | None = None
    actor_token: str | None = None
    actor_token_type: str | None = None
    actor_token_provider_name: str | None = None
    scopes: list[str] | None = None
    audiences: list[str] | None = None
    resources: list[str] | None = None
    requested_token_type: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['actor_token', 'client_id', 'client_secret', 'subject_token'])


class GetDerivedTokenResponse(Shape, frozen=True, kw_only=True):
    issued_token: str
    issued_token_type: str
    token_type: str
    expires_in: int | None = None
    scopes: list[str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['issued_token'])


class GetUserPoolClientSessionConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class GetUserPoolClientSessionConfigurationResponse(Shape, frozen=True, kw_only=True, rename=spelled(sso_session="SSOSession")):
    user_pool_id: str | None = None
    client_id: str | None = None
    sso_session: shapes.ClientSSOSessionConfigType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class ListUserPoolClientSecretsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class ListUserPoolClientSecretsResponse(Shape, frozen=True, kw_only=True):
    client_secrets: list[shapes.ClientSecretDescriptorType] | None = None
    next_token: str | None = None


class ListUserPoolClientsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None
    client_type: str | None = None


class ListUserPoolClientsResponse(Shape, frozen=True, kw_only=True):
    user_pool_clients: list[shapes.UserPoolClientDescription] | None = None
    next_token: str | None = None


class SetUserPoolClientSessionConfigurationRequest(Shape, frozen=True, kw_only=True, rename=spelled(sso_session="SSOSession")):
    user_pool_id: str
    client_id: str
    sso_session: shapes.ClientSSOSessionConfigType
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetUserPoolClientSessionConfigurationResponse(Shape, frozen=True, kw_only=True, rename=spelled(sso_session="SSOSession")):
    user_pool_id: str | None = None
    client_id: str | None = None
    sso_session: shapes.ClientSSOSessionConfigType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class UpdateUserPoolClientRequest(Shape, frozen=True, kw_only=True, rename=spelled(callback_urls="CallbackURLs", logout_urls="LogoutURLs", default_redirect_uri="DefaultRedirectURI")):
    user_pool_id: str
    client_id: str
    client_name: str | None = None
    refresh_token_validity: int | None = None
    access_token_validity: int | None = None
    id_token_validity: int | None = None
    token_validity_units: shapes.TokenValidityUnitsType | None = None
    read_attributes: list[str] | None = None
    write_attributes: list[str] | None = None
    explicit_auth_flows: list[str] | None = None
    supported_identity_providers: list[str] | None = None
    callback_urls: list[str] | None = None
    logout_urls: list[str] | None = None
    default_redirect_uri: str | None = None
    allowed_o_auth_flows: list[str] | None = None
    allowed_o_auth_scopes: list[str] | None = None
    allowed_o_auth_flows_user_pool_client: bool | None = None
    analytics_configuration: shapes.AnalyticsConfigurationType | None = None
    prevent_user_existence_errors: str | None = None
    enable_token_revocation: bool | None = None
    enable_propagate_additional_user_context_data: bool | None = None
    auth_session_validity: int | None = None
    refresh_token_rotation: shapes.RefreshTokenRotationType | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class UpdateUserPoolClientResponse(Shape, frozen=True, kw_only=True):
    user_pool_client: shapes.UserPoolClientType | None = None
