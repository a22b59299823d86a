"""Judges what is open anew when sessions end or apps change, and now and then for what runs out by itself."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from poolhouse.house.gateway.judge import Outcome, of_person
from poolhouse.house.gateway.registry import Bound
from poolhouse.house.gateway.resource import in_scope
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.table import Entry
from poolhouse.house.model import App
from poolhouse.kit.db.protocol import DatabaseError
from poolhouse.kit.log import get_logger

if TYPE_CHECKING:
    from poolhouse.house.gateway.site import Site


async def watch(site: "Site", has_news: asyncio.Event) -> None:
    """For ever, each time that there is news."""
    while True:
        await has_news.wait()
        has_news.clear()
        with contextlib.suppress(DatabaseError, OSError):
            await site.registry.judge(lambda bound, was_used: _may_stay(site, bound, was_used=was_used))


async def _may_stay(site: "Site", bound: Bound, *, was_used: bool) -> bool:
    entry = site.table.of(bound.app.id)
    if entry is None or not _is_there_still(entry, bound.app):
        return False
    if bound.path:
        return entry.is_public(bound.path)
    try:
        # To look is not to use: a session with an open page runs out when nobody does anything in it.
        seen = await site.callers.find(entry, bound.given, bound.address, is_use=was_used)
    except (DatabaseError, OSError):
        raise
    except Exception as wrong:  # noqa: BLE001 - what cannot be read denies, and the others are judged all the same
        get_logger().error("session not read", program="house", error=type(wrong).__name__)
        return False
    if bound.asked is not None and isinstance(seen, Seen):
        seen = in_scope(entry, *bound.asked, seen)
    verdict = of_person(entry, seen, address=bound.address, now=site.ctx.clock.now())
    return verdict.outcome is Outcome.OPEN


def _is_there_still(entry: Entry, before: App) -> bool:
    """Whether a new request would be carried to the same app."""
    gate, former = entry.gate, before.gate
    if gate is None or former is None or gate.maintenance:
        return False
    return (entry.app.url, gate.upstream, gate.replicas) == (before.url, former.upstream, former.replicas)
