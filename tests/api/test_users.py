"""Users whom an administrator creates and looks at."""

import re
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import credentials
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.user import Factors, Status, User
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import pools as pool_store
from poolhouse.pool.store import users as store
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_custom, a_pool, a_schema, a_user, messages, the_user

INVALID = "InvalidParameterException"
NO_USER = ("UserNotFoundException", "User does not exist.")
PASSWORD = "Temporary-Pass-1"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:hook"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    custom = (a_custom("team"), a_custom("fixed", mutable=False))
    return await a_pool(flow, schema_attributes=a_schema(required=("name",), custom=custom))


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


@pytest.fixture
async def mail_pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, username_attributes=["email", "phone_number"])


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in values.items()]


def named(user: dict[str, Any], member: str = "Attributes") -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in user[member]}


async def create(ask: Ask, entry: PoolEntry, username: str, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = await ask("AdminCreateUser", UserPoolId=entry.pool.id, Username=username, **body)
    return dict(made["User"])


async def has_password(flow: Flow, entry: PoolEntry, username: str, password: str) -> bool:
    return await credentials.check_password(flow, await the_user(flow, entry, username), password)


async def test_a_created_user_has_what_was_given(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], clock: FixedClock
) -> None:
    given = attributes(email="ann@example.com", email_verified="True", custom_team="a", custom_fixed="b", nickname="")

    made = await create(ask, pool, "Ann", UserAttributes=given, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")

    found = named(made)
    assert re.fullmatch(UUID, found.pop("sub"))
    assert {"email": "ann@example.com", "email_verified": "true", "custom:team": "a", "custom:fixed": "b"} == found
    now = clock.now_ms() / 1000
    rest = {name: value for name, value in made.items() if name != "Attributes"}
    assert {
        "Username": "Ann",
        "UserCreateDate": now,
        "UserLastModifiedDate": now,
        "Enabled": True,
        "UserStatus": "FORCE_CHANGE_PASSWORD",
    } == rest
    got = await ask("AdminGetUser", **at, Username="Ann")
    assert {**rest, "UserAttributes": made["Attributes"]} == got
    assert await has_password(flow, pool, "Ann", PASSWORD)
    assert clock.now() == (await the_user(flow, pool, "Ann")).credentials.temporary_since
    assert [] == await messages(flow, pool)
    assert 1 == await flow.database.read(lambda tx: pool_store.count_users(tx, pool.pool.id))


async def test_an_invitation_tells_a_generated_password(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    await create(ask, pool, "ann", UserAttributes=attributes(email="ann@example.com"))

    [(message, content)] = await messages(flow, pool)
    assert ("CustomMessage_AdminCreateUser", "EMAIL", "ann@example.com") == (
        message.kind,
        message.medium,
        message.destination,
    )
    password = content.code or ""
    assert content.text.startswith(f"Your username is ann and temporary password is {password}.\n")
    assert await has_password(flow, pool, "ann", password)
    assert 16 <= len(password)


@pytest.mark.parametrize(
    ("mediums", "sent"),
    [
        (None, ["SMS"]),
        ([], ["SMS"]),
        (["EMAIL"], ["EMAIL"]),
        (["EMAIL", "SMS"], ["EMAIL", "SMS"]),
        (["SMS", "SMS"], ["SMS"]),
    ],
)
async def test_an_invitation_goes_by_the_desired_mediums(
    ask: Ask, flow: Flow, pool: PoolEntry, mediums: list[str] | None, sent: list[str]
) -> None:
    contacts = attributes(email="ann@example.com", phone_number="+12065550100")

    await create(ask, pool, "ann", UserAttributes=contacts, DesiredDeliveryMediums=mediums)

    found = await messages(flow, pool)
    assert sent == sorted(message.medium for message, _ in found)
    assert 1 == len({content.code for _, content in found})


async def test_nobody_is_invited_where_there_is_no_address(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    assert "FORCE_CHANGE_PASSWORD" == (await create(ask, pool, "ann"))["UserStatus"]

    assert [] == await messages(flow, pool)


@pytest.mark.parametrize(
    ("medium", "message"),
    [
        ("EMAIL", "No email provided but desired delivery medium was Email"),
        ("SMS", "No phone number provided but desired delivery medium was SMS"),
    ],
)
async def test_a_desired_medium_needs_an_address(ask: Ask, at: dict[str, Any], medium: str, message: str) -> None:
    body = {**at, "Username": "ann"}

    assert (INVALID, message) == await refusal(ask, "AdminCreateUser", **body, DesiredDeliveryMediums=[medium])
    assert NO_USER == await refusal(ask, "AdminGetUser", **body)


async def test_the_pool_s_own_words_invite(ask: Ask, flow: Flow) -> None:
    template = shapes.MessageTemplateType(
        email_message="<p>Hi {username}, use {####}</p>", email_subject="Welcome", sms_message="{username} {####}"
    )
    config = shapes.AdminCreateUserConfigType(invite_message_template=template)
    pool = await a_pool(flow, admin_create_user_config=config)

    await create(
        ask, pool, "a<b", UserAttributes=attributes(email="ann@example.com"), TemporaryPassword="Tem<p>orary-1"
    )

    [(_, content)] = await messages(flow, pool)
    assert ("Welcome", "<p>Hi a&lt;b, use Tem&lt;p&gt;orary-1</p>") == (content.subject, content.html)


async def test_a_silent_user_needs_a_password(ask: Ask, at: dict[str, Any]) -> None:
    expected = (INVALID, "User is required to have a password")

    assert expected == await refusal(ask, "AdminCreateUser", **at, Username="ann", MessageAction="SUPPRESS")


@sqlite_only
@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("Ab1-", "Password not long enough"),
        ("lower-case-1", "Password must have uppercase characters"),
        ("UPPER-CASE-1", "Password must have lowercase characters"),
        ("No-Numbers", "Password must have numeric characters"),
        ("NoSymbols1", "Password must have symbol characters"),
    ],
)
async def test_a_password_keeps_the_policy(ask: Ask, at: dict[str, Any], password: str, message: str) -> None:
    expected = ("InvalidPasswordException", f"Password did not conform with policy: {message}")

    assert expected == await refusal(ask, "AdminCreateUser", **at, Username="ann", TemporaryPassword=password)


@sqlite_only
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (attributes(email="no"), "Invalid email address format."),
        (attributes(phone_number="12"), "Invalid phone number format."),
        (
            attributes(custom_none="x"),
            "Attributes did not conform to the schema: Type for attribute {custom:none} could",
        ),
        (attributes(birthdate="x"), "Attributes did not conform to the schema: birthdate: "),
        (attributes(sub="x"), "user.sub: Attribute cannot be updated."),
        ([*attributes(name="a"), *attributes(name="b")], "Duplicate attribute names are not allowed."),
    ],
)
async def test_attributes_keep_the_schema(
    ask: Ask, at: dict[str, Any], given: list[dict[str, str]], message: str
) -> None:
    refused = await refusal(ask, "AdminCreateUser", **at, Username="ann", UserAttributes=given)

    assert INVALID == refused[0]
    assert refused[1].startswith(message)


