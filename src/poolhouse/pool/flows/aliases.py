"""Whose an e-mail address or a phone number is, where a user signs in by it."""

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.flows import people
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import users as store


async def conflict(tx: ReadTx, pool: Pool, user: User) -> str | None:
    """The first alias that *user* would hold and somebody else holds: "email", "phone_number" or another kind."""
    for kind, value in people.aliases(pool, user).items():
        holder = await store.find_holder(tx, pool, kind, value)
        if holder is not None and holder != user.username:
            return kind
    return None


async def refusal(flow: Flow, pool: Pool, user: User) -> Refused:
    """What to raise after a unique violation on the aliases of *user*."""
    kind = await flow.database.read(lambda tx: conflict(tx, pool, user))
    # Between the violation and this look the holder may have let go: then trying again would succeed.
    return Refused(Reason.BUSY) if kind is None else Refused(Reason.ALIAS_EXISTS, attribute=kind)


async def take_over(tx: Tx, pool: Pool, user: User, now_ms: int) -> None:
    """
    Take from others the aliases that *user* is to hold (ForceAliasCreation).

    The former holder keeps the value, unverified, and is no longer found by it.
    """
    for kind, value in people.aliases(pool, user).items():
        former = await store.find_by_alias(tx, pool, kind, value)
        if former is None or former.username == user.username:
            continue

        def lose(holder: User, flag: str = f"{kind}_verified") -> User:
            return msgspec.structs.replace(holder, attributes={**holder.attributes, flag: "false"})

        await people.change_in(tx, pool, former, lose, now_ms)
