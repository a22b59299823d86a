"""Apps whose client_id is the address of a document: draft-ietf-oauth-client-id-metadata-document."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import trustme
from aiohttp import web as aio

from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.outgoing import Http
from poolhouse.pool.core import client_document as core
from poolhouse.pool.core.registration import Rejected
from poolhouse.pool.core.settings.dcr import Terms
from poolhouse.pool.flows import document_cache
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.openid import OpenIdSettings
from poolhouse.pool.model.user import User
from poolhouse.pool.spec import shapes
from tests.support.builders import PASSWORD, reconfigure
from tests.support.fixtures import in_strict_mode
from tests.support.hosted import Page, Person
from tests.support.web import (
    CHALLENGE,
    DOMAIN,
    VERIFIER,
    a_browser,
    a_web_pool,
    answer_of,
    application,
    claims_of,
    error_of,
)

BACK = "http://127.0.0.1:3030/callback"
TERMS = Terms(("code",), ("openid", "email"))


class AppSite:
    """Where an app publishes its document, over https; counts who asks."""

    def __init__(self, port: int) -> None:
        self.url = f"https://localhost:{port}/apps/notes.json"
        self.asked = 0
        self.status = 200
        self.document: dict[str, Any] = {
            "client_id": self.url,
            "client_name": "Notes",
            "redirect_uris": [BACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        }
        self.body: bytes | None = None

    async def serve(self, _request: aio.Request) -> aio.Response:
        self.asked += 1
        headers = {"location": "https://localhost/elsewhere.json"} if 300 <= self.status < 400 else {}
        body = self.body if self.body is not None else msgspec.json.encode(self.document)
        return aio.Response(status=self.status, body=body, content_type="application/json", headers=headers)


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    dcr = shapes.DcrConfigurationType(enable_status="Enabled", open_dcr_enabled=True)
    return await a_web_pool(flow, dcr_configuration=dcr)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AppSite]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    app = aio.Application()
    runner = aio.AppRunner(app)
    made: list[AppSite] = []

    async def serve(request: aio.Request) -> aio.Response:
        return await made[0].serve(request)

    app.router.add_get("/apps/notes.json", serve)
    await runner.setup()
    served = aio.TCPSite(runner, "localhost", 0, ssl_context=context)
    await served.start()
    port = runner.addresses[0][1]
    made.append(AppSite(port))
    yield made[0]
    await runner.cleanup()


@pytest.fixture
async def flow(flow: Flow, tmp_path: Path, site: AppSite) -> AsyncIterator[Flow]:
    """A server that may call this machine, and trusts the site's certificate."""
    http = Http(allow_loopback=True, allow_private=False, ca_file=str(tmp_path / "ca.pem"))
    yield msgspec.structs.replace(flow, http=http)
    await http.close()


def asked(url: str, **more: str) -> dict[str, str]:
    return {
        "response_type": "code", "client_id": url, "redirect_uri": BACK, "scope": "openid email", "state": "s",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", **more,
    }  # fmt: skip


async def authorize(web: httpx.AsyncClient, url: str, **more: str) -> httpx.Response:
    return await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=asked(url, **more))


async def refused(web: httpx.AsyncClient, url: str, **more: str) -> str:
    reply = await authorize(web, url, **more)
    assert "/error?" in reply.headers["location"], reply.headers["location"]
    return httpx.URL(reply.headers["location"]).params["error"]


async def signed_in(web: httpx.AsyncClient, client: ClientEntry, url: str) -> tuple[Page, httpx.Response]:
    """The page that asks, and the answer to "Allow"."""
    person = Person(web, client)
    page = await person.follow(await authorize(web, url))
    asking = await person.send(page, Username="jane", Password=PASSWORD)
    fields = {name: value for name, value in asking.forms[0].fields.items() if name}
    return asking, (await person.follow(await person.post(asking, fields | {"answer": "allow"}))).reply


async def token(web: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await web.post(f"/domains/{DOMAIN}/oauth2/token", data=form)


async def test_an_app_signs_people_in_by_its_document_alone(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, person: User, client: ClientEntry
) -> None:
    asking, reply = await signed_in(web, client, site.url)

    host = httpx.URL(site.url).netloc.decode()
    assert "Allow Notes?" in asking.words
    assert f"This app comes from {host}" in asking.words
    code = answer_of(reply)["code"]
    held = await token(
        web, grant_type="authorization_code", code=code, redirect_uri=BACK, client_id=site.url, code_verifier=VERIFIER
    )
    assert 200 == held.status_code, held.text
    claims = claims_of(held.json()["id_token"])
    assert (site.url, person.sub) == (claims["aud"], claims["sub"])
    assert site.url == claims_of(held.json()["access_token"])["client_id"]
    user_info = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {held.json()['access_token']}"}
    )
    assert "jane@example.com" == user_info.json()["email"]
    renewed = await token(
        web, grant_type="refresh_token", refresh_token=held.json()["refresh_token"], client_id=site.url
    )
    assert 200 == renewed.status_code, renewed.text


