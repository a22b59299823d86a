"""Each request's way: to the house's own pages, to an app, or to a page that says why not."""

from collections.abc import Coroutine
from typing import Any

from poolhouse.house.gateway import bearer, forward_auth, peers, replies, resource, way
from poolhouse.house.gateway.asgi import AsgiWork
from poolhouse.house.gateway.errand import Errand
from poolhouse.house.gateway.exchange import Exchange
from poolhouse.house.gateway.forwarding import PASSED, request_bytes
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head, Malformed
from poolhouse.house.gateway.judge import Outcome, Rejection, Verdict, at_the_door, of_person
from poolhouse.house.gateway.refusal import refusal
from poolhouse.house.gateway.registry import Bound
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.site import Site
from poolhouse.house.gateway.table import RESERVED, Entry
from poolhouse.house.gateway.target import Target, is_tame, read_target
from poolhouse.house.gateway.told import told
from poolhouse.house.gateway.waiting import Waiting
from poolhouse.kit.cpu import Busy
from poolhouse.kit.db.protocol import DatabaseBusy
from poolhouse.kit.edge import Reply, text
from poolhouse.kit.log import get_logger

_NOT_THE_HOUSES = (b"/apps/", RESERVED, resource.WELL_KNOWN)
CONNECTIONS = 10_000
"""Of one process, open websockets among them."""


