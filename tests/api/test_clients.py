"""App clients."""

import re
from typing import Any

import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from poolhouse.pool.flows import issue
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import PoolEntry
from poolhouse.pool.model.pool import Client, ClientId
from poolhouse.pool.spec import shapes
from poolhouse.pool.store import clients as store
from poolhouse.pool.store import grants
from tests.api.administrator import Ask, missing_pool, pages, refusal, sqlite_only
from tests.support.builders import a_custom, a_pool, a_schema, a_user, reconfigure, the_client
from tests.support.fixtures import in_strict_mode

INVALID = "InvalidParameterException"
OAUTH: dict[str, Any] = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email"],
    "CallbackURLs": ["https://app.example/cb"],
}
EVERYTHING: dict[str, Any] = {
    **OAUTH,
    "RefreshTokenValidity": 10,
    "AccessTokenValidity": 30,
    "IdTokenValidity": 20,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
    "ReadAttributes": ["email", "email_verified", "custom:team"],
    "WriteAttributes": ["email", "custom:team"],
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    "SupportedIdentityProviders": ["COGNITO"],
    "LogoutURLs": ["https://app.example/bye", "app://bye"],
    "DefaultRedirectURI": "https://app.example/cb",
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": False,
    "EnablePropagateAdditionalUserContextData": False,
    "AuthSessionValidity": 15,
    "RefreshTokenRotation": {"Feature": "DISABLED", "RetryGracePeriodSeconds": 0},
}


def not_found(client_id: str) -> tuple[str, str]:
    return "ResourceNotFoundException", f"User pool client {client_id} does not exist."


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_pool(flow, schema_attributes=a_schema(custom=(a_custom("team"),)))


@pytest.fixture
def at(pool: PoolEntry) -> dict[str, Any]:
    return {"UserPoolId": pool.pool.id}


