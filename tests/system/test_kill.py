"""
A killed process loses nothing that it has acknowledged.

Many sign-ups are under way when every process of the server is killed; each one that was answered is there after the
next start, and the sign-ups that were not answered are there as a whole or not at all.
"""

import concurrent.futures
import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import boto3
import pytest

from poolhouse.cli.masters import mint
from poolhouse.kit.ambient import SystemEntropy
from tests.journey.installation import command, environment, free_port
from tests.system.programs import PASSWORD, Running, an_address, ask, call, outcome, started

pytestmark = pytest.mark.client

CALLERS, ENOUGH = 12, 40


class SignUps:
    """Sign-ups by many callers at once, until the server is gone; ``acknowledged`` are those it answered."""

    def __init__(self, base: str, client_id: str) -> None:
        self._host = base.removeprefix("http://")
        self._client_id = client_id
        self.acknowledged: dict[str, str] = {}
        self.enough = threading.Event()

    def run(self, caller: int) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            for number in range(10_000):
                self._one(connection, f"user-{caller}-{number}")
        except (ConnectionError, http.client.HTTPException, TimeoutError):
            return
        finally:
            connection.close()

    def _one(self, connection: http.client.HTTPConnection, name: str) -> None:
        body = {
            "ClientId": self._client_id,
            "Username": name,
            "Password": "Correct-Horse-7",
            "UserAttributes": [{"Name": "email", "Value": f"{name}@example.com"}],
        }
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.SignUp",
        }
        connection.request("POST", "/", json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        self.acknowledged[name] = json.loads(content)["UserSub"]
        if len(self.acknowledged) >= ENOUGH:
            self.enough.set()


def killed_amid_sign_ups(program: Running, client_id: str) -> dict[str, str]:
    """The subjects that were acknowledged before the kill."""
    sign_ups = SignUps(program.base, client_id)
    with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
        running = [callers.submit(sign_ups.run, number) for number in range(CALLERS)]
        assert sign_ups.enough.wait(60), program.log.read_text()
        program.kill()
        for each in running:
            each.result()
    assert len(sign_ups.acknowledged) >= ENOUGH
    return sign_ups.acknowledged


def check_kept(describe: Callable[..., Any], pool_id: str, acknowledged: dict[str, str]) -> None:
    """Everyone acknowledged is there under the same subject; nobody is there by half."""
    for name, sub in acknowledged.items():
        user = describe("AdminGetUser", UserPoolId=pool_id, Username=name)
        attributes = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
        assert (sub, f"{name}@example.com", "UNCONFIRMED") == (
            attributes["sub"],
            attributes["email"],
            user["UserStatus"],
        )
    listed: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = describe("ListUsers", UserPoolId=pool_id, Limit=60, **token)
        listed += page["Users"]
        if "PaginationToken" not in page:
            break
        token = {"PaginationToken": page["PaginationToken"]}
    assert acknowledged.keys() <= {each["Username"] for each in listed}
    pool = describe("DescribeUserPool", UserPoolId=pool_id)["UserPool"]
    assert len(listed) == pool["EstimatedNumberOfUsers"]
    assert all(any(each["Name"] == "email" for each in user["Attributes"]) for user in listed)


def test_up_keeps_every_acknowledged_sign_up(tmp_path: Path) -> None:
    address = an_address()
    with address.up(tmp_path) as program:
        pool_id = ask(program.base, "CreateUserPool", PoolName="kept", AutoVerifiedAttributes=["email"])["UserPool"][
            "Id"
        ]
        made = ask(program.base, "CreateUserPoolClient", UserPoolId=pool_id, ClientName="app")
        acknowledged = killed_amid_sign_ups(program, made["UserPoolClient"]["ClientId"])

    with address.up(tmp_path) as program:
        check_kept(lambda operation, **body: ask(program.base, operation, **body), pool_id, acknowledged)


@pytest.mark.postgres
def test_two_workers_keep_every_acknowledged_sign_up(tmp_path: Path, new_postgres_schema: Callable[[str], str]) -> None:
    served = Served(tmp_path, new_postgres_schema("killed"))
    with served.start() as program:
        assert len(workers(program)) == 2
        idp = served.administrator(program)
        pool_id = idp.create_user_pool(
            PoolName="kept",
            AutoVerifiedAttributes=["email"],
            EmailConfiguration={
                "EmailSendingAccount": "DEVELOPER",
                "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
            },
        )["UserPool"]["Id"]
        made = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="app")
        acknowledged = killed_amid_sign_ups(program, made["UserPoolClient"]["ClientId"])
        idp.close()

    with served.start() as program:
        idp = served.administrator(program)
        check_kept(
            lambda operation, **body: getattr(idp, _OPERATIONS[operation])(**body),
            pool_id,
            acknowledged,
        )
        idp.close()


_OPERATIONS = {
    "AdminGetUser": "admin_get_user",
    "ListUsers": "list_users",
    "DescribeUserPool": "describe_user_pool",
}


class Served:
    """``serve pool`` in two processes on PostgreSQL, the same at each start; its mail server is nobody's."""

    def __init__(self, folder: Path, database: str) -> None:
        self._port = free_port()
        self._log = folder / "serve.log"
        self._env = {
            "POOLHOUSE_DATABASE": database,
            "POOLHOUSE_MASTER_KEY": mint(SystemEntropy()),
            "POOLHOUSE_ADMIN_PASSWORD": PASSWORD,
            "POOLHOUSE_SMTP_URL": "smtp://localhost:9",
        }

    def start(self) -> AbstractContextManager[Running]:
        base = f"http://localhost:{self._port}"
        line = command("serve", "pool", "--base-url", base, "--port", str(self._port), "--workers", "2")
        return started(line, environment(**self._env), base, self._log)

    def administrator(self, program: Running) -> Any:
        """A boto3 client with an access key, made by the operator's command."""
        where = ("--database", self._env["POOLHOUSE_DATABASE"])
        key = self._env["POOLHOUSE_MASTER_KEY"]
        code, printed = outcome("admin", "access-key", "create", "tests", *where, POOLHOUSE_MASTER_KEY=key)
        assert code == 0, printed
        made = dict(line.split("=", 1) for line in printed.split())
        return boto3.client(
            "cognito-idp",
            endpoint_url=program.base,
            region_name="us-east-1",
            aws_access_key_id=made["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=made["AWS_SECRET_ACCESS_KEY"],
        )


def workers(program: Running) -> set[str]:
    """The processes that serve; the supervisor has another child, which tracks resources."""
    pid = program.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {each for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()}


@pytest.mark.postgres
def test_a_worker_that_dies_is_replaced(tmp_path: Path, new_postgres_schema: Callable[[str], str]) -> None:
    served = Served(tmp_path, new_postgres_schema("replaced"))
    with served.start() as program:
        before = workers(program)
        killed = before.copy().pop()
        os.kill(int(killed), signal.SIGKILL)
        until = time.monotonic() + 30
        while killed in workers(program) or len(workers(program)) < len(before):
            assert time.monotonic() < until, program.log.read_text()
            time.sleep(0.1)

        assert call(program.base, "GetUser", {"AccessToken": "made.up.token"}).status == 400
