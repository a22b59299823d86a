"""
Who sends a request: a browser by its cookie, a person or a machine by a token.

What was found is remembered for a second, as sessions are (``seen``), and forgotten at once when a token is revoked or
an account disabled.
"""

import asyncio

from poolhouse.house.audit import Event, Trail
from poolhouse.house.context import Context
from poolhouse.house.gate import Policy
from poolhouse.house.gateway.brake import FREE, SECONDS, Brake
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.judge import Rejection
from poolhouse.house.gateway.seen import REMEMBERED, REMEMBERED_SECONDS, Seen, Sessions, read_seen
from poolhouse.house.gateway.subject import DISABLED, find_subject, without_sign_in
from poolhouse.house.gateway.table import Entry
from poolhouse.house.model import Session
from poolhouse.house.store import tokens
from poolhouse.house.tokens import PREFIX, Held, Kind, is_well_formed, service_account
from poolhouse.house.visit import Visit
from poolhouse.kit.db.protocol import ReadTx, Tx
from poolhouse.kit.seal import digest

USED_SECONDS = 3600
BAD_SECONDS = 5.0
ATTEMPTS = 3
METHOD = "token"
AMBIGUOUS = Rejection(400, "invalid_request", "Send one token, in one place.")
MISPLACED = Rejection(400, "invalid_request", "Send the token of this house as Authorization: Bearer.")
ADDRESSED = Rejection(
    400,
    "invalid_request",
    "A token of this house is in the address, which logs keep. Revoke it, and send another as Authorization: Bearer.",
)
UNKNOWN = Rejection(401, "invalid_token", "There is no such token, or it was revoked.")
MISTYPED = Rejection(401, "invalid_token", "This is no whole token: its last letters do not fit the others.")
EXPIRED = Rejection(401, "invalid_token", "The token has expired.")
FOREIGN = Rejection(401, "invalid_token", "The token is not for this app.")
TURNED_OFF = Rejection(401, "invalid_token", "Personal tokens are turned off in this house.")
TOO_MANY = Rejection(429, "too_many_requests", "Too many tokens from this address opened nothing. Wait a minute.")


