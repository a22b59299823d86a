"""
A forgotten password, and a changed one.

A reset code goes only to an address that is verified.  Where the client hides who exists, a name that nobody has, a
disabled user and one who cannot recover are all told of a code that is never sent (developer guide, "Managing error
responses"); guessing at it ends as guessing at a real one.  DEVIATION: the service tells of a user with a temporary
password there; that would tell who exists, so strict mode does not either.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.risk import rules
from poolhouse.pool.core.sign_in import active_factors
from poolhouse.pool.flows import (
    auth_events,
    codes,
    compromise,
    credentials,
    gate,
    hooks,
    lockout,
    logout,
    messages,
    notices,
    people,
    protection,
)
from poolhouse.pool.flows.attempt import Door
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.codes import Delivery, Prepared
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import facts
from poolhouse.pool.flows.lockout import Hourly
from poolhouse.pool.flows.notices import Scene
from poolhouse.pool.flows.reader import Reader, reader_of
from poolhouse.pool.flows.sign_up import simulated_contact
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.sign_in import Done
from poolhouse.pool.model.user import CodePurpose, Status, User
from poolhouse.pool.spec.errors import Reason, not_authorized
from poolhouse.pool.spec.shapes import RecoveryOptionType
from poolhouse.pool.store import attempts as attempt_store

_BY_USER: Final = frozenset({Status.CONFIRMED, Status.RESET_REQUIRED, Status.UNCONFIRMED})
_BY_ADMINISTRATOR: Final = frozenset({Status.CONFIRMED, Status.RESET_REQUIRED})
_LEGACY: Final = ("phone_number", "email")
_ATTRIBUTE: Final = {"verified_email": "email", "verified_phone_number": "phone_number"}
_FACTOR: Final = {"email": Done.EMAIL, "phone_number": Done.SMS}


async def forgot(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, hosted: bool = False, seen: Seen = NOT_SEEN,
    way: str | None = None,
) -> Delivery:  # fmt: skip
    """
    Send a reset code (AWS API: ForgotPassword).

    *way* is the contact that the person has chosen, one of ``ways_of``; whoever has none such gets no code, and must
    not be told so.
    """
    pool = entry.pool
    door = Door(entry, client, hosted, seen=seen)
    await protection.admit(flow, door, auth_events.FORGOT_PASSWORD, username)
    user = await _find(flow, door, username, Hourly.FORGOT_PASSWORD, way)
    if any(mechanism.name == "admin_only" for mechanism in _mechanisms(pool)):
        raise Refused(Reason.RECOVERY_BY_ADMIN)
    if user is None:
        prepared = codes.prepare_decoy(
            flow, pool, username, purpose=CodePurpose.RESET, attribute=way or simulated_contact(pool, username)
        )
    else:
        prepared = _prepared(flow, pool, user, reader_of(user, entry, client, seen), way)
    await flow.database.write(lambda tx: codes.put(tx, prepared))
    auth_events.note(flow, door, user, auth_events.FORGOT_PASSWORD, auth_events.IN_PROGRESS)
    return prepared.delivery


async def confirm(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, code: str, password: str, hosted: bool = False,
    metadata: Mapping[str, str] | None = None, seen: Seen = NOT_SEEN, way: str | None = None,
    scene: Scene | None = None,
) -> User:  # fmt: skip
    """
    Set a new password by a reset code (AWS API: ConfirmForgotPassword).

    A password that the policy refuses does not use up the code.  An unconfirmed user stays so: to confirm him may be
    an administrator's matter.  *way* as in ``forgot``: to whoever had no code sent that way, none is right.
    """
    pool = entry.pool
    door = Door(entry, client, hosted, seen=seen)
    await protection.admit(flow, door, auth_events.PASSWORD_CHANGE, username)
    user = await _find(flow, door, username, Hourly.CONFIRM_FORGOT_PASSWORD, way)
    await credentials.check_new(flow, pool, None, password)
    compromised = await compromise.check_new(flow, door, password, rules.PASSWORD_CHANGE)
    if user is None:
        await codes.check(flow, pool, codes.decoy_username(flow, pool, username), CodePurpose.RESET, code)
        raise Refused(Reason.CODE_MISMATCH)
    sent = await codes.check(flow, pool, user.username, CodePurpose.RESET, code)
    await credentials.check_new(flow, pool, user, password)
    fresh = await credentials.make(flow, pool, user.username, password, temporary=False)
    now = flow.clock.now()
    owner = lockout.owner(flow, pool, user, username)

    def decide(current: User) -> User:
        _check_state(current, _BY_USER)
        if not current.is_verified(sent.attribute) or current.attributes.get(sent.attribute) != sent.pending_value:
            # The code went to an address that is no longer the user's.
            raise Refused(Reason.CODE_EXPIRED)
        renewed = credentials.renewed(pool, current.credentials, fresh)
        status = Status.CONFIRMED if current.status is Status.RESET_REQUIRED else current.status
        return msgspec.structs.replace(current, status=status, credentials=renewed)

    async def unit(tx: Tx) -> User:
        await codes.take(tx, sent, now)
        # Whoever receives the user's mail is not the one who guessed at the password.
        await attempt_store.drop_failures(tx, f"{lockout.PASSWORD}:{owner}")
        changed = await notices.change_in(flow, tx, pool, user, decide, scene)
        await logout.end_browsers(flow, tx, user)
        return changed

    changed = await flow.database.write(unit)
    auth_events.note(flow, door, changed, auth_events.PASSWORD_CHANGE, auth_events.PASS, compromised=compromised)
    await hooks.confirmed(flow, pool, changed, hooks.RECOVERED, client_id=client.id, metadata=metadata)
    return changed


async def start_reset(flow: Flow, entry: PoolEntry, user: User) -> Delivery:
    """
    An administrator takes the password away and has a code sent (AWS API: AdminResetUserPassword).

    The user cannot sign in until ``confirm``.
    """
    pool = entry.pool
    if not user.enabled:
        # Measured: here the service's sentence has no full stop.
        raise not_authorized("User is disabled")
    _check_state(user, _BY_ADMINISTRATOR)
    prepared = _prepared(flow, pool, user, reader_of(user, entry))

    def decide(current: User) -> User:
        _check_state(current, _BY_ADMINISTRATOR)
        return msgspec.structs.replace(current, status=Status.RESET_REQUIRED)

    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        await people.change_in(tx, pool, user, decide, now_ms)
        await logout.end_browsers(flow, tx, user)
        await codes.put(tx, prepared)

    await flow.database.write(unit)
    return prepared.delivery


async def change(
    flow: Flow, caller: AccountUser, *, previous: str | None, proposed: str, seen: Seen = NOT_SEEN,
    keeps: bytes | None = None, scene: Scene | None = None,
) -> User:  # fmt: skip
    """
    A signed-in user changes the password (AWS API: ChangePassword).

    The former password must be shown by whoever has one; a user without one sets the first.  A code that was sent to
    reset the former one stops working.  *keeps*: the browser's session in which this is done, which goes on.
    """
    pool, user = caller.entry.pool, caller.user
    door = Door(caller.entry, caller.client, seen=seen)
    await protection.admit(flow, door, auth_events.PASSWORD_CHANGE, user.username)
    await lockout.use(flow, Hourly.CHANGE_PASSWORD, lockout.owner(flow, pool, user, user.username))
    if user.credentials.password_hash is not None:
        previous = gate.required({"PreviousPassword": previous or ""}, "PreviousPassword")
        if not await credentials.check_password(flow, user, previous):
            auth_events.note(
                flow, door, user, auth_events.PASSWORD_CHANGE, auth_events.FAIL, auth_events.PASSWORD_WRONG
            )
            raise Refused(Reason.WRONG_PASSWORD)
    elif previous is not None:
        raise Refused(Reason.WRONG_PASSWORD)
    await credentials.check_new(flow, pool, user, proposed)
    compromised = await compromise.check_new(flow, door, proposed, rules.PASSWORD_CHANGE)
    fresh = await credentials.make(flow, pool, user.username, proposed, temporary=False)
    shown = user.credentials.password_hash

    def decide(current: User) -> User:
        if current.credentials.password_hash != shown:
            # Changed by somebody else since the former password was compared.
            raise Refused(Reason.WRONG_PASSWORD)
        return msgspec.structs.replace(current, credentials=credentials.renewed(pool, current.credentials, fresh))

    async def unit(tx: Tx) -> User:
        changed = await notices.change_in(flow, tx, pool, user, decide, scene)
        await logout.end_browsers(flow, tx, user, keeps=keeps)
        await attempt_store.drop_sent_code(tx, pool.id, user.username, CodePurpose.RESET)
        return changed

    changed = await flow.database.write(unit)
    auth_events.note(flow, door, user, auth_events.PASSWORD_CHANGE, auth_events.PASS, compromised=compromised)
    return changed


def contact_for_reset(flow: Flow, pool: Pool, user: User, way: str | None = None) -> str | None:
    """
    The verified contact that a reset code goes to: by the pool's priorities, else phone before e-mail.

    Where the pool has a recovery setting, a contact that is the user's second factor cannot also bring the first one
    back: whoever holds it would need nothing else.
    """
    by_priority = [_ATTRIBUTE[each.name] for each in _mechanisms(pool) if each.name in _ATTRIBUTE]
    second = set(active_factors(facts(pool, user, frozenset(), flow.clock.now()))) if by_priority else set()
    wanted = (way,) if way is not None else by_priority or _LEGACY
    return next((c for c in wanted if user.is_verified(c) and _FACTOR[c] not in second), None)


def ways_of(pool: Pool) -> tuple[str, ...]:
    """The contacts among which people choose where the code goes, by the pool's priorities; none without a choice."""
    ways = tuple(_ATTRIBUTE[each.name] for each in _mechanisms(pool) if each.name in _ATTRIBUTE)
    return ways if len(ways) > 1 else ()


