"""
What an access or ID token still stands for.

A signature and a date are not enough: a user's token lives as long as its grant and its user do, a client's own until
it is revoked or the client is deleted.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.jose import InvalidToken
from poolhouse.pool.flows import client_documents
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import grants as grant_store
from poolhouse.pool.store import revoked as revoked_store
from poolhouse.pool.store import users as user_store


class Living(msgspec.Struct, frozen=True, kw_only=True):
    """A living token: its claims and client, and its user and sign-in; both None for a token of the client itself."""

    claims: Mapping[str, Any]
    client: Client
    user: User | None = None
    grant: Grant | None = None


async def find(flow: Flow, entry: PoolEntry, token: str, use: str = "access") -> Living:
    """
    The living token of this pool; *use* is "access" or "id".

    Refuses with ACCESS_TOKEN_INVALID what the pool did not sign for this use, and then one that is expired, revoked, of
    a user who is gone (USER_NOT_FOUND) or disabled.
    """
    claims, client = await read(flow, entry, token, use)
    if is_machine(claims):

        async def is_revoked(tx: ReadTx) -> bool:
            return await revoked_store.is_token_revoked(tx, entry.pool.id, str(claims.get("jti", "")))

        if await flow.database.read(is_revoked):
            raise Refused(Reason.ACCESS_TOKEN_REVOKED)
        return Living(claims=claims, client=client)

    async def look(tx: ReadTx) -> tuple[Grant | None, User | None]:
        return await of_event(tx, entry, claims)

    grant, user = await flow.database.read(look, snapshot=True)
    if grant is None or grant.pool_id != entry.pool.id:
        raise Refused(Reason.ACCESS_TOKEN_REVOKED)
    if user is None or grant.username != user.username:
        raise Refused(Reason.USER_NOT_FOUND)
    if not user.enabled:
        raise Refused(Reason.USER_DISABLED)
    return Living(claims=claims, client=client, user=user, grant=grant)


async def of_event(tx: ReadTx, entry: PoolEntry, claims: Mapping[str, Any]) -> tuple[Grant | None, User | None]:
    """
    The sign-in of a token and whose it is.

    By the grant, and not by ``sub``: that may be a name that only one sector knows the user by (``core.subjects``).
    """
    grant = await grant_store.find_by_event(tx, str(claims.get("event_id", "")))
    return grant, None if grant is None else await user_store.find_by_sub(tx, entry.pool.id, grant.sub)


async def read(flow: Flow, entry: PoolEntry, token: str, use: str) -> tuple[Mapping[str, Any], Client]:
    """The claims of a token that the pool signed for *use* and that has not expired, and its client."""
    try:
        claims = entry.verifier.verify(token)
    except InvalidToken as wrong:
        raise Refused(Reason.ACCESS_TOKEN_INVALID) from wrong
    if claims.get("iss") != flow.config.issuer(entry.pool.id) or claims.get("token_use") != use:
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    expires = claims.get("exp")
    if not isinstance(expires, int) or expires <= flow.clock.now():
        raise Refused(Reason.ACCESS_TOKEN_EXPIRED)
    client_id = claims.get("client_id") if use == "access" else claims.get("azp") or claims.get("aud")
    found = await client_documents.find_known(flow, entry, client_id) if isinstance(client_id, str) else None
    if found is None:
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    return claims, found.client


def concerns(client: Client, found: Living) -> bool:
    """
    Whether a token is the client's own, or meant for it: by its audience, or by a scope of one of its ``resources``.

    Such clients may ask about it, and exchange it.
    """
    if found.client.id == client.id:
        return True
    audience = found.claims.get("aud", ())
    named = {audience} if isinstance(audience, str) else set(audience)
    named |= {scope.rpartition("/")[0] for scope in str(found.claims.get("scope", "")).split()}
    return not named.isdisjoint({client.id, *client.extended.resources})


def is_machine(claims: Mapping[str, Any]) -> bool:
    """Whether the token is of a client itself (RFC 6749 section 4.4): it belongs to no sign-in."""
    return "event_id" not in claims and claims.get("sub") == claims.get("client_id")
