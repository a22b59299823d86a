"""An app client's extended settings as a form: those that act, and no others."""

from typing import Any, Final

import msgspec

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings.openid_fields import GROUPS, Field, Group
from poolhouse.pool.core.settings import openid
from poolhouse.pool.model.openid import NOTHING_EXTRA, OpenIdSettings

_NOT_JSON: Final = 'That is not a JSON Web Key Set. One looks like {"keys": [...]}.'


def groups() -> tuple[Group, ...]:
    """What the page shows: fields of settings that the server acts on."""
    offered = frozenset(openid.offered())
    shown = (
        Group(each.title, each.text, tuple(field for field in each.fields if field.name in offered)) for each in GROUPS
    )
    return tuple(each for each in shown if each.fields)


def _fields() -> list[Field]:
    return [field for group in groups() for field in group.fields]


def filled(settings: OpenIdSettings) -> Form:
    return of(**{field.name: _as_typed(field, getattr(settings, field.name)) for field in _fields()})


def _as_typed(field: Field, value: Any) -> Any:
    if field.kind == "json" and value is not None:
        return msgspec.json.format(msgspec.json.encode(value)).decode()
    return value


def changes(form: Form) -> tuple[dict[str, Any], Problems]:
    """Every setting of the page; None is its default."""
    problems: Problems = {}
    found = {field.name: _read(field, form, problems) for field in _fields()}
    return found, problems


def _read(field: Field, form: Form, problems: Problems) -> Any:
    match field.kind:
        case "switch":
            return form.has(field.name) or None
        case "rows" | "boxes":
            return list(form.every(field.name)) or None
        case "number":
            number = form.number(field.name)
            if number is None and form.text(field.name):
                problems[field.name] = "Enter a whole number of seconds."
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


def placed(wrong: openid.WrongSetting) -> Problems:
    """The sentence beside the field that it names, in the words of the page."""
    sentence = str(wrong)
    # The longest name first: one is the beginning of another (jwks, jwks_uri).
    for field in sorted(_fields(), key=lambda each: -len(each.name)):
        if field.name in sentence:
            return {field.name: sentence.replace(field.name, field.label)}
    return {"": sentence}


def in_words(settings: OpenIdSettings) -> list[tuple[str, str]]:
    """The dialect, and what is not as with every app client."""
    return [
        (field.label, _value_in_words(field, getattr(settings, field.name)))
        for field in _fields()
        if field.name == "dialect" or getattr(settings, field.name) != getattr(NOTHING_EXTRA, field.name)
    ]


def _value_in_words(field: Field, value: Any) -> str:
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
