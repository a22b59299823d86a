"""
Commands that are imported when they are asked for.

A server runs for weeks with what its start has imported, so it should not hold the options of every other command:
they are two megabytes.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Later(click.Group):
    """A group; *later* says where in ``poolhouse.cli`` each of its commands is: ``module:name``."""

    def __init__(self, *given: Any, later: Mapping[str, str], **named: Any) -> None:
        super().__init__(*given, **named)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._later})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._later:
            return super().get_command(ctx, cmd_name)
        module, _, name = self._later[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"poolhouse.cli.{module}"), name)
        return command
