"""
The product beside the limits of its machine, measured in the same run.

The pool server runs in one process on one core, on SQLite with durable commits; the load comes from another core.
Limits and cases take turns, in several rounds; a figure is the median of its rounds. Between machines, and between
minutes, figures move: what lasts is the ratio to the limit. It compares processor time, that of the signatures and
hashes which a request cannot do without to all that the server spends on it, so it holds on a busy machine as well. A
single failed request fails the run.

    make bench ARGS="--only token --seconds 5"      or      python benchmarks/run.py --json
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from limits import NAMES
from processes import LOAD_CORE, SERVER_CORE, free_port, memory, pinned, processor_seconds, program, surroundings
from product import BACK, PASSWORD, SESSIONS, VERIFIER, Product, fill

HERE = Path(__file__).parent
CONNECTIONS = 16
Measured = dict[str, float]
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured, and the seconds that one of it needs at least, given the limits."""

    name: str
    run: Callable[[float], Measured]
    least: Callable[[dict[str, float]], float] | None = None
    reference: str = ""


def script(*arguments: str, core: int, given: str = "") -> Any:
    """The JSON that one of our scripts prints, run on *core*."""
    line = [*pinned(core), sys.executable, *arguments]
    done = subprocess.run(line, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{arguments[0]} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def wrk(url: str, lua: str, seconds: float, *, threads: int = 1, **env: str) -> Measured:
    """Requests a second and milliseconds, from as many connections as there are sessions."""
    line = [*pinned(LOAD_CORE), "wrk", f"-t{threads}", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency",
            "-s", str(HERE / "wrk" / lua), url]  # fmt: skip
    said = subprocess.run(line, env={**os.environ, **env}, capture_output=True, text=True, check=True).stdout
    return {
        "count": int(_found(r"(\d+) requests in", said)),
        "rps": float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        "p50": _milliseconds(_found(r"^\s+50%\s+(\S+)", said)),
        "p99": _milliseconds(_found(r"^\s+99%\s+(\S+)", said)),
        "failures": sum(int(_found(rf"{what}:? (\d+)", said, "0")) for what in ("responses", "Lost"))
        + sum(map(int, re.findall(r"\d+", _found(r"Socket errors: (.*)", said, "")))),
    }


def _found(pattern: str, said: str, otherwise: str | None = None) -> str:
    found = re.search(pattern, said, re.MULTILINE)
    if found is None and otherwise is None:
        raise SystemExit(f"wrk said:\n{said}")
    return found[1] if found else otherwise or ""


def _milliseconds(text: str) -> float:
    value, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]
    return float(value) * UNITS[unit]


_SIGN_IN: dict[str, Any] = {"least": lambda limit: 2 / limit["rs256"], "reference": "2 signatures"}


