"""A file of settings and apps, made true: by a command, or at each start of a house that was given one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from poolhouse.house.audit import Event, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.model import Document
from poolhouse.house.settings import changing
from poolhouse.house.settings.app_entries import Applied, apply_apps, read_entries
from poolhouse.house.settings.completing import complete
from poolhouse.house.settings.giving import Given, read_file
from poolhouse.house.settings.values import WrongSettings, flat, with_changes
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.settings import SettingError

COMMAND_LINE = "command line"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What changed: a sentence of the settings ("" for nothing), the version that is live, the apps."""

    change: str
    version: int
    apps: Applied = Applied()


class _Dry(Exception):
    """Carries what would have been written out of a unit that must not be kept."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.change = change


async def apply_changes(
    ctx: Context, changes: Mapping[str, Any], *, by: str, is_dry: bool = False, over_held: bool = False
) -> Outcome:
    """Change settings by path, all or none; *is_dry* checks everything, the guards too, and writes nothing."""
    said, completed = "", await complete(ctx, changes)

    async def note(tx: Tx, detail: str) -> None:
        nonlocal said
        said = detail
        if is_dry:
            raise _Dry(detail)
        await write_unattended(tx, ctx, Event.SETTINGS_CHANGED, actor=by, subject="Settings", detail=detail)

    def make(document: Document) -> Document:
        return with_changes(document, completed)

    try:
        document = await changing.change(ctx.live, make, by=by, note=note, over_held=over_held)
    except _Dry as dry:
        return Outcome(change=dry.change, version=ctx.live.document.version)
    return Outcome(change=said if document else "", version=ctx.live.document.version)


async def apply_given(
    ctx: Context, given: Given, *, by: str, prunes: bool = False, is_dry: bool = False, over_held: bool = False
) -> Outcome:
    """A whole file: everything in it is read and checked before anything of it is written."""
    settings = await complete(ctx, given.settings)
    apps = read_entries(ctx, given.apps, with_changes(ctx.live.document, settings).providers)
    outcome = await apply_changes(ctx, settings, by=by, is_dry=is_dry, over_held=over_held)
    applied = await apply_apps(ctx, apps, by=by, prunes=prunes, is_dry=is_dry) if apps or prunes else Applied()
    return msgspec.structs.replace(outcome, apps=applied)


async def apply_at_start(ctx: Context) -> None:
    """
    The file of the start-up setting ``settings_file``: what it sets is read-only from now on.

    ``SettingError`` for a file that is wrong or would lock every administrator out: a house that does not do what its
    file says must not start.
    """
    name = ctx.settings.settings_file
    try:
        given = read_file(Path(name))
        await apply_given(ctx, given, by=f"file {name}", over_held=True)
    except (WrongSettings, Refused) as wrong:
        raise SettingError(f"settings_file {name}: {wrong}") from wrong
    held = flat(ctx.live.document)
    ctx.live.hold({path: held[path] for path in given.settings if path in held}, f"the file {name}")
