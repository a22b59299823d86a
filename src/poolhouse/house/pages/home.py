"""The home page: who is signed in, and the apps that they may open."""

from poolhouse.house.branding import find_picture
from poolhouse.house.context import Context
from poolhouse.house.model import App
from poolhouse.house.pages.frame import HOME, account_of, page, session_of
from poolhouse.house.pages.look import PICTURE
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.portal import tiles
from poolhouse.house.roles import Power
from poolhouse.house.store import apps, portal
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect, text

SEARCH_FROM = 2
"""Of fewer apps nobody has to search."""


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/``, with what is looked for and the order in the query."""
    session = session_of(visit)
    query = read_query(visit.raw)
    wanted = query.get("q", "").strip()[:80]
    order = query.get("order", "") if query.get("order") in tiles.ORDERS else tiles.ORDERS[0]

    async def unit(tx: ReadTx) -> tiles.Remembered:
        return await tiles.remembered(tx, session.account.id)

    known = await ctx.db.read(unit)
    everything = tiles.tiles(
        known, session, address=visit.address, now=ctx.clock.now(), origin=ctx.origin, reach=ctx.reach
    )
    return page(
        ctx,
        visit,
        "home.html",
        current=HOME,
        is_portal=True,
        tiles=tiles.arranged(everything, wanted=wanted, order=order),
        has_any=bool(everything),
        can_search=len(everything) >= SEARCH_FROM,
        wanted=wanted,
        order=order,
        who=account_of(visit),
        may_add=Power.APPS in session.powers,
        is_empty=not known.apps,
    )


async def favour(ctx: Context, visit: Visit) -> Reply:
    """The star of a tile: it goes first from now on, or no longer."""
    app_id, account = visit.raw.params["id"], account_of(visit)
    is_one = visit.form.get("favourite") == "on"

    async def unit(tx: Tx) -> None:
        if await apps.find_app(tx, app_id) is not None:
            await portal.set_favourite(tx, account.id, app_id, is_one=is_one)

    await ctx.db.write(unit)
    return redirect(with_query("/", q=visit.form.get("q", "")[:80], order=visit.form.get("order", "")[:8]))


async def icon(ctx: Context, visit: Visit) -> Reply:
    """An app's picture, as it was checked when it was saved; nothing in it runs."""
    app_id = visit.raw.params["id"]

    async def unit(tx: ReadTx) -> App | None:
        return await apps.find_app(tx, app_id)

    app = await ctx.db.read(unit)
    picture = find_picture(app.icon) if app is not None else None
    if app is None or picture is None or tiles.icon_path(app) != visit.raw.path:
        return text("There is no such picture.\n", 404, (("cache-control", "no-store"),))
    return Reply(200, picture.body, (*PICTURE, ("content-type", picture.media_type)))
