"""
GetDerivedToken: a token is exchanged for a narrower one (RFC 8693).

The derived token belongs to the sign-in of its subject: it carries that grant's ``event_id``, so whatever revokes the
subject token revokes it too, and it ends no later than its subject does.  It can have no scope that the subject lacks.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from poolhouse.pool.core import possession
from poolhouse.pool.core.settings import auth_flows
from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import issue, living, token_hook
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.living import Living
from poolhouse.pool.model.binding import UNBOUND
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.spec.errors import Reason, invalid_parameter, not_authorized

ACCESS: Final = "ACCESS_TOKEN"
IDENTITY: Final = "ID_TOKEN"
ACTORS: Final = 5
"""Parties that may act one for the other.  Ours: a token is not to grow with each exchange."""
_USE: Final = {ACCESS: "access", IDENTITY: "id"}


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """A token that somebody presents, and what he says it is."""

    token: str
    kind: str

    def __repr__(self) -> str:
        return f"Presented({self.kind})"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: *kind* of token, scopes (None: those of the subject), and at most one audience or resource."""

    kind: str = ACCESS
    scopes: tuple[str, ...] | None = None
    audience: str | None = None
    resource: str | None = None


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """The issued token; *scopes* is None for an ID token, which has none."""

    token: str
    kind: str
    expires_in: int
    scopes: tuple[str, ...] | None

    def __repr__(self) -> str:
        return f"Derived({self.kind})"


async def exchange(
    flow: Flow, proven: ProvenClient, subject: Presented, actor: Presented | None, wanted: Wanted
) -> Derived:
    """
    AWS API: GetDerivedToken.

    Refuses tokens of other pools, expired and revoked ones, one kind presented as the other, a user who is disabled,
    a client without the flow for it, and scopes of which none is left.
    """
    entry, client = proven.entry, proven.client
    needs = auth_flows.IMPERSONATION if actor is None else auth_flows.DELEGATION
    if needs not in auth_flows.enabled_flows(client.settings):
        raise Refused(Reason.FLOW_NOT_ENABLED)
    audience = await _audience(flow, entry, wanted)
    found = await _open(flow, entry, subject, "subject")
    user, grant = found.user, found.grant
    if user is None or grant is None:
        raise not_authorized("The subject token is not a user's.")
    acting = await _acting(flow, entry, found.claims, actor)
    scopes = _scopes(proven, grant, subject.kind, found.claims, wanted)
    minted = await issue.derived(
        flow,
        entry,
        client,
        user,
        msgspec.structs.replace(
            grant,
            nonce=None,
            resource=None,
            scope=" ".join(_held(grant, subject.kind, found.claims)),
            terms=possession.with_binding(grant.terms, proven.binding),
        ),
        identity=wanted.kind == IDENTITY,
        scopes=scopes,
        audience=audience,
        act=acting,
        not_after=int(found.claims["exp"]),
    )
    if token_hook.configured(entry.pool)[0] is not None:
        # A trigger takes its time: what was revoked meanwhile gives no token.
        await _open(flow, entry, subject, "subject")
    return Derived(
        token=minted.token,
        kind=wanted.kind,
        expires_in=minted.expires_in,
        scopes=None if wanted.kind == IDENTITY else minted.scopes,
    )


def _held(grant: Grant, kind: str, claims: Mapping[str, Any]) -> tuple[str, ...]:
    """
    The scopes of a subject token.

    An ID token has none of its own: those of its sign-in stand for it, without the one that opens the user's account
    to whoever holds the token, since an ID token is shown to others as a proof of who somebody is.
    """
    if kind == ACCESS:
        return tuple(str(claims.get("scope", "")).split())
    return tuple(scope for scope in grant.scope.split() if scope != ADMIN_SCOPE)


