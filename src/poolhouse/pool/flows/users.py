"""
What an administrator does with users: look, change, disable, sign out, delete.

Whoever changes how a user signs in also ends what rests on the old way, in the same transaction.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from poolhouse.kit.db.protocol import Tx, UniqueViolation, WriteUnit
from poolhouse.pool.core.attributes.usernames import PREFERRED
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.search import parse
from poolhouse.pool.flows import credentials, hooks, lockout, logout, people
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import CodePurpose, Status, User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import search
from poolhouse.pool.store import users as store

T = TypeVar("T")


async def list_matching(flow: Flow, pool: Pool, text: str, after: str, limit: int) -> search.Page:
    """Users whom the filter *text* selects, from where the page before ended (AWS API: ListUsers)."""
    names = None if flow.config.strict else [str(each.name) for each in pool.settings.schema_attributes or ()]
    conditions = parse(text, names)
    if isinstance(conditions, Refusal):
        stop(conditions)
    return await flow.database.read(lambda tx: search.list_users(tx, pool, conditions, after=after, limit=limit))


async def set_password(flow: Flow, pool: Pool, name: str, password: str, *, permanent: bool) -> None:
    """
    AWS API: AdminSetUserPassword, in every status.

    A permanent password confirms the user, a temporary one must be changed at the next sign-in.  What belonged to the
    old one ends: a code that was sent to reset it, and the lockout of whoever guessed at it.
    """
    user = await people.get(flow, pool, name)
    await credentials.check_new(flow, pool, user, password)
    fresh = await credentials.make(flow, pool, user.username, password, temporary=not permanent)
    status = Status.CONFIRMED if permanent else Status.FORCE_CHANGE_PASSWORD

    def decide(current: User) -> User:
        renewed = credentials.renewed(pool, current.credentials, fresh)
        return msgspec.structs.replace(current, status=status, credentials=renewed)

    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        await people.change_in(tx, pool, user, decide, now_ms)
        await logout.end_browsers(flow, tx, user)
        await attempt_store.drop_sent_code(tx, pool.id, user.username, CodePurpose.RESET)
        await attempt_store.drop_failures(tx, f"{lockout.PASSWORD}:{lockout.owner(flow, pool, user, name)}")

    await _write(flow, unit)


async def enable(flow: Flow, pool: Pool, name: str) -> None:
    """AWS API: AdminEnableUser. The status stays."""
    user = await people.get(flow, pool, name)
    await people.change(flow, pool, user, lambda current: msgspec.structs.replace(current, enabled=True))


async def disable(flow: Flow, pool: Pool, name: str) -> None:
    """AWS API: AdminDisableUser. All tokens are revoked and all browsers signed out; the status stays."""
    user = await people.get(flow, pool, name)
    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        await people.change_in(tx, pool, user, _disabled, now_ms)
        await logout.tell_all(flow, tx, pool.id, user.username, user.sub)
        await grant_store.drop_grants_of(tx, pool.id, user.username)
        await attempt_store.drop_attempts_of(tx, pool.id, user.username)
        # Else enabling the user again would revive a browser that was signed in before.
        await grant_store.drop_sessions_of(tx, pool.id, user.username)

    await flow.database.write(unit)


async def confirm(flow: Flow, pool: Pool, name: str, metadata: Mapping[str, str] | None = None) -> None:
    """AWS API: AdminConfirmSignUp. Nothing becomes verified by it; the code of the sign-up stops working."""
    user = await people.get(flow, pool, name)

    def decide(current: User) -> User:
        if current.status is not Status.UNCONFIRMED:
            raise Refused(Reason.CANNOT_CONFIRM, status=current.status.value)
        return msgspec.structs.replace(current, status=Status.CONFIRMED)

    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> User:
        changed = await people.change_in(tx, pool, user, decide, now_ms)
        await attempt_store.drop_sent_code(tx, pool.id, user.username, CodePurpose.SIGN_UP)
        return changed

    changed = await _write(flow, unit)
    await hooks.confirmed(flow, pool, changed, hooks.SIGNED_UP, client_id=hooks.NO_CLIENT, metadata=metadata)


async def delete(flow: Flow, pool: Pool, name: str) -> None:
    """AWS API: AdminDeleteUser. Tokens, sessions, codes and memberships go with the user."""

    async def unit(tx: Tx) -> None:
        user = await people.find(tx, pool, name)
        if user is None:
            raise Refused(Reason.USER_NOT_FOUND)
        await logout.tell_all(flow, tx, pool.id, user.username, user.sub)
        await store.drop_user(tx, user)

    await flow.database.write(unit)


async def _write(flow: Flow, unit: WriteUnit[T]) -> T:
    """Write what may confirm a user: from then on the preferred username is an alias, if it is free."""
    try:
        return await flow.database.write(unit)
    except UniqueViolation as taken:
        raise Refused(Reason.ALIAS_EXISTS, attribute=PREFERRED) from taken


def _disabled(user: User) -> User:
    return msgspec.structs.replace(people.next_epoch(user), enabled=False)
