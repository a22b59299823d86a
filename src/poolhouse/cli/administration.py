"""The administrator's commands: they open the pool's database beside a running server."""

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from poolhouse.cli import masters
from poolhouse.house.app import build as build_house
from poolhouse.house.config import HouseSettings
from poolhouse.kit.ambient import Secret, SystemClock, SystemEntropy
from poolhouse.kit.cpu import CpuPool
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.seal import KeyRing
from poolhouse.pool.flows import access_keys, admins, keys
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.model.access_key import AccessKey, KeyPolicy
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.spec.errors import Reason
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


async def rotate_keys(flow: Flow, pool_id: str, *, at_once: bool, revoke: bool) -> None:
    """New signing keys for a pool; those before stay published as long as a token of theirs is good, or go at once."""
    pool = PoolId(pool_id)
    try:
        made = await (keys.revoke(flow, pool) if revoke else keys.rotate(flow, pool, at_once=at_once))
    except keys.RotationUnderWay as ahead:
        when = _moment(ahead.active_ms)
        raise click.ClickException(f"the pool has new keys that sign from {when}; --now: at once") from ahead
    except Refused as no:
        known = no.reason is Reason.POOL_NOT_FOUND
        raise click.ClickException("there is no such pool" if known else "somebody else changed its keys") from no
    for kid in made.kids:
        click.echo(kid)
    click.echo(f"They sign from {_moment(made.active_ms)}.", err=True)


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


async def set_password(flow: Flow, email: str, password: Secret) -> None:
    """Make an administrator, or give it a new password."""
    await admins.set_password(flow, email, password)
    click.echo(f"{email} signs in to the console with the new password; former sessions have ended.")


async def mint_access_key(
    flow: Flow, name: str, policy: KeyPolicy, lifetime_seconds: int | None, *, as_json: bool
) -> None:
    """
    Print an access key; its secrets are shown this once.

    The JSON is that of AWS's ``credential_process``, so every client and every script can read it.
    """
    made = await access_keys.mint(flow, name, policy, lifetime_seconds=lifetime_seconds)
    if as_json:
        found = {"Version": 1, "AccessKeyId": made.key.id, "SecretAccessKey": made.secret.reveal()}
        if made.session_token is not None:
            found["SessionToken"] = made.session_token.reveal()
        if made.key.expires_at is not None:
            found["Expiration"] = datetime.fromtimestamp(made.key.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    click.echo(f"AWS_ACCESS_KEY_ID={made.key.id}\nAWS_SECRET_ACCESS_KEY={made.secret.reveal()}")
    if made.session_token is not None:
        click.echo(f"AWS_SESSION_TOKEN={made.session_token.reveal()}")


async def list_access_keys(flow: Flow, *, as_json: bool) -> None:
    """Id, name, what it may do, when it ends and when it was used last; never a secret."""
    keys = await access_keys.list_all(flow)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode([_shown(key) for key in keys])).decode())
        return
    for key in keys:
        ends = f"  ends {_time(key.expires_at)}" if key.expires_at is not None else ""
        may = f"{','.join(key.operations)} in {','.join(key.pools)}"
        click.echo(f"{key.id}  {key.name}  {may}  used {_time(key.used_at)}{ends}")


def _shown(key: AccessKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "operations": key.operations,
        "pools": key.pools,
        "created_at": key.created_ms // 1000,
        "expires_at": key.expires_at,
        "used_at": key.used_at,
    }


def _time(at: int | None) -> str:
    return "never" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")


async def delete_access_key(flow: Flow, key_id: str) -> None:
    if not await access_keys.drop(flow, key_id):
        raise click.ClickException(f"there is no access key {key_id}")
    click.echo(f"{key_id} is deleted; signatures with it are refused from now on.")
