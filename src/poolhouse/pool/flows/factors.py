"""
Second factors in a sign-in: the answers to their challenges.

A wrong code keeps the session and counts against the user, whichever factor and session it was for.  A required
factor that the user lacks is set up on the way (MFA_SETUP); it is never skipped.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.core import one_time, totp
from poolhouse.pool.core.attributes.values import accept_changes
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.sign_in import active_challenges, next_step
from poolhouse.pool.flows import aliases
from poolhouse.pool.flows.attempt import Door, Live, Outcome
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.facts import facts
from poolhouse.pool.flows.gate import fail_factor, pass_factor, required
from poolhouse.pool.flows.mfa import open_totp, setup_choices
from poolhouse.pool.flows.steps import CONTACTS, ask, challenge_for, code_challenge, code_digest, proceed
from poolhouse.pool.model.sign_in import Ask, Done
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason

_CODE: Final = {"SMS_MFA": ("SMS_MFA_CODE", Done.SMS), "EMAIL_OTP": ("EMAIL_OTP_CODE", Done.EMAIL)}
_FACTORS: Final = frozenset({*_CODE, "SOFTWARE_TOKEN_MFA"})
CHOICE: Final = "SELECT_MFA_TYPE"
_SETUP: Final = {"PHONE_NUMBER": "SMS_MFA", "EMAIL": "EMAIL_OTP"}

Change = Callable[[User], User]


async def answer_code(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """SMS_MFA and EMAIL_OTP.  The right code also verifies the contact that it went to."""
    parameter, factor = _CODE[live.attempt.challenge]
    code = required(responses, parameter)
    user = _user(live)
    # A code that went to an address which is no longer the user's proves nothing about him.
    current = live.memory.setup or user.attributes.get(live.memory.contact) == live.memory.value
    stored = live.memory.code or b""
    if not one_time.is_right(stored, code_digest(flow, user, code)) or not current:
        await fail_factor(flow, door, user, Reason.OTP_MISMATCH)
    await pass_factor(flow, door, user)
    change = await _proved(flow, door, live, user, factor)
    return await proceed(flow, door, user, live.done | {factor}, spends=live.attempt, change=change)


async def answer_totp(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """SOFTWARE_TOKEN_MFA.  Each code works once, in one session, however many race."""
    code = required(responses, "SOFTWARE_TOKEN_MFA_CODE")
    user = _user(live)
    secret = open_totp(flow, user)
    if secret is None:
        raise Refused(Reason.MFA_METHOD_NOT_FOUND)
    now = flow.clock.now()
    verdict = totp.check_totp(secret, given=code, now=now, last_step=user.credentials.totp_step)
    if isinstance(verdict, Refusal) and verdict.reason is Reason.TOTP_MISMATCH:
        await fail_factor(flow, door, user, Reason.TOTP_MISMATCH)
    await pass_factor(flow, door, user)

    def change(current: User) -> User:
        step = totp.check_totp(secret, given=code, now=now, last_step=current.credentials.totp_step)
        if isinstance(step, Refusal):
            stop(step)
        return msgspec.structs.replace(
            current, credentials=msgspec.structs.replace(current.credentials, totp_step=step)
        )

    return await proceed(flow, door, user, live.done | {Done.TOTP}, spends=live.attempt, change=change)


async def answer_choice(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """SELECT_MFA_TYPE: ANSWER is one of the challenges that were offered; they are looked up again."""
    choice = required(responses, "ANSWER")
    user = _user(live)
    known = facts(door.pool, user, live.done, flow.clock.now(), risk=door.risk, targets=door.targets)
    step = next_step(known)
    # One that is preferred is asked for at once; the others are his as well, and a page lets him choose again.
    asks = isinstance(step, Ask) and step.challenge in {CHOICE, *_FACTORS}
    offered = active_challenges(known) if asks else ()
    if choice not in offered or choice not in _FACTORS:
        raise Refused(Reason.FACTOR_NOT_ALLOWED)
    return await ask(flow, door, user, challenge_for(flow, door, user, choice), live.done, live.attempt)


async def answer_setup(flow: Flow, door: Door, live: Live, responses: Mapping[str, str]) -> Outcome:
    """
    MFA_SETUP: after VerifySoftwareToken with this session, or with a contact that a code is sent to.

    A session in which nothing was set up is refused: it has proved nothing.
    """
    user = _user(live)
    if live.memory.step and user.credentials.totp_sealed is not None:
        done = live.done | {Done.TOTP, Done.MFA_SETUP}
        return await proceed(flow, door, user, done, spends=live.attempt)
    choices = setup_choices(flow, door.pool, user, live.done)
    for parameter, name in _SETUP.items():
        value = responses.get(parameter)
        if value and name in choices:
            _with_contact(door, user, CONTACTS[name][0], value)
            challenge = code_challenge(flow, door, user, name, value, setup=True)
            return await ask(flow, door, user, challenge, live.done, live.attempt)
    raise Refused(Reason.OTP_MISMATCH)


async def _proved(flow: Flow, door: Door, live: Live, user: User, factor: Done) -> Change | None:
    """
    What a right code changes: the contact is verified; one that was set up in this sign-in is stored and switched on.

    A contact that somebody else signs in by stays unverified; to set it up is refused.
    """
    contact, value, setup = live.memory.contact, live.memory.value, live.memory.setup
    if setup and not setup_choices(flow, door.pool, user, live.done):
        raise Refused(Reason.SESSION_INVALID)
    if not setup and user.is_verified(contact):
        return None
    switch = "sms" if factor is Done.SMS else "email"
    now_ms = flow.clock.now_ms()

    def change(current: User) -> User:
        if not setup and current.attributes.get(contact) != value:
            raise Refused(Reason.OTP_MISMATCH)
        attributes = _with_contact(door, current, contact, value) if setup else current.attributes
        held = current.credentials
        switched = msgspec.structs.replace(held.factors, **{switch: True}) if setup else held.factors
        return msgspec.structs.replace(
            current,
            attributes={**attributes, f"{contact}_verified": "true"},
            credentials=msgspec.structs.replace(held, factors=switched),
            modified_ms=now_ms,
        )

    async def read(tx: ReadTx) -> str | None:
        return await aliases.conflict(tx, door.pool, change(user))

    taken = await flow.database.read(read)
    if taken is None:
        return change
    if setup:
        raise Refused(Reason.ALIAS_EXISTS, attribute=taken)
    return None


def _with_contact(door: Door, user: User, contact: str, value: str) -> dict[str, str]:
    """The user's attributes with a contact that he sets up as a factor, checked as any change of it."""
    schema = door.pool.settings.schema_attributes or ()
    changed = accept_changes(schema, user.attributes, {contact: value})
    if isinstance(changed, Refusal):
        stop(changed)
    return changed


def _user(live: Live) -> User:
    if live.user is None:
        raise Refused(Reason.SESSION_INVALID)
    return live.user
