"""Composition root of the pool server, and THE route table: every URL of it on one page."""

import asyncio
import base64
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from poolhouse.kit.address import Network, client_address, is_proxy
from poolhouse.kit.ambient import Clock, Entropy
from poolhouse.kit.cpu import CpuPool, cores
from poolhouse.kit.db.migrate import migrate
from poolhouse.kit.db.opening import open_database
from poolhouse.kit.db.protocol import Database
from poolhouse.kit.edge import Handler, Raw, Reply, endpoint, redirect, text
from poolhouse.kit.html import Html, Static
from poolhouse.kit.memory import give_back
from poolhouse.kit.outgoing import Http
from poolhouse.kit.seal import KeyRing
from poolhouse.pool import health
from poolhouse.pool.api import upload
from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.api.dispatch import AccessKeys, AnyCredentials, Api
from poolhouse.pool.api.rates import Rates
from poolhouse.pool.config import PoolSettings, is_loopback
from poolhouse.pool.console.door import routes as console_routes
from poolhouse.pool.core.srp import prepare_thread
from poolhouse.pool.effects.breached import source_of
from poolhouse.pool.effects.hooks import Hooks
from poolhouse.pool.effects.sinks import Sinks
from poolhouse.pool.flows import access_keys, admins, log_delivery, logout_delivery, sweeper
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.courier import Courier
from poolhouse.pool.flows.delivery import Delivery
from poolhouse.pool.flows.directory import Directory
from poolhouse.pool.flows.import_pace import Pace
from poolhouse.pool.flows.import_runner import ImportRunner
from poolhouse.pool.flows.site import is_domain_host
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.oauth.published import before
from poolhouse.pool.oauth.routes import issuer_documents, issuer_routes, straight
from poolhouse.pool.oauth.routes import routes as oauth_routes
from poolhouse.pool.pages.routes import fallback
from poolhouse.pool.pages.routes import routes as page_routes
from poolhouse.pool.store import logouts, logs
from poolhouse.pool.store.history import HISTORY

API_BODY_LIMIT = 2_097_152
"""Bytes: the largest request of the service is a managed login branding document."""
WELCOME = (
    "This is the API of a Poolhouse server (cognito-idp, AWS JSON 1.1). It takes POST with X-Amz-Target;\n"
    "the console for people is at /console.\n"
)
"""DEVIATION: the service answers ``<UnknownOperationException/>``, which helps nobody who tries the address."""
HASH_QUEUE = 64
SIGN_QUEUE = 4_096
HERE = Path(__file__).parent


