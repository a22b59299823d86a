"""
The rule that a unit awaits nothing but its transaction.

A transaction holds SQLite's only writer, or row locks and a connection: were it to wait for the network, or for a
hash, everyone else would wait with it. On SQLite no statement suspends, so a unit is driven to its end in one step;
on PostgreSQL every suspension must come from a statement of its own transaction.
"""

from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from types import coroutine
from typing import Any, Protocol, TypeVar

from poolhouse.kit.db.protocol import UnitSuspended

T = TypeVar("T")

_SUSPENDED = "a unit awaited something other than its transaction"
ENDED = "a transaction was used after its end"


def run_to_end(work: Coroutine[Any, Any, T]) -> T:
    """Drive *work* in one step; raise `UnitSuspended` where it waits."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    _abandon(work)
    raise UnitSuspended(_SUSPENDED)


class Engaged(Protocol):
    """A transaction that knows whether one of its statements is on its way."""

    engaged: bool


@coroutine
def follow(work: Coroutine[Any, Any, T], tx: Engaged) -> Generator[Any, Any, T]:
    """Await *work*; raise `UnitSuspended` where it waits while no statement of *tx* is on its way."""
    step: Callable[[], Any] = lambda: work.send(None)  # noqa: E731 - the first of several steps
    while True:
        try:
            waiting_for = step()
        except StopIteration as stop:
            result: T = stop.value
            return result
        if not tx.engaged:
            _abandon(work)
            raise UnitSuspended(_SUSPENDED)
        try:
            received = yield waiting_for
        except GeneratorExit:
            work.close()
            raise
        except BaseException as error:  # noqa: BLE001 - a cancellation belongs to the unit first
            step = _thrower(work, error)
        else:
            step = _sender(work, received)


def _sender(work: Coroutine[Any, Any, T], value: Any) -> Callable[[], Any]:
    return lambda: work.send(value)


def _thrower(work: Coroutine[Any, Any, T], error: BaseException) -> Callable[[], Any]:
    return lambda: work.throw(error)


def _abandon(work: Coroutine[Any, Any, Any]) -> None:
    # A unit that refuses to end (RuntimeError) is dropped all the same: its transaction is rolled back.
    with suppress(Exception):
        work.close()
