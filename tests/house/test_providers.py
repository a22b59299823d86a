"""Several providers in one house: the answer of one is never taken for that of another."""

from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from poolhouse.house.app import House
from poolhouse.house.model import Document
from poolhouse.house.provider import OidcSettings, Provider, put_provider
from poolhouse.kit.ambient import FixedClock
from poolhouse.kit.db.protocol import Tx
from tests.house.op import Provider as Op
from tests.house.world import BASE, Browser, words

NewBrowser = Callable[..., Browser]


@pytest.fixture
async def other(clock: FixedClock) -> AsyncIterator[Op]:
    """A second provider, an issuer of its own."""
    running = Op(clock)
    await running.start()
    running.redirects = {f"{BASE}/login/oauth2/code/other"}
    yield running
    await running.stop()


async def put(house: House, provider: Provider) -> None:
    async def change(_tx: Tx, document: Document) -> Document:
        return msgspec.structs.replace(document, providers=put_provider(document.providers, provider))

    await house.ctx.live.change(change, by="test")


@pytest.fixture
async def both(ready: House, other: Op) -> House:
    """The house with two providers: ``oidc`` and ``other``."""
    await put(ready, Provider(id="other", label="SIGN IN WITH THE OTHER", settings=other.settings()))
    return ready


async def test_the_sign_in_page_has_a_button_for_each(both: House, browser: Browser) -> None:
    page = words(await browser.get("/user/login"))

    assert page.index("SIGN IN WITH OIDC SSO") < page.index("SIGN IN WITH THE OTHER")


async def test_each_has_its_own_way_there_and_back(both: House, browser: Browser, other: Op) -> None:
    departure = await browser.get("/oauth2/authorization/other")
    assert departure.headers["location"].startswith(f"{other.base}/oauth2/authorize?")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    assert back.startswith(f"{BASE}/login/oauth2/code/other?")

    assert (303, "/") == ((answer := await browser.get(back)).status_code, answer.headers["location"])


async def test_a_code_of_one_brought_to_the_callback_of_another_is_refused(
    both: House, browser: Browser, provider: Op, other: Op
) -> None:
    """D5, RFC 9700 section 4.4: the mix-up."""
    back = await browser.at_provider()

    answer = await browser.get(back.replace("/code/oidc", "/code/other"))

    assert 400 == answer.status_code
    assert (0, 0) == (provider.hits["token"], other.hits["token"])
    assert browser.cookie("house_session") is None
    assert 303 == (await browser.get(back)).status_code


async def test_the_same_subject_of_two_issuers_is_two_people(both: House, new_browser: NewBrowser, other: Op) -> None:
    other.person.email = "somebody@else.example"
    one, two = new_browser(), new_browser()
    assert 303 == (await one.sso()).status_code
    departure = await two.get("/oauth2/authorization/other")
    back = (await two.outside.get(departure.headers["location"])).headers["location"]
    assert 303 == (await two.get(back)).status_code

    assert "maria@example.com" in words(await one.get("/user/account"))
    assert "somebody@else.example" in words(await two.get("/user/account"))


@pytest.mark.parametrize("provider_id", ["nobody", "OIDC", "oidc%20", "form"])
async def test_a_provider_that_is_not_there_signs_nobody_in(provider_id: str, both: House, browser: Browser) -> None:
    assert 400 == (await browser.get(f"/oauth2/authorization/{provider_id}")).status_code
    assert 400 == (await browser.get(f"/login/oauth2/code/{provider_id}?code=a&state=b")).status_code


async def test_a_disabled_provider_has_no_button_and_finishes_no_sign_in(
    both: House, browser: Browser, other: Op
) -> None:
    departure = await browser.get("/oauth2/authorization/other")
    back = (await browser.outside.get(departure.headers["location"])).headers["location"]
    await put(both, Provider(id="other", is_enabled=False, settings=other.settings()))

    assert "THE OTHER" not in words(await browser.get("/user/login"))
    for path in ("/oauth2/authorization/other", back):
        assert "turned off" in words(await browser.get(path))
    assert 0 == other.hits["token"]


async def test_the_owner_connects_an_account_with_each(both: House, admin: Browser) -> None:
    page = words(await admin.get("/user/account"))
    assert "Connect OIDC Connect OIDC (other)" in page

    departure = await admin.post("/user/account/connect", {"provider": "other"}, page="/user/account")
    back = (await admin.outside.get(departure.headers["location"])).headers["location"]
    assert "/user/account?done=connected" == (await admin.get(back)).headers["location"]

    assert "OIDC (other) 8d0f3c1e-person" in words(await admin.get("/user/account"))


def test_settings_that_say_nothing_of_kind_or_label_are_those_of_the_first_provider(provider: Op) -> None:
    settings = msgspec.to_builtins(OidcSettings(
        client_id="a", client_secret=provider.settings().client_secret, authorization_url="https://a.example/a",
        token_url="https://a.example/t", userinfo_url="https://a.example/u", jwks_url="https://a.example/j",
        issuer="https://a.example",
    ))  # fmt: skip

    read = msgspec.convert({"id": "oidc", "settings": settings}, Provider)

    assert ("oidc", "SIGN IN WITH OIDC SSO", True, ()) == (read.kind.value, read.label, read.is_enabled, read.domains)
