"""
How risky a sign-in is, by what is known of it.

Each sign counts a point: a device that the user has not signed in with, a network that he has not signed in from,
another network than a few minutes ago; three wrong passwords in a row count one more, five count two.  One point is
Low, two are Medium, more are High.

Two levels come of it.  ``own`` is the user's; ``strange`` is that of somebody of whom nothing is known, which is what
a wrong password and a name that nobody has are judged by: their answer must not depend on whose name it is.  ``own``
is never above ``strange``, so a sign-in that is blocked with the right password is blocked with a wrong one, too.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from poolhouse.pool.core.risk.addresses import network_of
from poolhouse.pool.model.risk import AuthEvent, Level, Seen

HASTE_SECONDS: Final = 600
"""Nobody changes networks, device and all, within ten minutes without travelling faster than people do, or by wire."""
_SOME_FAILURES: Final = 3
_MANY_FAILURES: Final = 5
_LEVELS: Final = (None, Level.LOW, Level.MEDIUM, Level.HIGH)


class Levels(msgspec.Struct, frozen=True):
    """See above; None is no risk."""

    own: Level | None = None
    strange: Level | None = None


def levels(seen: Seen, history: Sequence[AuthEvent], failures: int, now_ms: int) -> Levels:
    """
    The levels of a sign-in that is *seen* so after *failures* wrong passwords.

    *history* is what the user has done, newest first.  Without a sign-in in it there is nothing to compare with: the
    first one is no risk by itself.
    """
    network = network_of(seen.address)
    guessed = (failures >= _SOME_FAILURES) + (failures >= _MANY_FAILURES)
    strange = bool(seen.device) + bool(network) + guessed
    trusted = [each for each in history if _is_trusted(each)]
    own = guessed
    if trusted:
        new_network = bool(network) and network not in {network_of(each.seen.address) for each in trusted}
        own += bool(seen.device) and seen.device not in {each.seen.device for each in trusted}
        own += new_network
        own += new_network and _is_hasty(trusted[0], now_ms)
    return Levels(_level(min(own, strange)), _level(strange))


def _is_trusted(event: AuthEvent) -> bool:
    """A sign-in that went well, or one that the user said was his; never one that he said was not."""
    if event.feedback is not None:
        return event.kind == "SignIn" and event.feedback.value == "Valid"
    return event.kind == "SignIn" and event.response == "Pass"


def _is_hasty(last: AuthEvent, now_ms: int) -> bool:
    return bool(last.seen.address) and now_ms - last.created_ms < HASTE_SECONDS * 1000


def _level(points: int) -> Level | None:
    return _LEVELS[min(points, len(_LEVELS) - 1)]
