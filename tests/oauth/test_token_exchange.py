"""RFC 8693 at the token endpoint: a user's access token for one that is good for less."""

from typing import Any

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import sign_out, token_exchange
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.oauth.test_introspection import held_by, introspect, proof
from tests.oauth.test_resource_indicators import MAPS, NOTES, servers
from tests.support.builders import a_user
from tests.support.proofs import extend
from tests.support.service import Service
from tests.support.web import (
    DOMAIN,
    a_web_client,
    a_web_pool,
    answer_of,
    authorize,
    claims_of,
    error_of,
    redeem,
    signed_in,
    token,
)

__all__ = ["servers"]
READ = f"{NOTES}/read"


async def changed(flow: Flow, pool: PoolEntry, client: ClientEntry, **more: Any) -> ClientEntry:
    return await extend(flow, client, **more)


@pytest.fixture
async def front(flow: Flow, pool: PoolEntry, servers: None) -> ClientEntry:
    """The app that signs people in."""
    made = await a_web_client(flow, pool, allowed_o_auth_scopes=["openid", "email", READ, f"{MAPS}/read"])
    return await changed(flow, pool, made, dialect="openid")


@pytest.fixture
async def notes(flow: Flow, pool: PoolEntry, servers: None) -> ClientEntry:
    """A resource server that calls others on behalf of its callers."""
    made = await a_web_client(
        flow, pool, allowed_o_auth_flows=["client_credentials"], allowed_o_auth_scopes=[READ, f"{MAPS}/read"],
        callback_urls=[],
    )  # fmt: skip
    return await changed(flow, pool, made, extra_grants=[token_exchange.GRANT], resources=[NOTES])


@pytest.fixture
async def shown(flow: Flow, web: httpx.AsyncClient, front: ClientEntry, person: User) -> dict[str, Any]:
    """What the app got for the resource server."""
    await signed_in(flow, web, person)
    scope = f"openid {READ} {MAPS}/read"
    code = answer_of(await authorize(web, front, scope=scope, resource=NOTES))["code"]
    held: dict[str, Any] = (await redeem(web, front, code)).json()
    return held


async def ask(web: httpx.AsyncClient, client: ClientEntry, subject: str, **more: Any) -> httpx.Response:
    form = {
        "grant_type": token_exchange.GRANT, "subject_token": subject, "subject_token_type": token_exchange.ACCESS_TOKEN,
    }  # fmt: skip
    return await token(web, client, **(form | more))


async def test_a_token_is_exchanged_for_a_narrower_one(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], person: User, front: ClientEntry
) -> None:
    reply = await ask(web, notes, shown["access_token"], scope=f"{MAPS}/read", audience=MAPS)

    body = reply.json()
    assert {"access_token", "issued_token_type", "token_type", "expires_in", "scope"} == set(body)
    assert (token_exchange.ACCESS_TOKEN, "Bearer", f"{MAPS}/read") == (
        body["issued_token_type"], body["token_type"], body["scope"],
    )  # fmt: skip
    claims = claims_of(body["access_token"])
    assert (person.sub, notes.client.id, MAPS, f"{MAPS}/read") == (
        claims["sub"], claims["client_id"], claims["aud"], claims["scope"],
    )  # fmt: skip


async def test_without_a_target_the_audience_stays(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any]
) -> None:
    reply = await ask(web, notes, shown["access_token"])

    assert NOTES == claims_of(reply.json()["access_token"])["aud"]
    assert f"{READ} {MAPS}/read" == reply.json()["scope"]


async def test_it_lives_no_longer_than_its_subject(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], clock: FixedClock
) -> None:
    clock.advance(3000)

    body = (await ask(web, notes, shown["access_token"])).json()

    assert 600 == body["expires_in"]
    assert claims_of(shown["access_token"])["exp"] == claims_of(body["access_token"])["exp"]


async def test_it_dies_with_the_sign_in_of_its_subject(
    web: httpx.AsyncClient, notes: ClientEntry, front: ClientEntry, shown: dict[str, Any]
) -> None:
    derived = (await ask(web, notes, shown["access_token"])).json()["access_token"]
    assert (await introspect(web, notes, derived))["active"]

    url = f"/domains/{DOMAIN}/oauth2/revoke"
    await web.post(url, data={"token": shown["refresh_token"]}, headers=proof(front))

    assert {"active": False} == await introspect(web, notes, derived)


@pytest.mark.parametrize("scope", ["openid", "email", "nonsense", f"{READ} openid", " "])
async def test_scopes_are_only_left_out(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], scope: str
) -> None:
    assert ("invalid_scope", 400) == error_of(await ask(web, notes, shown["access_token"], scope=scope))


@pytest.mark.parametrize("member", ["audience", "resource"])
async def test_a_target_has_to_be_known(
    web: httpx.AsyncClient, notes: ClientEntry, front: ClientEntry, shown: dict[str, Any], member: str
) -> None:
    for target in ("https://evil.example", front.client.id):
        reply = await ask(web, notes, shown["access_token"], **{member: [NOTES, target]})
        assert ("invalid_target", 400) == error_of(reply)


async def test_several_targets_are_several_audiences(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any]
) -> None:
    reply = await ask(web, notes, shown["access_token"], audience=[MAPS], resource=[NOTES])

    assert [NOTES, MAPS] == claims_of(reply.json()["access_token"])["aud"]


