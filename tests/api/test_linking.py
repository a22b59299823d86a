"""Linking identities at providers to users of the pool."""

import asyncio
import json
from typing import Any

import pytest

from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.user import Status, User
from poolhouse.pool.store import identities as store
from tests.api.administrator import Ask, missing_pool, refusal, sqlite_only
from tests.support.builders import a_client, a_user
from tests.support.provider import CLIENT, OIDC, saml_metadata
from tests.support.service import DISABLED, Service
from tests.support.web import a_browser, a_code, a_web_client, a_web_pool, application, claims_of, redeem

NOT_FOUND = ("UserNotFoundException", "User does not exist.")
ALREADY = ("InvalidParameterException", "SourceUser is already linked to DestinationUser")


async def a_provided_pool(ask: Ask, flow: Flow, **settings: Any) -> PoolEntry:
    """A pool with Google, an OIDC and a SAML provider, both with e-mail mapped."""
    pool = await a_web_pool(flow, **settings)
    for kind, name, details in (
        ("Google", "Google", CLIENT),
        ("OIDC", "MyOIDC", OIDC),
        ("SAML", "MySAML", {"MetadataFile": saml_metadata()}),
    ):
        body: dict[str, Any] = {"ProviderName": name, "ProviderType": kind, "ProviderDetails": details}
        mapping = {"email": "mail", **{f"{n}_name": n for n in ("given", "family", "middle")}, "nickname": "nick"}
        await ask("CreateIdentityProvider", UserPoolId=pool.pool.id, **body, AttributeMapping=mapping)
    return pool


@pytest.fixture
async def pool(ask: Ask, flow: Flow) -> PoolEntry:
    return await a_provided_pool(ask, flow)


