"""New keys for assertions: every ninety days by itself, or when somebody asks for it."""

import msgspec

from poolhouse.house.audit import ITSELF, Event, write_unattended
from poolhouse.house.context import Context
from poolhouse.house.gateway.assertion import new_key, retired
from poolhouse.house.store import assertion_keys
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx

DAY = 86_400
ROTATED_DAYS = 90
AHEAD_SECONDS = DAY
"""How long a key is published before it signs."""


class RotationUnderWay(Exception):
    """There is a key already that begins to sign at ``at``."""

    def __init__(self, at: Epoch) -> None:
        super().__init__(at)
        self.at = at


class Rotated(msgspec.Struct, frozen=True):
    """The new key, and from when it signs."""

    kid: str
    signs_from: Epoch


async def rotate(ctx: Context, *, by: str, at_once: bool = False, revoke: bool = False) -> Rotated:
    """
    A new key; ``RotationUnderWay`` when one is on its way and neither *at_once* nor *revoke* is asked for.

    *revoke*: a key was stolen, so all before this one are gone at once, with the assertions that they signed.
    """
    now = ctx.clock.now()
    made = new_key(ctx.ring, now=now, signs_from=now if at_once or revoke else Epoch(now + AHEAD_SECONDS))

    async def unit(tx: Tx) -> None:
        stored = await assertion_keys.list_keys(tx)
        coming = [each for each in stored if each.signs_from > now]
        if coming and not at_once and not revoke:
            raise RotationUnderWay(coming[0].signs_from)
        # One that has not begun yet would follow this one, which is newer.
        for each in stored if revoke else coming:
            await assertion_keys.delete_key(tx, each.kid)
        await assertion_keys.put_key(tx, made)
        detail = "the former keys are revoked" if revoke else "signs at once" if at_once else "signs after a day"
        await write_unattended(tx, ctx, Event.KEYS_ROTATED, actor=by, subject=made.kid, detail=detail)

    await ctx.db.write(unit)
    return Rotated(made.kid, made.signs_from)


async def keep_fresh(ctx: Context) -> None:
    """What the house does once an hour: forget keys that are over, make one when the last has signed long enough."""
    now = ctx.clock.now()

    async def unit(tx: Tx) -> Epoch:
        stored = await assertion_keys.list_keys(tx)
        for each in retired(stored, now):
            await assertion_keys.delete_key(tx, each.kid)
        return max((each.signs_from or each.created_at for each in stored), default=now)

    newest = await ctx.db.write(unit)
    if now - newest >= ROTATED_DAYS * DAY:
        await rotate(ctx, by=ITSELF)
