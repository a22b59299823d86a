"""/oauth2/userInfo in the service's dialect: OIDC Core section 5.3, RFC 6750."""

import httpx
import msgspec
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import sign_out
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.flows.people import change
from poolhouse.pool.model.user import User
from tests.support.web import DOMAIN, a_code, a_web_client, a_web_pool, error_of, redeem, token

URL = f"/domains/{DOMAIN}/oauth2/userInfo"
BAD_TOKEN = "Access token is expired, disabled, or deleted, or the user has globally signed out."


async def access_token(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, scope: str = "openid email profile"
) -> str:
    body: dict[str, str] = (await redeem(web, client, await a_code(flow, web, client, person, scope=scope))).json()
    return body["access_token"]


async def ask(web: httpx.AsyncClient, access: str) -> httpx.Response:
    return await web.get(URL, headers={"authorization": f"Bearer {access}"})


async def test_all_values_are_strings(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    reply = await ask(web, await access_token(flow, web, client, person))

    assert {
        "sub": person.sub,
        "email": "jane@example.com",
        "email_verified": "true",
        "name": "Jane Doe",
        "username": "jane",
    } == reply.json()
    assert "no-store" == reply.headers["cache-control"]
    assert "*" == reply.headers["access-control-allow-origin"]


async def test_openid_alone_opens_all_that_the_client_may_read(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    reply = await ask(web, await access_token(flow, web, client, person, "openid"))

    assert {"sub", "email", "email_verified", "name", "phone_number", "username"} == set(reply.json())


async def test_read_attributes_of_the_client_hold_here_too(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, read_attributes=["email", "email_verified"])

    reply = await ask(web, await access_token(flow, web, client, person))

    assert {"sub", "email", "email_verified", "username"} == set(reply.json())


async def test_by_post_in_the_header_and_in_the_body(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    access = await access_token(flow, web, client, person)

    by_header = await web.post(URL, headers={"authorization": f"Bearer {access}"})
    by_body = await web.post(URL, data={"access_token": access})

    assert (200, 200) == (by_header.status_code, by_body.status_code)


async def test_without_a_token_the_request_is_bad(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    access = await access_token(flow, web, client, person)

    for reply in (
        await web.get(URL),
        await web.get(URL, params={"access_token": access}),
        await web.get(URL, headers={"authorization": "Basic eDp5"}),
        await web.post(URL, data={"access_token": access}, headers={"authorization": f"Bearer {access}"}),
    ):
        assert ("invalid_request", 400) == error_of(reply)
        expected = 'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'
        assert expected in reply.headers["www-authenticate"]


async def test_a_bad_token_is_told_in_the_services_words(web: httpx.AsyncClient, client: ClientEntry) -> None:
    for bad in ("x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0."):
        reply = await ask(web, bad)

        assert {"error": "invalid_token", "error_description": BAD_TOKEN} == reply.json()
        assert (401, f'Bearer error="invalid_token", error_description="{BAD_TOKEN}"') == (
            reply.status_code, reply.headers["www-authenticate"],
        )  # fmt: skip


async def test_an_id_token_is_no_access_token(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    body = (await redeem(web, client, await a_code(flow, web, client, person))).json()

    assert 401 == (await ask(web, body["id_token"])).status_code


async def test_a_token_without_openid_is_refused(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, allowed_o_auth_scopes=["aws.cognito.signin.user.admin"])

    access = await access_token(flow, web, client, person, "aws.cognito.signin.user.admin")

    assert ("invalid_token", 401) == error_of(await ask(web, access))


async def test_a_token_of_another_pool_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    access = await access_token(flow, web, client, person)
    await a_web_pool(flow, domain="other")

    reply = await web.get("/domains/other/oauth2/userInfo", headers={"authorization": f"Bearer {access}"})

    assert ("invalid_token", 401) == error_of(reply)


async def test_an_expired_token_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    access = await access_token(flow, web, client, person)
    clock.advance(3600)

    assert ("invalid_token", 401) == error_of(await ask(web, access))


async def test_a_revoked_token_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2023-0091
    body = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    await web.post(
        f"/domains/{DOMAIN}/oauth2/revoke",
        data={
            "token": body["refresh_token"],
            "client_id": client.client.id,
            "client_secret": client.secrets[0],
        },
    )

    assert ("invalid_token", 401) == error_of(await ask(web, body["access_token"]))


async def test_signing_out_everywhere_ends_tokens_and_codes(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2026-8922
    access = await access_token(flow, web, client, person)
    waiting = await a_code(flow, web, client, person)

    await sign_out.everywhere(flow, person)

    assert ("invalid_token", 401) == error_of(await ask(web, access))
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, waiting))


async def test_a_disabled_user_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    access = await access_token(flow, web, client, person)
    await change(flow, pool.pool, person, lambda user: msgspec.structs.replace(user, enabled=False))

    assert ("invalid_token", 401) == error_of(await ask(web, access))


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_other_methods_are_refused(web: httpx.AsyncClient, pool: PoolEntry, method: str) -> None:
    assert 405 == (await web.request(method, URL)).status_code


async def test_a_refreshed_token_is_as_good(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    body = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    again = await token(web, client, grant_type="refresh_token", refresh_token=body["refresh_token"])

    assert 200 == (await ask(web, again.json()["access_token"])).status_code
