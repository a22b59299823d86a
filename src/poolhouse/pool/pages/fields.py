"""
From a pool's settings to the fields of its pages: usernames and attributes.

Labels and hints are English here: a template says them in the visitor's language.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.pool.core.attributes.permissions import writable
from poolhouse.pool.core.attributes.schema import by_name
from poolhouse.pool.languages.voice import N_
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.pages.views import AttributeField, NameField
from poolhouse.pool.spec.shapes import SchemaAttributeType

_NAME_LIMIT = 128
_NOT_IN_NAMES = re.compile(r"[\x00-\x20\x7f]")
_PHONE_HINT = N_("With + and the country code, for example +12065550100.")
PREFIX = "requiredAttributes["

#: Attribute -> (label, input type, autocomplete, hint).
_ATTRIBUTES: MappingProxyType[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "email": (N_("Email"), "email", "email", ""),
        "phone_number": (N_("Phone number"), "tel", "tel", _PHONE_HINT),
        "name": (N_("Name"), "text", "name", ""),
        "given_name": (N_("Given name"), "text", "given-name", ""),
        "family_name": (N_("Family name"), "text", "family-name", ""),
        "middle_name": (N_("Middle name"), "text", "additional-name", ""),
        "nickname": (N_("Nickname"), "text", "nickname", ""),
        "preferred_username": (N_("Preferred username"), "text", "nickname", ""),
        "birthdate": (N_("Date of birth"), "date", "bday", ""),
        "website": (N_("Website"), "url", "url", ""),
        "profile": (N_("Profile page"), "url", "url", ""),
        "picture": (N_("Picture"), "url", "photo", ""),
        "gender": (N_("Gender"), "text", "sex", ""),
        "address": (N_("Address"), "text", "street-address", ""),
        "zoneinfo": (N_("Time zone"), "text", "off", N_("For example Europe/Berlin.")),
        "locale": (N_("Language"), "text", "language", N_("For example en-GB.")),
    }
)
#: What people are named by -> label, and what is said when nothing was entered.
_BY_CONTACT: Final[Mapping[tuple[str, ...], tuple[str, str]]] = MappingProxyType(
    {
        ("email",): (N_("Email"), N_("Enter your email.")),
        ("phone_number",): (N_("Phone number"), N_("Enter your phone number.")),
        ("email", "phone_number"): (N_("Email or phone number"), N_("Enter your email or phone number.")),
    }
)
_BY_NAME: Final[Mapping[tuple[str, ...], tuple[str, str]]] = MappingProxyType(
    {
        (): (N_("Username"), N_("Enter your username.")),
        ("email",): (N_("Username or email"), N_("Enter your username or email.")),
        ("phone_number",): (N_("Username or phone number"), N_("Enter your username or phone number.")),
        ("email", "phone_number"): (
            N_("Username, email or phone number"),
            N_("Enter your username, email or phone number."),
        ),
    }
)
_KEYBOARDS: Final[Mapping[tuple[str, ...], str]] = MappingProxyType({("email",): "email", ("phone_number",): "tel"})


def name_field(pool: Pool) -> NameField:
    """What people sign in with."""
    own = _contacts(pool.settings.username_attributes)
    if not own:
        label, missing = _BY_NAME[_contacts(pool.settings.alias_attributes)]
        return NameField(label=label, missing=missing)
    label, missing = _BY_CONTACT[own]
    kind = _KEYBOARDS.get(own, "text")
    return NameField(label=label, missing=missing, kind=kind, hint=_PHONE_HINT if kind == "tel" else "")


def new_name_field(pool: Pool) -> NameField:
    """What people choose to be named by: an alias comes later, once it is verified."""
    if pool.settings.username_attributes:
        return name_field(pool)
    label, missing = _BY_NAME[()]
    return NameField(label=label, missing=missing)


def attribute_field(name: str, value: str = "") -> AttributeField:
    """An attribute as a field, named as the service's pages name it."""
    label, kind, autocomplete, hint = _ATTRIBUTES.get(name, (name.removeprefix("custom:"), "text", "off", ""))
    return AttributeField(
        field=field_of(name), label=label, type=kind, autocomplete=autocomplete, hint=hint, value=value
    )


def schema_field(attribute: SchemaAttributeType, value: str = "", error: str = "") -> AttributeField:
    """The same with the kind of input that its type has, and its bounds."""
    made = attribute_field(str(attribute.name), value)
    kind, bounds = made.type, {}
    match attribute.attribute_data_type:
        case "Number":
            kind, bounds = "number", {"step": "any"}
            limits = attribute.number_attribute_constraints
            if limits is not None:
                bounds |= {"min": limits.min_value or "", "max": limits.max_value or ""}
        case "Boolean":
            kind = "boolean"
        case "DateTime":
            kind = "datetime-local"
        case _:
            lengths = attribute.string_attribute_constraints
            if lengths is not None and kind != "date":
                bounds = {"maxlength": lengths.max_length or ""}
    return msgspec.structs.replace(
        made,
        type=kind,
        required=bool(attribute.required),
        error=error,
        bounds=tuple((name, value) for name, value in bounds.items() if value),
    )


def field_of(name: str) -> str:
    """The name of an attribute's input."""
    return f"{PREFIX}{name}]"


def attributes_of(form: dict[str, str]) -> dict[str, str]:
    """The attributes that a form holds, without those left empty."""
    return {
        field.removeprefix(PREFIX).removesuffix("]"): value.strip()
        for field, value in form.items()
        if field.startswith(PREFIX) and value.strip()
    }


def signing_up_attributes(pool: Pool, client: Client) -> tuple[SchemaAttributeType, ...]:
    """
    What a new account is asked for beside its name: the required attributes, an address for the code, and what else the
    pool wants to know (``HostedSettings.sign_up_attributes``) and the client may write.

    What the name itself is (e-mail, phone) is not asked for twice.
    """
    settings = pool.settings
    schema = settings.schema_attributes or ()
    known = by_name(schema)
    own = settings.username_attributes or ()
    required = [each.name for each in schema if each.required and each.name and each.name not in {"sub", *own}]
    automatic = [each for each in ("email", "phone_number") if each in (settings.auto_verified_attributes or ())]
    if automatic and not {*required, *own} & set(automatic):
        required.append(automatic[0])
    may = writable(schema, client.settings.write_attributes) - {*own, *required}
    optional = [each for each in pool.extended.sign_up_attributes if each in may]
    return tuple(msgspec.structs.replace(known[name], required=name in required) for name in (*required, *optional))


def is_name(text: str) -> bool:
    """Whether *text* can be somebody's name at all (the service's Username): nobody exists whose name cannot be."""
    return 0 < len(text) <= _NAME_LIMIT and _NOT_IN_NAMES.search(text) is None


def called(pool: Pool, user: User) -> str:
    """A user as the person signs in: where that is by an address, the username is a number that says nothing."""
    names = pool.settings.username_attributes or ()
    return next((user.attributes[name] for name in names if user.attributes.get(name)), user.username)


def _contacts(names: list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(each for each in ("email", "phone_number") if each in (names or ()))
