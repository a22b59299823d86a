"""What comes over the socket and is no proper request gets the service's own error, and never reaches an operation."""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.programs import Running, an_address, ask, call

pytestmark = pytest.mark.client


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with an_address().up(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.mark.parametrize("body", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b'{"MaxResults": 1} {}', b"[" * 100_000])
def test_malformed_json_is_a_serialization_error(program: Running, body: bytes) -> None:
    assert call(program.base, "ListUserPools", body).error == (400, "SerializationException", "")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(program: Running, body: bytes) -> None:
    assert call(program.base, "ListUserPools", body).error[:2] == (400, "SerializationException")


@pytest.mark.parametrize("body", [b'{"MaxResults": "1"}', b'{"MaxResults": 1.5}', b'{"MaxResults": {}}'])
def test_a_value_of_the_wrong_type_is_a_serialization_error(program: Running, body: bytes) -> None:
    assert call(program.base, "ListUserPools", body).error[:2] == (400, "SerializationException")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-amz-json-1.0", ""])
def test_another_content_type_is_not_this_protocol(program: Running, kind: str) -> None:
    answer = call(program.base, "ListUserPools", {"MaxResults": 1}, content_type=kind)

    assert (404, b"<UnknownOperationException/>\n") == (answer.status, answer.content)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_another_method_is_not_this_protocol(program: Running, method: str) -> None:
    assert call(program.base, "ListUserPools", {"MaxResults": 1}, method=method).status == 404


def test_whoever_tries_the_address_reads_what_is_here(program: Running) -> None:
    request = http.client.HTTPConnection(program.base.partition("://")[2], timeout=30)
    request.request("GET", "/", headers={"accept": "*/*"})
    answer = request.getresponse()
    said = answer.read().decode()
    request.close()

    assert 404 == answer.status
    assert "This is the API of a Poolhouse server" in said
    assert "/console" in said


@pytest.mark.parametrize(
    "target",
    ["", "ListUserPools", "AWSCognitoIdentityProviderService", "AWSCognitoIdentityProviderService.NoSuch",
     "AWSCognitoIdentityService.ListUserPools", "AWSCognitoIdentityProviderService.__class__"],
)  # fmt: skip
def test_an_unknown_target_is_an_unknown_operation(program: Running, target: str) -> None:
    answer = call(program.base, "", {"MaxResults": 1}, x_amz_target=target)

    assert answer.error[:2] == (400, "UnknownOperationException")


def test_an_oversize_body_is_refused_unread(program: Running) -> None:
    host, port = program.base.removeprefix("http://").split(":")
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
        "X-Amz-Target: AWSCognitoIdentityProviderService.ListUserPools\r\nContent-Length: 2097153\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), 10) as sent:
        sent.sendall(head.encode())
        reply = b""
        while part := sent.recv(65_536):
            reply += part

    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b'{"__type":"RequestEntityTooLargeException"}' in reply


def test_a_chunked_body_is_measured_as_it_comes(program: Running) -> None:
    host, port = program.base.removeprefix("http://").split(":")
    head = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
        b"X-Amz-Target: AWSCognitoIdentityProviderService.ListUserPools\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    reply = b""
    with socket.create_connection((host, int(port)), 10) as sent:
        # One more than two megabytes, and no end.
        sent.sendall(head + chunk * 33)
        while part := sent.recv(65_536):
            reply += part

    assert reply.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("operation", ["CreateUserPool", "AdminDeleteUser", "ListUsers"])
def test_a_web_page_cannot_administer(program: Running, operation: str) -> None:
    for origin in ("https://evil.example", program.base, "null"):
        answer = call(program.base, operation, {"PoolName": "x", "UserPoolId": "us-east-1_x"}, origin=origin)
        assert answer.error[:2] == (400, "AccessDeniedException")
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8400", "localhost.evil.example", "10.0.0.1", "0x7f.1"])
def test_a_name_that_is_not_this_machine_cannot_administer(program: Running, host: str) -> None:
    assert call(program.base, "CreateUserPool", {"PoolName": "x"}, host=host).error[:2] == (
        400,
        "AccessDeniedException",
    )


def test_a_web_page_can_sign_people_in(program: Running) -> None:
    answer = call(program.base, "GetUser", {"AccessToken": "made.up.token"}, origin="https://app.example")

    assert answer.error == (400, "NotAuthorizedException", "Invalid Access Token")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_an_unsigned_administrator_is_refused(program: Running) -> None:
    answer = call(program.base, "ListUserPools", {"MaxResults": 1}, authorization=None)

    assert answer.error[:2] == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("size", [1, 4096, 16_385, 100_000])
def test_a_token_of_any_length_is_only_refused(program: Running, size: int) -> None:
    assert call(program.base, "GetUser", {"AccessToken": "a" * size}).error[:2] == (400, "NotAuthorizedException")


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "ada\u202e", "x" * 129, "", "  "])
def test_a_strange_name_is_refused_or_not_found(program: Running, name: str) -> None:
    pool_id = ask(program.base, "CreateUserPool", PoolName="strange")["UserPool"]["Id"]
    answer = call(program.base, "AdminGetUser", {"UserPoolId": pool_id, "Username": name})

    assert answer.status == 400
    assert answer.error[1] in {"InvalidParameterException", "UserNotFoundException", "SerializationException"}


def test_requests_on_one_connection_do_not_mix(program: Running) -> None:
    connection = http.client.HTTPConnection(program.base.removeprefix("http://"), timeout=10)
    for name in ("one", "two", "three"):
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.SignUp",
        }
        body = {"ClientId": name, "Username": "ada", "Password": "Correct-Horse-7"}
        connection.request("POST", "/", json.dumps(body), headers)
        reply: Any = json.loads(connection.getresponse().read())
        assert reply["message"] == f"User pool client {name} does not exist."
    connection.close()
