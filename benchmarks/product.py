"""The pool server as it is measured: on SQLite with durable commits, filled before it starts, with signed requests."""

import asyncio
import base64
import hashlib
import html
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx
import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from poolhouse.cli import masters
from poolhouse.kit.ambient import Secret, SystemClock, SystemEntropy, uuid4
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.api.dispatch import Administrator
from poolhouse.pool.app import PoolServer, build
from poolhouse.pool.config import PoolSettings
from poolhouse.pool.flows import access_keys
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.model.user import Status, User, Username
from poolhouse.pool.store import users as user_store

PASSWORD = "Correct-Horse-7"
BACK = "https://app.example/back"
DOMAIN = "benchmark"
FLOWS = [f"ALLOW_{each}_AUTH" for each in ("USER_PASSWORD", "USER_SRP", "REFRESH_TOKEN")]
SESSIONS = 16
VERIFIER = "benchmark-verifier-benchmark-verifier-benchmark"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BATCH = 250


class App(msgspec.Struct, frozen=True):
    """An app client."""

    id: str
    secret: str = ""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server is, and what the requests name: ``web`` signs people in, ``native`` by the API."""

    base: str
    env: dict[str, str]
    pool_id: str
    web: App
    native: App
    machine: App
    usernames: tuple[str, ...]
    access_key: tuple[str, str]

    @property
    def domain(self) -> str:
        return f"{self.base}/domains/{DOMAIN}"

    @property
    def arguments(self) -> list[str]:
        return ["serve", "pool", "--base-url", self.base, "--port", self.base.rpartition(":")[2]]

    def signed(self, operation: str, body: str) -> dict[str, str]:
        """The headers of an administrator's request; the signature is good for five minutes."""
        request = AWSRequest(
            "POST",
            self.base + "/",
            {
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
                "host": self.base.removeprefix("http://"),
            },
            body,
        )
        SigV4Auth(Credentials(*self.access_key), "cognito-idp", "us-east-1").add_auth(request)
        # wrk adds the same Host by itself.
        return {name: value for name, value in request.headers.items() if name != "host"}

    @property
    def authorize(self) -> str:
        asked = {"response_type": "code", "client_id": self.web.id, "redirect_uri": BACK, "scope": "openid email",
                 "state": "abc", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}  # fmt: skip
        return f"{self.domain}/oauth2/authorize?{urlencode(asked)}"

    def sessions(self) -> list[str]:
        """Cookies of browsers whose people have signed in on the hosted page."""
        return [self._session(username) for username in self.usernames[:SESSIONS]]

    def _session(self, username: str) -> str:
        with httpx.Client(follow_redirects=True, headers={"accept": "text/html"}) as browser:
            page = browser.get(self.authorize)
            form = re.search(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", page.text, re.DOTALL)
            if form is None:
                raise SystemExit(f"no sign-in form at {page.url}: {page.status_code}")
            hidden = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[2])
            fields = {**dict(hidden), "username": username, "password": PASSWORD}
            where = urljoin(str(page.url), html.unescape(form[1]))
            browser.follow_redirects = False
            answer = browser.post(where, data=fields)
            while not answer.headers.get("location", BACK).startswith(BACK):
                answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
            if "code=" not in answer.headers.get("location", ""):
                raise SystemExit(f"the sign-in page did not let {username} in: {answer.status_code}")
            return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


def fill(folder: Path, port: int, users: int, back: tuple[str, ...] = (BACK,)) -> Product:
    """
    Make the database with *users* users; those who sign in have passwords of their own hash.

    *back* are the callback URLs of the web client.
    """
    return asyncio.run(_fill(folder, port, users, back))


