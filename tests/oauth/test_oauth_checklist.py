"""
The checklist of RFC 9700 and OAuth 2.1, and mistakes that other providers made: rows that no other file shows.

Those about redirect URIs, codes, PKCE and refresh tokens are with their features.
"""

import asyncio
import re
from typing import Any

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows import client_extension
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD, a_client
from tests.support.hosted import Person, from_here, is_at_app
from tests.support.web import (
    BASE,
    CALLBACK,
    CHALLENGE,
    DOMAIN,
    PAGES,
    VERIFIER,
    Asking,
    a_browser,
    a_code,
    a_web_client,
    a_web_pool,
    answer_of,
    application,
    authorize,
    claims_of,
    error_of,
    fragment_of,
    redeem,
    signed_in,
    token,
)


async def in_the_openid_dialect(flow: Flow, client: ClientEntry, **more: Any) -> ClientEntry:
    await client_extension.change(flow, client.client.pool_id, client.client.id, {"dialect": "openid", **more})
    found = await flow.directory.find_client(client.client.id)
    assert found is not None
    return found


@pytest.mark.parametrize("registered", ["https://app.example/*", "https://.*", "https://*.app.example/callback"])
async def test_a_pattern_in_a_registered_uri_is_no_pattern(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, registered: str
) -> None:
    """CVE-2024-52289: a registered URI was taken for a regular expression."""
    client = await a_web_client(flow, pool, callback_urls=[registered])
    await signed_in(flow, web, person)

    for wanted in ("https://app.example/x", "https://evil.example", "https://x.app.example/callback"):
        assert "redirect_mismatch" == answer_of(await authorize(web, client, redirect_uri=wanted))["error"]


@pytest.mark.parametrize("wanted", ["https://app.example/CALLBACK", "HTTPS://app.example/callback"])
async def test_redirect_uris_are_not_compared_without_their_case(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, wanted: str
) -> None:
    """CVE-2020-15234."""
    await signed_in(flow, web, person)

    assert "redirect_mismatch" == answer_of(await authorize(web, client, redirect_uri=wanted))["error"]


async def test_who_knows_a_request_does_not_get_its_code(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """CVE-2022-39222: the code could be had with what stands in the address of the sign-in page."""
    asked = Asking(client).params(nonce="n")
    sent = await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=asked)
    address = sent.headers["location"]
    at_app = await Person(web, client).sign_in("jane", PASSWORD)
    assert is_at_app(at_app)

    async with a_browser(application(flow)) as other:
        assert "/login?" in (await other.get(f"/domains/{DOMAIN}/oauth2/authorize", params=asked)).headers["location"]
        page = await other.get(address)
        assert 200 == page.status_code
        assert answer_of(at_app.reply)["code"] not in page.text


