"""Replicas in other Regions: a pool is its own primary, and no other can be made."""

from typing import Any

import pytest

from poolhouse.pool.flows.context import Flow
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_pool

WRITES = [
    ("CreateUserPoolReplica", {"RegionName": "eu-west-1"}),
    ("UpdateUserPoolReplica", {"RegionName": "eu-west-1", "Status": "INACTIVE"}),
    ("DeleteUserPoolReplica", {"RegionName": "eu-west-1"}),
]


@pytest.mark.parametrize(("operation", "body"), WRITES)
async def test_replication_is_not_enabled(ask: Ask, flow: Flow, operation: str, body: dict[str, Any]) -> None:
    pool_id = (await a_pool(flow)).pool.id
    expected = ("OperationNotEnabledException", f"Multi-Region replication is not enabled for user pool {pool_id}.")

    assert expected == await refusal(ask, operation, UserPoolId=pool_id, **body)


@pytest.mark.parametrize(("operation", "body"), [*WRITES, ("ListUserPoolReplicas", {})])
@sqlite_only
async def test_an_unknown_pool_is_told_first(ask: Ask, flow: Flow, operation: str, body: dict[str, Any]) -> None:
    pool_id = (await a_pool(flow)).pool.id

    assert missing_pool("us-east-1_none") == await refusal(ask, operation, UserPoolId="us-east-1_none", **body)
    assert missing_pool(pool_id) == await refusal(ask, operation, region="eu-west-1", UserPoolId=pool_id, **body)


async def test_a_pool_is_its_own_primary(ask: Ask, flow: Flow) -> None:
    pool = (await a_pool(flow)).pool

    listed = await ask("ListUserPoolReplicas", UserPoolId=pool.id)

    primary = {"RegionName": "us-east-1", "Status": "ACTIVE", "Role": "PRIMARY", "UserPoolArn": pool.arn}
    assert {"UserPoolReplicas": [primary]} == listed
    bad = ("InvalidParameterException", "Invalid pagination token")
    assert bad == await refusal(ask, "ListUserPoolReplicas", UserPoolId=pool.id, NextToken="x")
