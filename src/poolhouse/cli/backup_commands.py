"""``poolhouse backup`` and ``poolhouse restore``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_PROGRAM = click.Choice(["pool", "house"])


def _place(function: F) -> F:
    for option in (
        click.option("--database", help="sqlite:///... or postgresql://..., as `serve` takes it."),
        click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path("poolhouse-data"),
                     show_default=True, help="Or the directory of `poolhouse up`."),
    ):  # fmt: skip
        function = option(function)
    return function


@click.command()
@_place
@click.argument("program", type=_PROGRAM)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(program: str, file: Path, data: Path, database: str | None) -> None:
    """Write everything that the pool or the house keeps to FILE, as it is at one moment.

    The program may run meanwhile. Passwords, keys and secrets are in it as they rest in the database: hashed or
    sealed under the master key, which is not in it. Keep that apart.
    """
    from poolhouse.cli import backing_up  # noqa: PLC0415
    from poolhouse.cli.server import run_loop  # noqa: PLC0415

    url = backing_up.place(program, data, database, must_exist=True)
    rows = run_loop(backing_up.back_up(program, url, file))
    click.echo(f"{file}: {rows:,} rows, {file.stat().st_size:,} bytes", err=True)


@click.command()
@_place
@click.option("--keep-sessions", is_flag=True, help="Keep people signed in, for moving to another database. Without"
              " it everybody signs in anew, since a backup does not know who was signed out later.")  # fmt: skip
@click.argument("program", type=_PROGRAM)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(program: str, file: Path, data: Path, database: str | None, *, keep_sessions: bool) -> None:
    """Make a new database of the pool or the house from FILE: all of it or nothing.

    SQLite and PostgreSQL read each other's backups, and a newer version reads an older one's.
    """
    from poolhouse.cli import backing_up  # noqa: PLC0415
    from poolhouse.cli.server import run_loop  # noqa: PLC0415

    url = backing_up.place(program, data, database, must_exist=False)
    rows = run_loop(backing_up.restore(program, url, file, keep_sessions=keep_sessions))
    click.echo(f"{rows:,} rows restored", err=True)
    if database:
        click.echo("Start it with the master key that it had.", err=True)
    elif not (data / "master.key").exists():
        click.echo(f"Copy the master.key that it had into {data} before you start it.", err=True)
