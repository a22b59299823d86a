"""
The pool as an OAuth 2.0 server beside others, in the same run: node-oidc-provider, and glewlwyd where it is installed.

All are started at once on one core, the load has another; they take turns in rounds, and a figure is the median of its
rounds. A failed request fails the run. Every server signs with RS256 by a key of 2048 bits; how many tokens an answer
has is counted, and `of` is the part of a request's processor time that those signatures alone would take: measured in
the same round, so that it holds on a busy machine as well. Times: of requests a second, and of processor time.

Ours and glewlwyd write to SQLite; node-oidc-provider keeps everything in memory here. A code is a request to authorize
by a browser with a session, and its exchange; the two count as one. An exchange is the second of them alone: its codes
were made before the measurement began.

    make bench          or          python benchmarks/oauth_peers.py --seconds 2 --json
"""

import argparse
import contextlib
import json
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from glewlwyd import glewlwyd, is_here
from oauth_servers import OURS, PROVIDER, Server, node_oidc_provider, ours
from processes import LOAD_CORE, free_port, processor_seconds
from product import SESSIONS
from run import CONNECTIONS, Measured, limit, script, wrk

HERE = Path(__file__).parent
CASES = ("client credentials", "exchange", "code", "refresh", "discovery", "jwks")
SIGNING = CASES[:4]
PREPARED = 600
"""Codes for the first round of exchanges."""
MORE = 1.5
"""Codes of a later round, for each that the server could redeem in its time in the round before."""
FORM = {"content-type": "application/x-www-form-urlencoded"}


def measure(server: Server, case: str, seconds: float, rate: float = 0) -> Measured:
    """One round of one case; milliseconds of processor time for each request.  *rate*: that of the round before."""
    some = max(PREPARED, int(rate * MORE * max(1, round(seconds))))
    codes = [server.a_code(number) for number in range(some)] if case == "exchange" else []
    before = processor_seconds(server.pid)
    found = _exchanges(server, codes, seconds if rate else 0) if codes else _load(server, case, seconds)
    return {**found, "cpu": 1000 * (processor_seconds(server.pid) - before) / found["count"]}


def _load(server: Server, case: str, seconds: float) -> Measured:
    match case:
        case "client credentials":
            return _post(server.token, server.machine, seconds)
        case "refresh":
            return _post(server.token, server.refreshing, seconds)
        case "exchange":
            return _exchanges(server, [server.a_code(number) for number in range(PREPARED)])
        case "code":
            return _codes(server, seconds)
        case _:
            return _get(server.discovery if case == "discovery" else server.jwks, seconds)


def _post(url: str, form: str, seconds: float) -> Measured:
    if shutil.which("wrk") is None:
        return _own(url, seconds, headers=FORM, body=form)
    return wrk(url, "post.lua", seconds, BODY=form, HEADERS="content-type: application/x-www-form-urlencoded")


def _get(url: str, seconds: float) -> Measured:
    if shutil.which("wrk") is None:
        return _own(url, seconds, method="GET", headers={}, body="")
    return wrk(url, "get.lua", seconds)


def _own(url: str, seconds: float, **given: Any) -> Measured:
    asked = {**given, "seconds": seconds, "connections": CONNECTIONS}
    found: Measured = script(str(HERE / "requests_load.py"), url, core=LOAD_CORE, given=json.dumps(asked))
    return found


def _codes(server: Server, seconds: float) -> Measured:
    where = {"AUTHORIZE": _path(server.authorize), "TOKEN": _path(server.token), "FORM": server.exchange,
             "COOKIES": "\n".join(server.cookies)}  # fmt: skip
    found = wrk(server.base, "code.lua", seconds, threads=len(server.cookies), **where)
    # Two requests make one sign-in.
    return {**found, "rps": found["rps"] / 2, "count": found["count"] / 2}


def _exchanges(server: Server, codes: list[str], seconds: float = 0) -> Measured:
    """
    For *seconds*, or until there are no more codes.

    wrk cannot end when the codes do, so that it is only used once it is known how many it will take; our own client
    asks so slowly that fewer requests come together.
    """
    if not seconds or shutil.which("wrk") is None:
        return _own(server.token, 60, headers=FORM, body=server.exchange + "&code={value}", values=codes)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("".join(f"{code}\n" for code in codes))
        file.flush()
        return wrk(server.token, "exchange.lua", seconds, FORM=server.exchange, CODES=file.name)


