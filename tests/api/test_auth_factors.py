"""Second factors: asked for, proved once, never skipped."""

import base64
import json
from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core import totp
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from tests.support.builders import (
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
    LOCKED_OUT,
    SESSION_INVALID,
    SESSION_USED,
    Service,
    race,
    sqlite_only,
)

WRONG_OTP = ("CodeMismatchException", "Invalid code or auth state for the user.")
WRONG_TOTP = ("CodeMismatchException", "Invalid code received for user")
USED_TOTP = ("ExpiredCodeException", "Your software token has already been used once.")
NO_TOTP = ("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")
PHONE = "+12065550123"
CODE = {"SMS_MFA": "SMS_MFA_CODE", "EMAIL_OTP": "EMAIL_OTP_CODE", "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE"}


class App:
    """Somebody's authenticator app."""

    def __init__(self, secret_code: str, clock: FixedClock) -> None:
        self._secret = base64.b32decode(secret_code + "=" * (-len(secret_code) % 8))
        self._clock = clock

    def code(self) -> str:
        return totp.code_at(self._secret, totp.step_at(self._clock.now()))

    def next_code(self) -> str:
        """The code of the next step: the last one is used up."""
        self._clock.advance(30)
        return self.code()


async def associated(service: Service, client: ClientEntry, username: str, clock: FixedClock) -> App:
    """An app that is verified and preferred, for a user whose pool does not require it yet."""
    token = (await service.tokens(client, username))["AccessToken"]
    app = App((await service("AssociateSoftwareToken", AccessToken=token))["SecretCode"], clock)
    verified = await service("VerifySoftwareToken", AccessToken=token, UserCode=app.code(), FriendlyDeviceName="phone")
    assert {"Status": "SUCCESS"} == verified
    settings = {"Enabled": True, "PreferredMfa": True}
    await service("SetUserMFAPreference", AccessToken=token, SoftwareTokenMfaSettings=settings)
    return app


async def optional(service: Service, *factors: str, phone_number: str = "") -> tuple[PoolEntry, ClientEntry]:
    entry = await a_pool(service.flow, mfa=with_mfa("OPTIONAL", *factors))
    await a_user(service.flow, entry, "jane", phone_number=phone_number)
    return entry, await a_client(service.flow, entry)


async def test_an_authenticator_app_is_asked_for_once_it_is_preferred(service: Service, clock: FixedClock) -> None:
    entry, client = await optional(service, "totp")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    secret = (await service("AssociateSoftwareToken", AccessToken=token))["SecretCode"]
    assert 52 == len(secret)
    app = App(secret, clock)
    await service("VerifySoftwareToken", AccessToken=token, UserCode=app.code())
    assert "AuthenticationResult" in await service.sign_in(client, "jane")  # registered, not switched on
    on = {"Enabled": True, "PreferredMfa": True}
    await service("SetUserMFAPreference", AccessToken=token, SoftwareTokenMfaSettings=on)
    shown = await service("GetUser", AccessToken=token)
    assert (["SOFTWARE_TOKEN_MFA"], "SOFTWARE_TOKEN_MFA") == (shown["UserMFASettingList"], shown["PreferredMfaSetting"])
    asked = await service.sign_in(client, "jane")
    assert "SOFTWARE_TOKEN_MFA" == asked["ChallengeName"]
    assert {"USER_ID_FOR_SRP": "jane"} == asked["ChallengeParameters"]
    code = app.next_code()
    done = await service.respond(client, "jane", asked["ChallengeName"], asked["Session"], SOFTWARE_TOKEN_MFA_CODE=code)
    assert entry.verifier.verify(done["AuthenticationResult"]["AccessToken"])["username"] == "jane"


