"""Users and groups."""

from typing import Any

import pytest

from poolhouse.pool.console.users import attributes_of
from poolhouse.pool.flows.context import Flow
from tests.console.browser import Page, Visitor
from tests.console.conftest import Service
from tests.support.builders import a_pool, a_user


async def a_person(service: Service, pool_id: str, **settings: Any) -> tuple[dict[str, Any], str]:
    """A user, and the address of the user's page."""
    user = await service.a_user(pool_id, **settings)
    return user, f"/console/pools/{pool_id}/users/{attributes_of(user)['sub']}"


async def the_user(service: Service, pool_id: str, name: str = "ada@example.com") -> dict[str, Any]:
    user = await service("AdminGetUser", UserPoolId=pool_id, Username=name)
    return {**user, "attributes": attributes_of(user)}


async def create(visitor: Visitor, pool_id: str, **fields: Any) -> Page:
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/users"), "Create user")
    assert page.title == "Create user"
    return await visitor.press(page, "Create user", **fields)


# A new user


async def test_the_guides_user_is_created(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await create(
        visitor, pool_id, email="ada@example.com", email_verified="on", invitation="none", temporary="set",
        password="Temporary-1-pass",
    )  # fmt: skip
    user = await the_user(service, pool_id)

    assert "ada@example.com" in page.text
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert user["attributes"]["email_verified"] == "true"


async def test_a_user_with_a_user_name(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(UsernameAttributes=None, Schema=[{"Name": "name", "Required": True}]))["Id"]
    page = await create(
        visitor, pool_id, username="ada", phone_number="+12065550100", password="Temporary-1-pass", **{"a:name": "Ada L"}
    )  # fmt: skip
    user = await the_user(service, pool_id, "ada")

    assert "User ada was created." in page.text
    assert user["attributes"]["name"] == "Ada L"
    assert user["attributes"]["phone_number_verified"] == "false"


async def test_an_invitation_is_sent_with_a_generated_password(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await create(visitor, pool_id, email="ada@example.com", invitation="email", temporary="generate", password="")
    page = await visitor.open(f"/console/pools/{pool_id}/messaging")

    assert "Your username is ada@example.com and temporary password is" in page.text


async def test_a_password_against_the_policy_is_said_and_not_repeated(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await create(visitor, pool_id, email="ada@example.com", password="short-Pw")

    assert page.status == 422
    assert page.errors == ["Password did not conform with policy: Password must have numeric characters"]
    assert "short-Pw" not in page.reply.text
    assert page.value("email") == "ada@example.com"


async def test_a_second_user_of_an_address_is_refused_beside_it(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service.a_user(pool_id)
    page = await create(visitor, pool_id, email=" ada@example.com ", password="Temporary-1-pass")

    assert page.errors == ["An account with the given email already exists."]


async def test_a_password_keeps_its_blanks(visitor: Visitor, service: Service) -> None:
    """The service refuses them; what it refuses must be what was typed."""
    pool_id = (await service.a_pool())["Id"]
    page = await create(visitor, pool_id, email="ada@example.com", password=" Temporary-1-pass ")

    assert page.status == 422
    assert "Blanks around" not in page.text


# The list


async def test_users_are_searched_by_attribute(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    for name in ("ada@example.com", "adele@example.com", "bob@example.com"):
        await service.a_user(pool_id, name)
    page = await visitor.open(f"/console/pools/{pool_id}/users")
    begins = await visitor.press(page, "Search", attribute="email", match="begins", value="ad")
    exact = await visitor.press(page, "Search", attribute="email", match="is", value="bob@example.com")
    none = await visitor.press(page, "Search", attribute="email", match="is", value='"; drop')

    assert ("adele@example.com" in begins.text, "bob@example.com" in begins.text) == (True, False)
    assert ("adele@example.com" in exact.text, "bob@example.com" in exact.text) == (False, True)
    assert "No user matches" in none.text
    assert 'Filter: email ^= "ad"' in begins.text


async def test_the_list_goes_forward_and_back(visitor: Visitor, flow: Flow) -> None:
    entry = await a_pool(flow)
    for number in range(55):
        await a_user(flow, entry, f"user{number:02}", None)
    first = await visitor.open(f"/console/pools/{entry.pool.id}/users?attribute=username&match=begins&value=user")
    second = await visitor.open(first.link("Next"))
    third = await visitor.open(second.link("Next"))
    back = await visitor.open((await visitor.open(third.link("Previous"))).link("Previous"))

    assert [("user00" in each.text, "user25" in each.text, "user54" in each.text) for each in (first, second, third)] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert "Next" not in [text for text, _ in third.links]
    assert "user00" in back.text


async def test_a_page_that_nobody_gave_out_says_so(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/users?page=forged")

    assert page.status == 200
    assert "Invalid pagination token" in page.text


# One user


async def test_an_unknown_user_is_not_found(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/users/5f2c7e0a-1111-4222-8333-444455556666")

    assert (page.status, page.title) == (404, "Not found")
    assert "User does not exist." in page.text


async def test_a_user_is_disabled_and_enabled(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.press(await visitor.open(here), "Disable user access")
    assert (await the_user(service, pool_id))["Enabled"] is False
    await visitor.press(page, "Enable user access")

    assert (await the_user(service, pool_id))["Enabled"] is True


async def test_an_account_is_confirmed(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    client = await service.a_client(pool_id)
    await service("SignUp", ClientId=client["ClientId"], Username="ada@example.com", Password="Own-password-2")
    sub = (await the_user(service, pool_id))["attributes"]["sub"]
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/users/{sub}"), "Confirm account")

    assert "The account was confirmed." in page.text
    assert (await the_user(service, pool_id))["UserStatus"] == "CONFIRMED"


async def test_only_what_can_be_done_is_offered(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    labels = {button.label for form in (await visitor.open(here)).forms for button in form.buttons}

    assert {"Resend invitation", "Disable user access"} <= labels
    assert not {"Confirm account", "Enable user access", "Reset password"} & labels


async def test_a_password_is_reset_by_a_code(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id, UserAttributes=[{"Name": "email_verified", "Value": "true"}])
    page = await visitor.open(here + "/password")
    page = await visitor.press(page, "Set password", password="Own-password-2", permanent="on")
    page = await visitor.press(page, "Reset password")

    assert (await the_user(service, pool_id))["UserStatus"] == "RESET_REQUIRED"
    assert "Forgotten password" in (await visitor.open(f"/console/pools/{pool_id}/messaging")).text


async def test_what_cannot_be_done_is_said_on_the_users_page(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.open(here + "/password")
    page = await visitor.press(page, "Set password", password="Own-password-2", permanent="on")
    refused = await visitor.press(page, "Reset password")

    assert refused.status == 422
    assert "Cannot reset password for the user as there is no registered/verified email or phone_number" in refused.text
    assert refused.title.startswith("ada@example.com")


async def test_a_password_is_set_for_good_or_for_once(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.open(here + "/password")
    for permanent, status in (("on", "CONFIRMED"), ([], "FORCE_CHANGE_PASSWORD")):
        await visitor.press(page, "Set password", password="Own-password-2", permanent=permanent)
        assert (await the_user(service, pool_id))["UserStatus"] == status
    weak = await visitor.press(page, "Set password", password="weak")

    assert weak.errors == ["Password did not conform with policy: Password not long enough"]
    assert (await visitor.press(page, "Set password", password="")).errors == ["Enter a password."]


async def test_an_invitation_is_sent_again(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.press(await visitor.open(here), "Resend invitation")

    assert "The invitation is on its way again" in page.text
    assert "Invitation" in (await visitor.open(f"/console/pools/{pool_id}/messaging")).text


async def test_an_action_that_is_none_is_not_found(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    proof = (await visitor.open(here)).value("csrf") or ""

    assert (await visitor.post(here + "/actions/promote", [("csrf", proof)])).status_code == 404


async def test_a_user_is_deleted_by_name_typed_out(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.open(here)
    refused = await visitor.press(page, "Delete user", confirmation="bob")
    assert (refused.status, "Nothing was deleted" in refused.text) == (422, True)
    done = await visitor.press(page, "Delete user", confirmation="ada@example.com")

    assert "User ada@example.com was deleted." in done.text
    assert (await service("ListUsers", UserPoolId=pool_id))["Users"] == []


# Attributes


async def test_only_what_differs_is_written(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}]))["Id"]
    given = [{"Name": "email_verified", "Value": "true"}, {"Name": "name", "Value": "Ada"}]
    _, here = await a_person(service, pool_id, UserAttributes=given)
    page = await visitor.open(here + "/attributes")
    page = await visitor.press(page, "Save changes", **{"a:name": "", "a:custom:team": " blue "})
    user = await the_user(service, pool_id)

    assert "Blanks around blue were removed." in page.text
    assert ("name" in user["attributes"], user["attributes"]["custom:team"]) == (False, "blue")
    assert user["attributes"]["email_verified"] == "true"


@pytest.mark.parametrize(("ticked", "flag"), [("on", "true"), ([], "false")])
async def test_a_new_address_is_as_verified_as_the_box_says(
    visitor: Visitor, service: Service, ticked: str | list[str], flag: str
) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id, UserAttributes=[{"Name": "email_verified", "Value": "true"}])
    page = await visitor.open(here + "/attributes")
    await visitor.press(page, "Save changes", **{"a:email": "new@example.com", "a:email_verified": ticked})
    user = await the_user(service, pool_id, "new@example.com")

    assert (user["attributes"]["email"], user["attributes"]["email_verified"]) == ("new@example.com", flag)


async def test_saving_attributes_as_they_are_writes_nothing(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.press(await visitor.open(here + "/attributes"), "Save changes")

    assert "Nothing was changed." in page.text


async def test_an_attribute_that_does_not_fit_is_refused_with_what_was_typed(
    visitor: Visitor, service: Service
) -> None:
    pool_id = (await service.a_pool())["Id"]
    _, here = await a_person(service, pool_id)
    page = await visitor.press(await visitor.open(here + "/attributes"), "Save changes", **{"a:birthdate": "yesterday"})

    assert page.status == 422
    assert page.value("a:birthdate") == "yesterday"


# Groups


async def test_a_group_is_created_edited_and_deleted(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/groups"), "Create group")
    role = "arn:aws:iam::123456789012:role/editors"
    page = await visitor.press(page, "Create group", name="a/b&c", description="Some\nlines", precedence="0", role=role)
    page = await visitor.open(page.link("a/b&c"))
    page = await visitor.press(page, "Edit")
    page = await visitor.press(page, "Save changes", description="", precedence="7")
    group = (await service("GetGroup", UserPoolId=pool_id, GroupName="a/b&c"))["Group"]

    assert (group.get("Description") or "", group["Precedence"], group["RoleArn"]) == ("", 7, role)
    page = await visitor.press(page, "Delete group", confirmation="a/b&c")
    assert "Group a/b&c was deleted." in page.text
    assert (await service("ListGroups", UserPoolId=pool_id))["Groups"] == []


async def test_what_a_group_cannot_lose_is_said(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service("CreateGroup", UserPoolId=pool_id, GroupName="admins", Precedence=1)
    page = await visitor.open(f"/console/pools/{pool_id}/groups/group/edit?name=admins")

    assert (await visitor.press(page, "Save changes", precedence="")).errors == [
        "It can be changed but not taken away: for that, delete the group and create it again."
    ]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, "Enter a name for the group."),
        ({"name": "two words"}, "A name has no blanks."),
        ({"name": "admins"}, "A group with the name already exists."),
        ({"name": "x", "precedence": "-1"}, "Enter a whole number, 0 or more."),
        (
            {"name": "x", "role": "admin"},
            "That is not an ARN. One looks like arn:aws:service:region:123456789012:name.",
        ),
        ({"name": "x" * 129}, "Use at most 128 characters."),
    ],
)
async def test_a_group_that_cannot_be_is_refused(
    visitor: Visitor, service: Service, fields: dict[str, str], error: str
) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service("CreateGroup", UserPoolId=pool_id, GroupName="admins")
    page = await visitor.open(f"/console/pools/{pool_id}/groups/create")

    assert error in [each.rstrip(".") + "." for each in (await visitor.press(page, "Create group", **fields)).errors]


async def test_members_come_and_go_from_both_sides(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service("CreateGroup", UserPoolId=pool_id, GroupName="admins")
    _, here = await a_person(service, pool_id)

    async def members() -> int:
        return len((await service("ListUsersInGroup", UserPoolId=pool_id, GroupName="admins"))["Users"])

    page = await visitor.press(await visitor.open(here), "Add user to group", group="admins")
    assert await members() == 1
    await visitor.press(page, "Remove")
    assert await members() == 0
    page = await visitor.open(f"/console/pools/{pool_id}/groups/group?name=admins")
    page = await visitor.press(page, "Add user to group", username=" ada@example.com ")
    assert await members() == 1
    assert "ada@example.com was added to the group." in page.text
    page = await visitor.press(page, "Remove")
    assert await members() == 0
    assert "ada@example.com was removed from the group." in page.text


async def test_a_member_who_is_nobody_is_refused(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service("CreateGroup", UserPoolId=pool_id, GroupName="admins")
    page = await visitor.open(f"/console/pools/{pool_id}/groups/group?name=admins")
    refused = await visitor.press(page, "Add user to group", username="nobody")

    assert (refused.status, "nobody: User does not exist." in refused.text) == (422, True)
    assert "Enter the name of a user." in (await visitor.press(page, "Add user to group", username="")).text


async def test_an_unknown_group_is_not_found(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]

    for query in ("name=none", "name=", ""):
        page = await visitor.open(f"/console/pools/{pool_id}/groups/group?{query}")
        assert page.status == 404


# Second factors


async def test_a_users_second_factors_are_switched_and_preferred(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(SmsConfiguration={"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}))["Id"]
    await service("SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="OPTIONAL", SmsMfaConfiguration={})
    _, here = await a_person(service, pool_id, UserAttributes=[{"Name": "phone_number", "Value": "+12065550100"}])
    page = await visitor.open(here + "/mfa")
    page = await visitor.press(page, "Save changes", methods=["sms"], preferred="sms")
    assert "MFA methods SMS message Preferred method SMS message" in page.text
    page = await visitor.open(here + "/mfa")
    assert (page.values("methods"), page.value("preferred")) == (["sms"], "sms")
    await visitor.press(page, "Save changes", methods=[], preferred="")

    assert "UserMFASettingList" not in await the_user(service, pool_id)


async def test_a_factor_that_is_not_set_up_is_refused_beside_the_methods(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    totp = {"Enabled": True}
    await service("SetUserPoolMfaConfig", UserPoolId=pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=totp)
    _, here = await a_person(service, pool_id)
    page = await visitor.open(here + "/mfa")
    refused = await visitor.press(page, "Save changes", methods=["totp"], preferred="")

    assert (refused.status, len(refused.errors)) == (422, 1)
    other = await visitor.press(page, "Save changes", methods=[], preferred="totp")
    assert other.errors == ["Only a method that is on can be preferred."]
