"""
Signing up: an account is made, and confirmed by a code that went to its e-mail address or phone.

Where the client hides who exists, ConfirmSignUp and ResendConfirmationCode answer alike for a name that nobody has,
for a disabled user and for one that is confirmed already.  DEVIATION: the service tells of a confirmed one
there; that would tell who exists, so strict mode does not either.
"""

from collections.abc import Mapping

import msgspec

from poolhouse.kit.ambient import digits, uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core import one_time
from poolhouse.pool.core.attributes.permissions import check_client_write
from poolhouse.pool.core.attributes.usernames import new_username
from poolhouse.pool.core.attributes.values import accept_new
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.risk import rules
from poolhouse.pool.flows import (
    after_sign_up,
    aliases,
    auth_events,
    codes,
    compromise,
    credentials,
    hooks,
    lockout,
    messages,
    people,
    protection,
)
from poolhouse.pool.flows.attempt import Door, Live
from poolhouse.pool.flows.codes import Delivery, Prepared
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.facts import allows_passwordless, signs_in_without
from poolhouse.pool.flows.lockout import Hourly
from poolhouse.pool.flows.reader import reader_of
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.risk import NOT_SEEN, Seen
from poolhouse.pool.model.user import CodePurpose, Credentials, SentCode, Status, User, Username
from poolhouse.pool.spec.errors import Reason, invalid_parameter
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import users as store

_CONTACTS = ("phone_number", "email")
"""Where a code goes: to the phone first, where the pool verifies both."""


class Account(msgspec.Struct, frozen=True):
    """
    A new account, and where its code went; None where the pool verifies nothing by itself.

    ``session`` leads through the confirmation to a sign-in (``after_sign_up``).
    """

    user: User
    delivery: Delivery | None
    session: str | None = None


class Confirmed(msgspec.Struct, frozen=True):
    """A confirmed user, and the session to sign in with, where the client has a sign-in that takes it."""

    user: User
    session: str | None


async def sign_up(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, password: str | None,
    attributes: Mapping[str, str], hosted: bool = False, seen: Seen = NOT_SEEN,
) -> Account:  # fmt: skip
    """
    Make an unconfirmed account (AWS API: SignUp).

    Where the pool signs in by a code, and the account has somewhere to send it, there need not be a password.
    A name that is taken is told to anybody, as the service does; an e-mail address that is somebody's alias only to
    who confirms it.
    """
    pool = entry.pool
    door = Door(entry, client, hosted, seen=seen)
    await protection.admit(flow, door, auth_events.SIGN_UP, username)
    configured = pool.settings.admin_create_user_config
    if configured is not None and configured.allow_admin_create_user_only:
        raise Refused(Reason.SIGN_UP_CLOSED)
    hooks.require_none(pool, "pre_sign_up")
    if not password and not allows_passwordless(pool):
        raise Refused(Reason.PASSWORD_REQUIRED)
    user = _new_user(flow, pool, client, username, attributes)
    if not password and not signs_in_without(pool, user.attributes):
        raise Refused(Reason.PASSWORD_REQUIRED)
    compromised: bool | None = None
    if password:
        await credentials.check_new(flow, pool, None, password)
        compromised = await compromise.check_new(flow, door, password, rules.SIGN_UP)
    await flow.database.read(lambda tx: _check_free(tx, pool, user, username))
    held = Credentials()
    if password:
        held = await credentials.make(flow, pool, user.username, password, temporary=False)
    account = await _put(flow, door, msgspec.structs.replace(user, credentials=held), username)
    auth_events.note(flow, door, account.user, auth_events.SIGN_UP, auth_events.IN_PROGRESS, compromised=compromised)
    return account


