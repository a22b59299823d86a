"""``poolhouse serve``: one program, in one process or several, behind a proxy that ends TLS."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import click
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from poolhouse.cli import wire
from poolhouse.house.app import build as build_house
from poolhouse.house.config import HouseSettings
from poolhouse.kit import log
from poolhouse.kit.ambient import SystemClock, SystemEntropy
from poolhouse.kit.db.protocol import DatabaseError
from poolhouse.kit.memory import share_one_arena
from poolhouse.pool.app import build as build_pool
from poolhouse.pool.config import PoolSettings

CANNOT_START = 3
"""The exit code of a program that cannot start, and of its processes: uvicorn's."""


class Running(Protocol):
    """What both programs have in common."""

    async def close(self) -> None: ...


class Program:
    """
    An ASGI application that is built when its process starts.

    It holds settings only, so that it can be handed to worker processes.
    """

    def __init__(self, settings: PoolSettings | HouseSettings, log_level: str) -> None:
        self._settings = settings
        self._log_level = log_level

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._app, close = await self._build()
        except (DatabaseError, OSError, ValueError) as wrong:
            await send({"type": "lifespan.startup.failed", "message": str(wrong)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _build(self) -> tuple[ASGIApp, Callable[[], Awaitable[None]]]:
        log.configure(self._log_level)
        share_one_arena()
        clock, entropy = SystemClock(), SystemEntropy()
        if isinstance(self._settings, PoolSettings):
            pool = await build_pool(self._settings, clock=clock, entropy=entropy)
            return pool.app, pool.close
        house = await build_house(self._settings, clock=clock, entropy=entropy)
        await house.open_gateway()
        self._house = house
        return house, house.close

    def front(self, connections: set[Any]) -> asyncio.Protocol:
        """What serves one connection to the house."""
        return self._house.front(connections)

    @property
    def http(self) -> Any:
        """The protocol of this program's server."""
        return wire.gateway if isinstance(self._settings, HouseSettings) else wire.BoundedHttp


def check_workers(workers: int, database: str) -> None:
    """One process on SQLite: several would wait for one lock, and each would cache what another changes."""
    if workers < 1:
        raise click.ClickException("--workers: at least one")
    if workers > 1 and database.startswith("sqlite"):
        raise click.ClickException("--workers: SQLite is served by one process; several need PostgreSQL")


def serve(program: Program, *, host: str, port: int, workers: int) -> None:
    """Serve until a signal; the exit code is 3 when the program cannot start, with the reason on standard error."""
    config = wire.config(
        program,
        http=program.http,
        host=host,
        port=port,
        workers=workers,
        lifespan="on",
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=30,
    )
    if workers == 1:
        server = uvicorn.Server(config)
        server.run()
        if not server.started:
            raise SystemExit(CANNOT_START)
        return
    socket = config.bind_socket()
    supervisor = Multiprocess(config, sockets=[socket])
    supervisor.run()
    if any(process.exitcode == CANNOT_START for process in supervisor.processes):
        raise SystemExit(CANNOT_START)
