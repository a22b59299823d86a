"""
Structures of some operations. Written by ``tools/spec.py``: never edited by hand.

They are imported from ``spec.shapes``, as all are.
"""

from typing import Any, ClassVar

from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.shapes import Shape, spelled


class AdminForgetDeviceRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    device_key: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetDeviceRequest(Shape, frozen=True, kw_only=True):
    device_key: str
    user_pool_id: str
    username: str
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminGetDeviceResponse(Shape, frozen=True, kw_only=True):
    device: shapes.DeviceType


class AdminListDevicesRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    limit: int | None = None
    pagination_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminListDevicesResponse(Shape, frozen=True, kw_only=True):
    devices: list[shapes.DeviceType] | None = None
    pagination_token: str | None = None


class AdminUpdateDeviceStatusRequest(Shape, frozen=True, kw_only=True):
    user_pool_id: str
    username: str
    device_key: str
    device_remembered_status: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['username'])


class AdminUpdateDeviceStatusResponse(Shape, frozen=True, kw_only=True):
    pass


class ConfirmDeviceRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    device_key: str
    device_secret_verifier_config: shapes.DeviceSecretVerifierConfigType | None = None
    device_name: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ConfirmDeviceResponse(Shape, frozen=True, kw_only=True):
    user_confirmation_necessary: bool | None = None


class ForgetDeviceRequest(Shape, frozen=True, kw_only=True):
    device_key: str
    access_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetDeviceRequest(Shape, frozen=True, kw_only=True):
    device_key: str
    access_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class GetDeviceResponse(Shape, frozen=True, kw_only=True):
    device: shapes.DeviceType


class ListDevicesRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    limit: int | None = None
    pagination_token: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class ListDevicesResponse(Shape, frozen=True, kw_only=True):
    devices: list[shapes.DeviceType] | None = None
    pagination_token: str | None = None


class UpdateDeviceStatusRequest(Shape, frozen=True, kw_only=True):
    access_token: str
    device_key: str
    device_remembered_status: str | None = None
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(['access_token'])


class UpdateDeviceStatusResponse(Shape, frozen=True, kw_only=True):
    pass
