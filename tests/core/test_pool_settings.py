"""CreateUserPool, UpdateUserPool, SetUserPoolMfaConfig."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from poolhouse.pool import core
from poolhouse.pool.core.attributes.schema import STANDARD
from poolhouse.pool.core.refusal import Refusal
from poolhouse.pool.core.settings.mfa import MfaChange, set_mfa
from poolhouse.pool.core.settings.pool_checks import is_mailbox
from poolhouse.pool.core.settings.pools import PoolSettings, new_pool, updated_pool
from poolhouse.pool.model.pool import Pool
from poolhouse.pool.spec.errors import GENERIC
from poolhouse.pool.spec.shapes import CreateUserPoolRequest, SetUserPoolMfaConfigRequest, UpdateUserPoolRequest
from tests.core.builders import a_pool
from tests.core.vectors import load

SNS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sns"}
SES = {"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:eu-west-1:000000000000:identity/a@example.com"}
FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:f"
CONTRACT = json.loads((Path(core.__file__).parents[1] / "spec" / "cognito.json").read_text())


def created(*, strict: bool = False, **members: Any) -> PoolSettings | Refusal:
    return new_pool(msgspec.convert({"PoolName": "pool", **members}, CreateUserPoolRequest), strict=strict)


def pool_with(**members: Any) -> Pool:
    made = created(**members)
    assert isinstance(made, PoolSettings), made
    return msgspec.structs.replace(a_pool(), settings=made.settings, mfa=made.mfa)


def updated(pool: Pool, *, strict: bool = False, **members: Any) -> PoolSettings | Refusal:
    request = msgspec.convert({"UserPoolId": pool.id, **members}, UpdateUserPoolRequest)
    return updated_pool(pool, request, strict=strict)


def described(settings: PoolSettings | MfaChange | Refusal) -> dict[str, Any]:
    assert not isinstance(settings, Refusal), settings
    wire: dict[str, Any] = msgspec.to_builtins(settings.settings)
    return wire


def message(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.message


def mfa_set(pool: Pool, *, strict: bool = False, **members: Any) -> MfaChange | Refusal:
    request = msgspec.convert({"UserPoolId": pool.id, **members}, SetUserPoolMfaConfigRequest)
    return set_mfa(pool, request, strict=strict)


def with_mfa(pool: Pool, **members: Any) -> Pool:
    changed = mfa_set(pool, **members)
    assert isinstance(changed, MfaChange), changed
    return msgspec.structs.replace(pool, settings=changed.settings, mfa=changed.mfa)


def test_a_pool_with_a_name_only_reads_back_as_the_service_shows_it() -> None:
    wire = described(created())

    assert {
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
                "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        },
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "SchemaAttributes": msgspec.to_builtins(list(STANDARD)),
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "MfaConfiguration": "OFF",
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserPoolTags": {},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
        "UserPoolTier": "ESSENTIALS",
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
        "IssuerConfiguration": {"Type": "ORIGINAL"},
    } == wire


def test_mfa_of_an_untouched_pool_is_off() -> None:
    made = created()

    assert isinstance(made, PoolSettings)
    assert msgspec.to_builtins(made.mfa) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize("case", load("pool_settings"), ids=lambda case: case["message"][:60])
def test_settings_that_contradict_each_other_are_refused(case: dict[str, Any]) -> None:
    refusal = created(strict=case.get("strict", False), **case["request"])

    assert isinstance(refusal, Refusal), refusal
    assert (case.get("code", "InvalidParameterException"), case["message"]) == (refusal.code, refusal.message)
    assert refusal.code in CONTRACT["operations"]["CreateUserPool"]["errors"]


def test_every_code_of_a_refusal_is_one_that_the_api_knows() -> None:
    known = GENERIC | set(CONTRACT["errors"])
    sources = [path.read_text() for path in Path(core.__file__).parent.rglob("*.py")]

    used = {name for source in sources for name in re.findall(r'"([A-Z]\w+Exception)"', source)}

    assert used
    assert used <= known


@pytest.mark.parametrize(
    "members",
    [
        {"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}},
        {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}},
        {
            "UserPoolAddOns": {
                "AdvancedSecurityMode": "OFF",
                "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
            }
        },
        {"DcrConfiguration": {"EnableStatus": "Disabled"}},
        {"SmsConfiguration": {**SNS, "ExternalId": "x", "SnsRegion": "eu-west-1"}},
        {"LambdaConfig": {"PreSignUp": FUNCTION}},
        {"AliasAttributes": ["email", "phone_number", "preferred_username"]},
        {"UsernameAttributes": ["email", "phone_number"], "UsernameConfiguration": {"CaseSensitive": False}},
        {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}},
        {"AutoVerifiedAttributes": ["email", "phone_number"], "SmsConfiguration": SNS},
        {
            "EmailConfiguration": {
                **SES,
                "From": "Team Pool <pool@example.com>",
                "ReplyToEmailAddress": "help@example.com",
            }
        },
        {"UserPoolTier": "LITE"},
        {"UserPoolTier": "PLUS"},
        {"UserPoolTags": {"team": "red"}},
        {"DeletionProtection": "ACTIVE"},
        {
            "VerificationMessageTemplate": {
                "DefaultEmailOption": "CONFIRM_WITH_LINK",
                "EmailMessageByLink": "{##here##}",
                "EmailSubjectByLink": "Hello",
            }
        },
    ],
    ids=",".join,
)
def test_what_is_set_reads_back_as_it_was_set(members: dict[str, Any]) -> None:
    wire = described(created(**members))

    for name, value in members.items():
        assert value == {k: wire[name][k] for k in value} if isinstance(value, dict) else value == wire[name]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("pool@example.com", True),
        ("Team Pool <pool@example.com>", True),
        ('"Pool, Team" <pool@example.com>', True),
        ("<pool@example.com>", True),
        ("Jürgen <pool@example.com>", True),
        ("pool@example.com, other@example.com", False),
        ("Pool <pool@example.com>, other@example.com", False),
        ("Pool, Team <pool@example.com>", False),
        ("Pool <pool@example.com>\n", False),
        ("Pool\r\nBcc: x@example.com <pool@example.com>", False),
        ("Pool <pool>", False),
        ('"Pool" <x@example.com> <pool@example.com>', False),
        ("", False),
    ],
)
def test_a_sender_is_one_mailbox(text: str, valid: bool) -> None:
    assert valid == is_mailbox(text)


def test_a_policy_that_leaves_out_members_gets_the_strict_ones() -> None:
    policy = described(created(Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False}}))["Policies"]

    assert {
        "MinimumLength": 12,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": False,
        "TemporaryPasswordValidityDays": 7,
    } == policy["PasswordPolicy"]


@pytest.mark.parametrize(
    "members",
    [
        {"Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 3}}},
        {"AdminCreateUserConfig": {"UnusedAccountValidityDays": 3}},
        {
            "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 3}},
            "AdminCreateUserConfig": {"UnusedAccountValidityDays": 0},
        },
    ],
)
def test_both_members_show_the_days_of_a_temporary_password(members: dict[str, Any]) -> None:
    wire = described(created(**members))

    assert wire["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 3
    assert wire["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 3


def test_zero_days_mean_seven() -> None:
    wire = described(created(Policies={"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}}))

    assert wire["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 7


def test_legacy_texts_and_the_template_mirror_each_other() -> None:
    legacy = described(
        created(
            SmsVerificationMessage="{####}-sms", EmailVerificationMessage="{####} mail", EmailVerificationSubject="Hi"
        )
    )
    template = {"SmsMessage": "{####}-sms", "EmailMessage": "{####} mail", "EmailSubject": "Hi"}

    assert {**template, "DefaultEmailOption": "CONFIRM_WITH_CODE"} == legacy["VerificationMessageTemplate"]
    assert legacy == described(created(VerificationMessageTemplate=template))


def test_the_trigger_of_tokens_is_shown_in_both_members() -> None:
    shown = {
        "PreTokenGeneration": FUNCTION,
        "PreTokenGenerationConfig": {"LambdaVersion": "V1_0", "LambdaArn": FUNCTION},
    }

    assert shown == described(created(LambdaConfig={"PreTokenGeneration": FUNCTION}))["LambdaConfig"]
    newer = {"LambdaVersion": "V2_0", "LambdaArn": FUNCTION}
    assert (
        described(created(LambdaConfig={"PreTokenGenerationConfig": newer}))["LambdaConfig"]["PreTokenGeneration"]
        == FUNCTION
    )


def test_a_structure_without_members_is_none() -> None:
    empty = created(DeviceConfiguration={}, KeyConfiguration={}, IssuerConfiguration={}, SmsConfiguration={})

    assert described(created()) == described(empty)


def test_a_pool_may_have_fifty_tags() -> None:
    assert isinstance(created(UserPoolTags={f"t{n}": "x" for n in range(50)}), PoolSettings)
    refusal = created(UserPoolTags={f"t{n}": "x" for n in range(51)})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "UserPoolTaggingException"


def test_sms_mfa_comes_with_the_pool() -> None:
    made = created(MfaConfiguration="ON", SmsConfiguration=SNS, SmsAuthenticationMessage="{####} to sign in")

    assert isinstance(made, PoolSettings)
    assert msgspec.to_builtins(made.mfa) == {
        "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {"SmsAuthenticationMessage": "{####} to sign in", "SmsConfiguration": SNS},
    }


def test_an_update_returns_what_it_leaves_out_to_the_default() -> None:
    pool = pool_with(
        AutoVerifiedAttributes=["email"],
        DeletionProtection="ACTIVE",
        LambdaConfig={"PreSignUp": FUNCTION},
        EmailConfiguration=SES,
        SmsConfiguration=SNS,
        UserPoolTags={"a": "b"},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]},
        EmailVerificationMessage="{####} mail",
    )

    assert described(created()) == described(updated(pool))


def test_an_update_keeps_what_was_fixed_at_creation() -> None:
    fixed: dict[str, Any] = {
        "Schema": [{"Name": "email", "Required": True}, {"Name": "team", "AttributeDataType": "String"}],
        "UsernameAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
    }
    pool = pool_with(**fixed)

    wire = described(updated(pool))

    assert msgspec.to_builtins(pool.settings) == wire
    assert wire["UsernameAttributes"] == ["email"]


def test_an_update_keeps_tier_policies_and_mfa_that_it_leaves_out() -> None:
    pool = pool_with(
        UserPoolTier="PLUS",
        Policies={"PasswordPolicy": {"MinimumLength": 20}},
        MfaConfiguration="OPTIONAL",
        SmsConfiguration=SNS,
    )

    after = updated(pool, SmsConfiguration=SNS)

    assert isinstance(after, PoolSettings)
    assert msgspec.to_builtins(pool.settings) == described(after)
    assert pool.mfa == after.mfa


def test_each_policy_is_kept_on_its_own() -> None:
    pool = pool_with(Policies={"PasswordPolicy": {"MinimumLength": 20}})

    after = described(updated(pool, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}))

    assert after["Policies"]["PasswordPolicy"]["MinimumLength"] == 20
    assert described(updated(pool, Policies={"PasswordPolicy": {}}))["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_an_update_breaks_the_same_rules() -> None:
    assert message(updated(pool_with(), AutoVerifiedAttributes=["phone_number"])).startswith(
        "SMS configuration is required"
    )


def test_the_levels_that_a_pool_does_not_name_have_their_default_names() -> None:
    named: dict[str, Any] = {"AcrConfiguration": {"Level3": {"AcrValue": "urn:mace:gold"}}}

    expected = {f"Level{level}": {"AcrValue": f"urn:cognito:loa:{level}"} for level in (1, 2, 4)}
    assert {**expected, "Level3": {"AcrValue": "urn:mace:gold"}} == described(created(**named))["AcrConfiguration"]
    assert "AcrConfiguration" not in described(created())
    # As every member that an update leaves out.
    assert "AcrConfiguration" not in described(updated(pool_with(**named)))


def test_mfa_cannot_be_required_by_an_update_before_there_is_a_factor() -> None:
    pool = pool_with()

    assert (
        message(updated(pool, MfaConfiguration="ON"))
        == "Cannot turn MFA functionality ON, once the user pool has been created."
    )
    totp = with_mfa(pool, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True})
    assert described(updated(totp, MfaConfiguration="ON"))["MfaConfiguration"] == "ON"


def test_an_update_that_takes_away_the_only_factor_is_refused() -> None:
    pool = pool_with(MfaConfiguration="ON", SmsConfiguration=SNS)

    assert message(updated(pool)).startswith("SMS configuration and Auto verification for phone_number are required")


def test_an_update_that_turns_mfa_off_leaves_no_factor_behind() -> None:
    pool = with_mfa(pool_with(), MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})

    after = updated(pool, MfaConfiguration="OFF")

    assert isinstance(after, PoolSettings)
    assert msgspec.to_builtins(after.mfa) == {"MfaConfiguration": "OFF"}


def test_totp_can_be_required() -> None:
    changed = mfa_set(pool_with(), MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})

    assert isinstance(changed, MfaChange)
    assert changed.settings.mfa_configuration == "ON"
    assert msgspec.to_builtins(changed.mfa) == {
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }


def test_setting_mfa_replaces_all_of_it() -> None:
    pool = with_mfa(pool_with(), MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})

    changed = mfa_set(pool)

    assert isinstance(changed, MfaChange)
    assert msgspec.to_builtins(changed.mfa) == {"MfaConfiguration": "OFF"}
    assert changed.settings.mfa_configuration == "OFF"


def test_sms_mfa_brings_its_configuration_to_the_pool() -> None:
    sms = {"SmsAuthenticationMessage": "{####} please", "SmsConfiguration": SNS}

    changed = mfa_set(pool_with(), MfaConfiguration="OPTIONAL", SmsMfaConfiguration=sms)

    wire = described(changed)
    assert (SNS, "{####} please") == (wire["SmsConfiguration"], wire["SmsAuthenticationMessage"])
    assert isinstance(changed, MfaChange)
    assert msgspec.to_builtins(changed.mfa) == {"MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": sms}


@pytest.mark.parametrize(
    "sms", [{"SmsAuthenticationMessage": "{####}-x"}, {"SmsAuthenticationMessage": "{####}-x", "SmsConfiguration": {}}]
)
def test_the_sns_settings_of_the_pool_stay_where_the_request_has_none(sms: dict[str, Any]) -> None:
    changed = mfa_set(pool_with(SmsConfiguration=SNS), MfaConfiguration="ON", SmsMfaConfiguration=sms)

    assert described(changed)["SmsConfiguration"] == SNS


def test_email_mfa_needs_a_sender_of_ones_own() -> None:
    email: dict[str, Any] = {
        "MfaConfiguration": "ON", "EmailMfaConfiguration": {"Message": "{####} is it", "Subject": "Code"},
    }  # fmt: skip

    changed = mfa_set(pool_with(EmailConfiguration=SES), **email)

    assert isinstance(changed, MfaChange)
    assert email == msgspec.to_builtins(changed.mfa)
    assert message(mfa_set(pool_with(), **email)) == (
        "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of COGNITO_DEFAULT."
    )
    lite = pool_with(EmailConfiguration=SES, UserPoolTier="LITE")
    assert isinstance(mfa_set(lite, **email), MfaChange)
    refusal = mfa_set(lite, strict=True, **email)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FeatureUnavailableInTierException"


def test_a_tier_cannot_be_lowered_under_a_feature_in_use() -> None:
    pool = with_mfa(
        pool_with(EmailConfiguration=SES), MfaConfiguration="ON", EmailMfaConfiguration={"Message": "{####} is it"}
    )

    refusal = updated(pool, strict=True, EmailConfiguration=SES, UserPoolTier="LITE")

    assert (
        message(refusal) == "The following features need to be disabled for the LITE pricing tier configured: Email MFA"
    )


OFF_AND_ON = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
ALL_OFF = "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": True}}, OFF_AND_ON),
        ({"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": False}}, OFF_AND_ON),
        ({"MfaConfiguration": "OFF", "EmailMfaConfiguration": {"Message": "{####} x"}}, OFF_AND_ON),
        ({"SmsMfaConfiguration": {"SmsConfiguration": SNS}}, OFF_AND_ON),
        ({"MfaConfiguration": "ON"}, ALL_OFF),
        ({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": False}}, ALL_OFF),
        ({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {}}, ALL_OFF),
        (
            {"MfaConfiguration": "ON", "SmsMfaConfiguration": {}},
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ),
        (
            {"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsConfiguration": {"ExternalId": "x"}}},
            "SmsConfiguration needs an SnsCallerArn.",
        ),
        (
            {
                "MfaConfiguration": "ON",
                "SmsMfaConfiguration": {"SmsConfiguration": {"EumsSms": {"CallerArn": "arn:aws:iam::0:role/r"}}},
            },
            "SmsConfiguration.EumsSms is not supported by this server.",
        ),
        (
            {"WebAuthnConfiguration": {"RelyingPartyId": "https://example.com"}},
            "WebAuthnConfiguration.RelyingPartyId must be a domain name.",
        ),
    ],
)
def test_mfa_settings_that_contradict_each_other_are_refused(members: dict[str, Any], text: str) -> None:
    assert text == message(mfa_set(pool_with(), **members))


def test_sms_mfa_cannot_be_left_out_where_the_pool_sends_sms() -> None:
    pool = pool_with(SmsConfiguration=SNS)

    assert message(mfa_set(pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})) == (
        "Can't turn off SMS_MFA when SMS configuration is set for the user pool"
    )


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\u0085", "\u2028", "\x0b"])
@pytest.mark.parametrize(
    "members",
    [
        {"EmailVerificationSubject": "Hi{end}Bcc: eve@example.com"},
        {"VerificationMessageTemplate": {"EmailSubject": "Hi{end}Bcc: eve@example.com"}},
        {
            "VerificationMessageTemplate": {
                "DefaultEmailOption": "CONFIRM_WITH_LINK",
                "EmailSubjectByLink": "Hi{end}",
            }
        },
        {"AdminCreateUserConfig": {"InviteMessageTemplate": {"EmailSubject": "{end}Hi"}}},
    ],
)
def test_a_subject_is_one_line(members: dict[str, Any], end: str) -> None:
    given = json.loads(json.dumps(members).replace("{end}", json.dumps(end)[1:-1]))

    for answer in (created(**given), updated(pool_with(), **given)):
        assert isinstance(answer, Refusal), answer
        assert ("InvalidParameterException", True) == (answer.code, "must be one line" in answer.message)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_the_subject_of_mfa_is_one_line(end: str) -> None:
    pool = pool_with(EmailConfiguration=SES)
    email = {"Message": "{####} is it", "Subject": f"Code{end}Bcc: eve@example.com"}

    expected = "EmailMfaConfiguration.Subject must be one line."
    assert expected == message(mfa_set(pool, MfaConfiguration="ON", EmailMfaConfiguration=email))
