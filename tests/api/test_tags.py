"""Tags of user pools."""

import asyncio
from typing import Any

import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.pool import Pool
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_pool

INVALID = "InvalidParameterException"


@pytest.fixture
async def pool(flow: Flow) -> Pool:
    return (await a_pool(flow)).pool


async def tags(ask: Ask, pool: Pool) -> dict[str, str]:
    found: dict[str, str] = (await ask("ListTagsForResource", ResourceArn=pool.arn))["Tags"]
    return found


async def test_tags_are_added_replaced_and_removed(ask: Ask, pool: Pool) -> None:
    assert {} == await tags(ask, pool)

    assert {} == await ask("TagResource", ResourceArn=pool.arn, Tags={"team": "photos", "cost": "1"})
    await ask("TagResource", ResourceArn=pool.arn, Tags={"cost": "2", "empty": ""})
    assert {"team": "photos", "cost": "2", "empty": ""} == await tags(ask, pool)

    assert {} == await ask("UntagResource", ResourceArn=pool.arn, TagKeys=["cost", "none"])
    assert {"team": "photos", "empty": ""} == await tags(ask, pool)


async def test_a_pool_shows_its_tags(ask: Ask, pool: Pool) -> None:
    await ask("TagResource", ResourceArn=pool.arn, Tags={"team": "photos"})

    described = (await ask("DescribeUserPool", UserPoolId=pool.id))["UserPool"]
    assert {"team": "photos"} == described["UserPoolTags"]


async def test_none_of_many_changes_at_once_is_lost(ask: Ask, pool: Pool) -> None:
    many = {f"t{number}": str(number) for number in range(8)}

    await asyncio.gather(*(ask("TagResource", ResourceArn=pool.arn, Tags={key: many[key]}) for key in many))

    assert many == await tags(ask, pool)


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ({f"x{number}": "y" for number in range(50)}, "A user pool cannot have more than 50 tags."),
        ({"AWS:x": "y"}, "Tag keys that begin with aws: are reserved."),
    ],
)
async def test_tags_have_their_limits(ask: Ask, pool: Pool, added: dict[str, str], message: str) -> None:
    await ask("TagResource", ResourceArn=pool.arn, Tags={"team": "photos"})

    assert (INVALID, message) == await refusal(ask, "TagResource", ResourceArn=pool.arn, Tags=added)
    assert {"team": "photos"} == await tags(ask, pool)


OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("TagResource", {"Tags": {"a": "b"}}),
    ("UntagResource", {"TagKeys": ["a"]}),
    ("ListTagsForResource", {}),
]


@pytest.mark.parametrize(("operation", "body"), OPERATIONS)
async def test_a_pool_is_known_in_its_region_and_account_only(
    ask: Ask, pool: Pool, operation: str, body: dict[str, Any]
) -> None:
    gone = missing_pool(pool.id)
    assert gone == await refusal(ask, operation, region="eu-west-1", ResourceArn=pool.arn, **body)
    foreign = pool.arn.replace(f":{pool.account}:", ":111111111111:")
    assert gone == await refusal(ask, operation, ResourceArn=foreign, **body)
    unknown = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Unknown00"
    assert missing_pool("us-east-1_Unknown00") == await refusal(ask, operation, ResourceArn=unknown, **body)


@sqlite_only
@pytest.mark.parametrize(("operation", "body"), OPERATIONS)
async def test_only_user_pools_have_tags(ask: Ask, pool: Pool, operation: str, body: dict[str, Any]) -> None:
    for arn in (
        pool.arn.replace("cognito-idp", "cognito-identity"),
        pool.arn.replace("userpool/", "group/"),
        pool.arn.replace("us-east-1:", "eu-west-1:"),
    ):
        assert (INVALID, f"Invalid user pool ARN: {arn}") == await refusal(ask, operation, ResourceArn=arn, **body)
