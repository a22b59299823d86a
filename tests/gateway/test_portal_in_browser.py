"""Two people's day: one opens an app, is refused at another and asks for it; the administrator grants; it opens."""

import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.gateway.test_in_browser import App, demo_password
from tests.journey.conftest import browser, page, shots
from tests.journey.installation import Installation, up
from tests.pages.axe import findings

pytestmark = pytest.mark.browser
__all__ = ["browser", "page", "shots"]


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with up(tmp_path) as installation:
        yield installation


def sign_in(place: Installation, page: Page) -> None:
    page.goto(f"{place.house}/user/login")
    page.get_by_label("Email", exact=True).fill(place.email)
    page.get_by_label("Password", exact=True).fill(place.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def add_app(place: Installation, page: Page, name: str, upstream: str, groups: str = "") -> None:
    page.goto(f"{place.house}/settings/apps/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("URL", exact=True).fill(f"http://{name.lower()}.localhost:{place.house.rpartition(':')[2]}/")
    page.get_by_label("Behind the gateway").check(force=True)
    page.get_by_label("Upstream", exact=True).fill(upstream)
    page.get_by_label("Groups", exact=True).fill(groups)
    page.get_by_label("Show it locked").check(force=True)
    page.get_by_role("button", name="Add app", exact=True).click()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def come_in(place: Installation, person: Page) -> None:
    person.goto(f"{place.house}/user/login")
    person.get_by_role("button", name="SIGN IN WITH OIDC SSO").click()
    person.wait_for_url(re.compile(f"^{place.base}"))
    person.get_by_label("Email", exact=True).fill("demo@example.com")
    if person.get_by_label("Password", exact=True).count() == 0:
        person.keyboard.press("Enter")
    person.get_by_label("Password", exact=True).fill(demo_password(place))
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name="Home")).to_be_visible()


def test_one_asks_and_the_other_grants(
    place: Installation, app: str, browser: Browser, page: Page, shots: Path
) -> None:
    sign_in(place, page)
    page.goto(f"{place.house}/settings/groups")
    page.get_by_label("Name", exact=True).fill("Finance")
    page.get_by_role("button", name="Add group").click()
    add_app(place, page, "Wiki", app)
    add_app(place, page, "Payroll", app, "Finance")

    context = browser.new_context(viewport={"width": 390, "height": 844})
    person = context.new_page()
    person.set_default_timeout(15_000)
    come_in(place, person)
    person.get_by_label("Search apps").fill("wik")
    expect(person.get_by_role("link", name="Payroll, locked")).to_be_hidden()
    person.get_by_role("button", name="Favourite: Wiki").click()
    expect(person.locator("#apps li").first).to_contain_text("Wiki")
    assert [] == findings(person)
    person.get_by_role("link", name="Wiki", exact=True).click()
    expect(person.get_by_text("demo@example.com")).to_be_visible()

    person.goto(f"http://payroll.localhost:{place.house.rpartition(':')[2]}/")
    expect(person.get_by_role("heading", name="You may not open Payroll")).to_be_visible()
    person.get_by_role("link", name="See why, and what would help").click()
    expect(person.get_by_text("Does not hold")).to_be_visible()
    person.get_by_label("Reason").fill("I plan the leave")
    assert [] == findings(person)
    person.get_by_role("button", name="Request access").click()
    expect(person.get_by_role("button", name="Withdraw request")).to_be_visible()
    person.screenshot(path=shots / "asked.png", full_page=True)

    page.goto(place.house)
    page.get_by_role("link", name="Access requests").click()
    expect(page.get_by_text("I plan the leave")).to_be_visible()
    assert [] == findings(page)
    page.get_by_label("Add to group").select_option(label="Finance")
    page.get_by_role("button", name="Grant access").click()
    expect(page.get_by_text("Nothing waits")).to_be_visible()

    person.goto(place.house)
    person.get_by_role("link", name="Payroll", exact=True).click()
    expect(person.get_by_text("demo@example.com")).to_be_visible()

    page.goto(f"{place.house}/settings/who-is-in")
    expect(page.get_by_role("row", name=re.compile("demo@example.com.*Payroll, Wiki"))).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("link", name="What if")).to_be_hidden()
    page.get_by_label("Show Admin Settings").check()
    expect(page.get_by_role("link", name="What if")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("row", name=re.compile("demo@example.com")).get_by_role(
        "button", name="Sign out demo@example.com"
    ).click()
    person.reload()
    expect(person.get_by_text("demo@example.com")).to_have_count(0)
    context.close()
