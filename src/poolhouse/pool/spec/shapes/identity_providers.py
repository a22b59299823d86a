"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AdminDisableProviderForUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    user: shapes.ProviderUserIdentifierType


class AdminDisableProviderForUserResponse(Shape, frozen=True, kw_only=True):
    pass


class AdminLinkProviderForUserRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    destination_user: shapes.ProviderUserIdentifierType
    source_user: shapes.ProviderUserIdentifierType


class AdminLinkProviderForUserResponse(Shape, frozen=True, kw_only=True):
    pass


class CreateIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str
    provider_type: str
    provider_details: dict[str, str]
    attribute_mapping: dict[str, str] | None = None
    idp_identifiers: list[str] | None = None
    acr_mapping: dict[str, str] | None = None


class CreateIdentityProviderResponse(Shape, frozen=True, kw_only=True):
    identity_provider: shapes.IdentityProviderType


class DeleteIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str


class DescribeIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str


class DescribeIdentityProviderResponse(Shape, frozen=True, kw_only=True):
    identity_provider: shapes.IdentityProviderType


class GetIdentityProviderByIdentifierRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    idp_identifier: str


class GetIdentityProviderByIdentifierResponse(Shape, frozen=True, kw_only=True):
    identity_provider: shapes.IdentityProviderType


class GetSigningCertificateRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetSigningCertificateResponse(Shape, frozen=True, kw_only=True):
    certificate: str | None = None


class ListIdentityProvidersRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None


class ListIdentityProvidersResponse(Shape, frozen=True, kw_only=True):
    providers: list[shapes.ProviderDescription]
    next_token: str | None = None


class UpdateIdentityProviderRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    provider_name: str
    provider_details: dict[str, str] | None = None
    attribute_mapping: dict[str, str] | None = None
    idp_identifiers: list[str] | None = None
    acr_mapping: dict[str, str] | None = None


class UpdateIdentityProviderResponse(Shape, frozen=True, kw_only=True):
    identity_provider: shapes.IdentityProviderType
