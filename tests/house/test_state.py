"""The callback: rules 2, 14, 16, 17, 18 and 19."""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from poolhouse.house.app import House
from poolhouse.house.portal.loops import PRESSED
from poolhouse.kit.ambient import FixedClock
from tests.house.op import Provider
from tests.house.world import Browser, words

CALLBACK = "/login/oauth2/code/oidc"
NewBrowser = Callable[..., Browser]


def changed(url: str, **fields: str | None) -> str:
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **fields}
    return f"{parts.path}?{urlencode({k: v for k, v in query.items() if v is not None})}"


async def test_state_and_nonce_have_at_least_128_bits_and_are_new_each_time(
    ready: House, browser: Browser, provider: Provider
) -> None:
    for _ in range(5):
        await browser.at_provider()

    for name in ("state", "nonce"):
        values = {asked[name] for asked in provider.authorizations}
        assert 5 == len(values)
        assert all(len(value) >= 22 for value in values)


async def test_a_callback_cannot_be_repeated(ready: House, browser: Browser, provider: Provider) -> None:
    back = await browser.at_provider()
    assert 303 == (await browser.get(back)).status_code
    browser.client.cookies.delete("house_session")

    answer = await browser.get(back)

    assert 400 == answer.status_code
    assert "completed already" in words(answer)
    assert 1 == provider.hits["token"]


async def test_fifty_callbacks_at_once_redeem_the_code_once(ready: House, browser: Browser, provider: Provider) -> None:
    back = await browser.at_provider()

    answers = await asyncio.gather(*(browser.get(back) for _ in range(50)))

    assert 1 == sum(answer.status_code == 303 for answer in answers)
    assert 1 == provider.hits["token"]


async def test_a_state_is_spent_even_when_the_sign_in_fails(ready: House, browser: Browser, provider: Provider) -> None:
    back = await browser.at_provider()
    provider.signer = "tampered"
    assert 400 == (await browser.get(back)).status_code
    provider.signer = "own"

    assert 400 == (await browser.get(back)).status_code
    assert 1 == provider.hits["token"]


async def test_a_callback_in_another_browser_is_refused_and_spends_nothing(
    ready: House, browser: Browser, new_browser: NewBrowser, provider: Provider
) -> None:
    back = await browser.at_provider()
    other = new_browser()
    await other.get("/user/login")

    assert 400 == (await other.get(back)).status_code
    assert 0 == provider.hits["token"]
    assert other.cookie("house_session") is None
    assert 303 == (await browser.get(back)).status_code


async def test_a_callback_without_any_cookie_is_refused(
    ready: House, browser: Browser, new_browser: NewBrowser
) -> None:
    back = await browser.at_provider()

    assert 400 == (await new_browser().get(back)).status_code


@pytest.mark.parametrize("state", [None, "", "invented", "x" * 5000])
async def test_a_callback_without_a_state_of_ours_is_refused(
    state: str | None, ready: House, browser: Browser, provider: Provider
) -> None:
    back = await browser.at_provider()

    answer = await browser.get(changed(back, state=state))

    assert 400 == answer.status_code
    assert 0 == provider.hits["token"]


async def test_an_attempt_lasts_ten_minutes(
    ready: House, browser: Browser, provider: Provider, clock: FixedClock
) -> None:
    back = await browser.at_provider()
    clock.advance(600)

    assert 400 == (await browser.get(back)).status_code
    assert 0 == provider.hits["token"]

    back = await browser.at_provider()
    clock.advance(599)
    assert 303 == (await browser.get(back)).status_code


async def test_two_tabs_do_not_disturb_each_other(ready: House, browser: Browser) -> None:
    first = await browser.at_provider("/user/account")
    second = await browser.at_provider()

    assert "/" == (await browser.get(second)).headers["location"]
    browser.client.cookies.delete("house_session")
    assert "/user/account" == (await browser.get(first)).headers["location"]


async def test_pressing_back_after_sign_in_leads_home(ready: House, browser: Browser) -> None:
    back = await browser.at_provider()
    await browser.get(back)

    again = await browser.get(back)

    assert (303, "/") == (again.status_code, again.headers["location"])


@pytest.mark.parametrize("name", ["state", "code", "iss", "error", "other"])
async def test_a_repeated_parameter_is_refused(name: str, ready: House, browser: Browser, provider: Provider) -> None:
    back = await browser.at_provider()
    value = dict(parse_qsl(urlsplit(back).query)).get(name, "a")

    answer = await browser.get(
        f"{back}&{urlencode([(name, value)] if name in back else [(name, value), (name, value)])}"
    )

    assert 400 == answer.status_code
    assert 0 == provider.hits["token"]
    assert browser.cookie("house_session") is None


