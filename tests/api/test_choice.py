"""USER_AUTH: the user chooses the first factor among those that the pool allows and he has."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from tests.support.builders import (
    PASSWORD,
    a_client,
    a_pool,
    a_user,
    last_code,
    messages,
    reconfigure,
    the_user,
    with_mfa,
)
from tests.support.service import (
    DISABLED,
    LIMIT,
    LOCKED_OUT,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_USED,
    WRONG_PASSWORD,
    Service,
    hashed,
    race,
    sqlite_only,
)
from tests.support.web import claims_of

PHONE = "+12065550123"
WRONG_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
NOT_OFFERED = ("InvalidParameterException", "Selected challenge is not available.")
BOTH_PASSWORDS = ["PASSWORD_SRP", "PASSWORD"]
CODE = {"EMAIL_OTP": "EMAIL_OTP_CODE", "SMS_OTP": "SMS_OTP_CODE"}


def allowing(*factors: str) -> shapes.UserPoolPolicyType:
    policy = shapes.SignInPolicyType(allowed_first_auth_factors=["PASSWORD", *factors])
    return shapes.UserPoolPolicyType(sign_in_policy=policy)


async def choosing(service: Service, *factors: str, **settings: Any) -> tuple[PoolEntry, ClientEntry]:
    """A pool that allows these besides the password, and a client that only offers the choice."""
    hides = settings.pop("hides", "LEGACY")
    entry = await a_pool(service.flow, policies=allowing(*factors), **settings)
    client = await a_client(
        service.flow, entry, explicit_auth_flows=["ALLOW_USER_AUTH"], prevent_user_existence_errors=hides
    )
    return entry, client


def auth(client: ClientEntry, username: str, **parameters: str) -> dict[str, Any]:
    given = {"USERNAME": username, **hashed(client, username), **parameters}
    return {"ClientId": client.client.id, "AuthFlow": "USER_AUTH", "AuthParameters": given}


async def begin(service: Service, client: ClientEntry, username: str, **parameters: str) -> dict[str, Any]:
    return await service("InitiateAuth", **auth(client, username, **parameters))


async def test_the_choice_is_what_the_pool_allows_and_the_user_has(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
    reached: dict[str, Any] = {"email": "jane@example.com", "phone_number": PHONE, "phone_number_verified": "true"}
    await a_user(service.flow, entry, "jane", email_verified="true", **reached)
    await a_user(service.flow, entry, "joe", email_verified="false", **reached)
    await a_user(service.flow, entry, "jim")
    offered = {name: (await begin(service, client, name)) for name in ("jane", "joe", "jim")}
    assert {"SELECT_CHALLENGE"} == {each["ChallengeName"] for each in offered.values()}
    assert {} == offered["jim"]["ChallengeParameters"]
    expected = {"jane": [*BOTH_PASSWORDS, "EMAIL_OTP", "SMS_OTP"], "joe": [*BOTH_PASSWORDS, "SMS_OTP"],
                "jim": BOTH_PASSWORDS}  # fmt: skip
    assert expected == {name: each["AvailableChallenges"] for name, each in offered.items()}


@pytest.mark.parametrize(("factor", "medium", "shown"), [
    ("EMAIL_OTP", "EMAIL", "j***@e***"), ("SMS_OTP", "SMS", "+*******0123"),
])  # fmt: skip
async def test_a_code_signs_in_without_a_password(service: Service, factor: str, medium: str, shown: str) -> None:
    entry, client = await choosing(service, factor)
    await a_user(service.flow, entry, "jane", None, email="jane@example.com", email_verified="true",
                 phone_number=PHONE, phone_number_verified="true")  # fmt: skip
    asked = await begin(service, client, "jane")
    expected = {"CODE_DELIVERY_DELIVERY_MEDIUM": medium, "CODE_DELIVERY_DESTINATION": shown}
    assert (factor, [factor], expected) == (
        asked["ChallengeName"], asked["AvailableChallenges"], asked["ChallengeParameters"]
    )  # fmt: skip
    code = await last_code(service.flow, entry)
    assert len(code) == 8
    wrong = await service.respond_refusal(client, "jane", factor, asked["Session"], **{CODE[factor]: "00000000"})
    assert WRONG_CODE == wrong
    done = await service.respond(client, "jane", factor, asked["Session"], **{CODE[factor]: code})
    assert "jane" == claims_of(done["AuthenticationResult"]["AccessToken"])["username"]
    again = await service.respond_refusal(client, "jane", factor, asked["Session"], **{CODE[factor]: code})
    assert SESSION_USED == again


async def test_a_password_rides_along_or_comes_in_a_second_round_or_with_the_choice(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    at_once = await begin(service, client, "jane", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert at_once["AuthenticationResult"]["RefreshToken"]
    asked = await begin(service, client, "jane", PREFERRED_CHALLENGE="PASSWORD")
    assert ("PASSWORD", {}) == (asked["ChallengeName"], asked["ChallengeParameters"])
    wrong = await service.respond_refusal(client, "jane", "PASSWORD", asked["Session"], PASSWORD="Wrong-Horse-7")
    assert WRONG_PASSWORD == wrong
    done = await service.respond(client, "jane", "PASSWORD", asked["Session"], PASSWORD=PASSWORD)
    assert done["AuthenticationResult"]["AccessToken"]
    offered = await begin(service, client, "jane")
    given = {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    done = await service.respond(client, "jane", "SELECT_CHALLENGE", offered["Session"], **given)
    assert done["AuthenticationResult"]["AccessToken"]
    assert SESSION_USED == await service.respond_refusal(
        client, "jane", "SELECT_CHALLENGE", offered["Session"], **given
    )


async def test_what_is_chosen_is_asked_for_next(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    offered = await begin(service, client, "jane")
    body = (client, "jane", "SELECT_CHALLENGE", offered["Session"])
    assert NOT_OFFERED == await service.respond_refusal(*body, ANSWER="SMS_OTP")
    assert ("InvalidParameterException", "Missing required parameter ANSWER") == await service.respond_refusal(*body)
    asked = await service.respond(*body, ANSWER="EMAIL_OTP")
    assert "EMAIL_OTP" == asked["ChallengeName"]
    code = await last_code(service.flow, entry)
    # The session of the choice is spent, and a session answers its own challenge only.
    assert SESSION_USED == await service.respond_refusal(*body, ANSWER="EMAIL_OTP")
    assert SESSION_INVALID == await service.respond_refusal(client, "jane", "SMS_OTP", asked["Session"],
                                                            SMS_OTP_CODE=code)  # fmt: skip
    done = await service.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    assert done["AuthenticationResult"]["IdToken"]


async def test_a_preference_that_the_user_cannot_meet_falls_back_to_the_choice(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane")
    asked = await begin(service, client, "jane", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert ("SELECT_CHALLENGE", BOTH_PASSWORDS) == (asked["ChallengeName"], asked["AvailableChallenges"])
    refused = await service.refusal("InitiateAuth", **auth(client, "jane", PREFERRED_CHALLENGE="CARRIER_PIGEON"))
    assert ("InvalidParameterException", "Challenge CARRIER_PIGEON is not supported.") == refused


@pytest.mark.parametrize("status", [Status.FORCE_CHANGE_PASSWORD, Status.UNCONFIRMED, Status.RESET_REQUIRED])
@sqlite_only
async def test_whoever_has_something_to_set_right_first_has_only_the_password(service: Service, status: Status) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", status=status, email="jane@example.com", email_verified="true")
    asked = await begin(service, client, "jane", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert BOTH_PASSWORDS == asked["AvailableChallenges"]
    given: Any = {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    body: Any = (client, "jane", "SELECT_CHALLENGE", asked["Session"])
    if status is Status.FORCE_CHANGE_PASSWORD:
        assert "NEW_PASSWORD_REQUIRED" == (await service.respond(*body, **given))["ChallengeName"]
    else:
        code, _ = await service.respond_refusal(*body, **given)
        assert {Status.UNCONFIRMED: "UserNotConfirmedException"}.get(status, "PasswordResetRequiredException") == code


@pytest.mark.parametrize(("name", "factors", "challenge"), [
    ("nobody", ("EMAIL_OTP",), "EMAIL_OTP"), ("nobody@example.com", ("EMAIL_OTP",), "EMAIL_OTP"),
    ("+12065550199", ("EMAIL_OTP", "SMS_OTP"), "SMS_OTP"), ("nobody", ("SMS_OTP",), "SMS_OTP"),
])  # fmt: skip
async def test_an_unknown_name_gets_the_challenge_of_a_known_one(
    service: Service, name: str, factors: tuple[str, ...], challenge: str
) -> None:
    entry, client = await choosing(service, *factors, hides="ENABLED")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true", phone_number=PHONE,
                 phone_number_verified="true")  # fmt: skip
    known = await begin(service, client, "jane", PREFERRED_CHALLENGE=challenge)
    first = await begin(service, client, name, PREFERRED_CHALLENGE=challenge)
    second = await begin(service, client, name, PREFERRED_CHALLENGE=challenge)
    assert known.keys() == first.keys()
    assert challenge == first["ChallengeName"]
    assert known["ChallengeParameters"].keys() == first["ChallengeParameters"].keys()
    assert first["ChallengeParameters"] == second["ChallengeParameters"]
    assert 1 == len(await messages(service.flow, entry))
    answer = {CODE[challenge]: "12345678"}
    for _ in range(5):
        assert WRONG_CODE == await service.respond_refusal(client, name, challenge, first["Session"], **answer)
    assert LOCKED_OUT == await service.respond_refusal(client, name, challenge, first["Session"], **answer)


@pytest.mark.parametrize("challenge", ["PASSWORD", "SELECT_CHALLENGE"])
@sqlite_only
async def test_an_unknown_name_fails_like_a_wrong_password(service: Service, challenge: str) -> None:
    _, client = await choosing(service, hides="ENABLED")
    asked = await begin(service, client, "nobody", PREFERRED_CHALLENGE="PASSWORD" if challenge == "PASSWORD" else "")
    assert (challenge, BOTH_PASSWORDS) == (asked["ChallengeName"], asked["AvailableChallenges"])
    given = {"PASSWORD": PASSWORD} if challenge == "PASSWORD" else {"PASSWORD": PASSWORD, "ANSWER": "PASSWORD"}
    refused = await service.respond_refusal(client, "nobody", challenge, asked["Session"], **given)
    assert WRONG_PASSWORD == refused


@sqlite_only
async def test_a_client_that_hides_nothing_tells_who_exists(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "joe", enabled=False)
    expected = ("UserNotFoundException", "User does not exist.")
    assert expected == await service.refusal("InitiateAuth", **auth(client, "nobody"))
    assert DISABLED == await service.refusal("InitiateAuth", **auth(client, "joe"))
    await a_user(service.flow, entry, "jim", None, status=Status.UNCONFIRMED, email="jim@example.com")
    assert "UserNotConfirmedException" == (await service.refusal("InitiateAuth", **auth(client, "jim")))[0]
    await a_user(service.flow, entry, "jill", None)
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **auth(client, "jill"))


async def test_a_disabled_user_is_asked_as_before_and_gets_no_further(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", hides="ENABLED")
    reached: dict[str, Any] = {"email": "jane@example.com", "email_verified": "true"}
    user = await a_user(service.flow, entry, "jane", None, **reached)
    before = await begin(service, client, "jane")
    await service("AdminDisableUser", UserPoolId=entry.pool.id, Username=user.username)
    after = await begin(service, client, "jane")
    assert before["ChallengeParameters"] == after["ChallengeParameters"]
    assert 1 == len(await messages(service.flow, entry))
    refused = await service.respond_refusal(client, "jane", "EMAIL_OTP", after["Session"], EMAIL_OTP_CODE="12345678")
    assert WRONG_CODE == refused


async def test_codes_are_guessed_a_few_times_whatever_session_they_are_for(service: Service, clock: FixedClock) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    sessions = [(await begin(service, client, "jane", PREFERRED_CHALLENGE="EMAIL_OTP"))["Session"] for _ in range(4)]
    code = await last_code(service.flow, entry)
    served, refused = await race(
        service.respond(client, "jane", "EMAIL_OTP", session, EMAIL_OTP_CODE="00000000") for session in sessions * 5
    )
    assert ([], 5) == (served, refused.count(WRONG_CODE))
    assert {WRONG_CODE, LOCKED_OUT} == set(refused)
    body = (client, "jane", "EMAIL_OTP", sessions[-1])
    assert LOCKED_OUT == await service.respond_refusal(*body, EMAIL_OTP_CODE=code)
    # Neither the password nor a second factor is locked by it.
    assert await begin(service, client, "jane", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    clock.advance(2)
    assert (await service.respond(*body, EMAIL_OTP_CODE=code))["AuthenticationResult"]


async def test_codes_are_sent_so_many_times_an_hour_and_decoys_too(service: Service, clock: FixedClock) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", hides="ENABLED")
    await a_user(service.flow, entry, "jane", None, email="jane@example.com", email_verified="true")
    for name in ("jane", "nobody"):
        for _ in range(20):
            await begin(service, client, name, PREFERRED_CHALLENGE="EMAIL_OTP")
        refused = await service.refusal("InitiateAuth", **auth(client, name, PREFERRED_CHALLENGE="EMAIL_OTP"))
        assert LIMIT == refused
    clock.advance(3601)
    assert await begin(service, client, "jane")


async def test_of_parallel_answers_with_the_right_code_one_is_served(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", None, email="jane@example.com", email_verified="true")
    asked = await begin(service, client, "jane")
    code = await last_code(service.flow, entry)
    served, refused = await race(
        service.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code) for _ in range(8)
    )
    assert 1 == len(served)
    assert {SESSION_USED} == set(refused)


async def test_a_code_is_worth_nothing_to_another_user_client_or_session(service: Service, clock: FixedClock) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    other = await a_client(service.flow, entry, explicit_auth_flows=["ALLOW_USER_AUTH"])
    for name in ("jane", "joe"):
        await a_user(service.flow, entry, name, None, email=f"{name}@example.com", email_verified="true")
    first = await begin(service, client, "jane")
    code = await last_code(service.flow, entry)
    second, foreign = await begin(service, client, "jane"), await begin(service, client, "joe")
    given = {"EMAIL_OTP_CODE": code}
    assert WRONG_CODE == await service.respond_refusal(client, "jane", "EMAIL_OTP", second["Session"], **given)
    assert WRONG_CODE == await service.respond_refusal(client, "joe", "EMAIL_OTP", foreign["Session"], **given)
    assert SESSION_INVALID == await service.respond_refusal(client, "joe", "EMAIL_OTP", first["Session"], **given)
    assert SESSION_INVALID == await service.respond_refusal(other, "jane", "EMAIL_OTP", first["Session"], **given)
    clock.advance(181)
    assert SESSION_EXPIRED == await service.respond_refusal(client, "jane", "EMAIL_OTP", first["Session"], **given)


async def test_a_code_to_an_address_that_is_no_longer_the_users_proves_nothing(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    asked = await begin(service, client, "jane", PREFERRED_CHALLENGE="EMAIL_OTP")
    code = await last_code(service.flow, entry)
    changes = [{"Name": "email", "Value": "else@example.com"}, {"Name": "email_verified", "Value": "true"}]
    await service("AdminUpdateUserAttributes", UserPoolId=entry.pool.id, Username="jane", UserAttributes=changes)
    refused = await service.respond_refusal(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    assert WRONG_CODE == refused


@pytest.mark.parametrize("value", ["", " "])
@sqlite_only
async def test_an_empty_answer_passes_nothing_cve_2026_49443(service: Service, value: str) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    for challenge, key in (("PASSWORD", "PASSWORD"), ("EMAIL_OTP", "EMAIL_OTP_CODE"), ("PASSWORD_SRP", "SRP_A")):
        asked = await begin(service, client, "jane", PREFERRED_CHALLENGE=challenge)
        code, _ = await service.respond_refusal(client, "jane", challenge, asked["Session"], **{key: value})
        assert code in {"InvalidParameterException", "NotAuthorizedException", "CodeMismatchException"}


async def test_without_a_password_nobody_passes_where_a_second_factor_is_needed(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", mfa=with_mfa("OPTIONAL", "sms", "totp"))
    reached: dict[str, Any] = {"email": "jane@example.com", "email_verified": "true", "phone_number": PHONE}
    await a_user(service.flow, entry, "jane", **reached)
    early = await begin(service, client, "jane", PREFERRED_CHALLENGE="EMAIL_OTP")
    code = await last_code(service.flow, entry)
    await service("AdminSetUserMFAPreference", UserPoolId=entry.pool.id, Username="jane",
                  SMSMfaSettings={"Enabled": True})  # fmt: skip
    # The code that was under way counts no more, and none is sent again.
    late = await service.respond(client, "jane", "EMAIL_OTP", early["Session"], EMAIL_OTP_CODE=code)
    assert ("SELECT_CHALLENGE", BOTH_PASSWORDS) == (late["ChallengeName"], late["AvailableChallenges"])
    asked = await begin(service, client, "jane", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert BOTH_PASSWORDS == asked["AvailableChallenges"]
    second = await service.respond(client, "jane", "SELECT_CHALLENGE", asked["Session"], ANSWER="PASSWORD",
                                   PASSWORD=PASSWORD)  # fmt: skip
    assert "SMS_MFA" == second["ChallengeName"]


@sqlite_only
async def test_a_pool_that_comes_to_require_mfa_closes_the_passwordless_way(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    await reconfigure(service.flow, entry, mfa=with_mfa("ON", "totp"))
    asked = await begin(service, client, "jane")
    assert BOTH_PASSWORDS == asked["AvailableChallenges"]


@sqlite_only
async def test_an_administrator_signs_in_by_choice_too(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    await a_user(service.flow, entry, "jane", None, email="jane@example.com", email_verified="true")
    asked = await service("AdminInitiateAuth", UserPoolId=entry.pool.id, **auth(client, "jane"))
    assert "EMAIL_OTP" == asked["ChallengeName"]
    user = await the_user(service.flow, entry, "jane")
    assert msgspec.structs.replace(user).credentials.password_hash is None
