"""A real installation of both programs: the command that a person types, on ports of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec

from poolhouse.cli.masters import mint
from poolhouse.kit.ambient import SystemEntropy, urlsafe

PATIENCE = 30.0


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """Where both programs are, and the administrator of both."""

    base: str
    house: str
    email: str
    password: str
    log: Path

    @property
    def console(self) -> str:
        return self.base + "/console"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the program ended with {process.returncode}:\n{log.read_text()}")
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(url + "/health/ready", timeout=2) as reply,
        ):
            if reply.status == 200:
                return
        time.sleep(0.02)
    raise AssertionError(f"{url} was not ready in {PATIENCE:.0f} s:\n{log.read_text()}")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "poolhouse.cli", *arguments]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POOLHOUSE_", "AWS_"))}
    return {**kept, **more}


@contextlib.contextmanager
def running(*programs: tuple[list[str], dict[str, str], str], log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start programs (arguments, environment, base URL), wait until all are ready, end them."""
    processes = []
    with log.open("wb") as output:
        try:
            for arguments, env, _ in programs:
                processes.append(subprocess.Popen(arguments, env=env, stdout=output, stderr=subprocess.STDOUT))
            for process, (_, _, url) in zip(processes, programs, strict=True):
                wait_ready(url, process, log)
            yield processes
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(10)


@contextlib.contextmanager
def up(folder: Path, *flags: str) -> Iterator[Installation]:
    """``poolhouse up`` in *folder*."""
    port, house_port = free_port(), free_port()
    password = urlsafe(SystemEntropy(), 12)
    place = Installation(
        base=f"http://localhost:{port}",
        house=f"http://localhost:{house_port}",
        email="admin@example.com",
        password=password,
        log=folder / "up.log",
    )
    arguments = command("up", "--data", str(folder / "kept"), "--port", str(port), "--house-port", str(house_port))
    env = environment(POOLHOUSE_ADMIN_EMAIL=place.email, POOLHOUSE_ADMIN_PASSWORD=password)
    with running(([*arguments, *flags], env, place.base), log=place.log) as _:
        yield place


@contextlib.contextmanager
def served(folder: Path, pool_database: str, house_database: str) -> Iterator[Installation]:
    """``poolhouse serve pool`` and ``poolhouse serve house``, as in production but for TLS."""
    port, house_port = free_port(), free_port()
    place = Installation(
        base=f"http://localhost:{port}",
        house=f"http://localhost:{house_port}",
        email="admin@example.com",
        password=urlsafe(SystemEntropy(), 12),
        log=folder / "serve.log",
    )
    common = {
        "POOLHOUSE_ADMIN_EMAIL": place.email,
        "POOLHOUSE_ADMIN_PASSWORD": place.password,
        "POOLHOUSE_MASTER_KEY": mint(SystemEntropy()),
    }
    pool = command("serve", "pool", "--database", pool_database, "--base-url", place.base, "--port", str(port))
    house = command(
        "serve", "house", "--database", house_database, "--base-url", place.house, "--port", str(house_port)
    )
    with running(
        (pool, environment(**common), place.base), (house, environment(**common), place.house), log=place.log
    ) as _:
        yield place
