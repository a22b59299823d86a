"""``poolhouse serve house``; a module of its own, so that the other program's options are not kept in memory."""

from pathlib import Path
from typing import Any

import click

from poolhouse.cli.options import options
from poolhouse.house.config import SETTINGS


@click.command("house")
@options(SETTINGS)
def serve_house(config_file: Path | None, **flags: Any) -> None:
    """Run the house."""
    from poolhouse.cli import production  # noqa: PLC0415

    production.serve_house(flags, config_file)