async def confirm(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, code: str, force_alias: bool = False,
    hosted: bool = False, session: str | None = None, metadata: Mapping[str, str] | None = None,
    seen: Seen = NOT_SEEN,
) -> Confirmed:  # fmt: skip
    """
    Confirm an account by its code, which also verifies the contact that it went to (AWS API: ConfirmSignUp).

    A contact that somebody else signs in by is refused, and the code stays good: with *force_alias* the confirmed
    user takes it over.
    """
    pool = entry.pool
    door = Door(entry, client, hosted, seen=seen)
    await protection.admit(flow, door, auth_events.SIGN_UP, username)
    user = await _find(flow, door, username, Hourly.CONFIRM_SIGN_UP)
    if user is None:
        await codes.check(flow, pool, codes.decoy_username(flow, pool, username), CodePurpose.SIGN_UP, code)
        raise Refused(Reason.CODE_MISMATCH)
    if user.status is not Status.UNCONFIRMED:
        raise Refused(Reason.CANNOT_CONFIRM, status=user.status.value)
    live = None if session is None else await _begun(flow, door, username, session)
    sent = await codes.check(flow, pool, user.username, CodePurpose.SIGN_UP, code)
    now, now_ms = flow.clock.now(), flow.clock.now_ms()

    async def unit(tx: Tx) -> Confirmed:
        await codes.take(tx, sent, now)
        if force_alias and not pool.settings.username_attributes:
            await aliases.take_over(tx, pool, _confirmed(user, sent), now_ms)
        changed = await people.change_in(tx, pool, user, lambda current: _confirmed(current, sent), now_ms)
        following = after_sign_up.granted(flow, door, changed, sent.attribute, signed_up=live is not None)
        return Confirmed(changed, await after_sign_up.exchange(tx, live, following, now))

    try:
        confirmed = await flow.database.write(unit)
    except UniqueViolation as taken:
        raise await aliases.refusal(flow, pool, _confirmed(user, sent)) from taken
    auth_events.note(flow, door, confirmed.user, auth_events.SIGN_UP, auth_events.PASS)
    await hooks.confirmed(flow, pool, confirmed.user, hooks.SIGNED_UP, client_id=client.id, metadata=metadata)
    return confirmed


async def resend(
    flow: Flow, entry: PoolEntry, client: Client, *, username: str, hosted: bool = False, seen: Seen = NOT_SEEN
) -> Delivery:
    """A new code in the place of the old one (AWS API: ResendConfirmationCode)."""
    pool = entry.pool
    if not pool.settings.auto_verified_attributes:
        raise invalid_parameter("Cannot resend codes. Auto verification not turned on.")
    door = Door(entry, client, hosted, seen=seen)
    await protection.admit(flow, door, auth_events.RESEND_CODE, username)
    user = await _find(flow, door, username, Hourly.RESEND_CODE)
    if user is None:
        prepared = codes.prepare_decoy(
            flow, pool, username, purpose=CodePurpose.SIGN_UP, attribute=simulated_contact(pool, username)
        )
    else:
        if user.status is not Status.UNCONFIRMED:
            raise Refused(Reason.ALREADY_CONFIRMED)
        found = _code_for(flow, door, user, username, messages.RESEND)
        if found is None:
            raise invalid_parameter("Cannot resend codes. The user has no address that they could be sent to.")
        prepared = found
    await flow.database.write(lambda tx: codes.put(tx, prepared))
    auth_events.note(flow, door, user, auth_events.RESEND_CODE, auth_events.PASS)
    return prepared.delivery


def simulated_contact(pool: Pool, name: str) -> str:
    """Where a code "went" that was never sent: by the form of the name, else by what the pool verifies."""
    if "@" in name[1:]:
        return "email"
    if name.startswith("+") and name[1:].isdecimal():
        return "phone_number"
    automatic = pool.settings.auto_verified_attributes or ("email",)
    return next(each for each in _CONTACTS if each in automatic)


async def _begun(flow: Flow, door: Door, username: str, session: str) -> Live | None:
    """The session of the sign-up; pages keep something in its place where there is none, and do without then."""
    try:
        return await after_sign_up.opened(flow, door, username, session)
    except Refused:
        if door.hosted:
            return None
        raise


async def _find(flow: Flow, door: Door, name: str, operation: Hourly) -> User | None:
    """
    The user, once the use is counted; None for whoever must look like a name that nobody has.

    Only unconfirmed, enabled users can go on: where the client hides who exists all others are as unknown.
    """
    pool = door.pool
    user = await flow.database.read(lambda tx: people.find(tx, pool, name))
    await lockout.use(flow, operation, lockout.owner(flow, pool, user, name, door.seen))
    if door.hides:
        return user if user is not None and user.enabled and user.status is Status.UNCONFIRMED else None
    if user is None:
        raise Refused(Reason.UNKNOWN_USERNAME)
    if not user.enabled:
        raise Refused(Reason.USER_DISABLED)
    return user


