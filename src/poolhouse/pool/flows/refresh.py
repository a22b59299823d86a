"""
Redeeming a refresh token, for the API and the token endpoint (RFC 6749 section 6).

``core.refresh`` decides: rotation, grace, reuse.  Tokens are signed before the presented one is spent, so that a busy
signer costs nobody a session; the decision is made again in the transaction that spends, under the grant's lock, so
that of any number of parallel requests exactly one replaces it (CVE-2026-1035).
"""

import hmac
from collections.abc import Mapping

import msgspec

from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.pool.core import possession
from poolhouse.pool.core.refresh import Renew, check_refresh, is_rotating
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.scopes import scope_tokens
from poolhouse.pool.flows import device_proof, issue, logout, refresh_tokens, sessions, targets, token_hook
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.model.grant import Grant, RefreshToken
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.pool import Group, Pool, PoolId
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.spec.shapes import RefreshTokenRotationType, UserPoolClientType
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import redeeming
from poolhouse.pool.store import users as user_store
from poolhouse.pool.store.redeeming import Family

_GRACE_SECONDS = 10
"""Where rotation is no choice: an answer that was lost on its way may be asked for again."""


async def renew(
    flow: Flow, proven: ProvenClient, token: str, metadata: Mapping[str, str] | None = None, *,
    device_key: str | None = None, origin: Origin = NOWHERE, resources: tuple[str, ...] = (), scope: str | None = None,
) -> Tokens:  # fmt: skip
    """
    New tokens for a refresh token of this client; with the next refresh token where the client rotates.

    *scope* asks for fewer scopes this time, in the standards' dialect: the service does not read it.
    Refuses one that is unknown, revoked, another client's, expired or used again, that of another device, and a user
    who is gone or disabled.
    """
    digest = refresh_tokens.key(token)

    async def read(tx: ReadTx) -> tuple[Family | None, list[Group]]:
        found = await _find(tx, proven, digest)
        return found, [] if found is None else await redeeming.groups_of(tx, found)

    found, groups = await flow.database.read(read)
    if found is None:
        raise await _lost(flow, proven, token, device_key)
    terms = found.grant.terms
    if not possession.may_renew(terms, proven.binding, confidential=proven.confidential):
        raise Refused(Reason.REFRESH_TOKEN_INVALID)
    decision = await _decided(flow, proven, found)
    await _check_device(flow, proven.entry.pool, found, device_key)
    if not found.user.enabled:
        raise Refused(Reason.USER_DISABLED)
    lesser = targets.narrowed(proven.entry, proven.client, _narrowed(proven, found.grant, scope), resources)
    tokens = await issue.again(
        flow,
        proven.entry,
        proven.client,
        found.user,
        possession.bound(lesser, proven.binding),
        token_hook.REFRESH if metadata is None else msgspec.structs.replace(token_hook.REFRESH, metadata=metadata),
        groups,
    )
    if decision.generation is None:
        if token_hook.configured(proven.entry.pool)[0] is not None:
            # A trigger takes its time: what was revoked meanwhile gives no tokens.
            found, _ = await flow.database.read(read)
            if found is None or not found.user.enabled:
                raise Refused(Reason.REFRESH_TOKEN_REVOKED)
        await _note_use(flow, proven.entry.pool, found.grant, origin)
        return tokens
    return msgspec.structs.replace(tokens, refresh_token=await _rotate(flow, proven, found.grant.id, digest, origin))


async def stored_username(flow: Flow, token: str) -> str | None:
    """
    Whose token this is or was: REFRESH_TOKEN_AUTH hashes the stored username, which its request does not name.

    None for a text that is no token, and for one of a user who is gone.
    """
    told = refresh_tokens.read(flow, token)

    async def read(tx: ReadTx) -> str | None:
        record = await grant_store.find_refresh_token(tx, refresh_tokens.key(token))
        grant = None if record is None else await grant_store.find_grant(tx, record.grant_id)
        if grant is not None or told is None:
            return None if grant is None else grant.username
        user = await user_store.find_by_sub(tx, PoolId(told.pool_id), told.sub)
        return None if user is None else user.username

    return await flow.database.read(read)


async def living(flow: Flow, proven: ProvenClient, token: str) -> tuple[RefreshToken, Grant, User]:
    """What a refresh token of this client stands for; refuses one that would not be renewed."""

    async def read(tx: ReadTx) -> Family | None:
        return await _find(tx, proven, refresh_tokens.key(token))

    found = await flow.database.read(read)
    if found is None:
        raise Refused(Reason.REFRESH_TOKEN_INVALID)
    _decide(flow, proven, found)
    if not found.user.enabled:
        raise Refused(Reason.USER_DISABLED)
    return found.token, found.grant, found.user


