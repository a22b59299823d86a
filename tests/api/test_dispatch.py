"""The pipeline from bytes to an operation and back, and what it refuses on the way."""

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock, ScriptedEntropy
from poolhouse.kit.edge import Raw, Reply
from poolhouse.pool.api.dispatch import AccessKeys, Administrator, AnyCredentials, Api, Call, collect, operation
from poolhouse.pool.api.operations import DoesNotFitModel
from poolhouse.pool.api.protocol import is_local
from poolhouse.pool.flows.access_keys import KnownKey
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.spec import shapes
from poolhouse.pool.spec.contract import contract
from poolhouse.pool.spec.errors import CognitoError
from tests.api import sample_operations
from tests.api.test_sigv4 import KEY_ID, KEYS, NOW, set_botocore_clock, signed

POOL = "eu-central-1_abcDEF123"
PREFIX = "AWSCognitoIdentityProviderService."
SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260921/eu-west-1/cognito-idp/aws4_request"
ANYBODY = f"{SCOPE}, SignedHeaders=host, Signature=0"
MEDIA = "application/x-amz-json-1.1"


def surroundings() -> Flow:
    """What the pipeline itself uses of a flow's context; the operations of these tests use nothing else."""
    nothing = cast("Any", None)
    return Flow(
        database=nothing,
        directory=nothing,
        clock=FixedClock(NOW),
        entropy=ScriptedEntropy(),
        ring=nothing,
        cpu=nothing,
        signer=nothing,
        config=ServerConfig(base_url="http://localhost:8400", account="123456789012", region="eu-north-1"),
    )


async def find_key(key_id: str) -> KnownKey | None:
    """The keys of the signature's tests, which never end here: the clock of the client is the machine's."""
    key = KEYS.get(key_id)
    return key and msgspec.structs.replace(key, expires_at=None)


async def note_use(key_id: str, used_at: int | None) -> None:
    """No store here."""


@pytest.fixture
def api() -> Api:
    """An API that takes any credentials."""
    return Api(ctx=surroundings(), operations=collect([sample_operations]), credentials=AnyCredentials())


@pytest.fixture
def strict(api: Api) -> Api:
    """An API that verifies signatures."""
    return msgspec.structs.replace(api, credentials=AccessKeys(find_key, note_use))


def request(name: str, body: Any = None, /, *, host: str = "localhost:8400", **headers: str) -> Raw:
    sent = {"host": host, "content-type": MEDIA, "x-amz-target": PREFIX + name}
    sent |= {key.replace("_", "-"): value for key, value in headers.items()}
    return Raw(
        method="POST",
        path="/",
        headers=tuple((key.encode(), value.encode()) for key, value in sent.items() if value),
        body=body if isinstance(body, bytes) else msgspec.json.encode(body if body is not None else {}),
        peer="192.0.2.7",
    )


def sign_up(username: str = "ann", **headers: str) -> Raw:
    return request("SignUp", {"ClientId": "abc", "Username": username}, **headers)


def describe(pool: str = POOL, /, **headers: str) -> Raw:
    return request("DescribeUserPool", {"UserPoolId": pool}, **({"authorization": ANYBODY} | headers))


def header(reply: Reply, name: str) -> str | None:
    return {key.lower(): value for key, value in reply.headers}.get(name)


def error(reply: Reply) -> tuple[int, str, str | None]:
    content = msgspec.json.decode(reply.body)
    assert header(reply, "x-amzn-errortype") == content["__type"] + ":"
    return reply.status, content["__type"], content.get("message")


async def test_a_client_operation_is_performed_and_answered(api: Api) -> None:
    reply = await api.handle(sign_up())

    assert (reply.status, header(reply, "content-type")) == (200, MEDIA)
    assert msgspec.json.decode(reply.body) == {"UserConfirmed": False, "UserSub": "192.0.2.7"}


async def test_every_reply_has_a_request_id_of_its_own(api: Api) -> None:
    replies = [await api.handle(raw) for raw in (sign_up(), sign_up("refused"), request("Nothing"))]

    assert len({header(reply, "x-amzn-requestid") for reply in replies} - {None}) == 3


