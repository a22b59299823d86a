"""Forms to request bodies and back: what a form says is what the API is told, and what is shown says it again."""

from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.console.form import Form, merged, of, read, row_problems, said_trimmed
from poolhouse.pool.console.paths import href, local, of_pool
from poolhouse.pool.console.refusals import placed
from poolhouse.pool.console.settings import (
    client,
    domain,
    email,
    hosted_ui,
    messages,
    mfa,
    pairs,
    password,
    permissions,
    recovery,
    schema,
    sign_in,
    sign_up,
    sms,
    validity,
)
from poolhouse.pool.console.users import body as user_body
from poolhouse.pool.console.users import check as check_user
from poolhouse.pool.console.users import filter_of
from poolhouse.pool.core.search import parse
from poolhouse.pool.model.search import Filter
from poolhouse.pool.spec.errors import CognitoError
from poolhouse.pool.spec.limits import check, refusal

# Forms


def test_blanks_around_a_value_are_not_the_value() -> None:
    form = read("a=+x+&b=%09y&c=z&password=+secret+")

    assert (form.text("a"), form.text("b"), form.verbatim("password")) == ("x", "y", " secret ")
    assert said_trimmed(form) == "Blanks around x, y were removed."
    assert said_trimmed(of(a="x", password=" p ")) == ""


def test_of_many_values_that_lost_blanks_three_are_named() -> None:
    assert said_trimmed(of(a=[f" {n} " for n in "12345"])) == "Blanks around 1, 2, 3 and 2 more were removed."


def test_lines_end_in_one_way() -> None:
    assert read("email_message=a%0D%0Ab").verbatim("email_message") == "a\nb"


def test_rows_keep_their_places_and_lists_lose_what_is_empty() -> None:
    form = read("k=a&k=&k=+a+&k=b")

    assert form.column("k") == ("a", "", "a", "b")
    assert form.every("k") == ("a", "b")


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), (" 12 ", 12), ("", None), ("-1", None), ("1.5", None), ("\u0663", None), ("9" * 10, None)],
)
def test_a_number_is_digits_and_nothing_else(text: str, number: int | None) -> None:
    assert of(n=text).number("n") == number


def test_problems_of_rows_are_numbered() -> None:
    assert row_problems({"tag:0": "a", "tag:2": "b", "tag": "c", "scope:1": "d"}, "tag") == {0: "a", 2: "b"}


# Addresses


@pytest.mark.parametrize("target", ["/console", "/console/pools?q=a+b&page=2", "/console/pools/us-east-1_a/users"])
def test_pages_of_the_console_may_be_returned_to(target: str) -> None:
    assert local(target) == target


@given(st.text(max_size=40))
def test_no_text_leads_away_from_the_console(text: str) -> None:
    for target in (local(text), local("/console" + text), local("/console/" + text)):
        assert target == "/console" or target.startswith(("/console/", "/console?"))
        assert not set(target) & set("\\\t\r\n ")


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_in_an_address_do_not_change_its_path(part: str, value: str) -> None:
    address = of_pool("us-east-1_a", "users", part, name=value)

    assert address.partition("?")[0].count("/") == 5
    assert address.isascii()
    assert address.isprintable()
    assert href("/console", name="") == "/console"


# Errors of the API


def test_violations_are_put_beside_their_fields_in_plain_words() -> None:
    error = refusal(check("CreateUserPool", {"PoolName": "a/b", "Policies": {"PasswordPolicy": {"MinimumLength": 5}}}))
    fields = {"poolName": "pool_name", "policies.passwordPolicy.minimumLength": "min_length"}

    assert placed(error, fields) == {
        "pool_name": "Some characters are not allowed here. Allowed: [\\w\\s+=,.@-]+",
        "min_length": "Enter 6 or more.",
    }


def test_a_violation_without_a_field_is_about_the_form() -> None:
    error = refusal(check("CreateUserPool", {"PoolName": "x" * 129}))

    assert placed(error, {}) == {"": "poolName: Use at most 128 characters."}
    assert placed(error, {"poolName": "pool_name"}) == {"pool_name": "Use at most 128 characters."}


