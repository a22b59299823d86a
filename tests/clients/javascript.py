"""The JavaScript clients, in one process that answers calls: see `js/clients.mjs` and `js/relying.mjs`."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journey.installation import Installation

FOLDER = Path(__file__).with_name("js")


class Refusal(Exception):
    """What the client threw: its code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Javascript:
    """`js("signIn", pool=..., ...)` is what the call of that name in *script* gives."""

    def __init__(self, place: Installation, authority: Path, log: Path, script: str = "clients.mjs") -> None:
        env = {**os.environ, "POOLHOUSE_BASE": place.base, "NODE_EXTRA_CA_CERTS": str(authority)}
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [node(), str(FOLDER / script)],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip

    def __call__(self, name: str, **given: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": name, "with": given}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the clients ended:\n{Path(self._log.name).read_text()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise Refusal(**answer["failed"])
        return answer["ok"]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()


def node() -> str:
    """Node, with the packages that `make test` installs."""
    found = shutil.which("node")
    if found is None or not (FOLDER / "node_modules").is_dir():
        pytest.fail(
            "the JavaScript clients are not installed: run make test, or npm ci in tests/clients/js", pytrace=False
        )
    return found
