"""Redirect URIs: compared as strings, and never answered when they are not registered (RFC 9700 section 2.1)."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolhouse.pool.core.authorization_request import answer_url
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.web import (
    BASE,
    CALLBACK,
    DOMAIN,
    a_code,
    a_web_client,
    answer_of,
    authorize,
    redeem,
    signed_in,
)  # fmt: skip

NEAR = [
    "https://app.example/callback/",
    "https://app.example/Callback",
    "https://APP.example/callback",
    "https://app.example:443/callback",
    "https://app.example/callback?",
    "https://app.example/callback?x=1",
    "https://app.example/callback#",
    "https://app.example/callback#f",
    "https://app.example/callback/..;/evil",  # CVE-2026-3872
    "https://app.example/callback/../evil",
    "https://app.example/%63allback",
    "https://app.example@evil.example/callback",  # CVE-2026-28512
    "https://evil.example/@app.example@app.example/callback",  # CVE-2026-7504
    "https://app.example.evil.example/callback",
    "https://appXexample/callback",  # CVE-2024-52289
    "http://app.example/callback",
    "//app.example/callback",
    "https://app.example/callback\t",
    " https://app.example/callback",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("near", NEAR)
async def test_what_is_not_registered_letter_for_letter_is_never_answered(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, near: str
) -> None:
    await signed_in(flow, web, person)

    reply = await authorize(web, client, redirect_uri=near)

    url = f"{BASE}/domains/{DOMAIN}/error?error=redirect_mismatch&client_id={client.client.id}"
    assert (302, url) == (reply.status_code, reply.headers["location"])


async def test_the_error_page_is_a_bad_request_with_words_that_help(
    web: httpx.AsyncClient, client: ClientEntry
) -> None:
    reply = await web.get((await authorize(web, client, redirect_uri=NEAR[0])).headers["location"])

    assert 400 == reply.status_code
    assert "An error was encountered with the requested page." in reply.text
    assert "callback URLs, letter for letter" in reply.text
    assert client.client.id in reply.text


async def test_the_error_page_repeats_nothing_of_its_address(web: httpx.AsyncClient, client: ClientEntry) -> None:
    # CVE-2026-42849
    said = "<script>alert(1)</script>Call+0900-1234"
    for query in (f"error={said}", f"error=redirect_mismatch&client_id={said}", f"error=x&error_description={said}"):
        reply = await web.get(f"/domains/{DOMAIN}/error?{query}")

        assert 400 == reply.status_code
        assert "0900" not in reply.text
        assert "alert(1)" not in reply.text


async def test_without_one_the_default_is_used(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    second = "https://app.example/second"
    client = await a_web_client(flow, pool, callback_urls=[CALLBACK, second], default_redirect_uri=second)
    await signed_in(flow, web, person)

    reply = await authorize(web, client, redirect_uri=None)

    assert reply.headers["location"].startswith(f"{second}?code=")
    assert 200 == (await redeem(web, client, answer_of(reply)["code"], redirect_uri=None)).status_code


async def test_without_one_and_without_a_default_it_is_missed(web: httpx.AsyncClient, client: ClientEntry) -> None:
    reply = await authorize(web, client, redirect_uri=None)

    assert "Required String parameter 'redirect_uri' is not present" == answer_of(reply)["error"]
    assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error?")


async def test_what_a_registered_uri_has_already_stays(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    own = "https://app.example/cb?tenant=a%20b&x="
    client = await a_web_client(flow, pool, callback_urls=[own])
    await signed_in(flow, web, person)

    reply = await authorize(web, client, redirect_uri=own)

    assert reply.headers["location"].startswith(f"{own}&code=")


async def test_apps_on_phones_have_schemes_of_their_own(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    client = await a_web_client(flow, pool, callback_urls=["myapp://signed-in"])

    await a_code(flow, web, client, person, redirect_uri="myapp://signed-in")


async def test_a_client_of_another_pool_does_not_exist_here(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    from tests.support.web import a_web_pool

    foreign = await a_web_client(flow, await a_web_pool(flow, domain="other"))

    assert "Client does not exist" == answer_of(await authorize(web, foreign))["error"]


async def test_a_client_without_oauth_has_no_callbacks_that_count(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    client = await a_web_client(flow, pool, allowed_o_auth_flows_user_pool_client=False)

    assert "Login pages unavailable" == answer_of(await authorize(web, client))["error"]


@pytest.mark.parametrize("repeated", ["client_id", "redirect_uri"])
async def test_a_repeated_client_or_redirect_uri_is_never_answered(
    web: httpx.AsyncClient, client: ClientEntry, repeated: str
) -> None:
    # CVE-2026-9689
    from tests.support.web import Asking

    params = [*Asking(client).params().items(), (repeated, "https://evil.example")]
    reply = await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=params)  # type: ignore[arg-type]

    assert reply.headers["location"].startswith(f"{BASE}/domains/{DOMAIN}/error?error=invalid_request")


@given(st.text(min_size=1), st.text())
def test_an_answer_never_breaks_out_of_its_parameter(state: str, nonce: str) -> None:
    from urllib.parse import parse_qsl, urlsplit

    state, nonce = (text.encode("utf-8", "replace").decode() for text in (state, nonce))
    url = answer_url("https://app.example/cb", {"code": "c", "state": state, "iss": nonce or "x"})

    assert all(32 < ord(character) < 127 for character in url)
    assert {"code": "c", "state": state, "iss": nonce or "x"} == dict(
        parse_qsl(urlsplit(url).query, keep_blank_values=True)
    )
