"""``poolhouse serve``: one program, in one process or several, behind a proxy that ends TLS or ending it itself."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from socket import socket
from typing import TYPE_CHECKING, Any, Protocol

import click
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from poolhouse.cli import masters, wire
from poolhouse.cli.server import bind, in_one_sentence
from poolhouse.house.config import HouseSettings
from poolhouse.kit import log
from poolhouse.kit.ambient import SystemClock, SystemEntropy
from poolhouse.kit.db.protocol import DatabaseError
from poolhouse.kit.memory import share_one_arena
from poolhouse.kit.seal import SealBroken

if TYPE_CHECKING:
    from poolhouse.house.tls.contexts import Certificates
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

    def __init__(self, settings: "PoolSettings | HouseSettings", log_level: str) -> None:
        self._settings = settings
        self._log_level = log_level
        self._certificates: Certificates | None = None
        self._plain: socket | None = None
        self._server: asyncio.AbstractServer | None = None

    @property
    def ends_tls(self) -> bool:
        return isinstance(self._settings, HouseSettings) and self._settings.tls

    def listen_plain(self, plain: socket) -> None:
        """Serve plain http at a socket of its own, beside https; before the processes are started."""
        self._plain = plain

    def tls(self, *_uvicorns: object) -> ssl.SSLContext:
        """The listener's context, before there is any certificate; called in each process, before it is built."""
        from poolhouse.house.tls.contexts import Certificates  # noqa: PLC0415 - only those who end TLS pay for it

        minimum = self._settings.tls_minimum if isinstance(self._settings, HouseSettings) else "1.2"
        self._certificates = Certificates(minimum)
        return self._certificates.context

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
        except SealBroken:
            await send({"type": "lifespan.startup.failed", "message": masters.ANOTHER})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _build(self) -> tuple[ASGIApp, Callable[[], Awaitable[None]]]:
        log.configure(self._log_level)
        share_one_arena()
        clock, entropy = SystemClock(), SystemEntropy()
        # Of the other program's modules nothing is kept in memory.
        if not isinstance(self._settings, HouseSettings):
            from poolhouse.pool.app import build as build_pool  # noqa: PLC0415

            pool = await build_pool(self._settings, clock=clock, entropy=entropy)
            return pool.app, pool.close
        from poolhouse.house.app import build as build_house  # noqa: PLC0415

        house = await build_house(self._settings, clock=clock, entropy=entropy, certificates=self._certificates)
        await house.open_gateway()
        self._house = house
        if self._plain is not None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(house.plain_front, sock=self._plain)
        return house, self._close_house

    async def _close_house(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._house.close()

    def front(self, connections: set[Any]) -> asyncio.Protocol:
        """What serves one connection to the house."""
        return self._house.front(connections)

    @property
    def http(self) -> Any:
        """The protocol of this program's server."""
        settings = self._settings
        if isinstance(settings, HouseSettings):
            return wire.gateway
        return wire.bounded(
            wire.Limits(
                per_address=settings.connections_per_address,
                proxies=settings.trusted_proxies,
                request_seconds=settings.request_seconds,
            )
        )


def check_workers(workers: int, database: str) -> None:
    """One process on SQLite: several would wait for one lock, and each would cache what another changes."""
    if workers < 1:
        raise click.ClickException("--workers: at least one")
    if workers > 1 and database.startswith("sqlite"):
        raise click.ClickException("--workers: SQLite is served by one process; several need PostgreSQL")


def serve(program: Program, *, host: str, port: int, workers: int, http_port: int = 0) -> None:
    """
    Serve until a signal; the exit code is 3 when the program cannot start, with the reason on standard error.

    *http_port*: where plain http is sent on to https.
    """
    more = {"ssl_context_factory": program.tls, "loop": "poolhouse.cli.loop:Loop"} if program.ends_tls else {}
    if http_port:
        with in_one_sentence():
            program.listen_plain(bind(host, http_port))
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
        **more,
    )
    if workers == 1:
        server = uvicorn.Server(config)
        server.run()
        if not server.started:
            raise SystemExit(CANNOT_START)
        return
    supervisor = Multiprocess(config, sockets=[config.bind_socket()])
    supervisor.run()
    if any(process.exitcode == CANNOT_START for process in supervisor.processes):
        raise SystemExit(CANNOT_START)
