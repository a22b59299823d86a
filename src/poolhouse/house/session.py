"""
Cookies and what they stand for.

``house_browser``   a random name for this browser: binds sign-ins under way, and forms before sign-in
``house_session``   the opaque id of a session; the store has its digest only

Ports share cookies on localhost, so both names say whose they are.  On https they carry ``__Host-``: no other host
and no plain http can have set them.
"""

import hmac
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from poolhouse.house.config import Origin
from poolhouse.house.context import Context
from poolhouse.house.model import Session
from poolhouse.house.refresh_token import next_renewal, seal_refresh_token
from poolhouse.house.store import sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch, urlsafe
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.edge import HeaderPair, clear_cookie, set_cookie
from poolhouse.kit.jose import b64url
from poolhouse.kit.log import get_logger
from poolhouse.kit.seal import KeyRing, SealBroken, digest

TOUCH_SECONDS = 60
LOGOUT_SECONDS = 600
_ID_BYTES = 32
CLAIMS_LIMIT = 65_536
SID_LIMIT = 255
_OF_THE_TOKEN = frozenset(
    {"iss", "aud", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash", "azp", "sid", "token_use",
     "origin_jti", "event_id"}
)  # fmt: skip
_ID_TOKEN_PURPOSE = "house id token"  # noqa: S105 - a purpose, not a secret


def session_cookie_name(origin: Origin) -> str:
    return "__Host-house_session" if origin.is_https else "house_session"


def browser_cookie_name(origin: Origin) -> str:
    return "__Host-house_browser" if origin.is_https else "house_browser"


def logout_cookie_name(origin: Origin) -> str:
    return "__Host-house_logout" if origin.is_https else "house_logout"


async def find_session(ctx: Context, session_id: str, *, is_use: bool = True) -> Session | None:
    """The living session behind a cookie; once a minute it is noted that it was used, if this *is_use* of it."""
    if not session_id:
        return None
    key, now = digest(session_id), ctx.clock.now()

    async def unit(tx: ReadTx) -> Session | None:
        return await sessions.find_session(tx, key, now=now, idle_seconds=ctx.idle_seconds)

    found = await ctx.db.read(unit)
    if is_use and found is not None and now - found.seen_at >= TOUCH_SECONDS:

        async def touch(tx: Tx) -> None:
            await sessions.touch_session(tx, key, now)

        await ctx.db.write(touch)
    return found


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session about to be written: the id is drawn before the unit, which may run more than once."""

    id: str
    method: str
    issuer: str = ""
    subject: str = ""
    claims: str = ""
    sealed_id_token: bytes | None = None
    nonce_digest: bytes | None = None
    userinfo_names: str = ""
    sid: str = ""
    sealed_refresh_token: bytes | None = None
    renew_at: Epoch | None = None
    seconds: int | None = None
    """How long it may last at most, where that is less than sessions last here."""


def mint_session(
    ctx: Context,
    *,
    method: str,
    issuer: str = "",
    subject: str = "",
    claims: Mapping[str, Any] | None = None,
    id_token: str | None = None,
    nonce_digest: bytes | None = None,
    userinfo_names: Collection[str] = (),
    refresh_token: str | None = None,
    granted_seconds: int | None = None,
    seconds: int | None = None,
) -> NewSession:
    """
    A fresh id.

    A *refresh_token* is sealed to it, to be used before what was granted for *granted_seconds* runs out; *nonce_digest*
    is then what the nonce of a later ID token must agree with, and *userinfo_names* say which claims go with UserInfo.

    The ID token is sealed to it and is kept only when the provider's sign-out wants it; of the *claims* what rules of
    apps can ask for.
    """
    session_id = urlsafe(ctx.entropy, _ID_BYTES)
    key, sealed, kept = digest(session_id), None, kept_claims(claims) if claims else ""
    if id_token is not None:
        sealed = seal_id_token(ctx.ring, id_token, key)
    return NewSession(
        id=session_id,
        method=method,
        issuer=issuer,
        subject=subject,
        claims=kept,
        sealed_id_token=sealed,
        nonce_digest=nonce_digest if refresh_token else None,
        userinfo_names=kept_names(userinfo_names, kept) if refresh_token else "",
        sid=_sid(claims or {}),
        sealed_refresh_token=seal_refresh_token(ctx.ring, refresh_token, key) if refresh_token else None,
        renew_at=next_renewal(ctx.clock.now(), granted_seconds),
        seconds=seconds,
    )


def _sid(claims: Mapping[str, Any]) -> str:
    """The provider's own name of its session, by which it may end it (Back-Channel Logout 1.0 section 2.1)."""
    sid = claims.get("sid", "")
    return sid if isinstance(sid, str) and len(sid) <= SID_LIMIT else ""


