"""What Admin Settings > Domain and TLS shows: each host with its certificate, and what another address would change."""

from collections.abc import Iterable

import msgspec

from poolhouse.house.config import Origin
from poolhouse.house.context import LOGGED_OUT_PATH, Context, redirect_path
from poolhouse.house.gateway.table import check_address
from poolhouse.house.model import App
from poolhouse.house.provider import Provider, title
from poolhouse.house.store import apps
from poolhouse.house.store import certificates as store
from poolhouse.house.tls.hosts import host_of, needed
from poolhouse.house.tls.keeper import Kept, Source
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx

SOON_SECONDS = 30 * 86_400


class HostLine(msgspec.Struct, frozen=True, kw_only=True):
    """One host: whose it is, what a browser gets there, and how getting a certificate by ACME goes."""

    host: str
    what: str
    kept: Kept | None = None
    state: str = "missing"
    error: str = ""
    next_at: Epoch = Epoch(0)


class UrlLine(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that somebody else has to know."""

    what: str
    url: str


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What another base URL would bring with it."""

    origin: Origin
    urls: list[UrlLine]
    apps: list[UrlLine]
    """Apps whose URL would not fit any more, with what is wrong."""
    is_covered: bool


async def hosts(ctx: Context) -> list[HostLine]:
    """Every host that needs a certificate, the house's own first."""

    async def unit(tx: ReadTx) -> tuple[list[App], list[store.Certificate]]:
        return await apps.list_apps(tx), await store.list_certificates(tx)

    shown, kept_rows = await ctx.db.read(unit)
    rows = {row.host: row for row in kept_rows}
    own = host_of(ctx.origin.url)
    former = {host_of(url) for url in ctx.settings.former_base_urls}
    lines = []
    for host in needed(ctx.origin.url, ctx.settings.former_base_urls, shown):
        names = [app.name for app in shown if app.gate is not None and host_of(app.url) == host]
        what = "This house" if host == own else "Former address" if host in former else ", ".join(names)
        row = rows.get(host, store.Certificate(host=host))
        kept = ctx.keeper.find(host) if ctx.keeper is not None else None
        lines.append(
            HostLine(
                host=host,
                what=what,
                kept=kept,
                state=_state(kept, ctx.clock.now()),
                error=row.error,
                next_at=row.next_at,
            )
        )
    return lines


def ending(ctx: Context) -> list[Kept]:
    """Certificates that nobody renews by itself and that end within 30 days."""
    if ctx.keeper is None:
        return []
    soon = Epoch(ctx.clock.now() + SOON_SECONDS)
    return [
        each for each in ctx.keeper.served if each.source in {Source.FILE, Source.OWN} and each.pair.not_after <= soon
    ]


def urls_at(origin: Origin, providers: Iterable[Provider]) -> list[UrlLine]:
    """What providers have to know of a house at *origin*."""
    lines = [
        UrlLine(what=f"Redirect URL for {title(each)}", url=origin.at(redirect_path(each.id))) for each in providers
    ]
    return [*lines, UrlLine(what="Where people come back to after signing out", url=origin.at(LOGGED_OUT_PATH))]


async def move(ctx: Context, origin: Origin) -> Move:
    """Look ahead, before the setting is changed."""

    async def unit(tx: ReadTx) -> list[App]:
        return await apps.list_apps(tx)

    unfit = []
    for app in await ctx.db.read(unit):
        wrong = check_address(app.url, origin) if app.gate is not None else None
        if app.gate is not None and wrong is None and app.url.startswith(ctx.origin.url + "/"):
            wrong = f"It is below the present address, so it would have to move to {origin.url}/apps/."
        if wrong:
            unfit.append(UrlLine(what=f"{app.name}: {wrong}", url=app.url))
    kept = ctx.keeper.find(host_of(origin.url)) if ctx.keeper is not None else None
    return Move(
        origin=origin,
        urls=urls_at(origin, ctx.live.document.providers),
        apps=unfit,
        is_covered=kept is not None and kept.source is not Source.TEMPORARY,
    )


def _state(kept: Kept | None, now: Epoch) -> str:
    if kept is None or kept.source is Source.TEMPORARY:
        return "missing"
    if not kept.pair.is_valid(now):
        return "expired"
    return "soon" if kept.source is not Source.ACME and kept.pair.not_after <= now + SOON_SECONDS else "valid"
