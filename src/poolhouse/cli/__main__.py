"""The ``poolhouse`` command.  Each subcommand imports what it needs when it runs."""

import gc
from pathlib import Path
from typing import Any

import click

from poolhouse.cli.admin_commands import admin
from poolhouse.cli.backup_commands import backup, restore
from poolhouse.cli.house_commands import break_glass, house
from poolhouse.cli.keys_commands import keys
from poolhouse.cli.options import options
from poolhouse.cli.proxy_commands import check_proxy, proxy_config
from poolhouse.house.config import SETTINGS as HOUSE_SETTINGS
from poolhouse.kit.memory import share_one_arena
from poolhouse.pool.config import SETTINGS as POOL_SETTINGS


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
    from poolhouse.cli.server import in_one_sentence  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("warning")
    with in_one_sentence(), command.owned(data):
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


main.add_command(break_glass)
house.add_command(proxy_config)
house.add_command(check_proxy)
main.add_command(house)
main.add_command(keys)
main.add_command(backup)
main.add_command(restore)
main.add_command(admin)


if __name__ == "__main__":
    main()
