"""The AWS CLI, which needs nothing but one environment variable to talk to this server."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.connections import PASSWORD
from tests.clients.known import Known
from tests.journey.installation import Installation, environment

pytestmark = pytest.mark.client

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(place: Installation, known: Known) -> Run:
    env = environment(
        AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=place.base,
        AWS_ACCESS_KEY_ID="AKIAANYONE",
        AWS_SECRET_ACCESS_KEY="any-secret",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_CONFIG_FILE="/dev/null",
        AWS_SHARED_CREDENTIALS_FILE="/dev/null",
        AWS_MAX_ATTEMPTS="1",
        AWS_PAGER="",
    )
    program = Path(sys.executable).with_name("aws")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [str(program), "cognito-idp", *arguments, "--output", "json"]
        done = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout:
            known.add(*_tokens(json.loads(done.stdout)))
        return done

    return run


def _tokens(answer: dict[str, Any]) -> list[str]:
    return [each for each in answer.get("AuthenticationResult", {}).values() if isinstance(each, str) and "." in each]


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


@pytest.fixture(scope="module")
def pool_id(run: Run) -> str:
    created: str = answer(run("create-user-pool", "--pool-name", "by-cli", "--auto-verified-attributes", "email"))[
        "UserPool"
    ]["Id"]
    return created


def test_groups_are_listed_page_by_page(run: Run, pool_id: str) -> None:
    names = {"one", "two", "three"}
    for name in names:
        answer(run("create-group", "--user-pool-id", pool_id, "--group-name", name))
    listed = answer(run("list-groups", "--user-pool-id", pool_id, "--page-size", "1"))["Groups"]

    assert names == {each["GroupName"] for each in listed}


def test_a_user_is_made_and_signs_in(run: Run, known: Known, pool_id: str) -> None:
    known.add(PASSWORD)
    app = answer(
        run(
            "create-user-pool-client", "--user-pool-id", pool_id, "--client-name", "cli",
            "--explicit-auth-flows", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
        )
    )["UserPoolClient"]["ClientId"]  # fmt: skip
    where = ("--user-pool-id", pool_id, "--username", "ada")
    made = answer(
        run(
            "admin-create-user", *where, "--message-action", "SUPPRESS", "--temporary-password", "Temporary-1-pass",
            "--user-attributes", "Name=email,Value=ada@example.com", "Name=email_verified,Value=true",
        )
    )  # fmt: skip
    assert made["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    answer(run("admin-set-user-password", *where, "--password", PASSWORD, "--permanent"))

    tokens = answer(
        run(
            "initiate-auth", "--client-id", app, "--auth-flow", "USER_PASSWORD_AUTH",
            "--auth-parameters", f"USERNAME=ada,PASSWORD={PASSWORD}",
        )
    )["AuthenticationResult"]  # fmt: skip
    assert answer(run("get-user", "--access-token", tokens["AccessToken"]))["Username"] == "ada"
    answer(run("revoke-token", "--client-id", app, "--token", tokens["RefreshToken"]))
    refreshed = run(
        "initiate-auth", "--client-id", app, "--auth-flow", "REFRESH_TOKEN_AUTH",
        "--auth-parameters", f"REFRESH_TOKEN={tokens['RefreshToken']}",
    )  # fmt: skip
    assert "An error occurred (NotAuthorizedException)" in refreshed.stderr
    assert "Refresh Token has been revoked" in refreshed.stderr


def test_an_operation_without_an_answer_prints_nothing(run: Run, pool_id: str) -> None:
    answer(run("create-group", "--user-pool-id", pool_id, "--group-name", "short"))

    done = run("delete-group", "--user-pool-id", pool_id, "--group-name", "short")
    assert (0, "") == (done.returncode, done.stdout)


def test_a_refusal_is_printed_with_its_code_and_words(run: Run) -> None:
    done = run("describe-user-pool", "--user-pool-id", "us-east-1_nowhere00")

    assert done.returncode != 0
    assert (
        "An error occurred (ResourceNotFoundException) when calling the DescribeUserPool operation: "
        "User pool us-east-1_nowhere00 does not exist." in done.stderr
    )
