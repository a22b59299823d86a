"""Settings into programs for ``serve``: what is unsafe is refused before anything listens."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from poolhouse.cli import masters
from poolhouse.cli.options import values
from poolhouse.cli.serving import Program, check_workers, serve
from poolhouse.house import config as house_config
from poolhouse.house.config import HouseSettings
from poolhouse.kit.ambient import Secret
from poolhouse.kit.settings import Setting, SettingError, sources

if TYPE_CHECKING:
    from poolhouse.pool.config import PoolSettings


def serve_pool(flags: dict[str, Any], file: Path | None) -> None:
    """``poolhouse serve pool``."""
    from poolhouse.pool import config as pool_config  # noqa: PLC0415 (a house does not need it)

    given = values(pool_config.SETTINGS, flags, file, lambda: house_config.SETTINGS)
    try:
        settings = pool_config.read(given, masters.read(given["master_key"]), _password(given))
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    _start(Program(settings, given["log_level"]), settings, given)


def serve_house(flags: dict[str, Any], file: Path | None) -> None:
    """``poolhouse serve house``."""
    given = values(house_config.SETTINGS, flags, file, _of_the_pool)
    try:
        _password(given)
        origins = sources(house_config.SETTINGS, flags=flags, environ=dict(os.environ), file=file)
        settings = house_config.read(given, masters.read(given["master_key"]), origins)
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    _start(Program(settings, given["log_level"]), settings, given)


def _of_the_pool() -> Iterable[Setting]:
    from poolhouse.pool.config import SETTINGS  # noqa: PLC0415 (where somebody has set one of them)

    return SETTINGS


def _start(program: Program, settings: "PoolSettings | HouseSettings", given: dict[str, Any]) -> None:
    check_workers(given["workers"], settings.database)
    _warn_of_unnamed_proxies(settings)
    http_port = settings.http_port if isinstance(settings, HouseSettings) else 0
    serve(program, host=given["host"], port=given["port"], workers=given["workers"], http_port=http_port)


def _warn_of_unnamed_proxies(settings: "PoolSettings | HouseSettings") -> None:
    """An https base URL means a proxy, unless TLS is ended here; unnamed, it is everybody's address."""
    if isinstance(settings, HouseSettings) and settings.tls:
        return
    if settings.base_url.startswith("https://") and not settings.trusted_proxies:
        click.echo(
            "warning: trusted_proxies: no proxy is named, so all people have the proxy's address, and the brakes on"
            " guessing that count by address hold them all; give --trusted-proxies",
            err=True,
        )


def _password(given: dict[str, Any]) -> Secret:
    """
    The first administrator's password.

    Asked for at every start, used at the first: a server that made one up would print it where logs are kept.
    """
    password = given["admin_password"] or ""
    if len(password) < house_config.PASSWORD_MINIMUM:
        raise SettingError(
            f"admin_password: set POOLHOUSE_ADMIN_PASSWORD, {house_config.PASSWORD_MINIMUM} characters at least"
        )
    return Secret(password)
