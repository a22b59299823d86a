"""Create user pool: six steps, one draft, and a run that leaves nothing half done."""

import asyncio

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock, Secret
from poolhouse.kit.html import Html
from poolhouse.pool.api.dispatch import Api
from poolhouse.pool.console.wizard.steps import STEPS
from poolhouse.pool.flows import admins
from poolhouse.pool.flows.context import Flow
from tests.console.browser import Page, Visitor
from tests.console.conftest import Service, visiting

Answers = dict[str, str | list[str]]


async def begin(visitor: Visitor) -> Page:
    return await visitor.press(await visitor.open("/console/pools"), "Create user pool")


async def through(visitor: Visitor, **answers: Answers) -> Page:
    """The guide's way to the review; *answers* by step say what is different."""
    page = await begin(visitor)
    page = await visitor.press(page, "Next", **{"options": ["email"], **answers.get("sign_in", {})})
    page = await visitor.press(page, "Next", **answers.get("security", {}))
    page = await visitor.press(page, "Next", **answers.get("sign_up", {}))
    page = await visitor.press(page, "Next", **answers.get("delivery", {}))
    app: Answers = {"pool_name": "team", "client_name": "house", "secret": "generate", **answers.get("app", {})}
    return await visitor.press(page, "Next", **app)


async def create(visitor: Visitor, service: Service, **answers: Answers) -> tuple[str, Page]:
    """The whole way; the id of the pool."""
    page = await visitor.press(await through(visitor, **answers), "Create user pool")
    pools = (await service("ListUserPools", MaxResults=60))["UserPools"]
    assert page.title == "User pools", page.text
    return pools[0]["Id"], page


async def the_client(service: Service, pool_id: str) -> dict[str, object]:
    listed = (await service("ListUserPoolClients", UserPoolId=pool_id))["UserPoolClients"]
    return await service.client(pool_id, listed[0]["ClientId"])


# The guide


async def test_the_steps_have_the_names_that_guides_print(visitor: Visitor) -> None:
    page = await begin(visitor)
    titles = [page.title]
    for answers in ({"options": ["email"]}, {}, {}, {}, {"pool_name": "team", "client_name": "house"}):
        page = await visitor.press(page, "Next", **answers)
        titles.append(page.title)

    assert titles == [step.title for step in STEPS]
    assert titles == [
        "Configure sign-in experience", "Configure security requirements", "Configure sign-up experience",
        "Configure message delivery", "Integrate your app", "Review and create",
    ]  # fmt: skip


