"""Identity providers, linked identities and client registration in the console."""

from typing import Any

import pytest

from tests.console.browser import Visitor
from tests.console.conftest import Service
from tests.support.provider import OIDC, apple_key, saml_metadata

DETAILS = {name: value for name, value in OIDC.items() if name != "client_secret"}


async def test_a_provider_is_added_changed_and_deleted(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    client = await service.a_client(pool_id)
    page = await visitor.open(f"/console/pools/{pool_id}/sign-in")
    page = await visitor.open(page.link("OpenID Connect (OIDC)"))
    assert page.title == "Add OpenID Connect (OIDC)"
    fields: dict[str, Any] = {f"d_{name}": value for name, value in OIDC.items()}
    page = await visitor.press(
        page,
        "Add identity provider",
        name="Corp",
        **fields,
        map_attribute="email",
        map_claim="mail",
        identifiers="corp",
    )

    assert "Identity provider Corp was added." in page.text
    made = (await service("DescribeIdentityProvider", UserPoolId=pool_id, ProviderName="Corp"))["IdentityProvider"]
    assert {"email": "mail", "username": "sub"} == made["AttributeMapping"]
    assert "provider-secret" == made["ProviderDetails"]["client_secret"]
    page = await visitor.open(page.link("Corp"))
    assert "provider-secret" not in page.text
    edit = await visitor.open(f"/console/pools/{pool_id}/providers/provider/edit?name=Corp")
    assert "provider-secret" not in edit.text
    await visitor.press(edit, "Save changes", d_client_id="other")
    changed = (await service("DescribeIdentityProvider", UserPoolId=pool_id, ProviderName="Corp"))["IdentityProvider"]
    assert ("other", "provider-secret") == (
        changed["ProviderDetails"]["client_id"], changed["ProviderDetails"]["client_secret"],
    )  # fmt: skip

    listed: dict[str, Any] = {"ClientName": "app", "SupportedIdentityProviders": ["COGNITO", "Corp"]}
    await service("UpdateUserPoolClient", UserPoolId=pool_id, ClientId=client["ClientId"], **listed)
    refused = await visitor.press(page, "Delete identity provider", confirmation="corp")
    assert (refused.status, "Nothing was deleted" in refused.text) == (422, True)
    await visitor.press(page, "Delete identity provider", confirmation="Corp")
    assert [] == (await service("ListIdentityProviders", UserPoolId=pool_id, MaxResults=5))["Providers"]
    assert ["COGNITO"] == (await service.client(pool_id, client["ClientId"]))["SupportedIdentityProviders"]


async def test_what_is_missing_is_said_beside_its_field(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/providers/create?type=SAML")
    refused = await visitor.press(page, "Add identity provider", name="Corp")

    assert "Enter the URL of the metadata document, or paste the document: one of both." in refused.text
    page = await visitor.press(refused, "Add identity provider", name="Corp", d_MetadataFile=saml_metadata())
    assert "Identity provider Corp was added." in page.text
    page = await visitor.open(page.link("Corp"))
    assert (f"urn:amazon:cognito:sp:{pool_id}" in page.reply.text) is ("Signing certificate" in page.text) is True


@pytest.mark.parametrize("kind", ["Google", "SignInWithApple"])
async def test_a_social_provider_has_the_name_of_its_type(visitor: Visitor, service: Service, kind: str) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/providers/create?type={kind}")
    filled = {"d_client_id": "a", "d_client_secret": "b"} if kind == "Google" else {
        "d_client_id": "a", "d_team_id": "t", "d_key_id": "k", "d_private_key": apple_key(),
    }  # fmt: skip
    page = await visitor.press(page, "Add identity provider", **filled)

    assert f"Identity provider {kind} was added." in page.text


async def test_a_type_or_provider_that_does_not_exist_is_no_page(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    for address in ("create?type=LDAP", "create", "provider", "provider?name=none"):
        assert 404 == (await visitor.open(f"/console/pools/{pool_id}/providers/{address}")).status


async def test_registration_is_turned_on_and_off(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    page = await visitor.open(f"/console/pools/{pool_id}/edit/client-registration")
    page = await visitor.press(page, "Save changes", dcr="on", dcr_open="on", dcr_scopes="orders/read")

    assert "Enabled: anybody can register an app" in page.text
    assert {
        "EnableStatus": "Enabled", "OpenDcrEnabled": True, "AuthenticatedGrantTypes": ["code", "client_credentials"],
        "OpenDcrGrantTypes": ["code"], "AllowedScopes": ["orders/read"],
    } == (await service.pool(pool_id))["DcrConfiguration"]  # fmt: skip


async def test_a_users_page_shows_linked_identities(visitor: Visitor, service: Service) -> None:
    pool_id = (await service.a_pool())["Id"]
    at = {"UserPoolId": pool_id}
    body: dict[str, Any] = {"ProviderName": "Corp", "ProviderType": "OIDC", "ProviderDetails": OIDC}
    await service("CreateIdentityProvider", **at, **body)
    made = await service(
        "AdminCreateUser",
        **at,
        Username="ada@example.com",
        MessageAction="SUPPRESS",
        TemporaryPassword="Correct-Horse-7",
    )
    await service(
        "AdminLinkProviderForUser", **at,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "ada@example.com"},
        SourceUser={
            "ProviderName": "Corp", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "c-7",
        },
    )  # fmt: skip
    page = await visitor.open(f"/console/pools/{pool_id}/users/{made['User']['Username']}")

    assert ("Linked identities" in page.text, "c-7" in page.text, "dateCreated" in page.text) == (True, True, False)
