"""
The attributes that a pool knows: the standard ones, and custom ones that its owner adds.

Fixed at creation: an attribute can be added later, never changed, renamed or removed (AWS API: CreateUserPool,
AddCustomAttributes).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.spec.shapes import (
    NumberAttributeConstraintsType,
    SchemaAttributeType,
    StringAttributeConstraintsType,
)

CUSTOM_LIMIT: Final = 50
LONGEST_STRING: Final = 2048
_LARGEST_NUMBER: Final = 2**1023
_INTEGER: Final = re.compile(r"-?[0-9]{1,309}")

Schema = Sequence[SchemaAttributeType]


def _string(name: str, low: int = 0, high: int = LONGEST_STRING, *, fixed: bool = False) -> SchemaAttributeType:
    return SchemaAttributeType(
        name=name,
        attribute_data_type="String",
        developer_only_attribute=False,
        mutable=not fixed,
        required=fixed,
        string_attribute_constraints=StringAttributeConstraintsType(min_length=str(low), max_length=str(high)),
    )


def _boolean(name: str) -> SchemaAttributeType:
    return SchemaAttributeType(
        name=name, attribute_data_type="Boolean", developer_only_attribute=False, mutable=True, required=False
    )


STANDARD: Final = (
    _string("sub", 1, fixed=True),
    *(_string(name) for name in ("name", "given_name", "family_name", "middle_name", "nickname")),
    *(_string(name) for name in ("preferred_username", "profile", "picture", "website", "email")),
    _boolean("email_verified"),
    _string("gender"),
    _string("birthdate", 10, 10),
    *(_string(name) for name in ("zoneinfo", "locale", "phone_number")),
    _boolean("phone_number_verified"),
    _string("address"),
    SchemaAttributeType(
        name="updated_at",
        attribute_data_type="Number",
        developer_only_attribute=False,
        mutable=True,
        required=False,
        number_attribute_constraints=NumberAttributeConstraintsType(min_value="0"),
    ),
)
"""The standard attributes as DescribeUserPool lists them in a pool that was created without a Schema."""

_STANDARD: Final[Mapping[str, SchemaAttributeType]] = MappingProxyType({str(each.name): each for each in STANDARD})
STANDARD_NAMES: Final = frozenset(_STANDARD)
FLAGS: Final = frozenset({"email_verified", "phone_number_verified"})


def by_name(schema: Schema) -> dict[str, SchemaAttributeType]:
    """The schema as a look-up by full name (``email``, ``custom:team``, ``dev:custom:note``)."""
    return {str(attribute.name): attribute for attribute in schema}


def build_schema(requested: Iterable[SchemaAttributeType]) -> tuple[SchemaAttributeType, ...] | Refusal:
    """
    The schema of a new pool: all standard attributes, as *requested* changes them, then the custom ones.

    A standard attribute may become required or immutable and get other bounds; its type stays. The two ``_verified``
    flags cannot be declared: the service takes such a name for a custom attribute.
    """
    standard = dict(_STANDARD)
    custom: list[SchemaAttributeType] = []
    seen: set[str] = set()
    for attribute in requested:
        name = attribute.name or ""
        declared = _standard(attribute) if name in STANDARD_NAMES - FLAGS else _custom(attribute)
        if isinstance(declared, Refusal):
            return declared
        full_name = str(declared.name)
        if full_name in seen:
            return invalid_parameter(
                f"Duplicate custom attribute names {full_name} are not allowed in a user pool schema."
            )
        seen.add(full_name)
        if full_name in standard:
            standard[full_name] = declared
        else:
            custom.append(declared)
    return (*standard.values(), *custom)


def add_custom(schema: Schema, added: Iterable[SchemaAttributeType]) -> tuple[SchemaAttributeType, ...] | Refusal:
    """The schema with custom attributes *added*; every name is a custom one here, ``email`` too."""
    known = by_name(schema)
    for attribute in added:
        declared = _custom(attribute)
        if isinstance(declared, Refusal):
            return declared
        full_name = str(declared.name)
        if full_name in known:
            return invalid_parameter(f"{full_name}: Existing attribute already has name {full_name}.")
        known[full_name] = declared
    if len(known.keys() - STANDARD_NAMES) > CUSTOM_LIMIT:
        return invalid_parameter(f"A user pool cannot have more than {CUSTOM_LIMIT} custom attributes.")
    return tuple(known.values())


def _standard(attribute: SchemaAttributeType) -> SchemaAttributeType | Refusal:
    default = _STANDARD[str(attribute.name)]
    retyped = attribute.attribute_data_type not in {None, default.attribute_data_type}
    if retyped or attribute.developer_only_attribute:
        return invalid_parameter(
            "You can not change AttributeDataType or set developerOnlyAttribute"
            f" for standard schema attribute {attribute.name}"
        )
    declared = msgspec.structs.replace(
        default,
        mutable=default.mutable if attribute.mutable is None else attribute.mutable,
        required=default.required if attribute.required is None else attribute.required,
        string_attribute_constraints=attribute.string_attribute_constraints or default.string_attribute_constraints,
        number_attribute_constraints=attribute.number_attribute_constraints or default.number_attribute_constraints,
    )
    if declared.name == "sub" and declared != default:
        return invalid_parameter("The attribute sub is made by the service and cannot be changed.")
    return _check_bounds(declared) or declared


def _custom(attribute: SchemaAttributeType) -> SchemaAttributeType | Refusal:
    data_type = attribute.attribute_data_type
    if data_type is None:
        return invalid_parameter("Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
    if attribute.required:
        return invalid_parameter("Required custom attributes are not supported currently.")
    developer_only = attribute.developer_only_attribute or False
    declared = SchemaAttributeType(
        name=f"{'dev:' if developer_only else ''}custom:{attribute.name}",
        attribute_data_type=data_type,
        developer_only_attribute=developer_only,
        mutable=attribute.mutable is not False,
        required=False,
        # A String or Number without bounds reads back with an empty object.
        string_attribute_constraints=attribute.string_attribute_constraints
        or (StringAttributeConstraintsType() if data_type == "String" else None),
        number_attribute_constraints=attribute.number_attribute_constraints
        or (NumberAttributeConstraintsType() if data_type == "Number" else None),
    )
    return _check_bounds(declared) or declared


def _check_bounds(attribute: SchemaAttributeType) -> Refusal | None:
    lengths, numbers = attribute.string_attribute_constraints, attribute.number_attribute_constraints
    name, data_type = attribute.name, attribute.attribute_data_type
    if (lengths is not None and data_type != "String") or (numbers is not None and data_type != "Number"):
        return invalid_parameter(f"user.{name}: Constraints do not fit the data type {data_type}.")
    if lengths is not None:
        return _check_lengths(str(name), lengths)
    return None if numbers is None else _check_range(str(name), numbers)


def _check_lengths(name: str, bounds: StringAttributeConstraintsType) -> Refusal | None:
    low, high = bound(bounds.min_length, 0), bound(bounds.max_length, LONGEST_STRING)
    if low is None or high is None or low < 0:
        return invalid_parameter(f"Invalid length constraint for schema attribute {name}")
    if max(low, high) > LONGEST_STRING:
        return invalid_parameter(f"user.{name}: String attributes cannot have a length of more than {LONGEST_STRING}")
    if low > high:
        return invalid_parameter(f"user.{name}: Max length cannot be less than min length.")
    return None


def _check_range(name: str, bounds: NumberAttributeConstraintsType) -> Refusal | None:
    low, high = bound(bounds.min_value, -_LARGEST_NUMBER), bound(bounds.max_value, _LARGEST_NUMBER)
    if low is None or high is None or max(abs(low), abs(high)) > _LARGEST_NUMBER:
        return invalid_parameter(f"Invalid value constraint for schema attribute {name}")
    if low > high:
        return invalid_parameter(f"user.{name}: Max value cannot be less than min value.")
    return None


def bound(text: str | None, default: int) -> int | None:
    """A constraint's number, *default* when absent, None when it is no integer."""
    if text is None:
        return default
    return int(text) if _INTEGER.fullmatch(text) else None
