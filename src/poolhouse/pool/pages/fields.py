"""From a pool's settings to the fields of its pages: usernames, attributes, what a password must have."""

import re
from types import MappingProxyType

from poolhouse.pool.flows.credentials import policy_of
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.pages.views import AttributeField, NameField

_NAME_LIMIT = 128
_NOT_IN_NAMES = re.compile(r"[\x00-\x20\x7f]")
_PHONE_HINT = "With + and the country code, for example +12065550100."
_KINDS = MappingProxyType({"email": "email", "phone_number": "phone number"})

#: Attribute -> (label, input type, autocomplete, hint).
_ATTRIBUTES: MappingProxyType[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "email": ("Email", "email", "email", ""),
        "phone_number": ("Phone number", "tel", "tel", _PHONE_HINT),
        "name": ("Name", "text", "name", ""),
        "given_name": ("Given name", "text", "given-name", ""),
        "family_name": ("Family name", "text", "family-name", ""),
        "middle_name": ("Middle name", "text", "additional-name", ""),
        "nickname": ("Nickname", "text", "nickname", ""),
        "preferred_username": ("Preferred username", "text", "nickname", ""),
        "birthdate": ("Date of birth", "date", "bday", ""),
        "website": ("Website", "url", "url", ""),
        "profile": ("Profile page", "url", "url", ""),
        "picture": ("Picture", "url", "photo", ""),
        "gender": ("Gender", "text", "sex", ""),
        "address": ("Address", "text", "street-address", ""),
        "zoneinfo": ("Time zone", "text", "off", "For example Europe/Berlin."),
        "locale": ("Language", "text", "language", "For example en-GB."),
    }
)
PREFIX = "requiredAttributes["


def name_field(pool: Pool) -> NameField:
    """What people sign in with."""
    own = pool.settings.username_attributes or ()
    if own:
        label = " or ".join(_KINDS[each] for each in ("email", "phone_number") if each in own)
        kind = "text" if len(own) > 1 else {"email": "email", "phone_number": "tel"}[own[0]]
        return NameField(label=label.capitalize(), kind=kind, hint=_PHONE_HINT if kind == "tel" else "")
    aliases = [_KINDS[each] for each in ("email", "phone_number") if each in (pool.settings.alias_attributes or ())]
    names = ["Username", *aliases]
    return NameField(label=names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}")


def new_name_field(pool: Pool) -> NameField:
    """What people choose to be named by: an alias comes later, once it is verified."""
    return name_field(pool) if pool.settings.username_attributes else NameField(label="Username")


def attribute_field(name: str, value: str = "") -> AttributeField:
    """An attribute as a field, named as the service's pages name it."""
    label, kind, autocomplete, hint = _ATTRIBUTES.get(name, (name.removeprefix("custom:"), "text", "off", ""))
    return AttributeField(
        field=f"{PREFIX}{name}]", label=label, type=kind, autocomplete=autocomplete, hint=hint, value=value
    )


def attributes_of(form: dict[str, str]) -> dict[str, str]:
    """The attributes that a form holds, without those left empty."""
    return {
        field.removeprefix(PREFIX).removesuffix("]"): value.strip()
        for field, value in form.items()
        if field.startswith(PREFIX) and value.strip()
    }


def signing_up_attributes(pool: Pool) -> tuple[str, ...]:
    """
    What a new account needs beside its name: the required attributes, and an address for the code.

    What the name itself is (e-mail, phone) is not asked for twice.
    """
    settings = pool.settings
    own = settings.username_attributes or ()
    schema = settings.schema_attributes or ()
    wanted = [each.name for each in schema if each.required and each.name and each.name not in {"sub", *own}]
    automatic = [each for each in ("email", "phone_number") if each in (settings.auto_verified_attributes or ())]
    if automatic and not {*wanted, *own} & set(automatic):
        wanted.append(automatic[0])
    return tuple(wanted)


def is_name(text: str) -> bool:
    """Whether *text* can be somebody's name at all (the service's Username): nobody exists whose name cannot be."""
    return 0 < len(text) <= _NAME_LIMIT and _NOT_IN_NAMES.search(text) is None


def password_rules(pool: Pool) -> str:
    """The pool's policy as a sentence, told before a password is refused by it."""
    policy = policy_of(pool)
    wanted = [
        text
        for is_wanted, text in (
            (policy.require_lowercase, "a lower-case letter"),
            (policy.require_uppercase, "an upper-case letter"),
            (policy.require_numbers, "a number"),
            (policy.require_symbols, "a symbol"),
        )
        if is_wanted
    ]
    length = f"At least {policy.minimum_length or 1} characters"
    if not wanted:
        return f"{length}."
    listed = wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} and {wanted[-1]}"
    return f"{length}, with {listed}."


def called(pool: Pool, user: User) -> str:
    """A user as the person signs in: where that is by an address, the username is a number that says nothing."""
    names = pool.settings.username_attributes or ()
    return next((user.attributes[name] for name in names if user.attributes.get(name)), user.username)
