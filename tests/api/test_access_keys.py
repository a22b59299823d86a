"""Access keys with the least that their programs need, from minting to the refusal."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AccessKeys, Api
from poolhouse.pool.core.key_policy import allows, read_policy
from poolhouse.pool.flows import access_keys, sweeper
from poolhouse.pool.flows.access_keys import MintedKey
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.access_key import EVERYTHING, KeyPolicy
from poolhouse.pool.spec.contract import contract
from tests.api.test_sigv4 import set_botocore_clock, signed
from tests.support.builders import a_pool, a_user

NAMES = tuple(contract().operations)
Send = Callable[..., Any]


@pytest.fixture
def send(flow: Flow, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Send:
    """``await send(key, "GetGroup", UserPoolId=...)``: "" for an answer, else the error's code and message."""
    api = Api(
        ctx=flow,
        operations=OPERATIONS,
        credentials=AccessKeys(partial(access_keys.find, flow), partial(access_keys.note_use, flow)),
    )

    async def call(made: MintedKey, operation: str, /, **body: Any) -> tuple[str, str] | str:
        set_botocore_clock(monkeypatch, clock.now())
        raw = signed(
            key=made.secret.reveal(), key_id=made.key.id, region="us-east-1", body=msgspec.json.encode(body),
            token=made.session_token.reveal() if made.session_token else None,
            headers={"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"},
        )  # fmt: skip
        reply = await api.handle(raw)
        if reply.status == 200:
            return ""
        error = msgspec.json.decode(reply.body)
        return error["__type"], error.get("message", "")

    return call


def denied(made: MintedKey, operation: str, resource: str) -> tuple[str, str]:
    return (
        "AccessDeniedException",
        (
            f"User: arn:aws:iam::000000000000:user/{made.key.id} is not authorized to perform: cognito-idp:{operation} on"
            f" resource: {resource} because no identity-based policy allows the cognito-idp:{operation} action"
        ),
    )


def arn(pool_id: str) -> str:
    return f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool_id}"


async def test_a_key_calls_what_its_policy_names_and_nothing_else(flow: Flow, send: Send) -> None:
    entry = await a_pool(flow)
    await a_user(flow, entry, "ann", None)
    at = {"UserPoolId": entry.pool.id}
    made = await access_keys.mint(flow, "reader", KeyPolicy(operations=("AdminGet*", "ListUserPools")))

    assert "" == await send(made, "AdminGetUser", **at, Username="ann")
    assert "" == await send(made, "ListUserPools", MaxResults=1)
    for operation in ("AdminDeleteUser", "DeleteUserPool", "ListUsers"):
        assert denied(made, operation, arn(entry.pool.id)) == await send(made, operation, **at, Username="ann")
    assert denied(made, "CreateUserPool", "*") == await send(made, "CreateUserPool", PoolName="x")


async def test_a_key_of_one_pool_reaches_no_other_and_no_list_of_pools(flow: Flow, send: Send) -> None:
    own, other = (await a_pool(flow)).pool.id, (await a_pool(flow)).pool.id
    made = await access_keys.mint(flow, "own", KeyPolicy(pools=(own,)))

    assert "" == await send(made, "DescribeUserPool", UserPoolId=own)
    assert "" == await send(made, "ListTagsForResource", ResourceArn=arn(own))
    assert denied(made, "DescribeUserPool", arn(other)) == await send(made, "DescribeUserPool", UserPoolId=other)
    # A pool that is not there is no different.
    nowhere = "us-east-1_nowhere"
    assert denied(made, "DescribeUserPool", arn(nowhere)) == await send(made, "DescribeUserPool", UserPoolId=nowhere)
    tags = {"ResourceArn": arn(other), "Tags": {}}
    assert denied(made, "TagResource", arn(other)) == await send(made, "TagResource", **tags)
    for operation, body in (
        ("ListUserPools", {"MaxResults": 60}),
        ("CreateUserPool", {"PoolName": "x"}),
        ("DescribeUserPoolDomain", {"Domain": "x"}),
        ("DescribeUserPool", {}),
        ("DescribeUserPool", {"UserPoolId": [own]}),
        ("ListTagsForResource", {"ResourceArn": own}),
    ):
        assert denied(made, operation, "*") == await send(made, operation, **body)


async def test_a_policy_is_asked_before_the_limits_of_the_request(flow: Flow, send: Send) -> None:
    made = await access_keys.mint(flow, "reader", KeyPolicy(operations=("ListUsers",)))

    code, _ = await send(made, "AdminGetUser", UserPoolId="us-east-1_abc", Username=17)

    assert "AccessDeniedException" == code


async def test_an_operation_that_is_not_signed_asks_no_policy(flow: Flow, send: Send) -> None:
    made = await access_keys.mint(flow, "reader", KeyPolicy(operations=("ListUsers",)))

    code, _ = await send(made, "GetUser", AccessToken="x.y.z")

    assert "NotAuthorizedException" == code


