"""User pools."""

import re
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.pool import Pool, PoolId
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import clients as client_store
from poolhouse.pool.store import pools as store
from tests.api.administrator import REGION, Ask, missing_pool, pages, refusal, sqlite_only
from tests.support.builders import a_client, a_pool, a_user, the_client, the_pool
from tests.support.fixtures import in_strict_mode

INVALID = "InvalidParameterException"
STANDARD = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
]
SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1"}
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:hook"
SETTINGS: dict[str, Any] = {
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 12,
            "RequireUppercase": False,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": False,
            "PasswordHistorySize": 3,
            "TemporaryPasswordValidityDays": 3,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
    },
    "DeletionProtection": "ACTIVE",
    "LambdaConfig": {"PostConfirmation": LAMBDA},
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "VerificationMessageTemplate": {
        "SmsMessage": "Code {####}",
        "EmailMessage": "<b>{####}</b>",
        "EmailSubject": "Your code",
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
    },
    "SmsAuthenticationMessage": "Sign in with {####}",
    "MfaConfiguration": "OPTIONAL",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a@b.example",
        "From": "Photos <a@b.example>",
        "ReplyToEmailAddress": "help@b.example",
    },
    "SmsConfiguration": SMS,
    "UserPoolTags": {"team": "photos"},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {"EmailMessage": "{username} {####}", "EmailSubject": "Welcome"},
    },
    "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "UserPoolTier": "PLUS",
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "ORIGINAL"},
}
READ_ONLY = {
    "Id", "Name", "Arn", "CreationDate", "LastModifiedDate", "SchemaAttributes", "EstimatedNumberOfUsers", "Domain",
    "CustomDomain", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration",
}  # fmt: skip


async def create(ask: Ask, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = (await ask("CreateUserPool", **{"PoolName": "Photos", **body}))["UserPool"]
    return made


async def describe(ask: Ask, pool_id: str) -> dict[str, Any]:
    described: dict[str, Any] = (await ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
    return described


def writable(described: dict[str, Any]) -> dict[str, Any]:
    """What a tool that has read a pool sends back: all but the read-only members, and one name for the days."""
    body = {name: value for name, value in described.items() if name not in READ_ONLY}
    config = {k: v for k, v in body["AdminCreateUserConfig"].items() if k != "UnusedAccountValidityDays"}
    return {"UserPoolId": described["Id"], **body, "AdminCreateUserConfig": config}


async def test_a_pool_of_nothing_but_a_name_has_the_defaults(ask: Ask, flow: Flow, clock: FixedClock) -> None:
    made = await create(ask)

    pool_id = made["Id"]
    assert re.fullmatch(r"us-east-1_[0-9A-Za-z]{9}", pool_id)
    schema = made["SchemaAttributes"]
    assert STANDARD == [attribute["Name"] for attribute in schema]
    assert {
        "Name": "sub",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    } == schema[0]
    assert {
        "Id": pool_id,
        "Name": "Photos",
        "Arn": f"arn:aws:cognito-idp:us-east-1:{flow.config.account}:userpool/{pool_id}",
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
        "SchemaAttributes": schema,
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": 0,
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
        "UserPoolTags": {},
        "UserPoolTier": "ESSENTIALS",
        "IssuerConfiguration": {"Type": "ORIGINAL"},
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
        "CreationDate": clock.now_ms() / 1000,
        "LastModifiedDate": clock.now_ms() / 1000,
    } == made
    assert made == await describe(ask, pool_id)


async def test_a_pool_shows_all_that_was_set(ask: Ask) -> None:
    fixed = {"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
    made = await create(ask, **SETTINGS, **fixed)

    expected = {**SETTINGS, **fixed}
    expected["AdminCreateUserConfig"] = {**SETTINGS["AdminCreateUserConfig"], "UnusedAccountValidityDays": 3}
    assert expected == {name: made[name] for name in expected}
    template = SETTINGS["VerificationMessageTemplate"]
    mirrored = [made[n] for n in ("SmsVerificationMessage", "EmailVerificationMessage", "EmailVerificationSubject")]
    assert [template[name] for name in ("SmsMessage", "EmailMessage", "EmailSubject")] == mirrored
    assert made == await describe(ask, made["Id"])


async def test_a_schema_adds_to_the_standard_attributes(ask: Ask) -> None:
    made = await create(
        ask,
        Schema=[
            {"Name": "email", "Required": True, "Mutable": False},
            {"Name": "team", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "10"}},
        ],
    )

    found = {attribute["Name"]: attribute for attribute in made["SchemaAttributes"]}
    assert [*STANDARD, "custom:team"] == list(found)
    assert (True, False) == (found["email"]["Required"], found["email"]["Mutable"])
    assert {"MaxLength": "10"} == found["custom:team"]["StringAttributeConstraints"]


async def test_a_new_pool_signs_with_two_keys_of_its_own(ask: Ask, flow: Flow) -> None:
    entries, now = [await the_pool(flow, (await create(ask))["Id"]) for _ in range(2)], flow.clock.now_ms()

    kids = [key.kid for entry in entries for key in (entry.keys.identity("RS256", now), entry.keys.access(now))]
    assert 4 == len(set(kids))
    for entry in entries:
        for key in (entry.keys.identity("RS256", now), entry.keys.access(now)):
            assert {"a": 1} == entry.verifier.verify(key.sign({"a": 1}))


@sqlite_only
@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"PoolName": "a/b"}, INVALID, "1 validation error detected: Value 'a/b' at 'poolName'"),
        ({"AliasAttributes": ["email"], "UsernameAttributes": ["email"]}, INVALID, "Only one of the aliasAttributes"),
        ({"MfaConfiguration": "ON"}, INVALID, "SMS configuration and Auto verification for phone_number"),
        ({"AutoVerifiedAttributes": ["phone_number"]}, INVALID, "SMS configuration is required"),
        (
            {"Schema": [{"Name": "email", "AttributeDataType": "Number"}]},
            INVALID,
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
        ),
        (
            {"Schema": [{"Name": "x", "AttributeDataType": "String", "Required": True}]},
            INVALID,
            "Required custom attributes are not supported currently.",
        ),
        ({"UserPoolTags": {"aws:x": "y"}}, "UserPoolTaggingException", "Tag keys that begin with aws: are reserved."),
    ],
)
async def test_settings_that_contradict_are_refused(ask: Ask, body: dict[str, Any], code: str, message: str) -> None:
    refused = await refusal(ask, "CreateUserPool", **{"PoolName": "Photos", **body})

    assert code == refused[0]
    assert refused[1].startswith(message)


