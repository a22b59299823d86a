"""A person makes a token, a program calls an app with it, and the person revokes it; an administrator looks on."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.gateway.test_in_browser import app, demo_password, place
from tests.journey.conftest import browser, page, shots
from tests.journey.installation import Installation
from tests.pages.axe import findings

pytestmark = pytest.mark.browser
__all__ = ["app", "browser", "page", "place", "shots"]


def test_a_person_makes_a_token_for_a_program_and_revokes_it(
    place: Installation, app: str, browser: Browser, page: Page, shots: Path
) -> None:
    url = f"{place.house}/apps/wiki/"
    add_app(place, page, app, url)
    person = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark").new_page()
    person.set_default_timeout(15_000)
    sign_in(place, person)
    person.goto(f"{place.house}/user/account")
    person.get_by_role("link", name="Your tokens").click()
    person.get_by_label("Name", exact=True).fill("Nightly backup")
    person.get_by_label("All apps").check()
    expect(person.get_by_role("group", name="Apps", exact=True)).to_be_hidden()
    person.get_by_label("Chosen apps").check()
    person.get_by_label("Wiki").check()
    looks_right(person, shots / "new.png")
    person.get_by_role("button", name="Make token").click()
    token = person.get_by_label("Token", exact=True).input_value()
    looks_right(person, shots / "made.png")

    answer = httpx.get(url + "page", headers={"authorization": f"Bearer {token}"})
    assert (200, True) == (answer.status_code, "demo@example.com" in answer.text)
    person.get_by_role("link", name="Done").click()
    expect(person.get_by_text("127.0.0.1")).to_be_visible()
    looks_right(person, shots / "list.png")
    page.goto(f"{place.house}/settings/personal-tokens")
    expect(page.get_by_role("link", name="demo@example.com")).to_be_visible()
    looks_right(page, shots / "administrator.png")
    person.get_by_role("button", name="Revoke").click()
    expect(person.get_by_text("No tokens yet")).to_be_visible()
    assert 401 == httpx.get(url + "page", headers={"authorization": f"Bearer {token}"}).status_code
    assert token not in place.log.read_text()
    person.context.close()


def add_app(place: Installation, page: Page, upstream: str, url: str) -> None:
    page.goto(f"{place.house}/user/login")
    page.get_by_label("Email", exact=True).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{place.house}/settings/apps/new")
    page.get_by_label("Name", exact=True).fill("Wiki")
    page.get_by_label("URL", exact=True).fill(url)
    page.get_by_label("Behind the gateway").check(force=True)
    page.get_by_label("Upstream", exact=True).fill(upstream)
    page.get_by_role("button", name="Add app", exact=True).click()
    expect(page.get_by_role("link", name="Wiki")).to_be_visible()


def sign_in(place: Installation, person: Page) -> None:
    person.goto(f"{place.house}/user/login")
    person.get_by_role("button", name="SIGN IN WITH OIDC SSO").click()
    person.get_by_label("Email", exact=True).fill("demo@example.com")
    if person.get_by_label("Password", exact=True).count() == 0:
        person.keyboard.press("Enter")
    person.get_by_label("Password", exact=True).fill(demo_password(place))
    person.keyboard.press("Enter")
    person.wait_for_url(f"{place.house}/")


def looks_right(page: Page, shot: Path) -> None:
    page.screenshot(path=shot, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert [] == findings(page)
