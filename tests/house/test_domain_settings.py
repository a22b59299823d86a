"""Admin Settings > Domain and TLS."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.sync_api import Page, expect

from poolhouse.house.gate import Gate
from poolhouse.house.store.documents import newest_document
from poolhouse.kit.ambient import SystemClock
from tests.house.test_acme import pebble, plain_at, row, use
from tests.house.test_tls import BASE, HOST, Served, authority, pem, serve, shared_url, write
from tests.house.world import MASTER, Browser, words
from tests.journey.conftest import browser, page, shots

__all__ = ["authority", "browser", "page", "serve", "shared_url", "shots"]
PATH = "/settings/domain"
LOCAL = "https://house.localhost:9180"


@pytest.fixture
async def served(serve: Any) -> Served:
    started: Served = await serve()
    return started


@pytest.fixture
async def admin(served: Served) -> AsyncIterator[Browser]:
    browser = Browser(served.house, base=BASE, address="203.0.113.1")
    assert 303 == (await browser.log_in()).status_code
    yield browser
    await browser.close()


async def upload(admin: Browser, chain: str, key: str) -> Any:
    return await admin.post(f"{PATH}/certificate", {"chain": chain, "key": key, "version": "0"}, page=PATH)


async def test_an_uploaded_certificate_is_served_and_its_key_never_shown(
    served: Served, admin: Browser, authority: trustme.CA
) -> None:
    chain, key = pem(authority.issue_cert(HOST))
    chain += authority.cert_pem.bytes().decode()

    answer = await upload(admin, chain, key)

    assert 303 == answer.status_code, words(answer)
    # The page that says "served" does not say "None" beside it.
    assert "Uploaded here" in words(await admin.get(PATH))
    await served_is(served, HOST)
    text = (await admin.get(PATH)).text
    secret = key.splitlines()[1]
    assert chain.splitlines()[1] in text
    assert secret not in text
    assert secret not in (await admin.get("/settings/audit-log")).text
    document = await served.house.ctx.db.read(lambda tx: newest_document(tx, served.house.ctx.ring))
    assert secret in document.tls.own.key.reveal()


async def served_is(served: Served, host: str) -> None:
    import asyncio

    for _ in range(100):
        with contextlib.suppress(ssl.SSLError):
            assert [host] == await served.names(host)
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not served")


@pytest.mark.parametrize("fault", ["key", "alone", "expired", "name", "nonsense"])
async def test_a_certificate_that_browsers_would_refuse_is_not_saved(
    served: Served, admin: Browser, authority: trustme.CA, fault: str
) -> None:
    past = datetime.fromtimestamp(SystemClock().now(), UTC) - timedelta(days=1)
    chain, key = pem(authority.issue_cert(HOST))
    root = authority.cert_pem.bytes().decode()
    said = {
        "key": "does not belong to this certificate",
        "alone": "chain is not complete",
        "expired": "has expired",
        "name": "none of the hosts",
        "nonsense": "No certificate can be read",
    }[fault]
    match fault:
        case "key":
            chain, key = chain + root, pem(authority.issue_cert(HOST))[1]
        case "expired":
            chain, key = pem(authority.issue_cert(HOST, not_before=past - timedelta(days=9), not_after=past))
            chain += root
        case "name":
            chain, key = pem(authority.issue_cert("else.example.org"))
            chain += root
        case "nonsense":
            chain = "<script>alert(1)</script>"
        case _:
            pass

    answer = await upload(admin, chain, key)

    assert 422 == answer.status_code
    assert said in words(answer)
    assert "" == served.house.ctx.live.document.tls.own.chain
    assert key.splitlines()[1] not in answer.text


async def test_hosts_of_apps_without_a_certificate_are_named(
    served: Served, admin: Browser, authority: trustme.CA
) -> None:
    await served.house.add_app(name="Wiki", url="https://wiki.example.com/", gate=Gate(upstream="http://127.0.0.1:1"))
    chain, key = pem(authority.issue_cert(HOST))
    await upload(admin, chain + authority.cert_pem.bytes().decode(), key)
    await served_is(served, HOST)

    text = words(await admin.get(PATH))

    assert f"{HOST} This house Valid" in text
    assert "wiki.example.com Wiki None" in text


async def test_administrators_are_told_a_month_before_a_certificate_ends(
    serve: Any, tmp_path: Path, authority: trustme.CA
) -> None:
    now = datetime.fromtimestamp(SystemClock().now(), UTC)
    leaf = authority.issue_cert(HOST, not_before=now - timedelta(days=60), not_after=now + timedelta(days=20, hours=1))
    served = await serve(tls_files=(write(tmp_path, leaf),))
    browser = Browser(served.house, base=BASE)
    await browser.log_in()

    assert f"The certificate for {HOST} ends in 20 days" in words(await browser.get("/settings/users"))
    await browser.close()


async def test_removing_the_certificate_is_confirmed(served: Served, admin: Browser, authority: trustme.CA) -> None:
    chain, key = pem(authority.issue_cert(HOST))
    await upload(admin, chain + authority.cert_pem.bytes().decode(), key)

    assert 422 == (await admin.post(f"{PATH}/certificate/remove", {}, page=PATH)).status_code
    assert "" != served.house.ctx.live.document.tls.own.chain
    gone = await admin.post(f"{PATH}/certificate/remove", {"confirmation": "remove"}, page=PATH)
    assert 303 == gone.status_code
    assert "" == served.house.ctx.live.document.tls.own.chain


async def test_a_private_authority_is_trusted_beside_the_systems(
    served: Served, admin: Browser, authority: trustme.CA
) -> None:
    import asyncio

    from poolhouse.kit.outgoing import Http, Unreachable

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    http = Http(allow_loopback=True, allow_private=True)
    with pytest.raises(Unreachable):
        await http.get(url, accept="*/*")
    saved = await admin.post(PATH, {"authorities": authority.cert_pem.bytes().decode(), "hsts_days": "30"}, page=PATH)
    assert 303 == saved.status_code, words(saved)

    http.trust(served.house.ctx.live.document.tls.authorities)

    assert b"ok" == (await http.get(url, accept="*/*")).body
    assert served.house.ctx.relying._authorities == served.house.ctx.live.document.tls.authorities
    await http.close()
    server.close()
    refused = await admin.post(PATH, {"authorities": pem(authority.issue_cert(HOST))[0]}, page=PATH)
    assert "not of an authority" in words(refused)


async def test_an_app_with_a_certificate_of_a_private_authority_is_reached_once_that_is_trusted(
    served: Served, admin: Browser, authority: trustme.CA
) -> None:
    import asyncio

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
            await writer.drain()
        writer.close()

    app = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    gate = Gate(upstream=f"https://localhost:{app.sockets[0].getsockname()[1]}", public_paths=("/apps/wiki/open/",))
    await served.house.add_app(name="Wiki", url=f"{BASE}/apps/wiki/", gate=gate)
    chain, key = pem(authority.issue_cert(HOST))
    await upload(admin, chain + authority.cert_pem.bytes().decode(), key)
    await served_is(served, HOST)
    assert (await served.ask("/apps/wiki/open/")).startswith("HTTP/1.1 50")

    root = authority.cert_pem.bytes().decode()
    await admin.post(PATH, {"authorities": root}, page=PATH)

    for _ in range(100):
        if "200 OK" in (await served.ask("/apps/wiki/open/")):
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("not reached")
    app.close()


async def test_another_address_is_looked_at_before_it_is_moved_to(served: Served, admin: Browser) -> None:
    await served.house.add_app(name="Wiki", url="https://wiki.example.com/", gate=Gate(upstream="http://127.0.0.1:1"))

    text = (await admin.get(f"{PATH}?to=https://new.example.com:8443")).text

    assert "https://new.example.com:8443/user/logged-out" in text
    assert "Wiki: URL must be reached where the house is" in text
    assert "POOLHOUSE_FORMER_BASE_URLS=https://house.example.com" in text
    assert "Give an origin" in (await admin.get(f"{PATH}?to=ftp://x")).text


async def test_the_redirect_urls_of_a_former_address_are_shown_beside_the_present_ones(serve: Any) -> None:
    from tests.house.op import Provider

    served = await serve(former_base_urls=("https://old.example.com",))
    provider = Provider(served.house.ctx.clock)
    await provider.start()
    await served.house.use_oidc(provider.settings())
    browser = Browser(served.house, base=BASE)
    await browser.log_in()

    text = (await browser.get(PATH)).text

    for origin in (BASE, "https://old.example.com"):
        assert f"{origin}/login/oauth2/code/oidc" in text
    await browser.close()
    await provider.stop()


async def test_people_sign_in_by_a_redirect_url_that_is_the_only_one_the_provider_knows(serve: Any) -> None:
    """C23: the address has moved, and nobody has told the provider yet."""
    from tests.house.op import Provider

    served = await serve(base_url=LOCAL, former_base_urls=("http://localhost:8500",), former_redirect_urls=True)
    provider = Provider(served.house.ctx.clock)
    await provider.start()
    await served.house.use_oidc(provider.settings())
    person = Browser(served.house, base=LOCAL)

    back = await person.at_provider()
    assert back.startswith("http://localhost:8500/login/oauth2/code/oidc?")
    answer = await person.get(back.replace("http://localhost:8500", ""))

    assert (303, "/") == (answer.status_code, answer.headers["location"])
    await person.close()
    await provider.stop()


@pytest.mark.skipif(shutil.which("pebble") is None, reason="pebble is not installed (tools/system.sh)")
async def test_terms_are_shown_before_they_are_agreed_to(serve: Any, authority: trustme.CA, tmp_path: Path) -> None:
    import re
    from html import unescape

    served = await serve(base_url=LOCAL)
    browser = Browser(served.house, base=LOCAL)
    await browser.log_in()
    async with pebble(tmp_path, authority) as server:
        await use(served, authority, server, terms="")
        form = {"is_enabled": "on", "has-is_enabled": "1", "directory": server.directory, "email": "a@example.com"}

        asked = await browser.post(f"{PATH}/acme", form, page=PATH)

        assert 422 == asked.status_code
        assert "agree to its terms" in words(asked)
        found = re.search(r'name="terms" value="([^"]+)"', asked.text)
        assert found is not None
        assert not re.search(r'name="terms"[^>]*checked', asked.text)
        saved = await browser.post(f"{PATH}/acme", {**form, "terms": unescape(found[1])}, page=PATH)
        assert 303 == saved.status_code, words(saved)

        from poolhouse.house.tls import orders

        listener = await plain_at(served, server.plain)
        await orders.renew(served.house.ctx)
        assert "" == (await row(served, "house.localhost")).error
        listener.close()
    await browser.close()


@contextlib.contextmanager
def serving(arguments: list[str], env: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(arguments, env=env)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        for _ in range(300):
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port)) as plain,
                context.wrap_socket(plain, server_hostname="house.localhost"),
            ):
                break
            assert process.poll() is None, "it has ended"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.browser
def test_an_administrator_brings_a_certificate(tmp_path: Path, authority: trustme.CA, page: Page, shots: Path) -> None:
    from tests.journey.installation import command, environment, free_port
    from tests.system.programs import PASSWORD

    port = free_port()
    base = f"https://house.localhost:{port}"
    flags = ["--database", f"sqlite:///{tmp_path}/house.db", "--base-url", base, "--port", str(port), "--tls"]
    env = environment(POOLHOUSE_ADMIN_PASSWORD=PASSWORD, POOLHOUSE_MASTER_KEY=MASTER.reveal())
    with serving(command("serve", "house", *flags), env, port):
        own = page.context.browser
        assert own is not None
        context = own.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
        mine = context.new_page()
        mine.goto(f"{base}/user/login")
        mine.get_by_label("Email", exact=True).fill("admin@example.com")
        mine.get_by_label("Password", exact=True).fill(PASSWORD)
        mine.get_by_role("button", name="Sign in", exact=True).click()
        mine.wait_for_url(f"{base}/")
        mine.goto(f"{base}{PATH}")
        expect(mine.get_by_text("There is no certificate yet")).to_be_visible()
        chain, key = pem(authority.issue_cert("house.localhost"))
        mine.get_by_label("Certificate", exact=True).fill(chain + authority.cert_pem.bytes().decode())
        mine.get_by_label("Private key").fill(key)
        mine.locator("#certificate").get_by_role("button", name="SAVE & RESTART").click()
        mine.wait_for_url(f"{base}{PATH}?done=certificate")
        expect(mine.get_by_text("The certificate is served")).to_be_visible()
        expect(mine.get_by_text("There is no certificate yet")).to_be_hidden()
        for width, scheme in ((1280, "light"), (390, "dark")):
            mine.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            mine.set_viewport_size({"width": width, "height": 800})
            mine.screenshot(path=shots / f"domain-{width}.png", full_page=True)
            assert mine.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        context.close()
