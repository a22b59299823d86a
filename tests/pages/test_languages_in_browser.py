"""Languages in a real browser: the menu, without script as well, and pages from right to left."""

import os
import shutil
from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect, sync_playwright

from tests.pages.server import Server, running
from tests.pages.test_in_browser import FLAGS, Place

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as place:
        yield place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("POOLHOUSE_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield opened
        opened.close()


def box(page: Page, selector: str) -> FloatRect:
    return cast("FloatRect", page.locator(selector).first.bounding_box())


@pytest.mark.parametrize("script", [True, False])
def test_another_language_is_chosen_in_the_menu_and_stays(server: Server, browser: Browser, script: bool) -> None:
    place = Place(server)
    page = browser.new_context(java_script_enabled=script, locale="en-GB").new_page()
    page.goto(place.page())
    before = page.url.partition("?")[2]

    page.locator("#language").click()
    page.get_by_role("link", name="Deutsch").click()

    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    assert f"?{before}&lang=de" in page.url
    page.goto(place.page())
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    page.context.close()


def test_the_menu_closes_on_escape_and_is_read_aloud_by_its_languages(server: Server, browser: Browser) -> None:
    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(Place(server).page())
    menu = page.locator("#languages")

    page.locator("#language").press("Enter")
    expect(menu).to_be_visible()
    assert "ar" == menu.get_by_text("العربية").get_attribute("lang")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("tag", ["ar", "he"])
def test_from_right_to_left_everything_stands_on_the_other_side(
    server: Server, browser: Browser, tag: str, width: int
) -> None:
    place = Place(server)
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(place.page("/login", lang=tag))

    card, logo = box(page, ".hosted-card"), box(page, ".hosted-brand svg")
    assert logo["x"] + logo["width"] / 2 > card["x"] + card["width"] / 2
    assert "rtl" == page.locator("html").get_attribute("dir")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.context.close()


@pytest.mark.parametrize("tag", ["de", "fr", "id", "pt-BR", "ja"])
def test_long_words_stay_within_a_phone(server: Server, browser: Browser, tag: str) -> None:
    place = Place(server)
    page = browser.new_context(viewport={"width": 360, "height": 800}).new_page()
    for path in ("/login", "/signup", "/forgotPassword", "/device", "/error"):
        page.goto(place.page(path, lang=tag))
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    page.context.close()