async def test_who_acts_is_named_within_who_acted_before(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, notes: ClientEntry, shown: dict[str, Any], person: User
) -> None:
    own = (await token(web, notes, grant_type="client_credentials")).json()["access_token"]
    acting = {"actor_token": own, "actor_token_type": token_exchange.ACCESS_TOKEN}

    first = (await ask(web, notes, shown["access_token"], **acting)).json()["access_token"]
    second = (await ask(web, notes, first, **acting)).json()["access_token"]
    third = (await ask(web, notes, second)).json()["access_token"]

    me = notes.client.id
    assert {"sub": me} == claims_of(first)["act"]
    assert {"sub": me, "act": {"sub": me}} == claims_of(second)["act"] == claims_of(third)["act"]
    assert person.sub == claims_of(second)["sub"]


async def test_actors_do_not_go_on_for_ever(web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any]) -> None:
    own = (await token(web, notes, grant_type="client_credentials")).json()["access_token"]
    subject = shown["access_token"]
    for _ in range(5):
        reply = await ask(web, notes, subject, actor_token=own, actor_token_type=token_exchange.ACCESS_TOKEN)
        subject = reply.json()["access_token"]

    reply = await ask(web, notes, subject, actor_token=own, actor_token_type=token_exchange.ACCESS_TOKEN)

    assert ("invalid_request", 400) == error_of(reply)


async def test_a_revoked_actor_token_is_refused(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any]
) -> None:
    # CVE-2023-0091
    own = (await token(web, notes, grant_type="client_credentials")).json()["access_token"]
    await web.post(f"/domains/{DOMAIN}/oauth2/revoke", data={"token": own}, headers=proof(notes))

    reply = await ask(web, notes, shown["access_token"], actor_token=own, actor_token_type=token_exchange.ACCESS_TOKEN)

    assert ("invalid_request", 400) == error_of(reply)


async def test_a_dead_subject_is_refused(
    flow: Flow, web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], person: User, clock: FixedClock
) -> None:
    # thunderid#2861, VU#780781
    access = shown["access_token"]
    head, body, signature = access.split(".")
    dead = ["x", "a.b.c", f"{head}.{body}.{signature[:-4]}AAAA", shown["id_token"], shown["refresh_token"]]
    assert [("invalid_request", 400)] * 5 == [error_of(await ask(web, notes, each)) for each in dead]

    await sign_out.everywhere(flow, person)

    assert ("invalid_request", 400) == error_of(await ask(web, notes, access))


@pytest.mark.parametrize("operation", ["AdminDisableUser", "AdminDeleteUser"])
async def test_a_user_who_is_gone_or_disabled_is_no_subject(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], person: User, service: Service, operation: str
) -> None:
    await service(operation, UserPoolId=person.pool_id, Username="jane")

    assert ("invalid_request", 400) == error_of(await ask(web, notes, shown["access_token"]))


async def test_an_expired_subject_is_refused(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], clock: FixedClock
) -> None:
    clock.advance(3600)

    assert ("invalid_request", 400) == error_of(await ask(web, notes, shown["access_token"]))


async def test_a_token_of_another_pool_is_refused(flow: Flow, web: httpx.AsyncClient, notes: ClientEntry) -> None:
    # thunderid#2861
    elsewhere = await a_web_pool(flow, domain="elsewhere")
    person = await a_user(flow, elsewhere, "jane", email="jane@example.com")
    client = await a_web_client(flow, elsewhere)
    service = Service(flow)
    foreign = (await service.tokens(client, person.username))["AccessToken"]

    assert ("invalid_request", 400) == error_of(await ask(web, notes, foreign))


async def test_a_token_that_was_not_meant_for_the_client_is_not_its_to_exchange(
    flow: Flow, web: httpx.AsyncClient, notes: ClientEntry, client: ClientEntry, person: User
) -> None:
    held = await held_by(flow, web, client, person)

    assert ("invalid_request", 400) == error_of(await ask(web, notes, held["access_token"]))


async def test_a_clients_own_token_is_no_subject(web: httpx.AsyncClient, notes: ClientEntry) -> None:
    own = (await token(web, notes, grant_type="client_credentials")).json()["access_token"]

    assert ("invalid_request", 400) == error_of(await ask(web, notes, own))


async def test_only_a_confidential_client_with_the_grant_exchanges(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, front: ClientEntry, shown: dict[str, Any]
) -> None:
    public = await changed(
        flow, pool, await a_web_client(flow, pool, secret=False), extra_grants=[token_exchange.GRANT]
    )

    for each in (front, public):
        assert ("unauthorized_client", 400) == error_of(await ask(web, each, shown["access_token"]))


@pytest.mark.parametrize(
    "more",
    [
        {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"subject_token_type": None},
        {"subject_token": None},
        {"actor_token": "x"},
        {"actor_token_type": token_exchange.ACCESS_TOKEN},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
    ],
)
async def test_what_is_not_whole_or_not_supported_is_an_invalid_request(
    web: httpx.AsyncClient, notes: ClientEntry, shown: dict[str, Any], more: dict[str, Any]
) -> None:
    assert ("invalid_request", 400) == error_of(await ask(web, notes, shown["access_token"], **more))


async def test_revoking_what_was_exchanged_does_not_end_the_sign_in_of_the_other_app(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, notes: ClientEntry, front: ClientEntry, shown: dict[str, Any]
) -> None:
    derived = (await ask(web, notes, shown["access_token"])).json()["access_token"]
    notes = await changed(flow, pool, notes, dialect="openid")

    reply = await web.post(f"/domains/{DOMAIN}/oauth2/revoke", data={"token": derived}, headers=proof(notes))

    assert ("unsupported_token_type", 400) == error_of(reply)
    assert (await introspect(web, front, shown["access_token"]))["active"]
