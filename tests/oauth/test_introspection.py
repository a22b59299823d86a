"""/oauth2/introspect: RFC 7662."""

import base64
from typing import Any

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import sign_out
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.oauth.test_client_credentials import READ, ask, machine
from tests.support.builders import a_pool, a_user
from tests.support.proofs import extend
from tests.support.service import Service
from tests.support.web import BASE, DOMAIN, a_code, a_web_client, basic_header, error_of, redeem, token

__all__ = ["machine"]
URL = f"/domains/{DOMAIN}/oauth2/introspect"
REVOKE = f"/domains/{DOMAIN}/oauth2/revoke"
INACTIVE = {"active": False}


async def held_by(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, **more: str) -> dict[str, str]:
    body: dict[str, str] = (await redeem(web, client, await a_code(flow, web, client, person, **more))).json()
    return body


async def introspect(web: httpx.AsyncClient, client: ClientEntry, shown: str, url: str = URL) -> dict[str, Any]:
    reply = await web.post(url, data={"token": shown}, headers=proof(client))
    assert 200 == reply.status_code, reply.text
    assert "no-store" == reply.headers["cache-control"]
    body: dict[str, Any] = reply.json()
    return body


def proof(client: ClientEntry) -> dict[str, str]:
    return {"authorization": basic_header(client.client.id, client.secrets[0])}


async def test_an_access_token_is_described(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)

    found = await introspect(web, client, held["access_token"])

    assert {
        "active": True,
        "token_type": "Bearer",
        "scope": "openid email profile",
        "client_id": client.client.id,
        "username": "jane",
        "sub": person.sub,
        "iss": f"{BASE}/{pool.pool.id}",
        "exp": flow.clock.now() + 3600,
        "iat": flow.clock.now(),
    }.items() <= found.items()


async def test_a_refresh_token_is_described(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)

    found = await introspect(web, client, held["refresh_token"])

    assert (True, person.sub, "openid email profile") == (found["active"], found["sub"], found["scope"])
    assert "token_type" not in found


async def test_a_clients_own_token_is_described(web: httpx.AsyncClient, machine: ClientEntry) -> None:
    access = (await ask(web, machine, READ)).json()["access_token"]

    found = await introspect(web, machine, access)

    assert (True, machine.client.id, READ) == (found["active"], found["sub"], found["scope"])


async def test_what_is_no_living_token_is_inactive_without_a_reason(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)
    head, body, signature = held["access_token"].split(".")

    nested = base64.urlsafe_b64encode(b'{"x":' + b"[" * 4_000).decode().rstrip("=")
    shown = [
        "x", "a.b.c", held["id_token"], f"{head}.{body}.{signature[:-4]}AAAA", f"{held['refresh_token']}x",
        f"{head}.{nested}.x",
    ]  # fmt: skip

    assert [INACTIVE] * 6 == [await introspect(web, client, each) for each in shown]


