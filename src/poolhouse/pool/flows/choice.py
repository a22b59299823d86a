"""
USER_AUTH: a sign-in in which the user chooses the first factor (AWS API: InitiateAuth, SELECT_CHALLENGE).

A preference that the user can meet is asked for at once; else the choice is offered.  An answer may come with the
choice in one call.  Who hides who exists offers a name that nobody has what a plausible user would be offered.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core import first_factors as core
from poolhouse.pool.core import one_time
from poolhouse.pool.core.sign_in import next_step
from poolhouse.pool.flows import (
    auth_events,
    credentials,
    device_proof,
    first_factors,
    passkeys,
    protection,
    relying_party,
    srp,
    stepping_up,
)
from poolhouse.pool.flows.attempt import Door, Live, Outcome, new_attempt, open_attempt, spend
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.facts import allowed_first, facts
from poolhouse.pool.flows.gate import find_user, pass_first_code, pass_password, required
from poolhouse.pool.flows.stepping_up import Credit
from poolhouse.pool.flows.steps import proceed
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.sign_in import Ask, Attempt, Done, Facts, Refuse
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as store
from poolhouse.pool.store import outbox

CHOSEN: Final = frozenset({Done.CHOICE})
SIGNED_UP: Final = "SIGNED_UP"
"""Not a challenge of the API: the attempt of a session that ConfirmSignUp has given out."""
_CODE: Final = {core.EMAIL_OTP: ("EMAIL_OTP_CODE", Done.FIRST_EMAIL), core.SMS_OTP: ("SMS_OTP_CODE", Done.FIRST_SMS)}


async def begin(
    flow: Flow, door: Door, *, username: str, given: Mapping[str, str], session: str | None,
    held: Credit | None = None,
) -> Outcome:  # fmt: skip
    """
    Begin with PREFERRED_CHALLENGE if the user has it, PASSWORD or SRP_A riding along; else with the choice.

    With the *session* of a sign-up that was just confirmed, its code was the first factor.  *held* is what a former
    sign-in counts towards the levels that are asked for.
    """
    key = given.get("DEVICE_KEY")
    if session is not None:
        await protection.admit(flow, door, auth_events.SIGN_IN, username)
        live = await open_attempt(flow, door, challenge=SIGNED_UP, handle=session, username=username)
        if live.user is None:
            raise Refused(Reason.SESSION_INVALID)
        door = await device_proof.remember(flow, door, live.user, key)
        return await proceed(flow, door, live.user, live.done, spends=live.attempt)
    preferred = given.get("PREFERRED_CHALLENGE", "")
    if preferred and preferred not in core.CHALLENGES:
        raise Refused(Reason.CHALLENGE_NOT_SUPPORTED, name=preferred)
    if door.targets:
        return await _step_up(flow, door, username, given, held)
    if preferred == core.PASSWORD_SRP and given.get("SRP_A"):
        return await srp.begin(flow, door, username=username, srp_a=given["SRP_A"], device_key=key, done=CHOSEN)
    user = await find_user(flow, door, username, by_password=preferred == core.PASSWORD)
    door = await device_proof.remember(flow, door, user, key)
    if preferred == core.PASSWORD and given.get("PASSWORD"):
        return await _by_password(flow, door, user, username, given["PASSWORD"])
    return await _offer(flow, door, user, username, preferred=preferred)


async def _step_up(flow: Flow, door: Door, name: str, given: Mapping[str, str], held: Credit | None) -> Outcome:
    """
    Begin towards a level; without a token from nothing, with one from what its sign-in has proved.

    A client that hides who exists offers what it would offer to anybody, and says only to who has proved a first factor
    that no level can be reached: which factors a name has is nobody's business.
    """
    user = await find_user(flow, door, name)
    stepping_up.check_same(held, user)
    door = await device_proof.remember(flow, door, user, given.get("DEVICE_KEY"))
    done = CHOSEN | (frozenset() if held is None else held.done)
    preferred = given.get("PREFERRED_CHALLENGE", "")
    known = _facts_of(flow, door, user, name, preferred=preferred, done=done)
    if held is not None or not door.hides:
        stepping_up.check(msgspec.structs.replace(known, targets=door.targets), held)
    if user is not None and held is not None and held.done:
        return await proceed(flow, door, user, done, preferred=preferred)
    rides = next_step(known)
    choices = rides.choices if isinstance(rides, Ask) else ()
    if preferred == core.PASSWORD and given.get("PASSWORD") and preferred in choices:
        return await _by_password(flow, door, user, name, given["PASSWORD"])
    if preferred == core.PASSWORD_SRP and given.get("SRP_A") and preferred in choices:
        return await srp.exchange(flow, door, user, username=name, srp_a=given["SRP_A"], done=CHOSEN)
    return await _offer(flow, door, user, name, preferred=preferred)


async def answer_choice(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """SELECT_CHALLENGE: ANSWER is one of those offered, alone or with what answers it in turn."""
    chosen = required(responses, "ANSWER")
    if chosen == core.PASSWORD and responses.get("PASSWORD"):
        return await answer_password(flow, door, live, responses)
    if chosen == core.PASSWORD_SRP and responses.get("SRP_A"):
        return await answer_srp(flow, door, live, responses)
    if chosen == core.WEB_AUTHN and responses.get("CREDENTIAL"):
        return await passkeys.answer(flow, door, live, responses)
    step = next_step(_facts_of(flow, door, live.user, live.memory.name, preferred=chosen, done=live.done))
    if not isinstance(step, Ask) or chosen not in step.choices:
        raise Refused(Reason.CHALLENGE_NOT_OFFERED)
    return await _offer(flow, door, live.user, live.memory.name, preferred=chosen, spends=live.attempt, done=live.done)


async def answer_password(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    password = required(responses, "PASSWORD")
    return await _by_password(flow, door, live.user, live.memory.name, password, spends=live.attempt, done=live.done)


async def answer_srp(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """PASSWORD_SRP: the first half of a proof; PASSWORD_VERIFIER asks for the second."""
    srp_a = required(responses, "SRP_A")
    return await srp.exchange(
        flow, door, live.user, username=live.memory.name, srp_a=srp_a, done=live.done, spends=live.attempt
    )


async def answer_code(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """
    EMAIL_OTP and SMS_OTP as first factors.  A wrong code keeps the session, and counts against the user.

    A code that went to an address which is no longer the user's, or no longer verified, proves nothing.
    """
    parameter, factor = _CODE[live.attempt.challenge]
    code = required(responses, parameter)
    memory, user = live.memory, live.user
    username = live.attempt.username if user is None else user.username
    right = one_time.is_right(memory.code or b"", first_factors.code_digest(flow, door.pool, username, code))
    current = user is not None and user.is_verified(memory.contact) and user.attributes[memory.contact] == memory.value
    judged, passed = await pass_first_code(flow, door, user, memory.name, right=right and current)
    return await proceed(flow, judged, passed, live.done | {factor}, spends=live.attempt)


async def _by_password(
    flow: Flow, door: Door, user: User | None, name: str, password: str, *, spends: Attempt | None = None,
    done: frozenset[Done] = CHOSEN,
) -> Outcome:  # fmt: skip
    right = await credentials.check_password(flow, user, password, credentials.decoy(flow, door.entry, name))
    judged, passed = await pass_password(flow, door, user, name, right=right, password=password)
    passed = await credentials.adopt(flow, door.pool, passed, password)
    return await proceed(flow, judged, passed, done | {Done.PASSWORD}, spends=spends)


async def _offer(
    flow: Flow, door: Door, user: User | None, name: str, *, preferred: str, spends: Attempt | None = None,
    done: frozenset[Done] = CHOSEN,
) -> Outcome:  # fmt: skip
    """Ask for a first factor, or which one; a disabled user is asked as before where that must not be told."""
    step = next_step(_facts_of(flow, door, user, name, preferred=preferred, done=done))
    if isinstance(step, Refuse) and user is not None and door.hides:
        # Nothing to begin with: like nobody, and like nobody he cannot get on.
        user = None
        step = next_step(_facts_of(flow, door, user, name, preferred=preferred))
    if isinstance(step, Refuse):
        door.refuse(step.reason)
    if not isinstance(step, Ask):
        raise Refused(Reason.SESSION_INVALID)
    real = user is not None and user.enabled
    challenge = await first_factors.challenge(flow, door, user, step, name=name, real=real)
    handle, attempt = new_attempt(flow, door, user, challenge, done, unknown=srp.user_id(flow, door.pool, user, name))
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        if spends is not None:
            await spend(tx, spends, now)
        await store.put_attempt(tx, attempt)
        if challenge.message is not None:
            await outbox.put_message(tx, challenge.message)

    await flow.database.write(unit)
    return challenge.asked(handle)


def _facts_of(
    flow: Flow, door: Door, user: User | None, name: str, *, preferred: str, done: frozenset[Done] = CHOSEN
) -> Facts:
    """Before anything is proved, a client that hides who exists sees nothing of what a level asks of this user."""
    if user is None:
        return _decoy(door.pool, name, preferred)
    party = relying_party.id_of(flow.config, door.entry)
    shown = () if door.hides and done == CHOSEN else door.targets
    known = facts(door.pool, user, done, flow.clock.now(), relying_party=party, preferred=preferred, targets=shown)
    return msgspec.structs.replace(known, enabled=known.enabled or door.hides)


def _decoy(pool: Pool, name: str, preferred: str) -> Facts:
    """A plausible user in the place of none: with a password, and with the contact that the form of the name tells."""
    allowed = allowed_first(pool)
    is_phone = name.startswith("+") and name[1:].isdecimal()
    by_phone = core.SMS_OTP in allowed and (is_phone or core.EMAIL_OTP not in allowed)
    return Facts(
        status=Status.CONFIRMED,
        enabled=True,
        done=CHOSEN,
        pool_mfa=pool.mfa.mfa_configuration or "OFF",
        first_factors=allowed,
        preferred=preferred,
        verified_phone=by_phone,
        verified_email=not by_phone,
    )
