"""
Settings as people write them: ``name=value`` on a command line, and TOML files.

Secrets never stand there themselves: a value says where one is, ``env:NAME`` or ``file:PATH``.
"""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from poolhouse.house.branding import COLOURS, picture_url, read_colour, read_logo
from poolhouse.house.settings.table import Group, Row, find
from poolhouse.house.settings.values import WrongSettings
from poolhouse.kit.ambient import Secret

FILE_LIMIT = 1_000_000
_OF_FILES = frozenset({"tls.own.chain", "tls.authorities", "gate.authority"})
"""Texts that nobody types: certificates. ``file:PATH`` stands for them, too."""
_READ_IN_FILES = _OF_FILES | COLOURS
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_EXPECTED = {
    "number": "a whole number",
    "flag": "true or false",
    "list": 'a list: one, two, or ["one", "two"]',
    "json": "JSON",
    "text": "text",
    "choice": "text",
    "picture": "a picture: file:PATH",
}


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says: settings by path, and entries of ``[[apps]]`` as they stand."""

    settings: dict[str, Any]
    apps: list[dict[str, Any]]


def read_assignments(assignments: Sequence[str], environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """``name=value``, each name once; ``name=`` returns a setting to its default."""
    changes: dict[str, Any] = {}
    for each in assignments:
        path, equals, text = each.partition("=")
        if not equals:
            raise WrongSettings({"": f"{each} is not name=value."})
        if path in changes:
            raise WrongSettings({path: "It is given twice."})
        entry = find(path)
        if entry is None:
            raise WrongSettings({path: "There is no such setting."})
        changes[path] = typed(entry, path, text, environ) if text else None
    return changes


def read_file(path: Path, environ: Mapping[str, str] = os.environ) -> Given:
    """A file of settings; ``WrongSettings`` for one that cannot be read, and for each name that does not exist."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise WrongSettings({"": f"{path} is too large."})
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise WrongSettings({"": f"{path}: {wrong}"}) from wrong
    apps = written.pop("apps", [])
    if not isinstance(apps, list) or not all(isinstance(each, dict) for each in apps):
        raise WrongSettings({"apps": "Each app is a table: [[apps]]."})
    settings, errors = {}, {}
    for name, value in _leaves(written, ""):
        entry = find(name)
        if not isinstance(entry, Row):
            errors[name] = "There is no such setting." if entry is None else "It is a group of settings: [group]."
        elif entry.kind == "secret":
            settings[name] = resolve(name, value, environ)
        elif (entry.kind == "picture" or entry.path in _READ_IN_FILES) and value and isinstance(value, str):
            settings[name] = typed(entry, name, value, environ)
        else:
            settings[name] = value
    if errors:
        raise WrongSettings(errors)
    return Given(settings=settings, apps=apps)


def resolve(path: str, reference: Any, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret that ``env:NAME`` or ``file:PATH`` stands for; a last line break of a file is not part of it."""
    kind, colon, where = str(reference).partition(":")
    if isinstance(reference, str) and colon and where and kind in {"env", "file"}:
        if kind == "env":
            if where not in environ:
                raise WrongSettings({path: f"There is no variable {where}."})
            return Secret(environ[where])
        try:
            return Secret(Path(where).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r"))
        except (OSError, UnicodeDecodeError) as wrong:
            raise WrongSettings({path: f"{where} cannot be read."}) from wrong
    raise WrongSettings({path: "A secret is given by reference: env:NAME or file:PATH."})


def _leaves(written: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for name, value in written.items():
        path = f"{above}.{name}" if above else name
        entry = find(path)
        if not isinstance(entry, Group):
            yield path, value
        elif entry.is_several:
            yield from _items(path, value)
        elif isinstance(value, dict):
            yield from _leaves(value, path)
        else:
            yield path, value


def _items(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """``[[providers]]`` with an ``id`` each, or ``[providers.okta]``."""
    if isinstance(value, dict):
        items = [{**item, "id": name} for name, item in value.items() if isinstance(item, dict)]
    else:
        items = value if isinstance(value, list) else []
    for item in items:
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str) or not name or "." in name:
            raise WrongSettings({path: "Each has an id, without a dot in it."})
        yield from _leaves({key: each for key, each in item.items() if key != "id"}, f"{path}.{name}")


def typed(entry: Row | Group, path: str, text: str, environ: Mapping[str, str] = os.environ) -> Any:
    """The value that *text* stands for, by the kind of its setting."""
    if isinstance(entry, Group):
        return text
    if entry.kind == "secret":
        return resolve(path, text, environ)
    if entry.path in _OF_FILES and text.startswith("file:"):
        return resolve(path, text, environ).reveal()
    if entry.path in COLOURS:
        return read_colour(text)
    try:
        return _READ[entry.kind](text)
    except (ValueError, KeyError) as wrong:
        raise WrongSettings({path: f"{text} is not {_EXPECTED[entry.kind]}."}) from wrong


def _text(text: str) -> str:
    return msgspec.json.decode(text, type=str) if text.startswith('"') else text


def _list(text: str) -> list[str]:
    if text.startswith("["):
        return msgspec.json.decode(text, type=list[str])
    return [part.strip() for part in text.split(",") if part.strip()]


def _picture(text: str) -> str:
    """``file:PATH``, or a ``data:`` URL as an export has it."""
    if not text.startswith("file:"):
        return read_logo(text)
    try:
        return picture_url(Path(text.removeprefix("file:")).read_bytes())
    except OSError as wrong:
        raise ValueError(text) from wrong


_READ: Mapping[str, Callable[[str], Any]] = {
    "number": int,
    "flag": lambda text: _FLAGS[text.lower()],
    "json": msgspec.json.decode,
    "list": _list,
    "text": _text,
    "choice": _text,
    "picture": _picture,
}
