"""The ``poolhouse`` command.  Each subcommand imports what it needs when it runs."""

import gc
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from poolhouse.cli.options import options
from poolhouse.house.config import SETTINGS as HOUSE_SETTINGS
from poolhouse.kit.memory import share_one_arena
from poolhouse.kit.settings import SettingError
from poolhouse.pool.config import SETTINGS as POOL_SETTINGS

F = TypeVar("F", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="poolhouse")
def main() -> None:
    """A self-hosted user pool that speaks Amazon Cognito, and the house where a team's apps live behind it."""
    # The modules make half a million objects that live as long as the process: collect less often.
    gc.set_threshold(50_000, 20, 20)
    share_one_arena()


@main.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path("poolhouse-data"),
              show_default=True, help="Where everything is kept.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=8400, show_default=True, help="The pool's port.")
@click.option("--house-port", default=8500, show_default=True, help="The house's port.")
@click.option("--bare", is_flag=True, help="Without the demo.")
@click.option("--strict", is_flag=True, envvar="POOLHOUSE_STRICT", help="AWS to the letter; see docs/strict.md.")
@click.option("--https", is_flag=True, help="With certificates of a local authority, for SDKs that insist on https.")
def up(data: Path, host: str, port: int, house_port: int, *, bare: bool, strict: bool, https: bool) -> None:
    """Run both programs on this machine, with a demo."""
    from poolhouse.cli import up as command  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("warning")
    with command.owned(data):
        where = command.place(
            folder=data, host=host, port=port, house_port=house_port, bare=bare, strict=strict, https=https
        )
        command.start(where)


@main.group()
def serve() -> None:
    """Run one program in production, behind a proxy that ends TLS."""


@serve.command("pool")
@options(POOL_SETTINGS)
def serve_pool(config_file: Path | None, **flags: Any) -> None:
    """Run the user-pool server."""
    from poolhouse.cli import production  # noqa: PLC0415

    production.serve_pool(flags, config_file)


@serve.command("house")
@options(HOUSE_SETTINGS)
def serve_house(config_file: Path | None, **flags: Any) -> None:
    """Run the house."""
    from poolhouse.cli import production  # noqa: PLC0415

    production.serve_house(flags, config_file)


@main.group()
def keys() -> None:
    """The master key, and the signing keys of pools."""


@keys.command()
def master() -> None:
    """Print a new master key.  Whoever has it can open what the database seals: keep it apart from backups."""
    from poolhouse.cli.masters import mint  # noqa: PLC0415
    from poolhouse.kit.ambient import SystemEntropy  # noqa: PLC0415

    click.echo(mint(SystemEntropy()))


@main.group()
def admin() -> None:
    """Administrators of the pool server, access keys for the API, and settings of app clients."""


def _of_a_pool(function: F) -> F:
    for option in (
        click.option("--database", help="The database of a served pool; the key is POOLHOUSE_MASTER_KEY."),
        click.option("--data", type=click.Path(path_type=Path), help="The directory of `poolhouse up`."),
    ):
        function = option(function)
    return function


def _do(data: Path | None, database: str | None, work: Callable[[Any], Awaitable[None]]) -> None:
    from poolhouse.cli import administration  # noqa: PLC0415
    from poolhouse.cli.server import run_loop  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("warning")
    try:
        place = administration.where(data, database, os.environ.get("POOLHOUSE_MASTER_KEY"))
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    run_loop(administration.with_flow(place, work))


@keys.command("rotate")
@_of_a_pool
@click.option("--now", is_flag=True, help="The new keys sign within seconds, before all have seen them.")
@click.option("--revoke", is_flag=True, help="For a key that was stolen: the former keys and their tokens end at once.")
@click.argument("pool")
def rotate_keys(data: Path | None, database: str | None, pool: str, *, now: bool, revoke: bool) -> None:
    """Give the user pool POOL new signing keys: published at once, and signing after a day."""
    from poolhouse.cli import administration  # noqa: PLC0415

    _do(data, database, lambda flow: administration.rotate_keys(flow, pool, at_once=now, revoke=revoke))


@admin.command("set-password")
@_of_a_pool
@click.argument("email")
@click.password_option(help="Asked for when it is not given.")
def set_password(data: Path | None, database: str | None, email: str, password: str) -> None:
    """Make an administrator, or give it a new password: in the directory of `up` for both programs."""
    from poolhouse.cli import administration  # noqa: PLC0415
    from poolhouse.kit.ambient import Secret  # noqa: PLC0415

    secret = Secret(password)
    house = None if database else administration.house_of(data or administration.DEFAULT_FOLDER, email, secret)

    async def both(flow: Any) -> None:
        await administration.set_password(flow, email, secret)
        if house is not None:
            await administration.set_house_password(house, email, secret)

    _do(data, database, both)


@admin.command("import-users")
@_of_a_pool
@click.argument("pool_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hashes", "algorithm", type=click.Choice(["BCRYPT", "SCRYPT", "ARGON2ID", "PBKDF2_SHA256"]),
              help="The file has password hashes of this algorithm, in the column cognito:password_hash.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The result as JSON, without a progress bar.")
def import_users(
    data: Path | None, database: str | None, pool_id: str, file: Path, algorithm: str | None, *, as_json: bool
) -> None:
    """Import users into a pool from a CSV file; see docs/import.md for its form."""
    from poolhouse.cli import importing  # noqa: PLC0415

    _do(data, database, lambda flow: importing.import_users(flow, pool_id, file, algorithm, as_json=as_json))