async def create(ask: Ask, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = (await ask("CreateUserPoolClient", **{"ClientName": "app", **body}))["UserPoolClient"]
    return made


async def describe(ask: Ask, client: dict[str, Any]) -> dict[str, Any]:
    ids = {name: client[name] for name in ("UserPoolId", "ClientId")}
    described: dict[str, Any] = (await ask("DescribeUserPoolClient", **ids))["UserPoolClient"]
    return described


async def test_a_client_of_nothing_but_a_name_has_the_defaults(ask: Ask, at: dict[str, Any], clock: FixedClock) -> None:
    made = await create(ask, **at)

    client_id = made.pop("ClientId")
    assert re.fullmatch(r"[0-9a-v]{26}", client_id)
    assert {
        **at,
        "ClientName": "app",
        "LastModifiedDate": clock.now_ms() / 1000,
        "CreationDate": clock.now_ms() / 1000,
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
    } == made
    assert {**made, "ClientId": client_id} == await describe(ask, {**at, "ClientId": client_id})


async def test_a_client_shows_all_that_was_set(ask: Ask, at: dict[str, Any]) -> None:
    made = await create(ask, **at, **EVERYTHING)

    assert EVERYTHING == {name: made[name] for name in EVERYTHING}
    assert made == await describe(ask, made)


async def test_a_generated_secret_is_shown_and_works(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    made = await create(ask, **at, GenerateSecret=True)

    assert re.fullmatch(r"[0-9a-v]{52}", made["ClientSecret"])
    assert made == await describe(ask, made)
    assert (made["ClientSecret"],) == (await the_client(flow, made["ClientId"])).secrets
    assert made["ClientSecret"] != (await create(ask, **at, GenerateSecret=True))["ClientSecret"]


async def test_a_given_secret_is_kept(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    made = await create(ask, **at, ClientSecret="s" * 24)

    assert "s" * 24 == made["ClientSecret"]
    assert ("s" * 24,) == (await the_client(flow, made["ClientId"])).secrets


@sqlite_only
async def test_a_secret_is_generated_or_given(ask: Ask, at: dict[str, Any]) -> None:
    expected = (INVALID, "ClientSecret cannot be given when GenerateSecret is true.")

    assert expected == await refusal(
        ask, "CreateUserPoolClient", **at, ClientName="app", GenerateSecret=True, ClientSecret="s" * 24
    )


@sqlite_only
async def test_a_given_secret_has_24_characters_at_least_and_is_not_repeated(ask: Ask, at: dict[str, Any]) -> None:
    expected = (
        "Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24"
    )

    assert (INVALID, f"1 validation error detected: {expected}") == await refusal(
        ask, "CreateUserPoolClient", **at, ClientName="app", ClientSecret="short"
    )


@sqlite_only
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"AccessTokenValidity": 4, "TokenValidityUnits": {"AccessToken": "minutes"}}, "Invalid range for token"),
        ({"ReadAttributes": ["unknown"]}, "Invalid read attributes specified while creating a client"),
        ({"WriteAttributes": ["email_verified"]}, "Invalid write attributes specified while creating a client"),
        ({"SupportedIdentityProviders": ["Google"]}, "The provider Google does not exist for User Pool "),
        ({"ExplicitAuthFlows": ["ALLOW_USER_AUTH", "CUSTOM_AUTH_FLOW_ONLY"]}, "Auth flow name with prefix 'ALLOW'"),
        ({**OAUTH, "CallbackURLs": ["http://app.example"]}, "http://app.example cannot use the HTTP protocol."),
        ({**OAUTH, "DefaultRedirectURI": "https://b.example"}, "The default redirect URI https://b.example is not"),
        (
            {"RefreshTokenRotation": {"Feature": "ENABLED"}, "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]},
            "ALLOW_REFRESH_TOKEN_AUTH is not a permitted",
        ),
        ({"AnalyticsConfiguration": {}}, "AnalyticsConfiguration needs an ApplicationId or an ApplicationArn."),
        ({"AuthSessionValidity": 16}, "1 validation error detected: Value '16' at 'authSessionValidity'"),
        ({"ClientName": "a/b"}, "1 validation error detected: Value 'a/b' at 'clientName'"),
    ],
)
@pytest.mark.parametrize("operation", ["CreateUserPoolClient", "UpdateUserPoolClient"])
async def test_settings_that_contradict_are_refused(
    ask: Ask, at: dict[str, Any], operation: str, body: dict[str, Any], expected: str
) -> None:
    if operation == "UpdateUserPoolClient":
        body = {"ClientId": (await create(ask, **at))["ClientId"], **body}
    code, message = await refusal(ask, operation, **at, **{"ClientName": "app", **body})

    assert INVALID == code
    assert message.startswith(expected)


async def test_a_custom_scope_must_exist(ask: Ask, at: dict[str, Any]) -> None:
    body: dict[str, Any] = {**OAUTH, "AllowedOAuthScopes": ["photos/read"]}
    unknown = ("ScopeDoesNotExistException", "Invalid scope requested: photos/read")
    client = await create(ask, **at)
    assert unknown == await refusal(ask, "CreateUserPoolClient", **at, ClientName="app", **body)
    assert unknown == await refusal(ask, "UpdateUserPoolClient", **at, ClientId=client["ClientId"], **body)

    scopes = [{"ScopeName": "read", "ScopeDescription": "see"}]
    await ask("CreateResourceServer", **at, Identifier="photos", Name="Photos", Scopes=scopes)

    assert ["photos/read"] == (await create(ask, **at, **body))["AllowedOAuthScopes"]
    changed = (await ask("UpdateUserPoolClient", **at, ClientId=client["ClientId"], **body))["UserPoolClient"]
    assert ["photos/read"] == changed["AllowedOAuthScopes"]


