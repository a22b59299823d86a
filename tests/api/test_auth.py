"""Signing in with a password, and every gate before the tokens."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.user import Status
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, a_client, a_pool, a_user, reconfigure
from tests.support.service import (
    DISABLED,
    LOCKED_OUT,
    WRONG_PASSWORD,
    Service,
    admin_auth,
    hashed,
    password_auth,
    race,
    sqlite_only,
)

UNKNOWN = ("UserNotFoundException", "User does not exist.")
FLOW_OFF = ("InvalidParameterException", "Auth flow not enabled for this client")
NO_METHOD = ("InvalidParameterException", "Initiate Auth method not supported.")


async def test_a_password_gives_three_tokens(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    answer = await service.sign_in(client, "jane")
    assert {} == answer["ChallengeParameters"]
    assert {"AccessToken", "IdToken", "RefreshToken", "ExpiresIn", "TokenType"} == answer["AuthenticationResult"].keys()
    assert answer["AuthenticationResult"]["TokenType"] == "Bearer"
    assert answer["AuthenticationResult"]["ExpiresIn"] == 3600
    claims = entry.verifier.verify(answer["AuthenticationResult"]["AccessToken"])
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert claims["username"] == "jane"


async def test_an_administrator_signs_a_user_in_and_the_client_must_be_the_pools(service: Service) -> None:
    entry, other = await a_pool(service.flow), await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    for name in ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"):
        answer = await service("AdminInitiateAuth", **admin_auth(entry, client, "jane") | {"AuthFlow": name})
        assert "RefreshToken" in answer["AuthenticationResult"]
    expected = ("ResourceNotFoundException", f"User pool client {client.client.id} does not exist.")
    assert expected == await service.refusal("AdminInitiateAuth", **admin_auth(other, client, "jane"))


@pytest.mark.parametrize("name", ["jane", "JANE"])
async def test_a_user_signs_in_by_username_in_the_case_that_the_pool_compares(service: Service, name: str) -> None:
    flow = service.flow
    folded = await a_pool(flow, username_configuration=shapes.UsernameConfigurationType(case_sensitive=False))
    client = await a_client(flow, folded)
    user = await a_user(flow, folded, "Jane")
    assert (await service.tokens(client, name))["AccessToken"]
    assert (await service.tokens(client, user.sub))["AccessToken"]
    exact = await a_pool(flow)
    client = await a_client(flow, exact)
    await a_user(flow, exact, "Jane")
    assert UNKNOWN == await service.refusal("InitiateAuth", **password_auth(client, name))


async def test_an_alias_signs_in_once_it_is_verified(service: Service) -> None:
    flow = service.flow
    entry = await a_pool(flow, alias_attributes=["email"])
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane", email="jane@example.com", email_verified="true")
    await a_user(flow, entry, "joe", email="joe@example.com", email_verified="false")
    assert (await service.tokens(client, "jane@example.com"))["AccessToken"]
    assert UNKNOWN == await service.refusal("InitiateAuth", **password_auth(client, "joe@example.com"))


@pytest.mark.parametrize(
    ("auth_flow", "flows", "expected"),
    [
        ("USER_PASSWORD_AUTH", ["ALLOW_USER_SRP_AUTH"],
         ("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client")),
        ("USER_SRP_AUTH", ["ALLOW_USER_PASSWORD_AUTH"], FLOW_OFF),
        ("USER_SRP_AUTH", ["CUSTOM_AUTH_FLOW_ONLY"], FLOW_OFF),
        ("REFRESH_TOKEN_AUTH", ["ALLOW_USER_PASSWORD_AUTH"], FLOW_OFF),
        ("CUSTOM_AUTH", ["ALLOW_USER_PASSWORD_AUTH"], FLOW_OFF),
        ("USER_AUTH", ["ALLOW_USER_PASSWORD_AUTH"], FLOW_OFF),
        ("USER_AUTH", ["ALLOW_CUSTOM_AUTH"], FLOW_OFF),
        ("ADMIN_USER_PASSWORD_AUTH", ["ALLOW_ADMIN_USER_PASSWORD_AUTH"], NO_METHOD),
        ("ADMIN_NO_SRP_AUTH", ["ADMIN_NO_SRP_AUTH"], NO_METHOD),
        ("CUSTOM_AUTH", None,
         ("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")),
    ],
)  # fmt: skip
@sqlite_only
async def test_a_flow_must_be_on_and_be_of_this_operation(
    service: Service, auth_flow: str, flows: list[str] | None, expected: tuple[str, str]
) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, secret=False, explicit_auth_flows=flows)
    await a_user(service.flow, entry, "jane")
    body: dict[str, Any] = {
        "ClientId": client.client.id,
        "AuthFlow": auth_flow,
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD, "SRP_A": "ff", "REFRESH_TOKEN": "x"},
    }
    assert expected == await service.refusal("InitiateAuth", **body)


@sqlite_only
async def test_the_clients_password_flow_is_not_the_administrators(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH"])
    await a_user(service.flow, entry, "jane")
    assert FLOW_OFF == await service.refusal("AdminInitiateAuth", **admin_auth(entry, client, "jane"))
    body = admin_auth(entry, client, "jane") | {"AuthFlow": "USER_PASSWORD_AUTH"}
    assert NO_METHOD == await service.refusal("AdminInitiateAuth", **body)


@pytest.mark.parametrize("missing", ["USERNAME", "PASSWORD"])
@pytest.mark.parametrize("given", [{}, {"": ""}, "empty"])
@sqlite_only
async def test_a_missing_or_empty_parameter_is_named(service: Service, missing: str, given: Any) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, secret=False)
    await a_user(service.flow, entry, "jane")
    parameters = {"USERNAME": "jane", "PASSWORD": PASSWORD} | ({missing: ""} if given == "empty" else {})
    if given != "empty":
        del parameters[missing]
    body = {"ClientId": client.client.id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    expected = ("InvalidParameterException", f"Missing required parameter {missing}")
    assert expected == await service.refusal("InitiateAuth", **body)


@sqlite_only
async def test_a_confidential_client_shows_the_hash_of_its_secret(service: Service) -> None:
    entry = await a_pool(service.flow)
    client, public = await a_client(service.flow, entry), await a_client(service.flow, entry, secret=False)
    await a_user(service.flow, entry, "jane")
    name = client.client.id
    bare = password_auth(client, "jane")
    del bare["AuthParameters"]["SECRET_HASH"]
    expected = ("NotAuthorizedException", f"Client {name} is configured with secret but SECRET_HASH was not received")
    assert expected == await service.refusal("InitiateAuth", **bare)
    for wrong in (hashed(client, "joe"), {"SECRET_HASH": "x"}):
        bare["AuthParameters"] |= wrong
        expected = ("NotAuthorizedException", f"Unable to verify secret hash for client {name}")
        assert expected == await service.refusal("InitiateAuth", **bare)
    surplus = password_auth(public, "jane")
    surplus["AuthParameters"] |= hashed(client, "jane")
    code, _ = await service.refusal("InitiateAuth", **surplus)
    assert code == "NotAuthorizedException"


@sqlite_only
async def test_a_client_nobody_knows_is_refused(service: Service) -> None:
    body = {"ClientId": "nobody", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {}}
    expected = ("ResourceNotFoundException", "User pool client nobody does not exist.")
    assert expected == await service.refusal("InitiateAuth", **body)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.UNCONFIRMED, ("UserNotConfirmedException", "User is not confirmed.")),
        (Status.RESET_REQUIRED, ("PasswordResetRequiredException", "Password reset required for the user")),
    ],
)
@sqlite_only
async def test_a_status_is_told_after_the_right_password_only(
    service: Service, status: Status, expected: tuple[str, str]
) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", status=status)
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, "jane", "wrong"))
    assert expected == await service.refusal("InitiateAuth", **password_auth(client, "jane"))


@sqlite_only
async def test_a_temporary_password_expires(service: Service, clock: FixedClock) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", temporary=True)
    clock.advance(7 * 86_400 - 1)
    assert (await service.sign_in(client, "jane"))["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    clock.advance(1)
    expected = "Temporary password has expired and must be reset by an administrator."
    assert expected == (await service.refusal("InitiateAuth", **password_auth(client, "jane")))[1]


@sqlite_only
async def test_a_disabled_user_is_refused_whatever_the_password(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane", enabled=False)
    for password in (PASSWORD, "wrong"):
        assert DISABLED == await service.refusal("InitiateAuth", **password_auth(client, "jane", password))


@pytest.mark.parametrize(
    ("user", "password"),
    [("nobody", PASSWORD), ("disabled", PASSWORD), ("disabled", "wrong"), ("reset", PASSWORD), ("jane", "wrong")],
)
@sqlite_only
async def test_a_client_that_hides_who_exists_says_one_thing(service: Service, user: str, password: str) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    await a_user(service.flow, entry, "jane")
    await a_user(service.flow, entry, "disabled", enabled=False)
    await a_user(service.flow, entry, "reset", status=Status.RESET_REQUIRED)
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, user, password))
    assert WRONG_PASSWORD == await service.refusal("AdminInitiateAuth", **admin_auth(entry, client, user, password))


@sqlite_only
async def test_a_client_that_does_not_hide_tells_an_unknown_user(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    assert UNKNOWN == await service.refusal("InitiateAuth", **password_auth(client, "nobody"))


@pytest.mark.parametrize("hides", ["ENABLED", "LEGACY"])
async def test_five_failures_lock_a_user_out_for_longer_each_time(
    service: Service, clock: FixedClock, hides: str
) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry, prevent_user_existence_errors=hides)
    await a_user(service.flow, entry, "jane")
    wrong = password_auth(client, "jane", "wrong")
    for _ in range(5):
        assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **wrong)
    for seconds in (1, 2, 4):
        assert LOCKED_OUT == await service.refusal("InitiateAuth", **password_auth(client, "jane"))
        clock.advance(seconds - 1)
        assert LOCKED_OUT == await service.refusal("InitiateAuth", **wrong)
        clock.advance(1)
        assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **wrong)
    clock.advance(900)
    assert (await service.tokens(client, "jane"))["AccessToken"]
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **wrong)


@sqlite_only
async def test_a_right_password_forgets_the_failures(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    for _ in range(3):
        for _ in range(4):
            assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, "jane", "wrong"))
        assert (await service.tokens(client, "jane"))["AccessToken"]


@sqlite_only
async def test_an_alias_or_another_spelling_opens_no_second_lockout(service: Service) -> None:
    """CVE-2025-24806, CVE-2026-47203, CVE-2026-48794."""
    flow = service.flow
    entry = await a_pool(
        flow,
        alias_attributes=["email"],
        username_configuration=shapes.UsernameConfigurationType(case_sensitive=False),
    )
    client, other = await a_client(flow, entry), await a_client(flow, entry)
    user = await a_user(flow, entry, "Jane", email="jane@example.com", email_verified="true")
    names = ["jane", "JANE", "jane@example.com", "Jane@Example.com", user.sub]
    for number, name in enumerate(names):
        body = password_auth(client if number % 2 else other, name, "wrong")
        assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **body)
    for name in names:
        assert LOCKED_OUT == await service.refusal("InitiateAuth", **password_auth(client, name))
    assert LOCKED_OUT == await service.refusal("AdminInitiateAuth", **admin_auth(entry, client, "jane"))


@sqlite_only
async def test_a_name_that_nobody_has_is_locked_out_like_any_where_that_is_hidden(service: Service) -> None:
    folding = shapes.UsernameConfigurationType(case_sensitive=False)
    entry = await a_pool(service.flow, username_configuration=folding)
    client = await a_client(service.flow, entry, prevent_user_existence_errors="ENABLED")
    for name in ("nobody", "Nobody", "NOBODY", "nobody", "nobody"):
        assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, name))
    assert LOCKED_OUT == await service.refusal("InitiateAuth", **password_auth(client, "nobody"))


async def test_parallel_guesses_cannot_exceed_the_limit_cve_2024_1722(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    served, refused = await race(
        service("InitiateAuth", **password_auth(client, "jane", f"wrong {number}")) for number in range(30)
    )
    assert [] == served
    assert 5 == refused.count(WRONG_PASSWORD)
    # those who wait for a hash too long are turned away without having guessed
    assert {WRONG_PASSWORD, LOCKED_OUT} == set(refused) - {("TooManyRequestsException", "Rate exceeded")}


async def test_a_right_guess_among_too_many_parallel_ones_does_not_pass(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    guesses = ["wrong"] * 25 + [PASSWORD]
    served, refused = await race(service("InitiateAuth", **password_auth(client, "jane", each)) for each in guesses)
    assert 5 >= refused.count(WRONG_PASSWORD)
    assert len(served) + refused.count(WRONG_PASSWORD) <= 6


@pytest.mark.parametrize("trigger", ["pre_authentication", "post_authentication", "pre_token_generation"])
@sqlite_only
async def test_a_trigger_that_cannot_run_stops_the_sign_in(service: Service, trigger: str) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    lambdas = msgspec.structs.replace(shapes.LambdaConfigType(), **{trigger: arn})
    await reconfigure(service.flow, entry, lambda_config=lambdas)
    code, _ = await service.refusal("InitiateAuth", **password_auth(client, "jane"))
    assert code == "UnexpectedLambdaException"


@sqlite_only
async def test_a_device_nobody_registered_is_unknown(service: Service) -> None:
    entry = await a_pool(service.flow)
    client = await a_client(service.flow, entry)
    await a_user(service.flow, entry, "jane")
    body = password_auth(client, "jane")
    body["AuthParameters"]["DEVICE_KEY"] = "us-east-1_1234"
    expected = ("ResourceNotFoundException", "Device does not exist.")
    assert expected == await service.refusal("InitiateAuth", **body)


@sqlite_only
async def test_a_user_without_a_password_cannot_sign_in_with_one(flow: Flow, service: Service) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    await a_user(flow, entry, "jane", None, status=Status.EXTERNAL_PROVIDER)
    assert WRONG_PASSWORD == await service.refusal("InitiateAuth", **password_auth(client, "jane"))

    async def found(tx: ReadTx) -> bool:
        return await people.find(tx, entry.pool, "jane") is not None

    assert await flow.database.read(found)
