"""A second day with providers: an answer by form in a real browser, claims asked for again, e-mail domains."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.installation import Installation, up

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Installation]:
    """``poolhouse up`` with its demo: the house is set up against the pool."""
    with up(tmp_path) as place:
        yield place


def password_of(place: Installation) -> str:
    found = re.search(r"Demo user\s+demo@example\.com\s+(\S+)", place.log.read_text())
    assert found is not None
    return found[1]


def by_form(page: Page, place: Installation) -> None:
    page.goto(f"{place.house}/user/login?local=1")
    page.get_by_label("Email").fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def set_options(page: Page, place: Installation) -> None:
    page.goto(f"{place.house}/settings/authentication/oidc/options")
    page.get_by_label("E-mail domains").fill("example.com")
    page.get_by_label("Answer by form").check()
    page.get_by_label("Keep up to date").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Activate now").first.click()
    page.get_by_role("dialog").get_by_role("textbox").fill("activate")
    page.get_by_role("dialog").get_by_role("button", name="Activate").click()
    expect(page).to_have_url(re.compile("/settings/authentication"))


def test_an_answer_by_form_arrives_in_a_real_browser(demo: Installation, page: Page, browser: Browser) -> None:
    by_form(page, demo)
    set_options(page, demo)
    context = browser.new_context()
    person = context.new_page()
    asked: list[tuple[str, str]] = []
    person.on("request", lambda request: asked.append((request.method, request.url)))

    person.goto(f"{demo.house}/user/login")
    person.get_by_label("Email").fill("demo@example.com")
    person.get_by_role("button", name="Continue").click()
    person.locator("[name=password]").fill(password_of(demo))
    person.get_by_role("button", name="Sign in", exact=True).click()

    expect(person).to_have_url(f"{demo.house}/")
    there = [(method, url) for method, url in asked if "/login/oauth2/code/oidc" in url]
    assert ["POST", "GET"] == [method for method, _url in there]
    assert not any("code=" in url.partition("?")[2] for _method, url in there if "response_type" not in url)

    person.goto(f"{demo.house}/user/account")
    before = len(asked)
    person.get_by_role("button", name="Refresh my access").click()
    expect(person).to_have_url(f"{demo.house}/user/account")
    assert not any("/oauth2/authorize" in url for _method, url in asked[before:])
    context.close()