async def test_a_username_is_taken_once(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    await create(ask, pool, "ann")

    taken = ("UsernameExistsException", "User account already exists")
    assert taken == await refusal(ask, "AdminCreateUser", **at, Username="ann")
    await create(ask, pool, "Ann")
    folded = await a_pool(flow, username_configuration=shapes.UsernameConfigurationType(case_sensitive=False))
    await create(ask, folded, "ann")
    assert taken == await refusal(ask, "AdminCreateUser", UserPoolId=folded.pool.id, Username="ANN")


async def test_nobody_is_called_by_the_sub_of_another(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    sub = (await a_user(flow, pool, "ann", None)).sub

    taken = ("UsernameExistsException", "User account already exists")
    assert taken == await refusal(ask, "AdminCreateUser", **at, Username=sub)


async def test_an_address_becomes_the_username(ask: Ask, flow: Flow, mail_pool: PoolEntry) -> None:
    made = await create(ask, mail_pool, "Ann@example.com", UserAttributes=attributes(name="Ann"))
    phone = await create(ask, mail_pool, "+12065550100")

    found = named(made)
    assert ("Ann@example.com", found["sub"]) == (found["email"], made["Username"])
    assert re.fullmatch(UUID, made["Username"])
    assert "+12065550100" == named(phone)["phone_number"]
    at = {"UserPoolId": mail_pool.pool.id}
    for name in ("Ann@example.com", made["Username"]):
        assert made["Username"] == (await ask("AdminGetUser", **at, Username=name))["Username"]
    content = {message.destination: content.text for message, content in await messages(flow, mail_pool)}
    assert content["Ann@example.com"].startswith("Your username is Ann@example.com and")


async def test_an_address_is_one_user_s(ask: Ask, mail_pool: PoolEntry) -> None:
    at = {"UserPoolId": mail_pool.pool.id}
    await create(ask, mail_pool, "ann@example.com")

    taken = ("UsernameExistsException", "An account with the given email already exists.")
    for force in (False, True):
        body: dict[str, Any] = {**at, "Username": "ann@example.com", "ForceAliasCreation": force}
        assert taken == await refusal(ask, "AdminCreateUser", **body)
    code, message = await refusal(ask, "AdminCreateUser", **at, Username="ann")
    assert (INVALID, "Username should be either an email or a phone number.") == (code, message)
    message = "User email should be empty or same as username, since username attribute is email"
    body_attributes = attributes(email="bob@example.com")
    assert (INVALID, message) == await refusal(
        ask, "AdminCreateUser", **at, Username="eve@example.com", UserAttributes=body_attributes
    )


async def test_two_users_may_have_an_address_that_is_no_name(ask: Ask, pool: PoolEntry) -> None:
    given = attributes(email="ann@example.com", email_verified="true")

    for username in ("ann", "bob"):
        await create(ask, pool, username, UserAttributes=given)


async def test_a_verified_alias_is_one_user_s_unless_it_is_forced(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, alias_attributes=["email"])
    at = {"UserPoolId": pool.pool.id}
    given = attributes(email="ann@example.com", email_verified="true")
    await create(ask, pool, "ann", UserAttributes=given)
    await create(ask, pool, "unverified", UserAttributes=attributes(email="ann@example.com"))
    assert "ann" == (await ask("AdminGetUser", **at, Username="ann@example.com"))["Username"]

    taken = ("AliasExistsException", "An account with the email already exists.")
    assert taken == await refusal(ask, "AdminCreateUser", **at, Username="bob", UserAttributes=given)
    assert NO_USER == await refusal(ask, "AdminGetUser", **at, Username="bob")
    await create(ask, pool, "bob", UserAttributes=given, ForceAliasCreation=True)

    assert "bob" == (await ask("AdminGetUser", **at, Username="ann@example.com"))["Username"]
    former = named(await ask("AdminGetUser", **at, Username="ann"), "UserAttributes")
    assert ("ann@example.com", "false") == (former["email"], former["email_verified"])


async def test_a_username_does_not_look_like_an_alias(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, alias_attributes=["email"])

    message = "Username cannot be of email format, since user pool is configured for email alias."
    assert (INVALID, message) == await refusal(
        ask, "AdminCreateUser", UserPoolId=pool.pool.id, Username="ann@example.com"
    )


@pytest.mark.parametrize(
    "triggers", [shapes.LambdaConfigType(pre_sign_up=LAMBDA), shapes.LambdaConfigType(custom_message=LAMBDA)]
)
async def test_a_trigger_that_cannot_run_stops_the_invitation(
    ask: Ask, flow: Flow, triggers: shapes.LambdaConfigType
) -> None:
    pool = await a_pool(flow, lambda_config=triggers)
    body = {"UserPoolId": pool.pool.id, "Username": "ann"}

    code, _ = await refusal(ask, "AdminCreateUser", **body, UserAttributes=attributes(email="ann@example.com"))

    assert "UnexpectedLambdaException" == code
    assert NO_USER == await refusal(ask, "AdminGetUser", **body)


async def test_an_invitation_is_sent_again_with_a_new_password(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], clock: FixedClock
) -> None:
    made = await create(ask, pool, "ann", UserAttributes=attributes(email="ann@example.com"))
    first = (await messages(flow, pool))[0][1].code or ""
    clock.advance(3600)

    again = await create(ask, pool, "ann", MessageAction="RESEND")

    second = (await messages(flow, pool))[0][1].code or ""
    assert {**made, "UserLastModifiedDate": clock.now_ms() / 1000} == again
    assert [False, True] == [await has_password(flow, pool, "ann", each) for each in (first, second)]
    assert clock.now() == (await the_user(flow, pool, "ann")).credentials.temporary_since
    await create(ask, pool, "ann", MessageAction="RESEND", TemporaryPassword=PASSWORD)
    assert await has_password(flow, pool, "ann", PASSWORD)


@pytest.mark.parametrize("status", [Status.CONFIRMED, Status.UNCONFIRMED, Status.RESET_REQUIRED])
async def test_only_who_never_signed_in_is_invited_again(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], status: Status
) -> None:
    await a_user(flow, pool, "ann", status=status, email="ann@example.com")

    expected = ("UnsupportedUserStateException", "Resend not possible. ann status is not FORCE_CHANGE_PASSWORD")
    assert expected == await refusal(ask, "AdminCreateUser", **at, Username="ann", MessageAction="RESEND")


