"""What the gateway of one process holds: the live table, sessions it has just seen, connections, what is open."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import ASGIApp

from poolhouse.house.context import Context
from poolhouse.house.gateway.assertion import Signer, load_signer
from poolhouse.house.gateway.backends import Backend, Backends
from poolhouse.house.gateway.callers import Callers
from poolhouse.house.gateway.crowding import Crowding, make_room
from poolhouse.house.gateway.place import Place
from poolhouse.house.gateway.registry import Registry
from poolhouse.house.gateway.seen import Sessions
from poolhouse.house.gateway.table import Entry, Table
from poolhouse.house.gateway.upstream import Pool
from poolhouse.house.gateway.watch import watch
from poolhouse.house.model import App
from poolhouse.house.reach import Health
from poolhouse.house.session import session_cookie_name
from poolhouse.house.store import apps, assertion_keys, sessions, tokens
from poolhouse.kit.crowd import Crowd
from poolhouse.kit.db.protocol import DatabaseClosed, DatabaseError, ReadTx
from poolhouse.kit.log import get_logger

TICK_SECONDS = 1.0
RECHECK_TICKS = 15
_RETRY_SECONDS = 1.0
_NONE = Backends(())


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
        self.crowding = Crowding(Crowd(ctx.settings.connections_per_address, ctx.proxies))
        self.session_cookie = session_cookie_name(ctx.origin).encode("ascii")
        self._authorities = ""
        self._pools: dict[Place, Pool] = {}
        self._backends: dict[str, Backends] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._loading = asyncio.Lock()
        self._announced = self._loaded = 0
        self._has_news = asyncio.Event()
        ctx.tally.open_by = self.registry.count_by_cookie
        ctx.tally.gauges = lambda: (len(self.fronts), len(self.registry.open))

    async def open(self) -> None:
        """Listen first, then load: nothing can fall between."""
        self.ctx.db.subscribe(apps.CHANNEL, self._apps_changed)
        self.ctx.db.subscribe(assertion_keys.CHANNEL, self._apps_changed)
        self.ctx.db.subscribe(sessions.CHANNEL, self._sessions_ended)
        self.ctx.db.subscribe(tokens.CHANNEL, self._sessions_ended)
        self.ctx.live.on_change(self._settings_changed)
        async with self._loading:
            await self._load()
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        self.spawn(watch(self, self._has_news))

    def close(self) -> None:
        """Let go of every connection."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        self.registry.close()
        for pool in self._pools.values():
            pool.close()

    def backends(self, entry: Entry) -> Backends:
        """The app's upstreams; none of one that another proxy serves."""
        return self._backends.get(entry.app.id, _NONE)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run *work*; it is ended with the site."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def make_room(self) -> bool:
        """See ``crowding``."""
        return make_room(self.fronts, self._loop.time())

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
        self._announced += 1
        self.spawn(self._catch_up())

    def _sessions_ended(self, _payload: str) -> None:
        self.callers.forget()
        self._has_news.set()

    def _settings_changed(self) -> None:
        self._sessions_ended("")
        if self.ctx.live.document.tls.authorities != self._authorities:
            self._apps_changed("")

    async def _catch_up(self) -> None:
        """
        Load until it works: nobody will announce this change a second time.

        One after another, so that no load ends with what was there before another one; several changes are one load.
        """
        mine = self._announced
        while not self._is_closed:
            try:
                async with self._loading:
                    if self._loaded < mine:
                        announced = self._announced
                        await self._load()
                        self._loaded = announced
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

        ctx = self.ctx
        self._authorities = ctx.live.document.tls.authorities
        self.table = Table(ctx.origin, await ctx.db.read(unit), self._authorities)
        self.signer = await load_signer(ctx.db, ctx.ring, ctx.clock, ctx.entropy, ctx.origin.url)
        # What apps are told may have changed with them.
        self.callers.forget()
        self._place()

    def _place(self) -> None:
        """Connections and health by app; what has stayed where it was keeps both."""
        before, self._backends = self._backends, {}
        for entry in self.table.entries:
            kept = {each.place: each for each in before.get(entry.app.id, _NONE).all}
            self._backends[entry.app.id] = Backends(
                [kept.get(place) or self._backend(entry, place) for place in entry.places]
            )
        wanted = {place for entry in self.table.entries for place in entry.places}
        for place in [each for each in self._pools if each not in wanted]:
            self._pools.pop(place).close()
        self.ctx.reach.replace(
            {app_id: tuple(each.health for each in found.all) for app_id, found in self._backends.items()}
        )

    def _backend(self, entry: Entry, place: Place) -> Backend:
        pool = self._pools.get(place)
        if pool is None:
            pool = self._pools[place] = Pool(place)
        return Backend(place, pool, Health(entry.app.name, place.url, self.ctx.clock))


async def open_site(ctx: Context, pages: ASGIApp) -> Site:
    """The gateway in front of *pages*, ready for connections."""
    signer = await load_signer(ctx.db, ctx.ring, ctx.clock, ctx.entropy, ctx.origin.url)
    site = Site(ctx, pages, signer)
    await site.open()
    return site
