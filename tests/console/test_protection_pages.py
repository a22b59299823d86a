"""The tab Threat protection, log streaming, and a user's event history."""

from pathlib import Path

import msgspec
import pytest

from poolhouse.pool.effects.sink_targets import read_targets
from poolhouse.pool.effects.sinks import Sinks
from poolhouse.pool.flows.context import Flow
from tests.console.browser import Visitor
from tests.console.conftest import Service

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:auth"
IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/a@example.com"


@pytest.fixture
def flow(flow: Flow, tmp_path: Path) -> Flow:
    return msgspec.structs.replace(flow, sinks=Sinks(read_targets({GROUP: {"file": str(tmp_path / "x")}})))


async def test_rules_are_saved_and_shown(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/threat-protection/edit")
    shown = await visitor.press(
        page, "Save changes", mode="ENFORCED", custom_mode="AUDIT", compromised="BLOCK",
        compromised_events=["SIGN_IN"], low_action="NO_ACTION", high_action="BLOCK", high_notify="on",
        source_arn=IDENTITY, notify_from="a@example.com", blocked="192.0.2.0/24\r\n2001:db8::/32", skipped="",
    )  # fmt: skip

    rules = (await service("DescribeRiskConfiguration", UserPoolId=pool_id))["RiskConfiguration"]
    assert {
        "AdvancedSecurityMode": "ENFORCED", "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"}
    } == (await service.pool(pool_id))["UserPoolAddOns"]  # fmt: skip
    assert {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}} == (
        rules["CompromisedCredentialsRiskConfiguration"]
    )
    assert {
        "Actions": {
            "LowAction": {"EventAction": "NO_ACTION", "Notify": False},
            "HighAction": {"EventAction": "BLOCK", "Notify": True},
        },
        "NotifyConfiguration": {"SourceArn": IDENTITY, "From": "a@example.com"},
    } == rules["AccountTakeoverRiskConfiguration"]
    assert {"BlockedIPRangeList": ["192.0.2.0/24", "2001:db8::/32"]} == rules["RiskExceptionConfiguration"]
    for words in ("Full function", "Block sign-in, notify", "192.0.2.0/24, 2001:db8::/32"):
        assert words in shown.text


async def test_what_the_form_does_not_show_stays(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}))["Id"]
    mail = {"Subject": "Ours", "TextBody": "Our words"}
    takeover = {
        "Actions": {"LowAction": {"EventAction": "NO_ACTION", "Notify": True}},
        "NotifyConfiguration": {"SourceArn": IDENTITY, "NoActionEmail": mail},
    }
    await service("SetRiskConfiguration", UserPoolId=pool_id, AccountTakeoverRiskConfiguration=takeover)
    page = await visitor.open(f"/console/pools/{pool_id}/threat-protection/edit")
    await visitor.press(page, "Save changes")

    rules = (await service("DescribeRiskConfiguration", UserPoolId=pool_id))["RiskConfiguration"]
    assert takeover == rules["AccountTakeoverRiskConfiguration"]


async def test_a_range_that_is_none_is_said(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/threat-protection/edit")
    again = await visitor.press(page, "Save changes", mode="AUDIT", blocked="here")

    assert "Invalid IP range: here." in again.text


async def test_to_notify_needs_a_sender(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/threat-protection/edit")
    again = await visitor.press(page, "Save changes", mode="AUDIT", low_notify="on")

    assert 2 == len(again.errors)


async def test_logs_go_where_the_server_knows(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/threat-protection/logs")
    wrong = await visitor.press(page, "Save changes", userAuthEvents="arn:aws:sns:us-east-1:1:topic")
    unknown = await visitor.press(page, "Save changes", userAuthEvents="arn:aws:s3:::nowhere")
    shown = await visitor.press(page, "Save changes", userAuthEvents=GROUP)

    assert ["The ARN of a log group, an S3 bucket or a Firehose stream."] == wrong.errors
    assert "does not exist or cannot be written to" in unknown.text
    assert GROUP in shown.text
    logs = (await service("GetLogDeliveryConfiguration", UserPoolId=pool_id))["LogDeliveryConfiguration"]
    assert ["userAuthEvents"] == [each["EventSource"] for each in logs["LogConfigurations"]]


async def test_a_users_events_have_feedback(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}))["Id"]
    client = (await service.a_client(pool_id, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]))["ClientId"]
    user = await service.a_user(pool_id)
    sub = user["Username"]
    await service(
        "AdminInitiateAuth", UserPoolId=pool_id, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada@example.com", "PASSWORD": "Temporary-1-pass"},
    )  # fmt: skip
    page = await visitor.open(f"/console/pools/{pool_id}/users/{sub}")
    assert "InProgress" in page.text
    shown = await visitor.press(page, "Set as invalid")

    assert "Invalid (Admin)" in shown.text


async def test_without_threat_protection_there_is_no_history(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    user = await service.a_user(pool_id)

    assert "User event history" not in (await visitor.open(f"/console/pools/{pool_id}/users/{user['Username']}")).text
