"""Uvicorn, with several applications in one event loop."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
import uvicorn
import uvloop
from starlette.types import ASGIApp

from poolhouse.cli import masters, wire
from poolhouse.kit.db.protocol import DatabaseError
from poolhouse.kit.seal import SealBroken
from poolhouse.kit.settings import SettingError

T = TypeVar("T")


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """One application and where it listens; certificate and key where it speaks TLS itself."""

    app: ASGIApp
    socket: socket.socket
    http: Any = wire.BoundedHttp
    certificate: Path | None = None
    key: Path | None = None


_OTHER = {
    errno.EADDRINUSE: " (--help has the options for another port)",
    errno.EACCES: " (ports below 1024 need CAP_NET_BIND_SERVICE)",
}


_ROOMLESS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class PortTaken(OSError):
    """Somebody else listens there."""


def bind(host: str, port: int) -> socket.socket:
    """
    Take a port before anything is built.

    A first start that failed later would have made an administrator whose password nobody has seen.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as failed:
        reason = os.strerror(failed.errno) if failed.errno else str(failed)
        raise PortTaken(f"cannot listen on {host}:{port}: {reason}{_OTHER.get(failed.errno or 0, '')}") from failed


class _Server(uvicorn.Server):
    """Leaves signals to us: two servers share one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(listener: Listener) -> _Server:
    config = wire.config(
        listener.app,
        http=listener.http,
        log_config=None,
        lifespan="off",
        date_header=True,
        timeout_graceful_shutdown=5,
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
    tasks = [
        loop.create_task(server.serve(sockets=[listener.socket]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
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


@contextlib.contextmanager
def in_one_sentence() -> Iterator[None]:
    """What an operator can mend ends the command with one sentence."""
    try:
        yield
    except (DatabaseError, PortTaken, SettingError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except SealBroken as wrong:
        raise click.ClickException(masters.ANOTHER) from wrong
    except OSError as wrong:
        if wrong.errno not in _ROOMLESS:
            raise
        raise click.ClickException(f"nothing can be written any more: {wrong.strerror}") from wrong


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* on uvloop."""
    with in_one_sentence():
        return uvloop.run(work)
