"""Forms of the username."""

import pytest

from poolhouse.pool.core.attributes.usernames import (
    NewUsername,
    active_aliases,
    alias_kinds,
    check_keeps_a_name,
    contact_kind,
    is_opaque,
    new_username,
)
from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason
from tests.core.builders import a_pool

EMAIL, PHONE = "jane@example.com", "+12065551234"
ALL_ALIASES = ["email", "phone_number", "preferred_username"]


@pytest.mark.parametrize("name", ["jane", EMAIL, PHONE, "Ж"])
def test_a_plain_pool_takes_any_username_as_it_is(name: str) -> None:
    assert NewUsername(name, {"email": "x@example.com"}) == new_username(a_pool(), name, {"email": "x@example.com"})


@pytest.mark.parametrize(
    ("aliases", "name", "reason"),
    [
        (["email"], EMAIL, Reason.USERNAME_LOOKS_LIKE_EMAIL),
        (["phone_number"], PHONE, Reason.USERNAME_LOOKS_LIKE_PHONE),
        (ALL_ALIASES, PHONE, Reason.USERNAME_LOOKS_LIKE_PHONE),
    ],
)
def test_a_username_must_not_look_like_an_alias(aliases: list[str], name: str, reason: Reason) -> None:
    assert refused(reason) == new_username(a_pool(aliases=aliases), name, {})


def test_a_username_may_look_like_what_is_no_alias_here() -> None:
    assert NewUsername(EMAIL, {}) == new_username(a_pool(aliases=["phone_number"]), EMAIL, {})


def test_a_preferred_username_that_is_an_alias_waits_for_the_confirmation() -> None:
    given = {"preferred_username": "jj"}

    assert isinstance(new_username(a_pool(aliases=["preferred_username"]), "jane", given), Refusal)
    assert NewUsername("jane", given) == new_username(a_pool(aliases=["email"]), "jane", given)


@pytest.mark.parametrize(
    ("kinds", "name", "kind"),
    [
        (["email"], EMAIL, "email"),
        (["phone_number"], PHONE, "phone_number"),
        (["email", "phone_number"], EMAIL, "email"),
        (["phone_number", "email"], PHONE, "phone_number"),
    ],
)
def test_a_contact_as_username_is_copied_and_the_service_makes_the_name(kinds: list[str], name: str, kind: str) -> None:
    assert NewUsername(None, {"name": "Jane", kind: name}) == new_username(
        a_pool(usernames=kinds), name, {"name": "Jane"}
    )


@pytest.mark.parametrize(
    ("kinds", "name", "text"),
    [
        (["email"], "jane", "Username should be an email."),
        (["email"], PHONE, "Username should be an email."),
        (["phone_number"], EMAIL, "Username should be a phone number."),
        (["email", "phone_number"], "jane", "Username should be either an email or a phone number."),
        (["email", "phone_number"], "+1", "Username should be either an email or a phone number."),
    ],
)
def test_another_username_is_refused(kinds: list[str], name: str, text: str) -> None:
    refusal = new_username(a_pool(usernames=kinds), name, {})

    assert isinstance(refusal, Refusal)
    assert text == refusal.message


def test_an_attribute_that_differs_from_the_username_is_refused() -> None:
    refusal = new_username(a_pool(usernames=["email"]), EMAIL, {"email": "john@example.com"})

    assert isinstance(refusal, Refusal)
    assert refusal.message == "User email should be empty or same as username, since username attribute is email"
    assert NewUsername(None, {"email": EMAIL}) == new_username(a_pool(usernames=["email"]), EMAIL, {"email": EMAIL})
    assert NewUsername(None, {"email": EMAIL}) == new_username(a_pool(usernames=["email"]), EMAIL, {"email": ""})


def test_case_matters_where_the_pool_says_so() -> None:
    given = {"email": EMAIL.upper()}

    assert isinstance(new_username(a_pool(usernames=["email"]), EMAIL, given), Refusal)
    folded = new_username(a_pool(usernames=["email"], case_sensitive=False), EMAIL, given)
    assert NewUsername(None, {"email": EMAIL}) == folded


@pytest.mark.parametrize(
    ("text", "kind"), [(EMAIL, "email"), (PHONE, "phone_number"), ("jane", None), ("", None), ("@", None)]
)
def test_a_text_is_an_address_a_number_or_neither(text: str, kind: str | None) -> None:
    assert kind == contact_kind(text)


@pytest.mark.parametrize(
    ("aliases", "usernames", "name", "kinds"),
    [
        (None, None, EMAIL, ()),
        (ALL_ALIASES, None, EMAIL, ("email",)),
        (ALL_ALIASES, None, PHONE, ("phone_number",)),
        (ALL_ALIASES, None, "jane", ("preferred_username",)),
        (["email"], None, PHONE, ()),
        (["email"], None, "jane", ()),
        (["preferred_username"], None, EMAIL, ()),  # a preferred username cannot pose as an address
        (None, ["email"], EMAIL, ("email",)),
        (None, ["email"], PHONE, ()),
    ],
)
def test_an_alias_is_looked_up_by_its_form(
    aliases: list[str] | None, usernames: list[str] | None, name: str, kinds: tuple[str, ...]
) -> None:
    assert kinds == alias_kinds(a_pool(aliases=aliases, usernames=usernames), name)


def test_an_alias_is_active_once_it_is_verified() -> None:
    pool = a_pool(aliases=ALL_ALIASES)
    jane = {"email": EMAIL, "phone_number": PHONE, "preferred_username": "jj", "phone_number_verified": "false"}

    assert active_aliases(pool, jane, confirmed=True) == {"preferred_username": "jj"}
    assert active_aliases(pool, {**jane, "email_verified": "true"}, confirmed=True) == {
        "preferred_username": "jj",
        "email": EMAIL,
    }


def test_a_contact_that_is_the_username_is_active_at_once() -> None:
    pool = a_pool(usernames=["email", "phone_number"], case_sensitive=False)

    assert active_aliases(pool, {"email": "Jane@Example.COM", "name": "Jane"}, confirmed=True) == {"email": EMAIL}


def test_a_plain_pool_has_no_aliases() -> None:
    assert active_aliases(a_pool(), {"email": EMAIL, "email_verified": "true"}, confirmed=True) == {}


def test_the_last_name_to_sign_in_with_cannot_be_taken_away() -> None:
    pool = a_pool(usernames=["email", "phone_number"])

    assert check_keeps_a_name(pool, {"phone_number": PHONE}) is None
    assert isinstance(check_keeps_a_name(pool, {"name": "Jane"}), Refusal)
    assert check_keeps_a_name(a_pool(), {}) is None


@pytest.mark.parametrize(
    ("aliases", "usernames", "name", "opaque"),
    [
        (None, None, "jane", False),
        (None, None, EMAIL, False),
        (["email"], None, EMAIL, True),
        (["email", "preferred_username"], None, "jane", False),
        (None, ["email"], EMAIL, True),
        (None, ["email"], "0b1f6a0e-7c1c-4f4e-9a58-0c2f5d4b8a11", False),
    ],
)
def test_a_decoy_imitates_the_stored_username(
    aliases: list[str] | None, usernames: list[str] | None, name: str, opaque: bool
) -> None:
    assert opaque == is_opaque(a_pool(aliases=aliases, usernames=usernames), name)


def test_a_preferred_username_counts_once_the_user_is_confirmed() -> None:
    pool = a_pool(aliases=ALL_ALIASES)

    assert active_aliases(pool, {"preferred_username": "jj"}, confirmed=False) == {}
