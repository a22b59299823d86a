"""A user's attributes, and who may write them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.attributes import formats
from poolhouse.pool.core.attributes.permissions import check_client_write, writable
from poolhouse.pool.core.attributes.schema import STANDARD, STANDARD_NAMES, build_schema
from poolhouse.pool.core.attributes.values import accept_changes, accept_new, missing_required
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason
from tests.core.builders import an_attribute
from tests.core.vectors import load

FORMATS: dict[str, Callable[[str], object]] = {
    "email": formats.is_email,
    "phone": formats.is_phone,
    "birthdate": formats.is_birthdate,
    "datetime": formats.is_datetime,
    "boolean": formats.is_boolean,
    "number": lambda text: formats.number_of(text) is not None,
}


def a_schema() -> tuple[object, ...]:
    schema = build_schema(
        [
            an_attribute(Name="email", Required=True),
            an_attribute(Name="given_name", Required=True),
            an_attribute(Name="nickname", Mutable=False),
            an_attribute(
                Name="team", AttributeDataType="String", StringAttributeConstraints={"MinLength": "2", "MaxLength": "4"}
            ),
            an_attribute(
                Name="age", AttributeDataType="Number", NumberAttributeConstraints={"MinValue": "18", "MaxValue": "99"}
            ),
            an_attribute(Name="staff", AttributeDataType="Boolean"),
            an_attribute(Name="since", AttributeDataType="DateTime"),
            an_attribute(Name="note", AttributeDataType="String", DeveloperOnlyAttribute=True),
        ]
    )
    assert not isinstance(schema, Refusal)
    return schema


SCHEMA: tuple = a_schema()  # type: ignore[type-arg]
JANE = {"email": "jane@example.com", "given_name": "Jane"}


def detail(refusal: object) -> str:
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.ATTRIBUTE_SCHEMA
    return dict(refusal.params)["detail"]


@pytest.mark.parametrize("case", load("formats"), ids=lambda case: f"{case['format']} {case['text']!r}")
def test_a_format_is_recognised(case: dict[str, object]) -> None:
    assert case["valid"] == FORMATS[str(case["format"])](str(case["text"]))


@pytest.mark.parametrize("check", FORMATS.values(), ids=FORMATS)
@given(text=st.text())
def test_any_text_gets_a_verdict(check: Callable[[str], object], text: str) -> None:
    assert isinstance(check(text), bool)


@given(st.emails())
def test_what_is_taken_for_an_address_cannot_break_a_mail_header(address: str) -> None:
    for suffix in ("\r\nBcc: a@b.example", "\n", "\0", " ", ",a@b.example", ">", '"'):
        assert not formats.is_email(address + suffix)


def test_a_new_user_keeps_what_was_given() -> None:
    given = {**JANE, "custom:team": "red", "custom:age": "42", "custom:since": "2026-01-01", "dev:custom:note": "x"}

    assert given == accept_new(SCHEMA, given, require=True)


def test_boolean_words_are_stored_in_lower_case() -> None:
    stored = accept_new(SCHEMA, {**JANE, "email_verified": "True", "custom:staff": "FALSE"}, require=True)

    assert stored == {**JANE, "email_verified": "true", "custom:staff": "false"}


def test_blank_values_are_left_out() -> None:
    assert accept_new(SCHEMA, {**JANE, "custom:team": "", "gender": ""}, require=True) == JANE


def test_a_required_attribute_is_missed_by_its_name_in_the_directory() -> None:
    refusal = accept_new(SCHEMA, {"email": ""}, require=True)

    assert isinstance(refusal, Refusal)
    assert refusal.message == (
        "Attributes did not conform to the schema: name.givenName: The attribute name.givenName is required,"
        " emails: The attribute emails is required"
    )


def test_an_administrator_may_leave_required_attributes_to_the_user() -> None:
    assert accept_new(SCHEMA, {}, require=False) == {}
    assert missing_required(SCHEMA, {"email": "jane@example.com"}) == ("given_name",)


@pytest.mark.parametrize("name", ["custom:unknown", "team", "identities", "cognito:groups", "update_email"])
def test_an_unknown_attribute_is_refused(name: str) -> None:
    text = f"Type for attribute {{{name}}} could not be determined"

    assert text == detail(accept_new(SCHEMA, {**JANE, name: "x"}, require=True))


def test_nobody_chooses_a_sub() -> None:
    assert refused(Reason.ATTRIBUTE_IMMUTABLE, attribute="sub") == accept_new(
        SCHEMA, {**JANE, "sub": "x"}, require=True
    )


VIOLATIONS = [
    ("custom:team", "r", "The length must be between 2 and 4"),
    ("custom:team", "reddish", "The length must be between 2 and 4"),
    ("gender", "x" * 2049, "The length must be between 0 and 2048"),
    ("birthdate", "1990", "The length must be between 10 and 10"),
    ("birthdate", "1990-13-01", "The value must be a date (YYYY-MM-DD)"),
    ("custom:age", "17", "The value must be at least 18"),
    ("custom:age", "99.5", "The value must be at most 99"),
    ("custom:age", "old", "The value must be a number"),
    ("updated_at", "1.5", "The value must be a number"),
    ("updated_at", "-1", "The value must be a number"),
    ("custom:staff", "yes", "The value must be true or false"),
    ("email_verified", "1", "The value must be true or false"),
    ("custom:since", "now", "The value must be a date and time (ISO 8601)"),
]


@pytest.mark.parametrize(("name", "value", "problem"), VIOLATIONS)
def test_a_value_that_violates_the_schema_is_refused(name: str, value: str, problem: str) -> None:
    assert f"{name}: {problem}" == detail(accept_new(SCHEMA, {**JANE, name: value}, require=True))

    refusal = accept_changes(SCHEMA, JANE, {name: value})
    assert isinstance(refusal, Refusal)
    assert f"user.{name}: {problem}" == refusal.message


def test_all_violations_are_named_together() -> None:
    given = {"custom:nope": "x", "custom:age": "1", "given_name": "Jane"}

    assert detail(accept_new(SCHEMA, given, require=True)) == (
        "Type for attribute {custom:nope} could not be determined, emails: The attribute emails is required,"
        " custom:age: The value must be at least 18"
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("email", "jane", Reason.EMAIL_FORMAT), ("phone_number", "0206 5551234", Reason.PHONE_FORMAT)],
)
def test_contacts_have_texts_of_their_own(name: str, value: str, reason: Reason) -> None:
    assert refused(reason) == accept_new(SCHEMA, {**JANE, name: value}, require=True)
    assert refused(reason) == accept_changes(SCHEMA, JANE, {name: value})


def test_a_change_of_an_unknown_attribute_is_refused() -> None:
    refusal = accept_changes(SCHEMA, JANE, {"custom:teamId": "x"})

    assert isinstance(refusal, Refusal)
    assert (
        refusal.code,
        refusal.message,
    ) == ("InvalidParameterException", "user.custom:teamId: Attribute does not exist in the schema.")


@pytest.mark.parametrize("name", ["sub", "nickname"])
@pytest.mark.parametrize("value", ["x", ""])
def test_an_immutable_attribute_is_never_changed(name: str, value: str) -> None:
    assert refused(Reason.ATTRIBUTE_IMMUTABLE, attribute=name) == accept_changes(SCHEMA, JANE, {name: value})


def test_a_blank_value_deletes() -> None:
    current = {**JANE, "gender": "f", "custom:team": "red"}

    assert accept_changes(SCHEMA, current, {"gender": "", "custom:team": ""}) == JANE


def test_a_required_attribute_cannot_be_deleted() -> None:
    assert detail(accept_changes(SCHEMA, JANE, {"email": ""})) == "emails: The attribute emails is required"


@pytest.mark.parametrize(("contact", "value"), [("email", "new@example.com"), ("phone_number", "+12065550000")])
def test_a_contact_that_changes_is_no_longer_verified(contact: str, value: str) -> None:
    current = {**JANE, "phone_number": "+12065551234", "email_verified": "true", "phone_number_verified": "true"}

    after = accept_changes(SCHEMA, current, {contact: value})

    assert {**current, contact: value, f"{contact}_verified": "false"} == after


def test_a_contact_that_stays_the_same_stays_verified() -> None:
    current = {**JANE, "email_verified": "true"}

    assert current == accept_changes(SCHEMA, current, {"email": JANE["email"]})


def test_whoever_may_say_so_verifies_in_the_same_call() -> None:
    after = accept_changes(SCHEMA, JANE, {"email": "new@example.com", "email_verified": "true"})

    assert after == {**JANE, "email": "new@example.com", "email_verified": "true"}


def test_a_contact_that_is_deleted_takes_its_flag_along() -> None:
    current = {**JANE, "phone_number": "+12065551234", "phone_number_verified": "true"}

    assert accept_changes(SCHEMA, current, {"phone_number": ""}) == JANE


def test_the_first_address_of_a_user_is_not_verified() -> None:
    assert accept_changes(SCHEMA, JANE, {"phone_number": "+12065551234"}) == {
        "phone_number": "+12065551234",
        "phone_number_verified": "false",
        **JANE,
    }


@given(
    st.dictionaries(
        st.sampled_from([*sorted(STANDARD_NAMES), "custom:team", "custom:age", "nope"]), st.text(max_size=12)
    )
)
def test_any_attributes_get_a_verdict_and_what_is_accepted_is_accepted_again(given: dict[str, str]) -> None:
    stored = accept_new(SCHEMA, given, require=False)

    if not isinstance(stored, Refusal):
        assert stored == accept_new(SCHEMA, stored, require=False)
        assert all(stored.values())
    assert isinstance(accept_changes(SCHEMA, JANE, given), dict | Refusal)


def test_a_client_without_a_list_writes_the_standard_attributes() -> None:
    allowed = writable(SCHEMA, None)

    assert STANDARD_NAMES - {"sub", "email_verified", "phone_number_verified"} == allowed


def test_a_client_with_a_list_writes_that_and_no_more() -> None:
    assert frozenset({"email", "custom:team"}) == writable(SCHEMA, ["email", "custom:team", "gone"])


@pytest.mark.parametrize(
    "name", ["sub", "email_verified", "phone_number_verified", "identities", "dev:custom:note", "custom:team"]
)
@pytest.mark.parametrize(
    "allowed", [None, ["email", "email_verified", "phone_number_verified", "sub", "identities", "dev:custom:note"]]
)
def test_no_client_writes_flags_or_what_is_not_its_own(name: str, allowed: list[str] | None) -> None:  # CVE-2026-27946
    assert refused(Reason.ATTRIBUTE_NOT_WRITABLE) == check_client_write(SCHEMA, allowed, ["email", name])


def test_an_unknown_name_is_left_to_the_schema() -> None:
    assert check_client_write(SCHEMA, None, ["email", "custom:nope"]) is None


def test_the_standard_schema_requires_nothing_of_a_user() -> None:
    assert missing_required(STANDARD, {}) == ()
