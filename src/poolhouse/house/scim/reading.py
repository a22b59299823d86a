"""What both endpoints answer to GET: a page of a list, and one resource."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from poolhouse.house.scim.call import Call
from poolhouse.house.scim.query import Listing, list_reply, project, read_listing
from poolhouse.house.scim.replies import not_found, reply
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply

T = TypeVar("T")
Find = Callable[[ReadTx, str], Awaitable[T | None]]
Fitting = Callable[[ReadTx, Call, Listing], Awaitable[tuple[int, list[T]]]]
Describe = Callable[[ReadTx, Call, T], Awaitable[dict[str, Any]]]


async def show_page(call: Call, fitting: Fitting[T], describe: Describe[T], *, sorted_by: str) -> Reply:
    """A page of those that fit the filter."""
    listing = read_listing(call.query, sorted_by=sorted_by)

    async def unit(tx: ReadTx) -> tuple[int, list[dict[str, Any]]]:
        total, found = await fitting(tx, call, listing)
        return total, [project(await describe(tx, call, each), call.query) for each in found]

    total, resources = await call.ctx.db.read(unit, snapshot=True)
    return reply(list_reply(listing, total, resources))


async def show_one(call: Call, find: Find[T], describe: Describe[T], identity: str) -> Reply:
    """One of them, or 404."""

    async def unit(tx: ReadTx) -> dict[str, Any] | None:
        found = await find(tx, identity)
        return None if found is None else await describe(tx, call, found)

    resource = await call.ctx.db.read(unit)
    if resource is None:
        raise not_found()
    return reply(project(resource, call.query))
