"""What a signed-in user does with his own account."""

from typing import Any

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.support.builders import a_client, a_custom, a_pool, a_schema, a_user, last_code, messages, the_user
from tests.support.service import DISABLED, LIMIT, Service, password_auth, race, sqlite_only

MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
NO_CODE = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
NOT_WRITABLE = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
EMAIL: dict[str, Any] = {"email": "jane@example.com", "email_verified": "true"}
NEW = "new@example.com"


class Signed:
    """Jane, signed in."""

    def __init__(self, service: Service, entry: PoolEntry, client: ClientEntry, token: str) -> None:
        self.service, self.entry, self.client, self.token = service, entry, client, token

    async def __call__(self, operation: str, **body: Any) -> dict[str, Any]:
        return await self.service(operation, AccessToken=self.token, **body)

    async def refusal(self, operation: str, **body: Any) -> tuple[str, str]:
        return await self.service.refusal(operation, AccessToken=self.token, **body)

    async def update(self, **attributes: str) -> list[dict[str, str]]:
        answer = await self("UpdateUserAttributes", UserAttributes=listed(attributes))
        details: list[dict[str, str]] = answer["CodeDeliveryDetailsList"]
        return details

    async def update_refusal(self, **attributes: str) -> tuple[str, str]:
        return await self.refusal("UpdateUserAttributes", UserAttributes=listed(attributes))

    async def shown(self) -> dict[str, str]:
        return {each["Name"]: each["Value"] for each in (await self("GetUser"))["UserAttributes"]}


def listed(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in attributes.items()]


async def jane(service: Service, *, client: dict[str, Any] | None = None, **settings: Any) -> Signed:
    """Jane with a verified e-mail address, in a pool with *settings* that verifies e-mail addresses by itself."""
    entry = await a_pool(service.flow, **({"auto_verified_attributes": ["email"]} | settings))
    made = await a_client(service.flow, entry, **(client or {}))
    await a_user(service.flow, entry, "jane", **EMAIL)
    name = "jane@example.com" if settings.get("username_attributes") else "jane"
    return Signed(service, entry, made, (await service.tokens(made, name))["AccessToken"])


async def test_a_user_sees_what_the_client_may_read(service: Service) -> None:
    schema = a_schema(custom=(a_custom("team"), a_custom("salary")))
    me = await jane(service, schema_attributes=schema, client={"read_attributes": ["email", "custom:team"]})
    await service(
        "AdminUpdateUserAttributes", UserPoolId=me.entry.pool.id, Username="jane",
        UserAttributes=listed({"custom_team": "red", "custom_salary": "1", "name": "Jane"}),
    )  # fmt: skip
    user = await the_user(service.flow, me.entry, "jane")
    assert {"sub": user.sub, "email": "jane@example.com", "custom:team": "red"} == await me.shown()
    answer = await me("GetUser")
    assert {"Username", "UserAttributes"} == answer.keys()


async def test_by_default_a_client_reads_the_standard_attributes(service: Service) -> None:
    me = await jane(service)
    user = await the_user(service.flow, me.entry, "jane")
    assert {"sub": user.sub, **EMAIL} == await me.shown()


@pytest.mark.parametrize("kind", ["none", "id", "garbage", "expired", "foreign", "deleted", "disabled", "refresh"])
@sqlite_only
async def test_only_a_living_access_token_of_the_user_opens_the_profile(
    service: Service, clock: FixedClock, kind: str
) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    tokens = await service.tokens(client, "jane")
    token = tokens["AccessToken"]
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    match kind:
        case "id":
            token = tokens["IdToken"]
        case "refresh":
            token = tokens["RefreshToken"]
        case "garbage":
            token = "a.b.c"
        case "none":
            token = "x"
        case "expired":
            clock.advance(3600)
        case "foreign":
            head, body, signature = token.split(".")
            token = f"{head}.{body}.{signature[:-4]}AAAA"
        case "deleted":
            await service("AdminDeleteUser", **whom)
        case _:
            await service("AdminDisableUser", **whom)
    for operation in ("GetUser", "GlobalSignOut", "DeleteUser"):
        code, message = await service.refusal(operation, AccessToken=token)
        if code == "UserNotFoundException":
            assert (kind, "User does not exist.") == ("deleted", message)
            continue
        assert "NotAuthorizedException" == code
        assert message in {
            "Invalid Access Token", "Access Token has expired", "Access Token has been revoked", "User is disabled.",
        }  # fmt: skip


async def test_attributes_are_changed_and_deleted(service: Service) -> None:
    me = await jane(service)
    assert [] == await me.update(name="Jane", nickname="J")
    assert [] == await me.update(nickname="")
    assert {} == await me("DeleteUserAttributes", UserAttributeNames=["name"])
    assert {"sub", "email", "email_verified"} == (await me.shown()).keys()


