"""Lists of users: filters, attributes, pages."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.jose import b64url
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import Administrator, AnyCredentials, Api
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.user import Status
from poolhouse.pool.store import search
from tests.api.administrator import REGION, Ask, pages, refusal, sqlite_only
from tests.support.builders import a_custom, a_pool, a_schema, a_user

INVALID = "InvalidParameterException"


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    """Ann, Bob, cy and an unconfirmed and disabled dee; and another pool, whose users never show."""
    entry = await a_pool(flow, schema_attributes=a_schema(custom=(a_custom("team"),)))
    await a_user(flow, entry, "Ann", None, email="ann@example.com", name="Ann A", custom_team="x")
    await a_user(flow, entry, "Bob", None, email="bob@example.com", name='Bob "B"', phone_number="+12065550100")
    await a_user(flow, entry, "cy", None, email="ANN@example.com", given_name="Ännchen", preferred_username="a_%")
    await a_user(
        flow, entry, "dee", None, status=Status.UNCONFIRMED, enabled=False, family_name="D\\E", given_name="Anna"
    )
    other = await a_pool(flow)
    await a_user(flow, other, "Ann", None, email="ann@example.com", name="Ann A")
    return entry


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def names(ask: Ask, **body: Any) -> list[str]:
    return sorted(user["Username"] for user in (await ask("ListUsers", **body))["Users"])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, ["Ann", "Bob", "cy", "dee"]),
        ("", ["Ann", "Bob", "cy", "dee"]),
        ('username = "Ann"', ["Ann"]),
        ('username = "ann"', []),
        ('username ^= "A"', ["Ann"]),
        ('username ^= ""', ["Ann", "Bob", "cy", "dee"]),
        ('email = "ann@example.com"', ["Ann"]),
        ('email="bob@example.com"', ["Bob"]),
        ('email ^= "b"', ["Bob"]),
        ('email ^= "ann@example.com"', ["Ann"]),
        ('name = "Bob \\"B\\""', ["Bob"]),
        ('name ^= "Ann"', ["Ann"]),
        ('phone_number ^= "+1206"', ["Bob"]),
        ('given_name ^= "Änn"', ["cy"]),
        ('given_name ^= "Ann"', ["dee"]),
        ('preferred_username = "a_%"', ["cy"]),
        ('preferred_username ^= "a_"', ["cy"]),
        ('preferred_username ^= "a%"', []),
        ('family_name = "D\\\\E"', ["dee"]),
        ('cognito:user_status = "UNCONFIRMED"', ["dee"]),
        ('cognito:user_status = "confirmed"', ["Ann", "Bob", "cy"]),
        ('cognito:user_status ^= "CONF"', ["Ann", "Bob", "cy"]),
        ('status = "Enabled"', ["Ann", "Bob", "cy"]),
        ('status = "Disabled"', ["dee"]),
        ('status ^= "Dis"', ["dee"]),
        ('status = "x"', []),
    ],
)
async def test_a_filter_selects(ask: Ask, at: dict[str, Any], condition: str | None, expected: list[str]) -> None:
    assert expected == await names(ask, **at, Filter=condition)


async def test_a_user_is_found_by_sub(ask: Ask, at: dict[str, Any]) -> None:
    user = (await ask("AdminGetUser", **at, Username="Bob"))["UserAttributes"][0]
    assert "sub" == user["Name"]

    assert ["Bob"] == await names(ask, **at, Filter=f'sub = "{user["Value"]}"')


@sqlite_only
@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ('custom:none = "x"', "Invalid search attribute: custom:none"),
        ("email = ann", "Error while parsing filter"),
        ('email = "a" or name = "b"', "Error while parsing filter"),
        ('email != "a"', "Error while parsing filter"),
        ("email", "Error while parsing filter"),
    ],
)
async def test_a_filter_that_is_none_is_refused(ask: Ask, at: dict[str, Any], condition: str, message: str) -> None:
    assert (INVALID, message) == await refusal(ask, "ListUsers", **at, Filter=condition)


async def test_a_user_in_a_list_is_whole(ask: Ask, at: dict[str, Any]) -> None:
    got = await ask("AdminGetUser", **at, Username="Ann")

    listed = (await ask("ListUsers", **at, Filter='username = "Ann"'))["Users"]

    got["Attributes"] = got.pop("UserAttributes")
    assert [got] == listed
    assert ["sub", "email", "name", "custom:team"] == [each["Name"] for each in got["Attributes"]]


async def test_only_the_wanted_attributes_are_listed(ask: Ask, at: dict[str, Any]) -> None:
    listed = await ask("ListUsers", **at, AttributesToGet=["email", "custom:team"])

    shown = {user["Username"]: [each["Name"] for each in user["Attributes"]] for user in listed["Users"]}
    assert {"Ann": ["email", "custom:team"], "Bob": ["email"], "cy": ["email"], "dee": []} == shown
    assert [[]] * 4 == [user["Attributes"] for user in (await ask("ListUsers", **at, AttributesToGet=[]))["Users"]]
    unknown = (INVALID, "One or more requested attributes do not exist.")
    assert unknown == await refusal(ask, "ListUsers", **at, AttributesToGet=["email", "custom:none"])


async def test_users_come_in_pages(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow)
    wanted = [f"{letter}{number}" for letter in "aBc" for number in range(3)]
    for name in wanted:
        await a_user(flow, entry, name, None, email=f"{name[0].lower()}@example.com")
    at: dict[str, Any] = {"UserPoolId": entry.pool.id}

    for limit, sizes in ((4, [4, 4, 1]), (9, [9]), (3, [3, 3, 3]), (0, [9])):
        listed = await pages(ask, "ListUsers", "Users", token="PaginationToken", **at, Limit=limit)
        assert sizes == [len(page) for page in listed]
        assert sorted(wanted) == sorted(user["Username"] for page in listed for user in page)
    listed = await pages(
        ask, "ListUsers", "Users", token="PaginationToken", **at, Limit=2, Filter='email = "b@example.com"'
    )
    assert [["B0", "B1"], ["B2"]] == [[user["Username"] for user in page] for page in listed]


@pytest.mark.parametrize(
    ("condition", "size"), [('email ^= "u"', 3), ('cognito:user_status = "CONFIRMED"', 3), ('status = "Enabled"', 3)]
)
async def test_a_filtered_list_comes_in_pages(ask: Ask, flow: Flow, condition: str, size: int) -> None:
    entry = await a_pool(flow)
    for number in range(5):
        await a_user(flow, entry, f"u{number}", None, email=f"u{4 - number}@example.com")

    listed = await pages(
        ask, "ListUsers", "Users", token="PaginationToken", UserPoolId=entry.pool.id, Limit=size, Filter=condition
    )

    assert [3, 2] == [len(page) for page in listed]
    assert [f"u{number}" for number in range(5)] == sorted(user["Username"] for page in listed for user in page)


async def test_a_token_is_good_for_its_filter_only(ask: Ask, at: dict[str, Any]) -> None:
    token = (await ask("ListUsers", **at, Limit=1))["PaginationToken"]

    bad = (INVALID, "Invalid pagination token")
    assert bad == await refusal(ask, "ListUsers", **at, PaginationToken=token, Filter='status = "Enabled"')
    assert bad == await refusal(ask, "ListUsers", **at, PaginationToken="x")
    assert 3 == len(await names(ask, **at, PaginationToken=token))


@sqlite_only
async def test_a_token_of_another_order_of_users_is_a_bad_one(ask: Ask, at: dict[str, Any], flow: Flow) -> None:
    """Lists were in the order of names once."""
    row = f"ListUsers\0{REGION}\0{at['UserPoolId']}\0"
    token = b64url(flow.ring.seal(b"Ann", purpose="page", row=row)).decode()

    assert (INVALID, "Invalid pagination token") == await refusal(ask, "ListUsers", **at, PaginationToken=token)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('email *= "EXAMPLE"', ["Ann", "Bob", "cy"]),
        ('username *= "N"', ["Ann"]),
        ('given_name *= "änn"', ["cy"]),
        ('name *= "\\"b"', ["Bob"]),
        ('custom:team = "x"', ["Ann"]),
        ('custom:team ^= "y"', []),
        ('address *= "x"', []),
        ('email ^= "a" and name = "Ann A"', ["Ann"]),
        ('status = "enabled" and email *= "ann"', ["Ann", "cy"]),
        ('email *= "ann" and status = "Disabled"', []),
        ('status = "x" and email *= "ann"', []),
        ('status *= "ABLED" and cognito:user_status = "UNCONFIRMED"', ["dee"]),
        ('cognito:user_status = "confirmed" AND status ^= "en" and phone_number *= "555"', ["Bob"]),
        ('username = "Ann" and username = "Bob"', []),
        ('sub *= "-" and username ^= "A"', ["Ann"]),
    ],
)
async def test_an_extended_filter_selects(ask: Ask, at: dict[str, Any], condition: str, expected: list[str]) -> None:
    assert expected == await names(ask, **at, Filter=condition)


@sqlite_only
async def test_strict_mode_has_the_language_of_the_service(pool: PoolEntry, flow: Flow) -> None:
    strict = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, strict=True))
    api = Api(ctx=strict, operations=OPERATIONS, credentials=AnyCredentials())

    async def ask(operation: str, *, region: str = REGION, **body: Any) -> dict[str, Any]:
        return await api.call(operation, body, caller=Administrator("tester"), region=region)

    at: dict[str, Any] = {"UserPoolId": pool.pool.id}
    for condition, message in (
        ('custom:team = "x"', "Invalid search attribute: custom:team"),
        ('address = "x"', "Invalid search attribute: address"),
        ('email *= "x"', "Error while parsing filter"),
        ('email = "a" and name = "b"', "Error while parsing filter"),
    ):
        assert (INVALID, message) == await refusal(ask, "ListUsers", **at, Filter=condition)
    assert "less than or equal to 60" in (await refusal(ask, "ListUsers", **at, Limit=61))[1]
    assert 4 == len((await ask("ListUsers", **at, Limit=60))["Users"])


@sqlite_only
async def test_a_page_may_have_a_thousand_users(ask: Ask, at: dict[str, Any]) -> None:
    assert 4 == len((await ask("ListUsers", **at, Limit=1_000))["Users"])
    assert "less than or equal to 1000" in (await refusal(ask, "ListUsers", **at, Limit=1_001))[1]
    assert "less than or equal to 60" in (await refusal(ask, "ListGroups", **at, Limit=61))[1]


@pytest.mark.parametrize("condition", ['email *= "u1"', 'custom:team = "x"', 'name ^= "N" and email *= "u1"'])
async def test_a_search_looks_at_some_rows_at_a_time(
    ask: Ask, flow: Flow, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    monkeypatch.setattr(search, "SCAN", 5)
    entry = await a_pool(flow, schema_attributes=a_schema(custom=(a_custom("team"),)))
    for number in range(20):
        team = "x" if str(number).startswith("1") else ""
        address = f"U{number}@example.com"
        await a_user(flow, entry, f"u{number}", None, email=address, name=f"N{number % 3}", custom_team=team)
    at: dict[str, Any] = {"UserPoolId": entry.pool.id, "Filter": condition}

    for limit in (1, 3, 60):
        listed = await pages(ask, "ListUsers", "Users", token="PaginationToken", **at, Limit=limit)
        assert sorted(["u1", *(f"u{number}" for number in range(10, 20))]) == sorted(
            user["Username"] for page in listed for user in page
        )
        assert max(len(page) for page in listed) <= min(limit, 5)
        assert len(listed) >= 4


@pytest.mark.parametrize("condition", ['name ^= "N"', 'username ^= "u"', 'sub ^= ""', 'status ^= ""', 'name = "N"'])
@pytest.mark.parametrize("limit", [1, 7])
async def test_every_page_of_every_order_goes_on_where_the_last_ended(
    ask: Ask, flow: Flow, condition: str, limit: int
) -> None:
    entry = await a_pool(flow)
    for number in range(9):
        await a_user(flow, entry, f"u{number}", None, name="N" if condition.endswith('= "N"') else "other")
    at: dict[str, Any] = {"UserPoolId": entry.pool.id, "Filter": condition}

    listed = await pages(ask, "ListUsers", "Users", token="PaginationToken", **at, Limit=limit)

    assert [limit] * (9 // limit) + [2] * (limit == 7) == [len(page) for page in listed]
    assert [f"u{number}" for number in range(9)] == sorted(user["Username"] for page in listed for user in page)
