"""Forward-auth: another proxy serves the app, and asks here about each request."""

from functools import lru_cache

from poolhouse.house.gateway import bearer, forward_auth, peers, replies
from poolhouse.house.gateway.callers import MISPLACED
from poolhouse.house.gateway.desk import Desk
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.judge import Outcome, Verdict
from poolhouse.house.gateway.refusal import refusal
from poolhouse.house.gateway.site import Site
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target, read_target
from poolhouse.house.gateway.waiting import Waiting
from poolhouse.kit.edge import text


class Inquiry(Desk):
    """Answers such questions."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._spoken = self._scheme.encode("ascii")
        self._is_trusted = lru_cache(maxsize=peers.KEPT)(self._find_trusted)

    def ask(self, front: Front, head: Head) -> None:
        """Forward-auth: judged exactly as if the request had come here itself."""
        if not self._is_trusted(front.peer):
            front.reply(text("trusted_proxies: this proxy is not named there.\n", 403, (replies.NO_STORE,)))
            return
        site = self._site
        kind = forward_auth.kind_of(head)
        inner = forward_auth.asked_about(head, kind, self._spoken)
        asked = read_target(inner.target, inner.host, allows_encoded_slash=True)
        entry = site.table.find(site.table.spelled(inner.host), asked.path)
        if entry is None or entry.places:
            # A plain proxy in front of the gateway would pass the answer, and the assertion in it, on to the browser.
            why = "The gateway serves that app itself" if entry else "No app of this house has that address"
            front.reply(text(f"{why}.\n", 404 if entry else 403, (replies.NO_STORE,)))
            return
        asked = forward_auth.as_sent(inner, self._strictly(entry, inner, asked))
        verdict = self._at_the_door(entry, inner, asked)
        if bearer.is_astray(entry, inner):
            # Only the proxy could take it away.
            verdict = Verdict(Outcome.UNPROVED, rejection=MISPLACED)
        if verdict is None:
            given = self._given(inner, entry)
            seen = site.callers.remembered(entry, given)
            if seen is None and given.is_something:
                self._later(front, head, self._ask_store(Waiting(front), front, inner, entry, asked, kind, given))
                return
            verdict = self._of_person(front, inner, entry, asked, seen)
        self._tell(front, inner, entry, asked, kind, verdict)

    async def _ask_store(
        self, waiting: Waiting, front: Front, inner: Head, entry: Entry, asked: Target, kind: bytes, given: Given
    ) -> None:
        seen = await self._find(front, inner, entry, given)
        if waiting.is_wanted:
            verdict = self._of_person(front, inner, entry, asked, seen)
            self._tell(front, inner, entry, asked, kind, verdict)

    def _tell(self, front: Front, inner: Head, entry: Entry, asked: Target, kind: bytes, verdict: Verdict) -> None:
        self._ctx.tally.of(entry.app.id).decided(verdict.outcome)
        if verdict.outcome is Outcome.OPEN or verdict.outcome is Outcome.PUBLIC:
            front.answer(200, forward_auth.let_in(entry, verdict.seen, self._site.signer, inner))
        elif kind == forward_auth.NGINX:
            front.reply(forward_auth.plain_answer(entry, verdict, inner))
        else:
            front.reply(refusal(self._ctx, front, inner, entry, asked, verdict))

    def _find_trusted(self, peer: str) -> bool:
        """Whether it may ask about requests that it holds."""
        return self._proxies.has(peer) or (self._ctx.origin.is_loopback and peers.is_this_machine(peer))
