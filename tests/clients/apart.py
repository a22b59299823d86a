"""Relying parties that are programs of their own."""

import contextlib
import http.client
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 30.0


@contextlib.contextmanager
def program(arguments: list[str], port: int, log: Path) -> Iterator[None]:
    """Run it until it answers on *port*, and end it afterwards."""
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(port):
            assert process.poll() is None, f"{arguments[0]} ended with {process.returncode}:\n{log.read_text()}"
            assert time.monotonic() < until, f"{arguments[0]} does not answer:\n{log.read_text()}"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("localhost", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
