"""
Arithmetic of lockouts and hourly limits.

Both are kept per user, whatever name the user came by: an alias or another spelling must not open a second counter.
The caller writes the next state in the transaction that has read the old one, or parallel guesses would share a count.
"""

from typing import Final

import msgspec

from poolhouse.pool.core.refusal import Refusal, refused
from poolhouse.pool.spec.errors import Reason

FREE_FAILURES: Final = 5
LONGEST_WAIT: Final = 900
QUIET: Final = 900
HOUR: Final = 3600
LEAK: Final = 30


class Counter(msgspec.Struct, frozen=True):
    """
    Failures, or uses, of one user; times in seconds.

    *until*: for a lockout the end of the wait, for an hourly limit the end of the hour.
    """

    count: int = 0
    last_at: int = 0
    until: int = 0


def wait_seconds(failures: int, free: int = FREE_FAILURES) -> int:
    """After the fifth failure 1 second, then twice as long for each further one, at most 15 minutes."""
    if failures < free:
        return 0
    return min(1 << min(failures - free, 10), LONGEST_WAIT)


def check_lockout(lockout: Counter, now: int) -> Refusal | None:
    """Refuse while locked. Such an attempt is not a failure: it neither counts nor extends the wait."""
    return refused(Reason.LOCKED_OUT) if now < lockout.until else None


def after_failure(lockout: Counter, now: int, free: int = FREE_FAILURES) -> Counter:
    """
    The state after a wrong password; 15 quiet minutes since the last wait ended begin a new count.

    A right password forgets the failures: drop the counter.
    """
    if now < lockout.until:
        return lockout
    count = 1 if now - lockout.until >= QUIET else lockout.count + 1
    return Counter(count, now, now + wait_seconds(count, free))


def after_failure_in_crowd(counter: Counter, now: int, free: int) -> Counter:
    """
    The same for a counter that many people may share, such as that of an address: it forgets one in 30 seconds.

    So it fills by guesses that come faster than a crowd mistypes, and quiet does not have to be waited for.
    """
    count = count_in_crowd(counter, now) + 1
    return Counter(count, now, now + wait_seconds(count, free))


def count_in_crowd(counter: Counter, now: int) -> int:
    """What such a counter has not forgotten."""
    forgotten = max(now - max(counter.last_at, counter.until), 0) // LEAK
    return max(counter.count - forgotten, 0)


def taken_back(lockout: Counter, now: int) -> Counter:
    """The state without one failure that was counted in advance, and without the wait that it brought."""
    return Counter(max(lockout.count - 1, 0), lockout.last_at, min(lockout.until, now))


def count_use(hourly: Counter, *, limit: int, now: int) -> Counter | Refusal:
    """Count one use of an operation that a user has *limit* times an hour, from the first use on."""
    if now >= hourly.until:
        return Counter(1, now, now + HOUR)
    if hourly.count >= limit:
        return refused(Reason.ATTEMPT_LIMIT)
    return Counter(hourly.count + 1, now, hourly.until)
