"""Apps as entries of a file or a command: known by their address."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from poolhouse.house.audit import Event, write_unattended
from poolhouse.house.branding import read_logo
from poolhouse.house.context import Context
from poolhouse.house.gate import Gate, Policy
from poolhouse.house.gateway.app_checks import check_app, check_provider, with_letter
from poolhouse.house.model import App
from poolhouse.house.provider import Providers
from poolhouse.house.settings.giving import typed
from poolhouse.house.settings.table import entries_of
from poolhouse.house.settings.values import WrongSettings
from poolhouse.house.store import apps as store
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import Tx


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[apps]]``; with a gate it is behind the gateway."""

    name: str
    url: str
    description: str = ""
    letter: str = ""
    icon: str = ""
    shows_locked: bool = False
    gate: Gate | None = None


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What applying entries did, by address."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)


class _Dry(Exception):
    """Carries what would have been done out of a unit that must not be kept."""

    def __init__(self, applied: Applied) -> None:
        super().__init__()
        self.applied = applied


def read_entries(ctx: Context, plain: Sequence[Mapping[str, Any]], providers: Providers) -> list[App]:
    """Checked apps without ids; ``WrongSettings`` names each wrong one by its place."""
    apps: list[App] = []
    errors: dict[str, str] = {}
    for number, each in enumerate(plain, 1):
        where = f"apps.{each.get('name') or number}"
        try:
            entry = msgspec.convert(dict(each), Entry)
        except msgspec.ValidationError as wrong:
            errors[where] = f"{str(wrong).replace('`', chr(34))}."
            continue
        app = App(id="", **msgspec.structs.asdict(msgspec.structs.replace(entry, icon=read_logo(entry.icon))))
        wrong_fields = check_app(app, ctx.origin) | check_provider(app.gate, providers)
        if any(app.url == other.url for other in apps):
            wrong_fields = {"url": "Another app of the same file has this address."}
        errors |= {f"{where}.{_path(field)}": text for field, text in wrong_fields.items()}
        if not wrong_fields:
            apps.append(with_letter(app))
    if errors:
        raise WrongSettings(errors)
    return apps


def _path(field: str) -> str:
    """What the field of a page is called here: ``cors_origins`` is ``gate.cors.origins``."""
    first, _, rest = field.partition("_")
    if first in {"cors", "name"} and rest:
        return f"gate.{'names' if first == 'name' else first}.{rest}"
    if field in Policy.__struct_fields__:
        return f"gate.policy.{field}"
    return f"gate.{field}" if field in Gate.__struct_fields__ else field


def read_entry_changes(assignments: Sequence[str]) -> dict[str, Any]:
    """``name=value`` of one entry, ``gate.policy.groups=a,b`` too; None returns to the default."""
    known = entries_of(Entry)
    changes: dict[str, Any] = {}
    for each in assignments:
        path, equals, text = each.partition("=")
        if not equals or path not in known:
            raise WrongSettings({path: f"It is none of {', '.join(sorted(known))}." if equals else "Give name=value."})
        changes[path] = typed(known[path], path, text) if text else None
    return changes


def changed_entry(entry: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The plain entry with *changes*; one of ``gate.`` puts it behind the gateway, ``gate`` alone takes it out."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(entry))
    for path, value in changes.items():
        *above, last = path.split(".")
        place = plain
        for part in above:
            place[part] = place.get(part) or {}
            place = place[part]
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return plain


async def apply_apps(
    ctx: Context, wanted: Sequence[App], *, by: str, prunes: bool = False, is_dry: bool = False
) -> Applied:
    """
    Make the house have these apps, in one unit; *prunes* removes all others.

    An app that is there under the same address keeps its id, and with it people's sessions there.
    """

    async def unit(tx: Tx) -> Applied:
        there = {app.url: app for app in await store.list_apps(tx)}
        added, changed = [], []
        for app in wanted:
            before = there.get(app.url)
            if before is None:
                await store.put_app(tx, msgspec.structs.replace(app, id=uuid4(ctx.entropy)), ctx.clock.now())
                await write_unattended(tx, ctx, Event.APP_ADDED, actor=by, subject=app.name, detail=app.url)
                added.append(app.url)
            elif msgspec.structs.replace(app, id=before.id) != before:
                await store.change_app(tx, msgspec.structs.replace(app, id=before.id))
                await write_unattended(tx, ctx, Event.APP_CHANGED, actor=by, subject=app.name, detail=app.url)
                changed.append(app.url)
        gone = [app for url, app in there.items() if prunes and url not in {each.url for each in wanted}]
        for app in gone:
            await store.delete_app(tx, app.id)
            await write_unattended(tx, ctx, Event.APP_REMOVED, actor=by, subject=app.name, detail=app.url)
        done = Applied(added=tuple(added), changed=tuple(changed), removed=tuple(app.url for app in gone))
        if is_dry:
            raise _Dry(done)
        return done

    try:
        return await ctx.db.write(unit)
    except _Dry as dry:
        return dry.applied


async def remove_app(ctx: Context, url: str, *, by: str) -> bool:
    """Whether there was an app at *url*, and it is gone now."""

    async def unit(tx: Tx) -> bool:
        app = await store.find_app_at(tx, url)
        if app is None or not await store.delete_app(tx, app.id):
            return False
        await write_unattended(tx, ctx, Event.APP_REMOVED, actor=by, subject=app.name, detail=app.url)
        return True

    return await ctx.db.write(unit)
