"""Admin Settings > Version: what runs where, and with what it was started."""

import platform
from importlib.metadata import version as version_of

import msgspec
from sqlalchemy import Text, func, select

from poolhouse.house.context import Context
from poolhouse.house.model import Replica
from poolhouse.house.pages.frame import VERSION, page
from poolhouse.house.schema import HISTORY
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.migrate import find_revision
from poolhouse.kit.db.statement import Statement
from poolhouse.kit.edge import Reply, json_reply

_ENGINE = Statement(select(func.sqlite_version(type_=Text)), select(func.version(type_=Text)))


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A process as the page shows it."""

    host: str
    program: str
    version: int
    started_at: Epoch
    seen_at: Epoch
    is_me: bool
    held: dict[str, str]


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/version``; while a change is on its way to some process, the page asks again by itself."""
    await ctx.replicas.look()
    reached = ctx.replicas.reached
    lines = [_line(each, ctx.replicas.id) for each in ctx.replicas.known]
    return page(
        ctx,
        visit,
        "version.html",
        current=VERSION,
        facts=await _facts(ctx),
        lines=lines,
        reached=reached,
        is_on_its_way=reached is not None and not reached.is_everywhere,
        startup=[each for each in ctx.settings.startup if each.value or each.source],
        version=ctx.live.document.version,
    )


async def state(ctx: Context, _visit: Visit) -> Reply:
    """For the line at the end of each page, until the change has arrived everywhere."""
    await ctx.replicas.look()
    reached = ctx.replicas.reached
    body = {"words": reached.words if reached else "", "done": reached is None or reached.is_everywhere}
    return json_reply(body, 200, (("cache-control", "no-store"),))


async def _facts(ctx: Context) -> list[tuple[str, str]]:
    row = await ctx.db.one(_ENGINE)
    engine = str(row[0]) if row else "unknown"
    # PostgreSQL says its own name, and then how it was built.
    engine = engine.partition(" on ")[0] if engine.startswith("PostgreSQL") else f"SQLite {engine}"
    return [
        ("Poolhouse", version_of("poolhouse")),
        ("Python", platform.python_version()),
        ("Database", engine),
        ("Schema", await find_revision(ctx.db, HISTORY) or "none"),
        ("Live settings", f"version {ctx.live.document.version}" if ctx.live.document.version else "the defaults"),
    ]


def _line(replica: Replica, me: str) -> Line:
    return Line(
        host=replica.host,
        program=replica.program,
        version=replica.version,
        started_at=replica.started_at,
        seen_at=replica.seen_at,
        is_me=replica.id == me,
        held=msgspec.json.decode(replica.held, type=dict[str, str]),
    )
