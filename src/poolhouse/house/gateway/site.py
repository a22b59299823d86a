"""What the gateway of one process holds: the live table, sessions it has just seen, connections, open websockets."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from starlette.types import ASGIApp

from poolhouse.house.context import Context
from poolhouse.house.gateway.assertion import Signer, load_signer
from poolhouse.house.gateway.callers import Callers
from poolhouse.house.gateway.judge import Outcome, of_person
from poolhouse.house.gateway.seen import Sessions
from poolhouse.house.gateway.table import Entry, Table
from poolhouse.house.gateway.tunnel import Bound, Registry
from poolhouse.house.gateway.upstream import Place, Pool
from poolhouse.house.model import App
from poolhouse.house.session import session_cookie_name
from poolhouse.house.store import apps, sessions, tokens
from poolhouse.kit.db.protocol import DatabaseClosed, DatabaseError, ReadTx
from poolhouse.kit.log import get_logger

TICK_SECONDS = 1.0
RECHECK_TICKS = 15
_RETRY_SECONDS = 1.0


class Site:
    """See the module; made by ``open_site``."""

    def __init__(self, ctx: Context, pages: ASGIApp, signer: Signer) -> None:
        self.ctx = ctx
        self.pages = pages
        self.signer = signer
        self.table = Table(ctx.origin, ())
        self.sessions = Sessions(ctx)
        self.callers = Callers(ctx, self.sessions)
        self.registry = Registry()
        self.fronts: set[Any] = set()
        self.session_cookie = session_cookie_name(ctx.origin).encode("ascii")
        self._pools: dict[Place, Pool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._has_news = asyncio.Event()

    async def open(self) -> None:
        """Listen first, then load: nothing can fall between."""
        self.ctx.db.subscribe(apps.CHANNEL, self._apps_changed)
        self.ctx.db.subscribe(sessions.CHANNEL, self._sessions_ended)
        self.ctx.db.subscribe(tokens.CHANNEL, self._sessions_ended)
        self.ctx.live.on_change(lambda: self._sessions_ended(""))
        await self._load()
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        self.spawn(self._recheck_for_ever())

    def close(self) -> None:
        """Let go of every connection."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        for tunnel in list(self.registry.tunnels):
            tunnel.close()
        for pool in self._pools.values():
            pool.close()

    def pool(self, entry: Entry) -> Pool | None:
        """Connections to the app; None for one that another proxy serves."""
        if entry.place is None:
            return None
        found = self._pools.get(entry.place)
        if found is None:
            found = self._pools[entry.place] = Pool(entry.place)
        return found

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run *work*; it is ended with the site."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tick(self) -> None:
        now = self._loop.time()
        self._ticks += 1
        for front in list(self.fronts):
            front.tick(now)
        for pool in self._pools.values():
            pool.tick(now)
        if self._ticks % RECHECK_TICKS == 0:
            self._has_news.set()
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)

    # -- what is live

    def _apps_changed(self, _payload: str) -> None:
        self.spawn(self._catch_up())

    def _sessions_ended(self, _payload: str) -> None:
        self.callers.forget()
        self._has_news.set()

    async def _catch_up(self) -> None:
        """Load until it works: nobody will announce this change a second time."""
        while not self._is_closed:
            try:
                await self._load()
            except DatabaseClosed:
                return
            except (DatabaseError, OSError) as wrong:
                get_logger().error("apps not read", program="house", error=type(wrong).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._has_news.set()
                return

    async def _load(self) -> None:
        async def unit(tx: ReadTx) -> list[App]:
            return await apps.list_apps(tx)

        self.table = Table(self.ctx.origin, await self.ctx.db.read(unit))
        # What apps are told may have changed with them.
        self.callers.forget()
        wanted = {entry.place for entry in self.table.entries}
        for place in [each for each in self._pools if each not in wanted]:
            self._pools.pop(place).close()

    async def _recheck_for_ever(self) -> None:
        """Open websockets are judged anew when sessions end or apps change, and now and then for what expires."""
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            with contextlib.suppress(DatabaseError, OSError):
                await self._recheck()

    async def _recheck(self) -> None:
        for bound in set(self.registry.tunnels.values()):
            if bound is not None and not await self._may_stay(bound):
                for tunnel in [each for each, owner in self.registry.tunnels.items() if owner == bound]:
                    tunnel.revoke()

    async def _may_stay(self, bound: Bound) -> bool:
        entry = self.table.of(bound.app_id)
        if entry is None:
            return False
        try:
            seen = await self.callers.find(entry, bound.given, bound.address)
        except (DatabaseError, OSError):
            raise
        except Exception as wrong:  # noqa: BLE001 - what cannot be read denies, and the others are judged all the same
            get_logger().error("session not read", program="house", error=type(wrong).__name__)
            return False
        verdict = of_person(entry, seen, address=bound.address, now=self.ctx.clock.now())
        return verdict.outcome is Outcome.OPEN


async def open_site(ctx: Context, pages: ASGIApp) -> Site:
    """The gateway in front of *pages*, ready for connections."""
    signer = await load_signer(ctx.db, ctx.ring, ctx.clock, ctx.entropy, ctx.origin.url)
    site = Site(ctx, pages, signer)
    await site.open()
    return site