async def test_an_invitation_is_sent_again_only_to_somebody_somewhere(
    ask: Ask, pool: PoolEntry, at: dict[str, Any]
) -> None:
    assert NO_USER == await refusal(ask, "AdminCreateUser", **at, Username="ann", MessageAction="RESEND")
    await create(ask, pool, "ann")

    expected = (INVALID, "No phone number provided but desired delivery medium was SMS")
    assert expected == await refusal(ask, "AdminCreateUser", **at, Username="ann", MessageAction="RESEND")


async def test_a_user_shows_second_factors(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    user = await a_user(flow, pool, "ann")
    factors = Factors(sms=True, totp=True, email=True, preferred="SOFTWARE_TOKEN_MFA")
    held = msgspec.structs.replace(user.credentials, factors=factors)
    with_factors: User = msgspec.structs.replace(user, credentials=held)
    assert await flow.database.write(lambda tx: store.replace_user(tx, pool.pool, with_factors))

    got = await ask("AdminGetUser", **at, Username="ann")

    assert ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] == got["UserMFASettingList"]
    assert "SOFTWARE_TOKEN_MFA" == got["PreferredMfaSetting"]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("AdminCreateUser", {"Username": "ann"}),
        ("AdminGetUser", {"Username": "ann"}),
        ("ListUsers", {}),
        ("GetCSVHeader", {}),
    ],
)
async def test_a_pool_is_known_in_its_region_only(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], operation: str, body: dict[str, str]
) -> None:
    await a_user(flow, pool, "ann", None)

    assert missing_pool(at["UserPoolId"]) == await refusal(ask, operation, region="eu-west-1", **at, **body)
    assert missing_pool("us-east-1_No") == await refusal(ask, operation, UserPoolId="us-east-1_No", **body)


async def test_the_columns_of_an_import_are_the_schema_s(ask: Ask) -> None:
    team = {"Name": "team", "AttributeDataType": "String"}
    note = {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}
    pool_id = (await ask("CreateUserPool", PoolName="Photos", Schema=[team, note]))["UserPool"]["Id"]

    assert {
        "UserPoolId": pool_id,
        "CSVHeader": [
            "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
            "website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
            "phone_number_verified", "address", "updated_at", "custom:team", "cognito:mfa_enabled", "cognito:username",
        ],
    } == await ask("GetCSVHeader", UserPoolId=pool_id)  # fmt: skip
