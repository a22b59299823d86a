"""The comparison can fail: what differs from a file of exchanges is named."""

from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.edge import Reply
from poolhouse.pool.flows.context import Flow
from tests.exchanges.files import Golden, Step
from tests.exchanges.player import Player
from tests.support.service import sqlite_only

pytestmark = sqlite_only
REQUEST_ID = ("x-amzn-RequestId", "6fa459ea-ee8a-4ca4-894e-db77e160355e")
SERVED = (("content-type", "application/x-amz-json-1.1"), REQUEST_ID, ("cache-control", "no-store"))
SUB = "6fa459ea-ee8a-4ca4-894e-db77e160355f"


@pytest.fixture
def player(flow: Flow, clock: FixedClock) -> Player:
    return Player(flow, clock, Golden(steps=()))


def differences(player: Player, expected: Any, actual: Any, headers: Any = SERVED) -> list[str]:
    reply = Reply(200, msgspec.json.encode(actual), headers)
    return list(player.differences(Step(rule="x", answer=expected), reply))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"A": 1}, {"A": 2}),
        ({"A": 1}, {"A": True}),
        ({"A": "1"}, {"A": 1}),
        ({"A": 1}, {}),
        ({}, {"A": 1}),
        ({"A": [1, 2]}, {"A": [1]}),
        ({"A": [1, 2]}, {"A": [2, 1]}),
        ({"A": "<sub>"}, {"A": "ann"}),
        ({"A": "x <sub>"}, {"A": SUB}),
        ({"A": "<sub>", "B": "<sub>"}, {"A": SUB, "B": SUB.replace("6fa", "7fa")}),
        ({"A": "<now>"}, {"A": 1_800_000_001}),
        ({"A": "<now+60>"}, {"A": 1_800_000_000}),
        ({"A": "<unheard>"}, {"A": "x"}),
        ({"A": {"<id_token>": {"sub": "a"}}}, {"A": "e30.eyJzdWIiOiJiIn0.eA"}),
        ({"A": {"<id_token>": {"sub": "a"}}}, {"A": "not a token"}),
        (None, {}),
        ({}, None),
    ],
)
def test_an_answer_that_differs_is_found(player: Player, expected: Any, actual: Any) -> None:
    assert differences(player, expected, actual) != []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"A": "<sub>", "B": ["<sub>", "<sub:other>"]}, {"B": [SUB, SUB.replace("6fa", "7fa")], "A": SUB}),
        ({"A": "<now>", "B": "<now-5>"}, {"A": 1_800_000_000, "B": 1_799_999_995.0}),
        ({"A": {"<id_token>": {"sub": "b"}}}, {"A": "e30.eyJzdWIiOiJiIn0.eA"}),
        ({"A": "Hello <b>, <sub>"}, {"A": f"Hello <b>, {SUB}"}),
    ],
)
def test_an_answer_that_fits_passes(player: Player, expected: Any, actual: Any) -> None:
    assert differences(player, expected, actual) == []


def test_a_header_too_few_or_too_many_is_found(player: Player) -> None:
    assert differences(player, {}, {}, SERVED[:2]) != []
    assert differences(player, {}, {}, (SERVED[0], SERVED[2])) != []
    assert differences(player, {}, {}, (*SERVED, ("server", "x"))) != []


def test_an_error_is_compared_in_status_type_message_and_headers(player: Player) -> None:
    step = Step(rule="x", refused=("GroupExistsException", "No."))
    body = {"__type": "GroupExistsException", "message": "No."}
    headers = (*SERVED, ("x-amzn-ErrorType", "GroupExistsException:"), ("x-amzn-ErrorMessage", "No."))

    def seen(status: int = 400, headers: Any = headers, **other: str) -> list[str]:
        return list(player.differences(step, Reply(status, msgspec.json.encode(body | other), headers)))

    assert seen() == []
    assert seen(200) != []
    assert seen(message="Yes.") != []
    assert seen(__type="Other") != []
    assert seen(headers=headers[:4]) != []
    assert seen(headers=(*headers[:4], ("x-amzn-ErrorMessage", "Yes."))) != []


async def test_a_preparation_that_fails_stops_the_file(player: Player) -> None:
    with pytest.raises(AssertionError, match="ResourceNotFoundException"):
        await player.run(Step(call="GetGroup", send={"UserPoolId": "us-east-1_aaaaaaaaa", "GroupName": "x"}), "")


async def test_what_is_no_text_is_a_value_of_its_own(player: Player) -> None:
    player.names.values["challenge"] = "A" * 43
    sent = await player.names.filled({"Credential": "<credential>"})
    assert sent["Credential"]["type"] == "public-key"
    with pytest.raises(AssertionError, match="<credential> is no text"):
        await player.names.filled("a <credential>")


async def test_a_name_that_stands_for_nothing_stops_the_file(player: Player) -> None:
    with pytest.raises(AssertionError, match="<pool> stands for nothing yet"):
        await player.run(Step(rule="x", send={"UserPoolId": "<pool>"}), "DescribeUserPool")