async def test_a_machine_client_needs_a_secret(ask: Ask, at: dict[str, Any]) -> None:
    scopes = [{"ScopeName": "read", "ScopeDescription": "see"}]
    await ask("CreateResourceServer", **at, Identifier="photos", Name="Photos", Scopes=scopes)
    body: dict[str, Any] = {
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": ["photos/read"],
    }
    expected = (
        "InvalidOAuthFlowException",
        "client_credentials flow can not be selected if client does not have a client secret.",
    )
    public = await create(ask, **at)

    assert expected == await refusal(ask, "CreateUserPoolClient", **at, ClientName="app", **body)
    assert expected == await refusal(ask, "UpdateUserPoolClient", **at, ClientId=public["ClientId"], **body)
    made = await create(ask, **at, **body, GenerateSecret=True)
    changed = await ask("UpdateUserPoolClient", **at, ClientId=made["ClientId"], **body)
    assert made["ClientSecret"] == changed["UserPoolClient"]["ClientSecret"]


@in_strict_mode
async def test_the_lowest_tier_does_not_rotate(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    await reconfigure(flow, pool, user_pool_tier="LITE")

    code, message = await refusal(
        ask, "CreateUserPoolClient", **at, ClientName="app", RefreshTokenRotation={"Feature": "ENABLED"}
    )

    assert "FeatureUnavailableInTierException" == code
    assert message.endswith("Refresh Token Rotation")


async def test_an_update_replaces_all_but_name_and_secret(
    ask: Ask, flow: Flow, at: dict[str, Any], clock: FixedClock
) -> None:
    bare = await create(ask, **at)
    made = await create(ask, **at, **EVERYTHING, GenerateSecret=True)
    clock.advance(9)

    changed = (await ask("UpdateUserPoolClient", **at, ClientId=made["ClientId"]))["UserPoolClient"]

    kept = {name: made[name] for name in ("ClientId", "ClientSecret")}
    assert {**bare, **kept, "LastModifiedDate": clock.now_ms() / 1000} == changed
    assert changed == await describe(ask, made)
    assert changed["ClientName"] == (await the_client(flow, made["ClientId"])).client.settings.client_name
    renamed = (await ask("UpdateUserPoolClient", **at, ClientId=made["ClientId"], ClientName="new"))["UserPoolClient"]
    assert "new" == renamed["ClientName"]


@pytest.mark.parametrize("settings", [{}, EVERYTHING, OAUTH])
async def test_updating_with_what_is_described_changes_nothing(
    ask: Ask, at: dict[str, Any], settings: dict[str, Any]
) -> None:
    made = await create(ask, **at, **settings)
    read_only = {"ClientSecret", "LastModifiedDate", "CreationDate"}

    await ask("UpdateUserPoolClient", **{name: value for name, value in made.items() if name not in read_only})

    assert made == await describe(ask, made)


async def test_an_update_is_seen_by_sign_ins_at_once(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    made = await create(ask, **at)
    assert (await the_client(flow, made["ClientId"])).client.settings.auth_session_validity == 3

    await ask("UpdateUserPoolClient", **at, ClientId=made["ClientId"], AuthSessionValidity=9)

    assert (await the_client(flow, made["ClientId"])).client.settings.auth_session_validity == 9


async def test_a_deleted_client_is_gone(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    made = await create(ask, **at, GenerateSecret=True)
    await the_client(flow, made["ClientId"])

    assert {} == await ask("DeleteUserPoolClient", **at, ClientId=made["ClientId"])

    assert not_found(made["ClientId"]) == await refusal(ask, "DescribeUserPoolClient", **at, ClientId=made["ClientId"])
    assert await flow.directory.find_client(made["ClientId"]) is None
    assert [] == await flow.database.read(lambda tx: store.list_secrets(tx, made["ClientId"]))


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeUserPoolClient",
        "UpdateUserPoolClient",
        "DeleteUserPoolClient",
        "AddUserPoolClientSecret",
        "ListUserPoolClientSecrets",
        "DeleteUserPoolClientSecret",
    ],
)
async def test_a_client_is_known_in_its_pool_and_region_only(
    ask: Ask, flow: Flow, at: dict[str, Any], operation: str
) -> None:
    made = await create(ask, **at, GenerateSecret=True)
    other = (await a_pool(flow)).pool.id
    body = {"ClientId": made["ClientId"]}
    if operation == "DeleteUserPoolClientSecret":
        body["ClientSecretId"] = "x"

    assert not_found(made["ClientId"]) == await refusal(ask, operation, UserPoolId=other, **body)
    assert not_found("0" * 26) == await refusal(ask, operation, **at, **{**body, "ClientId": "0" * 26})
    assert missing_pool(at["UserPoolId"]) == await refusal(ask, operation, region="eu-west-1", **at, **body)
    assert made == await describe(ask, made)


@pytest.mark.parametrize("operation", ["CreateUserPoolClient", "ListUserPoolClients"])
async def test_a_pool_is_known_in_its_region_only(ask: Ask, at: dict[str, Any], operation: str) -> None:
    body = {"ClientName": "app"} if operation == "CreateUserPoolClient" else {}

    assert missing_pool(at["UserPoolId"]) == await refusal(ask, operation, region="eu-west-1", **at, **body)
    assert missing_pool("us-east-1_No") == await refusal(ask, operation, UserPoolId="us-east-1_No", **body)


async def test_a_pool_has_at_most_1000_clients(ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]) -> None:
    client = Client(
        id=ClientId(""), pool_id=pool.pool.id, created_ms=0, modified_ms=0, settings=shapes.UserPoolClientType()
    )

    async def fill(tx: Tx) -> None:
        for number in range(1000):
            await store.put_client(tx, msgspec.structs.replace(client, id=ClientId(f"c{number}")))

    await flow.database.write(fill)

    expected = ("LimitExceededException", "A user pool cannot have more than 1000 app clients.")
    assert expected == await refusal(ask, "CreateUserPoolClient", **at, ClientName="one more")


