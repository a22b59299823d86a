"""Devices of a user: given a name at sign-in, confirmed, looked at, remembered or not, forgotten."""

from typing import Final

import msgspec

from poolhouse.kit.ambient import letters, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core import devices as core
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import device_proof, notices, people
from poolhouse.pool.flows.caller import TokenUser
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.notices import Happened, Scene
from poolhouse.pool.model.device import Device, NewDevice
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import DeviceSecretVerifierConfigType
from poolhouse.pool.store import devices as store
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import users as user_store

_DAY: Final = 86_400
"""An access token lives no longer."""


def bound(flow: Flow, pool: Pool, grant: Grant, device: Device | None) -> tuple[Grant, NewDevice | None]:
    """The grant with the device that signed in; one that is not known yet is given its names."""
    if not device_proof.is_tracked(pool):
        return grant, None
    if device is not None:
        return msgspec.structs.replace(grant, device_key=device.key), None
    group_key = "-" + letters(flow.entropy, core.GROUP_LETTERS, core.GROUP_ALPHABET)
    new = NewDevice(f"{pool.region}_{uuid4(flow.entropy)}", group_key)
    return msgspec.structs.replace(grant, device_key=new.key, device_group=new.group_key), new


def require_tracking(pool: Pool) -> None:
    if not device_proof.is_tracked(pool):
        raise Refused(Reason.DEVICE_TRACKING_OFF)


async def confirm(
    flow: Flow, caller: TokenUser, *, key: str, name: str | None, secret: DeviceSecretVerifierConfigType | None,
    address: str, scene: Scene | None = None,
) -> Device:  # fmt: skip
    """
    AWS API: ConfirmDevice.  The key must be the one that the sign-in behind the caller's token was given.

    Whether it is remembered at once is the pool's choice; else the user is to be asked.
    """
    pool, user = caller.entry.pool, caller.user
    require_tracking(pool)
    read = core.read_secret(secret)
    if isinstance(read, Refusal):
        stop(read)
    now_ms = flow.clock.now_ms()
    device = Device(
        pool_id=pool.id,
        username=user.username,
        key=key,
        group_key="",
        name=name,
        remembered=not _asks_user(pool),
        salt=None if read is None else read.salt,
        address=address,
        created_ms=now_ms,
        modified_ms=now_ms,
        authenticated_at=caller.grant.auth_time,
    )
    verifier = None if read is None else device_proof.seal_verifier(flow, device, read.verifier)

    async def unit(tx: Tx) -> Device:
        if not people.is_same(user, await user_store.hold_user(tx, pool.id, user.username)):
            raise Refused(Reason.ACCESS_TOKEN_REVOKED)
        if await store.find_device(tx, pool.id, user.username, key) is not None:
            raise Refused(Reason.DEVICE_EXISTS)
        grant = await grant_store.find_grant(tx, caller.grant.id)
        if grant is None or grant.device_key != key or grant.device_group is None:
            raise Refused(Reason.DEVICE_KEY_INVALID)
        made = msgspec.structs.replace(device, group_key=grant.device_group, verifier=verifier)
        await store.put_device(tx, made)
        if made.remembered and stands_for_a_factor(pool):
            await notices.tell(flow, tx, scene, user, Happened.DEVICE)
        return made

    try:
        return await flow.database.write(unit)
    except UniqueViolation as taken:
        raise Refused(Reason.DEVICE_EXISTS) from taken


def _asks_user(pool: Pool) -> bool:
    tracking = pool.settings.device_configuration
    return tracking is not None and bool(tracking.device_only_remembered_on_user_prompt)


async def get(flow: Flow, pool: Pool, user: User, key: str, *, remembered: bool = False) -> Device:
    """
    One device; with *remembered*, only if it is.

    A user sees the remembered ones alone, an administrator all (measured: integration tests of AWS's Android SDK).
    """
    require_tracking(pool)
    found = await device_proof.find(flow, user, key)
    if found is None or (remembered and not found.remembered):
        raise Refused(Reason.DEVICE_NOT_FOUND)
    return found


async def list_all(
    flow: Flow, pool: Pool, user: User, after: str, limit: int, *, remembered: bool = False
) -> list[Device]:
    """By key, from the one after *after*; with *remembered*, only those that are."""
    require_tracking(pool)

    async def read(tx: ReadTx) -> list[Device]:
        return await store.list_devices(tx, pool.id, user.username, after, limit, remembered=remembered)

    return await flow.database.read(read)


def stands_for_a_factor(pool: Pool) -> bool:
    """Whether a second factor is not asked for where a remembered device shows itself."""
    tracking = pool.settings.device_configuration
    return tracking is not None and bool(tracking.challenge_required_on_new_device)


async def set_remembered(
    flow: Flow, pool: Pool, user: User, key: str, *, remembered: bool, scene: Scene | None = None
) -> None:
    device = await get(flow, pool, user, key)
    is_news = remembered and not device.remembered and stands_for_a_factor(pool)
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        if not await store.set_remembered(tx, device, remembered=remembered, now_ms=now_ms):
            raise Refused(Reason.DEVICE_NOT_FOUND)
        if is_news:
            await notices.tell(flow, tx, scene, user, Happened.DEVICE)

    await flow.database.write(unit)


async def forget(flow: Flow, pool: Pool, user: User, key: str) -> None:
    """Delete the device; its sign-ins cannot be refreshed any more, and its key cannot be confirmed again."""
    require_tracking(pool)
    ends_at = flow.clock.now() + _DAY

    async def unit(tx: Tx) -> None:
        if not await store.forget_device(tx, pool.id, user.username, key, ends_at=ends_at):
            raise Refused(Reason.DEVICE_NOT_FOUND)

    await flow.database.write(unit)
