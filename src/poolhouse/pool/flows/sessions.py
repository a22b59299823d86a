"""
Sessions of users, where a pool tracks them: each grant is a token session, each signed-in browser an SSO session.

Whoever adds a session holds the user's row, so that of parallel sign-ins each sees those before it.
"""

from typing import Final

import msgspec

from poolhouse.kit.agent import describe
from poolhouse.kit.ambient import letters
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import sessions as core
from poolhouse.pool.flows import logout, people
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.model.grant import BrowserSession, Grant
from poolhouse.pool.model.origin import Origin
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.session import Tracked
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import sessions as store
from poolhouse.pool.store import users as user_store
from poolhouse.pool.store.users import State

TOKEN: Final = "tkn"  # noqa: S105 (the beginning of an id)
SSO: Final = "sso"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One session as it is listed."""

    tracked: Tracked
    client_id: str

    @property
    def is_sso(self) -> bool:
        return self.tracked.id.startswith(SSO)


def begun(
    flow: Flow, pool: Pool, origin: Origin, kind: str, *, sso_id: str | None = None, client_id: str = ""
) -> Tracked | None:
    """What is known of a session that begins now; None where the pool does not track sessions."""
    if not core.tracking(pool).enabled:
        return None
    now_ms = flow.clock.now_ms()
    return Tracked(
        id=kind + letters(flow.entropy, core.LETTERS, core.ALPHABET),
        created_ms=now_ms,
        active_ms=now_ms,
        device=describe(origin.agent),
        address=origin.address,
        sso_id=sso_id,
        client_id=client_id,
    )


async def longest_seconds(flow: Flow, pool: Pool) -> int:
    """How long a browser's session may be of use to any client of the pool."""
    return 60 * await flow.database.read(lambda tx: store.longest_reuse(tx, pool.id, core.REUSE_MINUTES))


async def hold_user(tx: Tx, pool: Pool, username: str) -> User | None:
    """The user's row for a unit that adds a session: alone where sessions are counted."""
    hold = user_store.lock_user if core.tracking(pool).enabled else user_store.hold_user
    return await hold(tx, pool.id, username)


async def hold_state(tx: Tx, pool: Pool, username: str) -> State | None:
    """Hold the user's row likewise; what has become of the user."""
    return await user_store.hold_state(tx, pool.id, username, alone=core.tracking(pool).enabled)


async def hold_enabled(tx: Tx, pool: Pool, username: str, sub: str | None) -> bool:
    """Hold the user's row likewise; whether the user (of this *sub*) is there and enabled."""
    if sub is not None:
        return await user_store.hold_enabled(tx, pool.id, sub, alone=core.tracking(pool).enabled) == username
    held = await hold_state(tx, pool, username)
    return held is not None and held.enabled


async def admit(flow: Flow, tx: Tx, pool: Pool, grant: Grant) -> None:
    """Write the grant, after those that it pushes out, whose apps are told (MaxPerUser); the user's row is held."""
    now = flow.clock.now()
    tracking = core.tracking(pool)
    if tracking.enabled and grant.tracked is not None:
        held = await store.list_token_sessions(tx, pool.id, grant.username, now)
        superfluous = core.superfluous(held, tracking.max_per_user)
        await logout.tell_of(flow, tx, superfluous)
        for each in superfluous:
            await grant_store.drop_grant(tx, each.id)
        if grant.tracked.sso_id is not None:
            await note_sso(tx, pool, grant.username, grant.tracked.sso_id, grant.tracked, now)
    await grant_store.put_grant(tx, grant)


async def note_refresh(flow: Flow, tx: Tx, pool: Pool, grant: Grant, origin: Origin, *, rotates: bool) -> None:
    """A token session was refreshed; one that has ended meanwhile is not."""
    if grant.tracked is None:
        return
    used = _used(flow, grant.tracked, origin)
    if not await store.note_token_use(tx, grant.id, used):
        raise Refused(Reason.REFRESH_TOKEN_REVOKED)
    if rotates and used.sso_id is not None:
        await note_sso(tx, pool, grant.username, used.sso_id, used, flow.clock.now())


