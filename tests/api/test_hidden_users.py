"""Where the client hides who exists, a sequence of requests is answered alike, whoever the name belongs to, if anybody."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError
from tests.api.test_choice import allowing
from tests.api.test_choice import auth as choose
from tests.api.test_threat_protection import AWAY, PHONE, actions, add_ons
from tests.support.builders import PASSWORD, a_client, a_pool, a_user
from tests.support.service import Service, hashed, password_auth, sqlite_only

EMAIL: dict[str, Any] = {"email_verified": "true"}
Request = Callable[[Service, ClientEntry, str], Awaitable[dict[str, Any]]]
pytestmark = sqlite_only


async def with_a_password(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    return await service("InitiateAuth", **password_auth(client, name, "Wrong-Password-1"))


async def with_a_code(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    asked = await service("InitiateAuth", **choose(client, name, PREFERRED_CHALLENGE="EMAIL_OTP"))
    assert "EMAIL_OTP" == asked["ChallengeName"]
    return await service.respond(client, name, "EMAIL_OTP", asked["Session"], EMAIL_OTP_CODE="00000000")


async def with_a_chosen_password(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    asked = await service("InitiateAuth", **choose(client, name))
    given = {"ANSWER": "PASSWORD", "PASSWORD": "Wrong-Password-1"}
    return await service.respond(client, name, "SELECT_CHALLENGE", asked["Session"], **given)


async def with_a_device(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    body = password_auth(client, name, PASSWORD)
    body["AuthParameters"]["DEVICE_KEY"] = "us-east-1_00000000-0000-4000-8000-000000000000"
    return await service("InitiateAuth", **body)


async def forgetting(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    return await service("ForgotPassword", **named(client, name))


async def resetting(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    more = {"ConfirmationCode": "000000", "Password": "Battery-Staple-9"}
    return await service("ConfirmForgotPassword", **named(client, name), **more)


async def resending(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    return await service("ResendConfirmationCode", **named(client, name))


async def confirming(service: Service, client: ClientEntry, name: str) -> dict[str, Any]:
    return await service("ConfirmSignUp", **named(client, name), ConfirmationCode="000000")


def named(client: ClientEntry, name: str) -> dict[str, Any]:
    return {"ClientId": client.client.id, "Username": name, **hashed(client, name, "SecretHash")}


async def told(request: Awaitable[dict[str, Any]]) -> tuple[str, ...]:
    """An answer without what differs from session to session."""
    try:
        answer = await request
    except CognitoError as no:
        return no.code, no.message
    return tuple(sorted(answer))


@pytest.mark.parametrize("risk", [False, True])
@pytest.mark.parametrize(
    "request_of",
    [with_a_password, with_a_code, with_a_chosen_password, with_a_device, forgetting, resetting, resending, confirming],
)
async def test_a_name_that_nobody_has_is_answered_like_any_other(
    service: Service, request_of: Request, risk: bool
) -> None:
    add_on: dict[str, Any] = {"user_pool_add_ons": add_ons("ENFORCED")} if risk else {}
    device = shapes.DeviceConfigurationType(challenge_required_on_new_device=True)
    pool = await a_pool(
        service.flow, policies=allowing("EMAIL_OTP"), auto_verified_attributes=["email"],
        device_configuration=device, **add_on,
    )  # fmt: skip
    flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = await a_client(service.flow, pool, explicit_auth_flows=flows, prevent_user_existence_errors="ENABLED")
    for name in ("jane", "disabled"):
        await a_user(service.flow, pool, name, email=f"{name}@example.com", **EMAIL)
    await service("AdminDisableUser", UserPoolId=pool.pool.id, Username="disabled")
    if risk:
        await service("SetRiskConfiguration", UserPoolId=pool.pool.id, **actions(Medium="BLOCK"))
        assert await service.at(AWAY, PHONE).tokens(client, "jane")
        await service.flow.journal.flush(service.flow.database)
        service = service.at("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")

    found = {
        name: [await told(request_of(service, client, name)) for _ in range(24)]
        for name in ("jane", "disabled", "nobody")
    }

    assert found["nobody"] == found["jane"]
    assert found["nobody"] == found["disabled"]
