"""Operations on devices: a signed-in user's own, and an administrator's on those of any user."""

from poolhouse.pool.api.callers import signed_in_by
from poolhouse.pool.api.operations import Call, operation
from poolhouse.pool.api.paging import page
from poolhouse.pool.api.seen import scene_of
from poolhouse.pool.api.views import date
from poolhouse.pool.core.devices import attributes
from poolhouse.pool.flows import devices, people, pools
from poolhouse.pool.flows.context import Refused
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.errors import Reason


@operation
async def confirm_device(call: Call, request: shapes.ConfirmDeviceRequest) -> shapes.ConfirmDeviceResponse:
    signed_in = await signed_in_by(call, request.access_token)
    device = await devices.confirm(
        call.ctx,
        signed_in,
        key=request.device_key,
        name=request.device_name,
        secret=request.device_secret_verifier_config,
        address=call.source_ip,
        scene=scene_of(call, signed_in),
    )
    return shapes.ConfirmDeviceResponse(user_confirmation_necessary=not device.remembered)


@operation
async def get_device(call: Call, request: shapes.GetDeviceRequest) -> shapes.GetDeviceResponse:
    pool, user = await _self(call, request.access_token)
    device = await devices.get(call.ctx, pool, user, request.device_key, remembered=True)
    return shapes.GetDeviceResponse(device=_view(pool, device, for_admin=False))


@operation
async def list_devices(call: Call, request: shapes.ListDevicesRequest) -> shapes.ListDevicesResponse:
    pool, user = await _self(call, request.access_token)
    found, token = await _page(call, pool, user, request.pagination_token, request.limit, remembered=True)
    return shapes.ListDevicesResponse(
        devices=[_view(pool, each, for_admin=False) for each in found], pagination_token=token
    )


@operation
async def forget_device(call: Call, request: shapes.ForgetDeviceRequest) -> None:
    pool, user = await _self(call, request.access_token)
    await devices.forget(call.ctx, pool, user, request.device_key)


@operation
async def update_device_status(
    call: Call, request: shapes.UpdateDeviceStatusRequest
) -> shapes.UpdateDeviceStatusResponse:
    signed_in = await signed_in_by(call, request.access_token)
    pool, user = signed_in.entry.pool, signed_in.user
    remembered = _remembered(request.device_remembered_status)
    scene = scene_of(call, signed_in)
    await devices.set_remembered(call.ctx, pool, user, request.device_key, remembered=remembered, scene=scene)
    return shapes.UpdateDeviceStatusResponse()


@operation
async def admin_get_device(call: Call, request: shapes.AdminGetDeviceRequest) -> shapes.AdminGetDeviceResponse:
    pool, user = await _find(call, request.user_pool_id, request.username)
    device = await devices.get(call.ctx, pool, user, request.device_key)
    return shapes.AdminGetDeviceResponse(device=_view(pool, device, for_admin=True))


@operation
async def admin_list_devices(call: Call, request: shapes.AdminListDevicesRequest) -> shapes.AdminListDevicesResponse:
    pool, user = await _find(call, request.user_pool_id, request.username)
    found, token = await _page(call, pool, user, request.pagination_token, request.limit)
    return shapes.AdminListDevicesResponse(
        devices=[_view(pool, each, for_admin=True) for each in found], pagination_token=token
    )


@operation
async def admin_forget_device(call: Call, request: shapes.AdminForgetDeviceRequest) -> None:
    pool, user = await _find(call, request.user_pool_id, request.username)
    await devices.forget(call.ctx, pool, user, request.device_key)


@operation
async def admin_update_device_status(
    call: Call, request: shapes.AdminUpdateDeviceStatusRequest
) -> shapes.AdminUpdateDeviceStatusResponse:
    pool, user = await _find(call, request.user_pool_id, request.username)
    remembered = _remembered(request.device_remembered_status)
    await devices.set_remembered(call.ctx, pool, user, request.device_key, remembered=remembered)
    return shapes.AdminUpdateDeviceStatusResponse()


async def _self(call: Call, token: str | None) -> tuple[Pool, User]:
    """The model leaves the token out of what it requires for some of these; nothing else says whose device is meant."""
    if not token:
        raise Refused(Reason.PARAMETER_MISSING, name="AccessToken")
    signed_in = await signed_in_by(call, token)
    return signed_in.entry.pool, signed_in.user


async def _find(call: Call, pool_id: str, name: str) -> tuple[Pool, User]:
    """What the pool does not do is said before anything about its users."""
    entry = await pools.get(call.ctx, call.region, pool_id)
    devices.require_tracking(entry.pool)
    return entry.pool, await people.get(call.ctx, entry.pool, name)


async def _page(
    call: Call, pool: Pool, user: User, token: str | None, limit: int | None, *, remembered: bool = False
) -> tuple[list[Device], str | None]:
    return await page(
        call,
        lambda after, count: devices.list_all(call.ctx, pool, user, after, count, remembered=remembered),
        asked=(pool.id, user.sub),
        key=lambda device: device.key,
        token=token,
        limit=limit,
    )


def _remembered(status: str | None) -> bool:
    if status is None:
        raise Refused(Reason.PARAMETER_MISSING, name="DeviceRememberedStatus")
    return status == "remembered"


def _view(pool: Pool, device: Device, *, for_admin: bool) -> shapes.DeviceType:
    return shapes.DeviceType(
        device_key=device.key,
        device_attributes=[
            shapes.AttributeType(name=name, value=value)
            for name, value in attributes(pool, device, for_admin=for_admin).items()
        ],
        device_create_date=date(device.created_ms),
        device_last_modified_date=date(device.modified_ms),
        device_last_authenticated_date=float(device.authenticated_at),
    )