def test_a_missing_value_reads_as_one() -> None:
    assert placed(refusal(check("CreateUserPool", {})), {"poolName": "n"}) == {"n": "Fill this in."}
    assert placed(refusal(check("CreateUserPool", {"PoolName": ""})), {"poolName": "n"}) == {"n": "Fill this in."}


def test_a_message_that_names_a_member_is_about_that_field() -> None:
    error = CognitoError("InvalidParameterException", "EmailConfiguration.ConfigurationSet is not supported.")
    fields = {"emailConfiguration.from": "from", "emailConfiguration.configurationSet": "set", error.code: "other"}

    assert placed(error, fields) == {"set": error.message}
    assert placed(CognitoError(error.code, "The name is wrong."), {"name": "name"}) == {"": "The name is wrong."}


def test_an_error_without_violations_is_placed_by_its_code() -> None:
    error = CognitoError("GroupExistsException", "A group with the name already exists.")

    assert placed(error, {"GroupExistsException": "name"}) == {"name": error.message}
    assert placed(error, {}) == {"": error.message}
    assert placed(CognitoError("TooManyRequestsException"), {}) == {"": "TooManyRequestsException"}


# Groups of settings


@pytest.mark.parametrize(
    ("options", "more", "expected"),
    [
        (["username"], {}, {}),
        (["username"], {"preferred": True}, {"AliasAttributes": ["preferred_username"]}),
        (["username", "email", "phone_number"], {}, {"AliasAttributes": ["email", "phone_number"]}),
        (["email"], {}, {"UsernameAttributes": ["email"]}),
        (["phone_number", "email"], {"preferred": True}, {"UsernameAttributes": ["email", "phone_number"]}),
    ],
)
def test_sign_in_options(options: list[str], more: dict[str, Any], expected: dict[str, Any]) -> None:
    body = sign_in.body(of(options=options, **more))

    assert body == {**expected, "UsernameConfiguration": {"CaseSensitive": False}}


def test_only_a_user_name_can_be_sensitive_to_case() -> None:
    assert sign_in.body(of(options=["email"], case_sensitive=True))["UsernameConfiguration"] == {"CaseSensitive": False}
    assert sign_in.body(of(options=["username"], case_sensitive=True))["UsernameConfiguration"]["CaseSensitive"] is True


POLICIES = st.fixed_dictionaries(
    {
        "MinimumLength": st.integers(6, 99),
        **{member: st.booleans() for _, member, _ in password.REQUIREMENTS},
        "TemporaryPasswordValidityDays": st.integers(1, 365),
    },
    optional={"PasswordHistorySize": st.integers(0, 24)},
)


@given(POLICIES)
def test_a_password_policy_that_is_shown_and_saved_is_the_same(policy: dict[str, Any]) -> None:
    form = password.filled(policy)

    assert password.check(form) == {}
    assert password.policy(form) == policy


def test_the_default_policy_ignores_what_stands_in_the_custom_fields() -> None:
    assert password.policy(of(policy_mode="defaults", min_length="50")) == password.DEFAULTS


@pytest.mark.parametrize(
    "current",
    [
        {"MfaConfiguration": "OFF"},
        {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
        {
            "MfaConfiguration": "OPTIONAL",
            "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Code {####}"},
            "EmailMfaConfiguration": {"Message": "Code {####}", "Subject": "Code"},
        },
        {"MfaConfiguration": "ON", "SmsMfaConfiguration": {}, "WebAuthnConfiguration": {"RelyingPartyId": "a.example"}},
    ],
)
def test_mfa_that_is_shown_and_saved_is_the_same(current: dict[str, Any]) -> None:
    assert mfa.body(mfa.filled(current), current) == current


