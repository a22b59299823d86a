"""
The upstreams of one app, and which of them the next request goes to: in turn, those that are up.

A request that could not even be handed over goes to the next one, whatever it is: nothing of it has been sent.  One
that was handed over and met silence goes there only if it is safe to do twice (``exchange``).
"""

from collections.abc import Sequence

from poolhouse.house.gateway.place import Place
from poolhouse.house.gateway.upstream import Pool
from poolhouse.house.reach import Health


class Backend:
    """One upstream: its connections, and what is known of it."""

    __slots__ = ("health", "place", "pool")

    def __init__(self, place: Place, pool: Pool, health: Health) -> None:
        self.place = place
        self.pool = pool
        self.health = health


class Backends:
    """See the module."""

    __slots__ = ("_turn", "all")

    def __init__(self, backends: Sequence[Backend]) -> None:
        self.all = tuple(backends)
        self._turn = 0

    def choose(self, tried: Sequence[Backend], now: float) -> Backend | None:
        """The next one that is up, or due for another try; None: say that the app is down."""
        count = len(self.all)
        turn, self._turn = self._turn, (self._turn + 1) % count if count > 1 else 0
        for step in range(count):
            each = self.all[(turn + step) % count]
            # One that is down is due again now and then: this request finds out, and goes on to another if need be.
            if each not in tried and (each.health.is_up or each.health.may_try(now)):
                return each
        return None
