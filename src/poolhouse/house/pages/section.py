"""
A section of the live settings as a form, made from the table of settings.

A field that a file or the environment sets is shown as it is, with what sets it, and cannot be changed here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.branding import COLOURS, LOGO_LIMIT, read_colour, read_logo
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.live import HeldValue
from poolhouse.house.model import Document
from poolhouse.house.pages.frame import account_of
from poolhouse.house.settings import changing
from poolhouse.house.settings.table import Row, is_in, rows
from poolhouse.house.settings.values import WrongSettings, changed_paths, flat, with_changes
from poolhouse.house.store import documents
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import ReadTx, Tx

NO_NUMBER = -1
"""No setting may be it (``settings.checks``)."""
OUTDATED = "Somebody else has saved these settings since you opened the page. Reload it, then make your change again."


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One setting on a page; ``held`` is what sets it, when that is not this page."""

    row: Row
    value: str
    is_on: bool
    is_set: bool
    error: str
    held: str
    largest: int = LOGO_LIMIT

    @property
    def options(self) -> list[tuple[str, str]]:
        return [(each, self.row.labels.get(each, each)) for each in self.row.choices]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of saving: nothing of it is set when it was saved."""

    errors: Mapping[str, str] = {}
    problem: str = ""

    @property
    def is_saved(self) -> bool:
        return not self.errors and not self.problem


def fields(
    ctx: Context, section: str, *, entered: Mapping[str, str] | None = None, errors: Mapping[str, str] = {}
) -> dict[str, Field]:
    """The fields of *section* by name, with what was *entered*, or else with what holds now."""
    now = flat(ctx.live.document)
    return {
        row.name: _field(row, now.get(row.path), entered, errors.get(row.path, ""), ctx.live.held.get(row.path))
        for row in rows(section)
    }


def read(ctx: Context, section: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The changes that a posted form asks for."""
    now = flat(ctx.live.document)
    return {
        row.path: _asked(row, form, now[row.path])
        for row in rows(section)
        if row.path not in ctx.live.held and _is_there(row, form)
    }


def _is_there(row: Row, form: Mapping[str, str]) -> bool:
    """A switch that is off is not sent, so the form says which switches it has; an empty secret is no answer."""
    if row.kind == "flag":
        return f"has-{row.name}" in form
    if row.kind == "secret":
        return bool(form.get(row.name)) or f"forget-{row.name}" in form
    return row.name in form


def _asked(row: Row, form: Mapping[str, str], now: Any) -> Any:
    text = form.get(row.name, "").strip()
    match row.kind:
        case "flag":
            return row.name in form
        case "number":
            # What is no number gets the sentence of one that is out of bounds: it says which are.
            return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else NO_NUMBER
        case "list":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "secret":
            return Secret(form.get(row.name, ""))
        case "picture":
            return "" if f"forget-{row.name}" in form else read_logo(text) or now
        case _:
            return read_colour(text) if row.path in COLOURS else text.replace("\r\n", "\n")


async def save(ctx: Context, visit: Visit, section: str, label: str, more: Mapping[str, Any] = {}) -> Outcome:
    """
    Save the form of *section*, and *more* by path; the audit log calls it *label*.

    Refused when somebody else has saved the same section since the page was opened; other sections do not matter.
    """
    trail = Trail(ctx, visit)
    opened = await _opened(ctx, visit)

    async def note(tx: Tx, detail: str) -> None:
        await trail.write(tx, Event.SETTINGS_CHANGED, subject=label, detail=detail)

    def make(document: Document) -> Document:
        if opened is not None and any(is_in(path, section) for path in changed_paths(opened, document)):
            raise Refused(OUTDATED)
        return with_changes(document, changes)

    try:
        changes = read(ctx, section, visit.form) | dict(more)
        await changing.change(ctx.live, make, by=account_of(visit).username, note=note, is_labelled=True)
    except WrongSettings as wrong:
        return Outcome(errors=wrong.errors)
    except Refused as refused:
        return Outcome(problem=str(refused))
    return Outcome()


async def _opened(ctx: Context, visit: Visit) -> Document | None:
    """The version that the page was made from."""
    version = visit.form.get("version", "")
    if not version.isdecimal() or len(version) > 12:
        return None

    async def unit(tx: ReadTx) -> Document | None:
        return await documents.find_document(tx, ctx.ring, int(version))

    return await ctx.db.read(unit)


def _field(row: Row, now: Any, entered: Mapping[str, str] | None, error: str, held: HeldValue | None) -> Field:
    if held is not None and row.kind != "secret":
        now = held.value
    is_on, text = bool(now), _text(now)
    if entered is not None and held is None:
        is_on, text = row.name in entered, entered.get(row.name, "")
    return Field(
        row=row,
        value="" if row.kind in {"secret", "picture"} else text,
        is_on=is_on,
        is_set=bool(now.reveal()) if isinstance(now, Secret) else bool(now),
        error=error,
        held=held.source if held is not None else "",
    )


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None or isinstance(value, Secret) else str(value)
