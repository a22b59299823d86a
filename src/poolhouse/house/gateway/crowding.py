"""Connections that one address has too many of are told so and closed; a process that is full makes room."""

from collections.abc import Iterable

from poolhouse.house.gateway.front import Front
from poolhouse.kit.crowd import Crowd

SPARED_SECONDS = 3.0
"""How long a connection that asks nothing is kept where there are too many: a new one may be about to ask."""


class Crowding:
    """What a ``Front`` registers with while it is open."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    def add(self, front: Front) -> None:
        if not self._crowd.enter(front.peer):
            front.refuse(503, "too many connections from this address")

    def discard(self, front: Front) -> None:
        self._crowd.leave(front.peer)


def make_room(fronts: Iterable[Front], now: float) -> bool:
    """
    Close what waits for nothing, so that who only connects keeps nobody out; whether there was any.

    A request of which half the head has come is nothing, either: 10,000 of them would fill a process.
    """
    idle = [front for front in fronts if front.is_idle(now - SPARED_SECONDS)]
    for front in idle:
        front.shutdown()
    return bool(idle)
