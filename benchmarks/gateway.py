"""
The gateway beside others that put an identity into a request, in the same run.

Small answers (1 KiB, `GET`) over 32 connections: the house as proxy and as the one that is asked, nginx alone and with
`auth_request`, Caddy with `forward_auth`, Apache with mod_auth_openidc. What nginx could do at most is measured with a
server in the house's place that reads nothing and always says yes. The gateway under test, with whatever it asks,
is on one core; the app and the load are on another. They take turns in rounds, the figure is the median, a failed
request fails the run. Requests for each second of processor time hold on a busy machine as well.

Then what the house adds to a request at 1,000 a second, a large body both ways, and 1,000 websockets that are silent.

    python benchmarks/gateway.py --seconds 3 --rounds 3 --json
"""

import argparse
import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway_servers import (
    ASKED,
    PROXIED,
    Server,
    TheHouse,
    apache,
    asking_caddy,
    asking_nginx,
    house,
    nginx,
    on_load_core,
    plain_nginx,
)
from oauth_servers import started
from processes import free_port, memory, processor_seconds

LOAD = str(Path(__file__).parent / "gateway_load.py")
CONNECTIONS = 32
ONE_KIB = f"location / {{ default_type text/plain; return 200 '{'x' * 1024}'; }}"


def wrk(server: Server, seconds: float) -> dict[str, float]:
    """Requests a second, and for each second that the server's processes have computed."""
    headers = [word for name, text in server.headers.items() for word in ("-H", f"{name}: {text}")]
    line = on_load_core(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency", *headers,
                         server.url])  # fmt: skip
    before = sum(_time(pid) for pid in server.pids)
    said = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    spent = sum(_time(pid) for pid in server.pids) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{server.name}: requests failed\n{said}")
    count = int(re.findall(r"(\d+) requests in", said)[0])
    rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
    p99 = re.findall(r"99%\s+([\d.]+)(us|ms|s)", said)[0]
    late = float(p99[0]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[1]]
    return {"per_s": rate, "per_cpu_s": count / spent if spent else 0.0, "p99_ms": late}


