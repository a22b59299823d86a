"""A pool's schema."""

import msgspec
import pytest

from poolhouse.pool.core.attributes.schema import STANDARD, add_custom, build_schema, by_name
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.spec.shapes import SchemaAttributeType
from tests.core.builders import an_attribute

LISTED = (
    "sub name given_name family_name middle_name nickname preferred_username profile picture website email"
    " email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at"
)


def built(*requested: SchemaAttributeType) -> dict[str, SchemaAttributeType]:
    schema = build_schema(requested)
    assert not isinstance(schema, Refusal), schema
    return by_name(schema)


def message(*requested: SchemaAttributeType) -> str:
    refusal = build_schema(requested)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "InvalidParameterException"
    return refusal.message


def test_a_pool_without_a_schema_has_the_twenty_standard_attributes_in_order() -> None:
    assert LISTED.split() == list(built())
    assert build_schema([]) == STANDARD


def test_the_standard_attributes_read_as_the_service_answers_them() -> None:
    wire = {each["Name"]: each for each in msgspec.to_builtins(STANDARD)}

    assert wire["sub"] == {
        "Name": "sub",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    }
    assert wire["email"]["StringAttributeConstraints"] == {"MinLength": "0", "MaxLength": "2048"}
    assert wire["birthdate"]["StringAttributeConstraints"] == {"MinLength": "10", "MaxLength": "10"}
    assert wire["updated_at"]["NumberAttributeConstraints"] == {"MinValue": "0"}
    assert wire["email_verified"] == {
        "Name": "email_verified",
        "AttributeDataType": "Boolean",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
    }


def test_a_standard_attribute_can_become_required_and_immutable_and_the_others_stay() -> None:
    schema = built(an_attribute(Name="email", Required=True, Mutable=False))

    assert LISTED.split() == list(schema)
    assert (schema["email"].required, schema["email"].mutable) == (True, False)
    assert schema["email"].string_attribute_constraints == by_name(STANDARD)["email"].string_attribute_constraints


def test_a_custom_attribute_gets_its_prefix_and_reads_back_with_empty_bounds() -> None:
    schema = built(
        an_attribute(Name="team", AttributeDataType="String"), an_attribute(Name="age", AttributeDataType="Number")
    )

    assert msgspec.to_builtins(schema["custom:team"]) == {
        "Name": "custom:team",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "StringAttributeConstraints": {},
    }
    assert msgspec.to_builtins(schema["custom:age"])["NumberAttributeConstraints"] == {}


def test_a_developer_only_attribute_has_a_prefix_of_its_own() -> None:
    assert "dev:custom:note" in built(
        an_attribute(Name="note", AttributeDataType="String", DeveloperOnlyAttribute=True)
    )


def test_the_flags_of_verification_cannot_be_declared() -> None:
    schema = built(an_attribute(Name="email_verified", AttributeDataType="Boolean"))

    assert "custom:email_verified" in schema
    assert schema["email_verified"] == by_name(STANDARD)["email_verified"]


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        (
            {"Name": "email", "AttributeDataType": "Number"},
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
        ),
        (
            {"Name": "email", "DeveloperOnlyAttribute": True},
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
        ),
        ({"Name": "sub", "Mutable": True}, "The attribute sub is made by the service and cannot be changed."),
        (
            {"Name": "team"},
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        (
            {"Name": "team", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported currently.",
        ),
        (
            {"Name": "team", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "2049"}},
            "user.custom:team: String attributes cannot have a length of more than 2048",
        ),
        (
            {
                "Name": "t",
                "AttributeDataType": "String",
                "StringAttributeConstraints": {"MinLength": "5", "MaxLength": "4"},
            },
            "user.custom:t: Max length cannot be less than min length.",
        ),
        (
            {"Name": "t", "AttributeDataType": "String", "StringAttributeConstraints": {"MinLength": "-1"}},
            "Invalid length constraint for schema attribute custom:t",
        ),
        (
            {"Name": "t", "AttributeDataType": "String", "StringAttributeConstraints": {"MinLength": "two"}},
            "Invalid length constraint for schema attribute custom:t",
        ),
        (
            {
                "Name": "n",
                "AttributeDataType": "Number",
                "NumberAttributeConstraints": {"MinValue": "5", "MaxValue": "4"},
            },
            "user.custom:n: Max value cannot be less than min value.",
        ),
        (
            {"Name": "n", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": str(2**1023 + 1)}},
            "Invalid value constraint for schema attribute custom:n",
        ),
        (
            {"Name": "b", "AttributeDataType": "Boolean", "StringAttributeConstraints": {}},
            "user.custom:b: Constraints do not fit the data type Boolean.",
        ),
    ],
)
def test_a_schema_that_contradicts_the_rules_is_refused(attribute: dict[str, object], text: str) -> None:
    assert text == message(an_attribute(**attribute))


def test_a_name_is_declared_once() -> None:
    twice = an_attribute(Name="team", AttributeDataType="String")

    assert (
        message(twice, twice) == "Duplicate custom attribute names custom:team are not allowed in a user pool schema."
    )
    email = an_attribute(Name="email", Required=True)
    assert message(email, email) == "Duplicate custom attribute names email are not allowed in a user pool schema."


def test_bounds_may_be_as_wide_as_the_service_allows() -> None:
    limit = str(2**1023)
    wide = {"MinValue": f"-{limit}", "MaxValue": limit}

    assert "custom:n" in built(an_attribute(Name="n", AttributeDataType="Number", NumberAttributeConstraints=wide))


def test_attributes_are_added_to_the_end() -> None:
    schema = add_custom(STANDARD, [an_attribute(Name="email", AttributeDataType="String")])

    assert not isinstance(schema, Refusal)
    assert (*STANDARD,) == schema[:20]
    assert schema[20].name == "custom:email"


def test_an_attribute_cannot_be_added_twice() -> None:
    schema = build_schema([an_attribute(Name="team", AttributeDataType="String")])
    assert not isinstance(schema, Refusal)

    refusal = add_custom(schema, [an_attribute(Name="team", AttributeDataType="Number")])

    assert isinstance(refusal, Refusal)
    assert refusal.message == "custom:team: Existing attribute already has name custom:team."


def test_a_pool_has_at_most_fifty_custom_attributes() -> None:
    fifty = [an_attribute(Name=f"a{n}", AttributeDataType="String") for n in range(50)]
    schema = build_schema(fifty)
    assert not isinstance(schema, Refusal)

    assert isinstance(add_custom(schema, [an_attribute(Name="one_more", AttributeDataType="String")]), Refusal)
    assert isinstance(
        add_custom(STANDARD, [*fifty, an_attribute(Name="one_more", AttributeDataType="String")]), Refusal
    )


def test_a_required_attribute_cannot_be_added() -> None:
    refusal = add_custom(STANDARD, [an_attribute(Name="team", AttributeDataType="String", Required=True)])

    assert isinstance(refusal, Refusal)
    assert refusal.message == "Required custom attributes are not supported currently."
