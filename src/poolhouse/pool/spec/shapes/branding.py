"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class CreateManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    use_cognito_provided_values: bool | None = None
    settings: Any = None
    assets: list[shapes.AssetType] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class CreateManagedLoginBrandingResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: shapes.ManagedLoginBrandingType | None = None


class CreateTermsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    terms_name: str
    terms_source: str
    enforcement: str
    links: dict[str, str] | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class CreateTermsResponse(Shape, frozen=True, kw_only=True):
    terms: shapes.TermsType | None = None


class DeleteManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    managed_login_branding_id: str
    user_pool_id: str


class DeleteTermsRequest(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str


class DescribeManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    managed_login_branding_id: str
    return_merged_resources: bool | None = None


class DescribeManagedLoginBrandingResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: shapes.ManagedLoginBrandingType | None = None


class DescribeManagedLoginBrandingByClientRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str
    return_merged_resources: bool | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeManagedLoginBrandingByClientResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: shapes.ManagedLoginBrandingType | None = None


class DescribeTermsRequest(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str


class DescribeTermsResponse(Shape, frozen=True, kw_only=True):
    terms: shapes.TermsType | None = None


class DescribeTermsByClientRequest(Shape, frozen=True, kw_only=True):
    client_id: str
    user_pool_id: str
    terms_name: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class DescribeTermsByClientResponse(Shape, frozen=True, kw_only=True):
    terms: shapes.TermsType | None = None


class GetUICustomizationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    client_id: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class GetUICustomizationResponse(Shape, frozen=True, kw_only=True, rename=spelled(ui_customization="UICustomization")):
    ui_customization: shapes.UICustomizationType


class ListTermsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None


class ListTermsResponse(Shape, frozen=True, kw_only=True):
    terms: list[shapes.TermsDescriptionType]
    next_token: str | None = None


class SetUICustomizationRequest(Shape, frozen=True, kw_only=True, rename=spelled(css="CSS")):
    user_pool_id: str
    client_id: str | None = None
    css: str | None = None
    image_file: bytes | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['client_id'])


class SetUICustomizationResponse(Shape, frozen=True, kw_only=True, rename=spelled(ui_customization="UICustomization")):
    ui_customization: shapes.UICustomizationType


class UpdateManagedLoginBrandingRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    managed_login_branding_id: str | None = None
    use_cognito_provided_values: bool | None = None
    settings: Any = None
    assets: list[shapes.AssetType] | None = None


class UpdateManagedLoginBrandingResponse(Shape, frozen=True, kw_only=True):
    managed_login_branding: shapes.ManagedLoginBrandingType | None = None


class UpdateTermsRequest(Shape, frozen=True, kw_only=True):
    terms_id: str
    user_pool_id: str
    terms_name: str | None = None
    terms_source: str | None = None
    enforcement: str | None = None
    links: dict[str, str] | None = None


class UpdateTermsResponse(Shape, frozen=True, kw_only=True):
    terms: shapes.TermsType | None = None
