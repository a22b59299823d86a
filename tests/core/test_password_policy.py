"""Password policy, temporary passwords, history."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import password as passwords
from poolhouse.pool.core.refusal import refused
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import PasswordPolicyType
from tests.core.vectors import load

STRICT = PasswordPolicyType(
    minimum_length=8, require_lowercase=True, require_uppercase=True, require_numbers=True, require_symbols=True
)


@pytest.mark.parametrize("case", load("password_policy"), ids=lambda case: repr(case["password"]))
def test_the_policy_names_what_is_lacking(case: dict[str, object]) -> None:
    policy = msgspec.convert(case["policy"], PasswordPolicyType)

    assert case["lacks"] == [reason.value for reason in passwords.violations(policy, str(case["password"]))]


def test_the_refusal_is_the_first_violation_in_the_words_of_the_service() -> None:
    refusal = passwords.check_policy(STRICT, "abc")

    assert refusal is not None
    assert refusal.code == "InvalidPasswordException"
    assert refusal.message == "Password did not conform with policy: Password not long enough"
    assert passwords.check_policy(STRICT, "Abcdef1!") is None


@pytest.mark.parametrize("symbol", sorted(passwords.SYMBOLS))
def test_each_symbol_of_the_list_counts(symbol: str) -> None:
    assert passwords.check_policy(STRICT, f"Abcdef12{symbol}") is None


@given(minimum=st.integers(min_value=6, max_value=99), random=st.binary(min_size=128, max_size=128))
def test_a_temporary_password_satisfies_every_policy(minimum: int, random: bytes) -> None:
    policy = msgspec.structs.replace(STRICT, minimum_length=minimum)

    made = passwords.temporary_password(policy, random)

    assert passwords.violations(policy, made) == ()
    assert max(16, minimum) == len(made)
    assert made.isascii()
    assert made == made.strip()


def test_temporary_passwords_differ_and_their_kinds_have_no_fixed_place() -> None:
    made = [
        passwords.temporary_password(STRICT, hashlib.shake_256(b"%d" % n).digest(passwords.RANDOM_BYTES))
        for n in range(200)
    ]

    assert len(set(made)) == 200
    assert {True, False} == {each[0].isupper() for each in made}
    assert len({next(i for i, c in enumerate(each) if not c.isalnum()) for each in made}) == 16


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="128"):
        passwords.temporary_password(STRICT, b"short")


@pytest.mark.parametrize(("days", "valid"), [(None, 7), (0, 7), (1, 1), (365, 365)])
def test_a_temporary_password_expires_after_its_days(days: int | None, valid: int) -> None:
    policy = PasswordPolicyType(temporary_password_validity_days=days)

    assert not passwords.temporary_expired(policy, since=1000, now=1000 + valid * 86_400 - 1)
    assert passwords.temporary_expired(policy, since=1000, now=1000 + valid * 86_400)


def is_hash_of(hashed: str, password: str) -> bool:
    return hashed == f"#{password}"


@pytest.mark.parametrize(
    ("size", "password", "reused"),
    [
        (None, "p1", False),
        (0, "p1", False),
        (1, "p1", True),
        (1, "p2", False),
        (3, "p3", True),
        (3, "p4", False),
        (24, "p4", True),
    ],
)
def test_the_last_passwords_cannot_be_used_again(size: int | None, password: str, reused: bool) -> None:
    policy = PasswordPolicyType(password_history_size=size)

    refusal = passwords.check_history(policy, password, ["#p1", "#p2", "#p3", "#p4"], is_hash_of)

    assert (refused(Reason.PASSWORD_USED_BEFORE) if reused else None) == refusal


@pytest.mark.parametrize(
    ("size", "kept"), [(None, ()), (0, ()), (1, ()), (2, ("#now",)), (3, ("#now", "#p1")), (24, ("#now", "#p1", "#p2"))]
)
def test_no_more_history_is_kept_than_the_policy_needs(size: int | None, kept: tuple[str, ...]) -> None:
    policy = PasswordPolicyType(password_history_size=size)

    assert kept == passwords.remembered(policy, ["#p1", "#p2"], "#now")


def test_a_user_without_a_password_adds_nothing_to_the_history() -> None:
    assert passwords.remembered(PasswordPolicyType(password_history_size=5), ["#p1"], None) == ("#p1",)