async def test_a_code_of_an_app_works_once_in_whatever_session(service: Service, clock: FixedClock) -> None:
    _, client = await optional(service, "totp")
    app = await associated(service, client, "jane", clock)
    asked = await service.sign_in(client, "jane")
    assert "phone" == asked["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"]
    body = (client, "jane", "SOFTWARE_TOKEN_MFA", asked["Session"])
    # VerifySoftwareToken has burnt the code of this step.
    assert USED_TOTP == await service.respond_refusal(*body, SOFTWARE_TOKEN_MFA_CODE=app.code())
    code = app.next_code()
    assert await service.respond(*body, SOFTWARE_TOKEN_MFA_CODE=code)
    again = (await service.sign_in(client, "jane"))["Session"]
    refused = await service.respond_refusal(client, "jane", "SOFTWARE_TOKEN_MFA", again, SOFTWARE_TOKEN_MFA_CODE=code)
    assert USED_TOTP == refused


async def test_of_parallel_uses_of_one_code_one_is_served(service: Service, clock: FixedClock) -> None:
    _, client = await optional(service, "totp")
    app = await associated(service, client, "jane", clock)
    sessions = [(await service.sign_in(client, "jane"))["Session"] for _ in range(5)]
    code = app.next_code()
    served, refused = await race(
        service.respond(client, "jane", "SOFTWARE_TOKEN_MFA", session, SOFTWARE_TOKEN_MFA_CODE=code)
        for session in sessions * 4
    )
    assert 1 == len(served)
    assert set(refused) <= {USED_TOTP, SESSION_USED}


@pytest.mark.parametrize(("name", "factor", "contact"), [
    ("SMS_MFA", "sms", "phone_number"), ("EMAIL_OTP", "email", "email"),
])  # fmt: skip
async def test_a_code_that_is_sent_signs_in_and_verifies_its_contact(
    service: Service, name: str, factor: str, contact: str
) -> None:
    attributes = {"phone_number": PHONE, "email": "jane@example.com"}
    entry = await a_pool(service.flow, mfa=with_mfa("ON", factor))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", phone_number=PHONE, email="jane@example.com")
    asked = await service.sign_in(client, "jane")
    assert name == asked["ChallengeName"]
    medium, masked = {"SMS_MFA": ("SMS", "+*******0123"), "EMAIL_OTP": ("EMAIL", "j***@e***")}[name]
    expected = {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": masked,
        "USER_ID_FOR_SRP": "jane",
    }
    assert expected == asked["ChallengeParameters"]
    sent, content = (await messages(service.flow, entry))[0]
    assert ("CustomMessage_Authentication", medium, attributes[contact]) == (sent.kind, sent.medium, sent.destination)
    assert content.text.partition("\n")[0] == f"Your authentication code is {content.code}."
    for _ in range(2):
        assert WRONG_OTP == await service.respond_refusal(
            client, "jane", name, asked["Session"], **{CODE[name]: "000000"}
        )
    done = await service.respond(client, "jane", name, asked["Session"], **{CODE[name]: content.code or ""})
    assert done["AuthenticationResult"]["IdToken"]
    assert (await the_user(service.flow, entry, "jane")).is_verified(contact)


