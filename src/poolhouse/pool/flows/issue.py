"""
The only place where tokens are minted.

The claims come from ``core.tokens``; signing runs in the signer's threads; the grant and the refresh token are
written before anything is returned, so no token exists that cannot be revoked.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.ambient import mark, uuid4, uuid7
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.jose import RS256, TOKEN_LIMIT, SigningKey, left_half
from poolhouse.pool.core import possession
from poolhouse.pool.core import token_changes as changed
from poolhouse.pool.core import tokens as core
from poolhouse.pool.flows import hooks, keys, people, refresh_tokens, sessions, token_hook
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.token_hook import Moment
from poolhouse.pool.model.binding import UNBOUND, Binding
from poolhouse.pool.model.device import Device, NewDevice
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.openid import GrantTerms
from poolhouse.pool.model.origin import NOWHERE, Origin
from poolhouse.pool.model.pool import Client, Group
from poolhouse.pool.model.session import Tracked
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import devices as device_store
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import groups as group_store


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a sign-in or a refresh gives; ``expires_in`` is the access token's, in seconds.

    ``issued_token_type`` is what an exchange gives (RFC 8693 section 2.2.1), else None.
    """

    access_token: str
    id_token: str | None = None
    refresh_token: str | None = None
    expires_in: int
    scope: str
    issued_token_type: str | None = None
    new_device: NewDevice | None = None

    def __repr__(self) -> str:
        return "Tokens(***)"


def new_grant(
    flow: Flow, client: Client, user: User, *, scope: str, hosted: bool, auth_time: int, amr: tuple[str, ...],
    nonce: str | None = None, resource: str | None = None, grant_id: str | None = None,
    tracked: Tracked | None = None, terms: GrantTerms | None = None, sid: str | None = None,
) -> Grant:  # fmt: skip
    """A grant that starts now; *grant_id* when an authorization code promised it already."""
    now_ms = flow.clock.now_ms()
    return Grant(
        id=grant_id or uuid7(flow.entropy, now_ms),
        pool_id=client.pool_id,
        client_id=client.id,
        username=user.username,
        sub=user.sub,
        event_id=uuid7(flow.entropy, now_ms),
        auth_time=auth_time,
        scope=scope,
        hosted=hosted,
        nonce=nonce,
        resource=resource,
        amr=amr,
        tracked=tracked,
        terms=terms,
        sid=sid,
        expires_at=flow.clock.now() + core.lifetime(client, "refresh"),
    )


async def start(
    flow: Flow, entry: PoolEntry, client: Client, user: User, grant: Grant, moment: Moment = token_hook.SIGN_IN, *,
    device: Device | None = None, origin: Origin = NOWHERE,
) -> Tokens:  # fmt: skip
    """
    First tokens of a grant, with a refresh token; for a sign-in of *origin*, from a known *device*.

    Refuses when what was proved of *user* holds no more: see ``people.is_same``.
    """
    groups = await _groups_of(flow, user)
    tokens = await sign(flow, entry, client, user, groups, grant, moment)
    token, record = refresh_tokens.mint(flow, grant, generation=0)

    async def unit(tx: Tx) -> None:
        if not people.is_same(user, await sessions.hold_user(tx, entry.pool, user.username)):
            raise Refused(Reason.SESSION_INVALID)
        if device is not None and not await device_store.note_use(
            tx, device, address=origin.address, at=grant.auth_time
        ):
            raise Refused(Reason.DEVICE_NOT_FOUND)
        await sessions.admit(flow, tx, entry.pool, grant)
        await grant_store.put_refresh_token(tx, record)

    await flow.database.write(unit)
    return msgspec.structs.replace(tokens, refresh_token=token)


async def again(
    flow: Flow, entry: PoolEntry, client: Client, user: User, grant: Grant, moment: Moment,
    groups: list[Group] | None = None,
) -> Tokens:  # fmt: skip
    """New tokens of a living grant: attributes and *groups* as they were just read, ``auth_time`` stays."""
    if groups is None:
        groups = await _groups_of(flow, user)
    return await sign(flow, entry, client, user, groups, grant, moment)


async def sign(
    flow: Flow, entry: PoolEntry, client: Client, user: User, groups: list[Group], grant: Grant, moment: Moment
) -> Tokens:
    """Access token, and an ID token where the grant has one (API sign-in, or scope ``openid``)."""
    changes = await token_hook.of_user(flow, entry.pool, client, user, groups=groups, scope=grant.scope, moment=moment)
    now = flow.clock.now()
    issuer = flow.config.issuer(entry.pool.id)
    common: dict[str, Any] = {
        "issuer": issuer, "client": client, "user": user, "groups": groups, "grant": grant, "now": now,
        "salt": entry.salt,
    }  # fmt: skip
    access = changed.access_claims(core.access_claims(**common, jti=mark(flow.entropy)), changes, client.id)
    access |= _bound(client, possession.binding_of(grant.terms))
    access |= _addressed(client, access)
    wants_id = not grant.hosted or "openid" in grant.scope.split()
    identity = changed.identity_claims(core.id_claims(**common, jti=mark(flow.entropy)), changes) if wants_id else None
    alg, now_ms = client.extended.id_token_signed_response_alg, flow.clock.now_ms()
    access_key = _known_access_key(entry, client, now_ms) or await _access_key(flow, entry, client)
    id_key = keys.known(entry, alg, now_ms) or await keys.identity(flow, entry, alg)
    pair = await flow.signer.run(
        _sign_both, access_key, access, client.extended.access_token_typ, id_key, identity, grant.hosted
    )
    _check_size(*pair)
    return Tokens(
        access_token=pair[0],
        id_token=pair[1],
        expires_in=core.lifetime(client, "access"),
        scope=access.get("scope", ""),
    )


