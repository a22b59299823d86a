"""
Browsers that a user has had remembered on the pages: there a second factor is not asked for again.

Ours: the service's pages remember no device.  What the pool's DeviceConfiguration says of devices holds for browsers,
once the pool's extended settings say so: a remembered one stands for a second factor where ChallengeRequiredOnNewDevice
is on.  It is a device like any other: in the lists, and once forgotten it is unknown.  It proves itself by a sealed
cookie, and has no secret for the API's exchange.
"""

from typing import Final

import msgspec

from poolhouse.kit.agent import describe
from poolhouse.kit.ambient import letters, uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.jose import b64url, b64url_decode
from poolhouse.kit.seal import SealBroken
from poolhouse.pool.core import devices as core
from poolhouse.pool.flows import notices, people
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.notices import Happened, Scene
from poolhouse.pool.model.device import Device
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.store import devices as store
from poolhouse.pool.store import users as user_store

COOKIE: Final = "poolhouse-device"
SECONDS: Final = 90 * 86_400
_PURPOSE: Final = "remembered browser"
_PEOPLE: Final = 5
"""Users of one browser who are kept apart in its cookie; one more pushes out the first."""


class _Entry(msgspec.Struct, frozen=True):
    sub: str
    key: str
    expires_at: int


_decoder = msgspec.json.Decoder(tuple[_Entry, ...])


def remembers(pool: Pool) -> bool:
    """Whether the pages of this pool remember browsers."""
    tracking = pool.settings.device_configuration
    return bool(pool.extended.remember_browsers and tracking and tracking.challenge_required_on_new_device)


def asks(pool: Pool) -> bool:
    """Whether the user is asked first."""
    tracking = pool.settings.device_configuration
    return remembers(pool) and tracking is not None and bool(tracking.device_only_remembered_on_user_prompt)


async def recognise(flow: Flow, door: Door, user: User | None, cookie: str | None) -> Door:
    """The door with the browser's device, if this user has had it remembered and it is not forgotten."""
    if user is None or not cookie or not remembers(door.pool):
        return door
    entry = next((each for each in _read(flow, door.pool, cookie) if each.sub == user.sub), None)
    if entry is None or entry.expires_at <= flow.clock.now():
        return door
    found = await flow.database.read(lambda tx: store.find_device(tx, user.pool_id, user.username, entry.key))
    if found is None or not found.remembered:
        return door
    return msgspec.structs.replace(door, device=found, recognised=True)


async def remember(
    flow: Flow, entry: PoolEntry, user: User, origin: Origin, cookie: str | None, *, scene: Scene | None = None
) -> str | None:
    """The cookie with this browser remembered for *user*; None where he was changed meanwhile."""
    pool, now_ms = entry.pool, flow.clock.now_ms()
    device = Device(
        pool_id=pool.id,
        username=user.username,
        key=f"{pool.region}_{uuid4(flow.entropy)}",
        group_key="-" + letters(flow.entropy, core.GROUP_LETTERS, core.GROUP_ALPHABET),
        name=describe(origin.agent),
        remembered=True,
        address=origin.address,
        created_ms=now_ms,
        modified_ms=now_ms,
        authenticated_at=now_ms // 1000,
    )

    async def unit(tx: Tx) -> bool:
        if not people.is_same(user, await user_store.hold_user(tx, pool.id, user.username)):
            return False
        await store.put_device(tx, device)
        await notices.tell(flow, tx, scene, user, Happened.BROWSER)
        return True

    if not await flow.database.write(unit):
        return None
    kept = [each for each in _read(flow, pool, cookie or "") if each.sub != user.sub]
    fresh = _Entry(user.sub, device.key, now_ms // 1000 + SECONDS)
    sealed = flow.ring.seal(msgspec.json.encode([*kept, fresh][-_PEOPLE:]), purpose=_PURPOSE, row=pool.id)
    return b64url(sealed).decode("ascii")


async def note_use(flow: Flow, device: Device, origin: Origin) -> None:
    """It has signed in once more."""
    at = flow.clock.now()
    await flow.database.write(lambda tx: store.note_use(tx, device, address=origin.address, at=at))


def _read(flow: Flow, pool: Pool, cookie: str) -> tuple[_Entry, ...]:
    try:
        return _decoder.decode(flow.ring.open(b64url_decode(cookie), purpose=_PURPOSE, row=pool.id))
    except (ValueError, SealBroken, msgspec.MsgspecError):
        return ()
