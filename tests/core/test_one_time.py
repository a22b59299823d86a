"""Codes that are sent, and authenticator apps."""

import base64
import hmac
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core import one_time, totp
from poolhouse.pool.core.refusal import refused
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.model.user import CodePurpose, SentCode, Username
from poolhouse.pool.spec.errors import Reason
from tests.core.vectors import load

NOW = 1_800_000_000
RFC_SECRET = b"12345678901234567890"


def mac(message: bytes) -> bytes:
    return hmac.digest(b"pepper", message, "sha256")


def digest(code: str, *, purpose: str = "reset", username: str = "jane", pool_id: str = "p_1") -> bytes:
    return one_time.code_digest(mac, purpose=purpose, pool_id=pool_id, username=username, code=code)


def a_code(code: str = "123456", *, expires_at: int = NOW + 60, failures: int = 0) -> SentCode:
    return SentCode(
        pool_id=PoolId("p_1"),
        username=Username("jane"),
        purpose=CodePurpose.RESET,
        digest=digest(code),
        attribute="email",
        expires_at=expires_at,
        failures=failures,
    )


def test_the_right_code_is_accepted() -> None:
    assert one_time.check_code(a_code(), digest=digest("123456"), now=NOW) is None


def test_blanks_around_a_pasted_code_do_no_harm() -> None:
    assert digest("123456") == digest(" 123456\n")


def test_a_wrong_code_is_a_mismatch() -> None:
    assert refused(Reason.CODE_MISMATCH) == one_time.check_code(a_code(), digest=digest("123457"), now=NOW)


@pytest.mark.parametrize("code", ["123456", "000000"])
def test_an_expired_code_does_not_tell_whether_it_was_right(code: str) -> None:
    assert refused(Reason.CODE_EXPIRED) == one_time.check_code(a_code(expires_at=NOW), digest=digest(code), now=NOW)


@pytest.mark.parametrize("code", ["123456", "000000"])
def test_a_code_that_was_guessed_at_too_often_does_not_tell_either(code: str) -> None:
    exhausted = a_code(failures=one_time.FAILURE_LIMIT)

    assert refused(Reason.TOO_MANY_FAILED_ATTEMPTS) == one_time.check_code(exhausted, digest=digest(code), now=NOW)


def test_a_code_that_was_never_sent_reads_as_expired() -> None:
    assert refused(Reason.CODE_EXPIRED) == one_time.check_code(None, digest=digest("123456"), now=NOW)


@pytest.mark.parametrize("other", [{"purpose": "email"}, {"username": "john"}, {"pool_id": "p_2"}])
def test_a_code_is_worth_nothing_for_another_purpose_user_or_pool(other: dict[str, str]) -> None:
    assert digest("123456") != digest("123456", **other)


def test_fields_of_a_digest_cannot_run_into_each_other() -> None:
    assert digest("1", username="jane", purpose="ab") != digest("1", username="ejane", purpose="a")


def test_every_purpose_has_a_validity() -> None:
    assert set(CodePurpose) == set(one_time.VALID_SECONDS)


def test_a_code_of_a_sign_in_is_compared_by_digest() -> None:
    assert one_time.is_right(digest("123456"), digest("123456"))
    assert not one_time.is_right(digest("123456"), digest("123457"))


@pytest.mark.parametrize("case", load("totp"), ids=lambda case: str(case["time"]))
def test_the_rfc_vectors_hold(case: dict[str, int | str]) -> None:
    code = totp.code_at(RFC_SECRET, totp.step_at(int(case["time"])), digits=8)

    assert case["code"] == code
    assert str(case["code"])[2:] == totp.code_at(RFC_SECRET, totp.step_at(int(case["time"])))


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_code_one_step_away_is_accepted(drift: int) -> None:
    step = totp.step_at(NOW) + drift

    assert step == totp.check_totp(RFC_SECRET, given=totp.code_at(RFC_SECRET, step), now=NOW, last_step=0)


@pytest.mark.parametrize("drift", [-2, 2, 100])
def test_a_code_two_steps_away_is_refused(drift: int) -> None:
    code = totp.code_at(RFC_SECRET, totp.step_at(NOW) + drift)

    assert refused(Reason.TOTP_MISMATCH) == totp.check_totp(RFC_SECRET, given=code, now=NOW, last_step=0)


def test_each_step_is_good_once() -> None:
    step = totp.step_at(NOW)
    code = totp.code_at(RFC_SECRET, step)

    assert refused(Reason.TOTP_USED) == totp.check_totp(RFC_SECRET, given=code, now=NOW, last_step=step)
    earlier = totp.code_at(RFC_SECRET, step - 1)
    assert refused(Reason.TOTP_USED) == totp.check_totp(RFC_SECRET, given=earlier, now=NOW, last_step=step)
    later = totp.code_at(RFC_SECRET, step + 1)
    assert step + 1 == totp.check_totp(RFC_SECRET, given=later, now=NOW, last_step=step)


def test_the_first_seconds_of_time_have_no_step_before() -> None:
    assert totp.check_totp(RFC_SECRET, given=totp.code_at(RFC_SECRET, 1), now=0, last_step=0) == 1


@given(given=st.text(), now=st.integers(min_value=0, max_value=2**40))
def test_any_text_for_a_code_gets_an_answer(given: str, now: int) -> None:
    verdict = totp.check_totp(RFC_SECRET, given=given, now=now, last_step=0)

    assert isinstance(verdict, int) == (
        given in {totp.code_at(RFC_SECRET, s) for s in range(max(now // 30 - 1, 1), now // 30 + 2)}
    )


def test_the_secret_is_typed_as_52_characters_of_base32() -> None:
    text = totp.secret_text(bytes(range(totp.SECRET_BYTES)))

    assert len(text) == 52
    assert bytes(range(totp.SECRET_BYTES)) == base64.b32decode(text + "====")


def test_the_uri_names_issuer_and_account() -> None:
    uri = urlsplit(totp.otpauth_uri(RFC_SECRET, issuer="Ada & Söhne: Wiki", account="jane@example.com"))

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path[1:]) == "Ada & Söhne: Wiki:jane@example.com"
    assert uri.path.count(":") == 1
    assert {"secret": [totp.secret_text(RFC_SECRET)], "issuer": ["Ada & Söhne: Wiki"]} == parse_qs(uri.query)
