"""The list of user pools."""

from typing import Final

from poolhouse.kit.edge import Reply, redirect
from poolhouse.pool.console import paths
from poolhouse.pool.console.calls import list_all
from poolhouse.pool.console.choices import regions
from poolhouse.pool.console.context import Visit
from poolhouse.pool.console.frame import page
from poolhouse.pool.console.session import region_cookie

ON_PAGE: Final = 50


async def front(_visit: Visit) -> Reply:
    """GET: the console begins with its list."""
    return redirect(paths.POOLS)


async def show_all(visit: Visit) -> Reply:
    """GET: the pools of a region, by name; ``region`` in the query chooses another one from now on."""
    asked = visit.query.text("region")
    if asked and asked in regions(visit.flow.config.region):
        kept = paths.href(paths.POOLS, q=visit.query.text("q"))
        return redirect(kept, headers=(region_cookie(visit.console, asked),))
    wanted = visit.query.text("q")
    pools = await list_all(visit, "ListUserPools")
    found = [pool for pool in pools if wanted.casefold() in f"{pool['Name']} {pool['Id']}".casefold()]
    found.sort(key=lambda pool: (pool["Name"].casefold(), pool["Id"]))
    number = max(visit.query.number("page") or 1, 1)
    first = (number - 1) * ON_PAGE
    shown = found[first : first + ON_PAGE]
    return page(
        visit,
        "pools.html",
        pools=[(pool, paths.of_pool(pool["Id"])) for pool in shown],
        total=len(pools),
        wanted=wanted,
        summary=f"{first + 1}\N{EN DASH}{first + len(shown)} of {len(found)}" if shown else "",
        previous=paths.href(paths.POOLS, q=wanted, page=str(number - 1)) if number > 1 else "",
        following=paths.href(paths.POOLS, q=wanted, page=str(number + 1)) if first + ON_PAGE < len(found) else "",
    )
