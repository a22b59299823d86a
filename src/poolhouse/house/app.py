"""
The composition root and the route table.

``await build(settings)`` opens the database, brings it up to date, makes the first administrator, and returns a
``House``: an ASGI application with what ``poolhouse up`` needs to set it up.  Nothing here is global, so two of them,
or a house and a pool, live in one process.
"""

import base64
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from poolhouse.house import drafts, renewal, rollout
from poolhouse.house.config import HouseSettings, read_origin
from poolhouse.house.context import Context, Relying
from poolhouse.house.emergency import EmergencyLink, make_link
from poolhouse.house.first_admin import make_first_admin, rescue
from poolhouse.house.gate import Gate
from poolhouse.house.gateway.app_checks import check_app, with_letter
from poolhouse.house.gateway.checks import rounds_of
from poolhouse.house.gateway.doorway import Doorway
from poolhouse.house.gateway.front import Front
from poolhouse.house.gateway.key_rotation import keep_fresh
from poolhouse.house.gateway.site import Site, open_site
from poolhouse.house.keeping import forget_events
from poolhouse.house.limiter import Limiter
from poolhouse.house.live import Live
from poolhouse.house.mail import outbox
from poolhouse.house.metrics.sharing import SECONDS as SHARING_SECONDS
from poolhouse.house.metrics.sharing import tell
from poolhouse.house.metrics.tally import Tally
from poolhouse.house.model import App, Document
from poolhouse.house.portal import probing
from poolhouse.house.portal.waiting import SECONDS as WAITING_SECONDS
from poolhouse.house.portal.waiting import Waiting
from poolhouse.house.provider import FIRST, OidcSettings, Provider
from poolhouse.house.reach import Reach
from poolhouse.house.reminding import remind
from poolhouse.house.replicas import BEAT_SECONDS, Replicas
from poolhouse.house.rounds import Round, Rounds
from poolhouse.house.router import make_router
from poolhouse.house.rule_changes import rule_round
from poolhouse.house.schema import HISTORY
from poolhouse.house.settings.holding import hold_startup
from poolhouse.house.store import apps as app_store
from poolhouse.house.tls.former import onward
from poolhouse.house.tls.opening import RENEWAL_SECONDS, open_keeper, renew
from poolhouse.house.tls.plain import Plain, hsts
from poolhouse.house.token_making import sweep
from poolhouse.kit.address import read_networks
from poolhouse.kit.ambient import Clock, Entropy, Secret, SystemClock, SystemEntropy, hex_token, uuid4
from poolhouse.kit.cpu import CpuPool, cores
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.html import Html, Static
from poolhouse.kit.seal import KeyRing

if TYPE_CHECKING:
    from poolhouse.house.tls.contexts import Certificates

HERE = Path(__file__).parent
SIGN_INS_A_MINUTE = 300
BAD_LOGOUTS_A_MINUTE = 30
HASH_QUEUE = 64

ROUNDS: tuple[Round, ...] = (
    Round(name="certificates", seconds=RENEWAL_SECONDS, run=renew),
    Round(name="old tokens", seconds=3600, run=sweep),
    Round(name="drafts", seconds=300, run=drafts.sweep),
    Round(name="keys of assertions", seconds=3600, run=keep_fresh),
    Round(name="beat", seconds=BEAT_SECONDS, run=lambda ctx: ctx.replicas.beat(), everywhere=True),
    Round(name="mail", seconds=3, run=outbox.deliver_due),
    Round(name="sent mail", seconds=3600, run=outbox.sweep),
    Round(name="provider settings", seconds=15, run=rollout.look_after),
    Round(name="client secrets", seconds=3_600.0, run=remind),
    Round(name="claims of providers", seconds=renewal.ROUND_SECONDS, run=renewal.renew_due),
    Round(name="metrics", seconds=SHARING_SECONDS, run=tell, everywhere=True),
    Round(name="around the gateway", seconds=probing.ROUND_SECONDS, run=probing.probe_due),
    Round(name="requests", seconds=WAITING_SECONDS, run=lambda ctx: ctx.waiting.look(ctx.db), everywhere=True),
    Round(name="audit log", seconds=3_600.0, run=forget_events),
)
"""What the house does by itself."""


class Look(msgspec.Struct, frozen=True):
    """Templates and static files, read once; houses of one process can share them."""

    html: Html
    static: Static


def read_look() -> Look:
    """The house's own, from its package."""
    static = Static([HERE / "static"])
    return Look(Html([HERE / "templates"], static), static)


