"""
Making and changing over a pool's signing keys (``core.key_schedule`` says when which one signs).

A rotation writes successors of all the pool's keys, and when they begin to sign; every process reads that beforehand
and changes over by its clock.
"""

import asyncio
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.jose import RS256, SigningKey, mint_key
from poolhouse.kit.log import get_logger
from poolhouse.pool.core import key_schedule
from poolhouse.pool.core.key_schedule import GRACE_MS, PUBLISHED_MS, Family
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry, seal_key
from poolhouse.pool.flows.pool_keys import ID
from poolhouse.pool.model.pool import PoolId, SealedKey
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import pools as store

FEW: Final = 4
"""Pools whose keys one sweep changes: making an RSA key takes a core a tenth of a second."""
_DAY_MS: Final = 86_400_000


class Rotation(msgspec.Struct, frozen=True):
    """Keys that have been published, and when they begin to sign."""

    kids: tuple[str, ...]
    active_ms: int


class RotationUnderWay(Exception):
    """The pool has successors that do not sign yet."""

    def __init__(self, active_ms: int) -> None:
        super().__init__("a rotation is under way")
        self.active_ms = active_ms


async def rotate(flow: Flow, pool_id: PoolId, *, at_once: bool = False) -> Rotation:
    """
    Publish successors of all keys of a pool, which sign after a day.

    *at_once*: within seconds, or have those sign that are published already; a verifier that keeps the key set without
    asking again for a key that it does not know is out of step until it does.  The former keys stay published as long
    as a token of theirs is good.  Of two rotations at once one is refused.
    """
    now_ms = flow.clock.now_ms()
    held = await flow.database.read(lambda tx: store.list_keys(tx, pool_id))
    if not held:
        raise Refused(Reason.POOL_NOT_FOUND, pool=pool_id)
    ahead = key_schedule.pending(held, now_ms)
    if ahead is not None:
        if not at_once:
            raise RotationUnderWay(ahead)
        return await _hasten(flow, pool_id, held, now_ms + GRACE_MS)
    former = key_schedule.newest(held)
    made = await asyncio.gather(*(flow.cpu.run(mint_key, alg) for _, alg in former))
    active_ms = now_ms + (GRACE_MS if at_once else PUBLISHED_MS)
    successors = [
        _sealed(flow, pool_id, key, family, now_ms, active_ms) for family, key in zip(former, made, strict=True)
    ]

    async def unit(tx: Tx) -> None:
        await _hold(tx, pool_id, held)
        for old in former.values():
            await store.replace_key(tx, msgspec.structs.replace(old, retired_ms=active_ms))
        for new in successors:
            await store.put_key(tx, new)

    await flow.database.write(unit)
    return Rotation(tuple(each.kid for each in successors), active_ms)


async def revoke(flow: Flow, pool_id: PoolId) -> Rotation:
    """
    Put new keys in the place of all keys of a pool, at once: for a key that somebody else may have.

    Whatever the former ones signed is worth nothing from then on, at our endpoints within a second and elsewhere once
    the verifier has asked for the key set again.  Refresh tokens are no JWTs: with them apps get good tokens again.
    """
    now_ms = flow.clock.now_ms()
    held = await flow.database.read(lambda tx: store.list_keys(tx, pool_id))
    if not held:
        raise Refused(Reason.POOL_NOT_FOUND, pool=pool_id)
    families = sorted({key_schedule.family(each) for each in held})
    made = await asyncio.gather(*(flow.cpu.run(mint_key, alg) for _, alg in families))
    successors = [_sealed(flow, pool_id, key, each, now_ms, now_ms) for each, key in zip(families, made, strict=True)]

    async def unit(tx: Tx) -> None:
        await _hold(tx, pool_id, held)
        for old in held:
            await store.drop_key(tx, old)
        for new in successors:
            await store.put_key(tx, new)

    await flow.database.write(unit)
    return Rotation(tuple(each.kid for each in successors), now_ms)


