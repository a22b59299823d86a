"""
Counters against guessing: a lockout for passwords and second factors, an hourly limit for operations.

One counter a user, whatever name the guesser used: an alias or another spelling must not open a second one
(CVE-2025-24806).  A name that nobody has is counted too where the pool hides who exists, under a keyed hash, since
people type passwords into the wrong field.  The verdict is made in the transaction that counts, so that of parallel
guesses only so many are judged as are allowed (CVE-2024-1722).
"""

from enum import StrEnum

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.throttle import Counter, after_failure, check_lockout, count_use
from poolhouse.pool.flows.context import Flow, stop
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.user import User
from poolhouse.pool.store import attempts as store

PASSWORD = "sign-in"  # noqa: S105 (a counter's name)
FIRST_CODE = "first-code"
CUSTOM = "custom sign-in"
FIRST_FACTORS = (PASSWORD, FIRST_CODE, CUSTOM)
"""The counters whose failures tell that somebody guesses at a user's first factor."""


class Hourly(StrEnum):
    """Operations that a user has a limited number of times an hour, all clients together."""

    FORGOT_PASSWORD = "forgot-password"  # noqa: S105
    CONFIRM_FORGOT_PASSWORD = "confirm-forgot-password"  # noqa: S105
    RESEND_CODE = "resend-code"
    CONFIRM_SIGN_UP = "confirm-sign-up"
    CHANGE_PASSWORD = "change-password"  # noqa: S105
    ATTRIBUTE_CODE = "attribute-code"
    VERIFY_ATTRIBUTE = "verify-attribute"
    SIGN_IN_CODE = "sign-in-code"


_LIMITS = {
    Hourly.FORGOT_PASSWORD: 20,
    Hourly.CONFIRM_FORGOT_PASSWORD: 20,
    Hourly.RESEND_CODE: 5,
    Hourly.CONFIRM_SIGN_UP: 15,
    Hourly.CHANGE_PASSWORD: 5,
    Hourly.ATTRIBUTE_CODE: 5,
    Hourly.VERIFY_ATTRIBUTE: 15,
    Hourly.SIGN_IN_CODE: 20,
}


def owner(flow: Flow, pool: Pool, user: User | None, name: str, seen: Seen = NOT_SEEN) -> str:
    """Whose counters: the user's, those of a browser in which the user has signed in, or of a name that nobody has."""
    if user is not None:
        mark = seen.familiar.get(user.sub)
        return f"{pool.id}/{user.sub}" if mark is None else f"{pool.id}/{user.sub}/{mark}"
    unknown = flow.ring.mac(f"{pool.id}/{pool.key_of(name)}".encode(), purpose="counter of an unknown name")
    return f"{pool.id}/?{unknown.hex()}"


async def check(tx: ReadTx, kind: str, owner: str, now: int) -> Refusal | None:
    """Refuse while locked, before work is spent on the guess; ``judge`` decides."""
    held = await store.find_failures(tx, f"{kind}:{owner}")
    return None if held is None else check_lockout(Counter(*held), now)


async def judge(tx: Tx, kind: str, owner: str, *, right: bool, now: int) -> Refusal | None:
    """
    Count a wrong guess, forget the failures at a right one; a refusal while locked, be the guess right or wrong.

    The unit must commit whatever the verdict: return it, and raise outside.
    """
    key = f"{kind}:{owner}"
    held = Counter(*await store.lock_failures(tx, key))
    locked = check_lockout(held, now)
    if locked is not None:
        return locked
    if right:
        await store.drop_failures(tx, key)
        return None
    failed = after_failure(held, now)
    await store.put_failures(tx, key, failed.count, failed.last_at, failed.until)
    return None


async def use(flow: Flow, operation: Hourly, owner: str) -> None:
    """Count one use; LimitExceeded beyond the hourly limit."""
    now = flow.clock.now()
    key = f"{operation.value}:{owner}"

    async def unit(tx: Tx) -> Refusal | None:
        counted = count_use(Counter(*await store.lock_failures(tx, key)), limit=_LIMITS[operation], now=now)
        if isinstance(counted, Refusal):
            return counted
        await store.put_failures(tx, key, counted.count, counted.last_at, counted.until)
        return None

    refusal = await flow.database.write(unit)
    if refusal is not None:
        stop(refusal)