async def test_an_operation_without_output_answers_with_no_body(api: Api) -> None:
    reply = await api.handle(request("DeleteUserPool", {"UserPoolId": POOL}, authorization=ANYBODY))

    assert (reply.status, reply.body) == (200, b"")


async def test_absent_members_are_left_out_and_times_are_seconds_with_a_fraction(api: Api) -> None:
    reply = await api.handle(describe())

    assert reply.body == (
        b'{"UserPool":{"Id":"eu-central-1_abcDEF123","Name":"test","CreationDate":1733691812.447,"Arn":"eu-west-1"}}'
    )


async def test_a_client_operation_needs_no_signature_and_ignores_one(api: Api, strict: Api) -> None:
    assert (await api.handle(sign_up(authorization="AWS4-HMAC-SHA256 nonsense"))).status == 200
    assert (await strict.handle(sign_up(authorization=ANYBODY))).status == 200


@pytest.mark.parametrize("target", ["SignUpp", "signUp", ""])
async def test_an_operation_that_the_model_does_not_have_is_unknown(api: Api, target: str) -> None:
    assert error(await api.handle(request(target))) == (400, "UnknownOperationException", None)


@pytest.mark.parametrize("target", ["SignUp", "AWSCognitoIdentityService.SignUp", f"{PREFIX}SignUp, {PREFIX}SignUp"])
async def test_a_target_of_another_service_is_unknown(api: Api, target: str) -> None:
    assert error(await api.handle(sign_up(x_amz_target=target)))[1] == "UnknownOperationException"


async def test_a_request_without_target_is_unknown(api: Api) -> None:
    assert error(await api.handle(sign_up(x_amz_target="")))[1] == "UnknownOperationException"


async def test_an_operation_still_to_come_is_unknown_and_says_so(api: Api) -> None:
    assert error(await api.handle(request("ListTerms", authorization=ANYBODY))) == (
        400,
        "UnknownOperationException",
        "ListTerms is not available on this server.",
    )


@pytest.mark.parametrize("media", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_not_this_protocol(api: Api, media: str) -> None:
    reply = await api.handle(sign_up(content_type=media))

    assert (reply.status, reply.body) == (404, b"<UnknownOperationException/>\n")


async def test_a_charset_after_the_content_type_is_fine(api: Api) -> None:
    assert (await api.handle(sign_up(content_type="Application/X-Amz-JSON-1.1; charset=utf-8"))).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "DELETE"])
async def test_another_method_is_not_this_protocol(api: Api, method: str) -> None:
    assert (await api.handle(msgspec.structs.replace(sign_up(), method=method))).status == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b'{"a":1}x', b"\xff", b'"\xff"', b"[" * 100_000, b"1" * 5000, b'{"a":1e999}']
)
async def test_a_body_that_is_not_json_cannot_be_read(api: Api, body: bytes) -> None:
    assert error(await api.handle(request("SignUp", body)))[:2] == (400, "SerializationException")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b'{"Username":1}'])
async def test_a_body_of_the_wrong_type_cannot_be_read(api: Api, body: bytes) -> None:
    assert error(await api.handle(request("SignUp", body)))[1] == "SerializationException"


async def test_all_violations_of_the_limits_are_answered_at_once(api: Api) -> None:
    status, code, message = error(await api.handle(request("SignUp", {"ClientId": "a b"})))

    assert (status, code) == (400, "InvalidParameterException")
    assert message is not None
    assert message.startswith("2 validation errors detected: Value at 'clientId' failed")


async def test_a_body_that_is_too_large_has_an_error_of_its_own(api: Api) -> None:
    assert error(api.oversize(sign_up()))[:2] == (413, "RequestEntityTooLargeException")


async def test_a_refusal_of_a_flow_is_put_into_the_words_of_the_api(api: Api) -> None:
    assert error(await api.handle(sign_up("refused"))) == (
        400,
        "ResourceNotFoundException",
        "User pool client abc does not exist.",
    )


@pytest.mark.parametrize("username", ["busy", "database-busy"])
async def test_a_full_queue_is_too_many_requests(api: Api, username: str) -> None:
    assert error(await api.handle(sign_up(username))) == (400, "TooManyRequestsException", "Rate exceeded")


async def test_a_value_that_cannot_be_kept_is_the_callers_mistake(api: Api) -> None:
    reply = await api.handle(sign_up("unstorable"))

    assert error(reply)[:2] == (400, "InvalidParameterException")
    assert b"pending_value" not in reply.body


