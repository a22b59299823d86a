"""Tables of two columns: tags, and the scopes of a resource server."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of

TAG_FIELDS: Final = ("tag_key", "tag_value")
MOST_TAGS: Final = 50
MOST_SCOPES: Final = 100
_KEY_LENGTH: Final = 128
_VALUE_LENGTH: Final = 256


def rows(form: Form, first: str, second: str) -> list[tuple[str, str]]:
    """The rows of two columns, without those that were left empty."""
    found = zip(form.column(first), form.column(second), strict=False)
    return [(left, right) for left, right in found if left or right]


def check_tags(form: Form) -> Problems:
    """Problems of a row are under ``tag:<number>``."""
    problems: Problems = {}
    seen: set[str] = set()
    found = rows(form, *TAG_FIELDS)
    for number, (key, value) in enumerate(found):
        if not key:
            problems[f"tag:{number}"] = "Enter a key."
        elif key in seen:
            problems[f"tag:{number}"] = f"There is a tag {key} already."
        elif key.lower().startswith("aws:"):
            problems[f"tag:{number}"] = "Keys that begin with aws: are reserved."
        elif len(key) > _KEY_LENGTH or len(value) > _VALUE_LENGTH:
            problems[f"tag:{number}"] = f"A key has at most {_KEY_LENGTH} characters, a value {_VALUE_LENGTH}."
        seen.add(key)
    if len(found) > MOST_TAGS:
        problems["tag"] = f"A pool can have {MOST_TAGS} tags."
    return problems


def tags(form: Form) -> dict[str, str]:
    return dict(rows(form, *TAG_FIELDS))


def filled_tags(pool: Mapping[str, Any]) -> Form:
    present = pool.get("UserPoolTags") or {}
    return of(tag_key=list(present), tag_value=list(present.values()))


def check_scopes(form: Form) -> Problems:
    """Problems of a row are under ``scope:<number>``."""
    problems: Problems = {}
    seen: set[str] = set()
    found = rows(form, "scope_name", "scope_description")
    for number, (name, description) in enumerate(found):
        if not name or not description:
            problems[f"scope:{number}"] = "A scope has a name and a description."
        elif name in seen:
            problems[f"scope:{number}"] = f"There is a scope {name} already."
        elif "/" in name or " " in name:
            problems[f"scope:{number}"] = "A name has no slash and no blanks."
        seen.add(name)
    if len(found) > MOST_SCOPES:
        problems["scope"] = f"A resource server can have {MOST_SCOPES} scopes."
    return problems


def scopes(form: Form) -> list[dict[str, str]]:
    return [
        {"ScopeName": name, "ScopeDescription": description}
        for name, description in rows(form, "scope_name", "scope_description")
    ]


def filled_scopes(server: Mapping[str, Any]) -> Form:
    present = server.get("Scopes") or []
    return of(
        scope_name=[each["ScopeName"] for each in present],
        scope_description=[each["ScopeDescription"] for each in present],
    )
