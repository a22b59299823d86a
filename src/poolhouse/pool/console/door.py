"""
The console, imported when somebody first opens it.

It is a third of the server's modules, for administrators only: a server that nobody administers keeps none of it in
memory.
"""

from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.flows.context import Flow


class _Door:
    def __init__(self, flow: Flow, api: Api, html: Html) -> None:
        self._parts = flow, api, html
        self._router: Router | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._router is None:
            from poolhouse.pool.console.app import routes  # noqa: PLC0415

            self._router = Router(routes(*self._parts))
        await self._router({**scope, "path_params": {}}, receive, send)


def routes(flow: Flow, api: Api, html: Html) -> list[BaseRoute]:
    """Everything under ``/console``."""
    door = _Door(flow, api, html)
    return [Route("/console", door), Route("/console/{anywhere:path}", door)]
