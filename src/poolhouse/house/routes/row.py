"""A handler of a module that is imported at its first request."""

from importlib import import_module
from operator import attrgetter

from poolhouse.house.context import Context
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply


class Later:
    """
    For pages of administrators, and those that import aiohttp and joserfc: half a second and 12 MB.

    A program that only starts should not pay for them, nor one that is at rest.
    """

    def __init__(self, module: str, name: str) -> None:
        self.module = f"poolhouse.house.pages.{module}"
        self.name = name

    async def __call__(self, ctx: Context, visit: Visit) -> Reply:
        reply: Reply = await attrgetter(self.name)(import_module(self.module))(ctx, visit)
        return reply
