"""``poolhouse keys``."""

from pathlib import Path

import click

from poolhouse.cli.pool_commands import do, of_a_pool


@click.group()
def keys() -> None:
    """The master key, and the signing keys of pools."""


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
@click.argument("pool")
def rotate_keys(data: Path | None, database: str | None, pool: str, *, now: bool, revoke: bool) -> None:
    """Give the user pool POOL new signing keys: published at once, and signing after a day."""
    from poolhouse.cli import administration  # noqa: PLC0415

    do(data, database, lambda flow: administration.rotate_keys(flow, pool, at_once=now, revoke=revoke))
