"""
From what a user has proved to what is asked next: ``core.sign_in.next_step``, and what each challenge shows and sends.

Every door into a pool ends here: API and pages, password, SRP and second factor.  So a disabled user, an unconfirmed
one and a missing second factor are met in one place.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from poolhouse.kit.ambient import digits
from poolhouse.kit.db.protocol import ReadTx, UniqueViolation
from poolhouse.pool.core import one_time
from poolhouse.pool.core.attributes.values import missing_required
from poolhouse.pool.core.masking import mask
from poolhouse.pool.core.sign_in import DEVICE_ASK, SECOND, is_first, next_step
from poolhouse.pool.core.tokens import readable
from poolhouse.pool.flows import (
    aliases,
    auth_events,
    first_factors,
    messages,
    notices,
    people,
    protection,
    relying_party,
)
from poolhouse.pool.flows.attempt import Asked, Challenge, Door, Memory, Outcome, SignedIn, new_attempt
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.facts import facts
from poolhouse.pool.flows.moving import move
from poolhouse.pool.flows.reader import reader_of
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.risk import Answered
from poolhouse.pool.model.sign_in import Ask, Attempt, Done, Refuse, Signed
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import users as user_store

TRIES: Final = 8
CONTACTS: Final = {"SMS_MFA": ("phone_number", "SMS"), "EMAIL_OTP": ("email", "EMAIL")}
"""The challenges that send a code: the attribute it goes to, and the medium."""

Change = Callable[[User], User]


async def proceed(
    flow: Flow, door: Door, user: User, done: frozenset[Done], *,
    spends: Attempt | None = None, change: Change | None = None, preferred: str = "",
) -> Outcome:  # fmt: skip
    """
    The next challenge, or the end of the sign-in, for a user who has *done* these.

    What it writes, it writes in one transaction: *change* of the user (pure, may be called again on a newer row and
    may refuse), word of it to the owner, the attempt that this step *spends*, the next attempt with its message.
    """
    if done:
        door = await protection.ensure_judged(flow, door, user)
    if door.recognised:
        done |= {Done.DEVICE}
    answered = _answered(done, spends)
    for _ in range(TRIES):
        changed = user if change is None else change(user)
        challenge = await _next(flow, door, changed, done, preferred)
        if isinstance(challenge, Challenge):
            handle, attempt = new_attempt(flow, door, changed, challenge, done)
            outcome: Outcome = challenge.asked(handle)
        else:
            attempt, outcome = (
                None,
                SignedIn(
                    user=changed,
                    amr=challenge,
                    done=done,
                    device=door.device,
                    judged=door.judged,
                    stepped=bool(door.targets),
                ),
            )
            if spends is None and change is None:
                auth_events.advance(flow, door, _response(door, outcome, done), *answered)
                return outcome
        sends = notices.about(flow, notices.scene_of(door), user, notices.events(user, changed))
        if isinstance(challenge, Challenge) and challenge.message is not None:
            sends.append(challenge.message)
        if await _moved(flow, door.pool, user, changed, spends=spends, puts=attempt, sends=sends):
            auth_events.advance(flow, door, _response(door, outcome, done), *answered)
            return outcome
        user = await _again(flow, door.pool, user)
    raise Refused(Reason.BUSY)


def _response(door: Door, outcome: Outcome, done: frozenset[Done]) -> str:
    """How far the sign-in has come; a custom one is not over before its triggers say so."""
    over = isinstance(outcome, SignedIn) and (door.trail is None or Done.CUSTOM in done)
    return auth_events.PASS if over else auth_events.IN_PROGRESS


def _answered(done: frozenset[Done], spends: Attempt | None) -> tuple[Answered, ...]:
    """What this step adds to the event of the sign-in."""
    added = done - frozenset(spends.done if spends is not None else ())
    return (auth_events.MFA_RIGHT,) if spends is not None and added & {*SECOND} else ()


async def ask(
    flow: Flow, door: Door, user: User, challenge: Challenge, done: frozenset[Done], spends: Attempt | None
) -> Asked:
    """Put *challenge* in the place of the attempt that led to it, if that is not spent already."""
    handle, attempt = new_attempt(flow, door, user, challenge, done)
    sends = [] if challenge.message is None else [challenge.message]
    for _ in range(TRIES):
        if await move(flow, door.pool, user, spends=spends, puts=attempt, sends=sends):
            return challenge.asked(handle)
        user = await _again(flow, door.pool, user)
    raise Refused(Reason.BUSY)


def code_challenge(
    flow: Flow, door: Door, user: User, name: str, destination: str, *, setup: bool = False
) -> Challenge:
    """SMS_MFA or EMAIL_OTP: a fresh code to *destination*, good for this attempt only."""
    contact, medium = CONTACTS[name]
    code = digits(flow.entropy, one_time.DIGITS)
    message = messages.compose(
        flow, door.pool, kind=messages.AUTHENTICATION, medium=medium, destination=destination, username=user.username,
        code=code, reader=reader_of(user, door.entry, door.client, door.seen),
    )  # fmt: skip
    return Challenge(
        name=name,
        parameters={
            "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
            "CODE_DELIVERY_DESTINATION": mask(medium, destination),
            "USER_ID_FOR_SRP": user.username,
        },
        memory=Memory(code=code_digest(flow, user, code), contact=contact, value=destination, setup=setup),
        message=message,
    )


def code_digest(flow: Flow, user: User, code: str) -> bytes:
    """The keyed digest of a code of a sign-in."""
    mac = partial(flow.ring.mac, purpose="one-time code")
    return one_time.code_digest(mac, purpose="sign-in", pool_id=user.pool_id, username=user.username, code=code)


def challenge_for(flow: Flow, door: Door, user: User, name: str, choices: tuple[str, ...] = ()) -> Challenge:
    """What the challenge *name* shows to this user, and sends."""
    if name in CONTACTS:
        return code_challenge(flow, door, user, name, user.attributes[CONTACTS[name][0]])
    if name == DEVICE_ASK:
        return Challenge(name=name, parameters={})
    return Challenge(name=name, parameters={"USER_ID_FOR_SRP": user.username, **_shown(door, user, name, choices)})


def _shown(door: Door, user: User, name: str, choices: tuple[str, ...]) -> dict[str, str]:
    match name:
        case "NEW_PASSWORD_REQUIRED":
            missing = missing_required(door.pool.settings.schema_attributes or (), user.attributes)
            return {
                "userAttributes": msgspec.json.encode(readable(door.client, user.attributes)).decode(),
                "requiredAttributes": _json(tuple(f"userAttributes.{each}" for each in missing)),
            }
        case "SOFTWARE_TOKEN_MFA" if user.credentials.factors.totp_name:
            return {"FRIENDLY_DEVICE_NAME": user.credentials.factors.totp_name}
        case "SELECT_MFA_TYPE":
            return {"MFAS_CAN_CHOOSE": _json(choices)}
        case "MFA_SETUP":
            return {"MFAS_CAN_SETUP": _json(choices)}
        case _:
            return {}


async def _next(
    flow: Flow, door: Door, user: User, done: frozenset[Done], preferred: str
) -> Challenge | tuple[str, ...]:
    party = relying_party.id_of(flow.config, door.entry)
    known = facts(door.pool, user, done, flow.clock.now(), relying_party=party, preferred=preferred, device=door.device,
                  recognised=door.recognised, risk=door.risk, targets=door.targets)  # fmt: skip
    step = next_step(known)
    if isinstance(step, Refuse):
        auth_events.advance(flow, door, auth_events.FAIL, blocked=step.reason is Reason.RISK_BLOCKED)
        door.refuse(step.reason)
    if isinstance(step, Ask) and is_first(step):
        return await first_factors.challenge(flow, door, user, step, name=user.username)
    return step.amr if isinstance(step, Signed) else challenge_for(flow, door, user, step.challenge, step.choices)


async def _moved(
    flow: Flow, pool: Pool, user: User, changed: User, *,
    spends: Attempt | None, puts: Attempt | None, sends: list[Message],
) -> bool:  # fmt: skip
    writes = None if changed is user else msgspec.structs.replace(changed, version=user.version)
    try:
        return await move(flow, pool, user, changed=writes, spends=spends, puts=puts, sends=sends)
    except UniqueViolation as taken:
        if taken.table != "aliases":
            raise
        raise await aliases.refusal(flow, pool, changed) from taken


async def _again(flow: Flow, pool: Pool, user: User) -> User:
    async def read(tx: ReadTx) -> User | None:
        return await user_store.find_by_username(tx, pool, user.username)

    found = await flow.database.read(read)
    if found is None or not people.is_same(user, found):
        raise Refused(Reason.SESSION_INVALID)
    return found


def _json(values: tuple[str, ...]) -> str:
    return msgspec.json.encode(values).decode()
