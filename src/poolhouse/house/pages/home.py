"""The home page: who is signed in, and the team's apps."""

from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.pages.frame import HOME, account_of, page, session_of
from poolhouse.house.roles import Power
from poolhouse.house.store import apps
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.edge import Reply


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/``."""

    async def unit(tx: ReadTx) -> list[App]:
        return await apps.list_apps(tx)

    found = await ctx.db.read(unit)
    may_add = Power.APPS in session_of(visit).powers
    return page(
        ctx, visit, "home.html", current=HOME, is_portal=True, apps=found, who=account_of(visit), may_add=may_add
    )
