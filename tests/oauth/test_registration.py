"""Dynamic client registration: RFC 7591, and RFC 7592 for what follows."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.core.registration import Application, Rejected, judge
from poolhouse.pool.core.settings.dcr import Terms
from poolhouse.pool.flows import registration
from poolhouse.pool.flows.context import Flow, Refused
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from poolhouse.pool.store.registrations import find_registration
from tests.support.builders import a_client, a_user, reconfigure, the_client
from tests.support.service import Service, sqlite_only
from tests.support.web import (
    CALLBACK,
    CHALLENGE,
    DOMAIN,
    VERIFIER,
    a_browser,
    a_web_client,
    a_web_pool,
    answer_of,
    application,
    authorize,
    claims_of,
    redeem,
    signed_in,
    token,
)

PATH = f"/domains/{DOMAIN}/oauth2/register"
SCOPE = "aws.cognito/dcr/register"
APP = {"client_name": "Notes", "redirect_uris": [CALLBACK]}


def config(**changes: Any) -> shapes.DcrConfigurationType:
    whole: dict[str, Any] = {"enable_status": "Enabled", "open_dcr_enabled": True, **changes}
    return shapes.DcrConfigurationType(**whole)


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    return await a_web_pool(flow, dcr_configuration=config())


@pytest.fixture
async def web(flow: Flow) -> AsyncIterator[httpx.AsyncClient]:
    async with a_browser(application(flow)) as browser:
        yield browser


@pytest.fixture
async def ada(flow: Flow, pool: PoolEntry) -> User:
    return await a_user(flow, pool, "ada", email="ada@example.com")


async def post(web: httpx.AsyncClient, bearer: str | None = None, **metadata: Any) -> httpx.Response:
    headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
    return await web.post(PATH, json=APP | metadata, headers=headers)


async def registered(web: httpx.AsyncClient, bearer: str | None = None, **metadata: Any) -> dict[str, Any]:
    reply = await post(web, bearer, **metadata)
    assert 201 == reply.status_code, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def managing(
    web: httpx.AsyncClient, method: str, made: dict[str, Any], bearer: str | None = None, **body: Any
) -> httpx.Response:
    shown = made["registration_access_token"] if bearer is None else bearer
    content: dict[str, Any] = {"json": body} if body else {}
    headers = {"authorization": f"Bearer {shown}"}
    return await web.request(method, made["registration_client_uri"], headers=headers, **content)


async def a_registrar(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_web_client(
        flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[SCOPE], callback_urls=None
    )


async def an_initial_token(web: httpx.AsyncClient, registrar: ClientEntry) -> str:
    got: str = (await token(web, registrar, grant_type="client_credentials")).json()["access_token"]
    return got


def error(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]


async def test_an_app_registers_and_signs_people_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, ada: User
) -> None:
    made = await registered(web)

    assert {
        "client_name": "Notes",
        "redirect_uris": [CALLBACK],
        "application_type": "web",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid email phone profile",
        "client_id_issued_at": flow.clock.now(),
        "client_secret_expires_at": 0,
        "id_token_signed_response_alg": "RS256",
        "subject_type": "public",
        "registration_client_uri": f"https://pool.example{PATH}/{made['client_id']}",
    } == {k: v for k, v in made.items() if k not in {"client_id", "client_secret", "registration_access_token"}}
    client = await the_client(flow, made["client_id"])
    assert (made["client_secret"],) == client.secrets
    page = await web.get((await authorize(web, client)).headers["location"])
    assert "This app registered itself here. After you sign in, it takes you to app.example." in page.text


async def test_an_app_that_nobody_vouched_for_gets_no_code_from_a_session(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, ada: User
) -> None:
    client = await the_client(flow, (await registered(web))["client_id"])
    await signed_in(flow, web, ada)

    assert "/consent" in (await authorize(web, client)).headers["location"]
    assert "login_required" == answer_of(await authorize(web, client, prompt="none"))["error"]


async def test_an_app_that_registered_with_a_token_uses_the_session(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, ada: User
) -> None:
    bearer = await an_initial_token(web, await a_registrar(flow, pool))
    client = await the_client(flow, (await registered(web, bearer))["client_id"])
    await signed_in(flow, web, ada)
    code = answer_of(await authorize(web, client))["code"]

    assert client.client.id == claims_of((await redeem(web, client, code)).json()["id_token"])["aud"]


async def test_a_public_app_needs_pkce(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, ada: User) -> None:
    bearer = await an_initial_token(web, await a_registrar(flow, pool))
    made = await registered(web, bearer, token_endpoint_auth_method="none", application_type="native")
    client = await the_client(flow, made["client_id"])
    await signed_in(flow, web, ada)
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}

    assert "client_secret" not in made
    assert "code_challenge is missing" == answer_of(await authorize(web, client))["error_description"]
    code = answer_of(await authorize(web, client, **challenge))["code"]
    assert 200 == (await redeem(web, client, code, code_verifier=VERIFIER)).status_code


@pytest.mark.parametrize(("method", "basic"), [("client_secret_basic", False), ("client_secret_post", True)])
async def test_an_app_proves_itself_as_it_said(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, method: str, basic: bool
) -> None:
    client = await the_client(flow, (await registered(web, token_endpoint_auth_method=method))["client_id"])
    wrong = await token(web, client, basic=basic, grant_type="refresh_token", refresh_token="x")
    right = await token(web, client, basic=not basic, grant_type="refresh_token", refresh_token="x")

    assert ("invalid_client", "invalid_grant") == (wrong.json()["error"], right.json()["error"])


@sqlite_only
@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/callback",
        "https://app.example/#f",
        "https://user@app.example/",
        "https://*.app.example/",
        "https://app.example\\@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/callback",
        "",
        "https://app.example/" + "x" * 1024,
        "https://äpp.example/",
        7,
        None,
    ],
)
async def test_a_redirect_uri_keeps_the_rules_of_app_clients(web: httpx.AsyncClient, pool: PoolEntry, url: Any) -> None:
    assert (400, "invalid_redirect_uri") == error(await post(web, redirect_uris=[CALLBACK, url]))


@sqlite_only
@pytest.mark.parametrize("uris", [None, [], CALLBACK, [CALLBACK] * 2, [f"https://a.example/{n}" for n in range(101)]])
async def test_redirect_uris_are_a_list_of_at_most_a_hundred(
    web: httpx.AsyncClient, pool: PoolEntry, uris: Any
) -> None:
    assert (400, "invalid_redirect_uri") == error(await post(web, redirect_uris=uris))


@sqlite_only
@pytest.mark.parametrize(
    "metadata",
    [
        {"client_name": "<script>"},
        {"client_name": "x" * 129},
        {"client_name": ["x"]},
        {"grant_types": ["implicit"]},
        {"grant_types": ["password"]},
        {"grant_types": ["refresh_token"]},
        {"grant_types": ["authorization_code", "client_credentials"]},
        {"grant_types": "authorization_code"},
        {"grant_types": []},
        {"grant_types": ["client_credentials"], "redirect_uris": []},
        {"response_types": ["token"]},
        {"response_types": ["code", "token"]},
        {"response_types": []},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": ""},
        {"scope": "openid admin"},
        {"scope": f"openid {SCOPE}"},
        {"scope": "aws.cognito.signin.user.admin"},
        {"scope": ""},
        {"scope": "openid  email"},
        {"subject_type": "ephemeral"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"dpop_bound_access_tokens": 0},
        {"request_uris": ["https://internal.example/"]},
        {"sector_identifier_uri": "https://internal.example/"},
        {"application_type": "desktop"},
        {"post_logout_redirect_uris": ["javascript:alert(1)"]},
    ],
)
async def test_what_cannot_be_done_is_refused(
    web: httpx.AsyncClient, pool: PoolEntry, metadata: dict[str, Any]
) -> None:
    assert (400, "invalid_client_metadata") == error(await post(web, **metadata))


@sqlite_only
async def test_what_is_not_understood_is_neither_kept_nor_shown(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    made = await registered(
        web, logo_uri="https://app.example/logo", **{"client_name#fr": "Notes"}, client_type="REGULAR"
    )

    assert not {"logo_uri", "client_name#fr", "client_type"} & made.keys()


@sqlite_only
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'"x"', b"\xff", b'{"client_name":"a","client_name":"b"}', b"[" * 5000, b"null", b"NaN"],
)
async def test_a_body_that_is_no_single_object_is_refused(web: httpx.AsyncClient, pool: PoolEntry, body: bytes) -> None:
    reply = await web.post(PATH, content=body, headers={"content-type": "application/json"})

    assert (400, "invalid_client_metadata") == error(reply)


@sqlite_only
async def test_a_body_is_json_and_bounded(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    assert (400, "invalid_client_metadata") == error(await web.post(PATH, data={"client_name": "x"}))
    assert 400 == (await post(web, padding="x" * 70_000)).status_code
    assert 405 == (await web.get(PATH)).status_code


@sqlite_only
async def test_where_it_is_not_on_nothing_is_registered(flow: Flow, web: httpx.AsyncClient) -> None:
    off = await a_web_pool(flow)
    assert 404 == (await post(web)).status_code
    await reconfigure(flow, off, dcr_configuration=config(enable_status="Disabled"))
    assert 404 == (await post(web)).status_code


@sqlite_only
async def test_registration_is_discovered_where_it_is_on(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    url = f"/{pool.pool.id}/.well-known/openid-configuration"
    assert f"https://pool.example{PATH}" == (await web.get(url)).json()["registration_endpoint"]

    await reconfigure(flow, pool, dcr_configuration=config(enable_status="Disabled"))
    assert "registration_endpoint" not in (await web.get(url)).json()


async def test_without_open_registration_a_token_is_needed(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    pool = await reconfigure(flow, pool, dcr_configuration=config(open_dcr_enabled=False))
    bare = await post(web)
    registrar = await a_registrar(flow, pool)
    bearer = await an_initial_token(web, registrar)

    assert (401, "Bearer") == (bare.status_code, bare.headers["www-authenticate"])
    assert "Notes" == (await registered(web, bearer))["client_name"]
    machine = await registered(web, bearer, grant_types=["authorization_code"], response_types=["code"])
    assert machine["client_id"] != registrar.client.id


async def test_a_token_that_does_not_permit_it_is_refused_even_where_none_is_needed(
    flow: Flow, web: httpx.AsyncClient, service: Service, pool: PoolEntry, ada: User, clock: FixedClock
) -> None:
    other = await a_web_pool(flow, domain="other", dcr_configuration=config())
    registrar = await a_registrar(flow, pool)
    bearer = await an_initial_token(web, registrar)
    tokens = await service.tokens(await a_client(flow, pool), "ada")

    for wrong in ("", "x", "a.b.c", tokens["AccessToken"], tokens["IdToken"], bearer[:-4] + "AAAA"):
        assert (401, "invalid_token") == error(await post(web, wrong))
    elsewhere = PATH.replace(DOMAIN, "other")
    reply = await web.post(elsewhere, json=APP, headers={"authorization": f"Bearer {bearer}"})
    assert (401, "invalid_token") == error(reply)
    assert other.pool.id != pool.pool.id
    clock.advance(3600)
    assert (401, "invalid_token") == error(await post(web, bearer))


async def test_the_right_to_register_ends_with_the_clients_scope(
    flow: Flow, web: httpx.AsyncClient, service: Service, pool: PoolEntry
) -> None:
    registrar = await a_registrar(flow, pool)
    bearer = await an_initial_token(web, registrar)
    await service("DeleteUserPoolClient", UserPoolId=pool.pool.id, ClientId=registrar.client.id)
    reply = await post(web, bearer)
    for _ in range(50):
        if reply.status_code == 401:
            break
        await asyncio.sleep(0.02)
        reply = await post(web, bearer)

    assert (401, "invalid_token") == error(reply)


async def test_the_scope_for_registering_is_given_to_clients_where_registration_is_on(
    flow: Flow, service: Service, pool: PoolEntry, web: httpx.AsyncClient
) -> None:
    wanted = {
        "ClientName": "registrar", "GenerateSecret": True, "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": [SCOPE], "AllowedOAuthFlowsUserPoolClient": True,
    }  # fmt: skip
    await service("CreateUserPoolClient", UserPoolId=pool.pool.id, **wanted)
    off = await a_web_pool(flow, domain="off")
    assert (
        "ScopeDoesNotExistException"
        == (await service.refusal("CreateUserPoolClient", UserPoolId=off.pool.id, **wanted))[0]
    )
    made = await registered(web)
    update = {"UserPoolId": pool.pool.id, "ClientId": made["client_id"], **wanted}
    del update["GenerateSecret"]
    assert "ScopeDoesNotExistException" == (await service.refusal("UpdateUserPoolClient", **update))[0]


async def test_programs_register_for_the_scopes_that_the_pool_allows(
    flow: Flow, web: httpx.AsyncClient, service: Service, pool: PoolEntry
) -> None:
    await service("CreateResourceServer", UserPoolId=pool.pool.id, Identifier="photos", Name="Photos",
                  Scopes=[{"ScopeName": "read", "ScopeDescription": "r"}])  # fmt: skip
    allowed = config(open_dcr_grant_types=["client_credentials"], allowed_scopes=["photos/read", "photos/gone", SCOPE])
    await reconfigure(flow, pool, dcr_configuration=allowed)
    program: dict[str, Any] = {"grant_types": ["client_credentials"], "redirect_uris": []}
    made = await registered(web, **program)

    assert ("photos/read", [], ["client_credentials"]) == (made["scope"], made["response_types"], made["grant_types"])
    got = await token(web, await the_client(flow, made["client_id"]), grant_type="client_credentials")
    assert "photos/read" == claims_of(got.json()["access_token"])["scope"]
    for scope in ("photos/gone", "openid", SCOPE):
        assert (400, "invalid_client_metadata") == error(await post(web, **program, scope=scope))
    assert (400, "invalid_client_metadata") == error(await post(web, **program, token_endpoint_auth_method="none"))
    assert (400, "invalid_client_metadata") == error(await post(web))


@sqlite_only
async def test_an_empty_list_of_grant_types_permits_nothing(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    await reconfigure(flow, pool, dcr_configuration=config(open_dcr_grant_types=[]))

    assert (400, "invalid_client_metadata") == error(await post(web))


async def test_strangers_register_so_many_an_hour_and_never_all_clients(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (500, 20, 200) == (registration.IN_POOL, registration.PER_ADDRESS, registration.PER_POOL)
    monkeypatch.setattr(registration, "PER_ADDRESS", 2)
    replies = await asyncio.gather(*(post(web) for _ in range(4)))
    assert [201, 201, 429, 429] == sorted(each.status_code for each in replies)
    bearer = await an_initial_token(web, await a_registrar(flow, pool))
    await registered(web, bearer)
    clock.advance(3600)
    monkeypatch.setattr(registration, "IN_POOL", 4)
    await registered(web)
    assert (429, "temporarily_unavailable") == error(await post(web))


async def test_the_api_knows_what_registered_itself(
    flow: Flow, web: httpx.AsyncClient, service: Service, pool: PoolEntry
) -> None:
    regular = await a_client(flow, pool)
    made = await registered(web)
    at = {"UserPoolId": pool.pool.id}
    named = {**at, "ClientId": made["client_id"]}

    assert "DCR" == (await service("DescribeUserPoolClient", **named))["UserPoolClient"]["ClientType"]
    for kind, expected in (("DCR", made["client_id"]), ("REGULAR", regular.client.id)):
        listed = await service("ListUserPoolClients", **at, MaxResults=10, ClientType=kind)
        assert [expected] == [each["ClientId"] for each in listed["UserPoolClients"]]
    for operation in ("AddUserPoolClientSecret", "ListUserPoolClientSecrets"):
        assert "InvalidParameterException" == (await service.refusal(operation, **named))[0]
    changed = await service("UpdateUserPoolClient", **named, ClientName="Other")
    assert ("DCR", "Other") == (changed["UserPoolClient"]["ClientType"], changed["UserPoolClient"]["ClientName"])


async def test_the_api_signs_nobody_in_for_such_an_app(
    flow: Flow, web: httpx.AsyncClient, service: Service, pool: PoolEntry, ada: User
) -> None:
    client = await the_client(flow, (await registered(web))["client_id"])
    with pytest.raises(Exception, match="not enabled"):
        await service.sign_in(client, "ada")


async def test_an_app_reads_changes_and_deletes_itself(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    made = await registered(web, post_logout_redirect_uris=["https://app.example/bye"])
    assert made == (await managing(web, "GET", made)).json()

    body = {"client_id": made["client_id"], "client_name": "Renamed", "redirect_uris": ["https://app.example/other"]}
    changed = (await managing(web, "PUT", made, **body, client_secret=made["client_secret"])).json()
    gone = {name: value for name, value in made.items() if name != "post_logout_redirect_uris"}
    assert gone | body == changed
    assert changed == (await managing(web, "GET", made)).json()

    assert 204 == (await managing(web, "DELETE", made)).status_code
    assert (401, "invalid_token") == error(await managing(web, "GET", made))
    assert await flow.database.read(lambda tx: find_registration(tx, made["client_id"])) is None


async def test_a_client_gets_and_loses_its_secret(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    made = await registered(web, token_endpoint_auth_method="none")
    body = {"client_id": made["client_id"], **APP}

    confidential = (await managing(web, "PUT", made, **body)).json()
    assert 52 == len(confidential["client_secret"])
    public = (await managing(web, "PUT", made, **body, token_endpoint_auth_method="none")).json()
    assert "client_secret" not in public
    assert () == (await the_client(flow, made["client_id"])).secrets


async def test_an_app_does_not_take_back_a_scope_that_an_administrator_took_away(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, service: Service
) -> None:
    made = await registered(web, scope="openid email phone")
    client_id = made["client_id"]
    body = {"client_id": client_id, **APP}
    held = (await the_client(flow, client_id)).client.settings

    async def administered(*scopes: str) -> None:
        await service(
            "UpdateUserPoolClient", UserPoolId=pool.pool.id, ClientId=client_id, AllowedOAuthScopes=list(scopes),
            AllowedOAuthFlows=held.allowed_o_auth_flows, AllowedOAuthFlowsUserPoolClient=True,
            CallbackURLs=held.callback_urls, SupportedIdentityProviders=["COGNITO"],
        )  # fmt: skip
        flow.directory._forget(pool.pool.id)

    await administered("openid", "email")

    refused = await managing(web, "PUT", made, **body, scope="openid phone")
    assert (400, "invalid_client_metadata") == error(refused)
    by_default = await managing(web, "PUT", made, **body)
    assert "phone" not in by_default.json()["scope"].split()
    assert 200 == (await managing(web, "PUT", made, **body, scope="openid email")).status_code
    await administered("openid", "email", "phone")
    assert "openid phone" == (await managing(web, "PUT", made, **body, scope="openid phone")).json()["scope"]


@sqlite_only
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"client_id": "other"},
        {"client_secret": "wrong"},
        {"client_secret": 7},
        {"registration_access_token": "x"},
        {"client_secret_expires_at": 0},
        {"scope": f"openid {SCOPE}"},
        {"grant_types": ["client_credentials"]},
    ],
)
async def test_a_change_keeps_to_the_terms(web: httpx.AsyncClient, pool: PoolEntry, body: dict[str, Any]) -> None:
    made = await registered(web)
    whole = APP | ({"client_id": made["client_id"]} if body else {}) | body

    assert (400, "invalid_client_metadata") == error(await managing(web, "PUT", made, **whole))
    assert made == (await managing(web, "GET", made)).json()


async def test_a_registration_token_manages_its_own_client_only(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    one, two = await registered(web), await registered(web)
    regular = await a_client(flow, pool)
    await a_web_pool(flow, domain="other", dcr_configuration=config())

    for method in ("GET", "PUT", "DELETE"):
        for wrong in (two["registration_access_token"], "x", ""):
            assert (401, "invalid_token") == error(await managing(web, method, one, wrong, client_id=one["client_id"]))
        foreign = {**one, "registration_client_uri": one["registration_client_uri"].replace(DOMAIN, "other", 1)}
        assert 401 == (await managing(web, method, foreign, client_id=one["client_id"])).status_code
        strange = {**one, "registration_client_uri": f"https://pool.example{PATH}/{regular.client.id}"}
        assert 401 == (await managing(web, method, strange, client_id=regular.client.id)).status_code
    assert 401 == (await web.get(one["registration_client_uri"])).status_code
    assert 200 == (await managing(web, "GET", one)).status_code


@sqlite_only
async def test_management_ends_where_registration_is_turned_off(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    made = await registered(web)
    await reconfigure(flow, pool, dcr_configuration=config(enable_status="Disabled"))

    assert 404 == (await managing(web, "GET", made)).status_code


@sqlite_only
async def test_terms_are_those_of_the_moment_of_writing(flow: Flow, pool: PoolEntry) -> None:
    """Another process may have closed registration while this one still holds the pool as it was."""
    made = await registration.register(flow, pool, APP, bearer=None, address="192.0.2.1")
    await reconfigure(flow, pool, dcr_configuration=config(enable_status="Disabled"))

    with pytest.raises(Refused):
        await registration.register(flow, pool, APP, bearer=None, address="192.0.2.1")
    with pytest.raises(Refused):
        await registration.update(flow, pool, made.client.id, made.token, APP | {"client_id": made.client.id})


@sqlite_only
async def test_a_token_nested_without_end_is_no_token(web: httpx.AsyncClient, pool: PoolEntry) -> None:
    deep = base64.urlsafe_b64encode(b'{"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}").decode().rstrip("=")

    assert 401 == (await post(web, bearer=f"e30.{deep}.e30")).status_code


@sqlite_only
async def test_a_pools_configuration_is_shown_completed_and_replaced_whole(service: Service) -> None:
    made = await service("CreateUserPool", PoolName="x", DcrConfiguration={"AllowedScopes": ["openid"]})
    shown = {"EnableStatus": "Enabled", "OpenDcrEnabled": False}
    assert {**shown, "AllowedScopes": ["openid"]} == made["UserPool"]["DcrConfiguration"]

    at = {"UserPoolId": made["UserPool"]["Id"]}
    await service("UpdateUserPool", **at, DcrConfiguration={"OpenDcrEnabled": True})
    described = (await service("DescribeUserPool", **at))["UserPool"]
    assert {**shown, "OpenDcrEnabled": True} == described["DcrConfiguration"]
    await service("UpdateUserPool", **at)
    assert "DcrConfiguration" not in (await service("DescribeUserPool", **at))["UserPool"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["code", CALLBACK, "openid"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(
    ["client_name", "redirect_uris", "grant_types", "response_types", "scope", "token_endpoint_auth_method",
     "application_type", "subject_type", "post_logout_redirect_uris", "request_uris", "dpop_bound_access_tokens"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(_NAMES, _JSON, max_size=6))
def test_whatever_is_asked_for_is_registered_under_the_terms_or_rejected(metadata: dict[str, Any]) -> None:
    terms = Terms(("code",), ("openid", "email", "phone", "profile"))
    try:
        made: Application | Rejected = judge(metadata, terms)
    except Rejected as no:
        made = no
    if isinstance(made, Rejected):
        assert made.error in {"invalid_redirect_uri", "invalid_client_metadata"}
        return
    assert ("code", True) == (made.flow, bool(made.redirect_uris))
    assert set(made.scopes) <= set(terms.scopes)


@sqlite_only
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | st.dictionaries(_NAMES, _JSON, max_size=4).map(lambda d: json.dumps(d).encode()))
async def test_no_body_breaks_the_endpoint(web: httpx.AsyncClient, pool: PoolEntry, body: bytes) -> None:
    reply = await web.post(PATH, content=body, headers={"content-type": "application/json"})

    assert reply.status_code in {201, 400, 429}
