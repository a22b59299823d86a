"""A handler of a module that is imported at its first request."""

from importlib import import_module

from poolhouse.house.context import Context
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply


class Later:
    """aiohttp and joserfc take half a second and 12 MB, which a program that only starts should not pay."""

    def __init__(self, module: str, name: str) -> None:
        self.module = f"poolhouse.house.pages.{module}"
        self.name = name

    async def __call__(self, ctx: Context, visit: Visit) -> Reply:
        reply: Reply = await getattr(import_module(self.module), self.name)(ctx, visit)
        return reply
