"""Which domain a request belongs to, and what its host can and cannot do."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.site import is_domain_host
from poolhouse.pool.model.pool import Domain
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import DomainDescriptionType
from poolhouse.pool.store import pools as pool_store
from tests.support.builders import PASSWORD, reconfigure
from tests.support.hosted import Page, from_here
from tests.support.web import DOMAIN, Asking, a_browser, application, at_hosts

CUSTOM = "login.example.com"


@pytest.fixture
async def suffixed(flow: Flow) -> Flow:
    return msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, domain_suffix="Auth.example"))


@pytest.fixture
async def own_host(suffixed: Flow) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(at_hosts(suffixed), f"https://{DOMAIN}.auth.example") as opened:
        yield opened


@pytest.fixture
async def custom(flow: Flow, pool: PoolEntry) -> PoolEntry:
    async def unit(tx: Tx) -> None:
        await pool_store.put_domain(
            tx, Domain(name=CUSTOM, pool_id=pool.pool.id, custom=True, settings=DomainDescriptionType())
        )

    await flow.database.write(unit)
    return await reconfigure(flow, pool)


async def open_login(web: httpx.AsyncClient, client: ClientEntry, host: str | None = None) -> httpx.Response:
    return await web.get("/login", params=Asking(client).params(), headers={"host": host} if host else {})


async def test_a_prefix_has_a_host_where_there_is_a_suffix(own_host: httpx.AsyncClient, client: ClientEntry) -> None:
    assert 200 == (await open_login(own_host, client)).status_code
    assert 200 == (await open_login(own_host, client, "DEMO.Auth.Example:8443")).status_code
    assert 200 == (await open_login(own_host, client, "demo.auth.example.")).status_code


async def test_then_it_has_no_path(suffixed: Flow, pool: PoolEntry) -> None:
    async with a_browser(application(suffixed)) as web:
        assert 404 == (await web.get(f"/domains/{DOMAIN}/login")).status_code


@pytest.mark.parametrize(
    "host", ["nobody.auth.example", "a.demo.auth.example", "auth.example", "evil.example", "[::1]:80", "demo", "."]
)
async def test_any_other_host_is_nobodys(own_host: httpx.AsyncClient, client: ClientEntry, host: str) -> None:
    assert 404 == (await open_login(own_host, client, host)).status_code


async def test_a_custom_domain_is_found_by_its_host_only(
    flow: Flow, own_host: httpx.AsyncClient, client: ClientEntry, custom: PoolEntry
) -> None:
    assert 200 == (await open_login(own_host, client, CUSTOM)).status_code
    async with a_browser(application(flow)) as web:
        assert 404 == (await web.get(f"/domains/{CUSTOM}/login")).status_code


async def test_hosts_of_domains_are_for_domains_only(suffixed: Flow, custom: PoolEntry) -> None:
    # The server asks this before it serves API and console.
    answers = {
        host: await is_domain_host(suffixed, host)
        for host in (CUSTOM, "LOGIN.example.com:443", "demo.auth.example", "nobody.auth.example", "pool.example", "x")
    }

    assert {
        CUSTOM: True, "LOGIN.example.com:443": True, "demo.auth.example": True, "nobody.auth.example": True,
        "pool.example": False, "x": False,
    } == answers  # fmt: skip


async def test_at_a_host_of_its_own_cookies_are_locked_to_it(
    own_host: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    page = Page(await open_login(own_host, client))

    reply = await own_host.post(
        page.forms[0].action,
        data=page.filled(Email="jane@example.com", Password=PASSWORD),
        headers=from_here(own_host),
    )

    session = next(each for each in reply.headers.get_list("set-cookie") if SESSION_COOKIE in each)
    assert session.startswith(f"__Host-{SESSION_COOKIE}=")
    assert "Path=/; SameSite=Lax; Secure" in session


async def test_by_http_cookies_have_plain_names(flow: Flow, client: ClientEntry, person: User) -> None:
    plain = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, base_url="http://127.0.0.1:8400"))
    async with a_browser(application(plain), "http://127.0.0.1:8400") as web:
        page = Page(await web.get(f"/domains/{DOMAIN}/login", params=Asking(client).params()))
        reply = await web.post(
            page.forms[0].action,
            data=page.filled(Email="jane@example.com", Password=PASSWORD),
            headers=from_here(web),
        )

    session = next(each for each in reply.headers.get_list("set-cookie") if SESSION_COOKIE in each)
    assert session.startswith(f"{SESSION_COOKIE}=")
    assert "Secure" not in session
    assert "strict-transport-security" not in reply.headers


async def test_a_forged_host_puts_nothing_into_a_page(flow: Flow, pool: PoolEntry, client: ClientEntry) -> None:
    async with a_browser(application(flow)) as web:
        for path in ("login", "oauth2/authorize", "logout"):
            reply = await web.get(
                f"/domains/{DOMAIN}/{path}",
                params=Asking(client).params(redirect_uri="https://x.example"),
                headers={"host": "evil.example", "x-forwarded-host": "evil.example"},
            )
            assert "evil.example" not in str(reply.headers) + reply.text


async def test_bytes_that_a_sloppy_client_leaves_in_a_url_are_understood(
    flow: Flow, pool: PoolEntry, client: ClientEntry
) -> None:
    from poolhouse.kit.edge import Raw
    from poolhouse.pool.flows.site import query_text

    raw = Raw(method="GET", path="/", query="state=\xc3\xa9 x".encode("latin-1").decode("latin-1"))

    assert "state=%C3%A9%20x" == query_text(raw)
