"""ForgotPassword, ConfirmForgotPassword, ChangePassword, and the administrator's reset."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import recovery, sign_in
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.flows.sign_in import SignedIn
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
    WRONG_PASSWORD,
    Service,
    hashed,
    password_auth,
    race,
    sqlite_only,
)

NEW = "A-New-Password-8"
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
NO_CODE = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
UNKNOWN = ("UserNotFoundException", "Username/client id combination not found.")
NO_CONTACT = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
NOT_NOW = ("NotAuthorizedException", "User password cannot be reset in the current state.")
EMAIL: dict[str, Any] = {"email": "jane@example.com", "email_verified": "true"}
PHONE: dict[str, Any] = {"phone_number": "+12065550123", "phone_number_verified": "true"}


def forgot(client: ClientEntry, username: str) -> dict[str, Any]:
    return {"ClientId": client.client.id, "Username": username, **hashed(client, username, "SecretHash")}


def confirm(client: ClientEntry, username: str, code: str, password: str = NEW) -> dict[str, Any]:
    return {**forgot(client, username), "ConfirmationCode": code, "Password": password}


def setting(*names: str) -> shapes.AccountRecoverySettingType:
    mechanisms = [shapes.RecoveryOptionType(priority=place, name=name) for place, name in enumerate(names, 1)]
    return shapes.AccountRecoverySettingType(recovery_mechanisms=mechanisms)


async def test_a_forgotten_password_is_set_anew_by_a_code(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    answer = await service("ForgotPassword", **forgot(client, "jane"))
    expected = {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "j***@e***"}
    assert expected == answer["CodeDeliveryDetails"]
    sent, content = (await messages(service.flow, entry))[0]
    assert ("CustomMessage_ForgotPassword", "jane@example.com") == (sent.kind, sent.destination)
    assert (await service.tokens(client, "jane"))["AccessToken"]  # nothing has changed yet
    assert {} == await service("ConfirmForgotPassword", **confirm(client, "jane", content.code or ""))
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, "jane"))
    assert (await service.tokens(client, "jane", NEW))["AccessToken"]
    assert NO_CODE == await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", content.code or ""))


async def test_a_code_sets_one_password_however_many_race(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    await service("ForgotPassword", **forgot(client, "jane"))
    code = await last_code(service.flow, entry)
    served, refused = await race(
        service("ConfirmForgotPassword", **confirm(client, "jane", code, f"{NEW}{number}")) for number in range(8)
    )
    assert [{}] == served
    assert [NO_CODE] * 7 == refused


@pytest.mark.parametrize(
    ("mechanisms", "contacts", "expected"),
    [
        ((), EMAIL | PHONE, "SMS"),
        ((), EMAIL, "EMAIL"),
        (("verified_email", "verified_phone_number"), EMAIL | PHONE, "EMAIL"),
        (("verified_email", "verified_phone_number"), PHONE, "SMS"),
        (("verified_phone_number",), EMAIL | PHONE, "SMS"),
        (("verified_phone_number",), EMAIL, None),
        (("verified_email",), EMAIL | {"email_verified": "false"}, None),
        ((), {}, None),
    ],
)
@sqlite_only
async def test_the_code_goes_where_the_pool_says_and_the_user_is_verified(
    service: Service, mechanisms: tuple[str, ...], contacts: dict[str, str], expected: str | None
) -> None:
    recover = setting(*mechanisms) if mechanisms else None
    entry = await a_pool(service.flow, account_recovery_setting=recover)
    client = await a_client(service.flow, entry)
    user = await a_user(service.flow, entry, "jane")
    await service(
        "AdminUpdateUserAttributes", UserPoolId=entry.pool.id, Username="jane",
        UserAttributes=[{"Name": name, "Value": value} for name, value in contacts.items()],
    )  # fmt: skip
    assert user.username == "jane"
    if expected is None:
        assert NO_CONTACT == await service.refusal("ForgotPassword", **forgot(client, "jane"))
    else:
        answer = await service("ForgotPassword", **forgot(client, "jane"))
        assert expected == answer["CodeDeliveryDetails"]["DeliveryMedium"]


@sqlite_only
async def test_a_second_factor_does_not_bring_the_first_one_back(service: Service) -> None:
    recover = setting("verified_phone_number", "verified_email")
    entry = await a_pool(service.flow, account_recovery_setting=recover, mfa=with_mfa("OPTIONAL", "sms", "email"))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL, **PHONE)
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    await service("AdminSetUserMFAPreference", **whom, SMSMfaSettings={"Enabled": True})
    answer = await service("ForgotPassword", **forgot(client, "jane"))
    assert "EMAIL" == answer["CodeDeliveryDetails"]["DeliveryMedium"]
    await service("AdminSetUserMFAPreference", **whom, EmailMfaSettings={"Enabled": True})
    assert NO_CONTACT == await service.refusal("ForgotPassword", **forgot(client, "jane"))


@sqlite_only
async def test_where_only_an_administrator_resets_nobody_else_does(service: Service) -> None:
    entry = await a_pool(service.flow, account_recovery_setting=setting("admin_only"))
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(service.flow, entry, "jane", **EMAIL)
    for name in ("jane", "nobody"):
        refused = await service.refusal("ForgotPassword", **forgot(client, name))
        assert ("NotAuthorizedException", "Contact administrator to reset password.") == refused


@sqlite_only
async def test_who_cannot_recover_is_told_why_where_nothing_is_hidden(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "off", enabled=False, **EMAIL)
    await a_user(service.flow, entry, "invited", temporary=True, **EMAIL)
    await a_user(service.flow, entry, "federated", None, status=Status.EXTERNAL_PROVIDER, **EMAIL)
    expected = {"nobody": UNKNOWN, "off": DISABLED, "invited": NOT_NOW, "federated": NOT_NOW}
    for name, refusal in expected.items():
        assert refusal == await service.refusal("ForgotPassword", **forgot(client, name))
        assert refusal == await service.refusal("ConfirmForgotPassword", **confirm(client, name, "123456"))


async def test_a_code_is_worth_nothing_once_its_user_is_disabled_cve_2025_53942(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    await service("ForgotPassword", **forgot(client, "jane"))
    code = await last_code(service.flow, entry)
    await service("AdminDisableUser", UserPoolId=entry.pool.id, Username="jane")
    assert DISABLED == await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", code))


async def test_a_reset_code_expires_after_an_hour(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    assert NO_CODE == await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", "123456"))
    await service("ForgotPassword", **forgot(client, "jane"))
    clock.advance(3600)
    code = await last_code(service.flow, entry)
    assert NO_CODE == await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", code))


@sqlite_only
async def test_a_weak_or_former_password_does_not_use_up_the_code(service: Service) -> None:
    policy = shapes.PasswordPolicyType(minimum_length=8, password_history_size=2)
    entry = await a_pool(service.flow, policies=shapes.UserPoolPolicyType(password_policy=policy))
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    await service("ForgotPassword", **forgot(client, "jane"))
    code = await last_code(service.flow, entry)
    for password, expected in (("short", "InvalidPassword"), (PASSWORD, "PasswordHistoryPolicyViolation")):
        refused = await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", code, password))
        assert f"{expected}Exception" == refused[0]
    assert {} == await service("ConfirmForgotPassword", **confirm(client, "jane", code))


async def test_guesses_at_a_reset_code_end(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    await service("ForgotPassword", **forgot(client, "jane"))
    code = await last_code(service.flow, entry)
    wrong = "000000" if code != "000000" else "111111"
    _, refused = await race(service("ConfirmForgotPassword", **confirm(client, "jane", wrong)) for _ in range(25))
    many = ("TooManyFailedAttemptsException", "Attempt limit exceeded, please try after some time.")
    assert (15, 5, 5) == (refused.count(MISMATCH), refused.count(many), refused.count(LIMIT))
    clock.advance(1800)
    assert LIMIT == await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", code))


@sqlite_only
async def test_twenty_codes_an_hour_are_sent(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    for _ in range(20):
        await service("ForgotPassword", **forgot(client, "jane"))
    assert LIMIT == await service.refusal("ForgotPassword", **forgot(client, "jane"))


@sqlite_only
async def test_a_reset_ends_a_lockout(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    for _ in range(5):
        await service.refusal("InitiateAuth", **password_auth(client, "jane", "wrong"))
    assert LOCKED_OUT == await service.refusal("InitiateAuth", **password_auth(client, "jane"))
    await service("ForgotPassword", **forgot(client, "jane"))
    await service("ConfirmForgotPassword", **confirm(client, "jane", await last_code(service.flow, entry)))
    assert (await service.tokens(client, "jane", NEW))["AccessToken"]


@sqlite_only
async def test_an_unconfirmed_user_may_recover_and_stays_unconfirmed(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", status=Status.UNCONFIRMED, **EMAIL)
    await service("ForgotPassword", **forgot(client, "jane"))
    await service("ConfirmForgotPassword", **confirm(client, "jane", await last_code(service.flow, entry)))
    refused = await service.refusal("InitiateAuth", **password_auth(client, "jane", NEW))
    assert "UserNotConfirmedException" == refused[0]


async def test_an_administrators_reset_locks_the_password_until_the_code_comes_back(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    user = await a_user(service.flow, entry, "jane", **EMAIL)
    delivery = await recovery.start_reset(service.flow, entry, user)
    assert "EMAIL" == delivery.medium
    refused = await service.refusal("InitiateAuth", **password_auth(client, "jane"))
    assert "PasswordResetRequiredException" == refused[0]
    await service("ConfirmForgotPassword", **confirm(client, "jane", await last_code(service.flow, entry)))
    assert Status.CONFIRMED is (await the_user(service.flow, entry, "jane")).status
    assert (await service.tokens(client, "jane", NEW))["AccessToken"]


@pytest.mark.parametrize("name", ["nobody", "off", "invited", "bare", "federated"])
async def test_a_client_that_hides_who_exists_answers_alike(service: Service, name: str) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(service.flow, entry, "jane", **EMAIL)
    await a_user(service.flow, entry, "off", enabled=False, **EMAIL)
    await a_user(service.flow, entry, "invited", temporary=True, **EMAIL)
    await a_user(service.flow, entry, "bare")
    await a_user(service.flow, entry, "federated", None, status=Status.EXTERNAL_PROVIDER, **EMAIL)

    async def story(username: str) -> list[Any]:
        told: list[Any] = [await service.refusal("ConfirmForgotPassword", **confirm(client, username, "000000"))]
        answer = (await service("ForgotPassword", **forgot(client, username)))["CodeDeliveryDetails"]
        told.append((answer["AttributeName"], answer["DeliveryMedium"], len(answer["Destination"])))
        weak = confirm(client, username, "000000", "weak")
        told.append((await service.refusal("ConfirmForgotPassword", **weak))[0])
        guess = confirm(client, username, "000000")
        told.extend([await service.refusal("ConfirmForgotPassword", **guess) for _ in range(19)])
        return told

    real = await story("jane")
    assert [NO_CODE, ("email", "EMAIL", 9), "InvalidPasswordException", *[MISMATCH] * 15] == real[:18]
    assert real == await story(name)


async def test_a_password_is_changed_by_whoever_knows_the_former(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]

    def change(previous: str | None, proposed: str = NEW) -> dict[str, Any]:
        body = {"AccessToken": token, "ProposedPassword": proposed}
        return body if previous is None else {**body, "PreviousPassword": previous}

    assert WRONG_PASSWORD == await service.refusal("ChangePassword", **change("wrong"))
    missing = ("InvalidParameterException", "Missing required parameter PreviousPassword")
    assert missing == await service.refusal("ChangePassword", **change(None))
    assert "InvalidPasswordException" == (await service.refusal("ChangePassword", **change(PASSWORD, "weak")))[0]
    assert {} == await service("ChangePassword", **change(PASSWORD))
    assert (await service.tokens(client, "jane", NEW))["AccessToken"]


async def test_guesses_at_the_former_password_end_after_five(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    body = {"AccessToken": token, "ProposedPassword": NEW}
    _, refused = await race(service("ChangePassword", **body, PreviousPassword=f"wrong{n}") for n in range(10))
    assert (5, 5) == (refused.count(WRONG_PASSWORD), refused.count(LIMIT))
    assert LIMIT == await service.refusal("ChangePassword", **body, PreviousPassword=PASSWORD)
    clock.advance(3599)
    assert LIMIT == await service.refusal("ChangePassword", **body, PreviousPassword=PASSWORD)


async def test_a_code_to_a_former_address_resets_nothing(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    await service("ForgotPassword", **forgot(client, "jane"))
    code = await last_code(service.flow, entry)
    await service(
        "AdminUpdateUserAttributes", UserPoolId=entry.pool.id, Username="jane",
        UserAttributes=[{"Name": "email", "Value": "new@example.com"}, {"Name": "email_verified", "Value": "true"}],
    )  # fmt: skip
    assert NO_CODE == await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", code))
    assert (await service.tokens(client, "jane"))["AccessToken"]


@pytest.mark.parametrize("how", ["ChangePassword", "AdminSetUserPassword"])
async def test_a_code_dies_with_the_password_that_it_was_to_replace(service: Service, how: str) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", **EMAIL)
    token = (await service.tokens(client, "jane"))["AccessToken"]
    await service("ForgotPassword", **forgot(client, "jane"))
    code = await last_code(service.flow, entry)
    if how == "ChangePassword":
        await service(how, AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=NEW)
    else:
        await service(how, UserPoolId=entry.pool.id, Username="jane", Password=NEW, Permanent=True)
    refused = await service.refusal("ConfirmForgotPassword", **confirm(client, "jane", code, "Third-Password-9"))
    assert NO_CODE == refused


@sqlite_only
async def test_a_user_without_a_password_sets_the_first_and_has_none_to_show(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    user = await a_user(service.flow, entry, "jane", None)
    tokens = await sign_in.tokens(service.flow, entry, client.client, SignedIn(user=user, amr=("email_otp",)))
    body = {"AccessToken": tokens.access_token, "ProposedPassword": NEW}
    assert WRONG_PASSWORD == await service.refusal("ChangePassword", **body, PreviousPassword=PASSWORD)
    assert {} == await service("ChangePassword", **body)
    assert (await service.tokens(client, "jane", NEW))["AccessToken"]


@sqlite_only
async def test_parallel_changes_of_a_password_have_one_winner(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    token = (await service.tokens(client, "jane"))["AccessToken"]
    served, refused = await race(
        service("ChangePassword", AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=f"{NEW}{n}")
        for n in range(4)
    )
    assert [{}] == served
    assert [WRONG_PASSWORD] * 3 == refused


@sqlite_only
async def test_a_trigger_that_cannot_run_stops_known_and_unknown_alike(service: Service) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(service.flow, entry, "jane", **EMAIL)
    await reconfigure(service.flow, entry, lambda_config=shapes.LambdaConfigType(custom_message=arn))
    told = {str(await service.refusal("ForgotPassword", **forgot(client, name))) for name in ("jane", "nobody")}
    assert 1 == len(told)
    assert "UnexpectedLambdaException" in told.pop()
