"""CreateUserPoolClient and UpdateUserPoolClient."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool import core
from poolhouse.pool.core.attributes.schema import build_schema
from poolhouse.pool.core.refusal import Refusal, invalid_parameter
from poolhouse.pool.core.settings.auth_flows import enabled_flows
from poolhouse.pool.core.settings.clients import ClientFacts, new_client, updated_client
from poolhouse.pool.core.settings.oauth import check_redirect
from poolhouse.pool.spec.shapes import CreateUserPoolClientRequest, UpdateUserPoolClientRequest, UserPoolClientType
from tests.core.builders import a_pool, an_attribute
from tests.core.vectors import load

CONTRACT = json.loads((Path(core.__file__).parents[1] / "spec" / "cognito.json").read_text())
OAUTH = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin", "api/read"],
    "CallbackURLs": ["https://app.example/cb", "myapp://cb"],
    "LogoutURLs": ["https://app.example/bye"],
    "DefaultRedirectURI": "https://app.example/cb",
    "SupportedIdentityProviders": ["COGNITO"],
}


def facts(tier: str = "ESSENTIALS", providers: tuple[str, ...] = (), *, strict: bool = False) -> ClientFacts:
    schema = build_schema(
        [
            an_attribute(Name="email", Required=True),
            an_attribute(Name="team", AttributeDataType="String"),
            an_attribute(Name="note", AttributeDataType="String", DeveloperOnlyAttribute=True),
        ]
    )
    assert not isinstance(schema, Refusal)
    pool = a_pool(schema=schema)
    pool = msgspec.structs.replace(pool, settings=msgspec.structs.replace(pool.settings, user_pool_tier=tier))
    return ClientFacts(pool, custom_scopes=frozenset({"api/read"}), providers=providers, strict=strict)


def created(known: ClientFacts | None = None, /, **members: Any) -> UserPoolClientType | Refusal:
    body = {"UserPoolId": "eu-west-1_Vec7or", "ClientName": "app", **members}
    return new_client(msgspec.convert(body, CreateUserPoolClientRequest), known or facts())


def described(settings: UserPoolClientType | Refusal) -> dict[str, Any]:
    assert isinstance(settings, UserPoolClientType), settings
    wire: dict[str, Any] = msgspec.to_builtins(settings)
    return wire


def updated(current: UserPoolClientType, *, has_secret: bool = False, **members: Any) -> UserPoolClientType | Refusal:
    body = {"UserPoolId": "eu-west-1_Vec7or", "ClientId": "c", **members}
    return updated_client(current, msgspec.convert(body, UpdateUserPoolClientRequest), facts(), has_secret=has_secret)


def test_a_client_with_a_name_only_reads_back_as_the_service_shows_it() -> None:
    assert described(created()) == {
        "ClientName": "app",
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
    }


@pytest.mark.parametrize("case", load("client_settings"), ids=lambda case: json.dumps(case["request"])[:70])
def test_settings_that_contradict_each_other_are_refused(case: dict[str, Any]) -> None:
    refusal = created(**case["request"])

    assert isinstance(refusal, Refusal), refusal
    assert (case.get("code", "InvalidParameterException"), case["message"]) == (refusal.code, refusal.message)
    assert refusal.code in CONTRACT["operations"]["CreateUserPoolClient"]["errors"]


@pytest.mark.parametrize("case", load("redirects"), ids=lambda case: repr(case["url"]))
def test_a_browser_is_sent_to_safe_urls_only(case: dict[str, str]) -> None:
    expected = invalid_parameter(f"{case['url']} {case['problem']}") if "problem" in case else None

    assert expected == check_redirect(case["url"])


@given(st.text() | st.from_regex(r"[a-z]{1,6}:/{0,3}[a-z.@:\\\\\\[\\]0-9]{0,20}[/?#]?.{0,8}"))
def test_no_parser_sees_another_host_in_an_accepted_url(url: str) -> None:  # CVE-2026-7504, CVE-2026-28512
    if check_redirect(url) is None:
        parts = urlsplit(url)
        assert parts.scheme not in {"", "javascript", "data", "file"}
        assert not parts.fragment
        if parts.scheme == "http":
            assert parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if parts.scheme in {"http", "https"}:
            assert parts.hostname
            assert "@" not in parts.netloc


def test_a_client_for_browsers_reads_back_as_it_was_set() -> None:
    wire = described(created(**OAUTH))

    assert {name: wire[name] for name in OAUTH} == OAUTH


def test_a_client_for_machines_needs_a_secret_and_scopes_of_a_server() -> None:
    machine = {
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": ["api/read"],
    }

    assert isinstance(created(GenerateSecret=True, **machine), UserPoolClientType)
    assert isinstance(created(ClientSecret="0123456789012345678901234567", **machine), UserPoolClientType)


def test_a_provider_of_the_pool_can_be_chosen() -> None:
    known = facts(providers=("Google",))

    assert described(created(known, SupportedIdentityProviders=["COGNITO", "Google"]))["SupportedIdentityProviders"]


@pytest.mark.parametrize(
    "members",
    [
        {
            "AccessTokenValidity": 5,
            "IdTokenValidity": 300,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "seconds"},
        },
        {"AccessTokenValidity": 1, "IdTokenValidity": 24, "TokenValidityUnits": {"AccessToken": "days"}},
        {"RefreshTokenValidity": 60, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"RefreshTokenValidity": 3650},
    ],
)
def test_the_ends_of_the_ranges_are_allowed(members: dict[str, Any]) -> None:
    wire = described(created(**members))

    assert {name: wire[name] for name in members} == members


@pytest.mark.parametrize(
    ("unit", "value"), [(None, 30), ("days", 30), ("hours", 720), ("minutes", 43_200), ("seconds", 2_592_000)]
)
@pytest.mark.parametrize("given", [{}, {"RefreshTokenValidity": 0}])
def test_thirty_days_are_the_default_in_every_unit(unit: str | None, value: int, given: dict[str, int]) -> None:
    units = {} if unit is None else {"TokenValidityUnits": {"RefreshToken": unit}}

    assert value == described(created(**given, **units))["RefreshTokenValidity"]


def test_empty_lists_are_no_lists() -> None:
    names = (
        "ReadAttributes",
        "WriteAttributes",
        "ExplicitAuthFlows",
        "CallbackURLs",
        "LogoutURLs",
        "AllowedOAuthFlows",
        "AllowedOAuthScopes",
    )

    assert described(created()) == described(created(**{name: [] for name in names}))


def test_custom_attributes_can_be_opened_to_a_client() -> None:
    lists = {
        "ReadAttributes": ["email", "email_verified", "sub", "custom:team"],
        "WriteAttributes": ["email", "custom:team"],
    }

    wire = described(created(**lists))

    assert {name: wire[name] for name in lists} == lists


def test_rotation_shows_its_grace_period() -> None:
    assert described(created(RefreshTokenRotation={"Feature": "ENABLED"}))["RefreshTokenRotation"] == {
        "Feature": "ENABLED",
        "RetryGracePeriodSeconds": 0,
    }


@pytest.mark.parametrize(
    ("members", "feature"),
    [
        ({"RefreshTokenRotation": {"Feature": "ENABLED"}}, "Refresh Token Rotation"),
        ({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}, "Choice-Based Sign-In"),
    ],
)
def test_a_lite_pool_has_fewer_features_in_strict_mode(members: dict[str, Any], feature: str) -> None:
    refusal = created(facts("LITE", strict=True), **members)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "FeatureUnavailableInTierException"
    assert refusal.message.endswith(feature)
    assert isinstance(created(facts(strict=True), **members), UserPoolClientType)
    assert isinstance(created(facts("LITE"), **members), UserPoolClientType)


def test_an_update_resets_all_but_the_name() -> None:
    current = created(**OAUTH, AuthSessionValidity=9, EnableTokenRevocation=False, PreventUserExistenceErrors="ENABLED")
    assert isinstance(current, UserPoolClientType)

    assert described(created()) == described(updated(current))
    assert described(updated(current, ClientName="new"))["ClientName"] == "new"


def test_an_update_knows_whether_the_client_has_a_secret() -> None:
    current = created()
    assert isinstance(current, UserPoolClientType)
    machine: dict[str, Any] = {"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["api/read"]}

    assert isinstance(updated(current, has_secret=True, **machine), UserPoolClientType)
    assert isinstance(updated(current, has_secret=False, **machine), Refusal)


def test_changing_units_alone_rereads_the_old_numbers() -> None:
    current = created(AccessTokenValidity=60, TokenValidityUnits={"AccessToken": "minutes"})
    assert isinstance(current, UserPoolClientType)

    assert invalid_parameter("Invalid range for token validity.") == updated(current, AccessTokenValidity=60)


BASE = {"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}


@pytest.mark.parametrize(
    ("flows", "enabled"),
    [
        (None, BASE),
        (["ALLOW_USER_PASSWORD_AUTH"], {"ALLOW_USER_PASSWORD_AUTH"}),
        (["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}),
        (["ADMIN_NO_SRP_AUTH"], {*BASE, "ALLOW_ADMIN_USER_PASSWORD_AUTH"}),
        (
            ["USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"],
            {*BASE, "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"},
        ),
        (["CUSTOM_AUTH_FLOW_ONLY"], {"ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}),
    ],
)
def test_the_flows_of_a_client(flows: list[str] | None, enabled: set[str]) -> None:
    client = created(ExplicitAuthFlows=flows) if flows else created()
    assert isinstance(client, UserPoolClientType)

    assert enabled == enabled_flows(client)


@pytest.mark.parametrize("flows", [None, ["ADMIN_NO_SRP_AUTH"], ["ALLOW_USER_SRP_AUTH"]])
def test_a_rotating_client_does_not_refresh_by_initiate_auth(flows: list[str] | None) -> None:
    client = created(ExplicitAuthFlows=flows or [], RefreshTokenRotation={"Feature": "ENABLED"})
    assert isinstance(client, UserPoolClientType)

    assert "ALLOW_REFRESH_TOKEN_AUTH" not in enabled_flows(client)