async def machine(
    flow: Flow, entry: PoolEntry, client: Client, scope: str, metadata: Mapping[str, str] | None = None, *,
    aims: tuple[str, ...] = (), binding: Binding = UNBOUND,
) -> Tokens:  # fmt: skip
    """An access token for the client itself (RFC 6749 section 4.4); nothing is stored."""
    changes = await token_hook.of_client(flow, entry.pool, client, scope=scope, metadata=metadata)
    claims = core.machine_claims(
        issuer=flow.config.issuer(entry.pool.id),
        client=client,
        scope=scope,
        now=flow.clock.now(),
        jti=mark(flow.entropy),
        aims=aims,
    )
    claims = changed.access_claims(claims, changes, client.id)
    claims |= _bound(client, binding)
    claims |= _addressed(client, claims)
    key = await _access_key(flow, entry, client)
    token = await flow.signer.run(key.sign, claims, client.extended.access_token_typ)
    _check_size(token)
    return Tokens(access_token=token, expires_in=core.lifetime(client, "access"), scope=claims.get("scope", ""))


class Minted(msgspec.Struct, frozen=True, kw_only=True):
    """One token by itself."""

    token: str
    expires_in: int
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        return "Minted(***)"


async def derived(
    flow: Flow, entry: PoolEntry, client: Client, user: User, grant: Grant, *,
    identity: bool, scopes: tuple[str, ...], audience: str | list[str] | None, act: dict[str, Any] | None,
    not_after: int,
) -> Minted:  # fmt: skip
    """One more token of a living grant, for *audience* (``flows.exchange``)."""
    groups = await _groups_of(flow, user)
    # No source is known for an exchange: tokens of a sign-in that was are minted again.
    changes = await token_hook.of_user(
        flow, entry.pool, client, user, groups=groups, scope=" ".join(scopes), moment=token_hook.REFRESH
    )
    now = flow.clock.now()
    common: dict[str, Any] = {
        "issuer": flow.config.issuer(entry.pool.id), "client": client, "user": user, "groups": groups, "now": now,
        "jti": uuid4(flow.entropy), "salt": entry.salt,
    }  # fmt: skip
    if identity:
        claims = changed.identity_claims(core.id_claims(grant=grant, **common), changes)
        claims |= {} if audience is None or audience == client.id else {"aud": audience, "azp": client.id}
    else:
        narrowed = msgspec.structs.replace(grant, scope=" ".join(scopes))
        claims = changed.access_claims(core.access_claims(grant=narrowed, **common), changes, client.id)
        claims |= _bound(client, possession.binding_of(grant.terms))
        claims |= {} if audience is None else {"aud": audience}
        claims |= _addressed(client, claims)
    claims |= {} if act is None else {"act": act}
    claims["exp"] = min(claims["exp"], not_after)
    alg = client.extended.id_token_signed_response_alg
    key = await (keys.identity(flow, entry, alg) if identity else _access_key(flow, entry, client))
    token = await flow.signer.run(key.sign, claims, None if identity else client.extended.access_token_typ)
    _check_size(token)
    return Minted(token=token, expires_in=claims["exp"] - now, scopes=tuple(claims.get("scope", "").split()))


async def _groups_of(flow: Flow, user: User) -> list[Group]:
    async def read(tx: ReadTx) -> list[Group]:
        return await group_store.all_groups_of(tx, user.pool_id, user.username)

    return await flow.database.read(read)


def _bound(client: Client, binding: Binding) -> dict[str, Any]:
    """
    The claim that binds an access token (RFC 7800 section 3.1).

    The one place that every access token passes: a client whose tokens are to be bound never gets another one, at
    whatever endpoint it asks.
    """
    settings = client.extended
    if settings.dpop_bound_access_tokens and binding.jkt is None:
        raise Refused(Reason.BINDING_MISSING, why="a DPoP proof is needed, at the token endpoint")
    if settings.tls_client_certificate_bound_access_tokens and binding.x5t is None:
        raise Refused(Reason.BINDING_MISSING, why="a TLS certificate is needed, at the token endpoint")
    return {"cnf": binding.claim} if binding.claim else {}


def _addressed(client: Client, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The audience that RFC 9068 section 3 wants where none was asked for: we ourselves, whose UserInfo it opens."""
    return {"aud": claims["iss"]} if client.extended.access_token_typ and "aud" not in claims else {}


async def _access_key(flow: Flow, entry: PoolEntry, client: Client) -> SigningKey:
    """By RS256 the pool's key for access tokens; by another algorithm its one key for that, as of ID tokens."""
    found = _known_access_key(entry, client, flow.clock.now_ms())
    return found or await keys.identity(flow, entry, client.extended.access_token_signed_response_alg)


def _known_access_key(entry: PoolEntry, client: Client, now_ms: int) -> SigningKey | None:
    alg = client.extended.access_token_signed_response_alg
    return entry.keys.access(now_ms) if alg == RS256 else keys.known(entry, alg, now_ms)


def _check_size(*tokens: str | None) -> None:
    """A trigger may add more than any of our own endpoints would read back."""
    for token in tokens:
        if token is not None and len(token) > TOKEN_LIMIT:
            raise hooks.unrecognizable()


def _sign_both(
    access_key: SigningKey,
    access: dict[str, Any],
    typ: str | None,
    id_key: SigningKey,
    identity: dict[str, Any] | None,
    hosted: bool,
) -> tuple[str, str | None]:
    access_token = access_key.sign(access, typ)
    if identity is None:
        return access_token, None
    if hosted:
        identity["at_hash"] = left_half(access_token, id_key.alg)
    return access_token, id_key.sign(identity)
