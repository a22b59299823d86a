"""
``poolhouse up``: both programs in one process, on SQLite in one directory, for one machine.

Loopback only: here the API takes any AWS credentials, which is said at the start.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address
from pathlib import Path
from socket import socket
from typing import Any

import click
import msgspec
from starlette.types import ASGIApp

from poolhouse.cli import hello, masters, seed, wire
from poolhouse.cli.apart import apart
from poolhouse.cli.certificates import Certificates, make_certificates
from poolhouse.cli.places import ADDRESS_FILE
from poolhouse.cli.server import Listener, bind, in_one_sentence, run_loop, running
from poolhouse.house.app import House
from poolhouse.house.app import build as build_house
from poolhouse.house.config import HouseSettings
from poolhouse.kit.ambient import Secret, SystemClock, SystemEntropy, urlsafe
from poolhouse.kit.settings import convert
from poolhouse.pool.app import PoolServer
from poolhouse.pool.app import build as build_pool
from poolhouse.pool.config import SETTINGS, PoolSettings, read_hooks
from poolhouse.pool.effects.hook_targets import Targets

ADMIN_EMAIL = "admin@example.com"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything of one ``up`` is."""

    folder: Path
    host: str
    base: str
    house: str
    port: int
    house_port: int
    bare: bool
    strict: bool
    hooks: Targets
    certificates: Certificates | None
    key: Secret
    email: str
    password: Secret
    password_given: bool


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold the directory: two programs on one SQLite file would each cache what the other changes."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as failed:
        raise click.ClickException(f"--data: nothing can be written to {folder}: {failed.strerror}") from failed
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise click.ClickException(f"{folder} is in use by another `poolhouse up`") from held
        yield


def place(*, folder: Path, host: str, port: int, house_port: int, bare: bool, strict: bool, https: bool) -> Place:
    """Check the flags; ``click.ClickException`` for an address that others could reach."""
    name = "localhost" if host in ("127.0.0.1", "localhost") else f"[{host}]" if ":" in host else host
    if host != "localhost" and not _is_loopback(host):
        raise click.ClickException(
            f"--host {host}: `up` takes any AWS credentials, so it listens on loopback only."
            " For other machines there is `poolhouse serve pool`."
        )
    scheme = "https" if https else "http"
    given = os.environ.get("POOLHOUSE_ADMIN_PASSWORD")
    entropy = SystemEntropy()
    return Place(
        folder=folder,
        host=host,
        base=f"{scheme}://{name}:{port}",
        house=f"{scheme}://{name}:{house_port}",
        port=port,
        house_port=house_port,
        bare=bare,
        strict=strict,
        hooks=_hooks(os.environ.get("POOLHOUSE_HOOKS")),
        certificates=make_certificates(folder, [name, host, "hello.localhost"]) if https else None,
        key=masters.of_directory(folder, entropy),
        email=os.environ.get("POOLHOUSE_ADMIN_EMAIL", ADMIN_EMAIL),
        password=Secret(given or urlsafe(entropy, 12)),
        password_given=given is not None,
    )


class Made(msgspec.Struct, frozen=True):
    """What was made just now, and is shown this once."""

    administrator: bool = False
    house_password: str | None = None
    demo_password: str | None = None

    def __repr__(self) -> str:
        return "Made(***)"


def start(where: Place) -> None:
    """Take both ports, make what is missing, serve until a signal."""
    with in_one_sentence():
        sockets = [bind(where.host, port) for port in (where.port, where.house_port)]
    (where.folder / ADDRESS_FILE).write_text(where.house + "\n")
    is_first = not all((where.folder / name).exists() for name in ("pool.db", "house.db"))
    made = apart(lambda: run_loop(_set_up(where)), Made) if is_first else Made()
    run_loop(_serve(where, sockets, made))


async def _set_up(where: Place) -> Made:
    pool, house, made, _ = await _build(where)
    await _close(pool, house)
    return made


