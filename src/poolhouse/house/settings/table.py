"""
Every live setting, read off the structs of ``Document``.

Structs within structs are names with dots (``mail.host``); of structs in a tuple each is named by its own ``id``
(``providers.okta.client_id``), which stands as ``*`` in this table.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, cast

import msgspec
from msgspec import inspect as mi

from poolhouse.house.model import Document
from poolhouse.kit.ambient import Secret

Kind = Literal["text", "number", "flag", "choice", "list", "secret", "picture", "json"]
NOT_SET = frozenset({"version", "rollout"})
"""What the house itself writes."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """
    One setting.

    ``default`` is a plain value; None where there is none, or where the thing it belongs to need not exist.
    ``labels`` are what the choices are called on pages.
    """

    path: str
    kind: Kind
    default: Any
    label: str
    help: str
    choices: tuple[str, ...] = ()
    labels: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the tree that is not a setting itself: a struct, or several of them by id."""

    path: str
    is_several: bool


@cache
def entries() -> dict[str, Row | Group]:
    """Everything that has a path, in the order of the document."""
    return entries_of(Document)


def entries_of(struct: type[msgspec.Struct]) -> dict[str, Row | Group]:
    """The same of any struct."""
    return {each.path: each for each in _fields(cast("mi.StructType", mi.type_info(struct)), "")}


TOP = "."
"""The section of settings that are in none."""


def is_in(path: str, section: str) -> bool:
    """Whether the setting is one of that section."""
    return "." not in path if section == TOP else path.startswith(f"{section}.")


def rows(section: str = "") -> list[Row]:
    """The settings, of one section or all."""
    return [each for each in entries().values() if isinstance(each, Row) and (not section or is_in(each.path, section))]


def find(path: str) -> Row | Group | None:
    """What *path* names; ids of a tuple's structs fit its ``*``."""
    pattern: list[str] = []
    for part in path.split("."):
        here = entries().get(".".join(pattern))
        pattern.append("*" if isinstance(here, Group) and here.is_several else part)
    return entries().get(".".join(pattern))


def _fields(of: mi.StructType, above: str) -> Iterator[Row | Group]:
    for field in of.fields:
        path = f"{above}.{field.name}" if above else field.name
        if path not in NOT_SET:
            yield from _field(field, path)


def _field(field: mi.Field, path: str) -> Iterator[Row | Group]:
    of, title, help_, extra = _plain(field.type)
    inner = _item(of)
    if inner is not None:
        yield Group(path=path, is_several=True)
        yield Group(path=f"{path}.*", is_several=False)
        yield from (each for each in _fields(inner, f"{path}.*") if each.path != f"{path}.*.id")
        return
    if isinstance(of, mi.StructType) and of.cls is not Secret:
        yield Group(path=path, is_several=False)
        yield from _fields(of, path)
        return
    kind: Kind = "picture" if extra.get("is_picture") else _kind(of)
    labels: dict[str, str] = extra.get("labels", {})
    yield Row(
        path=path,
        kind=kind,
        default=None if kind == "secret" else _default(field),
        label=title or field.name.replace("_", " ").capitalize(),
        help=help_,
        choices=tuple(labels) or _choices(of),
        labels=labels,
    )


def _plain(of: mi.Type) -> tuple[mi.Type, str, str, dict[str, Any]]:
    """The type without what is said of it, and without None; what is said."""
    title = help_ = ""
    extra: dict[str, Any] = {}
    while isinstance(of, mi.Metadata | mi.UnionType):
        if isinstance(of, mi.Metadata):
            said = of.extra_json_schema or {}
            title, help_ = said.get("title", title), said.get("description", help_)
            extra |= of.extra or {}
            of = of.type
            continue
        others = [each for each in of.types if not isinstance(each, mi.NoneType)]
        if len(others) != 1:
            break
        of = others[0]
    return of, title, help_, extra


def _item(of: mi.Type) -> mi.StructType | None:
    """The struct of a tuple whose items are named by an ``id``."""
    item = of.item_type if isinstance(of, mi.VarTupleType | mi.ListType) else None
    if item is None:
        return None
    item = _plain(item)[0]
    if isinstance(item, mi.StructType) and any(field.name == "id" for field in item.fields):
        return item
    return None


def _choices(of: mi.Type) -> tuple[str, ...]:
    match of:
        case mi.LiteralType(values=values):
            return tuple(map(str, values))
        case mi.EnumType(cls=cls):
            return tuple(str(each.value) for each in cls)
        case _:
            return ()


_KINDS: Mapping[type[mi.Type], Kind] = {
    mi.StructType: "secret",
    mi.BoolType: "flag",
    mi.IntType: "number",
    mi.StrType: "text",
    mi.LiteralType: "choice",
    mi.EnumType: "choice",
}


def _kind(of: mi.Type) -> Kind:
    if isinstance(of, mi.VarTupleType) and isinstance(_plain(of.item_type)[0], mi.StrType):
        return "list"
    return _KINDS.get(type(of), "json")


def _default(field: mi.Field) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.to_builtins(field.default_factory())
    return None if field.default is msgspec.NODEFAULT else msgspec.to_builtins(field.default)
