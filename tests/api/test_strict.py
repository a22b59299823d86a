"""The setting ``strict``: the service's refusals, where we do what was asked by default."""

import asyncio
from typing import Any

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.errors import CognitoError
from tests.api.administrator import Ask, refusal, sqlite_only
from tests.support.builders import a_client, a_pool, a_user
from tests.support.fixtures import in_strict_mode


async def both(ask: Ask, operation: str, **body: Any) -> list[str]:
    """The codes of the refusals when *operation* is called twice at once."""
    answers = await asyncio.gather(*(ask(operation, **body) for _ in range(2)), return_exceptions=True)
    return [answer.code for answer in answers if isinstance(answer, CognitoError)]


@sqlite_only  # there both have read before one writes
@in_strict_mode
async def test_the_later_of_two_changes_is_refused(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    at = {"UserPoolId": entry.pool.id}
    refused = ["ConcurrentModificationException"]

    assert refused == await both(ask, "UpdateUserPool", **at, PoolName="Pictures")
    totp = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    assert refused == await both(ask, "SetUserPoolMfaConfig", **at, MfaConfiguration="ON", **totp)
    assert refused == await both(ask, "UpdateUserPoolClient", **at, ClientId=client.client.id, ClientName="x")


@in_strict_mode
async def test_one_change_after_the_other_is_made(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    at = {"UserPoolId": entry.pool.id}

    for name in ("one", "two"):
        await ask("UpdateUserPool", **at, PoolName=name)
        await ask("UpdateUserPoolClient", **at, ClientId=client.client.id, ClientName=name)

    assert "two" == (await ask("DescribeUserPool", **at))["UserPool"]["Name"]


async def test_both_of_two_changes_are_made_by_default(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry)
    at = {"UserPoolId": entry.pool.id}

    assert [] == await both(ask, "UpdateUserPool", **at, PoolName="Pictures")
    assert [] == await both(ask, "UpdateUserPoolClient", **at, ClientId=client.client.id, ClientName="x")


@sqlite_only
@in_strict_mode
async def test_a_list_of_users_is_refused_when_one_lacks_an_attribute(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow)
    await a_user(flow, entry, "ann", None, email="ann@example.com", name="Ann")
    await a_user(flow, entry, "bob", None, email="bob@example.com")
    at = {"UserPoolId": entry.pool.id}

    listed = await ask("ListUsers", **at, AttributesToGet=["sub", "email"])
    assert 2 == len(listed["Users"])
    expected = ("InvalidParameterException", "One or more requested attributes do not exist.")
    assert expected == await refusal(ask, "ListUsers", **at, AttributesToGet=["name"])
