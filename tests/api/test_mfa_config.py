"""The second factors of a pool."""

from typing import Any

import pytest

from poolhouse.pool.flows.context import Flow
from tests.api.administrator import Ask, refusal
from tests.support.builders import a_pool, the_pool
from tests.support.fixtures import in_strict_mode

INVALID = "InvalidParameterException"
TOTP: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1"}


@pytest.fixture
async def at(ask: Ask) -> dict[str, Any]:
    made = await ask("CreateUserPool", PoolName="Photos")
    return {"UserPoolId": made["UserPool"]["Id"]}


async def test_an_untouched_pool_has_no_factors(ask: Ask, at: dict[str, Any]) -> None:
    assert {"MfaConfiguration": "OFF"} == await ask("GetUserPoolMfaConfig", **at)


async def test_what_was_set_is_answered_and_shown(ask: Ask, at: dict[str, Any]) -> None:
    sms = {"SmsAuthenticationMessage": "Your code {####}", "SmsConfiguration": SMS}
    body: dict[str, Any] = {**TOTP, "SmsMfaConfiguration": sms, "MfaConfiguration": "OPTIONAL"}

    assert body == await ask("SetUserPoolMfaConfig", **at, **body)

    assert body == await ask("GetUserPoolMfaConfig", **at)
    described = (await ask("DescribeUserPool", **at))["UserPool"]
    assert ("OPTIONAL", SMS, "Your code {####}") == (
        described["MfaConfiguration"],
        described["SmsConfiguration"],
        described["SmsAuthenticationMessage"],
    )


async def test_a_set_replaces(ask: Ask, at: dict[str, Any]) -> None:
    await ask("SetUserPoolMfaConfig", **at, **TOTP, MfaConfiguration="ON")

    assert {"MfaConfiguration": "OFF"} == await ask("SetUserPoolMfaConfig", **at)

    assert {"MfaConfiguration": "OFF"} == await ask("GetUserPoolMfaConfig", **at)
    assert "OFF" == (await ask("DescribeUserPool", **at))["UserPool"]["MfaConfiguration"]


async def test_setting_what_was_got_changes_nothing(ask: Ask, at: dict[str, Any]) -> None:
    await ask("SetUserPoolMfaConfig", **at, **TOTP, MfaConfiguration="ON")
    pool = await ask("DescribeUserPool", **at)
    got = await ask("GetUserPoolMfaConfig", **at)

    assert got == await ask("SetUserPoolMfaConfig", **at, **got)

    assert got == await ask("GetUserPoolMfaConfig", **at)
    assert pool == await ask("DescribeUserPool", **at)


async def test_an_update_of_the_pool_keeps_its_factors(ask: Ask, at: dict[str, Any]) -> None:
    got = await ask("SetUserPoolMfaConfig", **at, **TOTP, MfaConfiguration="ON")

    await ask("UpdateUserPool", **at, PoolName="Pictures")

    assert got == await ask("GetUserPoolMfaConfig", **at)


async def test_a_change_is_seen_by_sign_ins_at_once(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await the_pool(flow, at["UserPoolId"])

    await ask("SetUserPoolMfaConfig", **at, **TOTP, MfaConfiguration="ON")

    assert "ON" == (await the_pool(flow, at["UserPoolId"])).pool.mfa.mfa_configuration


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({**TOTP, "MfaConfiguration": "OFF"}, "Invalid MFA configuration given, can't turn off MFA and configure"),
        ({"MfaConfiguration": "ON"}, "Invalid MFA configuration given, can't disable all MFAs with a required"),
        (
            {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}},
            "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount",
        ),
        (
            {"MfaConfiguration": "ON", "SmsMfaConfiguration": {}},
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ),
        (
            {"WebAuthnConfiguration": {"RelyingPartyId": "127.0.0.1"}},
            "WebAuthnConfiguration.RelyingPartyId must be a domain name.",
        ),
        ({"MfaConfiguration": "MAYBE"}, "1 validation error detected: Value 'MAYBE' at 'mfaConfiguration'"),
    ],
)
async def test_settings_that_contradict_are_refused(
    ask: Ask, at: dict[str, Any], body: dict[str, Any], message: str
) -> None:
    refused = await refusal(ask, "SetUserPoolMfaConfig", **at, **body)

    assert INVALID == refused[0]
    assert refused[1].startswith(message)
    assert {"MfaConfiguration": "OFF"} == await ask("GetUserPoolMfaConfig", **at)


@in_strict_mode
async def test_the_lowest_tier_has_no_email_factor(ask: Ask, flow: Flow) -> None:
    pool = (await a_pool(flow, user_pool_tier="LITE")).pool

    code, message = await refusal(
        ask, "SetUserPoolMfaConfig", UserPoolId=pool.id, MfaConfiguration="ON", EmailMfaConfiguration={}
    )

    assert "FeatureUnavailableInTierException" == code
    assert message.endswith("Email MFA")