LITE_WITH_HISTORY: dict[str, Any] = {
    "UserPoolTier": "LITE", "Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}},
}  # fmt: skip


@sqlite_only
@in_strict_mode
async def test_a_tier_gates_its_features_in_strict_mode(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow)).pool.id
    expected = (
        "FeatureUnavailableInTierException",
        "The following features need to be disabled for the LITE pricing tier configured: Password History",
    )

    assert expected == await refusal(ask, "CreateUserPool", PoolName="Photos", **LITE_WITH_HISTORY)
    assert expected == await refusal(ask, "UpdateUserPool", UserPoolId=pool_id, **LITE_WITH_HISTORY)


@sqlite_only
async def test_a_tier_gates_nothing_by_default(ask: Ask) -> None:
    made = await create(ask, **LITE_WITH_HISTORY)

    assert ("LITE", 3) == (made["UserPoolTier"], made["Policies"]["PasswordPolicy"]["PasswordHistorySize"])


async def test_an_update_is_refused_by_the_same_rules(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow)).pool.id
    tags = {f"t{number}": "x" for number in range(51)}

    expected = ("UserPoolTaggingException", "A user pool cannot have more than 50 tags.")
    assert expected == await refusal(ask, "UpdateUserPool", UserPoolId=pool_id, UserPoolTags=tags)


async def test_an_update_returns_what_it_leaves_out_to_its_default(ask: Ask, clock: FixedClock) -> None:
    bare = await create(ask)
    made = await create(ask, **SETTINGS)
    clock.advance(7)

    # The mode of MFA would stay too, and then it would lack its factor.
    assert {} == await ask("UpdateUserPool", UserPoolId=made["Id"], MfaConfiguration="OFF")

    kept = {name: made[name] for name in ("Id", "Arn", "Policies", "UserPoolTier")}
    days = {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 3}
    after = {**bare, **kept, "AdminCreateUserConfig": days, "LastModifiedDate": clock.now_ms() / 1000}
    assert after == await describe(ask, made["Id"])


