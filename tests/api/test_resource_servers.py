"""Resource servers and their scopes."""

from typing import Any

import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from tests.api.administrator import Ask, missing_pool, pages, refusal, sqlite_only
from tests.support.builders import a_pool, the_pool

ID = "https://photos.example"
SCOPES = [
    {"ScopeName": "write", "ScopeDescription": "change photos"},
    {"ScopeName": "read", "ScopeDescription": "see photos"},
]


def not_found(identifier: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Resource server {identifier} does not exist."


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow)


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def test_a_new_server_has_its_scopes_in_their_order(ask: Ask, at: dict[str, Any]) -> None:
    made = await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos", Scopes=SCOPES)

    assert {**at, "Identifier": ID, "Name": "Photos", "Scopes": SCOPES} == made["ResourceServer"]
    assert made == await ask("DescribeResourceServer", **at, Identifier=ID)


async def test_a_server_without_scopes_shows_none(ask: Ask, at: dict[str, Any]) -> None:
    made = await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos")

    assert {**at, "Identifier": ID, "Name": "Photos"} == made["ResourceServer"]


async def test_an_identifier_is_taken_once_in_a_pool(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos")

    expected = ("InvalidParameterException", f"{ID} already exists in user pool {at['UserPoolId']}.")
    assert expected == await refusal(ask, "CreateResourceServer", **at, Identifier=ID, Name="Others")
    await ask("CreateResourceServer", UserPoolId=(await a_pool(flow)).pool.id, Identifier=ID, Name="Photos")


async def test_an_update_replaces_name_and_scopes(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos", Scopes=SCOPES)
    assert (await the_pool(flow, pool.pool.id)).has_scope(f"{ID}/write")

    changed = await ask("UpdateResourceServer", **at, Identifier=ID, Name="Pictures", Scopes=SCOPES[1:])

    assert {**at, "Identifier": ID, "Name": "Pictures", "Scopes": SCOPES[1:]} == changed["ResourceServer"]
    assert changed == await ask("DescribeResourceServer", **at, Identifier=ID)
    assert not (await the_pool(flow, pool.pool.id)).has_scope(f"{ID}/write")
    without = await ask("UpdateResourceServer", **at, Identifier=ID, Name="Pictures")
    assert "Scopes" not in without["ResourceServer"]


async def test_updating_with_what_is_described_changes_nothing(ask: Ask, at: dict[str, Any]) -> None:
    await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos", Scopes=SCOPES)
    described = await ask("DescribeResourceServer", **at, Identifier=ID)

    await ask("UpdateResourceServer", **described["ResourceServer"])

    assert described == await ask("DescribeResourceServer", **at, Identifier=ID)


async def test_a_deleted_server_is_gone(ask: Ask, at: dict[str, Any]) -> None:
    await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos")

    assert {} == await ask("DeleteResourceServer", **at, Identifier=ID)

    assert not_found(ID) == await refusal(ask, "DescribeResourceServer", **at, Identifier=ID)


@pytest.mark.parametrize("operation", ["DescribeResourceServer", "UpdateResourceServer", "DeleteResourceServer"])
async def test_an_unknown_server_is_not_found(ask: Ask, flow: Flow, at: dict[str, Any], operation: str) -> None:
    theirs = {"UserPoolId": (await a_pool(flow)).pool.id}
    await ask("CreateResourceServer", **theirs, Identifier=ID, Name="Photos")
    body = {"Name": "Photos"} if operation == "UpdateResourceServer" else {}

    assert not_found(ID) == await refusal(ask, operation, **at, **body, Identifier=ID)
    assert "Photos" == (await ask("DescribeResourceServer", **theirs, Identifier=ID))["ResourceServer"]["Name"]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("CreateResourceServer", {"Identifier": ID, "Name": "Photos"}),
        ("DescribeResourceServer", {"Identifier": ID}),
        ("UpdateResourceServer", {"Identifier": ID, "Name": "Photos"}),
        ("DeleteResourceServer", {"Identifier": ID}),
        ("ListResourceServers", {"MaxResults": 5}),
    ],
)
async def test_a_pool_is_known_in_its_region_only(
    ask: Ask, at: dict[str, Any], operation: str, body: dict[str, Any]
) -> None:
    if operation != "CreateResourceServer":
        await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos")

    assert missing_pool(at["UserPoolId"]) == await refusal(ask, operation, region="eu-west-1", **at, **body)
    assert missing_pool("us-east-1_No") == await refusal(ask, operation, UserPoolId="us-east-1_No", **body)


@sqlite_only
async def test_scope_names_are_unique_in_a_server(ask: Ask, at: dict[str, Any]) -> None:
    expected = ("InvalidParameterException", "Scope names of a resource server must be unique.")
    body: dict[str, Any] = {"Identifier": ID, "Name": "Photos", "Scopes": [SCOPES[0], SCOPES[0]]}

    assert expected == await refusal(ask, "CreateResourceServer", **at, **body)
    await ask("CreateResourceServer", **at, Identifier=ID, Name="Photos")
    assert expected == await refusal(ask, "UpdateResourceServer", **at, **body)


@sqlite_only
@pytest.mark.parametrize("identifier", ["aws.cognito", "aws.cognito/dcr", "aws.cognito.signin.user.admin"])
async def test_the_service_s_own_identifiers_are_reserved(ask: Ask, at: dict[str, Any], identifier: str) -> None:
    refused = await refusal(ask, "CreateResourceServer", **at, Identifier=identifier, Name="Mine")

    assert ("InvalidParameterException", "Resource server identifiers that begin with aws.cognito are reserved.") == (
        refused
    )


async def test_a_pool_has_at_most_25_servers(ask: Ask, at: dict[str, Any]) -> None:
    for number in range(25):
        await ask("CreateResourceServer", **at, Identifier=f"s{number}", Name="Photos")

    expected = ("LimitExceededException", "A user pool cannot have more than 25 resource servers.")
    assert expected == await refusal(ask, "CreateResourceServer", **at, Identifier="one-more", Name="Photos")


async def test_servers_come_in_pages(ask: Ask, at: dict[str, Any]) -> None:
    names = [f"s{number}" for number in range(5)]
    for name in names:
        await ask("CreateResourceServer", **at, Identifier=name, Name="Photos")

    listed = await pages(ask, "ListResourceServers", "ResourceServers", **at, MaxResults=2)
    assert [names[:2], names[2:4], names[4:]] == [[server["Identifier"] for server in page] for page in listed]
    assert [5] == [len(page) for page in await pages(ask, "ListResourceServers", "ResourceServers", **at)]
    bad = ("InvalidParameterException", "Invalid pagination token")
    assert bad == await refusal(ask, "ListResourceServers", **at, NextToken="x")
