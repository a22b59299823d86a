"""``poolhouse house``: settings and apps of a house, changed in its database beside its running replicas."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from poolhouse.house.app import build
from poolhouse.house.config import HouseSettings
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.replicas import GONE_SECONDS
from poolhouse.house.settings.app_entries import (
    Applied,
    apply_apps,
    changed_entry,
    read_entries,
    read_entry_changes,
    remove_app,
)
from poolhouse.house.settings.applying import COMMAND_LINE, Outcome, apply_changes, apply_given
from poolhouse.house.settings.giving import Given, read_assignments, read_file
from poolhouse.house.settings.table import Row, find
from poolhouse.house.settings.values import WrongSettings, flat, shown
from poolhouse.house.settings.writing import as_plain, write_apps, write_settings
from poolhouse.house.store import apps as app_store
from poolhouse.house.store.replicas import list_replicas
from poolhouse.kit.ambient import Epoch, Secret

Work = Callable[[Context], Awaitable[None]]


async def with_house(settings: HouseSettings, work: Work) -> None:
    """Open the house, do, close; what is wrong ends the command, a line for each setting."""
    house = await build(settings, makes_first_admin=False)
    try:
        await _hold_what_replicas_hold(house.ctx)
        await work(house.ctx)
    except WrongSettings as wrong:
        lines = [f"{path}: {text}" if path else text for path, text in wrong.errors.items()]
        raise click.ClickException("nothing was changed\n" + "\n".join(f"  {line}" for line in lines)) from wrong
    except Refused as refused:
        raise click.ClickException(f"nothing was changed: {refused}") from refused
    finally:
        await house.close()


async def _hold_what_replicas_hold(ctx: Context) -> None:
    """What the start of a running replica has fixed is refused here as there: it would be undone at its next start."""
    after = Epoch(ctx.clock.now() - GONE_SECONDS)
    for replica in await ctx.db.read(lambda tx: list_replicas(tx, after=after)):
        for path, source in msgspec.json.decode(replica.held, type=dict[str, str]).items():
            ctx.live.hold({path: None}, source)


async def show(ctx: Context, *, as_json: bool) -> None:
    """Every setting with what it is; secrets by whether they are set."""
    values = flat(ctx.live.document)
    if as_json:
        plain = {path: _state(value) if isinstance(value, Secret) else value for path, value in values.items()}
        click.echo(_json({"version": ctx.live.document.version, "settings": plain}))
        return
    width = max(map(len, values))
    for path, value in values.items():
        entry = find(path)
        is_default = isinstance(entry, Row) and (value == entry.default or (value == Secret("")))
        held = ctx.live.held.get(path)
        mark = f"  (set by {held.source})" if held else "  (default)" if is_default else ""
        click.echo(f"{path:<{width}}  {_shown(value)}{mark}")
    click.echo(f"\nVersion {ctx.live.document.version} is live.", err=True)


async def set_values(ctx: Context, assignments: Sequence[str]) -> None:
    _tell(await apply_changes(ctx, read_assignments(assignments), by=COMMAND_LINE), is_dry=False)


async def apply(ctx: Context, file: Path, *, is_dry: bool) -> None:
    _tell(await apply_given(ctx, read_file(file), by=COMMAND_LINE, is_dry=is_dry), is_dry=is_dry)


async def export(ctx: Context, *, only_changed: bool) -> None:
    """Settings and apps as a file for ``apply``."""
    click.echo(write_settings(ctx.live.document, only_changed=only_changed), nl=False)
    apps = write_apps(await ctx.db.read(app_store.list_apps))
    if apps:
        click.echo("\n" + apps, nl=False)


async def list_apps(ctx: Context, *, as_json: bool) -> None:
    apps = await ctx.db.read(app_store.list_apps)
    if as_json:
        click.echo(_json([as_plain(app) for app in apps]))
        return
    for app in apps:
        way = "closed" if app.is_broken else "link" if app.gate is None else app.gate.upstream or "forward-auth"
        click.echo(f"{app.url}  {app.name}  {way}")


async def put_app(ctx: Context, url: str, assignments: Sequence[str], *, is_new: bool) -> None:
    """Add an app, or change the one at *url*."""
    changes = read_entry_changes(assignments)
    there = next((app for app in await ctx.db.read(app_store.list_apps) if app.url == url), None)
    if is_new and there is not None:
        raise click.ClickException(f"there is an app at {url} already; change it with `set`")
    if there is None and not is_new:
        raise click.ClickException(f"there is no app at {url}")
    if changes.get("url", url) != url:
        raise click.ClickException("an app is known by its URL: add one at the other URL, then remove this one")
    before: dict[str, Any] = {"url": url}
    if there is not None:
        before = {name: each for name, each in as_plain(there).items() if name != "id"}
    (app,) = read_entries(ctx, [changed_entry(before, changes)], ctx.live.document.providers)
    _tell_apps(await apply_apps(ctx, [app], by=COMMAND_LINE), is_dry=False)


async def drop_app(ctx: Context, url: str) -> None:
    if not await remove_app(ctx, url, by=COMMAND_LINE):
        raise click.ClickException(f"there is no app at {url}")
    click.echo(f"removed {url}")


async def apply_app_file(ctx: Context, file: Path, *, prunes: bool, is_dry: bool) -> None:
    """The apps of a file; settings in it are left alone."""
    given = Given(settings={}, apps=read_file(file).apps)
    outcome = await apply_given(ctx, given, by=COMMAND_LINE, prunes=prunes, is_dry=is_dry)
    _tell_apps(outcome.apps, is_dry=is_dry)


def _tell(outcome: Outcome, *, is_dry: bool) -> None:
    if outcome.change:
        click.echo("\n".join(outcome.change.split("; ")))
    if not outcome.apps.is_nothing:
        _tell_apps(outcome.apps, is_dry=is_dry)
    if is_dry:
        click.echo("Nothing was changed: this was a dry run.", err=True)
    elif outcome.change:
        click.echo(f"Version {outcome.version} is live.", err=True)
    elif outcome.apps.is_nothing:
        click.echo("Nothing to change.", err=True)


def _tell_apps(applied: Applied, *, is_dry: bool) -> None:
    would = "would be " if is_dry else ""
    for word, urls in (("added", applied.added), ("changed", applied.changed), ("removed", applied.removed)):
        for url in urls:
            click.echo(f"{would}{word} {url}")
    if applied.is_nothing:
        click.echo("Nothing to change.", err=True)


def _shown(value: Any) -> str:
    return f"({_state(value)})" if isinstance(value, Secret) else "-" if value in (None, "") else shown(value)


def _state(secret: Secret) -> str:
    return "set" if secret.reveal() else "not set"


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()
