"""The one or two secrets of an app client."""

import re
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.store import clients as store
from tests.api.administrator import Ask, refusal
from tests.support.builders import a_client, a_pool, the_client

OWN = "a_secret_of_our_own_choice"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow)


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry, clock: FixedClock) -> ClientEntry:
    made = await a_client(flow, pool)
    clock.advance(60)
    return made


@pytest.fixture
def of(client: ClientEntry) -> dict[str, Any]:
    return {"UserPoolId": client.client.pool_id, "ClientId": client.client.id}


async def test_a_generated_secret_is_shown_once_and_works_beside_the_first(
    ask: Ask, flow: Flow, client: ClientEntry, of: dict[str, Any], clock: FixedClock
) -> None:
    made = (await ask("AddUserPoolClientSecret", **of))["ClientSecretDescriptor"]

    value = made.pop("ClientSecretValue")
    assert re.fullmatch(r"[0-9a-v]{52}", value)
    now = clock.now_ms()
    assert {"ClientSecretId": f"{of['ClientId']}--{now}", "ClientSecretCreateDate": now / 1000} == made
    assert (*client.secrets, value) == (await the_client(flow, of["ClientId"])).secrets
    assert client.secrets[0] == (await ask("DescribeUserPoolClient", **of))["UserPoolClient"]["ClientSecret"]


async def test_a_given_secret_is_not_repeated(ask: Ask, flow: Flow, client: ClientEntry, of: dict[str, Any]) -> None:
    made = (await ask("AddUserPoolClientSecret", **of, ClientSecret=OWN))["ClientSecretDescriptor"]

    assert {"ClientSecretId", "ClientSecretCreateDate"} == made.keys()
    assert (*client.secrets, OWN) == (await the_client(flow, of["ClientId"])).secrets


async def test_the_list_has_no_values(ask: Ask, of: dict[str, Any], clock: FixedClock) -> None:
    added = (await ask("AddUserPoolClientSecret", **of, ClientSecret=OWN))["ClientSecretDescriptor"]

    listed = await ask("ListUserPoolClientSecrets", **of)

    first = clock.now_ms() - 60_000
    oldest = {"ClientSecretId": f"{of['ClientId']}--{first}", "ClientSecretCreateDate": first / 1000}
    assert {"ClientSecrets": [oldest, added]} == listed
    bad = ("InvalidParameterException", "Invalid pagination token")
    assert bad == await refusal(ask, "ListUserPoolClientSecrets", **of, NextToken="x")


async def test_a_client_has_at_most_two_secrets(ask: Ask, of: dict[str, Any], clock: FixedClock) -> None:
    await ask("AddUserPoolClientSecret", **of)
    clock.advance(1)

    expected = ("LimitExceededException", "A client cannot have more than 2 secrets.")
    assert expected == await refusal(ask, "AddUserPoolClientSecret", **of)


async def test_a_public_client_stays_public(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    public = (await a_client(flow, pool, secret=False)).client
    of = {"UserPoolId": public.pool_id, "ClientId": public.id}

    expected = ("InvalidParameterException", f"Client {public.id} is not configured for secret.")
    assert expected == await refusal(ask, "AddUserPoolClientSecret", **of)
    assert {"ClientSecrets": []} == await ask("ListUserPoolClientSecrets", **of)


async def test_a_deleted_secret_no_longer_works(ask: Ask, flow: Flow, client: ClientEntry, of: dict[str, Any]) -> None:
    await ask("AddUserPoolClientSecret", **of, ClientSecret=OWN)
    await the_client(flow, client.client.id)
    oldest = (await ask("ListUserPoolClientSecrets", **of))["ClientSecrets"][0]["ClientSecretId"]

    assert {} == await ask("DeleteUserPoolClientSecret", **of, ClientSecretId=oldest)

    assert (OWN,) == (await the_client(flow, client.client.id)).secrets
    assert OWN == (await ask("DescribeUserPoolClient", **of))["UserPoolClient"]["ClientSecret"]


async def test_the_last_secret_stays(ask: Ask, flow: Flow, client: ClientEntry, of: dict[str, Any]) -> None:
    only = (await ask("ListUserPoolClientSecrets", **of))["ClientSecrets"][0]["ClientSecretId"]

    expected = ("InvalidParameterException", "The last secret of a client cannot be deleted.")
    assert expected == await refusal(ask, "DeleteUserPoolClientSecret", **of, ClientSecretId=only)
    assert client.secrets == (await the_client(flow, client.client.id)).secrets


async def test_an_unknown_secret_is_not_found(ask: Ask, flow: Flow, pool: PoolEntry, of: dict[str, Any]) -> None:
    other = (await a_client(flow, pool)).client
    theirs = (await ask("ListUserPoolClientSecrets", **{**of, "ClientId": other.id}))["ClientSecrets"][0]

    for secret_id in ("none", theirs["ClientSecretId"]):
        expected = ("ResourceNotFoundException", f"Client secret {secret_id} does not exist.")
        assert expected == await refusal(ask, "DeleteUserPoolClientSecret", **of, ClientSecretId=secret_id)


async def test_two_secrets_of_one_millisecond_are_not_confused(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    client = (await a_client(flow, pool)).client
    of = {"UserPoolId": client.pool_id, "ClientId": client.id}

    assert ("TooManyRequestsException", "Rate exceeded") == await refusal(ask, "AddUserPoolClientSecret", **of)


async def test_a_client_that_registered_itself_manages_its_own_secrets(
    ask: Ask, flow: Flow, client: ClientEntry, of: dict[str, Any]
) -> None:
    settings = msgspec.structs.replace(client.client.settings, client_type="DCR")
    registered = msgspec.structs.replace(client.client, settings=settings)

    async def unit(tx: Tx) -> bool:
        return await store.replace_client(tx, registered, old_version=0)

    assert await flow.database.write(unit)

    expected = (
        "InvalidParameterException",
        f"Client {client.client.id} was registered dynamically; its secrets cannot be managed.",
    )
    assert expected == await refusal(ask, "AddUserPoolClientSecret", **of)
    assert expected == await refusal(ask, "ListUserPoolClientSecrets", **of)
    assert expected == await refusal(ask, "DeleteUserPoolClientSecret", **of, ClientSecretId="x")