@pytest.mark.parametrize(
    "raw",
    [
        sign_up("broken"),
        sign_up("database-down"),
        request("ConfirmSignUp", {"ClientId": "abc", "Username": "ann", "ConfirmationCode": "1"}),
    ],
)
async def test_a_failure_of_ours_tells_nothing_but_the_request_id(
    api: Api, raw: Raw, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = await api.handle(raw)

    assert error(reply)[:2] == (500, "InternalErrorException")
    assert b"hunter2" not in reply.body
    assert b"192.0.2.1" not in reply.body
    assert str(header(reply, "x-amzn-requestid")) in "".join(capsys.readouterr())


async def test_a_message_cannot_add_a_header(api: Api) -> None:
    reply = await api.handle(sign_up("newline"))

    assert header(reply, "x-amzn-errormessage") == "a??set-cookie: b=c ?"
    assert msgspec.json.decode(reply.body)["message"] == "a\r\nset-cookie: b=c \u4e16"
    assert msgspec.json.decode(reply.body)["reasonCode"] == "WHY"


async def test_the_header_of_a_long_message_is_short(api: Api) -> None:
    reply = await api.handle(request("SignUp", {"ClientId": "!", "Username": "x " * 5000, "SecretHash": "?"}))

    assert len(header(reply, "x-amzn-errormessage") or "") <= 1000


# Who is an administrator


async def test_an_administrators_operation_needs_a_signature(api: Api, strict: Api) -> None:
    for each in (api, strict):
        assert error(await each.handle(describe(authorization=""))) == (
            400,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )


async def test_a_verified_signature_gives_caller_and_region(strict: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    set_botocore_clock(monkeypatch, NOW)
    body = msgspec.json.encode({"UserPoolId": POOL})
    target = {"X-Amz-Target": PREFIX + "DescribeUserPool"}

    reply = await strict.handle(signed(headers=target, body=body))
    assert msgspec.json.decode(reply.body)["UserPool"]["Name"] == KEY_ID
    assert msgspec.json.decode(reply.body)["UserPool"]["Arn"] == "eu-central-1"

    assert error(await strict.handle(signed(headers=target, body=body, key="wrong")))[1] == "InvalidSignatureException"


async def test_credentials_that_are_not_verified_are_refused_by_a_strict_server(strict: Api) -> None:
    assert error(await strict.handle(describe(authorization=ANYBODY)))[1] == "IncompleteSignatureException"


async def test_a_signature_is_checked_before_the_body_is_read(strict: Api) -> None:
    reply = await strict.handle(request("DescribeUserPool", b"{", authorization=""))

    assert error(reply)[1] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000", "null"])
async def test_a_web_page_cannot_call_an_administrators_operation(api: Api, strict: Api, origin: str) -> None:
    for each in (api, strict):
        reply = await each.handle(describe(origin=origin))

        assert error(reply)[1] == "AccessDeniedException"
        assert header(reply, "access-control-allow-origin") is None


async def test_any_credentials_are_good_for_a_local_host_only(api: Api) -> None:
    assert error(await api.handle(describe(host="evil.example:8400")))[1] == "AccessDeniedException"
    assert (await api.handle(describe(host="127.0.0.1:8400"))).status == 200
    assert (await api.handle(sign_up(host="evil.example:8400"))).status == 200


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "a.localhost:80", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8400"]
)
def test_these_hosts_are_this_machine(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "evillocalhost", "127.0.0.1.nip.io", "10.0.0.1", "[::2]",
     "0.0.0.0", "127.0.0.1@evil.example", "[::1", "localhost, evil.example", "localhost.", "::1"],
)  # fmt: skip
def test_these_hosts_are_not(host: str) -> None:
    assert not is_local(host)


# Pages that call a client's operation


async def test_a_page_of_any_origin_may_read_a_client_operation(api: Api) -> None:
    for raw in (sign_up(origin="https://app.example"), sign_up("refused", origin="https://app.example")):
        reply = await api.handle(raw)

        assert header(reply, "access-control-allow-origin") == "*"
        assert "x-amzn-RequestId" in (header(reply, "access-control-expose-headers") or "")