class Workload:
    """The cases, once the server runs."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._sessions = "\n".join(product.sessions())
        login = self._api("InitiateAuth", self._login())
        self._refresh_token = login["AuthenticationResult"]["RefreshToken"]
        self._access_token = login["AuthenticationResult"]["AccessToken"]

    def cases(self) -> Iterator[Case]:
        """In the order of the table."""
        yield Case(
            name="token.cc",
            run=self._client_credentials,
            least=lambda limit: 1 / limit["rs256"],
            reference="1 signature",
        )
        refresh = {"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": self._product.native.id,
                   "AuthParameters": {"REFRESH_TOKEN": self._refresh_token}}  # fmt: skip
        yield Case(name="idp.login.refresh", run=self._unsigned("InitiateAuth", refresh), **_SIGN_IN)
        if shutil.which("wrk") is not None:
            yield Case(name="oidc.code", run=self._code, **_SIGN_IN)
        yield Case(
            name="idp.login.password",
            run=self._unsigned("InitiateAuth", self._login()),
            least=lambda limit: 1 / limit["argon2"] + 2 / limit["rs256"],
            reference="1 hash, 2 signatures",
        )
        yield Case(
            name="idp.login.srp",
            run=self._srp,
            least=lambda limit: 1 / limit["srp"] + 2 / limit["rs256"],
            reference="3 powers, 2 signatures",
        )
        yield Case(name="idp.getuser", run=self._signed("AdminGetUser", Username=self._product.usernames[0]))
        yield Case(name="idp.getuser.token", run=self._unsigned("GetUser", {"AccessToken": self._access_token}))
        yield Case(name="idp.listusers", run=self._signed("ListUsers", Limit=60))
        by_name = f'username = "{self._product.usernames[0]}"'
        yield Case(name="idp.filter", run=self._signed("ListUsers", Filter=by_name))

    def _login(self) -> dict[str, Any]:
        given = {"USERNAME": self._product.usernames[0], "PASSWORD": PASSWORD}
        return {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": self._product.native.id, "AuthParameters": given}

    def _headers(self, operation: str) -> dict[str, str]:
        return {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
        }

    def _api(self, operation: str, body: dict[str, Any]) -> Any:
        answer = httpx.post(self._product.base + "/", json=body, headers=self._headers(operation))
        return answer.raise_for_status().json()

    def _unsigned(self, operation: str, body: dict[str, Any]) -> Callable[[float], Measured]:
        return lambda seconds: self._post("/", json.dumps(body), self._headers(operation), seconds)

    def _signed(self, operation: str, **body: Any) -> Callable[[float], Measured]:
        content = json.dumps({"UserPoolId": self._product.pool_id, **body})
        # Signed anew for each round: a signature is good for five minutes.
        return lambda seconds: self._post("/", content, self._product.signed(operation, content), seconds)

    def _client_credentials(self, seconds: float) -> Measured:
        machine = self._product.machine
        form = f"grant_type=client_credentials&client_id={machine.id}&client_secret={machine.secret}&scope=api%2Fread"
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self._post("/domains/benchmark/oauth2/token", form, headers, seconds)

    def _post(self, path: str, body: str, headers: dict[str, str], seconds: float) -> Measured:
        if shutil.which("wrk") is None:
            given = {"headers": headers, "body": body, "seconds": seconds, "connections": CONNECTIONS}
            own: Measured = script(
                str(HERE / "requests_load.py"), self._product.base + path, core=LOAD_CORE, given=json.dumps(given)
            )
            return own
        lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
        return wrk(self._product.base + path, "post.lua", seconds, BODY=body, HEADERS=lines)

    def _code(self, seconds: float) -> Measured:
        web = self._product.web
        form = (
            f"grant_type=authorization_code&client_id={web.id}&client_secret={web.secret}"
            f"&redirect_uri={BACK}&code_verifier={VERIFIER}"
        )
        where = {"AUTHORIZE": self._product.authorize.removeprefix(self._product.base),
                 "TOKEN": "/domains/benchmark/oauth2/token", "FORM": form, "COOKIES": self._sessions}  # fmt: skip
        found = wrk(self._product.base, "code.lua", seconds, threads=SESSIONS, **where)
        # Two requests make one sign-in.
        return {**found, "rps": found["rps"] / 2, "count": found["count"] / 2}

    def _srp(self, seconds: float) -> Measured:
        product = self._product
        given = {"pool_id": product.pool_id, "client_id": product.native.id, "password": PASSWORD,
                 "usernames": product.usernames, "seconds": seconds}  # fmt: skip
        found: Measured = script(str(HERE / "srp_load.py"), product.base, core=LOAD_CORE, given=json.dumps(given))
        return found


def limit(name: str, seconds: float) -> float:
    return float(script(str(HERE / "limits.py"), name, "--seconds", str(seconds), core=SERVER_CORE))


def measure(pid: int, cases: list[Case], rounds: int, seconds: float) -> Iterator[dict[str, Any]]:
    """A row for each limit and each case."""
    for case in cases:
        case.run(1)
    limits: dict[str, list[float]] = {name: [] for name in NAMES}
    found: dict[str, list[Measured]] = {case.name: [] for case in cases}
    for _ in range(rounds):
        now = {name: limit(name, seconds) for name in NAMES}
        for name, rate in now.items():
            limits[name].append(rate)
        for case in cases:
            before = processor_seconds(pid)
            measured = case.run(seconds)
            spent = (processor_seconds(pid) - before) / measured["count"]
            # Of the same round, so that a slow minute counts for both.
            ratio = case.least(now) / spent if case.least else 0
            found[case.name].append({**measured, "cpu": spent * 1000, "ratio": ratio})
    for name, rates in limits.items():
        yield {"case": f"limit.{name}", "rps": round(statistics.median(rates), 1)}
    for case in cases:
        yield summary(case, found[case.name])


def summary(case: Case, rounds: list[Measured]) -> dict[str, Any]:
    """The medians; failures are added up."""

    def median(name: str, digits: int) -> float:
        return round(statistics.median(each[name] for each in rounds), digits)

    row = {"case": case.name, "rps": median("rps", 1), "p50": median("p50", 2), "p99": median("p99", 2)}
    row |= {"cpu": median("cpu", 3), "failures": int(sum(each["failures"] for each in rounds))}
    return row | ({"ratio": median("ratio", 2), "of": case.reference} if case.least else {})


def started(folder: Path, rounds: int) -> Iterator[dict[str, Any]]:
    """``poolhouse up``: seconds to ready, at the first start and afterwards, and memory of both programs at rest."""
    times, sizes = [], {}
    for _ in range(rounds + 1):
        port, house_port = free_port(), free_port()
        ready = [f"http://localhost:{port}", f"http://localhost:{house_port}"]
        line = ["up", "--data", str(folder / "up"), "--port", str(port), "--house-port", str(house_port)]
        with program(*line, ready=ready, env=surroundings()) as (pid, seconds):
            times.append(seconds)
            sizes = memory(pid)
    yield {"case": "start.first", "seconds": round(times[0], 2)}
    yield {"case": "start", "seconds": round(statistics.median(times[1:]), 2)}
    yield {"case": "mem.up", **sizes}


def served(folder: Path, given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The cases of the pool server."""
    product = fill(folder, free_port(), given.users)
    with program(*product.arguments, ready=[product.base], env=surroundings(**product.env)) as (pid, _):
        yield {"case": "mem.pool", **memory(pid)}
        cases = [case for case in Workload(product).cases() if re.search(given.only, case.name)]
        yield from measure(pid, cases, given.rounds, given.seconds)
        yield {"case": "mem.pool.loaded", **memory(pid)}


