"""
Admin Settings > Authentication > OIDC.

Saving writes the next version of the settings, which every replica serves at once: nothing restarts, nobody is
signed out, and sign-ins under way are finished by the version they began with.
"""

from functools import partial

import msgspec

from poolhouse.house import rollout
from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import INITIATE_PATH, Context, backchannel_path, settings_path
from poolhouse.house.guards import Refused
from poolhouse.house.model import Document
from poolhouse.house.pages import test_login
from poolhouse.house.pages.candidate import AFTER_CANDIDATE, way_back
from poolhouse.house.pages.frame import AUTHENTICATION, page
from poolhouse.house.pages.held import fill_held, keep_held_of
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.saving import Outdated, find_draft, provider_id, subject_of, write_provider
from poolhouse.house.pages.typed import Typed, keep_typed, read_typed
from poolhouse.house.provider import FIRST, OidcSettings, Provider, find_provider
from poolhouse.house.rp import form as oidc_form
from poolhouse.house.rp.check import check_provider
from poolhouse.house.rp.consistency import Remark, disagreements, unusual_address
from poolhouse.house.rp.discovery import NotDiscovered, discover
from poolhouse.house.rp.explained import EXPLAINED, Explained
from poolhouse.house.rp.form import DEFAULT_SCOPE, DEFAULT_USERNAME_ATTRIBUTE, LABELS, LEARN_SECONDS, Errors, OidcForm
from poolhouse.house.rp.logout import logout_url
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

MASK = "\N{BULLET}" * 6


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand on the page besides the entries."""

    errors: Errors = {}
    problem: str = ""
    notice: str = ""
    trimmed: tuple[str, ...] = ()
    findings: tuple[Explained, ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_saved_now: bool = False
    secret: str = ""
    is_trial: bool = False
    draft: str = ""
    """The trial that the entries come from."""
    typed: str = ""
    """A secret that is kept from the form before."""


async def show(ctx: Context, visit: Visit) -> Reply:
    """The form; just after saving also what the provider's endpoints say to it."""
    document = ctx.live.document
    query = read_query(visit.raw)
    provider = find_provider(document.providers, provider_id(visit))
    draft = await find_draft(ctx, visit, query.get("draft", ""))
    if draft is not None:
        return _page(ctx, visit, _entries(draft.provider.settings), View(draft=query["draft"]))
    if query.get("done") != "saved" or provider is None:
        notice = AFTER_CANDIDATE.get(query.get("done", ""), "")
        return _page(ctx, visit, _entries(_saved(ctx, visit)), View(notice=notice))
    trimmed = tuple(name for name in query.get("trimmed", "").split(" ") if name in LABELS)
    found = await check_provider(
        ctx.relying.wire,
        ctx.relying.probe,
        provider,
        redirect_url=ctx.redirect_url(provider.id),
        entropy=ctx.entropy,
    )
    findings = tuple(EXPLAINED[failure] for failure in found)
    remarks = await _remarks(ctx, provider.settings)
    view = View(is_saved_now=True, trimmed=_labels(trimmed), findings=findings, remarks=remarks)
    return _page(ctx, visit, _entries(provider.settings), view)


async def _remarks(ctx: Context, settings: OidcSettings) -> tuple[Remark, ...]:
    """What does not seem to belong together, by the provider's document if there is one."""
    try:
        metadata = await discover(ctx.relying.wire.http, settings.issuer, seconds=LEARN_SECONDS)
    except NotDiscovered:
        return disagreements(settings, None)
    return disagreements(settings, metadata)


async def fill_from_issuer(ctx: Context, visit: Visit) -> Reply:
    """The button ``Fill from issuer``: nothing is saved yet."""
    entered, trimmed, typed = await _read(ctx, visit)
    filled, errors = await oidc_form.fill(ctx.relying.wire.http, entered, overwrite=True)
    notice = "" if errors else "The URLs come from the provider's own document. Nothing is saved yet."
    view = View(errors=errors, notice=notice, trimmed=_labels(trimmed))
    return await _again(ctx, visit, filled, view, typed, status=422 if errors else 200)


async def show_secret(ctx: Context, visit: Visit) -> Reply:
    """The saved secret, because the administrator asks for it; that it was shown is in the audit log."""
    entered, _trimmed, typed = await _read(ctx, visit)
    settings = _saved(ctx, visit)
    if settings is None:
        return redirect(settings_path(provider_id(visit)))
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.SECRET_SHOWN, subject=subject_of(_provider(ctx.live.document, visit, settings)))

    await ctx.db.write(unit)
    return await _again(ctx, visit, entered, View(secret=settings.client_secret.reveal()), typed)


async def test(ctx: Context, visit: Visit) -> Reply:
    """``Test login``: the entries are tried, and nothing is saved."""
    prepared = await _prepare(ctx, visit, is_trial=True)
    if isinstance(prepared, Reply):
        return prepared
    return await test_login.begin(
        ctx,
        visit,
        keep_held_of(ctx.live, ctx.live.document, _provider(ctx.live.document, visit, prepared.settings)),
        opened=visit.form.get("version", ""),
        trimmed=prepared.trimmed,
    )


async def save(ctx: Context, visit: Visit) -> Reply:
    """``SAVE & RESTART``, of the form or of the page of a trial."""
    prepared = await _prepare(ctx, visit)
    if isinstance(prepared, Reply):
        return prepared
    try:
        make, describe = partial(_with_settings, prepared.settings), partial(_describe, prepared.settings)
        target = await write_provider(ctx, visit, make, describe=describe, tested_at=prepared.tested_at)
    except (Refused, Outdated) as refused:
        return await _again(ctx, visit, prepared.entered, View(problem=str(refused)), prepared.typed, status=409)
    return redirect(with_query(target, done="saved", trimmed=" ".join(prepared.trimmed)))