class House:
    """The running house: an ASGI application, and what its composition may do to it."""

    def __init__(self, ctx: Context, router: Router, first_password: Secret | None, own_cpu: CpuPool | None) -> None:
        self.ctx = ctx
        self.first_password = first_password
        """The first administrator's, if it was made up at this start; nobody can ask for it again."""
        self._router = router
        self._own_cpu = own_cpu
        self._is_closed = False
        self._site: Site | None = None
        self._doorway: Doorway | None = None
        self._plain: Plain | None = None
        self._rounds = Rounds(ctx, ROUNDS)

    @property
    def app(self) -> ASGIApp:
        """The application for a server; with ``lifespan`` on, its shutdown calls ``close``."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await self._router(scope, receive, send)

    async def open_gateway(self) -> None:
        """Make ready for connections of our own server, before the first ``front``."""
        self._site = await open_site(self.ctx, self)
        self._doorway = Doorway(self._site)
        self._begin = onward(self.ctx, self._doorway.begin)
        self._rounds = Rounds(self.ctx, (*ROUNDS, *rounds_of(self._site), rule_round(self.ctx)))
        self._plain = Plain(self._site)
        self._rounds.start()
        await self.ctx.replicas.start()

    def front(self, connections: set[Any]) -> Front:
        """What serves one connection: the house's pages and the apps behind it; kept in *connections* while open."""
        if self._site is None or self._doorway is None:
            raise AssertionError("a connection before the gateway was opened")
        front = Front(self._begin, self._site.fronts, connections, self._site.crowding)
        front.head_seconds = self.ctx.settings.head_seconds
        front.always = hsts(self.ctx)
        return front

    def plain_front(self) -> Front:
        """What serves one connection by plain http beside https."""
        if self._plain is None:
            raise AssertionError("a connection before the gateway was opened")
        return self._plain.front()

    async def use_oidc(self, oidc: OidcSettings, *, by: str = "setup") -> bool:
        """Set the provider up if none is; whether it was done.  What an administrator has saved is never replaced."""
        done, first = False, Provider(id=FIRST, settings=oidc)

        async def change(_tx: Tx, document: Document) -> Document:
            nonlocal done
            done = not document.providers
            return msgspec.structs.replace(document, providers=document.providers or (first,))

        if not self.ctx.live.document.providers:
            await self.ctx.live.change(change, by=by)
        return done

    async def add_app(
        self, *, name: str, url: str, description: str = "", letter: str = "", gate: Gate | None = None
    ) -> bool:
        """Put an app on the home page unless one with this URL is there; ``ValueError`` for a wrong entry."""
        app = App(id=uuid4(self.ctx.entropy), name=name, url=url, description=description, letter=letter, gate=gate)
        errors = check_app(app, self.ctx.origin)
        if errors:
            raise ValueError(" ".join(errors.values()))

        async def unit(tx: Tx) -> bool:
            if await app_store.find_app_at(tx, url) is not None:
                return False
            await app_store.put_app(tx, with_letter(app), self.ctx.clock.now())
            return True

        return await self.ctx.db.write(unit)

    async def rescue(self, email: str, password: Secret) -> None:
        """Let an administrator back in; see ``first_admin.rescue``."""
        await rescue(self.ctx, email, password)

    async def make_emergency_link(self, *, email: str, minutes: int) -> EmergencyLink:
        """Let an administrator in once; see ``emergency``."""
        return await make_link(self.ctx, email=email, minutes=minutes)

    async def close(self) -> None:
        """Let go of the database and of connections to the provider; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._rounds.stop()
        await self.ctx.replicas.stop()
        if self.ctx.keeper is not None:
            await self.ctx.keeper.stop()
        if self._plain is not None:
            self._plain.close()
        if self._site is not None:
            self._site.close()
        await self.ctx.live.stop()
        await self.ctx.relying.close()
        if self._own_cpu is not None:
            self._own_cpu.close()
        await self.ctx.db.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        """Everything was started by ``build``; a server's shutdown closes it."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def build(
    settings: HouseSettings,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    cpu: CpuPool | None = None,
    look: Look | None = None,
    makes_first_admin: bool = True,
    certificates: "Certificates | None" = None,
) -> House:
    """
    Make the house ready to serve.

    *cpu* is the pool of threads for password hashing when the process has one already, which its owner closes;
    *look* its templates, when they have been read already.  Without *makes_first_admin* an empty database stays empty:
    for commands that work on a house that is there.  *certificates* is what its listener serves if it ends TLS.
    ``SettingError`` for settings that it does not start with.
    """
    origin = read_origin(settings.base_url)
    clock = clock or SystemClock()
    entropy = entropy or SystemEntropy()
    ring = KeyRing([base64.b64decode(key.reveal()) for key in settings.master_keys], entropy)
    pool = cpu or CpuPool(cores(), HASH_QUEUE)
    own_cpu = pool if cpu is None else None
    db = await open_database(settings.database)
    try:
        await migrate(db, HISTORY)
        live = Live(db, ring, clock)
        relying = Relying(settings, origin, ring, clock)
        live.on_change(relying.forget)
        live.on_change(lambda: relying.trust(live.document.tls.authorities))
        hold_startup(live, settings)
        await live.start()
        look = look or read_look()
        tally = Tally(hex_token(entropy, 8), clock.now())
        ctx = Context(
            settings=settings,
            origin=origin,
            db=db,
            ring=ring,
            clock=clock,
            entropy=entropy,
            cpu=pool,
            live=live,
            html=look.html,
            relying=relying,
            limiter=Limiter(clock, calls=SIGN_INS_A_MINUTE, seconds=60),
            bad_logouts=Limiter(clock, calls=BAD_LOGOUTS_A_MINUTE, seconds=60),
            reach=Reach(),
            tally=tally,
            replicas=Replicas(db, live, tally, clock, entropy),
            waiting=Waiting(),
            proxies=read_networks(settings.trusted_proxies),
            sequence=count(),
            keeper=await open_keeper(certificates, settings, live, db, ring, clock),
        )
        first_password = await make_first_admin(ctx) if makes_first_admin else None
        if settings.settings_file:
            from poolhouse.house.settings.applying import apply_at_start  # noqa: PLC0415 (who has no file needs none)

            await apply_at_start(ctx)
    except BaseException:
        await db.close()
        raise
    return House(ctx, make_router(ctx, look.static), first_password, own_cpu)
