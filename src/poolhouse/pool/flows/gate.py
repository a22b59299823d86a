"""The gates before and behind a password: who it is, whether he may try, and what a try costs."""

from collections.abc import Mapping
from typing import NoReturn

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import auth_events, compromise, hooks, lockout, people, protection
from poolhouse.pool.flows.attempt import Door, spend
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.model.sign_in import Attempt
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.spec.errors import Reason

SECOND_FACTOR = "second-factor"


def required(given: Mapping[str, str], name: str) -> str:
    """A parameter that must be there; an empty one is none (CVE-2026-49443)."""
    value = given.get(name)
    if not value:
        raise Refused(Reason.PARAMETER_MISSING, name=name)
    return value


async def find_user(flow: Flow, door: Door, name: str, *, by_password: bool = True) -> User | None:
    """
    The user who wants to sign in, if he may try now; whoever guesses at a password locks out passwords only.

    None for an unknown name where the client hides who exists: go on with a decoy, and fail as for a wrong password.
    A disabled user is returned there too: ``pass_password`` fails for him.
    """
    pool = door.pool
    await protection.admit(flow, door, auth_events.SIGN_IN, name)

    async def read(tx: ReadTx) -> tuple[User | None, Refusal | None]:
        user = await people.find(tx, pool, name)
        owner = lockout.owner(flow, pool, user, name, door.seen)
        return user, await lockout.check(tx, lockout.PASSWORD, owner, flow.clock.now()) if by_password else None

    user, locked = await flow.database.read(read)
    if user is None and not door.hides:
        hooks.require_none(pool, "user_migration")
        raise Refused(Reason.USER_NOT_FOUND)
    hooks.require_none(pool, *hooks.SIGN_IN)
    if user is not None and not user.enabled and not door.hides:
        raise Refused(Reason.USER_DISABLED)
    if locked is not None:
        auth_events.note(flow, door, user, auth_events.SIGN_IN, auth_events.FAIL)
        stop(locked)
    return user


async def pass_password(
    flow: Flow, door: Door, user: User | None, name: str, *, right: bool, spends: Attempt | None = None,
    password: str | None = None,
) -> tuple[Door, User]:  # fmt: skip
    """
    Count a wrong password, or let the user through, with the door as threat protection has judged it.

    Either way *spends* is spent in the same transaction.

    Nothing about the password, not even that it was right, is told before the lockout and the risk are judged.
    *password* is what was sent, where it was: one that is known from a breach ends the sign-in.
    """
    if user is not None and not door.hides and _must_reset(user):
        raise Refused(Reason.RESET_REQUIRED)
    # Where that may be told, the next step tells a disabled user so.
    passes = right and user is not None and (user.enabled or not door.hides)
    weighed = await protection.weigh(flow, door, user, name)
    counts_right = passes and not weighed.refuses(right=True)
    await judge(
        flow, lockout.PASSWORD, lockout.owner(flow, door.pool, user, name, door.seen), right=counts_right, spends=spends
    )
    answered = auth_events.PASSWORD_RIGHT if passes else auth_events.PASSWORD_WRONG
    protection.refuse(flow, door, user, weighed, answered, right=passes)
    if not passes or user is None:
        auth_events.note(flow, door, user, auth_events.SIGN_IN, auth_events.FAIL, answered, levels=weighed.levels)
        raise Refused(Reason.WRONG_PASSWORD)
    judged = protection.judged(flow, door, user, weighed, answered)
    if password is not None:
        await compromise.check_sign_in(flow, judged, user, password)
    return judged, user


def _must_reset(user: User) -> bool:
    """An imported user has no password yet: whatever was sent, he is told to choose one (developer guide, import)."""
    return user.status is Status.RESET_REQUIRED and user.credentials.password_hash is None


async def fail_factor(flow: Flow, door: Door, user: User, reason: Reason) -> NoReturn:
    """Count a wrong code of a second factor, and leave with *reason*, or with the lockout."""
    auth_events.advance(flow, door, auth_events.FAIL, auth_events.MFA_WRONG)
    await judge(flow, SECOND_FACTOR, lockout.owner(flow, door.pool, user, user.username, door.seen), right=False)
    raise Refused(reason)


async def pass_factor(flow: Flow, door: Door, user: User) -> None:
    """Let a right code through, unless the user is locked out by wrong ones."""
    await judge(flow, SECOND_FACTOR, lockout.owner(flow, door.pool, user, user.username, door.seen), right=True)


async def pass_first_code(flow: Flow, door: Door, user: User | None, name: str, *, right: bool) -> tuple[Door, User]:
    """
    Count a wrong code in the place of a password, or let the user through, as ``pass_password`` does.

    The counter is one of its own: who has not proved anything yet must not lock anybody out of a second factor.
    """
    passes = right and user is not None and (user.enabled or not door.hides)
    weighed = await protection.weigh(flow, door, user, name)
    counts_right = passes and not weighed.refuses(right=True)
    await judge(flow, lockout.FIRST_CODE, lockout.owner(flow, door.pool, user, name, door.seen), right=counts_right)
    protection.refuse(flow, door, user, weighed, right=passes)
    if not passes or user is None:
        auth_events.note(flow, door, user, auth_events.SIGN_IN, auth_events.FAIL, levels=weighed.levels)
        raise Refused(Reason.OTP_MISMATCH)
    return protection.judged(flow, door, user, weighed), user


async def fail_passkey(flow: Flow, door: Door, user: User | None, name: str) -> NoReturn:
    """
    Count a wrong passkey with the wrong codes, and leave.

    It raises the risk and locks out guesses at codes; a right passkey cannot be guessed, so it is never locked out.
    """
    weighed = await protection.weigh(flow, door, user, name)
    owner, now = lockout.owner(flow, door.pool, user, name, door.seen), flow.clock.now()
    await flow.database.write(lambda tx: lockout.judge(tx, lockout.FIRST_CODE, owner, right=False, now=now))
    protection.refuse(flow, door, user, weighed, right=False)
    auth_events.note(flow, door, user, auth_events.SIGN_IN, auth_events.FAIL, levels=weighed.levels)
    raise Refused(Reason.PASSKEY_WRONG)


async def judge(flow: Flow, kind: str, owner: str, *, right: bool, spends: Attempt | None = None) -> None:
    now = flow.clock.now()

    async def unit(tx: Tx) -> Refusal | None:
        if spends is not None:
            await spend(tx, spends, now)
        return await lockout.judge(tx, kind, owner, right=right, now=now)

    locked = await flow.database.write(unit)
    if locked is not None:
        stop(locked)
