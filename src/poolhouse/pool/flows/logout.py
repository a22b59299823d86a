"""
The end of browser sessions and what goes with it: codes, tokens, and word to the apps that took part.

Whom to tell is written in the transaction that ends the session (OIDC Back-Channel Logout section 2.3); it is told
after it (``flows.logout_delivery``).  The caller holds the user's row, so that whoever redeems a code comes before
this, or finds the code gone.
"""

from collections.abc import Iterable

import msgspec

from poolhouse.kit import seal
from poolhouse.kit.ambient import uuid4
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import BrowserSession, Grant, SessionApp
from poolhouse.pool.model.openid import LogoutDelivery
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.user import User
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import logouts as store
from poolhouse.pool.store import users as user_store

OFFLINE = "offline_access"


class Ended(msgspec.Struct, frozen=True):
    """A session that has ended, and the clients that took part in it."""

    session: BrowserSession
    clients: tuple[Client, ...]


async def find_former(flow: Flow, entry: PoolEntry, token: str | None) -> BrowserSession | None:
    """The session of a handle, whether or not anybody may go on with it."""
    if not token:
        return None
    digest = seal.digest(token)
    found = await flow.database.read(lambda tx: grant_store.find_session(tx, digest))
    return found if found is not None and found.pool_id == entry.pool.id else None


async def end(flow: Flow, entry: PoolEntry, token: str | None) -> Ended | None:
    """
    Sign the browser out; None when it was not signed in.

    Tokens that apps hold stay (developer guide, logout endpoint), but for apps of the openid dialect that were not
    given ``offline_access``: theirs were for as long as the user is there (Back-Channel Logout section 2.7).
    """
    session = await find_former(flow, entry, token)
    if session is None:
        return None

    async def unit(tx: Tx) -> Ended | None:
        await user_store.lock_user(tx, session.pool_id, session.username)
        if await grant_store.find_session(tx, session.digest) is None:
            return None
        return await end_in(flow, tx, session, with_tokens=True)

    return await flow.database.write(unit)


async def end_in(flow: Flow, tx: Tx, session: BrowserSession, *, with_tokens: bool = False) -> Ended:
    """
    End *session* as a part of a larger unit.

    Grants first, as whoever refreshes one: the browser's session comes after its grant.
    """
    if session.sid is None:
        await grant_store.drop_session(tx, session.digest)
        return Ended(session, ())
    await store.drop_codes_of(tx, session.pool_id, session.username, session.sid)
    grants, clients = await _taking_part(tx, session, session.sid)
    await _tell(flow, tx, clients, session.sub, session.sid)
    if with_tokens:
        await _drop_tokens(tx, grants, clients)
    await _forget(tx, session)
    return Ended(session, clients)


async def expire_in(flow: Flow, tx: Tx, session: BrowserSession) -> None:
    """
    The same for one that has ended by itself: of that only those hear that want to (``backchannel_logout_at_expiry``).

    Ours: with the service a session is an hour long, and apps go on with their tokens for weeks; neither means that
    anybody has signed out.
    """
    if session.sid is not None:
        grants, clients = await _taking_part(tx, session, session.sid)
        wanting = tuple(each for each in clients if each.extended.backchannel_logout_at_expiry)
        await _tell(flow, tx, wanting, session.sub, session.sid)
        await _drop_tokens(tx, grants, wanting)
    await _forget(tx, session)


async def give_back(tx: Tx, grant: Grant) -> None:
    """
    Drop a grant whose session may live on: its app took part in that, and hears of its end.

    Many an app gives its tokens back as soon as it knows who has signed in.
    """
    client = None if grant.sid is None else await client_store.find_client(tx, grant.client_id)
    if grant.sid is not None and client is not None and client.extended.is_told_of_logout:
        app = SessionApp(
            pool_id=grant.pool_id, sid=grant.sid, client_id=client.id, username=grant.username, sub=grant.sub
        )
        await store.note_app(tx, app)
    await grant_store.drop_grant(tx, grant.id)


