"""Parameters of a list (RFC 7644 section 3.4.2), and which attributes an answer has (section 3.9)."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from poolhouse.house.scim.filters import BadFilter, Node, parse, without_schema
from poolhouse.house.scim.replies import bad

SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
COUNT = 100
COUNT_LIMIT = 500
_ALWAYS = frozenset({"schemas", "id"})


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; *skip* counts from 0."""

    node: Node | None
    skip: int
    count: int


def read_listing(query: Mapping[str, str], *, sorted_by: str) -> Listing:
    """``ScimError`` for a filter that cannot be read, and for an order that we do not have."""
    asked, order = query.get("sortBy", sorted_by), query.get("sortOrder", "ascending")
    if without_schema(asked).lower() != sorted_by.lower() or order.lower() != "ascending":
        raise bad(f"lists are in the order of {sorted_by}, ascending")
    text = query.get("filter", "").strip()
    try:
        node = parse(text) if text else None
    except BadFilter as wrong:
        raise bad(f"filter: {wrong}", "invalidFilter") from wrong
    start = max(_number(query, "startIndex", 1), 1)
    return Listing(node=node, skip=start - 1, count=min(max(_number(query, "count", COUNT), 0), COUNT_LIMIT))


def list_reply(listing: Listing, total: int, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The message of a list."""
    return {
        "schemas": [SCHEMA],
        "totalResults": total,
        "startIndex": listing.skip + 1,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def project(resource: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Only the ``attributes``, or all but the ``excludedAttributes``; of ``name.givenName`` that part."""
    only, without = _names(query, "attributes"), _names(query, "excludedAttributes")
    if not only and not without:
        return dict(resource)
    found: dict[str, Any] = {}
    for name, value in resource.items():
        if name in _ALWAYS:
            found[name] = value
        elif only:
            parts = only.get(name.lower())
            if parts is not None:
                found[name] = _inner(value, parts, are_wanted=True) if parts else value
        else:
            parts = without.get(name.lower())
            if parts is None:
                found[name] = value
            elif parts:
                found[name] = _inner(value, parts, are_wanted=False)
    return {name: value for name, value in found.items() if value not in ({}, None)}


def wants(name: str, query: Mapping[str, str]) -> bool:
    """Whether an answer has that attribute, or a part of it."""
    only, without = _names(query, "attributes"), _names(query, "excludedAttributes")
    return name.lower() in only if only else without.get(name.lower()) != set()


def _inner(value: Any, parts: set[str], *, are_wanted: bool) -> Any:
    if isinstance(value, list):
        return [_inner(each, parts, are_wanted=are_wanted) for each in value]
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if (name.lower() in parts) is are_wanted}
    return value


def _names(query: Mapping[str, str], parameter: str) -> dict[str, set[str]]:
    """Attributes in lower case, each with the parts that are named; none: the whole."""
    found: dict[str, set[str]] = {}
    for each in query.get(parameter, "").split(","):
        name, _, part = without_schema(each.strip()).lower().partition(".")
        if name:
            parts = found.setdefault(name, {part} if part else set())
            if parts and part:
                parts.add(part)
            else:
                parts.clear()
    return found


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    try:
        return int(text[:18])
    except ValueError as wrong:
        raise bad(f"{name} must be a number") from wrong
