"""
The composition root and the route table.

``await build(settings)`` opens the database, brings it up to date, makes the first administrator, and returns a
``House``: an ASGI application with what ``poolhouse up`` needs to set it up.  Nothing here is global, so two of them,
or a house and a pool, live in one process.
"""

import base64
from importlib import import_module
from itertools import count
from pathlib import Path

import msgspec
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from poolhouse.house.admission import Access, Row, route
from poolhouse.house.config import HouseSettings, read_origin
from poolhouse.house.context import LOGGED_OUT_PATH, REDIRECT_PATH, START_PATH, Context, Relying
from poolhouse.house.first_admin import make_first_admin, rescue
from poolhouse.house.limiter import Limiter
from poolhouse.house.live import Live
from poolhouse.house.model import App, Document, OidcSettings
from poolhouse.house.pages import (
    account,
    apps,
    audit_log,
    authentication,
    health,
    home,
    login,
    nowhere,
    settings,
    users,
)
from poolhouse.house.pages.apps import check_app, with_letter
from poolhouse.house.store import apps as app_store
from poolhouse.house.visit import Visit
from poolhouse.kit.address import read_networks
from poolhouse.kit.ambient import Clock, Entropy, Secret, SystemClock, SystemEntropy, uuid4
from poolhouse.kit.cpu import CpuPool, cores
from poolhouse.kit.db.migrate import History, migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.edge import Raw, Reply, endpoint
from poolhouse.kit.html import Html, Static
from poolhouse.kit.seal import KeyRing

HISTORY = History("poolhouse.house.migrations", "house_version")
HERE = Path(__file__).parent
SIGN_INS_A_MINUTE = 300
HASH_QUEUE = 64

PUBLIC, SIGNED_IN, ADMINISTRATOR = Access.PUBLIC, Access.SIGNED_IN, Access.ADMINISTRATOR


class Later:
    """
    A handler of a module that is imported at its first request.

    aiohttp and joserfc take half a second and 12 MB, which a program that only starts should not pay.
    """

    def __init__(self, module: str, name: str) -> None:
        self.module = f"poolhouse.house.pages.{module}"
        self.name = name

    async def __call__(self, ctx: Context, visit: Visit) -> Reply:
        reply: Reply = await getattr(import_module(self.module), self.name)(ctx, visit)
        return reply


ROUTES = (
    Row("GET", "/", SIGNED_IN, home.show),
    Row("GET", "/user/login", PUBLIC, login.show),
    Row("POST", "/user/login", PUBLIC, login.submit),
    Row("POST", "/user/logout", PUBLIC, login.sign_out),
    Row("GET", LOGGED_OUT_PATH, PUBLIC, login.logged_out),
    Row("GET", START_PATH, PUBLIC, Later("oidc", "start")),
    Row("GET", REDIRECT_PATH, PUBLIC, Later("oidc", "come_back")),
    Row("GET", "/user/account", SIGNED_IN, account.show),
    Row("POST", "/user/account/password", SIGNED_IN, account.save_password),
    Row("POST", "/user/account/connect", SIGNED_IN, Later("oidc", "connect")),
    Row("POST", "/user/account/disconnect", SIGNED_IN, account.disconnect),
    Row("GET", "/settings", ADMINISTRATOR, settings.index),
    Row("GET", "/settings/general", ADMINISTRATOR, settings.show),
    Row("POST", "/settings/general", ADMINISTRATOR, settings.save),
    Row("GET", "/settings/authentication", ADMINISTRATOR, authentication.show),
    Row("GET", "/settings/authentication/form-login", ADMINISTRATOR, authentication.edit_form_login),
    Row("POST", "/settings/authentication/form-login", ADMINISTRATOR, authentication.save_form_login),
    Row("POST", "/settings/authentication/form-login/enable", ADMINISTRATOR, authentication.enable_form_login),
    Row("POST", "/settings/authentication/form-login/disconnect", ADMINISTRATOR, authentication.disconnect_form_login),
    Row("GET", "/settings/authentication/oidc", ADMINISTRATOR, Later("oidc_settings", "show")),
    Row("POST", "/settings/authentication/oidc", ADMINISTRATOR, Later("oidc_settings", "save")),
    Row("POST", "/settings/authentication/oidc/fill", ADMINISTRATOR, Later("oidc_settings", "fill_from_issuer")),
    Row("POST", "/settings/authentication/oidc/secret", ADMINISTRATOR, Later("oidc_settings", "show_secret")),
    Row("POST", "/settings/authentication/oidc/disconnect", ADMINISTRATOR, authentication.disconnect_oidc),
    Row("GET", "/settings/users", ADMINISTRATOR, users.show_all),
    Row("GET", "/settings/users/{id}", ADMINISTRATOR, users.show),
    Row("POST", "/settings/users/{id}/disable", ADMINISTRATOR, users.disable),
    Row("POST", "/settings/users/{id}/enable", ADMINISTRATOR, users.enable),
    Row("POST", "/settings/users/{id}/make-administrator", ADMINISTRATOR, users.make_administrator),
    Row("POST", "/settings/users/{id}/remove-administrator", ADMINISTRATOR, users.remove_administrator),
    Row("POST", "/settings/users/{id}/end-sessions", ADMINISTRATOR, users.end_sessions),
    Row("POST", "/settings/users/{id}/delete", ADMINISTRATOR, users.delete),
    Row("GET", "/settings/apps", ADMINISTRATOR, apps.show_all),
    Row("GET", "/settings/apps/new", ADMINISTRATOR, apps.show_new),
    Row("POST", "/settings/apps/new", ADMINISTRATOR, apps.add),
    Row("GET", "/settings/apps/{id}", ADMINISTRATOR, apps.show),
    Row("POST", "/settings/apps/{id}", ADMINISTRATOR, apps.change),
    Row("POST", "/settings/apps/{id}/remove", ADMINISTRATOR, apps.remove),
    Row("GET", "/settings/audit-log", ADMINISTRATOR, audit_log.show),
)
"""Every page of the house; besides them ``/health/*`` and ``/static/*``."""