async def test_a_reply_to_no_page_says_nothing_of_origins(api: Api) -> None:
    assert header(await api.handle(sign_up()), "access-control-allow-origin") is None


async def test_a_browsers_preflight_is_answered(api: Api) -> None:
    asked = msgspec.structs.replace(sign_up(origin="https://app.example"), method="OPTIONS", body=b"")
    reply = await api.handle(asked)

    assert (reply.status, header(reply, "access-control-allow-origin")) == (200, "*")
    assert header(reply, "access-control-allow-methods") == "POST"
    assert {"content-type", "x-amz-target", "x-amz-user-agent", "cache-control"} <= set(
        (header(reply, "access-control-allow-headers") or "").split(",")
    )


# The console, in process


async def test_the_console_calls_the_same_operation(api: Api) -> None:
    answered = await api.call(
        "DescribeUserPool", {"UserPoolId": POOL}, caller=Administrator("ada@example.com"), region="eu-west-3"
    )

    assert answered["UserPool"]["Name"] == "ada@example.com"
    assert answered["UserPool"]["Arn"] == "eu-west-3"


async def test_in_process_an_operation_without_output_answers_with_nothing(api: Api) -> None:
    assert await api.call("DeleteUserPool", {"UserPoolId": POOL}, caller=Administrator("ada@example.com")) == {}


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("DescribeUserPool", {"UserPoolId": POOL}, "MissingAuthenticationTokenException"),
        ("DescribeUserPool", {}, "MissingAuthenticationTokenException"),
        ("SignUp", {}, "InvalidParameterException"),
        ("SignUp", {"ClientId": "abc", "Username": "refused"}, "ResourceNotFoundException"),
        ("SignUp", {"ClientId": "abc", "Username": "busy"}, "TooManyRequestsException"),
        ("SignUp", {"ClientId": "abc", "Username": "broken"}, "InternalErrorException"),
        ("SignUp", {"ClientId": 1}, "SerializationException"),
        ("ListTerms", {}, "UnknownOperationException"),
        ("Nothing", {}, "UnknownOperationException"),
    ],
)
async def test_in_process_the_same_is_refused(api: Api, name: str, body: dict[str, Any], code: str) -> None:
    with pytest.raises(CognitoError) as refused:
        await api.call(name, body, caller=None)

    assert refused.value.code == code
    assert "hunter2" not in refused.value.message


# The registry


def module(*functions: Callable[..., Any]) -> ModuleType:
    made = ModuleType("made")
    for function in functions:
        function.__module__ = "made"
        setattr(made, function.__name__, function)
    return made


def test_an_operation_that_the_model_does_not_have_cannot_be_registered() -> None:
    @operation
    async def make_user_pool(call: Call, request: shapes.CreateUserPoolRequest) -> None: ...

    with pytest.raises(DoesNotFitModel, match="make_user_pool: no operation"):
        collect([module(make_user_pool)])


def test_an_operation_takes_and_gives_what_the_model_says() -> None:
    @operation
    async def create_user_pool(call: Call, request: shapes.UpdateUserPoolRequest) -> shapes.CreateUserPoolResponse:
        raise AssertionError

    with pytest.raises(DoesNotFitModel, match="request: CreateUserPoolRequest"):
        collect([module(create_user_pool)])

    @operation
    async def delete_group(call: Call, request: shapes.DeleteGroupRequest) -> shapes.GetGroupResponse:
        raise AssertionError

    with pytest.raises(DoesNotFitModel, match="-> None"):
        collect([module(delete_group)])


def test_an_operation_is_registered_once() -> None:
    with pytest.raises(DoesNotFitModel, match="twice"):
        collect([sample_operations, sample_operations])


def test_only_what_is_marked_and_defined_in_a_module_is_registered() -> None:
    async def create_group(call: Call, request: shapes.CreateGroupRequest) -> shapes.CreateGroupResponse:
        raise AssertionError

    importing = ModuleType("importing")
    vars(importing).update(vars(sample_operations), __name__="importing")

    assert collect([module(create_group)]) == {}
    assert collect([importing]) == {}


def test_every_operation_of_the_model_has_a_function_name_of_its_own() -> None:
    names = [model.function for model in contract().operations.values()]

    assert len(names) == len(set(names)) == 141