async def test_an_expired_token_is_inactive(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    held = await held_by(flow, web, client, person)
    clock.advance(3600)
    assert INACTIVE == await introspect(web, client, held["access_token"])
    assert (await introspect(web, client, held["refresh_token"]))["active"]
    clock.advance(31 * 86_400)
    assert INACTIVE == await introspect(web, client, held["refresh_token"])


async def test_a_revoked_sign_in_makes_its_tokens_inactive(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)

    await web.post(REVOKE, data={"token": held["refresh_token"]}, headers=proof(client))

    assert [INACTIVE] * 2 == [await introspect(web, client, held[n]) for n in ("access_token", "refresh_token")]


async def test_signing_out_everywhere_makes_tokens_inactive(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    # CVE-2026-8922
    held = await held_by(flow, web, client, person)

    await sign_out.everywhere(flow, person)

    assert [INACTIVE] * 2 == [await introspect(web, client, held[n]) for n in ("access_token", "refresh_token")]


@pytest.mark.parametrize("operation", ["AdminDisableUser", "AdminDeleteUser"])
async def test_a_user_who_is_gone_or_disabled_has_no_active_tokens(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, service: Service, operation: str
) -> None:
    held = await held_by(flow, web, client, person)

    await service(operation, UserPoolId=person.pool_id, Username="jane")

    assert [INACTIVE] * 2 == [await introspect(web, client, held[n]) for n in ("access_token", "refresh_token")]


async def test_a_revoked_token_of_a_client_itself_is_inactive_and_opens_nothing(
    web: httpx.AsyncClient, machine: ClientEntry
) -> None:
    # CVE-2023-0091
    revoked, other = [(await ask(web, machine)).json()["access_token"] for _ in range(2)]

    for _ in range(2):
        reply = await web.post(REVOKE, data={"token": revoked}, headers=proof(machine))
        assert (200, b"") == (reply.status_code, reply.content)

    assert INACTIVE == await introspect(web, machine, revoked)
    assert (await introspect(web, machine, other))["active"]
    opened = await web.get(f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {revoked}"})
    assert ("invalid_token", 401) == error_of(opened)


async def test_a_revoked_token_of_a_client_itself_stays_so_until_it_expires(
    flow: Flow, web: httpx.AsyncClient, machine: ClientEntry, clock: FixedClock
) -> None:
    from poolhouse.pool.store import expiry

    revoked = (await ask(web, machine)).json()["access_token"]
    await web.post(REVOKE, data={"token": revoked}, headers=proof(machine))
    clock.advance(3599)

    await flow.database.write(lambda tx: expiry.sweep_short_lived(tx, flow.clock.now()))

    assert INACTIVE == await introspect(web, machine, revoked)


async def test_another_clients_own_token_is_not_revoked(
    flow: Flow, web: httpx.AsyncClient, machine: ClientEntry, client: ClientEntry
) -> None:
    access = (await ask(web, machine)).json()["access_token"]

    reply = await web.post(REVOKE, data={"token": access}, headers=proof(client))

    assert ("invalid_grant", 400) == error_of(reply)
    assert (await introspect(web, machine, access))["active"]


async def test_a_client_sees_its_own_tokens_only(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)
    other = await a_web_client(flow, pool)

    assert [INACTIVE] * 2 == [await introspect(web, other, held[n]) for n in ("access_token", "refresh_token")]


async def test_a_client_of_another_pool_sees_nothing(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)
    elsewhere = await a_pool(flow, domain="elsewhere")
    other = await a_web_client(flow, elsewhere)
    await a_user(flow, elsewhere, "jane")

    url = "/domains/elsewhere/oauth2/introspect"

    assert [INACTIVE] * 2 == [await introspect(web, other, held[n], url) for n in ("access_token", "refresh_token")]


async def test_introspection_needs_a_client_that_proves_itself(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)
    public = await a_web_client(flow, pool, secret=False)
    shown = {"token": held["access_token"]}

    replies = [
        await web.post(URL, data=shown),
        await web.post(URL, data=shown | {"client_id": client.client.id}),
        await web.post(URL, data=shown | {"client_id": public.client.id}),
        await web.post(URL, data=shown, headers={"authorization": basic_header(client.client.id, "wrong")}),
        await web.post(URL, data=shown, headers={"authorization": f"Bearer {held['access_token']}"}),
    ]

    assert [("invalid_client", 401)] * 5 == [error_of(reply) for reply in replies]


async def test_a_token_has_to_be_named_in_the_body(web: httpx.AsyncClient, client: ClientEntry) -> None:
    empty = await web.post(URL, data={"token_type_hint": "access_token"}, headers=proof(client))
    in_url = await web.get(URL, params={"token": "x"}, headers=proof(client))
    twice = await web.post(
        URL, content="token=a&token=b", headers={**proof(client), "content-type": "application/x-www-form-urlencoded"}
    )

    assert [("invalid_request", 400), ("invalid_request", 405), ("invalid_request", 400)] == [
        error_of(empty), error_of(in_url), error_of(twice),
    ]  # fmt: skip


async def test_a_rotated_refresh_token_is_inactive(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    from poolhouse.pool.spec.shapes import RefreshTokenRotationType

    client = await a_web_client(flow, pool, refresh_token_rotation=RefreshTokenRotationType(feature="ENABLED"))
    held = await held_by(flow, web, client, person)

    following = (await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])).json()

    assert INACTIVE == await introspect(web, client, held["refresh_token"])
    assert (await introspect(web, client, following["refresh_token"]))["active"]


async def test_a_resource_sees_what_has_one_of_its_scopes(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, machine: ClientEntry
) -> None:
    # Without a resource parameter a scope is all that says whom a token is for.
    api = await extend(flow, await a_web_client(flow, pool), resources=["https://api.example"])
    other = await extend(flow, await a_web_client(flow, pool), resources=["https://api.example/v2"])
    access = (await ask(web, machine, READ)).json()["access_token"]

    assert (await introspect(web, api, access))["active"]
    assert INACTIVE == await introspect(web, other, access)
