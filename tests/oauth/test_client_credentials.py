"""Client credentials: RFC 6749 section 4.4, with scopes of resource servers."""

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.pool import ResourceServer
from poolhouse.pool.spec.shapes import ResourceServerScopeType
from poolhouse.pool.store import pools as pool_store
from tests.support.builders import reconfigure
from tests.support.web import BASE, DOMAIN, a_web_client, claims_of, error_of, token

READ, WRITE = "https://api.example/read", "https://api.example/write"


@pytest.fixture
async def machine(flow: Flow, pool: PoolEntry) -> ClientEntry:
    server = ResourceServer(
        pool_id=pool.pool.id,
        identifier="https://api.example",
        name="API",
        scopes=tuple(
            ResourceServerScopeType(scope_name=name, scope_description=name) for name in ("read", "write", "admin")
        ),
    )
    await flow.database.write(lambda tx: pool_store.put_resource_server(tx, server))
    await reconfigure(flow, pool)
    return await a_web_client(
        flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[READ, WRITE], callback_urls=[]
    )


async def ask(web: httpx.AsyncClient, client: ClientEntry, scope: str | None = None) -> httpx.Response:
    return await token(web, client, grant_type="client_credentials", scope=scope)


async def test_the_token_is_the_clients_own(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, machine: ClientEntry
) -> None:
    reply = await ask(web, machine, READ)

    assert {"access_token", "expires_in", "token_type", "scope"} == set(reply.json())
    claims = claims_of(reply.json()["access_token"])
    own = machine.client.id
    assert (own, own, "access", READ, 2) == (
        claims["sub"], claims["client_id"], claims["token_use"], claims["scope"], claims["version"],
    )  # fmt: skip
    assert f"{BASE}/{pool.pool.id}" == claims["iss"]
    assert not {"aud", "username", "event_id", "cognito:groups"} & set(claims)


async def test_without_a_scope_all_are_given(web: httpx.AsyncClient, machine: ClientEntry) -> None:
    assert f"{READ} {WRITE}" == (await ask(web, machine)).json()["scope"]


@pytest.mark.parametrize(
    "scope", ["https://api.example/admin", "https://api.example/none", "openid", f"{READ} openid", " "]
)
async def test_a_scope_that_the_client_may_not_have_is_refused(
    web: httpx.AsyncClient, machine: ClientEntry, scope: str
) -> None:
    assert ("invalid_scope", 400) == error_of(await ask(web, machine, scope))


async def test_a_client_without_scopes_gets_nothing(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    bare = await a_web_client(flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[])

    assert ("invalid_scope", 400) == error_of(await ask(web, bare))


async def test_a_client_that_was_not_given_the_grant_is_unauthorized(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    assert ("unauthorized_client", 400) == error_of(await ask(web, client))


async def test_a_public_client_has_no_credentials(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry) -> None:
    public = await a_web_client(
        flow, pool, secret=False, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[READ]
    )

    assert ("unauthorized_client", 400) == error_of(await ask(web, public))


async def test_its_token_says_nothing_at_user_info(web: httpx.AsyncClient, machine: ClientEntry) -> None:
    access = (await ask(web, machine)).json()["access_token"]

    reply = await web.get(f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {access}"})

    assert ("invalid_token", 401) == error_of(reply)
