"""Groups and membership."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.pool import Group
from poolhouse.pool.store import groups as store
from tests.api.administrator import Ask, missing_pool, pages, refusal
from tests.support.builders import a_pool, a_user

ROLE = "arn:aws:iam::123456789012:role/editors"
NOT_FOUND = ("ResourceNotFoundException", "Group not found.")
NO_USER = ("UserNotFoundException", "User does not exist.")


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow)


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def test_a_new_group_has_what_was_given(ask: Ask, at: dict[str, Any], clock: FixedClock) -> None:
    made = await ask("CreateGroup", **at, GroupName="editors", Description="who edit", RoleArn=ROLE, Precedence=0)

    expected = {
        **at,
        "GroupName": "editors",
        "Description": "who edit",
        "RoleArn": ROLE,
        "Precedence": 0,
        "CreationDate": clock.now_ms() / 1000,
        "LastModifiedDate": clock.now_ms() / 1000,
    }
    assert expected == made["Group"]
    assert expected == (await ask("GetGroup", **at, GroupName="editors"))["Group"]


async def test_what_a_group_does_not_have_is_not_shown(ask: Ask, at: dict[str, Any]) -> None:
    made = (await ask("CreateGroup", **at, GroupName="plain"))["Group"]

    assert {"UserPoolId", "GroupName", "CreationDate", "LastModifiedDate"} == made.keys()


async def test_a_group_name_is_taken_once_in_a_pool(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await ask("CreateGroup", **at, GroupName="editors")

    taken = ("GroupExistsException", "A group with the name already exists.")
    assert taken == await refusal(ask, "CreateGroup", **at, GroupName="editors")
    await ask("CreateGroup", **at, GroupName="Editors")
    await ask("CreateGroup", UserPoolId=(await a_pool(flow)).pool.id, GroupName="editors")


async def test_a_pool_has_at_most_10_000_groups(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    group = Group(pool_id=pool.pool.id, name="", created_ms=0, modified_ms=0)

    async def fill(tx: Tx) -> None:
        for number in range(9_999):
            await store.put_group(tx, msgspec.structs.replace(group, name=f"g{number}"))

    await flow.database.write(fill)
    await ask("CreateGroup", **at, GroupName="the-last")

    expected = ("LimitExceededException", "A user pool cannot have more than 10000 groups.")
    assert expected == await refusal(ask, "CreateGroup", **at, GroupName="one-more")


async def test_an_update_keeps_what_is_not_given(ask: Ask, at: dict[str, Any], clock: FixedClock) -> None:
    made = (await ask("CreateGroup", **at, GroupName="g", Description="old", RoleArn=ROLE, Precedence=3))["Group"]
    clock.advance(5)

    changed = (await ask("UpdateGroup", **at, GroupName="g", Description="new"))["Group"]

    assert {**made, "Description": "new", "LastModifiedDate": clock.now_ms() / 1000} == changed
    assert changed == (await ask("GetGroup", **at, GroupName="g"))["Group"]


async def test_precedence_can_become_0_and_a_description_blank(ask: Ask, at: dict[str, Any]) -> None:
    await ask("CreateGroup", **at, GroupName="g", Description="old", Precedence=3)

    changed = (await ask("UpdateGroup", **at, GroupName="g", Description="", Precedence=0))["Group"]

    assert ("", 0) == (changed["Description"], changed["Precedence"])


async def test_deleting_a_group_keeps_its_members(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    await a_user(flow, pool, "ann")
    await ask("CreateGroup", **at, GroupName="g")
    await ask("AdminAddUserToGroup", **at, Username="ann", GroupName="g")

    assert {} == await ask("DeleteGroup", **at, GroupName="g")

    assert NOT_FOUND == await refusal(ask, "GetGroup", **at, GroupName="g")
    assert [] == (await ask("AdminListGroupsForUser", **at, Username="ann"))["Groups"]
    await ask("CreateGroup", **at, GroupName="g")
    assert [] == (await ask("ListUsersInGroup", **at, GroupName="g"))["Users"]


@pytest.mark.parametrize(
    "operation",
    ["GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup", "AdminAddUserToGroup", "AdminRemoveUserFromGroup"],
)
async def test_an_unknown_group_is_not_found(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], operation: str
) -> None:
    await a_user(flow, pool, "ann")
    body = {"Username": "ann"} if operation.startswith("Admin") else {}

    assert NOT_FOUND == await refusal(ask, operation, **at, **body, GroupName="none")


@pytest.mark.parametrize("operation", ["AdminAddUserToGroup", "AdminRemoveUserFromGroup", "AdminListGroupsForUser"])
async def test_an_unknown_user_is_not_found(ask: Ask, at: dict[str, Any], operation: str) -> None:
    await ask("CreateGroup", **at, GroupName="g")
    body = {} if operation == "AdminListGroupsForUser" else {"GroupName": "g"}

    assert NO_USER == await refusal(ask, operation, **at, **body, Username="nobody")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("CreateGroup", {"GroupName": "g"}),
        ("GetGroup", {"GroupName": "g"}),
        ("UpdateGroup", {"GroupName": "g"}),
        ("DeleteGroup", {"GroupName": "g"}),
        ("ListGroups", {}),
        ("ListUsersInGroup", {"GroupName": "g"}),
        ("AdminAddUserToGroup", {"GroupName": "g", "Username": "ann"}),
        ("AdminRemoveUserFromGroup", {"GroupName": "g", "Username": "ann"}),
        ("AdminListGroupsForUser", {"Username": "ann"}),
    ],
)
async def test_a_pool_is_known_in_its_region_only(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], operation: str, body: dict[str, str]
) -> None:
    await a_user(flow, pool, "ann")
    if operation != "CreateGroup":
        await ask("CreateGroup", **at, GroupName="g")

    assert missing_pool("us-east-1_Unknown00") == await refusal(
        ask, operation, UserPoolId="us-east-1_Unknown00", **body
    )
    assert missing_pool(pool.pool.id) == await refusal(ask, operation, region="eu-west-1", **at, **body)


async def test_a_group_of_another_pool_is_unknown(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    other = await a_pool(flow)
    await a_user(flow, pool, "ann")
    await ask("CreateGroup", UserPoolId=other.pool.id, GroupName="theirs")

    assert NOT_FOUND == await refusal(ask, "GetGroup", **at, GroupName="theirs")
    assert NOT_FOUND == await refusal(ask, "AdminAddUserToGroup", **at, Username="ann", GroupName="theirs")


async def test_a_user_joins_by_any_name_and_leaves(ask: Ask, flow: Flow) -> None:
    pool = await a_pool(flow, username_attributes=["email"])
    at = {"UserPoolId": pool.pool.id}
    user = await a_user(flow, pool, email="ann@example.com")
    await ask("CreateGroup", **at, GroupName="g")

    for name in ("ann@example.com", user.sub):
        assert {} == await ask("AdminAddUserToGroup", **at, Username=name, GroupName="g")
    members = (await ask("ListUsersInGroup", **at, GroupName="g"))["Users"]
    assert [user.username] == [member["Username"] for member in members]
    assert ["g"] == [g["GroupName"] for g in (await ask("AdminListGroupsForUser", **at, Username=user.sub))["Groups"]]

    for _ in range(2):
        assert {} == await ask("AdminRemoveUserFromGroup", **at, Username="ann@example.com", GroupName="g")
    assert [] == (await ask("ListUsersInGroup", **at, GroupName="g"))["Users"]


async def test_a_member_is_shown_without_second_factors(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any], clock: FixedClock
) -> None:
    user = await a_user(flow, pool, "ann", email="ann@example.com")
    await ask("CreateGroup", **at, GroupName="g")
    await ask("AdminAddUserToGroup", **at, Username="ann", GroupName="g")

    expected = {
        "Username": "ann",
        "Attributes": [{"Name": "sub", "Value": user.sub}, {"Name": "email", "Value": "ann@example.com"}],
        "UserCreateDate": clock.now_ms() / 1000,
        "UserLastModifiedDate": clock.now_ms() / 1000,
        "Enabled": True,
        "UserStatus": "CONFIRMED",
    }
    assert [expected] == (await ask("ListUsersInGroup", **at, GroupName="g"))["Users"]


async def test_a_user_is_in_at_most_100_groups(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    await a_user(flow, pool, "ann")
    for number in range(101):
        await ask("CreateGroup", **at, GroupName=f"g{number}")
    for number in range(100):
        await ask("AdminAddUserToGroup", **at, Username="ann", GroupName=f"g{number}")

    expected = ("InvalidParameterException", "A user cannot be in more than 100 groups.")
    assert expected == await refusal(ask, "AdminAddUserToGroup", **at, Username="ann", GroupName="g100")
    assert [] == (await ask("ListUsersInGroup", **at, GroupName="g100"))["Users"]
    await ask("AdminAddUserToGroup", **at, Username="ann", GroupName="g0")


async def test_lists_come_in_pages(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    names = [f"g{number}" for number in range(6)]
    members = [f"ann{number}" for number in range(6)]
    for member in members:
        await a_user(flow, pool, member, None)
    for name in names:
        await ask("CreateGroup", **at, GroupName=name)
        await ask("AdminAddUserToGroup", **at, GroupName=name, Username="ann0")
    for member in members:
        await ask("AdminAddUserToGroup", **at, GroupName="g0", Username=member)

    listed = await pages(ask, "ListGroups", "Groups", **at, Limit=3)
    assert [names[:3], names[3:]] == [[group["GroupName"] for group in page] for page in listed]
    listed = await pages(ask, "AdminListGroupsForUser", "Groups", **at, Username="ann0", Limit=4)
    assert [names[:4], names[4:]] == [[group["GroupName"] for group in page] for page in listed]
    listed = await pages(ask, "ListUsersInGroup", "Users", **at, GroupName="g0", Limit=5)
    assert [members[:5], members[5:]] == [[user["Username"] for user in page] for page in listed]


async def test_without_a_limit_a_page_has_60(ask: Ask, at: dict[str, Any]) -> None:
    for number in range(61):
        await ask("CreateGroup", **at, GroupName=f"g{number}")

    for limit in (None, 0):
        assert [60, 1] == [len(page) for page in await pages(ask, "ListGroups", "Groups", **at, Limit=limit)]


async def test_a_token_is_good_for_its_list_only(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    other = await a_pool(flow)
    await a_user(flow, pool, "ann")
    for name in ("a", "b"):
        await ask("CreateGroup", **at, GroupName=name)
        await ask("AdminAddUserToGroup", **at, Username="ann", GroupName=name)
    token = (await ask("ListGroups", **at, Limit=1))["NextToken"]

    bad = ("InvalidParameterException", "Invalid pagination token")
    assert bad == await refusal(ask, "AdminListGroupsForUser", **at, Username="ann", NextToken=token)
    assert bad == await refusal(ask, "ListGroups", UserPoolId=other.pool.id, NextToken=token)
    for broken in (token[:-1], token + "AAAA", f"!{token}", "x", "é", "-_-_", "A" * 100):
        assert bad == await refusal(ask, "ListGroups", **at, NextToken=broken)
    assert ["b"] == [group["GroupName"] for group in (await ask("ListGroups", **at, NextToken=token))["Groups"]]