async def test_an_error_is_shown_as_a_known_one_and_never_quoted(
    ready: House, browser: Browser, provider: Provider
) -> None:
    provider.change_callback = lambda found: {
        "state": found["state"],
        "error": "access_denied",
        "error_description": "<script>alert(1)</script> call 555-0199",
        "error_uri": "https://evil.example/",
    }

    answer = await browser.sso()

    assert 403 == answer.status_code
    assert "cancelled" in words(answer)
    for part in ("alert", "555", "evil.example"):
        assert part not in answer.text


async def test_an_unknown_error_is_not_quoted_either(ready: House, browser: Browser, provider: Provider) -> None:
    provider.change_callback = lambda found: {"state": found["state"], "error": "<b>own</b>"}

    answer = await browser.sso()

    assert 400 == answer.status_code
    assert "own</b>" not in answer.text


async def test_an_error_needs_a_state_of_ours_too(ready: House, browser: Browser) -> None:
    await browser.get("/user/login")

    answer = await browser.get(f"{CALLBACK}?error=access_denied&state=invented")

    assert 400 == answer.status_code
    assert "cancelled" not in words(answer)


async def test_an_error_spends_the_state(ready: House, browser: Browser, provider: Provider) -> None:
    back = await browser.at_provider()
    assert 403 == (await browser.get(changed(back, error="access_denied", code=None))).status_code

    assert 400 == (await browser.get(back)).status_code
    assert 0 == provider.hits["token"]


async def test_an_answer_with_neither_code_nor_error_names_the_authorization_url(
    ready: House, browser: Browser
) -> None:
    back = await browser.at_provider()

    answer = await browser.get(changed(back, code=None))

    assert "Field to check Authorization URL" in words(answer)


async def test_an_answer_by_form_that_was_not_asked_for_is_refused(
    ready: House, browser: Browser, provider: Provider
) -> None:
    back = await browser.at_provider()

    posted = await browser.client.post(CALLBACK, data=dict(parse_qsl(urlsplit(back).query)))
    answer = await browser.get(posted.headers["location"])

    assert 403 == answer.status_code
    assert 0 == provider.hits["token"]
    assert "response_mode" not in provider.authorizations[-1]


async def test_only_the_code_flow_is_ever_asked_for(ready: House, browser: Browser, provider: Provider) -> None:
    await browser.sso()

    assert "code" == provider.authorizations[-1]["response_type"]
    assert "authorization_code" == provider.token_requests[-1][0]["grant_type"]


@pytest.mark.parametrize("dest", ["iframe", "image", "script", "empty", "frame", "object"])
async def test_a_page_cannot_start_a_sign_in_behind_ones_back(
    dest: str, ready: House, browser: Browser, provider: Provider
) -> None:
    answer = await browser.depart(sec_fetch_dest=dest, sec_fetch_site="cross-site")

    assert 403 == answer.status_code
    assert "location" not in answer.headers


async def test_a_link_from_elsewhere_leads_to_the_sign_in_page(ready: House, browser: Browser) -> None:
    answer = await browser.depart("/user/account", sec_fetch_dest="document", sec_fetch_site="cross-site")

    assert (303, "/user/login?to=%2Fuser%2Faccount") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
async def test_ones_own_navigation_starts_a_sign_in(
    site: str, ready: House, browser: Browser, provider: Provider
) -> None:
    answer = await browser.depart(sec_fetch_dest="document", sec_fetch_site=site)

    assert answer.headers["location"].startswith(f"{provider.base}/oauth2/authorize?")


async def test_the_callback_leaks_nothing_by_referer_or_cache(ready: House, browser: Browser) -> None:
    back = await browser.at_provider()

    for answer in (await browser.get(back), await browser.get(f"{CALLBACK}?code=x&state=y")):
        assert "no-store" == answer.headers["cache-control"]
        assert "no-referrer" == answer.headers["referrer-policy"]
        assert 1 == len(answer.headers.get_list("referrer-policy"))
        assert 1 == len(answer.headers.get_list("cache-control"))


async def test_the_departure_carries_nothing_but_the_protocol(ready: House, browser: Browser) -> None:
    departure = await browser.depart("/settings/users")

    asked = parse_qs(urlsplit(departure.headers["location"]).query)
    expected = {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    }
    assert expected == set(asked)


async def test_sign_ins_that_go_in_circles_end_on_a_page_that_says_so(ready: House, browser: Browser) -> None:
    await browser.get("/user/login")
    statuses = [(await browser.depart()).status_code for _ in range(PRESSED + 1)]

    assert [303] * PRESSED + [508] == statuses
    assert "Signing in goes in circles" in (await browser.depart()).text
