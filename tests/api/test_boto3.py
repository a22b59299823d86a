"""boto3, unmodified, against the pipeline behind a real socket: what it sends is understood, what it gets is read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import boto3
import msgspec
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError

from poolhouse.kit.ambient import SystemClock
from poolhouse.kit.edge import endpoint
from poolhouse.pool.api.dispatch import AccessKeys, Api, collect
from tests.api import sample_operations
from tests.api.test_dispatch import POOL, find_key, note_use, surroundings
from tests.api.test_sigv4 import KEY, KEY_ID, TEMPORARY, TOKEN

pytestmark = pytest.mark.client


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where a server listens that verifies signatures by the machine's clock."""
    ctx = msgspec.structs.replace(surroundings(), clock=SystemClock())
    api = Api(ctx=ctx, operations=collect([sample_operations]), credentials=AccessKeys(find_key, note_use))
    app = endpoint(api.handle, limit=10_000, on_oversize=api.oversize)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn offers nothing to wait for)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


async def ask(
    url: str, operation: str, *, key: str = KEY, key_id: str = KEY_ID, token: str | None = None, **body: Any
) -> dict[str, Any]:
    client = boto3.client(
        "cognito-idp",
        endpoint_url=url,
        region_name="eu-west-3",
        aws_access_key_id=key_id,
        aws_secret_access_key=key,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )
    try:
        answer: dict[str, Any] = await asyncio.to_thread(getattr(client, operation), **body)
        return answer
    finally:
        client.close()


async def test_a_signed_operation_is_answered(url: str) -> None:
    for key_id, token in ((KEY_ID, None), (TEMPORARY, TOKEN)):
        pool = (await ask(url, "describe_user_pool", UserPoolId=POOL, key_id=key_id, token=token))["UserPool"]

        assert (pool["Name"], pool["Arn"]) == (key_id, "eu-west-3")
        assert pool["CreationDate"].timestamp() == 1733691812.447


async def test_an_unsigned_operation_is_answered(url: str) -> None:
    assert (await ask(url, "sign_up", ClientId="abc", Username="ann"))["UserSub"] == "127.0.0.1"


async def test_an_operation_without_output_is_answered(url: str) -> None:
    answer = await ask(url, "delete_user_pool", UserPoolId=POOL)

    assert list(answer) == ["ResponseMetadata"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"Username": "refused"}, "ResourceNotFoundException", "User pool client abc does not exist."),
        ({"Username": "a b"}, "InvalidParameterException", "1 validation error detected: Value at 'username'"),
        ({"Username": "broken"}, "InternalErrorException", "Internal server error"),
        ({"Username": "x" * 20_000}, "RequestEntityTooLargeException", ""),
    ],
)
async def test_an_error_is_read_by_its_code_and_message(
    url: str, body: dict[str, str], code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        await ask(url, "sign_up", ClientId="abc", **body)

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["Error"]["Message"].startswith(message)
    assert refused.value.response["ResponseMetadata"]["RequestId"]


async def test_a_wrong_secret_is_refused(url: str) -> None:
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        await ask(url, "describe_user_pool", UserPoolId=POOL, key="wrong")
