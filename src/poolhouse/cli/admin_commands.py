"""``poolhouse admin``: administrators, users from a file, access keys."""

from pathlib import Path
from typing import Any

import click

from poolhouse.cli.extended_commands import app_client, user_pool
from poolhouse.cli.pool_commands import do, of_a_pool


@click.group()
def admin() -> None:
    """Administrators of the pool server, access keys for the API, and settings of app clients."""


admin.add_command(app_client)
admin.add_command(user_pool)


@admin.command("set-password")
@of_a_pool
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

    do(data, database, both)


@admin.command("import-users")
@of_a_pool
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

    do(data, database, lambda flow: importing.import_users(flow, pool_id, file, algorithm, as_json=as_json))


@admin.group("access-key")
def access_key() -> None:
    """Access keys that sign requests to the API."""


@access_key.command("create")
@of_a_pool
@click.argument("name")
@click.option("--operation", "operations", multiple=True, metavar="PATTERN",
              help="An operation that it may call, such as AdminGet*. Repeat it; without it, all.")  # fmt: skip
@click.option("--pool", "pools", multiple=True, metavar="ID",
              help="A user pool that it may use. Repeat it; without it, all.")  # fmt: skip
@click.option("--minutes", type=click.IntRange(15, 2160),
              help="A temporary key with a session token, which ends after so many minutes.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON, as a credential_process of AWS clients prints it.")
def create_access_key(
    data: Path | None, database: str | None, name: str, operations: tuple[str, ...], pools: tuple[str, ...],
    minutes: int | None, *, as_json: bool,
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
    do(data, database, lambda flow: administration.mint_access_key(flow, name, policy, seconds, as_json=as_json))


@access_key.command("list")
@of_a_pool
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_access_keys(data: Path | None, database: str | None, *, as_json: bool) -> None:
    """List access keys: name, what each may do, its last use and its end."""
    from poolhouse.cli import administration  # noqa: PLC0415

    do(data, database, lambda flow: administration.list_access_keys(flow, as_json=as_json))


@access_key.command("delete")
@of_a_pool
@click.argument("key_id")
def delete_access_key(data: Path | None, database: str | None, key_id: str) -> None:
    """Delete an access key."""
    from poolhouse.cli import administration  # noqa: PLC0415

    do(data, database, lambda flow: administration.delete_access_key(flow, key_id))
