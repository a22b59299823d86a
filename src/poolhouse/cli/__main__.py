"""The ``poolhouse`` command.  Each subcommand imports what it needs when it runs."""

import gc
from pathlib import Path

import click

from poolhouse.cli.later import Later
from poolhouse.kit.memory import share_one_arena


@click.group(
    cls=Later,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    later={
        "admin": "admin_commands:admin",
        "backup": "backup_commands:backup",
        "break-glass": "house_commands:break_glass",
        "house": "house_commands:house",
        "keys": "keys_commands:keys",
        "restore": "backup_commands:restore",
    },
)
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


@main.group(cls=Later, later={"pool": "serve_pool:serve_pool", "house": "serve_house:serve_house"})
def serve() -> None:
    """Run one program in production, behind a proxy that ends TLS."""


if __name__ == "__main__":
    main()
