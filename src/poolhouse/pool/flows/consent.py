"""
The user's agreement to what a third party's app asks for: asked once, kept, and taken back (RFC 6749 section 10.2).

The service has no such page; app clients have none either unless they are marked as a third party's.
"""

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import consent as core
from poolhouse.pool.core.authorization_request import Valid
from poolhouse.pool.core.client_document import host_of
from poolhouse.pool.flows import logout
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.openid import Consent
from poolhouse.pool.model.user import User
from poolhouse.pool.store import consents as store
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import users as user_store


async def is_missing(flow: Flow, entry: PoolEntry, valid: Valid, sub: str) -> bool:
    """Whether the user has to be asked before the app gets anything."""
    if not core.is_required(valid):
        return False
    return await flow.database.read(lambda tx: is_missing_in(tx, entry, valid, sub))


async def is_missing_in(tx: ReadTx, entry: PoolEntry, valid: Valid, sub: str) -> bool:
    """The same within the transaction that relies on it: the agreement may have been taken back a moment ago."""
    if not core.is_required(valid):
        return False
    held = await store.find_consent(tx, entry.pool.id, sub, valid.client.id)
    return held is None or not core.covers(held.scope, valid)


async def give_in(tx: Tx, valid: Valid, user: User, now_ms: int) -> None:
    """Keep the agreement, in the transaction that acts on it; the user's row is held."""
    if not core.is_remembered(valid):
        return
    held = await store.find_consent(tx, user.pool_id, user.sub, valid.client.id)
    given = Consent(
        pool_id=user.pool_id,
        sub=user.sub,
        client_id=valid.client.id,
        scope=core.with_more("" if held is None else held.scope, valid),
        created_ms=now_ms if held is None else held.created_ms,
        modified_ms=now_ms,
    )
    await store.put_consent(tx, given)


class Given(msgspec.Struct, frozen=True):
    """One app that a user has let in, and its name: the host of one known by a document, empty for one that is gone."""

    consent: Consent
    app: str


async def list_given(flow: Flow, user: User) -> list[Given]:
    """What the user has agreed to."""
    held = await flow.database.read(lambda tx: store.list_consents(tx, user.pool_id, user.sub))
    found = [(each, await flow.directory.find_client(each.client_id)) for each in held]
    return [
        Given(each, client.client.settings.client_name or "" if client else host_of(each.client_id))
        for each, client in found
    ]


async def withdraw(flow: Flow, user: User, client_id: str) -> bool:
    """
    Take an agreement back: with it go the tokens and codes that the app has of this user. Whether there was one.

    The app is told by the back channel, since the user has signed out of it by this.
    """

    async def unit(tx: Tx) -> bool:
        # Whoever writes a code for the app holds the user's row: it is either found here, or never written.
        await user_store.lock_user(tx, user.pool_id, user.username)
        if not await store.drop_consent(tx, user.pool_id, user.sub, client_id):
            return False
        # First, so that a code that is being redeemed either finds itself gone or has left its grant to be found.
        await grant_store.drop_pending_of(tx, user.pool_id, user.username, client_id)
        held = await grant_store.list_grants_of(tx, user.pool_id, user.username)
        ended = [each for each in held if each.client_id == client_id]
        await logout.tell_of(flow, tx, ended)
        for each in ended:
            await grant_store.drop_grant(tx, each.id)
        return True

    return await flow.database.write(unit)