async def test_nothing_of_a_request_or_a_user_is_readable_in_a_cookie(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """CVE-2024-4540: the parameters of a pushed request stood in a cookie in clear."""
    someone = Person(web, client)
    for page in (await someone.open(nonce="telltale", login_hint="telltale"), await someone.sign_in("jane", PASSWORD)):
        held = " ".join(f"{cookie.name}={cookie.value}" for cookie in web.cookies.jar)
        for word in ("telltale", "jane", client.client.id, "callback", "openid", person.sub):
            assert word not in held
        assert page.status in {200, 302}


async def test_an_error_of_one_request_is_not_told_to_another(web: httpx.AsyncClient, client: ClientEntry) -> None:
    """Ory Hydra 26.2.5: an error object that requests shared was changed by one of them."""
    wrong: list[dict[str, str | None]] = [
        {"state": "one", "claims": "{"},
        {"state": "two", "response_type": "id_token"},
        {"state": "three", "max_age": "x"},
        {"state": "four", "scope": "unheard-of"},
    ] * 5
    answers = [answer_of(reply) for reply in await asyncio.gather(*(authorize(web, client, **each) for each in wrong))]

    alone = {each["state"]: answer_of(await authorize(web, client, **each)) for each in wrong[:4]}
    assert [alone[each["state"]] for each in wrong] == answers
    assert 4 == len({(each["error"], each.get("error_description")) for each in alone.values()})


async def test_a_flow_that_was_not_given_cannot_be_slipped_in_at_the_sign_in_page(
    web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """CVE-2026-7571: the implicit flow was turned on again by what the browser sent back."""
    someone = Person(web, client)
    page = await someone.open()
    action = page.forms[0].action
    assert "response_type=code" in action
    sent = await web.post(
        action.replace("response_type=code", "response_type=token"),
        data=page.filled(Username="jane", Password=PASSWORD),
        headers=from_here(web),
    )

    assert "unauthorized_client" == fragment_of(sent)["error"]
    assert "access_token" not in sent.headers["location"]


async def test_new_clients_have_neither_the_implicit_nor_the_password_grant(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    """OAuth 2.1 section 10, RFC 9700 sections 2.1.2 and 2.4."""
    plain = await a_client(flow, pool)
    assert "Login pages unavailable" == answer_of(await authorize(web, plain))["error"]
    refused = await token(web, client, grant_type="password", username="jane", password=PASSWORD)
    assert ("unsupported_grant_type", 400) == error_of(refused)


@pytest.mark.parametrize("dialect", ["cognito", "openid"])
async def test_every_answer_names_its_issuer(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User, dialect: str
) -> None:
    """RFC 9207: an app that talks to several providers cannot mix them up."""
    client = await in_the_openid_dialect(flow, client, dialect=dialect)
    issuer = f"{BASE}/{pool.pool.id}"
    assert issuer == answer_of(await authorize(web, client, prompt="none"))["iss"]
    assert issuer == fragment_of(await authorize(web, client, prompt="none", response_mode="fragment"))["iss"]
    assert (
        f'name="iss" value="{issuer}"' in (await authorize(web, client, response_mode="form_post", prompt="none")).text
    )
    await signed_in(flow, web, person)
    assert issuer == answer_of(await authorize(web, client))["iss"]

    second = await a_web_pool(flow, domain="second")
    other = await a_web_client(flow, second)
    reply = await web.get("/domains/second/oauth2/authorize", params=Asking(other).params(prompt="none"))
    assert f"{BASE}/{second.pool.id}" == answer_of(reply)["iss"] != issuer


async def test_the_authorization_endpoint_is_not_for_scripts_of_others(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """RFC 9700 section 2.6: CORS never at the authorization endpoint."""
    await signed_in(flow, web, person)
    origin = {"origin": "https://app.example"}
    url = f"/domains/{DOMAIN}/oauth2/authorize"
    for reply in (
        await web.get(url, params=Asking(client).params(), headers=origin),
        await web.get(url, params=Asking(client).params(prompt="none", response_mode="form_post"), headers=origin),
        await web.options(url, headers=origin | {"access-control-request-method": "GET"}),
    ):
        assert not [name for name in reply.headers if name.startswith("access-control-")]


async def test_a_posted_request_is_not_posted_on(web: httpx.AsyncClient, client: ClientEntry, person: User) -> None:
    """RFC 9700 section 4.12: 307 would carry a password along."""
    reply = await web.post(f"/domains/{DOMAIN}/oauth2/authorize", data=Asking(client).params())
    assert 303 == reply.status_code

    page = await Person(web, client).open()
    filled = page.filled(Username="jane", Password=PASSWORD)
    reply = await web.post(page.forms[0].action, data=filled, headers=from_here(web))
    assert reply.status_code in {302, 303}
    assert PASSWORD not in reply.headers["location"]


async def test_a_code_of_the_openid_dialect_lives_a_minute(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    """ASVS 5.0 V10.4: a minute at its third level; the service's codes live five."""
    client = await in_the_openid_dialect(flow, client)
    early, late = [await a_code(flow, web, client, person) for _ in range(2)]

    clock.advance(59)
    assert 200 == (await redeem(web, client, early)).status_code
    clock.advance(1)
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, late))


async def test_the_token_endpoint_has_the_standards_errors_in_the_openid_dialect(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """RFC 6749 section 5.2; the service says unauthorized_client of a redirect URI, and 400 of a client."""
    client = await in_the_openid_dialect(flow, client)
    code = await a_code(flow, web, client, person)
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code, redirect_uri=f"{CALLBACK}/"))

    wrong = await web.post(
        f"/domains/{DOMAIN}/oauth2/token", data={"grant_type": "refresh_token"}, auth=(client.client.id, "wrong")
    )
    assert ("invalid_client", 401) == error_of(wrong)
    assert wrong.headers["www-authenticate"].startswith("Basic ")


async def test_user_info_tells_a_token_without_openid_what_it_lacks(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User
) -> None:
    """RFC 6750 section 3.1; to the service it is as bad as any other token."""
    admin = "aws.cognito.signin.user.admin"
    client = await a_web_client(flow, pool, allowed_o_auth_scopes=[admin])
    url = f"/domains/{DOMAIN}/oauth2/userInfo"
    replies = {}
    for dialect in ("cognito", "openid"):
        client = await in_the_openid_dialect(flow, client, dialect=dialect)
        made = (await redeem(web, client, await a_code(flow, web, client, person, scope=admin))).json()
        replies[dialect] = await web.get(url, headers={"authorization": f"Bearer {made['access_token']}"})

    assert (401, 403) == (replies["cognito"].status_code, replies["openid"].status_code)
    asks = replies["openid"].headers["www-authenticate"]
    assert asks.startswith('Bearer error="insufficient_scope"')
    assert 'scope="openid"' in asks


async def test_refresh_tokens_of_public_clients_rotate_in_the_openid_dialect(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, person: User, clock: FixedClock
) -> None:
    """OAuth 2.1 section 4.3.1: a copy that is used ends the family; an answer that was lost can be asked for again."""
    public = await in_the_openid_dialect(flow, await a_web_client(flow, pool, secret=False))
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = await a_code(flow, web, public, person, **pkce)
    first = (await redeem(web, public, code, code_verifier=VERIFIER)).json()["refresh_token"]

    second = (await token(web, public, grant_type="refresh_token", refresh_token=first)).json()["refresh_token"]
    assert first != second
    clock.advance(9)
    third = (await token(web, public, grant_type="refresh_token", refresh_token=first)).json()["refresh_token"]
    clock.advance(1)
    replayed = await token(web, public, grant_type="refresh_token", refresh_token=first)
    assert ("invalid_grant", 400) == error_of(replayed)
    assert ("invalid_grant", 400) == error_of(await token(web, public, grant_type="refresh_token", refresh_token=third))


async def test_a_refresh_may_ask_for_less_and_never_for_more(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User
) -> None:
    """RFC 6749 section 6."""
    client = await in_the_openid_dialect(flow, client)
    code = await a_code(flow, web, client, person, scope="openid email")
    held = (await redeem(web, client, code)).json()["refresh_token"]

    less = (await token(web, client, grant_type="refresh_token", refresh_token=held, scope="openid")).json()
    assert ("openid", "openid") == (less["scope"], claims_of(less["access_token"])["scope"])
    for more in ("openid profile", "openid email phone", "unheard-of"):
        refused = await token(web, client, grant_type="refresh_token", refresh_token=held, scope=more)
        assert ("invalid_scope", 400) == error_of(refused)
    whole = (await token(web, client, grant_type="refresh_token", refresh_token=held)).json()
    assert "openid email" == whole["scope"]


async def test_what_has_expired_is_refused_whether_or_not_it_was_swept_away(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    """CVE-2025-64708: an invitation was good until a job had removed it."""
    code = await a_code(flow, web, client, person)
    made = (await redeem(web, client, await a_code(flow, web, client, person))).json()
    clock.advance(31 * 86_400)

    refreshed = await token(web, client, grant_type="refresh_token", refresh_token=made["refresh_token"])
    shown = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {made['access_token']}"}
    )
    assert ("invalid_grant", 400) == error_of(await redeem(web, client, code))
    assert ("invalid_grant", 400) == error_of(refreshed)
    assert 401 == shown.status_code
    assert "/login?" in (await authorize(web, client)).headers["location"]


async def test_no_page_listens_to_messages_of_other_windows(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, pool: PoolEntry, person: User
) -> None:
    """CVE-2024-1249: the frame of session management did not look at who sent a message; there is no such frame."""
    document = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()
    assert "check_session_iframe" not in document
    # A worker's file runs in no window: what it hears is from the page that has started it.
    scripts = [each.read_text() for each in (PAGES / "static").rglob("*.js") if not each.stem.endswith("-worker")]
    heard = [
        found for each in scripts for found in re.findall(r"""([\w.]*)(?:addEventListener\(["']|on)message\b""", each)
    ]
    assert {"worker."} >= set(heard)