async def test_only_a_pool_that_lets_anybody_register_lets_such_apps_in(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, site: AppSite
) -> None:
    assert (await metadata(web, pool))["client_id_metadata_document_supported"] is True

    await reconfigure(flow, pool, dcr_configuration=shapes.DcrConfigurationType(enable_status="Enabled"))

    assert "Client does not exist" == await refused(web, site.url)
    assert 0 == site.asked
    assert "client_id_metadata_document_supported" not in await metadata(web, pool)


async def metadata(web: httpx.AsyncClient, pool: PoolEntry) -> dict[str, Any]:
    found: dict[str, Any] = (await web.get(f"/.well-known/oauth-authorization-server/{pool.pool.id}")).json()
    return found


async def test_tokens_end_with_the_permission(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, person: User, client: ClientEntry
) -> None:
    _, reply = await signed_in(web, client, site.url)
    code = answer_of(reply)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": site.url}
    held = (await token(web, **form, code_verifier=VERIFIER)).json()

    await reconfigure(flow, pool, dcr_configuration=shapes.DcrConfigurationType(enable_status="Disabled"))

    user_info = await web.get(
        f"/domains/{DOMAIN}/oauth2/userInfo", headers={"authorization": f"Bearer {held['access_token']}"}
    )
    assert 401 == user_info.status_code
    renewed = await token(web, grant_type="refresh_token", refresh_token=held["refresh_token"], client_id=site.url)
    assert "invalid_client" == renewed.json()["error"]


async def test_the_document_is_kept_for_a_while(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, clock: FixedClock
) -> None:
    for _ in range(3):
        assert 302 == (await authorize(web, site.url)).status_code
    assert 1 == site.asked

    clock.advance(document_cache.KEPT_SECONDS)
    await authorize(web, site.url)

    assert 2 == site.asked


async def test_an_address_that_failed_is_not_called_again_at_once(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, clock: FixedClock
) -> None:
    site.status = 500
    for _ in range(3):
        assert "Client does not exist" == await refused(web, site.url)
    assert 1 == site.asked

    site.status = 200
    clock.advance(document_cache.AGAIN_SECONDS)

    assert 302 == (await authorize(web, site.url)).status_code


async def test_strangers_cannot_make_the_server_call_without_end(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setattr(document_cache, "CALLS_A_MINUTE", 2)
    nowhere = [site.url.replace("notes", f"none-{n}") for n in range(3)]

    for each in nowhere:
        assert "Client does not exist" == await refused(web, each)

    assert "Client does not exist" == await refused(web, site.url)
    assert 0 == site.asked
    clock.advance(60)
    assert 302 == (await authorize(web, site.url)).status_code


async def test_an_app_that_is_known_goes_on_through_a_flood(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setattr(document_cache, "CALLS_A_MINUTE", 2)
    monkeypatch.setattr(document_cache, "DOCUMENTS", 3)
    assert 302 == (await authorize(web, site.url)).status_code
    clock.advance(document_cache.KEPT_SECONDS)
    for n in range(9):
        await refused(web, site.url.replace("notes", f"none-{n}"))

    assert 302 == (await authorize(web, site.url)).status_code
    assert 2 == site.asked


async def test_one_address_has_so_many_calls_and_others_have_theirs(
    flow: Flow, pool: PoolEntry, site: AppSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_cache, "CALLS_OF_ONE", 2)
    async with a_browser(application(flow), address="203.0.113.7") as stranger:
        for n in range(3):
            await refused(stranger, site.url.replace("notes", f"none-{n}"))
        assert "Client does not exist" == await refused(stranger, site.url)
    assert 0 == site.asked

    async with a_browser(application(flow), address="198.51.100.9") as other:
        assert 302 == (await authorize(other, site.url)).status_code


async def test_a_host_that_is_down_for_a_while_ends_no_app(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, clock: FixedClock
) -> None:
    await authorize(web, site.url)
    site.status = 503
    clock.advance(document_cache.KEPT_SECONDS)
    assert 302 == (await authorize(web, site.url)).status_code

    clock.advance(document_cache.STALE_SECONDS)
    assert "Client does not exist" == await refused(web, site.url)


async def test_a_document_that_is_taken_away_ends_its_app(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, clock: FixedClock
) -> None:
    await authorize(web, site.url)
    site.status = 404
    clock.advance(document_cache.KEPT_SECONDS)

    assert "Client does not exist" == await refused(web, site.url)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
async def test_only_a_document_at_the_address_itself_counts(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, status: int
) -> None:
    site.status = status

    assert "Client does not exist" == await refused(web, site.url)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"no", b"[" * 5_000, b'{"client_id": "a", "client_id": "b"}', b'{"x": "%s"}' % (b"x" * 20_000)]
)
async def test_what_is_no_document_is_no_client(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, body: bytes
) -> None:
    site.body = body

    assert "Client does not exist" == await refused(web, site.url)


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "https://other.example/app.json"},
        {"client_secret": "s"},
        {"client_secret_expires_at": 0},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"redirect_uris": ["https://evil.example/callback"]},
        {"redirect_uris": []},
        {"redirect_uris": "https://localhost/x"},
        {"redirect_uris": ["com.evil:/callback"]},
    ],
)
async def test_a_document_speaks_for_itself_and_its_own_origin_only(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite, change: dict[str, Any]
) -> None:
    site.document |= change

    assert "Client does not exist" == await refused(web, site.url)


