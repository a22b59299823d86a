"""boto3 administers users: made, listed by pages and filters, changed, disabled, deleted."""

from typing import Any

import pytest

from tests.clients.connections import PASSWORD, a_client, a_pool, a_user, refused, secret_hash, sign_in

pytestmark = pytest.mark.client


@pytest.fixture(scope="module")
def pool_id(idp: Any) -> str:
    return a_pool(idp, "users")


@pytest.fixture(scope="module")
def app(idp: Any, pool_id: str) -> dict[str, Any]:
    return a_client(idp, pool_id)


def attributes(user: dict[str, Any], member: str = "UserAttributes") -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in user[member]}


def test_a_user_is_read_back(idp: Any, pool_id: str) -> None:
    a_user(idp, pool_id, "ada", name="Ada Lovelace")
    user = idp.admin_get_user(UserPoolId=pool_id, Username="ada")

    assert ("ada", "CONFIRMED", True) == (user["Username"], user["UserStatus"], user["Enabled"])
    named = attributes(user)
    assert len(named.pop("sub")) == 36
    assert {"email": "ada@example.com", "email_verified": "true", "name": "Ada Lovelace"} == named


def test_a_paginator_lists_every_user_once(idp: Any) -> None:
    pool_id = a_pool(idp, "many")
    names = {f"user-{number:03}" for number in range(130)}
    for name in names:
        idp.admin_create_user(
            UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass"
        )
    pages = list(idp.get_paginator("list_users").paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 60}))
    listed = [each["Username"] for page in pages for each in page["Users"]]

    assert [60, 60, 10] == [len(page["Users"]) for page in pages]
    assert names == set(listed)
    assert idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]["EstimatedNumberOfUsers"] == 130


def test_a_made_up_page_is_refused(idp: Any, pool_id: str) -> None:
    with refused("InvalidParameterException"):
        idp.list_users(UserPoolId=pool_id, PaginationToken="bWFkZSB1cA==")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ('email = "grace@example.com"', {"grace"}),
        ('username ^= "gra"', {"grace", "gradin"}),
        ('status = "Disabled"', {"gradin"}),
        ('cognito:user_status = "CONFIRMED"', {"grace", "gradin"}),
        ('name = "nobody"', set()),
    ],
)
def test_users_are_found_by_a_filter(idp: Any, filtered: str, wanted: str, expected: set[str]) -> None:
    found = idp.list_users(UserPoolId=filtered, Filter=wanted, AttributesToGet=["email"])["Users"]

    assert expected == {each["Username"] for each in found}
    assert all({"email"} == set(attributes(each, "Attributes")) for each in found)


@pytest.fixture(scope="module")
def filtered(idp: Any) -> str:
    pool_id = a_pool(idp, "filtered")
    for name in ("grace", "gradin"):
        a_user(idp, pool_id, name)
    idp.admin_disable_user(UserPoolId=pool_id, Username="gradin")
    return pool_id


def test_a_filter_that_cannot_be_read_is_refused(idp: Any, filtered: str) -> None:
    with refused("InvalidParameterException"):
        idp.list_users(UserPoolId=filtered, Filter="email ~ 1")


def test_attributes_are_changed_and_deleted(idp: Any, pool_id: str) -> None:
    a_user(idp, pool_id, "katherine")
    where = {"UserPoolId": pool_id, "Username": "katherine"}
    idp.admin_update_user_attributes(**where, UserAttributes=[{"Name": "nickname", "Value": "Kat"}])
    assert attributes(idp.admin_get_user(**where))["nickname"] == "Kat"

    idp.admin_delete_user_attributes(**where, UserAttributeNames=["nickname"])
    assert "nickname" not in attributes(idp.admin_get_user(**where))
    with refused("InvalidParameterException", "user.sub: Attribute cannot be updated."):
        idp.admin_update_user_attributes(**where, UserAttributes=[{"Name": "sub", "Value": "x"}])


