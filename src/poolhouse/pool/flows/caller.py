"""
Who calls: proofs as types.

Only these functions, and those of ``client_assertion``, ``client_certificate`` and ``account``, make a
``ProvenClient``, an ``AccountUser`` or a ``TokenUser``; a flow that needs the proof asks for the type.
"""

import msgspec

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.kit.jose import InvalidToken, b64url_decode
from poolhouse.pool.core import possession, subjects
from poolhouse.pool.core.client_proof import HashUse, check_secret_hash, is_client_secret
from poolhouse.pool.core.proof_algorithms import KEY_METHODS
from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import client_documents, living
from poolhouse.pool.flows.context import Flow, Refused, stop
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.binding import UNBOUND, Binding
from poolhouse.pool.model.grant import Grant
from poolhouse.pool.model.pool import Client
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.errors import Reason
from poolhouse.pool.store import users as user_store


class ProvenClient(msgspec.Struct, frozen=True):
    """
    A client that has proved who it is, or has nothing to prove it by.

    *binding*: the keys that it has shown to hold besides, to which what it gets is bound.
    """

    entry: PoolEntry
    client: Client
    confidential: bool
    binding: Binding = UNBOUND


class AccountUser(msgspec.Struct, frozen=True):
    """A user who acts on the own account, by an access token or (``account.recognise``) by a browser's session."""

    entry: PoolEntry
    client: Client
    user: User


class TokenUser(AccountUser, frozen=True):
    """A user who has shown a living access token of this pool."""

    grant: Grant
    scopes: frozenset[str]


class _Unverified(msgspec.Struct):
    iss: str = ""


_peek = msgspec.json.Decoder(_Unverified)


async def client_by_hash(
    flow: Flow, client_id: str, username: str, secret_hash: str | None, use: HashUse
) -> ProvenClient:
    """A client of the JSON API, which shows SECRET_HASH over *username* as it was sent."""
    found, entry = await _client(flow, client_id)
    _check_shows_secrets(found)
    refusal = check_secret_hash(found.secrets, client_id=client_id, username=username, given=secret_hash, use=use)
    if refusal is not None:
        stop(refusal)
    return ProvenClient(entry, found.client, bool(found.secrets))


async def client_by_secret(flow: Flow, client_id: str, secret: str | None) -> ProvenClient:
    """A client of the OAuth endpoints: a confidential one must show its secret, a public one must not have any."""
    found, entry = await _client(flow, client_id)
    return by_secret(entry, found, secret)


def by_secret(entry: PoolEntry, found: ClientEntry, secret: str | None) -> ProvenClient:
    """The same for a client that has been looked up."""
    _check_shows_secrets(found)
    if found.secrets:
        if secret is None or not is_client_secret(found.secrets, secret):
            raise Refused(Reason.CLIENT_SECRET_WRONG)
    elif secret:
        raise Refused(Reason.CLIENT_SECRET_WRONG)
    return ProvenClient(entry, found.client, bool(found.secrets))


async def client_by_signature(flow: Flow, client_id: str, secret: str | None, region: str) -> ProvenClient:
    """A client for which an administrator signs, in the region of its pool; a secret that is shown must be right."""
    found, entry = await _client(flow, client_id)
    if entry.pool.region != region:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    if secret is not None and not is_client_secret(found.secrets, secret):
        raise Refused(Reason.CLIENT_SECRET_WRONG)
    return ProvenClient(entry, found.client, bool(found.secrets))


async def client_of_pool(flow: Flow, pool_id: str, client_id: str) -> tuple[PoolEntry, ClientEntry]:
    """A client named by an administrator; it must belong to the pool (AWS API: AdminInitiateAuth)."""
    entry = await flow.directory.find_pool(pool_id)
    if entry is None:
        raise Refused(Reason.POOL_NOT_FOUND, pool=pool_id)
    found = await flow.directory.find_client(client_id)
    if found is None or found.client.pool_id != pool_id:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    return entry, found


async def user_by_token(
    flow: Flow, token: str, *, scope: str | None = ADMIN_SCOPE, binding: Binding = UNBOUND
) -> TokenUser:
    """
    The user whose access token this is.

    Refuses a token that is malformed, foreign, an ID token, expired, without *scope* (None needs none), of a user who
    is gone or disabled, revoked, or bound to another key than those shown (*binding*).  The pool is looked up by the
    token's ``iss``, and that pool's keys must have signed it.  What became of the user is said before what became of
    the token, as both end with him (measured: AWS Amplify signs out on "User does not exist.", "User is disabled.").
    """
    entry, claims = await verified(flow, token, binding)
    if claims.get("token_use") != "access" or claims.get("iss") != flow.config.issuer(entry.pool.id):
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    expires = claims.get("exp")
    if not isinstance(expires, int) or expires <= flow.clock.now():
        raise Refused(Reason.ACCESS_TOKEN_EXPIRED)
    scopes = frozenset(str(claims.get("scope", "")).split())
    if scope is not None and scope not in scopes:
        raise Refused(Reason.ACCESS_TOKEN_SCOPE)

    client = await client_documents.find_known(flow, entry, str(claims.get("client_id", "")))
    # To an app of the subject type pairwise only the grant says who that is.
    names_user = client is not None and not subjects.is_pairwise(client.client)

    async def read(tx: ReadTx) -> tuple[Grant | None, User | None]:
        grant, user = await living.of_event(tx, entry, claims)
        if grant is None and names_user:
            user = await user_store.find_by_sub(tx, entry.pool.id, str(claims.get("sub", "")))
        return grant, user

    grant, user = await flow.database.read(read)
    if user is None:
        raise Refused(Reason.USER_NOT_FOUND if names_user else Reason.ACCESS_TOKEN_REVOKED)
    if not user.enabled:
        raise Refused(Reason.USER_DISABLED)
    if grant is None or client is None or grant.username != user.username or grant.pool_id != user.pool_id:
        raise Refused(Reason.ACCESS_TOKEN_REVOKED)
    return TokenUser(entry, client.client, user, grant, scopes)


def _check_shows_secrets(found: ClientEntry) -> None:
    """A client that proves itself by a key, without any secret, would pass for a public one here."""
    if found.auth_method in KEY_METHODS:
        raise Refused(Reason.CLIENT_ASSERTION_WRONG, why="it proves itself by a key, which the OAuth endpoints take")


async def _client(flow: Flow, client_id: str) -> tuple[ClientEntry, PoolEntry]:
    found = await flow.directory.find_client(client_id)
    if found is None:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    entry = await flow.directory.find_pool(found.client.pool_id)
    if entry is None:
        raise Refused(Reason.CLIENT_NOT_FOUND, client=client_id)
    return found, entry


async def verified(flow: Flow, token: str, binding: Binding = UNBOUND) -> tuple[PoolEntry, dict[str, object]]:
    """
    The pool that the token names and its claims, signature checked with that pool's keys.

    Refuses a bound token of a caller who does not hold its key: as a bearer token it opens nothing, anywhere.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    try:
        issuer = _peek.decode(b64url_decode(parts[1])).iss
    except (ValueError, RecursionError) as wrong:
        raise Refused(Reason.ACCESS_TOKEN_INVALID) from wrong
    entry = await flow.directory.find_pool(issuer.rpartition("/")[2])
    if entry is None:
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    try:
        claims = entry.verifier.verify(token)
    except InvalidToken as wrong:
        raise Refused(Reason.ACCESS_TOKEN_INVALID) from wrong
    if not possession.is_held(claims, binding):
        raise Refused(Reason.ACCESS_TOKEN_INVALID)
    return entry, claims