def test_passkeys_stay_as_they_are_when_mfa_is_turned_off() -> None:
    passkeys = {"RelyingPartyId": "app.example"}
    current = {"MfaConfiguration": "ON", "WebAuthnConfiguration": passkeys}
    expected = {"MfaConfiguration": "OFF", "WebAuthnConfiguration": passkeys}
    assert expected == mfa.body(of(mfa="OFF", methods=[]), current)


def test_turning_mfa_off_sends_no_method() -> None:
    current = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}

    assert mfa.body(of(mfa="OFF", methods=["totp"]), current) == {"MfaConfiguration": "OFF"}


def test_the_text_of_codes_by_sms_survives_the_factor() -> None:
    body = mfa.body(of(mfa="ON", methods=["sms"]), {"MfaConfiguration": "OFF"}, "Code {####}")

    assert body["SmsMfaConfiguration"] == {"SmsAuthenticationMessage": "Code {####}"}


def test_methods_that_the_pool_contradicts_are_said() -> None:
    assert "methods" in mfa.check(of(mfa="ON", methods=["totp"]), has_sms=True)
    assert "methods" in mfa.check(of(mfa="ON", methods=["email"]), has_ses=False)
    assert mfa.check(of(mfa="ON", methods=["email"])) == {}


@pytest.mark.parametrize(
    "names", [["verified_email"], ["verified_phone_number"], ["verified_email", "verified_phone_number"],
              ["verified_phone_number", "verified_email"], ["admin_only"]],
)  # fmt: skip
def test_recovery_that_is_shown_and_saved_is_the_same(names: list[str]) -> None:
    setting = {"RecoveryMechanisms": [{"Priority": n, "Name": name} for n, name in enumerate(names, 1)]}

    assert recovery.setting(recovery.filled({"AccountRecoverySetting": setting})) == setting


def test_a_pool_that_never_said_how_recovers_by_sms_first() -> None:
    assert recovery.filled({}).text("recovery_by") == "sms_email"


@given(st.sets(st.sampled_from(["email", "phone_number"])), st.sets(st.sampled_from(["email", "phone_number"])))
def test_verification_that_is_shown_and_saved_is_the_same(verified: set[str], kept: set[str]) -> None:
    order = ["email", "phone_number"]
    pool: dict[str, Any] = {}
    if verified:
        pool["AutoVerifiedAttributes"] = [each for each in order if each in verified]
    if kept:
        pool["UserAttributeUpdateSettings"] = {
            "AttributesRequireVerificationBeforeUpdate": [each for each in order if each in kept]
        }
    saved = sign_up.verification(sign_up.filled(pool))

    assert {name: value for name, value in saved.items() if value is not None} == pool
    assert bool(sign_up.check(sign_up.filled(pool))) is not (kept <= verified)


def test_the_invitation_survives_self_registration() -> None:
    current = {"AllowAdminCreateUserOnly": True, "InviteMessageTemplate": {"EmailSubject": "Hello"}}

    assert sign_up.registration(of(self_sign_up=True), current) == {**current, "AllowAdminCreateUserOnly": False}


@pytest.mark.parametrize(
    "config",
    [
        {"EmailSendingAccount": "COGNITO_DEFAULT"},
        {"EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "a@b.example", "From": "x@y.example"},
        {
            "EmailSendingAccount": "DEVELOPER",
            "SourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
            "From": "The team <team@example.com>",
            "ReplyToEmailAddress": "help@example.com",
            "ConfigurationSet": "set-1",
        },
    ],
)
def test_email_that_is_shown_and_saved_is_the_same(config: dict[str, Any]) -> None:
    form = email.filled({"EmailConfiguration": config}, "us-east-1")

    assert email.check(form) == {}
    assert email.configuration(form, "000000000000") == config


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=30))
def test_a_sender_name_reads_back_as_it_was(name: str) -> None:
    name = " ".join(name.split())
    if set(name) & set("<>"):
        return

    assert parseaddr(email.mailbox(name, "a@b.example")) == (name, "a@b.example")