@pytest.mark.parametrize("settings", [{}, SETTINGS, {"LambdaConfig": {"PreTokenGeneration": LAMBDA}}])
async def test_updating_with_what_is_described_changes_nothing(ask: Ask, settings: dict[str, Any]) -> None:
    made = await create(ask, **settings)
    mfa = await ask("GetUserPoolMfaConfig", UserPoolId=made["Id"])

    await ask("UpdateUserPool", **writable(made))

    assert made == await describe(ask, made["Id"])
    assert mfa == await ask("GetUserPoolMfaConfig", UserPoolId=made["Id"])


async def test_a_pool_can_be_renamed_and_keeps_its_name_otherwise(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow)).pool.id

    await ask("UpdateUserPool", UserPoolId=pool_id, PoolName="Pictures")
    await ask("UpdateUserPool", UserPoolId=pool_id)

    assert "Pictures" == (await describe(ask, pool_id))["Name"]


async def test_an_update_is_seen_by_sign_ins_at_once(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow)).pool.id
    await the_pool(flow, pool_id)

    await ask("UpdateUserPool", UserPoolId=pool_id, AutoVerifiedAttributes=["email"])

    assert ["email"] == (await the_pool(flow, pool_id)).pool.settings.auto_verified_attributes


async def test_users_and_domains_are_described(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow, domain="photos")
    for _ in range(3):
        await a_user(flow, entry, password=None)

    described = await describe(ask, entry.pool.id)

    assert (3, "photos") == (described["EstimatedNumberOfUsers"], described["Domain"])


async def test_a_deleted_pool_is_gone_with_all_that_is_in_it(ask: Ask, flow: Flow) -> None:
    entry = await a_pool(flow)
    client = (await a_client(flow, entry)).client
    await a_user(flow, entry, "ann")
    other = await a_pool(flow)
    kept = (await a_client(flow, other)).client

    assert {} == await ask("DeleteUserPool", UserPoolId=entry.pool.id)

    assert missing_pool(entry.pool.id) == await refusal(ask, "DescribeUserPool", UserPoolId=entry.pool.id)
    assert await flow.directory.find_pool(entry.pool.id) is None
    assert await flow.directory.find_client(client.id) is None
    assert [] == await flow.database.read(lambda tx: client_store.list_secrets(tx, client.id))
    assert [] == await flow.database.read(lambda tx: store.list_keys(tx, entry.pool.id))
    assert kept == (await the_client(flow, kept.id)).client


async def test_deletion_protection_protects(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow, deletion_protection="ACTIVE")).pool.id

    expected = (
        INVALID,
        (
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be"
            " inactivated first."
        ),
    )
    assert expected == await refusal(ask, "DeleteUserPool", UserPoolId=pool_id)
    await ask("UpdateUserPool", UserPoolId=pool_id, DeletionProtection="INACTIVE")
    await ask("DeleteUserPool", UserPoolId=pool_id)


async def test_a_pool_with_a_domain_cannot_be_deleted(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow, domain="photos")).pool.id

    expected = (INVALID, "User pool cannot be deleted. It has a domain configured that should be deleted first.")
    assert expected == await refusal(ask, "DeleteUserPool", UserPoolId=pool_id)
    await ask("DeleteUserPoolDomain", UserPoolId=pool_id, Domain="photos")
    await ask("DeleteUserPool", UserPoolId=pool_id)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("DescribeUserPool", {}),
        ("UpdateUserPool", {}),
        ("DeleteUserPool", {}),
        ("AddCustomAttributes", {"CustomAttributes": [{"Name": "team", "AttributeDataType": "String"}]}),
        ("GetUserPoolMfaConfig", {}),
        ("SetUserPoolMfaConfig", {}),
    ],
)
async def test_a_pool_is_known_in_its_region_only(ask: Ask, flow: Flow, operation: str, body: dict[str, Any]) -> None:
    pool_id = (await a_pool(flow)).pool.id

    assert missing_pool("us-east-1_No") == await refusal(ask, operation, UserPoolId="us-east-1_No", **body)
    assert missing_pool(pool_id) == await refusal(ask, operation, region="eu-west-1", UserPoolId=pool_id, **body)