@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "sub", "custom_team"])
@sqlite_only
async def test_a_user_cannot_say_that_he_is_verified_cve_2026_27946(service: Service, name: str) -> None:
    me = await jane(service, schema_attributes=a_schema(custom=(a_custom("team"),)))
    assert NOT_WRITABLE == await me.update_refusal(**{name: "true"})
    named = {"UserAttributeNames": [name.replace("custom_", "custom:")]}
    assert NOT_WRITABLE == await me.refusal("DeleteUserAttributes", **named)


@sqlite_only
async def test_an_attribute_against_the_schema_is_refused(service: Service) -> None:
    schema = a_schema(required=("email",), custom=(a_custom("badge", mutable=False),))
    writable = ["email", "custom:badge", "name", "birthdate", "phone_number"]
    me = await jane(service, schema_attributes=schema, client={"write_attributes": writable})
    fixed = await me.update_refusal(custom_badge="7")
    assert ("InvalidParameterException", "user.custom:badge: Attribute cannot be updated.") == fixed
    needed = await me.refusal("DeleteUserAttributes", UserAttributeNames=["email"])
    assert "InvalidParameterException" == needed[0]
    assert ("InvalidParameterException", "Invalid phone number format.") == await me.update_refusal(phone_number="1")
    unknown = await me.update_refusal(custom_nothing="x")
    assert "InvalidParameterException" == unknown[0]