async def test_what_the_guide_chooses_makes_a_pool_that_people_can_use(visitor: Visitor, service: Service) -> None:
    pool_id, page = await create(visitor, service)
    pool = await service.pool(pool_id)
    client = await the_client(service, pool_id)

    assert "User pool team was created." in page.text
    assert page.link("team") == f"/console/pools/{pool_id}"
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["MfaConfiguration"] == "OFF"
    assert pool["EmailConfiguration"] == {"EmailSendingAccount": "COGNITO_DEFAULT"}
    assert pool["AccountRecoverySetting"] == {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]}
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert [each["Name"] for each in pool["SchemaAttributes"] if each["Required"]] == ["sub", "email"]
    assert client["ClientName"] == "house"
    assert client["ClientSecret"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["TokenValidityUnits"] == {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"}


async def test_the_pool_is_made_in_the_region_that_was_chosen(visitor: Visitor, service: Service) -> None:
    await visitor.open("/console/pools?region=eu-central-1")
    page = await visitor.press(await through(visitor), "Create user pool")

    assert (await service("ListUserPools", MaxResults=60))["UserPools"] == []
    found = (await service("ListUserPools", "eu-central-1", MaxResults=60))["UserPools"]
    assert page.link("team") == f"/console/pools/{found[0]['Id']}"


async def test_another_region_chosen_meanwhile_does_not_move_the_draft(visitor: Visitor, service: Service) -> None:
    page = await through(visitor)
    await visitor.open("/console/pools?region=eu-central-1")
    await visitor.press(page, "Create user pool")

    assert len((await service("ListUserPools", MaxResults=60))["UserPools"]) == 1


# Every choice arrives


async def test_user_names_with_aliases(visitor: Visitor, service: Service) -> None:
    chosen: Answers = {"options": ["username", "email"], "preferred": "on", "case_sensitive": "on"}
    pool_id, _ = await create(visitor, service, sign_in=chosen)
    pool = await service.pool(pool_id)

    assert pool["AliasAttributes"] == ["email", "preferred_username"]
    assert "UsernameAttributes" not in pool
    assert pool["UsernameConfiguration"] == {"CaseSensitive": True}


async def test_security_requirements(visitor: Visitor, service: Service) -> None:
    chosen: Answers = {
        "policy_mode": "custom", "min_length": "12", "require": ["numbers", "uppercase"], "temporary_days": "3",
        "history": "5", "mfa": "OPTIONAL", "methods": ["totp"], "recovery_by": "email_sms",
    }  # fmt: skip
    pool_id, _ = await create(visitor, service, security=chosen)
    pool = await service.pool(pool_id)
    mfa = await service("GetUserPoolMfaConfig", UserPoolId=pool_id)

    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 12, "RequireNumbers": True, "RequireUppercase": True, "RequireLowercase": False,
        "RequireSymbols": False, "TemporaryPasswordValidityDays": 3, "PasswordHistorySize": 5,
    }  # fmt: skip
    assert mfa == {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    assert [each["Name"] for each in pool["AccountRecoverySetting"]["RecoveryMechanisms"]] == [
        "verified_email", "verified_phone_number",
    ]  # fmt: skip


async def test_sign_up_experience(visitor: Visitor, service: Service) -> None:
    chosen: Answers = {
        "self_sign_up": [], "verified": ["email"], "keep": [], "required": ["email", "given_name"],
        "custom_name": ["team", "badge", ""], "custom_type": ["String", "Number", "String"],
        "custom_min": ["1", "", ""], "custom_max": ["20", "99", ""], "custom_mutable": ["yes", "no", "yes"],
    }  # fmt: skip
    pool_id, _ = await create(visitor, service, sign_up=chosen)
    pool = await service.pool(pool_id)
    by_name = {each["Name"]: each for each in pool["SchemaAttributes"]}

    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert "UserAttributeUpdateSettings" not in pool
    assert by_name["given_name"]["Required"] is True
    assert by_name["custom:team"]["StringAttributeConstraints"] == {"MinLength": "1", "MaxLength": "20"}
    assert by_name["custom:badge"]["NumberAttributeConstraints"] == {"MaxValue": "99"}
    assert by_name["custom:badge"]["Mutable"] is False


async def test_message_delivery_by_ses(visitor: Visitor, service: Service) -> None:
    chosen: Answers = {
        "provider": "ses", "ses_region": "eu-west-1", "from_address": "team@example.com", "from_name": "The team",
        "reply_to": "help@example.com",
    }  # fmt: skip
    pool_id, _ = await create(visitor, service, delivery=chosen)

    assert (await service.pool(pool_id))["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": "arn:aws:ses:eu-west-1:000000000000:identity/team@example.com",
        "From": "The team <team@example.com>",
        "ReplyToEmailAddress": "help@example.com",
    }


async def test_text_messages_are_asked_about_only_where_they_are_used(visitor: Visitor, service: Service) -> None:
    page = await begin(visitor)
    for answers in ({"options": ["email"]}, {}, {}):
        page = await visitor.press(page, "Next", **answers)
    assert "SNS Region" not in page.text

    role = "arn:aws:iam::123456789012:role/sms"
    page = await visitor.press(page, "Previous")
    page = await visitor.press(page, "Next", verified=["email", "phone_number"])
    assert "SNS Region" in page.text
    page = await visitor.press(page, "Next")
    assert page.errors == ["Enter an ARN."]
    page = await visitor.press(page, "Next", sms_role=role, sms_external_id="x-1", sms_region="eu-west-1")
    page = await visitor.press(page, "Next", pool_name="team", client_name="house")
    await visitor.press(page, "Create user pool")

    pool_id = (await service("ListUserPools", MaxResults=60))["UserPools"][0]["Id"]
    assert (await service.pool(pool_id))["SmsConfiguration"] == {
        "SnsCallerArn": role, "ExternalId": "x-1", "SnsRegion": "eu-west-1",
    }  # fmt: skip


async def test_the_app_client_with_hosted_pages_and_advanced_settings(visitor: Visitor, service: Service) -> None:
    chosen: Answers = {
        "hosted": "on", "domain_type": "cognito", "prefix": "team-sso", "app_type": "confidential",
        "callback_urls": ["https://a.example/cb", "http://localhost:3000/cb"], "logout_urls": ["https://a.example/bye"],
        "scopes": ["openid", "profile"], "refresh": "12", "refresh_unit": "hours", "access": "10", "id": "1",
        "id_unit": "hours", "session_minutes": "15", "revocation": [], "prevent": [], "permissions": "custom",
        "read": ["email", "name"], "write": ["email", "name"], "tag_key": ["stage", ""], "tag_value": ["test", ""],
    }  # fmt: skip
    pool_id, _ = await create(visitor, service, app=chosen)
    pool, client = await service.pool(pool_id), await the_client(service, pool_id)

    assert pool["Domain"] == "team-sso"
    assert pool["UserPoolTags"] == {"stage": "test"}
    expected = {
        "CallbackURLs": ["https://a.example/cb", "http://localhost:3000/cb"], "LogoutURLs": ["https://a.example/bye"],
        "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "profile"],
        "AllowedOAuthFlowsUserPoolClient": True, "SupportedIdentityProviders": ["COGNITO"],
        "RefreshTokenValidity": 12, "AccessTokenValidity": 10, "IdTokenValidity": 1,
        "TokenValidityUnits": {"RefreshToken": "hours", "AccessToken": "minutes", "IdToken": "hours"},
        "AuthSessionValidity": 15, "EnableTokenRevocation": False, "PreventUserExistenceErrors": "LEGACY",
        "ReadAttributes": ["email", "name"], "WriteAttributes": ["email", "name"],
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }  # fmt: skip
    assert expected == {name: client.get(name) for name in expected}


async def test_a_public_client_with_flows_of_its_own(visitor: Visitor, service: Service) -> None:
    chosen: Answers = {
        "secret": "none", "app_type": "other", "flows_mode": "custom", "flows": ["ALLOW_CUSTOM_AUTH"]
    }  # fmt: skip
    pool_id, _ = await create(visitor, service, app=chosen)
    client = await the_client(service, pool_id)

    assert "ClientSecret" not in client
    assert client["ExplicitAuthFlows"] == ["ALLOW_CUSTOM_AUTH"]


# What is wrong is said where it is


@pytest.mark.parametrize(
    ("step", "answers", "error"),
    [
        (1, {"options": []}, "Choose at least one."),
        (2, {"policy_mode": "custom", "min_length": "5"}, "Enter a whole number from 6 to 99."),
        (2, {"policy_mode": "custom", "temporary_days": "x"}, "Enter a whole number from 1 to 365."),
        (2, {"policy_mode": "custom", "history": "25"}, "Enter a whole number from 0 to 24."),
        (2, {"mfa": "ON", "methods": []}, "Choose at least one method."),
        (2, {"mfa": "nonsense"}, "Choose one."),
        (2, {"recovery_by": "pigeon"}, "Choose one."),
        (3, {"verified": []}, "Choose what to verify, or let nothing be verified."),
        (3, {"kept": ["phone_number"]}, "Only an attribute that is verified above can be kept until its new value is verified."),
        (3, {"custom_name": ["a" * 21]}, "A name has at most 20 characters and no blanks."),
        (3, {"custom_name": ["a"], "custom_min": ["9"], "custom_max": ["3"]}, "The minimum is above the maximum."),
        (4, {"provider": "ses"}, "Enter an email address."),
        (4, {"reply_to": "nobody"}, "That is not an email address."),
        (4, {"provider": "carrier"}, "Choose one."),
        (5, {"pool_name": ""}, "Enter a name for the user pool."),
        (5, {"pool_name": "a/b"}, "Use letters, digits, spaces and + = , . @ - _ only."),
        (5, {"client_name": "x" * 129}, "Use at most 128 characters."),
        (5, {"app_type": "other"}, "For an app of the type Other, choose the flows."),
        (5, {"flows_mode": "custom", "flows": []}, "Choose at least one flow."),
        (5, {"session_minutes": "2"}, "Enter a whole number from 3 to 15."),
        (5, {"access": "2", "access_unit": "minutes"}, "Enter from 5 minutes to 1 day."),
        (5, {"refresh": "59", "refresh_unit": "minutes"}, "Enter from 60 minutes to 3650 days."),
        (5, {"refresh": "1", "refresh_unit": "hours", "access": "2", "access_unit": "hours"}, "It may not hold longer than the refresh token."),
        (5, {"hosted": "on"}, "Enter a domain prefix."),
        (5, {"hosted": "on", "prefix": "My App"}, "Use lowercase letters, digits and hyphens, at most 63 of them, no hyphen at either end."),
        (5, {"hosted": "on", "prefix": "my-aws"}, "A prefix may not contain aws."),
        (5, {"hosted": "on", "prefix": "x"}, "Add the URL that people return to after they have signed in."),
        (5, {"hosted": "on", "prefix": "x", "callback_urls": ["app.example/cb"]}, "Enter a whole URL, such as https://app.example.com/callback."),
        (5, {"hosted": "on", "prefix": "x", "callback_urls": ["http://app.example/cb"]}, "Use https: plain http is for localhost only."),
        (5, {"hosted": "on", "prefix": "x", "callback_urls": ["https://a.example/#x"]}, "A URL here has no part after a #."),
        (5, {"hosted": "on", "domain_type": "custom", "host": "localhost", "callback_urls": ["https://a.example/"]}, "Enter a host name in lowercase, such as auth.example.com, of at most 63 characters."),
        (5, {"permissions": "custom", "read": ["email"], "write": ["name"]}, "The pool requires email, so the app must be able to write it."),
        (5, {"tag_key": ["aws:x"], "tag_value": ["y"]}, "Keys that begin with aws: are reserved."),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_beside_its_field(
    visitor: Visitor, step: int, answers: Answers, error: str
) -> None:
    page = await begin(visitor)
    right: list[Answers] = [{"options": ["email"]}, {}, {}, {}, {"pool_name": "team", "client_name": "house"}]
    for number in range(step - 1):
        page = await visitor.press(page, "Next", **right[number])
    rows = {"custom_type": ["String"], "custom_min": [""], "custom_max": [""], "custom_mutable": ["yes"]}
    given = {**right[step - 1], **(rows if "custom_name" in answers else {}), **answers}

    again = await visitor.press(page, "Next", **given)

    assert again.status == 422
    assert again.title == STEPS[step - 1].title
    assert error in again.errors
    assert "This step is not complete" in again.text


async def test_what_was_typed_wrong_is_still_there(visitor: Visitor) -> None:
    page = await through(visitor, app={"pool_name": "a/b", "access": "2", "refresh_unit": "hours"})

    assert ("a/b", "2", "hours") == (page.value("pool_name"), page.value("access"), page.value("refresh_unit"))


async def test_blanks_around_a_name_are_removed_and_said(visitor: Visitor, service: Service) -> None:
    page = await through(visitor, app={"pool_name": "  team ", "client_name": "house\t"})

    assert "Blanks around team, house were removed." in page.text
    await visitor.press(page, "Create user pool")
    assert (await service("ListUserPools", MaxResults=60))["UserPools"][0]["Name"] == "team"


# To and fro


async def test_previous_keeps_what_was_typed_even_where_it_is_not_right_yet(visitor: Visitor) -> None:
    page = await begin(visitor)
    page = await visitor.press(page, "Next", options=["email"])
    page = await visitor.press(page, "Previous", policy_mode="custom", min_length="5")
    assert page.title == STEPS[0].title
    page = await visitor.press(page, "Next")

    assert (page.title, page.value("min_length")) == (STEPS[1].title, "5")
    assert (await visitor.press(page, "Next")).errors == ["Enter a whole number from 6 to 99."]


async def test_a_step_that_was_emptied_stays_empty(visitor: Visitor) -> None:
    page = await begin(visitor)
    for answers in ({"options": ["email"]}, {}):
        page = await visitor.press(page, "Next", **answers)
    page = await visitor.press(page, "Next", self_sign_up=[], verify=[], verified=[], keep=[], kept=[], required=[])
    page = await visitor.press(page, "Previous")

    assert (page.title, page.value("self_sign_up"), page.values("required")) == (STEPS[2].title, None, [])


async def test_each_step_can_be_edited_from_the_review_and_leads_back_to_it(visitor: Visitor) -> None:
    page = await through(visitor)
    edits = [form for form in page.forms if any(button.label == "Edit" for button in form.buttons)]
    assert len(edits) == 5

    step = await visitor.open(edits[4].action + "?review=1")
    page = await visitor.press(step, "Save changes", pool_name="other")

    assert page.title == "Review and create"
    assert "other" in page.text


async def test_a_step_that_is_made_wrong_from_the_review_stays(visitor: Visitor) -> None:
    page = await through(visitor)
    step = await visitor.open(page.forms[-2].action + "?review=1")

    assert (await visitor.press(step, "Save changes", pool_name="")).title == "Integrate your app"


async def test_an_edit_that_breaks_a_later_step_is_said_in_the_review(visitor: Visitor, service: Service) -> None:
    page = await through(visitor)
    second = [form for form in page.forms if form.buttons and form.buttons[0].label == "Edit"][1]
    step = await visitor.open(second.action + "?review=1")
    page = await visitor.press(step, "Save changes", mfa="ON", methods=["email"])
    assert "This step does not fit the others any more" in page.text

    page = await visitor.press(page, "Create user pool")

    assert (page.status, page.title) == (422, "Review and create")
    assert (await service("ListUserPools", MaxResults=60))["UserPools"] == []


async def test_nothing_is_written_before_the_first_step_is_sent(visitor: Visitor, flow: Flow) -> None:
    page = await begin(visitor)
    session = await admins.find_session(flow, visitor.web.cookies["__Host-poolhouse_console"])

    assert session is not None
    assert await admins.find_draft(flow, session, page.url.path.split("/")[4]) is None


@pytest.mark.parametrize("slug", [step.slug for step in STEPS[1:]])
async def test_no_step_is_reached_before_the_ones_before_it(visitor: Visitor, slug: str) -> None:
    page = await begin(visitor)
    page = await visitor.press(page, "Next", options=["email"])
    ahead = await visitor.open(f"/console/pools/create/{page.url.path.split('/')[4]}/{slug}")

    assert ahead.title == "Configure security requirements"


async def test_cancel_throws_the_draft_away(visitor: Visitor) -> None:
    page = await through(visitor)
    assert (await visitor.press(page, "Cancel")).title == "User pools"

    back = await visitor.open(page.url.path)

    assert back.title == STEPS[0].title
    assert "That draft is not there any more" in back.text


async def test_a_draft_is_kept_for_a_session_and_no_longer(visitor: Visitor, clock: FixedClock) -> None:
    page = await through(visitor)
    clock.advance(admins.SESSION_SECONDS)
    again = await visitor.open("/console")
    await visitor.press(again, "Sign in", email="admin@example.com", password="A-long-password-1")

    assert (await visitor.open(page.url.path)).title == STEPS[0].title


async def test_the_draft_of_one_administrator_is_nothing_to_another(
    visitor: Visitor, flow: Flow, api: Api, html: Html
) -> None:
    page = await through(visitor)
    await admins.set_password(flow, "other@example.com", Secret("A-long-password-2"))
    async with visiting(flow, api, html, "other@example.com", "A-long-password-2") as other:
        seen = await other.open(page.url.path)
        await other.press(await other.open(page.url.path.rpartition("/")[0] + "/" + STEPS[0].slug), "Next")

    assert seen.title == STEPS[0].title
    assert (await visitor.open(page.url.path)).title == "Review and create"


@pytest.mark.parametrize("path", ["x/sign-in-experience", "A" * 22 + "/no-such-step", "%00" * 22 + "/review"])
async def test_an_address_that_is_no_draft_is_not_found(visitor: Visitor, path: str) -> None:
    assert (await visitor.open(f"/console/pools/create/{path}")).status == 404


async def test_pressed_twice_creates_once(visitor: Visitor, service: Service) -> None:
    page = await through(visitor)
    proof = [("csrf", page.value("csrf") or ""), ("go", "create")]
    replies = await asyncio.gather(*(visitor.post(page.url.path, proof) for _ in range(5)))

    assert {reply.status_code for reply in replies} == {303}
    assert len((await service("ListUserPools", MaxResults=60))["UserPools"]) == 1


# All or nothing


async def test_a_domain_that_is_taken_takes_everything_back(visitor: Visitor, service: Service) -> None:
    other = await service.a_pool(PoolName="first")
    await service("CreateUserPoolDomain", UserPoolId=other["Id"], Domain="team-sso")
    hosted: Answers = {"hosted": "on", "prefix": "team-sso", "callback_urls": ["https://a.example/cb"]}

    page = await visitor.press(await through(visitor, app=hosted), "Create user pool")

    assert (page.status, page.title) == (422, "Review and create")
    assert "Creating the domain was refused: Domain already associated with another user pool." in page.text
    assert "Nothing was created, and your choices are kept." in page.text
    assert [each["Name"] for each in (await service("ListUserPools", MaxResults=60))["UserPools"]] == ["first"]


async def test_the_draft_outlives_a_refusal_and_can_be_mended(visitor: Visitor, service: Service) -> None:
    other = await service.a_pool(PoolName="first")
    await service("CreateUserPoolDomain", UserPoolId=other["Id"], Domain="team-sso")
    hosted: Answers = {"hosted": "on", "prefix": "team-sso", "callback_urls": ["https://a.example/cb"]}
    page = await visitor.press(await through(visitor, app=hosted), "Create user pool")
    step = await visitor.open(page.forms[-2].action + "?review=1")
    page = await visitor.press(step, "Save changes", prefix="team-two")

    assert (await visitor.press(page, "Create user pool")).title == "User pools"
    names = {each["Name"]: each["Id"] for each in (await service("ListUserPools", MaxResults=60))["UserPools"]}
    assert (await service.pool(names["team"]))["Domain"] == "team-two"


@pytest.mark.parametrize(
    ("missing", "what"),
    [
        ("CreateUserPool", "Creating the user pool"),
        ("CreateUserPoolClient", "Creating the app client"),
        ("CreateUserPoolDomain", "Creating the domain"),
        ("SetUserPoolMfaConfig", "Setting up multi-factor authentication"),
    ],
)
async def test_whatever_is_refused_nothing_is_left(
    flow: Flow, api: Api, html: Html, administrator: str, service: Service, missing: str, what: str
) -> None:
    lacking = without(api, missing)
    async with visiting(flow, lacking, html, administrator) as visitor:
        page = await visitor.press(await through(visitor, **_everything()), "Create user pool")

    assert f"{what} was refused: {missing} is not available on this server." in page.text
    assert "Nothing was created" in page.text
    assert (await service("ListUserPools", MaxResults=60))["UserPools"] == []


async def test_what_cannot_be_taken_back_is_named(
    flow: Flow, api: Api, html: Html, administrator: str, service: Service
) -> None:
    lacking = without(api, "SetUserPoolMfaConfig", "DeleteUserPool")
    async with visiting(flow, lacking, html, administrator) as visitor:
        page = await visitor.press(await through(visitor, **_everything()), "Create user pool")
    pool = (await service("ListUserPools", MaxResults=60))["UserPools"][0]

    assert "It could not be taken back in full." in page.text
    assert f"This exists now: user pool team ({pool['Id']}), app client house." in page.text
    assert "Domain" not in await service.pool(pool["Id"])


def _everything() -> dict[str, Answers]:
    return {
        "security": {"mfa": "ON", "methods": ["totp"]},
        "app": {"hosted": "on", "prefix": "team-sso", "callback_urls": ["https://a.example/cb"]},
    }


def without(api: Api, *names: str) -> Api:
    """A server that has not got these operations."""
    kept = {name: each for name, each in api.operations.items() if name not in names}
    return msgspec.structs.replace(api, operations=kept)
