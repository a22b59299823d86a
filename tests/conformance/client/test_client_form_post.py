"""oidcc-client-formpost-basic-certification-test-plan: the Basic plan with ``response_mode=form_post``, and an error."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from poolhouse.house.provider import Options
from tests.conformance.client.conftest import Client
from tests.conformance.client.test_client_basic import *  # noqa: F403
from tests.house.op import Change, Provider, merged
from tests.house.world import Browser, words

NewBrowser = Callable[..., Browser]


@pytest.fixture
def options() -> Options:
    return Options(is_form_post=True)


async def test_oidcc_client_test_form_post_error(client: Client, op: Provider) -> None:
    op.change_callback = lambda found: {"state": found["state"], "error": "access_denied"}

    answer = await client.sign_in()

    assert 403 == answer.status_code
    assert "cancelled" in words(answer)
    assert not client.is_signed_in


async def test_the_mode_is_asked_for_and_the_probe_asks_for_none(client: Client, op: Provider) -> None:
    await client.accepts()

    assert "form_post" == op.authorizations[-1]["response_mode"]


async def test_d18_the_answer_comes_without_cookies_and_is_the_browsers_that_began(
    client: Client, op: Provider, new_browser: NewBrowser
) -> None:
    """What was posted opens nothing in another browser, and is still there for the one that began."""
    departure = await client.browser.depart()
    page = await client.browser.outside.get(departure.headers["location"])
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    posted = await new_browser().client.post("/login/oauth2/code/oidc", data=fields)
    other = new_browser()
    await other.get("/user/login")

    assert parse_qs(urlsplit(posted.headers["location"]).query).keys() == {"state"}
    assert 400 == (await other.get(posted.headers["location"])).status_code
    assert 0 == op.hits["token"]


async def test_an_answer_is_posted_once(client: Client, op: Provider) -> None:
    departure = await client.browser.depart()
    page = await client.browser.outside.get(departure.headers["location"])
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    first = await client.browser.client.post("/login/oauth2/code/oidc", data=fields)

    assert 400 == (await client.browser.client.post("/login/oauth2/code/oidc", data=fields)).status_code
    assert 303 == (await client.browser.get(first.headers["location"])).status_code
    assert 400 == (await client.browser.client.post("/login/oauth2/code/oidc", data=fields)).status_code
    assert 1 == op.hits["token"]


@pytest.mark.parametrize(
    "change", [merged(state="invented"), merged(state=...), lambda f: {**f, "state": [f["state"]] * 2}]
)
async def test_a_form_without_a_state_of_ours_is_refused(change: Change, client: Client, op: Provider) -> None:
    departure = await client.browser.depart()
    page = await client.browser.outside.get(departure.headers["location"])
    fields = change(dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)))

    assert 400 == (await client.browser.client.post("/login/oauth2/code/oidc", data=fields)).status_code
    assert 0 == op.hits["token"]


async def test_an_answer_in_the_address_is_not_taken_for_one_by_form(client: Client, op: Provider) -> None:
    departure = await client.browser.depart()
    page = await client.browser.outside.get(departure.headers["location"])
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))

    answer = await client.browser.get(f"/login/oauth2/code/oidc?code={fields['code']}&state={fields['state']}")

    assert 403 == answer.status_code
    assert "in another way than it was asked" in words(answer)
    assert 0 == op.hits["token"]
