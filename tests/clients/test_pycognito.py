"""pycognito signs in by SRP, with and without a client secret, and checks the tokens itself."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from pycognito import Cognito
from pycognito.exceptions import ForceChangePasswordException

from tests.clients.connections import PASSWORD, a_client, a_pool, a_user, refused
from tests.clients.known import Known
from tests.clients.mailbox import last_code
from tests.journey.installation import Installation

pytestmark = [
    pytest.mark.client,
    # pycognito reads the time by a deprecated function in newer Pythons.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def pool_id(idp: Any) -> str:
    return a_pool(idp, "pycognito", AutoVerifiedAttributes=["email"])


@contextmanager
def person(place: Installation, known: Known, pool_id: str, app: dict[str, Any], username: str) -> Iterator[Any]:
    """pycognito's view of a user."""
    user = Cognito(
        pool_id,
        app["ClientId"],
        username=username,
        client_secret=app.get("ClientSecret"),
        access_key="AKIAANYONE",
        secret_key="any-secret",
        boto3_client_kwargs={"endpoint_url": place.base},
    )
    known.watch(user.client)
    with closing(user.client):
        yield user


@pytest.mark.parametrize("secret", [False, True], ids=["public", "with-secret"])
def test_a_person_signs_in_by_srp(place: Installation, known: Known, idp: Any, pool_id: str, secret: bool) -> None:
    app = a_client(idp, pool_id, secret=secret)
    name = f"srp-{secret}"
    a_user(idp, pool_id, name)

    with person(place, known, pool_id, app, name) as user:
        user.authenticate(PASSWORD)
        user.verify_tokens()
        assert app["ClientId"] == user.id_claims["aud"]
        user.renew_access_token()
        user.verify_tokens()


@pytest.mark.parametrize("password", ["Wrong-Horse-7", "correct-horse-7", "Correct-Horse-7x"])
def test_a_wrong_password_is_refused(place: Installation, known: Known, idp: Any, pool_id: str, password: str) -> None:
    app = a_client(idp, pool_id)
    name = f"not-{password}"
    a_user(idp, pool_id, name)

    with (
        person(place, known, pool_id, app, name) as user,
        refused("NotAuthorizedException", "Incorrect username or password."),
    ):
        user.authenticate(password)


def test_a_password_beyond_ascii_works(place: Installation, known: Known, idp: Any, pool_id: str) -> None:
    app = a_client(idp, pool_id)
    a_user(idp, pool_id, "umlaut", "Gänsefüßchen-7-π")

    with person(place, known, pool_id, app, "umlaut") as user:
        user.authenticate("Gänsefüßchen-7-π")
        user.verify_tokens()


def test_a_temporary_password_is_replaced_by_srp(place: Installation, known: Known, idp: Any, pool_id: str) -> None:
    app = a_client(idp, pool_id, secret=True)
    idp.admin_create_user(
        UserPoolId=pool_id, Username="new", MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass"
    )

    with person(place, known, pool_id, app, "new") as user:
        with pytest.raises(ForceChangePasswordException):
            user.authenticate("Temporary-1-pass")
        user.new_password_challenge("Temporary-1-pass", PASSWORD)
        user.verify_tokens()
        user.authenticate(PASSWORD)


def test_a_sign_in_name_is_an_address_where_the_pool_says_so(place: Installation, known: Known, idp: Any) -> None:
    pool_id = a_pool(idp, "by-mail", UsernameAttributes=["email"])
    app = a_client(idp, pool_id)
    idp.admin_create_user(
        UserPoolId=pool_id, Username="by@example.com", MessageAction="SUPPRESS", TemporaryPassword="Temporary-1-pass"
    )
    idp.admin_set_user_password(UserPoolId=pool_id, Username="by@example.com", Password=PASSWORD, Permanent=True)

    with person(place, known, pool_id, app, "by@example.com") as user:
        user.authenticate(PASSWORD)
        user.verify_tokens()
        assert user.id_claims["sub"] == user.id_claims["cognito:username"]


def test_the_whole_life_of_an_account(place: Installation, known: Known, idp: Any, pool_id: str) -> None:
    app = a_client(idp, pool_id, secret=True)
    with person(place, known, pool_id, app, "grete") as user:
        user.set_base_attributes(email="grete@example.com")
        user.register("grete", PASSWORD)
        user.confirm_sign_up(last_code(place, known, pool_id, "grete@example.com"))
        user.authenticate(PASSWORD)
        user.change_password(PASSWORD, "Another-Horse-8")
        user.initiate_forgot_password()
        user.confirm_forgot_password(last_code(place, known, pool_id, "grete@example.com"), "Third-Horse-9")
        user.authenticate("Third-Horse-9")
        assert user.get_user().email == "grete@example.com"
        user.logout()
        user.authenticate("Third-Horse-9")
        user.delete_user()
    with refused("UserNotFoundException", "User does not exist."):
        idp.admin_get_user(UserPoolId=pool_id, Username="grete")
