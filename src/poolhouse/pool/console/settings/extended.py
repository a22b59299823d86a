"""
Settings beyond the service's as a form: each is told as a field, and the form is made from these.

What an administrator is told of a setting stands in a table of groups: ``openid_fields`` for app clients,
``hosted_fields`` for pools.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.core.settings.openid import WrongSetting

Kind = Literal["cards", "select", "boxes", "switch", "text", "number", "rows", "json", "secret"]
Choice = tuple[str, str, str]
"""Value, label, and a sentence where it needs one."""

_NOT_JSON: Final = 'That is not a JSON Web Key Set. One looks like {"keys": [...]}.'


class Field(msgspec.Struct, frozen=True):
    """
    ``name`` is the setting's; ``source`` the standard that it comes from; ``row`` what one of several is called.

    A switch whose setting is on by default is on unless it is turned off: ``default`` says so.
    """

    name: str
    kind: Kind
    label: str
    hint: str
    source: str = "ours"
    choices: tuple[Choice, ...] = ()
    row: str = ""
    default: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(value, label) for value, label, _ in self.choices]


class Group(msgspec.Struct, frozen=True):
    """A card of the page."""

    title: str
    text: str
    fields: tuple[Field, ...]


Groups = tuple[Group, ...]


def _fields(groups: Groups) -> list[Field]:
    return [field for group in groups for field in group.fields]


def filled(groups: Groups, settings: msgspec.Struct) -> Form:
    return of(**{field.name: _as_typed(field, getattr(settings, field.name)) for field in _fields(groups)})


def _as_typed(field: Field, value: Any) -> Any:
    if field.kind == "secret":
        return None
    if field.kind == "json" and value is not None:
        return msgspec.json.format(msgspec.json.encode(value)).decode()
    return value


def changes(groups: Groups, form: Form) -> tuple[dict[str, Any], Problems]:
    """Every setting of the page, but a secret that was left empty and stays; None is a default."""
    problems: Problems = {}
    found = {field.name: _read(field, form, problems) for field in _fields(groups)}
    kept = {field.name for field in _fields(groups) if field.kind == "secret" and found[field.name] is None}
    return {name: value for name, value in found.items() if name not in kept}, problems


def _read(field: Field, form: Form, problems: Problems) -> Any:
    match field.kind:
        case "switch":
            chosen = form.has(field.name)
            return None if chosen is field.default else chosen
        case "rows" | "boxes":
            return list(form.every(field.name)) or None
        case "number":
            number = form.number(field.name)
            if number is None and form.text(field.name):
                problems[field.name] = "Enter a whole number."
            return number
        case "json":
            return _key_set(field, form, problems)
        case _:
            return form.text(field.name) or None


def _key_set(field: Field, form: Form, problems: Problems) -> Any:
    text = form.verbatim(field.name).strip()
    try:
        found = msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        found = text
    if found is not None and not isinstance(found, dict):
        problems[field.name] = _NOT_JSON
    return found


def placed(groups: Groups, wrong: WrongSetting) -> Problems:
    """The sentence beside the field that it names, in the words of the page."""
    sentence = str(wrong)
    # The longest name first: one is the beginning of another (jwks, jwks_uri).
    for field in sorted(_fields(groups), key=lambda each: -len(each.name)):
        if field.name in sentence:
            return {field.name: sentence.replace(field.name, field.label)}
    return {"": sentence}


def in_words(
    groups: Groups, settings: msgspec.Struct, default: msgspec.Struct, always: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """What differs from *default*, and those that are *always* said."""
    return [
        (field.label, _value_in_words(field, getattr(settings, field.name)))
        for field in _fields(groups)
        if field.name in always or getattr(settings, field.name) != getattr(default, field.name)
    ]


def _value_in_words(field: Field, value: Any) -> str:
    if field.kind == "secret":
        return "Set" if value else "Not set"
    labels = {choice: label for choice, label, _ in field.choices}
    match value:
        case bool():
            return "Yes" if value else "No"
        case tuple():
            return ", ".join(labels.get(str(each), str(each)) for each in value)
        case dict():
            count = len(value.get("keys", ()))
            return "1 key" if count == 1 else f"{count} keys"
        case _:
            return labels.get(str(value), str(value))
