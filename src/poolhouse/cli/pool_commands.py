"""What the commands share that open a pool's database."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from poolhouse.kit.settings import SettingError

F = TypeVar("F", bound=Callable[..., Any])


def of_a_pool(function: F) -> F:
    """The options of a command that opens a pool's database."""
    for option in (
        click.option("--database", help="The database of a served pool; the key is POOLHOUSE_MASTER_KEY."),
        click.option("--data", type=click.Path(path_type=Path), help="The directory of `poolhouse up`."),
    ):
        function = option(function)
    return function


def do(data: Path | None, database: str | None, work: Callable[[Any], Awaitable[None]]) -> None:
    """Do *work* on the pool's database, beside a running server."""
    from poolhouse.cli import administration  # noqa: PLC0415
    from poolhouse.cli.server import run_loop  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("warning")
    try:
        place = administration.where(data, database, os.environ.get("POOLHOUSE_MASTER_KEY"))
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    run_loop(administration.with_flow(place, work))
