"""
PreventUserExistenceErrors, row by row: what a client that hides who exists answers does not change when the account is
made, and what another answers is the service's word for it.
"""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.edge import Reply
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AnyCredentials, Api
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec.contract import contract
from tests.api.test_dispatch import ANYBODY, request
from tests.support.builders import PASSWORD, a_client, a_pool, a_user
from tests.support.service import hashed, sqlite_only

Body = dict[str, Any]
NAME = "jane"
CONTACT: Body = {"email": "jane@example.com", "email_verified": "true"}
STATES: dict[str, Body] = {
    "confirmed": CONTACT,
    "disabled": {**CONTACT, "enabled": False},
    "reset": {**CONTACT, "status": Status.RESET_REQUIRED},
    "unconfirmed": {"email": "jane@example.com", "status": Status.UNCONFIRMED},
    "invited": {**CONTACT, "temporary": True},
    "without a contact": {},
    "disabled, without a contact": {"enabled": False},
}


def password(entry: PoolEntry, client: ClientEntry, name: str, typed: str) -> Body:
    parameters = {"USERNAME": name, "PASSWORD": typed, **hashed(client, name)}
    return {"ClientId": client.client.id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}


def administrators(entry: PoolEntry, client: ClientEntry, name: str, typed: str) -> Body:
    sent = {**password(entry, client, name, typed), "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
    return {**sent, "UserPoolId": entry.pool.id}


def by_name(_entry: PoolEntry, client: ClientEntry, name: str, **more: str) -> Body:
    return {"ClientId": client.client.id, "Username": name, **hashed(client, name, "SecretHash"), **more}


REQUESTS: dict[str, tuple[str, Any]] = {
    "a wrong password": ("InitiateAuth", lambda e, c, n: password(e, c, n, "Wrong-Password-1")),
    "a right password": ("InitiateAuth", lambda e, c, n: password(e, c, n, PASSWORD)),
    "an administrator's wrong password": ("AdminInitiateAuth", lambda e, c, n: administrators(e, c, n, "Wrong-Password-1")),
    "an administrator's right password": ("AdminInitiateAuth", lambda e, c, n: administrators(e, c, n, PASSWORD)),
    "a forgotten password": ("ForgotPassword", by_name),
    "a code to confirm": ("ConfirmSignUp", lambda e, c, n: by_name(e, c, n, ConfirmationCode="000000")),
    "a code again": ("ResendConfirmationCode", by_name),
    "a code to reset": (
        "ConfirmForgotPassword", lambda e, c, n: by_name(e, c, n, ConfirmationCode="000000", Password="A-New-Password-8"),
    ),
}  # fmt: skip
EVERYBODY = tuple(STATES)
HIDDEN = [
    ("a wrong password", EVERYBODY),
    ("a right password", ("disabled", "disabled, without a contact", "reset")),
    ("an administrator's wrong password", EVERYBODY),
    ("an administrator's right password", ("disabled", "reset")),
    ("a forgotten password", ("disabled", "invited", "without a contact", "disabled, without a contact")),
    ("a code to confirm", EVERYBODY),
    ("a code again", ("confirmed", "disabled", "reset", "invited", "without a contact")),
    ("a code to reset", EVERYBODY),
]


async def answer(flow: Flow, row: str, entry: PoolEntry, client: ClientEntry, name: str = NAME) -> Reply:
    operation, body = REQUESTS[row]
    api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())
    signed = {"authorization": ANYBODY.replace("eu-west-1", "us-east-1")} if "Admin" in operation else {}
    assert ("Admin" in operation) == (contract().operations[operation].auth == "sigv4")
    return await api.handle(request(operation, body(entry, client, name), **signed))


