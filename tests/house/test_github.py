"""Sign-in with GitHub, which has no ID tokens: who it is, what counts, and what is refused."""

from collections.abc import AsyncIterator, Callable

import pytest

from poolhouse.house.app import House
from poolhouse.house.rp.github import github_settings
from poolhouse.house.store import accounts
from poolhouse.kit.ambient import Secret
from poolhouse.kit.db.protocol import ReadTx
from tests.house.github import GitHub
from tests.house.test_providers import put
from tests.house.world import BASE, Browser, words

NewBrowser = Callable[..., Browser]
START = "/oauth2/authorization/github"


@pytest.fixture
async def github(house: House) -> AsyncIterator[GitHub]:
    running = GitHub()
    await running.start()
    await put(house, running.provider())
    yield running
    await running.stop()


async def signed_in(browser: Browser) -> Browser:
    back = await at_github(browser)
    answer = await browser.get(back)
    assert 303 == answer.status_code, words(answer)
    return browser


async def at_github(browser: Browser) -> str:
    departure = await browser.get(START)
    assert 303 == departure.status_code, words(departure)
    return (await browser.outside.get(departure.headers["location"])).headers["location"]


async def subject_of(house: House, issuer: str, subject: str) -> bool:
    async def unit(tx: ReadTx) -> bool:
        return await accounts.find_identity(tx, issuer, subject) is not None

    return await house.ctx.db.read(unit)


async def test_a_person_is_known_by_the_number_of_the_account(house: House, browser: Browser, github: GitHub) -> None:
    await signed_in(browser)

    assert await subject_of(house, github.base, "583231")
    page = words(await browser.get("/user/account"))
    assert "octocat" in page
    assert "Mona Lisa" in page


async def test_a_login_name_that_somebody_else_took_over_is_somebody_else(
    house: House, new_browser: NewBrowser, github: GitHub
) -> None:
    await signed_in(new_browser())
    github.user.id, github.user.emails = 999, []
    other = await signed_in(new_browser())

    assert await subject_of(house, github.base, "999")
    assert "octocat@example.com" not in words(await other.get("/user/account"))


async def test_only_the_verified_primary_address_counts(browser: Browser, github: GitHub) -> None:
    page = words(await (await signed_in(browser)).get("/user/account"))

    assert "octocat@example.com" in page
    assert "public@profile.example" not in page
    assert "old@example.com" not in page


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [{"email": "admin@example.com", "primary": True, "verified": False}],
        [{"email": "admin@example.com", "primary": False, "verified": True}],
    ],
)
async def test_an_address_that_is_not_verified_or_not_primary_is_none(
    emails: list[dict[str, object]], browser: Browser, github: GitHub
) -> None:
    github.user.emails = emails

    assert "admin@example.com" not in words(await (await signed_in(browser)).get("/user/account"))


async def test_a_verified_address_of_an_account_here_takes_no_account_over(
    house: House, browser: Browser, github: GitHub
) -> None:
    """D25."""
    github.user.emails = [{"email": "admin@example.com", "primary": True, "verified": True}]

    answer = await browser.get(await at_github(browser))

    assert 403 == answer.status_code
    assert "exists here already" in words(answer)


async def test_state_and_pkce_are_always_sent_and_no_nonce(browser: Browser, github: GitHub) -> None:
    await signed_in(browser)

    asked = github.authorizations[-1]
    assert ("S256", f"{BASE}/login/oauth2/code/github") == (asked["code_challenge_method"], asked["redirect_uri"])
    assert {"state", "code_challenge"} <= set(asked)
    assert "nonce" not in asked
    assert "read:user user:email" == asked["scope"]


async def test_errors_that_come_with_status_200_are_errors(browser: Browser, github: GitHub) -> None:
    back = await at_github(browser)
    github.client_secret = "replaced"

    answer = await browser.get(back)

    assert 400 == answer.status_code
    assert "Field to check Client Secret" in words(answer)
    assert [] == github.asked_api
    assert browser.cookie("house_session") is None


async def test_a_code_is_good_once(browser: Browser, github: GitHub) -> None:
    back = await at_github(browser)
    assert 303 == (await browser.get(back)).status_code
    browser.client.cookies.delete("house_session")

    assert 400 == (await browser.get(back)).status_code
    assert 1 == len(github.token_requests)


def test_the_endpoints_of_github_itself_and_of_a_server() -> None:
    own = github_settings(client_id="a", client_secret=Secret("b"))
    server = github_settings(client_id="a", client_secret=Secret("b"), base="https://git.corp.example/")

    assert ("https://github.com", "https://api.github.com/user") == (own.issuer, own.userinfo_url)
    assert "https://git.corp.example" == server.issuer
    assert "https://git.corp.example/api/v3/user" == server.userinfo_url
    assert "https://git.corp.example/login/oauth/access_token" == server.token_url
