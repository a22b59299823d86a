"""Identity providers of a pool: six types, what each must be told, and what is shown of it."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from aiohttp import web as site
from cryptography import x509

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import ReadTx
from poolhouse.pool.flows import providers
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.store import providers as store
from tests.api.administrator import Ask, missing_pool, pages, refusal, sqlite_only
from tests.support.builders import a_custom, a_pool, a_schema, the_pool
from tests.support.provider import CLIENT, OIDC, URLS, a_site, apple_key, on_loopback, saml_metadata
from tests.support.service import Service
from tests.support.web import a_browser, a_web_client, a_web_pool, answer_of, application, authorize

SAML = {"MetadataFile": saml_metadata()}
APPLE = {"client_id": "app", "team_id": "TEAM", "key_id": "KEY", "authorize_scopes": "email name"}
GIVEN: dict[str, dict[str, str]] = {
    "SAML": SAML,
    "OIDC": OIDC,
    "Google": CLIENT,
    "Facebook": CLIENT,
    "LoginWithAmazon": CLIENT,
    "SignInWithApple": APPLE,
}


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, schema_attributes=a_schema(custom=(a_custom("team"),)))


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


def given(kind: str) -> dict[str, str]:
    # The key is not made where the module is read.
    return {**GIVEN[kind], **({"private_key": apple_key()} if kind == "SignInWithApple" else {})}


def named(kind: str) -> str:
    return kind if kind not in {"SAML", "OIDC"} else f"My{kind}"


async def create(ask: Ask, at: dict[str, Any], kind: str = "OIDC", **more: Any) -> dict[str, Any]:
    body = {"ProviderName": named(kind), "ProviderType": kind, "ProviderDetails": given(kind), **more}
    answer: dict[str, Any] = (await ask("CreateIdentityProvider", **at, **body))["IdentityProvider"]
    return answer


async def refused(ask: Ask, at: dict[str, Any], kind: str = "OIDC", **more: Any) -> tuple[str, str]:
    body = {"ProviderName": named(kind), "ProviderType": kind, "ProviderDetails": given(kind), **more}
    return await refusal(ask, "CreateIdentityProvider", **at, **body)


def invalid(text: str) -> tuple[str, str]:
    return "InvalidParameterException", text


def unknown(name: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"Identity provider {name} does not exist."


@pytest.mark.parametrize("kind", GIVEN)
async def test_a_provider_of_each_type_is_described_as_it_was_made(ask: Ask, at: dict[str, Any], kind: str) -> None:
    made = await create(ask, at, kind, AttributeMapping={"email": "email"}, IdpIdentifiers=["example.com"])

    assert made == (await ask("DescribeIdentityProvider", **at, ProviderName=named(kind)))["IdentityProvider"]
    by_identifier = await ask("GetIdentityProviderByIdentifier", **at, IdpIdentifier="example.com")
    assert made == by_identifier["IdentityProvider"]
    assert (named(kind), kind, ["example.com"]) == (
        made["ProviderName"], made["ProviderType"], made["IdpIdentifiers"],
    )  # fmt: skip
    assert made["CreationDate"] == made["LastModifiedDate"]


@sqlite_only
@pytest.mark.parametrize(
    ("kind", "added", "subject"),
    [
        ("OIDC", {"attributes_url_add_attributes": "false"}, "sub"),
        (
            "Google",
            {
                "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
                "attributes_url_add_attributes": "true",
                "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
                "oidc_issuer": "https://accounts.google.com",
                "token_request_method": "POST",
                "token_url": "https://www.googleapis.com/oauth2/v4/token",
            },
            "sub",
        ),
        (
            "Facebook",
            {
                "api_version": "v17.0",
                "attributes_url": "https://graph.facebook.com/v17.0/me?fields=",
                "attributes_url_add_attributes": "true",
                "authorize_url": "https://www.facebook.com/v17.0/dialog/oauth",
                "token_request_method": "GET",
                "token_url": "https://graph.facebook.com/v17.0/oauth/access_token",
            },
            "id",
        ),
        (
            "LoginWithAmazon",
            {
                "attributes_url": "https://api.amazon.com/user/profile",
                "attributes_url_add_attributes": "false",
                "authorize_url": "https://www.amazon.com/ap/oa",
                "token_request_method": "POST",
                "token_url": "https://api.amazon.com/auth/o2/token",
            },
            "user_id",
        ),
        (
            "SignInWithApple",
            {
                "attributes_url_add_attributes": "false",
                "authorize_url": "https://appleid.apple.com/auth/authorize",
                "oidc_issuer": "https://appleid.apple.com",
                "token_request_method": "POST",
                "token_url": "https://appleid.apple.com/auth/token",
            },
            "sub",
        ),
    ],
)
async def test_describe_adds_what_is_known_of_the_type(
    ask: Ask, at: dict[str, Any], kind: str, added: dict[str, str], subject: str
) -> None:
    made = await create(ask, at, kind)

    assert {**GIVEN[kind], **added} == made["ProviderDetails"]
    assert {"username": subject} == made["AttributeMapping"]


@sqlite_only
async def test_a_client_secret_is_shown_and_a_private_key_is_not(ask: Ask, at: dict[str, Any]) -> None:
    assert "provider-secret" == (await create(ask, at, "OIDC"))["ProviderDetails"]["client_secret"]
    assert "private_key" not in (await create(ask, at, "SignInWithApple"))["ProviderDetails"]


async def test_secrets_are_sealed_at_rest(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await create(ask, at, "OIDC")
    await create(ask, at, "SignInWithApple")

    async def read(tx: ReadTx) -> list[Any]:
        return await store.list_providers(tx, at["UserPoolId"], "", 10)

    for stored in await flow.database.read(read):
        assert "provider-secret" not in json.dumps(stored.details)
        assert "private_key" not in stored.details
        assert b"provider-secret" not in (stored.sealed or b"")
        assert {"client_secret", "private_key"} & providers.secrets_of(flow, stored).keys()


@sqlite_only
async def test_what_describe_shows_can_be_sent_back(ask: Ask, at: dict[str, Any]) -> None:
    for kind in GIVEN:
        shown = (await create(ask, at, kind))["ProviderDetails"]
        body: dict[str, Any] = {"ProviderName": named(kind), "ProviderDetails": {**given(kind), **shown}}

        assert shown == (await ask("UpdateIdentityProvider", **at, **body))["IdentityProvider"]["ProviderDetails"]


@sqlite_only
@pytest.mark.parametrize(
    ("kind", "details", "text"),
    [
        ("Google", {"client_id": "a"}, "client_id, client_secret and authorize_scopes are all required idp details"),
        ("Google", {**CLIENT, "client_secret": ""}, "client_id, client_secret and authorize_scopes are all required idp details"),
        ("Google", {**CLIENT, "team_id": "x"}, "team_id is not a valid idp detail for Google"),
        ("Google", {**CLIENT, "token_url": "ftp://x"}, "token_url must be a valid https URL"),
        ("Google", {**CLIENT, "token_request_method": "PUT"}, "token_request_method must be GET or POST"),
        ("Facebook", {**CLIENT, "api_version": "17/../"}, "api_version must have the form v17.0"),
        ("OIDC", {**OIDC, "attributes_request_method": "PUT"}, "attributes_request_method must be GET or POST"),
        ("OIDC", {**OIDC, "authorize_scopes": "email"}, "authorize_scopes must include openid"),
        ("OIDC", {**OIDC, "oidc_issuer": "http://login.example"}, "oidc_issuer must be a valid https URL"),
        ("OIDC", {**OIDC, "token_url": "https://user@login.example/"}, "token_url must be a valid https URL"),
        ("OIDC", {**OIDC, "authorization_endpoint": "https://x"}, "authorization_endpoint is not a valid idp detail for OIDC"),
        ("SAML", {}, "At least one of the MetadataURL or MetadataFile should be provided."),
        ("SAML", {**SAML, "MetadataURL": "https://x"}, "Only one of the MetadataURL or MetadataFile should be provided."),
        ("SAML", {**SAML, "IDPSignout": "yes"}, "IDPSignout must be true or false"),
        ("SAML", {**SAML, "RequestSigningAlgorithm": "rsa-sha1"}, "RequestSigningAlgorithm must be rsa-sha256"),
        ("SAML", {"MetadataFile": "<x"}, "The SAML metadata is not a well-formed XML document."),
        ("SAML", {"MetadataURL": "http://idp.example"}, "MetadataURL must be a valid https URL"),
        ("SAML", {"MetadataURL": "file:///etc/passwd"}, "MetadataURL must be a valid https URL"),
        ("SignInWithApple", APPLE, "client_id, team_id, key_id, private_key and authorize_scopes are all required idp details"),
        ("SignInWithApple", {**APPLE, "private_key": "1EXAMPLE"}, "private_key is not a valid private key"),
    ],
)  # fmt: skip
async def test_details_that_a_provider_cannot_work_with_are_refused(
    ask: Ask, at: dict[str, Any], kind: str, details: dict[str, str], text: str
) -> None:
    assert invalid(text) == await refused(ask, at, kind, ProviderDetails=details)


@sqlite_only
@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("OIDC", "Cognito", "The provider name COGNITO is reserved."),
        ("SAML", "COGNITO", "The provider name COGNITO is reserved."),
        ("Google", "MyGoogle", "The provider name must be Google for provider type Google."),
        ("OIDC", "google", "The provider name google is reserved for the provider type of this name."),
    ],
)
async def test_names_that_mean_somebody_else_are_refused(
    ask: Ask, at: dict[str, Any], kind: str, name: str, text: str
) -> None:
    assert invalid(text) == await refused(ask, at, kind, ProviderName=name)


@sqlite_only
@pytest.mark.parametrize("name", ["_x_", "a b c", "ab"])
async def test_names_have_the_form_of_the_model(ask: Ask, at: dict[str, Any], name: str) -> None:
    code, text = await refused(ask, at, ProviderName=name)

    assert "InvalidParameterException" == code
    assert "providerName" in text


async def test_a_name_is_taken_once_in_a_pool_however_it_is_spelled(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    """Usernames of people from there begin with the name, and a pool may not tell case apart."""
    await create(ask, at)

    assert "DuplicateProviderException" == (await refused(ask, at))[0]
    assert "DuplicateProviderException" == (await refused(ask, at, ProviderName="MYOIDC"))[0]
    await create(ask, {"UserPoolId": (await a_pool(flow)).pool.id})


async def test_of_two_at_once_with_one_name_one_is_made(ask: Ask, at: dict[str, Any]) -> None:
    outcomes = await asyncio.gather(*(create(ask, at) for _ in range(4)), return_exceptions=True)

    assert 1 == sum(isinstance(each, dict) for each in outcomes)
    assert {"DuplicateProviderException"} == {getattr(e, "code", "") for e in outcomes if not isinstance(e, dict)}


async def test_an_identifier_belongs_to_one_provider_of_a_pool(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await create(ask, at, IdpIdentifiers=["example.com", "corp"])
    await create(ask, at, "SAML", IdpIdentifiers=["other.example"])
    taken = invalid("An identifier of this identity provider is already used by another one.")

    assert taken == await refused(ask, at, ProviderName="Another", IdpIdentifiers=["corp"])
    assert taken == await refusal(
        ask, "UpdateIdentityProvider", **at, ProviderName="MySAML", IdpIdentifiers=["example.com"]
    )
    assert ("ResourceNotFoundException", "Identity provider with identifier Corp does not exist.") == await refusal(
        ask, "GetIdentityProviderByIdentifier", **at, IdpIdentifier="Corp"
    )
    await create(ask, {"UserPoolId": (await a_pool(flow)).pool.id}, IdpIdentifiers=["corp"])


async def test_of_two_at_once_with_one_identifier_one_is_made(ask: Ask, at: dict[str, Any]) -> None:
    outcomes = await asyncio.gather(
        *(create(ask, at, ProviderName=f"Idp{n}", IdpIdentifiers=["corp"]) for n in range(4)), return_exceptions=True
    )

    assert 1 == sum(isinstance(each, dict) for each in outcomes)


@sqlite_only
async def test_identifiers_are_at_most_fifty_and_each_is_given_once(ask: Ask, at: dict[str, Any]) -> None:
    code, _ = await refused(ask, at, IdpIdentifiers=[f"id-{n}" for n in range(51)])
    assert "InvalidParameterException" == code
    assert invalid("The identifiers of an identity provider must be unique.") == await refused(
        ask, at, IdpIdentifiers=["one", "one"]
    )
    assert 50 == len((await create(ask, at, IdpIdentifiers=[f"id-{n}" for n in range(50)]))["IdpIdentifiers"])


@sqlite_only
async def test_a_pool_has_at_most_three_hundred_providers(
    ask: Ask, at: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 300 == providers.IN_POOL
    monkeypatch.setattr(providers, "IN_POOL", 2)
    await create(ask, at)
    await create(ask, at, "Google")

    assert "LimitExceededException" == (await refused(ask, at, "Facebook"))[0]


@sqlite_only
@pytest.mark.parametrize(
    ("kind", "mapping", "text"),
    [
        ("OIDC", {"custom:none": "x"}, "Invalid attribute mapping: custom:none is not an attribute of the user pool."),
        ("OIDC", {"sub": "sub"}, "Invalid attribute mapping: sub is not an attribute of the user pool."),
        ("OIDC", {"identities": "x"}, "Invalid attribute mapping: identities is not an attribute of the user pool."),
        ("OIDC", {"email": ""}, "The attribute mapping of email is not valid."),
        ("OIDC", {"username": "email"}, "The attribute username must be mapped to sub."),
        ("SAML", {"username": "NameID"}, "The attribute username cannot be mapped for SAML."),
    ],
)
async def test_a_mapping_leads_to_attributes_of_the_pool(
    ask: Ask, at: dict[str, Any], kind: str, mapping: dict[str, str], text: str
) -> None:
    assert invalid(text) == await refused(ask, at, kind, AttributeMapping=mapping)


@sqlite_only
async def test_a_mapping_may_lead_to_custom_attributes_and_flags(ask: Ask, at: dict[str, Any]) -> None:
    mapping = {"custom:team": "groups", "email_verified": "email_verified", "username": "sub"}

    assert mapping == (await create(ask, at, AttributeMapping=mapping))["AttributeMapping"]


@sqlite_only
async def test_only_openid_providers_have_acr_levels(ask: Ask, at: dict[str, Any]) -> None:
    assert invalid("AcrMapping is supported for identity providers of type OIDC only.") == await refused(
        ask, at, "SAML", AcrMapping={"Level1": "low"}
    )
    assert invalid("The values of AcrMapping must be unique.") == await refused(
        ask, at, AcrMapping={"Level1": "low", "Level2": "low"}
    )
    assert {"Level1": "low"} == (await create(ask, at, AcrMapping={"Level1": "low"}))["AcrMapping"]


async def test_an_update_keeps_what_it_leaves_out(ask: Ask, clock: FixedClock, at: dict[str, Any]) -> None:
    made = await create(ask, at, AttributeMapping={"email": "email"}, IdpIdentifiers=["one"])
    clock.advance(5)
    changed = (await ask("UpdateIdentityProvider", **at, ProviderName="MyOIDC", IdpIdentifiers=["two"]))[
        "IdentityProvider"
    ]

    assert {**made, "IdpIdentifiers": ["two"], "LastModifiedDate": made["LastModifiedDate"] + 5} == changed
    assert (
        "ResourceNotFoundException"
        == (await refusal(ask, "GetIdentityProviderByIdentifier", **at, IdpIdentifier="one"))[0]
    )


@sqlite_only
async def test_an_update_replaces_the_details_whole_but_for_a_hidden_key(
    ask: Ask, flow: Flow, at: dict[str, Any]
) -> None:
    await create(ask, at, "SignInWithApple")
    await ask("UpdateIdentityProvider", **at, ProviderName="SignInWithApple", ProviderDetails={**APPLE, "key_id": "2"})

    stored = await flow.database.read(lambda tx: store.find_provider(tx, at["UserPoolId"], "SignInWithApple"))
    assert stored is not None
    assert ("2", apple_key()) == (stored.details["key_id"], providers.secrets_of(flow, stored)["private_key"])
    await create(ask, at, "Google")
    assert invalid("client_id, client_secret and authorize_scopes are all required idp details") == await refusal(
        ask, "UpdateIdentityProvider", **at, ProviderName="Google", ProviderDetails={"client_id": "b"}
    )


async def test_the_later_of_two_changes_at_once_is_refused(ask: Ask, at: dict[str, Any]) -> None:
    await create(ask, at)
    outcomes = await asyncio.gather(
        *(ask("UpdateIdentityProvider", **at, ProviderName="MyOIDC", IdpIdentifiers=[f"id-{n}"]) for n in range(3)),
        return_exceptions=True,
    )

    refused = [each for each in outcomes if not isinstance(each, dict)]
    assert len(refused) < 3
    assert {"ConcurrentModificationException"} >= {getattr(each, "code", each) for each in refused}


async def test_what_does_not_exist_is_not_found(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await create(ask, at)
    other = {"UserPoolId": (await a_pool(flow)).pool.id}

    for operation in ("DescribeIdentityProvider", "UpdateIdentityProvider", "DeleteIdentityProvider"):
        assert unknown("MyOIDC") == await refusal(ask, operation, **other, ProviderName="MyOIDC")
        assert unknown("myoidc") == await refusal(ask, operation, **at, ProviderName="myoidc")
    assert [[]] == await pages(ask, "ListIdentityProviders", "Providers", **other)


@sqlite_only
async def test_the_pool_itself_is_no_provider_to_change(ask: Ask, at: dict[str, Any]) -> None:
    for operation in ("UpdateIdentityProvider", "DeleteIdentityProvider"):
        code, _ = await refusal(ask, operation, **at, ProviderName="COGNITO")
        assert "UnsupportedIdentityProviderException" == code


@sqlite_only
async def test_another_pool_or_region_is_unknown(ask: Ask, at: dict[str, Any]) -> None:
    operations: dict[str, dict[str, Any]] = {
        "CreateIdentityProvider": {"ProviderName": "abc", "ProviderType": "OIDC", "ProviderDetails": OIDC},
        "DescribeIdentityProvider": {"ProviderName": "abc"},
        "UpdateIdentityProvider": {"ProviderName": "abc"},
        "DeleteIdentityProvider": {"ProviderName": "abc"},
        "ListIdentityProviders": {},
        "GetIdentityProviderByIdentifier": {"IdpIdentifier": "abc"},
        "GetSigningCertificate": {},
    }
    for operation, body in operations.items():
        assert missing_pool("us-east-1_none") == await refusal(ask, operation, UserPoolId="us-east-1_none", **body)
        assert missing_pool(at["UserPoolId"]) == await refusal(ask, operation, region="eu-west-1", **at, **body)


async def test_a_list_is_paged_by_name(ask: Ask, at: dict[str, Any]) -> None:
    for kind in ("OIDC", "Google", "Facebook"):
        await create(ask, at, kind)
    found = await pages(ask, "ListIdentityProviders", "Providers", **at, MaxResults=2)

    assert [["Facebook", "Google"], ["MyOIDC"]] == [[each["ProviderName"] for each in page] for page in found]
    assert {"ProviderName", "ProviderType", "CreationDate", "LastModifiedDate"} == found[0][0].keys()
    assert invalid("Invalid pagination token") == await refusal(ask, "ListIdentityProviders", **at, NextToken="x")


async def test_a_deleted_provider_is_gone_with_its_identifiers(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await create(ask, at, IdpIdentifiers=["corp"])
    assert {} == await ask("DeleteIdentityProvider", **at, ProviderName="MyOIDC")

    assert unknown("MyOIDC") == await refusal(ask, "DescribeIdentityProvider", **at, ProviderName="MyOIDC")
    assert () == (await the_pool(flow, at["UserPoolId"])).providers
    await create(ask, at, "SAML", IdpIdentifiers=["corp"])


async def test_a_client_lists_providers_of_its_pool(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    await create(ask, at)
    listed: dict[str, Any] = {"SupportedIdentityProviders": ["COGNITO", "MyOIDC"]}
    made = await ask("CreateUserPoolClient", **at, ClientName="app", **listed)
    assert listed["SupportedIdentityProviders"] == made["UserPoolClient"]["SupportedIdentityProviders"]

    other = (await a_pool(flow)).pool.id
    assert invalid(f"The provider MyOIDC does not exist for User Pool {other}.") == await refusal(
        ask, "CreateUserPoolClient", UserPoolId=other, ClientName="app", **listed
    )
    await ask("DeleteIdentityProvider", **at, ProviderName="MyOIDC")
    client = {"ClientId": made["UserPoolClient"]["ClientId"]}
    assert invalid(f"The provider MyOIDC does not exist for User Pool {at['UserPoolId']}.") == await refusal(
        ask, "UpdateUserPoolClient", **at, **client, **listed
    )


@sqlite_only
async def test_saml_metadata_is_shown_as_addresses_and_the_pools_certificate(ask: Ask, at: dict[str, Any]) -> None:
    details = (await create(ask, at, "SAML"))["ProviderDetails"]

    assert ("https://idp.example/sso", "https://idp.example/slo") == (
        details["SSORedirectBindingURI"], details["SLORedirectBindingURI"],
    )  # fmt: skip
    x509.load_der_x509_certificate(base64.b64decode(details["ActiveEncryptionCertificate"]))


@sqlite_only
async def test_an_address_in_metadata_that_a_browser_should_not_be_sent_to_is_refused(
    ask: Ask, at: dict[str, Any]
) -> None:
    document = saml_metadata().replace("https://idp.example/sso", "javascript:alert(1)")

    assert invalid("Location must be a valid https URL") == await refused(
        ask, at, "SAML", ProviderDetails={"MetadataFile": document}
    )


@sqlite_only
@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/metadata",
        "https://10.0.0.1/metadata",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/metadata",
        "https://localhost/metadata",
    ],
)
async def test_an_address_of_a_private_network_is_not_called(ask: Ask, at: dict[str, Any], url: str) -> None:
    """CVE-2026-4874: a URL that somebody typed must not reach inside."""
    assert invalid(f"Unable to contact remote metadata source {url}") == await refused(
        ask, at, "SAML", ProviderDetails={"MetadataURL": url}
    )
    issuer = {**OIDC, "oidc_issuer": url}
    del issuer["jwks_uri"]
    assert invalid("Unable to contact well-known endpoint") == await refused(ask, at, ProviderDetails=issuer)


@sqlite_only
async def test_metadata_is_fetched_and_redirects_are_judged(flow: Flow) -> None:
    here = on_loopback(flow)
    ask = Service(here)
    at = {"UserPoolId": (await a_pool(here)).pool.id, "ProviderType": "SAML"}

    def to(url: str) -> Callable[[], site.Response]:
        return lambda: site.Response(status=302, headers={"location": url})

    documents: dict[str, Callable[[], site.Response]] = {
        "/metadata": lambda: site.Response(text=saml_metadata()),
        "/moved": to("/metadata"),
        "/inside": to("http://169.254.169.254/"),
        "/file": to("file:///etc/passwd"),
        "/round": to("/round"),
        "/large": lambda: site.Response(text="x" * 300_000),
        "/broken": lambda: site.Response(body=b"\xff\xfe\xff"),
    }
    async with a_site(documents) as base:

        async def outcome(path: str) -> str:
            body = {**at, "ProviderName": "MySAML", "ProviderDetails": {"MetadataURL": base + path}}
            return (await ask.refusal("CreateIdentityProvider", **body))[1].replace(base, "")

        assert "Non-ok status code 404 returned from remote metadata source /none" == await outcome("/none")
        for path in ("/inside", "/file", "/round", "/large"):
            assert f"Unable to contact remote metadata source {path}" == await outcome(path)
        assert "The remote metadata source /broken does not answer in UTF-8." == await outcome("/broken")
        body = {**at, "ProviderName": "MySAML", "ProviderDetails": {"MetadataURL": f"{base}/moved"}}
        made = await ask("CreateIdentityProvider", **body)

    assert "https://idp.example/sso" == made["IdentityProvider"]["ProviderDetails"]["SSORedirectBindingURI"]
    await here.http.close()


@sqlite_only
async def test_what_an_oidc_provider_is_not_told_is_discovered(flow: Flow) -> None:
    here = on_loopback(flow)
    ask = Service(here)
    at = {"UserPoolId": (await a_pool(here)).pool.id, "ProviderType": "OIDC", "ProviderName": "MyOIDC"}
    told = {name: value for name, value in OIDC.items() if name not in URLS}
    document: dict[str, Any] = {}
    async with a_site({"/.well-known/openid-configuration": lambda: site.json_response(document or [])}) as base:
        whole = {
            "issuer": base,
            "authorization_endpoint": f"{base}/a",
            "token_endpoint": f"{base}/t",
            "userinfo_endpoint": f"{base}/u",
            "jwks_uri": f"{base}/j",
        }
        body = {**at, "ProviderDetails": {**told, "oidc_issuer": base, "token_url": "https://given.example/token"}}

        async def outcome() -> str:
            return (await ask.refusal("CreateIdentityProvider", **body))[1]

        assert "The well-known endpoint does not answer with an OpenID configuration." == await outcome()
        document |= {**whole, "issuer": "https://other.example"}
        assert "The issuer of the well-known endpoint is not the oidc_issuer." == await outcome()
        document |= {**whole, "jwks_uri": None}
        assert "The well-known endpoint has no jwks_uri; jwks_uri is required." == await outcome()
        document |= {**whole, "jwks_uri": "http://internal.example/keys"}
        assert "jwks_uri must be a valid https URL" == await outcome()
        document |= whole
        details = (await ask("CreateIdentityProvider", **body))["IdentityProvider"]["ProviderDetails"]

    assert ("https://given.example/token", f"{base}/a", f"{base}/j") == (
        details["token_url"], details["authorize_url"], details["jwks_uri"],
    )  # fmt: skip
    await here.http.close()


async def test_the_signing_certificate_is_the_pools_own_for_ten_years(
    ask: Ask, flow: Flow, clock: FixedClock, at: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(ask("GetSigningCertificate", **at) for _ in range(3)))
    first = answers[0]["Certificate"]
    made = x509.load_der_x509_certificate(base64.b64decode(first))

    assert {first} == {each["Certificate"] for each in answers}
    made.verify_directly_issued_by(made)
    assert (made.not_valid_before_utc.timestamp(), at["UserPoolId"]) == (
        clock.now(), made.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value,
    )  # fmt: skip
    assert 3650 <= (made.not_valid_after_utc - made.not_valid_before_utc).days <= 3653
    assert first != (await ask("GetSigningCertificate", UserPoolId=(await a_pool(flow)).pool.id))["Certificate"]

    clock.advance(364 * 86_400)
    assert first == (await ask("GetSigningCertificate", **at))["Certificate"]
    clock.advance(86_400)
    assert first != (await ask("GetSigningCertificate", **at))["Certificate"]


@sqlite_only
@pytest.mark.parametrize(
    ("parameter", "value", "is_configured"),
    [
        ("identity_provider", "MyOIDC", True),
        ("idp_identifier", "corp", True),
        ("identity_provider", "Google", False),
        ("idp_identifier", "nobody", False),
    ],
)
async def test_a_configured_provider_is_told_apart_from_one_that_is_not(
    ask: Ask, flow: Flow, parameter: str, value: str, is_configured: bool
) -> None:
    pool = await a_web_pool(flow)
    await create(ask, {"UserPoolId": pool.pool.id}, IdpIdentifiers=["corp"])
    await create(ask, {"UserPoolId": pool.pool.id}, "Google")
    client = await a_web_client(flow, pool, supported_identity_providers=["COGNITO", "MyOIDC"])
    async with a_browser(application(flow)) as web:
        answer = answer_of(await authorize(web, client, **{parameter: value}))
        page: httpx.Response = await web.get((await authorize(web, client)).headers["location"])

    text = (
        "Sign-in with an external identity provider is not available on this server"
        if is_configured
        else "Login option is not available. Please try another one"
    )
    assert ("invalid_request", text) == (answer["error"], answer["error_description"])
    assert "MyOIDC" not in page.text
