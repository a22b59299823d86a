"""The pre token generation trigger: when it is asked, with what, and what becomes of its answer."""

import json
from typing import Any

import pytest
from aiohttp import web

from poolhouse.pool.api.catalogue import OPERATIONS
from poolhouse.pool.core.tokens import ADMIN_SCOPE
from poolhouse.pool.flows import client_grant
from poolhouse.pool.flows.caller import ProvenClient
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.api.test_custom_auth import a_riddle, answered, begun
from tests.support.builders import PASSWORD, a_client, a_pool, a_user
from tests.support.hooks import CUSTOM, HookServer, Refuse, arn
from tests.support.service import Service, admin_auth, hashed, sqlite_only
from tests.support.web import claims_of

assert OPERATIONS
UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")


def tokens_trigger(version: str) -> shapes.LambdaConfigType:
    config = shapes.PreTokenGenerationVersionConfigType(lambda_version=version, lambda_arn=arn("tokens"))
    return shapes.LambdaConfigType(pre_token_generation=arn("tokens"), pre_token_generation_config=config)


async def a_place(service: Service, version: str, **client: Any) -> tuple[PoolEntry, ClientEntry]:
    entry = await a_pool(service.flow, lambda_config=tokens_trigger(version))
    await a_user(service.flow, entry, "jane", email="jane@example.com", email_verified="true")
    return entry, await a_client(service.flow, entry, **client)


def unchanged(_: object) -> dict[str, Any]:
    return {"claimsOverrideDetails": None}


async def test_version_one_changes_the_id_token(hooked: Service, hook_server: HookServer) -> None:
    entry, client = await a_place(hooked, "V1_0")
    whom = {"UserPoolId": entry.pool.id, "Username": "jane"}
    role = "arn:aws:iam::000000000000:role/staff"
    await hooked("CreateGroup", UserPoolId=entry.pool.id, GroupName="staff", RoleArn=role)
    await hooked("AdminAddUserToGroup", **whom, GroupName="staff")
    hook_server.on["tokens"] = lambda _: {
        "claimsOverrideDetails": {
            "claimsToAddOrOverride": {"team": "red", "sub": "forged"},
            "claimsToSuppress": ["email"],
            "groupOverrideDetails": {"groupsToOverride": ["others"]},
        }
    }
    tokens = await hooked.tokens(client, "jane")
    identity, access = claims_of(tokens["IdToken"]), claims_of(tokens["AccessToken"])
    assert ("red", ["others"]) == (identity["team"], identity["cognito:groups"])
    assert not {"email", "cognito:roles"} & identity.keys()
    assert access["sub"] == identity["sub"] != "forged"
    assert ["others"] == access["cognito:groups"]
    assert "team" not in access
    event = hook_server.events[-1]
    assert ("1", "TokenGeneration_Authentication", "jane") == (
        event["version"], event["triggerSource"], event["userName"],
    )  # fmt: skip
    groups = {"groupsToOverride": ["staff"], "iamRolesToOverride": [role], "preferredRole": role}
    assert groups == event["request"]["groupConfiguration"]
    assert "CONFIRMED" == event["request"]["userAttributes"]["cognito:user_status"]
    assert not {"scopes", "clientMetadata"} & event["request"].keys()
    assert "jane" == (await hooked("GetUser", AccessToken=tokens["AccessToken"]))["Username"]


@pytest.mark.parametrize(("version", "number"), [("V2_0", "2"), ("V3_0", "3")])
async def test_version_two_changes_both_tokens_and_scopes(
    hooked: Service, hook_server: HookServer, version: str, number: str
) -> None:
    _, client = await a_place(hooked, version)
    hook_server.on["tokens"] = lambda _: {
        "claimsAndScopeOverrideDetails": {
            "idTokenGeneration": {"claimsToAddOrOverride": {"teams": ["red", {"n": 1}]}},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"tenant": 5, "aud": client.client.id},
                "scopesToAdd": ["wiki/read"],
                "scopesToSuppress": [ADMIN_SCOPE],
            },
        }
    }
    tokens = await hooked.tokens(client, "jane")
    identity, access = claims_of(tokens["IdToken"]), claims_of(tokens["AccessToken"])
    assert ["red", {"n": 1}] == identity["teams"]
    assert (5, client.client.id, "wiki/read") == (access["tenant"], access["aud"], access["scope"])
    refused = await hooked.refusal("GetUser", AccessToken=tokens["AccessToken"])
    assert ("NotAuthorizedException", "Access Token does not have required scopes") == refused
    event = hook_server.events[-1]
    assert number == event["version"]
    assert [ADMIN_SCOPE] == event["request"]["scopes"]
    assert {"claimsAndScopeOverrideDetails": None} == event["response"]