@pytest.fixture
async def ada(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(flow, pool, "ada", email="ada@example.com")


def local(name: str) -> dict[str, str]:
    return {"ProviderName": "Cognito", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": name}


def at_provider(provider: str = "Google", value: str = "g-1", name: str = "Cognito_Subject") -> dict[str, str]:
    return {"ProviderName": provider, "ProviderAttributeName": name, "ProviderAttributeValue": value}


def linking(pool: PoolEntry, destination: dict[str, str], source: dict[str, str]) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id, "DestinationUser": destination, "SourceUser": source}


async def link(ask: Ask, pool: PoolEntry, name: str, source: dict[str, str]) -> None:
    assert {} == await ask("AdminLinkProviderForUser", **linking(pool, local(name), source))


async def refused(ask: Ask, pool: PoolEntry, name: str, source: dict[str, str]) -> tuple[str, str]:
    return await refusal(ask, "AdminLinkProviderForUser", **linking(pool, local(name), source))


async def identities(ask: Ask, pool: PoolEntry, name: str) -> list[dict[str, Any]]:
    shown = await ask("AdminGetUser", UserPoolId=pool.pool.id, Username=name)
    found = {each["Name"]: each["Value"] for each in shown["UserAttributes"]}.get("identities", "[]")
    listed: list[dict[str, Any]] = json.loads(found)
    return listed


async def test_a_linked_identity_shows_in_the_users_attribute(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    await link(ask, pool, "ada", at_provider())
    await link(ask, pool, ada.sub, at_provider("MySAML", "Ada@Corp"))

    expected = [
        {
            "userId": "g-1", "providerName": "Google", "providerType": "Google", "issuer": None, "primary": False,
            "dateCreated": flow.clock.now_ms(),
        },
        {
            "userId": "Ada@Corp", "providerName": "MySAML", "providerType": "SAML", "issuer": None, "primary": False,
            "dateCreated": flow.clock.now_ms(),
        },
    ]  # fmt: skip
    assert expected == await identities(ask, pool, "ada")
    listed = await ask("ListUsers", UserPoolId=pool.pool.id, AttributesToGet=["identities"])
    assert expected == json.loads(listed["Users"][0]["Attributes"][0]["Value"])


async def test_the_user_sees_it_whatever_the_client_may_read(
    ask: Ask, flow: Flow, service: Service, pool: PoolEntry, ada: User
) -> None:
    await link(ask, pool, "ada", at_provider())
    client = await a_client(flow, pool, read_attributes=["email"])
    tokens = await service.tokens(client, "ada")

    seen = await service("GetUser", AccessToken=tokens["AccessToken"])
    assert {"sub", "email", "identities"} == {each["Name"] for each in seen["UserAttributes"]}
    claim = claims_of(tokens["IdToken"])["identities"]
    assert [
        {
            "userId": "g-1", "providerName": "Google", "providerType": "Google", "issuer": None, "primary": "false",
            "dateCreated": str(flow.clock.now_ms()),
        }
    ] == claim  # fmt: skip
    assert "identities" not in claims_of(tokens["AccessToken"])


@sqlite_only
async def test_the_claim_is_in_the_hosted_id_token_of_every_scope(
    ask: Ask, flow: Flow, pool: PoolEntry, ada: User
) -> None:
    await link(ask, pool, "ada", at_provider())
    client = await a_web_client(flow, pool)
    async with a_browser(application(flow)) as web:
        code = await a_code(flow, web, client, ada, scope="openid email")
        tokens = (await redeem(web, client, code)).json()

    assert "g-1" == claims_of(tokens["id_token"])["identities"][0]["userId"]


@sqlite_only
async def test_nobody_writes_the_attribute_himself(
    ask: Ask, flow: Flow, service: Service, pool: PoolEntry, ada: User
) -> None:
    await link(ask, pool, "ada", at_provider())
    token = (await service.tokens(await a_client(flow, pool), "ada"))["AccessToken"]
    given = [{"Name": "identities", "Value": "[]"}]

    await service.refusal("UpdateUserAttributes", AccessToken=token, UserAttributes=given)
    await service.refusal("DeleteUserAttributes", AccessToken=token, UserAttributeNames=["identities"])
    who = {"UserPoolId": pool.pool.id, "Username": "ada"}
    await refusal(ask, "AdminUpdateUserAttributes", **who, UserAttributes=given)
    await refusal(ask, "AdminDeleteUserAttributes", **who, UserAttributeNames=["identities"])
    new: dict[str, Any] = {"UserPoolId": pool.pool.id, "Username": "eve", "UserAttributes": given}
    await refusal(ask, "AdminCreateUser", **new)
    assert "g-1" == (await identities(ask, pool, "ada"))[0]["userId"]


@sqlite_only
async def test_other_attributes_change_without_it(ask: Ask, pool: PoolEntry, ada: User) -> None:
    await link(ask, pool, "ada", at_provider())
    who = {"UserPoolId": pool.pool.id, "Username": "ada"}
    await ask("AdminUpdateUserAttributes", **who, UserAttributes=[{"Name": "name", "Value": "Ada"}])

    assert "g-1" == (await identities(ask, pool, "ada"))[0]["userId"]


@sqlite_only
async def test_a_user_of_the_pool_is_never_a_source(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    await a_user(flow, pool, "bob")
    text = (
        "Invalid SourceUser: Cognito users with a username/password may not be passed in as a SourceUser, only as a"
        " DestinationUser"
    )
    for spelled in ("Cognito", "COGNITO"):
        source = {**local("bob"), "ProviderName": spelled}
        assert ("InvalidParameterException", text) == await refused(ask, pool, "ada", source)


@sqlite_only
async def test_who_has_signed_in_from_there_cannot_be_merged(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    await a_user(flow, pool, "Google_g-1", None, status=Status.EXTERNAL_PROVIDER)
    text = "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"

    assert ("InvalidParameterException", text) == await refused(ask, pool, "ada", at_provider())


@sqlite_only
async def test_a_local_user_of_such_a_name_stands_in_nobodys_way(
    ask: Ask, flow: Flow, pool: PoolEntry, ada: User
) -> None:
    await a_user(flow, pool, "Google_g-1")

    assert NOT_FOUND == await refusal(
        ask, "AdminLinkProviderForUser", **linking(pool, at_provider(), at_provider("MyOIDC"))
    )
    await link(ask, pool, "ada", at_provider())


@sqlite_only
async def test_a_federated_profile_may_be_a_destination(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    await a_user(flow, pool, "Google_g-1", None, status=Status.EXTERNAL_PROVIDER)
    await ask("AdminLinkProviderForUser", **linking(pool, at_provider(), at_provider("MyOIDC", "o-1")))

    assert "o-1" == (await identities(ask, pool, "Google_g-1"))[0]["userId"]


async def test_an_identity_is_linked_once(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    await a_user(flow, pool, "bob")
    await link(ask, pool, "ada", at_provider())

    assert ALREADY == await refused(ask, pool, "ada", at_provider())
    assert ("AliasExistsException", "SourceUser is already linked to another user") == await refused(
        ask, pool, "bob", at_provider()
    )
    await link(ask, pool, "bob", at_provider(value="G-1"))


async def test_of_two_links_of_one_identity_at_once_one_is_made(
    ask: Ask, flow: Flow, pool: PoolEntry, ada: User
) -> None:
    await a_user(flow, pool, "bob")
    both = await asyncio.gather(
        *(ask("AdminLinkProviderForUser", **linking(pool, local(name), at_provider())) for name in ("ada", "bob")),
        return_exceptions=True,
    )

    assert 1 == sum(isinstance(each, dict) for each in both)
    assert 1 == len(await identities(ask, pool, "ada")) + len(await identities(ask, pool, "bob"))


async def test_a_user_has_at_most_five_identities_even_at_once(ask: Ask, pool: PoolEntry, ada: User) -> None:
    calls = (
        ask("AdminLinkProviderForUser", **linking(pool, local("ada"), at_provider(value=f"g-{n}"))) for n in range(7)
    )
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert 5 == sum(isinstance(each, dict) for each in outcomes) == len(await identities(ask, pool, "ada"))
    assert "LimitExceededException" == (await refused(ask, pool, "ada", at_provider("MyOIDC")))[0]


async def test_identities_of_a_provider_are_linked_by_at_most_five_attributes(
    ask: Ask, flow: Flow, pool: PoolEntry
) -> None:
    names = ["Cognito_Subject", "email", "given_name", "family_name", "middle_name", "nickname"]
    for n, name in enumerate(names):
        await a_user(flow, pool, f"user-{n}")
        source = at_provider("MyOIDC", f"v-{n}", name)
        if n < 5:
            await link(ask, pool, f"user-{n}", source)
        else:
            assert "LimitExceededException" == (await refused(ask, pool, f"user-{n}", source))[0]
    await link(ask, pool, "user-5", at_provider("MyOIDC", "v-9", "email"))


@sqlite_only
@pytest.mark.parametrize(
    ("source", "text"),
    [
        (at_provider(name="email"), "ProviderAttributeName must be Cognito_Subject for the provider Google."),
        (
            at_provider("MyOIDC", name="mail"),
            "ProviderAttributeName mail is not mapped to an attribute of the provider MyOIDC.",
        ),
        (
            at_provider("MyOIDC", name="username"),
            "ProviderAttributeName username is not mapped to an attribute of the provider MyOIDC.",
        ),
        (at_provider(value=""), "ProviderAttributeValue is missing or not valid."),
        (at_provider(value="x" * 2049), "ProviderAttributeValue is missing or not valid."),
        (at_provider(value="a\nb"), "ProviderAttributeValue is missing or not valid."),
    ],
)
async def test_a_source_is_named_by_its_subject_or_a_mapped_attribute(
    ask: Ask, pool: PoolEntry, ada: User, source: dict[str, str], text: str
) -> None:
    assert ("InvalidParameterException", text) == await refused(ask, pool, "ada", source)


@sqlite_only
async def test_what_does_not_exist_is_not_linked(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    assert NOT_FOUND == await refused(ask, pool, "nobody", at_provider())
    assert ("ResourceNotFoundException", "Identity provider Facebook does not exist.") == await refused(
        ask, pool, "ada", at_provider("Facebook")
    )
    bodies: dict[str, Any] = {
        "AdminLinkProviderForUser": {"DestinationUser": local("ada"), "SourceUser": at_provider()},
        "AdminDisableProviderForUser": {"User": local("ada")},
    }
    for operation, body in bodies.items():
        assert missing_pool("us-east-1_none") == await refusal(ask, operation, UserPoolId="us-east-1_none", **body)


@sqlite_only
async def test_links_of_one_pool_are_none_of_anothers(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    other = await a_provided_pool(ask, flow, domain="other")
    await a_user(flow, other, "bob")
    await link(ask, pool, "ada", at_provider())
    await link(ask, other, "bob", at_provider())

    await ask("AdminDisableProviderForUser", UserPoolId=other.pool.id, User=at_provider())
    assert (1, 0) == (len(await identities(ask, pool, "ada")), len(await identities(ask, other, "bob")))


async def test_unlinking_takes_the_identity_away(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    await link(ask, pool, "ada", at_provider())
    await link(ask, pool, "ada", at_provider("MyOIDC", "ada@corp", "email"))
    who = {"UserPoolId": pool.pool.id}

    assert NOT_FOUND == await refusal(ask, "AdminDisableProviderForUser", **who, User=at_provider(value="G-1"))
    assert NOT_FOUND == await refusal(ask, "AdminDisableProviderForUser", **who, User=at_provider("MyOIDC", "ada@corp"))
    assert {} == await ask("AdminDisableProviderForUser", **who, User=at_provider())
    assert ["ada@corp"] == [each["userId"] for each in await identities(ask, pool, "ada")]
    assert {} == await ask("AdminDisableProviderForUser", **who, User=at_provider("MyOIDC", "ada@corp", "email"))
    assert [] == await identities(ask, pool, "ada")
    assert NOT_FOUND == await refusal(ask, "AdminDisableProviderForUser", **who, User=at_provider())
    await a_user(flow, pool, "bob")
    await link(ask, pool, "bob", at_provider())


@sqlite_only
async def test_a_social_identity_is_unlinked_by_its_subject(ask: Ask, pool: PoolEntry, ada: User) -> None:
    text = "ProviderAttributeName must be Cognito_Subject for the provider Google."
    who: dict[str, Any] = {"UserPoolId": pool.pool.id, "User": at_provider(name="email")}

    assert ("InvalidParameterException", text) == await refusal(ask, "AdminDisableProviderForUser", **who)


@sqlite_only
async def test_what_a_deleted_provider_left_can_be_unlinked(ask: Ask, pool: PoolEntry, ada: User) -> None:
    await link(ask, pool, "ada", at_provider())
    await ask("DeleteIdentityProvider", UserPoolId=pool.pool.id, ProviderName="Google")
    who: dict[str, Any] = {"UserPoolId": pool.pool.id, "User": at_provider()}

    assert "Google" == (await identities(ask, pool, "ada"))[0]["providerType"]
    await ask("AdminDisableProviderForUser", **who)
    assert ("ResourceNotFoundException", "Identity provider Google does not exist.") == await refusal(
        ask, "AdminDisableProviderForUser", **who
    )


async def test_disabling_a_user_of_the_pool_ends_the_password(
    ask: Ask, flow: Flow, service: Service, pool: PoolEntry, ada: User
) -> None:
    client = await a_client(flow, pool)
    tokens = await service.tokens(client, "ada")
    await ask("AdminDisableProviderForUser", UserPoolId=pool.pool.id, User=local("ada"))

    with pytest.raises(Exception, match="disabled"):
        await service.sign_in(client, "ada")
    assert DISABLED[0] == (await service.refusal("GetUser", AccessToken=tokens["AccessToken"]))[0]


@sqlite_only
async def test_a_user_of_the_pool_is_disabled_by_username_alone(ask: Ask, pool: PoolEntry, ada: User) -> None:
    text = "ProviderAttributeName must be Cognito_Subject for a user of the user pool."
    who = {"UserPoolId": pool.pool.id}

    assert ("InvalidParameterException", text) == await refusal(
        ask, "AdminDisableProviderForUser", **who, User=local("ada") | {"ProviderAttributeName": "email"}
    )
    assert NOT_FOUND == await refusal(ask, "AdminDisableProviderForUser", **who, User=local("nobody"))


@sqlite_only
async def test_a_federated_profile_is_disabled(ask: Ask, flow: Flow, pool: PoolEntry) -> None:
    await a_user(flow, pool, "Google_g-1", None, status=Status.EXTERNAL_PROVIDER)
    await ask("AdminDisableProviderForUser", UserPoolId=pool.pool.id, User=at_provider())

    assert (await ask("AdminGetUser", UserPoolId=pool.pool.id, Username="Google_g-1"))["Enabled"] is False


async def test_links_go_with_the_user(ask: Ask, flow: Flow, pool: PoolEntry, ada: User) -> None:
    await link(ask, pool, "ada", at_provider())
    await ask("AdminDeleteUser", UserPoolId=pool.pool.id, Username="ada")

    async def read(tx: ReadTx) -> Any:
        return await store.find_identity(tx, pool.pool.id, "Google", "Cognito_Subject", "g-1")

    assert await flow.database.read(read) is None
    await a_user(flow, pool, "ada")
    assert [] == await identities(ask, pool, "ada")


@sqlite_only
async def test_an_email_pool_links_by_the_address(ask: Ask, flow: Flow) -> None:
    pool = await a_provided_pool(ask, flow, domain="mail", username_attributes=["email"])
    await a_user(flow, pool, email="ada@example.com")
    await link(ask, pool, "ada@example.com", at_provider())

    assert 1 == len(await identities(ask, pool, "ada@example.com"))
