"""
Metadata documents of clients by their addresses: fetched through the guarded client, and kept for a while.

Strangers name the addresses, so that one that failed is not tried again at once, each of them has only so many tried a
minute, and all together too.  Whatever they do, apps that are known already go on: their documents are fetched again
beside that, give way to no others that were never good, and do for a day where they cannot be had.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit import unambiguous
from poolhouse.kit.address import customer_of, is_shared
from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Http, Unreachable
from poolhouse.pool.core.client_document import SIZE

KEPT_SECONDS: Final = 600
STALE_SECONDS: Final = 86_400
AGAIN_SECONDS: Final = 30
CALL_SECONDS: Final = 5.0
DOCUMENTS: Final = 1_000
CALLS_A_MINUTE: Final = 120
"""Of addresses that have not been good before, and as many of others."""
CALLS_OF_ONE: Final = 12


class _Kept(msgspec.Struct):
    document: Mapping[str, Any] | None = None
    called_at: int = 0
    good_at: int = 0
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


class Documents:
    """Documents by address; one for each process."""

    def __init__(self) -> None:
        self._good: dict[str, _Kept] = {}
        self._others: dict[str, _Kept] = {}
        self._minute = 0
        self._calls: Counter[str] = Counter()

    async def get(self, http: Http, url: str, *, now: int, asker: str = "") -> Mapping[str, Any] | None:
        """The document; None where there is none, or too many were asked for.  *asker* is the address that asks."""
        kept = self._good.get(url) or self._others.get(url)
        if url in self._good and kept is not None:
            # What is in use stays longest.
            _put(self._good, url, kept)
        if kept is None:
            kept = _put(self._others, url, _Kept())
        async with kept.lock:
            age = now - kept.called_at
            if age < (AGAIN_SECONDS if kept.document is None or kept.good_at < kept.called_at else KEPT_SECONDS):
                return kept.document
            if not self._may_call(now, asker, is_known=url in self._good):
                get_logger().warning("too many documents of clients are asked for", url=url)
                return kept.document if now - kept.good_at < STALE_SECONDS else None
            kept.called_at = now
            found, is_there = await _fetch(http, url)
            if found is not None:
                kept.document, kept.good_at = found, now
                self._others.pop(url, None)
                _put(self._good, url, kept)
            elif is_there or now - kept.good_at >= STALE_SECONDS:
                kept.document = None
            return kept.document

    def _may_call(self, now: int, asker: str, *, is_known: bool) -> bool:
        if now // 60 != self._minute:
            self._minute, self._calls = now // 60, Counter()
        # Behind a proxy that nobody has named all the world has one address.
        counted = ["known"] if is_known else ["new", *([] if is_shared(asker) else [customer_of(asker)])]
        limits = [CALLS_A_MINUTE, CALLS_OF_ONE][: len(counted)]
        if any(self._calls[name] >= limit for name, limit in zip(counted, limits, strict=True)):
            return False
        self._calls.update(counted)
        return True


def _put(kept: dict[str, _Kept], url: str, entry: _Kept) -> _Kept:
    """The newest of so many, the oldest of which goes."""
    kept.pop(url, None)
    while len(kept) >= DOCUMENTS:
        del kept[next(iter(kept))]
    kept[url] = entry
    return entry


async def _fetch(http: Http, url: str) -> tuple[Mapping[str, Any] | None, bool]:
    """
    The document, and whether its host has answered: what it says counts, that it cannot be reached does not.

    Section 5: no redirect is followed, and what is not 200 and JSON is no document.
    """
    try:
        answer = await http.get(url, accept="application/json", seconds=CALL_SECONDS)
    except Unreachable as wrong:
        get_logger().warning("document of a client cannot be fetched", url=url, reason=wrong.trouble)
        return None, False
    if answer.status != 200 or len(answer.body) > SIZE:
        get_logger().warning("document of a client is none", url=url, status=answer.status, count=len(answer.body))
        return None, answer.status < 500
    try:
        document = unambiguous.read(answer.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        get_logger().warning("document of a client cannot be read", url=url)
        return None, True
    return document, True
