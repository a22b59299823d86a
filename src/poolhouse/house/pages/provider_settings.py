"""
The settings page of one provider, which depends on its kind.

A provider that is not there yet has its page as well: it is made when that is saved for the first time, and its
Redirect URL can be registered before.
"""

from poolhouse.house.context import Context
from poolhouse.house.pages import client_settings, nowhere, oidc_settings
from poolhouse.house.pages.query import read_query
from poolhouse.house.pages.saving import provider_id
from poolhouse.house.provider import Kind, find_provider, is_provider_id
from poolhouse.house.visit import Visit
from poolhouse.kit.edge import Reply


async def show(ctx: Context, visit: Visit) -> Reply:
    """``/settings/authentication/providers/{id}``; *kind* in the query for one that is not there yet."""
    kind = _kind(ctx, visit)
    if kind is None:
        return await nowhere.show(ctx, visit)
    return await (oidc_settings.show(ctx, visit) if kind is Kind.OIDC else client_settings.show(ctx, visit, kind))


async def save(ctx: Context, visit: Visit) -> Reply:
    """Its ``SAVE & RESTART``."""
    kind = _kind(ctx, visit)
    if kind is None:
        return await nowhere.show(ctx, visit)
    return await (oidc_settings.save(ctx, visit) if kind is Kind.OIDC else client_settings.save(ctx, visit, kind))


async def test(ctx: Context, visit: Visit) -> Reply:
    """Its ``Test login``."""
    kind = _kind(ctx, visit)
    if kind is None:
        return await nowhere.show(ctx, visit)
    return await (oidc_settings.test(ctx, visit) if kind is Kind.OIDC else client_settings.test(ctx, visit, kind))


async def show_secret(ctx: Context, visit: Visit) -> Reply:
    """Its ``Show saved Client Secret``."""
    kind = _kind(ctx, visit)
    if kind is None:
        return await nowhere.show(ctx, visit)
    if kind is Kind.OIDC:
        return await oidc_settings.show_secret(ctx, visit)
    return await client_settings.show_secret(ctx, visit, kind)


async def fill_from_issuer(ctx: Context, visit: Visit) -> Reply:
    """Its ``Fill from issuer``, for those that have one to type."""
    if _kind(ctx, visit) is not Kind.OIDC:
        return await nowhere.show(ctx, visit)
    return await oidc_settings.fill_from_issuer(ctx, visit)


def _kind(ctx: Context, visit: Visit) -> Kind | None:
    """What was saved decides; of a provider that is not there yet, what the page was opened for."""
    its_id = provider_id(visit)
    saved = find_provider(ctx.live.document.providers, its_id)
    if saved is not None:
        return saved.kind
    if not is_provider_id(its_id):
        return None
    asked = visit.form.get("kind") or read_query(visit.raw).get("kind", Kind.OIDC.value)
    return next((kind for kind in Kind if kind.value == asked), None)
