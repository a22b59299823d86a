"""The OAuth 2.0 servers that are measured beside each other: ours and node-oidc-provider; glewlwyd has its own file."""

import contextlib
import html
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import msgspec
from processes import SERVER_CORE, free_port, pinned, program, surroundings
from product import BACK, CHALLENGE, DOMAIN, PASSWORD, SESSIONS, VERIFIER, fill

OURS = "poolhouse"
PROVIDER = Path(__file__).parent / "peers" / "node_modules" / "oidc-provider"
SECRET = "of-a-benchmark-of-a-benchmark-of-a-benchmark"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
_REDIRECTS = 20
_http = httpx.Client()


class Server(msgspec.Struct, kw_only=True):
    """Where one is; *machine*, *refreshing* and *exchange* are whole forms for *token*, the last without its code."""

    name: str
    base: str
    pid: int
    discovery: str
    jwks: str
    token: str
    authorize: str
    machine: str
    exchange: str
    refreshing: str = ""
    cookies: tuple[str, ...] = ()

    def a_code(self, number: int = 0) -> str:
        """For one of the people who have a session, in turn."""
        answer = _http.get(self.authorize, headers={"cookie": self.cookies[number % len(self.cookies)]})
        found = parse_qs(urlsplit(answer.headers.get("location", "")).query).get("code")
        if not found:
            raise SystemExit(f"{self.name} gave no code: {answer.status_code} {answer.text[:300]}")
        return str(found[0])

    def begin_refreshing(self, client: str) -> None:
        """A refresh token that stays good however often it is used."""
        answer = httpx.post(
            self.token, content=f"{self.exchange}&code={self.a_code()}",
            headers={"content-type": "application/x-www-form-urlencoded"},
        ).raise_for_status()  # fmt: skip
        self.refreshing = f"grant_type=refresh_token&{client}&refresh_token={answer.json()['refresh_token']}"


def jar(browser: httpx.Client) -> str:
    """Its cookies, as a request has them."""
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


@contextlib.contextmanager
def started(name: str, line: list[str], folder: Path, url: str) -> Iterator[int]:
    """Another server, on the core that ours has; its process id once *url* answers."""
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*pinned(SERVER_CORE), *line], cwd=folder, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 30
            while True:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(url, timeout=2)
                    break
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"{name} did not start:\n{(folder / 'log').read_text()[-2000:]}")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def ours(folder: Path, users: int) -> Iterator[Server]:
    """On SQLite with durable commits."""
    product = fill(folder, free_port(), users)
    with program(*product.arguments, ready=[product.base], env=surroundings(**product.env)) as (pid, _):
        issuer, web = f"{product.base}/{product.pool_id}", product.web
        client = urlencode({"client_id": web.id, "client_secret": web.secret})
        machine = {"grant_type": "client_credentials", "client_id": product.machine.id,
                   "client_secret": product.machine.secret, "scope": "api/read"}  # fmt: skip
        server = Server(
            name=OURS,
            base=product.base,
            pid=pid,
            discovery=f"{issuer}/.well-known/openid-configuration",
            jwks=f"{issuer}/.well-known/jwks.json",
            token=f"{product.base}/domains/{DOMAIN}/oauth2/token",
            authorize=product.authorize,
            machine=urlencode(machine),
            exchange=exchange(client),
            cookies=tuple(product.sessions()),
        )
        server.begin_refreshing(client)
        yield server


def exchange(client: str) -> str:
    return f"grant_type=authorization_code&{client}&{urlencode({'redirect_uri': BACK, 'code_verifier': VERIFIER})}"


@contextlib.contextmanager
def node_oidc_provider(folder: Path, port: int) -> Iterator[Server]:
    """In memory, with the pages for sign-in that it brings for development."""
    base = f"http://localhost:{port}"
    line = ["node", str(PROVIDER.parents[1] / "oidc-provider.mjs"), str(port), BACK]
    with started("node-oidc-provider", line, folder, base) as pid:
        asked = {"response_type": "code", "client_id": "web", "redirect_uri": BACK, "scope": "openid email",
                 "state": "abc", **PKCE}  # fmt: skip
        client = urlencode({"client_id": "web", "client_secret": SECRET})
        machine = {"grant_type": "client_credentials", "client_id": "machine", "client_secret": SECRET,
                   "scope": "api/read"}  # fmt: skip
        authorize = f"{base}/auth?{urlencode(asked)}"
        server = Server(
            name="node-oidc-provider",
            base=base,
            pid=pid,
            discovery=f"{base}/.well-known/openid-configuration",
            jwks=f"{base}/jwks",
            token=f"{base}/token",
            authorize=authorize,
            machine=urlencode(machine),
            exchange=exchange(client),
            cookies=tuple(_session(authorize, f"person-{number:02}") for number in range(SESSIONS)),
        )
        server.begin_refreshing(client)
        yield server


def _session(authorize: str, person: str) -> str:
    """The cookies of somebody who has signed in and agreed."""
    with httpx.Client() as browser:
        answer = browser.get(authorize)
        for _ in range(_REDIRECTS):
            onward = answer.headers.get("location", "")
            if onward.startswith(BACK):
                return jar(browser)
            if onward:
                answer = browser.get(urljoin(str(answer.url), onward))
                continue
            form = re.search(r"<form[^>]*action=\"([^\"]*)\"", answer.text)
            prompt = re.search(r"name=\"prompt\" value=\"(\w+)\"", answer.text)
            if form is None or prompt is None:
                break
            fields = {"prompt": prompt[1], "login": person, "password": PASSWORD}
            answer = browser.post(urljoin(str(answer.url), html.unescape(form[1])), data=fields)
        raise SystemExit(f"node-oidc-provider did not let {person} in: {answer.status_code} {answer.text[:300]}")
