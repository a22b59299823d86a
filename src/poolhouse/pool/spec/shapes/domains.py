"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class CreateUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str
    user_pool_id: str
    managed_login_version: int | None = None
    custom_domain_config: shapes.CustomDomainConfigType | None = None
    routing: shapes.RoutingType | None = None


class CreateUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    managed_login_version: int | None = None
    cloud_front_domain: str | None = None
    routing: shapes.RoutingType | None = None


class DeleteUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str
    user_pool_id: str


class DeleteUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    pass


class DescribeUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str


class DescribeUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    domain_description: shapes.DomainDescriptionType | None = None


class UpdateUserPoolDomainRequest(Shape, frozen=True, kw_only=True):
    domain: str
    user_pool_id: str
    managed_login_version: int | None = None
    custom_domain_config: shapes.CustomDomainConfigType | None = None
    routing: shapes.RoutingType | None = None


class UpdateUserPoolDomainResponse(Shape, frozen=True, kw_only=True):
    managed_login_version: int | None = None
    cloud_front_domain: str | None = None
    routing: shapes.RoutingType | None = None
