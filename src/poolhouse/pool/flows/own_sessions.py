"""
Where a user is signed in, as the user sees it: browsers with the apps that were opened through them, and apps alone.

Of a session that the pool does not track (``sessions``) only the time of the sign-in is known.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core.client_document import host_of
from poolhouse.pool.core.sessions import tracking
from poolhouse.pool.flows import browser, logout, notices, people, sign_out
from poolhouse.pool.flows.account import Present
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.notices import Happened, Scene
from poolhouse.pool.model.grant import BrowserSession, Grant
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import grants as store
from poolhouse.pool.store import logouts as logout_store
from poolhouse.pool.store import users as user_store

_BROWSER: Final = "b-"
_APP: Final = "a-"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """
    One browser or app that is signed in.

    ``device`` and ``address`` are "" and ``active_at`` is None where they are not known.
    """

    id: str
    is_browser: bool
    is_current: bool
    device: str = ""
    address: str = ""
    began_at: int
    active_at: int | None = None
    apps: tuple[str, ...]


class _Held(msgspec.Struct, frozen=True):
    browsers: tuple[BrowserSession, ...]
    grants: tuple[Grant, ...]


async def list_places(flow: Flow, present: Present) -> list[Place]:
    """This browser first, then the last used."""
    pool, now = present.caller.entry.pool, flow.clock.now()
    held = await flow.database.read(lambda tx: _held(tx, pool, present.user, now), snapshot=True)
    # One that began with another password is over.
    browsers = [each for each in held.browsers if each.password == people.proof(present.user)]
    names = await _names(flow, (each.client_id for each in held.grants))
    living = {each.sid for each in browsers if each.sid is not None}
    found = [_browser(each, held.grants, names, is_current=_is_current(present, each)) for each in browsers]
    found += [_app(each, names) for each in held.grants if each.sid not in living]
    return sorted(found, key=lambda each: (not each.is_current, -(each.active_at or each.began_at), each.id))


async def end(flow: Flow, present: Present, place_id: str) -> None:
    """End one of them, a browser with all that came through it; the present one is signed out of, not ended so."""
    user, pool, now = present.user, present.caller.entry.pool, flow.clock.now()

    async def unit(tx: Tx) -> None:
        await user_store.lock_user(tx, pool.id, user.username)
        held = await _held(tx, pool, user, now)
        session = next((each for each in held.browsers if _id_of(each) == place_id), None)
        if session is not None:
            if _is_current(present, session):
                raise Refused(Reason.SESSION_CURRENT)
            await _end_browser(flow, tx, session, held.grants)
            return
        grant = next((each for each in held.grants if _APP + each.id == place_id), None)
        if grant is None:
            raise Refused(Reason.USER_SESSION_NOT_FOUND)
        await _end_grants(flow, tx, [grant], tells=True)

    await flow.database.write(unit)


async def end_others(flow: Flow, present: Present, *, scene: Scene | None = None) -> User:
    """
    End all but this browser and what came through it, and every sign-in under way.

    Answers the user as this has left it.
    """
    user, pool, now_ms = present.user, present.caller.entry.pool, flow.clock.now_ms()

    async def unit(tx: Tx) -> User:
        changed = await people.change_in(tx, pool, user, people.next_epoch, now_ms)
        held = await _held(tx, pool, user, now_ms // 1000)
        for session in held.browsers:
            if not _is_current(present, session):
                await _end_browser(flow, tx, session, held.grants)
        ended = {each.sid for each in held.browsers if each.sid is not None}
        await _end_grants(flow, tx, [each for each in held.grants if each.sid not in ended], tells=True)
        await store.drop_unfinished_of(tx, pool.id, user.username, present.session.sid)
        await attempt_store.drop_attempts_of(tx, pool.id, user.username)
        await notices.tell(flow, tx, scene, user, Happened.SIGNED_OUT)
        return changed

    return await flow.database.write(unit)


async def end_all(flow: Flow, present: Present, *, scene: Scene | None = None) -> None:
    """Sign out everywhere, of this browser as well."""
    user, pool, now_ms = present.user, present.caller.entry.pool, flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        await sign_out.everywhere_in(flow, tx, pool, user, now_ms)
        await store.drop_sessions_of(tx, pool.id, user.username)
        await notices.tell(flow, tx, scene, user, Happened.SIGNED_OUT)

    await flow.database.write(unit)


async def _held(tx: ReadTx, pool: Pool, user: User, now: int) -> _Held:
    browsers = await logout_store.list_sessions(tx, user.pool_id, user.username)
    grants = await store.list_grants_of(tx, user.pool_id, user.username)
    hour = not tracking(pool).enabled
    return _Held(
        tuple(
            each
            for each in browsers
            if each.sub == user.sub
            and each.expires_at > now
            and not (hour and now >= each.auth_time + browser.SESSION_SECONDS)
        ),
        tuple(each for each in grants if each.sub == user.sub and each.expires_at > now),
    )


async def _end_browser(flow: Flow, tx: Tx, session: BrowserSession, grants: Iterable[Grant]) -> None:
    through = [each for each in grants if session.sid is not None and each.sid == session.sid]
    # Grants are held before the browser's session, as by whoever refreshes one; its end tells the apps.
    for each in through:
        await store.lock_grant(tx, each.id)
    await logout.end_in(flow, tx, session)
    await _end_grants(flow, tx, through, tells=False)


async def _end_grants(flow: Flow, tx: Tx, grants: list[Grant], *, tells: bool) -> None:
    for each in grants:
        await store.lock_grant(tx, each.id)
    if tells:
        await logout.tell_of(flow, tx, grants)
    for each in grants:
        await store.drop_grant(tx, each.id)


def _id_of(session: BrowserSession) -> str:
    return _BROWSER + (session.sid or session.digest.hex())


def _is_current(present: Present, session: BrowserSession) -> bool:
    return session.digest == present.session.digest


async def _names(flow: Flow, client_ids: Iterable[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for client_id in set(client_ids):
        known = await flow.directory.find_client(client_id)
        found[client_id] = (known.client.settings.client_name or "") if known else host_of(client_id)
    return found


def _browser(session: BrowserSession, grants: Iterable[Grant], names: Mapping[str, str], *, is_current: bool) -> Place:
    through = {names[each.client_id] for each in grants if session.sid is not None and each.sid == session.sid}
    known = session.tracked
    return Place(
        id=_id_of(session),
        is_browser=True,
        is_current=is_current,
        device=known.device if known else "",
        address=known.address if known else "",
        began_at=known.created_ms // 1000 if known else session.auth_time,
        active_at=known.active_ms // 1000 if known else None,
        apps=tuple(sorted(filter(None, through))),
    )


def _app(grant: Grant, names: Mapping[str, str]) -> Place:
    known = grant.tracked
    return Place(
        id=_APP + grant.id,
        is_browser=False,
        is_current=False,
        device=known.device if known else "",
        address=known.address if known else "",
        began_at=known.created_ms // 1000 if known else grant.auth_time,
        active_at=known.active_ms // 1000 if known else None,
        apps=(names[grant.client_id],),
    )
