"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class CompleteWebAuthnRegistrationRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    credential: Any
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class CompleteWebAuthnRegistrationResponse(Shape, frozen=True, kw_only=True):
    pass


class DeleteWebAuthnCredentialRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    credential_id: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class DeleteWebAuthnCredentialResponse(Shape, frozen=True, kw_only=True):
    pass


class ListWebAuthnCredentialsRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    next_token: str | None = None
    max_results: int | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ListWebAuthnCredentialsResponse(Shape, frozen=True, kw_only=True):
    credentials: list[shapes.WebAuthnCredentialDescription]
    next_token: str | None = None


class StartWebAuthnRegistrationRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class StartWebAuthnRegistrationResponse(Shape, frozen=True, kw_only=True):
    credential_creation_options: Any
