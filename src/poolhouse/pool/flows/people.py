"""Finding users by any name they have, and the aliases that a user should hold."""

from collections.abc import Callable

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.attributes import usernames
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import users as store

TRIES = 8


async def find(tx: ReadTx, pool: Pool, name: str) -> User | None:
    """
    By stored username, by ``sub``, or by an active alias, in that order.

    Every operation that takes a Username accepts all three (an alias only where the pool has it, and verified).
    """
    return (
        await store.find_by_username(tx, pool, name)
        or await store.find_by_sub(tx, pool.id, name)
        or await _find_by_alias(tx, pool, name)
    )


async def get(flow: Flow, pool: Pool, name: str) -> User:
    """The user, for operations that may say that there is none."""
    found = await flow.database.read(lambda tx: find(tx, pool, name))
    if found is None:
        raise Refused(Reason.USER_NOT_FOUND)
    return found


async def _find_by_alias(tx: ReadTx, pool: Pool, name: str) -> User | None:
    for kind in usernames.alias_kinds(pool, name):
        found = await store.find_by_alias(tx, pool, kind, name)
        if found is not None:
            return found
    return None


def aliases(pool: Pool, user: User) -> dict[str, str]:
    """The aliases that this user should hold."""
    return usernames.active_aliases(pool, user.attributes, confirmed=user.status is not Status.UNCONFIRMED)


def proof(user: User) -> bytes:
    """A digest of what a password was proved against; another one after a new password."""
    return seal.digest(f"{user.sub} {user.credentials.password_hash or ''}")


def is_same(proved: User, present: User | None) -> bool:
    """
    Whether what was proved of *proved* still holds: the same person, enabled, with the same password.

    And not signed out everywhere meanwhile: a sign-in takes as long as its hash, and must not outlive an
    administrator's answer.
    """
    return (
        present is not None
        and present.enabled
        and proof(present) == proof(proved)
        and present.credentials.epoch == proved.credentials.epoch
    )


def next_epoch(user: User) -> User:
    """The user with every sign-in in flight ended."""
    held = msgspec.structs.replace(user.credentials, epoch=user.credentials.epoch + 1)
    return msgspec.structs.replace(user, credentials=held)


async def change(flow: Flow, pool: Pool, user: User, decide: Callable[[User], User]) -> User:
    """
    Write what *decide* makes of the user, again on a newer row when somebody else wrote in between.

    *decide* is pure and may be called several times; ``UniqueViolation`` with table "aliases" when an alias that the
    user would now hold is another's.
    """
    now_ms = flow.clock.now_ms()
    return await flow.database.write(lambda tx: change_in(tx, pool, user, decide, now_ms))


async def change_in(tx: Tx, pool: Pool, user: User, decide: Callable[[User], User], now_ms: int) -> User:
    """``change`` as a part of a larger unit."""
    current: User | None = user
    for _ in range(TRIES):
        if current is None or current.sub != user.sub:
            raise Refused(Reason.USER_NOT_FOUND)
        wanted = msgspec.structs.replace(decide(current), modified_ms=now_ms)
        if await store.replace_user(tx, pool, wanted, aliases(pool, wanted)):
            return msgspec.structs.replace(wanted, version=wanted.version + 1)
        current = await store.find_by_username(tx, pool, user.username)
    raise Refused(Reason.BUSY)
