"""Ending what sign-ins left behind: one family of tokens, or all of a user."""

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.core.refresh import ends_family
from poolhouse.pool.core.sessions import tracking
from poolhouse.pool.flows import living, logout, notices, people, refresh_tokens, sessions
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.notices import Happened, Scene
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import attempts as attempt_store
from poolhouse.pool.store import grants as store
from poolhouse.pool.store import revoked as revoked_store

_JWT_PARTS = 3


async def revoke(flow: Flow, proven: ProvenClient, token: str, *, linked: bool = False) -> None:
    """
    Revoke a refresh token and the access tokens of its sign-in (RFC 7009; AWS API: RevokeToken).

    An unknown one, or one revoked before, is a success: what was asked for holds.  Refuses where the client has
    revocation switched off, an access or ID token of a user (see ``_revoke_signed``), and another client's token.  The
    newest token of a family and its original end the family; one in the middle is dead already.  *linked*: with the
    SSO session that it came through.
    """
    if proven.client.settings.enable_token_revocation is False:
        raise Refused(Reason.REVOCATION_DISABLED)
    if len(token.split(".")) == _JWT_PARTS:
        await _revoke_signed(flow, proven, token)
        return
    digest, pool, now = refresh_tokens.key(token), proven.entry.pool, flow.clock.now()

    async def unit(tx: Tx) -> None:
        record = await store.find_refresh_token(tx, digest)
        grant = None if record is None else await store.lock_grant(tx, record.grant_id)
        if record is None or grant is None:
            return
        if grant.client_id != proven.client.id:
            raise Refused(Reason.TOKEN_OF_OTHER_CLIENT, client=proven.client.id)
        if ends_family(record, await store.newest_generation(tx, grant.id)):
            await logout.give_back(tx, grant)
            if linked:
                await _end_parent(flow, tx, pool, grant, now)

    await flow.database.write(unit)


async def _revoke_signed(flow: Flow, proven: ProvenClient, token: str) -> None:
    """
    Revoke an access token by itself: one of the client's own, or where the client speaks ``openid`` any of its own.

    The service takes refresh tokens only; its clients are told so.  A user's access token lives by its grant, which
    ends with it (RFC 7009 section 2.1).  An expired one is a success.
    """
    entry = proven.entry
    try:
        claims, client = await living.read(flow, entry, token, "access")
    except Refused as no:
        if no.reason is Reason.ACCESS_TOKEN_EXPIRED:
            return
        raise Refused(Reason.TOKEN_TYPE_UNSUPPORTED) from no
    machine = living.is_machine(claims)
    if not machine and proven.client.extended.dialect != "openid":
        raise Refused(Reason.TOKEN_TYPE_UNSUPPORTED)
    if client.id != proven.client.id:
        raise Refused(Reason.TOKEN_OF_OTHER_CLIENT, client=proven.client.id)

    async def unit(tx: Tx) -> None:
        if machine:
            await revoked_store.revoke_token(tx, entry.pool.id, str(claims["jti"]), int(claims["exp"]))
            return
        grant = await store.find_by_event(tx, str(claims.get("event_id", "")))
        if grant is not None and grant.client_id != proven.client.id:
            # It was exchanged: the sign-in is another app's.
            raise Refused(Reason.TOKEN_TYPE_UNSUPPORTED)
        if grant is not None:
            await logout.give_back(tx, grant)

    await flow.database.write(unit)


async def _end_parent(flow: Flow, tx: Tx, pool: Pool, grant: Grant, now: int) -> None:
    sso_id = None if grant.tracked is None else grant.tracked.sso_id
    if sso_id is not None and tracking(pool).enabled:
        await sessions.drop_sso(flow, tx, pool, grant.username, sso_id, now)


async def everywhere(flow: Flow, user: User, *, scene: Scene | None = None) -> None:
    """
    Revoke every token of the user, every code that waits to be redeemed and every sign-in under way.

    AWS API: GlobalSignOut.  A browser that is signed in at the pool's pages stays so, as the service has it: only
    /logout ends that.
    """
    entry = await flow.directory.find_pool(user.pool_id)
    if entry is None:
        return
    pool, now_ms = entry.pool, flow.clock.now_ms()

    async def unit(tx: Tx) -> None:
        await everywhere_in(flow, tx, pool, user, now_ms)
        await notices.tell(flow, tx, scene, user, Happened.SIGNED_OUT)

    await flow.database.write(unit)


async def everywhere_in(flow: Flow, tx: Tx, pool: Pool, user: User, now_ms: int) -> None:
    """``everywhere`` as a part of a larger unit."""
    # The user first: whoever writes a token holds the user's row, and either comes before this or sees it.
    await people.change_in(tx, pool, user, people.next_epoch, now_ms)
    await logout.tell_all(flow, tx, pool.id, user.username, user.sub)
    await store.drop_grants_of(tx, user.pool_id, user.username)
    await attempt_store.drop_attempts_of(tx, user.pool_id, user.username)
