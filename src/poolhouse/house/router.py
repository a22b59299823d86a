"""Paths to handlers: the pages of the route table, and what is beside them."""

from starlette.routing import Route, Router

from poolhouse.house.admission import route
from poolhouse.house.context import Context
from poolhouse.house.pages import health, look
from poolhouse.house.routes import NOWHERE, ROUTES
from poolhouse.house.scim.request import BODY_LIMIT, METHODS
from poolhouse.kit.edge import Raw, Reply, endpoint
from poolhouse.kit.html import Static


def make_router(ctx: Context, static: Static) -> Router:
    """The application without its gateway."""

    async def live(raw: Raw) -> Reply:
        return await health.live(ctx, raw)

    async def dressed(raw: Raw) -> Reply:
        return await look.reply(ctx, raw)

    async def ready(raw: Raw) -> Reply:
        return await health.ready(ctx, raw)

    async def metrics(raw: Raw) -> Reply:
        # prometheus-client takes 14 MB, which only those should pay who read it.
        from poolhouse.house.metrics.exposition import answer as show_metrics  # noqa: PLC0415

        return await show_metrics(ctx, raw)

    async def read(raw: Raw) -> Reply:
        return await health.read(ctx, raw)

    async def scim(raw: Raw) -> Reply:
        # Half a megabyte, for a house with a directory.
        from poolhouse.house.scim.surface import answer  # noqa: PLC0415

        return await answer(ctx, raw)

    def too_large(raw: Raw) -> Reply:
        from poolhouse.house.scim.surface import too_large as refuse  # noqa: PLC0415

        return refuse(raw)

    return Router(
        [
            Route("/metrics", endpoint(metrics), methods=["GET"]),
            Route("/health/live", endpoint(live), methods=["GET"]),
            Route("/health/ready", endpoint(ready), methods=["GET"]),
            Route("/health/read", endpoint(read), methods=["GET"]),
            Route("/scim/v2/{path:path}", endpoint(scim, limit=BODY_LIMIT, on_oversize=too_large), methods=METHODS),
            Route("/static/look/{name}", endpoint(dressed), methods=["GET"]),
            Route("/static/{name:path}", endpoint(static.static_reply), methods=["GET"]),
            *(route(ctx, row) for row in (*ROUTES, *NOWHERE)),
        ],
        redirect_slashes=False,
    )
