"""Live settings and apps as a TOML file that can be applied again; secrets are named and left out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from poolhouse.house.gate import Gate
from poolhouse.house.model import App, Document
from poolhouse.house.settings.values import flat
from poolhouse.kit.ambient import Secret

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)

_TILE = ("description", "letter", "icon", "shows_locked")
"""What of an app may be left out."""


def write_settings(document: Document, *, only_changed: bool = False) -> str:
    """The document by sections; *only_changed* leaves out what is as it is by default."""
    defaults = flat(Document(version=0)) if only_changed else {}
    sections: dict[str, list[str]] = {"": []}
    for path, value in flat(document).items():
        if value is None or (path in defaults and defaults[path] == value):
            continue
        above, _, name = path.rpartition(".")
        sections.setdefault(above, []).append(_line(name, value))
    parts = ["\n".join(([f"[{_key(above)}]"] if above else []) + lines) for above, lines in sections.items() if lines]
    return "\n\n".join(parts) + "\n"


def write_apps(apps: Iterable[App]) -> str:
    """``[[apps]]`` for each app; what is as it is by default is left out."""
    parts: list[str] = []
    for app in apps:
        lines = ["[[apps]]", f"name = {toml(app.name)}", f"url = {toml(app.url)}"]
        lines += [f"{name} = {toml(getattr(app, name))}" for name in _TILE if getattr(app, name)]
        if app.gate is not None:
            lines += _tables("apps.gate", msgspec.to_builtins(app.gate))
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + ("\n" if parts else "")


def as_plain(app: App) -> dict[str, Any]:
    """An app for JSON."""
    gate = {} if app.gate is None else {"gate": _whole(app.gate)}
    return {name: getattr(app, name) for name in ("id", "name", "url", *_TILE)} | gate


def toml(value: Any) -> str:
    """A value in TOML; its strings are those of JSON, but for the delete character (TOML 1.0, "String")."""
    if isinstance(value, Mapping):
        return (
            "{ "
            + ", ".join(f"{_part(str(name))} = {toml(each)}" for name, each in value.items() if each is not None)
            + " }"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


def _whole(gate: Gate) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(gate, name)) for name in gate.__struct_fields__}


def _line(name: str, value: Any) -> str:
    if isinstance(value, Secret):
        state = "a secret is set" if value.reveal() else "not set"
        return f'# {_part(name)} = "env:NAME"  # {state}; secrets are given by reference and never written'
    return f"{_part(name)} = {toml(value)}"


def _tables(path: str, plain: Mapping[str, Any]) -> Iterator[str]:
    simple = {name: value for name, value in plain.items() if not isinstance(value, dict)}
    yield f"[{path}]"
    yield from (f"{_part(name)} = {toml(value)}" for name, value in simple.items())
    for name, value in plain.items():
        if isinstance(value, dict):
            yield from _tables(f"{path}.{_part(name)}", value)


def _key(path: str) -> str:
    return ".".join(map(_part, path.split(".")))


def _part(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml(name)
