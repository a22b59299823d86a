"""
The keys that clients publish at an address (``jwks_uri``).

Fetched through the guarded client, kept for a while, and fetched once more when a token names a key that is not
there, since clients rotate.  However many strangers name keys that nobody has, an address is called once in some
seconds at most.  Nothing old is trusted because the new is missing.
"""

import asyncio
import json
from typing import Final

import msgspec

from poolhouse.kit.jwk import Jwk, read_set
from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Http, Unreachable

KEPT_SECONDS: Final = 300
AGAIN_SECONDS: Final = 10
CALL_SECONDS: Final = 5.0
SETS: Final = 1_000


class _Kept(msgspec.Struct):
    keys: tuple[Jwk, ...] = ()
    fetched_at: int = 0
    called_at: int = 0
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


class KeyCache:
    """Key sets by address; one for each process."""

    def __init__(self) -> None:
        self._sets: dict[str, _Kept] = {}

    async def keys(self, http: Http, url: str, *, now: int, anew: bool = False) -> tuple[Jwk, ...]:
        """The usable keys; *anew* when those that were had are not enough.  None where they cannot be fetched."""
        kept = self._sets.get(url)
        if kept is None:
            while len(self._sets) >= SETS:
                del self._sets[next(iter(self._sets))]
            kept = self._sets[url] = _Kept()
        async with kept.lock:
            is_fresh = kept.keys and now - kept.fetched_at < KEPT_SECONDS
            if (is_fresh and not anew) or now - kept.called_at < AGAIN_SECONDS:
                return kept.keys if is_fresh else ()
            kept.called_at = now
            kept.keys = await _fetch(http, url)
            kept.fetched_at = now
            return kept.keys


async def _fetch(http: Http, url: str) -> tuple[Jwk, ...]:
    try:
        answer = await http.get(url, accept="application/jwk-set+json, application/json", seconds=CALL_SECONDS)
    except Unreachable as wrong:
        get_logger().warning("keys of a client cannot be fetched", url=url, reason=wrong.trouble)
        return ()
    if answer.status != 200:
        get_logger().warning("keys of a client cannot be fetched", url=url, status=answer.status)
        return ()
    try:
        return read_set(json.loads(answer.body))
    except (ValueError, RecursionError):
        get_logger().warning("keys of a client cannot be read", url=url)
        return ()
