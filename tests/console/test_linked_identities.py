"""Identities at providers that are one user: linked, shown and unlinked on the user's page."""

from poolhouse.pool.console.users import attributes_of
from tests.console.browser import Visitor
from tests.console.conftest import Service


async def a_person(service: Service, *, provided: bool = True) -> tuple[str, str]:
    """The pool's id and the address of the person's page."""
    pool_id = (await service.a_pool())["Id"]
    if provided:
        await service(
            "CreateIdentityProvider", UserPoolId=pool_id, ProviderName="Google", ProviderType="Google",
            ProviderDetails={"client_id": "x", "client_secret": "y", "authorize_scopes": "openid"},
        )  # fmt: skip
    user = await service.a_user(pool_id)
    return pool_id, f"/console/pools/{pool_id}/users/{attributes_of(user)['sub']}"


async def test_an_identity_is_linked_and_unlinked(visitor: Visitor, service: Service) -> None:
    _, address = await a_person(service)
    page = await visitor.open(f"{address}/identities")
    page = await visitor.press(page, "Link identity", provider="Google", identity="g-123")
    assert "The identity was linked." in page.text
    assert "g-123" in page.text

    page = await visitor.press(page, "Unlink")
    assert "The identity is no longer linked." in page.text
    assert "g-123" not in page.text


async def test_an_identity_is_one_user_only(visitor: Visitor, service: Service) -> None:
    pool_id, address = await a_person(service)
    other = await service.a_user(pool_id, "bob@example.com")
    await service(
        "AdminLinkProviderForUser", UserPoolId=pool_id,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": other["Username"]},
        SourceUser={
            "ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "g-123",
        },
    )  # fmt: skip
    page = await visitor.open(f"{address}/identities")
    refused = await visitor.press(page, "Link identity", provider="Google", identity="g-123")
    assert 422 == refused.reply.status_code
    empty = await visitor.press(page, "Link identity", provider="Google", identity="")
    assert "Enter a value." in empty.text


async def test_without_a_provider_there_is_nothing_to_link(visitor: Visitor, service: Service) -> None:
    _, address = await a_person(service, provided=False)
    assert "Linked identities" not in (await visitor.open(address)).text
