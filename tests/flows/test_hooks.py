"""Where triggers are answered: the operator's table, signed webhooks, Lambda's Invoke, and their failures."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from poolhouse.kit.ambient import FixedClock, ScriptedEntropy
from poolhouse.kit.settings import SettingError
from poolhouse.pool.config import read_hooks
from poolhouse.pool.effects import aws_signing
from poolhouse.pool.effects.hook_targets import LambdaEndpoint, Webhook, read_targets
from poolhouse.pool.effects.hooks import Failed, Garbled, Hooks, Limits, Threw
from tests.support.hooks import ACCESS, PATIENT, SECRET, HookServer, Refuse, arn, stalls

POOL = "us-east-1_Testing01"
EVENT = b'{"triggerSource":"X","request":{"name":"J\xc3\xa4ne"},"response":{}}'


class Called:
    """A transport that is closed at the end."""

    def __init__(self, server: HookServer) -> None:
        self.server = server
        self.opened: list[Hooks] = []

    def __call__(self, limits: Limits = PATIENT, **entry: Any) -> Hooks:
        hooks = Hooks(read_targets({"f": entry}), self.server.clock, ScriptedEntropy(), limits)
        self.opened.append(hooks)
        return hooks

    def webhook(self, limits: Limits = PATIENT) -> Hooks:
        return self(limits, url=f"{self.server.base}/f?key=a%20b", secret=SECRET)

    def invoke(self, **more: Any) -> Hooks:
        keys = {"access_key_id": ACCESS[0], "secret_access_key": ACCESS[1].reveal()}
        return self(PATIENT, **({"lambda": self.server.base} | keys | more))


@pytest.fixture
async def called(hook_server: HookServer) -> AsyncIterator[Called]:
    made = Called(hook_server)
    yield made
    for hooks in made.opened:
        await hooks.close()


def replies(server: HookServer, *answers: web.Response | Exception) -> None:
    """The answers to the next requests; the last one stays."""
    left = list(answers)

    async def reply(_request: web.Request, _body: bytes) -> web.StreamResponse:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        # A response is sent once.
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    server.raw = reply


def as_json(value: object, status: int = 200, /, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return web.Response(status=status, body=json.dumps(value).encode(), headers=named)


async def test_a_webhook_is_signed_and_its_answer_comes_back(called: Called, hook_server: HookServer) -> None:
    hook_server.on["f"] = lambda _: {"ok": True}
    answer = await called.webhook().call(arn("f"), EVENT, pool_id=POOL)
    assert {"ok": True} == answer["response"]
    request, body = hook_server.requests[0]
    assert EVENT == body
    assert ("POST", "application/json", "key=a b") == (request.method, request.content_type, request.query_string)
    assert request.headers["webhook-id"].startswith("msg_")
    assert "cookie" not in request.headers


async def test_all_attempts_have_one_id_and_a_signature_of_their_own_time(
    called: Called, hook_server: HookServer
) -> None:
    replies(hook_server, as_json({}, 503), as_json({}, 429), as_json({"response": 1}))
    assert {"response": 1} == await called.webhook().call(arn("f"), EVENT, pool_id=POOL)
    assert 3 == len(hook_server.requests)
    assert 1 == len({request.headers["webhook-id"] for request, _ in hook_server.requests})


async def test_no_more_than_three_attempts_are_made(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, as_json({}, 500))
    with pytest.raises(Failed, match="HTTP status 500"):
        await called.webhook().call(arn("f"), EVENT, pool_id=POOL)
    assert 3 == len(hook_server.requests)


@pytest.mark.parametrize("status", [301, 302, 307, 401, 403, 404, 204, 201])
async def test_another_status_is_a_failure_at_once(called: Called, hook_server: HookServer, status: int) -> None:
    replies(hook_server, as_json({"response": {}}, status, location="/other"))
    with pytest.raises(Failed, match=f"HTTP status {status}"):
        await called.webhook().call(arn("f"), EVENT, pool_id=POOL)
    assert 1 == len(hook_server.requests)


async def test_what_a_webhook_throws_is_not_asked_twice(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, as_json({"errorMessage": "No\r\nentry" + "x" * 5_000}, 400))
    with pytest.raises(Threw, match="No  entry") as thrown:
        await called.webhook().call(arn("f"), EVENT, pool_id=POOL)
    assert 2_000 == len(str(thrown.value))
    assert 1 == len(hook_server.requests)


async def test_a_refusal_without_words_is_one(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, web.Response(status=400, body=b"<html>"))
    with pytest.raises(Threw, match="the webhook refused"):
        await called.webhook().call(arn("f"), EVENT, pool_id=POOL)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{", b"<html>", b"[" * 100_000])
async def test_an_answer_that_is_no_object_is_garbled(called: Called, hook_server: HookServer, body: bytes) -> None:
    replies(hook_server, web.Response(body=body))
    with pytest.raises(Garbled):
        await called.webhook().call(arn("f"), EVENT, pool_id=POOL)


async def test_an_answer_that_takes_too_long_is_a_timeout(called: Called, hook_server: HookServer) -> None:
    hook_server.raw = stalls
    with pytest.raises(Failed, match=r"^Socket timeout while invoking Lambda function$"):
        await called.webhook(Limits(seconds=0.5, pause=0)).call(arn("f"), EVENT, pool_id=POOL)
    assert 3 == len(hook_server.requests)


async def test_an_answer_that_trickles_is_a_timeout_too(called: Called, hook_server: HookServer) -> None:
    async def trickle(request: web.Request, _body: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.02)
        return response

    hook_server.raw = trickle
    with pytest.raises(Failed, match="timeout"):
        await called.webhook(Limits(seconds=0.1, attempts=1)).call(arn("f"), EVENT, pool_id=POOL)


async def test_an_answer_has_a_limit(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, as_json({"response": "x" * 2_000}))
    with pytest.raises(Failed, match="not reached"):
        await called.webhook(Limits(answer_bytes=1_000, attempts=1)).call(arn("f"), EVENT, pool_id=POOL)


async def test_a_server_that_is_not_there_is_a_failure_that_names_no_address(called: Called) -> None:
    with pytest.raises(Failed) as failed:
        await called(PATIENT, url="http://127.0.0.1:1/f", secret=SECRET).call(arn("f"), EVENT, pool_id=POOL)
    assert "the function was not reached" == str(failed.value)


async def test_no_proxy_of_the_environment_is_used(
    called: Called, hook_server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    hook_server.on["f"] = lambda _: {}
    assert await called.webhook().call(arn("f"), EVENT, pool_id=POOL)


async def test_a_function_without_a_hook_fails_and_calls_nobody(called: Called, hook_server: HookServer) -> None:
    for unknown in (arn("g"), "arn:aws:sns:us-east-1:000000000000:f", "http://127.0.0.1/f"):
        with pytest.raises(Failed, match=r"^ResourceNotFoundException$"):
            await called.webhook().call(unknown, EVENT, pool_id=POOL)
    assert [] == hook_server.requests


async def test_the_client_is_made_at_the_first_call_and_closed_once() -> None:
    hooks = Hooks(read_targets({}), FixedClock(), ScriptedEntropy())
    await hooks.close()
    await hooks.close()


def expected_signature(request: web.Request, body: bytes) -> str:
    """What botocore would have signed the same request with."""
    headers = {
        name: request.headers[name]
        for name in request.headers["authorization"].split("SignedHeaders=")[1].partition(",")[0].split(";")
    }
    again = AWSRequest("POST", str(request.url), data=body, headers=headers)
    again.context["timestamp"] = request.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(ACCESS[0], ACCESS[1].reveal()), "lambda", "us-east-1")
    return str(auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again))


@pytest.mark.parametrize(
    ("name", "query"), [("f", ""), ("f:live", "Qualifier=live"), ("f:$LATEST", "Qualifier=$LATEST")]
)
async def test_lambda_is_invoked_with_a_signature_that_aws_accepts(
    called: Called, hook_server: HookServer, name: str, query: str
) -> None:
    replies(hook_server, as_json({"response": {"ok": True}}))
    answer = await called.invoke().call(arn(name), EVENT, pool_id=POOL)
    assert {"ok": True} == answer["response"]
    request, body = hook_server.requests[0]
    assert ("/2015-03-31/functions/f/invocations", query) == (request.path, request.query_string)
    assert "RequestResponse" == request.headers["x-amz-invocation-type"]
    assert request.headers["authorization"].endswith("Signature=" + expected_signature(request, body))


async def test_a_session_token_is_sent_and_signed(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, as_json({"response": {}}))
    await called.invoke(session_token="a-token", region="eu-west-1", function="function").call(
        arn("f"), EVENT, pool_id=POOL
    )
    request, _ = hook_server.requests[0]
    assert "a-token" == request.headers["x-amz-security-token"]
    assert "/2015-03-31/functions/function/invocations" == request.path
    assert "/eu-west-1/lambda/aws4_request" in request.headers["authorization"]
    assert "x-amz-security-token" in request.headers["authorization"]


@pytest.mark.parametrize("marked", [True, False], ids=["lambda", "emulator"])
async def test_an_error_of_the_function_is_told(called: Called, hook_server: HookServer, marked: bool) -> None:
    error = {"errorMessage": "Not today", "errorType": "Error", "trace": []}
    replies(hook_server, as_json(error, X_Amz_Function_Error="Unhandled") if marked else as_json(error))
    with pytest.raises(Threw, match=r"^Not today$"):
        await called.invoke().call(arn("f"), EVENT, pool_id=POOL)
    assert 1 == len(hook_server.requests)


async def test_a_marked_error_is_one_whatever_it_says(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, as_json({"response": {"issueTokens": True}}, X_Amz_Function_Error="Handled"))
    with pytest.raises(Threw):
        await called.invoke().call(arn("f"), EVENT, pool_id=POOL)


async def test_lambda_itself_may_refuse(called: Called, hook_server: HookServer) -> None:
    replies(hook_server, as_json({"Message": "x"}, 403, x_amzn_ErrorType="AccessDeniedException:http://x"))
    with pytest.raises(Failed, match=r"^AccessDeniedException$"):
        await called.invoke().call(arn("f"), EVENT, pool_id=POOL)
    assert 1 == len(hook_server.requests)
    replies(hook_server, as_json({}, 429, x_amzn_ErrorType="TooManyRequestsException"), as_json({"response": {}}))
    assert await called.invoke().call(arn("f"), EVENT, pool_id=POOL)


async def test_only_a_function_is_invoked(hook_server: HookServer) -> None:
    hooks = Hooks(read_targets({"arn:*": {"lambda": hook_server.base}}), hook_server.clock, ScriptedEntropy(), PATIENT)
    with pytest.raises(Failed, match="InvalidParameterValueException"):
        await hooks.call("arn:aws:sns:us-east-1:000000000000:f", EVENT, pool_id=POOL)
    assert [] == hook_server.requests


def test_a_query_is_signed_in_order() -> None:
    made = {
        url: aws_signing.signed_headers(
            aws_signing.Credentials(access_key_id="a", secret_access_key=ACCESS[1]),
            url=url, body=b"", service="lambda", region="r", now=0, headers={},
        )["authorization"]
        for url in ("https://h/p?b=2&a=1", "https://h/p?a=1&b=2")
    }  # fmt: skip
    assert 1 == len(set(made.values()))


def test_the_most_exact_entry_answers() -> None:
    def at(path: str) -> dict[str, str]:
        return {"url": f"https://h.example/{path}", "secret": SECRET}

    exact = arn("f")
    table = {exact: at("arn"), "f": at("name"), "arn:aws:lambda:*": at("short"), exact[:-1] + "*": at("long")}

    def found(name: str) -> str | None:
        target = read_targets(table).find(name, POOL)
        assert target is None or isinstance(target, Webhook)
        return None if target is None else target.url.rpartition("/")[2]

    assert "arn" == found(exact)
    assert "name" == found(arn("f", ":live"))
    assert "name" == found(exact.replace("us-east-1", "eu-west-1"))
    assert "long" == found(arn("g"))
    assert "short" == found("arn:aws:lambda:eu-west-1:1:function:g")
    assert found("arn:aws:sns:x:1:f") is None


def test_an_entry_for_some_pools_answers_no_other_nor_does_one_that_is_less_exact() -> None:
    def at(**more: Any) -> dict[str, Any]:
        return {"url": "https://h.example/", "secret": SECRET, **more}

    targets = read_targets(
        {"f": at(pools=[POOL]), "arn:*": at(), "g": {"lambda": "https://h.example", "pools": [POOL]}}
    )
    for name in ("f", "g"):
        assert targets.find(arn(name), POOL)
        assert targets.find(arn(name), "us-east-1_Testing02") is None
    assert targets.find(arn("h"), "us-east-1_Testing02")


async def test_a_function_of_other_pools_is_as_one_that_does_not_exist(called: Called, hook_server: HookServer) -> None:
    hook_server.on["f"] = lambda _: {"ok": True}
    hooks = called(url=f"{hook_server.base}/f", secret=SECRET, pools=[POOL])
    assert {"ok": True} == (await hooks.call(arn("f"), EVENT, pool_id=POOL))["response"]
    with pytest.raises(Failed, match=r"^ResourceNotFoundException$"):
        await hooks.call(arn("f"), EVENT, pool_id="us-east-1_Testing02")
    assert 1 == len(hook_server.requests)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"url": "https://x", "secret": SECRET, "pools": []}, "pools: a list of user pool ids"),
        ({"url": "https://x", "secret": SECRET, "pools": ["*"]}, "pools: a list of user pool ids"),
        ({}, "give either url"),
        ("https://x", "Expected `object`"),
        ({"url": "https://x", "lambda": "https://x"}, "give either url"),
        ({"url": "https://x"}, "secret: whsec_"),
        ({"url": "https://x", "secret": "short"}, "secret: whsec_"),
        ({"url": "https://x", "secret": "whsec_c2hvcnQ="}, "secret: whsec_"),
        ({"url": "https://x", "secret": SECRET, "region": "r"}, "nothing else"),
        ({"url": "http://x.example", "secret": SECRET}, "plain http"),
        ({"url": "http://10.0.0.1", "secret": SECRET}, "plain http"),
        ({"url": "ftp://x", "secret": SECRET}, "give a URL with https"),
        ({"url": "https://u:p@x", "secret": SECRET}, "give a URL with https"),
        ({"url": "https://x#f", "secret": SECRET}, "give a URL with https"),
        ({"url": "https://x:99999", "secret": SECRET}, "is not a URL"),
        ({"url": "https://", "secret": SECRET}, "give a URL with https"),
        ({"lambda": "https://x", "secret": SECRET}, "is for a webhook"),
        ({"lambda": "https://x", "access_key_id": "a"}, "go together"),
        ({"lambda": "https://x", "unknown": "a"}, "unknown"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(entry: object, told: str) -> None:
    with pytest.raises(SettingError, match=r"^hooks: f: ") as wrong:
        read_hooks({"f": entry})
    assert told in str(wrong.value)


def test_loopback_may_be_plain_and_nothing_shows_a_secret() -> None:
    for host in ("127.0.0.1:9000", "localhost", "[::1]:1", "hooks.localhost"):
        assert read_hooks({"f": {"url": f"http://{host}/x", "secret": SECRET}}).names
    lambdas = read_hooks({"f": {"lambda": "http://localhost:4566/", "access_key_id": "a", "secret_access_key": "b-b"}})
    target = lambdas.names["f"]
    assert isinstance(target, LambdaEndpoint)
    assert "http://localhost:4566" == target.url
    webhook = read_hooks({"f": {"url": "https://x", "secret": SECRET}})
    assert "b-b" not in repr(lambdas)
    assert SECRET not in repr(webhook)
    assert "x00" not in repr(webhook)


async def test_a_function_that_refuses_is_heard_through_the_whole_way(called: Called, hook_server: HookServer) -> None:
    def refuse(_: object) -> None:
        raise Refuse("no")

    hook_server.on["f"] = refuse
    with pytest.raises(Threw, match=r"^no$"):
        await called.webhook().call(arn("f"), EVENT, pool_id=POOL)
