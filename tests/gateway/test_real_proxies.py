"""nginx, Caddy and Apache from the distribution, configured by ``proxy-config``, in front of a house."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from poolhouse.house.chain.check import Plan, check
from poolhouse.house.chain.config import Chain, config
from poolhouse.house.chain.wire import Where
from poolhouse.house.gate import Gate, Names, Resource
from tests.gateway.test_tokens import personal
from tests.gateway.world import Answer, Served, Upstream, read_answer, until
from tests.journey.installation import free_port

pytestmark = pytest.mark.client
NAMES = tuple(msgspec.structs.astuple(Names()))
WIKI = "http://wiki.localhost:8500/"


def made(kind: str, port: int, served: Served, app: Upstream) -> str:
    """What ``proxy-config`` prints, on a port of ours."""
    chain = Chain(url=WIKI, house=f"127.0.0.1:{served.port}", upstream=app.url, names=NAMES, has_metadata=True)
    there = config(kind, chain)
    begin = {"nginx": "listen 8500", "caddy": "http://wiki.localhost:8500", "apache": "*:8500"}[kind]
    assert begin in there
    return there.replace(begin, {"nginx": f"listen 127.0.0.1:{port}", "caddy": f"http://:{port}",
                                 "apache": f"*:{port}"}[kind])  # fmt: skip


def nginx(folder: Path, port: int, served: Served, app: Upstream) -> list[str]:
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                     ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {paths}\n{made('nginx', port, served, app)}\n}}\n"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def caddy(folder: Path, port: int, served: Served, app: Upstream) -> list[str]:
    (folder / "Caddyfile").write_text(f"{{\n admin off\n auto_https off\n}}\n{made('caddy', port, served, app)}\n")
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def apache(folder: Path, port: int, served: Served, app: Upstream) -> list[str]:
    modules = "/usr/lib/apache2/modules"
    load = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in
                     ("mpm_event", "authz_core", "proxy", "proxy_http"))  # fmt: skip
    user = "User nobody\nGroup nogroup" if os.getuid() == 0 else ""
    (folder / "apache.conf").write_text(
        f"ServerName localhost\nListen 127.0.0.1:{port}\nServerRoot {folder}\nPidFile {folder}/apache.pid\n"
        f"DefaultRuntimeDir {folder}\nMutex file:{folder} default\nErrorLog {folder}/error.log\n{user}\n{load}\n"
        f"StartServers 1\nThreadsPerChild 25\nMaxRequestWorkers 25\n{made('apache', port, served, app)}"
    )
    folder.chmod(0o755)
    return ["apache2", "-X", "-f", str(folder / "apache.conf")]


@contextmanager
def running(line: list[str], folder: Path) -> Iterator[None]:
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log, env=env)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


class Proxy:
    """The proxy's port; asked as the app's own host."""

    def __init__(self, port: int, served: Served, app_id: str) -> None:
        self.port = port
        self.served = served
        self.app_id = app_id

    async def ask(self, target: str, **headers: str) -> Answer:
        lines = [f"GET {target} HTTP/1.1", "Host: wiki.localhost:8500", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        data = ("\r\n".join([*lines, "", ""])).encode()
        return read_answer(await Served(self.served.house, self.port).raw(data, wait=20))


COMMANDS = {"nginx": "nginx", "caddy": "caddy", "apache": "apache2"}


@pytest.fixture(params=["nginx", "caddy", "apache"])
async def proxy(request: pytest.FixtureRequest, served: Served, app: Upstream, tmp_path: Path) -> AsyncIterator[Proxy]:
    if shutil.which(COMMANDS[request.param]) is None:
        pytest.fail(f"{request.param} is missing: tools/system.sh")
    # Apache has nothing that asks: it passes everything on to the gateway, which carries the bytes.
    upstream = app.url if request.param == "apache" else ""
    app_id = await served.add(WIKI, Gate(upstream=upstream, public_paths=("/open/",)))
    port = free_port()
    line = {"nginx": nginx, "caddy": caddy, "apache": apache}[request.param](tmp_path, port, served, app)
    with running(line, tmp_path):

        def listens() -> bool:
            import socket

            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        await until(listens, seconds=20)
        yield Proxy(port, served, app_id)


async def test_the_whole_way_through_a_proxy(proxy: Proxy, app: Upstream) -> None:
    person = await proxy.served.sign_in()
    browser = {"Accept": "text/html", "Sec_Fetch_Mode": "navigate"}
    first = await proxy.ask("/page?q=1&r=2", **browser)
    if first.headers["location"].startswith("/.house/start") or "/.house/start" in first.headers["location"]:
        # nginx can only send there; the house begins the way.
        start = first.headers["location"].partition("/.house/")[2]
        first = await proxy.ask("/.house/" + start, **browser)
    way = f"house_way_{proxy.app_id[:8]}"
    there = first.headers["location"].removeprefix("http://localhost:8500")
    second = await proxy.served.ask(there, host="localhost:8500", Cookie=f"house_session={person.session}")
    third = await proxy.ask(
        second.headers["location"].removeprefix("http://wiki.localhost:8500"), Cookie=f"{way}={first.cookies[way]}"
    )
    name = f"house_app_{proxy.app_id[:8]}"
    page = await proxy.ask("/page?q=1&r=2", Cookie=f"{name}={third.cookies[name]}", X_Forwarded_User="evil")

    assert "http://wiki.localhost:8500/page?q=1&r=2" == third.headers["location"]
    assert 200 == page.status
    assert ["maria@example.com"] == app.header("x-forwarded-user")
    assert 1 == len(app.header("x-house-assertion"))
    assert "evil" not in app.last
    await proxy.served.end(person)
    assert 200 != (await proxy.ask("/page", Cookie=f"{name}={third.cookies[name]}")).status


async def test_a_token_opens_the_app_through_a_proxy_and_stays_with_the_house(proxy: Proxy, app: Upstream) -> None:
    made = await personal(proxy.served, await proxy.served.sign_in())
    good = await proxy.ask("/api", Authorization=f"Bearer {made.secret.reveal()}")

    assert 200 == good.status
    assert ["maria@example.com"] == app.header("x-forwarded-user")
    assert "ph_" not in app.last
    bad = await proxy.ask("/api", Authorization="Bearer ph_nonsense")
    assert 401 == bad.status
    assert "invalid_token" in bad.headers["www-authenticate"]
    assert 1 == len(app.heads)
    public = await proxy.ask("/open/x", Authorization="Basic YTpi")
    assert 200 == public.status
    assert ["Basic YTpi"] == app.header("authorization")


async def test_a_program_is_told_where_to_get_a_token_and_a_browser_is_not(proxy: Proxy, app: Upstream) -> None:
    await proxy.served.change(proxy.app_id, resource=Resource(provider="oidc"))
    program = await proxy.ask("/api", Accept="application/json")
    person = await proxy.ask("/api", Accept="text/html", Sec_Fetch_Mode="navigate")

    assert 401 == program.status
    assert "/.well-known/oauth-protected-resource" in program.headers["www-authenticate"]
    assert person.status in {302, 303}
    assert [] == app.heads


HOSTILE: list[tuple[str, dict[str, str]]] = [
    ("/page", {}),
    ("/page", {"Cookie": "house_app_x=%00; house_session=x"}),
    ("/page?x=/open/", {}),
    ("/open/../page", {}),
    ("/open/%2e%2e/page", {}),
    ("/open/%2e%2e%2fpage", {}),
    ("/open/..;/page", {}),
    ("/open/..%5cpage", {}),
    ("/%6fpen/%2e%2e/page", {}),
    ("//page", {}),
    ("/page", {"X_Original_URL": "http://wiki.localhost:8500/open/"}),
    ("/page", {"X_Original_Method": "OPTIONS"}),
    ("/page", {"X_Forwarded_Uri": "/open/"}),
    ("/page", {"X_Forwarded_Host": "other.localhost:8500"}),
    ("/page", {"X_Forwarded_Method": "OPTIONS"}),
    ("/page", {"User_Agent": "GoogleHC/1.0"}),
    ("/page", {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}),
]


@pytest.mark.parametrize(("target", "headers"), HOSTILE)
async def test_no_stranger_reaches_a_page_through_a_proxy(
    target: str, headers: dict[str, str], proxy: Proxy, app: Upstream
) -> None:
    """What matters is what arrives: nothing but what is public, without an identity."""
    await proxy.ask(target, **headers)

    for head in app.heads:
        assert head.split()[1].startswith(b"/open/")
        assert b".." not in head.split()[1]


async def test_a_proxy_keeps_its_connection_to_the_house(proxy: Proxy) -> None:
    """A new one for each question costs more than the answer."""
    site = proxy.served.house._site
    assert site is not None
    connections = []
    for path in ("/open/1", "/open/2", "/page/1", "/page/2", "/open/3"):
        assert (200 if "open" in path else 401) == (await proxy.ask(path)).status
        connections += list(site.fronts)

    assert 5 == len(connections)
    assert 1 == len(set(connections))


async def test_a_public_path_arrives_without_an_identity(proxy: Proxy, app: Upstream) -> None:
    names = [
        "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username",
        "X-House-Assertion",
    ]  # fmt: skip
    spoofed = "".join(f"{name}: evil\r\n{name.replace('-', '_')}: evil\r\n" for name in names)
    data = f"GET /open/x HTTP/1.1\r\nHost: wiki.localhost:8500\r\n{spoofed}Connection: close\r\n\r\n"
    answer = read_answer(await Served(proxy.served.house, proxy.port).raw(data.encode(), wait=20))

    assert 200 == answer.status
    assert "evil" not in app.last


@pytest.mark.parametrize("kind", ["forwarded", "nginx", "envoy/open/x"])
async def test_nobody_asks_the_house_through_the_proxy(kind: str, proxy: Proxy, app: Upstream) -> None:
    """The answer has the person's assertion, which a script in an app's page is not to read."""
    about = {
        "X-Original-URL": "http://wiki.localhost:8500/open/x",
        "X-Original-Method": "GET",
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Uri": "/open/x",
    }
    answer = await proxy.ask(f"/.house/auth/{kind}", **about)

    assert 404 == answer.status
    assert "x-house-assertion" not in answer.headers
    assert [] == app.heads


async def test_the_whole_check_holds_through_a_proxy(proxy: Proxy, app: Upstream) -> None:
    """F9: the requests of ``check-proxy``, with an app that shows what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        body = b"of-the-app" + head
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    app.handler = echo
    cookie = await proxy.served.at_app(proxy.app_id, await proxy.served.sign_in())
    where = Where(address="127.0.0.1", port=proxy.port)
    found = [each async for each in check(Plan(url=WIKI, where=where, canary="of-the-app", cookie=cookie))]

    assert [] == [each for each in found if not each.holds or each.is_skipped]


async def test_a_house_that_is_gone_lets_nobody_in(proxy: Proxy, app: Upstream) -> None:
    site = proxy.served.house._site
    assert site is not None

    def fail(*_: object) -> None:
        raise OSError

    site.table.find = fail  # type: ignore[method-assign,assignment]
    answer = await proxy.ask("/page")
    await asyncio.sleep(0)

    assert answer.status >= 400
    assert [] == app.heads
