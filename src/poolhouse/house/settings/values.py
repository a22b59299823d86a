"""A document as paths and plain values, and back."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from poolhouse.house.model import Document
from poolhouse.house.settings.table import Group, Row, find
from poolhouse.kit.ambient import Secret

_LONG = 200
_PEM = "-----BEGIN CERTIFICATE-----"
MASK = "\N{BULLET}" * 6


class WrongSettings(Exception):
    """What is wrong, by path; "" for what has none."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{path}: {text}" if path else text for path, text in errors.items()))
        self.errors = dict(errors)


def flat(document: Document) -> dict[str, Any]:
    """
    Every setting that the document has, by path.

    Secrets are ``Secret``, so whoever prints a value shows none.
    """
    return dict(_leaves(msgspec.to_builtins(document), ""))


def changed_paths(before: Document, after: Document) -> list[str]:
    """Which settings differ, in the order of the document."""
    old, new = flat(before), flat(after)
    return [path for path in dict.fromkeys((*new, *old)) if old.get(path) != new.get(path)]


def describe_change(before: Document, after: Document, *, is_labelled: bool = False) -> str:
    """
    The settings that differ and what they are now; of a secret only that it did.

    *is_labelled*: by what their page calls them, where it is said which page that is.
    """
    new = flat(after)
    parts = []
    for path in changed_paths(before, after):
        entry = find(path)
        name = entry.label if is_labelled and isinstance(entry, Row) else path
        parts.append(f"{name}: {shown(new[path]) if path in new else 'removed'}")
    return "; ".join(parts) or "nothing changed"


def shown(value: Any) -> str:
    """A value for a line of text."""
    if isinstance(value, Secret):
        return MASK if value.reveal() else "(empty)"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if text.startswith(_PEM):
        count = text.count(_PEM)
        return f"{count} certificate{'s' if count != 1 else ''} in PEM"
    return text if len(text) <= _LONG else f"{text[:_LONG]}... ({len(text)} characters)"


def with_changes(document: Document, changes: Mapping[str, Any]) -> Document:
    """
    The document with plain values at paths; None returns one to its default, and removes one of several.

    ``WrongSettings`` for a name that does not exist and a value that is of another kind.
    """
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    wrong = {path: "There is no such setting." for path in changes if find(path) is None}
    wrong |= {path: said for path, value in changes.items() if (said := _not_chosen(path, value))}
    if wrong:
        raise WrongSettings(wrong)
    for path, value in changes.items():
        _put(plain, path, _as_stored(path, value))
    try:
        return msgspec.convert(plain, Document)
    except msgspec.ValidationError as failed:
        raise WrongSettings(_placed(str(failed))) from failed


def _not_chosen(path: str, value: Any) -> str:
    entry = find(path)
    if not isinstance(entry, Row) or entry.kind != "choice" or value is None or value in entry.choices:
        return ""
    return f"It is one of {', '.join(entry.choices)}."


def _as_stored(path: str, value: Any) -> Any:
    entry = find(path)
    if value is None:
        return None
    if isinstance(entry, Row) and entry.kind == "secret":
        if not isinstance(value, Secret):
            raise WrongSettings({path: "A secret is given by reference: env:NAME or file:PATH."})
        return {"_value": value.reveal()}
    if isinstance(entry, Group):
        raise WrongSettings({path: f"It is a group of settings: give one, such as {path}.<name>=<value>."})
    return value


def _put(plain: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    place: Any = plain
    for depth, part in enumerate(above):
        place = _below(place, part, is_several=_is_several(".".join(above[: depth + 1])), makes=value is not None)
        if place is None:
            return
    if isinstance(place, list):
        place[:] = [item for item in place if item.get("id") != last]
    elif value is None:
        place.pop(last, None)
    else:
        place[last] = value


def _below(place: Any, part: str, *, is_several: bool, makes: bool) -> Any:
    """The struct or list called *part* within *place*; made if it is not there and *makes* says so."""
    if isinstance(place, list):
        item = next((each for each in place if each.get("id") == part), None)
        if item is None and makes:
            item = {"id": part}
            place.append(item)
        return item
    if place.get(part) is None:
        if not makes:
            return None
        place[part] = [] if is_several else {}
    return place[part]


def _is_several(path: str) -> bool:
    entry = find(path)
    return isinstance(entry, Group) and entry.is_several


def _leaves(plain: Any, above: str) -> Iterator[tuple[str, Any]]:
    for name, value in plain.items():
        path = f"{above}.{name}" if above else name
        entry = find(path)
        if isinstance(entry, Row):
            # A field of type Secret | None may hold nothing.
            yield path, Secret(value["_value"]) if entry.kind == "secret" and value is not None else value
        elif isinstance(entry, Group) and entry.is_several:
            for item in value:
                yield from _leaves({key: each for key, each in item.items() if key != "id"}, f"{path}.{item['id']}")
        elif isinstance(entry, Group) and value is not None:
            yield from _leaves(value, path)


def _placed(message: str) -> dict[str, str]:
    """Msgspec's sentence ("Expected `int`, got `str` - at `$.mail.port`") beside the setting that it is about."""
    text, _, where = message.partition(" - at ")
    path = re.sub(r"\[(\d+)\]", r".\1", where.strip("`").removeprefix("$").removeprefix("."))
    return {path: text.replace("`", '"').replace("array", "list").replace("object", "group") + "."}
