"""
A user's attributes against the pool's schema.

All values are strings. A blank value means "none": at creation it is left out, at a change it deletes.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from poolhouse.pool.core.attributes.formats import (
    is_birthdate,
    is_boolean,
    is_datetime,
    is_email,
    is_phone,
    number_of,
)
from poolhouse.pool.core.attributes.schema import LONGEST_STRING, Schema, bound, by_name
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import SchemaAttributeType

CONTACTS: Final = ("email", "phone_number")
# The service's directory speaks SCIM, and its texts about required attributes show it.
_SCIM: Final = MappingProxyType(
    {
        "name": "name.formatted",
        "given_name": "name.givenName",
        "family_name": "name.familyName",
        "middle_name": "name.middleName",
        "email": "emails",
        "phone_number": "phoneNumbers",
        "address": "address.formatted",
    }
)


def accept_new(schema: Schema, given: Mapping[str, str], *, require: bool) -> dict[str, str] | Refusal:
    """
    The attributes to store for a new user.

    *require* what the schema requires: at sign-up. A user whom an administrator creates is asked for the rest with
    the new password (``missing_required``). Names all violations of the schema in one text.
    """
    known = by_name(schema)
    present = {name: value for name, value in given.items() if value != ""}
    if "sub" in present:
        return refused(Reason.ATTRIBUTE_IMMUTABLE, attribute="sub")
    problems = [_undetermined(name) for name in present if name not in known]
    if require:
        problems += [_required(name) for name in missing_required(schema, present)]
    for name, value in present.items():
        if name in known and (problem := _problem(known[name], value)):
            problems.append(f"{name}: {problem}")
    if problems:
        return refused(Reason.ATTRIBUTE_SCHEMA, detail=", ".join(problems))
    return _check_contacts(present) or {name: _normal(known[name], value) for name, value in present.items()}


def accept_changes(schema: Schema, current: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str] | Refusal:
    """
    All attributes of the user after *changes*; a blank value deletes.

    An e-mail address or phone number that changes is unverified from then on, unless the same call says that it is
    verified: whether the caller may say so is decided in ``permissions``.
    """
    known = by_name(schema)
    for name, value in changes.items():
        refusal = _check_change(known.get(name), name, value)
        if refusal is not None:
            return refusal
    contacts = {name: value for name, value in changes.items() if value != ""}
    refusal = _check_contacts(contacts)
    if refusal is not None:
        return refusal
    after = {**current, **{name: _normal(known[name], value) for name, value in changes.items()}}
    for flag in _fallen_flags(current, after, changes):
        after[flag] = "false"
    for contact in CONTACTS:
        if after.get(contact, "") == "":
            after[f"{contact}_verified"] = ""
    return {name: value for name, value in after.items() if value != ""}


def missing_required(schema: Schema, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Required attributes without a value; ``sub`` is the service's own."""
    return tuple(
        str(attribute.name)
        for attribute in schema
        if attribute.required and attribute.name != "sub" and not attributes.get(str(attribute.name))
    )


def _fallen_flags(before: Mapping[str, str], after: Mapping[str, str], changes: Mapping[str, str]) -> Iterator[str]:
    for contact in CONTACTS:
        if contact in changes and after[contact] != before.get(contact) and f"{contact}_verified" not in changes:
            yield f"{contact}_verified"


def _check_change(attribute: SchemaAttributeType | None, name: str, value: str) -> Refusal | None:
    if attribute is None:
        return _in_user(name, "Attribute does not exist in the schema.")
    if not attribute.mutable:
        return refused(Reason.ATTRIBUTE_IMMUTABLE, attribute=name)
    if value == "":
        return refused(Reason.ATTRIBUTE_SCHEMA, detail=_required(name)) if attribute.required else None
    problem = _problem(attribute, value)
    return _in_user(name, problem) if problem else None


def _check_contacts(values: Mapping[str, str]) -> Refusal | None:
    if "email" in values and not is_email(values["email"]):
        return refused(Reason.EMAIL_FORMAT)
    if "phone_number" in values and not is_phone(values["phone_number"]):
        return refused(Reason.PHONE_FORMAT)
    return None


def _in_user(name: str, problem: str) -> Refusal:
    text = f"{name}: {problem}"
    return Refusal("InvalidParameterException", f"user.{text}", Reason.ATTRIBUTE_SCHEMA, (("detail", text),))


def _undetermined(name: str) -> str:
    return f"Type for attribute {{{name}}} could not be determined"


def _required(name: str) -> str:
    shown = _SCIM.get(name, name)
    return f"{shown}: The attribute {shown} is required"


def _problem(attribute: SchemaAttributeType, value: str) -> str:
    """What is wrong with *value*, without repeating it; "" when nothing is."""
    match attribute.attribute_data_type:
        case "Number":
            return _number_problem(attribute, value)
        case "Boolean":
            return "" if is_boolean(value) else "The value must be true or false"
        case "DateTime":
            return "" if is_datetime(value) else "The value must be a date and time (ISO 8601)"
        case _:
            return _string_problem(attribute, value)


def _string_problem(attribute: SchemaAttributeType, value: str) -> str:
    bounds = attribute.string_attribute_constraints
    low = bound(bounds.min_length, 0) if bounds else 0
    high = bound(bounds.max_length, LONGEST_STRING) if bounds else LONGEST_STRING
    if low is None or high is None or not low <= len(value) <= high:
        return f"The length must be between {low} and {high}"
    if attribute.name == "birthdate" and not is_birthdate(value):
        return "The value must be a date (YYYY-MM-DD)"
    return ""


def _number_problem(attribute: SchemaAttributeType, value: str) -> str:
    number = number_of(value)
    if number is None or (attribute.name == "updated_at" and not value.isdecimal()):
        return "The value must be a number"
    bounds = attribute.number_attribute_constraints
    if bounds is not None and bounds.min_value is not None and number < int(bounds.min_value):
        return f"The value must be at least {bounds.min_value}"
    if bounds is not None and bounds.max_value is not None and number > int(bounds.max_value):
        return f"The value must be at most {bounds.max_value}"
    return ""


def _normal(attribute: SchemaAttributeType, value: str) -> str:
    return value.lower() if attribute.attribute_data_type == "Boolean" else value
