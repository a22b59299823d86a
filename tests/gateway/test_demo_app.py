"""`poolhouse up`: the app of the demo is behind the gateway, in the same process, and shows what it is told."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.gateway.test_in_browser import demo_password
from tests.journey.conftest import browser, shots
from tests.journey.installation import Installation, up

pytestmark = pytest.mark.browser
__all__ = ["browser", "shots"]


def test_a_newcomer_sees_what_the_gateway_does(tmp_path: Path, browser: Browser, shots: Path) -> None:
    with up(tmp_path) as place:
        sign_in(place, browser, shots)
    with up(tmp_path) as place:
        # After another start it listens elsewhere, and is found there.
        page = browser.new_context().new_page()
        page.goto(hello(place))
        expect(page.get_by_role("button", name="SIGN IN WITH OIDC SSO")).to_be_visible()
        page.context.close()


def hello(place: Installation) -> str:
    return place.house.replace("//localhost", "//hello.localhost") + "/"


def sign_in(place: Installation, browser: Browser, shots: Path) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(15_000)
    page.goto(hello(place))
    page.get_by_role("button", name="SIGN IN WITH OIDC SSO").click()
    page.get_by_label("Email", exact=True).fill("demo@example.com")
    if page.get_by_label("Password", exact=True).count() == 0:
        page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill(demo_password(place))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hello, Demo User")).to_be_visible()
    expect(page.get_by_text("X-Forwarded-Email")).to_be_visible()
    expect(page.get_by_text("demo@example.com").first).to_be_visible()
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=shots / f"hello-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("link", name="Go to the home page").click()
    page.get_by_role("link", name="Hello", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Demo User")).to_be_visible()
    page.context.close()
