"""
``poolhouse serve pool`` on PostgreSQL, where an administrator's request is believed for its signature alone.

The signatures are botocore's own.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from poolhouse.cli.masters import mint
from poolhouse.kit.ambient import SystemEntropy
from tests.clients.connections import a_client, a_pool, a_user, connect, refresh, refused, sign_in
from tests.clients.known import Known
from tests.clients.tokens import verified
from tests.journey.installation import Installation, command, environment, free_port, running

pytestmark = [pytest.mark.client, pytest.mark.postgres]

Admin = Callable[..., str]


@pytest.fixture(scope="module")
def settings(new_postgres_schema: Callable[[str], str]) -> dict[str, str]:
    """A schema of its own, and the secrets of the server."""
    return {
        "POOLHOUSE_DATABASE": new_postgres_schema("signed"),
        "POOLHOUSE_MASTER_KEY": mint(SystemEntropy()),
        "POOLHOUSE_ADMIN_PASSWORD": "Operator-of-tests-1",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Installation]:
    """The pool server alone, in two processes."""
    port = free_port()
    base = f"http://localhost:{port}"
    log = tmp_path_factory.mktemp("serve") / "serve.log"
    line = command("serve", "pool", "--base-url", base, "--port", str(port), "--workers", "2")
    with running((line, environment(**settings), base), log=log):
        yield Installation(
            base=base, house="", email="admin@example.com", password=settings["POOLHOUSE_ADMIN_PASSWORD"], log=log
        )


@pytest.fixture(scope="module")
def admin(settings: dict[str, str], place: Installation) -> Admin:
    """``poolhouse admin access-key``, as an operator types it beside the running server."""
    env = environment(POOLHOUSE_MASTER_KEY=settings["POOLHOUSE_MASTER_KEY"])

    def run(*arguments: str) -> str:
        line = command(
            "admin", "access-key", arguments[0], "--database", settings["POOLHOUSE_DATABASE"], *arguments[1:]
        )
        return subprocess.run(line, env=env, capture_output=True, text=True, check=True).stdout

    return run


def a_key(admin: Admin, known: Known, name: str) -> dict[str, str]:
    printed = dict(line.split("=", 1) for line in admin("create", name).split())
    known.add(printed["AWS_SECRET_ACCESS_KEY"])
    return {"key_id": printed["AWS_ACCESS_KEY_ID"], "secret": printed["AWS_SECRET_ACCESS_KEY"]}


@pytest.fixture(scope="module")
def key(admin: Admin, known: Known) -> dict[str, str]:
    return a_key(admin, known, "tests")


@pytest.fixture(scope="module")
def idp(place: Installation, known: Known, key: dict[str, str]) -> Iterator[Any]:
    client = connect(place, known, **key)
    yield client
    client.close()


def test_a_key_is_printed_as_a_credential_process_prints_it(admin: Admin, known: Known) -> None:
    lasting = json.loads(admin("create", "lasting", "--json"))
    brief = json.loads(admin("create", "brief", "--minutes", "15", "--json"))
    known.add(lasting["SecretAccessKey"])
    known.add(brief["SecretAccessKey"])

    assert {"Version", "AccessKeyId", "SecretAccessKey"} == set(lasting)
    assert {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"} == set(brief)


def test_a_signed_administrator_makes_what_a_person_signs_in_to(place: Installation, idp: Any) -> None:
    pool_id = a_pool(idp, "signed")
    app = a_client(idp, pool_id)
    a_user(idp, pool_id, "ada")
    tokens = sign_in(idp, app, "ada")

    claims = verified(f"{place.base}/{pool_id}", tokens["IdToken"], aud=app["ClientId"])
    assert claims["cognito:username"] == "ada"
    # Any of the two processes answers: what one knows, the other does.
    for _ in range(8):
        assert "AccessToken" in refresh(idp, app, tokens["RefreshToken"])
    idp.revoke_token(Token=tokens["RefreshToken"], ClientId=app["ClientId"])
    for _ in range(8):
        with refused("NotAuthorizedException", "Refresh Token has been revoked"):
            refresh(idp, app, tokens["RefreshToken"])


def test_users_are_listed_by_pages(idp: Any) -> None:
    pool_id = a_pool(idp, "paged")
    names = {f"user-{number}" for number in range(7)}
    for name in names:
        a_user(idp, pool_id, name)
    pages = idp.get_paginator("list_users").paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 3})

    assert names == {each["Username"] for page in pages for each in page["Users"]}


def test_a_wrong_secret_is_refused(place: Installation, known: Known, key: dict[str, str]) -> None:
    client = connect(place, known, key_id=key["key_id"], secret=key["secret"][:-1])
    with refused("InvalidSignatureException"):
        client.list_user_pools(MaxResults=1)
    client.close()


def test_an_unknown_key_is_refused(place: Installation, known: Known, key: dict[str, str]) -> None:
    client = connect(place, known, key_id="AKIAANYONE", secret=key["secret"])
    with refused("UnrecognizedClientException", "The security token included in the request is invalid."):
        client.list_user_pools(MaxResults=1)
    client.close()


def test_an_unsigned_request_is_refused(place: Installation) -> None:
    client = boto3.client(
        "cognito-idp", endpoint_url=place.base, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )
    with refused("MissingAuthenticationTokenException"):
        client.list_user_pools(MaxResults=1)
    client.close()


def test_a_deleted_key_is_refused(place: Installation, known: Known, admin: Admin) -> None:
    gone = a_key(admin, known, "gone")
    client = connect(place, known, **gone)
    client.list_user_pools(MaxResults=1)
    assert gone["key_id"] in admin("list")
    admin("delete", gone["key_id"])

    with refused("UnrecognizedClientException"):
        client.list_user_pools(MaxResults=1)
    client.close()


def test_a_signature_for_other_content_is_refused(place: Installation, idp: Any) -> None:
    sent: list[Any] = []
    idp.meta.events.register("before-send.*.*", lambda request, **_: sent.append(request))
    idp.list_user_pools(MaxResults=1)
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in sent[0].headers.items()}

    answer = httpx.post(place.base, headers=headers, content=b'{"MaxResults": 2}')
    assert (400, "InvalidSignatureException:") == (answer.status_code, answer.headers["x-amzn-errortype"])
    assert httpx.post(place.base, headers=headers, content=sent[0].body).status_code == 200