def _new_user(flow: Flow, pool: Pool, client: Client, given: str, attributes: Mapping[str, str]) -> User:
    schema = pool.settings.schema_attributes or ()
    named = new_username(pool, given, attributes)
    if isinstance(named, Refusal):
        stop(named)
    refusal = check_client_write(schema, client.settings.write_attributes, attributes)
    if refusal is not None:
        stop(refusal)
    accepted = accept_new(schema, named.attributes, require=True)
    if isinstance(accepted, Refusal):
        stop(accepted)
    sub, now_ms = uuid4(flow.entropy), flow.clock.now_ms()
    return User(
        pool_id=pool.id,
        username=Username(named.username or sub),
        sub=sub,
        status=Status.UNCONFIRMED,
        attributes={**accepted, **_unverified(accepted)},
        created_ms=now_ms,
        modified_ms=now_ms,
        credentials=Credentials(),
    )


def _unverified(attributes: Mapping[str, str]) -> dict[str, str]:
    """Each contact is told to be unverified, in every pool; where an administrator creates the user nothing is told."""
    return {f"{each}_verified": "false" for each in _CONTACTS if attributes.get(each)}


async def _put(flow: Flow, door: Door, user: User, given: str) -> Account:
    pool = door.pool
    prepared = _code_for(flow, door, user, given, messages.SIGN_UP)
    offered = None if prepared is None else after_sign_up.offered(flow, door, user)

    async def unit(tx: Tx) -> None:
        await _check_free(tx, pool, user, given)
        await store.put_user(tx, pool, user, people.aliases(pool, user))
        if prepared is not None:
            await codes.put(tx, prepared)
        if offered is not None:
            await attempt_store.put_attempt(tx, offered[1])

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        # Two at once: whoever comes second learns it from the index.
        await flow.database.read(lambda tx: _check_free(tx, pool, user, given))
        raise Refused(Reason.USERNAME_EXISTS) from taken
    session = None if offered is None else offered[0]
    return Account(user, None if prepared is None else prepared.delivery, session)


async def _check_free(tx: ReadTx, pool: Pool, user: User, given: str) -> None:
    """A username that is another user's ``sub`` would take his place wherever a Username is asked for."""
    if await store.find_by_username(tx, pool, user.username) or await store.find_by_sub(tx, pool.id, given):
        raise Refused(Reason.USERNAME_EXISTS)
    kind = await aliases.conflict(tx, pool, user)
    if kind is not None:
        raise Refused(Reason.CONTACT_EXISTS, attribute=kind)


def _code_for(flow: Flow, door: Door, user: User, given: str, kind: str) -> Prepared | None:
    pool = door.pool
    automatic = pool.settings.auto_verified_attributes or ()
    contact = next((each for each in _CONTACTS if each in automatic and user.attributes.get(each)), None)
    if contact is None:
        return None
    code, link = digits(flow.entropy, one_time.DIGITS), None
    if contact == "email" and messages.is_by_link(pool):
        link = messages.confirmation_link(flow, door.entry, client_id=door.client.id, username=given, code=code)
        if link is None:
            raise invalid_parameter("A user pool that verifies by link needs a domain.")
    reader = reader_of(user, door.entry, door.client, door.seen)
    return codes.prepare(
        flow, pool, user, purpose=CodePurpose.SIGN_UP, kind=kind, attribute=contact,
        value=user.attributes[contact], reader=reader, code=code, link=link,
    )  # fmt: skip


def _confirmed(user: User, sent: SentCode) -> User:
    """Confirmed, with the contact verified if it is still the one that the code went to."""
    if user.status is not Status.UNCONFIRMED:
        raise Refused(Reason.CANNOT_CONFIRM, status=user.status.value)
    attributes = user.attributes
    if sent.pending_value is not None and attributes.get(sent.attribute) == sent.pending_value:
        attributes = {**attributes, f"{sent.attribute}_verified": "true"}
    return msgspec.structs.replace(user, status=Status.CONFIRMED, attributes=attributes)
