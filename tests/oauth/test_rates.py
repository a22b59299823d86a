"""Request rates of the token endpoint and of the pages, shared with those of the API."""

import httpx
import pytest

from poolhouse.kit.ambient import FixedClock
from poolhouse.pool.flows.directory import ClientEntry
from poolhouse.pool.model.config import ServerConfig
from poolhouse.pool.model.user import User
from tests.support.builders import PASSWORD
from tests.support.hosted import Person
from tests.support.web import BASE, DOMAIN, token

RATES = {"UserToken": 2, "ClientAuthentication": 1, "UserRead": 1, "UserAuthentication": 1}
pytestmark = [
    pytest.mark.parametrize("pool_database_url", ["sqlite://"]),
    pytest.mark.parametrize("config", [ServerConfig(base_url=BASE, rates=RATES)], ids=[""]),
]


async def test_beyond_its_rate_the_token_endpoint_says_when_to_come_again(
    web: httpx.AsyncClient, client: ClientEntry, clock: FixedClock
) -> None:
    async def refresh() -> httpx.Response:
        return await token(web, client, grant_type="refresh_token", refresh_token="none")

    assert [400, 400, 429] == [(await refresh()).status_code for _ in range(3)]
    reply = await refresh()
    assert {"error": "temporarily_unavailable", "error_description": "Rate exceeded"} == reply.json()
    assert ("1", "no-store") == (reply.headers["retry-after"], reply.headers["cache-control"])
    clock.advance(1)
    assert 400 == (await refresh()).status_code


async def test_each_grant_counts_in_its_category(web: httpx.AsyncClient, client: ClientEntry) -> None:
    found = [(await token(web, client, grant_type="client_credentials")).status_code for _ in range(2)]
    found += [(await token(web, client, grant_type="authorization_code", code="x")).status_code for _ in range(3)]

    assert [400, 429, 400, 400, 429] == found


@pytest.mark.usefixtures("pool")
async def test_user_info_counts_as_a_read(web: httpx.AsyncClient) -> None:
    url = f"/domains/{DOMAIN}/oauth2/userInfo"

    assert [401, 429] == [(await web.get(url, headers={"authorization": "Bearer x"})).status_code for _ in range(2)]


async def test_a_page_beyond_its_rate_is_a_page(
    web: httpx.AsyncClient, client: ClientEntry, person: User, clock: FixedClock
) -> None:
    first, second, third = (Person(web, client) for _ in range(3))
    assert 401 == (await first.sign_in(person.username, "Wrong-Password-1")).status
    refused = (await second.sign_in(person.username, PASSWORD)).reply
    assert (429, "1") == (refused.status_code, refused.headers["retry-after"])
    assert "Too many requests" in refused.text
    clock.advance(1)
    assert 302 == (await third.sign_in(person.username, PASSWORD)).status
