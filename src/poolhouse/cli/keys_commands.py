"""``poolhouse keys``."""

import os
from pathlib import Path

import click

from poolhouse.cli.pool_commands import do, of_a_pool


@click.group()
def keys() -> None:
    """The master key, and the signing keys of pools and of the house."""


@keys.command()
def master() -> None:
    """Print a new master key.  Whoever has it can open what the database seals: keep it apart from backups."""
    from poolhouse.cli.masters import mint  # noqa: PLC0415
    from poolhouse.kit.ambient import SystemEntropy  # noqa: PLC0415

    click.echo(mint(SystemEntropy()))


@keys.command("rotate")
@of_a_pool
@click.option("--now", is_flag=True, help="The new keys sign within seconds, before all have seen them.")
@click.option("--revoke", is_flag=True, help="For a key that was stolen: the former keys and their tokens end at once.")
@click.option("--house", is_flag=True, help="The key of the assertions that the house gives to apps.")
@click.argument("pool", required=False)
def rotate_keys(
    data: Path | None, database: str | None, pool: str | None, *, now: bool, revoke: bool, house: bool
) -> None:
    """Give the user pool POOL, or the house, new signing keys: published at once, and signing after a day."""
    from poolhouse.cli import administration  # noqa: PLC0415

    if house == (pool is not None):
        raise click.UsageError("name a user pool, or give --house")
    if pool is not None:
        do(data, database, lambda flow: administration.rotate_keys(flow, pool, at_once=now, revoke=revoke))
        return
    from poolhouse.cli import break_glass, house_keys  # noqa: PLC0415
    from poolhouse.cli.server import in_one_sentence, run_loop  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("error")
    with in_one_sentence():
        # No link is made, so any address will do.
        settings = break_glass.house_of(data, database, "http://localhost", os.environ.get("POOLHOUSE_MASTER_KEY"))
    run_loop(house_keys.rotate_house_keys(settings, at_once=now, revoke=revoke))
