"""Admin Settings > Authentication: adding a provider, and turning one on, off, or taking it away."""

import msgspec

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context, settings_path
from poolhouse.house.guards import Refused, check_provider_off
from poolhouse.house.live import Change
from poolhouse.house.model import Document
from poolhouse.house.pages import nowhere
from poolhouse.house.pages.authentication import PATH, show_problem
from poolhouse.house.pages.frame import AUTHENTICATION, account_of, page
from poolhouse.house.pages.held import check_free
from poolhouse.house.pages.query import read_query, with_query
from poolhouse.house.pages.saving import provider_id, subject_of
from poolhouse.house.provider import (
    FIRST,
    Kind,
    Provider,
    find_provider,
    is_provider_id,
    put_provider,
    remove_provider,
)
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Reply, redirect

KINDS = (
    (Kind.OIDC, "OpenID Connect", "Cognito, Keycloak, Okta, Auth0, Entra ID, Ping, FusionAuth and others."),
    (Kind.GOOGLE, "Google", "Google accounts, or those of one Google Workspace organisation."),
    (Kind.GITHUB, "GitHub", "GitHub accounts, also of a GitHub Enterprise Server."),
)
CONFIRMATION = "disconnect"


class _Gone(Exception):
    """The provider was taken away in the meantime."""


async def show_new(ctx: Context, visit: Visit) -> Reply:
    """``/settings/authentication/providers/new``: its kind and its short name, then its own page."""
    query = read_query(visit.raw)
    kind = next((each for each, *_ in KINDS if each.value == query.get("kind")), None)
    if kind is None:
        return _new_page(ctx, visit)
    its_id = query.get("id", "").strip() or kind.value
    if not is_provider_id(its_id):
        error = "Use up to 32 small letters, digits and hyphens, a letter first."
        return _new_page(ctx, visit, kind=kind, its_id=its_id, error=error)
    if find_provider(ctx.live.document.providers, its_id) is not None:
        error = f"There is a provider called {its_id} already; choose another short name."
        return _new_page(ctx, visit, kind=kind, its_id=its_id, error=error)
    return redirect(with_query(settings_path(its_id), kind=kind.value) if its_id != FIRST else settings_path(its_id))


async def enable(ctx: Context, visit: Visit) -> Reply:
    """Its button is back at once, on every replica."""

    async def change(tx: Tx, document: Document) -> Document:
        return await _switch(ctx, visit, tx, document, is_enabled=True)

    return await _apply(ctx, visit, change, "provider-on")


async def disable(ctx: Context, visit: Visit) -> Reply:
    """Nobody signs in with it from now on; its settings stay, and so does who is signed in."""

    async def change(tx: Tx, document: Document) -> Document:
        await check_provider_off(tx, document, provider_id(visit))
        return await _switch(ctx, visit, tx, document, is_enabled=False)

    return await _apply(ctx, visit, change, "provider-off")


async def disconnect(ctx: Context, visit: Visit) -> Reply:
    """The settings go, secret included; accounts, identities and sessions stay."""

    async def change(tx: Tx, document: Document) -> Document:
        provider = _get(document, visit)
        check_free(ctx.live, f"providers.{provider.id}")
        await check_provider_off(tx, document, provider.id)
        trail = Trail(ctx, visit)
        detail = "disconnected, with the rules on its claims and people"
        await trail.write(tx, Event.SETTINGS_CHANGED, subject=subject_of(provider), detail=detail)
        return msgspec.structs.replace(document, providers=remove_provider(document.providers, provider.id))

    if visit.form.get("confirmation", "").strip() != CONFIRMATION:
        return show_problem(ctx, visit, "Type disconnect to confirm.", status=422)
    return await _apply(ctx, visit, change, "oidc-off" if provider_id(visit) == FIRST else "provider-gone")


async def _switch(ctx: Context, visit: Visit, tx: Tx, document: Document, *, is_enabled: bool) -> Document:
    provider = msgspec.structs.replace(_get(document, visit), is_enabled=is_enabled)
    trail = Trail(ctx, visit)
    done = "enabled" if is_enabled else "disabled"
    await trail.write(tx, Event.SETTINGS_CHANGED, subject=subject_of(provider), detail=done)
    return msgspec.structs.replace(document, providers=put_provider(document.providers, provider))


def _get(document: Document, visit: Visit) -> Provider:
    provider = find_provider(document.providers, provider_id(visit))
    if provider is None:
        raise _Gone
    return provider


async def _apply(ctx: Context, visit: Visit, change: Change, done: str) -> Reply:
    try:
        await ctx.live.change(change, by=account_of(visit).username)
    except Refused as refused:
        return show_problem(ctx, visit, str(refused), status=409)
    except _Gone:
        return await nowhere.show(ctx, visit)
    return redirect(f"{PATH}?done={done}")


def _new_page(ctx: Context, visit: Visit, *, kind: Kind = Kind.OIDC, its_id: str = "", error: str = "") -> Reply:
    return page(
        ctx,
        visit,
        "provider_new.html",
        current=AUTHENTICATION,
        status=422 if error else 200,
        kinds=[(each.value, name, description) for each, name, description in KINDS],
        kind=kind.value,
        its_id=its_id,
        error=error,
    )