class PoolServer:
    """A running pool server: the ASGI application, the API in process, and what has to end with it."""

    def __init__(
        self, app: ASGIApp, api: Api, flow: Flow, made_administrator: bool, tasks: list[asyncio.Task[None]]
    ) -> None:
        self.app = app
        self.api = api
        self.flow = flow
        self.made_administrator = made_administrator
        self._tasks = tasks

    async def close(self) -> None:
        """Stop the background work, then let go of threads and database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.flow.hooks.close()
        await self.flow.http.close()
        await self.flow.journal.flush(self.flow.database)
        await self.flow.sinks.close()
        await self.flow.breached.close()
        self.flow.cpu.close()
        self.flow.signer.close()
        await self.flow.database.close()


async def build(settings: PoolSettings, *, clock: Clock, entropy: Entropy, alone: bool = True) -> PoolServer:
    """
    Open, migrate and wire; ``made_administrator`` tells whether the first administrator was made.

    Who is not *alone* on the event loop has neighbours whose requests are not seen here.
    """
    database = await open_database(settings.database)
    await migrate(database, HISTORY)
    flow = _flow(settings, database, clock, entropy)
    await flow.directory.check_master()
    made_administrator = await admins.ensure_first(flow, settings.admin_email, settings.admin_password)

    credentials = (
        AnyCredentials()
        if settings.development
        else AccessKeys(partial(access_keys.find, flow), partial(access_keys.note_use, flow))
    )
    api = Api(ctx=flow, operations=OPERATIONS, credentials=credentials, rates=Rates(flow))
    courier = Courier(flow, settings.mail)
    pace = Pace(clock)
    runner = ImportRunner(flow, pace if alone else None)
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(courier.run()), loop.create_task(sweeper.run(flow)), loop.create_task(runner.run())]
    tasks.append(loop.create_task(flow.journal.run(database)))
    tasks += [loop.create_task(each.run()) for each in _deliveries(flow)]
    told = (settings.client_certificate_header, settings.client_certificate_verified.partition("=")[0])
    app = noted(_seen_from(_application(flow, api), settings.trusted_proxies, told), pace)
    return PoolServer(app, api, flow, made_administrator, tasks)


def _deliveries(flow: Flow) -> list[Delivery]:
    return [
        Delivery(flow, logs.QUEUED, log_delivery.BATCH, log_delivery.deliver_due),
        Delivery(flow, logouts.QUEUED, logout_delivery.BATCH, logout_delivery.deliver_due),
    ]


def _flow(settings: PoolSettings, database: Database, clock: Clock, entropy: Entropy) -> Flow:
    ring = KeyRing([base64.b64decode(key.reveal()) for key in settings.master_keys], entropy)
    available = cores()
    return Flow(
        database=database,
        directory=Directory(database, ring),
        clock=clock,
        entropy=entropy,
        ring=ring,
        cpu=CpuPool(available, HASH_QUEUE, prepare_thread, at_rest=give_back),
        # A signature takes a quarter of a millisecond: on a single core a thread would only add to it.
        signer=CpuPool(available if available > 1 else 0, SIGN_QUEUE),
        config=ServerConfig(
            has_proxies=bool(settings.trusted_proxies),
            base_url=settings.base_url,
            domain_suffix=settings.domain_suffix,
            development=settings.development,
            can_mail=settings.mail is not None,
            strict=settings.strict,
            rates=settings.rates,
            auth_event_days=settings.auth_event_days,
            key_rotation_days=settings.key_rotation_days,
            issuer_form=settings.issuer_form,
            account=settings.account,
            region=settings.region,
            client_certificate_header=settings.client_certificate_header,
            client_certificate_verified=settings.client_certificate_verified,
        ),
        hooks=Hooks(settings.hooks, clock, entropy),
        http=Http(
            allow_loopback=is_loopback(urlsplit(settings.base_url).hostname or ""),
            allow_private=settings.allow_private_addresses,
        ),
        breached=source_of(settings.breached_passwords),
        sinks=Sinks(settings.log_destinations),
    )


def _application(flow: Flow, api: Api) -> ASGIApp:
    static = Static([HERE / "console" / "static"], hosted=[HERE / "pages" / "static"])
    html = Html([HERE / "console" / "templates", HERE / "pages" / "templates"], static)
    domain: list[BaseRoute] = [
        *oauth_routes(flow),
        *page_routes(flow, html),
        Route("/static/{path:path}", endpoint(static.static_reply)),
        fallback(flow, html),
    ]
    documents = issuer_documents(flow)
    main = Router(
        [
            # In the order of their use: routes are tried one after the other.
            Route(
                "/",
                endpoint(
                    _front_door(api, is_strict=flow.config.strict), limit=API_BODY_LIMIT, on_oversize=api.oversize
                ),
                methods=_METHODS,
            ),
            Mount("/domains/{domain}", routes=domain),
            *issuer_routes(documents),
            *health.routes(flow.database),
            *upload.routes(flow),
            Route("/static/{path:path}", endpoint(static.static_reply)),
            *console_routes(flow, api, html),
        ]
    )
    return _by_host(flow, straight(before(main, documents), flow), Router(domain))


_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]


def _front_door(api: Api, *, is_strict: bool) -> Handler:
    """The API's only path; a person who types the address is shown to the console."""

    async def handle(raw: Raw) -> Reply:
        if raw.method == "GET" and "text/html" in raw.header("accept"):
            return redirect("/console")
        if raw.method in {"GET", "HEAD"} and not is_strict and not raw.query:
            return text(WELCOME, 404)
        return await api.handle(raw)

    return handle


def _seen_from(app: ASGIApp, proxies: Sequence[Network], told: Sequence[str] = ()) -> ASGIApp:
    """
    Behind proxies of ours, the client is who they say it is; else the address is the connection's.

    The headers *told*, by which they tell more about it, are taken away from requests of anybody else (CVE-2023-36456).
    """
    if not proxies:
        return app
    kept_from_others = {name.lower().encode("latin-1") for name in told if name}

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        peer, port = scope.get("client") or ("", 0)
        if scope["type"] == "http" and kept_from_others and not is_proxy(peer, proxies):
            headers = [each for each in scope["headers"] if each[0].lower() not in kept_from_others]
            scope = {**scope, "headers": headers}
        if scope["type"] == "http" and peer:
            seen = Raw(method="", path="", headers=tuple(scope["headers"]), peer=peer)
            scope = {**scope, "client": (client_address(seen, proxies), port)}
        await app(scope, receive, send)

    return behind


def noted(app: ASGIApp, pace: Pace) -> ASGIApp:
    """Imports make way for whoever asks anything; not for a supervisor, who would only keep them slow for ever."""

    async def app_noted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/health/"):
            pace.note()
        await app(scope, receive, send)

    return app_noted


def _by_host(flow: Flow, main: ASGIApp, domain: ASGIApp) -> ASGIApp:
    """
    Domains with a host of their own get only the domain's routes: neither API nor console is reachable there.

    The Host header chooses between routes; it never becomes part of a URL.
    """
    own = urlsplit(flow.config.base_url).netloc.lower()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        host = _host(scope["headers"])
        is_own = host == own or flow.config.is_issuer_host(host)
        if not is_own and await is_domain_host(flow, host):
            await domain(scope, receive, send)
        else:
            await main(scope, receive, send)

    return app


def _host(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The first Host header, lower-cased; ``""`` without one."""
    for name, value in headers:
        if name == b"host":
            return value.decode("latin-1").lower()
    return ""
