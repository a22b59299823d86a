"""Every operation answers as its file of exchanges says, byte by byte; how to add one: CONTRIBUTING.md."""

from pathlib import Path

import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import GENERIC
from tests.exchanges.coverage import missing, stale
from tests.exchanges.files import exchanges, operation_of, paths, read
from tests.exchanges.player import Player

# A confirmed user's alias may be another's already, and a client unknown: the model forgets that for these.
BESIDES = {
    "AdminConfirmSignUp": {"AliasExistsException"},
    "AdminCreateUser": {"AliasExistsException"},
    "AdminSetUserPassword": {"AliasExistsException"},
    "RevokeToken": {"ResourceNotFoundException"},
}
ACCESS = {"AccessDeniedException"}


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
async def test_an_operation_answers_as_its_exchanges_say(path: Path, flow: Flow, clock: FixedClock) -> None:
    golden = read(path)
    player = Player(flow, clock, golden)
    await player.prepare(golden.given)
    found = []
    for number, step in enumerate(golden.steps, 1):
        reply = await player.run(step, operation_of(path))
        if step.rule:
            found += [f"{number} ({step.rule}) {each}" for each in player.differences(step, reply)]

    assert found == []


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_shows_a_success_and_each_of_its_errors(operation: str) -> None:
    assert missing(operation) == []


def test_no_excuse_is_left_for_what_is_shown() -> None:
    assert stale(OPERATIONS) == []


def test_a_file_is_of_an_operation_that_is_offered() -> None:
    assert {operation_of(path) for path in paths()} <= set(OPERATIONS)


def test_an_error_is_one_that_the_model_knows_for_the_operation() -> None:
    unknown = [
        (operation, step.refused[0])
        for operation, step in exchanges()
        if isinstance(step.refused, tuple)
        and step.refused[0]
        not in contract().operations[operation].errors | GENERIC | ACCESS | BESIDES.get(operation, set())
    ]

    assert unknown == []


def test_a_rule_is_stated_once_in_a_file() -> None:
    for path in paths():
        rules = [step.rule for step in read(path).steps if step.rule]
        assert len(rules) == len(set(rules)), path.name