def kept_claims(claims: Mapping[str, Any]) -> str:
    """Claims about the person, as JSON: text, numbers, yes or no, and lists of text, up to a size."""
    kept = {name: value for name, value in claims.items() if name not in _OF_THE_TOKEN and _is_simple(value)}
    text = msgspec.json.encode(kept).decode()
    if len(text) > CLAIMS_LIMIT:
        # A provider that sends a thousand groups: better no rule that holds than one that holds by chance.
        get_logger().warning("claims not kept", program="house", size=len(text))
        return ""
    return text


def kept_names(names: Collection[str], claims: str) -> str:
    """Those of *names* that are in kept *claims*, as JSON."""
    known = msgspec.json.decode(claims) if claims else {}
    return msgspec.json.encode([name for name in known if name in names]).decode()


def _is_simple(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str | int | float | bool)


async def write_session(tx: Tx, ctx: Context, visit: Visit, new: NewSession, account_id: str) -> None:
    """
    Store the session and end the one that this browser had before.

    Never the old id again: whoever had planted it would be signed in too (session fixation).
    """
    now = ctx.clock.now()
    if visit.session_id:
        await sessions.delete_session(tx, digest(visit.session_id))
    await sessions.put_session(
        tx,
        id_digest=digest(new.id),
        account_id=account_id,
        method=new.method,
        issuer=new.issuer,
        subject=new.subject,
        claims=new.claims,
        sealed_id_token=new.sealed_id_token,
        nonce_digest=new.nonce_digest,
        userinfo_names=new.userinfo_names,
        sid=new.sid,
        sealed_refresh_token=new.sealed_refresh_token,
        renew_at=new.renew_at,
        address=visit.address,
        agent=visit.raw.header("user-agent")[:200],
        now=now,
        expires_at=Epoch(now + min(ctx.session_seconds, new.seconds or ctx.session_seconds)),
    )
    limit = ctx.live.document.sessions.limit
    if limit:
        await sessions.keep_newest(tx, account_id, keep=digest(new.id), limit=limit)


def seal_id_token(ring: KeyRing, id_token: str, key: bytes) -> bytes:
    """Sealed to the session of *key*."""
    return ring.seal(id_token.encode(), purpose=_ID_TOKEN_PURPOSE, row=key.hex())


def open_id_token(ring: KeyRing, session: Session) -> str | None:
    """The newest ID token of the session, if it was kept and its key is still there."""
    if session.sealed_id_token is None:
        return None
    try:
        return ring.open(session.sealed_id_token, purpose=_ID_TOKEN_PURPOSE, row=session.key.hex()).decode()
    except SealBroken:
        return None


def session_cookie(origin: Origin, session_id: str) -> HeaderPair:
    """A cookie for as long as the browser runs; how long it is worth anything the store decides."""
    return set_cookie(session_cookie_name(origin), session_id, secure=origin.is_https)


def no_session_cookie(origin: Origin) -> HeaderPair:
    return clear_cookie(session_cookie_name(origin), secure=origin.is_https)


def logout_cookie(origin: Origin, state: str) -> HeaderPair:
    """What the provider must send back when this browser has signed out there (RP-Initiated Logout 1.0 section 2)."""
    return set_cookie(logout_cookie_name(origin), state, secure=origin.is_https, max_age=LOGOUT_SECONDS)


def no_logout_cookie(origin: Origin) -> HeaderPair:
    return clear_cookie(logout_cookie_name(origin), secure=origin.is_https)


def browser_cookie(origin: Origin, browser: str) -> HeaderPair:
    return set_cookie(browser_cookie_name(origin), browser, secure=origin.is_https)


def csrf_token(ring: KeyRing, *, session_id: str, browser: str) -> str:
    """
    The proof that a form came from a page of ours: bound to the session, before sign-in to the browser.

    It is derived, so nothing is stored, and it changes with every sign-in.
    """
    bound_to = f"session {session_id}" if session_id else f"browser {browser}"
    return b64url(ring.mac(bound_to.encode(), purpose="house csrf")).decode()


def is_csrf_token(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
