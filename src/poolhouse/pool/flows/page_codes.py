"""
Codes in a sign-in on the pages: the first factor by a code, a code sent again, another second factor.

The API has no such steps: there a client begins anew.  A code that was sent again takes the place of the one before,
which is dead from then on; what was proved already stays proved, and nothing more.
"""

from typing import Final

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import first_factors as core
from poolhouse.pool.core.sign_in import active_challenges, first_choices
from poolhouse.pool.flows import first_factors, lockout, mfa, relying_party, srp
from poolhouse.pool.flows.attempt import Asked, Challenge, Door, Live, new_attempt, open_attempt, spend
from poolhouse.pool.flows.choice import CHOSEN
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import facts
from poolhouse.pool.flows.gate import find_user
from poolhouse.pool.flows.lockout import Hourly
from poolhouse.pool.flows.steps import CONTACTS, ask, challenge_for, code_challenge
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.sign_in import Ask, Attempt
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as store
from poolhouse.pool.store import outbox

CHOICE: Final = "SELECT_MFA_TYPE"


async def begin(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, challenge: str, seen: Seen = NOT_SEEN
) -> Asked:
    """
    EMAIL_OTP or SMS_OTP for whoever calls himself *username*.

    Nobody, and whoever cannot sign in by a code, gets the same answer, and no code.
    """
    door = Door(entry, client, hosted=True, seen=seen)
    user = await find_user(flow, door, username, by_password=False)
    return await _send(flow, door, user, username, challenge)


async def again(
    flow: Flow, entry: PoolEntry, client: Client, *, challenge: str, session: str, seen: Seen = NOT_SEEN
) -> Asked:
    """The same challenge with a new code; so many times an hour."""
    door, live = await _opened(flow, entry, client, challenge, session, seen)
    memory, user = live.memory, live.user
    if memory.first:
        return await _send(flow, door, user, memory.name, challenge, live.attempt)
    if user is None or challenge not in CONTACTS:
        raise Refused(Reason.CHALLENGE_NOT_OFFERED)
    await lockout.use(flow, Hourly.SIGN_IN_CODE, lockout.owner(flow, door.pool, user, user.username))
    if memory.setup:
        made = code_challenge(flow, door, user, challenge, memory.value, setup=True)
    elif challenge in _active(flow, door, live, user):
        made = challenge_for(flow, door, user, challenge)
    else:
        raise Refused(Reason.FACTOR_NOT_ALLOWED)
    return await ask(flow, door, user, made, live.done, live.attempt)


async def others(flow: Flow, entry: PoolEntry, client: Client, *, challenge: str, session: str) -> tuple[str, ...]:
    """The second factors that the user may take instead; those to set up, where one is being set up."""
    door, live = await _opened(flow, entry, client, challenge, session, NOT_SEEN)
    return _others(flow, door, live)


async def switch(
    flow: Flow, entry: PoolEntry, client: Client, *, challenge: str, session: str, seen: Seen = NOT_SEEN
) -> Asked:
    """The choice among the second factors that the user has, or among those that he may set up."""
    door, live = await _opened(flow, entry, client, challenge, session, seen)
    if live.user is None or not _others(flow, door, live):
        raise Refused(Reason.CHALLENGE_NOT_OFFERED)
    if live.memory.setup:
        choices = mfa.setup_choices(flow, door.pool, live.user, live.done)
        made = challenge_for(flow, door, live.user, mfa.SETUP, choices)
    else:
        made = challenge_for(flow, door, live.user, CHOICE, _active(flow, door, live, live.user))
    return await ask(flow, door, live.user, made, live.done, live.attempt)


async def _opened(
    flow: Flow, entry: PoolEntry, client: Client, challenge: str, session: str, seen: Seen
) -> tuple[Door, Live]:
    door = Door(entry, client, hosted=True, seen=seen)
    live = await open_attempt(flow, door, challenge=challenge, handle=session, username=None)
    return Door(entry, client, hosted=True, seen=seen, judged=live.memory.judged), live


def _others(flow: Flow, door: Door, live: Live) -> tuple[str, ...]:
    if live.user is None or live.memory.first:
        return ()
    if live.memory.setup:
        choices = mfa.setup_choices(flow, door.pool, live.user, live.done)
    else:
        choices = _active(flow, door, live, live.user)
    return tuple(each for each in choices if each != live.attempt.challenge)


def _active(flow: Flow, door: Door, live: Live, user: User) -> tuple[str, ...]:
    return active_challenges(facts(door.pool, user, live.done, flow.clock.now(), risk=door.risk))


async def _send(
    flow: Flow, door: Door, user: User | None, name: str, challenge: str, spends: Attempt | None = None
) -> Asked:
    made = await _made(flow, door, user, name, challenge)
    handle, attempt = new_attempt(flow, door, user, made, CHOSEN, unknown=srp.user_id(flow, door.pool, user, name))
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        if spends is not None:
            await spend(tx, spends, now)
        await store.put_attempt(tx, attempt)
        if made.message is not None:
            await outbox.put_message(tx, made.message)

    await flow.database.write(unit)
    return made.asked(handle)


async def _made(flow: Flow, door: Door, user: User | None, name: str, challenge: str) -> Challenge:
    if challenge not in first_factors.CONTACTS:
        raise Refused(Reason.CHALLENGE_NOT_OFFERED)
    party = relying_party.id_of(flow.config, door.entry)
    known = None if user is None else facts(door.pool, user, CHOSEN, flow.clock.now(), relying_party=party)
    real = known is not None and known.enabled and challenge in first_choices(known)
    step = Ask(challenge, (challenge, core.PASSWORD))
    return await first_factors.challenge(flow, door, user, step, name=name, real=real)
