"""Starting the product for a measurement, pinned to a core; ends only what it started."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

SERVER_CORE, LOAD_CORE = 0, 1
LAST = 4_000
"""Characters of a failed server's log."""


def pinned(core: int) -> list[str]:
    """What puts a command on one core; nothing where that is not possible."""
    enough = len(os.sched_getaffinity(0)) > LOAD_CORE
    return ["taskset", "-c", str(core)] if enough and shutil.which("taskset") else []


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def surroundings(**more: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if not name.startswith("POOLHOUSE_")}, **more}


@contextlib.contextmanager
def program(*arguments: str, ready: list[str], env: dict[str, str]) -> Iterator[tuple[int, float]]:
    """A ``poolhouse`` command on the server's core: its process id and the seconds until all of *ready* answered."""
    line = [*pinned(SERVER_CORE), sys.executable, "-m", "poolhouse.cli", *arguments]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(line, env=env, stdout=subprocess.DEVNULL, stderr=log)
        try:
            for url in ready:
                _wait(url, process)
            yield process.pid, time.perf_counter() - start
        except SystemExit:
            log.seek(0)
            print(log.read().decode()[-LAST:], file=sys.stderr)
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(url + "/health/ready", timeout=5):
            return
        if process.poll() is not None:
            raise SystemExit("the server ended")
        time.sleep(0.005)
    raise SystemExit(f"{url} was not ready in 30 s")


def memory(pid: int) -> dict[str, float]:
    """MiB: resident, and proportional (what is shared with other programs counted by its part)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = {name: int(kib) / 1024 for name, kib in re.findall(r"^(Rss|Pss):\s+(\d+) kB", rollup, re.MULTILINE)}
    return {"rss_mib": round(sizes["Rss"], 1), "pss_mib": round(sizes["Pss"], 1)}


def processor_seconds(pid: int) -> float:
    """Time that the process and its threads have spent computing."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