@pytest.mark.parametrize("name", ["a\nBcc: x@y.example", "a <b>", "\x00"])
def test_a_sender_name_that_would_break_a_header_is_refused(name: str) -> None:
    assert "from_name" in email.check(of(provider="cognito", from_address="a@b.example", from_name=name))


def test_sms_that_is_shown_and_saved_is_the_same() -> None:
    config = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x", "SnsRegion": "eu-west-1"}

    assert sms.configuration(sms.filled({"SmsConfiguration": config}, "us-east-1")) == config
    assert sms.configuration(sms.filled({}, "us-east-1")) is None
    assert "sms_role" in sms.check(of(sms_external_id="x"), required=False)


@pytest.mark.parametrize(
    "template",
    [
        {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        {"DefaultEmailOption": "CONFIRM_WITH_CODE", "EmailSubject": "S", "EmailMessage": "a\n{####}", "SmsMessage": "{####}"},
        {"DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailSubjectByLink": "S", "EmailMessageByLink": "{##Verify##}"},
    ],
)  # fmt: skip
def test_a_verification_message_that_is_shown_and_saved_is_the_same(template: dict[str, Any]) -> None:
    form = messages.filled_verification({"VerificationMessageTemplate": template})

    assert messages.check_verification(form) == {}
    assert messages.verification(form) == template


def test_a_message_without_its_placeholder_is_refused() -> None:
    assert "email_message" in messages.check_verification(of(email_message="no code"))
    assert "sms_message" in messages.check_invitation(of(sms_message="{username} only"))
    by_link = of(verification_type="CONFIRM_WITH_LINK", email_message_by_link="##} {##")
    assert "email_message_by_link" in messages.check_verification(by_link)
    assert "mfa_sms_message" in messages.check_authentication(of(mfa_sms_message="{####}" + "x" * 140))


VALIDITIES = st.tuples(st.integers(1, 10), st.sampled_from(["minutes", "hours", "days"]))


@given(VALIDITIES, VALIDITIES, VALIDITIES)
def test_validities_that_are_shown_and_saved_are_the_same(
    refresh: tuple[int, str], access: tuple[int, str], identity: tuple[int, str]
) -> None:
    described = {
        "RefreshTokenValidity": refresh[0], "AccessTokenValidity": access[0], "IdTokenValidity": identity[0],
        "TokenValidityUnits": {"RefreshToken": refresh[1], "AccessToken": access[1], "IdToken": identity[1]},
    }  # fmt: skip

    assert validity.members(validity.filled(described)) == described


def test_validities_that_nobody_set_are_shown_as_what_holds() -> None:
    form = validity.filled({"RefreshTokenValidity": 30, "TokenValidityUnits": {"AccessToken": "minutes"}})

    assert validity.in_words(form) == [
        ("Refresh token expiration", "30 days"), ("Access token expiration", "1 hour"), ("ID token expiration", "1 hour"),
    ]  # fmt: skip


def test_a_client_without_a_list_of_flows_shows_the_three_that_hold() -> None:
    form = client.filled({"ClientName": "a"})

    assert set(client.flows(form)) == {"ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}


def test_flows_by_older_names_are_offered_where_a_client_has_them() -> None:
    form = client.filled({"ClientName": "a", "ExplicitAuthFlows": ["USER_PASSWORD_AUTH"]})

    assert client.flow_choices(form)[-1][0] == "USER_PASSWORD_AUTH"
    assert client.members(form)["ExplicitAuthFlows"] == ["USER_PASSWORD_AUTH"]


def test_the_type_of_an_app_decides_its_flows() -> None:
    for kind, flows in client.RECOMMENDED.items():
        assert client.flows(merged(client.new(), of(app_type=kind))) == list(flows)
    assert "flows_mode" in client.check(merged(client.new(), of(app_type="other", client_name="a")), is_new=True)


OAUTH = {
    "CallbackURLs": ["https://a.example/cb"], "LogoutURLs": [], "DefaultRedirectURI": None,
    "SupportedIdentityProviders": ["COGNITO"], "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "api/read"], "AllowedOAuthFlowsUserPoolClient": True,
}  # fmt: skip


def test_hosted_ui_settings_that_are_shown_and_saved_are_the_same() -> None:
    form = hosted_ui.filled(OAUTH, ("openid",))

    assert hosted_ui.check(form, has_secret=False) == {}
    assert hosted_ui.members(form) == OAUTH


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (of(grants="code", scopes="openid", providers="COGNITO"), "callback_urls"),
        (of(grants="code", scopes="openid", callback_urls="https://a.example/"), "providers"),
        (of(grants="code", providers="COGNITO", callback_urls="https://a.example/"), "scopes"),
        (of(scopes="openid"), "grants"),
        (of(grants=["client_credentials", "code"], custom_scopes="a/b"), "grants"),
        (of(grants="client_credentials", scopes="openid"), "scopes"),
        (of(logout_urls=["https://a.example/", "nonsense"]), "logout_urls:1"),
        (of(callback_urls=[f"https://a.example/{n}" for n in range(101)]), "callback_urls"),
        (of(default_redirect="https://a.example/"), "default_redirect"),
    ],
)
def test_hosted_ui_settings_that_cannot_work_are_said(form: Form, field: str) -> None:
    assert field in hosted_ui.check(form, has_secret=True)


