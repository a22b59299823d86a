"""Accounts and groups as SCIM has them, and what a client wants of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from poolhouse.house.model import Account
from poolhouse.house.people import Group
from poolhouse.house.rp.person import email_key, is_reserved
from poolhouse.house.scim.replies import bad
from poolhouse.kit.ambient import Epoch

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
TEXT_LIMIT = 200

_KEPT_OF_USERS = (
    "schemas",
    "id",
    "externalId",
    "userName",
    "name",
    "displayName",
    "emails",
    "active",
    "groups",
    "meta",
)
_STANDARD = (
    "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone", "phoneNumbers", "ims",
    "photos", "addresses", "entitlements", "roles", "x509Certificates", "employeeNumber", "costCenter",
    "organization", "division", "department", "manager", "User",
)  # fmt: skip
USER_NAMES = {name.lower(): name for name in (*_KEPT_OF_USERS, *_STANDARD)}
"""
What a PATCH of a user may name: besides what is kept the standard's other attributes, which answers leave out.

A client learns from the schema and from each answer that they are not kept (RFC 7644 section 3.3).
"""
GROUP_NAMES = {name.lower(): name for name in ("schemas", "id", "externalId", "displayName", "members", "meta")}


class WantedUser(msgspec.Struct, frozen=True, kw_only=True):
    """What a client wants an account to be."""

    username: str
    email: str
    name: str
    given_name: str
    family_name: str
    external_id: str
    is_active: bool


def user_resource(account: Account, groups: Sequence[Group], base: str) -> dict[str, Any]:
    """The account; *base* is the URL of the service."""
    resource: dict[str, Any] = {"schemas": [USER], "id": account.id, "userName": account.username}
    if account.external_id:
        resource["externalId"] = account.external_id
    parts = {"givenName": account.given_name, "familyName": account.family_name, "formatted": account.name}
    if any(parts.values()):
        resource["name"] = {name: value for name, value in parts.items() if value}
    if account.name:
        resource["displayName"] = account.name
    if account.email:
        resource["emails"] = [{"value": account.email, "type": "work", "primary": True}]
    resource["active"] = account.is_enabled
    resource["groups"] = [
        {"value": group.id, "display": group.name, "type": "direct", "$ref": f"{base}/Groups/{group.id}"}
        for group in groups
    ]
    resource["meta"] = _meta("User", account.id, account.created_at, account.changed_at, f"{base}/Users")
    return resource


def group_resource(group: Group, members: Sequence[Account] | None, base: str) -> dict[str, Any]:
    """The group; *members* None: they were not asked for."""
    resource: dict[str, Any] = {"schemas": [GROUP], "id": group.id, "displayName": group.name}
    if group.external_id:
        resource["externalId"] = group.external_id
    if members is not None:
        resource["members"] = [
            {"value": each.id, "display": each.label, "type": "User", "$ref": f"{base}/Users/{each.id}"}
            for each in members
        ]
    resource["meta"] = _meta("Group", group.id, group.created_at, group.changed_at, f"{base}/Groups")
    return resource


def read_user(resource: Mapping[str, Any]) -> WantedUser:
    """What a resource, sent whole or made by PATCH, wants; ``ScimError`` where it is wrong."""
    username = _text(resource, "userName")
    if not username:
        raise bad("userName is required")
    if is_reserved(username):
        raise bad("userName begins as the names of machines do")
    inner = _get(resource, "name")
    name = inner if isinstance(inner, Mapping) else {}
    given, family = _text(name, "givenName"), _text(name, "familyName")
    display = _text(resource, "displayName") or _text(name, "formatted") or " ".join(filter(None, (given, family)))
    email = _email(resource)
    if not email and email_key(username):
        email = username
    return WantedUser(
        username=username,
        email=email,
        name=display,
        given_name=given,
        family_name=family,
        external_id=_text(resource, "externalId"),
        is_active=_flag(resource, "active", default=True),
    )


def read_group(resource: Mapping[str, Any]) -> tuple[str, str]:
    """``(displayName, externalId)``."""
    name = _text(resource, "displayName")
    if not name:
        raise bad("displayName is required")
    return name, _text(resource, "externalId")


def read_members(value: Any) -> list[str]:
    """Ids of ``[{"value": id}, ...]``."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    ids = [each.get("value") if isinstance(each, Mapping) else None for each in items]
    if any(not isinstance(each, str) for each in ids):
        raise bad("members must be a list of objects with a value")
    return [str(each) for each in ids]


def _email(resource: Mapping[str, Any]) -> str:
    """The primary address, or one of type work, or the first."""
    emails = _get(resource, "emails")
    if emails is None:
        return ""
    if not isinstance(emails, list) or any(not isinstance(each, Mapping) for each in emails):
        raise bad("emails must be a list of objects")
    ranked = sorted(emails, key=lambda each: (not _flag(each, "primary", default=False), _text(each, "type") != "work"))
    found = _text(ranked[0], "value") if ranked else ""
    if found and not email_key(found):
        raise bad(f"{found!r} is no e-mail address")
    return found


def _get(resource: Mapping[str, Any], name: str) -> Any:
    """Names are in any case (RFC 7643 section 2.1)."""
    return next((value for key, value in resource.items() if key.lower() == name.lower()), None)


def _text(resource: Mapping[str, Any], name: str) -> str:
    value = _get(resource, name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT or not value.isprintable():
        raise bad(f"{name} must be text of up to {TEXT_LIMIT} characters")
    return value.strip()


def _flag(resource: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = _get(resource, name)
    if value is None:
        return default
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise bad(f"{name} must be true or false")
    return value


def _meta(kind: str, identity: str, created: Epoch, changed: Epoch, base: str) -> dict[str, str]:
    return {
        "resourceType": kind,
        "created": _moment(created),
        "lastModified": _moment(max(created, changed)),
        "location": f"{base}/{identity}",
    }


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