async def _find(flow: Flow, door: Door, name: str, operation: Hourly, way: str | None = None) -> User | None:
    """
    The user, once the use is counted; None for whoever must look like a name that nobody has.

    Where the client hides who exists, that is everybody to whom ``forgot`` sends nothing.
    """
    pool = door.pool
    user = await flow.database.read(lambda tx: people.find(tx, pool, name))
    await lockout.use(flow, operation, lockout.owner(flow, pool, user, name, door.seen))
    if door.hides:
        return user if user is not None and _is_recoverable(flow, pool, user, way) else None
    if user is None:
        hooks.require_none(pool, "user_migration")
        raise Refused(Reason.UNKNOWN_USERNAME)
    _check_state(user, _BY_USER)
    return user


def _is_recoverable(flow: Flow, pool: Pool, user: User, way: str | None) -> bool:
    return user.enabled and user.status in _BY_USER and contact_for_reset(flow, pool, user, way) is not None


def _check_state(user: User, states: frozenset[Status]) -> None:
    if not user.enabled:
        raise Refused(Reason.USER_DISABLED)
    if user.status not in states:
        raise Refused(Reason.PASSWORD_NOT_RESETTABLE)


def _prepared(flow: Flow, pool: Pool, user: User, reader: Reader, way: str | None = None) -> Prepared:
    contact = contact_for_reset(flow, pool, user, way)
    if contact is None:
        raise Refused(Reason.NO_VERIFIED_CONTACT)
    return codes.prepare(
        flow, pool, user, purpose=CodePurpose.RESET, kind=messages.FORGOT_PASSWORD, attribute=contact,
        value=user.attributes[contact], reader=reader,
    )  # fmt: skip


def _mechanisms(pool: Pool) -> list[RecoveryOptionType]:
    """By priority."""
    setting = pool.settings.account_recovery_setting
    return sorted((setting and setting.recovery_mechanisms) or (), key=lambda each: each.priority)