def shown(reply: Reply) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All of the answer but the number of the request."""
    return reply.status, reply.body, [pair for pair in reply.headers if pair[0] != "x-amzn-RequestId"]


@pytest.mark.parametrize(("row", "state"), [(row, state) for row, states in HIDDEN for state in states])
@sqlite_only
async def test_an_answer_does_not_change_when_the_account_is_made(flow: Flow, row: str, state: str) -> None:
    entry = await a_pool(flow, auto_verified_attributes=["email"])
    client = await a_client(flow, entry, prevent_user_existence_errors="ENABLED")
    before = shown(await answer(flow, row, entry, client))

    await a_user(flow, entry, NAME, **STATES[state])

    assert before == shown(await answer(flow, row, entry, client))


WORDS = {
    "a wrong password": ("UserNotFoundException", "User does not exist."),
    "an administrator's wrong password": ("UserNotFoundException", "User does not exist."),
    "a forgotten password": ("UserNotFoundException", "Username/client id combination not found."),
    "a code to confirm": ("UserNotFoundException", "Username/client id combination not found."),
    "a code again": ("UserNotFoundException", "Username/client id combination not found."),
    "a code to reset": ("UserNotFoundException", "Username/client id combination not found."),
}


@pytest.mark.parametrize("mode", ["LEGACY", None])
@pytest.mark.parametrize("row", list(WORDS))
@sqlite_only
async def test_a_client_that_hides_nothing_tells_that_nobody_has_the_name(
    flow: Flow, row: str, mode: str | None
) -> None:
    entry = await a_pool(flow, auto_verified_attributes=["email"])
    client = await a_client(flow, entry, prevent_user_existence_errors=mode)

    error = msgspec.json.decode((await answer(flow, row, entry, client)).body)

    assert WORDS[row] == (error["__type"], error["message"])


@pytest.mark.parametrize(
    ("row", "state", "expected"),
    [
        ("a right password", "disabled", ("NotAuthorizedException", "User is disabled.")),
        ("a right password", "reset", ("PasswordResetRequiredException", "Password reset required for the user")),
        ("a right password", "unconfirmed", ("UserNotConfirmedException", "User is not confirmed.")),
        ("a forgotten password", "disabled", ("NotAuthorizedException", "User is disabled.")),
        (
            "a forgotten password", "invited",
            ("NotAuthorizedException", "User password cannot be reset in the current state."),
        ),
        (
            "a forgotten password", "without a contact",
            (
                "InvalidParameterException",
                "Cannot reset password for the user as there is no registered/verified email or phone_number",
            ),
        ),
        (
            "a code to confirm", "confirmed",
            ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"),
        ),
        ("a code again", "confirmed", ("InvalidParameterException", "User is already confirmed.")),
        (
            "a code to reset", "confirmed",
            ("ExpiredCodeException", "Invalid code provided, please request a code again."),
        ),
    ],
)  # fmt: skip
@sqlite_only
async def test_a_client_that_hides_nothing_tells_the_state(
    flow: Flow, row: str, state: str, expected: tuple[str, str]
) -> None:
    entry = await a_pool(flow, auto_verified_attributes=["email"])
    client = await a_client(flow, entry, prevent_user_existence_errors="LEGACY")
    await a_user(flow, entry, NAME, **STATES[state])

    error = msgspec.json.decode((await answer(flow, row, entry, client)).body)

    assert expected == (error["__type"], error["message"])


@sqlite_only
async def test_guesses_at_a_code_that_was_asked_for_run_the_same_course(flow: Flow) -> None:
    entry = await a_pool(flow, auto_verified_attributes=["email"])
    client = await a_client(flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(flow, entry, NAME, **CONTACT)
    courses = []
    for name in (NAME, "nobody"):
        await answer(flow, "a forgotten password", entry, client, name)
        courses.append([shown(await answer(flow, "a code to reset", entry, client, name)) for _ in range(22)])

    assert courses[0] == courses[1]
    assert b"CodeMismatchException" in courses[0][0][1]


@sqlite_only
async def test_wrong_passwords_lock_out_a_name_that_nobody_has_in_the_same_way(flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(flow, entry, NAME)

    known = [shown(await answer(flow, "a wrong password", entry, client)) for _ in range(7)]
    unknown = [shown(await answer(flow, "a wrong password", entry, client, "nobody")) for _ in range(7)]

    assert known == unknown
    assert b"Password attempts exceeded" in known[-1][1]


ADMINISTRATORS: dict[str, Body] = {
    "AdminAddUserToGroup": {"GroupName": "g"}, "AdminConfirmSignUp": {}, "AdminDeleteUser": {},
    "AdminDeleteUserAttributes": {"UserAttributeNames": ["name"]}, "AdminDisableUser": {}, "AdminEnableUser": {},
    "AdminGetUser": {}, "AdminListGroupsForUser": {}, "AdminRemoveUserFromGroup": {"GroupName": "g"},
    "AdminResetUserPassword": {}, "AdminSetUserMFAPreference": {}, "AdminUserGlobalSignOut": {},
    "AdminSetUserPassword": {"Password": PASSWORD, "Permanent": True},
    "AdminUpdateUserAttributes": {"UserAttributes": [{"Name": "name", "Value": "x"}]},
}  # fmt: skip


@pytest.mark.parametrize("operation", list(ADMINISTRATORS))
@sqlite_only
async def test_an_administrator_is_always_told(flow: Flow, operation: str) -> None:
    entry = await a_pool(flow)
    await a_client(flow, entry, prevent_user_existence_errors="ENABLED")
    api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())
    body = {"UserPoolId": entry.pool.id, "Username": "nobody", **ADMINISTRATORS[operation]}

    reply = await api.handle(request(operation, body, authorization=ANYBODY.replace("eu-west-1", "us-east-1")))

    assert {"__type": "UserNotFoundException", "message": "User does not exist."} == msgspec.json.decode(reply.body)
