"""
Plain http, beside https: browsers are sent to the same page there, the authority's questions are answered.

Nothing else is served here, since everything on such a connection can be read and changed on its way.
"""

import re

from poolhouse.house.context import Context
from poolhouse.house.gateway.crowding import make_room
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.head import Head
from poolhouse.house.gateway.site import Site
from poolhouse.house.gateway.waiting import Waiting
from poolhouse.house.store.certificates import find_answer
from poolhouse.house.tls.hosts import host_of
from poolhouse.kit.db.protocol import DatabaseError, ReadTx
from poolhouse.kit.edge import Reply, text

CHALLENGES = b"/.well-known/acme-challenge/"
CONNECTIONS = 2_000
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{16,128}")
_NO_STORE = (("cache-control", "no-store"),)


class Plain:
    """Answers the requests of one process's plain listener; *begin* is what its fronts are given."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ctx = site.ctx
        self.fronts: set[Front] = set()

    def front(self) -> Front:
        front = Front(self.begin, self._site.fronts, self.fronts, self._site.crowding)
        front.head_seconds = self._ctx.settings.head_seconds
        return front

    def close(self) -> None:
        for front in list(self.fronts):
            front.shutdown()

    def begin(self, front: Front, head: Head) -> None:
        if len(self.fronts) > CONNECTIONS and not make_room(self.fronts, front.loop.time()):
            front.is_last = True
            front.reply(text("Too many connections.\n", 503, _NO_STORE))
        elif head.method not in {b"GET", b"HEAD"}:
            front.reply(
                text("Use https: what was sent could be read by others, and nothing was done.\n", 403, _NO_STORE)
            )
        elif head.target.startswith(CHALLENGES):
            self._challenge(front, head.target[len(CHALLENGES) :])
        else:
            front.reply(self._onward(head))

    def _onward(self, head: Head) -> Reply:
        """To https, by a name of ours only: any other one would make us a way to somebody else's page."""
        host, port = _without_port(head.host), self._ctx.origin.url.partition("://")[2].rpartition(":")[2]
        there = host + (f":{port}" if port.isdigit() else "")
        table = self._site.table
        former = {host_of(url) for url in self._ctx.settings.former_base_urls}
        if there != table.own_host and not table.has(there) and host not in former:
            return text("No such host.\n", 404, _NO_STORE)
        target = head.target.decode("ascii") if head.target.startswith(b"/") else "/"
        return Reply(308, b"", (("location", f"https://{there}{target}"), *_NO_STORE))

    def _challenge(self, front: Front, token: bytes) -> None:
        if not _TOKEN.fullmatch(token):
            front.reply(text("No such challenge.\n", 404, _NO_STORE))
            return
        self._site.spawn(self._answer(Waiting(front), front, token.decode("ascii")))

    async def _answer(self, waiting: Waiting, front: Front, token: str) -> None:
        """RFC 8555 section 8.3: any replica may be asked."""

        async def unit(tx: ReadTx) -> str | None:
            return await find_answer(tx, token, self._ctx.clock.now())

        try:
            found = await self._ctx.db.read(unit)
        except (DatabaseError, OSError):
            reply = text("Too busy.\n", 503, _NO_STORE)
        else:
            reply = text("No such challenge.\n", 404, _NO_STORE)
            if found is not None:
                reply = Reply(200, found.encode("ascii"), (("content-type", "application/octet-stream"), *_NO_STORE))
        if waiting.is_wanted:
            front.reply(reply)


def hsts(ctx: Context) -> bytes:
    """
    The header that keeps browsers off plain http (RFC 6797), where the house ends TLS by a certificate they accept.

    Never for this machine's own name, which other programs share, nor for hosts below ours, which may not be ours.
    """
    days = ctx.live.document.tls.hsts_days
    if ctx.keeper is None or ctx.keeper.is_temporary or not days or ctx.origin.is_loopback:
        return b""
    return b"strict-transport-security: max-age=%d\r\n" % (days * 86_400)


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() and not (name.startswith("[") and not name.endswith("]")) else host
