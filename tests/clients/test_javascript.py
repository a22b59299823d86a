"""amazon-cognito-identity-js, the AWS SDK for JavaScript and aws-jwt-verify, unmodified, over https."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import riddles
from tests.clients.connections import PASSWORD, a_client, a_pool, a_user, connect
from tests.clients.javascript import Javascript, Refusal
from tests.clients.known import Known
from tests.clients.mailbox import last_code
from tests.clients.secure import up_by_https
from tests.journey.installation import Installation

pytestmark = pytest.mark.client

OTHER = "Another-Horse-8"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Path]]:
    with riddles.asked() as hooks, up_by_https(tmp_path_factory.mktemp("https"), POOLHOUSE_HOOKS=hooks) as running:
        yield running


@pytest.fixture(scope="module")
def place(secure: tuple[Installation, Path]) -> Installation:
    return secure[0]


@pytest.fixture(scope="module")
def js(secure: tuple[Installation, Path]) -> Iterator[Javascript]:
    clients = Javascript(*secure, secure[0].log.with_name("node.log"))
    yield clients
    clients.close()


@pytest.fixture(scope="module")
def idp(place: Installation, known: Known) -> Iterator[Any]:
    client = connect(place, known)
    yield client
    client.close()


@pytest.fixture(scope="module")
def pool_id(idp: Any) -> str:
    made = a_pool(idp, "javascript", AutoVerifiedAttributes=["email"])
    idp.set_user_pool_mfa_config(
        UserPoolId=made, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    return made


@pytest.fixture(scope="module")
def app(idp: Any, pool_id: str) -> str:
    client_id: str = a_client(idp, pool_id)["ClientId"]
    return client_id


@pytest.fixture
def ada(request: pytest.FixtureRequest, idp: Any, pool_id: str, app: str) -> dict[str, str]:
    """A user of the test's own, as the calls name one."""
    name = "ada-" + request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")[:60]
    a_user(idp, pool_id, name)
    return {"pool": pool_id, "client": app, "username": name}


def test_an_account_is_made_confirmed_and_signs_in(
    js: Javascript, place: Installation, known: Known, pool_id: str, app: str
) -> None:
    who = {"pool": pool_id, "client": app, "username": "grace"}
    made = js("signUp", **who, password=PASSWORD, attributes={"email": "grace@example.com"})
    assert made["confirmed"] is False
    with pytest.raises(Refusal) as refused:
        js("signIn", **who, password=PASSWORD)
    assert refused.value.code == "UserNotConfirmedException"
    js("resend", **who)
    assert js("confirm", **who, code=last_code(place, known, pool_id, "grace@example.com")) == "SUCCESS"

    signed_in = js("signIn", **who, password=PASSWORD)
    assert signed_in["valid"]
    assert js("attributes", **who) == {"sub": made["sub"], "email": "grace@example.com", "email_verified": "true"}


def test_a_password_is_proved_by_srp(js: Javascript, ada: dict[str, str]) -> None:
    signed_in = js("signIn", **ada, password=PASSWORD)
    assert (signed_in["asked"], signed_in["valid"]) == ([], True)
    assert js("session", **ada)["id"] == signed_in["id"]

    with pytest.raises(Refusal, match=r"NotAuthorizedException: Incorrect username or password\."):
        js("signIn", **ada, password="Wrong-Horse-7")


@pytest.mark.parametrize(
    ("number", "password"),
    list(
        enumerate(
            ("Passwörd-1-漢字", "Ж-Passw0rd!", "Aa1!" + "x" * 90, "0Aa!0000", "Emoji-1-🐎-horse", "Tab-less:Colon-1")
        )
    ),
)
def test_any_password_is_proved_by_another_arithmetic(
    js: Javascript, idp: Any, known: Known, pool_id: str, app: str, number: int, password: str
) -> None:
    known.add(password)
    name = f"Ünal:{number}"
    a_user(idp, pool_id, name, password, email=f"unal{number}@example.com")

    assert js("signIn", pool=pool_id, client=app, username=name, password=password)["valid"]


def test_a_riddle_is_asked_and_answered(js: Javascript, idp: Any) -> None:
    pool = a_pool(idp, "riddles", LambdaConfig=riddles.TRIGGERS)
    app = a_client(idp, pool, ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])["ClientId"]
    a_user(idp, pool, "sphinx")
    who = {"pool": pool, "client": app, "username": "sphinx", "flow": "CUSTOM_AUTH"}

    signed_in = js("signIn", **who, answer="5")
    assert ([each["riddle"] for each in signed_in["asked"]], signed_in["valid"]) == (["2 + 3"], True)
    with pytest.raises(Refusal, match="NotAuthorizedException"):
        js("signIn", **who, answer="4")


def test_a_password_is_sent(js: Javascript, ada: dict[str, str]) -> None:
    assert js("signIn", **ada, password=PASSWORD, flow="USER_PASSWORD_AUTH")["valid"]


def test_a_temporary_password_is_replaced(js: Javascript, idp: Any, pool_id: str, app: str) -> None:
    who = {"pool": pool_id, "client": app, "username": "radia"}
    idp.admin_create_user(
        UserPoolId=pool_id, Username="radia", MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass"
    )

    signed_in = js("signIn", **who, password="Temporary-1-pass", newPassword=PASSWORD)
    assert signed_in["asked"] == ["newPasswordRequired"]
    js("signOut", **who)
    assert js("signIn", **who, password=PASSWORD)["valid"]


