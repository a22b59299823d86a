"""
Users whom an administrator creates, and the message that invites them (AWS API: AdminCreateUser).

The user, the temporary password and the message are written in one transaction; only the message has the password in
clear, sealed until it is sent.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core.attributes import usernames, values
from poolhouse.pool.core.password import RANDOM_BYTES, temporary_password
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import aliases, credentials, hooks, messages, people
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.facts import signs_in_without
from poolhouse.pool.flows.reader import reader_of
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import Credentials, Status, User, Username
from poolhouse.pool.spec.errors import Reason, invalid_parameter
from poolhouse.pool.store import outbox
from poolhouse.pool.store import users as store

_CONTACTS: Final = {"SMS": ("phone_number", "phone number"), "EMAIL": ("email", "email")}


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an administrator gives for a new user.

    *attributes* as they were sent, blank values included.  No *mediums*: by SMS to a user with a phone number, else
    by e-mail, else by nothing.  *steal_aliases*: take a verified contact from the user who holds it.
    """

    username: str
    attributes: Mapping[str, str] = {}
    password: str | None = None
    quiet: bool = False
    mediums: tuple[str, ...] = ()
    steal_aliases: bool = False


async def create(flow: Flow, pool: Pool, invitation: Invitation) -> User:
    """
    Create the user and invite them; attributes that the schema requires are asked for at the first sign-in.

    Where the pool signs in by a code and the contact for it is verified, a user for whom no password is given has
    none, and has nothing to change: he is confirmed.
    """
    hooks.require_none(pool, "pre_sign_up")
    user = _new_user(flow, pool, invitation)
    password = invitation.password
    if password:
        await credentials.check_new(flow, pool, None, password)
    elif any(user.is_verified(contact) for contact in signs_in_without(pool, user.attributes)):
        sent = () if invitation.quiet else await _compose(flow, pool, user, invitation, "")
        return await _put(flow, pool, msgspec.structs.replace(user, status=Status.CONFIRMED), sent, invitation)
    elif invitation.quiet:
        raise Refused(Reason.PASSWORD_REQUIRED)
    else:
        password = _generate(flow, pool)
    sent = () if invitation.quiet else await _compose(flow, pool, user, invitation, password)
    held = await credentials.make(flow, pool, user.username, password, temporary=True)
    return await _put(flow, pool, msgspec.structs.replace(user, credentials=held), sent, invitation)


async def resend(flow: Flow, pool: Pool, invitation: Invitation) -> User:
    """
    Invite a user again, with a new temporary password whose time begins now (MessageAction RESEND).

    Only who has never signed in can be invited.  Attributes describe a new user, so here they change nothing.
    """
    user = await people.get(flow, pool, invitation.username)
    if user.status is not Status.FORCE_CHANGE_PASSWORD:
        raise Refused(Reason.UNSUPPORTED_USER_STATE, username=invitation.username)
    password = _generate(flow, pool) if invitation.password is None else invitation.password
    await credentials.check_new(flow, pool, user, password)
    sent = await _compose(flow, pool, user, invitation, password)
    if not sent:
        raise _undeliverable("SMS")
    fresh = await credentials.make(flow, pool, user.username, password, temporary=True)
    return await _replace_password(flow, pool, user, fresh, sent)


def _new_user(flow: Flow, pool: Pool, invitation: Invitation) -> User:
    named = usernames.new_username(pool, invitation.username, invitation.attributes)
    if isinstance(named, Refusal):
        stop(named)
    accepted = values.accept_new(pool.settings.schema_attributes or (), named.attributes, require=False)
    if isinstance(accepted, Refusal):
        stop(accepted)
    sub = uuid4(flow.entropy)
    now_ms = flow.clock.now_ms()
    return User(
        pool_id=pool.id,
        username=Username(named.username or sub),
        sub=sub,
        status=Status.FORCE_CHANGE_PASSWORD,
        attributes=accepted,
        created_ms=now_ms,
        modified_ms=now_ms,
    )


def _generate(flow: Flow, pool: Pool) -> str:
    return temporary_password(credentials.policy_of(pool), flow.entropy.token(RANDOM_BYTES))


async def _compose(flow: Flow, pool: Pool, user: User, invitation: Invitation, password: str) -> tuple[Message, ...]:
    """One message for each medium; a medium that was asked for must have somewhere to go."""
    mediums = (
        invitation.mediums
        or tuple(medium for medium, (contact, _) in _CONTACTS.items() if user.attributes.get(contact))[:1]
    )
    reader = reader_of(user, await flow.directory.find_pool(pool.id))
    composed = []
    for medium in dict.fromkeys(mediums):
        destination = user.attributes.get(_CONTACTS[medium][0])
        if not destination:
            raise _undeliverable(medium)
        composed.append(
            messages.compose(
                flow,
                pool,
                kind=messages.INVITATION,
                medium=medium,
                destination=destination,
                username=invitation.username,
                code=password,
                reader=reader,
            )
        )
    return tuple(composed)


def _undeliverable(medium: str) -> Exception:
    shown = "SMS" if medium == "SMS" else "Email"
    return invalid_parameter(f"No {_CONTACTS[medium][1]} provided but desired delivery medium was {shown}")


async def _put(flow: Flow, pool: Pool, user: User, sent: tuple[Message, ...], invitation: Invitation) -> User:
    wanted = people.aliases(pool, user)

    async def unit(tx: Tx) -> None:
        await _check_free(tx, pool, user, invitation.username)
        # A contact that is the username itself belongs to its user: there is nothing to force.
        if invitation.steal_aliases and not pool.settings.username_attributes:
            await aliases.take_over(tx, pool, user, user.created_ms)
        kind = await aliases.conflict(tx, pool, user)
        if kind is not None:
            raise _contact_taken(pool, kind)
        await store.put_user(tx, pool, user, wanted)
        for message in sent:
            await outbox.put_message(tx, message)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        # Two at once: whoever comes second learns it from the index.
        if taken.table == "aliases":
            raise _contact_taken(pool, next(iter(wanted))) from taken
        raise Refused(Reason.ACCOUNT_EXISTS) from taken
    return user


async def _check_free(tx: ReadTx, pool: Pool, user: User, given: str) -> None:
    """A username that is another user's ``sub`` would take his place wherever a Username is asked for."""
    if await store.find_by_username(tx, pool, user.username) or await store.find_by_sub(tx, pool.id, given):
        raise Refused(Reason.ACCOUNT_EXISTS)


def _contact_taken(pool: Pool, kind: str) -> Refused:
    """Where the contact is the username, the username exists; else AliasExists, as ForceAliasCreation documents it."""
    reason = Reason.CONTACT_EXISTS if pool.settings.username_attributes else Reason.ALIAS_EXISTS
    return Refused(reason, attribute=kind)


async def _replace_password(flow: Flow, pool: Pool, user: User, fresh: Credentials, sent: tuple[Message, ...]) -> User:
    def decide(current: User) -> User:
        if current.status is not Status.FORCE_CHANGE_PASSWORD:
            raise Refused(Reason.UNSUPPORTED_USER_STATE, username=current.username)
        return msgspec.structs.replace(current, credentials=credentials.renewed(pool, current.credentials, fresh))

    now_ms = flow.clock.now_ms()

    async def unit(tx: Tx) -> User:
        changed = await people.change_in(tx, pool, user, decide, now_ms)
        for message in sent:
            await outbox.put_message(tx, message)
        return changed

    return await flow.database.write(unit)
