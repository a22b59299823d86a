"""Click options made from a settings table, so that ``--help`` cannot differ from what is loaded."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from poolhouse.kit.settings import Setting, SettingError, load

F = TypeVar("F", bound=Callable[..., Any])
_TYPES = {"number": click.INT, "path": click.Path(path_type=Path)}


def options(table: Iterable[Setting]) -> Callable[[F], F]:
    """An option for each setting that is not secret, and ``--config``."""

    def decorate(command: F) -> F:
        for setting in reversed([each for each in table if not each.secret]):
            shown = f"{setting.help} [{setting.variable}]"
            if setting.kind == "flag":
                option = click.option(f"{setting.flag}/--no-{setting.flag[2:]}", setting.name, default=None, help=shown)
            else:
                kind = _TYPES.get(setting.kind, click.STRING)
                option = click.option(setting.flag, setting.name, type=kind, default=None, help=shown)
            command = option(command)
        kind = click.Path(exists=True, dir_okay=False, path_type=Path)
        return click.option("--config", "config_file", type=kind, help="A TOML file of settings.")(command)

    return decorate


def values(
    table: Iterable[Setting],
    given: dict[str, Any],
    file: Path | None,
    known: Callable[[], Iterable[Setting]] = tuple,
) -> dict[str, Any]:
    """Loaded settings; an error ends the command with its sentence."""
    try:
        return load(table, flags=given, environ=dict(os.environ), file=file, known=known)
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
