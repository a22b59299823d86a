"""Devices of users."""

from sqlalchemy import bindparam, delete, select, true, update

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.db.statement import compile_statement
from poolhouse.pool.model.device import Device
from poolhouse.pool.store import tables as t
from poolhouse.pool.store.record import LIMIT, Record

_DEVICE = Record(t.devices, Device)

_OF_USER = (t.devices.c.pool_id == bindparam("of_pool"), t.devices.c.username == bindparam("of_user"))
_LIST = compile_statement(
    _DEVICE.select(*_OF_USER, t.devices.c.key > bindparam("after")).order_by(t.devices.c.key).limit(LIMIT)
)
_LIST_REMEMBERED = compile_statement(
    _DEVICE.select(*_OF_USER, t.devices.c.key > bindparam("after"), t.devices.c.remembered == true())
    .order_by(t.devices.c.key)
    .limit(LIMIT)
)
_USED = compile_statement(
    update(t.devices)
    .where(*_OF_USER, t.devices.c.key == bindparam("of_key"))
    .values(address=bindparam("address"), authenticated_at=bindparam("authenticated_at"))
)
_STATUS = compile_statement(
    update(t.devices)
    .where(*_OF_USER, t.devices.c.key == bindparam("of_key"))
    .values(remembered=bindparam("remembered"), modified_ms=bindparam("modified_ms"))
)
_ITS_GRANTS = (
    t.grants.c.pool_id == bindparam("of_pool"),
    t.grants.c.username == bindparam("of_user"),
    t.grants.c.device_key == bindparam("of_key"),
)
_DROP_TOKENS = compile_statement(
    delete(t.refresh_tokens).where(t.refresh_tokens.c.grant_id.in_(select(t.grants.c.id).where(*_ITS_GRANTS)))
)
_UNBIND = compile_statement(
    update(t.grants)
    .where(*_ITS_GRANTS, t.grants.c.expires_at > bindparam("ends_at"))
    .values(expires_at=bindparam("new_end"))
)
_FORGET = compile_statement(update(t.grants).where(*_ITS_GRANTS).values(device_key=None, device_group=None))


async def put_device(tx: Tx, device: Device) -> None:
    """``UniqueViolation`` with table "devices" when it is confirmed already."""
    await _DEVICE.put(tx, device)


async def find_device(tx: ReadTx, pool_id: str, username: str, key: str) -> Device | None:
    return await _DEVICE.find(tx, pool_id=pool_id, username=username, key=key)


async def list_devices(
    tx: ReadTx, pool_id: str, username: str, after: str, limit: int, *, remembered: bool
) -> list[Device]:
    """By key, from the one after *after*; all, or only those that are *remembered*."""
    statement = _LIST_REMEMBERED if remembered else _LIST
    return await _DEVICE.all(tx, statement, of_pool=pool_id, of_user=username, after=after, limit=limit)


async def note_use(tx: Tx, device: Device, *, address: str, at: int) -> bool:
    """The device has signed in; whether it is still there."""
    found = await tx.run(
        _USED, of_pool=device.pool_id, of_user=device.username, of_key=device.key, address=address, authenticated_at=at
    )
    return found > 0


async def set_remembered(tx: Tx, device: Device, *, remembered: bool, now_ms: int) -> bool:
    found = await tx.run(
        _STATUS, of_pool=device.pool_id, of_user=device.username, of_key=device.key, remembered=remembered,
        modified_ms=now_ms,
    )  # fmt: skip
    return found > 0


async def forget_device(tx: Tx, pool_id: str, username: str, key: str, *, ends_at: int) -> bool:
    """
    Delete the device with the refresh tokens of its sign-ins; whether it was there.

    Its access tokens live on, and their grants no longer than *ends_at*.
    """
    of = {"of_pool": pool_id, "of_user": username, "of_key": key}
    if not await _DEVICE.drop(tx, pool_id=pool_id, username=username, key=key):
        return False
    await tx.run(_DROP_TOKENS, **of)
    await tx.run(_UNBIND, **of, ends_at=ends_at, new_end=ends_at)
    await tx.run(_FORGET, **of)
    return True