async def _build(where: Place) -> tuple[PoolServer, House, Made, seed.Demo | None]:
    """Both programs, with the demo, and what that made."""
    clock, entropy = SystemClock(), SystemEntropy()
    pool = await build_pool(pool_settings(where), clock=clock, entropy=entropy, alone=False)
    same = pool.made_administrator or where.password_given
    kept = house_settings(where, same_administrator=same)
    house = await build_house(kept, clock=clock, entropy=entropy, cpu=pool.flow.cpu)
    demo = None if where.bare else await seed.demo(pool, house, where.base, where.house)
    first, shown = house.first_password, demo.password if demo else None
    made = Made(pool.made_administrator, first.reveal() if first else None, shown.reveal() if shown else None)
    return pool, house, made, demo


async def _serve(where: Place, sockets: list[socket], made: Made) -> None:
    pool, house, now, demo = await _build(where)
    try:
        certificate = where.certificates.certificate if where.certificates else None
        key = where.certificates.key if where.certificates else None
        await house.open_gateway()
        apps: list[tuple[ASGIApp, Any]] = [(pool.app, wire.BoundedHttp), (house, wire.gateway)]
        listeners = [
            Listener(app=app, http=http, socket=socket, certificate=certificate, key=key)
            for (app, http), socket in zip(apps, sockets, strict=True)
        ]
        async with nullcontext() if where.bare else hello.running(house), running(listeners) as stop:
            click.echo(welcome(where, made if made != Made() else now, demo.email if demo else None))
            await stop.wait()
    finally:
        await _close(pool, house)


async def _close(pool: PoolServer, house: House) -> None:
    await house.close()
    await pool.close()


def pool_settings(where: Place) -> PoolSettings:
    return PoolSettings(
        database=f"sqlite:///{where.folder.resolve()}/pool.db",
        base_url=where.base,
        master_keys=(where.key,),
        admin_email=where.email,
        admin_password=where.password,
        development=True,
        strict=where.strict,
        hooks=where.hooks,
    )


def house_settings(where: Place, *, same_administrator: bool) -> HouseSettings:
    """*same_administrator*: the pool's was made just now, or given; the house's first one gets the same password."""
    return HouseSettings(
        base_url=where.house,
        database=f"sqlite:///{where.folder.resolve()}/house.db",
        master_keys=(where.key,),
        admin_email=where.email,
        admin_password=where.password if same_administrator else None,
        provider_ca=str(where.certificates.authority) if where.certificates else "",
    )


def welcome(where: Place, made: Made, demo: str | None) -> str:
    """What a newcomer needs, no more; *demo* is the demo user's address."""
    lines = ["Poolhouse is up. Stop it with Ctrl-C.", ""]
    rows = [("Console", f"{where.base}/console"), ("House", where.house), ("API", where.base)]
    if made.administrator:
        shown = "the password in POOLHOUSE_ADMIN_PASSWORD" if where.password_given else where.password.reveal()
        rows.append(("Administrator", f"{where.email}  {shown}"))
    else:
        rows.append(("Administrator", f"{where.email}  (new password: poolhouse admin set-password)"))
    if made.house_password is not None:
        rows.append(("House only", f"{where.email}  {made.house_password}"))
    if demo is not None:
        rows.append(("Demo user", f"{demo}  {made.demo_password or ''}".rstrip()))
        rows.append(("Demo app", hello.address(where.house)))
    lines += [f"  {name:<15}{value}" for name, value in rows]
    if where.certificates:
        lines.append(f"  {'Certificates':<15}{where.certificates.authority}")
    lines += [
        "",
        f"  export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER={where.base}",
        "  export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any",
        "",
        "On this machine the API takes any AWS credentials; messages are shown in the console, not sent.",
    ]
    return "\n".join(lines)


def _hooks(given: str | None) -> Targets:
    """The one setting of ``serve`` that ``up`` takes as well: without it triggers could not be tried."""
    row = next(setting for setting in SETTINGS if setting.name == "hooks")
    with in_one_sentence():
        return read_hooks(convert(row, given, row.variable) if given else None)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
