"""Forward-auth: another proxy serves the app, and asks here about each request."""

from poolhouse.house.gateway import bearer, forward_auth, replies
from poolhouse.house.gateway.callers import MISPLACED
from poolhouse.house.gateway.desk import Desk
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.judge import Outcome, Verdict, at_the_door
from poolhouse.house.gateway.refusal import refusal
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target, read_target
from poolhouse.house.gateway.waiting import Waiting
from poolhouse.kit.edge import Reply, text


class Inquiry(Desk):
    """Answers such questions."""

    def ask(self, front: Front, head: Head, target: Target) -> None:
        """Forward-auth: judged exactly as if the request had come here itself."""
        if not self._is_trusted(front.peer):
            front.reply(text("trusted_proxies: this proxy is not named there.\n", 403, (replies.NO_STORE,)))
            return
        site = self._site
        inner = forward_auth.asked_about(head, target.path, self._scheme)
        asked = read_target(inner.target, inner.host, allows_encoded_slash=True)
        entry = site.table.find(site.table.spelled(inner.host), asked.path)
        if entry is None or entry.places:
            # A plain proxy in front of the gateway would pass the answer, and the assertion in it, on to the browser.
            why = "The gateway serves that app itself" if entry else "No app of this house has that address"
            front.reply(text(f"{why}.\n", 404 if entry else 403, (replies.NO_STORE,)))
            return
        asked = forward_auth.as_sent(inner, self._strictly(entry, inner, asked))
        verdict = at_the_door(entry, inner, asked)
        if bearer.is_astray(entry, inner):
            # Only the proxy could take it away.
            verdict = Verdict(Outcome.UNPROVED, rejection=MISPLACED)
        if verdict is None:
            given = self._given(inner, entry)
            seen = site.callers.remembered(entry, given)
            if seen is None and given.is_something:
                self._later(front, head, self._ask_store(Waiting(front), front, inner, entry, asked, target, given))
                return
            verdict = self._of_person(front, inner, entry, asked, seen)
        front.reply(self._told(front, inner, entry, asked, target, verdict))

    async def _ask_store(
        self, waiting: Waiting, front: Front, inner: Head, entry: Entry, asked: Target, target: Target, given: Given
    ) -> None:
        seen = await self._find(front, inner, entry, given)
        if waiting.is_wanted:
            verdict = self._of_person(front, inner, entry, asked, seen)
            front.reply(self._told(front, inner, entry, asked, target, verdict))

    def _told(self, front: Front, inner: Head, entry: Entry, asked: Target, target: Target, verdict: Verdict) -> Reply:
        self._ctx.tally.of(entry.app.id).decided(verdict.outcome.value)
        if verdict.outcome in {Outcome.OPEN, Outcome.PUBLIC}:
            return forward_auth.let_in(entry, verdict.seen, self._site.signer, inner)
        if forward_auth.is_plain_answer(target.path):
            return forward_auth.plain_answer(entry, verdict, inner)
        return refusal(self._ctx, front, inner, entry, asked, verdict)
