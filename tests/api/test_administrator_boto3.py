"""An administrator's script with boto3, unmodified, over a real socket: everything, page by page, and back to nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from poolhouse.kit.edge import endpoint
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AnyCredentials, Api
from poolhouse.pool.flows.context import Flow
from tests.api.administrator import sqlite_only

FLOWS = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
pytestmark = [pytest.mark.client, sqlite_only]


@pytest.fixture
async def url(flow: Flow) -> AsyncIterator[str]:
    api = Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials())
    server = uvicorn.Server(uvicorn.Config(endpoint(api.handle), port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn offers nothing to wait for)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


async def test_a_script_sets_up_lists_and_tears_down(url: str) -> None:
    client = boto3.client(
        "cognito-idp",
        endpoint_url=url,
        region_name="eu-west-3",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    await asyncio.to_thread(script, client)
    await asyncio.to_thread(client.close)


def script(client: Any) -> None:
    pool = client.create_user_pool(PoolName="Photos", UsernameAttributes=["email"])["UserPool"]
    at = {"UserPoolId": pool["Id"]}
    assert pool["Id"].startswith("eu-west-3_")
    assert pool == client.describe_user_pool(**at)["UserPool"]
    client.tag_resource(ResourceArn=pool["Arn"], Tags={"team": "photos"})
    app = client.create_user_pool_client(**at, ClientName="web", ExplicitAuthFlows=FLOWS)["UserPoolClient"]
    assert app == client.describe_user_pool_client(**at, ClientId=app["ClientId"])["UserPoolClient"]
    client.create_user_pool_domain(**at, Domain="photos")
    client.create_resource_server(**at, Identifier="photos", Name="Photos")

    names = [f"user{number}@example.com" for number in range(5)]
    for name in names:
        client.admin_create_user(**at, Username=name, MessageAction="SUPPRESS", TemporaryPassword="Secret-Pass-1")
        client.create_group(**at, GroupName=name)
        client.admin_add_user_to_group(**at, Username=name, GroupName=names[0])
    session = client.admin_initiate_auth(**sign_in(at, app, names[0], "Secret-Pass-1"))
    assert "NEW_PASSWORD_REQUIRED" == session["ChallengeName"]
    for name in names:
        client.admin_set_user_password(**at, Username=name, Password="Secret-Pass-2", Permanent=True)

    tokens = client.admin_initiate_auth(**sign_in(at, app, names[0], "Secret-Pass-2"))["AuthenticationResult"]
    assert client.get_user(AccessToken=tokens["AccessToken"])
    client.admin_disable_user(**at, Username=names[0])
    with pytest.raises(client.exceptions.NotAuthorizedException, match="User is disabled"):
        client.get_user(AccessToken=tokens["AccessToken"])
    with pytest.raises(client.exceptions.NotAuthorizedException, match="User is disabled"):
        client.admin_initiate_auth(**sign_in(at, app, names[0], "Secret-Pass-2"))

    assert names == emails(client, "list_users", "Users", **at)
    assert names == emails(client, "list_users_in_group", "Users", **at, GroupName=names[0])
    assert names == sorted(group["GroupName"] for group in every(client, "list_groups", "Groups", **at))
    found = every(client, "admin_list_groups_for_user", "Groups", **at, Username=names[1])
    assert [names[0]] == [group["GroupName"] for group in found]
    assert [pool["Id"]] == [each["Id"] for each in every(client, "list_user_pools", "UserPools")]
    found = every(client, "list_user_pool_clients", "UserPoolClients", **at)
    assert [app["ClientId"]] == [each["ClientId"] for each in found]
    found = every(client, "list_resource_servers", "ResourceServers", **at)
    assert ["photos"] == [each["Identifier"] for each in found]

    with pytest.raises(client.exceptions.UserNotFoundException):
        client.admin_get_user(**at, Username="nobody@example.com")
    with pytest.raises(client.exceptions.InvalidParameterException, match="domain configured"):
        client.delete_user_pool(**at)
    client.delete_user_pool_domain(**at, Domain="photos")
    client.delete_user_pool(**at)
    assert [] == every(client, "list_user_pools", "UserPools")


def sign_in(at: dict[str, str], app: dict[str, Any], name: str, password: str) -> dict[str, Any]:
    parameters = {"USERNAME": name, "PASSWORD": password}
    flow = {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": parameters}
    return {**at, "ClientId": app["ClientId"], **flow}


def every(client: Any, operation: str, members: str, **body: Any) -> list[dict[str, Any]]:
    """All of a list by boto3's own paginator, two at a time."""
    found = client.get_paginator(operation).paginate(**body, PaginationConfig={"PageSize": 2})
    return [each for page in found for each in page[members]]


def emails(client: Any, operation: str, members: str, **body: Any) -> list[str]:
    return sorted(
        attribute["Value"]
        for user in every(client, operation, members, **body)
        for attribute in user["Attributes"]
        if attribute["Name"] == "email"
    )
