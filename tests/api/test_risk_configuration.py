"""SetRiskConfiguration and DescribeRiskConfiguration; GetLogDeliveryConfiguration and SetLogDeliveryConfiguration."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.effects.sink_targets import read_targets
from poolhouse.pool.effects.sinks import Sinks
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.spec import shapes
from tests.api.administrator import Ask, missing_pool, refusal
from tests.support.builders import a_client, a_pool
from tests.support.service import sqlite_only

IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"
COMPROMISED: dict[str, Any] = {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}
EXCEPTIONS: dict[str, Any] = {"BlockedIPRangeList": ["192.0.2.0/24"], "SkippedIPRangeList": ["2001:db8::/32"]}
LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:auth"
BUCKET = "arn:aws:s3:::audit"


def takeover(*, notify: bool = False, **more: Any) -> dict[str, Any]:
    return {"Actions": {"HighAction": {"Notify": notify, "EventAction": "BLOCK"}}, **more}


def protected(mode: str = "ENFORCED") -> shapes.UserPoolAddOnsType:
    return shapes.UserPoolAddOnsType(advanced_security_mode=mode)


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, user_pool_add_ons=protected())


async def test_rules_read_back_as_they_were_set(ask: Ask, flow: Flow, pool: PoolEntry, clock: FixedClock) -> None:
    rules: dict[str, Any] = {
        "CompromisedCredentialsRiskConfiguration": COMPROMISED,
        "AccountTakeoverRiskConfiguration": takeover(),
        "RiskExceptionConfiguration": EXCEPTIONS,
    }

    answer = await ask("SetRiskConfiguration", UserPoolId=pool.pool.id, **rules)
    shown = await ask("DescribeRiskConfiguration", UserPoolId=pool.pool.id)

    expected = {"UserPoolId": pool.pool.id, **rules, "LastModifiedDate": clock.now_ms() / 1000}
    assert expected == answer["RiskConfiguration"] == shown["RiskConfiguration"]


async def test_a_clients_rules_are_its_own_until_they_are_taken_back(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    client = (await a_client(flow, pool)).client.id
    target = {"UserPoolId": pool.pool.id, "ClientId": client}
    await ask("SetRiskConfiguration", UserPoolId=pool.pool.id, RiskExceptionConfiguration=EXCEPTIONS)
    await ask("SetRiskConfiguration", **target, CompromisedCredentialsRiskConfiguration=COMPROMISED)

    own = (await ask("DescribeRiskConfiguration", **target))["RiskConfiguration"]
    await ask("SetRiskConfiguration", **target)
    after = (await ask("DescribeRiskConfiguration", **target))["RiskConfiguration"]
    pools = (await ask("DescribeRiskConfiguration", UserPoolId=pool.pool.id))["RiskConfiguration"]

    assert (COMPROMISED, client) == (own["CompromisedCredentialsRiskConfiguration"], own["ClientId"])
    assert "RiskExceptionConfiguration" not in own
    assert target == after
    assert EXCEPTIONS == pools["RiskExceptionConfiguration"]


async def test_a_pool_alone_takes_its_rules_back(ask: Ask, pool: PoolEntry) -> None:
    await ask("SetRiskConfiguration", UserPoolId=pool.pool.id, RiskExceptionConfiguration=EXCEPTIONS)
    answer = await ask("SetRiskConfiguration", UserPoolId=pool.pool.id)

    assert {"UserPoolId": pool.pool.id} == answer["RiskConfiguration"]
    assert answer == await ask("DescribeRiskConfiguration", UserPoolId=pool.pool.id)


@pytest.mark.parametrize("operation", ["SetRiskConfiguration", "DescribeRiskConfiguration"])
async def test_without_threat_protection_there_are_no_rules(ask: Ask, flow: Flow, operation: str) -> None:
    off = await a_pool(flow, user_pool_add_ons=protected("OFF"))
    none = await a_pool(flow)

    for each in (off, none):
        said = f"Threat protection is not enabled for user pool {each.pool.id}."
        assert ("UserPoolAddOnNotEnabledException", said) == await refusal(ask, operation, UserPoolId=each.pool.id)


@pytest.mark.parametrize("operation", ["SetRiskConfiguration", "DescribeRiskConfiguration"])
async def test_rules_of_an_unknown_pool_or_client(ask: Ask, flow: Flow, pool: PoolEntry, operation: str) -> None:
    others = (await a_client(flow, await a_pool(flow))).client.id

    assert missing_pool("us-east-1_nobody") == await refusal(ask, operation, UserPoolId="us-east-1_nobody")
    assert missing_pool(pool.pool.id) == await refusal(ask, operation, UserPoolId=pool.pool.id, region="eu-west-1")
    code, _ = await refusal(ask, operation, UserPoolId=pool.pool.id, ClientId=others)
    assert "ResourceNotFoundException" == code


@sqlite_only
@pytest.mark.parametrize("listed", ["192.0.2.1", "192.0.2.0/33", "example.com/24", "2001:db8::/129", ""])
async def test_an_exception_is_a_range(ask: Ask, pool: PoolEntry, listed: str) -> None:
    body = {"BlockedIPRangeList": [listed]}

    said = await refusal(ask, "SetRiskConfiguration", UserPoolId=pool.pool.id, RiskExceptionConfiguration=body)
    assert ("InvalidParameterException", f"Invalid IP range: {listed}. It must be in CIDR notation.") == said


@sqlite_only
async def test_a_list_has_at_most_200_ranges(ask: Ask, pool: PoolEntry) -> None:
    ranges = [f"10.{n}.0.0/16" for n in range(201)]

    code, _ = await refusal(
        ask, "SetRiskConfiguration", UserPoolId=pool.pool.id, RiskExceptionConfiguration={"SkippedIPRangeList": ranges}
    )
    assert "InvalidParameterException" == code
    await ask(
        "SetRiskConfiguration",
        UserPoolId=pool.pool.id,
        RiskExceptionConfiguration={"SkippedIPRangeList": ranges[:200]},
    )


@sqlite_only
@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"CompromisedCredentialsRiskConfiguration": {"Actions": {"EventAction": "MFA_REQUIRED"}}}, "InvalidParameter"),
        ({"CompromisedCredentialsRiskConfiguration": COMPROMISED | {"EventFilter": ["SIGN_OUT"]}}, "InvalidParameter"),
        ({"AccountTakeoverRiskConfiguration": takeover(notify=True)}, "InvalidParameter"),
        (
            {"AccountTakeoverRiskConfiguration": takeover(NotifyConfiguration={"SourceArn": IDENTITY, "From": "x"})},
            "InvalidParameter",
        ),
        (
            {
                "AccountTakeoverRiskConfiguration": takeover(
                    NotifyConfiguration={"SourceArn": "arn:aws:sns:us-east-1:1:a"}
                )
            },
            "InvalidEmailRoleAccessPolicy",
        ),
    ],
)
async def test_rules_that_cannot_be_kept_are_refused(ask: Ask, pool: PoolEntry, rules: Any, code: str) -> None:
    said = await refusal(ask, "SetRiskConfiguration", UserPoolId=pool.pool.id, **rules)

    assert f"{code}Exception" == said[0]
    shown = await ask("DescribeRiskConfiguration", UserPoolId=pool.pool.id)
    assert {"UserPoolId": pool.pool.id} == shown["RiskConfiguration"]


class TestWithoutMail:
    """A server that can send nothing."""

    @pytest.fixture
    def config(self) -> ServerConfig:
        return ServerConfig(base_url="https://pool.example")

    @sqlite_only
    async def test_nobody_can_be_notified(self, ask: Ask, pool: PoolEntry) -> None:
        rules = takeover(notify=True, NotifyConfiguration={"SourceArn": IDENTITY, "From": "A <a@example.com>"})

        said = await refusal(
            ask, "SetRiskConfiguration", UserPoolId=pool.pool.id, AccountTakeoverRiskConfiguration=rules
        )
        assert ("CodeDeliveryFailureException", "Unable to deliver message") == said


class TestLogs:
    """Destinations of logs."""

    @pytest.fixture
    def flow(self, flow: Flow, tmp_path: Path) -> Flow:
        target = {"file": str(tmp_path / "auth.jsonl")}
        return msgspec.structs.replace(flow, sinks=Sinks(read_targets({LOGS: target, "arn:aws:s3:::*": target})))

    @pytest.fixture
    async def pool(self, flow: Flow) -> PoolEntry:
        return await a_pool(flow, user_pool_tier="PLUS")

    async def test_they_read_back_as_they_were_set(self, ask: Ask, pool: PoolEntry) -> None:
        wanted = [
            {"LogLevel": "ERROR", "EventSource": "userNotification",
             "CloudWatchLogsConfiguration": {"LogGroupArn": LOGS}},
            {"LogLevel": "INFO", "EventSource": "userAuthEvents", "S3Configuration": {"BucketArn": BUCKET}},
        ]  # fmt: skip
        before = await ask("GetLogDeliveryConfiguration", UserPoolId=pool.pool.id)

        answer = await ask("SetLogDeliveryConfiguration", UserPoolId=pool.pool.id, LogConfigurations=wanted)

        assert [] == before["LogDeliveryConfiguration"]["LogConfigurations"]
        assert wanted == answer["LogDeliveryConfiguration"]["LogConfigurations"]
        assert answer == await ask("GetLogDeliveryConfiguration", UserPoolId=pool.pool.id)
        await ask("SetLogDeliveryConfiguration", UserPoolId=pool.pool.id, LogConfigurations=[])
        after = await ask("GetLogDeliveryConfiguration", UserPoolId=pool.pool.id)
        assert [] == after["LogDeliveryConfiguration"]["LogConfigurations"]

    @sqlite_only
    @pytest.mark.parametrize(
        ("level", "source", "more"),
        [
            ("INFO", "userNotification", {"CloudWatchLogsConfiguration": {"LogGroupArn": LOGS}}),
            ("ERROR", "userAuthEvents", {"CloudWatchLogsConfiguration": {"LogGroupArn": LOGS}}),
            ("ERROR", "userNotification", {"S3Configuration": {"BucketArn": BUCKET}}),
            ("INFO", "userAuthEvents", {}),
            ("INFO", "userAuthEvents", {"CloudWatchLogsConfiguration": {}}),
            ("INFO", "userAuthEvents", {"CloudWatchLogsConfiguration": {"LogGroupArn": BUCKET + ":x:1:log-group:a"}}),
            ("INFO", "userAuthEvents", {"CloudWatchLogsConfiguration": {"LogGroupArn": LOGS + "2"}}),
            ("INFO", "userAuthEvents",
             {"CloudWatchLogsConfiguration": {"LogGroupArn": LOGS}, "S3Configuration": {"BucketArn": BUCKET}}),
        ],
    )  # fmt: skip
    async def test_what_would_be_delivered_nowhere_is_refused(
        self, ask: Ask, pool: PoolEntry, level: str, source: str, more: dict[str, Any]
    ) -> None:
        wanted = [{"LogLevel": level, "EventSource": source, **more}]

        said = await refusal(ask, "SetLogDeliveryConfiguration", UserPoolId=pool.pool.id, LogConfigurations=wanted)
        assert "InvalidParameterException" == said[0]

    @sqlite_only
    async def test_each_source_once(self, ask: Ask, pool: PoolEntry) -> None:
        one = {
            "LogLevel": "INFO", "EventSource": "userAuthEvents", "CloudWatchLogsConfiguration": {"LogGroupArn": LOGS}
        }  # fmt: skip

        said = await refusal(ask, "SetLogDeliveryConfiguration", UserPoolId=pool.pool.id, LogConfigurations=[one, one])
        assert ("InvalidParameterException", "Each EventSource can be configured only once.") == said

    @pytest.mark.parametrize("operation", ["SetLogDeliveryConfiguration", "GetLogDeliveryConfiguration"])
    async def test_logs_of_an_unknown_pool(self, ask: Ask, operation: str) -> None:
        more: dict[str, Any] = {"LogConfigurations": []} if operation.startswith("Set") else {}
        assert missing_pool("us-east-1_nobody") == await refusal(ask, operation, UserPoolId="us-east-1_nobody", **more)

    class TestStrict:
        """AWS to the letter."""

        @pytest.fixture
        def config(self) -> ServerConfig:
            return ServerConfig(base_url="https://pool.example", strict=True)

        @sqlite_only
        async def test_activity_is_exported_from_the_highest_tier_only(self, ask: Ask, flow: Flow) -> None:
            pool = await a_pool(flow)
            wanted = [
                {"LogLevel": "INFO", "EventSource": "userAuthEvents",
                 "CloudWatchLogsConfiguration": {"LogGroupArn": LOGS}},
            ]  # fmt: skip

            code, _ = await refusal(
                ask, "SetLogDeliveryConfiguration", UserPoolId=pool.pool.id, LogConfigurations=wanted
            )
            assert "FeatureUnavailableInTierException" == code
