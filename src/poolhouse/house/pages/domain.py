"""Admin Settings > Domain and TLS: the address of the house, its certificates, whom it trusts."""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.config import read_origin
from poolhouse.house.context import Context
from poolhouse.house.pages import section
from poolhouse.house.pages.frame import DOMAIN, page
from poolhouse.house.pages.query import read_query
from poolhouse.house.store import certificates
from poolhouse.house.tls import survey
from poolhouse.house.tls.contexts import load
from poolhouse.house.tls.hosts import host_of
from poolhouse.house.tls.keeper import Source
from poolhouse.house.tls.pairs import BadPair, Pair, check_complete, check_time, read_authorities, read_pair
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect
from poolhouse.kit.settings import SettingError

SECTION = "tls"
LABEL = "Domain and TLS"
_DONE = {
    "saved": "Saved",
    "certificate": "The certificate is served",
    "removed": "The certificate is removed",
    "again": "Tried again within seconds",
}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand on the page besides the settings."""

    errors: Mapping[str, str] = {}
    problem: str = ""
    terms: str = ""
    entered: Mapping[str, str] | None = None


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/domain``; ``?to=`` looks ahead to another address."""
    query = read_query(visit.raw)
    wanted = query.get("to", "").strip()
    move, wrong = None, ""
    if wanted:
        try:
            move = await survey.move(ctx, read_origin(wanted))
        except (SettingError, ValueError):
            wrong = "Give an origin, such as https://house.example.com, without a path."
    return await _page(ctx, visit, View(), done=_DONE.get(query.get("done", ""), ""), to=wanted, wrong=wrong, move=move)


async def save(ctx: Context, visit: Visit) -> Reply:
    """Private authorities, HSTS."""
    return await _save(ctx, visit, "saved")


async def save_certificate(ctx: Context, visit: Visit) -> Reply:
    """One's own certificate: looked at before it is kept, since a house with a bad one cannot be reached to mend it."""
    chain, key = visit.form.get("chain", ""), Secret(visit.form.get("key", ""))
    try:
        pair = read_pair(chain, key)
        check_time(pair, ctx.clock.now())
        check_complete(pair, ctx.live.document.tls.authorities)
        load(pair, ctx.settings.tls_minimum)
        await _check_names(ctx, pair)
    except BadPair as wrong:
        errors = {f"tls.own.{wrong.field}": str(wrong)}
        return await _page(ctx, visit, View(errors=errors, entered=visit.form), status=422)
    return await _save(ctx, visit, "certificate")


async def _check_names(ctx: Context, pair: Pair) -> None:
    if not any(pair.covers(line.host) for line in await survey.hosts(ctx)):
        names = ", ".join(pair.names[:5])
        raise BadPair(f"The certificate is for {names}, which is none of the hosts above.")
    own = host_of(ctx.origin.url)
    others = [each for each in ctx.keeper.served if each.source in {Source.FILE, Source.ACME}] if ctx.keeper else []
    if not pair.covers(own) and not any(each.pair.covers(own) for each in others):
        raise BadPair(f"The certificate is not for {own}, and no other one is: the house could not be reached.")


async def remove_certificate(ctx: Context, visit: Visit) -> Reply:
    """What others provide is served then, or the temporary one."""
    if visit.form.get("confirmation", "").strip() != "remove":
        return await _page(ctx, visit, View(problem="Type remove to confirm."), status=422)
    return await _save(ctx, visit, "removed", {"tls.own.chain": "", "tls.own.key": Secret("")})


async def save_acme(ctx: Context, visit: Visit) -> Reply:
    """Certificates from an authority, whose terms are shown before anybody agrees to them."""
    if "is_enabled" in visit.form:
        directory = visit.form.get("directory", "").strip()
        refused = await _check_terms(ctx, visit, directory)
        if refused is not None:
            return refused
    return await _save(ctx, visit, "saved")


async def try_again(ctx: Context, visit: Visit) -> Reply:
    """Do not wait for the next try; what the authority has limited waits all the same."""
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await certificates.try_at_once(tx, ctx.clock.now())
        await trail.write(tx, Event.SETTINGS_CHANGED, subject=LABEL, detail="certificates are ordered again")

    await ctx.db.write(unit)
    return redirect(f"{DOMAIN.href}?done=again")


async def _check_terms(ctx: Context, visit: Visit, directory: str) -> Reply | None:
    """Nothing if the terms that the authority has now are agreed to; else the page that says what is missing."""
    from poolhouse.house.tls import acme  # noqa: PLC0415 - it is large, and few need it

    try:
        terms = await acme.find_terms(ctx, directory)
    except acme.NotIssued as wrong:
        view = View(errors={"tls.acme.directory": str(wrong)}, entered=visit.form)
        return await _page(ctx, visit, view, status=422)
    kept = ctx.live.document.tls.acme
    if not terms or terms in {visit.form.get("terms", ""), kept.terms if kept.directory == directory else ""}:
        return None
    view = View(errors={"tls.acme.terms": "Read the authority's terms, and agree to them."}, terms=terms)
    return await _page(ctx, visit, msgspec.structs.replace(view, entered=visit.form), status=422)


async def _save(ctx: Context, visit: Visit, done: str, more: Mapping[str, Any] = {}) -> Reply:
    outcome = await section.save(ctx, visit, SECTION, LABEL, more)
    if outcome.is_saved:
        if ctx.keeper is not None and done != "saved":
            await ctx.keeper.follow()
        return redirect(f"{DOMAIN.href}?done={done}")
    view = View(errors=outcome.errors, problem=outcome.problem, entered=visit.form)
    return await _page(ctx, visit, view, status=409 if outcome.problem else 422)


def _temporary(ctx: Context) -> Pair | None:
    """The one that is served while there is no other; one that was saved a moment ago is about to be."""
    if ctx.keeper is None or not ctx.keeper.is_temporary or ctx.live.document.tls.own.chain:
        return None
    return ctx.keeper.served[0].pair


async def _page(
    ctx: Context, visit: Visit, view: View, *, status: int = 200, done: str = "", to: str = "", wrong: str = "",
    move: survey.Move | None = None,
) -> Reply:  # fmt: skip
    tls, providers, settings = ctx.live.document.tls, ctx.live.document.providers, ctx.settings
    fields = section.fields(ctx, SECTION, errors=view.errors)
    if view.entered is not None:
        now = section.fields(ctx, SECTION, entered=view.entered, errors=view.errors)
        # Of several forms on the page one was sent; the others show what holds.
        fields |= {name: each for name, each in now.items() if name in view.entered or f"has-{name}" in view.entered}
    lines = await survey.hosts(ctx)
    return page(
        ctx,
        visit,
        "domain.html",
        current=DOMAIN,
        status=status,
        done=done,
        view=view,
        fields=fields,
        ends_tls=ctx.keeper is not None,
        temporary=_temporary(ctx),
        http_port=settings.http_port,
        base_url=ctx.origin.url,
        urls=survey.urls_at(ctx.origin, providers),
        former=[
            (url, survey.urls_at(read_origin(url), ctx.live.document.providers)) for url in settings.former_base_urls
        ],
        uses_former=settings.former_redirect_urls,
        lines=lines,
        has_failed=any(line.error for line in lines),
        has_own=bool(tls.own.chain),
        acme=tls.acme,
        terms=view.terms or tls.acme.terms,
        is_agreed=not view.terms,
        authorities=read_authorities(tls.authorities) if tls.authorities else (),
        to=to,
        wrong=wrong,
        move=move,
        version=ctx.live.document.version,
    )
