"""The picture of an app that asks for consent: fetched once, for an administrator, and served by ourselves."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from poolhouse.kit.outgoing import Http
from poolhouse.pool.core.settings.openid import WrongSetting
from poolhouse.pool.flows import client_logo
from poolhouse.pool.flows.context import Flow
from poolhouse.pool.flows.directory import ClientEntry, PoolEntry
from poolhouse.pool.model.user import User
from tests.support.builders import a_pool
from tests.support.proofs import extend
from tests.support.service import sqlite_only
from tests.support.site import Site, a_site
from tests.support.web import BASE, DOMAIN, authorize, signed_in

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_site(tmp_path) as made:
        made.documents["/logo"] = PNG
        yield made


@pytest.fixture
async def flow(flow: Flow, tmp_path: Path, site: Site) -> AsyncIterator[Flow]:
    """A server that may call this machine, and trusts the site's certificate."""
    http = Http(allow_loopback=True, allow_private=False, ca_file=str(tmp_path / "ca.pem"))
    yield msgspec.structs.replace(flow, http=http)
    await http.close()


async def with_logo(flow: Flow, client: ClientEntry, site: Site, **more: Any) -> ClientEntry:
    return await extend(flow, client, third_party=True, logo_uri=f"{site.base}/logo", **more)


async def shown(flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User) -> str | None:
    """The address of the picture on the consent page."""
    await signed_in(flow, web, person)
    page = await web.get((await authorize(web, client)).headers["location"])
    assert "img-src 'self';" in page.headers["content-security-policy"]
    found = re.search(r'class="hosted-app" src="([^"]+)"', page.text)
    return None if found is None else found[1]


@pytest.mark.parametrize(("picture", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
async def test_the_page_shows_it_from_our_own_host(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, site: Site, picture: bytes, kind: str
) -> None:
    site.documents["/logo"] = picture
    client = await with_logo(flow, client, site)
    address = await shown(flow, web, client, person)
    assert address is not None
    assert httpx.URL(BASE).join(address).host == httpx.URL(BASE).host

    reply = await web.get(address)

    assert (200, picture, kind) == (reply.status_code, reply.content, reply.headers["content-type"])
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "nosniff" == reply.headers["x-content-type-options"]
    assert 1 == site.asked


async def test_it_stays_until_its_address_is_another_one(
    flow: Flow, web: httpx.AsyncClient, client: ClientEntry, person: User, site: Site
) -> None:
    client = await with_logo(flow, client, site)
    first = await shown(flow, web, client, person)
    site.documents["/logo"] = JPEG
    await with_logo(flow, client, site)
    assert first == await shown(flow, web, client, person)

    client = await extend(flow, client, logo_uri=None)
    assert await shown(flow, web, client, person) is None
    assert 404 == (await web.get(str(first))).status_code
    client = await with_logo(flow, client, site)
    assert str(await shown(flow, web, client, person)).endswith(".jpg")


@sqlite_only
@pytest.mark.parametrize(
    "body", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"", b"<html>", PNG + bytes(client_logo.SIZE)]
)
async def test_only_a_small_png_or_jpeg_is_taken(flow: Flow, client: ClientEntry, site: Site, body: bytes) -> None:
    site.documents["/logo"] = body
    with pytest.raises(WrongSetting, match="logo_uri is not a PNG or JPEG"):
        await with_logo(flow, client, site)


@sqlite_only
async def test_nothing_inside_is_called_and_no_redirect_followed(flow: Flow, client: ClientEntry, site: Site) -> None:
    guarded = msgspec.structs.replace(flow, http=Http(allow_loopback=False, allow_private=False))
    with pytest.raises(WrongSetting, match=r"logo_uri cannot be fetched \(address\)"):
        await extend(guarded, client, logo_uri="https://10.0.0.7/logo")
    await guarded.http.close()
    site.status = 302
    with pytest.raises(WrongSetting, match="logo_uri answers 302"):
        await with_logo(flow, client, site)


async def test_it_is_served_by_its_own_pool_alone(
    flow: Flow, web: httpx.AsyncClient, pool: PoolEntry, client: ClientEntry, person: User, site: Site
) -> None:
    client = await with_logo(flow, client, site)
    address = str(await shown(flow, web, client, person))
    await a_pool(flow, domain="other")

    assert 404 == (await web.get(address.replace(f"/domains/{DOMAIN}/", "/domains/other/"))).status_code
    assert 404 == (await web.get(address.replace("logo.", "logo.0"))).status_code