class Callers:
    """Looks up whatever a request brings."""

    def __init__(self, ctx: Context, sessions: Sessions) -> None:
        self._ctx = ctx
        self._sessions = sessions
        self._seen: dict[tuple[str, bytes], Seen] = {}
        self._bad: dict[tuple[str, bytes], tuple[Rejection, float]] = {}
        self._forgotten = 0
        self._brake = Brake(ctx.clock, has_proxies=bool(ctx.proxies))
        self._loop = asyncio.get_running_loop()

    def forget(self) -> None:
        self._seen.clear()
        self._bad.clear()
        self._forgotten += 1
        self._sessions.forget()

    def remembered(self, entry: Entry, given: Given) -> Seen | Rejection | None:
        """
        Whoever was looked up a moment ago; a token that opened nothing, a little longer.

        So a program that sends its old token over and over works nobody to death, and costs its neighbours behind the
        same address nothing of what the brake allows.
        """
        if given.is_misplaced:
            return MISPLACED
        if not given.tokens:
            return self._sessions.remembered(entry, given.cookie)
        if len(given.tokens) != 1:
            return AMBIGUOUS
        key, now = (entry.app.id, digest(given.tokens[0])), self._loop.time()
        found = self._seen.get(key)
        if found is not None and found.until > now:
            return found
        bad, until = self._bad.get(key, (None, 0.0))
        return bad if until > now else None

    async def find(
        self, entry: Entry, given: Given, address: str, visit: Visit | None = None, *, is_use: bool = True
    ) -> Seen | Rejection | None:
        """
        As the store has it; None without a session.  Refusals of a *visit* are counted and written down.

        Without *is_use* it is not noted as used: somebody only looks.
        """
        if given.is_misplaced:
            return MISPLACED
        if not given.tokens:
            return await self._sessions.find(entry, given.cookie, is_use=is_use)
        if len(given.tokens) != 1:
            return AMBIGUOUS
        if visit is not None and self._brake.holds(address):
            return TOO_MANY
        token = given.tokens[0]
        held, found, is_of_now = await self._judge_now(entry, token)
        if is_of_now:
            self._remember((entry.app.id, digest(token)), found)
        if isinstance(found, Rejection):
            if visit is not None and found.status < 500:
                await self._refused(entry, held, found, address, visit)
            return found
        if held is not None and is_use:
            await self._note_use(held, address)
        return found

    def _remember(self, key: tuple[str, bytes], found: Seen | Rejection) -> None:
        if len(self._seen) + len(self._bad) >= REMEMBERED:
            self._seen.clear()
            self._bad.clear()
        if isinstance(found, Seen):
            self._seen[key] = found
        elif found.status == 401:
            self._bad[key] = (found, self._loop.time() + BAD_SECONDS)

    async def _judge_now(self, entry: Entry, token: str) -> tuple[Held | None, Seen | Rejection, bool]:
        """
        Judged on what was there when it was asked for; what was read while something ended is read again.

        A few times: asking a provider takes longer than the time between two ends in a large house.  The flag: whether
        it may be remembered.
        """
        left = ATTEMPTS
        while True:
            forgotten = self._forgotten
            held, found = await self._judge(entry, token)
            is_of_now, left = forgotten == self._forgotten, left - 1
            if is_of_now or not left:
                return held, found, is_of_now

    async def _judge(self, entry: Entry, token: str) -> tuple[Held | None, Seen | Rejection]:
        if not token.startswith(PREFIX):
            return None, await find_subject(self._ctx, entry, token)
        if not is_well_formed(token):
            return None, MISTYPED

        async def unit(tx: ReadTx) -> Held | None:
            return await tokens.find_token(tx, digest(token))

        held = await self._ctx.db.read(unit)
        return held, UNKNOWN if held is None else self._of_token(entry, held)

    def _of_token(self, entry: Entry, held: Held) -> Seen | Rejection:
        token, account, now = held.token, held.account, self._ctx.clock.now()
        left = token.expires_at - now
        if left <= 0:
            return EXPIRED
        if token.kind is Kind.SERVICE:
            account = service_account(token)
        elif not self._ctx.live.document.tokens.is_personal_allowed:
            return TURNED_OFF
        if account is None or not account.is_enabled:
            return DISABLED
        if not token.opens(entry.app.id):
            return FOREIGN
        session = Session(
            key=b"token " + token.id.encode(),
            account=account,
            method=METHOD,
            issuer="",
            subject="",
            claims=without_sign_in(held.claims) if token.kind is Kind.PERSONAL else "",
            sealed_id_token=None,
            created_at=token.created_at,
            seen_at=now,
            expires_at=token.expires_at,
            groups=held.groups,
        )
        seen = read_seen(session, until=self._loop.time() + min(REMEMBERED_SECONDS, left))
        if token.kind is Kind.SERVICE:
            seen.groups = token.groups
        if token.networks:
            seen.limits = Policy(networks=token.networks)
        return seen

    async def _note_use(self, held: Held, address: str) -> None:
        """The day and the address, an hour apart at least: not a write for each request."""
        token, now = held.token, self._ctx.clock.now()
        if token.used_at is not None and now - token.used_at < USED_SECONDS:
            return

        async def unit(tx: Tx) -> None:
            await tokens.mark_used(tx, token.id, now=now, address=address)

        await self._ctx.db.write(unit)

    async def _refused(self, entry: Entry, held: Held | None, why: Rejection, address: str, visit: Visit) -> None:
        """The first of an address in a minute is written down, and that it is held off; not each of a thousand."""
        count = self._brake.count(address)
        if count not in {1, FREE}:
            return
        detail = why.what
        if held is not None:
            detail = f"{held.token.name} ({held.token.start}…): {detail}"
        if count == FREE:
            detail = f"{FREE} within {SECONDS} seconds, the last: {detail}"
        trail = Trail(self._ctx, visit)

        async def unit(tx: Tx) -> None:
            who = held.account if held is not None and held.account is not None else ""
            await trail.write(
                tx, Event.TOKEN_REFUSED, actor=who, subject=entry.app.name, detail=detail, is_refusal=True
            )

        await self._ctx.db.write(unit)