async def test_a_temporary_key_works_until_its_end(flow: Flow, clock: FixedClock, send: Send) -> None:
    made = await access_keys.mint(flow, "deploy", lifetime_seconds=900)
    without = msgspec.structs.replace(made, session_token=None)

    assert made.key.id.startswith("ASIA")
    assert "" == await send(made, "ListUserPools", MaxResults=1)
    assert "UnrecognizedClientException" == (await send(without, "ListUserPools", MaxResults=1))[0]
    clock.advance(900)
    expired = ("ExpiredTokenException", "The security token included in the request is expired")
    assert expired == await send(made, "ListUserPools", MaxResults=1)
    clock.advance(86_400)
    await sweeper.sweep(flow)
    assert [] == await access_keys.list_all(flow)


@pytest.mark.parametrize("seconds", [0, 899, 129_601])
@pytest.mark.parametrize("pool_database_url", ["sqlite://"])
async def test_a_temporary_key_lives_a_quarter_of_an_hour_to_a_day_and_a_half(flow: Flow, seconds: int) -> None:
    with pytest.raises(ValueError, match="900 to 129600"):
        await access_keys.mint(flow, "x", lifetime_seconds=seconds)


async def test_the_last_use_is_remembered_to_the_minute(flow: Flow, clock: FixedClock, send: Send) -> None:
    made = await access_keys.mint(flow, "ci")
    start = clock.now()

    async def used() -> int | None:
        return (await access_keys.list_all(flow))[0].used_at

    assert await used() is None
    await send(msgspec.structs.replace(made, secret=made.secret.__class__("wrong")), "ListUserPools", MaxResults=1)
    assert await used() is None
    for seconds, expected in ((0, start), (59, start), (1, start + 60)):
        clock.advance(seconds)
        await send(made, "ListUserPools", MaxResults=1)
        assert expected == await used()


async def test_a_deleted_key_stops_at_once(flow: Flow, send: Send) -> None:
    made = await access_keys.mint(flow, "ci")
    await send(made, "ListUserPools", MaxResults=1)

    assert await access_keys.drop(flow, made.key.id)

    assert "UnrecognizedClientException" == (await send(made, "ListUserPools", MaxResults=1))[0]
    assert not await access_keys.drop(flow, made.key.id)


async def test_no_secret_of_a_key_is_stored_or_shown(flow: Flow) -> None:
    made = await access_keys.mint(flow, "ci", lifetime_seconds=900)
    assert made.session_token is not None
    kept = repr(await access_keys.list_all(flow)) + repr(made) + repr(await access_keys.find(flow, made.key.id))

    assert made.secret.reveal() not in kept
    assert made.session_token.reveal() not in kept


@pytest.mark.parametrize(
    ("pattern", "operation", "expected"),
    [
        ("*", "DeleteUserPool", True),
        ("AdminGet*", "AdminGetUser", True),
        ("AdminGet*", "AdminDeleteUser", False),
        ("admingetuser", "AdminGetUser", True),
        ("Get?roup", "GetGroup", True),
        ("Get?", "GetUser", False),
        ("*User", "AdminGetUser", True),
        ("GetUser", "AdminGetUser", False),
        ("List*Pools", "ListUserPools", True),
    ],
)
def test_patterns_match_as_in_iam(pattern: str, operation: str, expected: bool) -> None:
    assert expected == allows(KeyPolicy(operations=(pattern,)), operation, None)


@given(st.text(st.sampled_from("AGd*?"), min_size=1, max_size=60), st.sampled_from(NAMES))
def test_no_pattern_takes_long(pattern: str, operation: str) -> None:
    short = re.sub(r"\*+", "*", pattern)
    policy = KeyPolicy(operations=(pattern,))

    assert allows(policy, operation, None) == allows(KeyPolicy(operations=(short,)), operation, None)


def test_what_is_written_is_read_as_a_policy() -> None:
    assert EVERYTHING == read_policy([], [], NAMES) == read_policy(["*", " "], ["*"], NAMES)
    expected = KeyPolicy(operations=("AdminGet*", "ListUsers"), pools=("us-east-1_a",))
    assert expected == read_policy(["cognito-idp:AdminGet*", "ListUsers", "ListUsers"], ["us-east-1_a"], NAMES)
    assert ("*",) == read_policy(["*"], ["us-east-1_a", "*"], NAMES).pools


@pytest.mark.parametrize(
    ("operations", "pools", "message"),
    [
        (["Dance"], [], "There is no operation Dance."),
        (["Admin(.+)+"], [], "There is no operation Admin(.+)+."),
        (["s3:GetObject"], [], "There is no operation s3:GetObject."),
        ([], ["photos"], "photos is not the id"),
        ([f"A{'*' * number}" for number in range(101)], [], "at most 100"),
    ],
)
def test_a_policy_with_a_typing_error_is_refused(operations: list[str], pools: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_policy(operations, pools, NAMES)
