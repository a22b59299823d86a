"""Which attributes an app client reads and writes (ReadAttributes, WriteAttributes)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems, of
from poolhouse.pool.console.settings import schema

FIELDS: Final = ("permissions", "read", "write")
NEVER_WRITTEN: Final = frozenset({"sub", "email_verified", "phone_number_verified", "identities"})


def readable(pool: Mapping[str, Any]) -> list[str]:
    return [name for name, each in schema.attributes(pool).items() if not each.get("DeveloperOnlyAttribute")]


def writable(pool: Mapping[str, Any]) -> list[str]:
    return [name for name in readable(pool) if name not in NEVER_WRITTEN]


def needed(pool: Mapping[str, Any]) -> list[str]:
    """What an app must be able to write: without it nobody could sign up there."""
    return [name for name in schema.required_of(pool) if name not in NEVER_WRITTEN]


def check(form: Form, pool: Mapping[str, Any]) -> Problems:
    if not form.has("permissions", "custom"):
        return {}
    missing = [name for name in needed(pool) if not form.has("write", name)]
    problems: Problems = {}
    if not form.every("read"):
        problems["read"] = "Choose at least one attribute: none chosen would mean all of them."
    if missing:
        problems["write"] = f"The pool requires {', '.join(missing)}, so the app must be able to write it."
    elif not form.every("write"):
        problems["write"] = "Choose at least one attribute: none chosen would mean all of them."
    return problems


def members(form: Form) -> dict[str, Any]:
    """None removes a list: then the app reads and writes all standard attributes."""
    if not form.has("permissions", "custom"):
        return {"ReadAttributes": None, "WriteAttributes": None}
    return {"ReadAttributes": list(form.every("read")), "WriteAttributes": list(form.every("write"))}


def filled(client: Mapping[str, Any], pool: Mapping[str, Any]) -> Form:
    """A list that is missing means all standard attributes."""
    read, write = client.get("ReadAttributes"), client.get("WriteAttributes")
    standard = [name for name in readable(pool) if not name.startswith("custom:")]
    return of(
        permissions="custom" if read or write else "standard",
        read=read or standard,
        write=write or [name for name in standard if name not in NEVER_WRITTEN],
    )
