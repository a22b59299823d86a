"""
SCIM's filter language (RFC 7644 section 3.4.2.2): a text becomes a tree, a tree is matched against a resource.

Names of attributes and operators are in any case; strings are compared in any case too, but for ``id`` and
``externalId``, which are exact (RFC 7643 section 3.1).
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

LENGTH_LIMIT = 2_000
DEPTH_LIMIT = 20
EXACT = frozenset({"id", "externalid"})
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_TOKEN = re.compile(
    r"""\s*(?:(?P<punct>[()\[\]])|(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")|(?P<word>[^\s()\[\]"]+))""", re.DOTALL
)
_PATH = re.compile(r"(?:urn:[A-Za-z0-9.:_-]+:)?[A-Za-z$][A-Za-z0-9_$-]*(?:\.[A-Za-z$][A-Za-z0-9_$-]*)?")


_OF_BOTH: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_OF_TEXT: Mapping[str, Callable[[Any, Any], bool]] = {
    **_OF_BOTH, "co": operator.contains, "sw": str.startswith, "ew": str.endswith,
}  # fmt: skip


class BadFilter(ValueError):
    """A filter that cannot be read; the text says what is wrong with it."""


class Compare(msgspec.Struct, frozen=True):
    """``path operator value``; operator ``pr`` (present) has no value."""

    path: str
    operator: str
    value: Any = None


class Not(msgspec.Struct, frozen=True):
    """``not (...)``."""

    of: "Node"


class Both(msgspec.Struct, frozen=True):
    """``... and ...``."""

    left: "Node"
    right: "Node"


class Either(msgspec.Struct, frozen=True):
    """``... or ...``."""

    left: "Node"
    right: "Node"


class Within(msgspec.Struct, frozen=True):
    """``path[filter]``: one element of a list fits the filter."""

    path: str
    of: "Node"


Node = Compare | Not | Both | Either | Within


def parse(text: str) -> Node:
    """The tree of a filter; ``BadFilter`` for anything that is none."""
    if len(text) > LENGTH_LIMIT:
        raise BadFilter("the filter is too long")
    reader = _Reader(list(_tokens(text)))
    node = reader.either(0)
    if reader.peek() is not None:
        raise BadFilter(f"{reader.peek()!r} was not expected")
    return node


def matches(node: Node, resource: Mapping[str, Any]) -> bool:
    """Whether the resource, in SCIM's JSON, fits."""
    match node:
        case Compare():
            return _compare(node, resource)
        case Not(of):
            return not matches(of, resource)
        case Both(left, right):
            return matches(left, resource) and matches(right, resource)
        case Either(left, right):
            return matches(left, resource) or matches(right, resource)
        case Within(path, of):
            return any(isinstance(each, Mapping) and matches(of, each) for each in values_at(resource, path))


def exact_value(node: Node | None) -> tuple[str, str] | None:
    """``(attribute, value)`` of a filter that is nothing but ``attribute eq "value"``; its name in lower case."""
    if isinstance(node, Compare) and node.operator == "eq" and isinstance(node.value, str):
        return without_schema(node.path).lower(), node.value
    return None


def without_schema(path: str) -> str:
    """``userName`` of ``urn:ietf:params:scim:schemas:core:2.0:User:userName``."""
    return path.rpartition(":")[2] if path.lower().startswith("urn:") else path


def values_at(resource: Mapping[str, Any], path: str) -> list[Any]:
    """Everything at a path of one or two names; a list counts as its elements."""
    found: list[Any] = [resource]
    for name in without_schema(path).split("."):
        following: list[Any] = []
        for each in found:
            if isinstance(each, Mapping):
                value = next((value for key, value in each.items() if key.lower() == name.lower()), None)
                following += value if isinstance(value, list) else [] if value is None else [value]
        found = following
    return found


def _compare(node: Compare, resource: Mapping[str, Any]) -> bool:
    found = values_at(resource, node.path)
    if node.operator == "pr":
        return any(each not in ("", [], {}) for each in found)
    # A list of complex values is compared by what stands in ``value`` (RFC 7644 section 3.4.2.2).
    found = [each.get("value") if isinstance(each, Mapping) else each for each in found]
    if node.operator == "ne":
        return not any(_holds("eq", each, node) for each in found)
    if node.operator == "eq" and node.value is None:
        return not found
    return any(_holds(node.operator, each, node) for each in found)


def _holds(name: str, found: Any, node: Compare) -> bool:
    wanted = node.value
    if isinstance(found, bool) or isinstance(wanted, bool) or wanted is None:
        return name == "eq" and found is wanted
    if isinstance(found, str) != isinstance(wanted, str):
        return False
    if isinstance(found, str) and without_schema(node.path).lower() not in EXACT:
        found, wanted = found.lower(), wanted.lower()
    if isinstance(found, str):
        return bool(_OF_TEXT[name](found, wanted))
    return name in _OF_BOTH and bool(_OF_BOTH[name](found, wanted))


def _tokens(text: str) -> Iterator[str]:
    place = 0
    end = len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise BadFilter(f"cannot read it from {text[place : place + 20]!r} on")
        yield found.group().strip()
        place = found.end()


class _Reader:
    """Recursive descent; ``not`` binds tightest, then ``and``, then ``or``."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def next(self) -> str:
        token = self.peek()
        if token is None:
            raise BadFilter("it ends too early")
        self._at += 1
        return token

    def either(self, depth: int) -> Node:
        node = self.both(depth)
        while (self.peek() or "").lower() == "or":
            self.next()
            node = Either(node, self.both(depth))
        return node

    def both(self, depth: int) -> Node:
        node = self.one(depth)
        while (self.peek() or "").lower() == "and":
            self.next()
            node = Both(node, self.one(depth))
        return node

    def one(self, depth: int) -> Node:
        if depth > DEPTH_LIMIT:
            raise BadFilter("it is nested too deeply")
        token = self.next()
        if token.lower() == "not" and self.peek() == "(":
            return Not(self.one(depth + 1))
        if token == "(":  # noqa: S105 - a parenthesis
            node = self.either(depth + 1)
            self.expect(")")
            return node
        if not _PATH.fullmatch(token):
            raise BadFilter(f"{token!r} is no attribute")
        if self.peek() == "[":
            self.next()
            node = Within(token, self.either(depth + 1))
            self.expect("]")
            return node
        return self.comparison(token)

    def comparison(self, path: str) -> Node:
        name = self.next().lower()
        if name == "pr":
            return Compare(path, name)
        if name not in OPERATORS:
            raise BadFilter(f"{name!r} is no operator")
        token = self.next()
        try:
            value = msgspec.json.decode(token.encode())
        except (msgspec.DecodeError, UnicodeError) as wrong:
            raise BadFilter(f"{token!r} is no value") from wrong
        if value is not None and not isinstance(value, str | bool | int | float):
            raise BadFilter(f"{token!r} is no value")
        if name in {"gt", "ge", "lt", "le"} and (isinstance(value, bool) or value is None):
            raise BadFilter(f"{name} needs text or a number")
        if name in {"co", "sw", "ew"} and not isinstance(value, str):
            raise BadFilter(f"{name} needs text")
        return Compare(path, name, value)

    def expect(self, token: str) -> None:
        if self.next() != token:
            raise BadFilter(f"{token!r} is missing")
