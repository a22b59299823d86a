"""
What would happen: another person, another place, other rules.  ``policy.decide`` is asked, as the gateway asks it.

What is known of people is what they are now: their groups, and the claims of their newest session or last sign-in.
"""

from collections.abc import Sequence

import msgspec

from poolhouse.house.gate import Policy
from poolhouse.house.gateway.policy import Facts, decide, groups_of
from poolhouse.house.model import AuditEvent
from poolhouse.house.store.everybody import Known
from poolhouse.kit.ambient import Epoch


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What other rules would change: people by user name, and openings of the past that they would have refused."""

    wins: tuple[str, ...]
    loses: tuple[str, ...]
    stays_in: int
    stays_out: int
    openings: int
    refused: tuple[tuple[AuditEvent, str], ...]
    """With the rules that would not have held."""


def facts_of(known: Known, *, now: Epoch, address: str = "") -> Facts:
    """As the gateway reads them from a session (``gateway.seen``)."""
    return Facts(
        email=known.account.email if known.account.is_email_holder else "",
        groups=tuple(dict.fromkeys((*known.groups, *groups_of(known.claims)))),
        claims=known.claims,
        address=address or known.address,
        now=now,
    )


def compare(
    before: Policy, after: Policy, people: Sequence[Known], openings: Sequence[AuditEvent], *, now: Epoch
) -> Change:
    """``BadRule`` for rules that cannot be read."""
    wins, loses, stays_in, stays_out = [], [], 0, 0
    for each in people:
        facts = facts_of(each, now=now)
        was, will = not decide(before, facts), not decide(after, facts)
        if was and will:
            stays_in += 1
        elif was:
            loses.append(each.account.username)
        elif will:
            wins.append(each.account.username)
        else:
            stays_out += 1
    by_id = {each.account.id: each for each in people}
    refused = []
    judged = 0
    for event in openings:
        person = by_id.get(event.actor_id)
        if person is None:
            continue
        judged += 1
        misses = decide(after, facts_of(person, now=event.at, address=event.address))
        if misses:
            refused.append((event, ", ".join(miss.rule.replace("_", " ") for miss in misses)))
    return Change(
        wins=tuple(wins),
        loses=tuple(loses),
        stays_in=stays_in,
        stays_out=stays_out,
        openings=judged,
        refused=tuple(refused),
    )
