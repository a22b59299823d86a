"""oidcc-rp-initiated-logout-certification-test-plan: eleven modules."""

import httpx
import pytest

from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.logout import ask, confirm, is_signed_in, standard, tokens_of
from tests.support.web import BASE, DOMAIN, SIGNED_OUT

WITH_QUERY = f"{SIGNED_OUT}?foo=bar"


@pytest.fixture
async def app(flow: Flow, client: ClientEntry) -> ClientEntry:
    return await standard(flow, client)


@pytest.fixture
async def hint(flow: Flow, web: httpx.AsyncClient, app: ClientEntry, person: User) -> str:
    """The ID token of a browser that is signed in."""
    return str((await tokens_of(flow, web, app, person))["id_token"])


def is_error_page(reply: httpx.Response) -> bool:
    return str(reply.headers.get("location", "")).startswith(f"{BASE}/domains/{DOMAIN}/error?")


async def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(
    web: httpx.AsyncClient, pool: PoolEntry
) -> None:
    found = (await web.get(f"/{pool.pool.id}/.well-known/openid-configuration")).json()

    assert f"{BASE}/domains/{DOMAIN}/logout" == found["end_session_endpoint"]


async def test_oidcc_rp_initiated_logout(web: httpx.AsyncClient, app: ClientEntry, hint: str) -> None:
    reply = await ask(web, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT, state="s t&te")

    assert (302, f"{SIGNED_OUT}?state=s%20t%26te") == (reply.status_code, reply.headers["location"])
    assert not await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(
    web: httpx.AsyncClient, app: ClientEntry, hint: str
) -> None:
    for target in ("https://evil.example", f"{SIGNED_OUT}/", f"{SIGNED_OUT}?x", f"{SIGNED_OUT}#x", SIGNED_OUT.upper()):
        reply = await ask(web, id_token_hint=hint, post_logout_redirect_uri=target)

        assert is_error_page(reply)
        assert "not registered for it" in (await web.get(reply.headers["location"])).text
    assert await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_modified_id_token_hint(
    web: httpx.AsyncClient, app: ClientEntry, hint: str
) -> None:
    header, claims, signature = hint.split(".")
    other = ("A" if signature[0] != "A" else "B") + signature[1:]

    assert is_error_page(
        await ask(web, id_token_hint=f"{header}.{claims}.{other}", post_logout_redirect_uri=SIGNED_OUT)
    )
    assert await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_bad_id_token_hint(web: httpx.AsyncClient, app: ClientEntry, hint: str) -> None:
    for bad in ("x", "..", f"eyJhbGciOiJub25lIn0.{hint.split('.')[1]}."):
        assert is_error_page(await ask(web, id_token_hint=bad, post_logout_redirect_uri=SIGNED_OUT))
    assert await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_no_id_token_hint(web: httpx.AsyncClient, app: ClientEntry, hint: str) -> None:
    for named in ({}, {"client_id": app.client.id}):
        reply = await ask(web, post_logout_redirect_uri=SIGNED_OUT, state="s", **named)

        assert (200, True) == (reply.status_code, "Sign out?" in reply.text)
        assert await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_no_params(web: httpx.AsyncClient, app: ClientEntry, hint: str) -> None:
    reply = await confirm(web, await ask(web))

    assert (200, True) == (reply.status_code, "You are signed out" in reply.text)
    assert not await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(
    web: httpx.AsyncClient, app: ClientEntry, hint: str
) -> None:
    reply = await ask(web, id_token_hint=hint, state="s")

    assert (200, True) == (reply.status_code, "You are signed out" in reply.text)
    assert not await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_no_state(web: httpx.AsyncClient, app: ClientEntry, hint: str) -> None:
    reply = await ask(web, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)

    assert (302, SIGNED_OUT) == (reply.status_code, reply.headers["location"])
    assert not await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_only_state(web: httpx.AsyncClient, app: ClientEntry, hint: str) -> None:
    reply = await confirm(web, await ask(web, state="s"))

    assert (200, True) == (reply.status_code, "You are signed out" in reply.text)
    assert not await is_signed_in(web, app)


async def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(
    web: httpx.AsyncClient, app: ClientEntry, hint: str
) -> None:
    assert is_error_page(await ask(web, id_token_hint=hint, post_logout_redirect_uri=WITH_QUERY))
    assert await is_signed_in(web, app)
