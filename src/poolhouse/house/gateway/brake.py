"""
How often one address may come with tokens that open nothing.

Nobody guesses one of 190 bits; this keeps the store, the provider and the audit log from being worked to death.  In
memory, for each process, by the minute.
"""

from poolhouse.house.brakes import is_everybody, network_of
from poolhouse.kit.ambient import Clock

FREE = 60
SECONDS = 60
ADDRESSES_KEPT = 10_000


class Brake:
    """Counts refused tokens by address."""

    def __init__(self, clock: Clock, *, has_proxies: bool) -> None:
        self._clock = clock
        self._has_proxies = has_proxies
        self._window = 0
        self._counts: dict[str, int] = {}

    def holds(self, address: str) -> bool:
        """
        Whether this address has had its share of this minute.

        Not one that may be everybody, behind a proxy that nobody has named.
        """
        if not self._has_proxies and is_everybody(address):
            return False
        return self._now().get(network_of(address), 0) >= FREE

    def count(self, address: str) -> int:
        """One more; how many that were in this minute."""
        counts, key = self._now(), network_of(address)
        counts[key] = counts.get(key, 0) + 1
        return counts[key]

    def _now(self) -> dict[str, int]:
        window = self._clock.now() // SECONDS
        if window != self._window or len(self._counts) >= ADDRESSES_KEPT:
            self._window = window
            self._counts.clear()
        return self._counts
