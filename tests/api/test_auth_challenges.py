"""Sessions, and the new password that follows a temporary one."""

import json
from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_client, a_custom, a_pool, a_schema, a_user, last_code, the_user, with_mfa
from tests.support.service import (
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_USED,
    Service,
    answer,
    hashed,
    race,
    sqlite_only,
)

NEW = "A-New-Password-8"
CHALLENGE = "NEW_PASSWORD_REQUIRED"


async def invited(service: Service, **settings: Any) -> tuple[PoolEntry, ClientEntry, str]:
    """A pool, a client, and the session of a user with a temporary password."""
    entry = await a_pool(service.flow, **settings)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", temporary=True, email="jane@example.com")
    return entry, client, (await service.sign_in(client, "jane"))["Session"]


async def test_a_temporary_password_is_changed_on_the_way_in(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", temporary=True, email="jane@example.com", email_verified="true")
    asked = await service.sign_in(client, "jane")
    assert CHALLENGE == asked["ChallengeName"]
    assert 20 <= len(asked["Session"]) <= 4096
    shown = asked["ChallengeParameters"]
    assert {"USER_ID_FOR_SRP", "userAttributes", "requiredAttributes"} == shown.keys()
    assert {"email": "jane@example.com", "email_verified": "true"} == json.loads(shown["userAttributes"])
    assert [] == json.loads(shown["requiredAttributes"])
    done = await service.respond(client, "jane", CHALLENGE, asked["Session"], NEW_PASSWORD=NEW)
    assert done["AuthenticationResult"]["RefreshToken"]
    assert Status.CONFIRMED is (await the_user(service.flow, entry, "jane")).status
    assert (await service.tokens(client, "jane", NEW))["AccessToken"]
    assert "AuthenticationResult" not in str(await service.refusal("InitiateAuth", **_old(client)))


def _old(client: ClientEntry) -> dict[str, Any]:
    return {
        "ClientId": client.client.id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD, **hashed(client, "jane")},
    }


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Sh0rt!", "Password not long enough"),
        ("lower-case-8", "Password must have uppercase characters"),
        ("UPPER-CASE-8", "Password must have lowercase characters"),
        ("No-Numbers", "Password must have numeric characters"),
        ("NoSymbols88", "Password must have symbol characters"),
    ],
)
@sqlite_only
async def test_a_password_against_the_policy_leaves_the_session_alive(
    service: Service, password: str, expected: str
) -> None:
    _, client, session = await invited(service)
    refused = await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=password)
    assert ("InvalidPasswordException", f"Password did not conform with policy: {expected}") == refused
    assert await service.respond(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)


@sqlite_only
async def test_a_password_of_the_history_is_refused(service: Service) -> None:
    policy = shapes.PasswordPolicyType(minimum_length=8, password_history_size=3)
    _, client, session = await invited(service, policies=shapes.UserPoolPolicyType(password_policy=policy))
    refused = await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=PASSWORD)
    assert refused[0] == "PasswordHistoryPolicyViolationException"


async def test_required_attributes_are_given_with_the_new_password(service: Service) -> None:
    schema = a_schema(required=("name", "family_name"), custom=(a_custom("team", mutable=False),))
    entry = await a_pool(service.flow, schema_attributes=schema)
    client = await a_client(service.flow, entry, write_attributes=["name", "family_name", "custom:team", "email"])
    await a_user(service.flow, entry, "jane", temporary=True, email="jane@example.com")
    asked = await service.sign_in(client, "jane")
    wanted = json.loads(asked["ChallengeParameters"]["requiredAttributes"])
    assert {"userAttributes.name", "userAttributes.family_name"} == set(wanted)
    session = asked["Session"]
    refused = await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)
    assert ("InvalidParameterException", "Invalid attributes given, name, family_name is missing") == refused or (
        refused[1] == "Invalid attributes given, family_name, name is missing"
    )
    given = {"userAttributes.name": "Jane", "userAttributes.family_name": "Doe", "userAttributes.custom:team": "red"}
    await service.respond(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW, **given)
    attributes = (await the_user(service.flow, entry, "jane")).attributes
    assert ("Jane", "Doe", "red") == (attributes["name"], attributes["family_name"], attributes["custom:team"])