def test_an_app_is_set_up_and_asked_for(js: Javascript, ada: dict[str, str]) -> None:
    js("signIn", **ada, password=PASSWORD)
    seed = js("associate", **ada)
    js("verifyApp", **ada, seed=seed)
    assert js("prefer", **ada) == "SUCCESS"
    js("signOut", **ada)

    # The code of this half minute is used up by having proved the app.
    signed_in = js("signIn", **ada, password=PASSWORD, seed=seed, ahead=30_000)
    assert signed_in["asked"] == ["SOFTWARE_TOKEN_MFA"]
    js("signOut", **ada)
    with pytest.raises(Refusal) as refused:
        js("signIn", **ada, password=PASSWORD, seed="A" * 52)
    assert refused.value.code == "CodeMismatchException"


def test_a_device_is_remembered_and_saves_the_second_factor(js: Javascript, idp: Any) -> None:
    pool = a_pool(
        idp, "devices",
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    )  # fmt: skip
    idp.set_user_pool_mfa_config(
        UserPoolId=pool, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    who = {"pool": pool, "client": a_client(idp, pool)["ClientId"], "username": "mary"}
    a_user(idp, pool, "mary")
    js("signIn", **who, password=PASSWORD)
    key = js("device", **who)["key"]
    assert key.startswith("us-east-1_")
    seed = js("associate", **who)
    js("verifyApp", **who, seed=seed)
    js("prefer", **who)
    assert js("remember", **who) == "SUCCESS"
    assert [each["DeviceKey"] for each in js("devices", **who)["Devices"]] == [key]

    # The device proves itself, so that no code is asked for.
    signed_in = js("signIn", **who, password=PASSWORD)
    assert (signed_in["asked"], signed_in["valid"]) == ([], True)
    assert js("refresh", **who, refresh=signed_in["refresh"])["valid"]
    assert js("forget", **who) == "SUCCESS"
    assert js("devices", **who)["Devices"] == []


def test_tokens_are_refreshed_until_signed_out_everywhere(js: Javascript, ada: dict[str, str]) -> None:
    first = js("signIn", **ada, password=PASSWORD)
    fresh = js("refresh", **ada, refresh=first["refresh"])
    assert (fresh["access"] != first["access"], fresh["valid"]) == (True, True)
    js("globalSignOut", **ada)

    with pytest.raises(Refusal, match="NotAuthorizedException"):
        js("refresh", **ada, refresh=first["refresh"])


def test_a_user_changes_what_is_his_and_leaves(js: Javascript, ada: dict[str, str]) -> None:
    js("signIn", **ada, password=PASSWORD)
    js("setAttributes", **ada, attributes={"name": "Ada"})
    assert js("attributes", **ada)["name"] == "Ada"
    assert js("changePassword", **ada, password=PASSWORD, newPassword=OTHER) == "SUCCESS"
    js("signOut", **ada)
    js("signIn", **ada, password=OTHER)
    assert js("deleteUser", **ada) == "SUCCESS"
    with pytest.raises(Refusal, match="UserNotFoundException"):
        js("signIn", **ada, password=OTHER)


def test_a_forgotten_password_is_replaced(
    js: Javascript, place: Installation, known: Known, pool_id: str, ada: dict[str, str]
) -> None:
    sent = js("forgot", **ada)
    assert sent["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    code = last_code(place, known, pool_id, f"{ada['username']}@example.com")
    assert js("confirmPassword", **ada, code=code, newPassword=OTHER) == "SUCCESS"

    assert js("signIn", **ada, password=OTHER)["valid"]


def test_our_tokens_are_verified_by_our_keys(js: Javascript, ada: dict[str, str]) -> None:
    tokens = js("signIn", **ada, password=PASSWORD)
    where = {"pool": ada["pool"], "client": ada["client"]}
    for use, other in (("id", "access"), ("access", "id")):
        assert js("verify", **where, token=tokens[use], use=use)["token_use"] == use
        with pytest.raises(Refusal):
            js("verify", **where, token=tokens[other], use=use)
        head, body, signature = tokens[use].split(".")
        with pytest.raises(Refusal) as refused:
            js("verify", **where, token=f"{head}.{body}.{'A' * len(signature)}", use=use)
        assert refused.value.code == "JwtInvalidSignatureError"


def test_the_sdk_administers_a_pool(js: Javascript) -> None:
    def send(command: str, **given: Any) -> Any:
        return js("send", command=command, input=given)

    pool = send("CreateUserPool", PoolName="by-sdk")["UserPool"]["Id"]
    for name in ("a", "b", "c"):
        send("CreateGroup", UserPoolId=pool, GroupName=name)
    made = send("AdminCreateUser", UserPoolId=pool, Username="ann", MessageAction="SUPPRESS",
                TemporaryPassword="Temporary-1-pass")  # fmt: skip
    assert made["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    # A date is a date for the SDK, which writes it so.
    assert made["User"]["UserCreateDate"].endswith("Z")
    assert js("pages", list="ListGroups", input={"UserPoolId": pool, "Limit": 2}, member="Groups") == [2, 1]
    with pytest.raises(Refusal) as refused:
        send("GetGroup", UserPoolId=pool, GroupName="none")
    assert (refused.value.code, refused.value.message) == ("ResourceNotFoundException", "Group not found.")
    assert set(send("DeleteUserPool", UserPoolId=pool)) == {"requestId"}
