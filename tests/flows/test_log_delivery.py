"""Where logs go: written with what they tell, delivered after it, tried again, bounded."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from poolhouse.kit.ambient import FixedClock, Secret
from poolhouse.pool.effects.aws_signing import Credentials, signed_headers
from poolhouse.pool.effects.sink_targets import read_targets
from poolhouse.pool.effects.sinks import Line, SinkFailed, Sinks
from poolhouse.pool.flows import log_delivery, logs, risk_settings
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.flows.log_delivery import deliver_due, tell_undelivered
from poolhouse.pool.model.message import Message
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import logs as store
from tests.support.builders import a_client, a_pool, a_user, the_pool
from tests.support.service import Service, password_auth

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:auth"
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def to_group(source: str = "userAuthEvents") -> shapes.LogConfigurationType:
    level = "INFO" if source == "userAuthEvents" else "ERROR"
    group = shapes.CloudWatchLogsConfigurationType(log_group_arn=GROUP)
    return shapes.LogConfigurationType(log_level=level, event_source=source, cloud_watch_logs_configuration=group)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auth.jsonl"


@pytest.fixture
def flow(flow: Flow, path: Path) -> Flow:
    return msgspec.structs.replace(flow, sinks=Sinks(read_targets({GROUP: {"file": str(path)}})))


async def a_logging_pool(flow: Flow, source: str = "userAuthEvents") -> PoolEntry:
    add_ons = shapes.UserPoolAddOnsType(advanced_security_mode="AUDIT")
    pool = await a_pool(flow, user_pool_add_ons=add_ons)
    await risk_settings.set_logs(flow, "us-east-1", pool.pool.id, [to_group(source)])
    return await the_pool(flow, pool.pool.id)


async def waiting(flow: Flow, pool: PoolEntry) -> int:
    return await flow.database.read(lambda tx: store.count_waiting(tx, pool.pool.id))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(each) for each in path.read_text().splitlines()] if path.exists() else []


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_an_event_is_a_line_of_json(flow: Flow, path: Path) -> None:
    pool = await a_logging_pool(flow)
    client = await a_client(flow, pool)
    user = await a_user(flow, pool, "jane")
    await Service(flow, "192.0.2.7", "Mozilla/5.0 (X11; Linux) Firefox/128.0").tokens(client, "jane")
    await flow.journal.flush(flow.database)

    assert 1 == await deliver_due(flow)

    (line,) = read(path)
    assert ("USER_ACTIVITY", "INFO", {"userPoolId": pool.pool.id}) == (
        line["eventSource"], line["logLevel"], line["logSourceId"]
    )  # fmt: skip
    told = line["message"]
    assert ("SignIn", "Pass", user.sub, "192.0.2.7", "PASS", "false", ["Password:Success"]) == (
        told["eventType"], told["eventResponse"], told["userSub"], told["ipAddress"], told["riskDecision"],
        told["compromisedCredentialDetected"], told["challenges"],
    )  # fmt: skip
    assert 0o600 == mode(path)
    assert (0, 0) == (await waiting(flow, pool), await deliver_due(flow))


async def test_nothing_is_exported_that_was_not_asked_for(flow: Flow, path: Path) -> None:
    pool = await a_logging_pool(flow, "userNotification")
    client = await a_client(flow, pool)
    await a_user(flow, pool, "jane")
    await Service(flow)("InitiateAuth", **password_auth(client, "jane"))
    await flow.journal.flush(flow.database)

    assert 0 == await deliver_due(flow)
    assert [] == read(path)


async def test_a_message_that_could_not_be_delivered_is_told_without_what_it_said(flow: Flow, path: Path) -> None:
    pool = await a_logging_pool(flow, "userNotification")
    message = Message(
        id="m", pool_id=pool.pool.id, kind="CustomMessage_SignUp", medium="EMAIL", destination="jane@example.com",
        sealed=b"", created_ms=0,
    )  # fmt: skip

    await tell_undelivered(flow, message, "status 550")
    await deliver_due(flow)

    (line,) = read(path)
    assert ("USER_NOTIFICATION", "ERROR") == (line["eventSource"], line["logLevel"])
    assert {"details": "CustomMessage_SignUp by EMAIL could not be delivered: status 550"} == line["message"]


async def test_what_fails_is_tried_again_and_given_up_at_last(flow: Flow, clock: FixedClock, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    flow = msgspec.structs.replace(flow, sinks=Sinks(read_targets({GROUP: {"file": str(away / "x")}})))
    pool = await a_logging_pool(flow)
    await flow.database.write(lambda tx: logs.put_line(flow, pool, tx, logs.AUTH_EVENTS, "{}"))
    away.rmdir()

    assert [1, 0] == [await deliver_due(flow), await deliver_due(flow)]
    clock.advance(10)
    away.mkdir()
    assert 1 == await deliver_due(flow)
    assert "{}\n" == (away / "x").read_text()

    await flow.database.write(lambda tx: logs.put_line(flow, pool, tx, logs.AUTH_EVENTS, "{}"))
    (away / "x").unlink()
    away.rmdir()
    tries = 0
    while await waiting(flow, pool):
        tries += await deliver_due(flow)
        clock.advance(86_400)
    assert 7 == tries


async def test_what_waits_is_bounded(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_WAITING", 2)
    pool = await a_logging_pool(flow)
    for _ in range(3):
        await flow.database.write(lambda tx: logs.put_line(flow, pool, tx, logs.AUTH_EVENTS, "{}"))

    assert 2 == await waiting(flow, pool)


@pytest.fixture
async def received() -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    seen: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response(status=500 if request.path == "/broken" else 200, text="{}")

    app = web.Application()
    app.router.add_post("/{anywhere:.*}", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), seen


LINES = [Line('{"b":2}', 2000), Line('{"a":1}', 1000)]


async def test_a_webhook_can_tell_who_sends(received: tuple[str, list[tuple[dict[str, str], bytes]]]) -> None:
    url, seen = received
    sinks = Sinks(read_targets({"arn:aws:firehose:*": {"url": url + "in", "secret": SECRET}}))

    await sinks.deliver("arn:aws:firehose:eu-west-1:000000000000:deliverystream/a", LINES, 1_800_000_000)

    ((headers, body),) = seen
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    assert (f"v1,{expected}", b'{"b":2}\n{"a":1}\n') == (headers["webhook-signature"], body)
    with pytest.raises(SinkFailed, match="no destination"):
        await sinks.deliver("arn:aws:s3:::other", LINES, 0)
    await sinks.close()


async def test_a_log_group_gets_put_log_events(received: tuple[str, list[tuple[dict[str, str], bytes]]]) -> None:
    url, seen = received
    target = {"cloudwatch": url.rstrip("/"), "access_key_id": "AKID", "secret_access_key": "hidden"}
    sinks = Sinks(read_targets({"arn:aws:logs:*": target}))

    await sinks.deliver(GROUP + ":*", LINES, 1_800_000_000)

    ((headers, body),) = seen
    assert {
        "logGroupName": "auth",
        "logStreamName": "poolhouse",
        "logEvents": [{"timestamp": 1000, "message": '{"a":1}'}, {"timestamp": 2000, "message": '{"b":2}'}],
    } == json.loads(body)
    assert "Logs_20140328.PutLogEvents" == headers["x-amz-target"]
    credentials = Credentials(access_key_id="AKID", secret_access_key=Secret("hidden"))
    expected = signed_headers(
        credentials, url=url, body=body, service="logs", region="us-east-1", now=1_800_000_000,
        headers={"content-type": headers["content-type"], "x-amz-target": headers["x-amz-target"]},
    )  # fmt: skip
    assert expected["authorization"] == headers["authorization"]
    await sinks.close()


async def test_an_answer_that_is_no_success_is_a_failure(
    received: tuple[str, list[tuple[dict[str, str], bytes]]],
) -> None:
    sinks = Sinks(read_targets({GROUP: {"url": received[0] + "broken", "secret": SECRET}}))

    with pytest.raises(SinkFailed, match="status 500"):
        await sinks.deliver(GROUP, LINES, 0)
    await sinks.close()


@pytest.mark.parametrize(
    "table",
    [
        {"auth": {"file": "/tmp/x"}},
        {GROUP: {}},
        {GROUP: {"file": "x"}},
        {GROUP: {"file": "/there/is/none"}},
        {GROUP: {"url": "http://collector.example/", "secret": SECRET}},
        {GROUP: {"url": "https://collector.example/"}},
        {GROUP: {"url": "https://collector.example/", "secret": "whsec_eA=="}},
        {GROUP: {"cloudwatch": "https://logs.example"}},
        {GROUP: {"file": "/tmp/x", "url": "https://collector.example/"}},
        {GROUP: {"path": "/tmp/x"}},
    ],
)
def test_a_destination_that_cannot_be_used_is_refused_at_the_start(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_targets(table)


def test_the_pauses_cover_a_day() -> None:
    assert 80_000 < sum(log_delivery._PAUSES) < 2 * 86_400