@admin.group("access-key")
def access_key() -> None:
    """Access keys that sign requests to the API."""


@access_key.command("create")
@_of_a_pool
@click.argument("name")
@click.option("--operation", "operations", multiple=True, metavar="PATTERN",
              help="An operation that it may call, such as AdminGet*. Repeat it; without it, all.")  # fmt: skip
@click.option("--pool", "pools", multiple=True, metavar="ID",
              help="A user pool that it may use. Repeat it; without it, all.")  # fmt: skip
@click.option("--minutes", type=click.IntRange(15, 2160),
              help="A temporary key with a session token, which ends after so many minutes.")  # fmt: skip
def create_access_key(
    data: Path | None, database: str | None, name: str, operations: tuple[str, ...], pools: tuple[str, ...],
    minutes: int | None,
) -> None:  # fmt: skip
    """Make an access key and print it; NAME says who uses it. Give it no more than its program needs."""
    from poolhouse.cli import administration  # noqa: PLC0415
    from poolhouse.pool.core.key_policy import read_policy  # noqa: PLC0415
    from poolhouse.pool.spec.contract import contract  # noqa: PLC0415

    try:
        policy = read_policy(operations, pools, contract().operations)
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    seconds = minutes and minutes * 60
    _do(data, database, lambda flow: administration.mint_access_key(flow, name, policy, seconds))


@access_key.command("list")
@_of_a_pool
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_access_keys(data: Path | None, database: str | None, *, as_json: bool) -> None:
    """List access keys: name, what each may do, its last use and its end."""
    from poolhouse.cli import administration  # noqa: PLC0415

    _do(data, database, lambda flow: administration.list_access_keys(flow, as_json=as_json))


@access_key.command("delete")
@_of_a_pool
@click.argument("key_id")
def delete_access_key(data: Path | None, database: str | None, key_id: str) -> None:
    """Delete an access key."""
    from poolhouse.cli import administration  # noqa: PLC0415

    _do(data, database, lambda flow: administration.delete_access_key(flow, key_id))


@admin.group("client")
def app_client() -> None:
    """What an app client has of OpenID Connect and OAuth 2.0 beyond Cognito's settings; see docs/openid.md."""


@app_client.command("show")
@_of_a_pool
@click.argument("pool")
@click.argument("client")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_client(data: Path | None, database: str | None, pool: str, client: str, *, as_json: bool) -> None:
    """Show the settings of the app client CLIENT of the user pool POOL, by their ids."""
    from poolhouse.cli import extended  # noqa: PLC0415

    _do(data, database, lambda flow: extended.show_client(flow, pool, client, as_json=as_json))


@app_client.command("set")
@_of_a_pool
@click.argument("pool")
@click.argument("client")
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_client(data: Path | None, database: str | None, pool: str, client: str, settings: tuple[str, ...]) -> None:
    """Change settings of the app client CLIENT of the user pool POOL, all of them or none.

    VALUE is JSON, or text; NAME= alone returns a setting to its default; NAME=@FILE reads the value from a file.
    """
    from poolhouse.cli import extended  # noqa: PLC0415

    changes = extended.read_changes(settings, extended.OF_CLIENTS)
    _do(data, database, lambda flow: extended.change_client(flow, pool, client, changes))


@admin.group("pool")
def user_pool() -> None:
    """What the hosted pages of a user pool have beyond Cognito's settings; see docs/page-settings.md."""


@user_pool.command("show")
@_of_a_pool
@click.argument("pool")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_pool(data: Path | None, database: str | None, pool: str, *, as_json: bool) -> None:
    """Show the settings of the user pool POOL, by its id."""
    from poolhouse.cli import extended  # noqa: PLC0415

    _do(data, database, lambda flow: extended.show_pool(flow, pool, as_json=as_json))


@user_pool.command("texts")
@_of_a_pool
@click.argument("pool")
@click.argument("language")
@click.option("--po", is_flag=True, help="All texts there are, as a gettext catalogue to translate.")
@click.option("--take", type=click.File("rb"), help="Take texts from a file, JSON or .po: all of them, or none.")
def pool_texts(data: Path, database: str | None, pool: str, language: str, *, po: bool, take: BinaryIO | None) -> None:
    """Show the texts of the hosted pages that POOL has of its own in LANGUAGE, as JSON; or take some from a file."""
    from poolhouse.cli import texts  # noqa: PLC0415

    if take is None:
        _do(data, database, lambda flow: texts.show(flow, pool, language, as_po=po))
    else:
        _do(data, database, lambda flow: texts.take(flow, pool, language, take.read(texts.LIMIT)))


@user_pool.command("set")
@_of_a_pool
@click.argument("pool")
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_pool(data: Path | None, database: str | None, pool: str, settings: tuple[str, ...]) -> None:
    """Change settings of the user pool POOL, all of them or none.

    VALUE is JSON, or text; NAME= alone returns a setting to its default; NAME=@FILE reads the value from a file.
    """
    from poolhouse.cli import extended  # noqa: PLC0415

    changes = extended.read_changes(settings, extended.OF_POOLS)
    _do(data, database, lambda flow: extended.change_pool(flow, pool, changes))


if __name__ == "__main__":
    main()
