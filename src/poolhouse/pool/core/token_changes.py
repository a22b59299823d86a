"""
What a pre token generation trigger may change in tokens (developer guide, "Pre token generation Lambda trigger").

A claim that says who the user is, for whom the token is, or how long it lives stays as it is, whatever is asked.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

CHANGES: Final = 5_000
"""Claims and scopes that one answer may change."""
_FIXED: Final = frozenset(
    {
        "sub", "iss", "aud", "token_use", "client_id", "username", "cognito:username", "identities", "device_key",
        "event_id", "acr", "amr", "act", "auth_time", "exp", "iat", "nbf", "jti", "origin_jti", "nonce", "azp",
        "at_hash", "version", "scope", "cnf", "sid",
    }
)  # fmt: skip
_GROUPS: Final = frozenset({"cognito:groups", "cognito:roles", "cognito:preferred_role"})


class Groups(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The groups and roles that tokens show."""

    groups_to_override: list[str] | None = None
    iam_roles_to_override: list[str] | None = None
    preferred_role: str | None = None


class OneToken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Changes of one token; scopes are the access token's."""

    claims_to_add_or_override: dict[str, Any] | None = None
    claims_to_suppress: list[str] | None = None
    scopes_to_add: list[str] | None = None
    scopes_to_suppress: list[str] | None = None


class _First(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    claims_to_add_or_override: dict[str, str] | None = None
    claims_to_suppress: list[str] | None = None
    group_override_details: Groups | msgspec.UnsetType | None = msgspec.UNSET


class AnswerOne(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer to an event of version 1: texts, in the ID token."""

    claims_override_details: _First | None = None


class _Second(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id_token_generation: OneToken | None = None
    access_token_generation: OneToken | None = None
    group_override_details: Groups | msgspec.UnsetType | None = msgspec.UNSET


class AnswerTwo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer to an event of version 2 or 3: any JSON, in both tokens."""

    claims_and_scope_override_details: _Second | None = None


class TokenChanges(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an answer changes.

    ``groups`` is UNSET where the answer leaves them alone; None takes them away, as the service does.
    """

    identity: OneToken = OneToken()
    access: OneToken = OneToken()
    groups: Groups | msgspec.UnsetType | None = msgspec.UNSET


NONE: Final = TokenChanges()


def read(answer: AnswerOne | AnswerTwo) -> TokenChanges | None:
    """The changes of *answer*; None where it asks for too many, or for a scope with a space in it."""
    match answer:
        case AnswerOne(claims_override_details=None) | AnswerTwo(claims_and_scope_override_details=None):
            return NONE
        case AnswerOne(claims_override_details=_First() as first):
            identity = OneToken(
                claims_to_add_or_override=dict(first.claims_to_add_or_override or {}),
                claims_to_suppress=first.claims_to_suppress,
            )
            changes = TokenChanges(identity=identity, groups=first.group_override_details)
        case AnswerTwo(claims_and_scope_override_details=_Second() as second):
            changes = TokenChanges(
                identity=second.id_token_generation or OneToken(),
                access=second.access_token_generation or OneToken(),
                groups=second.group_override_details,
            )
        case _:
            return None
    scopes = changes.access.scopes_to_add or ()
    count = sum(_count(each) for each in (changes.identity, changes.access))
    if count > CHANGES or any(not scope or not scope.isprintable() or " " in scope for scope in scopes):
        return None
    return changes


def identity_claims(claims: dict[str, Any], changes: TokenChanges) -> dict[str, Any]:
    """The claims of an ID token, changed; the same ones where nothing is."""
    if changes is NONE:
        return claims
    return _changed(_grouped(claims, changes, roles=True), changes.identity)


def access_claims(claims: dict[str, Any], changes: TokenChanges, client_id: str) -> dict[str, Any]:
    """The claims of an access token, changed likewise; an audience may be added, and only the client's own id."""
    if changes is NONE and claims.get("scope"):
        return claims
    asked = changes.access
    changed = _changed(_grouped(claims, changes, roles=False), asked)
    if "aud" not in claims and (asked.claims_to_add_or_override or {}).get("aud") == client_id:
        changed["aud"] = client_id
    suppressed = set(asked.scopes_to_suppress or ())
    scopes = dict.fromkeys([*str(claims.get("scope", "")).split(), *(asked.scopes_to_add or ())])
    left = " ".join(scope for scope in scopes if scope not in suppressed)
    if left:
        changed["scope"] = left
    else:
        changed.pop("scope", None)
    return changed


def _grouped(claims: Mapping[str, Any], changes: TokenChanges, *, roles: bool) -> dict[str, Any]:
    if isinstance(changes.groups, msgspec.UnsetType):
        return dict(claims)
    wanted = changes.groups or Groups()
    kept = {name: value for name, value in claims.items() if name not in _GROUPS}
    if wanted.groups_to_override:
        kept["cognito:groups"] = wanted.groups_to_override
    if roles and wanted.iam_roles_to_override:
        kept["cognito:roles"] = wanted.iam_roles_to_override
    if roles and wanted.preferred_role:
        kept["cognito:preferred_role"] = wanted.preferred_role
    return kept


def _changed(claims: dict[str, Any], asked: OneToken) -> dict[str, Any]:
    """Taking away wins over setting."""
    added = {
        name: value
        for name, value in (asked.claims_to_add_or_override or {}).items()
        if not _is_fixed(name) and not name.startswith("dev:") and value is not None
    }
    gone = {name for name in asked.claims_to_suppress or () if not _is_fixed(name)}
    return {name: value for name, value in {**claims, **added}.items() if name not in gone}


def _is_fixed(name: str) -> bool:
    return name in _FIXED or (name.startswith("cognito:") and name not in _GROUPS)


def _count(asked: OneToken) -> int:
    listed = (asked.claims_to_suppress, asked.scopes_to_add, asked.scopes_to_suppress)
    return len(asked.claims_to_add_or_override or {}) + sum(len(each or ()) for each in listed)
