"""/oauth2/revoke: RFC 7009 as the service has it."""

import httpx

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.web import DOMAIN, a_code, a_web_client, basic_header, error_of, redeem, token

URL = f"/domains/{DOMAIN}/oauth2/revoke"


async def sign_in(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> dict[str, str]:
    body: dict[str, str] = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    return body


async def revoke(web: httpx.AsyncClient, client: ClientEntry, token: str | None) -> httpx.Response:
    headers = {"authorization": basic_header(client.client.id, client.secrets[0])} if client.secrets else {}
    form = {} if client.secrets else {"client_id": client.client.id}
    return await web.post(URL, data=form | ({} if token is None else {"token": token}), headers=headers)


async def test_a_refresh_token_is_revoked(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await sign_in(flow, web, client, person)

    reply = await revoke(web, client, held["refresh_token"])

    assert (200, b"") == (reply.status_code, reply.content)
    refreshed = await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert ("invalid_grant", 400) == error_of(refreshed)


async def test_a_public_client_names_itself(flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User) -> None:
    public = await a_web_client(flow, pool, secret=False)
    held = await sign_in(flow, web, public, person)

    assert 200 == (await revoke(web, public, held["refresh_token"])).status_code
    refreshed = await token(web, public, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert ("invalid_grant", 400) == error_of(refreshed)


async def test_what_holds_already_is_a_success(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await sign_in(flow, web, client, person)

    replies = [await revoke(web, client, each) for each in ("unknown", held["refresh_token"], held["refresh_token"])]

    assert [200, 200, 200] == [reply.status_code for reply in replies]


async def test_only_refresh_tokens_are_revoked(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await sign_in(flow, web, client, person)

    for name in ("access_token", "id_token"):
        assert ("unsupported_token_type", 400) == error_of(await revoke(web, client, held[name]))


async def test_a_token_has_to_be_named(web: httpx.AsyncClient, client: ClientEntry) -> None:
    assert ("invalid_request", 400) == error_of(await revoke(web, client, None))


async def test_a_client_that_fails_to_prove_itself_is_unauthorized(web: httpx.AsyncClient, client: ClientEntry) -> None:
    by_header = await web.post(
        URL, data={"token": "x"}, headers={"authorization": basic_header(client.client.id, "wrong")}
    )
    in_body = await web.post(URL, data={"token": "x", "client_id": client.client.id})

    assert [("invalid_client", 401)] * 2 == [error_of(by_header), error_of(in_body)]
    assert "www-authenticate" in by_header.headers
    assert "www-authenticate" not in in_body.headers


async def test_another_clients_token_stays(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    held = await sign_in(flow, web, client, person)

    assert 400 == (await revoke(web, await a_web_client(flow, pool), held["refresh_token"])).status_code
    refreshed = await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert 200 == refreshed.status_code


async def test_a_client_with_revocation_off_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, enable_token_revocation=False)
    held = await sign_in(flow, web, client, person)

    assert ("invalid_request", 400) == error_of(await revoke(web, client, held["refresh_token"]))


async def test_a_failing_store_is_never_a_success(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2020-15223
    held = await sign_in(flow, web, client, person)
    await flow.database.close()

    assert 500 <= (await revoke(web, client, held["refresh_token"])).status_code
