"""
A house that is set up against a provider, and a browser.

A module of a plan passes when the house does what it says; of a bad ID token that is: it asks nothing more, and opens
no session.
"""

import re
from html import unescape
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.provider import Options
from poolhouse.house.provider import Provider as Configured
from tests.house.conftest import *  # noqa: F403
from tests.house.op import Provider
from tests.house.test_providers import put
from tests.house.world import Browser


@pytest.fixture
def options() -> Options:
    """How the provider is asked in this plan."""
    return Options()


@pytest.fixture
async def op(house: House, provider: Provider, options: Options) -> Provider:
    """The provider, set up in the house."""
    await put(house, Configured(id="oidc", settings=provider.settings(), options=options))
    return provider


class Client:
    """The house as the suite sees it: it is told to sign in, and what it did is looked at."""

    def __init__(self, house: House, browser: Browser, op: Provider) -> None:
        self.house, self.browser, self.op = house, browser, op

    async def sign_in(self) -> httpx.Response:
        """Once through; answers by form are submitted as a browser does it, without cookies of the house."""
        departure = await self.browser.depart()
        assert 303 == departure.status_code, departure.text
        answer = await self.browser.outside.get(departure.headers["location"])
        if answer.status_code == 302:
            return await self.browser.get(answer.headers["location"])
        return await self.post(answer)

    async def post(self, page: httpx.Response) -> httpx.Response:
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None, page.text
        fields = {n: unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)}
        headers = {"origin": self.op.base, "sec-fetch-site": "cross-site", "cookie": ""}
        path = urlsplit(action[1]).path
        posted = await self.browser.client.post(path, data=fields, headers=headers)
        assert "set-cookie" not in posted.headers
        if posted.status_code != 303:
            return posted
        assert "code=" not in posted.headers["location"]
        return await self.browser.get(posted.headers["location"])

    @property
    def is_signed_in(self) -> bool:
        return self.browser.cookie("house_session") is not None

    async def accepts(self) -> None:
        answer = await self.sign_in()
        assert 303 == answer.status_code, answer.text
        assert self.is_signed_in
        assert 1 == self.op.hits["userInfo"]

    async def refuses(self, *, after_userinfo: bool = False) -> None:
        answer = await self.sign_in()
        assert answer.status_code in {400, 403}
        assert not self.is_signed_in
        assert (1 if after_userinfo else 0) == self.op.hits["userInfo"]


@pytest.fixture
def client(house: House, browser: Browser, op: Provider) -> Client:
    return Client(house, browser, op)


def claims_of(session_claims: str) -> dict[str, object]:
    found: dict[str, object] = msgspec.json.decode(session_claims)
    return found