def _path(url: str) -> str:
    """What follows the host."""
    return re.sub(r"^\w+://[^/]+", "", url)


def signatures(server: Server, case: str) -> int:
    """The signed tokens in one answer."""
    if case not in SIGNING:
        return 0
    form = server.machine if case == "client credentials" else server.refreshing
    if case in {"code", "exchange"}:
        form = f"{server.exchange}&code={server.a_code()}"
    answer = httpx.post(server.token, content=form, headers=FORM)
    if answer.status_code != 200:
        raise SystemExit(f"{server.name}, {case}: {answer.status_code} {answer.text[:300]}")
    return sum(isinstance(value, str) and value.count(".") == 2 for value in answer.json().values())


def rows(servers: list[Server], given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for case in CASES:
        if given.only not in case or (case == "code" and shutil.which("wrk") is None):
            continue
        signed = {server.name: signatures(server, case) for server in servers}
        found: dict[str, list[Measured]] = {server.name: [] for server in servers}
        rates = {server.name: _load(server, case, min(1, given.seconds))["rps"] for server in servers}
        for _ in range(given.rounds):
            alone = 1000 / limit("rs256", given.seconds)
            for server in servers:
                one = measure(server, case, given.seconds, rates[server.name])
                rates[server.name] = max(one["rps"], rates[server.name])
                found[server.name].append({**one, "of": signed[server.name] * alone / one["cpu"]})
        yield summary(case, found, signed)


def summary(case: str, found: dict[str, list[Measured]], signed: dict[str, int]) -> dict[str, Any]:
    """The medians of each server, and how many times ours is better than each of the others."""

    def median(name: str, what: str) -> float:
        return statistics.median(each[what] for each in found[name])

    row: dict[str, Any] = {"case": case, "failures": 0}
    for name, rounds in found.items():
        row[name] = {what: round(median(name, what), 3) for what in ("rps", "p50", "p99", "cpu", "of")}
        row[name]["signatures"] = signed[name]
        row["failures"] += int(sum(each["failures"] for each in rounds))
        if name != OURS:
            row[name]["times"] = round(median(OURS, "rps") / median(name, "rps"), 2)
            row[name]["times_cpu"] = round(median(name, "cpu") / median(OURS, "cpu"), 2)
    return row


def shown(row: dict[str, Any]) -> str:
    lines = []
    for name, one in row.items():
        if not isinstance(one, dict):
            continue
        line = f"{row['case'] if name == OURS else '':<20}{name:<16}{one['rps']:>9.1f}/s {one['cpu']:>7.3f} ms"
        line += f"  p50 {one['p50']:>7.2f} ms  p99 {one['p99']:>7.2f} ms"
        if one["signatures"]:
            line += f"  {one['of']:.2f} of {one['signatures']} signature{'s' if one['signatures'] > 1 else ''}"
        if name != OURS:
            line += f"   ours {one['times']:.2f} times, {one['times_cpu']:.2f} by processor time"
        lines.append(line)
    if row["failures"]:
        lines.append(f"{row['failures']} FAILED")
    return "\n".join(lines)


@contextlib.contextmanager
def everybody(folder: Path, users: int) -> Iterator[list[Server]]:
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(ours(folder, users))]
        if PROVIDER.exists():
            servers.append(running.enter_context(node_oidc_provider(folder / "node", free_port())))
        else:
            print("node-oidc-provider is missing: make bench installs it.", file=sys.stderr)
        if is_here():
            servers.append(running.enter_context(glewlwyd(folder / "glewlwyd", free_port())))
        else:
            print("glewlwyd is missing (tools/system.sh glewlwyd): it is left out.", file=sys.stderr)
        yield servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases with this in their name")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--json", action="store_true", help="a line of JSON for each row")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is missing (tools/system.sh wrk): a slower client makes the load, and codes are left out.",
              file=sys.stderr)  # fmt: skip
    failures = 0
    with tempfile.TemporaryDirectory() as name, everybody(Path(name), max(given.users, SESSIONS)) as servers:
        for row in rows(servers, given):
            failures += row["failures"]
            print(json.dumps(row) if given.json else shown(row), flush=True)
    if failures:
        raise SystemExit(f"{failures} requests failed")


if __name__ == "__main__":
    main()
