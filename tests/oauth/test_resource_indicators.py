"""What a token is for: RFC 8707, at both endpoints."""

from typing import Any

import httpx
import pytest

from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.pool import ResourceServer
from poolhouse.pool.model.user import User
from poolhouse.pool.spec.shapes import ResourceServerScopeType
from poolhouse.pool.store import pools as pool_store
from tests.oauth.test_introspection import introspect
from tests.support.builders import reconfigure
from tests.support.proofs import extend
from tests.support.web import DOMAIN, a_web_client, answer_of, authorize, claims_of, error_of, redeem, signed_in, token

NOTES, MAPS, OWN = "https://notes.example", "https://maps.example", "https://own.example/v1"


@pytest.fixture
async def servers(flow: Flow, pool: PoolEntry) -> None:
    for identifier in (NOTES, MAPS):
        server = ResourceServer(
            pool_id=pool.pool.id,
            identifier=identifier,
            name=identifier,
            scopes=(ResourceServerScopeType(scope_name="read", scope_description="read"),),
        )

        async def put(tx: Any, server: ResourceServer = server) -> None:
            await pool_store.put_resource_server(tx, server)

        await flow.database.write(put)
    await reconfigure(flow, pool)


@pytest.fixture
async def app(flow: Flow, pool: PoolEntry, servers: None) -> ClientEntry:
    """A client of the standards' dialect with a target of its own."""
    return await speaking(flow, pool, await a_web_client(flow, pool))


async def speaking(flow: Flow, pool: PoolEntry, client: ClientEntry, **more: Any) -> ClientEntry:
    changes = {"dialect": "openid", "resources": [OWN], **more}
    return await extend(flow, client, **changes)


async def code_for(web: httpx.AsyncClient, client: ClientEntry, *resources: str) -> str:
    return answer_of(await authorize(web, client, resource=list(resources)))["code"]  # type: ignore[arg-type]


async def first_token(web: httpx.AsyncClient, client: ClientEntry, code: str, *resources: str) -> httpx.Response:
    return await redeem(web, client, code, resource=list(resources) or None)  # type: ignore[arg-type]


def audience(reply: httpx.Response) -> Any:
    assert 200 == reply.status_code, reply.text
    return claims_of(reply.json()["access_token"]).get("aud")


async def test_one_resource_is_the_audience_and_several_are_its_audiences(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    one = await first_token(web, app, await code_for(web, app, OWN))
    two = await first_token(web, app, await code_for(web, app, NOTES, MAPS))

    assert OWN == audience(one)
    assert [NOTES, MAPS] == audience(two)
    assert app.client.id == claims_of(two.json()["id_token"])["aud"]


@pytest.mark.parametrize("resources", [["https://evil.example"], [NOTES, "https://evil.example"], [f"{NOTES}/"]])
async def test_a_resource_that_nobody_registered_is_no_target(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User, resources: list[str]
) -> None:
    await signed_in(flow, web, person)

    reply = await authorize(web, app, resource=resources)  # type: ignore[arg-type]

    assert "invalid_target" == answer_of(reply)["error"]


async def test_the_services_dialect_has_one_resource_whatever_it_is(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, servers: None
) -> None:
    await signed_in(flow, web, person)

    one = await first_token(web, client, await code_for(web, client, "https://any.example"))
    two = await authorize(web, client, resource=[NOTES, MAPS])  # type: ignore[arg-type]

    assert "https://any.example" == audience(one)
    assert "invalid_request" == answer_of(two)["error"]


async def test_tokens_may_be_for_some_of_what_was_granted(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    first = await first_token(web, app, await code_for(web, app, NOTES, MAPS), NOTES)
    assert NOTES == audience(first)

    async def renewed(*resources: str) -> httpx.Response:
        held = first.json()["refresh_token"]
        return await token(web, app, grant_type="refresh_token", refresh_token=held, resource=list(resources) or None)  # type: ignore[arg-type]

    assert MAPS == audience(await renewed(MAPS))
    assert [NOTES, MAPS] == audience(await renewed())
    assert ("invalid_target", 400) == error_of(await renewed(OWN))
    assert ("invalid_target", 400) == error_of(await renewed(MAPS, OWN))


async def test_a_code_gives_no_token_for_what_was_not_granted(
    flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)

    other = await first_token(web, app, await code_for(web, app, NOTES), MAPS)
    unbound = await first_token(web, app, await code_for(web, app), MAPS)
    unknown = await first_token(web, app, await code_for(web, app), "https://evil.example")

    assert ("invalid_target", 400) == error_of(other)
    assert MAPS == audience(unbound)
    assert ("invalid_target", 400) == error_of(unknown)


async def test_a_clients_own_token_has_an_audience(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, servers: None
) -> None:
    machine = await a_web_client(
        flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[f"{NOTES}/read"],
        callback_urls=[],
    )  # fmt: skip

    async def ask(*resources: str) -> httpx.Response:
        return await token(web, machine, grant_type="client_credentials", resource=list(resources))  # type: ignore[arg-type]

    assert None is audience(await ask())
    assert NOTES == audience(await ask(NOTES))
    assert [NOTES, MAPS] == audience(await ask(NOTES, MAPS))
    assert ("invalid_target", 400) == error_of(await ask("https://evil.example"))


async def test_a_resource_may_introspect_what_is_meant_for_it(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    await signed_in(flow, web, person)
    held = (await first_token(web, app, await code_for(web, app, NOTES, MAPS))).json()
    other = (await first_token(web, app, await code_for(web, app, OWN))).json()

    notes = await speaking(flow, pool, await a_web_client(flow, pool), resources=[NOTES])

    found = await introspect(web, notes, held["access_token"])
    assert (True, [NOTES, MAPS], app.client.id) == (found["active"], found["aud"], found["client_id"])
    assert {"active": False} == await introspect(web, notes, held["refresh_token"])
    assert {"active": False} == await introspect(web, notes, other["access_token"])


async def test_a_device_asks_for_a_resource(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, app: ClientEntry, person: User
) -> None:
    from poolhouse.pool.flows import device_grant
    from tests.oauth.test_device_grant import allow, poll

    tv = await speaking(flow, pool, app, extra_grants=[device_grant.GRANT])
    form = {"client_id": tv.client.id, "client_secret": tv.secrets[0]}
    url = f"/domains/{DOMAIN}/oauth2/device_authorization"

    refused = await web.post(url, data={**form, "resource": ["https://evil.example"]})
    asked = (await web.post(url, data={**form, "resource": [NOTES, MAPS]})).json()
    await allow(flow, web, asked, person)

    assert ("invalid_target", 400) == error_of(refused)
    assert [NOTES, MAPS] == audience(await poll(web, tv, asked))


@pytest.mark.parametrize(
    "resources",
    [["nonsense"], ["https://a.example/#f"], [NOTES, NOTES], [f"https://a.example/{n}" for n in range(101)]],
)
async def test_a_clients_own_targets_are_absolute_uris(
    flow: Flow, pool: PoolEntry, client: ClientEntry, resources: list[str]
) -> None:
    with pytest.raises(WrongSetting):
        await client_extension.change(flow, pool.pool.id, client.client.id, {"resources": resources})
