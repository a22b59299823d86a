"""The servers of the gateway's benchmark: the house, and others that put an identity into a request."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
from oauth_servers import jar, started
from processes import LOAD_CORE, free_port, pinned, program, surroundings
from product import BACK, fill

from poolhouse.cli import masters
from poolhouse.house.app import House, build
from poolhouse.house.chain.config import Chain, config
from poolhouse.house.config import HouseSettings
from poolhouse.house.gate import Gate, Names
from poolhouse.house.gateway.table import entry_of
from poolhouse.house.model import Account
from poolhouse.house.session import mint_session
from poolhouse.house.store import accounts, apps, entries, sessions
from poolhouse.kit.ambient import Epoch, Secret, SystemEntropy, urlsafe, uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.kit.seal import digest

MODULES = Path("/usr/lib/apache2/modules")
PROXIED, ASKED = "wiki", "asked"
YEAR = 31_536_000


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, and the processes whose time counts."""

    name: str
    url: str
    headers: dict[str, str] = {}
    pids: tuple[int, ...] = ()


class TheHouse(msgspec.Struct, frozen=True, kw_only=True):
    """A house with an app that it proxies and one that it is asked about; cookies of 16 people for each."""

    port: int
    pid: int
    cookies: dict[str, list[str]]

    def host(self, app: str) -> str:
        return f"{app}.localhost:{self.port}"


@contextlib.contextmanager
def house(folder: Path, upstream: int) -> Iterator[TheHouse]:
    """`poolhouse serve house`, on SQLite, in one process."""
    folder.mkdir()
    port = free_port()
    env = new_house(folder)
    cookies = asyncio.run(fill_house(settings_of(env, port), upstream))
    base = f"http://localhost:{port}"
    arguments = ["serve", "house", "--base-url", base, "--port", str(port)]
    with program(*arguments, ready=[base], env=surroundings(**env)) as (pid, _):
        yield TheHouse(port=port, pid=pid, cookies=cookies)


def new_house(folder: Path) -> dict[str, str]:
    return {
        "POOLHOUSE_DATABASE": f"sqlite:///{folder}/house.db",
        "POOLHOUSE_MASTER_KEY": masters.mint(SystemEntropy()),
        "POOLHOUSE_ADMIN_PASSWORD": "Benchmark-operator-1",
    }


def settings_of(env: dict[str, str], port: int) -> HouseSettings:
    return HouseSettings(
        base_url=f"http://localhost:{port}",
        database=env["POOLHOUSE_DATABASE"],
        master_keys=masters.read(env["POOLHOUSE_MASTER_KEY"]),
        admin_email="admin@example.com",
        admin_password=Secret(env["POOLHOUSE_ADMIN_PASSWORD"]),
    )


async def fill_house(settings: HouseSettings, upstream: int) -> dict[str, list[str]]:
    """Two apps, one of each kind, and for each the cookies of 16 people who have opened it."""
    made = await build(settings)
    gates = {PROXIED: Gate(upstream=f"http://127.0.0.1:{upstream}"), ASKED: Gate()}
    cookies: dict[str, list[str]] = {}
    for name, gate in gates.items():
        url = settings.base_url.replace("//", f"//{name}.") + "/"
        await made.add_app(name=name, url=url, gate=gate)
        cookies[name] = [await _session(made, url, f"{name}-{number}@example.com") for number in range(16)]
    await made.close()
    return cookies


async def _session(made: House, url: str, email: str) -> str:
    """A person who has signed in and opened the app."""
    ctx = made.ctx
    account_id, now, there = uuid4(ctx.entropy), ctx.clock.now(), urlsafe(ctx.entropy, 32)
    account = Account(
        id=account_id, username=email, email=email, is_email_holder=True, name="Some Body", is_admin=False,
        is_enabled=True, password_hash=None, created_at=now, signed_in_at=now,
    )  # fmt: skip
    new = mint_session(ctx, method="oidc", claims={"groups": ["staff"]})

    async def unit(tx: Tx) -> str:
        app = await apps.find_app_at(tx, url)
        if app is None:
            raise LookupError(url)
        await accounts.put_account(tx, account, email_key=email)
        await sessions.put_session(
            tx, id_digest=digest(new.id), account_id=account_id, method="oidc", issuer="", subject="",
            claims=new.claims, sealed_id_token=None, address="", agent="", now=now, expires_at=Epoch(now + YEAR),
        )  # fmt: skip
        await entries.put_app_session(
            tx, id_digest=digest(there), app_id=app.id, session_key=digest(new.id), now=now,
            expires_at=Epoch(now + YEAR),
        )  # fmt: skip
        return f"{entry_of(app, ctx.origin).cookie.decode()}={there}"

    return await ctx.db.write(unit)