@sqlite_only
async def test_a_required_attribute_that_has_a_value_stays(service: Service) -> None:
    _, client, session = await invited(service, schema_attributes=a_schema(required=("email",)))
    given = {"NEW_PASSWORD": NEW, "userAttributes.email": "other@example.com"}
    refused = await service.respond_refusal(client, "jane", CHALLENGE, session, **given)
    assert ("InvalidParameterException", "Cannot modify an already provided email") == refused


@pytest.mark.parametrize("name", ["email_verified", "custom:team", "sub", "phone_number_verified"])
@sqlite_only
async def test_a_new_password_brings_no_attribute_that_the_client_may_not_write_cve_2026_27946(
    service: Service, name: str
) -> None:
    schema = a_schema(custom=(a_custom("team"),))
    entry, client, session = await invited(service, schema_attributes=schema)
    given = {"NEW_PASSWORD": NEW, f"userAttributes.{name}": "true"}
    refused = await service.respond_refusal(client, "jane", CHALLENGE, session, **given)
    assert ("NotAuthorizedException", "A client attempted to write unauthorized attribute") == refused
    assert Status.FORCE_CHANGE_PASSWORD is (await the_user(service.flow, entry, "jane")).status


async def test_a_session_is_used_once_however_many_race(service: Service) -> None:
    entry, client, session = await invited(service)
    served, refused = await race(
        service.respond(client, "jane", CHALLENGE, session, NEW_PASSWORD=f"{NEW}{number}") for number in range(10)
    )
    assert 1 == len(served)
    # Whoever looks after the winner has written finds another password than the one that was proved.
    assert set(refused) <= {SESSION_USED, SESSION_INVALID}
    assert SESSION_USED == await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)
    assert 1 <= (await the_user(service.flow, entry, "jane")).version


@sqlite_only
async def test_a_session_lives_as_long_as_the_client_says(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    await a_user(service.flow, entry, "jane", temporary=True)
    for minutes in (3, 15):
        client = await a_client(service.flow, entry, auth_session_validity=minutes)
        session = (await service.sign_in(client, "jane"))["Session"]
        clock.advance(60 * minutes - 1)
        weak = await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD="weak")
        assert weak[0] == "InvalidPasswordException"
        clock.advance(1)
        assert SESSION_EXPIRED == await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)


async def test_a_session_belongs_to_pool_client_user_and_challenge(service: Service) -> None:
    flow = service.flow
    entry, other = await a_pool(flow), await a_pool(flow)
    client, neighbour, foreign = (
        await a_client(flow, entry), await a_client(flow, entry), await a_client(flow, other)
    )  # fmt: skip
    for pool in (entry, other):
        await a_user(flow, pool, "jane", temporary=True)
    await a_user(flow, entry, "joe", temporary=True)
    session = (await service.sign_in(client, "jane"))["Session"]
    for stranger, name, challenge in [
        (neighbour, "jane", CHALLENGE), (foreign, "jane", CHALLENGE), (client, "joe", CHALLENGE),
        (client, "nobody", CHALLENGE), (client, "jane", "SMS_MFA"), (client, "jane", "SELECT_MFA_TYPE"),
        (client, "jane", "SOFTWARE_TOKEN_MFA"), (client, "jane", "EMAIL_OTP"), (client, "jane", "MFA_SETUP"),
    ]:  # fmt: skip
        everything = {
            "NEW_PASSWORD": NEW, "SMS_MFA_CODE": "123456", "EMAIL_OTP_CODE": "123456", "ANSWER": "SMS_MFA",
            "SOFTWARE_TOKEN_MFA_CODE": "123456",
        }  # fmt: skip
        refused = await service.respond_refusal(stranger, name, challenge, session, **everything)
        assert SESSION_INVALID == refused
    assert await service.respond(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)


@sqlite_only
async def test_an_invented_session_is_invalid(service: Service) -> None:
    _, client, session = await invited(service)
    for invented in ("x" * 20, session[:-1] + ("0" if session[-1] != "0" else "1"), session + "0"):
        refused = await service.respond_refusal(client, "jane", CHALLENGE, invented, NEW_PASSWORD=NEW)
        assert SESSION_INVALID == refused


