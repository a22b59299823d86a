"""Managed login branding: one style for each app client."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core import branding as rules
from poolhouse.pool.flows import clients
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.model.branding import Style
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import CognitoError, invalid_parameter, limit_exceeded, resource_not_found
from poolhouse.pool.store import branding as store

IN_POOL: Final = 20

Assets = Sequence[shapes.AssetType] | None


async def create(flow: Flow, pool: Pool, client_id: str, *, provided: bool, settings: Any, assets: Assets) -> Style:
    """AWS API: CreateManagedLoginBranding."""
    _check(settings, assets, provided=provided)
    now_ms = flow.clock.now_ms()
    style_id = uuid4(flow.entropy)

    async def unit(tx: Tx) -> Style:
        client = await clients.get_in(tx, pool.id, client_id)
        if await store.find_style_of(tx, pool.id, client.id) is not None:
            raise _exists(client_id)
        if await store.count_styles(tx, pool.id) >= IN_POOL:
            raise limit_exceeded(f"A user pool cannot have more than {IN_POOL} managed login branding styles.")
        style = Style(
            id=style_id,
            pool_id=pool.id,
            client_id=client.id,
            created_ms=now_ms,
            modified_ms=now_ms,
            provided=provided,
            settings=settings,
            assets=_kept(assets),
            pictures=rules.pictures(assets or ()),
        )
        await store.put_style(tx, style)
        return style

    try:
        return await flow.database.write(unit)
    except UniqueViolation as taken:
        raise _exists(client_id) from taken


async def get(flow: Flow, pool: Pool, style_id: str) -> Style:
    """AWS API: DescribeManagedLoginBranding."""
    found = await flow.database.read(lambda tx: store.find_style(tx, pool.id, style_id))
    if found is None:
        raise _missing()
    return found


async def get_of(flow: Flow, pool: Pool, client_id: str) -> Style:
    """AWS API: DescribeManagedLoginBrandingByClient."""

    async def read(tx: ReadTx) -> Style | None:
        client = await clients.get_in(tx, pool.id, client_id)
        return await store.find_style_of(tx, pool.id, client.id)

    found = await flow.database.read(read, snapshot=True)
    if found is None:
        raise resource_not_found(f"ManagedLoginBranding for client {client_id} does not exist.")
    return found


async def update(flow: Flow, pool: Pool, style_id: str, *, provided: bool, settings: Any, assets: Assets) -> Style:
    """
    AWS API: UpdateManagedLoginBranding.

    Settings or assets that are not sent stay, unless the style becomes the server's own; those that are sent are all
    there are then.  So a style that is too large for one request is sent in two.
    """
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> Style:
        style = await store.lock_style(tx, pool.id, style_id)
        if style is None:
            raise _missing()
        kept = style.settings if settings is None and assets is not None and not provided else settings
        _check(kept, assets, provided=provided)
        replaces = assets is not None or provided
        changed = msgspec.structs.replace(
            style,
            provided=provided,
            settings=kept,
            assets=_kept(assets) if replaces else style.assets,
            pictures=rules.pictures(assets or ()) if replaces else style.pictures,
            modified_ms=now_ms,
        )
        if not await store.replace_style(tx, changed):
            raise _missing()
        return changed

    return await flow.database.write(unit)


async def delete(flow: Flow, pool: Pool, style_id: str) -> None:
    """AWS API: DeleteManagedLoginBranding."""
    if not await flow.database.write(lambda tx: store.drop_style(tx, pool.id, style_id)):
        raise _missing()


def merged(style: Style) -> Style:
    """The style with what it leaves out (ReturnMergedResources)."""
    return msgspec.structs.replace(style, settings=rules.merged(style.settings))


def _check(settings: Any, assets: Assets, *, provided: bool) -> None:
    refusal = (
        rules.check_source(settings, assets, provided=provided)
        or (None if settings is None else rules.check_settings(settings))
        or rules.check_assets(assets or ())
    )
    if refusal is not None:
        stop(refusal)


def _kept(assets: Assets) -> tuple[shapes.AssetType, ...] | None:
    return None if assets is None else tuple(assets)


def _missing() -> CognitoError:
    return resource_not_found("ManagedLoginBranding does not exist.")


def _exists(client_id: str) -> CognitoError:
    return CognitoError(
        "ManagedLoginBrandingExistsException", f"A ManagedLoginBranding already exists for client {client_id}"
    )


def required_pool_id(pool_id: str | None) -> str:
    """UpdateManagedLoginBranding has no required member in the model; without a pool there is nothing to update."""
    if pool_id is None:
        raise invalid_parameter("UserPoolId is required.")
    return pool_id