class Prepared(msgspec.Struct, frozen=True):
    """Entries that can be saved or tried."""

    entered: OidcForm
    settings: OidcSettings
    trimmed: tuple[str, ...]
    tested_at: Epoch | None = None
    typed: Typed = Typed()


async def _prepare(ctx: Context, visit: Visit, *, is_trial: bool = False) -> Prepared | Reply:
    """
    The settings of the form, or the page that says what is wrong with it.

    A secret that was left empty is that of the trial that the form was opened from, else the saved one.
    """
    draft = await find_draft(ctx, visit, visit.form.get("draft", ""))
    if draft is not None and visit.form.get("as_tested"):
        tested_at = draft.came.at if draft.came and draft.has_passed(ctx.clock.now()) else None
        return Prepared(_entries(draft.provider.settings), draft.provider.settings, draft.trimmed, tested_at)
    entered, trimmed, typed = await _read(ctx, visit)
    known = draft.provider.settings if draft is not None else _saved(ctx, visit)
    http = ctx.relying.wire.http
    errors: Errors = {}
    if oidc_form.needs_filling(entered):
        entered, errors = await oidc_form.fill(http, entered, overwrite=False)
    errors = errors or oidc_form.check_form(entered, has_saved_secret=known is not None)
    if errors or typed.is_lost:
        view = View(errors=errors, trimmed=_labels(trimmed), is_trial=is_trial)
        return await _again(ctx, visit, entered, view, typed, status=422)
    return Prepared(entered, await oidc_form.settle(http, entered, known), trimmed, typed=typed)


async def _read(ctx: Context, visit: Visit) -> tuple[OidcForm, tuple[str, ...], Typed]:
    """What was typed, with what is saved in fields that are held, and which values had blanks around them."""
    entered, trimmed = oidc_form.read_form(visit.form)
    typed = await read_typed(ctx, visit, entered.client_secret)
    entered = msgspec.structs.replace(entered, client_secret=typed.secret)
    saved = find_provider(ctx.live.document.providers, provider_id(visit))
    group = f"providers.{provider_id(visit)}.settings"
    paths = {name: f"{group}.{name}" for name in LABELS}
    return fill_held(ctx.live, entered, _entries(saved.settings) if saved else None, paths), trimmed, typed


def _with_settings(settings: OidcSettings, before: Provider | None, new_id: str) -> Provider:
    if before is not None:
        return msgspec.structs.replace(before, settings=settings)
    return Provider(id=new_id, settings=settings)


def _describe(settings: OidcSettings, before: Provider | None) -> str:
    return describe_change(before.settings if before is not None else None, settings)


def describe_change(before: OidcSettings | None, after: OidcSettings) -> str:
    """Labels and new values of what has changed; of a secret only that it did."""
    changes: list[str] = []
    for name, label in LABELS.items():
        new = getattr(after, name)
        if before is not None and getattr(before, name) == new:
            continue
        changes.append(f"{label}: {MASK if name == 'client_secret' else new}")
    return "; ".join(changes) or "nothing changed"


def _saved(ctx: Context, visit: Visit) -> OidcSettings | None:
    """What was saved last, in force or waiting."""
    provider = rollout.latest(ctx.live.document, provider_id(visit), ctx.clock.now())
    return provider.settings if provider is not None else None


def _provider(document: Document, visit: Visit, settings: OidcSettings) -> Provider:
    return _with_settings(settings, find_provider(document.providers, provider_id(visit)), provider_id(visit))


def _entries(settings: OidcSettings | None) -> OidcForm:
    if settings is None:
        return OidcForm(scope=DEFAULT_SCOPE, username_attribute=DEFAULT_USERNAME_ATTRIBUTE)
    return oidc_form.shown(settings)


def _labels(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(LABELS[name] for name in names)


async def _again(
    ctx: Context, visit: Visit, entered: OidcForm, view: View, typed: Typed, *, status: int = 200
) -> Reply:
    """The form that was sent, which must not lose the secret that it came with, nor lose it unsaid."""
    errors = {**view.errors, **typed.errors}
    kept = "" if "client_secret" in errors else await keep_typed(ctx, visit, typed)
    view = msgspec.structs.replace(view, errors=errors, typed=kept)
    return _page(ctx, visit, entered, view, status=422 if typed.is_lost else status)


def _page(ctx: Context, visit: Visit, entered: OidcForm, view: View, *, status: int = 200) -> Reply:
    document = ctx.live.document
    settings = _saved(ctx, visit)
    its_id = provider_id(visit)
    return page(
        ctx,
        visit,
        "oidc_settings.html",
        current=AUTHENTICATION,
        status=status,
        entered=entered,
        view=view,
        is_connected=settings is not None,
        redirect_url=ctx.redirect_url(its_id),
        logged_out_url=ctx.logged_out_url,
        backchannel_url=ctx.origin.at(backchannel_path(its_id)),
        initiate_url=ctx.origin.at(INITIATE_PATH),
        provider_logout_url=logout_url(settings) if settings else "",
        derived_issuer=settings.issuer if settings and settings.is_issuer_derived else "",
        version=document.version,
        path=settings_path(its_id),
        held_group=f"providers.{its_id}.settings",
        way_back=way_back(ctx, its_id),
        unusual=unusual_address(ctx.origin.url, visit.raw.host),
        draft=view.draft or visit.form.get("draft", ""),
        heading="OIDC" if its_id == FIRST else f"OIDC ({its_id})",
    )
