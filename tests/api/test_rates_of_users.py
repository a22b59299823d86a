"""Request rates of one user: so many reads, so many writes, and nobody else's."""

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AnyCredentials, Api
from poolhouse.pool.api.rates import Rates
from poolhouse.pool.flows.buckets import Buckets
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.config import ServerConfig
from tests.api.test_rates import RATE, answers
from tests.support.builders import a_client, a_pool, a_user
from tests.support.service import Service

RATES = {"ReadsOfUser": 2, "WritesOfUser": 1}
with_rates = pytest.mark.parametrize(
    ("pool_database_url", "config"),
    [("sqlite://", ServerConfig(base_url="https://pool.example", rates=RATES))],
    ids=[""],
)


@pytest.fixture
def api(flow: Flow) -> Api:
    return Api(ctx=flow, operations=OPERATIONS, credentials=AnyCredentials(), rates=Rates(flow))


@with_rates
async def test_each_user_is_read_and_written_so_many_times_a_second(api: Api, flow: Flow, clock: FixedClock) -> None:
    entry = await a_pool(flow)
    await a_user(flow, entry, "ann")
    await a_user(flow, entry, "bob")
    ann, bob = ({"UserPoolId": entry.pool.id, "Username": name} for name in ("ann", "bob"))

    async def stopped(operation: str, body: dict[str, str], times: int) -> list[bool]:
        """Which of the requests were too many; whatever else is said of them, all count."""
        return [code == RATE[0] for code in await answers(api, operation, body, times)]

    assert [False, False, True] == await stopped("AdminGetUser", ann, 3)
    # Another spelling is the same user, a write is no read, and another user has a rate of his own.
    assert [True] == await stopped("AdminGetUser", {**ann, "Username": "ANN"}, 1)
    assert [False, True] == await stopped("AdminEnableUser", ann, 2)
    assert [False] == await stopped("AdminGetUser", bob, 1)
    clock.advance(1)
    assert [False] == await stopped("AdminGetUser", ann, 1)


@with_rates
async def test_a_token_that_was_made_up_uses_up_nobodys_rate(api: Api, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = await a_client(flow, entry, secret=False)
    await a_user(flow, entry, "ann")
    token = (await Service(flow).tokens(client, "ann"))["AccessToken"]
    forged = f"{token.rpartition('.')[0]}.{'A' * 86}"

    assert RATE[0] in await answers(api, "GetUser", {"AccessToken": forged}, 5)
    assert ["", "", RATE[0]] == await answers(api, "GetUser", {"AccessToken": token}, 3)


def test_users_who_have_not_come_for_a_second_are_forgotten() -> None:
    buckets = Buckets()
    for number in range(1_000):
        assert buckets.take_of_user("pool", "ReadsOfUser", str(number), 10, 10 * number)
    assert buckets.held <= 110
    # A clock that is set back leaves nothing behind for ever.
    for number in range(1_000):
        assert buckets.take_of_user("pool", "ReadsOfUser", f"again {number}", 10, number)
    assert buckets.held <= 1_010
