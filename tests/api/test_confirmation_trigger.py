"""The post confirmation trigger: told of a user once he is stored as confirmed."""

from typing import Any

import pytest
from aiohttp import web

from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import Status
from tests.support.builders import a_client, a_pool, a_user, last_code, the_user
from tests.support.hooks import HookServer, Refuse, arn, triggers
from tests.support.service import Service, hashed, sqlite_only

TRIGGER = triggers(post_confirmation="confirmed")


async def a_place(service: Service, **settings: Any) -> tuple[PoolEntry, ClientEntry]:
    entry = await a_pool(service.flow, auto_verified_attributes=["email"], **({"lambda_config": TRIGGER} | settings))
    return entry, await a_client(service.flow, entry)


def named(client: ClientEntry, **more: Any) -> dict[str, Any]:
    return {"ClientId": client.client.id, "Username": "jane", **hashed(client, "jane", "SecretHash"), **more}


async def signed_up(service: Service, entry: PoolEntry, client: ClientEntry) -> dict[str, Any]:
    """What confirms jane."""
    contact = [{"Name": "email", "Value": "jane@example.com"}]
    await service("SignUp", **named(client, Password="Correct-Horse-7", UserAttributes=contact))
    return named(client, ConfirmationCode=await last_code(service.flow, entry), ClientMetadata={"a": "b"})


async def test_who_confirms_a_sign_up_is_told_of(hooked: Service, hook_server: HookServer) -> None:
    hook_server.on["confirmed"] = lambda _: {}
    entry, client = await a_place(hooked)
    confirmation = await signed_up(hooked, entry, client)
    assert [] == hook_server.events
    await hooked("ConfirmSignUp", **confirmation)
    event = hook_server.events[0]
    user = await the_user(hooked.flow, entry, "jane")
    assert ("PostConfirmation_ConfirmSignUp", "jane", client.client.id) == (
        event["triggerSource"], event["userName"], event["callerContext"]["clientId"],
    )  # fmt: skip
    attributes = {
        "sub": user.sub, "cognito:user_status": "CONFIRMED", "email": "jane@example.com", "email_verified": "true",
    }  # fmt: skip
    assert {"userAttributes": attributes, "clientMetadata": {"a": "b"}} == event["request"]
    assert {} == event["response"]


@sqlite_only
async def test_an_administrators_confirmation_has_no_client(hooked: Service, hook_server: HookServer) -> None:
    hook_server.on["confirmed"] = lambda _: {}
    entry, client = await a_place(hooked)
    await signed_up(hooked, entry, client)
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    await hooked("AdminConfirmSignUp", **whom, ClientMetadata={"c": "d"})
    event = hook_server.events[0]
    assert "CLIENT_ID_NOT_APPLICABLE" == event["callerContext"]["clientId"]
    assert ("PostConfirmation_ConfirmSignUp", {"c": "d"}) == (
        event["triggerSource"], event["request"]["clientMetadata"],
    )  # fmt: skip


@sqlite_only
async def test_a_recovered_password_is_told_of(hooked: Service, hook_server: HookServer) -> None:
    hook_server.on["confirmed"] = lambda _: {}
    entry, client = await a_place(hooked)
    await a_user(hooked.flow, entry, "jane", email="jane@example.com", email_verified="true")
    await hooked("ForgotPassword", **named(client))
    code = await last_code(hooked.flow, entry)
    change = named(client, ConfirmationCode=code, Password="Another-Secret-9", ClientMetadata={"a": "b"})
    await hooked("ConfirmForgotPassword", **change)
    assert ["PostConfirmation_ConfirmForgotPassword"] == hook_server.sources()
    assert {"a": "b"} == hook_server.events[0]["request"]["clientMetadata"]
    assert (await hooked.tokens(client, "jane", "Another-Secret-9"))["AccessToken"]


@sqlite_only
async def test_an_error_is_told_and_leaves_the_user_confirmed(hooked: Service, hook_server: HookServer) -> None:
    def refuse(_: object) -> None:
        raise Refuse("Not today")

    hook_server.on["confirmed"] = refuse
    entry, client = await a_place(hooked)
    told = ("UserLambdaValidationException", "PostConfirmation failed with error Not today.")
    assert told == await hooked.refusal("ConfirmSignUp", **await signed_up(hooked, entry, client))
    assert Status.CONFIRMED is (await the_user(hooked.flow, entry, "jane")).status


@sqlite_only
async def test_who_is_not_confirmed_is_not_told_of(hooked: Service, hook_server: HookServer) -> None:
    entry, client = await a_place(hooked)
    confirmation = await signed_up(hooked, entry, client) | {"ConfirmationCode": "000000"}
    code, _ = await hooked.refusal("ConfirmSignUp", **confirmation)
    assert "CodeMismatchException" == code
    whom = {"UserPoolId": entry.pool.id, "Username": "invited"}
    await hooked("AdminCreateUser", **whom, MessageAction="SUPPRESS", TemporaryPassword="Correct-Horse-7")
    assert [] == hook_server.events


@pytest.mark.parametrize("answer", [None, [], "x"])
@sqlite_only
async def test_an_answer_of_another_form_is_told(hooked: Service, hook_server: HookServer, answer: object) -> None:
    async def reply(_request: web.Request, _body: bytes) -> web.StreamResponse:
        return web.json_response({"response": answer})

    hook_server.raw = reply
    entry, client = await a_place(hooked)
    confirmation = await signed_up(hooked, entry, client)
    told = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
    assert told == await hooked.refusal("ConfirmSignUp", **confirmation)


@sqlite_only
async def test_a_function_that_nobody_configured_is_told(hooked: Service) -> None:
    config = triggers(post_confirmation="elsewhere")
    assert arn("elsewhere") == config.post_confirmation
    entry, client = await a_place(hooked, lambda_config=config)
    code, _ = await hooked.refusal("ConfirmSignUp", **await signed_up(hooked, entry, client))
    assert "UnexpectedLambdaException" == code
