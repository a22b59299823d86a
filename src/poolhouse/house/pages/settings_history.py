"""Admin Settings > Version > History: who saved what, and an older version brought back."""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.guards import Refused
from poolhouse.house.model import Document
from poolhouse.house.pages.frame import VERSION, account_of, page
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query
from poolhouse.house.settings import changing
from poolhouse.house.settings.values import WrongSettings, changed_paths, flat, shown, with_changes
from poolhouse.house.store import documents
from poolhouse.house.store.documents import VersionLine
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.seal import SealBroken

PATH = "/settings/history"
PAGE = 20
_DIGITS = 12


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """A version in the list; ``changed`` is None where a master key is gone that one of the two needs."""

    line: VersionLine
    changed: list[str] | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of two versions, secrets masked."""

    path: str
    then: str
    now: str


async def show_all(ctx: Context, visit: Visit) -> Reply:
    """``/settings/history``, the newest first."""
    query = read_query(visit.raw)
    before = _number(query.get("before", "")) or ctx.live.document.version + 1

    async def unit(tx: ReadTx) -> tuple[list[Saved], bool]:
        lines = await documents.list_versions(tx, before=before, most=PAGE + 1)
        opened = {line.version: await _open(tx, ctx, line.version) for line in lines}
        opened[0] = Document(version=0)
        return [_saved(line, opened) for line in lines[:PAGE]], len(lines) > PAGE

    saved, is_more = await ctx.db.read(unit)
    return page(
        ctx,
        visit,
        "settings_history.html",
        current=VERSION,
        saved=saved,
        older=f"{PATH}?before={saved[-1].line.version}" if is_more else "",
        newest=PATH if before <= ctx.live.document.version else "",
        live=ctx.live.document.version,
        done="Restored" if query.get("done") == "restored" else "",
    )


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/history/{version}``: how it differs from what holds now."""
    return await _page(ctx, visit)


async def restore(ctx: Context, visit: Visit) -> Reply:
    """
    Everything as it was in that version, secrets included, as the next version.

    The guards against lock-out hold; what the start of the house or its file sets stays as it is.
    """
    version = _number(visit.raw.params["version"])
    old = await _find(ctx, version)
    if old is None:
        return _gone(ctx, visit)
    trail = Trail(ctx, visit)

    def make(newest: Document) -> Document:
        restored = msgspec.structs.replace(old, rollout=newest.rollout)
        fixed = {path: value for path, value in flat(newest).items() if path in ctx.live.held}
        return with_changes(restored, fixed) if fixed else restored

    async def note(tx: Tx, detail: str) -> None:
        await trail.write(tx, Event.SETTINGS_CHANGED, subject=f"Settings as in version {version}", detail=detail)

    try:
        await changing.change(ctx.live, make, by=account_of(visit).username, note=note)
    except (Refused, WrongSettings) as refused:
        return await _page(ctx, visit, refused=str(refused), status=409)
    return redirect(f"{PATH}?done=restored")


async def _page(ctx: Context, visit: Visit, *, refused: str = "", status: int = 200) -> Reply:
    version = _number(visit.raw.params["version"])
    old = await _find(ctx, version)
    if old is None:
        return _gone(ctx, visit)
    now = ctx.live.document
    then, present = flat(old), flat(now)
    return page(
        ctx,
        visit,
        "settings_version.html",
        current=VERSION,
        status=status,
        version=version,
        live=now.version,
        problem=refused,
        differences=[
            Difference(path=path, then=_words(then, path, other=present), now=_words(present, path, other=then))
            for path in changed_paths(old, now)
        ],
        path=f"{PATH}/{version}",
    )


def _words(values: dict[str, object], path: str, *, other: dict[str, object]) -> str:
    if path not in values:
        return "not there"
    value, its_other = values[path], other.get(path)
    if isinstance(value, Secret) and isinstance(its_other, Secret) and value.reveal() and its_other.reveal():
        return f"{shown(value)} (another one)"
    return shown(value)


async def _find(ctx: Context, version: int) -> Document | None:
    async def unit(tx: ReadTx) -> Document | None:
        return await _open(tx, ctx, version)

    return await ctx.db.read(unit) if version else None


async def _open(tx: ReadTx, ctx: Context, version: int) -> Document | None:
    try:
        return await documents.find_document(tx, ctx.ring, version)
    except (SealBroken, msgspec.ValidationError):
        return None


def _saved(line: VersionLine, opened: dict[int, Document | None]) -> Saved:
    after, before = opened.get(line.version), opened.get(line.version - 1)
    return Saved(line=line, changed=changed_paths(before, after) if before and after else None)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _gone(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="This version cannot be opened",
        what="There is no such version, or the master key that sealed its secrets is gone.",
        todo="",
        links=(("Go to the history", PATH),),
    )
