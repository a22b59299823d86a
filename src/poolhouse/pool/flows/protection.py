"""
Threat protection in a sign-in: how risky it is, what follows, and the event that records it.

The password is weighed before it is told: whoever shows a wrong one, or names nobody, is answered by what is known of
the request alone, and a blocked sign-in counts as a wrong password whether it was one or not.  So a block says neither
that the password was right nor that the user exists.
"""

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core.risk import rules
from poolhouse.pool.core.risk.level import Levels, levels
from poolhouse.pool.flows import alerts, auth_events, lockout, people
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.risk import Action, Answered, AuthEvent, Judged
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import events as event_store

_HISTORY = 100
"""How many events of a user are looked at."""


class Weighed(msgspec.Struct, frozen=True):
    """The risk of a sign-in before anything is told of the password."""

    levels: Levels = Levels()
    own: Action = Action.NO_ACTION
    strange: Action = Action.NO_ACTION

    def refuses(self, *, right: bool) -> bool:
        """Whether the sign-in is blocked; the answer to a wrong password must not depend on whose it is."""
        return (self.own if right else self.strange) is Action.BLOCK


async def admit(flow: Flow, door: Door, kind: str, name: str) -> None:
    """Refuse a request from an address that the pool has blocked, whatever it asks for."""
    if rules.blocks_address(door.protection, door.seen.address):
        user = await flow.database.read(lambda tx: people.find(tx, door.pool, name))
        auth_events.note(flow, door, user, kind, auth_events.FAIL, blocked=True)
        raise Refused(Reason.ADDRESS_BLOCKED)


async def weigh(flow: Flow, door: Door, user: User | None, name: str) -> Weighed:
    """
    The risk of a sign-in by *name*, with the failures at any first factor: who guesses goes from one to the next.

    The same is read for a name that nobody has.
    """
    protection = door.protection
    if not protection.is_on or rules.skips_address(protection, door.seen.address):
        return Weighed()
    username, sub = ("", "") if user is None else (user.username, user.sub)
    owner = lockout.owner(flow, door.pool, user, name, door.seen)

    async def read(tx: ReadTx) -> tuple[list[AuthEvent], int]:
        held = [await attempt_store.find_failures(tx, f"{kind}:{owner}") for kind in lockout.FIRST_FACTORS]
        history = await event_store.list_events(tx, door.pool.id, username, sub, event_store.LAST, _HISTORY)
        return history, sum(each[0] for each in held if each is not None)

    history, failures = await flow.database.read(read)
    found = levels(door.seen, history, failures, flow.clock.now_ms())
    own, strange = (
        rules.action_for(protection, level, strict=flow.config.strict) for level in (found.own, found.strange)
    )
    return Weighed(found, own, strange)


def refuse(flow: Flow, door: Door, user: User | None, weighed: Weighed, *answered: Answered, right: bool) -> None:
    """Leave where the sign-in is blocked; the user hears of it where somebody had his password, or his code."""
    if not weighed.refuses(right=right):
        return
    if user is not None:
        event = auth_events.new_event(
            flow, door, user, auth_events.SIGN_IN, auth_events.FAIL, *answered, level=weighed.levels.own, blocked=True
        )
        auth_events.put(flow, door, event, tells=True)
        if right and rules.notifies(door.protection, weighed.levels.own):
            alerts.send(flow, door, user, event, Action.BLOCK)
    raise Refused(Reason.RISK_BLOCKED)


def judged(flow: Flow, door: Door, user: User, weighed: Weighed, *answered: Answered) -> Door:
    """The door of a sign-in that goes on, with what is demanded of it; its event has begun, if not before."""
    if not door.protection.is_on:
        return door
    if door.judged is not None:
        auth_events.advance(flow, door, auth_events.IN_PROGRESS, *answered)
        return msgspec.structs.replace(door, judged=Judged(event_id=door.judged.event_id, action=weighed.own))
    event = auth_events.new_event(
        flow, door, user, auth_events.SIGN_IN, auth_events.IN_PROGRESS, *answered, level=weighed.levels.own
    )
    auth_events.put(flow, door, event, tells=False)
    if rules.notifies(door.protection, weighed.levels.own):
        alerts.send(flow, door, user, event, weighed.own)
    return msgspec.structs.replace(door, judged=Judged(event_id=event.id, action=weighed.own))


async def ensure_judged(flow: Flow, door: Door, user: User) -> Door:
    """The same for a sign-in whose first proof was neither a password nor a code."""
    if door.judged is not None or not door.protection.is_on:
        return door
    return judged(flow, door, user, await weigh(flow, door, user, user.username))