def nginx(folder: Path, port: int, server: str, extra: str = "") -> list[str]:
    return configured_nginx(folder, f"{extra}\nserver {{ listen 127.0.0.1:{port} backlog=1024;\n{server}\n}}")


def configured_nginx(folder: Path, inner: str) -> list[str]:
    """One worker, with *inner* as what is within ``http``."""
    folder.mkdir()
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                     ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"worker_processes 1; daemon off; {user} pid {folder}/pid; error_log {folder}/error.log error;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{ access_log off; keepalive_requests 1000000; {paths}\n"
        f"{inner}\n}}\n"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def app_of(upstream: int) -> str:
    return f"upstream app {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000; }}"


def plain_nginx(folder: Path, port: int, upstream: int) -> list[str]:
    kept = 'proxy_http_version 1.1; proxy_set_header Connection "";'
    return nginx(folder, port, f"location / {{ {kept} proxy_pass http://app; }}", app_of(upstream))


def asking_nginx(folder: Path, port: int, upstream: int, asked: int) -> list[str]:
    """What ``proxy-config`` prints and docs/gateway.md shows, with connections to the app that are kept."""
    names = msgspec.structs.astuple(Names())
    chain = Chain(
        url=f"http://{ASKED}.localhost:{port}/", house=f"127.0.0.1:{asked}", upstream="http://app", names=names
    )
    shown = config("nginx", chain).replace(f"listen {port}", f"listen 127.0.0.1:{port} backlog=1024")
    return configured_nginx(folder, f"{app_of(upstream)}\n{shown}")


def asking_caddy(folder: Path, port: int, upstream: int, there: TheHouse) -> list[str]:
    folder.mkdir()
    (folder / "Caddyfile").write_text(
        f"{{\n admin off\n auto_https off\n}}\nhttp://:{port} {{\n forward_auth 127.0.0.1:{there.port} {{\n"
        "  uri /.house/auth/forwarded\n  copy_headers X-Forwarded-User X-House-Assertion\n }\n"
        f" reverse_proxy 127.0.0.1:{upstream}\n}}\n"
    )
    env = [f"{name}={folder}" for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")]
    return ["env", "GOMAXPROCS=1", *env, "caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter",
            "caddyfile"]  # fmt: skip


@contextlib.contextmanager
def apache(folder: Path, upstream: int) -> Iterator[Server]:
    """mod_auth_openidc with a session in shared memory, of somebody who has signed in at our pool."""
    port, idp = free_port(), free_port()
    here = f"http://localhost:{port}"
    product = fill(folder, idp, 16, (BACK, f"{here}/oidc"))
    with (
        program(*product.arguments, ready=[product.base], env=surroundings(**product.env)),
        tempfile.TemporaryDirectory(prefix="poolhouse-apache-") as name,
    ):
        there = Path(name)
        if os.geteuid() == 0:
            shutil.chown(there, "www-data")
        loaded = "\n".join(
            f"LoadModule {each}_module {MODULES}/mod_{each}.so"
            for each in ("mpm_event", "authn_core", "authz_core", "authz_user", "proxy", "proxy_http", "auth_openidc")
        )
        user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        (there / "apache.conf").write_text(
            f"ServerName localhost\nListen 127.0.0.1:{port}\nServerRoot {there}\nPidFile {there}/pid\n"
            f"DefaultRuntimeDir {there}\nMutex file:{there} default\nErrorLog {there}/error.log\nLogLevel error\n{user}"
            f"{loaded}\nStartServers 1\nServerLimit 1\nThreadsPerChild 64\nMaxRequestWorkers 64\nKeepAlive On\n"
            f"MaxKeepAliveRequests 0\nOIDCProviderMetadataURL "
            f"{product.base}/{product.pool_id}/.well-known/openid-configuration\nOIDCClientID {product.web.id}\n"
            f"OIDCClientSecret {product.web.secret}\nOIDCRedirectURI {here}/oidc\n"
            'OIDCCryptoPassphrase of-a-benchmark-of-a\nOIDCScope "openid email"\nOIDCPKCEMethod S256\n'
            f"<Location />\nAuthType openid-connect\nRequire valid-user\nProxyPass http://127.0.0.1:{upstream}/ "
            "keepalive=On\n</Location>\n"
        )  # fmt: skip
        binary = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "apache2"
        with started("apache", [binary, "-f", str(there / "apache.conf"), "-D", "FOREGROUND"], there, here) as pid:
            session = product.sessions()[0]
            with httpx.Client() as browser:
                away = browser.get(f"{here}/x").headers["location"]
                back = httpx.get(away, headers={"cookie": session, "accept": "text/html"}).headers["location"]
                browser.get(back)
                cookie = jar(browser)
            yield Server(name="Apache, mod_auth_openidc", url=f"{here}/x", headers={"cookie": cookie}, pids=(pid,))


def on_load_core(line: list[str]) -> list[str]:
    return [*pinned(LOAD_CORE), *line]