async def _hasten(flow: Flow, pool_id: PoolId, held: list[SealedKey], active_ms: int) -> Rotation:
    """Have successors sign that are published already, and at the latest then."""
    later = {each.active_ms for each in held if each.active_ms > active_ms}

    async def unit(tx: Tx) -> None:
        await _hold(tx, pool_id, held)
        for each in held:
            if each.active_ms in later:
                await store.replace_key(tx, msgspec.structs.replace(each, active_ms=active_ms))
            elif each.retired_ms in later:
                await store.replace_key(tx, msgspec.structs.replace(each, retired_ms=active_ms))

    await flow.database.write(unit)
    return Rotation(tuple(each.kid for each in held if each.retired_ms is None), active_ms)


async def _hold(tx: Tx, pool_id: PoolId, seen: list[SealedKey]) -> None:
    """Go on alone, with the keys that were *seen*; a pool's keys change so rarely that nobody has to wait for that."""
    if await store.lock_pool(tx, pool_id) is None:
        raise Refused(Reason.POOL_NOT_FOUND, pool=pool_id)
    if await store.list_keys(tx, pool_id) != seen:
        raise Refused(Reason.BUSY)


async def provide(flow: Flow, pool_id: PoolId, alg: str) -> None:
    """
    See to it that the pool has a key for ID tokens by *alg*, before the first app client may have them so.

    It signs at once: no verifier can have kept the pool's keys for an algorithm that it has not had.
    """
    if alg == RS256 or _has(await flow.directory.find_pool(pool_id), alg):
        return
    now_ms = flow.clock.now_ms()
    made = _sealed(flow, pool_id, await flow.cpu.run(mint_key, alg), (ID, alg), now_ms, now_ms)

    async def unit(tx: Tx) -> None:
        if await store.lock_pool(tx, pool_id) is None:
            raise Refused(Reason.POOL_NOT_FOUND, pool=pool_id)
        if all(key_schedule.family(each) != (ID, alg) for each in await store.list_keys(tx, pool_id)):
            await store.put_key(tx, made)

    await flow.database.write(unit)


def _has(entry: PoolEntry | None, alg: str) -> bool:
    return entry is not None and (ID, alg) in entry.keys.families


async def identity(flow: Flow, entry: PoolEntry, alg: str) -> SigningKey:
    """
    What signs ID tokens by *alg* now.

    A pool in the cache may be a moment older than its first key for an algorithm: then it is read anew.
    """
    if not _has(entry, alg):
        entry = await flow.directory.find_pool(entry.pool.id, anew=True) or entry
    return entry.keys.identity(alg, flow.clock.now_ms())


def known(entry: PoolEntry, alg: str, now_ms: int) -> SigningKey | None:
    """The same of the pool as it was read; None where it is to be read anew."""
    return entry.keys.identity(alg, now_ms) if _has(entry, alg) else None


async def sweep(flow: Flow) -> None:
    """
    Take away keys whose last token has expired, and rotate those of some pools that are old enough.

    By the setting ``key_rotation_days``; never where it is 0.
    """
    now_ms = flow.clock.now_ms()
    await flow.database.write(lambda tx: store.drop_keys_retired(tx, now_ms - key_schedule.KEPT_MS))
    days = flow.config.key_rotation_days
    if not days:
        return
    before = now_ms - days * _DAY_MS
    for pool_id in await flow.database.read(lambda tx: store.list_pools_with_keys_before(tx, before, FEW)):
        try:
            made = await rotate(flow, PoolId(pool_id))
        except (Refused, RotationUnderWay):
            continue
        get_logger().info("signing keys published", pool_id=pool_id, kids=made.kids, active_ms=made.active_ms)


def _sealed(flow: Flow, pool_id: PoolId, key: SigningKey, family: Family, now_ms: int, active_ms: int) -> SealedKey:
    use, _ = family
    return msgspec.structs.replace(seal_key(flow.ring, pool_id, key, use, now_ms), active_ms=active_ms)
