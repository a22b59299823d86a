"""App Integration: domains, resource servers, app clients."""

from typing import Any

import pytest

from tests.console.browser import Visitor
from tests.console.conftest import Service

CALLBACK = "https://app.example/callback"
RICH_CLIENT: dict[str, Any] = {
    "GenerateSecret": True, "RefreshTokenValidity": 12, "AccessTokenValidity": 10, "IdTokenValidity": 20,
    "TokenValidityUnits": {"RefreshToken": "hours", "AccessToken": "minutes", "IdToken": "minutes"},
    "ReadAttributes": ["name", "email"], "WriteAttributes": ["name", "email"],
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"], "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": [CALLBACK, "https://app.example/other"], "LogoutURLs": ["https://app.example/"],
    "DefaultRedirectURI": CALLBACK, "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "orders/read"],
    "AllowedOAuthFlowsUserPoolClient": True, "PreventUserExistenceErrors": "ENABLED", "EnableTokenRevocation": True,
    "AuthSessionValidity": 7, "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
}  # fmt: skip


async def a_rich_client(service: Service) -> tuple[str, str, str]:
    """The pool, an app client with every setting, and the address of its page."""
    pool_id = (await service.a_pool())["Id"]
    scopes = [{"ScopeName": "read", "ScopeDescription": "Read"}]
    await service("CreateResourceServer", UserPoolId=pool_id, Identifier="orders", Name="Orders", Scopes=scopes)
    client_id = (await service.a_client(pool_id, **RICH_CLIENT))["ClientId"]
    return pool_id, client_id, f"/console/pools/{pool_id}/clients/{client_id}"


async def settings_of(service: Service, pool_id: str, client_id: str) -> dict[str, Any]:
    client = await service.client(pool_id, client_id)
    client.pop("LastModifiedDate")
    return client


# Domains


