"""Sector identifiers (OIDC Registration section 5): the document that says which apps are one owner's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit.outgoing import Http
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import applying
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.spec import shapes
from tests.support.proofs import extend
from tests.support.service import Service, service, sqlite_only
from tests.support.site import Site, a_site
from tests.support.web import CALLBACK, DOMAIN, a_web_client, a_web_pool

__all__ = ["service"]
PATH = f"/domains/{DOMAIN}/oauth2/register"
TWO = [CALLBACK, "https://two.example/callback"]
REFUSED = {
    "error": "invalid_client_metadata",
    "error_description": "sector_identifier_uri serves no list that has all redirect_uris",
}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_site(tmp_path) as made:
        made.documents["/sector.json"] = TWO
        yield made


@pytest.fixture
async def flow(flow: Flow, tmp_path: Path, site: Site) -> AsyncIterator[Flow]:
    """A server that may call this machine, and trusts the site's certificate."""
    http = Http(allow_loopback=True, allow_private=False, ca_file=str(tmp_path / "ca.pem"))
    yield msgspec.structs.replace(flow, http=http)
    await http.close()


@pytest.fixture
async def pool(flow: Flow) -> PoolEntry:
    dcr = shapes.DcrConfigurationType(enable_status="Enabled", open_dcr_enabled=True)
    return await a_web_pool(flow, dcr_configuration=dcr)


@pytest.fixture
async def client(flow: Flow, pool: PoolEntry) -> ClientEntry:
    return await a_web_client(flow, pool, callback_urls=TWO)


async def pairwise(flow: Flow, client: ClientEntry, site: Site, **more: Any) -> ClientEntry:
    uri = f"{site.base}/sector.json"
    return await extend(flow, client, dialect="openid", subject_type="pairwise", sector_identifier_uri=uri, **more)


async def test_its_host_is_the_sector(flow: Flow, client: ClientEntry, site: Site) -> None:
    assert "localhost" == (await pairwise(flow, client, site)).client.extended.sector_identifier
    assert 1 == site.asked


@sqlite_only
@pytest.mark.parametrize(
    "document", [[CALLBACK], [*TWO[:1], TWO[1] + "/"], {"redirect_uris": TWO}, [*TWO, 7], b"<html>", b"[" * 99_999]
)
async def test_it_is_a_list_that_has_every_callback_url(
    flow: Flow, client: ClientEntry, site: Site, document: Any
) -> None:
    site.documents["/sector.json"] = document
    with pytest.raises(WrongSetting, match="sector_identifier_uri"):
        await pairwise(flow, client, site)


@sqlite_only
@pytest.mark.parametrize("status", [204, 302, 404, 500])
async def test_what_is_not_served_there_is_no_document(
    flow: Flow, client: ClientEntry, site: Site, status: int
) -> None:
    site.status = status
    with pytest.raises(WrongSetting, match="sector_identifier_uri"):
        await pairwise(flow, client, site)


@sqlite_only
@pytest.mark.parametrize("url", ["https://10.0.0.7/s", "https://169.254.169.254/s", "https://[::1]/s"])
async def test_nothing_inside_is_called(flow: Flow, client: ClientEntry, url: str) -> None:
    guarded = msgspec.structs.replace(flow, http=Http(allow_loopback=False, allow_private=False))
    with pytest.raises(WrongSetting, match=r"cannot be fetched \(address\)"):
        await extend(guarded, client, dialect="openid", subject_type="pairwise", sector_identifier_uri=url)
    await guarded.http.close()


async def test_another_callback_url_has_to_be_in_it(
    flow: Flow, pool: PoolEntry, client: ClientEntry, site: Site, service: Service
) -> None:
    client = await pairwise(flow, client, site)
    update: dict[str, Any] = {
        "UserPoolId": pool.pool.id, "ClientId": client.client.id, "AllowedOAuthFlows": ["code"],
        "AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthScopes": ["openid"],
        "SupportedIdentityProviders": ["COGNITO"],
    }  # fmt: skip
    error, message = await service.refusal("UpdateUserPoolClient", **update, CallbackURLs=["https://x.example/c"])
    assert ("InvalidParameterException", True) == (error, "sector_identifier_uri" in message)

    site.documents["/sector.json"] = ["https://x.example/c"]
    await service("UpdateUserPoolClient", **update, CallbackURLs=["https://x.example/c"])


async def register(web: httpx.AsyncClient, **metadata: Any) -> httpx.Response:
    return await web.post(PATH, json={"client_name": "Notes", "redirect_uris": TWO} | metadata)


async def test_an_app_registers_for_it(web: httpx.AsyncClient, pool: PoolEntry, site: Site) -> None:
    uri = f"{site.base}/sector.json"
    reply = await register(web, subject_type="pairwise", sector_identifier_uri=uri)

    assert 201 == reply.status_code, reply.text
    assert ("pairwise", uri) == (reply.json()["subject_type"], reply.json()["sector_identifier_uri"])
    assert "sector_identifier" not in reply.json()


async def test_a_stranger_is_not_told_what_became_of_the_call(
    web: httpx.AsyncClient, pool: PoolEntry, site: Site
) -> None:
    for uri in (f"{site.base}/none.json", "https://10.0.0.7/s", "https://nowhere.invalid/s"):
        reply = await register(web, subject_type="pairwise", sector_identifier_uri=uri)
        assert (400, REFUSED) == (reply.status_code, reply.json())


async def test_strangers_make_the_server_fetch_so_much_and_no_more(
    web: httpx.AsyncClient, pool: PoolEntry, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "FETCHES", 3)
    found = [
        await register(web, subject_type="pairwise", sector_identifier_uri=f"{site.base}/{n}.json") for n in range(5)
    ]

    assert [400, 400, 400, 429, 429] == [each.status_code for each in found]
    assert 3 == site.asked


async def test_an_app_cannot_make_its_users_others(web: httpx.AsyncClient, pool: PoolEntry, site: Site) -> None:
    made = (await register(web, redirect_uris=[CALLBACK], subject_type="pairwise")).json()
    headers = {"authorization": f"Bearer {made['registration_access_token']}"}

    async def change(**metadata: Any) -> httpx.Response:
        document = {"client_id": made["client_id"], "client_name": "Notes", "redirect_uris": [CALLBACK]} | metadata
        return await web.put(made["registration_client_uri"], json=document, headers=headers)

    assert 400 == (await change(subject_type="public")).status_code
    assert 400 == (await change(redirect_uris=["https://elsewhere.example/callback"])).status_code
    kept = await change()
    assert (200, "pairwise") == (kept.status_code, kept.json()["subject_type"])
