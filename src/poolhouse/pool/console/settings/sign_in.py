"""How users name themselves when they sign in (CreateUserPool: AliasAttributes, UsernameAttributes)."""

from collections.abc import Mapping
from typing import Any, Final

from poolhouse.pool.console.form import Form, Problems

OPTIONS: Final = (("username", "User name"), ("email", "Email"), ("phone_number", "Phone number"))
FIELDS: Final = ("options", "preferred", "case_sensitive")


def check(form: Form) -> Problems:
    """One option at least."""
    return {} if chosen(form) else {"options": "Choose at least one."}


def chosen(form: Form) -> tuple[str, ...]:
    return tuple(value for value, _ in OPTIONS if form.has("options", value))


def body(form: Form) -> dict[str, Any]:
    """
    With a user name the other options are aliases of it; without one they take its place.

    Only a user name can be sensitive to case: people do not know how they once wrote their address.
    """
    options = chosen(form)
    contacts = [option for option in options if option != "username"]
    if "username" not in options:
        return {"UsernameAttributes": contacts, "UsernameConfiguration": {"CaseSensitive": False}}
    if form.has("preferred"):
        contacts.append("preferred_username")
    aliases = {"AliasAttributes": contacts} if contacts else {}
    return {**aliases, "UsernameConfiguration": {"CaseSensitive": form.has("case_sensitive")}}


def in_words(pool: Mapping[str, Any]) -> list[str]:
    """The options of a pool, or of a body."""
    if names := pool.get("UsernameAttributes"):
        return [label for value, label in OPTIONS if value in names]
    aliases = pool.get("AliasAttributes") or []
    labels = [label for value, label in OPTIONS if value == "username" or value in aliases]
    return [*labels, *(["Preferred user name"] if "preferred_username" in aliases else [])]


def is_case_sensitive(pool: Mapping[str, Any]) -> bool:
    """A pool that was created without saying so is sensitive to case (AWS API: UsernameConfigurationType)."""
    configured = pool.get("UsernameConfiguration") or {}
    return configured.get("CaseSensitive") is not False
