"""
Who a cookie stands for: the session in the store, remembered for a second.

A session that ends is announced (``store.sessions``), and so is a change of groups; what is remembered is forgotten
at once, on every replica, and the second is for announcements that are lost.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from poolhouse.house.context import Context
from poolhouse.house.gate import Policy
from poolhouse.house.gateway.assertion import Signer
from poolhouse.house.gateway.claimed import about, told_groups
from poolhouse.house.gateway.forwarding import lines_about
from poolhouse.house.gateway.policy import Facts, groups_of
from poolhouse.house.gateway.table import Entry, names_of
from poolhouse.house.model import Account, Session
from poolhouse.house.session import TOUCH_SECONDS, find_session
from poolhouse.house.store import entries, sessions
from poolhouse.kit.ambient import Epoch
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.seal import digest

REMEMBERED_SECONDS = 1.0
REMEMBERED = 20_000
TOLD_SECONDS = 60
"""For how long an app is told of a session in the same words: an assertion that is handed out has four minutes left."""


class Told(msgspec.Struct, frozen=True):
    """The lines that tell an app, as *entry* has it, who it is: in a request, and in an answer of forward-auth."""

    entry: Entry
    lines: bytes
    answer: bytes


class Seen(msgspec.Struct, kw_only=True):
    """
    A living session, or a token that is good.

    ``limits`` hold besides the app's policy; ``scopes`` are those of an access token, which alone is bound to some.
    What an app is told of it is made once: for the app as it is, and while the store says the same of the session, for
    a minute at most from *told_from* on.
    """

    key: bytes
    account: Account
    claims: Mapping[str, Any]
    groups: tuple[str, ...]
    until: float
    method: str = ""
    signed_in_at: Epoch = Epoch(0)
    limits: Policy | None = None
    scopes: frozenset[str] | None = None
    session: Session | None = None
    told_from: Epoch = Epoch(0)
    told: dict[str, Told] = {}

    @property
    def verified_email(self) -> str:
        return self.account.email if self.account.is_email_holder else ""

    def is_of(self, session: Session) -> bool:
        """Whether the store says now what it said before, but for when it was used."""
        before = self.session
        return before is not None and before == msgspec.structs.replace(session, seen_at=before.seen_at)

    def facts(self, address: str, now: Any) -> Facts:
        return Facts(email=self.verified_email, groups=self.groups, claims=self.claims, address=address, now=now)


class Sessions:
    """Looks sessions up, by the cookie of an app or of the house itself."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._seen: dict[tuple[str, str], Seen] = {}
        self._forgotten = 0
        self._loop = asyncio.get_running_loop()

    def forget(self) -> None:
        self._seen.clear()
        self._forgotten += 1

    def remembered(self, entry: Entry, cookie: str) -> Seen | None:
        """The session if it was looked up a moment ago."""
        found = self._seen.get((_room(entry), cookie))
        return found if found is not None and found.until > self._loop.time() else None

    async def find(self, entry: Entry, cookie: str, *, is_use: bool = True) -> Seen | None:
        """
        The session in the store; None when there is none that is alive.

        What was read while sessions ended is read again: it might be of before.  *is_use*: it is noted as used.
        """
        if not cookie:
            return None
        while True:
            forgotten = self._forgotten
            if entry.is_own_host:
                found = await find_session(self._ctx, cookie, is_use=is_use)
            else:
                found = await self._at_app(entry, cookie, is_use=is_use)
            if forgotten == self._forgotten:
                break
        if found is None:
            return None
        return self._remember((_room(entry), cookie), found)

    def _remember(self, key: tuple[str, str], found: Session) -> Seen:
        until, now = self._loop.time() + REMEMBERED_SECONDS, self._ctx.clock.now()
        seen = self._seen.get(key)
        if seen is not None and seen.is_of(found) and 0 <= now - seen.told_from < TOLD_SECONDS:
            seen.until = until
            return seen
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        seen = self._seen[key] = read_seen(found, until=until)
        seen.session, seen.told_from = found, now
        return seen

    async def _at_app(self, entry: Entry, cookie: str, *, is_use: bool) -> Session | None:
        ctx = self._ctx
        now = ctx.clock.now()

        async def unit(tx: ReadTx) -> Session | None:
            return await entries.find_app_session(
                tx, digest(cookie), app_id=entry.app.id, now=now, idle_seconds=ctx.idle_seconds
            )

        found = await ctx.db.read(unit)
        if is_use and found is not None and now - found.seen_at >= TOUCH_SECONDS:
            key = found.key

            async def touch(tx: Tx) -> None:
                await sessions.touch_session(tx, key, now)

            await ctx.db.write(touch)
        return found


def read_seen(session: Session, *, until: float) -> Seen:
    claims: dict[str, Any] = msgspec.json.decode(session.claims) if session.claims else {}
    # What the house says and what the provider said, each group once.
    groups = tuple(dict.fromkeys((*session.groups, *groups_of(claims))))
    return Seen(
        key=session.key,
        account=session.account,
        claims=claims,
        groups=groups,
        until=until,
        method=session.method,
        signed_in_at=session.created_at,
    )


def tell(entry: Entry, seen: Seen, signer: Signer) -> Told:
    """Who it is, for this app."""
    told = seen.told.get(entry.app.id)
    if told is None or told.entry is not entry:
        said = identity(entry, seen, signer)
        lines = b"".join(b"%s: %s\r\n" % pair for pair in said.items())
        told = seen.told[entry.app.id] = Told(entry, lines, lines_about(names_of(entry.gate), said))
    return told


def identity(entry: Entry, seen: Seen, signer: Signer) -> dict[bytes, bytes]:
    """The headers that tell the app who it is; not those that would be empty."""
    if entry.gate is None:
        return {}
    names, account = entry.gate.names, seen.account
    groups = told_groups(entry.gate, seen.groups)
    pairs = [
        (names.user, account.username),
        (names.email, seen.verified_email),
        (names.groups, ",".join(groups)),
        (names.name, account.name),
    ]
    if names.assertion:
        audience = entry.origin + entry.prefix.decode("ascii")
        said = about(entry, seen, groups)
        pairs.append((names.assertion, signer.sign(audience=audience, subject=account.id, about=said)))
    return {name.encode("ascii"): _text(value) for name, value in pairs if name and value}


def _text(value: str) -> bytes:
    """UTF-8, without what would end or split a header."""
    return "".join(c if c.isprintable() else " " for c in value).encode()


def _room(entry: Entry) -> str:
    """Cookies of different apps are different things, even of the same value."""
    return "" if entry.is_own_host else entry.app.id
