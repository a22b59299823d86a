"""Programs as an operator runs them: started with any flags and surroundings, killed without warning, started again."""

import contextlib
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tests.journey.installation import command, environment, free_port, wait_ready

PASSWORD = "Operator-of-tests-1"
CREDENTIALS = (
    "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0"
)


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A program of its own process group."""

    process: Any
    base: str
    house: str = ""
    log: Path

    def kill(self) -> None:
        """``kill -9`` of all its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@contextlib.contextmanager
def started(arguments: list[str], env: dict[str, str], base: str, log: Path, house: str = "") -> Iterator[Running]:
    """Start, wait until it is ready, end it if it still runs."""
    with log.open("ab") as output:
        process = subprocess.Popen(arguments, env=env, stdout=output, stderr=output, start_new_session=True)
    program = Running(process=process, base=base, house=house, log=log)
    try:
        wait_ready(base, process, log)
        if house:
            wait_ready(house, process, log)
        yield program
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


class Address(msgspec.Struct, frozen=True):
    """The two ports of an installation, kept when it is started again."""

    port: int
    house_port: int

    def up(self, folder: Path, *flags: str, **env: str) -> contextlib.AbstractContextManager[Running]:
        """``poolhouse up`` on these ports, with its files in *folder*; without the demo unless *flags* are given."""
        line = command("up", "--data", str(folder / "kept"), "--port", str(self.port))
        scheme = "https" if "--https" in flags else "http"
        return started(
            [*line, "--house-port", str(self.house_port), *(flags or ["--bare"])],
            environment(POOLHOUSE_ADMIN_PASSWORD=PASSWORD, **env),
            f"{scheme}://localhost:{self.port}",
            folder / "up.log",
            f"{scheme}://localhost:{self.house_port}",
        )


def an_address() -> Address:
    return Address(free_port(), free_port())


def outcome(*arguments: str, **env: str) -> tuple[int, str]:
    """Exit code and all output of a command that ends by itself."""
    done = subprocess.run(
        command(*arguments), env=environment(**env), capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, (done.stdout + done.stderr).strip()


class Answer(msgspec.Struct, frozen=True):
    """What the API said."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> tuple[int, str, str]:
        """Status, type and message of a refusal, whose type is in the header as well."""
        assert self.headers["x-amzn-errortype"] == f"{self.body['__type']}:"
        return self.status, self.body["__type"], self.body.get("message", "")


def call(
    base: str, operation: str, body: dict[str, Any] | bytes, *, method: str = "POST", **headers: str | None
) -> Answer:
    """One request to the API over the socket, with credentials that only ``up`` believes; None leaves a header out."""
    given = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
        "authorization": CREDENTIALS,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    sent = {name: value for name, value in given.items() if value is not None}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(base + "/", content, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return Answer(reply.status, _lower(reply.headers), reply.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.status or 0, _lower(refusal.headers), refusal.read())


def ask(base: str, operation: str, **body: Any) -> Any:
    """The answer of an operation that succeeds."""
    answer = call(base, operation, body)
    assert answer.status == 200, answer.content
    return answer.body if answer.content else None


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
