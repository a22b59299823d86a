"""Commands for whoever has the machine of a house."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from poolhouse.cli.proxy_commands import check_proxy, proxy_config

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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


@click.group()
def house() -> None:
    """Settings and apps of a house, changed beside its running replicas: they follow within a second."""


house.add_command(proxy_config)
house.add_command(check_proxy)


def _of_a_house(function: F) -> F:
    for option in (
        click.option("--database", help="The database of a served house; the key is POOLHOUSE_MASTER_KEY."),
        click.option("--data", type=click.Path(path_type=Path), help="The directory of `poolhouse up`."),
        click.option("--base-url", envvar="POOLHOUSE_BASE_URL", help="The origin of the house, as it is served."),
    ):
        function = option(function)
    return function


def _do(place: dict[str, Any], work: Callable[[Any], Awaitable[None]]) -> None:
    from poolhouse.cli import break_glass, house_settings  # noqa: PLC0415
    from poolhouse.cli.server import in_one_sentence, run_loop  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("error")
    with in_one_sentence():
        settings = break_glass.house_of(**place, master_key=os.environ.get("POOLHOUSE_MASTER_KEY"))
    run_loop(house_settings.with_house(settings, work))


@house.group("settings")
def house_settings_group() -> None:
    """Every live setting of the house by name; see docs/house-settings.md."""


@house_settings_group.command("show")
@_of_a_house
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_settings(*, as_json: bool, **place: Any) -> None:
    """Show every setting and its value. Secrets are never shown."""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.show(ctx, as_json=as_json))


@house_settings_group.command("set")
@_of_a_house
@click.argument("settings", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_settings(settings: tuple[str, ...], **place: Any) -> None:
    """Change settings, all of them or none. NAME= alone returns one to its default.

    A secret is given by reference: mail.password=env:NAME or mail.password=file:PATH.
    """
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.set_values(ctx, settings))


@house_settings_group.command("apply")
@_of_a_house
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Check everything, say what would change, write nothing.")
def apply_settings(file: Path, *, dry_run: bool, **place: Any) -> None:
    """Make what the TOML file FILE says true: settings, and apps as [[apps]]. What it does not name stays."""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.apply(ctx, file, is_dry=dry_run))


@house_settings_group.command("export")
@_of_a_house
@click.option("--changed", is_flag=True, help="Only what is not as it is by default.")
def export_settings(*, changed: bool, **place: Any) -> None:
    """Print settings and apps as a file for `apply`. Secrets are named, and left out."""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.export(ctx, only_changed=changed))


@house.group("apps")
def house_apps() -> None:
    """The apps of the home page and of the gateway, each known by its URL."""


@house_apps.command("list")
@_of_a_house
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything about each.")
def list_apps(*, as_json: bool, **place: Any) -> None:
    """List the apps: URL, name, and where the gateway finds it."""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.list_apps(ctx, as_json=as_json))


@house_apps.command("add")
@_of_a_house
@click.argument("url")
@click.argument("fields", metavar="NAME=VALUE...", nargs=-1, required=True)
def add_app(url: str, fields: tuple[str, ...], **place: Any) -> None:
    """Add an app at URL, such as: add https://wiki.example.com name=Wiki gate.upstream=http://wiki:8000"""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.put_app(ctx, url, fields, is_new=True))


@house_apps.command("set")
@_of_a_house
@click.argument("url")
@click.argument("fields", metavar="NAME=VALUE...", nargs=-1, required=True)
def set_app(url: str, fields: tuple[str, ...], **place: Any) -> None:
    """Change the app at URL, such as: set https://wiki.example.com gate.policy.groups=staff,admins"""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.put_app(ctx, url, fields, is_new=False))


@house_apps.command("remove")
@_of_a_house
@click.argument("url")
def remove_app(url: str, **place: Any) -> None:
    """Remove the app at URL from the home page and the gateway; the app itself is not touched."""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.drop_app(ctx, url))


@house_apps.command("apply")
@_of_a_house
@click.argument("file", type=_FILE)
@click.option("--prune", is_flag=True, help="Remove every app that the file does not have.")
@click.option("--dry-run", is_flag=True, help="Check everything, say what would change, write nothing.")
def apply_apps(file: Path, *, prune: bool, dry_run: bool, **place: Any) -> None:
    """Make the [[apps]] of the TOML file FILE true; settings in it are left alone."""
    from poolhouse.cli import house_settings  # noqa: PLC0415

    _do(place, lambda ctx: house_settings.apply_app_file(ctx, file, prunes=prune, is_dry=dry_run))


@house.group("tokens")
def house_tokens_group() -> None:
    """Tokens for API calls, of people and of machines; see docs/tokens.md."""


@house_tokens_group.command("list")
@_of_a_house
@click.option("--kind", type=click.Choice(["personal", "service"]), help="Only those of people, or of machines.")
@click.option("--person", default="", help="Only those of the person with this e-mail address or user name.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_tokens(*, kind: str | None, person: str, as_json: bool, **place: Any) -> None:
    """List tokens by their ids; a token itself is never shown again."""
    from poolhouse.cli import house_tokens  # noqa: PLC0415

    _do(place, lambda ctx: house_tokens.list_tokens(ctx, kind=kind or "", person=person, as_json=as_json))


@house_tokens_group.command("create")
@_of_a_house
@click.argument("name")
@click.option("--days", type=int, required=True, help="How long it is good.")
@click.option("--app", "urls", multiple=True, metavar="URL", help="An app that it opens; several times for several.")
@click.option("--all-apps", is_flag=True, help="Every app that its owner may open; for a person's only.")
@click.option("--group", "groups", multiple=True, help="A group of a machine's token; several times for several.")
@click.option("--network", "networks", multiple=True, help="Where a machine's token may be sent from: 10.0.0.0/8.")
@click.option("--person", default="", help="Whose it is, by e-mail address or user name; else it is a machine's.")
def create_token(name: str, **given: Any) -> None:
    """Make a token called NAME and print it, once."""
    from poolhouse.cli import house_tokens  # noqa: PLC0415

    place = {each: given[each] for each in ("database", "data", "base_url")}
    wanted = {each: given[each] for each in ("days", "urls", "groups", "networks", "person")}
    _do(place, lambda ctx: house_tokens.create(ctx, name, is_for_all_apps=given["all_apps"], **wanted))


@house_tokens_group.command("revoke")
@_of_a_house
@click.argument("token_id", metavar="ID")
def revoke_token(token_id: str, **place: Any) -> None:
    """Revoke the token with this ID, at once and on every replica."""
    from poolhouse.cli import house_tokens  # noqa: PLC0415

    _do(place, lambda ctx: house_tokens.end(ctx, token_id))
