"""/logout: both of the service's forms, and that of OpenID Connect RP-Initiated Logout."""

import httpx
import pytest

from poolhouse.pool.flows.browser import SESSION_COOKIE
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import the_pool
from tests.support.web import (
    BASE,
    CALLBACK,
    DOMAIN,
    SIGNED_OUT,
    a_code,
    a_web_client,
    answer_of,
    authorize,
    redeem,
    signed_in,
    token,
)  # fmt: skip

URL = f"/domains/{DOMAIN}/logout"


async def is_signed_in(web: httpx.AsyncClient, client: ClientEntry) -> bool:
    return "code" in answer_of(await authorize(web, client))


async def test_to_a_registered_url(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    handle = await signed_in(flow, web, person)

    reply = await web.get(URL, params={"client_id": client.client.id, "logout_uri": SIGNED_OUT, "state": "s"})

    assert (302, SIGNED_OUT) == (reply.status_code, reply.headers["location"])
    assert not await is_signed_in(web, client)
    web.cookies.set(f"__Secure-{SESSION_COOKIE}", handle, domain="pool.example", path=f"/domains/{DOMAIN}")
    assert not await is_signed_in(web, client)


async def test_to_the_sign_in_page(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    await signed_in(flow, web, person)
    asked = {"client_id": client.client.id, "redirect_uri": CALLBACK, "response_type": "code", "state": "s"}

    reply = await web.get(URL, params=asked)

    assert (302, asked) == (reply.status_code, answer_of(reply))
    assert reply.headers["location"].startswith(f"/domains/{DOMAIN}/login?")
    assert not await is_signed_in(web, client)


@pytest.mark.parametrize("target", [SIGNED_OUT + "/", SIGNED_OUT + "#x", "https://evil.example", CALLBACK])
async def test_nobody_is_sent_to_an_unregistered_url(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, target: str
) -> None:
    await signed_in(flow, web, person)

    reply = await web.get(URL, params={"client_id": client.client.id, "logout_uri": target})

    assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error?")
    assert "Required String parameter 'redirect_uri' is not present" == answer_of(reply)["error"]
    shown = await web.get(reply.headers["location"])
    assert 400 == shown.status_code
    assert "sign-out URLs, letter for letter" in shown.text
    assert await is_signed_in(web, client)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "Required String parameter 'client_id' is not present"),
        ({"client_id": "unknown"}, "Client does not exist"),
        ({"client_id": "OWN"}, "Required String parameter 'redirect_uri' is not present"),
        ({"client_id": "OWN", "redirect_uri": CALLBACK}, "Required String parameter 'redirect_uri' is not present"),
        ({"client_id": "OWN", "redirect_uri": "https://evil.example", "response_type": "code"}, "redirect_mismatch"),
    ],
)
async def test_what_is_missing_is_named(
    web: httpx.AsyncClient, client: ClientEntry, given: dict[str, str], error: str
) -> None:
    named = {name: client.client.id if value == "OWN" else value for name, value in given.items()}

    reply = await web.get(URL, params=named)

    assert error == answer_of(reply)["error"]
    assert 400 == (await web.get(reply.headers["location"])).status_code


async def test_tokens_of_apps_stay(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    held = (await redeem(web, client, await a_code(flow, web, client, person))).json()

    await web.get(URL, params={"client_id": client.client.id, "logout_uri": SIGNED_OUT})

    refreshed = await token(web, client, grant_type="refresh_token", refresh_token=held["refresh_token"])
    assert 200 == refreshed.status_code


async def test_as_openid_connect_has_it(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    held = (await redeem(web, client, await a_code(flow, web, client, person))).json()

    reply = await web.get(
        URL, params={"id_token_hint": held["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "s"}
    )

    assert f"{SIGNED_OUT}?state=s" == reply.headers["location"]
    assert not await is_signed_in(web, client)


async def test_a_hint_that_is_no_id_token_of_this_client_is_refused(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    held = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    other = await a_web_client(flow, await _pool_of(flow, client))

    for hint in (held["access_token"], held["id_token"][:-4] + "AAAA", "x"):
        reply = await web.get(URL, params={"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT})
        assert "Client does not exist" == answer_of(reply)["error"]
    reply = await web.get(
        URL,
        params={
            "id_token_hint": held["id_token"],
            "client_id": other.client.id,
            "post_logout_redirect_uri": SIGNED_OUT,
        },
    )
    assert "Client does not exist" == answer_of(reply)["error"]
    assert await is_signed_in(web, client)


async def _pool_of(flow: Flow, client: ClientEntry) -> PoolEntry:
    return await the_pool(flow, client.client.pool_id)
