"""The search for secrets in a log finds them: without this, an empty result would mean nothing."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.clients.known import Known


@pytest.fixture
def known() -> Known:
    return Known("hunter2-hunter2")


def test_a_line_with_a_secret_is_found(known: Known) -> None:
    leaking = '{"event": "x", "error": "bad password hunter2-hunter2"}'

    assert known.leaks(f'{{"event": "ok"}}\n{leaking}\nplain hunter2-hunter2 text\n') == [
        leaking,
        "plain hunter2-hunter2 text",
    ]


def test_a_time_is_not_taken_for_a_code(known: Known) -> None:
    known.add("123456")

    assert known.leaks('{"event": "ok", "timestamp": "2026-01-01T00:00:00.123456Z"}') == []
    assert known.leaks('{"event": "123456"}') != []


def test_what_a_client_sends_and_gets_becomes_known(known: Known) -> None:
    client: Any = boto3.client("cognito-idp", region_name="x", aws_access_key_id="x", aws_secret_access_key="x")
    known.watch(client)
    answer = {"AuthenticationResult": {"AccessToken": "an.access.token", "ExpiresIn": 60}}
    with Stubber(client) as stub:
        stub.add_response("initiate_auth", answer)
        client.initiate_auth(
            ClientId="abc", AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ada-lovelace", "PASSWORD": "secret-1"}
        )  # fmt: skip
        stub.add_response("confirm_sign_up", {})
        client.confirm_sign_up(ClientId="abc", Username="ada-lovelace", ConfirmationCode="654321")
    client.close()

    for secret in ("secret-1", "654321", "an.access.token"):
        assert known.leaks(secret) == [secret]
    assert known.leaks("ada-lovelace") == []
