"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AdminAddUserToGroupRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    group_name: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminListGroupsForUserRequest(Shape, frozen=True, kw_only=True):
    username: str
    user_pool_id: str
    limit: int | None = None
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminListGroupsForUserResponse(Shape, frozen=True, kw_only=True):
    groups: list[shapes.GroupType] | None = None
    next_token: str | None = None


class AdminRemoveUserFromGroupRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    group_name: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class CreateGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None


class CreateGroupResponse(Shape, frozen=True, kw_only=True):
    group: shapes.GroupType | None = None


class DeleteGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str


class GetGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str


class GetGroupResponse(Shape, frozen=True, kw_only=True):
    group: shapes.GroupType | None = None


class ListGroupsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    limit: int | None = None
    next_token: str | None = None


class ListGroupsResponse(Shape, frozen=True, kw_only=True):
    groups: list[shapes.GroupType] | None = None
    next_token: str | None = None


class ListUsersInGroupRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    group_name: str
    limit: int | None = None
    next_token: str | None = None


class ListUsersInGroupResponse(Shape, frozen=True, kw_only=True):
    users: list[shapes.UserType] | None = None
    next_token: str | None = None


class UpdateGroupRequest(Shape, frozen=True, kw_only=True):
    group_name: str
    user_pool_id: str
    description: str | None = None
    role_arn: str | None = None
    precedence: int | None = None


class UpdateGroupResponse(Shape, frozen=True, kw_only=True):
    group: shapes.GroupType | None = None
