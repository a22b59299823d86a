"""Admin Settings > Apps: the entries of the home page."""

from urllib.parse import urlsplit

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.branding import LOGO_LIMIT, read_logo
from poolhouse.house.context import Context
from poolhouse.house.gateway.app_checks import check_app, check_provider, with_letter
from poolhouse.house.gateway.table import BELOW
from poolhouse.house.model import App
from poolhouse.house.pages.app_gate import gate_fields, read_gate
from poolhouse.house.pages.app_resource import addresses, provider_options
from poolhouse.house.pages.frame import APPS, page, session_of
from poolhouse.house.pages.problem import problem
from poolhouse.house.pages.query import read_query
from poolhouse.house.portal.findings import Found
from poolhouse.house.portal.probing import can_be_probed
from poolhouse.house.portal.tiles import icon_path
from poolhouse.house.roles import Power
from poolhouse.house.store import apps, probes
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.left_out import LEFT_OUT
from poolhouse.kit.urls import split_url

PATH = APPS.href
_DONE = {
    "added": "App added",
    "changed": "App saved",
    "removed": "App removed",
    "rules": "Rules in force",
    "probed": "Probed",
    "probed-now": "Probed a moment ago",
}


async def show_all(ctx: Context, visit: Visit) -> Reply:
    """``/settings/apps``."""

    async def unit(tx: ReadTx) -> tuple[list[App], dict[str, Found]]:
        return await apps.list_apps(tx), await probes.all_found(tx)

    done = _DONE.get(read_query(visit.raw).get("done", ""), "")
    found, probed = await ctx.db.read(unit)
    return page(ctx, visit, "apps.html", current=APPS, done=done, apps=found, probed=probed, reach=ctx.reach)


async def show_new(ctx: Context, visit: Visit) -> Reply:
    """``/settings/apps/new``."""
    return _page(ctx, visit, App(id="", name="", url="", description="", letter=""), {})


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/apps/{id}``."""
    app_id = visit.raw.params["id"]

    async def unit(tx: ReadTx) -> tuple[App | None, Found | None]:
        return await apps.find_app(tx, app_id), await probes.find_found(tx, app_id)

    app, found = await ctx.db.read(unit)
    return _page(ctx, visit, app, {}, found) if app else _gone(ctx, visit)


async def add(ctx: Context, visit: Visit) -> Reply:
    """A new tile for everybody."""
    entered, errors = _read(ctx, visit, uuid4(ctx.entropy))
    if errors:
        return _page(ctx, visit, msgspec.structs.replace(entered, id=""), errors)
    app = with_letter(entered)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await apps.put_app(tx, app, ctx.clock.now())
        await trail.write(tx, Event.APP_ADDED, subject=app.name, detail=app.url)

    await ctx.db.write(unit)
    return redirect(f"{PATH}?done=added")


async def change(ctx: Context, visit: Visit) -> Reply:
    """Name, URL, description, letter."""
    entered, errors = _read(ctx, visit, visit.raw.params["id"])
    if errors:
        return _page(ctx, visit, entered, errors)
    app = with_letter(entered)
    trail = Trail(ctx, visit)
    keeps_icon = not app.icon and visit.form.get("forget-icon") != "on"

    async def unit(tx: Tx) -> bool:
        before = await apps.find_app(tx, app.id)
        changed = msgspec.structs.replace(app, icon=before.icon) if before is not None and keeps_icon else app
        if not await apps.change_app(tx, changed):
            return False
        await trail.write(tx, Event.APP_CHANGED, subject=app.name, detail=app.url)
        return True

    return redirect(f"{PATH}?done=changed") if await ctx.db.write(unit) else _gone(ctx, visit)


async def remove(ctx: Context, visit: Visit) -> Reply:
    """The tile goes; the app itself is not touched."""
    app_id = visit.raw.params["id"]
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> bool:
        app = await apps.find_app(tx, app_id)
        if app is None or not await apps.delete_app(tx, app_id):
            return False
        await trail.write(tx, Event.APP_REMOVED, subject=app.name, detail=app.url)
        return True

    return redirect(f"{PATH}?done=removed") if await ctx.db.write(unit) else _gone(ctx, visit)


def _read(ctx: Context, visit: Visit, app_id: str) -> tuple[App, dict[str, str]]:
    name, url, description, letter = (
        visit.form.get(field, "").strip() for field in ("name", "url", "description", "letter")
    )
    gate, errors = read_gate(visit.form)
    app = App(
        id=app_id,
        name=name,
        url=url,
        description=description,
        letter=letter,
        icon=read_logo(visit.form.get("icon", "")),
        shows_locked=visit.form.get("shows_locked") == "on",
        gate=gate,
    )
    errors |= check_app(app, ctx.origin) | check_provider(gate, ctx.live.document.providers)
    if gate is not None and _is_below(ctx, app) and Power.INSTANCE not in session_of(visit).powers:
        # Its scripts could do in this house whatever the person who opens it may do.
        errors.setdefault("url", "Only an instance administrator can put an app at the house's own address.")
    return app, errors


def _is_below(ctx: Context, app: App) -> bool:
    parts = split_url(app.url)
    return parts is not None and parts.hostname == urlsplit(ctx.origin.url).hostname


def _page(ctx: Context, visit: Visit, app: App, errors: dict[str, str], probed: Found | None = None) -> Reply:
    # What was entered is shown again as it was, numbers that are none included.
    entered = gate_fields(app.gate) | {name: value for name, value in visit.form.items() if name in gate_fields(None)}
    return page(
        ctx,
        visit,
        "app.html",
        current=APPS,
        status=422 if errors else 200,
        done="" if errors else _DONE.get(read_query(visit.raw).get("done", ""), ""),
        probed=probed,
        can_probe=bool(app.id) and not errors and can_be_probed(app),
        app=app,
        gate=entered,
        errors=errors,
        below=f"{ctx.origin.url}{BELOW}",
        is_below=_is_below(ctx, app),
        picture_limit=LOGO_LIMIT,
        left_out=LEFT_OUT,
        icon_path=icon_path(app) if not errors else "",
        healths=ctx.reach.of(app.id) if app.id and app.gate else (),
        keys_url=ctx.origin.at("/.well-known/jwks.json"),
        resource_providers=provider_options(ctx.live.document.providers),
        resource_addresses=addresses(app, ctx.origin) if not errors else [],
        issuer=ctx.origin.url,
    )


def _gone(ctx: Context, visit: Visit) -> Reply:
    return problem(
        ctx,
        visit,
        status=404,
        heading="There is no such app",
        what="It may have been removed.",
        todo="",
        links=(("Go to Apps", PATH),),
    )
