"""Limits of a request body: all violations, in the service's words."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import CognitoError
from poolhouse.pool.spec.limits import MOST, check, present, refusal
from poolhouse.pool.spec.scalars import matches

POOL = {"UserPoolId": "eu-central-1_abcDEF123"}
CLIENT = POOL | {"ClientName": "web"}
SIGN_UP = {"ClientId": "4bq5qotn1hmrlil7k760cmcqll", "Username": "ann", "Password": "Tr0ub4dor&3"}
LENGTH = "Member must have length"
FAILED = "failed to satisfy constraint:"


def test_a_correct_body_breaks_nothing() -> None:
    assert check("SignUp", SIGN_UP) == []


def test_all_violations_are_named_in_one_message() -> None:
    broken = check("SignUp", {"ClientId": "", "Password": "x", "UserAttributes": [{"Value": "x"}]})

    assert refusal(broken).code == "InvalidParameterException"
    assert refusal(broken).message == (
        "4 validation errors detected: "
        f"Value at 'clientId' {FAILED} {LENGTH} greater than or equal to 1; "
        f"Value at 'clientId' {FAILED} Member must satisfy regular expression pattern: [\\w+]+; "
        f"Value null at 'username' {FAILED} Member must not be null; "
        f"Value null at 'userAttributes.1.member.name' {FAILED} Member must not be null"
    )


def test_one_violation_is_counted_in_the_singular() -> None:
    assert refusal(check("DescribeUserPool", {})).message == (
        f"1 validation error detected: Value null at 'userPoolId' {FAILED} Member must not be null"
    )


def test_null_is_absence() -> None:
    assert check("DescribeUserPool", {"UserPoolId": None}) == check("DescribeUserPool", {})
    assert check("CreateUserPool", {"PoolName": "p", "Schema": None}) == []


def test_unknown_members_are_ignored() -> None:
    assert check("DescribeUserPool", POOL | {"Colour": {"of": ["the", 1]}}) == []


def test_the_value_of_a_sensitive_member_is_not_repeated() -> None:
    (only,) = check("SignUp", SIGN_UP | {"Password": "hunter 2"})

    assert only == f"Value at 'password' {FAILED} Member must satisfy regular expression pattern: [\\S]+"


def test_a_list_with_something_sensitive_inside_is_not_repeated() -> None:
    (only,) = check("CreateUserPool", {"PoolName": "p", "Schema": []})

    assert only == f"Value at 'schema' {FAILED} {LENGTH} greater than or equal to 1"


def test_an_enumeration_lists_what_is_allowed() -> None:
    (only,) = check("CreateUserPoolClient", CLIENT | {"PreventUserExistenceErrors": "no"})

    assert only == (
        f"Value 'no' at 'preventUserExistenceErrors' {FAILED} Member must satisfy enum value set: [LEGACY, ENABLED]"
    )


def test_a_number_out_of_range_names_the_bound() -> None:
    (only,) = check("ListUserPools", {"MaxResults": 61})

    assert only == f"Value '61' at 'maxResults' {FAILED} Member must have value less than or equal to 60"


def test_the_elements_of_a_plain_list_are_refused_in_one_sentence() -> None:
    (only,) = check("CreateUserPoolClient", CLIENT | {"CallbackURLs": ["", "https://a", ""]})

    assert only == (
        f"Value '[, https://a, ]' at 'callbackURLs' {FAILED} Member must satisfy constraint: "
        f"[{LENGTH} less than or equal to 1024, {LENGTH} greater than or equal to 1, "
        r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+]"
    )


def test_structures_in_a_list_are_named_by_their_place_from_one() -> None:
    schema = [{"Name": "ok"}, {"Name": "phone_number_verified"}]
    (only,) = check("CreateUserPool", {"PoolName": "p", "Schema": schema})

    assert only == (
        f"Value 'phone_number_verified' at 'schema.2.member.name' {FAILED} {LENGTH} less than or equal to 20"
    )


def test_nested_members_are_named_by_their_path() -> None:
    policies = {"PasswordPolicy": {"MinimumLength": 5}}
    (only,) = check("CreateUserPool", {"PoolName": "p", "Policies": policies})

    assert only == (
        f"Value '5' at 'policies.passwordPolicy.minimumLength' {FAILED} "
        "Member must have value greater than or equal to 6"
    )


def test_the_keys_of_a_map_are_refused_in_one_sentence() -> None:
    (only,) = check("CreateUserPool", {"PoolName": "p", "UserPoolTags": {"": "a", "b": "c"}})

    assert only == (
        f"Value '{{=a, b=c}}' at 'userPoolTags' {FAILED} Map keys must satisfy constraint: "
        f"[{LENGTH} less than or equal to 128, {LENGTH} greater than or equal to 1]"
    )


def test_structures_in_a_map_are_named_by_their_key() -> None:
    configured = {"Level1": {"AcrValue": ""}}
    found = check("CreateUserPool", {"PoolName": "p", "AcrConfiguration": configured})

    assert found[0].startswith("Value '' at 'acrConfiguration.Level1.member.acrValue' failed")


def test_a_null_in_a_map_is_absence() -> None:
    body = {"ClientId": "abc", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"A": "x", "DEVICE_KEY": None}}

    assert present("InitiateAuth", body) == {**body, "AuthParameters": {"A": "x"}}
    assert body["AuthParameters"] == {"A": "x", "DEVICE_KEY": None}


@pytest.mark.parametrize("body", [None, [], {}, {"AuthParameters": None}, {"AuthParameters": [None]}])
def test_what_is_no_map_is_left_to_the_check(body: Any) -> None:
    assert present("InitiateAuth", body) is body


def test_a_null_in_a_list_is_refused() -> None:
    found = check("CreateUserPoolClient", CLIENT | {"LogoutURLs": [None]})
    assert found[0].endswith("Member must not be null]")

    found = check("SignUp", SIGN_UP | {"UserAttributes": [None]})
    assert found == [f"Value null at 'userAttributes.1.member' {FAILED} Member must not be null"]


def test_a_small_body_cannot_ask_for_an_endless_answer() -> None:
    assert len(check("SignUp", SIGN_UP | {"UserAttributes": [{}] * 100_000})) == MOST


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("DescribeUserPool", {"UserPoolId": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("DescribeUserPool", {"UserPoolId": 1.5}, "NUMBER_VALUE can not be converted to a String"),
        ("DescribeUserPool", {"UserPoolId": True}, "TRUE_VALUE can not be converted to a String"),
        ("DescribeUserPool", {"UserPoolId": ["a"]}, "Start of list found where not expected"),
        ("DescribeUserPool", {"UserPoolId": {}}, "Start of structure or map found where not expected."),
        ("ListUserPools", {"MaxResults": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListUserPools", {"MaxResults": False}, "FALSE_VALUE can not be converted to an Integer"),
        ("ListUserPools", {"MaxResults": 1.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListUserPools", {"MaxResults": 2**31}, "NUMBER_VALUE can not be converted to an Integer"),
        ("AdminSetUserPassword", {"Permanent": "true"}, "STRING_VALUE can not be converted to a Boolean"),
        ("SignUp", {"UserAttributes": "x"}, "Expected list or null"),
        ("SignUp", {"UserAttributes": {}}, "Start of structure or map found where not expected."),
        ("SignUp", {"UserAttributes": ["x"]}, "Expected null"),
        ("SignUp", {"UserAttributes": [[]]}, "Start of list found where not expected"),
        ("SignUp", {"ClientMetadata": 1}, "Expected map or null"),
        ("SignUp", {"ClientMetadata": []}, "Start of list found where not expected"),
        ("SignUp", {"ClientMetadata": {"a": 1}}, "NUMBER_VALUE can not be converted to a String"),
        ("SignUp", [], "Start of list found where not expected"),
        ("SignUp", "x", "Expected null"),
        ("SignUp", None, "Expected null"),
        ("SetUICustomization", {"ImageFile": 1}, "NUMBER_VALUE can not be converted to a Blob"),
        ("SetUICustomization", {"ImageFile": "?"}, "STRING_VALUE can not be converted to a Blob"),
        ("SignUp", {"Username": "a\0b"}, "Null character found where not expected"),
        ("SignUp", {"ClientMetadata": {"\0": ""}}, "Null character found where not expected"),
    ],
)
def test_a_value_of_the_wrong_json_type_cannot_be_read(operation: str, body: Any, message: str) -> None:
    with pytest.raises(CognitoError) as refused:
        check(operation, body)

    assert (refused.value.code, refused.value.message) == ("SerializationException", message)


def test_the_length_of_a_blob_is_that_of_its_bytes() -> None:
    (only,) = check("SetUICustomization", POOL | {"ImageFile": "AAAA" * (131072 // 3 + 1)})

    assert only.endswith(f"{LENGTH} less than or equal to 131072")


def test_a_pattern_matches_the_whole_string() -> None:
    assert check("DescribeUserPool", {"UserPoolId": "eu-1_abc\n"})
    assert check("DescribeUserPoolDomain", {"Domain": "shop\n"})


def test_a_pattern_reads_word_and_space_as_ascii_and_properties_as_unicode() -> None:
    assert not matches(r"[\w]+", "é")
    assert not matches(r"[\p{L}\s]+", "a\u00a0")
    assert matches(r"[\p{L}\s]+", "é \u4e16")


def test_a_custom_domain_may_have_dots() -> None:
    assert check("DescribeUserPoolDomain", {"Domain": "auth.example.com"}) == []
    assert check("DescribeUserPoolDomain", {"Domain": "auth..example.com"})


def test_a_pattern_that_takes_quadratic_time_is_given_up() -> None:
    body = {"PoolName": "p", "EmailConfiguration": {"ReplyToEmailAddress": "@" * 300_000 + " "}}

    assert len(check("CreateUserPool", body)) == 1


@pytest.mark.parametrize("name", [n for n, shape in contract().shapes.items() if shape.pattern])
@pytest.mark.parametrize("size", [10, 5000])
def test_every_pattern_of_the_model_compiles(name: str, size: int) -> None:
    pattern = contract().shapes[name].pattern

    assert pattern is not None
    assert isinstance(matches(pattern, "a" * size), bool)


STRINGS = st.sampled_from(["", "a", "eu-1_a1", "https://a.example", "a@b.example", "x y", "é", "a" * 2049])
SCALARS = {
    "string": STRINGS,
    "integer": st.integers(-2, 400),
    "long": st.integers(-2, 400),
    "boolean": st.booleans(),
    "timestamp": st.one_of(st.integers(0, 2**33), st.floats(0, 2**33)),
    "blob": st.sampled_from(["", "aGk="]),
}


def later(name: str) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: values(name))


def values(name: str) -> st.SearchStrategy[Any]:
    """JSON values that have the type of a shape, within its limits or not."""
    shape = contract().shapes[name]
    match shape.type:
        case "structure":
            members = {wire: later(target) for wire, target in shape.members.items()}
            required = {wire: members.pop(wire) for wire in sorted(shape.required)}
            return st.fixed_dictionaries(required, optional=members)
        case "list":
            return st.lists(later(shape.member), max_size=2)
        case "map":
            return st.dictionaries(STRINGS, later(shape.value), max_size=2)
        case _:
            return st.sampled_from(shape.enum) | STRINGS if shape.enum else SCALARS[shape.type]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(sorted(contract().operations)))
def test_what_keeps_the_limits_becomes_a_request_and_back(data: st.DataObject, operation: str) -> None:
    name = contract().operations[operation].input
    body = data.draw(values(name))

    if not check(operation, body):
        request = msgspec.convert(body, getattr(shapes, name))

        assert msgspec.to_builtins(request) == body


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(sorted(contract().operations)))
def test_no_body_makes_the_check_fail_in_another_way(data: st.DataObject, operation: str) -> None:
    members = contract().shapes[contract().operations[operation].input].members
    body = data.draw(st.dictionaries(st.sampled_from([*members, "Other"]), JSON, max_size=4))

    found: list[str] = []
    with suppress(CognitoError):
        found = check(operation, body)

    assert all(text.startswith("Value") for text in found)