def _time(pid: int) -> float:
    """Of the process and of its children, as nginx and Apache work in those."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return processor_seconds(pid) + sum(_time(int(child)) for child in children)


@contextlib.contextmanager
def everybody(folder: Path, there: TheHouse, upstream: int) -> Iterator[list[Server]]:
    ports = [free_port() for _ in range(5)]
    cookies = {name: {"Host": there.host(name), "Cookie": there.cookies[name][0]} for name in (PROXIED, ASKED)}
    asking = {**cookies[ASKED], "X-Original-Method": "GET", "X-Original-URL": f"http://{there.host(ASKED)}/x"}
    with contextlib.ExitStack() as stack:
        lines = [
            ("yes", [sys.executable, LOAD, "yes", str(ports[3])]),
            ("plain", plain_nginx(folder / "plain", ports[0], upstream)),
            ("asking", asking_nginx(folder / "asking", ports[1], upstream, there.port)),
            ("limit", asking_nginx(folder / "limit", ports[4], upstream, ports[3])),
            ("caddy", asking_caddy(folder / "caddy", ports[2], upstream, there)),
        ]
        named = dict(zip(("plain", "asking", "caddy", "yes", "limit"), ports, strict=True))
        pids = {
            name: stack.enter_context(started(name, line, folder / name, f"http://127.0.0.1:{named[name]}/x"))
            for name, line in lines
        }
        peer = stack.enter_context(apache(folder, upstream))
        urls = {name: f"http://127.0.0.1:{port}/x" for name, port in named.items()}
        yield [
            Server(name="the house", url=f"http://127.0.0.1:{there.port}/x", headers=cookies[PROXIED],
                   pids=(there.pid,)),
            Server(name="nginx asks the house", url=urls["asking"], headers=cookies[ASKED],
                   pids=(pids["asking"], there.pid)),
            Server(name="nginx asks who always says yes", url=urls["limit"], headers=cookies[ASKED],
                   pids=(pids["limit"], pids["yes"])),
            Server(name="Caddy asks the house", url=urls["caddy"], headers=cookies[ASKED],
                   pids=(pids["caddy"], there.pid)),
            peer,
            Server(name="nginx, nobody asked", url=urls["plain"], pids=(pids["plain"],)),
            Server(name="the question alone", url=f"http://127.0.0.1:{there.port}/.house/auth/nginx",
                   headers=asking, pids=(there.pid,)),
            Server(name="who always says yes alone", url=urls["yes"], headers=asking, pids=(pids["yes"],)),
        ]  # fmt: skip


def rates(servers: list[Server], given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    found: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
    for server in servers:
        wrk(server, 1)
    for _ in range(given.rounds):
        for server in servers:
            found[server.name].append(wrk(server, given.seconds))
    medians = {name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
               for name, rounds in found.items()}  # fmt: skip
    peer = medians["Apache, mod_auth_openidc"]
    for name, row in medians.items():
        yield {"case": name, **{key: round(number, 2) for key, number in row.items()},
               "of_peer": round(row["per_s"] / peer["per_s"], 2),
               "of_peer_cpu": round(row["per_cpu_s"] / peer["per_cpu_s"], 2)}  # fmt: skip


def script(*arguments: str) -> Any:
    line = on_load_core([sys.executable, LOAD, *arguments])
    return json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)


def streams(there: TheHouse, app: int, given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    host, cookie = there.host(PROXIED), there.cookies[PROXIED][0]
    direct = script("paced", str(app), host, cookie, "1000", "5")
    through = script("paced", str(there.port), host, cookie, "1000", "5")
    yield {"case": "added at 1,000 requests a second",
           **{key: round(through[key] - direct[key], 3) for key in ("p50_ms", "p99_ms")}}  # fmt: skip
    before = memory(there.pid)["pss_mib"]
    moved = script("body", str(there.port), host, cookie, str(given.mib))
    yield {"case": f"{given.mib} MiB both ways", "mib_per_s": round(moved["mib_per_s"], 1), "pss_before_mib": before,
           "pss_after_mib": memory(there.pid)["pss_mib"], "peak_rss_mib": _peak(there.pid)}  # fmt: skip
    before = memory(there.pid)["pss_mib"]
    line = on_load_core([sys.executable, LOAD, "sockets", str(there.port), host, cookie, "1000"])
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holding:
        if holding.stdout is None or holding.stdin is None or holding.stdout.readline() != b"open\n":
            raise SystemExit("the websockets did not open")
        time.sleep(2)
        held = memory(there.pid)["pss_mib"]
        holding.stdin.close()
    yield {"case": "1,000 silent websockets", "pss_mib": held, "added_mib": round(held - before, 1)}


def _peak(pid: int) -> float:
    found = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return round(int(found[0]) / 1024, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder, small, app = Path(name), free_port(), free_port()
        line = on_load_core(nginx(folder / "app", small, ONE_KIB))
        stack.enter_context(started("app", line, folder / "app", f"http://127.0.0.1:{small}/"))
        line = on_load_core([sys.executable, LOAD, "app", str(app)])
        stack.enter_context(started("streams", line, folder / "streams", f"http://127.0.0.1:{app}/"))
        there = stack.enter_context(house(folder / "house", small))
        servers = stack.enter_context(everybody(folder, there, small))
        streaming = stack.enter_context(house(folder / "streaming", app))
        for row in (*rates(servers, given), *streams(streaming, app, given)):
            print(json.dumps(row) if given.json else _shown(row), flush=True)


def _shown(row: dict[str, Any]) -> str:
    figures = "  ".join(f"{name} {number:,}" for name, number in row.items() if name != "case")
    return f"{row['case']:<34}{figures}"


if __name__ == "__main__":
    main()
