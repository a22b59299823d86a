"""SignUp, ConfirmSignUp, ResendConfirmationCode."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from tests.support.builders import (
    PASSWORD,
    a_client,
    a_custom,
    a_pool,
    a_schema,
    a_user,
    last_code,
    messages,
    reconfigure,
    the_user,
)
from tests.support.service import LIMIT, Service, hashed, password_auth, race, sqlite_only

MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
NO_CODE = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
UNKNOWN = ("UserNotFoundException", "Username/client id combination not found.")
EXISTS = ("UsernameExistsException", "User already exists")
FOLDED = shapes.UsernameConfigurationType(case_sensitive=False)
PHONE = "+12065550123"


def sign_up(client: ClientEntry, username: str, password: str | None = PASSWORD, **attributes: str) -> dict[str, Any]:
    given = [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in attributes.items()]
    body: dict[str, Any] = {
        "ClientId": client.client.id,
        "Username": username,
        "UserAttributes": given,
        **hashed(client, username, "SecretHash"),
    }
    return body if password is None else {**body, "Password": password}


def confirm(client: ClientEntry, username: str, code: str, **more: Any) -> dict[str, Any]:
    return {**named(client, username), "ConfirmationCode": code, **more}


def named(client: ClientEntry, username: str) -> dict[str, Any]:
    return {"ClientId": client.client.id, "Username": username, **hashed(client, username, "SecretHash")}


async def verifying(service: Service, *automatic: str, **settings: Any) -> tuple[PoolEntry, ClientEntry]:
    entry = await a_pool(service.flow, auto_verified_attributes=list(automatic) or None, **settings)
    return entry, await a_client(service.flow, entry)


async def test_an_account_is_made_confirmed_and_signed_in(service: Service) -> None:
    entry, client = await verifying(service, "email")
    answer = await service("SignUp", **sign_up(client, "jane", email="jane@example.com", name="Jane"))
    user = await the_user(service.flow, entry, "jane")
    delivery = {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "j***@e***"}
    assert {"UserConfirmed": False, "UserSub": user.sub, "CodeDeliveryDetails": delivery} == answer
    assert (Status.UNCONFIRMED, "Jane") == (user.status, user.attributes["name"])
    sent, content = (await messages(service.flow, entry))[0]
    assert ("CustomMessage_SignUp", "EMAIL", "jane@example.com") == (sent.kind, sent.medium, sent.destination)
    assert ("Your verification code", f"Your verification code is {content.code}.") == (
        content.subject, content.text.partition("\n")[0],
    )  # fmt: skip
    assert 6 == len(content.code or "")
    refused = await service.refusal("InitiateAuth", **password_auth(client, "jane"))
    assert ("UserNotConfirmedException", "User is not confirmed.") == refused
    assert {} == await service("ConfirmSignUp", **confirm(client, "jane", content.code or ""))
    confirmed = await the_user(service.flow, entry, "jane")
    assert Status.CONFIRMED is confirmed.status
    assert confirmed.is_verified("email")
    assert (await service.tokens(client, "jane"))["AccessToken"]


async def test_without_automatic_verification_no_code_is_sent(service: Service) -> None:
    entry, client = await verifying(service)
    answer = await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    assert "CodeDeliveryDetails" not in answer
    assert [] == await messages(service.flow, entry)
    assert NO_CODE == await service.refusal("ConfirmSignUp", **confirm(client, "jane", "123456"))


@pytest.mark.parametrize("automatic", [(), ("email",)])
@sqlite_only
async def test_each_contact_is_told_to_be_unverified(service: Service, automatic: tuple[str, ...]) -> None:
    entry, client = await verifying(service, *automatic)
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    await service("SignUp", **sign_up(client, "joe", phone_number=PHONE))
    await service("SignUp", **sign_up(client, "jim"))

    flags = [
        {name: value for name, value in (await the_user(service.flow, entry, each)).attributes.items() if "_v" in name}
        for each in ("jane", "joe", "jim")
    ]

    assert [{"email_verified": "false"}, {"phone_number_verified": "false"}, {}] == flags


@sqlite_only
async def test_of_two_contacts_the_phone_gets_the_code_and_only_it_is_verified(service: Service) -> None:
    entry, client = await verifying(service, "email", "phone_number")
    answer = await service("SignUp", **sign_up(client, "jane", email="jane@example.com", phone_number=PHONE))
    assert ("phone_number", "SMS") == (
        answer["CodeDeliveryDetails"]["AttributeName"],
        answer["CodeDeliveryDetails"]["DeliveryMedium"],
    )
    await service("ConfirmSignUp", **confirm(client, "jane", await last_code(service.flow, entry)))
    user = await the_user(service.flow, entry, "jane")
    assert (True, False) == (user.is_verified("phone_number"), user.is_verified("email"))


async def test_a_username_is_taken_once_however_many_race(service: Service) -> None:
    _, client = await verifying(service, "email", username_configuration=FOLDED)
    names = ["jane", "Jane", "JANE"] * 4
    served, refused = await race(
        service("SignUp", **sign_up(client, name, email=f"{number}@example.com")) for number, name in enumerate(names)
    )
    assert 1 == len(served)
    assert [EXISTS] * 11 == refused
    assert EXISTS == await service.refusal("SignUp", **sign_up(client, "jAnE"))


async def test_in_an_email_pool_the_address_is_taken_at_once(service: Service) -> None:
    entry, client = await verifying(service, "email", username_attributes=["email"], username_configuration=FOLDED)
    served, refused = await race(service("SignUp", **sign_up(client, "jane@example.com")) for _ in range(6))
    assert 1 == len(served)
    taken = ("UsernameExistsException", "An account with the given email already exists.")
    assert [taken] * 5 == refused
    assert taken == await service.refusal("SignUp", **sign_up(client, "Jane@Example.com"))
    user = await the_user(service.flow, entry, "jane@example.com")
    assert user.username == user.sub == served[0]["UserSub"]
    await service("ConfirmSignUp", **confirm(client, "jane@example.com", await last_code(service.flow, entry)))
    assert (await service.tokens(client, "jane@example.com"))["AccessToken"]


@pytest.mark.parametrize(
    ("settings", "username", "attributes", "expected"),
    [
        ({"username_attributes": ["email"]}, "jane", {}, "Username should be an email."),
        ({"username_attributes": ["phone_number"]}, "jane@example.com", {}, "Username should be a phone number."),
        ({"username_attributes": ["email"]}, "jane@example.com", {"email": "joe@example.com"},
         "User email should be empty or same as username, since username attribute is email"),
        ({"alias_attributes": ["email"]}, "jane@example.com", {},
         "Username cannot be of email format, since user pool is configured for email alias."),
        ({}, "jane", {"email": "nonsense"}, "Invalid email address format."),
        ({}, "jane", {"phone_number": "123"}, "Invalid phone number format."),
        ({}, "jane", {"birthdate": "soon"}, None),
        ({"schema_attributes": a_schema(required=("email",))}, "jane", {},
         "Attributes did not conform to the schema: emails: The attribute emails is required"),
    ],
)  # fmt: skip
@sqlite_only
async def test_a_name_or_an_attribute_against_the_rules_is_refused(
    service: Service, settings: dict[str, Any], username: str, attributes: dict[str, str], expected: str | None
) -> None:
    _, client = await verifying(service, **settings)
    refused = await service.refusal("SignUp", **sign_up(client, username, **attributes))
    assert "InvalidParameterException" == refused[0]
    assert expected is None or expected == refused[1]


@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "custom_team", "sub"])
@sqlite_only
async def test_a_client_writes_no_attribute_that_it_may_not_cve_2026_27946(service: Service, name: str) -> None:
    _, client = await verifying(service, schema_attributes=a_schema(custom=(a_custom("team"),)))
    refused = await service.refusal("SignUp", **sign_up(client, "jane", **{name: "true"}))
    assert ("NotAuthorizedException", "A client attempted to write unauthorized attribute") == refused


@sqlite_only
async def test_a_password_is_needed_and_keeps_the_policy(service: Service) -> None:
    _, client = await verifying(service)
    refused = await service.refusal("SignUp", **sign_up(client, "jane", None))
    assert ("InvalidParameterException", "User is required to have a password") == refused
    assert "InvalidPasswordException" == (await service.refusal("SignUp", **sign_up(client, "jane", "weak")))[0]


@sqlite_only
async def test_a_closed_pool_signs_nobody_up(service: Service) -> None:
    closed = shapes.AdminCreateUserConfigType(allow_admin_create_user_only=True)
    _, client = await verifying(service, admin_create_user_config=closed)
    expected = ("NotAuthorizedException", "SignUp is not permitted for this user pool")
    assert expected == await service.refusal("SignUp", **sign_up(client, "jane"))


@sqlite_only
async def test_the_sub_of_somebody_is_no_username(service: Service) -> None:
    entry, client = await verifying(service)
    user = await a_user(service.flow, entry, "jane")
    assert EXISTS == await service.refusal("SignUp", **sign_up(client, user.sub))


@sqlite_only
async def test_a_repeated_attribute_is_refused(service: Service) -> None:
    _, client = await verifying(service)
    body = sign_up(client, "jane")
    body["UserAttributes"] = [{"Name": "name", "Value": "a"}, {"Name": "name", "Value": "b"}]
    assert "InvalidParameterException" == (await service.refusal("SignUp", **body))[0]


@pytest.mark.parametrize("operation", ["SignUp", "ConfirmSignUp", "ResendConfirmationCode", "ForgotPassword"])
@sqlite_only
async def test_the_secret_hash_is_checked_first(service: Service, operation: str) -> None:
    _, client = await verifying(service, "email")
    more = {"SignUp": {"Password": PASSWORD}, "ConfirmSignUp": {"ConfirmationCode": "123456"}}.get(operation, {})
    body = {"ClientId": client.client.id, "Username": "jane", **more}
    missing = f"Client {client.client.id} is configured for secret but secret was not received"
    assert ("NotAuthorizedException", missing) == await service.refusal(operation, **body)
    wrong = f"Unable to verify secret hash for client {client.client.id}"
    assert ("NotAuthorizedException", wrong) == await service.refusal(operation, **body, SecretHash="wrong")


async def test_a_code_confirms_once(service: Service) -> None:
    entry, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    code = await last_code(service.flow, entry)
    served, refused = await race(service("ConfirmSignUp", **confirm(client, "jane", code)) for _ in range(8))
    assert [{}] == served
    done = ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
    assert set(refused) <= {done, NO_CODE}
    assert done == await service.refusal("ConfirmSignUp", **confirm(client, "jane", code))


async def test_a_code_is_guessed_at_fifteen_times_and_no_more(service: Service) -> None:
    entry, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    code = await last_code(service.flow, entry)
    wrong = "000000" if code != "000000" else "111111"
    served, refused = await race(service("ConfirmSignUp", **confirm(client, "jane", wrong)) for _ in range(25))
    assert [] == served
    assert 15 == refused.count(MISMATCH)
    assert 10 == refused.count(LIMIT)
    assert LIMIT == await service.refusal("ConfirmSignUp", **confirm(client, "jane", code))


async def test_a_code_that_was_guessed_at_too_often_stays_dead_after_the_hour(
    service: Service, clock: FixedClock
) -> None:
    entry, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    code = await last_code(service.flow, entry)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(15):
        assert MISMATCH == await service.refusal("ConfirmSignUp", **confirm(client, "jane", wrong))
    clock.advance(3600)
    assert (
        "TooManyFailedAttemptsException" == (await service.refusal("ConfirmSignUp", **confirm(client, "jane", code)))[0]
    )
    await service("ResendConfirmationCode", **named(client, "jane"))
    assert {} == await service("ConfirmSignUp", **confirm(client, "jane", await last_code(service.flow, entry)))


@sqlite_only
async def test_a_code_expires_after_a_day_and_a_new_one_replaces_it(service: Service, clock: FixedClock) -> None:
    entry, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    first = await last_code(service.flow, entry)
    clock.advance(86_400)
    assert NO_CODE == await service.refusal("ConfirmSignUp", **confirm(client, "jane", first))
    answer = await service("ResendConfirmationCode", **named(client, "jane"))
    assert {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "j***@e***"} == answer[
        "CodeDeliveryDetails"
    ]
    second = await last_code(service.flow, entry)
    assert MISMATCH == await service.refusal("ConfirmSignUp", **confirm(client, "jane", first)) or first == second
    assert {} == await service("ConfirmSignUp", **confirm(client, "jane", second))


@sqlite_only
async def test_a_code_belongs_to_its_user_and_purpose(service: Service) -> None:
    entry, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    code = await last_code(service.flow, entry)
    service.flow.clock.advance(1)  # type: ignore[attr-defined]
    await service("SignUp", **sign_up(client, "joe", email="joe@example.com"))
    assert MISMATCH == await service.refusal("ConfirmSignUp", **confirm(client, "joe", code))
    body = {**confirm(client, "jane", code), "Password": PASSWORD}
    assert NO_CODE == await service.refusal("ConfirmForgotPassword", **body)


@sqlite_only
async def test_a_code_that_went_to_a_former_address_confirms_but_does_not_verify(service: Service) -> None:
    entry, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    code = await last_code(service.flow, entry)
    await reconfigure(service.flow, entry, auto_verified_attributes=None)
    await service(
        "AdminUpdateUserAttributes", UserPoolId=entry.pool.id, Username="jane",
        UserAttributes=[{"Name": "email", "Value": "other@example.com"}],
    )  # fmt: skip
    assert {} == await service("ConfirmSignUp", **confirm(client, "jane", code))
    user = await the_user(service.flow, entry, "jane")
    assert (Status.CONFIRMED, False) == (user.status, user.is_verified("email"))


async def test_an_alias_that_somebody_has_is_refused_at_confirmation_and_can_be_taken_over(service: Service) -> None:
    entry, client = await verifying(service, "email", alias_attributes=["email"])
    former = await a_user(service.flow, entry, "joe", email="j@example.com", email_verified="true")
    await service("SignUp", **sign_up(client, "jane", email="j@example.com"))
    code = await last_code(service.flow, entry)
    taken = ("AliasExistsException", "An account with the email already exists.")
    assert taken == await service.refusal("ConfirmSignUp", **confirm(client, "jane", code))
    assert Status.UNCONFIRMED is (await the_user(service.flow, entry, "jane")).status
    assert {} == await service("ConfirmSignUp", **confirm(client, "jane", code, ForceAliasCreation=True))
    assert "jane" == (await the_user(service.flow, entry, "j@example.com")).username
    assert not (await the_user(service.flow, entry, former.username)).is_verified("email")


@sqlite_only
async def test_what_cannot_be_resent_or_confirmed_is_said_where_nothing_is_hidden(service: Service) -> None:
    entry, client = await verifying(service, "email")
    await a_user(service.flow, entry, "jane", email="jane@example.com")
    await a_user(service.flow, entry, "off", status=Status.UNCONFIRMED, enabled=False, email="off@example.com")
    await a_user(service.flow, entry, "bare", status=Status.UNCONFIRMED)
    resend = "ResendConfirmationCode"
    assert ("InvalidParameterException", "User is already confirmed.") == await service.refusal(
        resend, **named(client, "jane")
    )
    assert UNKNOWN == await service.refusal(resend, **named(client, "nobody"))
    assert ("NotAuthorizedException", "User is disabled.") == await service.refusal(resend, **named(client, "off"))
    assert "InvalidParameterException" == (await service.refusal(resend, **named(client, "bare")))[0]
    assert UNKNOWN == await service.refusal("ConfirmSignUp", **confirm(client, "nobody", "123456"))
    plain, other = await verifying(service)
    await a_user(service.flow, plain, "jane", status=Status.UNCONFIRMED)
    off = ("InvalidParameterException", "Cannot resend codes. Auto verification not turned on.")
    assert off == await service.refusal(resend, **named(other, "jane"))


async def test_five_codes_an_hour_are_resent(service: Service, clock: FixedClock) -> None:
    _, client = await verifying(service, "email")
    await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    served, refused = await race(service("ResendConfirmationCode", **named(client, "jane")) for _ in range(8))
    assert 5 == len(served)
    assert [LIMIT] * 3 == refused
    clock.advance(3600)
    assert await service("ResendConfirmationCode", **named(client, "jane"))


@pytest.mark.parametrize("name", ["nobody", "jane", "off"])
async def test_a_client_that_hides_who_exists_answers_alike(service: Service, name: str) -> None:
    """A name that nobody has, a confirmed user and a disabled one: as an unconfirmed user whose code is guessed."""
    entry = await a_pool(service.flow, auto_verified_attributes=["email"])
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    await a_user(service.flow, entry, "off", status=Status.UNCONFIRMED, enabled=False, email="off@example.com")
    await a_user(service.flow, entry, "new", status=Status.UNCONFIRMED, email="new@example.com")

    async def story(username: str) -> list[Any]:
        told: list[Any] = [await service.refusal("ConfirmSignUp", **confirm(client, username, "000000"))]
        answer = (await service("ResendConfirmationCode", **named(client, username)))["CodeDeliveryDetails"]
        told.append((answer["AttributeName"], answer["DeliveryMedium"], len(answer["Destination"])))
        told.extend([await service.refusal("ConfirmSignUp", **confirm(client, username, "000000")) for _ in range(15)])
        return told

    real = await story("new")
    assert [NO_CODE, ("email", "EMAIL", 9), *[MISMATCH] * 14, LIMIT] == real
    assert real == await story(name)


@sqlite_only
async def test_a_simulated_destination_is_always_the_same(service: Service) -> None:
    entry = await a_pool(service.flow, auto_verified_attributes=["email"], username_configuration=FOLDED)
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    shown = [
        (await service("ResendConfirmationCode", **named(client, name)))["CodeDeliveryDetails"]
        for name in ("nobody", "NoBody", "nobody")
    ]
    assert 1 == len({each["Destination"] for each in shown})
    by_form = [
        (await service("ResendConfirmationCode", **named(client, name)))["CodeDeliveryDetails"]
        for name in ("someone@example.com", "+12065550188")
    ]
    assert [("EMAIL", "s***@e***"), ("SMS", "+*******0188")] == [
        (each["DeliveryMedium"], each["Destination"]) for each in by_form
    ]


@sqlite_only
async def test_a_pool_that_verifies_by_link_sends_one(service: Service) -> None:
    template = shapes.VerificationMessageTemplateType(
        default_email_option="CONFIRM_WITH_LINK", email_message_by_link="<p>Hello {##press here##}</p>"
    )
    entry = await a_pool(
        service.flow, auto_verified_attributes=["email"], verification_message_template=template, domain="demo"
    )
    client = await a_client(service.flow, entry)
    await service("SignUp", **sign_up(client, "jane&co", email="jane@example.com"))
    _, content = (await messages(service.flow, entry))[0]
    link = urlsplit(content.text.removeprefix("Hello press here: "))
    assert "https://pool.example/domains/demo/confirmUser" == f"{link.scheme}://{link.netloc}{link.path}"
    fields = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert {"client_id": client.client.id, "user_name": "jane&co", "confirmation_code": content.code} == fields
    assert {} == await service("ConfirmSignUp", **confirm(client, "jane&co", fields["confirmation_code"]))


@sqlite_only
async def test_a_pool_that_verifies_by_link_needs_a_domain(service: Service) -> None:
    template = shapes.VerificationMessageTemplateType(default_email_option="CONFIRM_WITH_LINK")
    _, client = await verifying(service, "email", verification_message_template=template)
    refused = await service.refusal("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    assert ("InvalidParameterException", "A user pool that verifies by link needs a domain.") == refused


@pytest.mark.parametrize("trigger", ["pre_sign_up", "custom_message", "custom_email_sender"])
@sqlite_only
async def test_a_trigger_that_cannot_run_stops_the_sign_up(service: Service, trigger: str) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    sender = shapes.CustomEmailLambdaVersionConfigType(lambda_version="V1_0", lambda_arn=arn)
    lambdas = {
        "pre_sign_up": shapes.LambdaConfigType(pre_sign_up=arn),
        "custom_message": shapes.LambdaConfigType(custom_message=arn),
        "custom_email_sender": shapes.LambdaConfigType(custom_email_sender=sender),
    }[trigger]
    entry, client = await verifying(service, "email", lambda_config=lambdas)
    code, _ = await service.refusal("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    assert "UnexpectedLambdaException" == code
    assert [] == await messages(service.flow, entry)


@sqlite_only
async def test_a_session_of_an_automatic_sign_in_is_never_given_and_never_taken(service: Service) -> None:
    entry, client = await verifying(service, "email")
    answer = await service("SignUp", **sign_up(client, "jane", email="jane@example.com"))
    assert "Session" not in answer
    code = await last_code(service.flow, entry)
    refused = await service.refusal("ConfirmSignUp", **confirm(client, "jane", code, Session="s" * 20))
    assert "NotAuthorizedException" == refused[0]


@sqlite_only
async def test_what_a_user_calls_himself_does_not_become_markup_of_a_mail(service: Service) -> None:
    template = shapes.VerificationMessageTemplateType(
        default_email_option="CONFIRM_WITH_CODE", email_message="<b>{username}</b>: {####}", email_subject="Hi {####}"
    )
    entry, client = await verifying(service, "email", verification_message_template=template)
    await service("SignUp", **sign_up(client, "<i>{####}</i>", email="jane@example.com"))
    _, content = (await messages(service.flow, entry))[0]
    assert f"<b>&lt;i&gt;{{####}}&lt;/i&gt;</b>: {content.code}" == content.html
    assert f"<i>{{####}}</i>: {content.code}" == content.text
