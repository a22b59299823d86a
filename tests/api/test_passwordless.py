"""Users without a password: signed up, created, and given one later; which first factors a pool may allow."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.model.user import Status
from tests.api.test_choice import BOTH_PASSWORDS, auth, begin, choosing
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, last_code, messages, the_user, with_mfa
from tests.support.service import SESSION_EXPIRED, SESSION_INVALID, SESSION_USED, Service, hashed, sqlite_only
from tests.support.web import claims_of

NEEDS_PASSWORD = ("InvalidParameterException", "User is required to have a password")
EMAIL = [{"Name": "email", "Value": "jane@example.com"}]
VERIFIED = [*EMAIL, {"Name": "email_verified", "Value": "true"}]


def signing_up(client: Any, username: str = "jane", **more: Any) -> dict[str, Any]:
    given = {"ClientId": client.client.id, "Username": username, "UserAttributes": EMAIL}
    return given | hashed(client, username, "SecretHash") | more


async def test_a_sign_up_without_a_password_leads_straight_into_a_sign_in(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", auto_verified_attributes=["email"])
    made = await service("SignUp", **signing_up(client))
    body = signing_up(client, ConfirmationCode=await last_code(service.flow, entry), Session=made["Session"])
    del body["UserAttributes"]
    confirmed = await service("ConfirmSignUp", **body)
    user = await the_user(service.flow, entry, "jane")
    assert (Status.CONFIRMED, None, True) == (user.status, user.credentials.password_hash, user.is_verified("email"))
    going = auth(client, "jane") | {"Session": confirmed["Session"]}
    done = await service("InitiateAuth", **going)
    assert "jane" == claims_of(done["AuthenticationResult"]["AccessToken"])["username"]
    assert SESSION_USED == await service.refusal("InitiateAuth", **going)
    first = auth(client, "jane") | {"Session": made["Session"]}
    assert "NotAuthorizedException" == (await service.refusal("InitiateAuth", **first))[0]


async def test_the_session_of_a_sign_up_is_its_users_and_its_clients(service: Service, clock: FixedClock) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", auto_verified_attributes=["email"])
    other = await a_client(service.flow, entry, explicit_auth_flows=["ALLOW_USER_AUTH"])
    made = await service("SignUp", **signing_up(client, Password=PASSWORD))
    code = await last_code(service.flow, entry)
    await service("SignUp", **signing_up(client, "joe", Password=PASSWORD))
    joes = await last_code(service.flow, entry)
    bare = {"UserAttributes": None}
    for at, name, its in ((client, "joe", joes), (other, "jane", code)):
        body = signing_up(at, name, ConfirmationCode=its, Session=made["Session"]) | bare
        refused = await service.refusal("ConfirmSignUp", **{k: v for k, v in body.items() if v is not None})
        assert SESSION_INVALID == refused
    body = signing_up(client, ConfirmationCode=code, Session=made["Session"])
    confirmed = await service("ConfirmSignUp", **{k: v for k, v in body.items() if k != "UserAttributes"})
    going = {"Session": confirmed["Session"]}
    assert SESSION_INVALID == await service.refusal("InitiateAuth", **(auth(client, "joe") | going))
    assert SESSION_INVALID == await service.refusal("InitiateAuth", **(auth(other, "jane") | going))
    clock.advance(181)
    assert SESSION_EXPIRED == await service.refusal("InitiateAuth", **(auth(client, "jane") | going))


async def test_a_confirmation_without_a_session_leads_into_a_sign_in_where_its_code_is_a_factor(
    service: Service, clock: FixedClock
) -> None:
    entry, client = await choosing(service, "EMAIL_OTP", auto_verified_attributes=["email"])
    await service("SignUp", **signing_up(client))
    confirmed = await confirm(service, client, await last_code(service.flow, entry))
    going = auth(client, "jane") | {"Session": confirmed["Session"]}
    done = await service("InitiateAuth", **going)
    assert "jane" == claims_of(done["AuthenticationResult"]["AccessToken"])["username"]
    assert SESSION_USED == await service.refusal("InitiateAuth", **going)


@sqlite_only
async def test_a_confirmation_without_a_session_does_not_stand_for_the_password(service: Service) -> None:
    """The code alone is no first factor of this pool; who signed up, and shows that session, had set the password."""
    entry, client = await choosing(service, auto_verified_attributes=["email"])
    for name, session, expected in (("jane", False, "SELECT_CHALLENGE"), ("joe", True, None)):
        made = await service("SignUp", **signing_up(client, name, Password=PASSWORD))
        shown = {"Session": made["Session"]} if session else {}
        confirmed = await confirm(service, client, await last_code(service.flow, entry), name, **shown)
        asked = await service("InitiateAuth", **(auth(client, name) | {"Session": confirmed["Session"]}))
        assert expected == asked.get("ChallengeName")


@sqlite_only
async def test_a_client_without_choice_gets_no_session_of_a_confirmation(service: Service) -> None:
    entry, _ = await choosing(service, "EMAIL_OTP", auto_verified_attributes=["email"])
    plain = await a_client(service.flow, entry, explicit_auth_flows=["ALLOW_USER_SRP_AUTH"])
    await service("SignUp", **signing_up(plain, Password=PASSWORD))
    assert "Session" not in await confirm(service, plain, await last_code(service.flow, entry))


async def confirm(service: Service, client: Any, code: str, username: str = "jane", **more: Any) -> dict[str, Any]:
    body = signing_up(client, username, ConfirmationCode=code, **more)
    return await service("ConfirmSignUp", **{key: value for key, value in body.items() if key != "UserAttributes"})


@sqlite_only
async def test_where_a_second_factor_is_needed_the_code_of_the_sign_up_is_not_enough(service: Service) -> None:
    entry, client = await choosing(service, auto_verified_attributes=["email"], mfa=with_mfa("ON", "totp"))
    made = await service("SignUp", **signing_up(client, Password=PASSWORD))
    body = signing_up(client, ConfirmationCode=await last_code(service.flow, entry), Session=made["Session"])
    confirmed = await service("ConfirmSignUp", **{k: v for k, v in body.items() if k != "UserAttributes"})
    asked = await service("InitiateAuth", **(auth(client, "jane") | {"Session": confirmed["Session"]}))
    assert ("SELECT_CHALLENGE", BOTH_PASSWORDS) == (asked["ChallengeName"], asked["AvailableChallenges"])


@sqlite_only
async def test_only_a_pool_that_sends_codes_has_users_without_a_password(service: Service) -> None:
    for factors in ((), ("WEB_AUTHN",)):
        entry, client = await choosing(service, *factors)
        assert NEEDS_PASSWORD == await service.refusal("SignUp", **signing_up(client))
        whom: dict[str, Any] = {"UserPoolId": entry.pool.id, "Username": "joe", "MessageAction": "SUPPRESS"}
        assert NEEDS_PASSWORD == await service.refusal("AdminCreateUser", **whom, UserAttributes=VERIFIED)
    _, client = await choosing(service, "SMS_OTP")
    # The code would have nowhere to go.
    assert NEEDS_PASSWORD == await service.refusal("SignUp", **signing_up(client))


async def test_an_administrator_creates_a_confirmed_user_without_a_password(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    made = await service("AdminCreateUser", UserPoolId=entry.pool.id, Username="jane", UserAttributes=VERIFIED)
    assert "CONFIRMED" == made["User"]["UserStatus"]
    told = (await messages(service.flow, entry))[0][1].text
    assert told.startswith("Your username is jane.\n")
    assert "You need no password" in told
    asked = await begin(service, client, "jane")
    assert ["EMAIL_OTP"] == asked["AvailableChallenges"]
    unverified = await service("AdminCreateUser", UserPoolId=entry.pool.id, Username="joe", UserAttributes=EMAIL)
    assert "FORCE_CHANGE_PASSWORD" == unverified["User"]["UserStatus"]


async def test_a_user_without_a_password_sets_the_first_one_without_showing_another(service: Service) -> None:
    entry, client = await choosing(service, "EMAIL_OTP")
    reached: dict[str, Any] = {"email": "jane@example.com", "email_verified": "true"}
    await a_user(service.flow, entry, "jane", None, **reached)
    asked = await begin(service, client, "jane")
    code = await last_code(service.flow, entry)
    done = await service.respond(client, "jane", "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE=code)
    token = done["AuthenticationResult"]["AccessToken"]
    await service("ChangePassword", AccessToken=token, ProposedPassword=PASSWORD)
    assert [*BOTH_PASSWORDS, "EMAIL_OTP"] == (await begin(service, client, "jane"))["AvailableChallenges"]
    refused = await service.refusal("ChangePassword", AccessToken=token, ProposedPassword="Another-Horse-8")
    assert "InvalidParameterException" == refused[0]


@pytest.mark.parametrize(("factors", "expected"), [
    (["WEB_AUTHN"], "Password should be configured as one of the allowed first auth factors."),
    (["PASSWORD", "SOFTWARE_TOKEN"], "SOFTWARE_TOKEN is not supported as an allowed first auth factor."),
    (["PASSWORD", "SMS_OTP"], "SMS configuration is required when SMS_OTP is an allowed first auth factor"),
])  # fmt: skip
@sqlite_only
async def test_first_factors_that_cannot_work_are_refused(service: Service, factors: list[str], expected: str) -> None:
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": factors}}
    refused = await service.refusal("CreateUserPool", PoolName="x", Policies=policies)
    assert ("InvalidParameterException", expected) == refused


async def test_passkey_settings_are_kept_whatever_the_mode_and_replaced_whole(service: Service) -> None:
    made = await service("CreateUserPool", PoolName="x")
    pool = {"UserPoolId": made["UserPool"]["Id"]}
    given = {"RelyingPartyId": "app.example", "UserVerification": "required"}
    answer = await service("SetUserPoolMfaConfig", **pool, WebAuthnConfiguration=given)
    assert {"MfaConfiguration": "OFF", "WebAuthnConfiguration": given} == answer
    await service("UpdateUserPool", **pool)
    assert given == (await service("GetUserPoolMfaConfig", **pool))["WebAuthnConfiguration"]
    await service("SetUserPoolMfaConfig", **pool, WebAuthnConfiguration={"UserVerification": "preferred"})
    shown = await service("GetUserPoolMfaConfig", **pool)
    assert {"UserVerification": "preferred"} == shown["WebAuthnConfiguration"]
    await service("SetUserPoolMfaConfig", **pool)
    assert {"MfaConfiguration": "OFF"} == await service("GetUserPoolMfaConfig", **pool)


@sqlite_only
async def test_where_mfa_is_required_no_first_factor_may_stand_alone(service: Service) -> None:
    pool: dict[str, Any] = {}
    totp = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    for factor, text in (("EMAIL_OTP", "Only PASSWORD and WEB_AUTHN (if configured) can be enabled"),
                         ("WEB_AUTHN", "Cannot set WebAuthn factor configuration to SINGLE_FACTOR")):  # fmt: skip
        policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", factor]}}
        made = await service("CreateUserPool", PoolName="x", Policies=policies)
        pool = {"UserPoolId": made["UserPool"]["Id"]}
        refused = await service.refusal("SetUserPoolMfaConfig", **pool, **totp)
        assert refused[1].startswith(text)
        plain = {"UserPoolId": (await service("CreateUserPool", PoolName="y"))["UserPool"]["Id"]}
        await service("SetUserPoolMfaConfig", **plain, **totp)
        assert "InvalidParameterException" == (await service.refusal("UpdateUserPool", **plain, Policies=policies))[0]
    twice = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
    assert await service("SetUserPoolMfaConfig", **pool, **totp, WebAuthnConfiguration=twice)


async def test_a_user_is_told_his_factors_and_so_is_an_administrator(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("OPTIONAL", "sms", "totp"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", phone_number="+12065550123")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert {"Username": "jane", "ConfiguredUserAuthFactors": ["PASSWORD"]} == await service(
        "GetUserAuthFactors", AccessToken=token
    )
    sms = {"DeliveryMedium": "SMS", "AttributeName": "phone_number"}
    await service("SetUserSettings", AccessToken=token, MFAOptions=[sms])
    expected = {"Username": "jane", "UserMFASettingList": ["SMS_MFA"],
                "ConfiguredUserAuthFactors": ["PASSWORD", "SMS_OTP"]}  # fmt: skip
    assert expected == await service("AdminGetUserAuthFactors", **whom)
    await service("AdminSetUserSettings", **whom, MFAOptions=[])
    assert ["PASSWORD"] == (await service("GetUserAuthFactors", AccessToken=token))["ConfiguredUserAuthFactors"]
    unknown = {"UserPoolId": entry.pool.id, "Username": "nobody"}
    for operation, more in (("AdminGetUserAuthFactors", {}), ("AdminDeleteSoftwareToken", {}),
                            ("AdminSetUserSettings", {"MFAOptions": [sms]})):  # fmt: skip
        refused = await service.refusal(operation, **unknown, **more)
        assert "UserNotFoundException" == refused[0]
    for option in ({"DeliveryMedium": "EMAIL", "AttributeName": "phone_number"}, {"DeliveryMedium": "SMS"}):
        refused = await service.refusal("SetUserSettings", AccessToken=token, MFAOptions=[option])
        assert "InvalidParameterException" == refused[0]


async def test_an_administrator_takes_a_lost_authenticator_app_away(service: Service, clock: FixedClock) -> None:
    from tests.api.test_auth_factors import associated

    entry = await a_pool(service.flow, mfa=with_mfa("OPTIONAL", "totp"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    await associated(service, client, "jane", clock)
    assert "SOFTWARE_TOKEN_MFA" == (await service.sign_in(client, "jane"))["ChallengeName"]
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    assert ["PASSWORD", "SOFTWARE_TOKEN"] == (await service("AdminGetUserAuthFactors", **whom))[
        "ConfiguredUserAuthFactors"
    ]
    await service("AdminDeleteSoftwareToken", **whom)
    assert (await service.sign_in(client, "jane"))["AuthenticationResult"]
    assert {"Username": "jane", "ConfiguredUserAuthFactors": ["PASSWORD"]} == await service(
        "AdminGetUserAuthFactors", **whom
    )
    await a_user(service.flow, entry, "joe", status=Status.UNCONFIRMED)
    refused = await service.refusal("AdminDeleteSoftwareToken", UserPoolId=entry.pool.id, Username="joe")
    assert "UserNotConfirmedException" == refused[0]