async def test_a_cognito_domain_is_created_and_deleted(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration")
    page = await visitor.open(page.link("Create a Cognito domain"))
    assert page.title == "Create Cognito domain"
    page = await visitor.press(page, "Create Cognito domain", prefix=" team-sso ")

    assert (await service.pool(pool_id))["Domain"] == "team-sso"
    assert "https://pool.example/domains/team-sso" in page.text
    refused = await visitor.press(page, "Delete domain", confirmation="team")
    assert (refused.status, "Nothing was deleted" in refused.text) == (422, True)
    await visitor.press(page, "Delete domain", confirmation="team-sso")
    assert "Domain" not in await service.pool(pool_id)


async def test_a_domain_that_is_taken_or_wrong_is_said_beside_the_box(visitor: Visitor, service: Service) -> None:
    other = await service.a_pool(PoolName="other")
    await service("CreateUserPoolDomain", UserPoolId=other["Id"], Domain="taken")
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration/create-cognito-domain")

    for prefix, error in (
        ("taken", "Domain already associated with another user pool."),
        ("", "Enter a domain prefix."),
        ("Team", "Use lowercase letters, digits and hyphens, at most 63 of them, no hyphen at either end."),
        ("my-cognito", "A prefix may not contain cognito."),
    ):
        refused = await visitor.press(page, "Create Cognito domain", prefix=prefix)
        assert (refused.status, refused.errors, refused.value("prefix")) == (422, [error], prefix)


async def test_a_custom_domain_is_created(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration")
    page = await visitor.open(page.link("Create a custom domain"))
    page = await visitor.press(page, "Create custom domain", host="auth.example.com")

    assert (await service.pool(pool_id))["CustomDomain"] == "auth.example.com"
    assert "https://auth.example.com" in page.text


async def test_the_domain_of_another_pool_is_not_deleted(visitor: Visitor, service: Service) -> None:
    other = await service.a_pool(PoolName="other")
    await service("CreateUserPoolDomain", UserPoolId=other["Id"], Domain="theirs")
    pool_id = (await service.a_pool())["Id"]
    await service("CreateUserPoolDomain", UserPoolId=pool_id, Domain="ours")
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration")
    refused = await visitor.press(page, "Delete domain", domain="theirs", confirmation="theirs")

    assert refused.status == 422
    assert (await service.pool(other["Id"]))["Domain"] == "theirs"


# Resource servers


async def test_a_resource_server_is_created_edited_and_deleted(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration")
    page = await visitor.press(page, "Create resource server")
    identifier = "https://api.example.com/v1?x=1"
    page = await visitor.press(
        page, "Create resource server", name="Orders", identifier=identifier, scope_name=["read", "", ""],
        scope_description=["Read orders", "", ""],
    )  # fmt: skip
    page = await visitor.open(page.link("Orders"))
    assert f"{identifier}/read" in page.text
    page = await visitor.press(page, "Edit")
    page = await visitor.press(page, "Save changes", name="Order", scope_name=["write"], scope_description=["Write"])
    servers = (await service("ListResourceServers", UserPoolId=pool_id, MaxResults=50))["ResourceServers"]

    assert [(each["Name"], each["Scopes"]) for each in servers] == [
        ("Order", [{"ScopeName": "write", "ScopeDescription": "Write"}])
    ]
    await visitor.press(page, "Delete resource server", confirmation=identifier)
    assert (await service("ListResourceServers", UserPoolId=pool_id, MaxResults=50))["ResourceServers"] == []


async def test_a_second_resource_server_of_a_name_is_refused(visitor: Visitor, service: Service) -> None:
    pool_id, *_ = await a_rich_client(service)
    page = await visitor.open(f"/console/pools/{pool_id}/resource-servers/create")
    refused = await visitor.press(page, "Create resource server", name="Orders", identifier="orders")

    assert refused.errors == [f"orders already exists in user pool {pool_id}."]
    again = await visitor.press(page, "Create resource server", scope_name=["a/b", "x"], scope_description=["A", ""])
    assert again.errors == [
        "Enter a name for the resource server.", "Enter an identifier.", "A name has no slash and no blanks.",
        "A scope has a name and a description.",
    ]  # fmt: skip


async def test_an_unknown_resource_server_is_not_found(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]

    assert (await visitor.open(f"/console/pools/{pool_id}/resource-servers/server?id=none")).status == 404


# App clients


async def test_an_app_client_is_created_and_shown(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/app-integration")
    page = await visitor.press(page, "Create app client")
    page = await visitor.press(
        page, "Create app client", client_name="wiki", secret="generate", app_type="confidential"
    )
    listed = (await service("ListUserPoolClients", UserPoolId=pool_id))["UserPoolClients"]
    client = await service.client(pool_id, listed[0]["ClientId"])

    assert page.title == "wiki"
    assert f'value="{client["ClientId"]}"' in page.reply.text
    assert f'data-secret="{client["ClientSecret"]}"' in page.reply.text
    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in client["ExplicitAuthFlows"]


async def test_a_client_secret_is_behind_a_press(visitor: Visitor, service: Service) -> None:
    pool_id, client_id, here = await a_rich_client(service)
    secret = (await service.client(pool_id, client_id))["ClientSecret"]
    page = await visitor.open(here)

    assert page.reply.text.count(secret) == 2  # the attribute that the button reads, and the fold-out without script
    assert page.value("v-client-secret") != secret
    assert secret not in (await visitor.open(f"/console/pools/{pool_id}/app-integration")).reply.text


async def test_a_public_client_has_no_secret_to_show(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    client = await service.a_client(pool_id)
    page = await visitor.open(f"/console/pools/{pool_id}/clients/{client['ClientId']}")

    assert "No client secret: a public client." in page.text
    assert "Copy Client Secret" not in page.text


@pytest.mark.parametrize("slug", ["edit", "permissions", "hosted-ui"])
async def test_saving_a_client_as_it_is_changes_nothing(visitor: Visitor, service: Service, slug: str) -> None:
    pool_id, client_id, here = await a_rich_client(service)
    before = await settings_of(service, pool_id, client_id)
    page = await visitor.press(await visitor.open(f"{here}/{slug}"), "Save changes")

    assert page.status == 200, page.text
    assert await settings_of(service, pool_id, client_id) == before


@pytest.mark.parametrize(
    ("slug", "fields", "changes"),
    [
        ("edit", {"client_name": "wiki", "access": "30"}, {"ClientName": "wiki", "AccessTokenValidity": 30}),
        ("permissions", {"permissions": "standard"}, {"ReadAttributes": None, "WriteAttributes": None}),
        (
            "hosted-ui",
            {"callback_urls": [CALLBACK], "scopes": ["openid", "email"], "custom_scopes": []},
            {"CallbackURLs": [CALLBACK], "AllowedOAuthScopes": ["openid", "email"]},
        ),
    ],
)
async def test_a_page_of_a_client_changes_its_own_members_only(
    visitor: Visitor, service: Service, slug: str, fields: dict[str, Any], changes: dict[str, Any]
) -> None:
    pool_id, client_id, here = await a_rich_client(service)
    before = await settings_of(service, pool_id, client_id)
    await visitor.press(await visitor.open(f"{here}/{slug}"), "Save changes", **fields)
    after = await settings_of(service, pool_id, client_id)

    names = {*before, *after}
    assert {name: after.get(name) for name in names if before.get(name) != after.get(name)} == changes


async def test_the_guides_hosted_ui(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    client_id = (await service.a_client(pool_id))["ClientId"]
    page = await visitor.open(f"/console/pools/{pool_id}/clients/{client_id}/hosted-ui")
    assert page.title == "Edit Hosted UI"
    page = await visitor.press(
        page, "Save changes", callback_urls=["  http://localhost:8500/login/oauth2/code/oidc ", "", ""],
        providers=["COGNITO"], grants=["code"], scopes=["openid", "email", "profile"],
    )  # fmt: skip
    client = await service.client(pool_id, client_id)

    assert "Blanks around http://localhost:8500/login/oauth2/code/oidc were removed." in page.text
    assert client["CallbackURLs"] == ["http://localhost:8500/login/oauth2/code/oidc"]
    assert client["AllowedOAuthFlowsUserPoolClient"] is True
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]


async def test_hosted_ui_can_be_switched_off_again(visitor: Visitor, service: Service) -> None:
    pool_id, client_id, here = await a_rich_client(service)
    page = await visitor.open(f"{here}/hosted-ui")
    names = ("callback_urls", "logout_urls", "grants", "scopes", "custom_scopes", "providers")
    nothing: dict[str, list[str]] = {name: [] for name in names}
    await visitor.press(page, "Save changes", default_redirect="", **nothing)
    client = await service.client(pool_id, client_id)

    assert client["AllowedOAuthFlowsUserPoolClient"] is False
    assert not {"CallbackURLs", "AllowedOAuthScopes", "AllowedOAuthFlows", "DefaultRedirectURI"} & set(client)


async def test_what_the_api_refuses_of_a_url_is_said_and_kept(visitor: Visitor, service: Service) -> None:
    _, _, here = await a_rich_client(service)
    page = await visitor.open(f"{here}/hosted-ui")
    refused = await visitor.press(page, "Save changes", callback_urls=["javascript:alert(1)"], default_redirect="")

    assert refused.status == 422
    assert "javascript:alert(1) cannot use the JAVASCRIPT protocol." in refused.text
    assert refused.values("callback_urls") == ["javascript:alert(1)"]


async def test_a_rotating_client_that_asks_for_the_old_refresh_is_refused_beside_the_flows(
    visitor: Visitor, service: Service
) -> None:
    _, _, here = await a_rich_client(service)
    page = await visitor.open(f"{here}/edit")
    refused = await visitor.press(page, "Save changes", flows=["ALLOW_REFRESH_TOKEN_AUTH"])

    assert refused.status == 422
    assert "not a permitted ExplicitAuthFlow" in refused.text


async def test_an_app_client_is_deleted_by_its_name_typed_out(visitor: Visitor, service: Service) -> None:
    pool_id, _, here = await a_rich_client(service)
    page = await visitor.open(here)
    assert (await visitor.press(page, "Delete app client", confirmation="x")).status == 422
    page = await visitor.press(page, "Delete app client", confirmation="house")

    assert "App client house was deleted." in page.text
    assert (await service("ListUserPoolClients", UserPoolId=pool_id)).get("UserPoolClients", []) == []


@pytest.mark.parametrize("slug", ["", "/edit", "/permissions", "/hosted-ui"])
async def test_an_unknown_app_client_is_not_found(visitor: Visitor, service: Service, slug: str) -> None:
    pool_id, client_id, _ = await a_rich_client(service)
    other = (await service.a_pool(PoolName="other"))["Id"]

    assert (await visitor.open(f"/console/pools/{pool_id}/clients/{'x' * 26}{slug}")).status == 404
    assert (await visitor.open(f"/console/pools/{other}/clients/{client_id}{slug}")).status == 404
