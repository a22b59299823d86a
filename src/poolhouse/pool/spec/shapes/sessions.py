"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AdminListUserSessionsRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminListUserSessionsResponse(Shape, frozen=True, kw_only=True):
    sessions: list[shapes.SessionDescriptionType] | None = None
    next_token: str | None = None


class AdminRevokeUserSessionRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    session_id: str
    revoke_associated_sessions: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminRevokeUserSessionResponse(Shape, frozen=True, kw_only=True):
    pass


class GetUserPoolSessionConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str


class GetUserPoolSessionConfigurationResponse(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    user_session_tracking: str | None = None
    token_session: shapes.UserPoolTokenSessionConfigType | None = None


class ListUserSessionsRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    next_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ListUserSessionsResponse(Shape, frozen=True, kw_only=True):
    sessions: list[shapes.SessionDescriptionType] | None = None
    next_token: str | None = None


class RevokeUserSessionRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    session_id: str
    revoke_associated_sessions: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class RevokeUserSessionResponse(Shape, frozen=True, kw_only=True):
    pass


class SetUserPoolSessionConfigurationRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    user_session_tracking: str
    token_session: shapes.UserPoolTokenSessionConfigType


class SetUserPoolSessionConfigurationResponse(Shape, frozen=True, kw_only=True):
    user_pool_id: str | None = None
    user_session_tracking: str | None = None
    token_session: shapes.UserPoolTokenSessionConfigType | None = None
