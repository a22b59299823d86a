"""
The product beside other servers of the same API, in the same run: moto_server and cognito-local.

All are started at once, each with the same users, and take turns in rounds; the figure is the median of the rounds, and
a failed request fails the run. Two ratios: of requests a second, and of the processor time of a request, which does
not depend on how fast the load is made. They share a core, the load has another.

Ours keeps every write on disk before it answers, hashes passwords with argon2id and signs with RSA; moto keeps all in
memory and compares passwords as text, cognito-local writes a JSON file and does so as well. Where a hash is the limit,
the row says so: one that does not hash is faster there, and a server that must not lose passwords cannot be.

    make bench          or          python benchmarks/peers.py --seconds 2 --json
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from processes import LOAD_CORE, SERVER_CORE, free_port, pinned, processor_seconds, program, surroundings
from product import FLOWS, PASSWORD, SESSIONS, fill

HERE = Path(__file__).parent
MOTO = HERE.parent / ".venv-peers" / "bin" / "moto_server"
LOCAL = HERE / "peers" / "node_modules" / ".bin" / "cognito-local"
CONNECTIONS = 16
OURS = "poolhouse"
REGION = "us-east-1"
HASHES = frozenset({"sign-in by password", "sign-up", "create a user"})


class Server(msgspec.Struct, kw_only=True):
    """Where one is, and what requests to it name."""

    name: str
    base: str
    pid: int = 0
    access_key: tuple[str, str] = ("AKIAANYONE", "any-secret")
    pool: str = ""
    client: str = ""
    user: str = "person-00"
    access: str = ""
    refresh: str = ""
    number: int = 1

    def headers(self, operation: str) -> dict[str, str]:
        return {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
        }

    def call(self, operation: str, **body: Any) -> Any:
        request = AWSRequest("POST", self.base + "/", self.headers(operation), json.dumps(body))
        # Signed: a server that does not check takes the region from it.
        SigV4Auth(Credentials(*self.access_key), "cognito-idp", REGION).add_auth(request)
        answer = httpx.post(self.base + "/", content=request.data, headers=dict(request.headers.items()), timeout=60)
        if answer.status_code != 200:
            raise SystemExit(f"{self.name} {operation}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else {}


class Case(msgspec.Struct, frozen=True):
    """An operation and its body; whoever has no such thing is left out. *most* of what it makes is a pool's limit."""

    name: str
    operation: str
    body: Callable[[Server], dict[str, Any]]
    without: frozenset[str] = frozenset()
    signed: bool = True
    most: int = 0


def _pool(**more: Any) -> Callable[[Server], dict[str, Any]]:
    return lambda server: {"UserPoolId": server.pool, **more}


def _of_user(server: Server) -> dict[str, Any]:
    return {"UserPoolId": server.pool, "Username": server.user}


def _auth(flow: str, **given: str) -> Callable[[Server], dict[str, Any]]:
    def body(server: Server) -> dict[str, Any]:
        parameters = {name: getattr(server, value) if value in {"user", "refresh"} else value
                      for name, value in given.items()}  # fmt: skip
        return {"AuthFlow": flow, "ClientId": server.client, "AuthParameters": parameters}

    return body


CASES = (
    Case("get a user", "AdminGetUser", _of_user),
    Case("get oneself", "GetUser", lambda server: {"AccessToken": server.access}, signed=False),
    Case("list 60 users", "ListUsers", _pool(Limit=60)),
    Case("find a user", "ListUsers", _pool(Filter='username = "person-00"')),
    Case("sign-in by password", "InitiateAuth", _auth("USER_PASSWORD_AUTH", USERNAME="user", PASSWORD=PASSWORD),
         signed=False),
    Case("begin SRP", "InitiateAuth", _auth("USER_SRP_AUTH", USERNAME="user", SRP_A="2"), frozenset({"cognito-local"}),
         signed=False),
    Case("refresh", "InitiateAuth", _auth("REFRESH_TOKEN_AUTH", REFRESH_TOKEN="refresh"), signed=False),
    Case("sign-up", "SignUp", lambda server: {"ClientId": server.client, "Username": "new-{n}", "Password": PASSWORD},
         signed=False),
    Case("create a user", "AdminCreateUser",
         _pool(Username="made-{n}", MessageAction="SUPPRESS", TemporaryPassword=PASSWORD)),
    Case("change an attribute", "AdminUpdateUserAttributes",
         _pool(Username="{person}", UserAttributes=[{"Name": "name", "Value": "Name {n}"}])),
    Case("create a group", "CreateGroup", _pool(GroupName="group-{n}"), most=9_000),
    Case("describe a pool", "DescribeUserPool", _pool()),
    Case("describe a client", "DescribeUserPoolClient",
         lambda server: {"UserPoolId": server.pool, "ClientId": server.client}),
)  # fmt: skip


