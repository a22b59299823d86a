"""
Every way in which a request body breaks the limits of the API, in the service's wording.

A JSON value of the wrong type is a SerializationException at once. All broken limits are collected (until ``MOST``,
so that a small body cannot ask for an endless answer). Unknown members are ignored; null is absence.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec

from poolhouse.pool.spec.contract import ShapeModel, contract
from poolhouse.pool.spec.errors import CognitoError, invalid_parameter, serialization
from poolhouse.pool.spec.scalars import Rule, length_rules, scalar, wrong_type

MOST = 100
_NULL = "Member must not be null"
_CONTAINERS = ("structure", "list", "map")

Check = Callable[[Any, str, list[str]], None]


_LIFTED = {("ListUsers", "Limit"): 1_000}
"""Members that may be larger than the service's model says, outside strict mode."""


def check(operation: str, body: Any, *, strict: bool = True) -> list[str]:
    """
    Give all violations of *operation*'s limits in *body*; raise SerializationException for a wrong JSON type.

    DEVIATION: a page of ListUsers has up to 1,000 users where the service gives 60; in strict mode it has 60.
    """
    found: list[str] = []
    _operation_checker(operation, strict=strict)(body, "", found)
    return found


def present(operation: str, body: Any) -> Any:
    """
    Give *body* without the null values of its maps.

    Clients in wide use send ``DEVICE_KEY: null`` for a device that they do not have (amazon-cognito-identity-js).
    """
    if type(body) is dict:
        for name in _maps(contract().operations[operation].input):
            values = body.get(name)
            if type(values) is dict and None in values.values():
                body = {**body, name: {key: value for key, value in values.items() if value is not None}}
    return body


@cache
def _maps(name: str) -> tuple[str, ...]:
    shapes = contract().shapes
    return tuple(wire for wire, target in shapes[name].members.items() if shapes[target].type == "map")


@cache
def _operation_checker(operation: str, *, strict: bool) -> Check:
    name = contract().operations[operation].input
    lifted = {member: most for (of, member), most in _LIFTED.items() if of == operation}
    if strict or not lifted:
        return _checker(name)
    members = contract().shapes[name].members
    checkers = {
        member: _leaf(msgspec.structs.replace(contract().shapes[members[member]], max=most), hidden=False)
        for member, most in lifted.items()
    }
    return _structure(contract().shapes[name], checkers)


def refusal(violations: list[str]) -> CognitoError:
    """Give the error that names all *violations*."""
    counted = f"{len(violations)} validation error{'' if len(violations) == 1 else 's'} detected: "
    return invalid_parameter(counted + "; ".join(violations))


@cache
def _checker(name: str) -> Check:
    shape = contract().shapes[name]
    match shape.type:
        case "structure":
            return _anything if shape.document else _structure(shape)
        case "list":
            return _list(shape, hidden=_is_hidden(name))
        case "map":
            return _map(shape, hidden=_is_hidden(name))
        case _:
            return _leaf(shape, hidden=_is_hidden(name))


def _anything(_value: Any, _path: str, _found: list[str]) -> None:
    """A document: any JSON value will do."""


def _structure(shape: ShapeModel, instead: Mapping[str, Check] = MappingProxyType({})) -> Check:
    members = [
        (wire, wire[0].lower() + wire[1:], instead.get(wire) or _checker(target), wire in shape.required)
        for wire, target in shape.members.items()
    ]

    def check_structure(value: Any, path: str, found: list[str]) -> None:
        if type(value) is not dict:
            raise wrong_type(value, "") if type(value) is list else serialization("Expected null")
        prefix = f"{path}." if path else ""
        for wire, name, check_member, is_required in members:
            member = value.get(wire)
            if member is not None:
                check_member(member, prefix + name, found)
            elif is_required:
                found.append(_violation(None, prefix + name, _NULL))

    return check_structure


def _leaf(shape: ShapeModel, *, hidden: bool) -> Check:
    accepts, rules = scalar(shape)

    def check_leaf(value: Any, path: str, found: list[str]) -> None:
        if not accepts(value):
            _report(rules, value, path, found, hidden=hidden)

    return check_leaf


def _list(shape: ShapeModel, *, hidden: bool) -> Check:
    lengths = length_rules(shape)
    element = _elements("Member must satisfy constraint", shape.member, hidden=hidden)

    def check_list(value: Any, path: str, found: list[str]) -> None:
        if type(value) is not list:
            raise wrong_type(value, "") if type(value) is dict else serialization("Expected list or null")
        _report(lengths, value, path, found, hidden=hidden)
        element(value, enumerate(value, 1), path, found)

    return check_list


def _map(shape: ShapeModel, *, hidden: bool) -> Check:
    lengths = length_rules(shape)
    key = _elements("Map keys must satisfy constraint", shape.key, hidden=hidden)
    element = _elements("Map value must satisfy constraint", shape.value, hidden=hidden)

    def check_map(value: Any, path: str, found: list[str]) -> None:
        if type(value) is not dict:
            raise wrong_type(value, "") if type(value) is list else serialization("Expected map or null")
        _report(lengths, value, path, found, hidden=hidden)
        key(value, enumerate(value, 1), path, found)
        element(value, value.items(), path, found)

    return check_map


#: (the container, its elements with their place in it, path, found)
_CheckElements = Callable[[Any, Iterable[tuple[Any, Any]], str, list[str]], None]


def _elements(constraint: str, name: str, *, hidden: bool) -> _CheckElements:
    """Check what is in a list or a map: structures one by one, plain values in one sentence, as the service does."""
    shape = contract().shapes[name]
    if shape.type in _CONTAINERS:
        return _each(_checker(name))
    accepts, rules = scalar(shape)
    texts = [rule.text for rule in rules]

    def check_elements(container: Any, elements: Iterable[tuple[Any, Any]], path: str, found: list[str]) -> None:
        nulls = broken = False
        for _, element in elements:
            if element is None:
                nulls = True
            elif not accepts(element):
                broken = True
        if nulls or broken:
            all_texts = ", ".join([*texts, _NULL] if nulls else texts)
            found.append(_violation(container, path, f"{constraint}: [{all_texts}]", hidden=hidden))

    return check_elements


def _each(check_element: Check) -> _CheckElements:
    def check_each(_container: Any, elements: Iterable[tuple[Any, Any]], path: str, found: list[str]) -> None:
        for place, element in elements:
            if len(found) >= MOST:
                return
            if element is None:
                found.append(_violation(None, f"{path}.{place}.member", _NULL))
            else:
                check_element(element, f"{path}.{place}.member", found)

    return check_each


@cache
def _is_hidden(name: str) -> bool:
    """
    Tell whether a value of this shape is left out of a message: it, or something in it, is sensitive.

    So is a list or map of structures: the service shows only the address of such a thing.
    """
    shape = contract().shapes[name]
    inside = [part for part in (shape.member, shape.key, shape.value) if part]
    return shape.sensitive or shape.type == "structure" or any(_is_hidden(part) for part in inside)


def _report(rules: Iterable[Rule], value: Any, path: str, found: list[str], *, hidden: bool) -> None:
    found.extend(_violation(value, path, rule.text, hidden=hidden) for rule in rules if rule.is_broken(value))


def _violation(value: Any, path: str, constraint: str, *, hidden: bool = False) -> str:
    shown = " null" if value is None else "" if hidden else f" '{_java(value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _java(value: Any) -> str:
    """Write *value* as Java's ``toString`` does."""
    match value:
        case None:
            return "null"
        case list():
            return f"[{', '.join(map(_java, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}={_java(element)}' for key, element in value.items())}}}"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