async def test_a_code_belongs_to_its_session(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "email"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", email="jane@example.com")
    first = (await service.sign_in(client, "jane"))["Session"]
    code = await last_code(service.flow, entry)
    service.flow.clock.advance(1)  # type: ignore[attr-defined]
    second = (await service.sign_in(client, "jane"))["Session"]
    assert WRONG_OTP == await service.respond_refusal(client, "jane", "EMAIL_OTP", second, EMAIL_OTP_CODE=code)
    assert await service.respond(client, "jane", "EMAIL_OTP", first, EMAIL_OTP_CODE=code)
    assert SESSION_USED == await service.respond_refusal(client, "jane", "EMAIL_OTP", first, EMAIL_OTP_CODE=code)


@pytest.mark.parametrize("verified", ["true", "false"])
@sqlite_only
async def test_a_code_that_went_to_a_former_address_proves_nothing(service: Service, verified: str) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "sms"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", phone_number=PHONE)
    session = (await service.sign_in(client, "jane"))["Session"]
    code = await last_code(service.flow, entry)
    await service(
        "AdminUpdateUserAttributes", UserPoolId=entry.pool.id, Username="jane",
        UserAttributes=[
            {"Name": "phone_number", "Value": "+12065559999"}, {"Name": "phone_number_verified", "Value": verified},
        ],
    )  # fmt: skip
    assert WRONG_OTP == await service.respond_refusal(client, "jane", "SMS_MFA", session, SMS_MFA_CODE=code)
    assert "+12065559999" == (await the_user(service.flow, entry, "jane")).attributes["phone_number"]


@pytest.mark.parametrize("name", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"])
async def test_wrong_codes_lock_out_over_all_sessions_and_factors(
    service: Service, clock: FixedClock, name: str
) -> None:
    entry, client = await optional(service, "totp", "sms", phone_number=PHONE)
    app = await associated(service, client, "jane", clock)
    if name == "SMS_MFA":
        await service(
            "AdminSetUserMFAPreference", UserPoolId=entry.pool.id, Username="jane",
            SMSMfaSettings={"Enabled": True, "PreferredMfa": True},
        )  # fmt: skip
    clock.advance(30)
    sessions = [(await service.sign_in(client, "jane"))["Session"] for _ in range(5)]
    right = await last_code(service.flow, entry) if name == "SMS_MFA" else app.code()
    _, refused = await race(
        service.respond(client, "jane", name, session, **{CODE[name]: "000000"}) for session in sessions * 4
    )
    assert 5 == sum(code == "CodeMismatchException" for code, _ in refused)
    assert 15 == refused.count(LOCKED_OUT)
    assert LOCKED_OUT == await service.respond_refusal(client, "jane", name, sessions[-1], **{CODE[name]: right})
    clock.advance(1)
    assert await service.respond(client, "jane", name, sessions[-1], **{CODE[name]: right})


@pytest.mark.parametrize(("name", "factor"), [("SMS_MFA", "sms"), ("EMAIL_OTP", "email")])
@pytest.mark.parametrize("given", [None, ""])
@sqlite_only
async def test_a_missing_code_is_named_cve_2026_49443(
    service: Service, name: str, factor: str, given: str | None
) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", factor))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", phone_number=PHONE, email="jane@example.com")
    session = (await service.sign_in(client, "jane"))["Session"]
    answers = {} if given is None else {CODE[name]: given}
    refused = await service.respond_refusal(client, "jane", name, session, **answers)
    assert ("InvalidParameterException", f"Missing required parameter {CODE[name]}") == refused


@sqlite_only
async def test_the_other_challenges_name_a_missing_field_too(service: Service, clock: FixedClock) -> None:
    _, client = await optional(service, "totp", "sms", phone_number=PHONE)
    app = await associated(service, client, "jane", clock)
    session = (await service.sign_in(client, "jane"))["Session"]
    refused = await service.respond_refusal(client, "jane", "SOFTWARE_TOKEN_MFA", session)
    assert "Missing required parameter SOFTWARE_TOKEN_MFA_CODE" == refused[1]
    code = app.next_code()
    token = (await service.respond(client, "jane", "SOFTWARE_TOKEN_MFA", session, SOFTWARE_TOKEN_MFA_CODE=code))[
        "AuthenticationResult"
    ]["AccessToken"]
    await service(
        "SetUserMFAPreference", AccessToken=token, SMSMfaSettings={"Enabled": True},
        SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": False},
    )  # fmt: skip
    session = (await service.sign_in(client, "jane"))["Session"]
    refused = await service.respond_refusal(client, "jane", "SELECT_MFA_TYPE", session)
    assert "Missing required parameter ANSWER" == refused[1]


async def test_of_several_factors_without_a_preference_one_is_chosen(service: Service, clock: FixedClock) -> None:
    entry, client = await optional(service, "totp", "sms", phone_number=PHONE)
    app = await associated(service, client, "jane", clock)
    for settings in ({"SMSMfaSettings": {"Enabled": True}}, {"SoftwareTokenMfaSettings": {"PreferredMfa": False}}):
        await service("AdminSetUserMFAPreference", UserPoolId=entry.pool.id, Username="jane", **settings)
    asked = await service.sign_in(client, "jane")
    assert "SELECT_MFA_TYPE" == asked["ChallengeName"]
    assert ["SMS_MFA", "SOFTWARE_TOKEN_MFA"] == json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    for wrong in ("EMAIL_OTP", "MFA_SETUP", "NEW_PASSWORD_REQUIRED", "x"):
        refused = await service.respond_refusal(client, "jane", "SELECT_MFA_TYPE", asked["Session"], ANSWER=wrong)
        assert refused[0] == "InvalidParameterException"
    chosen = await service.respond(client, "jane", "SELECT_MFA_TYPE", asked["Session"], ANSWER="SOFTWARE_TOKEN_MFA")
    assert "SOFTWARE_TOKEN_MFA" == chosen["ChallengeName"]
    refused = await service.respond_refusal(client, "jane", "SELECT_MFA_TYPE", asked["Session"], ANSWER="SMS_MFA")
    assert SESSION_USED == refused
    done = await service.respond(
        client, "jane", "SOFTWARE_TOKEN_MFA", chosen["Session"], SOFTWARE_TOKEN_MFA_CODE=app.next_code()
    )
    assert done["AuthenticationResult"]


async def test_a_required_app_is_set_up_on_the_way_in(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "totp"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    asked = await service.sign_in(client, "jane")
    assert "MFA_SETUP" == asked["ChallengeName"]
    assert ["SOFTWARE_TOKEN_MFA"] == json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"])
    # Nothing was set up: the challenge is not answered by saying so.
    assert WRONG_OTP == await service.respond_refusal(client, "jane", "MFA_SETUP", asked["Session"])
    started = await service("AssociateSoftwareToken", Session=asked["Session"])
    assert SESSION_USED == await service.refusal("AssociateSoftwareToken", Session=asked["Session"])
    assert WRONG_OTP == await service.respond_refusal(client, "jane", "MFA_SETUP", started["Session"])
    app = App(started["SecretCode"], clock)
    wrong = await service.refusal("VerifySoftwareToken", Session=started["Session"], UserCode="000000")
    assert ("EnableSoftwareTokenMFAException", "Code mismatch") == wrong
    verified = await service("VerifySoftwareToken", Session=started["Session"], UserCode=app.code())
    assert "SUCCESS" == verified["Status"]
    done = await service.respond(client, "jane", "MFA_SETUP", verified["Session"])
    assert done["AuthenticationResult"]["AccessToken"]
    assert "SOFTWARE_TOKEN_MFA" == (await service.sign_in(client, "jane"))["ChallengeName"]
    assert SESSION_USED == await service.respond_refusal(client, "jane", "MFA_SETUP", verified["Session"])


async def test_a_setup_that_was_begun_cannot_replace_an_app_that_was_set_up_since(
    service: Service, clock: FixedClock
) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "totp"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    late = await service("AssociateSoftwareToken", Session=(await service.sign_in(client, "jane"))["Session"])
    early = await service("AssociateSoftwareToken", Session=(await service.sign_in(client, "jane"))["Session"])
    app = App(early["SecretCode"], clock)
    await service("VerifySoftwareToken", Session=early["Session"], UserCode=app.code())
    thief = App(late["SecretCode"], clock)
    refused = await service.refusal("VerifySoftwareToken", Session=late["Session"], UserCode=thief.code())
    assert SESSION_INVALID == refused
    assert SESSION_INVALID == await service.refusal("AssociateSoftwareToken", Session=late["Session"])


@pytest.mark.parametrize(
    ("parameter", "value", "name", "contact"),
    [("PHONE_NUMBER", PHONE, "SMS_MFA", "phone_number"), ("EMAIL", "jane@example.com", "EMAIL_OTP", "email")],
)
async def test_a_required_contact_is_set_up_on_the_way_in(
    service: Service, parameter: str, value: str, name: str, contact: str
) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "sms", "email"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    asked = await service.sign_in(client, "jane")
    assert ["SMS_MFA", "EMAIL_OTP"] == json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"])
    bad = await service.respond_refusal(client, "jane", "MFA_SETUP", asked["Session"], **{parameter: "nonsense"})
    assert bad[0] == "InvalidParameterException"
    coded = await service.respond(client, "jane", "MFA_SETUP", asked["Session"], **{parameter: value})
    assert name == coded["ChallengeName"]
    assert contact not in (await the_user(service.flow, entry, "jane")).attributes
    code = await last_code(service.flow, entry)
    assert WRONG_OTP == await service.respond_refusal(client, "jane", name, coded["Session"], **{CODE[name]: "000000"})
    done = await service.respond(client, "jane", name, coded["Session"], **{CODE[name]: code})
    assert done["AuthenticationResult"]
    user = await the_user(service.flow, entry, "jane")
    assert value == user.attributes[contact]
    assert user.is_verified(contact)
    assert name == (await service.sign_in(client, "jane"))["ChallengeName"]


@sqlite_only
async def test_a_factor_that_the_pool_does_not_offer_cannot_be_set_up(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "sms"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    session = (await service.sign_in(client, "jane"))["Session"]
    assert NO_TOTP == await service.refusal("AssociateSoftwareToken", Session=session)
    refused = await service.respond_refusal(client, "jane", "MFA_SETUP", session, EMAIL="jane@example.com")
    assert WRONG_OTP == refused


@sqlite_only
async def test_mfa_that_is_switched_on_later_is_asked_from_then_on(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", phone_number=PHONE)
    assert "AuthenticationResult" in await service.sign_in(client, "jane")
    await reconfigure(service.flow, entry, mfa=with_mfa("ON", "sms"))
    assert "SMS_MFA" == (await service.sign_in(client, "jane"))["ChallengeName"]


@sqlite_only
async def test_the_second_factor_comes_after_the_new_password(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "email"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", temporary=True, email="jane@example.com")
    asked = await service.sign_in(client, "jane")
    assert "NEW_PASSWORD_REQUIRED" == asked["ChallengeName"]
    following = await service.respond(
        client, "jane", asked["ChallengeName"], asked["Session"], NEW_PASSWORD="A-New-Password-8"
    )
    assert "EMAIL_OTP" == following["ChallengeName"]
    assert "AuthenticationResult" not in following
    code = await last_code(service.flow, entry)
    done = await service.respond(client, "jane", "EMAIL_OTP", following["Session"], EMAIL_OTP_CODE=code)
    assert done["AuthenticationResult"]


@sqlite_only
async def test_a_user_who_is_disabled_before_the_second_factor_is_refused_cve_2025_53942(service: Service) -> None:
    entry = await a_pool(service.flow, mfa=with_mfa("ON", "email"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", email="jane@example.com")
    session = (await service.sign_in(client, "jane"))["Session"]
    code = await last_code(service.flow, entry)
    await service("AdminDisableUser", UserPoolId=entry.pool.id, Username="jane")
    assert SESSION_INVALID == await service.respond_refusal(client, "jane", "EMAIL_OTP", session, EMAIL_OTP_CODE=code)


@sqlite_only
async def test_an_app_is_associated_only_where_the_pool_has_it(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    assert NO_TOTP == await service.refusal("AssociateSoftwareToken", AccessToken=token)
    refused = await service.refusal("VerifySoftwareToken", AccessToken=token, UserCode="123456")
    assert NO_TOTP == refused


@sqlite_only
async def test_a_secret_that_was_never_associated_cannot_be_verified(service: Service) -> None:
    _, client = await optional(service, "totp")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    code, _ = await service.refusal("VerifySoftwareToken", AccessToken=token, UserCode="123456")
    assert code == "SoftwareTokenMFANotFoundException"


@sqlite_only
async def test_a_new_secret_replaces_the_old_one_only_when_it_is_verified(service: Service, clock: FixedClock) -> None:
    _, client = await optional(service, "totp")
    old = await associated(service, client, "jane", clock)

    async def enter(app: App) -> dict[str, Any]:
        session = (await service.sign_in(client, "jane"))["Session"]
        return await service.respond(
            client, "jane", "SOFTWARE_TOKEN_MFA", session, SOFTWARE_TOKEN_MFA_CODE=app.next_code()
        )

    token = (await enter(old))["AuthenticationResult"]["AccessToken"]
    new = App((await service("AssociateSoftwareToken", AccessToken=token))["SecretCode"], clock)
    assert await enter(old)
    wrong = await service.refusal("VerifySoftwareToken", AccessToken=token, UserCode="000000")
    assert ("EnableSoftwareTokenMFAException", "Code mismatch") == wrong
    await service("VerifySoftwareToken", AccessToken=token, UserCode=new.code())
    assert await enter(new)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"SMSMfaSettings": {"Enabled": True}}, "User does not have a phone_number set to turn on SMS MFA"),
        ({"EmailMfaSettings": {"Enabled": True}}, "User does not have delivery config set to turn on EMAIL_OTP"),
        ({"SoftwareTokenMfaSettings": {"Enabled": True}}, "User has not verified software token mfa"),
        (
            {"WebAuthnMfaSettings": {"Enabled": True}},
            "WebAuthnMfaSettings needs a user pool with FactorConfiguration MULTI_FACTOR_WITH_USER_VERIFICATION",
        ),
        ({"SMSMfaSettings": {"PreferredMfa": True}}, "SMS_MFA cannot be preferred, since it is not enabled."),
        (
            {"SMSMfaSettings": {"PreferredMfa": True}, "EmailMfaSettings": {"PreferredMfa": True}},
            "Only one MFA method can be preferred.",
        ),
    ],
)
@sqlite_only
async def test_a_factor_that_cannot_work_is_not_switched_on(
    service: Service, settings: dict[str, Any], expected: str
) -> None:
    _, client = await optional(service, "totp", "sms", "email")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    refused = await service.refusal("SetUserMFAPreference", AccessToken=token, **settings)
    assert ("InvalidParameterException", expected) == refused


@sqlite_only
async def test_an_administrator_switches_factors_of_any_user_of_the_pool(service: Service) -> None:
    entry, client = await optional(service, "sms", "totp", phone_number=PHONE)
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    settings = {"Enabled": True, "PreferredMfa": True}
    await service("AdminSetUserMFAPreference", **whom, SMSMfaSettings=settings)
    assert "SMS_MFA" == (await service.sign_in(client, "jane"))["ChallengeName"]
    await service("AdminSetUserMFAPreference", **whom, SMSMfaSettings={"Enabled": False})
    assert "AuthenticationResult" in await service.sign_in(client, "jane")
    refused = await service.refusal("AdminSetUserMFAPreference", **whom, SoftwareTokenMfaSettings=settings)
    assert "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA" == refused[1]
    whom["Username"] = "nobody"
    assert (await service.refusal("AdminSetUserMFAPreference", **whom))[0] == "UserNotFoundException"


@pytest.mark.parametrize("operation", ["AssociateSoftwareToken", "VerifySoftwareToken"])
@sqlite_only
async def test_exactly_one_of_token_and_session_is_given(service: Service, operation: str) -> None:
    extra = {"UserCode": "123456"} if operation == "VerifySoftwareToken" else {}
    none = await service.refusal(operation, **extra)
    assert ("InvalidParameterException", "Missing required parameter AccessToken") == none
    both = await service.refusal(operation, AccessToken="a.b.c", Session="s" * 20, **extra)
    assert both[0] == "InvalidParameterException"