def _scopes(
    proven: ProvenClient, grant: Grant, kind: str, claims: Mapping[str, Any], wanted: Wanted
) -> tuple[str, ...]:
    """What is requested, what the subject has, and what the client may have: the scopes that are in all three."""
    held = _held(grant, kind, claims)
    if wanted.kind == IDENTITY:
        opens = "openid" if grant.hosted else ADMIN_SCOPE
        if kind == ACCESS and opens not in held:
            raise not_authorized("The subject token does not stand for an ID token.")
        return ()
    allowed = proven.client.settings.allowed_o_auth_scopes or ()
    asked = held if wanted.scopes is None else tuple(dict.fromkeys(wanted.scopes))
    granted = tuple(scope for scope in asked if scope in held and scope in allowed)
    if wanted.scopes and not granted:
        raise invalid_parameter(f"Invalid scope requested: {' '.join(wanted.scopes)}")
    return granted


async def _audience(flow: Flow, entry: PoolEntry, wanted: Wanted) -> str | None:
    """
    The ``aud`` of the token, which must be something of this pool.

    Ours: a resource is the identifier of a resource server; an audience may be its name, too, or the id of an app
    client.  An audience that nobody registered would be accepted by whoever happens to have that name.
    """
    servers = entry.resource_servers
    if wanted.resource is not None:
        if all(wanted.resource != server.identifier for server in servers):
            raise Refused(Reason.RESOURCE_SERVER_NOT_FOUND, identifier=wanted.resource)
        return wanted.resource
    if wanted.audience is None or any(wanted.audience in (server.identifier, server.name) for server in servers):
        return wanted.audience
    found = await flow.directory.find_client(wanted.audience)
    if found is None or found.client.pool_id != entry.pool.id:
        raise invalid_parameter(f"Invalid audience requested: {wanted.audience}")
    return wanted.audience


async def _acting(
    flow: Flow, entry: PoolEntry, subject: Mapping[str, Any], actor: Presented | None
) -> dict[str, Any] | None:
    """
    The ``act`` claim (RFC 8693 section 4.1): who acts, and within it who acted before.

    Whom the subject token names stays named when nobody new acts: an exchange must not hide anybody.
    """
    found = None if actor is None else await _open(flow, entry, actor, "actor")
    return act_of(subject, None if found is None else found.claims)


def act_of(subject: Mapping[str, Any], actor: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The claim of the claims of the subject's token and the actor's."""
    earlier = subject.get("act")
    if actor is None:
        return earlier if isinstance(earlier, dict) else None
    acting: dict[str, Any] = {"sub": str(actor["sub"])}
    if isinstance(earlier, dict):
        acting["act"] = earlier
    if _depth(acting) > ACTORS:
        raise invalid_parameter(f"No more than {ACTORS} parties can act for a user.")
    return acting


def _depth(acting: Mapping[str, Any]) -> int:
    inner = acting.get("act")
    return 1 + (_depth(inner) if isinstance(inner, dict) else 0)


async def _open(flow: Flow, entry: PoolEntry, presented: Presented, role: str) -> Living:
    """The living token of this pool that was presented; says of a dead one what became of it."""
    try:
        found = await living.find(flow, entry, presented.token, _USE[presented.kind])
        if not possession.is_held(found.claims, UNBOUND):
            # Exchanged for one that is bound to another key, or to none, it would be of use to whoever stole it.
            raise not_authorized(f"The {role} token is bound to a key.")
    except Refused as no:
        match no.reason:
            case Reason.ACCESS_TOKEN_INVALID:
                raise not_authorized(f"The {role} token is not valid.") from no
            case Reason.ACCESS_TOKEN_EXPIRED:
                raise not_authorized(f"The {role} token has expired.") from no
            case Reason.ACCESS_TOKEN_REVOKED:
                raise not_authorized(f"The {role} token has been revoked.") from no
            case _:
                raise
    return found


def read_one(values: Sequence[str] | None, name: str) -> str | None:
    """The one value of a list that may have one."""
    if not values:
        return None
    if len(values) > 1:
        raise invalid_parameter(f"{name} can have one value.")
    return values[0]
