"""boto3 signs people up and in: codes, passwords, tokens that end, and every refusal by its code and words."""

from typing import Any

import pytest

from tests.clients.connections import PASSWORD, a_client, a_pool, a_user, refresh, refused, sign_in
from tests.clients.known import Known
from tests.clients.mailbox import last_code
from tests.clients.tokens import unverified, verified
from tests.journey.installation import Installation

pytestmark = pytest.mark.client

WRONG_CODE = "Invalid verification code provided, please try again."


@pytest.fixture(scope="module")
def pool_id(idp: Any) -> str:
    return a_pool(idp, "sign-in", AutoVerifiedAttributes=["email"])


@pytest.fixture(scope="module")
def app(idp: Any, pool_id: str) -> dict[str, Any]:
    return a_client(idp, pool_id)


def sign_up(idp: Any, app: dict[str, Any], username: str, password: str = PASSWORD) -> dict[str, Any]:
    email = [{"Name": "email", "Value": f"{username}@example.com"}]
    answer: dict[str, Any] = idp.sign_up(
        ClientId=app["ClientId"], Username=username, Password=password, UserAttributes=email
    )
    return answer


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def test_a_person_signs_up_confirms_and_signs_in(
    place: Installation, known: Known, idp: Any, pool_id: str, app: dict[str, Any]
) -> None:
    made = sign_up(idp, app, "ada")
    assert made["UserConfirmed"] is False
    delivery = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert made["CodeDeliveryDetails"] == delivery
    with refused("UserNotConfirmedException", "User is not confirmed."):
        sign_in(idp, app, "ada")

    confirm = {"ClientId": app["ClientId"], "Username": "ada"}
    code = last_code(place, known, pool_id, "ada@example.com")
    with refused("CodeMismatchException", WRONG_CODE):
        idp.confirm_sign_up(**confirm, ConfirmationCode=other_than(code))
    idp.confirm_sign_up(**confirm, ConfirmationCode=code)
    with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
        idp.confirm_sign_up(**confirm, ConfirmationCode=code)

    user = idp.get_user(AccessToken=sign_in(idp, app, "ada")["AccessToken"])
    named = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    assert (made["UserSub"], "ada@example.com", "true") == (named["sub"], named["email"], named["email_verified"])


def test_a_code_sent_again_replaces_the_first(
    place: Installation, known: Known, idp: Any, pool_id: str, app: dict[str, Any]
) -> None:
    sign_up(idp, app, "barbara")
    first = last_code(place, known, pool_id, "barbara@example.com")
    idp.resend_confirmation_code(ClientId=app["ClientId"], Username="barbara")
    second = last_code(place, known, pool_id, "barbara@example.com")

    if first != second:
        with refused("CodeMismatchException", WRONG_CODE):
            idp.confirm_sign_up(ClientId=app["ClientId"], Username="barbara", ConfirmationCode=first)
    idp.confirm_sign_up(ClientId=app["ClientId"], Username="barbara", ConfirmationCode=second)


def test_a_taken_name_and_a_weak_password_are_refused(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "carol")

    with refused("UsernameExistsException", "User already exists"):
        sign_up(idp, app, "carol")
    with refused(
        "InvalidPasswordException", "Password did not conform with policy: Password must have uppercase characters"
    ):
        sign_up(idp, app, "caroline", "correct-horse-7")


def test_tokens_verify_by_the_published_keys(place: Installation, idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "edith")
    tokens = sign_in(idp, app, "edith")
    issuer = f"{place.base}/{pool_id}"

    identity = verified(issuer, tokens["IdToken"], aud=app["ClientId"], token_use="id")
    access = verified(issuer, tokens["AccessToken"], client_id=app["ClientId"], token_use="access")
    assert identity["sub"] == access["sub"]
    assert identity["cognito:username"] == access["username"] == "edith"
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert tokens["ExpiresIn"] == access["exp"] - access["iat"]


def test_a_refresh_gives_new_tokens_of_the_same_sign_in(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "frances")
    first = sign_in(idp, app, "frances")
    second = refresh(idp, app, first["RefreshToken"])

    assert "RefreshToken" not in second
    before, after = unverified(first["AccessToken"]), unverified(second["AccessToken"])
    for name in ("sub", "auth_time", "origin_jti", "client_id"):
        assert before[name] == after[name]
    assert before["jti"] != after["jti"]


