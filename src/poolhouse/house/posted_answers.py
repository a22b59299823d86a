"""Answers of providers that came by form, sealed until the browser that has begun the sign-in asks for them."""

from typing import TYPE_CHECKING

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.store import posted
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import Tx, UniqueViolation
from poolhouse.kit.seal import SealBroken, digest

if TYPE_CHECKING:
    from poolhouse.house.rp.client import Callback

KEPT_SECONDS = 60
FIELD_LIMIT = 8192
_PURPOSE = "house posted answer"


async def put(ctx: Context, callback: "Callback", *, provider_id: str) -> bool:
    """Keep an answer to a sign-in that is under way; False when there is none, or when it was answered already."""
    fields = [callback.code, callback.error, callback.issuer]
    if not callback.state or any(len(field or "") > FIELD_LIMIT for field in fields):
        return False
    key, now = digest(callback.state), ctx.clock.now()
    sealed = ctx.ring.seal(msgspec.json.encode(fields), purpose=_PURPOSE, row=key.hex())

    async def unit(tx: Tx) -> bool:
        if not await posted.is_awaited(tx, state_digest=key, provider=provider_id, now=now):
            return False
        expires_at = Epoch(now + KEPT_SECONDS)
        await posted.put_answer(
            tx, state_digest=key, provider=provider_id, sealed=sealed, now=now, expires_at=expires_at
        )
        return True

    try:
        return await ctx.db.write(unit)
    except UniqueViolation:
        return False


async def take(ctx: Context, *, state: str, provider_id: str) -> "Callback | None":
    """The answer that belongs to a state, to exactly one caller."""
    from poolhouse.house.rp.client import Callback  # noqa: PLC0415 - aiohttp and joserfc, see context.Relying

    key, now = digest(state), ctx.clock.now()

    async def unit(tx: Tx) -> bytes | None:
        return await posted.take_answer(tx, state_digest=key, provider=provider_id, now=now)

    sealed = await ctx.db.write(unit)
    if sealed is None:
        return None
    try:
        plain = ctx.ring.open(sealed, purpose=_PURPOSE, row=key.hex())
    except SealBroken:
        return None
    code, error, issuer = msgspec.json.decode(plain, type=tuple[str, str, str | None])
    return Callback(state=state, code=code, error=error, issuer=issuer, is_posted=True)
