"""Uvicorn, with several applications in one event loop."""

import asyncio
import contextlib
import signal
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import uvicorn
import uvloop
from starlette.types import ASGIApp

from poolhouse.kit.db.protocol import DatabaseError
from poolhouse.kit.settings import SettingError


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """One application and where it listens; certificate and key where it speaks TLS itself."""

    app: ASGIApp
    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None


class PortTaken(OSError):
    """Somebody else listens there."""


class _Server(uvicorn.Server):
    """Leaves signals to us: two servers share one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(listener: Listener) -> _Server:
    config = uvicorn.Config(
        listener.app,
        host=listener.host,
        port=listener.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=True,
        ws="none",
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=65_536,
        ssl_certfile=listener.certificate,
        ssl_keyfile=listener.key,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return _Server(config)


@contextlib.asynccontextmanager
async def running(listeners: list[Listener]) -> AsyncIterator[asyncio.Event]:
    """Serve until the block ends; yields once all of them listen.  The event is set by SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    servers = [_server(listener) for listener in listeners]
    tasks = [loop.create_task(_serve(server)) for server in servers]
    try:
        while not all(server.started for server in servers):
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.005)
        yield stop
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(server: _Server) -> None:
    try:
        await server.serve()
    except SystemExit as failed:
        # Uvicorn ends the process when it cannot bind; here that is one error among others.
        where = f"{server.config.host}:{server.config.port}"
        raise PortTaken(f"cannot listen on {where}: another program has the port, or it is not ours") from failed


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* on uvloop; what an operator can mend ends the command with one sentence."""
    try:
        uvloop.run(work)
    except (DatabaseError, PortTaken, SettingError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
