"""What is asked for under an address that the route table does not have."""

from poolhouse.house.context import Context
from poolhouse.house.pages.problem import problem
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply


async def show(ctx: Context, visit: Visit) -> Reply:
    """A page, not a bare line."""
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such page",
        what="The address may be mistyped, or the page has moved.",
        todo="",
    )
