"""
The decision on one request: the same for the proxy, for forward-auth and for a websocket that has been open for days.

What is not decided is refused: an exception, a store that does not answer and a rule that cannot be read all end in a
page without the app (CVE-2021-32637, CVE-2026-25748).
"""

from enum import StrEnum

import msgspec

from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.policy import BadRule, Miss, decide
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target
from poolhouse.kit.ambient import Epoch


class Outcome(StrEnum):
    """What becomes of the request."""

    OPEN = "open"
    PUBLIC = "public"
    SIGN_IN = "sign in"
    REFUSED = "refused"
    CLOSED = "closed"
    MAINTENANCE = "maintenance"
    FOREIGN = "foreign"
    UNPROVED = "token refused"


class Rejection(msgspec.Struct, frozen=True):
    """Why a token opens nothing: status and error of RFC 6750 section 3.1, a sentence, and what scope would help."""

    status: int
    error: str
    what: str
    scope: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """The outcome, with who it is and which rules do not hold."""

    outcome: Outcome
    seen: Seen | None = None
    misses: tuple[Miss, ...] = ()
    rejection: Rejection | None = None


CLOSED = Verdict(Outcome.CLOSED)
MAINTENANCE = Verdict(Outcome.MAINTENANCE)
PUBLIC = Verdict(Outcome.PUBLIC)
SIGN_IN = Verdict(Outcome.SIGN_IN)
FOREIGN = Verdict(Outcome.FOREIGN)


def at_the_door(entry: Entry, head: Head, target: Target) -> Verdict | None:
    """What can be said without knowing who it is; None: ask for the session."""
    if entry.gate is None:
        return CLOSED
    if entry.gate.maintenance:
        return MAINTENANCE
    if head.is_websocket and not may_open_websocket(entry, head):
        return FOREIGN
    if target.is_plain and entry.public and entry.is_public(target.path):
        return PUBLIC
    return None


def of_person(entry: Entry, seen: Seen | Rejection | None, *, address: str, now: Epoch) -> Verdict:
    """Whether this person, or this machine, may open this app."""
    if entry.gate is None:
        return CLOSED
    if isinstance(seen, Rejection):
        return Verdict(Outcome.UNPROVED, rejection=seen)
    if seen is None:
        return SIGN_IN
    if not entry.has_rules and seen.limits is None:
        return Verdict(Outcome.OPEN, seen)
    try:
        facts = seen.facts(address, now)
        misses = decide(entry.gate.policy, facts)
        if seen.limits is not None:
            misses += decide(seen.limits, facts)
    except BadRule:
        return CLOSED
    return Verdict(Outcome.REFUSED, seen, misses) if misses else Verdict(Outcome.OPEN, seen)


def may_open_websocket(entry: Entry, head: Head) -> bool:
    """
    Browsers send ``Origin`` with every websocket, whoever's page opens it; cookies go along all the same, and no CORS
    is asked for (cross-site websocket hijacking).

    So it must be the app's own (RFC 6455 section 10.2), or one that may act as the person anyway: listed by name, with
    credentials.  Programs that are no browsers send none.
    """
    origins = head.all(b"origin")
    if not origins or origins == [entry.origin.encode("ascii")]:
        return True
    return entry.cors is not None and len(origins) == 1 and origins[0] in entry.cors.trusted