def shown(row: dict[str, Any]) -> str:
    if "rss_mib" in row:
        return f"{row['case']:<20}{row['rss_mib']:>10.1f} MiB resident, {row['pss_mib']:.1f} MiB proportional"
    if "seconds" in row:
        return f"{row['case']:<20}{row['seconds']:>10.2f} s to ready"
    line = f"{row['case']:<20}{row['rps']:>10.1f}/s"
    if "p50" in row:
        line += f"  p50 {row['p50']:>8.2f} ms  p99 {row['p99']:>8.2f} ms  cpu {row['cpu']:>7.3f} ms"
    if "ratio" in row:
        line += f"  {row['ratio']:>5.2f} of {row['of']}"
    return line + (f"  {row['failures']} FAILED" if row.get("failures") else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose name this expression finds")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--store", action="store_true", help="also the storage engines by themselves (store.py)")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each row")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is missing (tools/system.sh wrk): a slower client makes the load, and oidc.code is left out.",
              file=sys.stderr)  # fmt: skip
    if not pinned(SERVER_CORE):
        print(
            "Server and load share their cores here: figures and ratios are lower than they could be.", file=sys.stderr
        )
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        for rows in (started(Path(name), given.rounds), served(Path(name), given)):
            for row in rows:
                failures += row.get("failures", 0)
                print(json.dumps(row) if given.json else shown(row), flush=True)
    if given.store:
        more = ["--json"] if given.json else []
        subprocess.run([sys.executable, str(HERE / "store.py"), *more], check=True)
    if failures:
        raise SystemExit(f"{failures} requests failed")


if __name__ == "__main__":
    main()
