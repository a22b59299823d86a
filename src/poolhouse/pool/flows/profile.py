"""
Users and their own attributes: change, delete, verify; delete the account.

``update_attributes`` is the one way by which attributes of an existing user change, for the user (with the
permissions of a client) and for an administrator (with all).
"""

from collections.abc import Iterable, Mapping

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx, UniqueViolation
from poolhouse.pool.core.attributes.permissions import check_client_write
from poolhouse.pool.core.attributes.usernames import check_keeps_a_name
from poolhouse.pool.core.attributes.values import CONTACTS, accept_changes
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.flows import aliases, codes, lockout, logout, messages, notices, people
from poolhouse.pool.flows.caller import AccountUser
from poolhouse.pool.flows.codes import Delivery, Prepared
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.lockout import Hourly
from poolhouse.pool.flows.notices import Happened, Scene
from poolhouse.pool.flows.reader import Reader, reader_of
from poolhouse.pool.model.message import Message
from poolhouse.pool.model.pool import Client, Pool
from poolhouse.pool.model.user import CodePurpose, SentCode, User
from poolhouse.pool.spec.errors import Reason, invalid_parameter
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import users as store

_PURPOSE = {"email": CodePurpose.EMAIL, "phone_number": CodePurpose.PHONE}


class _Change(msgspec.Struct, frozen=True):
    """A user after a change, contacts that got another value, and values that wait for their verification."""

    user: User
    contacts: tuple[str, ...]
    pending: Mapping[str, str]


async def update_attributes(
    flow: Flow, pool: Pool, user: User, changes: Mapping[str, str], *, client: Client | None,
    scene: Scene | None = None,
) -> list[Delivery]:  # fmt: skip
    """
    Change attributes; a blank value deletes.  *client* is None for an administrator, who may also set the flags.

    A new e-mail address or phone number is unverified, and a code is sent to it where the pool verifies it by itself.
    Where the pool wants it verified before it counts, the old value stays until then.  Answers where codes went.
    """
    if client is not None:
        _stop_if(_check_permission(pool, client, changes))
    now_ms = flow.clock.now_ms()
    entry = await flow.directory.find_pool(pool.id)
    current: User | None = user
    for _ in range(people.TRIES):
        if current is None or current.sub != user.sub:
            raise Refused(Reason.USER_NOT_FOUND)
        change = _decide(pool, current, changes)
        reader = reader_of(change.user, entry, client)
        sent = [
            _verification(flow, pool, change.user, contact, value, messages.UPDATE_ATTRIBUTE, reader)
            for contact, value in _to_verify(pool, change, changes)
        ]
        changed = msgspec.structs.replace(change.user, modified_ms=now_ms)
        told = notices.about(flow, scene, current, notices.events(current, changed))
        if await _written(flow, pool, changed, change.contacts, sent, told):
            return [each.delivery for each in sent]
        current = await flow.database.read(lambda tx: store.find_by_username(tx, pool, user.username))
    raise Refused(Reason.BUSY)


async def delete_attributes(
    flow: Flow, pool: Pool, user: User, names: Iterable[str], *, client: Client | None, scene: Scene | None = None
) -> None:
    """Delete attributes; a required one stays, and so does the last name by which the user signs in."""
    await update_attributes(flow, pool, user, dict.fromkeys(names, ""), client=client, scene=scene)


async def send_verification_code(flow: Flow, caller: AccountUser, attribute: str) -> Delivery:
    """
    A code to the user's e-mail address or phone number, verified before or not, or to the value that waits for it.

    AWS API: GetUserAttributeVerificationCode.
    """
    _check_contact(attribute)
    pool, user = caller.entry.pool, caller.user
    await lockout.use(flow, Hourly.ATTRIBUTE_CODE, lockout.owner(flow, pool, user, user.username))

    async def waiting(tx: ReadTx) -> SentCode | None:
        return await attempt_store.find_sent_code(tx, pool.id, user.username, _PURPOSE[attribute])

    former = await flow.database.read(waiting)
    pending = former.pending_value if former is not None and _is_verified_first(pool, attribute) else None
    value = pending or user.attributes.get(attribute)
    if not value:
        raise invalid_parameter(f"User does not have a value for {attribute}.")
    prepared = _verification(
        flow, pool, user, attribute, value, messages.VERIFY_ATTRIBUTE, reader_of(user, caller.entry, caller.client)
    )
    await flow.database.write(lambda tx: codes.put(tx, prepared))
    return prepared.delivery