async def _lost(flow: Flow, proven: ProvenClient, token: str, device_key: str | None) -> Refused:
    """
    What became of a token of which there is no record: it is told to the client that had it, and to nobody else.

    A client that hides who exists is told of a user who is gone as of any other text; and where the pool tracks devices
    so is whoever comes without one that is known, as with a token that is there.
    """
    told = refresh_tokens.read(flow, token)
    if told is None or (told.pool_id, told.client_id) != (proven.entry.pool.id, proven.client.id):
        return Refused(Reason.REFRESH_TOKEN_INVALID)
    user = await flow.database.read(lambda tx: user_store.find_by_sub(tx, proven.entry.pool.id, told.sub))
    if user is None:
        hides = proven.client.settings.prevent_user_existence_errors == "ENABLED"
        return Refused(Reason.REFRESH_TOKEN_INVALID if hides else Reason.USER_NOT_FOUND)
    if not user.enabled:
        return Refused(Reason.USER_DISABLED)
    if device_proof.is_tracked(proven.entry.pool) and await device_proof.find(flow, user, device_key or "") is None:
        return Refused(Reason.REFRESH_TOKEN_INVALID)
    expired = flow.clock.now() >= told.expires_at
    return Refused(Reason.REFRESH_TOKEN_EXPIRED if expired else Reason.REFRESH_TOKEN_REVOKED)


async def _check_device(flow: Flow, pool: Pool, found: Family, sent: str | None) -> None:
    """
    Where the pool tracks devices, a sign-in is renewed from its own device, once that is confirmed.

    DEVIATION: a sign-in that has no device (on the pages, or before tracking) is renewed without one; the service
    renews none of those. In strict mode neither does this server.
    """
    own = found.grant.device_key
    if not device_proof.is_tracked(pool) or (own is None and not flow.config.strict):
        if sent != own:
            await device_proof.known(flow, found.user, sent)
        return
    same = own is not None and sent is not None and hmac.compare_digest(own.encode(), sent.encode())
    if not same or await device_proof.find(flow, found.user, own or "") is None:
        raise Refused(Reason.REFRESH_TOKEN_INVALID)


async def _note_use(flow: Flow, pool: Pool, grant: Grant, origin: Origin) -> None:
    """Only a tracked session costs a write here."""
    if grant.tracked is None:
        return

    async def unit(tx: Tx) -> None:
        await sessions.note_refresh(flow, tx, pool, grant, origin, rotates=False)

    await flow.database.write(unit)


async def _rotate(flow: Flow, proven: ProvenClient, grant_id: str, digest: bytes, origin: Origin) -> str:
    now = flow.clock.now()

    async def unit(tx: Tx) -> str:
        grant = await grant_store.lock_grant(tx, grant_id)
        found = None if grant is None else await _find(tx, proven, digest)
        if found is None:
            raise Refused(Reason.REFRESH_TOKEN_REVOKED)
        decision = _decide(flow, proven, found)
        if decision.generation is None:
            raise Refused(Reason.BUSY)
        if decision.spends and not await grant_store.spend_refresh_token(tx, digest, now):
            raise Refused(Reason.REFRESH_TOKEN_REUSED)
        following, record = refresh_tokens.mint(
            flow, found.grant, generation=decision.generation, expires_at=decision.expires_at
        )
        await grant_store.put_refresh_token(tx, record)
        await sessions.note_refresh(flow, tx, proven.entry.pool, found.grant, origin, rotates=True)
        return following

    return await flow.database.write(unit)


async def _find(tx: ReadTx, proven: ProvenClient, digest: bytes) -> Family | None:
    """The token with its family, if it is this client's; else it is as unknown as any other text."""
    found = await redeeming.find_family(tx, digest)
    if found is None:
        return None
    grant = found.grant
    return found if grant.client_id == proven.client.id and grant.pool_id == proven.entry.pool.id else None


async def _decided(flow: Flow, proven: ProvenClient, found: Family) -> Renew:
    """
    The decision; in the standards' dialect a token that comes again ends its family (RFC 9700 section 4.14.2).

    One of two that have it is not the app, and nobody knows which.  Parallel requests of the app itself are not meant:
    whichever is too late for the one that was served is merely refused.
    """
    try:
        return _decide(flow, proven, found)
    except Refused as no:
        if no.reason is Reason.REFRESH_TOKEN_REUSED and proven.client.extended.dialect == "openid":
            await flow.database.write(lambda tx: logout.give_back(tx, found.grant))
        raise


def _decide(flow: Flow, proven: ProvenClient, found: Family) -> Renew:
    decision = check_refresh(
        found.token, newest_generation=found.newest, client=_settings(proven, found.grant), now=flow.clock.now()
    )
    if isinstance(decision, Refusal):
        stop(decision)
    return decision


def _settings(proven: ProvenClient, grant: Grant) -> UserPoolClientType:
    """
    The client's settings, with rotation where it is no choice.

    Refresh tokens of public clients rotate unless a key holds them (OAuth 2.1 section 4.3.1); the service leaves it to
    the client's settings, and so do clients of its dialect.
    """
    settings = proven.client.settings
    is_standard = proven.client.extended.dialect == "openid"
    if proven.confidential or not is_standard or is_rotating(settings) or possession.binding_of(grant.terms).claim:
        return settings
    rotation = RefreshTokenRotationType(feature="ENABLED", retry_grace_period_seconds=_GRACE_SECONDS)
    return msgspec.structs.replace(settings, refresh_token_rotation=rotation)


def _narrowed(proven: ProvenClient, grant: Grant, scope: str | None) -> Grant:
    """The grant for fewer scopes (RFC 6749 section 6); the refresh token itself keeps all it had."""
    if scope is None or proven.client.extended.dialect != "openid":
        return grant
    wanted = scope_tokens(scope)
    if not wanted or not set(wanted) <= set(grant.scope.split()):
        raise Refused(Reason.SCOPE_INVALID)
    return msgspec.structs.replace(grant, scope=" ".join(wanted))