async def note_sso(tx: Tx, pool: Pool, username: str, sso_id: str, use: Tracked, now: int) -> None:
    """The SSO session was used as *use* tells, if it is still there."""
    for each in await store.list_sso_sessions(tx, pool.id, username, now):
        if each.tracked is not None and each.tracked.id == sso_id:
            known = msgspec.structs.replace(
                each.tracked, active_ms=use.active_ms, device=use.device, address=use.address
            )
            await store.note_sso_use(tx, each.digest, known)


def _used(flow: Flow, tracked: Tracked, origin: Origin) -> Tracked:
    return msgspec.structs.replace(
        tracked, active_ms=flow.clock.now_ms(), device=describe(origin.agent), address=origin.address
    )


def require_tracking(pool: Pool) -> None:
    if not core.tracking(pool).enabled:
        raise Refused(Reason.SESSION_TRACKING_OFF)


async def list_all(flow: Flow, pool: Pool, user: User) -> list[Session]:
    """The user's sessions that can still be used, the last used first."""
    require_tracking(pool)
    now = flow.clock.now()

    async def read(tx: ReadTx) -> tuple[list[Grant], list[BrowserSession]]:
        tokens = await store.list_token_sessions(tx, pool.id, user.username, now)
        return tokens, await store.list_sso_sessions(tx, pool.id, user.username, now)

    tokens, browsers = await flow.database.read(read, snapshot=True)
    found = [Session(tracked=each.tracked, client_id=each.client_id) for each in tokens if each.tracked is not None]
    found += [
        Session(tracked=each.tracked, client_id=each.tracked.client_id)
        for each in browsers
        # One that began with another password is over.
        if each.tracked is not None and each.password == people.proof(user)
    ]
    return sorted(found, key=lambda each: (-each.tracked.active_ms, each.tracked.id))


async def revoke(flow: Flow, pool: Pool, user: User, session_id: str, *, linked: bool, current: str = "") -> None:
    """
    End a session at once; *linked*: with the SSO session it came through, or the token sessions that came through it.

    AWS API: AdminRevokeUserSession, RevokeUserSession.  The *current* session of the caller is not ended so.
    """
    require_tracking(pool)
    if session_id == current:
        raise Refused(Reason.SESSION_CURRENT)
    now = flow.clock.now()

    async def unit(tx: Tx) -> None:
        # The user first: a token session that is being written comes before this, or finds its code gone.
        await user_store.lock_user(tx, pool.id, user.username)
        tokens = await store.list_token_sessions(tx, pool.id, user.username, now)
        is_sso = session_id.startswith(SSO)
        ended = [each for each in tokens if each.tracked and _is_ended(each.tracked, session_id, linked=linked)]
        if not is_sso and not ended:
            raise Refused(Reason.USER_SESSION_NOT_FOUND)
        parent = ended[0].tracked.sso_id if linked and ended and ended[0].tracked else None
        sso_id = session_id if is_sso else parent
        # Grants are held before the browser's session, as by whoever refreshes one.
        for each in ended:
            await grant_store.lock_grant(tx, each.id)
        found = sso_id is not None and await drop_sso(flow, tx, pool, user.username, sso_id, now)
        for each in ended:
            # Once: apps that came through the browser's session were told by its end.
            if not (found and each.tracked and each.tracked.sso_id == sso_id):
                await logout.tell_of(flow, tx, [each])
            await grant_store.drop_grant(tx, each.id)
        if is_sso and not found:
            raise Refused(Reason.USER_SESSION_NOT_FOUND)

    await flow.database.write(unit)


def _is_ended(tracked: Tracked, session_id: str, *, linked: bool) -> bool:
    """Whether a token session ends with *session_id*: it is that one, or came through it."""
    return tracked.id == session_id or (linked and tracked.sso_id == session_id)


async def drop_sso(flow: Flow, tx: Tx, pool: Pool, username: str, sso_id: str, now: int) -> bool:
    """End an SSO session, and what waits to come through it; whether it was there."""
    await store.drop_codes_of(tx, pool.id, username, sso_id)
    for each in await store.list_sso_sessions(tx, pool.id, username, now):
        if each.tracked is not None and each.tracked.id == sso_id:
            await logout.end_in(flow, tx, each)
            return True
    return False