async def verify_attribute(
    flow: Flow, caller: AccountUser, attribute: str, code: str, *, scene: Scene | None = None
) -> None:
    """
    The code makes the contact verified, or puts the value that waited for it in the place of the old one.

    A code that went to an address which is no longer the user's verifies nothing.
    """
    _check_contact(attribute)
    pool, user = caller.entry.pool, caller.user
    await lockout.use(flow, Hourly.VERIFY_ATTRIBUTE, lockout.owner(flow, pool, user, user.username))
    sent = await codes.check(flow, pool, user.username, _PURPOSE[attribute], code)
    now = flow.clock.now()

    def decide(current: User) -> User:
        is_current = current.attributes.get(attribute) == sent.pending_value
        if not is_current and not _is_verified_first(pool, attribute):
            raise Refused(Reason.CODE_EXPIRED)
        proven = {attribute: sent.pending_value or "", f"{attribute}_verified": "true"}
        return msgspec.structs.replace(current, attributes={**current.attributes, **proven})

    async def unit(tx: Tx) -> None:
        await codes.take(tx, sent, now)
        await notices.change_in(flow, tx, pool, user, decide, scene)

    try:
        await flow.database.write(unit)
    except UniqueViolation as taken:
        raise await aliases.refusal(flow, pool, decide(user)) from taken


async def delete_account(flow: Flow, user: User, *, scene: Scene | None = None) -> None:
    """The user with all that is his (AWS API: DeleteUser)."""

    async def unit(tx: Tx) -> bool:
        await logout.tell_all(flow, tx, user.pool_id, user.username, user.sub)
        if not await store.drop_user(tx, user):
            return False
        await notices.tell(flow, tx, scene, user, Happened.DELETED)
        return True

    if not await flow.database.write(unit):
        raise Refused(Reason.USER_NOT_FOUND)


def _decide(pool: Pool, user: User, changes: Mapping[str, str]) -> _Change:
    schema = pool.settings.schema_attributes or ()
    after = accept_changes(schema, user.attributes, changes)
    if isinstance(after, Refusal):
        stop(after)
    _stop_if(check_keeps_a_name(pool, after))
    contacts = [each for each in CONTACTS if each in changes and after.get(each) != user.attributes.get(each)]
    # Verified in the same call, by an administrator, a value counts at once.
    pending = {
        each: after[each]
        for each in contacts
        if each in after
        and user.attributes.get(each)
        and _is_verified_first(pool, each)
        and after.get(f"{each}_verified") != "true"
    }
    kept = {name: user.attributes[name] for each in pending for name in _pair(each) if name in user.attributes}
    return _Change(msgspec.structs.replace(user, attributes={**after, **kept}), tuple(contacts), pending)


def _to_verify(pool: Pool, change: _Change, changes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Contacts that a code goes to, and to which value."""
    automatic = pool.settings.auto_verified_attributes or ()
    found = dict(change.pending)
    for contact in change.contacts:
        value = change.user.attributes.get(contact)
        if contact in automatic and contact not in found and value and not change.user.is_verified(contact):
            found[contact] = value
    return [(contact, value) for contact, value in found.items() if contact in changes]


async def _written(
    flow: Flow, pool: Pool, changed: User, contacts: Iterable[str], sent: list[Prepared], told: list[Message]
) -> bool:
    """Write the user, the codes, and word of it; a code that is under way to a former value stops working."""

    async def unit(tx: Tx) -> bool:
        if not await store.replace_user(tx, pool, changed, people.aliases(pool, changed)):
            return False
        for contact in contacts:
            await attempt_store.drop_sent_code(tx, pool.id, changed.username, _PURPOSE[contact])
        for prepared in sent:
            await codes.put(tx, prepared)
        await notices.put(tx, told)
        return True

    try:
        return await flow.database.write(unit)
    except UniqueViolation as taken:
        raise await aliases.refusal(flow, pool, changed) from taken


def _verification(
    flow: Flow, pool: Pool, user: User, attribute: str, value: str, kind: str, reader: Reader
) -> Prepared:  # fmt: skip
    return codes.prepare(
        flow, pool, user, purpose=_PURPOSE[attribute], kind=kind, attribute=attribute, value=value, reader=reader
    )


def _is_verified_first(pool: Pool, attribute: str) -> bool:
    settings = pool.settings.user_attribute_update_settings
    return settings is not None and attribute in (settings.attributes_require_verification_before_update or ())


def _check_permission(pool: Pool, client: Client, changes: Mapping[str, str]) -> Refusal | None:
    schema = pool.settings.schema_attributes or ()
    return check_client_write(schema, client.settings.write_attributes, changes)


def _check_contact(attribute: str) -> None:
    if attribute not in CONTACTS:
        raise invalid_parameter("Invalid attribute name. Only phone_number and email can be verified")


def _pair(contact: str) -> tuple[str, str]:
    return contact, f"{contact}_verified"


def _stop_if(refusal: Refusal | None) -> None:
    if refusal is not None:
        stop(refusal)