def test_client_credentials_need_a_secret() -> None:
    form = of(grants="client_credentials", custom_scopes="api/read")

    assert hosted_ui.check(form, has_secret=True) == {}
    assert "grants" in hosted_ui.check(form, has_secret=False)


@pytest.mark.parametrize("url", ["myapp://cb", "com.example.app:/cb", "http://localhost:3000/cb", "http://[::1]/cb"])
def test_apps_and_this_machine_may_be_returned_to(url: str) -> None:
    form = of(grants="code", scopes="openid", providers="COGNITO", callback_urls=url)

    assert hosted_ui.check(form, has_secret=False) == {}


def test_permissions_that_are_shown_and_saved_are_the_same() -> None:
    pool = {
        "SchemaAttributes": [
            {"Name": "sub", "Required": True},
            {"Name": "email", "Required": True},
            {"Name": "custom:a"},
        ]
    }
    described = {"ReadAttributes": ["email", "custom:a"], "WriteAttributes": ["email"]}

    form = permissions.filled(described, pool)

    assert permissions.check(form, pool) == {}
    assert permissions.members(form) == described
    assert permissions.members(permissions.filled({}, pool)) == {"ReadAttributes": None, "WriteAttributes": None}


def test_tags_and_scopes_that_are_shown_and_saved_are_the_same() -> None:
    tags = {"a": "1", "b": ""}
    scopes = [{"ScopeName": "read", "ScopeDescription": "Read"}]

    assert pairs.tags(pairs.filled_tags({"UserPoolTags": tags})) == tags
    assert pairs.scopes(pairs.filled_scopes({"Scopes": scopes})) == scopes


@pytest.mark.parametrize(
    ("keys", "values", "field"),
    [(["a", "a"], ["1", "2"], "tag:1"), ([""], ["1"], "tag:0"), (["k" * 129], [""], "tag:0"),
     ([str(n) for n in range(51)], ["x"] * 51, "tag")],
)  # fmt: skip
def test_tags_that_cannot_be_kept_are_said(keys: list[str], values: list[str], field: str) -> None:
    assert field in pairs.check_tags(of(tag_key=keys, tag_value=values))


@pytest.mark.parametrize(("name", "description"), [("a/b", "x"), ("a b", "x"), ("", "x"), ("a", "")])
def test_scopes_that_cannot_be_asked_for_are_said(name: str, description: str) -> None:
    assert pairs.check_scopes(of(scope_name=[name], scope_description=[description]))


