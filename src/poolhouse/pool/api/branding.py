"""Operations on the look of hosted pages: managed login branding, and the classic customization."""

import hashlib
from datetime import UTC, datetime

import msgspec

from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.views import date
from poolhouse.pool.core.branding import image_kind
from poolhouse.pool.flows import branding, pools, ui_customization
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.site import domain_url
from poolhouse.pool.model.branding import ALL, Customization, Style
from poolhouse.pool.spec import shapes


@operation
async def create_managed_login_branding(
    call: Call, request: shapes.CreateManagedLoginBrandingRequest
) -> shapes.CreateManagedLoginBrandingResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    style = await branding.create(
        call.ctx,
        entry.pool,
        request.client_id,
        provided=request.use_cognito_provided_values or False,
        settings=request.settings,
        assets=request.assets,
    )
    return shapes.CreateManagedLoginBrandingResponse(managed_login_branding=_style_view(style))


@operation
async def update_managed_login_branding(
    call: Call, request: shapes.UpdateManagedLoginBrandingRequest
) -> shapes.UpdateManagedLoginBrandingResponse:
    """Neither id is required by the model; without both there is nothing to update, as the service says too."""
    entry = await pools.get(call.ctx, call.region, branding.required_pool_id(request.user_pool_id))
    style = await branding.update(
        call.ctx,
        entry.pool,
        request.managed_login_branding_id or "",
        provided=request.use_cognito_provided_values or False,
        settings=request.settings,
        assets=request.assets,
    )
    return shapes.UpdateManagedLoginBrandingResponse(managed_login_branding=_style_view(style))


@operation
async def delete_managed_login_branding(call: Call, request: shapes.DeleteManagedLoginBrandingRequest) -> None:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    await branding.delete(call.ctx, entry.pool, request.managed_login_branding_id)


@operation
async def describe_managed_login_branding(
    call: Call, request: shapes.DescribeManagedLoginBrandingRequest
) -> shapes.DescribeManagedLoginBrandingResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    style = await branding.get(call.ctx, entry.pool, request.managed_login_branding_id)
    shown = branding.merged(style) if request.return_merged_resources else style
    return shapes.DescribeManagedLoginBrandingResponse(managed_login_branding=_style_view(shown))


@operation
async def describe_managed_login_branding_by_client(
    call: Call, request: shapes.DescribeManagedLoginBrandingByClientRequest
) -> shapes.DescribeManagedLoginBrandingByClientResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    style = await branding.get_of(call.ctx, entry.pool, request.client_id)
    shown = branding.merged(style) if request.return_merged_resources else style
    return shapes.DescribeManagedLoginBrandingByClientResponse(managed_login_branding=_style_view(shown))


@operation
async def get_ui_customization(
    call: Call, request: shapes.GetUICustomizationRequest
) -> shapes.GetUICustomizationResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    found = await ui_customization.find(call.ctx, entry.pool, request.client_id)
    return shapes.GetUICustomizationResponse(ui_customization=_customization_view(call, entry, found))


@operation
async def set_ui_customization(
    call: Call, request: shapes.SetUICustomizationRequest
) -> shapes.SetUICustomizationResponse:
    entry = await pools.get(call.ctx, call.region, request.user_pool_id)
    made = await ui_customization.put(
        call.ctx, entry.pool, request.client_id, css=request.css, image=request.image_file
    )
    return shapes.SetUICustomizationResponse(ui_customization=_customization_view(call, entry, made))


def _style_view(style: Style) -> shapes.ManagedLoginBrandingType:
    return shapes.ManagedLoginBrandingType(
        managed_login_branding_id=style.id,
        user_pool_id=style.pool_id,
        use_cognito_provided_values=style.provided,
        settings=style.settings,
        assets=None if style.assets is None else list(style.assets),
        creation_date=date(style.created_ms),
        last_modified_date=date(style.modified_ms),
    )


def _customization_view(call: Call, entry: PoolEntry, made: Customization | None) -> shapes.UICustomizationType:
    if made is None:
        return shapes.UICustomizationType()
    view = shapes.UICustomizationType(
        user_pool_id=made.pool_id,
        client_id=made.client_id,
        css=made.css,
        css_version=f"{datetime.fromtimestamp(made.modified_ms / 1000, UTC):%Y%m%d%H%M%S}" if made.css else None,
        creation_date=date(made.created_ms),
        last_modified_date=date(made.modified_ms),
    )
    base = domain_url(call.ctx.config, entry)
    if made.image is None or base is None:
        return view
    suffix = "jpg" if image_kind(made.image) == "JPEG" else "png"
    digest = hashlib.sha256(made.image).hexdigest()[:12]
    url = f"{base}/branding/{made.client_id or ALL}/logo.{digest}.{suffix}"
    return msgspec.structs.replace(view, image_url=url)
