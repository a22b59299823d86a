"""
PATCH (RFC 7644 section 3.5.2): operations upon a resource in SCIM's JSON.

As directories really send it: operators in any case, a path in the keys of a value, true and false as words.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.scim.filters import BadFilter, Compare, Node, matches, parse, without_schema
from poolhouse.house.scim.replies import ScimError, bad

SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OPERATIONS_LIMIT = 1_000
VALUES_LIMIT = 100
"""Of one attribute, members of groups apart: each further value is compared with those that are there."""
PATH_LIMIT = 300


class Place(msgspec.Struct, frozen=True):
    """Where an operation works: ``attribute[only].part``."""

    attribute: str
    only: Node | None = None
    part: str = ""


class Operation(msgspec.Struct, frozen=True):
    """One operation; without a *place* its value names the attributes."""

    op: str
    place: Place | None
    value: Any


def read(body: Mapping[str, Any]) -> list[Operation]:
    """The operations of a request; ``ScimError`` for what is none."""
    schemas = body.get("schemas")
    if not isinstance(schemas, list) or SCHEMA not in schemas:
        raise bad(f"schemas must have {SCHEMA}", "invalidSyntax")
    found = next((value for name, value in body.items() if name.lower() == "operations"), None)
    if not isinstance(found, list) or not 0 < len(found) <= OPERATIONS_LIMIT:
        raise bad(f"Operations must be a list of 1 to {OPERATIONS_LIMIT}", "invalidSyntax")
    return [_operation(each) for each in found]


def apply(resource: dict[str, Any], operations: list[Operation], known: Mapping[str, str]) -> dict[str, Any]:
    """
    The resource after all *operations*; the one given stays as it is.

    *known*: the names of attributes in lower case to how they are written; another one is ``invalidPath``.
    """
    changed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(resource))
    for operation in operations:
        if operation.place is not None:
            _apply_at(changed, operation.op, operation.place, operation.value, known)
            continue
        if not isinstance(operation.value, Mapping):
            raise bad("without a path the value must name attributes")
        for name, value in operation.value.items():
            _apply_at(changed, operation.op, read_path(name), value, known)
    return changed


def read_path(path: str) -> Place:
    """``emails[type eq "work"].value``, ``name.givenName``, ``members``, each with its schema in front or not."""
    if len(path) > PATH_LIMIT:
        raise bad(f"a path has up to {PATH_LIMIT} characters", "invalidPath")
    begin, bracket, rest = path.partition("[")
    attribute, _, part = without_schema(begin.strip()).partition(".")
    if not bracket:
        return Place(attribute, None, part)
    inner, closing, after = rest.rpartition("]")
    if part or not closing or (after and not after.startswith(".")):
        raise bad(f"{path!r} is no path", "invalidPath")
    try:
        return Place(attribute, parse(inner), after[1:])
    except BadFilter as wrong:
        raise bad(f"{path!r}: {wrong}", "invalidFilter") from wrong


def _operation(raw: object) -> Operation:
    if not isinstance(raw, Mapping):
        raise bad("an operation must be an object", "invalidSyntax")
    op = raw.get("op")
    op = op.lower() if isinstance(op, str) else ""
    if op not in {"add", "replace", "remove"}:
        raise bad("op must be add, replace or remove", "invalidSyntax")
    path, value = raw.get("path"), raw.get("value")
    if path is not None and not isinstance(path, str):
        raise bad("path must be text", "invalidPath")
    if op == "remove" and not path:
        raise ScimError(400, "remove needs a path", "noTarget")
    if op != "remove" and "value" not in raw:
        raise bad(f"{op} needs a value")
    return Operation(op, read_path(path) if path else None, value)


def _apply_at(resource: dict[str, Any], op: str, place: Place, value: Any, known: Mapping[str, str]) -> None:
    name = known.get(place.attribute.lower())
    if name is None:
        raise bad(f"there is no attribute {place.attribute!r}", "invalidPath")
    if place.only is not None:
        _apply_in_list(resource, name, op, place, value)
    elif place.part:
        held = resource.get(name)
        inner = dict(held) if isinstance(held, Mapping) else {}
        _set(inner, op, place.part, value)
        resource[name] = inner
    elif op == "remove":
        resource.pop(name, None)
    elif op == "add" and isinstance(resource.get(name), list):
        more = value if isinstance(value, list) else [value]
        _check_few(name, more)
        resource[name] = [*resource[name], *(each for each in more if each not in resource[name])]
    elif op == "add" and isinstance(resource.get(name), Mapping) and isinstance(value, Mapping):
        resource[name] = {**resource[name], **value}
    else:
        resource[name] = value
    _check_few(name, resource.get(name))


def _check_few(name: str, values: Any) -> None:
    if isinstance(values, list) and len(values) > VALUES_LIMIT:
        raise bad(f"{name} has up to {VALUES_LIMIT} values")


def _apply_in_list(resource: dict[str, Any], name: str, op: str, place: Place, value: Any) -> None:
    held = resource.get(name)
    items = [dict(each) for each in held if isinstance(each, Mapping)] if isinstance(held, list) else []
    fits = [place.only is not None and matches(place.only, each) for each in items]
    if op == "remove" and not place.part:
        resource[name] = [each for each, chosen in zip(items, fits, strict=True) if not chosen]
        return
    if not any(fits):
        if op == "remove":
            return
        # Directories set the address of a type that is not there yet: then it comes to be.
        items, fits = [*items, _wanted_by(place.only)], [*fits, True]
    for item, chosen in zip(items, fits, strict=True):
        if chosen and place.part:
            _set(item, op, place.part, value)
        elif chosen and isinstance(value, Mapping):
            item.update(value)
        elif chosen:
            raise bad("the value must be an object")
    resource[name] = items


def _set(held: dict[str, Any], op: str, part: str, value: Any) -> None:
    name = next((key for key in held if key.lower() == part.lower()), part)
    if op == "remove":
        held.pop(name, None)
    else:
        held[name] = value


def _wanted_by(node: Node | None) -> dict[str, Any]:
    """What an element must have to fit ``type eq "work"``."""
    if isinstance(node, Compare) and node.operator == "eq":
        return {node.path: node.value}
    raise ScimError(400, "nothing fits the filter of the path", "noTarget")
