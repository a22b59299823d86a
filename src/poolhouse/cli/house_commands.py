"""Commands for whoever has the machine of a house."""

import os
from pathlib import Path

import click


@click.command("break-glass")
@click.option("--database", help="The database of a served house; the key is POOLHOUSE_MASTER_KEY.")
@click.option("--data", type=click.Path(path_type=Path), help="The directory of `poolhouse up`.")
@click.option("--base-url", envvar="POOLHOUSE_BASE_URL", help="The origin of the house, where `up` did not note it.")
@click.option("--email", default="", help="Which administrator; needed when there are several.")
@click.option("--minutes", type=click.IntRange(1, 60), default=15, show_default=True, help="How long it is good.")
@click.option("--no-check", is_flag=True, help="Do not ask the providers what is wrong with them.")
def break_glass(
    data: Path | None, database: str | None, base_url: str | None, email: str, minutes: int, *, no_check: bool
) -> None:
    """Print a link that signs an administrator in once, though single sign-on is broken and form login off."""
    from poolhouse.cli import break_glass as command  # noqa: PLC0415
    from poolhouse.cli.server import in_one_sentence, run_loop  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("error")
    with in_one_sentence():
        settings = command.house_of(data, database, base_url, os.environ.get("POOLHOUSE_MASTER_KEY"))
    run_loop(command.break_glass(settings, email=email, minutes=minutes, checks=not no_check))