async def test_clients_come_in_pages_of_ids_and_names(ask: Ask, flow: Flow, at: dict[str, Any]) -> None:
    made = [await create(ask, **at, ClientName=f"app {number}", GenerateSecret=True) for number in range(5)]
    await create(ask, UserPoolId=(await a_pool(flow)).pool.id)

    listed = await pages(ask, "ListUserPoolClients", "UserPoolClients", **at, MaxResults=2)

    assert [2, 2, 1] == [len(page) for page in listed]
    shown = [{name: client[name] for name in ("UserPoolId", "ClientId", "ClientName")} for client in made]
    assert sorted(shown, key=lambda each: each["ClientId"]) == sorted(
        [client for page in listed for client in page], key=lambda each: each["ClientId"]
    )
    bad = (INVALID, "Invalid pagination token")
    assert bad == await refusal(ask, "ListUserPoolClients", **at, NextToken="x")


async def test_clients_are_listed_by_their_type(ask: Ask, at: dict[str, Any]) -> None:
    await create(ask, **at)

    for kind, count in (("REGULAR", 1), ("DCR", 0)):
        assert count == len((await ask("ListUserPoolClients", **at, ClientType=kind))["UserPoolClients"])


async def test_tokens_of_a_deleted_client_are_revoked(
    ask: Ask, flow: Flow, pool: PoolEntry, at: dict[str, Any]
) -> None:
    user = await a_user(flow, pool)
    made = await create(ask, **at)
    entry = await the_client(flow, made["ClientId"])
    grant = issue.new_grant(
        flow, entry.client, user, scope="openid", hosted=False, auth_time=flow.clock.now(), amr=("pwd",)
    )
    await issue.start(flow, pool, entry.client, user, grant)

    await ask("DeleteUserPoolClient", **at, ClientId=made["ClientId"])

    assert await flow.database.read(lambda tx: grants.find_grant(tx, grant.id)) is None