async def _fill(folder: Path, port: int, users: int, back: tuple[str, ...]) -> Product:
    entropy = SystemEntropy()
    env = {
        "POOLHOUSE_DATABASE": f"sqlite:///{folder}/pool.db",
        "POOLHOUSE_MASTER_KEY": masters.mint(entropy),
        "POOLHOUSE_ADMIN_PASSWORD": "Benchmark-operator-1",
    }
    base = f"http://localhost:{port}"
    settings = PoolSettings(
        database=env["POOLHOUSE_DATABASE"],
        base_url=base,
        master_keys=masters.read(env["POOLHOUSE_MASTER_KEY"]),
        admin_email="admin@example.com",
        admin_password=Secret(env["POOLHOUSE_ADMIN_PASSWORD"]),
        development=True,
    )
    server = await build(settings, clock=SystemClock(), entropy=entropy)
    try:
        pool_id = await _pool(server)
        web = await _client(
            server, pool_id, "web", CallbackURLs=list(back), SupportedIdentityProviders=["COGNITO"],
            **_hosted("code", "openid", "email"),
        )  # fmt: skip
        native = await _client(server, pool_id, "native", ExplicitAuthFlows=FLOWS)
        machine = await _client(server, pool_id, "machine", **_hosted("client_credentials", "api/read"))
        names = tuple(f"person-{number:02}" for number in range(SESSIONS))
        for name in names:
            await _person(server, pool_id, name)
        await _crowd(server, pool_id, users - len(names))
        key = await access_keys.mint(server.flow, "benchmark")
    finally:
        await server.close()
    return Product(
        base=base,
        env=env,
        pool_id=pool_id,
        web=web,
        native=native,
        machine=machine,
        usernames=names,
        access_key=(key.key.id, key.secret.reveal()),
    )


async def _call(server: PoolServer, operation: str, **body: Any) -> dict[str, Any]:
    return await server.api.call(operation, body, caller=Administrator("benchmark"))


async def _pool(server: PoolServer) -> str:
    pool_id: str = (await _call(server, "CreateUserPool", PoolName="Benchmark"))["UserPool"]["Id"]
    await _call(server, "CreateUserPoolDomain", UserPoolId=pool_id, Domain=DOMAIN)
    scopes = [{"ScopeName": "read", "ScopeDescription": "Read"}]
    await _call(server, "CreateResourceServer", UserPoolId=pool_id, Identifier="api", Name="API", Scopes=scopes)
    return pool_id


async def _client(server: PoolServer, pool_id: str, name: str, **settings: Any) -> App:
    made = await _call(server, "CreateUserPoolClient", UserPoolId=pool_id, ClientName=name, **settings)
    client = made["UserPoolClient"]
    return App(client["ClientId"], client.get("ClientSecret", ""))


def _hosted(flow: str, *scopes: str) -> dict[str, Any]:
    return {
        "GenerateSecret": True,
        "AllowedOAuthFlows": [flow],
        "AllowedOAuthScopes": list(scopes),
        "AllowedOAuthFlowsUserPoolClient": True,
    }


async def _person(server: PoolServer, pool_id: str, name: str) -> None:
    where = {"UserPoolId": pool_id, "Username": name}
    attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}]
    await _call(
        server, "AdminCreateUser", **where, MessageAction="SUPPRESS", TemporaryPassword=PASSWORD,
        UserAttributes=attributes,
    )  # fmt: skip
    await _call(server, "AdminSetUserPassword", **where, Password=PASSWORD, Permanent=True)


async def _crowd(server: PoolServer, pool_id: str, users: int) -> None:
    """Users who only stand there: without credentials, written through the store."""
    entry = await server.flow.directory.find_pool(pool_id)
    if entry is None:
        raise AssertionError
    for first in range(0, users, BATCH):
        some = range(first, min(first + BATCH, users))
        await asyncio.gather(*(_bystander(server, entry.pool, number) for number in some))


async def _bystander(server: PoolServer, pool: Pool, number: int) -> None:
    now = int(time.time() * 1000)
    user = User(
        pool_id=pool.id,
        username=Username(f"user-{number:06}"),
        sub=uuid4(server.flow.entropy),
        status=Status.CONFIRMED,
        attributes={"email": f"user-{number:06}@example.com", "email_verified": "true"},
        created_ms=now,
        modified_ms=now,
    )

    async def unit(tx: Tx) -> None:
        await user_store.put_user(tx, pool, user, {})

    await server.flow.database.write(unit)