async def test_a_new_address_is_unverified_until_its_code_comes_back(service: Service) -> None:
    me = await jane(service)
    details = await me.update(email=NEW)
    assert [{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@e***"}] == details
    assert (NEW, "false") == ((await me.shown())["email"], (await me.shown())["email_verified"])
    sent, content = (await messages(service.flow, me.entry))[0]
    assert ("CustomMessage_UpdateUserAttribute", NEW) == (sent.kind, sent.destination)
    wrong = await me.refusal("VerifyUserAttribute", AttributeName="email", Code="000000")
    assert MISMATCH == wrong
    assert {} == await me("VerifyUserAttribute", AttributeName="email", Code=content.code)
    assert "true" == (await me.shown())["email_verified"]
    assert NO_CODE == await me.refusal("VerifyUserAttribute", AttributeName="email", Code=content.code)


@sqlite_only
async def test_an_address_that_stays_the_same_stays_verified(service: Service) -> None:
    me = await jane(service)
    assert [] == await me.update(email="jane@example.com", name="Jane")
    assert "true" == (await me.shown())["email_verified"]


async def test_where_the_pool_wants_it_verified_first_the_old_address_stays(service: Service) -> None:
    update = shapes.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email"])
    me = await jane(service, user_attribute_update_settings=update, alias_attributes=["email"])
    assert "n***@e***" == (await me.update(email=NEW, name="Jane"))[0]["Destination"]
    assert {**EMAIL, "name": "Jane"}.items() <= (await me.shown()).items()
    assert (await service.tokens(me.client, "jane@example.com"))["AccessToken"]
    first = await last_code(service.flow, me.entry)
    service.flow.clock.advance(1)  # type: ignore[attr-defined]
    again = await me("GetUserAttributeVerificationCode", AttributeName="email")
    assert "n***@e***" == again["CodeDeliveryDetails"]["Destination"]
    second = await last_code(service.flow, me.entry)
    assert first != second
    assert {} == await me("VerifyUserAttribute", AttributeName="email", Code=second)
    assert {"email": NEW, "email_verified": "true"}.items() <= (await me.shown()).items()
    assert (await service.tokens(me.client, NEW))["AccessToken"]
    gone = await service.refusal("InitiateAuth", **password_auth(me.client, "jane@example.com"))
    assert "UserNotFoundException" == gone[0]


async def test_a_code_under_way_to_a_former_address_is_worth_nothing(service: Service) -> None:
    me = await jane(service)
    await me.update(email=NEW)
    code = await last_code(service.flow, me.entry)
    service.flow.clock.advance(1)  # type: ignore[attr-defined]
    await me.update(email="third@example.com")
    refused = await me.refusal("VerifyUserAttribute", AttributeName="email", Code=code)
    assert refused in {MISMATCH, NO_CODE}
    assert "third@example.com" == (await me.shown())["email"]


async def test_a_value_that_waits_is_forgotten_when_an_administrator_sets_another(service: Service) -> None:
    update = shapes.UserAttributeUpdateSettingsType(attributes_require_verification_before_update=["email"])
    me = await jane(service, user_attribute_update_settings=update)
    await me.update(email=NEW)
    code = await last_code(service.flow, me.entry)
    await service(
        "AdminUpdateUserAttributes", UserPoolId=me.entry.pool.id, Username="jane",
        UserAttributes=listed({"email": "third@example.com", "email_verified": "true"}),
    )  # fmt: skip
    assert NO_CODE == await me.refusal("VerifyUserAttribute", AttributeName="email", Code=code)
    assert {"email": "third@example.com", "email_verified": "true"}.items() <= (await me.shown()).items()


@sqlite_only
async def test_without_automatic_verification_a_code_is_asked_for(service: Service) -> None:
    me = await jane(service, auto_verified_attributes=None)
    assert [] == await me.update(phone_number="+12065550123")
    answer = await me("GetUserAttributeVerificationCode", AttributeName="phone_number")
    assert {"AttributeName": "phone_number", "DeliveryMedium": "SMS", "Destination": "+*******0123"} == answer[
        "CodeDeliveryDetails"
    ]
    code = await last_code(service.flow, me.entry)
    await me("VerifyUserAttribute", AttributeName="phone_number", Code=code)
    assert "true" == (await me.shown())["phone_number_verified"]


@sqlite_only
async def test_a_verified_address_can_be_verified_again(service: Service) -> None:
    me = await jane(service)
    await me("GetUserAttributeVerificationCode", AttributeName="email")
    await me("VerifyUserAttribute", AttributeName="email", Code=await last_code(service.flow, me.entry))
    assert "true" == (await me.shown())["email_verified"]


@sqlite_only
async def test_only_contacts_that_are_there_can_be_verified(service: Service) -> None:
    me = await jane(service)
    wanted = ("InvalidParameterException", "Invalid attribute name. Only phone_number and email can be verified")
    assert wanted == await me.refusal("GetUserAttributeVerificationCode", AttributeName="name")
    assert wanted == await me.refusal("VerifyUserAttribute", AttributeName="name", Code="123456")
    refused = await me.refusal("GetUserAttributeVerificationCode", AttributeName="phone_number")
    assert "InvalidParameterException" == refused[0]


async def test_codes_are_asked_for_and_guessed_at_so_often_and_no_more(service: Service, clock: FixedClock) -> None:
    me = await jane(service)
    served, refused = await race(me("GetUserAttributeVerificationCode", AttributeName="email") for _ in range(8))
    assert 5 == len(served)
    assert [LIMIT] * 3 == refused
    _, refused = await race(me("VerifyUserAttribute", AttributeName="email", Code="x") for _ in range(20))
    assert (15, 5) == (refused.count(MISMATCH), refused.count(LIMIT))
    clock.advance(3599)
    assert LIMIT == await me.refusal("GetUserAttributeVerificationCode", AttributeName="email")


async def test_an_alias_that_somebody_has_cannot_be_verified_by_another(service: Service) -> None:
    me = await jane(service, alias_attributes=["email"])
    await a_user(service.flow, me.entry, "joe", email=NEW, email_verified="true")
    await me.update(email=NEW)
    code = await last_code(service.flow, me.entry)
    taken = ("AliasExistsException", "An account with the email already exists.")
    assert taken == await me.refusal("VerifyUserAttribute", AttributeName="email", Code=code)
    assert "joe" == (await the_user(service.flow, me.entry, NEW)).username


async def test_in_an_email_pool_an_address_is_one_users_at_once(service: Service) -> None:
    me = await jane(service, username_attributes=["email"])
    await a_user(service.flow, me.entry, email=NEW)
    assert ("AliasExistsException", "An account with the email already exists.") == await me.update_refusal(email=NEW)
    refused = await me.refusal("DeleteUserAttributes", UserAttributeNames=["email"])
    assert "InvalidParameterException" == refused[0]
    await me.update(email="free@example.com")
    assert (await service.tokens(me.client, "free@example.com"))["AccessToken"]


async def test_of_many_changes_at_once_none_is_lost(service: Service) -> None:
    me = await jane(service)
    names = ["name", "nickname", "given_name", "family_name", "middle_name", "gender"]
    served, refused = await race(me.update(**{name: "x"}) for name in names)
    assert 6 == len(served)
    assert [] == refused
    assert set(names) <= (await me.shown()).keys()


async def test_a_user_deletes_his_account_and_its_tokens(service: Service) -> None:
    me = await jane(service)
    assert {} == await me("DeleteUser")
    assert ("UserNotFoundException", "User does not exist.") == await me.refusal("GetUser")
    gone = await service.refusal("InitiateAuth", **password_auth(me.client, "jane"))
    assert "UserNotFoundException" == gone[0]


@sqlite_only
async def test_a_disabled_user_changes_nothing_cve_2025_53942(service: Service) -> None:
    me = await jane(service)
    whom = {"UserPoolId": me.entry.pool.id, "Username": "jane"}
    await service("AdminDisableUser", **whom)
    doors: list[tuple[str, dict[str, Any]]] = [
        ("UpdateUserAttributes", {"UserAttributes": listed({"name": "x"})}),
        ("DeleteUserAttributes", {"UserAttributeNames": ["name"]}),
        ("GetUserAttributeVerificationCode", {"AttributeName": "email"}),
        ("VerifyUserAttribute", {"AttributeName": "email", "Code": "1"}),
        ("ChangePassword", {"PreviousPassword": "Correct-Horse-7", "ProposedPassword": "A-New-Password-8"}),
        ("AssociateSoftwareToken", {}),
        ("VerifySoftwareToken", {"UserCode": "123456"}),
        ("SetUserMFAPreference", {}),
    ]
    for operation, body in doors:
        refused = await me.refusal(operation, **body)
        assert "NotAuthorizedException" == refused[0]
        assert refused in {DISABLED, ("NotAuthorizedException", "Access Token has been revoked")}
