"""
The way to an app's own host, which never sees the cookie of the house.

1. The app's host: no session.  It sets ``house_way``, a random value, and sends the browser to the house with that
   value's digest and the path that was asked for.
2. The house (``pages/open_app``): whoever is signed in, and may open the app, gets a code that is good for a minute,
   once, for this app and this digest.
3. The app's host: the code and the cookie together open a session there.

A code that somebody else has got for themselves is of no use in this browser, which has another ``house_way``: nobody
can be signed in to an app as somebody else (login CSRF), and a code that leaks signs nobody in.
"""

import hashlib
import re
from urllib.parse import parse_qs, quote

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.gateway.cookies import cookie
from poolhouse.house.gateway.head import Head, Malformed
from poolhouse.house.gateway.table import RESERVED, Entry
from poolhouse.house.gateway.target import read_target
from poolhouse.house.model import EntryCode
from poolhouse.house.store import entries, sessions
from poolhouse.house.visit import Visit
from poolhouse.kit.ambient import Epoch, urlsafe
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import HeaderPair, Reply, redirect, set_cookie
from poolhouse.kit.seal import digest

OPEN_PATH = "/user/open/"
CODE_SECONDS = 60
WAY_SECONDS = 600
_WAY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_PATH_LIMIT = 4096
_NO_REFERRER: HeaderPair = ("referrer-policy", "no-referrer")


def login_url(ctx: Context, entry: Entry, path: str, challenge: str = "") -> str:
    """Where a person signs in and comes back to *path* of this app."""
    if entry.is_own_host:
        return ctx.origin.at(f"/user/login?to={quote(path, safe='')}")
    way = f"&way={challenge}" if challenge else ""
    return ctx.origin.at(f"{OPEN_PATH}{entry.app.id}?to={quote(path, safe='')}{way}")


def start(ctx: Context, entry: Entry, head: Head, path: str) -> Reply:
    """The first step: to the house, with the digest of what stays in this browser."""
    if entry.is_own_host:
        return redirect(login_url(ctx, entry, path))
    way = cookie(head, entry.browser_cookie)
    headers: tuple[HeaderPair, ...] = (_NO_REFERRER,)
    if not _WAY.fullmatch(way):
        way = urlsafe(ctx.entropy, 24)
        name = entry.browser_cookie.decode("ascii")
        headers += (set_cookie(name, way, secure=ctx.origin.is_https, max_age=WAY_SECONDS),)
    return redirect(login_url(ctx, entry, path, challenge_of(way)), headers=headers)


def challenge_of(way: str) -> str:
    return hashlib.sha256(way.encode()).hexdigest()


def path_at(entry: Entry, text: str) -> str:
    """*text* if it is a path of this app, else its first page; one reading, that of the gateway."""
    try:
        raw = text.encode("ascii")
        target = read_target(raw, entry.host, allows_encoded_slash=True)
    except (UnicodeEncodeError, Malformed):
        return entry.prefix.decode("ascii")
    is_there = raw.startswith(b"/") and target.path.startswith(entry.prefix) and not target.path.startswith(RESERVED)
    if not is_there or len(raw) > _PATH_LIMIT:
        return entry.prefix.decode("ascii")
    return (target.path + target.query).decode("ascii")


async def mint_code(ctx: Context, entry: Entry, *, session_key: bytes, challenge: str, path: str) -> str:
    """The second step: the address at the app's host, with the code."""
    code = urlsafe(ctx.entropy, 32)
    now = ctx.clock.now()

    async def unit(tx: Tx) -> None:
        await entries.put_code(
            tx,
            code_digest=digest(code),
            app_id=entry.app.id,
            challenge=bytes.fromhex(challenge),
            code=EntryCode(session_key=session_key, path=path_at(entry, path)),
            now=now,
            expires_at=Epoch(now + CODE_SECONDS),
        )

    await ctx.db.write(unit)
    return f"{entry.origin}{RESERVED.decode()}enter?code={code}"


async def enter(ctx: Context, visit: Visit, entry: Entry, head: Head, query: bytes) -> Reply | None:
    """The third step; None when the code, the cookie or both are not right."""
    given = parse_qs(query.removeprefix(b"?").decode("latin-1"), max_num_fields=4).get("code", [])
    way = cookie(head, entry.browser_cookie)
    if len(given) != 1 or not _WAY.fullmatch(way):
        return None
    session_id, now = urlsafe(ctx.entropy, 32), ctx.clock.now()
    before = cookie(head, entry.cookie)
    trail = Trail(ctx, visit)

    async def unit(tx: Tx) -> str | None:
        taken = await entries.take_code(
            tx,
            code_digest=digest(given[0]),
            app_id=entry.app.id,
            challenge=bytes.fromhex(challenge_of(way)),
            now=now,
        )
        if taken is None:
            return None
        session = await sessions.find_session(tx, taken.session_key, now=now, idle_seconds=ctx.idle_seconds)
        if session is None:
            return None
        if before:
            await entries.delete_app_session(tx, digest(before))
        await entries.put_app_session(
            tx,
            id_digest=digest(session_id),
            app_id=entry.app.id,
            session_key=taken.session_key,
            now=now,
            expires_at=Epoch(now + ctx.session_seconds),
        )
        await trail.write(tx, Event.APP_OPENED, actor=session.account, subject=entry.app.name)
        return taken.path

    path = await ctx.db.write(unit)
    if path is None:
        return None
    secure = ctx.origin.is_https
    kept = set_cookie(entry.cookie.decode("ascii"), session_id, secure=secure)
    gone = set_cookie(entry.browser_cookie.decode("ascii"), "", secure=secure, max_age=0)
    return redirect(entry.origin + path, headers=(kept, gone, _NO_REFERRER))