def measure(server: Server, case: Case, seconds: float, rounds: int) -> dict[str, float]:
    body = json.dumps(case.body(server))
    given = {"headers": server.headers(case.operation), "body": body, "seconds": seconds, "connections": CONNECTIONS,
             "first": server.number, "most": case.most // rounds}  # fmt: skip
    if case.signed:
        key_id, secret = server.access_key
        given["sign"] = {"key_id": key_id, "secret": secret, "region": REGION}
    line = [*pinned(LOAD_CORE), sys.executable, str(HERE / "requests_load.py"), server.base + "/"]
    before = processor_seconds(server.pid)
    done = subprocess.run(line, input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{server.name}, {case.name}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    server.number = int(found["next"])
    return {**found, "cpu": 1000 * (processor_seconds(server.pid) - before) / found["count"]}


def prepare(server: Server, users: int) -> None:
    """The pool that ours has, made by the API."""
    server.pool = server.call("CreateUserPool", PoolName="Benchmark")["UserPool"]["Id"]
    made = server.call("CreateUserPoolClient", UserPoolId=server.pool, ClientName="native", ExplicitAuthFlows=FLOWS)
    server.client = made["UserPoolClient"]["ClientId"]
    for number in range(users):
        name = f"person-{number:02}" if number < SESSIONS else f"user-{number:06}"
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}]
        server.call("AdminCreateUser", UserPoolId=server.pool, Username=name, MessageAction="SUPPRESS",
                    TemporaryPassword=PASSWORD, UserAttributes=attributes)  # fmt: skip
    server.call("AdminSetUserPassword", UserPoolId=server.pool, Username=server.user, Password=PASSWORD, Permanent=True)


def sign_in(server: Server) -> None:
    answer = server.call("InitiateAuth", **_auth("USER_PASSWORD_AUTH", USERNAME="user", PASSWORD=PASSWORD)(server))
    server.access = answer["AuthenticationResult"]["AccessToken"]
    server.refresh = answer["AuthenticationResult"]["RefreshToken"]


@contextlib.contextmanager
def peer(name: str, line: list[str], folder: Path, port: int, **env: str) -> Iterator[Server]:
    """Another server, on the core that ours has."""
    base = f"http://localhost:{port}"
    folder.mkdir()
    (folder / ".cognito").mkdir()
    # cognito-local: usernames that are not e-mail addresses.
    (folder / ".cognito" / "config.json").write_text('{"UserPoolDefaults": {"UsernameAttributes": []}}')
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*pinned(SERVER_CORE), *line], cwd=folder, env={**os.environ, **env}, stdout=log, stderr=log
        )
        try:
            until = time.monotonic() + 30
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=2):
                    break
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"{name} did not start:\n{(folder / 'log').read_text()[-2000:]}")
                time.sleep(0.05)
            yield Server(name=name, base=base, pid=process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@contextlib.contextmanager
def everybody(folder: Path, users: int) -> Iterator[list[Server]]:
    product = fill(folder, free_port(), users)
    ours = Server(name=OURS, base=product.base, access_key=product.access_key, pool=product.pool_id,
                  client=product.native.id)  # fmt: skip
    port, other = free_port(), free_port()
    with (
        program(*product.arguments, ready=[product.base], env=surroundings(**product.env)) as (pid, _),
        peer("moto_server", [str(MOTO), "-p", str(port)], folder / "moto", port) as moto,
        peer("cognito-local", [str(LOCAL)], folder / "local", other, PORT=str(other)) as local,
    ):
        ours.pid = pid
        for each in (moto, local):
            prepare(each, users)
        for each in (ours, moto, local):
            sign_in(each)
        yield [ours, moto, local]


def rows(servers: list[Server], given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for case in CASES:
        if given.only not in case.name:
            continue
        taking_part = [each for each in servers if each.name not in case.without]
        found: dict[str, list[dict[str, float]]] = {each.name: [] for each in taking_part}
        for _ in range(given.rounds):
            for server in taking_part:
                found[server.name].append(measure(server, case, given.seconds, given.rounds))
        yield summary(case, found)


def summary(case: Case, found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """The medians of each server, and how many times ours is better than each of the others."""

    def median(name: str, what: str) -> float:
        return statistics.median(each[what] for each in found[name])

    row: dict[str, Any] = {"case": case.name, "limited_by_hash": case.name in HASHES, "failures": 0}
    for name, rounds in found.items():
        row[name] = {what: round(median(name, what), 3) for what in ("rps", "p50", "p99", "cpu")}
        row["failures"] += int(sum(each["failures"] for each in rounds))
        if name != OURS:
            row[name]["times"] = round(median(OURS, "rps") / median(name, "rps"), 2)
            row[name]["times_cpu"] = round(median(name, "cpu") / median(OURS, "cpu"), 2)
    return row


def shown(row: dict[str, Any]) -> str:
    ours = row[OURS]
    line = f"{row['case']:<20}{ours['rps']:>9.1f}/s {ours['cpu']:>7.3f} ms"
    for name in ("moto_server", "cognito-local"):
        if name in row:
            theirs = row[name]
            line += f"   {name} {theirs['rps']:>8.1f}/s {theirs['cpu']:>7.3f} ms:"
            line += f" {theirs['times']:.2f}, {theirs['times_cpu']:.2f}"
    line += "   limited by the hash" if row["limited_by_hash"] else ""
    return line + (f"   {row['failures']} FAILED" if row["failures"] else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases with this in their name")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--json", action="store_true", help="a line of JSON for each row")
    given = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as name, everybody(Path(name), given.users) as servers:
        for row in rows(servers, given):
            failures += row["failures"]
            print(json.dumps(row) if given.json else shown(row), flush=True)
    if failures:
        raise SystemExit(f"{failures} requests failed")


if __name__ == "__main__":
    main()