class Doorway:
    """Begins the work on each request of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ctx = site.ctx
        self._scheme = "https" if site.ctx.origin.is_https else "http"
        self._own = site.table.own_host.encode("ascii")

    def begin(self, front: Front, head: Head) -> None:
        """Never fails: what goes wrong ends on a page, and is no open door."""
        if len(self._site.fronts) > CONNECTIONS and not self._site.make_room():
            front.is_last = True
            front.reply(text("Too many connections.\n", 503, (replies.NO_STORE, ("retry-after", "5"))))
            return
        try:
            self._begin(front, head)
        except Malformed as wrong:
            front.refuse(wrong.status, wrong.why)
        except Exception as wrong:  # noqa: BLE001 - the one place where everything is caught
            self._broken(front, head, wrong)

    def _begin(self, front: Front, head: Head) -> None:
        site = self._site
        if self._own in head.all(PASSED):
            front.reply(self._explained(front, head, replies.LOOP, on_app_host=False))
            return
        host = site.table.spelled(head.host)
        is_app_host = site.table.has(host) and host != site.table.own_host
        if not is_app_host and not head.target.startswith(_NOT_THE_HOUSES) and is_tame(head.target):
            self._house(front, head, head.target)
            return
        target = read_target(head.target, head.host, allows_encoded_slash=True)
        if target.path.startswith(RESERVED):
            self._reserved(front, head, host, target)
            return
        document = resource.metadata(site.table, host, target.path, self._ctx.live.document.providers)
        if document is not None:
            front.reply(document)
            return
        entry = site.table.find(host, target.path)
        if entry is not None:
            self._app(front, head, entry, self._strictly(entry, head, target))
        elif is_app_host:
            front.reply(self._explained(front, head, replies.NOTHING_THERE, on_app_host=True))
        else:
            self._house(front, head, target.path + target.query)

    def _strictly(self, entry: Entry, head: Head, target: Target) -> Target:
        if entry.gate is not None and entry.gate.allows_encoded_slash:
            return target
        return read_target(head.target, head.host)

    def _house(self, front: Front, head: Head, target: bytes) -> None:
        AsgiWork(front, head, self._site.pages, target=target, scheme=self._scheme).start()

    # -- an app

    def _app(self, front: Front, head: Head, entry: Entry, target: Target) -> None:
        if not target.path.startswith(entry.prefix):
            slash = entry.prefix.decode("ascii") + target.query.decode("ascii")
            front.reply(Reply(308, b"", (("location", slash), replies.NO_STORE)))
            return
        verdict = at_the_door(entry, head, target)
        if verdict is None:
            given = self._given(head, entry)
            seen = self._site.callers.remembered(entry, given)
            if seen is None and given.is_something:
                self._later(front, head, self._look_up(Waiting(front), front, head, entry, target, given))
                return
            verdict = self._of_person(front, head, entry, target, seen)
        self._follow(front, head, entry, target, verdict)

    async def _look_up(
        self, waiting: Waiting, front: Front, head: Head, entry: Entry, target: Target, given: Given
    ) -> None:
        seen = await self._find(front, head, entry, given)
        if waiting.is_wanted:
            self._follow(front, head, entry, target, self._of_person(front, head, entry, target, seen), waiting)

    async def _find(self, front: Front, head: Head, entry: Entry, given: Given) -> Seen | Rejection | None:
        visit = replies.visit_of(self._ctx, front, head) if given.tokens else None
        return await self._site.callers.find(entry, given, self.address(front, head), visit)

    def _of_person(
        self, front: Front, head: Head, entry: Entry, target: Target, seen: Seen | Rejection | None
    ) -> Verdict:
        if isinstance(seen, Seen):
            seen = resource.in_scope(entry, head.method, target, seen)
        return of_person(entry, seen, address=self.address(front, head), now=self._ctx.clock.now())

    def _follow(
        self, front: Front, head: Head, entry: Entry, target: Target, verdict: Verdict, waiting: Waiting | None = None
    ) -> None:
        self._ctx.tally.of(entry.app.id).decided(verdict.outcome.value)
        if verdict.outcome in {Outcome.OPEN, Outcome.PUBLIC}:
            exchange = self._exchange(front, head, entry, target, verdict.seen)
            if exchange is None:
                front.reply(self._explained(front, head, replies.no_answer(entry, 502), on_app_host=True))
            elif waiting is None:
                exchange.start()
            else:
                waiting.hand_over(exchange)
            return
        front.reply(refusal(self._ctx, front, head, entry, target, verdict))

    def _exchange(self, front: Front, head: Head, entry: Entry, target: Target, seen: Seen | None) -> Exchange | None:
        backends, address = self._site.backends(entry), self.address(front, head)
        if not backends.all:
            return None
        path, added = told(
            entry, target, seen, self._site.signer, address=address, scheme=self._scheme, house=self._own
        )
        request = request_bytes(head, target=path, host=entry.host_header, added=added, own=bearer.hidden(entry, head))
        errand = Errand(
            backends=backends,
            request=request,
            limits=entry.limits,
            on_failure=lambda front, head, status, why: self._failed(front, head, entry, status, why),
            registry=self._site.registry,
            tally=self._ctx.tally.of(entry.app.id),
            owner=self._bound(head, entry, address, target, seen),
            rewriting=entry.rewriting,
        )
        return Exchange(front, head, errand)

    def _failed(self, front: Front, head: Head, entry: Entry, status: int, why: str) -> None:
        visit = replies.visit_of(self._ctx, front, head)
        get_logger().warning(
            "app did not answer", program="house", app=entry.app.name, reference=visit.reference, error=why
        )
        self._ctx.tally.of(entry.app.id).failed(status)
        words = replies.no_answer(entry, status)
        reply = replies.explain(self._ctx, visit, head, words, on_app_host=not entry.is_own_host)
        if status == 503:
            reply = Reply(reply.status, reply.body, (*reply.headers, replies.RETRY_AFTER))
        front.reply(reply)

    # -- the reserved path

    def _reserved(self, front: Front, head: Head, host: str, target: Target) -> None:
        site = self._site
        rest = target.path[len(RESERVED) :]
        on_app_host = host != site.table.own_host
        if forward_auth.is_question(head, target):
            self._ask(front, head, target)
        elif rest.startswith(b"static/") and head.method in {b"GET", b"HEAD"}:
            self._house(front, head, b"/" + rest)
        elif rest == b"enter" and on_app_host and head.method == b"GET":
            self._later(front, head, self._enter(Waiting(front), front, head, host, target.query))
        elif rest == b"start" and on_app_host and head.method == b"GET":
            front.reply(self._start(front, head, host, target.query))
        else:
            front.reply(self._explained(front, head, replies.NOTHING_THERE, on_app_host=on_app_host))

    def _start(self, front: Front, head: Head, host: str, query: bytes) -> Reply:
        """For a proxy in front that turns its 401 into a visit here: ``?to=`` is the path that was asked for."""
        wanted = query.partition(b"?to=")[2].decode("latin-1")
        found = self._site.table.find(host, wanted.partition("?")[0].encode("latin-1"))
        entry = found or self._site.table.find(host, b"/")
        if entry is None:
            return self._explained(front, head, replies.NOTHING_THERE, on_app_host=True)
        return way.start(self._ctx, entry, head, way.path_at(entry, wanted))

    async def _enter(self, waiting: Waiting, front: Front, head: Head, host: str, query: bytes) -> None:
        visit = replies.visit_of(self._ctx, front, head)
        reply: Reply | None = None
        for entry in self._site.table.at(host):
            reply = await way.enter(self._ctx, visit, entry, head, query)
            if reply is not None:
                break
        if waiting.is_wanted:
            front.reply(reply or self._explained(front, head, replies.NOT_KEPT, on_app_host=True))

    def _ask(self, front: Front, head: Head, target: Target) -> None:
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

    # -- what both have

    def address(self, front: Front, head: Head) -> str:
        """The client's, behind the operator's own proxies."""
        proxies = self._ctx.proxies
        return peers.behind(front.peer, head.get(b"x-forwarded-for"), proxies) if proxies else front.peer

    def _is_trusted(self, peer: str) -> bool:
        return peers.is_named(peer, self._ctx.proxies) or (self._ctx.origin.is_loopback and peers.is_this_machine(peer))

    def _given(self, head: Head, entry: Entry) -> Given:
        return bearer.given(entry, head, self._site.session_cookie if entry.is_own_host else entry.cookie)

    def _bound(self, head: Head, entry: Entry, address: str, target: Target, seen: Seen | None) -> Bound:
        if seen is None:
            return Bound(app=entry.app, path=target.path)
        asked = (head.method, target) if seen.scopes is not None else None
        return Bound(app=entry.app, given=self._given(head, entry), address=address, asked=asked)

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
