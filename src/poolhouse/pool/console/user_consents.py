"""The apps that a user has agreed to let in, and taking an agreement back in the user's name."""

from poolhouse.kit.edge import Reply
from poolhouse.pool.console import user as page_of
from poolhouse.pool.console.calls import get_pool
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.frame import go
from poolhouse.pool.flows import consent, people
from poolhouse.pool.flows.directory import PoolEntry


async def withdraw(visit: Visit) -> Reply:
    """POST: the agreement, and the tokens that the app has of this user."""
    entry = await _entry(visit)
    user = await people.get(visit.flow, entry.pool, visit.raw.params["user"])
    was_there = await consent.withdraw(visit.flow, user, visit.form.text("client"))
    word = "The app is asked to be let in again, and its tokens are revoked." if was_there else "Nothing was changed."
    return go(visit, page_of.address(visit), word)


async def _entry(visit: Visit) -> PoolEntry:
    await get_pool(visit)
    entry = await visit.flow.directory.find_pool(visit.pool_id)
    if entry is None:
        raise AssertionError("unreachable: the pool was found a moment ago")
    return entry
