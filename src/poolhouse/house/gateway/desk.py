"""What the proxy and forward-auth have in common: whose request it is, and work that waits for the store."""

from collections.abc import Coroutine
from typing import Any

from poolhouse.house.gateway import bearer, peers, replies, resource
from poolhouse.house.gateway.callers import ADDRESSED
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head, Malformed
from poolhouse.house.gateway.judge import Outcome, Rejection, Verdict, at_the_door, of_person
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.site import Site
from poolhouse.house.gateway.table import Entry
from poolhouse.house.gateway.target import Target, read_target
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy
from poolhouse.kit.edge import Reply, text
from poolhouse.kit.log import get_logger

_ADDRESSED = Verdict(Outcome.UNPROVED, rejection=ADDRESSED)


class Desk:
    """See the module."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ctx = site.ctx
        self._scheme = "https" if site.ctx.origin.is_https else "http"
        self._proxies = peers.Proxies(site.ctx.proxies)

    def _strictly(self, entry: Entry, head: Head, target: Target) -> Target:
        # A plain path has no escapes at all.
        if target.is_plain or (entry.gate is not None and entry.gate.allows_encoded_slash):
            return target
        return read_target(head.target, head.host)

    async def _find(self, front: Front, head: Head, entry: Entry, given: Given) -> Seen | Rejection | None:
        visit = replies.visit_of(self._ctx, front, head) if given.tokens else None
        return await self._site.callers.find(entry, given, self.address(front, head), visit)

    def _at_the_door(self, entry: Entry, head: Head, target: Target) -> Verdict | None:
        """What can be said without knowing who it is; on no way to an app may a token be in the address."""
        return _ADDRESSED if bearer.is_addressed(head, target) else at_the_door(entry, head, target)

    def _of_person(
        self, front: Front, head: Head, entry: Entry, target: Target, seen: Seen | Rejection | None
    ) -> Verdict:
        """For this one request: by the policy, the address and the time that there are now."""
        if isinstance(seen, Seen) and seen.scopes is not None:
            seen = resource.in_scope(entry, head.method, target, seen)
        return of_person(entry, seen, address=self.address(front, head), now=self._ctx.clock.now())

    def address(self, front: Front, head: Head) -> str:
        """The client's, behind the operator's own proxies."""
        return self._proxies.client(front.peer, head.get(b"x-forwarded-for"))

    def _given(self, head: Head, entry: Entry) -> Given:
        return bearer.given(entry, head, self._site.session_cookie if entry.is_own_host else entry.cookie)

    def _explained(self, front: Front, head: Head, words: replies.Words, *, on_app_host: bool) -> Reply:
        return replies.explain(
            self._ctx, replies.visit_of(self._ctx, front, head), head, words, on_app_host=on_app_host
        )

    def _later(self, front: Front, head: Head, work: Coroutine[Any, Any, None]) -> None:
        self._site.spawn(self._guarded(front, head, work))

    async def _guarded(self, front: Front, head: Head, work: Coroutine[Any, Any, None]) -> None:
        waits = front.work
        try:
            await work
        except Malformed as wrong:
            if front.work is waits:
                front.reply(text(f"{wrong.why}.\n", wrong.status, (replies.NO_STORE,)))
        except (Busy, DatabaseBusy):
            if front.work is waits:
                front.reply(text("Too busy.\n", 503, (replies.NO_STORE, ("retry-after", "5"))))
        except Exception as wrong:  # noqa: BLE001 - every exception denies
            if front.work is waits:
                self._broken(front, head, wrong)

    def _broken(self, front: Front, head: Head, wrong: Exception) -> None:
        visit = replies.visit_of(self._ctx, front, head)
        get_logger().error(
            "request failed",
            program="house",
            reference=visit.reference,
            error=type(wrong).__name__,
            exc_info=(type(wrong), wrong, wrong.__traceback__),
        )
        front.reply(replies.explain(self._ctx, visit, head, replies.BROKEN, on_app_host=False))