NOWHERE = tuple(Row(method, "/{anywhere:path}", PUBLIC, nowhere.show) for method in ("GET", "POST"))


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

    @property
    def app(self) -> ASGIApp:
        """The application for a server; with ``lifespan`` on, its shutdown calls ``close``."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await self._router(scope, receive, send)

    async def use_oidc(self, oidc: OidcSettings, *, by: str = "setup") -> bool:
        """Set the provider up if none is; whether it was done.  What an administrator has saved is never replaced."""
        done = False

        async def change(_tx: Tx, document: Document) -> Document:
            nonlocal done
            done = document.oidc is None
            return msgspec.structs.replace(document, oidc=oidc) if done else document

        if self.ctx.live.document.oidc is None:
            await self.ctx.live.change(change, by=by)
        return done

    async def add_app(self, *, name: str, url: str, description: str = "", letter: str = "") -> bool:
        """Put an app on the home page unless one with this URL is there; ``ValueError`` for a wrong entry."""
        app = App(id=uuid4(self.ctx.entropy), name=name, url=url, description=description, letter=letter)
        errors = check_app(app)
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

    async def close(self) -> None:
        """Let go of the database and of connections to the provider; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
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
) -> House:
    """
    Make the house ready to serve.

    *cpu* is the pool of threads for password hashing when the process has one already, which its owner closes;
    *look* its templates, when they have been read already.
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
        await live.start()
        look = look or read_look()
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
            proxies=read_networks(settings.trusted_proxies),
            sequence=count(),
        )
        first_password = await make_first_admin(ctx)
    except BaseException:
        await db.close()
        raise
    return House(ctx, _router(ctx, look.static), first_password, own_cpu)


def _router(ctx: Context, static: Static) -> Router:
    async def live(raw: Raw) -> Reply:
        return await health.live(ctx, raw)

    async def ready(raw: Raw) -> Reply:
        return await health.ready(ctx, raw)

    async def read(raw: Raw) -> Reply:
        return await health.read(ctx, raw)

    return Router(
        [
            Route("/health/live", endpoint(live), methods=["GET"]),
            Route("/health/ready", endpoint(ready), methods=["GET"]),
            Route("/health/read", endpoint(read), methods=["GET"]),
            Route("/static/{name:path}", endpoint(static.static_reply), methods=["GET"]),
            *(route(ctx, row) for row in (*ROUTES, *NOWHERE)),
        ],
        redirect_slashes=False,
    )