async def test_pools_come_in_pages_of_their_region(ask: Ask, flow: Flow, clock: FixedClock) -> None:
    made = [(await a_pool(flow, lambda_config=shapes.LambdaConfigType(pre_sign_up=LAMBDA))).pool for _ in range(5)]
    elsewhere = await ask("CreateUserPool", region="eu-west-1", PoolName="Elsewhere")

    listed = await pages(ask, "ListUserPools", "UserPools", MaxResults=2)

    assert [2, 2, 1] == [len(page) for page in listed]
    now = clock.now_ms() / 1000
    shown = [
        {
            "Id": p.id,
            "Name": p.name,
            "LambdaConfig": {"PreSignUp": LAMBDA},
            "CreationDate": now,
            "LastModifiedDate": now,
        }
        for p in made
    ]
    assert {each["Id"]: each for each in shown} == {pool["Id"]: pool for page in listed for pool in page}
    there = await ask("ListUserPools", region="eu-west-1", MaxResults=60)
    assert [elsewhere["UserPool"]["Id"]] == [pool["Id"] for pool in there["UserPools"]]
    assert elsewhere["UserPool"]["Id"].startswith("eu-west-1_")
    assert "NextToken" not in there
    token = (await ask("ListUserPools", MaxResults=1))["NextToken"]
    bad = (INVALID, "Invalid pagination token")
    assert bad == await refusal(ask, "ListUserPools", region="eu-west-1", MaxResults=1, NextToken=token)


async def test_a_region_has_at_most_1000_pools(ask: Ask, flow: Flow) -> None:
    pool = Pool(
        id=PoolId(""), region=REGION, account="0", name="x", created_ms=0, modified_ms=0,
        settings=shapes.UserPoolType(), mfa=shapes.GetUserPoolMfaConfigResponse(),
    )  # fmt: skip

    async def fill(tx: Tx) -> None:
        for number in range(1000):
            await store.put_pool(tx, msgspec.structs.replace(pool, id=PoolId(f"{REGION}_{number}")))

    await flow.database.write(fill)

    expected = ("LimitExceededException", "A region cannot have more than 1000 user pools.")
    assert expected == await refusal(ask, "CreateUserPool", PoolName="one more")
    await ask("CreateUserPool", region="eu-west-1", PoolName="elsewhere")


async def test_custom_attributes_are_added(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow)).pool.id
    before = (await describe(ask, pool_id))["SchemaAttributes"]
    added = [
        {"Name": "team", "AttributeDataType": "String"},
        {"Name": "note", "AttributeDataType": "Number", "DeveloperOnlyAttribute": True, "Mutable": False},
    ]

    assert {} == await ask("AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=added)

    after = (await describe(ask, pool_id))["SchemaAttributes"]
    assert before == after[:-2]
    assert {
        "Name": "custom:team",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "StringAttributeConstraints": {},
    } == after[-2]
    assert ("dev:custom:note", True, False) == (
        after[-1]["Name"],
        after[-1]["DeveloperOnlyAttribute"],
        after[-1]["Mutable"],
    )


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (
            {"Name": "team", "AttributeDataType": "String"},
            "custom:team: Existing attribute already has name custom:team.",
        ),
        (
            {"Name": "x", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported currently.",
        ),
        (
            {"Name": "x", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "2049"}},
            "user.custom:x: String attributes cannot have a length of more than 2048",
        ),
    ],
)
async def test_custom_attributes_keep_the_rules_of_the_schema(
    ask: Ask, flow: Flow, attribute: dict[str, Any], message: str
) -> None:
    pool_id = (await a_pool(flow)).pool.id
    team = {"Name": "team", "AttributeDataType": "String"}
    await ask("AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=[team])
    before = await describe(ask, pool_id)

    refused = await refusal(ask, "AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=[attribute])

    assert (INVALID, message) == refused
    assert before == await describe(ask, pool_id)


async def test_a_pool_has_at_most_50_custom_attributes(ask: Ask, flow: Flow) -> None:
    pool_id = (await a_pool(flow)).pool.id
    for start in (0, 25):
        added = [{"Name": f"a{start + number}", "AttributeDataType": "String"} for number in range(25)]
        await ask("AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=added)

    one = [{"Name": "x", "AttributeDataType": "String"}]
    expected = (INVALID, "A user pool cannot have more than 50 custom attributes.")
    assert expected == await refusal(ask, "AddCustomAttributes", UserPoolId=pool_id, CustomAttributes=one)
