"""The levels of a sign-in, and what a level still needs."""

import pytest

from poolhouse.pool.core import step_up
from poolhouse.pool.core.settings import acr
from poolhouse.pool.core.step_up import MET, Need
from poolhouse.pool.model.sign_in import Done, Facts
from poolhouse.pool.model.user import Status

PASSWORDS = frozenset({"PASSWORD", "PASSWORD_SRP"})


@pytest.mark.parametrize(
    ("proved", "level"),
    [
        ((), 0), (("pwd",), 1), (("sms",), 2), (("email_otp",), 2), (("swk",), 3), (("hwk",), 3), (("pwd", "sms"), 3),
        (("pwd", "email_otp"), 3), (("pwd", "otp"), 4), (("otp",), 0), (("device", "user_verified"), 0),
    ],
)  # fmt: skip
def test_a_level_is_the_highest_that_the_factors_satisfy(proved: tuple[str, ...], level: int) -> None:
    assert level == step_up.level(proved)


def test_the_methods_have_the_services_names_and_two_are_mfa() -> None:
    assert ["pwd", "otp", "mfa"] == step_up.amr(("pwd", "otp"))
    assert ["email_otp"] == step_up.amr(("email_otp", "device"))


def test_a_value_that_names_no_level_is_passed_over() -> None:
    text = "urn:other:9 urn:cognito:loa:4  urn:cognito:loa:1 urn:cognito:loa:4 urn:cognito:loa:5"
    assert (4, 1) == step_up.targets(text, acr.DEFAULTS)
    assert () == step_up.targets("4 phr", acr.DEFAULTS)


def test_a_code_counts_as_a_second_factor_only_beside_a_password() -> None:
    assert {Done.PASSWORD, Done.SMS} == step_up.credit(("pwd", "sms", "device"))
    assert {Done.FIRST_EMAIL} == step_up.credit(("email_otp",))


@pytest.mark.parametrize(
    ("wanted", "done", "offered", "active", "needed"),
    [
        (1, (), PASSWORDS, (), Need(first=PASSWORDS)),
        (1, (), {"EMAIL_OTP"}, (), None),
        (1, (Done.PASSWORD,), (), (), MET),
        (2, (), {*PASSWORDS, "SMS_OTP"}, (), Need(first=frozenset({"SMS_OTP"}))),
        (2, (), PASSWORDS, (), None),
        (3, (), {*PASSWORDS, "WEB_AUTHN"}, (), Need(first=frozenset({"WEB_AUTHN"}))),
        (3, (), {*PASSWORDS, "WEB_AUTHN"}, (Done.SMS,), Need(first=PASSWORDS | {"WEB_AUTHN"})),
        (3, (Done.PASSWORD,), {*PASSWORDS, "WEB_AUTHN"}, (Done.TOTP,), Need(first=frozenset({"WEB_AUTHN"}))),
        (3, (Done.PASSWORD,), PASSWORDS, (Done.EMAIL, Done.TOTP), Need(second=frozenset({Done.EMAIL}))),
        (3, (Done.SYNCED_PASSKEY,), (), (), MET),
        (3, (Done.FIRST_EMAIL,), {*PASSWORDS, "EMAIL_OTP"}, (), Need(first=PASSWORDS)),
        (4, (), PASSWORDS, (Done.TOTP, Done.SMS), Need(first=PASSWORDS)),
        (4, (Done.PASSWORD, Done.SMS), PASSWORDS, (Done.TOTP, Done.SMS), Need(second=frozenset({Done.TOTP}))),
        (4, (Done.PASSWORD,), PASSWORDS, (Done.SMS,), None),
        (4, (Done.PASSWORD, Done.TOTP), PASSWORDS, (Done.TOTP,), MET),
    ],
)
def test_what_a_level_still_needs(
    wanted: int, done: tuple[Done, ...], offered: set[str], active: tuple[Done, ...], needed: Need | None
) -> None:
    facts = Facts(status=Status.CONFIRMED, enabled=True, done=frozenset(done), targets=(wanted,))

    assert needed == step_up.need(facts, offered, active)


def test_the_first_level_that_can_be_reached_is_the_one() -> None:
    facts = Facts(status=Status.CONFIRMED, enabled=True, done=frozenset(), targets=(4, 2, 1))

    assert 1 == step_up.reachable(facts, PASSWORDS, ())
