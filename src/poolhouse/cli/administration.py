"""The administrator's commands: they open the pool's database beside a running server."""

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from poolhouse.cli import masters
from poolhouse.house.app import build as build_house
from poolhouse.house.config import HouseSettings
from poolhouse.kit.ambient import Secret, SystemClock, SystemEntropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.seal import KeyRing
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.store.history import HISTORY

DEFAULT_FOLDER = Path("poolhouse-data")


def where(data: Path | None, database: str | None, master_key: str | None) -> tuple[str, tuple[Secret, ...]]:
    """The database and the keys: of ``up``'s directory, or of a served program."""
    if database:
        return database, masters.read(master_key)
    folder = data or DEFAULT_FOLDER
    if not (folder / "pool.db").exists():
        raise click.ClickException(
            f"there is no pool in {folder}; give --data, or --database with POOLHOUSE_MASTER_KEY"
        )
    return f"sqlite:///{folder.resolve()}/pool.db", (masters.of_directory(folder, SystemEntropy()),)


async def with_flow(place: tuple[str, tuple[Secret, ...]], work: Callable[[Flow], Awaitable[None]]) -> None:
    """Open, migrate, do, close."""
    entropy = SystemEntropy()
    database = await open_database(place[0])
    try:
        await migrate(database, HISTORY)
        ring = KeyRing([base64.b64decode(key.reveal()) for key in place[1]], entropy)
        cpu = CpuPool(1, 4)
        flow = Flow(
            database=database,
            directory=Directory(database, ring),
            clock=SystemClock(),
            entropy=entropy,
            ring=ring,
            cpu=cpu,
            signer=cpu,
            config=ServerConfig(base_url=""),
        )
        await work(flow)
        cpu.close()
    finally:
        await database.close()


def house_of(folder: Path, email: str, password: Secret) -> HouseSettings:
    """The house in the directory of ``up``."""
    return HouseSettings(
        base_url="http://localhost",
        database=f"sqlite:///{folder.resolve()}/house.db",
        master_keys=(masters.of_directory(folder, SystemEntropy()),),
        admin_email=email,
        admin_password=password,
    )


async def set_house_password(settings: HouseSettings, email: str, password: Secret) -> None:
    """The same account in the house of ``up``'s directory: an enabled administrator who signs in by form."""
    house = await build_house(settings)
    await house.rescue(email, password)
    await house.close()
    click.echo(f"{email} is an administrator of the house, too, and form login is on.")


async def set_password(flow: Flow, email: str, password: Secret) -> None:
    """Make an administrator, or give it a new password."""
    await admins.set_password(flow, email, password)
    click.echo(f"{email} signs in to the console with the new password; former sessions have ended.")


async def mint_access_key(flow: Flow, name: str) -> None:
    """Print an access key; the secret is shown this once."""
    key_id, secret = await admins.mint_access_key(flow, name)
    click.echo(f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret.reveal()}")


async def list_access_keys(flow: Flow) -> None:
    for key in await admins.list_access_keys(flow):
        click.echo(f"{key.id}  {key.name}")


async def delete_access_key(flow: Flow, key_id: str) -> None:
    if not await admins.drop_access_key(flow, key_id):
        raise click.ClickException(f"there is no access key {key_id}")
    click.echo(f"{key_id} is deleted; signatures with it are refused from now on.")
