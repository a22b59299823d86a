"""The pre token generation trigger at the token endpoint."""

import json
from typing import Any

from poolhouse.pool.spec import shapes
from tests.support.builders import a_user
from tests.support.hooks import HookServer, Refuse, arn
from tests.support.service import Service, sqlite_only
from tests.support.web import CALLBACK, a_browser, a_code, a_web_client, a_web_pool, application, claims_of, token


def trigger(version: str) -> shapes.LambdaConfigType:
    config = shapes.PreTokenGenerationVersionConfigType(lambda_version=version, lambda_arn=arn("tokens"))
    return shapes.LambdaConfigType(pre_token_generation_config=config)


@sqlite_only
async def test_a_code_and_its_refresh_token_go_through_the_trigger(hooked: Service, hook_server: HookServer) -> None:
    flow = hooked.flow
    hook_server.on["tokens"] = lambda _: {"claimsOverrideDetails": {"claimsToAddOrOverride": {"team": "red"}}}
    pool = await a_web_pool(flow, lambda_config=trigger("V1_0"))
    client = await a_web_client(flow, pool)
    user = await a_user(flow, pool, "jane", email="jane@example.com", email_verified="true")
    async with a_browser(application(flow)) as web:
        code = await a_code(flow, web, client, user)
        whole: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        tokens = (await token(web, client, **whole)).json()
        await token(web, client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert "red" == claims_of(tokens["id_token"])["team"]
    assert "team" not in claims_of(tokens["access_token"])
    assert ["TokenGeneration_HostedAuth", "TokenGeneration_RefreshTokens"] == hook_server.sources()


@sqlite_only
async def test_a_trigger_that_refuses_leaves_the_code_unspent(hooked: Service, hook_server: HookServer) -> None:
    def refuse(_: object) -> None:
        raise Refuse("Not now")

    flow = hooked.flow
    pool = await a_web_pool(flow, lambda_config=trigger("V1_0"))
    client = await a_web_client(flow, pool)
    user = await a_user(flow, pool, "jane", email="jane@example.com")
    async with a_browser(application(flow)) as web:
        code = await a_code(flow, web, client, user)
        whole: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        hook_server.on["tokens"] = refuse
        refused = await token(web, client, **whole)
        assert (400, "invalid_request") == (refused.status_code, refused.json()["error"])
        assert "PreTokenGeneration failed with error Not now." == refused.json()["error_description"]
        hook_server.on["tokens"] = lambda _: {"claimsOverrideDetails": None}
        assert 200 == (await token(web, client, **whole)).status_code


@sqlite_only
async def test_client_metadata_of_a_program_reaches_version_three(hooked: Service, hook_server: HookServer) -> None:
    flow = hooked.flow
    hook_server.on["tokens"] = lambda _: {"claimsAndScopeOverrideDetails": None}
    pool = await a_web_pool(flow, lambda_config=trigger("V3_0"))
    scope = {"ScopeName": "read", "ScopeDescription": "read"}
    named = {"UserPoolId": pool.pool.id, "Identifier": "wiki", "Name": "wiki"}
    await hooked("CreateResourceServer", **named, Scopes=[scope])
    client = await a_web_client(
        flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=["wiki/read"], callback_urls=None
    )
    given: dict[str, Any] = {"grant_type": "client_credentials", "aws_client_metadata": json.dumps({"env": "test"})}
    async with a_browser(application(flow)) as web:
        assert 200 == (await token(web, client, **given)).status_code
        assert {"env": "test"} == hook_server.events[0]["request"]["clientMetadata"]
        for wrong in ("{", "[]", '{"a": 1}'):
            refused = await token(web, client, **{**given, "aws_client_metadata": wrong})
            assert (400, "invalid_request") == (refused.status_code, refused.json()["error"])