def test_a_disabled_user_is_refused_and_an_enabled_one_is_not(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "dorothy")
    idp.admin_disable_user(UserPoolId=pool_id, Username="dorothy")
    with refused("NotAuthorizedException", "User is disabled."):
        sign_in(idp, app, "dorothy")

    idp.admin_enable_user(UserPoolId=pool_id, Username="dorothy")
    assert sign_in(idp, app, "dorothy")["TokenType"] == "Bearer"


def test_disabling_ends_the_sessions(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "evelyn")
    tokens = sign_in(idp, app, "evelyn")
    idp.admin_disable_user(UserPoolId=pool_id, Username="evelyn")
    idp.admin_enable_user(UserPoolId=pool_id, Username="evelyn")

    with refused("NotAuthorizedException", "Access Token has been revoked"):
        idp.get_user(AccessToken=tokens["AccessToken"])


def test_a_deleted_user_is_gone(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "hedy")
    idp.admin_delete_user(UserPoolId=pool_id, Username="hedy")

    with refused("UserNotFoundException", "User does not exist."):
        idp.admin_get_user(UserPoolId=pool_id, Username="hedy")
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(idp, app, "hedy")


def test_a_user_exists_once(idp: Any, pool_id: str) -> None:
    a_user(idp, pool_id, "joan")

    with refused("UsernameExistsException", "User account already exists"):
        idp.admin_create_user(
            UserPoolId=pool_id, Username="joan", MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass"
        )


def test_groups_reach_the_token(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    from tests.clients.tokens import unverified

    a_user(idp, pool_id, "mary")
    for name, precedence in (("second", 2), ("first", 1)):
        idp.create_group(UserPoolId=pool_id, GroupName=name, Precedence=precedence)
        idp.admin_add_user_to_group(UserPoolId=pool_id, Username="mary", GroupName=name)

    assert unverified(sign_in(idp, app, "mary")["AccessToken"])["cognito:groups"] == ["first", "second"]
    listed = idp.get_paginator("list_users_in_group").paginate(UserPoolId=pool_id, GroupName="first")
    assert ["mary"] == [each["Username"] for page in listed for each in page["Users"]]
    of_user = idp.get_paginator("admin_list_groups_for_user").paginate(UserPoolId=pool_id, Username="mary")
    assert {"first", "second"} == {each["GroupName"] for page in of_user for each in page["Groups"]}


def test_a_temporary_password_must_be_replaced(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    idp.admin_create_user(
        UserPoolId=pool_id, Username="radia", MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass"
    )
    asked = idp.admin_initiate_auth(
        UserPoolId=pool_id, ClientId=app["ClientId"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "radia", "PASSWORD": "Temporary-1-pass"},
    )  # fmt: skip
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = {
        "UserPoolId": pool_id,
        "ClientId": app["ClientId"],
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "radia", "NEW_PASSWORD": PASSWORD},
    }

    assert "AccessToken" in idp.admin_respond_to_auth_challenge(**answer)["AuthenticationResult"]
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        idp.admin_respond_to_auth_challenge(**answer)
    assert idp.admin_get_user(UserPoolId=pool_id, Username="radia")["UserStatus"] == "CONFIRMED"


def test_a_client_with_a_secret_needs_its_hash(idp: Any, pool_id: str) -> None:
    app = a_client(idp, pool_id, secret=True)
    a_user(idp, pool_id, "sally")
    asked = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": app["ClientId"]}
    name = app["ClientId"]

    assert "AccessToken" in sign_in(idp, app, "sally")
    with refused("NotAuthorizedException", f"Client {name} is configured with secret but SECRET_HASH was not received"):
        idp.initiate_auth(**asked, AuthParameters={"USERNAME": "sally", "PASSWORD": PASSWORD})
    wrong = secret_hash(app, "somebody-else")
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {name}"):
        idp.initiate_auth(**asked, AuthParameters={"USERNAME": "sally", "PASSWORD": PASSWORD, "SECRET_HASH": wrong})
