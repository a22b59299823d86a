"""What was granted to clients and browsers: grants, refresh tokens, codes, sessions."""

import msgspec

from poolhouse.pool.model.openid import GrantTerms
from poolhouse.pool.model.pool import ClientId, PoolId
from poolhouse.pool.model.session import Tracked
from poolhouse.pool.model.user import Username


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """
    One sign-in at one client: what all its tokens share.

    ``id`` is the ``origin_jti`` of the tokens.  While its row lives, its access tokens are good; revocation deletes
    the row, and every token that names it is dead at the API and at UserInfo.  A username may be given again: ``sub``
    says whose grant it is.  ``scope`` is space separated;
    ``hosted`` tells a sign-in on the pages from one through the API.  ``device_key`` is the device of the sign-in,
    confirmed or not, ``device_group`` goes with it where its name was given at this sign-in.  ``sid`` is the browser
    session that it came through, for logout (OIDC Front-Channel Logout section 3).
    """

    id: str
    pool_id: PoolId
    client_id: ClientId
    username: Username
    sub: str
    event_id: str
    auth_time: int
    scope: str
    hosted: bool
    nonce: str | None = None
    resource: str | None = None
    amr: tuple[str, ...] = ()
    device_key: str | None = None
    device_group: str | None = None
    tracked: Tracked | None = None
    terms: GrantTerms | None = None
    sid: str | None = None
    expires_at: int


class RefreshToken(msgspec.Struct, frozen=True, kw_only=True):
    """
    A refresh token's record; the token itself is opaque and only its digest is stored.

    ``spent_at`` is set when rotation replaced it; ``generation`` counts from the sign-in (0).
    """

    digest: bytes
    grant_id: str
    generation: int = 0
    spent_at: int | None = None
    expires_at: int


class AuthorizationCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for (RFC 6749 section 4.1.2), bound to client, redirect URI and PKCE challenge."""

    digest: bytes
    pool_id: PoolId
    client_id: ClientId
    username: Username
    sub: str
    redirect_uri: str
    scope: str
    nonce: str | None = None
    code_challenge: str | None = None
    resource: str | None = None
    auth_time: int
    amr: tuple[str, ...] = ()
    grant_id: str
    sso_id: str | None = None
    terms: GrantTerms | None = None
    sid: str | None = None
    expires_at: int


class SessionApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app that took part in a browser session and has no grant of it any more, but hears of the session's end."""

    pool_id: PoolId
    sid: str
    client_id: ClientId
    username: Username
    sub: str


class BrowserSession(msgspec.Struct, frozen=True, kw_only=True):
    """
    A browser signed in at a pool's domain, shared by the clients of the pool: for an hour, or where sessions are
    tracked as long as a client of the pool may go on with it.

    ``password`` is a digest of the password's hash when it was proved: with another password the session is over.
    ``sid`` names the session to apps; it is no handle.
    """

    digest: bytes
    pool_id: PoolId
    username: Username
    sub: str
    password: bytes
    auth_time: int
    amr: tuple[str, ...] = ()
    tracked: Tracked | None = None
    sid: str | None = None
    expires_at: int
