"""
Token exchange at the token endpoint (RFC 8693): an access token of a user for one that is good for less.

``flows.exchange`` has the rules that it shares with the service's operation: the new token belongs to the sign-in of
its subject, ends no later and dies with it.  Ours, beyond those: a confidential client exchanges tokens that are its
own or were meant for it; one that somebody else was given is nothing that it may go on with.
"""

from typing import Final

import msgspec

from poolhouse.pool.core import possession
from poolhouse.pool.core import targets as core
from poolhouse.pool.core.scopes import scope_tokens
from poolhouse.pool.flows import exchange as rules
from poolhouse.pool.flows import issue, living, token_hook
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.context import Flow, NotGranted, Refused
from poolhouse.pool.flows.issue import Tokens
from poolhouse.pool.flows.living import Living
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.spec.errors import CognitoError, Reason

GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (a name)
SCOPE_LIMIT: Final = 8_192


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: scopes (None: what can be had) and targets (none: those of the subject)."""

    scope: str | None = None
    targets: tuple[str, ...] = ()


def is_allowed(proven: ProvenClient) -> bool:
    """Whether the client was given the grant and proves itself: as a public one, anybody could use what he found."""
    return proven.confidential and GRANT in proven.client.extended.extra_grants


async def exchange(flow: Flow, proven: ProvenClient, subject: str, actor: str | None, wanted: Wanted) -> Tokens:
    """
    One access token; it cannot be refreshed.

    Refuses as RFC 8693 section 2.2.2 says: ``invalid_request`` for a token that is dead, foreign or not this client's
    to exchange, ``invalid_target``, and ``invalid_scope`` for more than the subject or the client has.
    """
    entry, client = proven.entry, proven.client
    found = await _open(flow, proven, subject, "subject")
    user, grant = found.user, found.grant
    if user is None or grant is None:
        raise NotGranted("invalid_request", "The subject token is not a user's.")
    acting = None if actor is None else await _open(flow, proven, actor, "actor")
    minted = await issue.derived(
        flow,
        entry,
        client,
        user,
        _rebound(proven, grant),
        identity=False,
        scopes=_scopes(proven, found, wanted),
        audience=_audience(proven, found, wanted),
        act=_act(found, acting),
        not_after=int(found.claims["exp"]),
    )
    if token_hook.configured(entry.pool)[0] is not None:
        # A trigger takes its time: what was revoked meanwhile gives no token.
        await _open(flow, proven, subject, "subject")
    return Tokens(
        access_token=minted.token,
        expires_in=minted.expires_in,
        scope=" ".join(minted.scopes),
        issued_token_type=ACCESS_TOKEN,
    )


async def _open(flow: Flow, proven: ProvenClient, token: str, role: str) -> Living:
    try:
        found = await living.find(flow, proven.entry, token)
    except Refused as no:
        raise NotGranted("invalid_request", f"The {role} token is not valid.") from no
    if not possession.is_held(found.claims, proven.binding):
        # Exchanged for one that is bound to another key, or to none, it would be of use to whoever stole it.
        raise NotGranted("invalid_request", f"The {role} token is bound to a key that was not shown.")
    if not living.concerns(proven.client, found):
        raise NotGranted("invalid_request", f"The {role} token is not for this client.")
    return found


def _act(subject: Living, acting: Living | None) -> dict[str, object] | None:
    try:
        return rules.act_of(subject.claims, None if acting is None else acting.claims)
    except CognitoError as no:
        raise NotGranted("invalid_request", no.message) from no


def _scopes(proven: ProvenClient, subject: Living, wanted: Wanted) -> tuple[str, ...]:
    """Scopes are only ever left out: what the subject has, the client may have, and was asked for."""
    allowed = proven.client.settings.allowed_o_auth_scopes or ()
    open_to_it = [scope for scope in str(subject.claims.get("scope", "")).split() if scope in allowed]
    if wanted.scope is not None and len(wanted.scope) > SCOPE_LIMIT:
        raise Refused(Reason.SCOPE_INVALID, scope="")
    granted = tuple(open_to_it) if wanted.scope is None else scope_tokens(wanted.scope)
    if not granted or not set(granted) <= set(open_to_it):
        raise Refused(Reason.SCOPE_INVALID, scope="")
    return granted


def _audience(proven: ProvenClient, subject: Living, wanted: Wanted) -> str | list[str] | None:
    """
    What the token is for: something that the pool or the client knows, or the client itself.

    Without a word about it that stays what it was: an exchange does not take bounds away.
    """
    if not wanted.targets:
        held = subject.claims.get("aud")
        return held if isinstance(held, str | list) else None
    unique = tuple(dict.fromkeys(wanted.targets))
    servers = {proven.client.id, *(each.identifier for each in proven.entry.resource_servers)}
    if not core.are_known(unique, servers, proven.client):
        raise NotGranted("invalid_target")
    return core.audience(unique)


def _rebound(proven: ProvenClient, grant: Grant) -> Grant:
    """The sign-in with this client's key in the place of the first token's, and without its nonce and targets."""
    terms = grant.terms
    if terms is not None:
        terms = msgspec.structs.replace(terms, resources=())
    bound = possession.with_binding(terms, proven.binding)
    return msgspec.structs.replace(grant, nonce=None, resource=None, terms=bound)