async def test_redirects_are_those_of_the_document(web: httpx.AsyncClient, pool: PoolEntry, site: AppSite) -> None:
    site.document["redirect_uris"] = [BACK, "https://evil.example/callback"]

    assert "redirect_mismatch" == await refused(web, site.url, redirect_uri="https://evil.example/callback")
    assert "redirect_mismatch" == await refused(web, site.url, redirect_uri="http://127.0.0.1:3030/other")


async def test_such_an_app_has_no_excuse_to_go_without_pkce(
    web: httpx.AsyncClient, pool: PoolEntry, site: AppSite
) -> None:
    params = {name: value for name, value in asked(site.url).items() if not name.startswith("code_challenge")}

    reply = await web.get(f"/domains/{DOMAIN}/oauth2/authorize", params=params)

    assert "invalid_request" == answer_of(reply)["error"]


async def test_a_document_inside_is_not_fetched(web: httpx.AsyncClient, pool: PoolEntry, site: AppSite) -> None:
    # CVE-2026-4874: the guard of outgoing calls judges the address that the name has.
    inside = ["https://10.0.0.1/app.json", "https://169.254.169.254/app.json", "https://[fd00::1]/app.json"]

    assert ["Client does not exist"] * 3 == [await refused(web, each) for each in inside]


async def test_a_secret_does_not_make_it_another_client(web: httpx.AsyncClient, pool: PoolEntry, site: AppSite) -> None:
    reply = await token(web, grant_type="refresh_token", refresh_token="x", client_id=site.url, client_secret="s")

    assert ("invalid_client", 401) == error_of(reply)


@in_strict_mode
async def test_strictly_there_is_no_such_thing(web: httpx.AsyncClient, pool: PoolEntry, site: AppSite) -> None:
    assert "Client does not exist" == await refused(web, site.url)
    assert 0 == site.asked


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example/a.json", "https://app.example", "https://app.example/", "https://app.example/a#f",
        "https://u@app.example/a", "https://app.example/../a", "https://app.example/./a", "https://app.example/a?b=c",
        "https://app.example/" + "a" * 600, "https://App.example/a", "https://app.example:x/a", "https:///a",
        "https://app.example/%2e%2e/a", "https://app.example\\@evil.example/a", "https://appé.example/a",
    ],
)  # fmt: skip
def test_an_address_that_is_read_in_two_ways_names_nobody(address: str) -> None:
    assert not core.is_address(address)


def test_a_document_for_every_server_is_understood() -> None:
    url = "https://app.example/client.json"
    document = {
        "client_id": url,
        "client_name": "Editor (web) <b>",
        "client_uri": "https://app.example/",
        "tos_uri": "https://elsewhere.example/terms",
        "logo_uri": "https://app.example/logo.png",
        "redirect_uris": [
            "https://app.example/back",
            "cursor://back",
            "http://localhost/back",
            "http://127.0.0.1/back",
        ],
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": ["code", "code id_token"],
        "scope": "everything",
        "software_id": "x",
    }

    found = core.read(url, document, TERMS, OpenIdSettings(dialect="openid"))

    assert (None, ("openid", "email"), "none", "code") == (found.name, found.scopes, found.auth_method, found.flow)
    assert ("https://app.example/back", "http://localhost/back", "http://127.0.0.1/back") == found.redirect_uris
    assert (None, None) == (found.extended.tos_uri, found.extended.logo_uri)


def test_a_pool_that_permits_no_code_flow_has_no_such_apps() -> None:
    url = "https://app.example/client.json"
    document = {"client_id": url, "redirect_uris": [BACK]}

    with pytest.raises(Rejected):
        core.read(url, document, Terms((), ("openid",)), OpenIdSettings())
