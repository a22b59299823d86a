"""The list, the tabs of a pool, and Edit pages: each changes its own members and nothing else."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from poolhouse.kit import seal
from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.console import pools
from poolhouse.pool.console.sections import SECTIONS
from poolhouse.pool.console.tabs import TABS
from poolhouse.pool.flows import access_keys
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.model.access_key import EVERYTHING
from tests.console.browser import Visitor
from tests.console.conftest import Service, visiting
from tests.console.test_wizard import without
from tests.support.builders import a_pool

ROLE = "arn:aws:iam::123456789012:role/sms"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
RICH: dict[str, Any] = {
    "Policies": {
        "PasswordPolicy": {"MinimumLength": 10, "RequireSymbols": False, "PasswordHistorySize": 3},
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
    },
    "DeletionProtection": "ACTIVE",
    "LambdaConfig": {"PreSignUp": FUNCTION, "PreTokenGeneration": FUNCTION},
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_CODE", "EmailSubject": "Code", "EmailMessage": "It is {####}", "SmsMessage": "{####}!",
    },
    "SmsAuthenticationMessage": "Code {####}",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
        "From": "The team <team@example.com>", "ReplyToEmailAddress": "help@example.com",
    },
    "SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x", "SnsRegion": "eu-west-1"},
    "UserPoolTags": {"stage": "test", "team": "a"},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True, "InviteMessageTemplate": {"EmailSubject": "Hi", "EmailMessage": "{username} {####}"},
    },
    "Schema": [{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_phone_number"}]},
    "UsernameConfiguration": {"CaseSensitive": False},
}  # fmt: skip
MFA: dict[str, Any] = {
    "MfaConfiguration": "OPTIONAL",
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
    "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Code {####}"},
    "EmailMfaConfiguration": {"Subject": "S", "Message": "Code {####}"},
}


async def a_rich_pool(service: Service) -> str:
    pool = await service.a_pool(**RICH)
    await service("SetUserPoolMfaConfig", UserPoolId=pool["Id"], **MFA)
    pool_id: str = pool["Id"]
    return pool_id


async def everything(service: Service, pool_id: str) -> dict[str, Any]:
    """All that the API tells of a pool, but for when it was changed."""
    pool = await service.pool(pool_id)
    pool.pop("LastModifiedDate")
    return {**pool, "mfa": await service("GetUserPoolMfaConfig", UserPoolId=pool_id)}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    names = {*before, *after}
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


# The list


async def test_pools_are_listed_by_name_and_found_by_name_and_id(visitor: Visitor, service: Service) -> None:
    pools = {name: await service.a_pool(PoolName=name) for name in ("zebra", "Apple", "mango")}
    page = await visitor.open("/console/pools")
    names = [text for text, _ in page.links if text in pools]

    assert names == ["Apple", "mango", "zebra"]
    for wanted in ("APP", pools["Apple"]["Id"]):
        found = await visitor.press(page, "Search", q=wanted)
        assert [text for text, _ in found.links if text in pools] == ["Apple"]
    assert "No user pool matches" in (await visitor.open("/console/pools?q=nothing")).text


async def test_a_region_has_pools_of_its_own_and_is_remembered(visitor: Visitor, service: Service) -> None:
    await service.a_pool(PoolName="here")
    await service("CreateUserPool", "eu-west-1", PoolName="there")
    page = await visitor.open("/console/pools")
    assert "here" in page.text
    page = await visitor.open(page.link("Europe (Ireland) eu-west-1"))

    assert ("there" in page.text, "here" in [text for text, _ in page.links]) == (True, False)
    assert "there" in (await visitor.open("/console/pools")).text


async def test_a_region_that_is_none_is_ignored(visitor: Visitor, service: Service) -> None:
    await service.a_pool(PoolName="here")

    assert "here" in (await visitor.open("/console/pools?region=mars-1%0d%0a")).text


async def test_a_pool_of_another_region_opens_by_its_address(visitor: Visitor, service: Service) -> None:
    pool = (await service("CreateUserPool", "eu-west-1", PoolName="there"))["UserPool"]

    assert (await visitor.open(f"/console/pools/{pool['Id']}")).title == "there"


async def test_a_long_list_has_pages(visitor: Visitor, flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "ON_PAGE", 3)
    names = [(await a_pool(flow)).pool.name for _ in range(5)]
    first = await visitor.open("/console/pools")
    second = await visitor.open(first.link("Next"))
    shown = [[text for text, _ in page.links if text in names] for page in (first, second)]

    assert [3, 2] == [len(each) for each in shown]
    assert sorted(names) == sorted(shown[0] + shown[1])
    assert "1\N{EN DASH}3 of 5" in first.text
    assert second.link("Previous") == "/console/pools?page=1"


async def test_a_name_is_text_whatever_it_looks_like(visitor: Visitor, service: Service) -> None:
    pool = await service.a_pool(UserPoolTags={"<script>alert(1)</script>": '"><b>'})
    reply = await visitor.web.get(f"/console/pools/{pool['Id']}/properties")

    assert "<script>alert" not in reply.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in reply.text


# The tabs


@pytest.mark.parametrize(("label", "slug"), TABS)
async def test_every_tab_opens_for_a_bare_pool_and_for_one_with_everything(
    visitor: Visitor, service: Service, label: str, slug: str
) -> None:
    bare = (await service("CreateUserPool", PoolName="bare"))["UserPool"]["Id"]
    for pool_id in (bare, await a_rich_pool(service)):
        page = await visitor.open(f"/console/pools/{pool_id}/{slug}".rstrip("/"))

        assert page.status == 200, page.text
        assert page.link(label) == f"/console/pools/{pool_id}/{slug}".rstrip("/")


async def test_the_overview_tells_what_an_app_has_to_know(visitor: Visitor, service: Service) -> None:
    pool = await service.a_pool()
    base = f"https://pool.example/{pool['Id']}"
    page = await visitor.open(f"/console/pools/{pool['Id']}")
    assert f"{base}/.well-known/jwks.json" in page.reply.text
    assert "oauth2/authorize" not in page.reply.text

    await service("CreateUserPoolDomain", UserPoolId=pool["Id"], Domain="team-sso")
    page = await visitor.open(f"/console/pools/{pool['Id']}")
    for path in ("oauth2/authorize", "oauth2/token", "oauth2/userInfo"):
        assert f'value="https://pool.example/domains/team-sso/{path}"' in page.reply.text
    assert f'value="{base}"' in page.reply.text


async def test_a_custom_domain_comes_before_the_prefix(visitor: Visitor, service: Service) -> None:
    pool = await service.a_pool()
    certificate = {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/x"}
    await service("CreateUserPoolDomain", UserPoolId=pool["Id"], Domain="team-sso")
    await service(
        "CreateUserPoolDomain", UserPoolId=pool["Id"], Domain="auth.example.com", CustomDomainConfig=certificate
    )

    assert (
        'value="https://auth.example.com/oauth2/token"'
        in (await visitor.open(f"/console/pools/{pool['Id']}")).reply.text
    )


async def test_lambda_triggers_are_shown(visitor: Visitor, service: Service) -> None:
    page = await visitor.open(f"/console/pools/{await a_rich_pool(service)}/properties")

    assert "Pre sign-up " + FUNCTION in page.text
    assert "Pre token generation " + FUNCTION in page.text
    assert "Nothing: what would call it is refused" in page.text


async def test_edit_buttons_say_to_the_ear_what_they_edit(visitor: Visitor, service: Service) -> None:
    pool_id = await a_rich_pool(service)
    for _, tab in TABS:
        page = (await visitor.open(f"/console/pools/{pool_id}/{tab}")).reply.text
        buttons = re.findall(r"<button([^>]*)>Edit</button>", page)
        names = re.findall(r'aria-label="Edit ([^"]+)"', " ".join(buttons))

        assert len(buttons) == len(set(names)), tab


# Edit


@pytest.mark.parametrize("slug", [each.slug for each in SECTIONS if each.slug != "custom-attributes"])
async def test_saving_a_section_as_it_is_changes_nothing(visitor: Visitor, service: Service, slug: str) -> None:
    pool_id = await a_rich_pool(service)
    before = await everything(service, pool_id)
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/edit/{slug}"), "Save changes")

    assert page.status == 200, page.text
    assert "Saved:" in page.text
    assert difference(before, await everything(service, pool_id)) == {}


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "password-policy": (
        {"policy_mode": "defaults"},
        {"Policies": {
            "PasswordPolicy": {
                "MinimumLength": 8, "RequireLowercase": True, "RequireNumbers": True, "RequireSymbols": True,
                "RequireUppercase": True, "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
        }},
    ),
    "mfa": (
        {"mfa": "ON", "methods": ["sms"]},
        {"MfaConfiguration": "ON", "mfa": {
            "MfaConfiguration": "ON",
            "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Code {####}", "SmsConfiguration": RICH["SmsConfiguration"]},
        }},
    ),
    "choice-based-sign-in": (
        {"factors": ["SMS_OTP"]},
        {"Policies": {
            "PasswordPolicy": {
                "MinimumLength": 10, "RequireLowercase": True, "RequireNumbers": True, "RequireSymbols": False,
                "RequireUppercase": True, "TemporaryPasswordValidityDays": 7, "PasswordHistorySize": 3,
            },
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]},
        }},
    ),
    "passkey": (
        {"user_verification": "required"},
        {"mfa": {
            **MFA, "SmsMfaConfiguration": {**MFA["SmsMfaConfiguration"], "SmsConfiguration": RICH["SmsConfiguration"]},
            "WebAuthnConfiguration": {"UserVerification": "required"},
        }},
    ),
    "account-recovery": (
        {"recovery": []},
        {"AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]}},
    ),
    "verification": (
        {"verified": ["email"], "keep": []},
        {"AutoVerifiedAttributes": ["email"], "UserAttributeUpdateSettings": None},
    ),
    "self-registration": (
        {"self_sign_up": "on"},
        {"AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7,
            "InviteMessageTemplate": RICH["AdminCreateUserConfig"]["InviteMessageTemplate"],
        }},
    ),
    "email": (
        {"from_name": "", "reply_to": ""},
        {"EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER", "SourceArn": RICH["EmailConfiguration"]["SourceArn"], "From": "team@example.com",
        }},
    ),
    "verification-message": (
        {"email_subject": "", "email_message": "Use {####}", "sms_message": ""},
        {
            "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE", "EmailMessage": "Use {####}"},
            "EmailVerificationMessage": "Use {####}", "EmailVerificationSubject": None, "SmsVerificationMessage": None,
        },
    ),
    "invitation-message": (
        {"email_subject": "", "email_message": ""},
        {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7}},
    ),
    "name": ({"pool_name": "renamed"}, {"Name": "renamed"}),
    "triggers": (
        {"trigger_defineauthchallenge": FUNCTION, "trigger_presignup": "", "trigger_version": "V2_0"},
        {"LambdaConfig": {
            "DefineAuthChallenge": FUNCTION, "PreTokenGeneration": FUNCTION,
            "PreTokenGenerationConfig": {"LambdaArn": FUNCTION, "LambdaVersion": "V2_0"},
        }},
    ),
    "tags": ({"tag_key": ["a"], "tag_value": ["b"]}, {"UserPoolTags": {"a": "b"}}),
}  # fmt: skip


@pytest.mark.parametrize("slug", CHANGES)
async def test_a_section_changes_its_own_members_only(visitor: Visitor, service: Service, slug: str) -> None:
    pool_id = await a_rich_pool(service)
    before = await everything(service, pool_id)
    given, expected = CHANGES[slug]
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/edit/{slug}"), "Save changes", **given)

    assert page.status == 200, page.text
    assert difference(before, await everything(service, pool_id)) == expected


async def test_the_text_of_codes_at_sign_in_is_saved_for_sms_and_email(visitor: Visitor, service: Service) -> None:
    pool_id = await a_rich_pool(service)
    page = await visitor.open(f"/console/pools/{pool_id}/edit/mfa-message")
    texts = {"mfa_sms_message": "New {####}", "mfa_email_subject": "New", "mfa_email_message": "Mail {####}"}
    await visitor.press(page, "Save changes", **texts)
    mfa = await service("GetUserPoolMfaConfig", UserPoolId=pool_id)

    assert mfa["EmailMfaConfiguration"] == {"Subject": "New", "Message": "Mail {####}"}
    assert mfa["SmsMfaConfiguration"]["SmsAuthenticationMessage"] == "New {####}"
    assert (await service.pool(pool_id))["SmsAuthenticationMessage"] == "New {####}"


async def test_without_mfa_the_text_by_sms_belongs_to_the_pool(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/mfa-message")
    assert page.value("mfa_email_message") is None
    await visitor.press(page, "Save changes", mfa_sms_message="New {####}")

    assert (await service.pool(pool_id))["SmsAuthenticationMessage"] == "New {####}"


async def test_sms_settings_are_added_and_removed(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/sms")
    page = await visitor.press(page, "Save changes", sms_role=ROLE)
    assert (await service.pool(pool_id))["SmsConfiguration"]["SnsCallerArn"] == ROLE
    page = await visitor.open(f"/console/pools/{pool_id}/edit/sms")
    await visitor.press(page, "Save changes", sms_role="")

    assert "SmsConfiguration" not in await service.pool(pool_id)


async def test_custom_attributes_are_added(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/custom-attributes")
    assert (await visitor.press(page, "Save changes")).errors == ["Add at least one attribute."]
    row = {
        "custom_name": ["team"],
        "custom_type": ["String"],
        "custom_min": [""],
        "custom_max": ["9"],
        "custom_mutable": ["no"],
    }
    page = await visitor.press(page, "Save changes", **row)
    assert "custom:team" in page.text

    again = await visitor.press(
        await visitor.open(f"/console/pools/{pool_id}/edit/custom-attributes"), "Save changes", **row
    )

    assert again.errors == ["custom:team: Existing attribute already has name custom:team."]
    assert again.value("custom_name") == "team"


async def test_what_the_api_refuses_is_said_beside_the_field(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/verification")
    page = await visitor.press(page, "Save changes", verified=["phone_number"])

    assert page.status == 422
    assert page.errors == ["SMS configuration is required when phone_number is selected for auto verification"]
    assert page.values("verified") == ["phone_number"]


async def test_a_configuration_set_is_kept_for_the_mail_server(visitor: Visitor, service: Service) -> None:
    pool_id = await a_rich_pool(service)
    page = await visitor.open(f"/console/pools/{pool_id}/edit/email")
    page = await visitor.press(page, "Save changes", configuration_set="set-1")

    assert page.status != 422
    assert (await service.pool(pool_id))["EmailConfiguration"]["ConfigurationSet"] == "set-1"


async def test_a_section_that_is_none_is_not_found(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]

    assert (await visitor.open(f"/console/pools/{pool_id}/edit/nothing")).status == 404


# Protection and the end


async def test_deletion_protection_is_switched_on_and_off(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(UserPoolTags={"a": "b"}))["Id"]
    before = await everything(service, pool_id)
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/properties"), "Activate")
    assert difference(before, await everything(service, pool_id)) == {"DeletionProtection": "ACTIVE"}
    await visitor.press(page, "Deactivate")

    assert difference(before, await everything(service, pool_id)) == {}


async def test_a_pool_is_deleted_by_its_name_typed_out(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.press(await visitor.open(f"/console/pools/{pool_id}/properties"), "Delete user pool")
    refused = await visitor.press(page, "Delete user pool", confirmation="Team")
    assert (refused.status, "What you typed is not the name" in refused.text) == (422, True)

    done = await visitor.press(page, "Delete user pool", confirmation="team")

    assert (done.title, "User pool team was deleted." in done.text) == ("User pools", True)
    assert (await service("ListUserPools", MaxResults=60))["UserPools"] == []


async def test_a_domain_and_a_protection_go_only_when_that_is_ticked(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool(DeletionProtection="ACTIVE"))["Id"]
    await service("CreateUserPoolDomain", UserPoolId=pool_id, Domain="team-sso")
    page = await visitor.open(f"/console/pools/{pool_id}/delete")
    for ticked in ({}, {"domains": "on"}, {"unprotect": "on"}):
        refused = await visitor.press(page, "Delete user pool", confirmation="team", **ticked)
        assert refused.status == 422
    assert (await service.pool(pool_id))["Domain"] == "team-sso"

    await visitor.press(page, "Delete user pool", confirmation="team", domains="on", unprotect="on")

    assert (await service("ListUserPools", MaxResults=60))["UserPools"] == []


async def test_a_deletion_that_stops_half_way_says_what_is_gone(
    flow: Flow, api: Api, html: Html, administrator: str, service: Service
) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service("CreateUserPoolDomain", UserPoolId=pool_id, Domain="team-sso")
    async with visiting(flow, without(api, "DeleteUserPool"), html, administrator) as visitor:
        page = await visitor.open(f"/console/pools/{pool_id}/delete")
        page = await visitor.press(page, "Delete user pool", confirmation="team", domains="on")

    assert "Gone already: the domain team-sso." in page.text


# Messages


async def test_a_development_server_shows_what_was_written_to_people(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service.a_user(pool_id, MessageAction=None)
    page = await visitor.open(f"/console/pools/{pool_id}/messaging")

    assert "ada@example.com Email Waiting Invitation" in page.text
    assert "Your username is ada@example.com and temporary password is Temporary-1-pass." in page.text


async def test_a_message_that_was_sent_is_shown_as_html_in_a_frame_where_nothing_runs(
    visitor: Visitor, service: Service, flow: Flow, api: Api, html: Html
) -> None:
    pool_id, other_id = (await service.a_pool())["Id"], (await service.a_pool())["Id"]
    await service.a_user(pool_id, MessageAction=None)
    page = await visitor.open(f"/console/pools/{pool_id}/messaging")
    found = re.search(r'<iframe [^>]*src="([^"]+)"[^>]* sandbox="">', page.reply.text)
    assert found is not None
    framed = await visitor.open(found[1])

    assert "Temporary-1-pass" in framed.text
    policy = framed.reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith("sandbox")
    assert "frame-src 'self'" in page.reply.headers["content-security-policy"]
    assert 404 == (await visitor.open(found[1].replace(pool_id, other_id))).status
    production = msgspec.structs.replace(flow, config=msgspec.structs.replace(flow.config, development=False))
    async with visiting(production, api, html, "admin@example.com") as other:
        assert 404 == (await other.open(found[1])).status


async def test_no_other_server_shows_messages(
    visitor: Visitor, flow: Flow, api: Api, html: Html, service: Service
) -> None:
    pool_id = (await service.a_pool())["Id"]
    await service.a_user(pool_id, MessageAction=None)
    config = msgspec.structs.replace(flow.config, development=False)
    production = msgspec.structs.replace(flow, config=config)
    async with visiting(production, api, html, "admin@example.com") as other:
        page = await other.open(f"/console/pools/{pool_id}/messaging")

    assert "Message templates" in page.text
    assert "Temporary-1-pass" not in page.reply.text
    assert "Recent messages" not in page.text


# Access keys


async def test_an_access_key_is_shown_once_and_works(visitor: Visitor, flow: Flow) -> None:
    page = await visitor.press(await visitor.open("/console/access-keys"), "Create access key", name="ci")
    found = re.search(r'value="(AKIA[A-Z2-7]{16})"', page.reply.text)
    assert found is not None
    key = await access_keys.find(flow, found[1])

    assert key is not None
    assert (EVERYTHING, None, None) == (key.policy, key.token, key.expires_at)
    assert f'data-secret="{key.secret.reveal()}"' in page.reply.text
    assert key.secret.reveal() not in (await visitor.open("/console/access-keys")).reply.text


async def test_an_access_key_may_do_less_and_end(visitor: Visitor, flow: Flow) -> None:
    page = await visitor.press(
        await visitor.open("/console/access-keys"), "Create access key", name="ci", lifetime="3600",
        operations="AdminGet*\r\ncognito-idp:ListUsers", pools="us-east-1_AbCdEfGhI",
    )  # fmt: skip
    secrets = re.findall(r'data-secret="([^"]+)"', page.reply.text)
    (stored,) = await access_keys.list_all(flow)

    assert (("AdminGet*", "ListUsers"), ("us-east-1_AbCdEfGhI",)) == (stored.operations, stored.pools)
    assert flow.clock.now() + 3600 == stored.expires_at
    assert seal.digest(secrets[1]) == stored.token
    again = await visitor.open("/console/access-keys")
    assert ("AdminGet*" in again.text, "us-east-1_AbCdEfGhI" in again.text, "Temporary" in again.text) == (True,) * 3
    assert not [secret for secret in secrets if secret in again.reply.text]


@pytest.mark.parametrize(
    ("filled", "error"),
    [
        ({"operations": "AdminGet* Dance"}, "There is no operation Dance."),
        ({"operations": "s3:*"}, "There is no operation s3:*."),
        ({"pools": "photos"}, "photos is not the id of a user pool, such as us-east-1_AbCdEfGhI."),
    ],
)
async def test_a_policy_that_is_none_makes_no_key(
    visitor: Visitor, flow: Flow, filled: dict[str, str], error: str
) -> None:
    page = await visitor.press(await visitor.open("/console/access-keys"), "Create access key", name="ci", **filled)

    assert [error] == page.errors
    assert [] == await access_keys.list_all(flow)


async def test_an_access_key_is_listed_without_its_secret_and_deleted(visitor: Visitor, flow: Flow) -> None:
    made = await access_keys.mint(flow, "ci")
    page = await visitor.open("/console/access-keys")
    assert (made.key.id in page.text, made.secret.reveal() in page.reply.text) == (True, False)
    page = await visitor.press(page, "Delete")

    assert f"Access key {made.key.id} was deleted." in page.text
    assert await access_keys.find(flow, made.key.id) is None


async def test_an_access_key_that_is_none_is_not_found(visitor: Visitor) -> None:
    proof = (await visitor.open("/console/access-keys")).value("csrf") or ""

    assert (await visitor.post("/console/access-keys/delete", [("csrf", proof), ("key_id", "x")])).status_code == 404


async def test_an_access_key_has_a_name(visitor: Visitor) -> None:
    page = await visitor.press(await visitor.open("/console/access-keys"), "Create access key", name=" ")

    assert page.errors == ["Enter a name for the access key."]
