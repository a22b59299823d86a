"""``poolhouse serve pool``; a module of its own, so that the other program's options are not kept in memory."""

from pathlib import Path
from typing import Any

import click

from poolhouse.cli.options import options
from poolhouse.pool.config import SETTINGS


@click.command("pool")
@options(SETTINGS)
def serve_pool(config_file: Path | None, **flags: Any) -> None:
    """Run the user-pool server."""
    from poolhouse.cli import production  # noqa: PLC0415

    production.serve_pool(flags, config_file)
