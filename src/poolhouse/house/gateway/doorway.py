"""Each request's way: to the house's own pages, to an app, or to a page that says why not."""

from poolhouse.house.gateway import bearer, cors, forward_auth, passing, replies, resource, way
from poolhouse.house.gateway.asgi import AsgiWork
from poolhouse.house.gateway.desk import Desk
from poolhouse.house.gateway.errand import Errand
from poolhouse.house.gateway.exchange import Exchange
from poolhouse.house.gateway.forwarding import request_bytes
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.given import Given
from poolhouse.house.gateway.head import Head, Malformed
from poolhouse.house.gateway.inquiry import Inquiry
from poolhouse.house.gateway.judge import Outcome, Verdict
from poolhouse.house.gateway.refusal import refusal
from poolhouse.house.gateway.registry import Bound
from poolhouse.house.gateway.seen import Seen
from poolhouse.house.gateway.site import Site
from poolhouse.house.gateway.table import RESERVED, Entry
from poolhouse.house.gateway.target import Target, is_tame, read_target
from poolhouse.house.gateway.told import told
from poolhouse.house.gateway.waiting import Waiting
from poolhouse.kit.edge import Reply, text
from poolhouse.kit.log import get_logger

_NOT_THE_HOUSES = (b"/apps/", RESERVED, resource.WELL_KNOWN)
CONNECTIONS = 10_000
"""Of one process, open websockets among them."""


class Doorway(Desk):
    """Begins the work on each request of a site."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._mark = passing.mark_of(site.ctx.ring, site.ctx.origin)
        self._forward_auth = Inquiry(site)

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
        if passing.is_loop(head, self._mark):
            front.reply(self._explained(front, head, replies.LOOP, on_app_host=False))
            return
        if head.target.startswith(forward_auth.PREFIX):
            self._forward_auth.ask(front, head)
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

    def _house(self, front: Front, head: Head, target: bytes) -> None:
        AsgiWork(front, head, self._site.pages, target=target, scheme=self._scheme).start()

    # -- an app

    def _app(self, front: Front, head: Head, entry: Entry, target: Target) -> None:
        if not target.path.startswith(entry.prefix):
            slash = entry.prefix.decode("ascii") + target.query.decode("ascii")
            front.reply(Reply(308, b"", (("location", slash), replies.NO_STORE)))
            return
        preflight = cors.preflight(entry.cors, head) if entry.cors is not None else None
        if preflight is not None:
            front.reply(preflight)
            return
        verdict = self._at_the_door(entry, head, target)
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

    def _follow(
        self, front: Front, head: Head, entry: Entry, target: Target, verdict: Verdict, waiting: Waiting | None = None
    ) -> None:
        self._ctx.tally.of(entry.app.id).decided(verdict.outcome)
        if verdict.outcome is Outcome.OPEN or verdict.outcome is Outcome.PUBLIC:
            exchange = self._exchange(front, head, entry, target, verdict.seen)
            if exchange is None:
                reply = self._explained(front, head, replies.no_answer(entry, 502), on_app_host=True)
                front.reply(reply.with_headers(*cors.headers(entry.cors, head)))
            elif waiting is None:
                exchange.start()
            else:
                waiting.hand_over(exchange)
            return
        reply = refusal(self._ctx, front, head, entry, target, verdict)
        front.reply(reply.with_headers(*cors.headers(entry.cors, head)))

    def _exchange(self, front: Front, head: Head, entry: Entry, target: Target, seen: Seen | None) -> Exchange | None:
        backends, address = self._site.backends(entry), self.address(front, head)
        if not backends.all:
            return None
        passed = passing.onward(head, self._mark)
        path, added = told(entry, target, seen, self._site.signer, address=address, passed=passed)
        request = request_bytes(head, target=path, host=entry.host_header, added=added, own=bearer.hidden(entry, head))
        errand = Errand(
            backends=backends,
            request=request,
            limits=entry.limits,
            on_failure=lambda front, head, status, why: self._failed(front, head, entry, status, why),
            registry=self._site.registry,
            tally=self._ctx.tally.of(entry.app.id),
            owner=self._bound(head, entry, address, target, seen),
            returning=entry.returning,
            back=b"" if entry.cors is None else cors.lines(entry.cors, head),
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
        front.reply(reply.with_headers(*cors.headers(entry.cors, head)))

    # -- the reserved path

    def _reserved(self, front: Front, head: Head, host: str, target: Target) -> None:
        site = self._site
        rest = target.path[len(RESERVED) :]
        on_app_host = host != site.table.own_host
        if rest.startswith(b"static/") and head.method in {b"GET", b"HEAD"}:
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

    def _bound(self, head: Head, entry: Entry, address: str, target: Target, seen: Seen | None) -> Bound:
        if seen is None:
            return Bound(app=entry.app, path=target.path)
        asked = (head.method, target) if seen.scopes is not None else None
        return Bound(app=entry.app, given=self._given(head, entry), address=address, asked=asked)
