"""The hosted pages behind a real socket, for a real browser."""

import asyncio
import contextlib
import queue
import socket
import threading
from collections.abc import Coroutine, Iterator
from html import escape
from typing import Any, TypeVar

import uvicorn
from starlette.routing import Mount, Route, Router

from poolhouse.kit import forms
from poolhouse.kit.ambient import SystemClock, SystemEntropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Raw, Reply, endpoint
from poolhouse.kit.edge import html as html_reply
from poolhouse.kit.html import Html, Static
from poolhouse.kit.seal import KeyRing
from poolhouse.kit.speech import PLAIN, Speaker
from poolhouse.pool.core import srp
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.oauth.routes import issuer_documents, issuer_routes
from poolhouse.pool.oauth.routes import routes as program_routes
from poolhouse.pool.pages.routes import fallback
from poolhouse.pool.pages.routes import routes as browser_routes
from tests.support import fixtures
from tests.support.web import PAGES

T = TypeVar("T")


class Watched(Html):
    """Templates as they are rendered, the last one by name."""

    def __init__(self) -> None:
        super().__init__([PAGES / "templates"], Static(hosted=[PAGES / "static"]))
        self.last = ""

    def render(self, name: str, /, voice: Speaker = PLAIN, **view: Any) -> bytes:
        self.last = name
        return super().render(name, voice, **view)


class Server:
    """A pool server in a thread of its own; ``do`` runs a coroutine there."""

    def __init__(self, base: str, flow: Flow, html: Watched, loop: asyncio.AbstractEventLoop) -> None:
        self.base = base
        self.html = html
        here, there = ("127.0.0.1", "localhost") if "127.0.0.1" in base else ("localhost", "127.0.0.1")
        self.elsewhere = base.replace(here, there) + "/app"
        self.flow = flow
        self._loop = loop

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


async def _flow(base: str) -> Flow:
    database = await open_database("sqlite://")

    async def create(tx: Tx) -> None:
        for statement in fixtures._tables():
            await tx.run(statement)

    await database.write(create)
    ring = KeyRing([fixtures.MASTER_KEY], SystemEntropy())
    return Flow(
        database=database,
        directory=Directory(database, ring),
        clock=SystemClock(),
        entropy=SystemEntropy(),
        ring=ring,
        cpu=CpuPool(2, 100, srp.prepare_thread),
        signer=CpuPool(1, 100),
        config=ServerConfig(base_url=base, development=True),
    )


def _app(flow: Flow, html: Html) -> Router:
    static = Static(hosted=[PAGES / "static"])
    files = Route("/static/{path:path}", endpoint(static.static_reply))
    domain = [*program_routes(flow), *browser_routes(flow, html), fallback(flow, html)]
    app = Route("/app/{page}", endpoint(_app_page))
    return Router([files, app, Mount("/domains/{domain}", routes=domain), *issuer_routes(issuer_documents(flow))])


async def _app_page(raw: Raw) -> Reply:
    """
    Pages of somebody else, on another site once they are asked for as ``localhost``: an app, and two attackers.

    ``bye`` is where the app is told, in a frame of ours, that its user has signed out.  ``frame`` shows the page of its parameter ``url`` in a frame, ``form`` posts its other parameters there.
    """
    given = forms.single(raw.query)
    url = escape(given.pop("url", ""))
    inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in given.items())
    body = {
        "callback": "<title>Wiki</title><h1>You are in</h1>",
        "bye": "<title>Wiki</title><p>Signed out here, too</p>",
        "frame": f'<iframe src="{url}"></iframe>',
        "form": f'<form method="post" action="{url}">{inputs}<button>Go</button></form>',
    }[raw.params["page"]]
    return html_reply(body.encode())


@contextlib.contextmanager
def running(host: str = "127.0.0.1") -> Iterator[Server]:
    """On a free port of the loopback interface, until the end of the block; by the name *host* to browsers."""
    started: queue.Queue[tuple[Server, uvicorn.Server]] = queue.Queue()

    async def serve(listener: socket.socket) -> None:
        base = f"http://{host}:{listener.getsockname()[1]}"
        flow, html = await _flow(base), Watched()
        server = uvicorn.Server(uvicorn.Config(_app(flow, html), log_level="warning", lifespan="off"))
        started.put((Server(base, flow, html, asyncio.get_running_loop()), server))
        await server.serve([listener])
        flow.cpu.close()
        flow.signer.close()
        await flow.database.close()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        # Connections of SQLite belong to the thread that opened them.
        thread = threading.Thread(target=lambda: asyncio.run(serve(listener)))
        thread.start()
        place, server = started.get(timeout=10)
        try:
            yield place
        finally:
            server.should_exit = True
            thread.join(10)