@pytest.mark.parametrize(
    "host", ["auth", "Auth.example.com", "a..b", "-a.example", "a" * 64 + ".example", "a.example:443"]
)
def test_a_custom_domain_is_a_host_name(host: str) -> None:
    assert "host" in domain.check_host(of(host=host))


def test_a_custom_domain_without_a_certificate_names_none() -> None:
    body = domain.host_body(of(host="auth.example.com"), "123456789012")

    assert check("CreateUserPoolDomain", {"UserPoolId": "us-east-1_a", **body}) == []


@pytest.mark.parametrize(
    ("attribute", "shown"),
    [
        ({"StringAttributeConstraints": {"MinLength": "1", "MaxLength": "20"}}, "1 to 20 characters"),
        ({"StringAttributeConstraints": {"MaxLength": "20"}}, "20 characters or less"),
        ({"NumberAttributeConstraints": {"MinValue": "0"}}, "0 or more"),
        ({"StringAttributeConstraints": {}}, ""),
        ({}, ""),
    ],
)
def test_the_bounds_of_an_attribute_in_words(attribute: dict[str, Any], shown: str) -> None:
    assert schema.bounds_in_words(attribute) == shown


# Users


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=60))
def test_whatever_is_searched_for_is_one_condition_of_the_filter_language(value: str) -> None:
    form = of(attribute="name", match="is", value=value)
    text = filter_of(form)

    if value.strip():
        assert parse(text) == (Filter("name", value.strip()),)
    else:
        assert text == ""


def test_searching_by_the_beginning() -> None:
    assert parse(filter_of(of(attribute="email", match="begins", value='a"\\'))) == (Filter("email", 'a"\\', "^="),)
    assert filter_of(of(attribute="password", value="a")) == ""


EMAIL_POOL = {
    "UsernameAttributes": ["email"],
    "SchemaAttributes": [{"Name": "sub", "Required": True}, {"Name": "name", "Required": True}],
}


def test_where_an_address_is_the_user_name_it_is_sent_as_one() -> None:
    form = of(
        invitation="none", temporary="set", password="P", email="a@b.example", email_verified=True, **{"a:name": "A"}
    )

    assert check_user(form, EMAIL_POOL) == {}
    assert user_body(form, EMAIL_POOL) == {
        "Username": "a@b.example",
        "UserAttributes": [
            {"Name": "name", "Value": "A"}, {"Name": "email", "Value": "a@b.example"}, {"Name": "email_verified", "Value": "true"},
        ],
        "TemporaryPassword": "P",
        "MessageAction": "SUPPRESS",
    }  # fmt: skip


def test_an_invitation_names_its_medium() -> None:
    form = of(invitation="email", temporary="generate", username="ada", email="a@b.example")
    body = user_body(form, {})

    assert (body["Username"], body["DesiredDeliveryMediums"]) == ("ada", ["EMAIL"])
    assert not {"TemporaryPassword", "MessageAction"} & set(body)


@pytest.mark.parametrize(
    ("form", "pool", "field"),
    [
        (of(invitation="none", temporary="set", password="P"), EMAIL_POOL, "email"),
        (of(invitation="none", temporary="set", password="P"), {}, "username"),
        (of(invitation="none", temporary="set", username="a"), {}, "password"),
        (of(invitation="none", temporary="generate", username="a"), {}, "temporary"),
        (of(invitation="email", temporary="generate", username="a"), {}, "email"),
        (of(invitation="sms", temporary="generate", username="a"), {}, "phone_number"),
        (
            of(invitation="none", temporary="set", password="P"),
            {"UsernameAttributes": ["phone_number"]},
            "phone_number",
        ),
        (
            of(invitation="none", temporary="set", password="P"),
            {"UsernameAttributes": ["email", "phone_number"]},
            "email",
        ),
        (of(invitation="dove", temporary="set", password="P", username="a"), {}, "invitation"),
    ],
)
def test_a_user_whom_nobody_could_be_is_not_created(form: Form, pool: dict[str, Any], field: str) -> None:
    assert field in check_user(form, pool)
