"""Required and custom attributes (CreateUserPool: Schema; AddCustomAttributes)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolhouse.pool.console.choices import ATTRIBUTE_TYPES, ATTRIBUTES
from poolhouse.pool.console.form import Form, Problems

FIELDS: Final = ("required", "custom_name", "custom_type", "custom_min", "custom_max", "custom_mutable")
NAME_LENGTH: Final = 20
MOST: Final = 50
_BOUNDED: Final = ("String", "Number")
_LONGEST: Final = 2048

Row = dict[str, str]
BLANK: Final[Mapping[str, str]] = {"name": "", "type": "String", "min": "", "max": "", "mutable": "yes"}


def rows(form: Form) -> list[Row]:
    """The rows of the table of custom attributes, without those that were left empty."""
    columns = [form.column(f"custom_{name}") for name in ("name", "type", "min", "max", "mutable")]
    table = [
        dict(zip(("name", "type", "min", "max", "mutable"), each, strict=True)) for each in zip(*columns, strict=False)
    ]
    return [row for row in table if row["name"] or row["min"] or row["max"]]


def check(form: Form) -> Problems:
    """Problems of a row are under ``custom:<number>``, counted from 0."""
    problems: Problems = {}
    seen: set[str] = set()
    found = rows(form)
    for number, row in enumerate(found):
        sentence = next(_wrong(row, seen), "")
        if sentence:
            problems[f"custom:{number}"] = sentence
        seen.add(row["name"])
    if len(found) > MOST:
        problems["custom"] = f"A pool can have {MOST} custom attributes."
    return problems


def _wrong(row: Row, seen: set[str]) -> Iterator[str]:
    name, low, high = row["name"], row["min"], row["max"]
    if not name:
        yield "Enter a name."
    if len(name) > NAME_LENGTH or not name.isprintable() or " " in name:
        yield f"A name has at most {NAME_LENGTH} characters and no blanks."
    if name in seen:
        yield f"There is a custom attribute {name} already."
    if row["type"] not in dict(ATTRIBUTE_TYPES) or row["mutable"] not in {"yes", "no"}:
        yield "Choose a type, and whether the value may change."
    if (low or high) and row["type"] not in _BOUNDED:
        yield f"Only {' and '.join(_BOUNDED)} have a minimum and a maximum."
    if not all(_is_integer(bound) for bound in (low, high) if bound):
        yield "Minimum and maximum are whole numbers."
    elif row["type"] == "String" and any(not 0 <= int(bound) <= _LONGEST for bound in (low, high) if bound):
        yield f"A string has from 0 to {_LONGEST} characters."
    elif low and high and int(low) > int(high):
        yield "The minimum is above the maximum."


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) <= 300


def custom(form: Form) -> list[dict[str, Any]]:
    """Custom attributes as a request has them."""
    return [_attribute(row) for row in rows(form)]


def _attribute(row: Row) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    if row["type"] == "String":
        given = {"MinLength": row["min"], "MaxLength": row["max"]}
        bounds = {"StringAttributeConstraints": {name: value for name, value in given.items() if value}}
    elif row["type"] == "Number":
        given = {"MinValue": row["min"], "MaxValue": row["max"]}
        bounds = {"NumberAttributeConstraints": {name: value for name, value in given.items() if value}}
    return {
        "Name": row["name"],
        "AttributeDataType": row["type"],
        "Mutable": row["mutable"] == "yes",
        **{name: value for name, value in bounds.items() if value},
    }


def schema(form: Form) -> list[dict[str, Any]]:
    """The Schema of a new pool; a required attribute stays changeable."""
    required = [
        {"Name": name, "Required": True, "Mutable": True} for name, _ in ATTRIBUTES if form.has("required", name)
    ]
    return required + custom(form)


def attributes(pool: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The attributes of a pool by full name."""
    return {each["Name"]: each for each in pool.get("SchemaAttributes") or []}


def required_of(pool: Mapping[str, Any]) -> list[str]:
    return [
        each["Name"] for each in pool.get("SchemaAttributes") or [] if each.get("Required") and each["Name"] != "sub"
    ]


def custom_of(pool: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for name, each in attributes(pool).items() if name.startswith(("custom:", "dev:custom:"))]


def bounds_in_words(attribute: Mapping[str, Any]) -> str:
    """Minimum and maximum of an attribute; empty where it has none."""
    text = attribute.get("StringAttributeConstraints") or {}
    number = attribute.get("NumberAttributeConstraints") or {}
    low, high = text.get("MinLength", number.get("MinValue")), text.get("MaxLength", number.get("MaxValue"))
    what = "characters" if text else ""
    if low is not None and high is not None:
        return f"{low} to {high} {what}".strip()
    if low is not None:
        return f"{low} {what} or more".replace("  ", " ")
    return f"{high} {what} or less".replace("  ", " ") if high is not None else ""
