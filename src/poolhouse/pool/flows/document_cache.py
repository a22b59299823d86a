"""
Metadata documents of clients by their addresses: fetched through the guarded client, and kept for a while.

Strangers name the addresses, so that one that failed is not tried again at once, and all together cost only so many
calls a minute.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from poolhouse.kit import unambiguous
from poolhouse.kit.log import get_logger
from poolhouse.kit.outgoing import Http, Unreachable
from poolhouse.pool.core.client_document import SIZE

KEPT_SECONDS: Final = 600
AGAIN_SECONDS: Final = 30
CALL_SECONDS: Final = 5.0
DOCUMENTS: Final = 1_000
CALLS_A_MINUTE: Final = 120


class _Kept(msgspec.Struct):
    document: Mapping[str, Any] | None = None
    called_at: int = 0
    lock: asyncio.Lock = msgspec.field(default_factory=asyncio.Lock)


class Documents:
    """Documents by address; one for each process."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._minute = 0
        self._calls = 0

    async def get(self, http: Http, url: str, *, now: int) -> Mapping[str, Any] | None:
        """The document; None where there is none, or too many were asked for."""
        kept = self._kept.get(url)
        if kept is None:
            while len(self._kept) >= DOCUMENTS:
                del self._kept[next(iter(self._kept))]
            kept = self._kept[url] = _Kept()
        async with kept.lock:
            age = now - kept.called_at
            if age < (AGAIN_SECONDS if kept.document is None else KEPT_SECONDS):
                return kept.document
            if not self._may_call(now):
                get_logger().warning("too many documents of clients are asked for", url=url)
                return None
            kept.called_at = now
            kept.document = await _fetch(http, url)
            return kept.document

    def _may_call(self, now: int) -> bool:
        if now // 60 != self._minute:
            self._minute, self._calls = now // 60, 0
        self._calls += 1
        return self._calls <= CALLS_A_MINUTE


async def _fetch(http: Http, url: str) -> Mapping[str, Any] | None:
    """Section 5: no redirect is followed, and what is not 200 and JSON is no document."""
    try:
        answer = await http.get(url, accept="application/json", seconds=CALL_SECONDS)
    except Unreachable as wrong:
        get_logger().warning("document of a client cannot be fetched", url=url, reason=wrong.trouble)
        return None
    if answer.status != 200 or len(answer.body) > SIZE:
        get_logger().warning("document of a client is none", url=url, status=answer.status, count=len(answer.body))
        return None
    try:
        document = unambiguous.read(answer.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        get_logger().warning("document of a client cannot be read", url=url)
        return None
    return document