async def replace_in(flow: Flow, tx: Tx, former: BrowserSession, session: BrowserSession) -> None:
    """Put *session* in the place of the browser's *former* one, which ends unless it is the same to apps."""
    if former.sid is not None and former.sid == session.sid:
        await grant_store.drop_session(tx, former.digest)
    else:
        await end_in(flow, tx, former)


async def end_browsers(flow: Flow, tx: Tx, user: User, *, keeps: bytes | None = None) -> None:
    """
    End the sessions of all browsers of a user whose password is another one now; the user's row is held.

    With another password they are over in any case (``browser.recognise``): here their apps hear of it.  That of the
    digest *keeps* is not ended: its browser has just shown both passwords, and goes on (``account.go_on``).
    """
    for session in await store.list_sessions(tx, user.pool_id, user.username):
        if session.digest != keeps:
            await end_in(flow, tx, session, with_tokens=True)


async def tell_all(flow: Flow, tx: Tx, pool_id: str, username: str, sub: str) -> None:
    """
    Tell every app at which the user is signed in; before the grants go.

    Without ``sid``, which means all sessions of the user (Back-Channel Logout section 2.4), but to an app that asked
    for it.
    """
    found = await store.list_of_user(tx, pool_id, username)
    found += [(each.client_id, each.sid) for each in await store.take_apps_of(tx, pool_id, username)]
    for client in await _clients(tx, (client_id for client_id, _ in found)):
        if client.extended.backchannel_logout_uri is None:
            continue
        sids = {sid for client_id, sid in found if client_id == client.id}
        named = sids - {None} if client.extended.backchannel_logout_session_required else {None}
        for sid in sorted(named, key=str):
            await _put(flow, tx, client, sub, sid)


async def tell_of(flow: Flow, tx: Tx, grants: Iterable[Grant]) -> None:
    """Tell the apps whose sign-ins through a browser these *grants* are."""
    through = {(each.client_id, each.sub, each.sid) for each in grants if each.sid is not None}
    of = {each.id: each for each in await _clients(tx, (client_id for client_id, _, _ in through))}
    for client_id, sub, sid in sorted(through, key=str):
        client = of.get(client_id)
        if client is not None and client.extended.backchannel_logout_uri is not None:
            await _put(flow, tx, client, sub, sid)


async def _taking_part(tx: ReadTx, session: BrowserSession, sid: str) -> tuple[list[Grant], tuple[Client, ...]]:
    """The grants of a session, and all apps in it: some have given theirs back."""
    grants = await store.list_of_session(tx, session.pool_id, session.username, sid)
    others = await store.list_apps_by_sid(tx, session.pool_id, sid)
    ids = [*(each.client_id for each in grants), *(each.client_id for each in others)]
    return grants, await _clients(tx, ids)


async def _tell(flow: Flow, tx: Tx, clients: Iterable[Client], sub: str, sid: str) -> None:
    for client in clients:
        if client.extended.backchannel_logout_uri is not None:
            await _put(flow, tx, client, sub, sid)


async def _drop_tokens(tx: Tx, grants: Iterable[Grant], clients: Iterable[Client]) -> None:
    """Those that were for as long as the user is there: of the standards' dialect, without ``offline_access``."""
    standard = {each.id for each in clients if each.extended.dialect == "openid"}
    for grant in grants:
        if grant.client_id in standard and OFFLINE not in grant.scope.split():
            await grant_store.drop_grant(tx, grant.id)


async def _forget(tx: Tx, session: BrowserSession) -> None:
    await grant_store.drop_session(tx, session.digest)
    if session.sid is not None:
        await store.drop_apps_by_sid(tx, session.pool_id, session.sid)


async def _clients(tx: ReadTx, ids: Iterable[str]) -> tuple[Client, ...]:
    found = [await client_store.find_client(tx, each) for each in sorted(set(ids))]
    return tuple(each for each in found if each is not None)


async def _put(flow: Flow, tx: Tx, client: Client, sub: str, sid: str | None) -> None:
    delivery = LogoutDelivery(
        id=uuid4(flow.entropy),
        pool_id=client.pool_id,
        client_id=client.id,
        sub=sub,
        sid=sid,
        created_ms=flow.clock.now_ms(),
        next_try_at=flow.clock.now(),
    )
    await store.put_delivery(tx, delivery)
