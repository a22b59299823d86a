"""Request rates by category, and what the API says of them."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AnyCredentials, Api
from poolhouse.pool.api.rates import Rates
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.spec.contract import contract
from tests.api.administrator import Ask, refusal
from tests.api.test_dispatch import ANYBODY, request
from tests.support.builders import a_client, a_pool, a_user
from tests.support.service import Service

pytestmark = [
    pytest.mark.parametrize("pool_database_url", ["sqlite://"]),
    pytest.mark.parametrize(
        "config",
        [ServerConfig(base_url="https://pool.example", rates={"UserRead": 2, "UserToken": 1, "UserList": 200})],
        ids=[""],
    ),
]
RATE = ("TooManyRequestsException", "Rate exceeded")


@pytest.fixture
def api(flow: Flow) -> Api:
    return Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials(), rates=Rates(flow))


async def answers(api: Api, operation: str, body: dict[str, Any], times: int) -> list[str]:
    """The codes of *times* requests, "" for one that was answered."""
    signature = {"authorization": ANYBODY} if contract().operations[operation].auth == "sigv4" else {}
    codes = []
    for _ in range(times):
        reply = await api.handle(request(operation, body, **signature))
        codes.append(msgspec.json.decode(reply.body or b"{}").get("__type", ""))
    return codes


async def test_no_more_than_the_rate_comes_through_in_a_second(api: Api, flow: Flow, clock: FixedClock) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, secret=False)
    await a_user(flow, entry, "ann")
    tokens = await Service(flow).tokens(client, "ann")
    body = {"AccessToken": tokens["AccessToken"]}

    assert ["", "", RATE[0]] == await answers(api, "GetUser", body, 3)
    clock.advance(1)
    assert ["", "", RATE[0]] == await answers(api, "GetUser", body, 3)
    clock.advance(60)
    assert ["", "", RATE[0]] == await answers(api, "GetUser", body, 3)


async def test_cve_2025_64526_a_member_that_the_operation_does_not_read_chooses_no_rate(api: Api, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, secret=False)
    await a_user(flow, entry, "ann")
    body = {"AccessToken": (await Service(flow).tokens(client, "ann"))["AccessToken"]}

    assert ["", "", RATE[0]] == await answers(api, "GetUser", body, 3)
    assert [RATE[0]] == await answers(api, "GetUser", {**body, "UserPoolId": "us-east-1_Elsewhere"}, 1)


async def test_each_pool_has_a_rate_of_its_own(api: Api, flow: Flow) -> None:
    ours, theirs = await a_pool(flow), await a_pool(flow)
    clients = [await a_client(flow, entry, secret=False) for entry in (ours, ours, theirs)]
    refusals = "NotAuthorizedException"

    def refreshing(client_id: str) -> dict[str, Any]:
        parameters = {"REFRESH_TOKEN": "x"}
        return {"ClientId": client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}

    found = [await answers(api, "InitiateAuth", refreshing(each.client.id), 1) for each in clients]
    assert [[refusals], [RATE[0]], [refusals]] == found
    # What names no pool that exists shares one rate: otherwise each made-up name would have one.
    made_up = [await answers(api, "InitiateAuth", refreshing(name), 1) for name in ("nobody", "nothing")]
    assert [["ResourceNotFoundException"], [RATE[0]]] == made_up


async def test_an_operation_without_a_rate_is_not_counted(api: Api, flow: Flow) -> None:
    client = await a_client(flow, await a_pool(flow), secret=False)

    codes = await answers(api, "ForgotPassword", {"ClientId": client.client.id, "Username": "nobody"}, 9)

    assert RATE[0] not in codes


@pytest.mark.parametrize(
    "body", [{}, {"AccessToken": "x"}, {"AccessToken": "a.W10.c"}, {"AccessToken": 7}, {"AccessToken": "a.e30.c"}]
)
async def test_a_token_that_is_none_is_refused_as_ever(api: Api, body: dict[str, Any]) -> None:
    codes = await answers(api, "GetUser", body, 1)

    assert codes[0] in {"NotAuthorizedException", "InvalidParameterException", "SerializationException"}


def definition(category: str = "UserRead", **more: str) -> dict[str, Any]:
    return {"LimitClass": "API_CATEGORY", "Attributes": {"Category": category, **more}}


async def test_a_provisioned_limit_is_the_rate_that_is_set(ask: Ask) -> None:
    limit = {"LimitDefinition": definition("UserList"), "ProvisionedLimitValue": 200, "FreeLimitValue": 30}

    assert {"Limit": limit} == await ask("GetProvisionedLimit", LimitDefinition=definition("UserList"))
    same = await ask("UpdateProvisionedLimit", LimitDefinition=definition("UserList"), RequestedLimitValue=200)
    assert {"Limit": limit} == same


async def test_another_provisioned_limit_is_the_operators_to_set(ask: Ask) -> None:
    body: dict[str, Any] = {"LimitDefinition": definition("UserList")}

    above = await refusal(ask, "UpdateProvisionedLimit", **body, RequestedLimitValue=201)
    below = await refusal(ask, "UpdateProvisionedLimit", **body, RequestedLimitValue=29)

    assert ("ServiceQuotaExceededException", "InvalidParameterException") == (above[0], below[0])
    assert above == await refusal(ask, "UpdateProvisionedLimit", **body, RequestedLimitValue=100)


@pytest.mark.parametrize("operation", ["GetProvisionedLimit", "UpdateProvisionedLimit"])
async def test_a_category_without_a_limit_has_none(ask: Ask, operation: str) -> None:
    more: dict[str, Any] = {"RequestedLimitValue": 1} if operation.startswith("Update") else {}
    expected = ("ResourceNotFoundException", "There is no provisioned limit for the category UserCreation.")

    assert expected == await refusal(ask, operation, LimitDefinition=definition("UserCreation"), **more)
    for wrong in (definition("Dancing"), definition(Pool="x"), {**definition(), "Attributes": {}}):
        assert "InvalidParameterException" == (await refusal(ask, operation, LimitDefinition=wrong, **more))[0]
