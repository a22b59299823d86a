"""From one attempt to the next, in one transaction."""

from collections.abc import Iterable

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import people
from poolhouse.pool.flows.attempt import spend
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Attempt
from poolhouse.pool.model.user import User
from poolhouse.pool.store import attempts as store
from poolhouse.pool.store import outbox
from poolhouse.pool.store import users as user_store


async def move(
    flow: Flow, pool: Pool, user: User, *, changed: User | None = None, spends: Attempt | None = None,
    puts: Attempt | None = None, sends: Iterable[Message] = (),
) -> bool:  # fmt: skip
    """
    One step in one transaction: spend the attempt, write the user, put the next attempt and what is sent.

    False when somebody else has written the user since *user* was read: decide again on the newer row.
    """
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        current = await user_store.lock_user(tx, pool.id, user.username)
        if current is None or (current.sub, current.version) != (user.sub, user.version):
            raise _Stale
        if spends is not None:
            await spend(tx, spends, now)
        if changed is not None and not await user_store.replace_user(tx, pool, changed, people.aliases(pool, changed)):
            raise _Stale
        if puts is not None:
            await store.put_attempt(tx, puts)
        for each in sends:
            await outbox.put_message(tx, each)

    try:
        await flow.database.write(unit)
    except _Stale:
        return False
    return True


class _Stale(Exception):
    """The user that was decided on is not the user that is stored."""
