"""
What has come lately, for request rates: a bucket for each pool and category, and for each user, in memory.

Several processes have a bucket each, so that together they let through as many times the rate.
"""

from typing import Final

from poolhouse.pool.core.quotas import Bucket, take

_SECOND_MS: Final = 1000
_FORGOTTEN_AT_ONCE: Final = 8


class Buckets:
    """Filled by time, emptied by requests."""

    def __init__(self) -> None:
        self._pools: dict[tuple[str, str], Bucket] = {}
        self._users: dict[tuple[str, str, str], Bucket] = {}

    def take(self, pool_id: str, category: str, rate: int, now_ms: int) -> bool:
        """Whether one more request may come; *pool_id* must be a pool's, or a stranger could fill the memory."""
        key = (pool_id, category)
        self._pools[key], allowed = take(self._pools.get(key), rate, now_ms)
        return allowed

    def take_of_user(self, pool_id: str, kind: str, who: str, rate: int, now_ms: int) -> bool:
        """
        The same for *who*, anybody.

        A bucket that nobody has touched for a second is full, as a new one is: it is forgotten, so that what is held
        is what comes in a second.
        """
        key = (pool_id, kind, who)
        bucket, allowed = take(self._users.pop(key, None), rate, now_ms)
        # Put anew: the first ones in a dict are those that were not touched for longest.
        self._users[key] = bucket
        for oldest in list(self._users_from_oldest()):
            if 0 <= now_ms - self._users[oldest].at_ms < _SECOND_MS:
                break
            del self._users[oldest]
        return allowed

    def _users_from_oldest(self) -> list[tuple[str, str, str]]:
        return [key for key, _ in zip(self._users, range(_FORGOTTEN_AT_ONCE), strict=False)]

    @property
    def held(self) -> int:
        """How many users are remembered."""
        return len(self._users)