def test_a_revoked_refresh_token_is_refused(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "gladys")
    tokens = sign_in(idp, app, "gladys")
    idp.revoke_token(Token=tokens["RefreshToken"], ClientId=app["ClientId"])
    idp.revoke_token(Token=tokens["RefreshToken"], ClientId=app["ClientId"])

    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        refresh(idp, app, tokens["RefreshToken"])
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        idp.get_user(AccessToken=tokens["AccessToken"])


def test_signing_out_everywhere_ends_all_sessions(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "helen")
    one, other = sign_in(idp, app, "helen"), sign_in(idp, app, "helen")
    idp.global_sign_out(AccessToken=one["AccessToken"])

    for tokens in (one, other):
        with refused("NotAuthorizedException", "Access Token has been revoked"):
            idp.get_user(AccessToken=tokens["AccessToken"])
        with refused("NotAuthorizedException", "Refresh Token has been revoked"):
            refresh(idp, app, tokens["RefreshToken"])


def test_another_clients_refresh_token_is_refused(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "ida")
    token = sign_in(idp, app, "ida")["RefreshToken"]

    with refused("NotAuthorizedException", "Invalid Refresh Token."):
        refresh(idp, a_client(idp, pool_id), token)
    with refused("NotAuthorizedException", "Invalid Refresh Token."):
        refresh(idp, app, token[:-1])


def test_a_password_is_changed_by_who_knows_it(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "jean")
    token = sign_in(idp, app, "jean")["AccessToken"]

    with refused("NotAuthorizedException", "Incorrect username or password."):
        idp.change_password(AccessToken=token, PreviousPassword="Wrong-Horse-7", ProposedPassword="Another-Horse-8")
    idp.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="Another-Horse-8")
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(idp, app, "jean")
    assert "AccessToken" in sign_in(idp, app, "jean", "Another-Horse-8")


def test_a_forgotten_password_is_replaced_by_a_code(
    place: Installation, known: Known, idp: Any, pool_id: str, app: dict[str, Any]
) -> None:
    a_user(idp, pool_id, "lise")
    sent = idp.forgot_password(ClientId=app["ClientId"], Username="lise")["CodeDeliveryDetails"]
    assert sent == {"Destination": "l***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}

    code = last_code(place, known, pool_id, "lise@example.com")
    answer = {"ClientId": app["ClientId"], "Username": "lise", "Password": "Another-Horse-8"}
    with refused("CodeMismatchException", WRONG_CODE):
        idp.confirm_forgot_password(**answer, ConfirmationCode=other_than(code))
    idp.confirm_forgot_password(**answer, ConfirmationCode=code)
    with refused("ExpiredCodeException", "Invalid code provided, please request a code again."):
        idp.confirm_forgot_password(**answer, ConfirmationCode=code)
    assert "AccessToken" in sign_in(idp, app, "lise", "Another-Horse-8")


def test_guessing_a_password_is_slowed_down(idp: Any, pool_id: str, app: dict[str, Any]) -> None:
    a_user(idp, pool_id, "maria")
    # The fifth failure closes the account for a second; whoever is slower than that fails once more, for two.
    told = [why_not(idp, app, "maria", "Wrong-Horse-7") for _ in range(8)]

    assert told[:5] == ["Incorrect username or password."] * 5
    assert "Password attempts exceeded" in told[5:]


def why_not(idp: Any, app: dict[str, Any], username: str, password: str) -> str:
    with pytest.raises(idp.exceptions.NotAuthorizedException) as refusal:
        sign_in(idp, app, username, password)
    return str(refusal.value.response["Error"]["Message"])


def test_an_unknown_user_looks_like_a_wrong_password_where_existence_is_hidden(
    idp: Any, pool_id: str, app: dict[str, Any]
) -> None:
    hiding = a_client(idp, pool_id, PreventUserExistenceErrors="ENABLED")

    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(idp, hiding, "nobody")
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(idp, app, "nobody")
    assert "CodeDeliveryDetails" in idp.forgot_password(ClientId=hiding["ClientId"], Username="nobody")


def test_a_flow_that_is_not_enabled_is_refused(idp: Any, pool_id: str) -> None:
    closed = a_client(idp, pool_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    a_user(idp, pool_id, "olga")

    with refused("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"):
        sign_in(idp, closed, "olga")


def test_a_made_up_token_is_refused(idp: Any) -> None:
    with refused("NotAuthorizedException", "Invalid Access Token"):
        idp.get_user(AccessToken="made.up.token")