@sqlite_only
async def test_each_way_to_tokens_has_its_source(hooked: Service, hook_server: HookServer) -> None:
    hook_server.on["tokens"] = unchanged
    entry, client = await a_place(hooked, "V1_0")
    tokens = await hooked.tokens(client, "jane")
    refresh = {"REFRESH_TOKEN": tokens["RefreshToken"], **hashed(client, "jane")}
    await hooked("InitiateAuth", ClientId=client.client.id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
    secret = {"ClientId": client.client.id, "ClientSecret": client.secrets[0]}
    again = {"RefreshToken": tokens["RefreshToken"], "ClientMetadata": {"a": "b"}}
    await hooked("GetTokensFromRefreshToken", **secret, **again)
    assert {"a": "b"} == hook_server.events[-1]["request"]["clientMetadata"]
    await hooked("AdminInitiateAuth", **admin_auth(entry, client, "jane"))
    await a_user(hooked.flow, entry, "new", temporary=True)
    asked = await hooked.sign_in(client, "new")
    await hooked.respond(client, "new", asked["ChallengeName"], asked["Session"], NEW_PASSWORD="A-New-Password-8")
    sources = [source.partition("_")[2] for source in hook_server.sources()]
    assert ["Authentication", "RefreshTokens", "RefreshTokens", "Authentication", "NewPasswordChallenge"] == sources


@sqlite_only
async def test_metadata_of_the_last_answer_is_seen_that_of_the_start_is_not(
    hooked: Service, hook_server: HookServer
) -> None:
    a_riddle(hook_server)
    hook_server.on["tokens"] = unchanged
    entry, client = await a_place(hooked, "V1_0", explicit_auth_flows=["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH"])
    del entry
    body: dict[str, Any] = {
        "ClientId": client.client.id, "AuthFlow": "USER_PASSWORD_AUTH", "ClientMetadata": {"a": "start"},
        "AuthParameters": {"USERNAME": "jane", "PASSWORD": PASSWORD, **hashed(client, "jane")},
    }  # fmt: skip
    await hooked("InitiateAuth", **body)
    assert "clientMetadata" not in hook_server.events[-1]["request"]
    custom = await a_pool(hooked.flow, lambda_config=_both())
    client = await a_client(hooked.flow, custom, explicit_auth_flows=["ALLOW_CUSTOM_AUTH"])
    await a_user(hooked.flow, custom, "jane")
    session = (await begun(hooked, client, ClientMetadata={"a": "start"}))["Session"]
    await answered(hooked, client, session, "5", ClientMetadata={"a": "answer"})
    assert {"a": "answer"} == hook_server.last("TokenGeneration")["request"]["clientMetadata"]


def _both() -> shapes.LambdaConfigType:
    return shapes.LambdaConfigType(
        define_auth_challenge=CUSTOM.define_auth_challenge,
        create_auth_challenge=CUSTOM.create_auth_challenge,
        verify_auth_challenge_response=CUSTOM.verify_auth_challenge_response,
        pre_token_generation=arn("tokens"),
    )


@sqlite_only
async def test_a_trigger_that_refuses_gives_no_tokens(hooked: Service, hook_server: HookServer) -> None:
    def refuse(_: object) -> None:
        raise Refuse("Not today")

    hook_server.on["tokens"] = unchanged
    _, client = await a_place(hooked, "V1_0")
    tokens = await hooked.tokens(client, "jane")
    hook_server.on["tokens"] = refuse
    told = ("UserLambdaValidationException", "PreTokenGeneration failed with error Not today.")
    body = {"ClientId": client.client.id, "ClientSecret": client.secrets[0], "RefreshToken": tokens["RefreshToken"]}
    assert told == await hooked.refusal("GetTokensFromRefreshToken", **body)
    parameters = {"USERNAME": "jane", "PASSWORD": PASSWORD, **hashed(client, "jane")}
    start = {"ClientId": client.client.id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    assert told == await hooked.refusal("InitiateAuth", **start)


@pytest.mark.parametrize(
    "response",
    [
        {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": ["a b"]}}},
        {"claimsAndScopeOverrideDetails": {"idTokenGeneration": {"claimsToAddOrOverride": {"x": "x" * 100_000}}}},
        {"claimsAndScopeOverrideDetails": []},
        {"claimsAndScopeOverrideDetails": {"groupOverrideDetails": {"groupsToOverride": "a"}}},
    ],
    ids=["scope", "size", "form", "groups"],
)
@sqlite_only
async def test_an_answer_of_another_form_gives_no_tokens(
    hooked: Service, hook_server: HookServer, response: dict[str, Any]
) -> None:
    hook_server.on["tokens"] = lambda _: response
    _, client = await a_place(hooked, "V2_0")
    parameters = {"USERNAME": "jane", "PASSWORD": PASSWORD, **hashed(client, "jane")}
    start = {"ClientId": client.client.id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    assert UNRECOGNIZABLE == await hooked.refusal("InitiateAuth", **start)


@sqlite_only
async def test_a_refresh_that_was_revoked_meanwhile_gives_no_tokens(hooked: Service, hook_server: HookServer) -> None:
    hook_server.on["tokens"] = unchanged
    entry, client = await a_place(hooked, "V1_0")
    tokens = await hooked.tokens(client, "jane")

    async def signed_out_meanwhile(_request: web.Request, body: bytes) -> web.StreamResponse:
        await hooked("AdminUserGlobalSignOut", UserPoolId=entry.pool.id, Username="jane")
        return web.Response(body=body)

    hook_server.raw = signed_out_meanwhile
    body = {"ClientId": client.client.id, "ClientSecret": client.secrets[0], "RefreshToken": tokens["RefreshToken"]}
    refused = await hooked.refusal("GetTokensFromRefreshToken", **body)
    assert ("NotAuthorizedException", "Refresh Token has been revoked") == refused


async def a_machine(service: Service, version: str) -> ProvenClient:
    entry = await a_pool(service.flow, lambda_config=tokens_trigger(version))
    scope = {"ScopeName": "read", "ScopeDescription": "read"}
    server = {"UserPoolId": entry.pool.id, "Identifier": "wiki", "Name": "wiki", "Scopes": [scope]}
    await service("CreateResourceServer", **server)
    made = await service(
        "CreateUserPoolClient", UserPoolId=entry.pool.id, ClientName="c", GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"], AllowedOAuthScopes=["wiki/read"],
    )  # fmt: skip
    client = await service.flow.directory.find_client(made["UserPoolClient"]["ClientId"])
    fresh = await service.flow.directory.find_pool(entry.pool.id)
    assert client is not None
    assert fresh is not None
    return ProvenClient(fresh, client.client, True)


@sqlite_only
async def test_version_three_is_asked_about_programs(hooked: Service, hook_server: HookServer) -> None:
    hook_server.on["tokens"] = lambda _: {
        "claimsAndScopeOverrideDetails": {
            "accessTokenGeneration": {"claimsToAddOrOverride": {"env": "test"}, "scopesToAdd": ["wiki/write"]}
        }
    }
    proven = await a_machine(hooked, "V3_0")
    tokens = await client_grant.grant(hooked.flow, proven, None, {"a": "b"})
    claims = claims_of(tokens.access_token)
    assert ("test", "wiki/read wiki/write") == (claims["env"], claims["scope"])
    event = hook_server.events[-1]
    assert ("3", "TokenGeneration_ClientCredentials", "ClientCredentials") == (
        event["version"], event["triggerSource"], event["userName"],
    )  # fmt: skip
    expected = {
        "userAttributes": {}, "groupConfiguration": None, "scopes": ["wiki/read"], "clientMetadata": {"a": "b"},
    }  # fmt: skip
    assert expected == event["request"]
    assert json.dumps(event)


@pytest.mark.parametrize("version", ["V1_0", "V2_0"])
@sqlite_only
async def test_earlier_versions_are_not(hooked: Service, hook_server: HookServer, version: str) -> None:
    proven = await a_machine(hooked, version)
    assert "wiki/read" == (await client_grant.grant(hooked.flow, proven, None)).scope
    assert [] == hook_server.events
