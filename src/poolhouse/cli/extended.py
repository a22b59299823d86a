"""The commands for what pools and app clients have beyond the service's settings."""

from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from poolhouse.pool.core.settings import openid
from poolhouse.pool.flows import client_extension, pool_extension
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.hosted import PLAIN_PAGES, SECRETS
from poolhouse.pool.model.openid import NOTHING_EXTRA
from poolhouse.pool.model.pool import PoolId
from poolhouse.pool.spec.errors import Reason

OF_POOLS = PLAIN_PAGES.__struct_fields__
OF_CLIENTS = openid.offered()


def read_changes(assignments: Sequence[str], offered: Sequence[str]) -> dict[str, Any]:
    """
    ``name=value`` of the command line, each name once and one of *offered*.

    A value is JSON, or else the text as it stands; ``@file`` is what the file holds, and nothing returns the setting
    to its default (None).
    """
    changes: dict[str, Any] = {}
    for each in assignments:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.ClickException(f"{each} is not name=value")
        if name not in offered:
            raise click.ClickException(f"there is no setting {name}; there are {', '.join(offered)}")
        if name in changes:
            raise click.ClickException(f"{name} is given twice")
        changes[name] = _value(name, value)
    return changes


def _value(name: str, text: str) -> Any:
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise click.ClickException(f"{name}: {text[1:]} cannot be read: {wrong}") from wrong
    if not text:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


async def show_client(flow: Flow, pool_id: str, client_id: str, *, as_json: bool) -> None:
    """Every setting that acts with what it is; a default is marked as one."""
    named = f"app client {client_id} in a user pool {pool_id}"
    found = await _of(named, client_extension.find(flow, PoolId(pool_id), client_id))
    _print(found, NOTHING_EXTRA, OF_CLIENTS, as_json=as_json)


async def change_client(flow: Flow, pool_id: str, client_id: str, changes: Mapping[str, Any]) -> None:
    """Change settings, all or none, and show what the client has now."""
    named = f"app client {client_id} in a user pool {pool_id}"
    found = await _of(named, client_extension.change(flow, PoolId(pool_id), client_id, changes))
    _print(found, NOTHING_EXTRA, OF_CLIENTS, as_json=False)


async def show_pool(flow: Flow, pool_id: str, *, as_json: bool) -> None:
    """The same of a pool."""
    found = await _of(f"user pool {pool_id}", pool_extension.find(flow, pool_id))
    _print(found, PLAIN_PAGES, OF_POOLS, as_json=as_json)


async def change_pool(flow: Flow, pool_id: str, changes: Mapping[str, Any]) -> None:
    """The same of a pool."""
    found = await _of(f"user pool {pool_id}", pool_extension.change(flow, pool_id, changes))
    _print(found, PLAIN_PAGES, OF_POOLS, as_json=False)


async def _of(named: str, settings: Awaitable[msgspec.Struct]) -> msgspec.Struct:
    """What *settings* come to; the command ends with a sentence where they do not."""
    try:
        return await settings
    except openid.WrongSetting as wrong:
        raise click.ClickException(_plain(str(wrong))) from wrong
    except Refused as no:
        if no.reason is Reason.BUSY:
            raise click.ClickException("the settings were changed by somebody else just now; try again") from no
        if no.reason in {Reason.CLIENT_NOT_FOUND, Reason.POOL_NOT_FOUND}:
            raise click.ClickException(f"there is no {named}") from no
        raise


def _plain(sentence: str) -> str:
    """A wrong type says what would be right on a command line."""
    return f'{sentence} (a list is JSON: \'["one", "two"]\')' if "Expected `array`" in sentence else sentence


def _print(settings: msgspec.Struct, defaults_of: msgspec.Struct, offered: Sequence[str], *, as_json: bool) -> None:
    held = {
        name: "(set)" if name in SECRETS else value for name, value in msgspec.to_builtins(settings).items()
    }  # fmt: skip
    defaults = {name: msgspec.to_builtins(getattr(defaults_of, name)) for name in offered}
    shown = {name: held.get(name, default) for name, default in defaults.items()}
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return
    width = max(map(len, shown))
    for name, value in shown.items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        click.echo(f"{name:<{width}}  {'-' if value is None else text}{'' if name in held else '  (default)'}")