@pytest.mark.parametrize("missing", ["USERNAME", "NEW_PASSWORD", "Session"])
@sqlite_only
async def test_a_missing_field_is_named_and_spends_nothing_cve_2026_49443(service: Service, missing: str) -> None:
    _, client, session = await invited(service)
    whole = answer(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)
    for value in (None, ""):
        if missing == "Session":
            body = {name: each for name, each in whole.items() if name != "Session"}
        else:
            responses = {name: each for name, each in whole["ChallengeResponses"].items() if name != missing}
            responses |= {} if value is None else {missing: value}
            body = {**whole, "ChallengeResponses": responses}
        expected = ("InvalidParameterException", f"Missing required parameter {missing}")
        assert expected == await service.refusal("RespondToAuthChallenge", **body)
    assert await service("RespondToAuthChallenge", **whole)


@sqlite_only
async def test_an_answer_shows_the_secret_hash_again(service: Service) -> None:
    _, client, session = await invited(service)
    body = answer(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)
    body["ChallengeResponses"]["SECRET_HASH"] = "wrong"
    expected = ("NotAuthorizedException", f"SecretHash does not match for the client: {client.client.id}")
    assert expected == await service.refusal("RespondToAuthChallenge", **body)


@sqlite_only
async def test_a_user_who_is_disabled_half_way_is_refused_cve_2025_53942(service: Service) -> None:
    entry, client, session = await invited(service)
    await service("AdminDisableUser", UserPoolId=entry.pool.id, Username="jane")
    assert SESSION_INVALID == await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)
    await service("AdminEnableUser", UserPoolId=entry.pool.id, Username="jane")
    assert SESSION_INVALID == await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)


@sqlite_only
async def test_a_user_who_was_made_anew_does_not_inherit_a_session(service: Service) -> None:
    entry, client, session = await invited(service)
    await service("AdminDeleteUser", UserPoolId=entry.pool.id, Username="jane")
    await a_user(service.flow, entry, "jane", temporary=True)
    assert SESSION_INVALID == await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)


@pytest.mark.parametrize("permanent", [True, False])
async def test_a_session_dies_with_the_password_that_began_it(service: Service, permanent: bool) -> None:
    """Else whoever knew a leaked temporary password could still choose the new one."""
    entry, client, session = await invited(service)
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    await service("AdminSetUserPassword", **whom, Password="Another-Secret-9", Permanent=permanent)
    assert SESSION_INVALID == await service.respond_refusal(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)


async def test_a_session_before_the_second_factor_dies_with_the_password_too(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "email", "totp"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", email="jane@example.com")
    await a_user(service.flow, entry, "joe")
    code_session = (await service.sign_in(client, "jane"))["Session"]
    code = await last_code(service.flow, entry)
    setup_session = (await service.sign_in(client, "joe"))["Session"]
    for name in ("jane", "joe"):
        whom = {"UserPoolId": entry.pool.id, "Username": name}
        await service("AdminSetUserPassword", **whom, Password="Another-Secret-9", Permanent=True)
    refused = await service.respond_refusal(client, "jane", "EMAIL_OTP", code_session, EMAIL_OTP_CODE=code)
    assert SESSION_INVALID == refused
    assert SESSION_INVALID == await service.refusal("AssociateSoftwareToken", Session=setup_session)


@sqlite_only
async def test_a_challenge_that_is_never_asked_takes_no_answer(service: Service) -> None:
    _, client, session = await invited(service)
    refused = await service.respond_refusal(client, "jane", "ADMIN_NO_SRP_AUTH", session, ANSWER="x", PASSWORD=PASSWORD)
    assert ("InvalidParameterException", "Challenge ADMIN_NO_SRP_AUTH is not supported.") == refused


@sqlite_only
async def test_an_administrator_answers_for_clients_of_the_pool_only(service: Service) -> None:
    entry, client, session = await invited(service)
    other = await a_pool(service.flow)
    body = answer(client, "jane", CHALLENGE, session, NEW_PASSWORD=NEW)
    code, _ = await service.refusal("AdminRespondToAuthChallenge", UserPoolId=other.pool.id, **body)
    assert code == "ResourceNotFoundException"
    done = await service("AdminRespondToAuthChallenge", UserPoolId=entry.pool.id, **body)
    assert done["AuthenticationResult"]["AccessToken"]


@pytest.mark.parametrize("challenge", ["SELECT_CHALLENGE", "WEB_AUTHN", "PASSWORD", "PASSWORD_SRP", "SMS_OTP"])
@sqlite_only
async def test_a_session_answers_its_own_challenge_only(service: Service, challenge: str) -> None:
    _, client, session = await invited(service)
    refused = await service.respond_refusal(client, "jane", challenge, session, ANSWER="x", PASSWORD=PASSWORD)
    assert SESSION_INVALID == refused
