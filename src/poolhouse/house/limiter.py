"""How often one address may knock: a fixed window, in memory, for each process."""

from poolhouse.kit.ambient import Clock

ADDRESSES_KEPT = 10_000


class Limiter:
    """At most *calls* in *seconds* for each key."""

    def __init__(self, clock: Clock, *, calls: int, seconds: int) -> None:
        self._clock = clock
        self._calls = calls
        self._seconds = seconds
        self._window = 0
        self._counts: dict[str, int] = {}

    def is_full(self, key: str) -> bool:
        """Whether the next call would be one too many; it is not counted."""
        return self._clock.now() // self._seconds == self._window and self._counts.get(key, 0) >= self._calls

    def allows(self, key: str) -> bool:
        """Count a call, and tell whether it is within the limit."""
        window = self._clock.now() // self._seconds
        if window != self._window or len(self._counts) >= ADDRESSES_KEPT:
            self._window = window
            self._counts.clear()
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        return count <= self._calls
