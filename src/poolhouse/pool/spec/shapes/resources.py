"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class CreateResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str
    name: str
    scopes: list[shapes.ResourceServerScopeType] | None = None


class CreateResourceServerResponse(Shape, frozen=True, kw_only=True):
    resource_server: shapes.ResourceServerType


class CreateUserPoolReplicaRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    region_name: str
    user_pool_tags: dict[str, str] | None = None


class CreateUserPoolReplicaResponse(Shape, frozen=True, kw_only=True):
    user_pool_replica: shapes.UserPoolReplicaType | None = None


class DeleteResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str


class DeleteUserPoolReplicaRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    region_name: str


class DeleteUserPoolReplicaResponse(Shape, frozen=True, kw_only=True):
    user_pool_replica: shapes.UserPoolReplicaType | None = None


class DescribeResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str


class DescribeResourceServerResponse(Shape, frozen=True, kw_only=True):
    resource_server: shapes.ResourceServerType


class GetProvisionedLimitRequest(Shape, frozen=True, kw_only=True):
    limit_definition: shapes.LimitDefinitionType


class GetProvisionedLimitResponse(Shape, frozen=True, kw_only=True):
    limit: shapes.LimitType


class ListResourceServersRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    max_results: int | None = None
    next_token: str | None = None


class ListResourceServersResponse(Shape, frozen=True, kw_only=True):
    resource_servers: list[shapes.ResourceServerType]
    next_token: str | None = None


class ListTagsForResourceRequest(Shape, frozen=True, kw_only=True):
    resource_arn: str


class ListTagsForResourceResponse(Shape, frozen=True, kw_only=True):
    tags: dict[str, str] | None = None


class ListUserPoolReplicasRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    next_token: str | None = None


class ListUserPoolReplicasResponse(Shape, frozen=True, kw_only=True):
    user_pool_replicas: list[shapes.UserPoolReplicaType] | None = None
    next_token: str | None = None


class TagResourceRequest(Shape, frozen=True, kw_only=True):
    resource_arn: str
    tags: dict[str, str]


class TagResourceResponse(Shape, frozen=True, kw_only=True):
    pass


class UntagResourceRequest(Shape, frozen=True, kw_only=True):
    resource_arn: str
    tag_keys: list[str]


class UntagResourceResponse(Shape, frozen=True, kw_only=True):
    pass


class UpdateProvisionedLimitRequest(Shape, frozen=True, kw_only=True):
    limit_definition: shapes.LimitDefinitionType
    requested_limit_value: int


class UpdateProvisionedLimitResponse(Shape, frozen=True, kw_only=True):
    limit: shapes.LimitType


class UpdateResourceServerRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    identifier: str
    name: str
    scopes: list[shapes.ResourceServerScopeType] | None = None


class UpdateResourceServerResponse(Shape, frozen=True, kw_only=True):
    resource_server: shapes.ResourceServerType


class UpdateUserPoolReplicaRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    region_name: str
    status: str


class UpdateUserPoolReplicaResponse(Shape, frozen=True, kw_only=True):
    user_pool_replica: shapes.UserPoolReplicaType | None = None
