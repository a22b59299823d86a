"""Admin Settings > Authentication > Google, and GitHub: addresses that are known, so a client is all."""

from functools import partial

import msgspec

from poolhouse.house import rollout
from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path
from poolhouse.house.drafts import Draft
from poolhouse.house.guards import Refused
from poolhouse.house.pages import test_login
from poolhouse.house.pages.candidate import AFTER_CANDIDATE, way_back
from poolhouse.house.pages.frame import AUTHENTICATION, page
from poolhouse.house.pages.held import fill_held, keep_held_of
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.saving import Outdated, find_draft, provider_id, subject_of, write_provider
from poolhouse.house.pages.typed import Typed, keep_typed, read_typed
from poolhouse.house.provider import Kind, OidcSettings, Provider, find_provider
from poolhouse.house.rp import failures
from poolhouse.house.rp.check import check_provider
from poolhouse.house.rp.client_form import LABELS, NAMES, ClientForm, Errors, check_form, describe, read_form, shown
from poolhouse.house.rp.explained import EXPLAINED, Explained
from poolhouse.house.rp.github import HOME, github_settings
from poolhouse.house.rp.google import google_settings
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch, Secret
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

_ADDRESSES = frozenset({failures.AUTHORIZATION_URL, failures.TOKEN_URL, failures.USERINFO_URL})


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand on the page besides the entries."""

    errors: Errors = {}
    problem: str = ""
    findings: tuple[Explained, ...] = ()
    is_saved_now: bool = False
    secret: str = ""
    notice: str = ""
    draft: str = ""
    """The trial that the entries come from."""
    typed: str = ""
    """A secret that is kept from the form before."""


async def show(ctx: Context, visit: Visit, kind: Kind) -> Reply:
    """The form; just after saving also what the provider says to this client."""
    saved, query = _saved(ctx, visit), read_query(visit.raw)
    draft = await find_draft(ctx, visit, query.get("draft", ""))
    if draft is not None:
        return _page(ctx, visit, kind, shown(draft.provider), View(draft=query["draft"]))
    if saved is None:
        return _page(ctx, visit, kind, ClientForm(base=HOME), View())
    if query.get("done") != "saved":
        return _page(ctx, visit, kind, shown(saved), View(notice=AFTER_CANDIDATE.get(query.get("done", ""), "")))
    found = await check_provider(
        ctx.relying.wire,
        ctx.relying.probe,
        saved,
        redirect_url=ctx.redirect_url(saved.id),
        entropy=ctx.entropy,
    )
    findings = tuple(_on_this_page(EXPLAINED[failure], kind) for failure in found)
    return _page(ctx, visit, kind, shown(saved), View(is_saved_now=True, findings=findings))


def _on_this_page(explained: Explained, kind: Kind) -> Explained:
    """The addresses of GitHub follow from one field."""
    if kind is not Kind.GITHUB or explained.field not in _ADDRESSES:
        return explained
    advice = "Check that it is github.com, or the address of a GitHub Enterprise Server."
    return msgspec.structs.replace(explained, field=LABELS["base"], advice=advice)


async def show_secret(ctx: Context, visit: Visit, kind: Kind) -> Reply:
    """The saved secret, because the administrator asks for it; that it was shown is in the audit log."""
    saved = _saved(ctx, visit)
    if saved is None:
        return redirect(settings_path(provider_id(visit)))
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> None:
        await trail.write(tx, Event.SECRET_SHOWN, subject=subject_of(saved))

    await ctx.db.write(unit)
    entered, typed = await _read(ctx, visit)
    return await _again(ctx, visit, kind, entered, View(secret=saved.settings.client_secret.reveal()), typed)


async def save(ctx: Context, visit: Visit, kind: Kind) -> Reply:
    """``SAVE & RESTART``, of the form or of the page of a trial."""
    draft = await find_draft(ctx, visit, visit.form.get("draft", ""))
    tested_at: Epoch | None = None
    typed = Typed()
    if draft is not None and visit.form.get("as_tested"):
        entered = shown(draft.provider)
        tested_at = draft.came.at if draft.came and draft.has_passed(ctx.clock.now()) else None
    else:
        entered, typed = await _read(ctx, visit)
        errors = check_form(entered, kind, has_saved_secret=draft is not None or _saved(ctx, visit) is not None)
        if errors or typed.is_lost:
            return await _again(ctx, visit, kind, entered, View(errors=errors), typed, status=422)
    try:
        make, said = partial(_settle, kind, entered, draft), partial(describe, kind, entered)
        target = await write_provider(ctx, visit, make, describe=said, tested_at=tested_at)
    except (Refused, Outdated) as refused:
        return await _again(ctx, visit, kind, entered, View(problem=str(refused)), typed, status=409)
    return redirect(with_query(target, done="saved"))


async def test(ctx: Context, visit: Visit, kind: Kind) -> Reply:
    """``Test login``: the entries are tried, and nothing is saved."""
    draft = await find_draft(ctx, visit, visit.form.get("draft", ""))
    (entered, typed), saved = await _read(ctx, visit), _saved(ctx, visit)
    errors = check_form(entered, kind, has_saved_secret=draft is not None or saved is not None)
    if errors or typed.is_lost:
        return await _again(ctx, visit, kind, entered, View(errors=errors), typed, status=422)
    settled = _settle(kind, entered, draft, saved, provider_id(visit))
    provider = keep_held_of(ctx.live, ctx.live.document, settled)
    return await test_login.begin(ctx, visit, provider, opened=visit.form.get("version", ""), trimmed=())


def _paths(its_id: str) -> dict[str, str]:
    """Fields of the form, and the settings that they are."""
    above = f"providers.{its_id}"
    return {
        "client_id": f"{above}.settings.client_id",
        "client_secret": f"{above}.settings.client_secret",
        "hosted_domain": f"{above}.options.hosted_domain",
        "base": f"{above}.settings.issuer",
    }


async def _read(ctx: Context, visit: Visit) -> tuple[ClientForm, Typed]:
    """What was typed, with what is saved in fields that are held."""
    saved = find_provider(ctx.live.document.providers, provider_id(visit))
    entered = read_form(visit.form)
    typed = await read_typed(ctx, visit, entered.client_secret)
    entered = msgspec.structs.replace(entered, client_secret=typed.secret)
    return fill_held(ctx.live, entered, shown(saved) if saved else None, _paths(provider_id(visit))), typed


def _saved(ctx: Context, visit: Visit) -> Provider | None:
    """What was saved last, in force or waiting."""
    return rollout.latest(ctx.live.document, provider_id(visit), ctx.clock.now())


def _settle(kind: Kind, entered: ClientForm, draft: Draft | None, before: Provider | None, new_id: str) -> Provider:
    """The entries as a provider; an empty secret is that of the trial, else the one that was saved."""
    if entered.client_secret:
        secret = Secret(entered.client_secret)
    elif draft is not None:
        secret = draft.provider.settings.client_secret
    elif before is not None:
        secret = before.settings.client_secret
    else:
        raise Refused("The provider was disconnected since you opened the page. Enter its Client Secret again.")
    settings = _settings(kind, entered, secret)
    if before is None:
        before = Provider(id=new_id, kind=kind, label=f"SIGN IN WITH {NAMES[kind].upper()}", settings=settings)
    options = msgspec.structs.replace(before.options, hosted_domain=entered.hosted_domain.lower())
    return msgspec.structs.replace(before, settings=settings, options=options)


def _settings(kind: Kind, entered: ClientForm, secret: Secret) -> OidcSettings:
    if kind is Kind.GITHUB:
        return github_settings(client_id=entered.client_id, client_secret=secret, base=entered.base or HOME)
    return google_settings(client_id=entered.client_id, client_secret=secret)


async def _again(
    ctx: Context, visit: Visit, kind: Kind, entered: ClientForm, view: View, typed: Typed, *, status: int = 200
) -> Reply:
    """The form that was sent, which must not lose the secret that it came with, nor lose it unsaid."""
    errors = {**view.errors, **typed.errors}
    kept = "" if "client_secret" in errors else await keep_typed(ctx, visit, typed)
    view = msgspec.structs.replace(view, errors=errors, typed=kept)
    return _page(ctx, visit, kind, entered, view, status=422 if typed.is_lost else status)


def _page(ctx: Context, visit: Visit, kind: Kind, entered: ClientForm, view: View, *, status: int = 200) -> Reply:
    document, its_id = ctx.live.document, provider_id(visit)
    return page(
        ctx,
        visit,
        "client_settings.html",
        current=AUTHENTICATION,
        status=status,
        entered=entered,
        view=view,
        kind=kind.value,
        kind_name=NAMES[kind],
        labels=LABELS,
        is_connected=find_provider(document.providers, its_id) is not None,
        redirect_url=ctx.redirect_url(its_id),
        version=document.version,
        path=settings_path(its_id),
        settings=_paths(its_id),
        way_back=way_back(ctx, its_id),
        draft=view.draft or visit.form.get("draft", ""),
    )
