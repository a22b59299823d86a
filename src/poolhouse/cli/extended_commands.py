"""``poolhouse admin client`` and ``poolhouse admin pool``: what goes beyond Cognito's settings."""

from pathlib import Path
from typing import BinaryIO

import click

from poolhouse.cli.pool_commands import do, of_a_pool


@click.group("client")
def app_client() -> None:
    """What an app client has of OpenID Connect and OAuth 2.0 beyond Cognito's settings; see docs/openid.md."""


@app_client.command("show")
@of_a_pool
@click.argument("pool")
@click.argument("client")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_client(data: Path | None, database: str | None, pool: str, client: str, *, as_json: bool) -> None:
    """Show the settings of the app client CLIENT of the user pool POOL, by their ids."""
    from poolhouse.cli import extended  # noqa: PLC0415

    do(data, database, lambda flow: extended.show_client(flow, pool, client, as_json=as_json))


@app_client.command("set")
@of_a_pool
@click.argument("pool")
@click.argument("client")
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_client(data: Path | None, database: str | None, pool: str, client: str, settings: tuple[str, ...]) -> None:
    """Change settings of the app client CLIENT of the user pool POOL, all of them or none.

    VALUE is JSON, or text; NAME= alone returns a setting to its default; NAME=@FILE reads the value from a file.
    """
    from poolhouse.cli import extended  # noqa: PLC0415

    changes = extended.read_changes(settings, extended.OF_CLIENTS)
    do(data, database, lambda flow: extended.change_client(flow, pool, client, changes))


@click.group("pool")
def user_pool() -> None:
    """What the hosted pages of a user pool have beyond Cognito's settings; see docs/page-settings.md."""


@user_pool.command("show")
@of_a_pool
@click.argument("pool")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_pool(data: Path | None, database: str | None, pool: str, *, as_json: bool) -> None:
    """Show the settings of the user pool POOL, by its id."""
    from poolhouse.cli import extended  # noqa: PLC0415

    do(data, database, lambda flow: extended.show_pool(flow, pool, as_json=as_json))


@user_pool.command("texts")
@of_a_pool
@click.argument("pool")
@click.argument("language")
@click.option("--po", is_flag=True, help="All texts there are, as a gettext catalogue to translate.")
@click.option("--take", type=click.File("rb"), help="Take texts from a file, JSON or .po: all of them, or none.")
def pool_texts(data: Path, database: str | None, pool: str, language: str, *, po: bool, take: BinaryIO | None) -> None:
    """Show the texts of the hosted pages that POOL has of its own in LANGUAGE, as JSON; or take some from a file."""
    from poolhouse.cli import texts  # noqa: PLC0415

    if take is None:
        do(data, database, lambda flow: texts.show(flow, pool, language, as_po=po))
    else:
        do(data, database, lambda flow: texts.take(flow, pool, language, take.read(texts.LIMIT)))


@user_pool.command("set")
@of_a_pool
@click.argument("pool")
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_pool(data: Path | None, database: str | None, pool: str, settings: tuple[str, ...]) -> None:
    """Change settings of the user pool POOL, all of them or none.

    VALUE is JSON, or text; NAME= alone returns a setting to its default; NAME=@FILE reads the value from a file.
    """
    from poolhouse.cli import extended  # noqa: PLC0415

    changes = extended.read_changes(settings, extended.OF_POOLS)
    do(data, database, lambda flow: extended.change_pool(flow, pool, changes))
